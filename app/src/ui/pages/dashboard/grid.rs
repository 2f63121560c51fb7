//! The grid of the dashboard: which table, which state, and what happens with its rows.

use std::sync::Arc;

use domain::connector::Connector;
use domain::delivery::Delivery;
use domain::event::EventType;
use domain::filter::ViewTab;
use domain::id::{ConnectorId, DeliveryId, RejectionId};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::keys::{self, Key, focus};
use super::{Dashboard, held, side};
use crate::model::format;
use crate::model::query::OpenRow;
use crate::model::zone::Zone;
use crate::ui::browser;
use crate::ui::components::bulk_bar::BulkBar;
use crate::ui::components::delivery_row::RowAction;
use crate::ui::components::delivery_table::{DeliveryTable, TableMarks};
use crate::ui::components::event_drawer::DrawerAction;
use crate::ui::components::filter_bar::{FilterBar, FilterChange};
use crate::ui::components::grid_tabs::GridTabs;
use crate::ui::components::grid_view::{GridBody, GridEnd, GridView};
use crate::ui::components::rejection_table::RejectionTable;
use crate::ui::components::toasts::use_toasts;
use crate::ui::state::{ManageModalData, Step};
use crate::ui::zone::use_zone;

/// From so many rows on older ones load only when a person asks: a page of ten thousand rows serves nobody.
const MANY: usize = 2_000;

