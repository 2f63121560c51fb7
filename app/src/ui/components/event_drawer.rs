//! The event drawer: everything about one delivery, and what can be done with it.

use domain::delivery::{Delivery, DeliveryDetail};
use domain::event::PayloadView;
use domain::status::DeliveryStatus;
use leptos::prelude::*;

use super::attempt_timeline::error_words;
use super::copy_button::CopyButton;
use super::drawer::Drawer;
use super::event_sections::EventSections;
use super::icon::Icon;
use super::status_chip::StatusChip;
use crate::model::curl;
use crate::ui::state::Load;

/// What a person does in the drawer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawerAction {
    /// Correct the payload and replay it.
    Edit,
    /// Another attempt with the same payload, now.
    Retry,
    /// The same payload as a new delivery.
    SendAgain,
    /// End a delivery that waits for its next attempt.
    Cancel,
}

/// The drawer of a delivery.
#[component]
pub fn EventDrawer(
    /// The delivery in its newest state.
    #[prop(into)]
    row: Signal<Delivery>,
    /// Everything about it.
    #[prop(into)]
    detail: Signal<Load<DeliveryDetail>>,
    /// The bytes it sends.
    #[prop(into)]
    payload: Signal<Load<PayloadView>>,
    /// The connector's name.
    #[prop(into)]
    connector: Signal<String>,
    /// Why nothing can be done with it, besides reading.
    #[prop(into)]
    obstacle: Signal<Option<&'static str>>,
    /// An action is under way.
    #[prop(into)]
    busy: Signal<bool>,
    /// Something is to be done.
    on_action: Callback<DrawerAction>,
    /// Another delivery is to be opened.
    on_open: Callback<Delivery>,
    /// The row above or below.
    on_step: Callback<i32>,
    /// Fetch again.
    #[prop(into)]
    on_retry: Callback<()>,
    /// Close it.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let status = move || {
        let hint = move || row.with(why);
        view! { <StatusChip status=Signal::derive(move || row.with(|row| row.status))/> <span class="hint">{hint}</span> }
    };
    let head = move || {
        view! {
            <Facts row connector/>
            <Actions row detail obstacle busy on_action/>
        }
    };
    view! {
        <Drawer
            status
            title=Signal::derive(move || row.with(|row| row.event_type.to_string()))
            of=Signal::derive(move || row.with(|row| row.id.to_string()))
            head
            on_step
            on_close
        >
            <EventSections row detail payload on_open on_retry/>
        </Drawer>
    }
}

/// Why it stands where it stands, in a few words.
fn why(row: &Delivery) -> Option<String> {
    let error = row.error_class.map(error_words);
    match row.status {
        DeliveryStatus::Failed => Some(format!("{}, trying again will not help", error.unwrap_or("Failed"))),
        DeliveryStatus::DeadLetter => Some(format!("{}, retries used up", error.unwrap_or("Failed"))),
        DeliveryStatus::Retrying => error.map(Into::into),
        DeliveryStatus::Canceled => Some("Ended by a person".into()),
        _ => None,
    }
}

#[component]
fn Facts(row: Signal<Delivery>, connector: Signal<String>) -> impl IntoView {
    let source = move || match row.with(|row| row.source_record_id.clone()) {
        Some(id) => view! { <span class="mono">{id}</span> }.into_any(),
        None => "–".into_any(),
    };
    let target = move || match row.with(|row| row.destination_record_id.clone()) {
        Some(id) => view! { <span class="mono">{id}</span> }.into_any(),
        None => "none yet".into_any(),
    };
    let replay = move || {
        row.with(|row| row.replay_of.is_some()).then(|| {
            let text = row.with(|row| {
                let what = if row.edited { "Edited replay" } else { "Sent again" };
                row.replayed_by.as_ref().map_or_else(|| what.to_owned(), |who| format!("{what} by {who}"))
            });
            view! { <dt>"Replay"</dt> <dd>{text}</dd> }
        })
    };
    let id_line = move |name: &'static str, label: &'static str, id: Signal<String>| {
        view! {
            <dt>{name}</dt>
            <dd>
                <span class="copy">
                    <span class="mono truncate">{id}</span>
                    <CopyButton text=id label=label.to_owned()/>
                </span>
            </dd>
        }
    };
    view! {
        <dl class="kv">
            <dt>"Route"</dt>
            <dd>{connector}" → "{move || row.with(|row| row.destination_name.clone())}</dd>
            <dt>"Record"</dt>
            <dd>{source}" "<span class="muted">"→ "{target}</span></dd>
            {replay}
            {id_line("Event", "Copy event id", Signal::derive(move || row.with(|row| row.event_id.to_string())))}
            {id_line("Delivery", "Copy delivery id (C)", Signal::derive(move || row.with(|row| row.id.to_string())))}
        </dl>
    }
}

#[component]
fn Actions(
    row: Signal<Delivery>,
    detail: Signal<Load<DeliveryDetail>>,
    obstacle: Signal<Option<&'static str>>,
    busy: Signal<bool>,
    on_action: Callback<DrawerAction>,
) -> impl IntoView {
    let status = Memo::new(move |_| row.with(|row| row.status));
    let can_send = move || !matches!(status.get(), DeliveryStatus::Received | DeliveryStatus::Processing);
    let button = move |label: &'static str, icon: &'static str, primary: bool, keys: &'static str, action| {
        let press = move |_| {
            if obstacle.get_untracked().is_none() && !busy.get_untracked() {
                on_action.run(action);
            }
        };
        view! {
            <button
                class="btn"
                data-variant=primary.then_some("primary")
                type="button"
                aria-keyshortcuts=keys
                aria-disabled=move || (obstacle.get().is_some() || busy.get()).then_some("true")
                aria-describedby="drawer-why"
                on:click=press
            >
                <Icon name=icon/>
                {label}
            </button>
        }
    };
    // The newest request as a command, to try it from somewhere else.
    let command = Memo::new(move |_| {
        detail.with(|load| {
            let attempt = load.data.as_ref()?.attempts.last()?;
            let is_http = attempt.url.starts_with("http");
            let body = attempt.request_body.as_deref().filter(|body| !body.starts_with("base64:"));
            is_http.then(|| curl::command(&attempt.method, &attempt.url, &attempt.request_headers, body))
        })
    });
    view! {
        <div class="row-wrap">
            <Show when=can_send>
                {button("Edit and replay", "edit", true, "E", DrawerAction::Edit)}
                {move || {
                    if status.get() == DeliveryStatus::Delivered {
                        button("Send again", "send", false, "R", DrawerAction::SendAgain)
                    } else {
                        button("Retry", "retry", false, "R", DrawerAction::Retry)
                    }
                }}
            </Show>
            <Show when=move || status.get() == DeliveryStatus::Retrying>
                {button("Cancel delivery", "x", false, "", DrawerAction::Cancel)}
            </Show>
            {move || {
                command
                    .get()
                    .map(|command| {
                        view! {
                            <span class="only-wide">
                                <CopyButton
                                    text=command
                                    label="Copy the newest request as a curl command".to_owned()
                                    words="Copy as cURL"
                                    icon="terminal"
                                />
                            </span>
                        }
                    })
            }}
            <span class="hint" id="drawer-why">{obstacle}</span>
        </div>
    }
}
