//! What a receiver's bodies must look like.

use domain::receiver::SchemaMode;
use leptos::prelude::*;

use crate::lens;
use crate::ui::components::form::segmented::Segmented;
use crate::ui::components::form::text_area::TextArea;
use crate::ui::form::FormScope;
use crate::ui::state::ReceiverDraft;

/// The mode, and the schema when there is one.
#[component]
pub fn SchemaFields(
    /// The receiver.
    receiver: ReceiverDraft,
    /// Its fields.
    scope: FormScope,
) -> impl IntoView {
    let form = receiver.form;
    let mode = lens!(form.schema_mode);
    let modes: Vec<_> = SchemaMode::ALL
        .iter()
        .map(|mode| {
            let name = match mode {
                SchemaMode::Off => "Off",
                SchemaMode::Observe => "Observe",
                SchemaMode::Enforce => "Enforce",
            };
            (*mode, name.to_owned())
        })
        .collect();
    let hint = move || match mode.get() {
        SchemaMode::Off => "bodies are not checked",
        SchemaMode::Observe => "what does not fit is accepted and marked",
        SchemaMode::Enforce => "what does not fit is refused with 422",
    };
    view! {
        <div class="form-rule stack">
            <div class="row-wrap">
                <h4>"JSON Schema"</h4>
                <Segmented
                    name=format!("schema-mode-{}", receiver.key)
                    legend="JSON Schema"
                    choices=modes
                    value=mode
                />
                <span class="hint">{hint}</span>
            </div>
            <Show when=move || mode.get() != SchemaMode::Off>
                <TextArea
                    scope
                    pointer="/schema"
                    label="Schema"
                    value=lens!(form.schema)
                    rows=10
                    hint="Draft 2020-12. References to other addresses are not followed"
                />
            </Show>
        </div>
    }
}
