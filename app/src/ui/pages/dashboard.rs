//! The dashboard: what happened, where it fails, and every delivery, live.
//!
//! This page fetches and wires; what it shows is in `components/`. The address says what is asked for
//! ([`crate::model::query`]), effects below fetch it, and the live feed moves what is shown or asks to fetch again.

mod actions;
mod grid;
mod held;
mod keys;
mod latest;
mod live;
mod log;
mod numbers;
mod opened;
mod refusals;
mod side;

use domain::dashboard::HeatmapRow;
use domain::filter::ViewTab;
use domain::page::{MAX_LIMIT, PageQuery};
use leptos::prelude::*;
use leptos::task::spawn_local;

use self::actions::Actions;
use self::grid::DashboardGrid;
use self::log::Log;
use self::numbers::Numbers;
use self::opened::Opened;
use self::refusals::Refusals;
use self::side::DashboardSide;
use crate::model::heatmap::column_span;
use crate::model::query::{DashboardQuery, ErrorsView, OpenRow};
use crate::model::range::Range;
use crate::rpc::connectors as rpc;
use crate::ui::components::hit_map_grid_view::{HitMapGridView, Picked};
use crate::ui::components::integration_dash_board_header::IntegrationDashBoardHeader;
use crate::ui::components::page_title::PageTitle;
use crate::ui::components::retry_dialogs::RetryDialogs;
use crate::ui::realtime::{Live, use_live};
use crate::ui::session::{use_organization, use_session};
use crate::ui::state::{IntegrationDashboardState, ManageModalData, Step, use_dashboard};

/// Everything the page fetched, and what can be done with it.
#[derive(Clone, Copy)]
struct Dashboard {
    state: IntegrationDashboardState,
    numbers: Numbers,
    log: Log,
    refusals: Refusals,
    opened: Opened,
    actions: Actions,
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
        opened: Opened::new(),
        actions: Actions::new(),
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
    let name_of = Callback::new(move |row: HeatmapRow| row.connector_id.map(|id| state.connector_name(&id)));
    let is_picked = Callback::new(move |(row, column): (HeatmapRow, u32)| {
        let query = query.get();
        let Some((since, until)) = query.window else { return false };
        let same_row = query.connector == row.connector_id && query.event_type == row.event_type;
        let span = page
            .numbers
            .heatmap
            .with_untracked(|load| load.data.as_ref().map(|map| column_span(map, column)));
        same_row && span.is_some_and(|(from, to)| from >= since && to <= until)
    });
    let on_pick = move |picked: Picked| pick(page, picked);
    let open_manage = move |()| state.manage_modal_data.set(Some(ManageModalData::List));

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
            is_picked
            on_pick
            on_retry=move |()| page.numbers.fetch()
            on_attention=move |attention| page.numbers.attention.set_value(attention)
        />
        <DashboardGrid page/>
        <DashboardSide page/>
        <RetryDialogs/>
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

    let open = Memo::new(move |_| query.with(|query| query.open.clone()));
    Effect::new(move |_| match open.get() {
        Some(OpenRow::Delivery(id)) => page.opened.open_delivery(id),
        Some(OpenRow::Rejection(id)) => page.opened.open_rejection(id),
        None => page.opened.close(),
    });

    // A row that changed has new attempts.
    let changed = Memo::new(move |_| {
        page.state.selected_row_data.with(|row| row.as_ref().map(|row| (row.id.clone(), row.updated_at)))
    });
    Effect::new(move |_| {
        let Some((id, updated_at)) = changed.get() else { return };
        let known = page
            .opened
            .detail
            .with_untracked(|load| load.data.as_ref().map(|detail| detail.delivery.updated_at));
        if known.is_some_and(|known| known < updated_at) {
            page.opened.fetch_detail(id);
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

/// Narrows the grid to what was picked on the heatmap; the same cell again takes that back.
fn pick(page: Dashboard, picked: Picked) {
    let span = picked.column.and_then(|column| {
        page.numbers.heatmap.with_untracked(|load| load.data.as_ref().map(|map| column_span(map, column)))
    });
    page.state.change(Step::New, |query| {
        let same_row =
            query.connector == picked.row.connector_id && query.event_type == picked.row.event_type;
        let window = match (query.window, span) {
            (Some((since, until)), Some((from, to))) if picked.extend && same_row => {
                Some((since.min(from), until.max(to)))
            }
            _ => span,
        };
        if same_row && query.window == window {
            query.widen();
            return;
        }
        query.connector = picked.row.connector_id;
        query.event_type = picked.row.event_type;
        query.window = window;
        query.open = None;
        if query.lists_rejections() {
            query.errors = ErrorsView::Deliveries;
        }
    });
}
