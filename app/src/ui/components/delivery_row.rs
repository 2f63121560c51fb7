//! One row of the grid.

use std::sync::Arc;
use std::time::Duration;

use domain::delivery::Delivery;
use domain::event::Direction;
use domain::status::DeliveryStatus;
use domain::time::Timestamp;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::icon::Icon;
use super::status_chip::StatusChip;
use super::vendor::Vendor;
use crate::model::{format, http_status};
use crate::ui::clock::use_clock;
use crate::ui::zone::use_zone;

/// How long a row that changed is marked.
const CHANGED: Duration = Duration::from_millis(1_200);

/// What a person does with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowAction {
    /// Opens it in the drawer.
    Open,
    /// Starts the retry flow that belongs to it.
    Retry,
    /// Sets or takes its check mark.
    Select {
        /// Whether it has one now.
        on: bool,
        /// And so have all rows between the one that was last marked and it.
        range: bool,
    },
    /// Copies its id.
    Copy,
}

/// What the dashboard knows about a row besides its delivery.
#[derive(Clone, Copy)]
pub struct RowMarks {
    /// It has a check mark.
    pub selected: Signal<bool>,
    /// It is open in the drawer.
    pub open: Signal<bool>,
    /// It arrived a moment ago.
    pub fresh: Signal<bool>,
    /// It is the one that Tab reaches and the keys act on.
    pub current: Signal<bool>,
}

