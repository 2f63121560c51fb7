//! The API keys of an organization.

use domain::api_key::{ApiKey, NewApiKey};
use domain::error::Problem;
use domain::page::Page;
use leptos::prelude::*;

use super::members_panel::role_choices;
use super::panel::{Column, LastTime, Panel, PanelList, PanelTable, close_when_done};
use super::panel_form::{FormDraft, PanelForm};
use crate::lens;
use crate::model::account_forms::{ApiKeyForm, KeyLife, role_words};
use crate::model::format::{counted_page, day_time, exact};
use crate::ui::clock::now;
use crate::ui::components::confirm_dialog::ConfirmDialog;
use crate::ui::components::form::new_secret::NewSecret;
use crate::ui::components::form::select_field::{Choice, SelectField};
use crate::ui::components::form::text_field::TextField;
use crate::ui::components::icon::Icon;
use crate::ui::zone::use_zone;

const COLUMNS: &[Column] = &[
    ("name", "Name"),
    ("meta", "Begins with"),
    ("role", "Role"),
    ("expires", "Expires"),
    ("last", "Last used"),
];

/// The list, a form for one more, and a new key in the only moment it can be seen.
#[component]
pub fn ApiKeysPanel(
    /// The keys; `None` while they are fetched.
    #[prop(into)]
    keys: Signal<Option<Result<Page<ApiKey>, Problem>>>,
    /// Whether one is being made.
    #[prop(into)]
    busy: Signal<bool>,
    /// The key that was just made, with its secret.
    #[prop(into)]
    made: Signal<Option<Result<(ApiKey, String), Problem>>>,
    /// Makes a key.
    #[prop(into)]
    on_create: Callback<NewApiKey>,
    /// Ends a key.
    #[prop(into)]
    on_revoke: Callback<ApiKey>,
    /// Fetches again.
    #[prop(into)]
    on_retry: Callback<()>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let ending = RwSignal::new(None::<ApiKey>);
    close_when_done(open, made);
    let count = move || match keys.get() {
        Some(Ok(page)) => counted_page(&page, "key", "keys"),
        _ => String::new(),
    };
    let close = Callback::new(move |()| open.set(false));
    let list = move |keys: Vec<ApiKey>| {
        if keys.is_empty() {
            return view! {
                <div class="empty">
                    <Icon name="key"/>
                    <strong>"No API keys"</strong>
                    <p>"A key gives a program access to this organization: Authorization: Bearer, then the key."</p>
                </div>
            }
            .into_any();
        }
        let rows = keys
            .into_iter()
            .map(|key| view! { <ApiKeyRow key on_end=move |key| ending.set(Some(key))/> })
            .collect_view();
        view! { <PanelTable kind="keys" label="API keys" columns=COLUMNS>{rows}</PanelTable> }.into_any()
    };
    view! {
        <Panel
            id="keys"
            title="API keys"
            count=Signal::derive(count)
            add="Make API key"
            open
            form=move || view! { <NewApiKeyForm busy made on_create on_close=close/> }
        >
            {move || match made.get() {
                Some(Ok((key, secret))) => {
                    view! {
                        <div class="panel-body">
                            <NewSecret
                                title=format!("Key {}", key.name)
                                label="Copy API key"
                                secret
                                note="Shown once. Copy it now; later only its beginning is visible."
                            />
                        </div>
                    }
                        .into_any()
                }
                _ => ().into_any(),
            }}
            <PanelList list=keys on_retry show=list/>
            {move || {
                ending
                    .get()
                    .map(|key| {
                        let name = key.name.clone();
                        view! {
                            <ConfirmDialog
                                title=format!("Revoke {name}?")
                                confirm="Revoke API key"
                                cancel="Keep it"
                                on_confirm=move |()| {
                                    ending.set(None);
                                    on_revoke.run(key.clone());
                                }
                                on_close=move |()| ending.set(None)
                            >
                                <p>"Programs that use it are refused from now on. It cannot be brought back."</p>
                            </ConfirmDialog>
                        }
                    })
            }}
        </Panel>
    }
}

#[component]
fn ApiKeyRow(key: ApiKey, #[prop(into)] on_end: Callback<ApiKey>) -> impl IntoView {
    let name = key.name.clone();
    let hint = format!("{}…", key.hint);
    let is_over = key.expires_at.is_some_and(|at| at <= now());
    let (expires_at, zone) = (key.expires_at, use_zone());
    let expires = move || match expires_at {
        None => "never".to_owned(),
        Some(at) if is_over => format!("expired {}", day_time(at, zone.get())),
        Some(at) => day_time(at, zone.get()),
    };
    view! {
        <tr role="row">
            <td role="gridcell" data-col="name"><span class="truncate">{name.clone()}</span></td>
            <td role="gridcell" data-col="meta"><span class="mono soft">{hint}</span></td>
            <td role="gridcell" data-col="role">{role_words(key.role).0}</td>
            <td
                role="gridcell"
                data-col="expires"
                class=if is_over { "tone-fail" } else { "soft" }
                title=expires_at.map(exact)
            >
                {expires}
            </td>
            <td role="gridcell" data-col="last" class="cell-time">
                <LastTime at=key.last_used_at/>
            </td>
            <td role="gridcell" data-col="actions">
                <span class="row-actions">
                    <button
                        class="btn"
                        type="button"
                        data-size="xs"
                        data-variant="danger-quiet"
                        aria-label=format!("Revoke {name}")
                        on:click=move |_| on_end.run(key.clone())
                    >
                        "Revoke"
                    </button>
                </span>
            </td>
        </tr>
    }
}

#[component]
fn NewApiKeyForm(
    busy: Signal<bool>,
    made: Signal<Option<Result<(ApiKey, String), Problem>>>,
    on_create: Callback<NewApiKey>,
    on_close: Callback<()>,
) -> impl IntoView {
    let draft = FormDraft::new("apikey", ApiKeyForm::check, made);
    let FormDraft { form, scope, .. } = draft;
    let lives = Choice::each(&KeyLife::ALL, KeyLife::name);
    view! {
        <PanelForm
            draft
            submit="Make API key"
            submitting="Making"
            busy
            on_submit=move |form: ApiKeyForm| on_create.run(form.request(now()))
            on_close
        >
            <TextField
                scope
                pointer="/name"
                label="Name"
                value=lens!(form.name)
                hint="What it is for"
                autofocus=true
            />
            <SelectField scope pointer="/role" label="Role" choices=role_choices() value=lens!(form.role)/>
            <SelectField scope pointer="/expires_at" label="Works for" choices=lives value=lens!(form.life)/>
        </PanelForm>
    }
}
