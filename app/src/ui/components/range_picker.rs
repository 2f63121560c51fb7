//! The dashboard's span of time: presets that end now, or two points in time.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::icon::Icon;
use super::later::Later;
use crate::model::format;
use crate::model::range::{Preset, Range};
use crate::ui::zone::use_zone;
use crate::ui::{clock, parts};

/// The presets, and a menu for a span of one's own. Times are those of the person's zone.
#[component]
pub fn RangePicker(
    /// What is chosen.
    #[prop(into)]
    range: Signal<Range>,
    /// Something else was chosen.
    #[prop(into)]
    on_range: Callback<Range>,
) -> impl IntoView {
    let choices = NodeRef::<html::Fieldset>::new();
    let menu = NodeRef::<html::Details>::new();
    let summary = NodeRef::<html::Summary>::new();
    let open = RwSignal::new(false);
    let take_focus = RwSignal::new(false);
    // Counted by clicks, because a menu that is closed and opened at once says so only once.
    let openings = RwSignal::new(0);
    let zone = use_zone();
    let bounds = move || range.get().resolve(clock::now());
    let is_custom = move || matches!(range.get(), Range::Custom { .. });

    let presets = Preset::ALL.map(|preset| {
        view! {
            <label>
                <input
                    type="radio"
                    name="range"
                    value=preset.as_str()
                    prop:checked=move || range.get() == Range::Preset(preset)
                    on:change=move |_| on_range.run(Range::Preset(preset))
                />
                {preset.label()}
            </label>
        }
    });
    let open_menu = move |_| {
        take_focus.set(true);
        if let Some(menu) = menu.get() {
            menu.set_open(true);
        }
    };
    // A menu that closes without a new range leaves the choice where it was.
    let settle = move |_| {
        let is_open = menu.get().is_some_and(|menu| menu.open());
        if open.try_set(is_open).is_some() {
            // The event comes a moment later, and the picker is gone by now.
            return;
        }
        let Some(choices) = choices.get().filter(|_| !is_open) else { return };
        take_focus.set(false);
        let chosen = match range.get_untracked() {
            Range::Preset(preset) => preset.as_str(),
            Range::Custom { .. } => "custom",
        };
        if let Ok(Some(radio)) = choices.query_selector(&format!("input[value=\"{chosen}\"]")) {
            radio.unchecked_into::<web_sys::HtmlInputElement>().set_checked(true);
        }
    };
    let on_range_of_own = Callback::new(move |range| {
        on_range.run(range);
        if let Some(menu) = menu.get() {
            menu.set_open(false);
        }
        // What had the focus is hidden now; a summary can always take it.
        let _ = summary.get().map(|summary| summary.focus());
    });

    view! {
        <fieldset class="segmented" node_ref=choices>
            <legend class="sr-only">"Date range"</legend>
            {presets.collect_view()}
            <label>
                <input type="radio" name="range" value="custom" prop:checked=is_custom on:change=open_menu/>
                "Custom"
            </label>
        </fieldset>
        <details class="menu" id="range" node_ref=menu on:toggle=settle>
            <summary class="btn" node_ref=summary on:click=move |_| openings.update(|count| *count += 1)>
                <Icon name="calendar"/>
                <span class="sr-only">"Date range"</span>
                <span class="only-wide">
                    {move || {
                        let ((from, to), zone) = (bounds(), zone.get());
                        format!("{} – {}", format::day_time(from, zone), format::day_time(to, zone))
                    }}
                </span>
                <span class="only-narrow">"Range"</span>
            </summary>
            <div class="menu-panel range-panel" data-align="end">
                {move || {
                    openings.track();
                    let form = move || parts::range_form(range, take_focus.get_untracked(), on_range_of_own);
                    open.get().then(|| view! { <Later part=form/> })
                }}
            </div>
        </details>
    }
}
