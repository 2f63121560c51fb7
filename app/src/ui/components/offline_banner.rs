//! What a person has to know while the server cannot be reached: since when, what still works, and what happens next.

use leptos::prelude::*;

use super::icon::Icon;
use crate::model::format::{clock as clock_words, exact, seconds_left};
use crate::ui::clock::use_clock;
use crate::ui::realtime::{LiveState, use_live};
use crate::ui::session::use_session;
use crate::ui::zone::use_zone;

/// Shown after some failures in a row, at once when the browser says that its device has no network, and not while
/// somebody has to sign in again: then the server does answer.
#[component]
pub fn OfflineBanner() -> impl IntoView {
    let (live, session) = (use_live(), use_session());
    let no_network = Memo::new(move |_| live.device_is_offline() && live.state() != LiveState::Live);
    let shown =
        Memo::new(move |_| !session.is_expired() && (no_network.get() || live.state() == LiveState::Offline));
    let title = move || {
        if no_network.get() { "This device is offline" } else { "Signalbox does not answer" }
    };
    view! {
        // It is there before its words are, so that they are announced; once, whatever ticks below.
        <p class="sr-only" role="status">{move || shown.get().then(title)}</p>
        <Show when=move || shown.get()>
                <div class="banner" data-tone="warn">
                    <Icon name="outage"/>
                    <div class="banner-text">
                        <strong>{title}</strong>
                        <Since/>
                        "What is shown may be out of date; what you typed and chose stays. Retries, saves and searches wait until the connection is back, and what was missed comes with it."
                    </div>
                    <div class="banner-actions"><TryNow/></div>
                </div>
            </Show>
    }
}

#[component]
fn Since() -> impl IntoView {
    let (live, zone) = (use_live(), use_zone());
    move || {
        live.lost_at().map(|at| {
            view! {
                "Since "
                <b title=exact(at)>{move || clock_words(at, zone.get())}</b>
                ". "
            }
        })
    }
}

#[component]
fn TryNow() -> impl IntoView {
    let (live, clock) = (use_live(), use_clock());
    let words = move || match live.retry_at() {
        Some(at) => format!("Next try in {} s", seconds_left(at, clock.get())),
        None => "Trying".to_owned(),
    };
    view! {
        // Changes every second: for the eye only. The button is there for everybody.
        <span class="hint" aria-hidden="true">{words}</span>
        <button
            class="btn"
            type="button"
            aria-disabled=move || live.retry_at().is_none().to_string()
            on:click=move |_| live.try_now()
        >
            <Icon name="sync"/>
            "Try now"
        </button>
    }
}
