//! The payloads that came lately, to try a mapping on.

use domain::delivery::Delivery;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::model::format::clock;
use crate::ui::components::form::select_field::{Choice, Select};
use crate::ui::components::icon::Icon;
use crate::ui::components::toasts::use_toasts;
use crate::ui::state::{ConnectorDraft, ManageActions, RouteDraft};
use crate::ui::zone::use_zone;

/// A choice of recent payloads of the route's event types; choosing one fills the preview.
#[component]
pub fn RecentPayloads(
    /// The sheet.
    draft: ConnectorDraft,
    /// The route.
    route: RouteDraft,
    /// The way to the server.
    actions: ManageActions,
) -> impl IntoView {
    let (toasts, zone) = (use_toasts(), use_zone());
    let recent = RwSignal::new(Vec::<Delivery>::new());
    let chosen = RwSignal::new(None::<usize>);
    let fill = move |delivery: Delivery| {
        spawn_local(async move {
            match actions.payload_of(delivery).await {
                Ok(Some(payload)) => match payload.text {
                    // The sheet may be closed by now.
                    Some(text) => _ = route.sample.try_set(text),
                    None => toasts.warn("This payload is not text", "A mapping reads JSON"),
                },
                Ok(None) => {
                    toasts.warn("This payload is no longer kept", "Choose a newer one, or type a sample")
                }
                Err(problem) => toasts.problem("The payload was not loaded", &problem),
            }
        });
    };
    let load = move |_| {
        let Some(connector) = draft.saved.get_untracked() else { return };
        let pattern = route.form.with_untracked(|form| form.event_type.trim().parse().ok());
        spawn_local(async move {
            match actions.recent(connector.id, pattern).await {
                Ok(found) if found.is_empty() => {
                    toasts.warn("No payload to show yet", "Send an event first, or type a sample");
                }
                Ok(found) => {
                    let newest = found[0].clone();
                    let _ = recent.try_set(found);
                    let _ = chosen.try_set(Some(0));
                    fill(newest);
                }
                Err(problem) => toasts.problem("The newest payloads were not loaded", &problem),
            }
        });
    };
    Effect::new(move |before: Option<Option<usize>>| {
        let now = chosen.get();
        if let (Some(Some(before)), Some(now)) = (before, now)
            && before != now
            && let Some(delivery) = recent.with_untracked(|recent| recent.get(now).cloned())
        {
            fill(delivery);
        }
        now
    });
    let choices = Signal::derive(move || {
        let name = |delivery: &Delivery| {
            let what = delivery.source_record_id.clone().unwrap_or_else(|| delivery.event_type.to_string());
            format!("{what}, {}", clock(delivery.received_at, zone.get()))
        };
        recent.with(|recent| {
            recent
                .iter()
                .enumerate()
                .map(|(at, delivery)| Choice::new(Some(at), name(delivery)))
                .collect::<Vec<_>>()
        })
    });
    let id = format!("recent-payload-{}", route.key);
    view! {
        <button class="btn" type="button" data-variant="ghost" data-size="xs" on:click=load>
            <Icon name="down"/>
            "Use the newest payload"
        </button>
        <Show when=move || recent.with(|recent| recent.len() > 1)>
            <label class="sr-only" for=id.clone()>"Recent payload"</label>
            <Select id=id.clone() choices value=chosen size="sm"/>
        </Show>
    }
}
