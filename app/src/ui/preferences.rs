//! What the person in front of the screen chose about the console; kept on the server, so that it is the same in every
//! browser.
//!
//! Invariant: a change is seen at once and saved a moment later; one that could not be saved is taken back, and said.

use std::time::Duration;

use domain::preferences::{GridColumns, Preferences, PreferencesPatch};
use leptos::ev;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::components::toasts::{ToastQueue, use_toasts};
use super::session::{Session, SessionState, use_session};
use crate::rpc::session as rpc;

/// How long a change waits for the next one: dragging the edge of a column is one change.
const PAUSE: Duration = Duration::from_millis(400);

/// The preferences, as a context of the whole console.
#[derive(Clone, Copy)]
pub struct PreferenceKeeper {
    session: Session,
    toasts: ToastQueue,
    /// What is shown: what is kept and what is still to be saved.
    shown: RwSignal<Preferences>,
    kept: StoredValue<Preferences>,
    unsaved: StoredValue<PreferencesPatch>,
    saving: StoredValue<bool>,
    timer: StoredValue<Option<TimeoutHandle>>,
}

/// Provides the preferences; they come with the session.
pub fn provide_preferences() -> PreferenceKeeper {
    let keeper = PreferenceKeeper {
        session: use_session(),
        toasts: use_toasts(),
        shown: RwSignal::new(Preferences::default()),
        kept: StoredValue::new(Preferences::default()),
        unsaved: StoredValue::new(PreferencesPatch::default()),
        saving: StoredValue::new(false),
        timer: StoredValue::new(None),
    };
    provide_context(keeper);
    let session = keeper.session;
    let of_session = Memo::new(move |_| session.info().map(|info| (info.user.id, info.preferences)));
    Effect::new(move |before: Option<Option<_>>| {
        let (user, preferences) = of_session.get()?;
        if before.flatten().is_some_and(|before| before != user) {
            // Another person: what the one before did not get saved is not theirs.
            keeper.unsaved.set_value(PreferencesPatch::default());
        }
        keeper.keep(preferences);
        Some(user)
    });
    // Whoever changes something and leaves at once has changed it.
    let leaving = window_event_listener(ev::visibilitychange, move |_| keeper.save());
    on_cleanup(move || leaving.remove());
    keeper
}

/// The preferences.
pub fn use_preferences() -> PreferenceKeeper {
    expect_context()
}

impl PreferenceKeeper {
    /// What is chosen; reactive.
    pub fn get(self) -> Preferences {
        self.shown.get()
    }

    /// Reads what is chosen; reactive.
    pub fn with<T>(self, read: impl FnOnce(&Preferences) -> T) -> T {
        self.shown.with(read)
    }

    /// The columns that were chosen for a grid, none when it has its own; reactive.
    pub fn grid(self, name: &str) -> Option<GridColumns> {
        self.shown.with(|shown| shown.grids.get(name).cloned())
    }

    /// Chooses the columns of a grid; `None` gives it its own again.
    pub fn set_grid(self, name: &str, columns: Option<GridColumns>) {
        let grids = [(name.to_owned(), columns)].into();
        self.change(PreferencesPatch { grids, ..PreferencesPatch::default() });
    }

    /// Changes something: at once here, in a moment on the server.
    pub fn change(self, patch: PreferencesPatch) {
        self.shown.update(|shown| shown.apply(&patch));
        self.unsaved.update_value(|unsaved| *unsaved = std::mem::take(unsaved).followed_by(patch));
        let again = set_timeout_with_handle(move || self.save(), PAUSE).ok();
        let before = self.timer.try_update_value(|timer| std::mem::replace(timer, again)).flatten();
        if let Some(before) = before {
            before.clear();
        }
    }

    fn keep(self, preferences: Preferences) {
        let mut shown = preferences.clone();
        self.unsaved.with_value(|unsaved| shown.apply(unsaved));
        self.kept.set_value(preferences);
        if self.shown.with_untracked(|before| *before != shown) {
            self.shown.set(shown);
        }
    }

    fn save(self) {
        let signed_in = self.session.with_state_untracked(|state| matches!(state, SessionState::SignedIn(_)));
        if !signed_in || self.saving.get_value() || self.unsaved.with_value(PreferencesPatch::is_empty) {
            return;
        }
        let patch = self.unsaved.try_update_value(std::mem::take).unwrap_or_default();
        self.saving.set_value(true);
        spawn_local(async move {
            let answer = self.session.ask(rpc::save_preferences(patch)).await;
            self.saving.set_value(false);
            match answer {
                Ok(kept) => self.keep(kept),
                Err(problem) => {
                    self.keep(self.kept.get_value());
                    self.toasts.problem("Your preferences were not saved", &problem);
                }
            }
            // What was changed meanwhile.
            self.save();
        });
    }
}
