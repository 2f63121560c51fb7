//! One connector with its receivers and routes while somebody edits them.
//!
//! Every part has what is stored, what is typed and what the server said about the last try to save it. Nothing is
//! sent before *Save*; secrets that were just made stay here, and only here, until the sheet is closed.

use domain::connector::{Connector, Environment};
use domain::error::{FieldProblem, Problem};
use domain::receiver::Receiver;
use domain::route::Route;
use domain::signature::SchemeKind;
use domain::time::Timestamp;
use leptos::prelude::*;

use crate::model::connector_form::ConnectorForm;
use crate::model::receiver_form::ReceiverForm;
use crate::model::route_form::RouteForm;
use crate::ui::form::{FormScope, shown_problems};

/// A receiver on the sheet.
#[derive(Clone, Copy, PartialEq)]
pub struct ReceiverDraft {
    /// Tells it from the others, also before it has an id.
    pub key: u32,
    /// What is stored.
    pub saved: RwSignal<Option<Receiver>>,
    /// What is typed.
    pub form: RwSignal<ReceiverForm>,
    /// What the server said.
    pub problem: RwSignal<Option<Problem>>,
    /// The secret that was just made.
    pub new_secret: RwSignal<Option<String>>,
}

/// A route on the sheet.
#[derive(Clone, Copy, PartialEq)]
pub struct RouteDraft {
    /// Tells it from the others, also before it has an id.
    pub key: u32,
    /// The receiver it belongs to, by its key; fixed once it is stored.
    pub receiver: RwSignal<Option<u32>>,
    /// What is stored.
    pub saved: RwSignal<Option<Route>>,
    /// What is typed.
    pub form: RwSignal<RouteForm>,
    /// What the server said.
    pub problem: RwSignal<Option<Problem>>,
    /// The payload that the preview is made of.
    pub sample: RwSignal<String>,
}

/// The sheet's state.
#[derive(Clone, Copy)]
pub struct ConnectorDraft {
    /// What is stored.
    pub saved: RwSignal<Option<Connector>>,
    /// What is typed.
    pub form: RwSignal<ConnectorForm>,
    /// What the server said.
    pub problem: RwSignal<Option<Problem>>,
    /// Its receivers.
    pub receivers: RwSignal<Vec<ReceiverDraft>>,
    /// Its receivers' routes.
    pub routes: RwSignal<Vec<RouteDraft>>,
    /// The route whose fields are shown, by its key.
    pub open_route: RwSignal<Option<u32>>,
    /// All connectors: where routes can lead.
    pub connectors: RwSignal<Vec<Connector>>,
    /// Whether somebody tried to save, so that problems are shown.
    pub tried: RwSignal<bool>,
    /// Whether an answer is awaited.
    pub saving: RwSignal<bool>,
    /// When everything was saved last.
    pub saved_at: RwSignal<Option<Timestamp>>,
    next_key: StoredValue<u32>,
    /// The sheet's owner: parts that are added by a click live as long as the sheet.
    owner: StoredValue<Owner>,
}

impl ConnectorDraft {
    /// Nothing yet. It lives as long as the caller.
    pub fn blank() -> Self {
        Self {
            saved: RwSignal::new(None),
            form: RwSignal::new(ConnectorForm::default()),
            problem: RwSignal::new(None),
            receivers: RwSignal::new(Vec::new()),
            routes: RwSignal::new(Vec::new()),
            open_route: RwSignal::new(None),
            connectors: RwSignal::new(Vec::new()),
            tried: RwSignal::new(false),
            saving: RwSignal::new(false),
            saved_at: RwSignal::new(None),
            next_key: StoredValue::new(0),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
        }
    }

    fn key(self) -> u32 {
        self.next_key.update_value(|key| *key += 1);
        self.next_key.get_value()
    }

    /// Shows what is stored.
    pub fn open(self, connector: Connector, receivers: Vec<Receiver>, routes: Vec<Route>) {
        self.form.set(ConnectorForm::of(&connector));
        self.saved.set(Some(connector));
        for receiver in receivers {
            let form = ReceiverForm::of(&receiver);
            self.push_receiver(form, Some(receiver));
        }
        for route in routes {
            let form = RouteForm::of(&route);
            let receiver = self.receivers.with_untracked(|all| {
                let owner = all.iter().find(|draft| {
                    draft
                        .saved
                        .with_untracked(|saved| saved.as_ref().is_some_and(|r| r.id == route.receiver_id))
                });
                owner.map(|draft| draft.key)
            });
            self.push_route(form, receiver, Some(route));
        }
        self.open_route.set(self.routes.with_untracked(|routes| routes.first().map(|route| route.key)));
    }

    /// Adds a receiver to fill in.
    pub fn add_receiver(self, kind: SchemeKind) {
        self.push_receiver(ReceiverForm::blank(kind), None);
    }

