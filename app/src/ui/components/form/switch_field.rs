//! On or off, with what that means.

use leptos::prelude::*;

use crate::ui::form::{FormScope, Lens};

/// A switch with its label and what happens when it is off.
#[component]
pub fn SwitchField(
    /// The form.
    scope: FormScope,
    /// The field's pointer in the request.
    pointer: &'static str,
    /// The label.
    label: &'static str,
    /// On or off.
    #[prop(into)]
    value: Lens<bool>,
    /// What it means.
    hint: &'static str,
) -> impl IntoView {
    let id = scope.field_id(pointer);
    let hint_id = format!("{id}-note");
    view! {
        <div class="field">
            <div class="option">
                <input
                    class="switch"
                    type="checkbox"
                    role="switch"
                    id=id.clone()
                    aria-describedby=hint_id.clone()
                    prop:checked=value.signal()
                    on:change:target=move |event| value.set(event.target().checked())
                />
                <span>
                    <label for=id>{label}</label>
                    <span class="hint" id=hint_id>{hint}</span>
                </span>
            </div>
        </div>
    }
}
