//! One payload being corrected: what ApiRetryModal shows, and what it asks of the server.

use std::sync::Arc;

use domain::delivery::{Delivery, DryRun, DryRunRequest, MappingVersion, ReplayRequest, RouteChoice};
use domain::error::Problem;
use domain::event::PayloadView;
use domain::id::RouteId;
use domain::time::Timestamp;
use domain::user::Role;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::retry_actions::RetryActions;
use crate::model::payload_draft::Opening;
use crate::ui::clock;

/// The payload, as far as it is known.
#[derive(Clone, Debug, PartialEq)]
pub enum PayloadState {
    /// Asked for.
    Loading,
    /// It is text and can be edited.
    Text(Arc<Opening>),
    /// Its bytes are no text: it can be sent again as it is.
    Bytes(PayloadView),
    /// It is gone, or could not be read.
    Failed(Problem),
}

/// The way of a replay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// Another route than its own.
    pub route_id: Option<RouteId>,
    /// Another version of the mapping than the one that is current when it is sent.
    pub mapping_version: Option<i64>,
}

/// What a dry run said.
#[derive(Clone, Debug, PartialEq)]
pub struct DryRunAnswer {
    /// The text it was about.
    pub text: Arc<str>,
    /// The way it was about.
    pub way: Way,
    /// When the answer came.
    pub at: Timestamp,
    /// The answer; a problem when there was none.
    pub result: Result<Arc<DryRun>, Problem>,
}

/// The state of the dialog, as signals.
#[derive(Clone, Copy)]
pub struct ApiRetry {
    /// The delivery to replay.
    pub delivery: StoredValue<Delivery>,
    /// Its payload.
    pub payload: RwSignal<PayloadState>,
    /// The newest answer of a dry run.
    pub dry_run: RwSignal<Option<DryRunAnswer>>,
    /// Whether one is under way.
    pub dry_running: RwSignal<bool>,
    /// Whether the replay is under way.
    pub replaying: RwSignal<bool>,
    /// Why the server refused the replay.
    pub refusal: RwSignal<Option<Problem>>,
    /// The ways it may take, its own first; nothing until they are known.
    pub choices: RwSignal<Vec<RouteChoice>>,
    /// The way it is to take.
    pub way: RwSignal<Way>,
    actions: RetryActions,
    /// The text and the way of the newest question, and how many there were.
    asked: StoredValue<(u32, Arc<str>, Way)>,
}

impl ApiRetry {
    /// Opens a delivery and asks for its payload.
    pub fn open(delivery: Delivery, actions: RetryActions) -> Self {
        let this = Self {
            delivery: StoredValue::new(delivery),
            payload: RwSignal::new(PayloadState::Loading),
            dry_run: RwSignal::new(None),
            dry_running: RwSignal::new(false),
            replaying: RwSignal::new(false),
            refusal: RwSignal::new(None),
            choices: RwSignal::new(Vec::new()),
            way: RwSignal::new(Way::default()),
            actions,
            asked: StoredValue::new((0, Arc::from(""), Way::default())),
        };
        this.load();
        this.load_choices();
        this
    }

    /// Asks for the payload, again after a failure.
    pub fn load(self) {
        self.payload.set(PayloadState::Loading);
        let id = self.delivery.with_value(|delivery| delivery.payload_id.clone());
        spawn_local(async move {
            let state = match self.actions.payload(id).await {
                Ok(payload) => match Opening::of(&payload) {
                    Some(opening) => PayloadState::Text(Arc::new(opening)),
                    None => PayloadState::Bytes(payload),
                },
                Err(problem) => PayloadState::Failed(problem),
            };
            // The dialog may have been closed meanwhile.
            let _ = self.payload.try_set(state);
        });
    }

    /// Asks for the ways. Without an answer the replay takes its own, as it does when nobody chooses.
    fn load_choices(self) {
        let id = self.delivery.with_value(|delivery| delivery.id.clone());
        spawn_local(async move {
            if let Ok(choices) = self.actions.choices(id).await {
                let _ = self.choices.try_set(choices.routes);
            }
        });
    }

    /// The versions of the chosen route's mapping, newest first; reactive.
    pub fn versions(self) -> Vec<MappingVersion> {
        let way = self.way.get();
        self.choices.with(|routes| {
            let chosen = routes.iter().find(|route| way.route_id.is_some() && route.route_id == way.route_id);
            chosen.or_else(|| routes.first()).map(|route| route.versions.clone()).unwrap_or_default()
        })
    }

    /// What to send for `text`: nothing for the payload as received.
    fn payload_of(self, text: &str) -> Option<String> {
        self.payload.with_untracked(|payload| match payload {
            PayloadState::Text(opening) => opening.payload_of(text),
            _ => None,
        })
    }

    /// Asks what a replay of `text` would send. Of several questions only the last one's answer counts.
    pub fn try_out(self, text: String) {
        let text: Arc<str> = text.into();
        let way = self.way.get_untracked();
        let number = self.asked.with_value(|(number, ..)| number.wrapping_add(1));
        self.asked.set_value((number, text.clone(), way.clone()));
        self.dry_running.set(true);
        let id = self.delivery.with_value(|delivery| delivery.id.clone());
        let Way { route_id, mapping_version } = way.clone();
        let request = DryRunRequest { payload: self.payload_of(&text), route_id, mapping_version };
        spawn_local(async move {
            let result = self.actions.dry_run(id, request).await.map(Arc::new);
            if self.asked.try_with_value(|(newest, ..)| *newest) == Some(number) {
                self.dry_running.set(false);
                self.dry_run.set(Some(DryRunAnswer { text, way, at: clock::now(), result }));
            }
        });
    }

    /// Whether the newest question was about `text` on the chosen way.
    pub fn was_tried(self, text: &str) -> bool {
        let way = self.way.get_untracked();
        self.asked.with_value(|(number, asked, by)| *number > 0 && **asked == *text && *by == way)
    }

    /// Makes the new delivery; closes the dialog when the server agrees.
    pub fn replay(self, text: &str, reason: Option<String>) {
        self.replaying.set(true);
        self.refusal.set(None);
        let delivery = self.delivery.get_value();
        let Way { route_id, mapping_version } = self.way.get_untracked();
        let request = ReplayRequest { payload: self.payload_of(text), reason, route_id, mapping_version };
        spawn_local(async move {
            let answer = self.actions.replay(&delivery, request).await;
            if let Err(problem) = answer {
                let _ = self.replaying.try_set(false);
                let _ = self.refusal.try_set(Some(problem));
            }
        });
    }

    /// Whether the person's role includes `needed`.
    pub fn allows(self, needed: Role) -> bool {
        self.actions.allows(needed)
    }

    /// Begins a payload from nothing, when the one as received is gone.
    pub fn write_anew(self) {
        self.payload.set(PayloadState::Text(Arc::new(Opening::of_nothing())));
    }

    /// Why nothing can be replayed, whatever the text: a sentence that says what to do. Reactive.
    pub fn obstacle(self) -> Option<String> {
        if !self.allows(Role::Operator) {
            return Some("You need the operator role to replay".into());
        }
        if self.replaying.get() {
            return Some("Sending".into());
        }
        self.payload.with(|payload| match payload {
            PayloadState::Loading => Some("Loading the payload".into()),
            PayloadState::Failed(_) => Some("Nothing to replay without the payload".into()),
            PayloadState::Text(_) | PayloadState::Bytes(_) => None,
        })
    }
}
