//! The live feed of the organization.
//!
//! A push is a hint and the store is the truth: whoever listens applies what arrives, and fetches again whenever
//! something may have been missed.

use leptos::prelude::*;

/// What the live button says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveState {
    /// Changes arrive and are shown.
    Live,
    /// Changes arrive and wait: a person paused, scrolled down or selected rows.
    Paused,
    /// The connection is being made.
    Reconnecting,
    /// The connection could not be made for a while; what is shown may be old.
    Offline,
}

impl LiveState {
    /// The word in `data-live`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Paused => "paused",
            Self::Reconnecting => "reconnecting",
            Self::Offline => "offline",
        }
    }
}

/// The feed, as a context below the shell.
#[derive(Clone, Copy)]
pub struct Live {
    connection: RwSignal<LiveState>,
    paused: RwSignal<bool>,
}

/// Provides the feed to everything below the caller.
pub fn provide_live() -> Live {
    let live = Live { connection: RwSignal::new(LiveState::Reconnecting), paused: RwSignal::new(false) };
    provide_context(live);
    live
}

/// The feed.
pub fn use_live() -> Live {
    expect_context()
}

impl Live {
    /// What the live button says; reactive.
    pub fn state(self) -> LiveState {
        match self.connection.get() {
            LiveState::Live if self.paused.get() => LiveState::Paused,
            state => state,
        }
    }
    /// Pauses or resumes.
    pub fn toggle(self) {
        self.paused.update(|paused| *paused = !*paused);
    }
}
