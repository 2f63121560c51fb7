//! The page "Sign in".

use domain::user::LoginRequest;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

use crate::rpc::RpcError;
use crate::rpc::session as rpc;
use crate::ui::components::icon::Icon;
use crate::ui::components::page_title::PageTitle;
use crate::ui::components::sidebar::BrandMark;
use crate::ui::session::{SessionState, use_session};

/// Address and password; then to where the person wanted to go.
#[component]
pub fn LoginPage() -> impl IntoView {
    let session = use_session();
    let query = use_query_map();
    let navigate = use_navigate();
    let email = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);

    // Also for somebody who comes here signed in already.
    Effect::new(move |_| {
        if matches!(session.state(), SessionState::SignedIn(_)) {
            let next = query.with_untracked(|query| query.get("next"));
            let next = next.filter(|next| is_own_path(next)).unwrap_or_else(|| "/".into());
            navigate(&next, NavigateOptions { replace: true, ..Default::default() });
        }
    });

    let sign_in = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let request = LoginRequest {
            email: email.get_untracked().trim().to_owned(),
            password: password.get_untracked(),
        };
        spawn_local(async move {
            let answer = rpc::login(request).await;
            busy.set(false);
            match answer {
                Ok(info) => session.signed_in(info),
                Err(RpcError(refused)) => {
                    problem.set(Some(refused.detail));
                    password.set(String::new());
                }
            }
        });
    };
    let invalid = move || problem.get().map(|_| "true");

    view! {
        <PageTitle text="Sign in"/>
        <main class="gate">
            <p class="brand"><BrandMark/>"Signalbox"</p>
            <section class="panel" aria-labelledby="login-title">
                <form class="gate-body" novalidate on:submit=sign_in>
                    <h1 id="login-title">"Sign in"</h1>
                    <div class="stack">
                        <div class="field">
                            <label for="login-email">"Email"</label>
                            <input
                                class="input"
                                id="login-email"
                                type="email"
                                autocomplete="username"
                                autofocus
                                required
                                aria-describedby="login-problem"
                                prop:value=email
                                on:input:target=move |event| email.set(event.target().value())
                            />
                        </div>
                        <div class="field">
                            <label for="login-password">"Password"</label>
                            <input
                                class="input"
                                id="login-password"
                                type="password"
                                autocomplete="current-password"
                                required
                                aria-invalid=invalid
                                aria-describedby="login-problem"
                                prop:value=password
                                on:input:target=move |event| password.set(event.target().value())
                            />
                        </div>
                        <div id="login-problem" role="alert">
                            {move || {
                                problem
                                    .get()
                                    .map(|text| {
                                        view! {
                                            <span class="error">
                                                <Icon name="alert" size="sm"/>
                                                <span>{text}</span>
                                            </span>
                                        }
                                    })
                            }}
                        </div>
                    </div>
                    <button
                        class="btn"
                        type="submit"
                        data-variant="primary"
                        data-size="md"
                        aria-busy=move || busy.get().then_some("true")
                    >
                        {move || if busy.get() { "Signing in" } else { "Sign in" }}
                    </button>
                    <p class="hint">"Forgot it? An administrator can give you a new one."</p>
                </form>
            </section>
            <p class="hint">{window().location().host().ok()}" · Signalbox "{env!("CARGO_PKG_VERSION")}</p>
        </main>
    }
}

/// Only paths of the console itself: an address in a link must not lead elsewhere after a sign-in.
fn is_own_path(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//") && !path.contains('\\')
}
