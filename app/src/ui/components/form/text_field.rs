//! A line of text with its label.

use leptos::prelude::*;

use super::field_note::{FieldNote, note_id};
use crate::ui::form::{FormScope, Lens};

/// A labelled input with a hint, or what is wrong in its place.
#[component]
pub fn TextField(
    /// The form.
    scope: FormScope,
    /// The field's pointer in the request, for example `/name`.
    pointer: &'static str,
    /// The label.
    #[prop(into)]
    label: Signal<String>,
    /// The text.
    #[prop(into)]
    value: Lens<String>,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: MaybeProp<String>,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// Whether it holds something for machines: codes, addresses, paths.
    #[prop(optional)]
    mono: bool,
    /// Whether it takes the whole width of its grid.
    #[prop(optional)]
    span: bool,
    /// Shown while it is empty.
    #[prop(optional)]
    placeholder: &'static str,
    /// What the browser may fill in, for example `username`.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// Whether it can be read only.
    #[prop(optional, into)]
    readonly: Signal<bool>,
    /// Whether it takes the focus when its form opens.
    #[prop(optional)]
    autofocus: bool,
    /// Proposals: values that can be chosen instead of typed.
    #[prop(optional)]
    proposals: &'static [&'static str],
) -> impl IntoView {
    let id = scope.field_id(pointer);
    let list = (!proposals.is_empty()).then(|| format!("{id}-list"));
    let options = list.clone().map(|id| {
        let options = proposals.iter().map(|text| view! { <option value=*text></option> }).collect_view();
        view! { <datalist id=id>{options}</datalist> }
    });
    view! {
        <div class="field" data-span=span.then_some("")>
            <label for=id.clone()>{label}</label>
            <input
                class=if mono { "input mono" } else { "input" }
                id=id
                type=kind
                list=list
                placeholder=placeholder
                autocomplete=autocomplete
                autofocus=autofocus
                spellcheck=if mono || kind != "text" { "false" } else { "true" }
                readonly=readonly
                data-quiet=move || readonly.get().then_some("")
                aria-invalid=move || scope.problem(pointer).map(|_| "true")
                aria-describedby=note_id(scope, pointer)
                prop:value=value.signal()
                on:input:target=move |event| value.set(event.target().value())
            />
            {options}
            <FieldNote scope pointer=pointer hint/>
        </div>
    }
}
