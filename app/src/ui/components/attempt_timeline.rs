//! Every try of a delivery, newest first: the planned one, those made, and at the end the moment it was received.

use domain::delivery::{Attempt, Delivery, DeliveryDetail, ErrorClass};
use domain::event::{Event, SchemaVerdict};
use domain::time::Timestamp;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::attempt_body::AttemptBody;
use super::icon::Icon;
use crate::model::{format, http_status};
use crate::ui::clock::use_clock;
use crate::ui::zone::use_zone;

/// The timeline.
#[component]
pub fn AttemptTimeline(
    /// The delivery with its attempts.
    #[prop(into)]
    detail: Signal<DeliveryDetail>,
) -> impl IntoView {
    let next = move || {
        let delivery = detail.with(|detail| detail.delivery.clone());
        delivery.next_attempt_at.is_some().then(|| view! { <Next delivery/> })
    };
    let newest = move || detail.with(|detail| detail.attempts.last().map(|attempt| attempt.number));
    let attempts = move || detail.with(|detail| detail.attempts.iter().rev().cloned().collect::<Vec<_>>());
    view! {
        <ol class="timeline">
            {next}
            <For each=attempts key=|attempt| attempt.id.clone() let:attempt>
                {
                    let open = newest() == Some(attempt.number);
                    let expires_at = detail.with_untracked(|detail| detail.delivery.payload_expires_at);
                    view! { <Made attempt expires_at open/> }
                }
            </For>
            {move || detail.with(|detail| view! { <Received event=detail.event.clone()/> })}
        </ol>
    }
}

#[component]
fn Next(delivery: Delivery) -> impl IntoView {
    let (clock, zone) = (use_clock(), use_zone());
    let when = move || {
        let at = delivery.next_attempt_at?;
        let zone = zone.get();
        Some(format!("{} · {}", format::until(at, clock.get(), zone), format::clock(at, zone)))
    };
    view! {
        <li class="attempt" data-status="next">
            <span class="attempt-node"><Icon name="clock" size="sm"/></span>
            <div class="attempt-line">
                <b>{format!("Attempt {}", delivery.attempts + 1)}</b>
                <span class="soft truncate">"planned"</span>
                <span class="row-end">{when}</span>
            </div>
        </li>
    }
}

#[component]
fn Made(attempt: Attempt, expires_at: Timestamp, open: bool) -> impl IntoView {
    let number = attempt.number;
    let (status, icon) =
        if attempt.succeeded { ("delivered", "st-delivered") } else { ("failed", "st-failed") };
    let code = attempt
        .response_code
        .map(|code| view! { <span class="code-num" data-class=http_status::class(code)>{code}</span> });
    let words = match (attempt.response_code, attempt.error_class) {
        (Some(code), None | Some(ErrorClass::Http)) => http_status::reason(code).to_owned(),
        (_, Some(class)) => error_words(class).to_owned(),
        (None, None) => String::new(),
    };
    let zone = use_zone();
    let (started_at, duration_us) = (attempt.started_at, attempt.duration_us);
    let when = move || {
        format!(
            "{}{} · {}",
            format::clock(started_at, zone.get()),
            format::clock_millis(started_at),
            format::duration(duration_us)
        )
    };
    // What is folded is not built: there may be dozens of attempts, each with long bodies.
    let is_open = RwSignal::new(open);
    let toggled = move |event: ev::Event| {
        let details = event.current_target().and_then(|it| it.dyn_into::<web_sys::HtmlDetailsElement>().ok());
        if let Some(details) = details {
            is_open.set(details.open());
        }
    };
    let body = move || is_open.get().then(|| view! { <AttemptBody attempt=attempt.clone() expires_at/> });
    view! {
        <li class="attempt" data-status=status>
            <span class="attempt-node"><Icon name=icon size="sm"/></span>
            <details open=open on:toggle=toggled>
                <summary class="attempt-line" title=format::exact(started_at)>
                    <b>{format!("Attempt {number}")}</b>
                    {code}
                    <span class="soft truncate">{words}</span>
                    <span class="row-end">{when}</span>
                    <Icon name="chev-down" size="sm" attr:data-caret=""/>
                </summary>
                {body}
            </details>
        </li>
    }
}

#[component]
fn Received(event: Event) -> impl IntoView {
    let verified =
        if event.checks.iter().any(|check| !check.passed) { "accepted with warnings" } else { "verified" };
    let schema = match event.schema_verdict {
        SchemaVerdict::NotChecked => "",
        SchemaVerdict::Valid => ", fits the schema",
        SchemaVerdict::Violated => ", does not fit the schema",
    };
    let zone = use_zone();
    let received_at = event.received_at;
    view! {
        <li class="attempt" data-status="received">
            <span class="attempt-node"><Icon name="st-received" size="sm"/></span>
            <div class="attempt-line" title=format::exact(received_at)>
                <b>"Received"</b>
                <span class="soft truncate">{format!("{verified}{schema}")}</span>
                <span class="row-end">
                    {move || format!("{}{}", format::clock(received_at, zone.get()), format::clock_millis(received_at))}
                </span>
            </div>
        </li>
    }
}

/// What stopped an attempt, in a few words.
pub fn error_words(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::Dns => "Name not found",
        ErrorClass::Connect => "No connection",
        ErrorClass::Tls => "No secure connection",
        ErrorClass::Timeout => "Not finished in time",
        ErrorClass::Reset => "Connection broken",
        ErrorClass::Http => "Refused by the destination",
        ErrorClass::Blocked => "Address not allowed",
        ErrorClass::Mapping => "Mapping failed",
        ErrorClass::Expired => "Payload expired",
        ErrorClass::Configuration => "Route cannot be used",
        ErrorClass::Interrupted => "Worker interrupted",
        ErrorClass::Protocol => "Answer not understood",
    }
}
