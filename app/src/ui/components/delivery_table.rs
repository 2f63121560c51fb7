//! The grid's table of deliveries: all of them for a person, those near the window for the browser.

use std::collections::HashSet;
use std::sync::Arc;

use domain::delivery::Delivery;
use domain::filter::SortOrder;
use domain::id::{ConnectorId, DeliveryId};
use leptos::html;
use leptos::prelude::*;

use super::column_head::ColumnHead;
use super::delivery_row::{DeliveryRow, RowAction, RowMarks};
use super::icon::Icon;
use super::row_window::{RoomAbove, RoomBelow, RowWindow, keep_focus};
use crate::model::columns::{self, COLUMNS, GRID};
use crate::model::grid::List;
use crate::ui::preferences::use_preferences;

/// Which rows are marked how.
#[derive(Clone, Copy)]
pub struct TableMarks {
    /// With a check mark.
    pub selected: RwSignal<HashSet<DeliveryId>>,
    /// Open in the drawer.
    pub open: Signal<Option<DeliveryId>>,
    /// Arrived a moment ago.
    pub fresh: Signal<HashSet<DeliveryId>>,
    /// Reached by Tab and the keys; the first row in the document without.
    pub current: Signal<Option<DeliveryId>>,
}

/// All rows, in the list's order.
#[component]
pub fn DeliveryTable(
    /// The rows.
    list: RwSignal<List>,
    /// Which of them are in the document.
    window: RowWindow,
    /// What the table is called.
    #[prop(into)]
    label: Signal<String>,
    /// Which rows are marked how.
    marks: TableMarks,
    /// A connector's name.
    name_of: Callback<ConnectorId, String>,
    /// Why a row cannot be retried.
    obstacle_of: Callback<Arc<Delivery>, Option<&'static str>>,
    /// Something was done with a row.
    on_action: Callback<(Arc<Delivery>, RowAction)>,
    /// All rows were selected, or none.
    on_select_all: Callback<bool>,
    /// The other end of the list is to come first.
    on_sort: Callback<SortOrder>,
) -> impl IntoView {
    let near = Memo::new(move |_| {
        let range = window.range.get();
        list.with(|list| {
            let rows = list.get(range).unwrap_or_default();
            rows.iter().map(|row| row.delivery().clone()).collect::<Vec<_>>()
        })
    });
    // The selection is a part of the list: what leaves the one leaves the other.
    let counts = Memo::new(move |_| (marks.selected.with(HashSet::len), list.with(|list| list.len())));
    let all = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        let (some, many) = counts.get();
        if let Some(all) = all.get() {
            all.set_checked(some > 0 && some == many);
            all.set_indeterminate(some > 0 && some < many);
        }
    });
    let current = Memo::new(move |_| {
        let wanted = marks.current.get();
        near.with(|rows| {
            let there = rows.iter().find(|row| Some(&row.id) == wanted.as_ref()).or(rows.first());
            there.map(|row| row.id.clone())
        })
    });

    let row = move |index: ReadSignal<usize>, initial: Arc<Delivery>| {
        let id = StoredValue::new(initial.id.clone());
        let row = Memo::new(move |before: Option<&Arc<Delivery>>| {
            let now = id.with_value(|id| list.with(|list| list.find(id).map(|row| row.delivery().clone())));
            // A row on its way out keeps its last state.
            now.or_else(|| before.cloned()).unwrap_or_else(|| initial.clone())
        });
        let is = move |set: &HashSet<DeliveryId>| id.with_value(|id| set.contains(id));
        let equals = move |other: &Option<DeliveryId>| id.with_value(|id| other.as_ref() == Some(id));
        let marks = RowMarks {
            selected: Memo::new(move |_| marks.selected.with(is)).into(),
            open: Memo::new(move |_| marks.open.with(equals)).into(),
            fresh: Memo::new(move |_| marks.fresh.with(is)).into(),
            current: Memo::new(move |_| current.with(equals)).into(),
        };
        let index = Signal::derive(move || window.range.with(|range| range.start) + index.get());
        let name = Memo::new(move |_| name_of.run(row.with(|row| row.connector_id.clone())));
        let obstacle = Signal::derive(move || obstacle_of.run(row.get()));
        let act = Callback::new(move |action| on_action.run((row.get_untracked(), action)));
        view! { <DeliveryRow row index marks name=name.into() obstacle on_action=act/> }
    };

    let order = Memo::new(move |_| list.with(|list| list.filter().sort));
    let rowcount = Memo::new(move |_| {
        list.with(|list| if list.has_more() { "-1".to_owned() } else { (list.len() + 1).to_string() })
    });
    let preferences = use_preferences();
    let without = Memo::new(move |_| columns::without(preferences.grid(GRID).as_ref()));
    let table = NodeRef::<html::Table>::new();
    let on_focus = keep_focus(table, move || near.track());
    let on_blur = on_focus.clone();

    view! {
        <table
            class="grid"
            data-stacks=""
            data-kind="events"
            data-without=without
            role="grid"
            tabindex="-1"
            aria-rowcount=rowcount
            aria-multiselectable="true"
            aria-label=label
            node_ref=table
        >
            <thead role="rowgroup" node_ref=window.head>
                <tr role="row" aria-rowindex="1">
                    <th role="columnheader" scope="col" data-col="check">
                        <input
                            class="check"
                            type="checkbox"
                            aria-label="Select all rows shown"
                            node_ref=all
                            on:change=move |event| on_select_all.run(event_target_checked(&event))
                        />
                    </th>
                    <TimeHead order on_sort/>
                    {COLUMNS[1..].iter().map(|column| view! { <ColumnHead column/> }).collect_view()}
                    <th role="columnheader" scope="col" data-col="actions"><span class="sr-only">"Actions"</span></th>
                </tr>
            </thead>
            <RoomAbove window/>
            <tbody role="rowgroup" node_ref=window.rows on:focusin=on_focus on:focusout=on_blur>
                <ForEnumerate each=move || near.get() key=|row| row.id.clone() children=row/>
            </tbody>
            <RoomBelow window/>
        </table>
    }
}

/// The head of the only column that the store can sort by.
#[component]
fn TimeHead(order: Memo<SortOrder>, on_sort: Callback<SortOrder>) -> impl IntoView {
    let newest = move || order.get() == SortOrder::Newest;
    let turn = move |_| {
        on_sort.run(match order.get_untracked() {
            SortOrder::Newest => SortOrder::Oldest,
            SortOrder::Oldest => SortOrder::Newest,
        });
    };
    view! {
        <ColumnHead
            column=&COLUMNS[0]
            sort=Signal::derive(move || Some(if newest() { "descending" } else { "ascending" }))
        >
            <button
                class="grid-sort"
                type="button"
                title=move || if newest() { "Show oldest first" } else { "Show newest first" }
                on:click=turn
            >
                "Time"
                <Icon name=Signal::derive(move || if newest() { "down" } else { "up" }) size="sm"/>
            </button>
        </ColumnHead>
    }
}
