//! The grid's table of refused requests.

use domain::id::{ConnectorId, RejectionId};
use domain::rejection::Rejection;
use leptos::prelude::*;

use super::icon::Icon;
use super::row_window::{RoomAbove, RoomBelow, RowWindow};
use super::status_chip::StateChip;
use super::vendor::Vendor;
use crate::model::{format, http_status};
use crate::ui::clock;
use crate::ui::zone::use_zone;

/// Refused requests, and what the table needs to know about them.
#[derive(Clone, Copy)]
pub struct RejectionList {
    /// The rows.
    pub rows: RwSignal<Vec<Rejection>>,
    /// The one that is open in the drawer.
    pub open: Signal<Option<RejectionId>>,
    /// A connector's name.
    pub name_of: Callback<ConnectorId, String>,
    /// A row is to be opened.
    pub on_open: Callback<RejectionId>,
}

/// All refused requests, newest first; those near the window are in the document.
#[component]
pub fn RejectionTable(
    /// What it shows.
    list: RejectionList,
) -> impl IntoView {
    let RejectionList { rows, open, name_of, on_open } = list;
    let window = RowWindow::watch(Memo::new(move |_| rows.with(Vec::len)));
    let near = move || {
        let range = window.range.get();
        rows.with(|rows| rows.get(range).unwrap_or_default().to_vec())
    };
    let row = move |index: ReadSignal<usize>, row: Rejection| {
        let index = Signal::derive(move || window.range.with(|range| range.start) + index.get());
        view! { <RejectionRow row index open name_of on_open/> }
    };
    view! {
        <table
            class="grid"
            data-stacks=""
            data-kind="errors"
            role="grid"
            aria-rowcount="-1"
            aria-label="Rejected requests, newest first"
        >
            <thead role="rowgroup" node_ref=window.head>
                <tr role="row" aria-rowindex="1">
                    <th role="columnheader" scope="col" data-col="time" aria-sort="descending">"Time"</th>
                    <th role="columnheader" scope="col" data-col="integration">"Integration"</th>
                    <th role="columnheader" scope="col" data-col="event">"Event type"</th>
                    <th role="columnheader" scope="col" data-col="status">"Status"</th>
                    <th role="columnheader" scope="col" data-col="code">"Code"</th>
                    <th role="columnheader" scope="col" data-col="error">"Reason"</th>
                    <th role="columnheader" scope="col" data-col="actions"><span class="sr-only">"Actions"</span></th>
                </tr>
            </thead>
            <RoomAbove window/>
            <tbody role="rowgroup" node_ref=window.rows>
                <ForEnumerate each=near key=|row| (row.id.clone(), row.occurrences) children=row/>
            </tbody>
            <RoomBelow window/>
        </table>
    }
}

#[component]
fn RejectionRow(
    row: Rejection,
    index: Signal<usize>,
    open: Signal<Option<RejectionId>>,
    name_of: Callback<ConnectorId, String>,
    on_open: Callback<RejectionId>,
) -> impl IntoView {
    let id = StoredValue::new(row.id.clone());
    let is_open = move || open.with(|open| id.with_value(|id| open.as_ref() == Some(id)));
    let open_it = move || on_open.run(id.get_value());
    let zone = use_zone();
    let received_at = row.received_at;
    let time = move || {
        let zone = zone.get();
        let today = zone.same_day(received_at, clock::now());
        let day = (!today).then(|| format!("{} ", format::day(received_at, zone)));
        let millis = today.then(|| format::clock_millis(received_at));
        view! { {day} {format::clock(received_at, zone)} <small>{millis}</small> }
    };
    let connector = row.connector_id.clone();
    let name = Signal::derive(move || name_of.run(connector.clone()));
    let status = row.reason.status();
    let detail = row.detail.clone();
    let many = (row.occurrences > 1).then(|| {
        let title = format!("{} alike", format::counted(row.occurrences, "request", "requests"));
        view! { " " <span class="count" title=title>"×"{format::count(row.occurrences)}</span> }
    });
    let event_type = match row.event_type {
        Some(event_type) => view! { <span class="mono">{event_type.to_string()}</span> }.into_any(),
        None => view! { <span class="cell-none" aria-label="none named">"–"</span> }.into_any(),
    };
    view! {
        <tr
            role="row"
            aria-rowindex=move || index.get() + 2
            tabindex="0"
            data-open=move || is_open().then_some("")
            data-id=row.id.to_string()
            on:click=move |_| open_it()
            on:keydown=move |event| {
                if event.key() == "Enter" {
                    event.prevent_default();
                    event.stop_propagation();
                    open_it();
                }
            }
        >
            <td role="gridcell" data-col="time" class="cell-time" title=format::exact(received_at)>
                {time}
            </td>
            <td role="gridcell" data-col="integration">
                <span class="cell-name">
                    {move || view! { <Vendor name=name.get()/> }}
                    <span class="truncate">{name}</span>
                </span>
            </td>
            <td role="gridcell" data-col="event">{event_type}</td>
            <td role="gridcell" data-col="status">
                <StateChip state="rejected" icon="st-rejected" label="Rejected".to_owned()/>
            </td>
            <td role="gridcell" data-col="code">
                <span class="code-num" data-class=http_status::class(status.into())>{status}</span>
            </td>
            <td role="gridcell" data-col="error">
                <span class="cell-error" title=detail>
                    <b>{row.reason.title()}</b>
                    {many}
                    " "
                    {row.detail}
                </span>
            </td>
            <td role="gridcell" data-col="actions">
                <span class="row-actions">
                    <button
                        class="icon-btn"
                        data-size="xs"
                        type="button"
                        tabindex="-1"
                        aria-label="View request"
                        title="View request"
                    >
                        <Icon name="eye"/>
                    </button>
                </span>
            </td>
        </tr>
    }
}
