//! The line under a field: what is wrong with it, else a hint.

use leptos::prelude::*;

use crate::ui::components::icon::Icon;
use crate::ui::form::FormScope;

/// The note of a field. Its id is the field's with `-note`, for `aria-describedby`.
#[component]
pub fn FieldNote(
    /// The form of the field.
    scope: FormScope,
    /// The field.
    #[prop(into)]
    pointer: String,
    /// What helps to fill it in.
    #[prop(optional, into)]
    hint: MaybeProp<String>,
) -> impl IntoView {
    let id = note_id(scope, &pointer);
    move || {
        let id = id.clone();
        match (scope.problem(&pointer), hint.get()) {
            (Some(problem), _) => view! {
                <span class="error" id=id>
                    <Icon name="alert" size="sm"/>
                    <span>{problem}</span>
                </span>
            }
            .into_any(),
            (None, Some(hint)) => view! { <span class="hint" id=id>{hint}</span> }.into_any(),
            (None, None) => ().into_any(),
        }
    }
}

/// The id of the note.
pub fn note_id(scope: FormScope, pointer: &str) -> String {
    format!("{}-note", scope.field_id(pointer))
}
