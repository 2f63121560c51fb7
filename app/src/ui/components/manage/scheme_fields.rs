//! How a receiver knows its sender.

use domain::connector::Environment;
use domain::signature::{SchemeKind, SignatureEncoding, TimestampUnit};
use leptos::prelude::*;

use crate::lens;
use crate::model::receiver_form::ReceiverForm;
use crate::model::scheme_form::{is_preset, scheme_hint, scheme_name};
use crate::ui::components::form::affix_field::AffixField;
use crate::ui::components::form::select_field::{Choice, SelectField};
use crate::ui::components::form::text_field::TextField;
use crate::ui::components::icon::Icon;
use crate::ui::form::{FormScope, Lens};
use crate::ui::state::{ConnectorDraft, ReceiverDraft};

fn choices(environment: Environment, chosen: SchemeKind) -> Vec<Choice<SchemeKind>> {
    SchemeKind::ALL
        .iter()
        // No verification is not even offered where it cannot be; what is chosen already stays visible.
        .filter(|kind| {
            **kind != SchemeKind::None || environment == Environment::Sandbox || chosen == SchemeKind::None
        })
        .map(|kind| {
            let group = match *kind {
                SchemeKind::None => "Unsafe",
                kind if is_preset(kind) => "Presets",
                _ => "Own settings",
            };
            let name = if *kind == SchemeKind::None { "None (sandbox only)" } else { scheme_name(*kind) };
            Choice::in_group(group, *kind, name)
        })
        .collect()
}

/// The choice of the scheme and its settings; cells of a field grid.
#[component]
pub fn SchemeFields(
    /// The sheet.
    draft: ConnectorDraft,
    /// The receiver.
    receiver: ReceiverDraft,
    /// Its fields.
    scope: FormScope,
) -> impl IntoView {
    let form = receiver.form;
    // What is stored already keeps its other settings.
    let is_new = Memo::new(move |_| receiver.saved.with(Option::is_none));
    let kind = Lens::new(
        form,
        |form: &ReceiverForm| form.scheme.kind,
        move |form, kind| if is_new.get_untracked() { form.propose(kind) } else { form.scheme.kind = kind },
    );
    let signs_timestamp = Memo::new(move |_| form.with(|form| form.scheme.signs_timestamp()));
    let signs_id = Memo::new(move |_| form.with(|form| form.scheme.signs_id()));
    let has_window = Memo::new(move |_| form.with(|form| form.scheme.has_window()));
    let encodings = Choice::each(SignatureEncoding::ALL, |encoding| format!("SHA-256, {encoding}"));
    let units = vec![
        Choice::new(TimestampUnit::Seconds, "Seconds since 1970"),
        Choice::new(TimestampUnit::Millis, "Milliseconds since 1970"),
    ];

    let settings = move || match kind.get() {
        SchemeKind::HmacSha256 => view! {
            <SelectField
                scope
                pointer="/scheme/encoding"
                label="Signature"
                choices=encodings.clone()
                value=lens!(form.scheme.encoding)
            />
            <TextField
                scope
                pointer="/scheme/header"
                label="Header"
                value=lens!(form.scheme.header)
                mono=true
                hint="Carries the signature"
            />
            <TextField
                scope
                pointer="/scheme/prefix"
                label="Prefix"
                value=lens!(form.scheme.prefix)
                mono=true
                placeholder="none"
                hint="Before the signature, for example sha256="
            />
            <TextField
                scope
                pointer="/scheme/signed"
                label="Signed text"
                value=lens!(form.scheme.signed)
                mono=true
                hint="{body}, {timestamp} and {id} are filled in"
            />
        }
        .into_any(),
        SchemeKind::ApiKey => view! {
            <TextField
                scope
                pointer="/scheme/header"
                label="Header"
                value=lens!(form.scheme.header)
                mono=true
                hint="Carries the key"
            />
        }
        .into_any(),
        SchemeKind::Basic => view! {
            <TextField
                scope
                pointer="/scheme/username"
                label="User name"
                value=lens!(form.scheme.username)
                hint="The secret is the password"
            />
        }
        .into_any(),
        _ => ().into_any(),
    };

    view! {
        <SelectField
            scope
            pointer="/scheme"
            label="Verification"
            choices=Signal::derive(move || choices(draft.environment(), kind.get()))
            value=kind
            hint=MaybeProp::derive(move || Some(scheme_hint(kind.get()).to_owned()))
        />
        {settings}
        <Show when=move || kind.get() == SchemeKind::HmacSha256 && signs_timestamp.get()>
            <TextField
                scope
                pointer="/scheme/timestamp/header"
                label="Timestamp header"
                value=lens!(form.scheme.timestamp_header)
                mono=true
            />
            <SelectField
                scope
                pointer="/scheme/timestamp/unit"
                label="Timestamp counts"
                choices=units.clone()
                value=lens!(form.scheme.timestamp_unit)
            />
        </Show>
        <Show when=move || kind.get() == SchemeKind::HmacSha256 && signs_id.get()>
            <TextField
                scope
                pointer="/scheme/id_header"
                label="Id header"
                value=lens!(form.scheme.id_header)
                mono=true
            />
        </Show>
        <Show when=move || has_window.get()>
            <AffixField
                scope
                pointer="/limits/timestamp_window_s"
                label="Timestamp window"
                value=lens!(form.timestamp_window_s)
                unit="seconds"
                hint="Older or newer is refused"
            />
        </Show>
        <Show when=move || kind.get() == SchemeKind::None>
            <div class="banner" data-tone="fail" data-span="">
                <Icon name="alert"/>
                <div class="banner-text">
                    <strong>"Nothing is verified"</strong>
                    <span>
                        "Anyone who knows the URL can create events. Only for a sandbox, and never for data that matters."
                    </span>
                </div>
            </div>
        </Show>
    }
}
