//! Deliveries that belong together: the chain of replays, or other destinations of the same event.

use domain::delivery::Delivery;
use domain::id::DeliveryId;
use leptos::prelude::*;

use super::status_chip::StatusChip;
use crate::model::format;
use crate::ui::zone::use_zone;

/// One line per delivery; a click opens it.
#[component]
pub fn RelatedList(
    /// The deliveries.
    deliveries: Vec<Delivery>,
    /// The one that is open already.
    current: DeliveryId,
    /// Whether lines say who asked for the replay instead of where it goes.
    #[prop(optional)]
    lineage: bool,
    /// A line was chosen.
    on_open: Callback<Delivery>,
) -> impl IntoView {
    let zone = use_zone();
    let lines = deliveries.into_iter().map(move |delivery| {
        let here = delivery.id == current;
        let words = match (lineage, &delivery.replay_of) {
            (true, None) => "Original".to_owned(),
            (true, Some(_)) => {
                let what = if delivery.edited { "Replayed, edited" } else { "Sent again" };
                match &delivery.replayed_by {
                    Some(who) => format!("{what} by {who}"),
                    None => what.to_owned(),
                }
            }
            (false, _) => delivery.destination_name.clone(),
        };
        let status = delivery.status;
        let created_at = delivery.created_at;
        let when = move || format::clock(created_at, zone.get());
        let title = format::exact(created_at);
        let name = if here {
            view! { <span class="truncate"><b>{words}</b>" "<span class="muted">"this one"</span></span> }.into_any()
        } else {
            view! {
                <button class="linkish truncate" type="button" on:click=move |_| on_open.run(delivery.clone())>
                    {words}
                </button>
            }
            .into_any()
        };
        view! { <li><StatusChip status/>{name}<span class="hint" title=title>{when}</span></li> }
    });
    view! { <ul class="rel">{lines.collect_view()}</ul> }
}