/// GridView with everything that belongs to it.
#[component]
pub fn DashboardGrid(
    /// The page.
    page: Dashboard,
) -> impl IntoView {
    let state = page.state;
    let query = state.query;
    let live = page.live;
    let current = RwSignal::new(None::<DeliveryId>);
    listen_to_keys(page, current);

    let rejections = Memo::new(move |_| query.with(|query| query.lists_rejections()));
    let name_of = Callback::new(move |id: ConnectorId| state.connector_name(&id));
    let on_tab = Callback::new(move |tab: ViewTab| {
        state.change(Step::New, |query| {
            query.tab = tab;
            query.open = None;
            query.status = query.status.filter(|status| tab != ViewTab::Errors || status.is_failure());
        });
    });
    let failed = Signal::derive(move || {
        page.numbers.summary.with(|load| load.data.as_ref().map(|summary| summary.totals.failed))
    });
    let connectors = Signal::derive(move || {
        let mut all: Vec<Connector> = state.connectors.with(|known| known.values().cloned().collect());
        all.sort_by_key(|connector| connector.name.to_lowercase());
        all
    });
    let event_types = Signal::derive(move || {
        let mut names: Vec<EventType> = page
            .numbers
            .heatmap
            .with(|load| {
                load.data
                    .as_ref()
                    .map(|map| map.rows.iter().filter_map(|row| row.event_type.clone()).collect())
            })
            .unwrap_or_default();
        names.sort();
        names.dedup();
        names
    });
    let on_filter = Callback::new(move |change: FilterChange| {
        state.change(Step::New, |query| {
            match change {
                FilterChange::Errors(view) => query.errors = view,
                FilterChange::Status(status) => query.status = status,
                FilterChange::Connector(connector) => query.connector = connector,
                FilterChange::EventType(event_type) => query.event_type = event_type,
                FilterChange::Record(record) => query.record = record,
                FilterChange::Destination(record) => query.destination = record,
                FilterChange::NoJob => query.job = None,
                FilterChange::NoWindow => query.window = None,
                FilterChange::Clear => query.widen(),
            }
            query.open = None;
        });
    });
    let on_retry_all = Callback::new(move |()| page.actions.start_batch_of_all());
    let obstacle = Signal::derive(move || page.actions.obstacle());
    let shown = Signal::derive(move || {
        if rejections.get() {
            page.refusals.rows.with(Vec::len)
        } else {
            state.current_tab_logs_data_list.with(Vec::len)
        }
    });
    let hint = Signal::derive(move || {
        let narrowed = query.with(|query| query.is_narrowed()) && !rejections.get() && shown.get() > 0;
        let more = if page.log.has_older() { " and older" } else { "" };
        narrowed.then(|| format!("Matching {}{more}", format::counted(shown.get() as i64, "row", "rows")))
    });
    let waiting = Signal::derive(move || {
        if rejections.get() { page.refusals.waiting.get() } else { state.waiting.with(Vec::len) }
    });
    let end = Signal::derive(move || {
        let (loading, older) = if rejections.get() {
            (page.refusals.loading_older.get(), page.refusals.has_older())
        } else {
            (page.log.loading_older.get(), page.log.has_older())
        };
        match (loading, older) {
            (true, _) => GridEnd::Loading,
            (false, false) => GridEnd::End,
            (false, true) if shown.get() >= MANY => GridEnd::Ask,
            (false, true) => GridEnd::More,
        }
    });
    let on_news = move |()| {
        if rejections.get_untracked() {
            page.refusals.fetch();
        } else {
            page.log.show_waiting();
        }
        live.resume();
        held::scroll_to_newest();
    };
    let on_more = move |()| {
        if rejections.get_untracked() {
            page.refusals.fetch_older();
        } else {
            page.log.fetch_older();
        }
    };
    let on_retry = move |()| {
        if rejections.get_untracked() {
            page.refusals.fetch();
        } else {
            page.log.fetch(false);
        }
    };
    let open_delivery = Signal::derive(move || match query.with(|query| query.open.clone()) {
        Some(OpenRow::Delivery(id)) => Some(id),
        _ => None,
    });
    let open_rejection = Signal::derive(move || match query.with(|query| query.open.clone()) {
        Some(OpenRow::Rejection(id)) => Some(id),
        _ => None,
    });
    let marks = TableMarks {
        selected: state.selected,
        open: open_delivery,
        fresh: state.fresh.into(),
        current: current.into(),
    };
    let obstacle_of = Callback::new(move |row: Arc<Delivery>| page.actions.obstacle_of(&row));
    let on_action = Callback::new(move |(row, action): (Arc<Delivery>, RowAction)| {
        current.set(Some(row.id.clone()));
        match action {
            RowAction::Open => state.open(&row),
            RowAction::Retry => page.actions.start_retry(&row),
            RowAction::Select(true) => state.selected.update(|selected| {
                selected.insert(row.id.clone());
            }),
            RowAction::Select(false) => state.selected.update(|selected| {
                selected.remove(&row.id);
            }),
        }
    });
    let on_select_all = Callback::new(move |all: bool| {
        let ids = state
            .current_tab_logs_data_list
            .with_untracked(|rows| rows.iter().filter(|_| all).map(|row| row.id.clone()).collect());
        state.selected.set(ids);
    });
    let on_open_rejection = Callback::new(move |id: RejectionId| {
        let step = if query.with_untracked(|query| query.open.is_some()) { Step::Same } else { Step::New };
        state.change(step, |query| query.open = Some(OpenRow::Rejection(id)));
    });
    let table_label = Signal::derive(move || {
        let tab = match state.view_tab.get() {
            ViewTab::Api => "API",
            ViewTab::Webhook => "Webhook",
            ViewTab::Errors => "Errors",
        };
        format!("{tab} log, newest first")
    });
    let table = move || {
        if rejections.get() {
            view! {
                <RejectionTable rows=page.refusals.rows open=open_rejection name_of on_open=on_open_rejection/>
            }
            .into_any()
        } else {
            view! {
                <DeliveryTable
                    rows=state.current_tab_logs_data_list
                    label=table_label
                    marks
                    name_of
                    obstacle_of
                    on_action
                    on_select_all
                />
            }
            .into_any()
        }
    };
    let labelled_by = Signal::derive(move || match state.view_tab.get() {
        ViewTab::Api => "tab-1",
        ViewTab::Webhook => "tab-2",
        ViewTab::Errors => "tab-3",
    });
    // Compared, so that the table is not built anew with every row.
    let zone = use_zone();
    let body = Memo::new(move |_| body_of(page, zone.get()));
    let retryable = Signal::derive(move || {
        let selected = state.selected.get();
        state.current_tab_logs_data_list.with(|rows| {
            rows.iter().filter(|row| row.status.can_retry() && selected.contains(&row.id)).count()
        })
    });

    view! {
        <GridView
            tabs=Box::new(move || view! { <GridTabs tab=state.view_tab on_tab failed/> }.into_any())
            filters=Box::new(move || {
                view! {
                    <FilterBar query connectors event_types name_of on_change=on_filter hint on_retry_all obstacle/>
                }
                .into_any()
            })
            table=Arc::new(move || table().into_any())
            labelled_by
            body
            problem=Signal::derive(move || {
                if rejections.get() { page.refusals.problem.get() } else { page.log.problem.get() }
            })
            shown
            end
            waiting
            on_news
            on_more
            on_retry
            on_clear=move |()| on_filter.run(FilterChange::Clear)
            on_manage=move |()| state.manage_modal_data.set(Some(ManageModalData::List))
        />
        <BulkBar
            selected=Signal::derive(move || state.selected.with(|selected| selected.len()))
            retryable
            obstacle
            on_retry=move |()| page.actions.start_batch()
            on_clear=move |()| state.selected.set(Default::default())
        />
    }
}

