//! Where the facts of an event stand in a request.

use leptos::prelude::*;

use crate::lens;
use crate::model::receiver_form::{SourceForm, SourcePlace};
use crate::ui::components::form::field_note::{FieldNote, note_id};
use crate::ui::components::form::select_field::{Choice, Select};
use crate::ui::form::{FormScope, Lens};
use crate::ui::state::ReceiverDraft;

/// Event type, source record and delivery id.
#[component]
pub fn SourceFields(
    /// The receiver.
    receiver: ReceiverDraft,
    /// Its fields.
    scope: FormScope,
) -> impl IntoView {
    let form = receiver.form;
    let has_preset = Memo::new(move |_| {
        form.with(|form| form.scheme.scheme().is_ok_and(|scheme| scheme.preset().is_some()))
    });
    let type_hint = Signal::derive(move || {
        let (exact, place) = form.with(|form| (!form.event_type.contains('*'), form.event_type_source.place));
        match (place, has_preset.get(), exact) {
            (SourcePlace::Preset, true, _) => "Where the preset has it",
            (SourcePlace::Preset, false, true) => "The receiver's own",
            (SourcePlace::Preset, false, false) => "Needed: * is not the name of one type",
            (_, _, true) => "Without it: the receiver's own",
            (_, _, false) => "Requests without it are refused",
        }
    });
    view! {
        <div class="form-rule stack">
            <div class="row-wrap">
                <h4>"Where facts stand"</h4>
                <span class="hint">"in a request: a header, or a JSON pointer into the body"</span>
            </div>
            <div class="field-grid">
                <SourceField
                    scope
                    pointer="/sources/event_type"
                    label="Event type"
                    value=lens!(form.event_type_source)
                    has_preset
                    hint=type_hint
                />
                <SourceField
                    scope
                    pointer="/sources/source_record_id"
                    label="Source record"
                    value=lens!(form.record_source)
                    has_preset
                    hint="Its id in the source system, for filters and the record store"
                />
                <SourceField
                    scope
                    pointer="/sources/delivery_id"
                    label="Delivery id"
                    value=lens!(form.delivery_source)
                    has_preset
                    hint="Recognizes duplicates; without one the body does"
                />
            </div>
        </div>
    }
}

#[component]
fn SourceField(
    scope: FormScope,
    pointer: &'static str,
    label: &'static str,
    value: Lens<SourceForm>,
    has_preset: Memo<bool>,
    #[prop(into)] hint: Signal<&'static str>,
) -> impl IntoView {
    let id = scope.field_id(pointer);
    let place = Lens::new(
        RwSignal::new(()),
        move |()| value.get().place,
        move |(), place| value.set(SourceForm { place, ..value.signal().get_untracked() }),
    );
    let choices = Signal::derive(move || {
        SourcePlace::ALL
            .iter()
            .map(|place| {
                let name = match place {
                    SourcePlace::Preset if has_preset.get() => "As the preset",
                    SourcePlace::Preset => "Nowhere",
                    SourcePlace::Header => "Header",
                    SourcePlace::Pointer => "Body",
                };
                Choice::new(*place, name)
            })
            .collect::<Vec<_>>()
    });
    let placeholder = move || match value.get().place {
        SourcePlace::Pointer => "/data/id",
        _ => "x-event-type",
    };
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <Select
                id=id
                choices
                value=place
                label=label
                described_by=note_id(scope, pointer)
                invalid=Signal::derive(move || scope.problem(pointer).is_some())
            />
            <Show when=move || value.get().place != SourcePlace::Preset>
                <input
                    class="input mono"
                    spellcheck="false"
                    autocomplete="off"
                    placeholder=placeholder
                    aria-label=move || format!("{label}: {}", if value.get().place == SourcePlace::Header { "header" } else { "JSON pointer" })
                    aria-invalid=move || scope.problem(pointer).map(|_| "true")
                    prop:value=move || value.get().text
                    on:input:target=move |event| {
                        let text = event.target().value();
                        value.set(SourceForm { text, ..value.signal().get_untracked() });
                    }
                />
            </Show>
            <FieldNote scope pointer=pointer hint=MaybeProp::derive(move || Some(hint.get().to_owned()))/>
        </div>
    }
}
