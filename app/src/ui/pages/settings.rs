//! The page "Settings": people, API keys, and for global administrators organizations. Fetches and changes them.

use domain::api_key::{ApiKey, NewApiKey};
use domain::error::Problem;
use domain::id::{ApiKeyId, UserId};
use domain::page::{MAX_LIMIT, PageQuery};
use domain::user::{Member, MemberPatch, NewMember, NewOrganization, Role};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::rpc::{api_keys, members};
use crate::ui::components::icon::Icon;
use crate::ui::components::page_title::PageTitle;
use crate::ui::components::settings::api_keys_panel::ApiKeysPanel;
use crate::ui::components::settings::members_panel::MembersPanel;
use crate::ui::components::settings::organizations_panel::OrganizationsPanel;
use crate::ui::components::toasts::use_toasts;
use crate::ui::session::{use_organization, use_session};

/// People and keys of the organization; organizations of the installation.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let session = use_session();
    let organization = use_organization();
    let name = organization.organization().name;
    let is_admin = organization.allows(Role::Admin);
    let is_global = move || session.info().is_some_and(|info| info.user.global_admin);
    view! {
        <PageTitle text="Settings"/>
        <header class="page-head">
            <div class="page-title">
                <h1>"Settings"</h1>
                <p class="page-sub">{name}</p>
            </div>
        </header>
        {if is_admin {
            view! {
                <Members/>
                <ApiKeys/>
            }
                .into_any()
        } else {
            view! {
                <section class="panel">
                    <div class="empty">
                        <Icon name="shield"/>
                        <strong>"Settings need the admin role"</strong>
                        <p>"An admin of the organization adds people and makes API keys."</p>
                    </div>
                </section>
            }
                .into_any()
        }}
        <Show when=is_global>
            <Organizations/>
        </Show>
    }
}

/// The first page of a list; longer lists are said to be longer.
fn first_page() -> PageQuery {
    PageQuery { limit: MAX_LIMIT, cursor: None }
}

#[component]
fn Members() -> impl IntoView {
    let session = use_session();
    let organization = use_organization();
    let toasts = use_toasts();
    let fetched = LocalResource::new(move || {
        // What was refused while the session had ended.
        session.renewals();
        async move { session.ask(members::list_members(organization.id(), first_page())).await }
    });
    let adding = RwSignal::new(None::<Result<(), Problem>>);
    let busy = RwSignal::new(false);
    let add = move |new: NewMember| {
        busy.set(true);
        adding.set(None);
        spawn_local(async move {
            let answer = session.ask(members::add_member(organization.id(), new)).await;
            let _ = busy.try_set(false);
            if let Ok(member) = &answer {
                toasts.done(format!("{} is added", member.user.name), member.user.email.clone());
                fetched.refetch();
            }
            let _ = adding.try_set(Some(answer.map(|_| ())));
        });
    };
    let change = move |(member, role): (Member, Role)| {
        spawn_local(async move {
            let patch = MemberPatch { role: Some(role) };
            let call = members::change_member(organization.id(), member.user.id.clone(), patch);
            match session.ask(call).await {
                Ok(member) => toasts.done(format!("{} is now {}", member.user.name, member.role), ""),
                Err(problem) => toasts.problem(format!("{} was not changed", member.user.name), &problem),
            }
            // Also after a refusal: the choice shows what was wanted, the list what is.
            fetched.refetch();
            session.load();
        });
    };
    let remove = move |member: Member| {
        spawn_local(async move {
            let call = members::remove_member(organization.id(), member.user.id.clone());
            match session.ask(call).await {
                Ok(()) => {
                    toasts.done(format!("{} is removed", member.user.name), "Their sessions lost it at once")
                }
                Err(problem) => toasts.problem(format!("{} was not removed", member.user.name), &problem),
            }
            fetched.refetch();
        });
    };
    let me = Signal::derive(move || -> Option<UserId> { session.info().map(|info| info.user.id) });
    view! {
        <MembersPanel
            members=Signal::derive(move || fetched.get())
            me
            busy
            added=adding
            on_add=add
            on_change=change
            on_remove=remove
            on_retry=move |()| fetched.refetch()
        />
    }
}

#[component]
fn ApiKeys() -> impl IntoView {
    let session = use_session();
    let organization = use_organization();
    let toasts = use_toasts();
    let fetched = LocalResource::new(move || {
        // What was refused while the session had ended.
        session.renewals();
        async move { session.ask(api_keys::list_api_keys(organization.id(), first_page())).await }
    });
    let made = RwSignal::new(None::<Result<(ApiKey, String), Problem>>);
    let busy = RwSignal::new(false);
    let create = move |new: NewApiKey| {
        busy.set(true);
        made.set(None);
        spawn_local(async move {
            let answer = session.ask(api_keys::create_api_key(organization.id(), new)).await;
            let _ = busy.try_set(false);
            if answer.is_ok() {
                fetched.refetch();
            }
            let _ = made.try_set(Some(answer.map(|made| (made.api_key, made.secret))));
        });
    };
    let revoke = move |key: ApiKey| {
        spawn_local(async move {
            let id: ApiKeyId = key.id.clone();
            match session.ask(api_keys::revoke_api_key(organization.id(), id)).await {
                Ok(()) => toasts.done(format!("{} is revoked", key.name), "It is refused from now on"),
                Err(problem) => toasts.problem(format!("{} was not revoked", key.name), &problem),
            }
            fetched.refetch();
        });
    };
    view! {
        <ApiKeysPanel
            keys=Signal::derive(move || fetched.get())
            busy
            made
            on_create=create
            on_revoke=revoke
            on_retry=move |()| fetched.refetch()
        />
    }
}

#[component]
fn Organizations() -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let created = RwSignal::new(None::<Result<(), Problem>>);
    let busy = RwSignal::new(false);
    let create = move |new: NewOrganization| {
        busy.set(true);
        created.set(None);
        spawn_local(async move {
            let answer = session.ask(members::create_organization(new)).await;
            let _ = busy.try_set(false);
            if let Ok(organization) = &answer {
                toasts.done(format!("{} is created", organization.name), "Switch to it in the corner");
                session.load();
            }
            let _ = created.try_set(Some(answer.map(|_| ())));
        });
    };
    let all = Signal::derive(move || session.info().map(|info| info.organizations).unwrap_or_default());
    view! {
        <OrganizationsPanel
            organizations=all
            current=use_organization().id()
            busy
            created
            on_create=create
            on_choose=move |id| session.choose(id)
        />
    }
}
