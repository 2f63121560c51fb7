//! A number with its unit.

use leptos::prelude::*;

use super::field_note::{FieldNote, note_id};
use crate::ui::form::{FormScope, Lens};

/// A labelled number; the unit stands after it.
#[component]
pub fn AffixField(
    /// The form.
    scope: FormScope,
    /// The field's pointer in the request.
    pointer: &'static str,
    /// The label.
    label: &'static str,
    /// The number as typed.
    #[prop(into)]
    value: Lens<String>,
    /// What the number counts, for example `seconds`.
    unit: &'static str,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: MaybeProp<String>,
) -> impl IntoView {
    let id = scope.field_id(pointer);
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <span class="affix">
                <input
                    class="input"
                    id=id
                    type="text"
                    inputmode="decimal"
                    autocomplete="off"
                    aria-invalid=move || scope.problem(pointer).map(|_| "true")
                    aria-describedby=note_id(scope, pointer)
                    prop:value=value.signal()
                    on:input:target=move |event| value.set(event.target().value())
                />
                <span>{unit}</span>
            </span>
            <FieldNote scope pointer=pointer hint/>
        </div>
    }
}
