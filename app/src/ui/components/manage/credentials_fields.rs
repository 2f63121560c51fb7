//! How Signalbox proves itself to a connector. What is stored never comes back: it can be replaced or removed.

use domain::connector::CredentialsKind;
use leptos::prelude::*;

use crate::lens;
use crate::model::connector_form::{ConnectorForm, CredentialsFields as Typed, CredentialsWish};
use crate::ui::components::form::select_field::{Choice, Select};
use crate::ui::components::form::text_field::TextField;
use crate::ui::components::icon::Icon;
use crate::ui::form::{FormScope, Lens};
use crate::ui::state::ConnectorDraft;

fn kind_name(kind: CredentialsKind) -> &'static str {
    match kind {
        CredentialsKind::None => "None",
        CredentialsKind::Bearer => "Bearer token",
        CredentialsKind::Basic => "User name and password",
        CredentialsKind::ApiKey => "API key header",
    }
}

/// The fields.
#[component]
pub fn CredentialsFields(
    /// What is edited.
    draft: ConnectorDraft,
    /// Its fields.
    scope: FormScope,
) -> impl IntoView {
    let form = draft.form;
    let wish = lens!(form.credentials);
    let stored = Memo::new(move |_| {
        draft.saved.with(|saved| saved.as_ref().map_or(CredentialsKind::None, |c| c.credentials))
    });
    let kind = Lens::new(
        form,
        |form: &ConnectorForm| match &form.credentials {
            CredentialsWish::Set(typed) => typed.kind,
            CredentialsWish::Keep | CredentialsWish::Remove => CredentialsKind::None,
        },
        move |form, kind| {
            form.credentials = match kind {
                CredentialsKind::None => CredentialsWish::Keep,
                kind => CredentialsWish::Set(Typed::blank(kind)),
            };
        },
    );
    let typed_name = Lens::new(
        form,
        |form: &ConnectorForm| read(form, |typed| typed.name.clone()),
        |form, name| {
            write(form, |typed| typed.name = name);
        },
    );
    let typed_secret = Lens::new(
        form,
        |form: &ConnectorForm| read(form, |typed| typed.secret.clone()),
        |form, secret| {
            write(form, |typed| typed.secret = secret);
        },
    );
    let choices = Choice::each(CredentialsKind::ALL, kind_name);

    let fields = move || match kind.get() {
        CredentialsKind::None => ().into_any(),
        CredentialsKind::Bearer => view! {
            <TextField
                scope
                pointer="/credentials/token"
                label="Token"
                value=typed_secret
                kind="password"
                autocomplete="new-password"
                mono=true
            />
        }
        .into_any(),
        CredentialsKind::Basic => view! {
            <TextField scope pointer="/credentials/username" label="User name" value=typed_name/>
            <TextField
                scope
                pointer="/credentials/password"
                label="Password"
                value=typed_secret
                kind="password"
                autocomplete="new-password"
            />
        }
        .into_any(),
        CredentialsKind::ApiKey => view! {
            <TextField
                scope
                pointer="/credentials/header"
                label="Header"
                value=typed_name
                mono=true
                placeholder="X-Api-Key"
            />
            <TextField
                scope
                pointer="/credentials/value"
                label="Key"
                value=typed_secret
                kind="password"
                autocomplete="new-password"
                mono=true
            />
        }
        .into_any(),
    };
    let replace = move |_| wish.set(CredentialsWish::Set(Typed::blank(stored.get_untracked())));

    view! {
        <div class="stack-tight">
            <div class="row">
                <h4>"Credentials"</h4>
                <span class="hint">"for deliveries to it; sealed when saved"</span>
            </div>
            {move || match (wish.get(), stored.get()) {
                (CredentialsWish::Keep, stored) if stored != CredentialsKind::None => {
                    view! {
                        <div class="row-wrap">
                            <Icon name="key"/>
                            <span>{kind_name(stored)}", sealed"</span>
                            <span class="row-end row">
                                <button class="btn" type="button" data-size="xs" on:click=replace>"Replace"</button>
                                <button
                                    class="btn"
                                    type="button"
                                    data-size="xs"
                                    on:click=move |_| wish.set(CredentialsWish::Remove)
                                >
                                    "Remove"
                                </button>
                            </span>
                        </div>
                    }
                        .into_any()
                }
                (CredentialsWish::Remove, _) => {
                    view! {
                        <div class="row-wrap">
                            <span class="soft">"Removed when saved"</span>
                            <span class="row-end row">
                                <button
                                    class="btn"
                                    type="button"
                                    data-size="xs"
                                    on:click=move |_| wish.set(CredentialsWish::Keep)
                                >
                                    <Icon name="undo"/>
                                    "Keep them"
                                </button>
                            </span>
                        </div>
                    }
                        .into_any()
                }
                _ => ().into_any(),
            }}
            <Show when=move || matches!(wish.get(), CredentialsWish::Set(_)) || stored.get() == CredentialsKind::None>
                <div class="field-grid">
                    <div class="field">
                        <label for="connector-credentials-kind">"Kind"</label>
                        <Select id="connector-credentials-kind" choices=choices.clone() value=kind/>
                    </div>
                    {fields}
                </div>
            </Show>
        </div>
    }
}

fn read(form: &ConnectorForm, read: impl Fn(&Typed) -> String) -> String {
    match &form.credentials {
        CredentialsWish::Set(typed) => read(typed),
        CredentialsWish::Keep | CredentialsWish::Remove => String::new(),
    }
}

fn write(form: &mut ConnectorForm, write: impl FnOnce(&mut Typed)) {
    if let CredentialsWish::Set(typed) = &mut form.credentials {
        write(typed);
    }
}
