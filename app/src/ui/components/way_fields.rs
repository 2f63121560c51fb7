//! Where a replay goes and by which version of the mapping.

use domain::delivery::RouteChoice;
use domain::id::RouteId;
use leptos::prelude::*;

use super::form::select_field::{Choice, Select};
use crate::model::format;
use crate::ui::form::Lens;
use crate::ui::state::{ApiRetry, Way};
use crate::ui::zone::use_zone;

/// Two choices; what leaves no choice is a word.
#[component]
pub fn WayFields(
    /// The replay.
    flow: ApiRetry,
) -> impl IntoView {
    let own =
        flow.delivery.with_value(|delivery| (delivery.route_id.clone(), delivery.destination_name.clone()));
    let (own_route, own_name) = own;
    let zone = use_zone();
    let destinations = {
        let (own_route, own_name) = (own_route.clone(), own_name.clone());
        Signal::derive(move || {
            let routes = flow.choices.get();
            if routes.is_empty() {
                return vec![Choice::new(None, own_name.clone())];
            }
            let name = |route: RouteChoice| {
                let is_own = route.route_id == own_route;
                let words = format!("{} ({})", route.destination_name, route.name);
                Choice::new(route.route_id.filter(|_| !is_own), words)
            };
            routes.into_iter().map(name).collect::<Vec<Choice<Option<RouteId>>>>()
        })
    };
    // Versions are counted per route: with another route the choice begins anew.
    let route = Lens::new(
        flow.way,
        |way: &Way| way.route_id.clone(),
        |way, route_id| *way = Way { route_id, mapping_version: None },
    );
    let version =
        Lens::new(flow.way, |way: &Way| way.mapping_version, |way, version| way.mapping_version = version);
    let versions = Signal::derive(move || {
        let known = flow.versions();
        let current =
            known.first().map_or_else(String::new, |newest| format!(", now version {}", newest.version));
        let mut choices = vec![Choice::new(None, format!("Current{current}"))];
        choices.extend(known.into_iter().map(|one| {
            let words = format!(
                "Version {}, {}, {}",
                one.version,
                format::day_time(one.created_at, zone.get()),
                one.created_by
            );
            Choice::new(Some(one.version), words)
        }));
        choices
    });
    let has_versions = Memo::new(move |_| !flow.versions().is_empty());
    view! {
        <div class="field-grid">
            <div class="field">
                <label for="replay-to">"Replay to"</label>
                <Select id="replay-to" size="sm" choices=destinations value=route/>
            </div>
            <Show when=move || has_versions.get()>
                <div class="field">
                    <label for="replay-mapping">"Mapping"</label>
                    <Select id="replay-mapping" size="sm" choices=versions value=version/>
                </div>
            </Show>
        </div>
    }
}
