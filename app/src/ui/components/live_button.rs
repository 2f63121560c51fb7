//! One button that says whether what is shown is live, and pauses or resumes it.

use leptos::prelude::*;

use crate::ui::realtime::{LiveState, use_live};

/// Live, paused, reconnecting or offline.
#[component]
pub fn LiveButton() -> impl IntoView {
    let live = use_live();
    let label = move || match live.state() {
        LiveState::Live => "Live",
        LiveState::Paused => "Paused",
        LiveState::Reconnecting => "Reconnecting",
        LiveState::Offline => "Offline",
    };
    view! {
        <button
            class="live"
            type="button"
            data-live=move || live.state().as_str()
            aria-pressed=move || (live.state() == LiveState::Paused).to_string()
            aria-keyshortcuts="L"
            title="Pause or resume live updates (L)"
            on:click=move |_| live.toggle()
        >
            <span class="live-dot" aria-hidden="true"></span>
            <svg class="icon" data-for="paused" data-size="sm" aria-hidden="true"><use href="#i-pause"/></svg>
            <svg class="icon" data-for="reconnecting" data-size="sm" data-spin="" aria-hidden="true">
                <use href="#i-st-processing"/>
            </svg>
            <svg class="icon" data-for="offline" data-size="sm" aria-hidden="true"><use href="#i-outage"/></svg>
            <span class="live-label" role="status">{label}</span>
        </button>
    }
}
