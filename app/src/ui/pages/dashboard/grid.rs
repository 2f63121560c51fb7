//! The grid of the dashboard: which table, which state, and what happens with its rows.

use std::sync::Arc;

use domain::connector::Connector;
use domain::delivery::Delivery;
use domain::event::EventType;
use domain::filter::{SortOrder, ViewTab};
use domain::id::{ConnectorId, RejectionId};
use leptos::prelude::*;

use super::rows::GridRows;
use super::{Dashboard, held};
use crate::model::format;
use crate::model::grid::MAX_ROWS;
use crate::model::query::OpenRow;
use crate::model::zone::Zone;
use crate::ui::components::bulk_bar::Selection;
use crate::ui::components::delivery_table::{DeliveryTable, TableMarks};
use crate::ui::components::export_button::ExportButton;
use crate::ui::components::filter_bar::{FilterBar, FilterChange};
use crate::ui::components::grid_tabs::{ColumnsButton, GridTabs};
use crate::ui::components::grid_view::{GridBody, GridEnd, GridView, News};
use crate::ui::components::later::Later;
use crate::ui::components::rejection_table::RejectionList;
use crate::ui::parts;
use crate::ui::state::{ManageModalData, Step};
use crate::ui::zone::use_zone;

/// GridView with everything that belongs to it.
#[component]
pub fn DashboardGrid(
    /// The page.
    page: Dashboard,
) -> impl IntoView {
    let state = page.state;
    let query = state.query;
    let live = page.live;
    let rows = GridRows::new(page);
    let list = state.current_tab_logs_data_list;
    Effect::new(move |_| page.log.look_at(page.window.range.get()));

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
        all.sort_by_key(|connector| connector.name.to_ascii_lowercase());
        all
    });
    // Counts change all the time, names hardly ever: the list of suggestions is made anew for names only.
    let event_types = Memo::new(move |_| {
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
    let shown = Memo::new(move |_| {
        if rejections.get() { page.refusals.rows.with(Vec::len) } else { list.with(|list| list.len()) }
    });
    let hint = Signal::derive(move || {
        let narrowed = query.with(|query| query.is_narrowed()) && !rejections.get() && shown.get() > 0;
        let more = if list.with(|list| list.has_more()) { " and more" } else { "" };
        narrowed.then(|| format!("Matching {}{more}", format::counted(shown.get() as i64, "row", "rows")))
    });
    let waiting = Memo::new(move |_| {
        if rejections.get() {
            News { count: page.refusals.waiting.get(), or_more: false }
        } else {
            list.with(|list| News { count: list.waiting(), or_more: list.may_wait_more() })
        }
    });
    let end = Memo::new(move |_| {
        let (loading, more) = if rejections.get() {
            (page.refusals.loading_older.get(), page.refusals.has_older())
        } else {
            (page.log.loading_more.get(), list.with(|list| list.has_more()))
        };
        match (loading, more) {
            (true, _) => GridEnd::Loading,
            (false, false) => GridEnd::End,
            (false, true) if shown.get() >= MAX_ROWS => GridEnd::Full,
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
        match query.with_untracked(|query| query.sort) {
            SortOrder::Newest => held::scroll_to_newest(),
            SortOrder::Oldest => {
                let last = list.with_untracked(|list| list.len()).saturating_sub(1);
                // The rows that came make the page longer with the next frame.
                request_animation_frame(move || page.window.reveal(last));
            }
        }
    };
    let on_more = move |()| {
        if rejections.get_untracked() {
            page.refusals.fetch_older();
        } else {
            page.log.fetch_more();
        }
    };
    let on_retry = move |()| {
        if rejections.get_untracked() {
            page.refusals.fetch();
        } else {
            page.log.fetch();
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
        current: rows.current.into(),
    };
    let obstacle_of = Callback::new(move |row: Arc<Delivery>| page.actions.obstacle_of(&row));
    let on_action = Callback::new(move |(row, action)| rows.act(row, action));
    let on_select_all = Callback::new(move |all: bool| {
        let ids = list.with_untracked(|list| list.iter().filter(|_| all).map(|row| row.id.clone()).collect());
        state.selected.set(ids);
    });
    let filter = Callback::new(move |()| list.with_untracked(|list| list.filter().clone()));
    let on_sort = Callback::new(move |sort| state.change(Step::New, |query| query.sort = sort));
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
        format!("{tab} log, {} first", list.with(|list| list.filter().sort))
    });
    let table = move || {
        if rejections.get() {
            let rows = page.refusals.rows;
            let list = RejectionList { rows, open: open_rejection, name_of, on_open: on_open_rejection };
            view! { <Later part=move || parts::rejection_table(list)/> }.into_any()
        } else {
            view! {
                <DeliveryTable
                    list
                    window=page.window
                    label=table_label
                    marks
                    name_of
                    obstacle_of
                    on_action
                    on_select_all
                    on_sort
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
    let retryable = Memo::new(move |_| {
        state.selected.with(|selected| {
            list.with(|list| list.chosen(selected).filter(|row| row.status.can_retry()).count())
        })
    });
    let selection = Selection {
        selected: Signal::derive(move || state.selected.with(|selected| selected.len())),
        retryable: retryable.into(),
        obstacle,
        on_retry: Callback::new(move |()| page.actions.start_batch()),
        on_clear: Callback::new(move |()| state.selected.set(Default::default())),
    };

    view! {
        <GridView
            tabs=Box::new(move || {
                view! {
                    <GridTabs tab=state.view_tab on_tab failed>
                        <Show when=move || !rejections.get()>
                            <ColumnsButton/>
                            <ExportButton filter/>
                        </Show>
                    </GridTabs>
                }
                .into_any()
            })
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
            oldest_first=Signal::derive(move || query.with(|query| query.sort == SortOrder::Oldest))
            waiting
            on_news
            on_more
            on_retry
            on_clear=move |()| on_filter.run(FilterChange::Clear)
            on_manage=move |()| state.manage_modal_data.set(Some(ManageModalData::List))
        />
        <Show when=move || state.selected.with(|selected| !selected.is_empty())>
            <Later part=move || parts::bulk_bar(selection)/>
        </Show>
    }
}

/// What stands in the place of rows.
fn body_of(page: Dashboard, zone: Zone) -> GridBody {
    let query = page.state.query.get();
    let (empty, problem, loaded) = if query.lists_rejections() {
        (page.refusals.rows.with(Vec::is_empty), page.refusals.problem.get(), page.refusals.loaded.get())
    } else {
        let empty = page.state.current_tab_logs_data_list.with(|list| list.is_empty());
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
