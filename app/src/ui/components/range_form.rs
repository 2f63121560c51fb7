//! The dashboard's span of time between two points of one's own.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::icon::Icon;
use crate::model::format;
use crate::model::range::{Range, RangeField, read_custom};
use crate::ui::clock;
use crate::ui::zone::use_zone;

/// Two fields, filled with the span that is shown. Made anew each time its menu opens: what was typed and not applied is
/// forgotten.
#[component]
pub fn RangeForm(
    /// What is chosen.
    range: Signal<Range>,
    /// Whether the first field takes the focus.
    take_focus: bool,
    /// Something else was chosen.
    on_range: Callback<Range>,
) -> impl IntoView {
    let from = NodeRef::<html::Input>::new();
    let to = NodeRef::<html::Input>::new();
    let fault = RwSignal::new(None::<(RangeField, &'static str)>);
    let zone = use_zone();
    let bounds = move || range.get().resolve(clock::now());
    if take_focus {
        Effect::new(move |_| {
            // An input can always take the focus.
            let _ = from.get().map(|input| input.focus());
        });
    }
    let apply = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let read = |field: NodeRef<html::Input>| {
            field.get().and_then(|input| format::from_field(&input.value(), zone.get_untracked()))
        };
        match read_custom(read(from), read(to), clock::now()) {
            Ok(range) => {
                fault.set(None);
                on_range.run(range);
            }
            Err((field, why)) => {
                fault.set(Some((field, why)));
                let input = if field == RangeField::From { from.get() } else { to.get() };
                // An input can always take the focus.
                let _ = input.map(|input| input.focus());
            }
        }
    };
    let invalid = move |field: RangeField| fault.get().is_some_and(|(at, _)| at == field).then_some("true");
    view! {
        <form on:submit=apply>
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
    }
}
