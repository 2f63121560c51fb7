//! The session ended while somebody was at work: they sign in again over the page, which stays as it is.

use domain::user::LoginRequest;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::dialog::Dialog;
use super::icon::Icon;
use crate::rpc::RpcError;
use crate::rpc::session as rpc;
use crate::ui::session::use_session;

/// Asks for the password of the person who was signed in.
#[component]
pub fn SignInAgain() -> impl IntoView {
    let session = use_session();
    let email = StoredValue::new(untrack(|| session.info()).map(|info| info.user.email).unwrap_or_default());
    let password = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);

    // They may have signed in again in another tab.
    let back = window_event_listener(ev::focus, move |_| session.load());
    on_cleanup(move || back.remove());

    let sign_in = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let request = LoginRequest { email: email.get_value(), password: password.get_untracked() };
        spawn_local(async move {
            let answer = rpc::login(request).await;
            // The dialog may be gone by now: another tab was faster.
            let _ = busy.try_set(false);
            match answer {
                Ok(info) => session.signed_in(info),
                Err(RpcError(refused)) => {
                    let _ = problem.try_set(Some(refused.detail));
                    let _ = password.try_set(String::new());
                }
            }
        });
    };
    view! {
        // Esc does nothing: it would throw away what this dialog is there to keep.
        <Dialog labelled_by="again-title" on_close=|()| {}>
            <header class="dialog-head">
                <div class="stack-tight">
                    <h2 id="again-title">"Sign in again"</h2>
                    <p class="hint">
                        "Your session has ended. This page stays as it is; what was refused meanwhile can be tried again."
                    </p>
                </div>
            </header>
            <form class="dialog-body stack" id="again" novalidate on:submit=sign_in>
                    <div class="field">
                        <label for="again-email">"Email"</label>
                        <input
                            class="input"
                            id="again-email"
                            type="email"
                            autocomplete="username"
                            readonly
                            prop:value=email.get_value()
                        />
                    </div>
                    <div class="field">
                        <label for="again-password">"Password"</label>
                        <input
                            class="input"
                            id="again-password"
                            type="password"
                            autocomplete="current-password"
                            autofocus
                            required
                            aria-invalid=move || problem.get().map(|_| "true")
                            aria-describedby="again-problem"
                            prop:value=password
                            on:input:target=move |event| password.set(event.target().value())
                        />
                    </div>
                    <div id="again-problem" role="alert">
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
            </form>
                <footer class="dialog-foot">
                    <span class="dialog-foot-end">
                        <button class="btn" type="button" data-size="md" on:click=move |_| session.give_up()>
                            "Leave and sign in as somebody else"
                        </button>
                        <button
                            class="btn"
                            type="submit"
                            form="again"
                            data-variant="primary"
                            data-size="md"
                            aria-busy=move || busy.get().then_some("true")
                        >
                            {move || if busy.get() { "Signing in" } else { "Sign in" }}
                        </button>
                    </span>
                </footer>
        </Dialog>
    }
}
