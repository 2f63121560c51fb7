//! The palette's question to the server: asked when nobody types for a moment, and only the newest answer counts.

use std::time::Duration;

use domain::error::Problem;
use domain::search::SearchResults;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::rpc::search as rpc;
use crate::ui::session::{CurrentOrganization, Session, use_organization, use_session};

/// How long nobody types before the server is asked.
const REST: Duration = Duration::from_millis(150);

/// What was asked and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The text that was looked for.
    pub text: String,
    /// What was found.
    pub found: Result<SearchResults, Problem>,
}

/// The question and its answer.
#[derive(Clone, Copy)]
pub struct Finder {
    /// What is typed.
    pub text: RwSignal<String>,
    /// The answer to what is typed; `None` until it comes.
    pub answer: RwSignal<Option<Answer>>,
    turn: StoredValue<u32>,
    timer: StoredValue<Option<TimeoutHandle>>,
    session: Session,
    organization: CurrentOrganization,
}

/// A finder that follows what is typed for the life of the caller.
pub fn use_finder() -> Finder {
    let finder = Finder {
        text: RwSignal::new(String::new()),
        answer: RwSignal::new(None),
        turn: StoredValue::new(0),
        timer: StoredValue::new(None),
        session: use_session(),
        organization: use_organization(),
    };
    let wanted = Memo::new(move |_| finder.text.with(|text| text.trim().to_owned()));
    Effect::new(move |_| finder.plan(wanted.get()));
    on_cleanup(move || finder.forget());
    finder
}

impl Finder {
    /// Whether an answer is still to come; reactive.
    pub fn is_waiting(self) -> bool {
        self.text.with(|text| !text.trim().is_empty()) && self.answer.with(Option::is_none)
    }

    /// Asks once more what was just asked.
    pub fn again(self) {
        self.plan(self.text.with_untracked(|text| text.trim().to_owned()));
    }

    fn plan(self, wanted: String) {
        self.forget();
        self.answer.set(None);
        if !wanted.is_empty() {
            // It fails only without a window.
            self.timer.set_value(set_timeout_with_handle(move || self.ask(wanted), REST).ok());
        }
    }

    /// What is under way no longer counts.
    fn forget(self) {
        // Nothing is left to forget once its owner is gone.
        let _ = self.turn.try_update_value(|turn| *turn = turn.wrapping_add(1));
        if let Some(Some(timer)) = self.timer.try_update_value(Option::take) {
            timer.clear();
        }
    }

    fn ask(self, text: String) {
        let turn = self.turn.get_value();
        spawn_local(async move {
            let found = self.session.ask(rpc::search(self.organization.id(), text.clone())).await;
            if self.turn.try_get_value() == Some(turn) {
                self.answer.set(Some(Answer { text, found }));
            }
        });
    }
}