/// One delivery. The whole row opens it; check mark and buttons are for themselves.
#[component]
pub fn DeliveryRow(
    /// Its newest state.
    row: Memo<Arc<Delivery>>,
    /// Its place in the list, from 0.
    index: Signal<usize>,
    /// What the dashboard knows about it.
    marks: RowMarks,
    /// The connector's name.
    name: Signal<String>,
    /// Why it cannot be retried; `None` when it can.
    obstacle: Signal<Option<&'static str>>,
    /// Something was done with it.
    on_action: Callback<RowAction>,
) -> impl IntoView {
    let (clock, zone) = (use_clock(), use_zone());
    let read = move |pick: fn(&Delivery) -> Option<String>| move || row.with(|row| pick(row));
    let called =
        move || row.with(|row| row.source_record_id.clone().unwrap_or_else(|| row.event_type.to_string()));
    let status = Signal::derive(move || row.with(|row| row.status));
    let note = Signal::derive(move || {
        let next = row.with(|row| row.next_attempt_at.filter(|_| row.status == DeliveryStatus::Retrying))?;
        Some(format!("next {}", format::until(next, clock.get(), zone.get())))
    });
    let time = move || {
        row.with(|row| {
            let zone = zone.get();
            let today = zone.same_day(row.created_at, clock.get_untracked());
            let day = (!today).then(|| format!("{} ", format::day(row.created_at, zone)));
            (day, format::clock(row.created_at, zone), today.then(|| format::clock_millis(row.created_at)))
        })
    };
    let code = move || match row.with(|row| row.response_code) {
        Some(code) => {
            view! { <span class="code-num" data-class=http_status::class(code)>{code}</span> }.into_any()
        }
        None => view! { <span class="cell-none" aria-label="no response">"–"</span> }.into_any(),
    };
    let expired = Memo::new(move |_| row.with(|row| row.payload_expires_at) <= clock.get());
    let changed = flash(row);
    let select = move |event: ev::MouseEvent| {
        on_action.run(RowAction::Select { on: event_target_checked(&event), range: event.shift_key() });
    };
    let open = move |event: ev::MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        // Its own controls stay its own.
        let own = target
            .is_some_and(|element| element.closest("button, input, a").is_ok_and(|found| found.is_some()));
        if !own {
            on_action.run(RowAction::Open);
        }
    };

    view! {
        <tr
            role="row"
            aria-rowindex=move || index.get() + 2
            aria-selected=move || marks.selected.get().then_some("true")
            data-open=move || marks.open.get().then_some("")
            data-fresh=move || {
                if marks.fresh.get() { Some("new") } else { changed.get().then_some("changed") }
            }
            data-id=move || row.with(|row| row.id.to_string())
            tabindex=move || if marks.current.get() { "0" } else { "-1" }
            on:click=open
        >
            <td role="gridcell" data-col="check" class="cell-check">
                <input
                    class="check"
                    type="checkbox"
                    tabindex="-1"
                    prop:checked=marks.selected
                    aria-label=move || format!("Select {}", called())
                    on:click=select
                />
            </td>
            <td
                role="gridcell"
                data-col="time"
                class="cell-time"
                title=move || row.with(|row| format::exact(row.created_at))
            >
                {move || time().0}
                {move || time().1}
                <small>{move || time().2}</small>
            </td>
            <td role="gridcell" data-col="dir" class="cell-dir">
                {move || {
                    let (icon, word) = match row.with(|row| row.direction) {
                        Direction::Inbound => ("in", "In"),
                        Direction::Outbound => ("out", "Out"),
                    };
                    view! { <span class="dir"><Icon name=icon/>{word}</span> }
                }}
            </td>
            <td role="gridcell" data-col="integration">
                <span class="cell-name">
                    {move || view! { <Vendor name=name.get()/> }}
                    <span class="truncate">{name}</span>
                </span>
            </td>
            <td role="gridcell" data-col="event">
                <span class="mono">{read(|row| Some(row.event_type.to_string()))}</span>
            </td>
            <td role="gridcell" data-col="source">
                {move || text_or_none(row.with(|row| row.source_record_id.clone()), "mono soft", "none")}
            </td>
            <td role="gridcell" data-col="status"><StatusChip status note/></td>
            <td role="gridcell" data-col="code">{code}</td>
            <td role="gridcell" data-col="duration" class="num soft">
                {move || text_or_none(row.with(|row| row.duration_us.map(format::duration)), "", "not tried yet")}
            </td>
            <td role="gridcell" data-col="attempts" class="num soft">
                {read(|row| Some(format!("{}/{}", row.attempts, row.max_attempts)))}
            </td>
            <td role="gridcell" data-col="destination">
                {move || text_or_none(row.with(|row| row.destination_record_id.clone()), "mono", "none yet")}
            </td>
            <td role="gridcell" data-col="actions">
                <span class="row-actions">
                    <button
                        class="icon-btn"
                        data-size="xs"
                        data-action="copy"
                        type="button"
                        tabindex="-1"
                        aria-label="Copy delivery id"
                        title="Copy delivery id (C)"
                        on:click=move |_| on_action.run(RowAction::Copy)
                    >
                        <Icon name="copy"/>
                    </button>
                    <Show when=move || expired.get()><Expired/></Show>
                    <Show when=move || !expired.get()>
                    <button
                        class="icon-btn"
                        data-size="xs"
                        type="button"
                        tabindex="-1"
                        aria-label="View payload"
                        title="View payload"
                        on:click=move |_| on_action.run(RowAction::Open)
                    >
                        <Icon name="eye"/>
                    </button>
                        <button
                            class="icon-btn"
                            data-size="xs"
                            type="button"
                            tabindex="-1"
                            aria-label="Retry"
                            title=move || obstacle.get().unwrap_or("Retry")
                            disabled=move || obstacle.get().is_some()
                            on:click=move |_| on_action.run(RowAction::Retry)
                        >
                            <Icon name="retry"/>
                        </button>
                    </Show>
                </span>
            </td>
        </tr>
    }
}

/// Whether a row is marked because it changed a moment ago. What it shows when it comes into the document is no change.
fn flash(row: Memo<Arc<Delivery>>) -> ReadSignal<bool> {
    let (changed, set_changed) = signal(false);
    let until = StoredValue::new(0_u32);
    Effect::new(move |before: Option<Timestamp>| {
        let now = row.with(|row| row.updated_at);
        if before.is_some_and(|before| before != now) {
            let turn = until.get_value() + 1;
            until.set_value(turn);
            set_changed.set(true);
            let rest = move || {
                // It may have changed again, or be gone.
                if until.try_get_value() == Some(turn) {
                    set_changed.set(false);
                }
            };
            set_timeout(rest, CHANGED);
        }
        now
    });
    changed
}

fn text_or_none(text: Option<String>, class: &'static str, none: &'static str) -> AnyView {
    match text {
        Some(text) => view! { <span class=class>{text}</span> }.into_any(),
        None => view! { <span class="cell-none" aria-label=none>"–"</span> }.into_any(),
    }
}

#[component]
fn Expired() -> impl IntoView {
    view! {
        <span class="tag" title="The payload is no longer kept">
            <Icon name="st-expired" size="sm"/>
            "Expired"
        </span>
    }
}
