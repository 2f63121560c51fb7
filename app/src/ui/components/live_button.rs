//! One button that says whether what is shown is live: it pauses and resumes, or tries to connect at once.

use leptos::prelude::*;

use crate::model::format::seconds_left;
use crate::ui::clock::use_clock;
use crate::ui::realtime::{LiveState, use_live};

/// Live, paused, reconnecting or offline.
#[component]
pub fn LiveButton() -> impl IntoView {
    let (live, clock) = (use_live(), use_clock());
    let state = Memo::new(move |_| live.state());
    let connected = move || matches!(state.get(), LiveState::Live | LiveState::Paused);
    let word = move || match state.get() {
        LiveState::Live => "Live",
        LiveState::Paused => "Paused",
        LiveState::Reconnecting => "Reconnecting",
        LiveState::Offline => "Offline",
    };
    // For the eye: its name must not change every second under whoever listens to it.
    let countdown = move || {
        let at = live.retry_at().filter(|_| state.get() == LiveState::Reconnecting)?;
        let words = format!(" in {} s", seconds_left(at, clock.get()));
        Some(view! { <span aria-hidden="true">{words}</span> })
    };
    let title = move || if connected() { "Pause or resume live updates (L)" } else { "Try to connect now" };
    let press = move |_| if connected() { live.toggle() } else { live.try_now() };
    view! {
        <button
            class="live"
            type="button"
            data-live=move || state.get().as_str()
            aria-pressed=move || connected().then(|| (state.get() == LiveState::Paused).to_string())
            aria-keyshortcuts=move || connected().then_some("L")
            title=title
            on:click=press
        >
            <span class="live-dot" aria-hidden="true"></span>
            <svg class="icon" data-for="paused" data-size="sm" aria-hidden="true"><use href="#i-pause"/></svg>
            <svg class="icon" data-for="reconnecting" data-size="sm" data-spin="" aria-hidden="true">
                <use href="#i-st-processing"/>
            </svg>
            <svg class="icon" data-for="offline" data-size="sm" aria-hidden="true"><use href="#i-outage"/></svg>
            <span class="live-label">{word}{countdown}</span>
        </button>
        // The state, when it changes; not each second of the countdown.
        <span class="sr-only" role="status">{word}</span>
    }
}
