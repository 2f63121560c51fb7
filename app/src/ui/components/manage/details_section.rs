//! What a connector is: name, code, address, environment, headers, credentials.

use domain::connector::Environment;
use domain::signature::SchemeKind;
use leptos::prelude::*;

use super::credentials_fields::CredentialsFields;
use crate::lens;
use crate::model::connector_form::{ConnectorForm, suggest_code};
use crate::ui::components::form::header_table::HeaderTable;
use crate::ui::components::form::segmented::SegmentedField;
use crate::ui::components::form::switch_field::SwitchField;
use crate::ui::components::form::text_field::TextField;
use crate::ui::form::Lens;
use crate::ui::state::ConnectorDraft;

/// A system that the form knows something about.
struct KnownSystem {
    kind: &'static str,
    name: &'static str,
    base_url: &'static str,
    scheme: SchemeKind,
}

const fn system(
    kind: &'static str,
    name: &'static str,
    base_url: &'static str,
    scheme: SchemeKind,
) -> KnownSystem {
    KnownSystem { kind, name, base_url, scheme }
}

const SYSTEMS: [KnownSystem; 6] = [
    system("", "Other", "", SchemeKind::HmacSha256),
    system("github", "GitHub", "https://api.github.com", SchemeKind::Github),
    system("stripe", "Stripe", "https://api.stripe.com", SchemeKind::Stripe),
    system("shopify", "Shopify", "", SchemeKind::Shopify),
    system("slack", "Slack", "https://slack.com/api", SchemeKind::Slack),
    system("standard-webhooks", "Standard Webhooks", "", SchemeKind::StandardWebhooks),
];

/// The section.
#[component]
pub fn DetailsSection(
    /// What is edited.
    draft: ConnectorDraft,
) -> impl IntoView {
    let form = draft.form;
    let scope = draft.scope();
    let is_new = Memo::new(move |_| draft.saved.with(Option::is_none));
    let code_typed = RwSignal::new(false);
    let chosen = RwSignal::new(0_usize);

    let name = Lens::new(
        form,
        |form: &ConnectorForm| form.name.clone(),
        move |form, name: String| {
            if is_new.get_untracked() && !code_typed.get_untracked() {
                form.code = suggest_code(&name);
            }
            form.name = name;
        },
    );
    let code = Lens::new(
        form,
        |form: &ConnectorForm| form.code.clone(),
        move |form, code| {
            code_typed.set(true);
            form.code = code;
        },
    );
    // Choosing a system proposes everything that follows from it; what was typed before gives way.
    let system = Lens::new(
        chosen,
        |index: &usize| *index,
        move |chosen, index| {
            *chosen = index;
            let system = &SYSTEMS[index];
            form.update(|form| {
                form.kind = system.kind.to_owned();
                form.base_url = system.base_url.to_owned();
                form.name = if system.kind.is_empty() { String::new() } else { system.name.to_owned() };
                if !code_typed.get_untracked() {
                    form.code = suggest_code(&form.name);
                }
            });
            if let Some(receiver) = draft.receivers.with_untracked(|all| all.first().copied()) {
                receiver.form.update(|form| form.propose(system.scheme));
            }
        },
    );
    let systems: Vec<_> =
        SYSTEMS.iter().enumerate().map(|(index, system)| (index, system.name.to_owned())).collect();
    let environments = vec![
        (Environment::Production, "Production".to_owned()),
        (Environment::Sandbox, "Sandbox".to_owned()),
    ];

    view! {
        <section class="sheet-section" id="manage-details" aria-labelledby="manage-details-title">
            <header>
                <h3 id="manage-details-title">"Details"</h3>
            </header>
            <Show when=move || is_new.get()>
                <SegmentedField name="connector-system" legend="System" choices=systems.clone() value=system/>
            </Show>
            <div class="field-grid">
                <TextField scope pointer="/name" label="Name" value=name autofocus=true/>
                <TextField
                    scope
                    pointer="/code"
                    label="Code"
                    value=code
                    mono=true
                    readonly=Signal::derive(move || !is_new.get())
                    hint=MaybeProp::derive(move || {
                        Some(
                            if is_new.get() { "Part of its URLs; cannot change later" } else { "Part of its URLs, fixed" }
                                .to_owned(),
                        )
                    })
                />
                <TextField
                    scope
                    pointer="/base_url"
                    label="Base URL"
                    value=lens!(form.base_url)
                    kind="url"
                    mono=true
                    span=true
                    placeholder="https://api.example.com"
                    hint="Deliveries to this system start here; not needed to receive"
                />
                <Show when=move || !is_new.get()>
                    <TextField
                        scope
                        pointer="/kind"
                        label="System"
                        value=lens!(form.kind)
                        hint="Groups connectors of one vendor"
                        proposals=&["github", "stripe", "shopify", "slack", "standard-webhooks"]
                    />
                </Show>
                <SegmentedField
                    name="connector-environment-choice"
                    legend="Environment"
                    choices=environments
                    value=lens!(form.environment)
                />
                <Show when=move || !is_new.get()>
                    <SwitchField
                        scope
                        pointer="/active"
                        label="Active"
                        value=lens!(form.active)
                        hint="Off: its receivers answer 409; deliveries to it fail, and can be retried once it is on"
                    />
                </Show>
            </div>
            <HeaderTable scope pointer="/headers" value=lens!(form.headers) hint="sent with every delivery to it; not for secrets"/>
            <CredentialsFields draft scope/>
        </section>
    }
}
