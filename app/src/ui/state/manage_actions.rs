//! What *Manage integrations* asks of the server, and what follows from the answers.

use domain::connector::{ConnectionReport, Connector, ConnectorPatch, Environment};
use domain::delivery::Delivery;
use domain::error::Problem;
use domain::event::{EventTypePattern, PayloadView};
use domain::filter::DeliveryFilter;
use domain::id::{ConnectorId, ReceiverId};
use domain::page::{MAX_LIMIT, Page, PageQuery};
use domain::receiver::{Receiver, ReceiverWithSecret, RotateSecret};
use domain::route::{MappingPreview, MappingPreviewRequest, Route};
use domain::sample::{SampleOutcome, SampleRequest};
use domain::usage::{ConnectorHours, ConnectorUsage};
use domain::user::Role;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::connector_draft::{ConnectorDraft, ReceiverDraft, RouteDraft};
use super::{IntegrationDashboardState, use_dashboard};
use crate::model::connector_form::ConnectorForm;
use crate::model::receiver_form::ReceiverForm;
use crate::model::route_form::RouteForm;
use crate::rpc::{RpcError, connectors, deliveries, receivers, routes};
use crate::ui::clock::now;
use crate::ui::components::toasts::{ToastQueue, use_toasts};
use crate::ui::form::focus_first_invalid;
use crate::ui::session::{CurrentOrganization, Session, use_organization, use_session};

/// The way from the sheet to the server and back.
#[derive(Clone, Copy)]
pub struct ManageActions {
    session: Session,
    organization: CurrentOrganization,
    dashboard: IntegrationDashboardState,
    toasts: ToastQueue,
}

/// The actions of the current organization.
pub fn use_manage_actions() -> ManageActions {
    ManageActions {
        session: use_session(),
        organization: use_organization(),
        dashboard: use_dashboard(),
        toasts: use_toasts(),
    }
}

/// What the sheet of a connector shows.
#[derive(Clone, PartialEq)]
pub struct ConnectorFile {
    /// The connector.
    pub connector: Option<Connector>,
    /// All connectors.
    pub connectors: Vec<Connector>,
    /// Its receivers.
    pub receivers: Vec<Receiver>,
    /// Its receivers' routes.
    pub routes: Vec<Route>,
}

impl ManageActions {
    /// Whether the person may change anything here.
    pub fn may_change(self) -> bool {
        self.organization.allows(Role::Admin)
    }

    /// Whether the person may try a connection.
    pub fn may_test(self) -> bool {
        self.organization.allows(Role::Operator)
    }

