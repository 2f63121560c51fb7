//! The dashboard: what happened, where it fails, and every delivery, live.
//!
//! This page fetches and wires; what it shows is in `components/`. The address says what is asked for
//! ([`crate::model::query`]), effects below fetch it, and the live feed moves what is shown or asks to fetch again.

mod actions;
pub mod batches;
pub mod drawer;
mod grid;
mod held;
mod keys;
mod latest;
mod live;
mod log;
mod numbers;
mod opened;
mod refusals;
mod rows;
mod side;

use domain::dashboard::HeatmapRow;
use domain::filter::ViewTab;
use domain::id::ConnectorId;
use domain::page::{MAX_LIMIT, PageQuery};
use leptos::prelude::*;
use leptos::task::spawn_local;

use self::actions::Actions;
use self::grid::DashboardGrid;
use self::log::Log;
use self::numbers::Numbers;
use self::refusals::Refusals;
use crate::model::query::{DashboardQuery, ErrorsView};
use crate::model::range::Range;
use crate::rpc::connectors as rpc;
use crate::ui::components::hit_map_grid_view::{HitMapGridView, Picked};
use crate::ui::components::integration_dash_board_header::IntegrationDashBoardHeader;
use crate::ui::components::later::Later;
use crate::ui::components::page_title::PageTitle;
use crate::ui::components::row_window::RowWindow;
use crate::ui::parts;
use crate::ui::realtime::{Live, use_live};
use crate::ui::session::{use_organization, use_session};
use crate::ui::state::{IntegrationDashboardState, ManageModalData, Step, use_dashboard};

/// Everything the page fetched, and what can be done with it.
#[derive(Clone, Copy)]
pub struct Dashboard {
    state: IntegrationDashboardState,
    numbers: Numbers,
    log: Log,
    refusals: Refusals,
    /// Counts how often everything shown was fetched again.
    caught_up: RwSignal<u32>,
    actions: Actions,
    /// Which rows of the log are in the document.
    window: RowWindow,
    live: Live,
}

/// The page.
#[component]
pub fn DashboardPage() -> impl IntoView {
    let state = use_dashboard();
    let page = Dashboard {
        state,
        numbers: Numbers::new(),
        log: Log::new(),
        refusals: Refusals::new(),
        caught_up: RwSignal::new(0),
        actions: Actions::new(),
        window: RowWindow::watch(Memo::new(move |_| {
            state.current_tab_logs_data_list.with(|list| list.len())
        })),
        live: use_live(),
    };
    fetch_what_is_asked_for(page);
    live::listen(page);
    fetch_connectors(state);

    let query = state.query;
    let errors_href = move |view: ErrorsView| {
        Signal::derive(move || {
            state.address_with(|query| {
                query.tab = ViewTab::Errors;
                query.errors = view;
                query.open = None;
            })
        })
    };
    let on_range = move |range: Range| {
        state.change(Step::New, |query| {
            query.range = range;
            query.window = None;
        });
    };
    let name_of = Callback::new(move |id: ConnectorId| state.connector_name(&id));
    let window = Memo::new(move |_| {
        query.with(|query| query.window.filter(|_| query.connector.is_none() && query.event_type.is_none()))
    });
    let span_of = Callback::new(move |row: HeatmapRow| {
        query.with(|query| {
            let is_wanted = (query.connector.is_some() || query.event_type.is_some())
                && (query.connector.is_none() || query.connector == row.connector_id)
                && (query.event_type.is_none() || query.event_type == row.event_type);
            query.window.filter(|_| is_wanted)
        })
    });
    let on_pick = move |picked: Picked| pick(page, picked);
    let open_manage = move |()| state.manage_modal_data.set(Some(ManageModalData::List));

    // Most visits open a row: what that needs is fetched once the rows are there.
    Effect::new(move |_| {
        if page.log.loaded.get() {
            // Whoever opens a row without it hears why, and can try again.
            spawn_local(async { drop(parts::preload_details().await) });
        }
    });
    // What was shown once stays, also while other rows are fetched.
    let has_rows =
        Memo::new(move |before: Option<&bool>| before.is_some_and(|it| *it) || page.log.loaded.get());
    let is_open = Memo::new(move |_| query.with(|query| query.open.is_some()));

    view! {
        <PageTitle text=Signal::stored("Dashboard".to_owned())/>
        <IntegrationDashBoardHeader
            summary=page.numbers.summary
            until=page.numbers.until
            range=Signal::derive(move || query.with(|query| query.range))
            on_range
            on_manage=open_manage
            on_retry=move |()| page.numbers.fetch()
            failed_href=errors_href(ErrorsView::Deliveries)
            rejected_href=errors_href(ErrorsView::Rejections)
        />
        <HitMapGridView
            heatmap=page.numbers.heatmap
            rows_by=Signal::derive(move || query.with(|query| query.rows))
            on_rows_by=move |rows| state.change(Step::Same, |query| query.rows = rows)
            name_of
            span_of
            window
            on_pick
            on_retry=move |()| page.numbers.fetch()
            on_attention=move |attention| page.numbers.attention.set_value(attention)
        />
        {move || has_rows.get().then(|| view! { <Later part=move || parts::retry_batches(page)/> })}
        <DashboardGrid page/>
        {move || is_open.get().then(|| view! { <Later part=move || parts::dashboard_drawer(page)/> })}
        {move || {
            let dialog = state.retry_dialog.get()?;
            Some(view! { <Later part=move || parts::retry_dialog(dialog.clone())/> })
        }}
    }
}