/// What stands in the place of rows.
fn body_of(page: Dashboard, zone: Zone) -> GridBody {
    let query = page.state.query.get();
    let (empty, problem, loaded) = if query.lists_rejections() {
        (page.refusals.rows.with(Vec::is_empty), page.refusals.problem.get(), page.refusals.loaded.get())
    } else {
        let empty = page.state.current_tab_logs_data_list.with(Vec::is_empty);
        (empty, page.log.problem.get(), page.log.loaded.get())
    };
    if !empty {
        return GridBody::Rows;
    }
    if let Some(problem) = problem {
        return GridBody::Failed(problem);
    }
    if !loaded {
        return GridBody::Loading;
    }
    let range = query.range.words(zone);
    if query.lists_rejections() {
        let narrowed = query.connector.is_some();
        let why =
            if narrowed { "Every request to it was taken in." } else { "Every request so far was taken in." };
        return GridBody::NoMatch { title: "No rejected requests", why: why.into(), narrowed };
    }
    if query.is_narrowed() {
        let why = format!("No delivery of {range} fits all of these filters.");
        return GridBody::NoMatch { title: "Nothing matches these filters", why, narrowed: true };
    }
    match query.tab {
        ViewTab::Api => GridBody::Empty,
        ViewTab::Webhook => GridBody::NoMatch {
            title: "No outbound deliveries",
            why: format!("Nothing was sent to a webhook in {range}."),
            narrowed: false,
        },
        ViewTab::Errors => GridBody::NoMatch {
            title: "No failed deliveries",
            why: format!("Nothing failed for good in {range}."),
            narrowed: false,
        },
    }
}

fn listen_to_keys(page: Dashboard, current: RwSignal<Option<DeliveryId>>) {
    let state = page.state;
    let live = page.live;
    let toasts = use_toasts();
    let row_of = move || {
        let open = state.selected_row_data.get_untracked();
        let id = open.as_ref().map(|row| row.id.clone()).or_else(|| current.get_untracked());
        let rows = state.current_tab_logs_data_list.get_untracked();
        let found = rows.iter().find(|row| Some(&row.id) == id.as_ref()).map(|row| Delivery::clone(row));
        open.or(found).or_else(|| rows.first().map(|row| Delivery::clone(row)))
    };
    let act = Callback::new(move |key: Key| match key {
        Key::Tab(tab) => state.change(Step::New, |query| {
            query.tab = tab;
            query.open = None;
        }),
        Key::Step(by) => {
            if state.query.with_untracked(|query| query.open.is_some()) {
                side::step(page, by);
            } else {
                step(page, current, by);
            }
        }
        Key::Open => {
            if let Some(row) = row_of() {
                state.open(&row);
                // The drawer is there with the next frame.
                request_animation_frame(|| focus("#drawer-title"));
            }
        }
        Key::Select { range } => {
            if let Some(row) = row_of() {
                select(page, &row.id, range);
                current.set(Some(row.id));
            }
        }
        Key::Edit => {
            if let Some(row) = row_of() {
                page.actions.act(DrawerAction::Edit, row);
            }
        }
        Key::Retry => {
            if let Some(row) = row_of() {
                page.actions.start_retry(&row);
            }
        }
        Key::Copy => {
            if let Some(row) = row_of() {
                spawn_local(async move {
                    if browser::copy(row.id.as_str()).await {
                        toasts.done("Delivery id copied", row.id.to_string());
                    } else {
                        toasts.warn("Nothing was copied", "The browser does not allow it here.");
                    }
                });
            }
        }
        Key::Live => live.toggle(),
        Key::Escape => {
            if state.query.with_untracked(|query| query.open.is_some()) {
                side::close(page);
            } else {
                state.selected.set(Default::default());
            }
        }
    });
    keys::listen(act);
}

/// Moves the current row up (-1) or down (1) and puts the focus on it.
fn step(page: Dashboard, current: RwSignal<Option<DeliveryId>>, by: i32) {
    let id = page.state.current_tab_logs_data_list.with_untracked(|rows| {
        let here = current.get_untracked().and_then(|id| rows.iter().position(|row| row.id == id));
        let next = match here {
            Some(here) if by > 0 => (here + 1).min(rows.len().checked_sub(1)?),
            Some(here) => here.saturating_sub(1),
            None => 0,
        };
        rows.get(next).map(|row| row.id.clone())
    });
    if let Some(id) = id {
        let selector = format!("tr[data-id=\"{id}\"]");
        current.set(Some(id));
        focus(&selector);
    }
}

/// Turns a row's check mark over, or sets those of all rows between the last selected one and it.
fn select(page: Dashboard, id: &DeliveryId, range: bool) {
    let rows = page.state.current_tab_logs_data_list.get_untracked();
    page.state.selected.update(|selected| {
        let here = rows.iter().position(|row| row.id == *id);
        let nearest = here.and_then(|here| {
            let marked = rows.iter().enumerate().filter(|(_, row)| selected.contains(&row.id));
            marked.map(|(place, _)| place).min_by_key(|place| place.abs_diff(here))
        });
        match (here, nearest) {
            (Some(here), Some(nearest)) if range => {
                let span = here.min(nearest)..=here.max(nearest);
                selected.extend(rows[span].iter().map(|row| row.id.clone()));
            }
            _ if selected.remove(id) => {}
            _ => {
                selected.insert(id.clone());
            }
        }
    });
}
