//! The API keys of an organization.

use domain::api_key::{ApiKey, NewApiKey};
use domain::error::Problem;
use domain::page::Page;
use leptos::prelude::*;

use super::members_panel::role_choices;
use crate::lens;
use crate::model::account_forms::{ApiKeyForm, KeyLife, role_words};
use crate::model::format::{counted, day_time};
use crate::ui::clock::now;
use crate::ui::components::confirm_dialog::ConfirmDialog;
use crate::ui::components::form::new_secret::NewSecret;
use crate::ui::components::form::select_field::{Choice, SelectField};
use crate::ui::components::form::text_field::TextField;
use crate::ui::components::icon::Icon;
use crate::ui::components::problem_notice::ProblemNotice;
use crate::ui::components::time::Time;
use crate::ui::form::{FormScope, focus_first_invalid, shown_problems};

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
    Effect::new(move |_| {
        if made.with(|made| matches!(made, Some(Ok(_)))) {
            open.set(false);
        }
    });
    let count = move || match keys.get() {
        Some(Ok(page)) => {
            let more = if page.next_cursor.is_some() { "More than " } else { "" };
            format!("{more}{}", counted(i64::try_from(page.items.len()).unwrap_or_default(), "key", "keys"))
        }
        _ => String::new(),
    };
    let list = move || {
        match keys.get() {
        None => view! { <div class="panel-body"><span class="skel" data-w="m"></span></div> }.into_any(),
        Some(Err(problem)) => view! { <div class="panel-body"><ProblemNotice problem retry=on_retry/></div> }.into_any(),
        Some(Ok(page)) if page.items.is_empty() => view! {
            <div class="empty">
                <Icon name="key"/>
                <strong>"No API keys"</strong>
                <p>"A key gives a program access to this organization: Authorization: Bearer, then the key."</p>
            </div>
        }
        .into_any(),
        Some(Ok(page)) => {
            let rows = page
                .items
                .into_iter()
                .map(|key| view! { <ApiKeyRow key on_end=move |key| ending.set(Some(key))/> })
                .collect_view();
            view! {
                <table class="grid" data-stacks="" data-kind="keys" role="grid" aria-label="API keys">
                    <thead role="rowgroup">
                        <tr role="row">
                            <th role="columnheader" scope="col" data-col="name">"Name"</th>
                            <th role="columnheader" scope="col" data-col="meta">"Begins with"</th>
                            <th role="columnheader" scope="col" data-col="role">"Role"</th>
                            <th role="columnheader" scope="col" data-col="expires">"Expires"</th>
                            <th role="columnheader" scope="col" data-col="last">"Last used"</th>
                            <th role="columnheader" scope="col" data-col="actions">
                                <span class="sr-only">"Actions"</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody role="rowgroup">{rows}</tbody>
                </table>
            }
            .into_any()
        }
    }
    };
    view! {
        <section class="panel gridview" aria-labelledby="keys-title">
            <header class="panel-head">
                <h2 id="keys-title">"API keys"</h2>
                <span class="hint">{count}</span>
                <span class="row-end">
                    <button
                        class="btn"
                        type="button"
                        aria-expanded=move || open.get().to_string()
                        on:click=move |_| open.update(|open| *open = !*open)
                    >
                        <Icon name="plus"/>
                        "Make API key"
                    </button>
                </span>
            </header>
            <Show when=move || open.get()>
                <NewApiKeyForm busy made on_create on_close=move |()| open.set(false)/>
            </Show>
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
            {list}
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
        </section>
    }
}

#[component]
fn ApiKeyRow(key: ApiKey, #[prop(into)] on_end: Callback<ApiKey>) -> impl IntoView {
    let name = key.name.clone();
    let hint = format!("{}…", key.hint);
    let is_over = key.expires_at.is_some_and(|at| at <= now());
    let expires = match key.expires_at {
        None => "never".to_owned(),
        Some(at) if is_over => format!("expired {}", day_time(at)),
        Some(at) => day_time(at),
    };
    view! {
        <tr role="row">
            <td role="gridcell" data-col="name"><span class="truncate">{name.clone()}</span></td>
            <td role="gridcell" data-col="meta"><span class="mono soft">{hint}</span></td>
            <td role="gridcell" data-col="role">{role_words(key.role).0}</td>
            <td role="gridcell" data-col="expires" class=if is_over { "tone-fail" } else { "soft" }>{expires}</td>
            <td role="gridcell" data-col="last" class="cell-time">
                {match key.last_used_at {
                    Some(at) => view! { <Time at=at/> }.into_any(),
                    None => view! { <span class="cell-none" aria-label="never">"–"</span> }.into_any(),
                }}
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
    #[prop(into)] on_close: Callback<()>,
) -> impl IntoView {
    let form = RwSignal::new(ApiKeyForm::default());
    let tried = RwSignal::new(false);
    let refused = Memo::new(move |_| made.get().and_then(Result::err));
    let problems = Signal::derive(move || {
        refused.with(|server| shown_problems(tried.get(), form.with(ApiKeyForm::check), server.as_ref()))
    });
    let scope = FormScope::new("apikey", problems);
    let lives: Vec<_> = KeyLife::ALL.iter().map(|life| Choice::new(*life, life.name())).collect();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if form.with_untracked(|form| !form.check().is_empty()) {
            focus_first_invalid();
        } else if !busy.get_untracked() {
            on_create.run(form.with_untracked(|form| form.request(now())));
        }
    };
    view! {
        <form class="panel-body stack" novalidate on:submit=submit>
            {move || refused.get().filter(|problem| problem.fields.is_empty()).map(|problem| view! { <ProblemNotice problem/> })}
            <div class="field-grid">
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
            </div>
            <div class="row">
                <span class="row-end row">
                    <button class="btn" type="button" on:click=move |_| on_close.run(())>"Cancel"</button>
                    <button
                        class="btn"
                        type="submit"
                        data-variant="primary"
                        aria-busy=move || busy.get().then_some("true")
                    >
                        {move || if busy.get() { "Making" } else { "Make API key" }}
                    </button>
                </span>
            </div>
        </form>
    }
}