/// Follows the address.
fn fetch_what_is_asked_for(page: Dashboard) {
    let query = page.state.query;
    let numbers = Memo::new(move |_| query.with(|query| (query.range, query.rows)));
    Effect::new(move |_| {
        let (range, rows) = numbers.get();
        page.numbers.show(range, rows);
    });

    // The drawer and the heatmap's rows change nothing about the list.
    let list = Memo::new(move |_| DashboardQuery {
        open: None,
        rows: DashboardQuery::default().rows,
        ..query.get()
    });
    Effect::new(move |_| {
        let query = list.get();
        page.state.selected.set(Default::default());
        if query.lists_rejections() {
            page.refusals.fetch();
        } else {
            page.log.show(&query);
        }
    });

    Effect::new(move |before: Option<u32>| {
        let now = page.state.stale.get();
        if before.is_some_and(|before| before != now) {
            live::catch_up(page);
            fetch_connectors(page.state);
        }
        now
    });
}

/// All connectors, for their names.
fn fetch_connectors(state: IntegrationDashboardState) {
    let (session, organization) = (use_session(), use_organization());
    spawn_local(async move {
        let mut cursor = None;
        loop {
            let ask = rpc::list_connectors(organization.id(), PageQuery { limit: MAX_LIMIT, cursor });
            // Without names the ids are shown; the next visit tries again.
            let Ok(page) = session.ask(ask).await else { return };
            let known = state.connectors.try_update(|known| {
                known.extend(page.items.into_iter().map(|connector| (connector.id.clone(), connector)));
            });
            cursor = page.next_cursor;
            if cursor.is_none() || known.is_none() {
                return;
            }
        }
    });
}

/// Narrows the grid to what was picked on the heatmap; the same once more takes that back.
fn pick(page: Dashboard, picked: Picked) {
    page.state.change(Step::New, |query| {
        let on_row = picked.row.is_some();
        let (connector, event_type) = match picked.row {
            Some(row) => (row.connector_id, row.event_type),
            // All rows: only the time is narrowed.
            None => (query.connector.clone(), query.event_type.clone()),
        };
        let same_row = query.connector == connector && query.event_type == event_type;
        let window = match (query.window, picked.span) {
            (Some((since, until)), Some((from, to))) if picked.extend && same_row => {
                Some((since.min(from), until.max(to)))
            }
            _ => picked.span,
        };
        if same_row && query.window == window {
            if on_row {
                query.widen();
            }
            query.window = None;
            return;
        }
        query.connector = connector;
        query.event_type = event_type;
        query.window = window;
        query.open = None;
        if query.lists_rejections() {
            query.errors = ErrorsView::Deliveries;
        }
    });
}
