//! A span of time that is drawn or chosen, as a frame over the cells it covers.

use leptos::prelude::*;

use crate::model::format::decimal;

/// The frame; placed by two custom properties, because geometry that comes from data has no class.
#[component]
pub fn HitMapBand(
    /// Where it begins and ends, as shares of the width; hidden without.
    #[prop(into)]
    shares: Signal<Option<(f64, f64)>>,
    /// Whether it is being drawn and not chosen yet.
    #[prop(into)]
    drawing: Signal<bool>,
) -> impl IntoView {
    let percent = |share: f64| decimal(share * 100.0, 3) + "%";
    let is_there = Memo::new(move |_| shares.with(Option::is_some));
    view! {
        <Show when=move || is_there.get()>
            <span
                class="hitmap-band"
                aria-hidden="true"
                data-drawing=move || drawing.get().then_some("")
                style:--from=move || shares.get().map(|(from, _)| percent(from))
                style:--width=move || shares.get().map(|(from, to)| percent(to - from))
            ></span>
        </Show>
    }
}
