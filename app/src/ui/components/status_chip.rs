//! A state as icon, word and colour: never by colour alone.

use domain::status::DeliveryStatus;
use leptos::prelude::*;

use super::icon::Icon;

/// The state of a delivery.
#[component]
pub fn StatusChip(
    /// The state.
    #[prop(into)]
    status: Signal<DeliveryStatus>,
    /// A few words more, for example "next in 42 s".
    #[prop(optional, into)]
    note: MaybeProp<String>,
) -> impl IntoView {
    view! {
        <StateChip
            state=Signal::derive(move || status.get().as_str())
            icon=Signal::derive(move || delivery_icon(status.get()))
            label=Signal::derive(move || delivery_label(status.get()).to_owned())
            note
        />
    }
}

/// Any state that `components.css` knows by `data-status`: a connector's health, a refusal, an expired payload.
#[component]
pub fn StateChip(
    /// The word in `data-status`.
    #[prop(into)]
    state: Signal<&'static str>,
    /// The icon's name, for example `st-failed`.
    #[prop(into)]
    icon: Signal<&'static str>,
    /// The word for people.
    #[prop(into)]
    label: Signal<String>,
    /// A few words more.
    #[prop(optional, into)]
    note: MaybeProp<String>,
) -> impl IntoView {
    view! {
        <span class="status" data-status=state>
            <Icon name=icon/>
            {label}
            {move || note.get().map(|note| view! { " "<span class="status-note">{note}</span> })}
        </span>
    }
}

/// The icon of a delivery's state.
pub fn delivery_icon(status: DeliveryStatus) -> &'static str {
    match status {
        DeliveryStatus::Received => "st-received",
        DeliveryStatus::Processing => "st-processing",
        DeliveryStatus::Retrying => "st-retrying",
        DeliveryStatus::Delivered => "st-delivered",
        DeliveryStatus::Failed => "st-failed",
        DeliveryStatus::DeadLetter => "st-dead_letter",
        DeliveryStatus::Canceled => "st-canceled",
    }
}

/// The word for a delivery's state.
pub fn delivery_label(status: DeliveryStatus) -> &'static str {
    match status {
        DeliveryStatus::Received => "Received",
        DeliveryStatus::Processing => "Processing",
        DeliveryStatus::Retrying => "Retrying",
        DeliveryStatus::Delivered => "Delivered",
        DeliveryStatus::Failed => "Failed",
        DeliveryStatus::DeadLetter => "Dead letter",
        DeliveryStatus::Canceled => "Canceled",
    }
}
