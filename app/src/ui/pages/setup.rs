//! The page "Set up Signalbox", behind the one-time link: the first administrator and organization.

use domain::error::Problem;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::lens;
use crate::model::account_forms::SetupForm;
use crate::model::connector_form::suggest_code;
use crate::rpc::RpcError;
use crate::rpc::session as rpc;
use crate::ui::components::form::text_field::TextField;
use crate::ui::components::page_title::PageTitle;
use crate::ui::components::problem_notice::ProblemNotice;
use crate::ui::components::sidebar::BrandMark;
use crate::ui::form::{FormScope, Lens, focus_first_invalid, shown_problems};
use crate::ui::session::use_session;

/// Checks the link first, so that nobody fills in a form that cannot be used.
#[component]
pub fn SetupPage() -> impl IntoView {
    let query = use_query_map();
    let token = query.with_untracked(|query| query.get("token")).unwrap_or_default();
    let link = {
        let token = token.clone();
        LocalResource::new(move || {
            let token = token.clone();
            async move { rpc::check_setup(token).await.map_err(|RpcError(problem)| problem) }
        })
    };
    view! {
        <PageTitle text="Set up"/>
        <main class="gate">
            <p class="brand"><BrandMark/>"Signalbox"</p>
            {move || match link.get() {
                None => view! { <p class="hint" role="status">"Checking the link"</p> }.into_any(),
                Some(Err(problem)) => view! { <LinkProblem problem/> }.into_any(),
                Some(Ok(())) => view! { <SetupPanel token=token.clone()/> }.into_any(),
            }}
        </main>
    }
}

#[component]
fn LinkProblem(problem: Problem) -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="setup-title">
            <div class="gate-body">
                <h1 id="setup-title">"Set up Signalbox"</h1>
                <ProblemNotice problem/>
                <A href="/login" attr:class="btn" attr:data-size="md">"Go to sign-in"</A>
            </div>
        </section>
    }
}

#[component]
fn SetupPanel(token: String) -> impl IntoView {
    let session = use_session();
    let navigate = use_navigate();
    let form = RwSignal::new(SetupForm::default());
    let slug_typed = RwSignal::new(false);
    let tried = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let busy = RwSignal::new(false);
    let scope = FormScope::new(
        "setup",
        Signal::derive(move || {
            problem.with(|server| shown_problems(tried.get(), form.get().check(), server.as_ref()))
        }),
    );
    let organization = Lens::new(
        form,
        |form: &SetupForm| form.organization.clone(),
        move |form, name: String| {
            if !slug_typed.get_untracked() {
                form.slug = suggest_code(&name);
            }
            form.organization = name;
        },
    );
    let slug = Lens::new(
        form,
        |form: &SetupForm| form.slug.clone(),
        move |form, slug| {
            slug_typed.set(true);
            form.slug = slug;
        },
    );
    let password_hint = Signal::derive(move || match form.with(|form| form.password.chars().count()) {
        0 => "At least 12 characters".to_owned(),
        count => format!("At least 12 characters. {count} typed"),
    });

    let token = StoredValue::new(token);
    let create = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        problem.set(None);
        if busy.get_untracked() || !form.with_untracked(SetupForm::check).is_empty() {
            focus_first_invalid();
            return;
        }
        busy.set(true);
        let request = form.with_untracked(|form| form.request(token.get_value()));
        let navigate = navigate.clone();
        spawn_local(async move {
            let answer = rpc::setup(request).await;
            busy.set(false);
            match answer {
                Ok(info) => {
                    session.signed_in(info);
                    navigate("/", NavigateOptions { replace: true, ..Default::default() });
                }
                Err(RpcError(refused)) => {
                    problem.set(Some(refused));
                    focus_first_invalid();
                }
            }
        });
    };

    view! {
        <section class="panel gate-cols" data-size="wide" aria-labelledby="setup-title">
            <form class="gate-body" novalidate on:submit=create>
                <div class="stack-tight">
                    <h1 id="setup-title">"Set up Signalbox"</h1>
                    <p class="soft">"Create the first administrator and organization. This link works once."</p>
                </div>
                <div class="field-grid">
                    <TextField scope pointer="/name" label="Your name" value=lens!(form.name) autocomplete="name" autofocus=true/>
                    <TextField scope pointer="/email" label="Email" value=lens!(form.email) kind="email" autocomplete="username"/>
                    <TextField
                        scope
                        pointer="/password"
                        label="Password"
                        value=lens!(form.password)
                        kind="password"
                        autocomplete="new-password"
                        hint=password_hint
                        span=true
                    />
                </div>
                <div class="field-grid form-rule">
                    <TextField scope pointer="/organization" label="Organization" value=organization autocomplete="organization"/>
                    <TextField scope pointer="/slug" label="Short name" value=slug mono=true hint="In addresses; cannot change later"/>
                </div>
                {move || problem.get().filter(|problem| problem.fields.is_empty()).map(|problem| view! { <ProblemNotice problem/> })}
                <button
                    class="btn"
                    type="submit"
                    data-variant="primary"
                    data-size="md"
                    aria-busy=move || busy.get().then_some("true")
                >
                    {move || if busy.get() { "Creating" } else { "Create administrator and organization" }}
                </button>
            </form>
            <section class="stack" aria-labelledby="setup-next">
                <h2 id="setup-next">"Then"</h2>
                <ol class="steps">
                    <SetupStep number="1" title="Add a connector" text="GitHub, Stripe, Shopify, Slack, or anything that signs its webhooks."/>
                    <SetupStep number="2" title="Give its URL to the sender" text="With a ready-made command that signs a sample and sends it."/>
                    <SetupStep number="3" title="Watch it arrive" text="Every request shows within a second, also when it is refused, with the reason."/>
                </ol>
            </section>
        </section>
    }
}

#[component]
fn SetupStep(number: &'static str, title: &'static str, text: &'static str) -> impl IntoView {
    view! {
        <li class="step" data-state="waiting">
            <span class="step-node" aria-hidden="true">{number}</span>
            <div class="stack">
                <h3>{title}</h3>
                <p class="hint">{text}</p>
            </div>
        </li>
    }
}
