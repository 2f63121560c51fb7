//! The dashboard's span of time: presets that end now, or two points in time.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::icon::Icon;
use crate::model::format;
use crate::model::range::{Preset, Range, RangeField, read_custom};
use crate::ui::clock;
use crate::ui::zone::use_zone;

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
    let from = NodeRef::<html::Input>::new();
    let to = NodeRef::<html::Input>::new();
    let summary = NodeRef::<html::Summary>::new();
    let fault = RwSignal::new(None::<(RangeField, &'static str)>);
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
    // Presets move with the time, and what was typed and not applied is forgotten.
    let fill = move || {
        fault.set(None);
        let (start, end) = untrack(bounds);
        for (field, time) in [(from, start), (to, end)] {
            if let Some(input) = field.get_untracked() {
                input.set_value(&format::field_value(time, zone.get_untracked()));
            }
        }
    };
    let open_menu = move |_| {
        fill();
        if let Some(menu) = menu.get() {
            menu.set_open(true);
        }
        if let Some(from) = from.get() {
            // An input can always take the focus.
            let _ = from.focus();
        }
    };
    // A menu that closes without a new range leaves the choice where it was.
    let settle = move |_| {
        let open = menu.get().is_some_and(|menu| menu.open());
        let Some(choices) = choices.get().filter(|_| !open) else { return };
        let chosen = match range.get_untracked() {
            Range::Preset(preset) => preset.as_str(),
            Range::Custom { .. } => "custom",
        };
        if let Ok(Some(radio)) = choices.query_selector(&format!("input[value=\"{chosen}\"]")) {
            radio.unchecked_into::<web_sys::HtmlInputElement>().set_checked(true);
        }
    };
    let apply = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let read = |field: NodeRef<html::Input>| {
            field.get().and_then(|input| format::from_field(&input.value(), zone.get_untracked()))
        };
        let range = match read_custom(read(from), read(to), clock::now()) {
            Ok(range) => range,
            Err((field, why)) => {
                fault.set(Some((field, why)));
                let input = if field == RangeField::From { from.get() } else { to.get() };
                // An input can always take the focus.
                let _ = input.map(|input| input.focus());
                return;
            }
        };
        fault.set(None);
        on_range.run(range);
        if let Some(menu) = menu.get() {
            menu.set_open(false);
        }
        // What had the focus is hidden now; a summary can always take it.
        let _ = summary.get().map(|summary| summary.focus());
    };
    let invalid = move |field: RangeField| fault.get().is_some_and(|(at, _)| at == field).then_some("true");

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
            <summary class="btn" node_ref=summary on:click=move |_| fill()>
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
            <form class="menu-panel range-panel" data-align="end" on:submit=apply>
                <div class="range-fields">
                    <div class="field">
                        <label for="range-from">"From"</label>
                        <input
                            class="input"
                            data-size="sm"
                            id="range-from"
                            type="datetime-local"
                            node_ref=from
                            prop:value=move || format::field_value(bounds().0, zone.get())
                            aria-invalid=move || invalid(RangeField::From)
                            aria-describedby="range-hint"
                        />
                    </div>
                    <div class="field">
                        <label for="range-to">"To"</label>
                        <input
                            class="input"
                            data-size="sm"
                            id="range-to"
                            type="datetime-local"
                            node_ref=to
                            prop:value=move || format::field_value(bounds().1, zone.get())
                            aria-invalid=move || invalid(RangeField::To)
                            aria-describedby="range-hint"
                        />
                    </div>
                </div>
                <p class="hint" id="range-hint" aria-live="polite">
                    {move || match fault.get() {
                        Some((_, fault)) => {
                            view! { <span class="error"><Icon name="alert" size="sm"/>{fault}</span> }.into_any()
                        }
                        None => format!("Times are {}.", zone.get().name()).into_any(),
                    }}
                </p>
                <div class="row">
                    <span class="row-end"></span>
                    <button class="btn" type="submit" data-variant="primary">"Apply range"</button>
                </div>
            </form>
        </details>
    }
}
