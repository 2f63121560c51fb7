//! One receiver: folded to a line, or all its fields.

use leptos::prelude::*;

use super::removal::Removal;
use super::sample_section::SampleSection;
use super::schema_fields::SchemaFields;
use super::scheme_fields::SchemeFields;
use super::secret_section::SecretSection;
use super::source_fields::SourceFields;
use crate::lens;
use crate::model::receiver_form::receive_url;
use crate::ui::components::drawer_section::Fold;
use crate::ui::components::form::affix_field::AffixField;
use crate::ui::components::form::copy_field::CopyField;
use crate::ui::components::form::switch_field::SwitchField;
use crate::ui::components::form::text_field::TextField;
use crate::ui::components::problem_notice::FormProblem;
use crate::ui::components::status_chip::StateChip;
use crate::ui::components::time::Time;
use crate::ui::session::use_session;
use crate::ui::state::{ConnectorDraft, ManageActions, ReceiverDraft};

/// The receiver.
#[component]
pub fn ReceiverFold(
    /// The sheet.
    draft: ConnectorDraft,
    /// The receiver.
    receiver: ReceiverDraft,
    /// The way to the server.
    actions: ManageActions,
) -> impl IntoView {
    let session = use_session();
    let form = receiver.form;
    let scope = draft.receiver_scope(receiver);
    let is_new = Memo::new(move |_| receiver.saved.with(Option::is_none));
    let is_first = draft.receivers.with_untracked(|all| all.first() == Some(&receiver));
    let starts_open = is_first || is_new.get_untracked();
    // Of a stored connector: what is only typed is nobody's address yet.
    let url = Memo::new(move |_| {
        let public_url = session.info().map(|info| info.public_url).unwrap_or_default();
        draft.saved.with(|saved| saved.as_ref().map(|saved| receive_url(&public_url, saved.code.as_str())))
    });
    let last = Memo::new(move |_| {
        receiver.saved.with(|saved| saved.as_ref().and_then(|saved| saved.last_received_at))
    });
    let state = Memo::new(move |_| {
        let saved =
            receiver.saved.with(|saved| saved.as_ref().map(|saved| (saved.active, saved.last_received_at)));
        match saved {
            None => ("received", "plus", "Not saved"),
            Some((false, _)) => ("off", "pause", "Off"),
            Some((true, None)) => ("silent", "clock", "Waiting for the first"),
            Some((true, Some(_))) => ("healthy", "st-delivered", "Active"),
        }
    });

    let head = move || {
        view! {
            <span class="mono">{move || form.with(|form| form.event_type.clone())}</span>
            <span class="soft truncate">{move || form.with(|form| form.name.clone())}</span>
            <StateChip
                state=Signal::derive(move || state.get().0)
                icon=Signal::derive(move || state.get().1)
                label=Signal::derive(move || state.get().2.to_owned())
            />
            <span class="row-end hint">{move || last.get().map(|at| view! { "Received " <Time at=at/> })}</span>
        }
    };

    view! {
        <Fold head open=starts_open>
            <div class="stack">
                <FormProblem problem=receiver.problem/>
                <div class="field">
                    <span class="soft">"URL to give to the sender"</span>
                    {move || match url.get() {
                        Some(url) => view! { <CopyField text=Signal::stored(url) label="Copy URL"/> }.into_any(),
                        None => {
                            view! { <span class="hint">"It is made from the code when the connector is created"</span> }
                                .into_any()
                        }
                    }}
                </div>
                <div class="field-grid">
                    <TextField scope pointer="/name" label="Name" value=lens!(form.name)/>
                    <TextField
                        scope
                        pointer="/event_type"
                        label="Event type"
                        value=lens!(form.event_type)
                        mono=true
                        hint="* takes every type, invoice.* a family"
                    />
                    <SchemeFields draft receiver scope/>
                </div>
                <SecretSection receiver scope actions/>
                <SampleSection receiver url actions/>
                <SchemaFields receiver scope/>
                <SourceFields receiver scope/>
                <div class="form-rule stack">
                    <h4>"Limits"</h4>
                    <div class="field-grid">
                        <AffixField
                            scope
                            pointer="/limits/requests_per_minute"
                            label="Rate limit"
                            value=lens!(form.requests_per_minute)
                            unit="per minute"
                            hint="Above it: 429 and Retry-After"
                        />
                        <AffixField
                            scope
                            pointer="/limits/body_bytes"
                            label="Largest body"
                            value=lens!(form.body_kib)
                            unit="KiB"
                            hint="Above it: 413"
                        />
                        <AffixField
                            scope
                            pointer="/limits/dedupe_window_s"
                            label="Duplicates"
                            value=lens!(form.dedupe_window_s)
                            unit="seconds"
                            hint="The same again within it creates nothing"
                        />
                    </div>
                </div>
                <div class="form-rule row-wrap">
                    <Show when=move || !is_new.get()>
                        <SwitchField
                            scope
                            pointer="/active"
                            label="Active"
                            value=lens!(form.active)
                            hint="Off: requests are refused with 409"
                        />
                    </Show>
                    <Removal
                        noun="receiver"
                        name=Signal::derive(move || form.with(|form| form.name.clone()))
                        is_new
                        consequence="Its requests are refused from now on and its routes end. Its events stay in the log."
                        actions
                        on_drop=move |()| draft.drop_receiver(receiver.key)
                        on_delete=move |()| actions.delete_receiver(draft, receiver)
                    />
                </div>
            </div>
        </Fold>
    }
}