    /// Adds a route to fill in, and opens it.
    pub fn add_route(self) {
        let receiver = self.receivers.with_untracked(|all| all.first().map(|receiver| receiver.key));
        let key = self.push_route(RouteForm::default(), receiver, None);
        self.open_route.set(Some(key));
    }

    fn push_receiver(self, form: ReceiverForm, saved: Option<Receiver>) {
        let key = self.key();
        let draft = self.owner.get_value().with(|| ReceiverDraft {
            key,
            saved: RwSignal::new(saved),
            form: RwSignal::new(form),
            problem: RwSignal::new(None),
            new_secret: RwSignal::new(None),
        });
        self.receivers.update(|all| all.push(draft));
    }

    fn push_route(self, form: RouteForm, receiver: Option<u32>, saved: Option<Route>) -> u32 {
        let key = self.key();
        let draft = self.owner.get_value().with(|| RouteDraft {
            key,
            receiver: RwSignal::new(receiver),
            saved: RwSignal::new(saved),
            form: RwSignal::new(form),
            problem: RwSignal::new(None),
            sample: RwSignal::new(String::new()),
        });
        self.routes.update(|all| all.push(draft));
        key
    }

    /// Takes a receiver and its routes off the sheet.
    pub fn drop_receiver(self, key: u32) {
        self.receivers.update(|all| all.retain(|receiver| receiver.key != key));
        self.routes.update(|all| all.retain(|route| route.receiver.get_untracked() != Some(key)));
        self.open_some_route();
    }

    /// Takes a route off the sheet.
    pub fn drop_route(self, key: u32) {
        self.routes.update(|all| all.retain(|route| route.key != key));
        self.open_some_route();
    }

    fn open_some_route(self) {
        // The sheet may be gone when a deletion is answered.
        if let Some(first) = self.routes.try_with_untracked(|routes| routes.first().map(|route| route.key)) {
            self.open_route.set(first);
        }
    }

    /// Whether the sheet is still there: ask after every answer that was waited for, before anything is read.
    pub fn is_open(self) -> bool {
        self.saving.try_get_untracked().is_some()
    }

    /// The receiver with that key.
    pub fn receiver(self, key: u32) -> Option<ReceiverDraft> {
        self.receivers.with(|all| all.iter().find(|receiver| receiver.key == key).copied())
    }

    /// The environment as it is chosen; reactive.
    pub fn environment(self) -> Environment {
        self.form.with(|form| form.environment)
    }

    /// The code as it is stored or typed; reactive.
    pub fn code(self) -> String {
        self.form.with(|form| form.code.trim().to_owned())
    }

    /// The words for everything that is not stored yet; reactive.
    pub fn changes(self) -> Vec<String> {
        let mut words: Vec<&'static str> =
            self.form.with(|form| self.saved.with(|saved| form.changes(saved.as_ref())));
        for receiver in self.receivers.get() {
            words
                .extend(receiver.form.with(|form| receiver.saved.with(|saved| form.changes(saved.as_ref()))));
        }
        for route in self.routes.get() {
            words.extend(route.form.with(|form| route.saved.with(|saved| form.changes(saved.as_ref()))));
        }
        words.into_iter().map(str::to_owned).collect()
    }

    /// Everything the forms themselves find wrong; reactive.
    pub fn own_problems(self) -> Vec<FieldProblem> {
        let environment = self.environment();
        let mut problems = self.form.with(ConnectorForm::check);
        for receiver in self.receivers.get() {
            problems.extend(receiver.form.with(|form| form.check(environment)));
        }
        for route in self.routes.get() {
            problems.extend(route.problems());
        }
        problems
    }

    /// The connector's own fields.
    pub fn scope(self) -> FormScope {
        let problems = Signal::derive(move || {
            let own = self.form.with(ConnectorForm::check);
            self.problem.with(|server| shown_problems(self.tried.get(), own, server.as_ref()))
        });
        FormScope::new("connector", problems)
    }

    /// The fields of a receiver.
    pub fn receiver_scope(self, receiver: ReceiverDraft) -> FormScope {
        let problems = Signal::derive(move || {
            let own = receiver.form.with(|form| form.check(self.environment()));
            receiver.problem.with(|server| shown_problems(self.tried.get(), own, server.as_ref()))
        });
        FormScope::new(format!("receiver{}", receiver.key), problems)
    }

    /// The fields of a route.
    pub fn route_scope(self, route: RouteDraft) -> FormScope {
        let problems = Signal::derive(move || {
            let own = route.problems();
            route.problem.with(|server| shown_problems(self.tried.get(), own, server.as_ref()))
        });
        FormScope::new(format!("route{}", route.key), problems)
    }
}

impl RouteDraft {
    fn problems(self) -> Vec<FieldProblem> {
        let mut problems = self.form.with(RouteForm::check);
        if self.receiver.get().is_none() {
            let detail = "Add a receiver first: a route begins at one.".to_owned();
            problems.push(FieldProblem { pointer: "/receiver_id".into(), detail });
        }
        problems
    }
}