    /// Every page of a list. Lists of settings are short; the bound only keeps a mistake from asking forever.
    async fn all<T, F>(self, mut ask: impl FnMut(PageQuery) -> F) -> Result<Vec<T>, Problem>
    where
        F: Future<Output = Result<Page<T>, RpcError>>,
    {
        let mut items = Vec::new();
        let mut cursor = None;
        for _ in 0..100 {
            let page = self.session.ask(ask(PageQuery { limit: MAX_LIMIT, cursor })).await?;
            items.extend(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        Ok(items)
    }

    /// All connectors, by name.
    pub async fn connectors(self) -> Result<Vec<Connector>, Problem> {
        let organization = self.organization.id();
        self.all(|page| connectors::list_connectors(organization.clone(), page)).await
    }

    /// The receivers of one connector, or all.
    pub async fn receivers(self, connector: Option<ConnectorId>) -> Result<Vec<Receiver>, Problem> {
        let organization = self.organization.id();
        self.all(|page| receivers::list_receivers(organization.clone(), connector.clone(), page)).await
    }

    async fn routes(self, receiver: ReceiverId) -> Result<Vec<Route>, Problem> {
        let organization = self.organization.id();
        self.all(|page| routes::list_routes(organization.clone(), Some(receiver.clone()), page)).await
    }

    /// The last 24 hours of every connector.
    pub async fn hours(self) -> Result<Vec<ConnectorHours>, Problem> {
        self.session.ask(connectors::connector_hours(self.organization.id())).await
    }

    /// What hangs on a connector.
    pub async fn usage(self, id: ConnectorId) -> Result<ConnectorUsage, Problem> {
        self.session.ask(connectors::connector_usage(self.organization.id(), id)).await
    }

    /// Signs a sample on the server and sends it to a receiver.
    pub async fn send_sample(self, id: ReceiverId, sample: SampleRequest) -> Result<SampleOutcome, Problem> {
        self.session.ask(receivers::send_sample(self.organization.id(), id, sample)).await
    }

    /// A connector with everything that belongs to it; without one, what a new one needs.
    pub async fn file(self, id: Option<ConnectorId>) -> Result<ConnectorFile, Problem> {
        let connectors = self.connectors().await?;
        let Some(id) = id else {
            return Ok(ConnectorFile {
                connector: None,
                connectors,
                receivers: Vec::new(),
                routes: Vec::new(),
            });
        };
        let connector = connectors.iter().find(|connector| connector.id == id).cloned();
        let connector = connector.ok_or_else(|| Problem::not_found("connector"))?;
        let receivers = self.receivers(Some(id)).await?;
        let mut routes = Vec::new();
        for receiver in &receivers {
            routes.extend(self.routes(receiver.id.clone()).await?);
        }
        Ok(ConnectorFile { connector: Some(connector), connectors, receivers, routes })
    }

    /// Asks the third party whether it answers.
    pub async fn test(self, id: ConnectorId) -> Result<ConnectionReport, Problem> {
        self.session.ask(connectors::test_connector(self.organization.id(), id)).await
    }

    /// What a mapping makes of a sample.
    pub async fn preview(self, request: MappingPreviewRequest) -> Result<MappingPreview, Problem> {
        self.session.ask(routes::preview_mapping(self.organization.id(), request)).await
    }

    /// The newest deliveries of a connector whose event type fits, one for each event, at most five.
    pub async fn recent(
        self,
        connector: ConnectorId,
        pattern: Option<EventTypePattern>,
    ) -> Result<Vec<Delivery>, Problem> {
        let event_type = pattern.as_ref().and_then(EventTypePattern::exact);
        let filter = DeliveryFilter { connector_id: Some(connector), event_type, ..Default::default() };
        let page = PageQuery { limit: 100, cursor: None };
        let newest =
            self.session.ask(deliveries::list_deliveries(self.organization.id(), filter, page)).await?.items;
        let mut recent: Vec<Delivery> = Vec::new();
        for delivery in newest {
            let fits = pattern.as_ref().is_none_or(|pattern| pattern.matches(&delivery.event_type));
            if fits && recent.len() < 5 && recent.iter().all(|known| known.event_id != delivery.event_id) {
                recent.push(delivery);
            }
        }
        Ok(recent)
    }

    /// The payload that a delivery's event came with, unless it can no longer be read.
    pub async fn payload_of(self, delivery: Delivery) -> Result<Option<PayloadView>, Problem> {
        let ask = deliveries::delivery_detail(self.organization.id(), delivery.id);
        let detail = self.session.ask(ask).await?;
        match self.session.ask(deliveries::payload(self.organization.id(), detail.event.payload_id)).await {
            // Expired: there is nothing to show, and nothing is wrong.
            Err(problem) if problem.status == 410 || problem.status == 404 => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// Switches a connector on or off; says why when that was not possible.
    pub async fn set_active(self, connector: Connector, active: bool) -> Option<Connector> {
        let patch = ConnectorPatch { active: Some(active), ..Default::default() };
        let call = connectors::update_connector(self.organization.id(), connector.id, patch);
        match self.session.ask(call).await {
            Ok(connector) => {
                let (what, detail) = if active {
                    (
                        "is active",
                        "Its receivers take requests; deliveries that failed meanwhile can be retried",
                    )
                } else {
                    (
                        "is off",
                        "Its receivers answer 409; deliveries to it fail, and can be retried once it is on",
                    )
                };
                self.toasts.done(format!("{} {what}", connector.name), detail);
                self.dashboard.refetch();
                Some(connector)
            }
            Err(problem) => {
                self.toasts.problem(format!("{} was not changed", connector.name), &problem);
                None
            }
        }
    }

    /// Deletes a connector and closes the sheet.
    pub fn delete_connector(self, connector: Connector) {
        spawn_local(async move {
            let call = connectors::delete_connector(self.organization.id(), connector.id.clone());
            match self.session.ask(call).await {
                Ok(()) => {
                    self.toasts.done(format!("{} is deleted", connector.name), "Its events stay in the log");
                    self.dashboard.manage_modal_data.set(None);
                    self.dashboard.refetch();
                }
                Err(problem) => {
                    self.toasts.problem(format!("{} was not deleted", connector.name), &problem);
                }
            }
        });
    }

    /// Deletes a receiver, or takes one off the sheet that was never stored.
    pub fn delete_receiver(self, draft: ConnectorDraft, receiver: ReceiverDraft) {
        let Some(saved) = receiver.saved.get_untracked() else { return draft.drop_receiver(receiver.key) };
        spawn_local(async move {
            match self.session.ask(receivers::delete_receiver(self.organization.id(), saved.id)).await {
                Ok(()) => {
                    self.toasts.done(format!("{} is deleted", saved.name), "Its events stay in the log");
                    draft.drop_receiver(receiver.key);
                    self.dashboard.refetch();
                }
                Err(problem) => self.toasts.problem(format!("{} was not deleted", saved.name), &problem),
            }
        });
    }

    /// Deletes a route, or takes one off the sheet that was never stored.
    pub fn delete_route(self, draft: ConnectorDraft, route: RouteDraft) {
        let Some(saved) = route.saved.get_untracked() else { return draft.drop_route(route.key) };
        spawn_local(async move {
            match self.session.ask(routes::delete_route(self.organization.id(), saved.id)).await {
                Ok(()) => {
                    self.toasts.done(format!("{} is deleted", saved.name), "Deliveries it made stay");
                    draft.drop_route(route.key);
                    self.dashboard.refetch();
                }
                Err(problem) => self.toasts.problem(format!("{} was not deleted", saved.name), &problem),
            }
        });
    }

    /// Sets a new secret; shows it when it was made here.
    pub async fn rotate(self, receiver: ReceiverDraft, request: RotateSecret) -> Result<(), Problem> {
        let Some(saved) = receiver.saved.get_untracked() else { return Ok(()) };
        let call = receivers::rotate_secret(self.organization.id(), saved.id, request);
        let ReceiverWithSecret { receiver: stored, secret } = self.session.ask(call).await?;
        receiver.saved.set(Some(stored));
        receiver.new_secret.set(secret);
        Ok(())
    }

    /// Saves what was typed: the connector, then its receivers, then their routes. What was saved stays saved when
    /// a later part is refused, and the part says why.
    pub fn save(self, draft: ConnectorDraft) {
        draft.tried.set(true);
        if draft.saving.get_untracked() {
            return;
        }
        if !untrack(|| draft.own_problems()).is_empty() {
            focus_first_invalid();
            return;
        }
        draft.saving.set(true);
        spawn_local(async move {
            let refused = self.save_all(draft).await;
            self.dashboard.refetch();
            if !draft.is_open() {
                return;
            }
            draft.saving.set(false);
            // Said on the sheet: where everything is saved in its foot, what was refused at its fields.
            if refused {
                focus_first_invalid();
            } else {
                draft.tried.set(false);
                draft.saved_at.set(Some(now()));
                show_new_secret();
            }
        });
    }

    /// Whether something was refused.
    async fn save_all(self, draft: ConnectorDraft) -> bool {
        let (receivers, routes) = (draft.receivers.get_untracked(), draft.routes.get_untracked());
        let mut refused = false;
        // Production refuses receivers that verify nothing: they change first. Otherwise the connector does, because
        // new receivers belong to it.
        let saved = draft.saved.get_untracked();
        let goes_live = |saved: &Connector| {
            saved.environment == Environment::Sandbox
                && draft.form.with_untracked(|form| form.environment == Environment::Production)
        };
        let early = saved.filter(goes_live);
        if let Some(connector) = &early {
            refused |= self.save_receivers(draft, connector, &receivers).await;
            if !draft.is_open() {
                return refused;
            }
        }
        let connector = match self.save_connector(draft).await {
            Ok(connector) => connector,
            Err(problem) => {
                draft.problem.set(Some(problem));
                return true;
            }
        };
        draft.problem.set(None);
        if early.is_none() {
            refused |= self.save_receivers(draft, &connector, &receivers).await;
        }
        for route in routes {
            if !draft.is_open() {
                return refused;
            }
            let receiver = route.receiver.get_untracked().and_then(|key| untrack(|| draft.receiver(key)));
            let receiver = receiver.and_then(|receiver| receiver.saved.get_untracked());
            // Its receiver was refused, and that was said there.
            let Some(receiver) = receiver else { continue };
            let answer = self.save_route(receiver.id, route).await;
            refused |= answer.is_err();
            route.problem.set(answer.err());
        }
        refused
    }

    async fn save_receivers(
        self,
        draft: ConnectorDraft,
        connector: &Connector,
        receivers: &[ReceiverDraft],
    ) -> bool {
        let mut refused = false;
        for receiver in receivers {
            if !draft.is_open() {
                break;
            }
            let answer = self.save_receiver(connector, *receiver).await;
            refused |= answer.is_err();
            receiver.problem.set(answer.err());
        }
        refused
    }

    async fn save_connector(self, draft: ConnectorDraft) -> Result<Connector, Problem> {
        let form = draft.form.get_untracked();
        let organization = self.organization.id();
        let stored = match draft.saved.get_untracked() {
            None => {
                let new = form.create().map_err(problem_of)?;
                self.session.ask(connectors::create_connector(organization, new)).await?
            }
            Some(saved) => match form.patch(&saved).map_err(problem_of)? {
                None => return Ok(saved),
                Some(patch) => {
                    self.session.ask(connectors::update_connector(organization, saved.id, patch)).await?
                }
            },
        };
        draft.form.set(ConnectorForm::of(&stored));
        draft.saved.set(Some(stored.clone()));
        draft.connectors.update(|all| match all.iter_mut().find(|known| known.id == stored.id) {
            Some(known) => *known = stored.clone(),
            None => all.push(stored.clone()),
        });
        Ok(stored)
    }

    async fn save_receiver(self, connector: &Connector, receiver: ReceiverDraft) -> Result<(), Problem> {
        let form = receiver.form.get_untracked();
        let organization = self.organization.id();
        let stored = match receiver.saved.get_untracked() {
            None => {
                let new = form.create(connector.id.clone(), connector.environment).map_err(problem_of)?;
                let made = self.session.ask(receivers::create_receiver(organization, new)).await?;
                receiver.new_secret.set(made.secret);
                made.receiver
            }
            Some(saved) => match form.patch(&saved, connector.environment).map_err(problem_of)? {
                None => return Ok(()),
                Some(patch) => {
                    self.session.ask(receivers::update_receiver(organization, saved.id, patch)).await?
                }
            },
        };
        receiver.form.set(ReceiverForm::of(&stored));
        receiver.saved.set(Some(stored));
        Ok(())
    }

    async fn save_route(self, receiver: ReceiverId, route: RouteDraft) -> Result<(), Problem> {
        let form = route.form.get_untracked();
        let organization = self.organization.id();
        let stored = match route.saved.get_untracked() {
            None => {
                let new = form.create(receiver).map_err(problem_of)?;
                self.session.ask(routes::create_route(organization, new)).await?
            }
            Some(saved) => match form.patch(&saved).map_err(problem_of)? {
                None => return Ok(()),
                Some(patch) => self.session.ask(routes::update_route(organization, saved.id, patch)).await?,
            },
        };
        route.form.set(RouteForm::of(&stored));
        route.saved.set(Some(stored));
        Ok(())
    }
}

/// Scrolls to a secret that was just made: it is seen now or never.
fn show_new_secret() {
    request_animation_frame(|| {
        if let Ok(Some(secret)) = document().query_selector(".sheet .once") {
            secret.scroll_into_view();
        }
    });
}

/// What a form found, in the form of an answer of the server.
fn problem_of(fields: Vec<domain::error::FieldProblem>) -> Problem {
    Problem::from_fields(fields).unwrap_or_else(Problem::internal)
}
