//! The live feed of the organization.
//!
//! A push is a hint and the store is the truth: whoever listens applies what arrives ([`LiveMessage::Batch`]), and
//! fetches again whenever something may have been missed ([`LiveMessage::CatchUp`]): after every connect, a gap in
//! the feed's count, another server's feed, or at the server's wish.

pub mod connection;
pub mod network;

use domain::id::OrganizationId;
use domain::live::LiveBatch;
use domain::time::Timestamp;
use leptos::prelude::*;

pub use connection::ConnectionState;

use self::network::{Network, NetworkChange};
use super::clock;

/// What a listener hears.
#[derive(Clone, Debug)]
pub enum LiveMessage {
    /// Something may have been missed: fetch what is shown.
    CatchUp,
    /// These changes follow what was heard before.
    Batch(Box<LiveBatch>),
}

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
    connection: RwSignal<ConnectionState>,
    paused: RwSignal<bool>,
    held: RwSignal<bool>,
    /// When the next try is, while nothing is under way.
    retry_at: RwSignal<Option<Timestamp>>,
    /// Since when there is no connection.
    lost_at: RwSignal<Option<Timestamp>>,
    network: Network,
    listeners: StoredValue<Vec<(u32, Callback<LiveMessage>)>>,
    next: StoredValue<u32>,
}

/// Connects to an organization's feed for the life of the caller and provides it to everything below.
pub fn provide_live(organization: OrganizationId, key: String) -> Live {
    let live = Live {
        connection: RwSignal::new(ConnectionState::Connecting),
        paused: RwSignal::new(false),
        held: RwSignal::new(false),
        retry_at: RwSignal::new(None),
        lost_at: RwSignal::new(None),
        network: Network::watch(),
        listeners: StoredValue::new(Vec::new()),
        next: StoredValue::new(0),
    };
    provide_context(live);
    connection::start(live, organization, key);
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
            ConnectionState::Connecting => LiveState::Reconnecting,
            ConnectionState::Offline => LiveState::Offline,
            ConnectionState::Connected if self.paused.get() || self.held.get() => LiveState::Paused,
            ConnectionState::Connected => LiveState::Live,
        }
    }

    /// When the next try to connect is; reactive, `None` while one is under way or none is needed.
    pub fn retry_at(self) -> Option<Timestamp> {
        self.retry_at.get()
    }

    /// Since when there is no connection; reactive, `None` while there is one or it was never tried.
    pub fn lost_at(self) -> Option<Timestamp> {
        self.lost_at.get()
    }

    /// Whether the browser says that its device has no network; reactive.
    pub fn device_is_offline(self) -> bool {
        !self.network.is_online()
    }

    /// Tries to connect at once instead of later.
    pub fn try_now(self) {
        if self.retry_at.get_untracked().is_some() {
            self.network.interrupt(NetworkChange::Found);
        }
    }

    fn set_connection(self, state: ConnectionState) {
        let lost_at = match state {
            ConnectionState::Connected => None,
            _ => self.lost_at.get_untracked().or_else(|| Some(clock::now())),
        };
        if self.lost_at.get_untracked() != lost_at {
            self.lost_at.set(lost_at);
        }
        self.connection.set(state);
    }

    /// A person paused everything; reactive.
    pub fn paused(self) -> bool {
        self.paused.get()
    }

    /// Rows are to stay where they are, because a person paused, scrolled down or selected some; reactive.
    pub fn rows_held(self) -> bool {
        self.paused.get() || self.held.get()
    }

    /// Says that rows are to stay where they are for a while, or no longer.
    pub fn hold(self, held: bool) {
        if self.held.get_untracked() != held {
            self.held.set(held);
        }
    }

    /// Pauses, or resumes whatever the reason for the pause was.
    pub fn toggle(self) {
        if self.paused.get_untracked() || self.held.get_untracked() {
            self.resume();
        } else {
            self.paused.set(true);
        }
    }

    /// Lets everything flow again.
    pub fn resume(self) {
        self.paused.set(false);
        self.held.set(false);
    }

    /// Calls `hear` for every message during the caller's life.
    pub fn listen(self, hear: Callback<LiveMessage>) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.listeners.update_value(|listeners| listeners.push((id, hear)));
        on_cleanup(move || {
            // The whole feed may be gone already, with everybody who listens.
            let _ = self.listeners.try_update_value(|listeners| listeners.retain(|(other, _)| *other != id));
        });
    }

    fn tell(self, message: &LiveMessage) {
        // A listener may go away while others are being told.
        for (_, hear) in self.listeners.try_get_value().unwrap_or_default() {
            hear.try_run(message.clone());
        }
    }
}
