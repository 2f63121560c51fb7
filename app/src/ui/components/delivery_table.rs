//! The grid's table of deliveries.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::delivery::Delivery;
use domain::id::{ConnectorId, DeliveryId};
use leptos::html;
use leptos::prelude::*;

use super::delivery_row::{DeliveryRow, RowAction, RowMarks};
use crate::model::grid::Rows;

/// Which rows are marked how.
#[derive(Clone, Copy)]
pub struct TableMarks {
    /// With a check mark.
    pub selected: RwSignal<HashSet<DeliveryId>>,
    /// Open in the drawer.
    pub open: Signal<Option<DeliveryId>>,
    /// Arrived a moment ago.
    pub fresh: Signal<HashSet<DeliveryId>>,
    /// Reached by Tab and the keys; the first row without.
    pub current: Signal<Option<DeliveryId>>,
}

/// All rows, newest first.
#[component]
pub fn DeliveryTable(
    /// The rows.
    #[prop(into)]
    rows: Signal<Rows>,
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
) -> impl IntoView {
    let by_id = Memo::new(move |_| {
        rows.with(|rows| rows.iter().map(|row| (row.id.clone(), row.clone())).collect::<HashMap<_, _>>())
    });
    let first = Memo::new(move |_| rows.with(|rows| rows.first().map(|row| row.id.clone())));
    let counts = Memo::new(move |_| {
        let selected = marks.selected.get();
        rows.with(|rows| (rows.iter().filter(|row| selected.contains(&row.id)).count(), rows.len()))
    });
    let all = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        let (some, many) = counts.get();
        if let Some(all) = all.get() {
            all.set_checked(some > 0 && some == many);
            all.set_indeterminate(some > 0 && some < many);
        }
    });

    let row = move |index: ReadSignal<usize>, initial: Arc<Delivery>| {
        let id = StoredValue::new(initial.id.clone());
        let row = Memo::new(move |before: Option<&Arc<Delivery>>| {
            let now = id.with_value(|id| by_id.with(|rows| rows.get(id).cloned()));
            // A row on its way out keeps its last state.
            now.or_else(|| before.cloned()).unwrap_or_else(|| initial.clone())
        });
        let is = move |set: &HashSet<DeliveryId>| id.with_value(|id| set.contains(id));
        let equals = move |other: &Option<DeliveryId>| id.with_value(|id| other.as_ref() == Some(id));
        let marks = RowMarks {
            selected: Memo::new(move |_| marks.selected.with(is)).into(),
            open: Memo::new(move |_| marks.open.with(equals)).into(),
            fresh: Memo::new(move |_| marks.fresh.with(is)).into(),
            current: Memo::new(move |_| match marks.current.get() {
                Some(current) if by_id.with(|rows| rows.contains_key(&current)) => equals(&Some(current)),
                _ => first.with(equals),
            })
            .into(),
        };
        let name = Memo::new(move |_| name_of.run(row.with(|row| row.connector_id.clone())));
        let obstacle = Signal::derive(move || obstacle_of.run(row.get()));
        let act = Callback::new(move |action| on_action.run((row.get_untracked(), action)));
        view! { <DeliveryRow row index marks name=name.into() obstacle on_action=act/> }
    };

    view! {
        <table
            class="grid"
            data-stacks=""
            data-kind="events"
            role="grid"
            aria-rowcount="-1"
            aria-multiselectable="true"
            aria-label=label
        >
            <thead role="rowgroup">
                <tr role="row">
                    <th role="columnheader" scope="col" data-col="check">
                        <input
                            class="check"
                            type="checkbox"
                            aria-label="Select all rows shown"
                            node_ref=all
                            on:change=move |event| on_select_all.run(event_target_checked(&event))
                        />
                    </th>
                    <th role="columnheader" scope="col" data-col="time" aria-sort="descending">"Time"</th>
                    <th role="columnheader" scope="col" data-col="dir">"Dir"</th>
                    <th role="columnheader" scope="col" data-col="integration">"Integration"</th>
                    <th role="columnheader" scope="col" data-col="event">"Event type"</th>
                    <th role="columnheader" scope="col" data-col="source">"Source record"</th>
                    <th role="columnheader" scope="col" data-col="status">"Status"</th>
                    <th role="columnheader" scope="col" data-col="code">"Code"</th>
                    <th role="columnheader" scope="col" data-col="duration" class="num">"Duration"</th>
                    <th role="columnheader" scope="col" data-col="attempts" class="num">"Attempts"</th>
                    <th role="columnheader" scope="col" data-col="destination">"Destination record"</th>
                    <th role="columnheader" scope="col" data-col="actions"><span class="sr-only">"Actions"</span></th>
                </tr>
            </thead>
            <tbody role="rowgroup">
                <ForEnumerate each=move || rows.get() key=|row| row.id.clone() children=row/>
            </tbody>
        </table>
    }
}
