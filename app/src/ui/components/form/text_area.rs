//! Several lines of text with a label.

use leptos::prelude::*;

use super::field_note::{FieldNote, note_id};
use crate::ui::form::{FormScope, Lens};

/// A labelled text area for JSON.
#[component]
pub fn TextArea(
    /// The form.
    scope: FormScope,
    /// The field's pointer in the request.
    pointer: &'static str,
    /// The label.
    label: &'static str,
    /// The text.
    #[prop(into)]
    value: Lens<String>,
    /// How many lines are seen.
    #[prop(default = 8)]
    rows: u8,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: MaybeProp<String>,
) -> impl IntoView {
    let id = scope.field_id(pointer);
    view! {
        <div class="field" data-span="">
            <label for=id.clone()>{label}</label>
            <textarea
                class="input mono"
                id=id
                rows=rows.to_string()
                spellcheck="false"
                autocomplete="off"
                aria-invalid=move || scope.problem(pointer).map(|_| "true")
                aria-describedby=note_id(scope, pointer)
                prop:value=value.signal()
                on:input:target=move |event| value.set(event.target().value())
            ></textarea>
            <FieldNote scope pointer=pointer hint/>
        </div>
    }
}
