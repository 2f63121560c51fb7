//! What the drawer shows: fetched when a row is opened, and again when the row changes.

use domain::delivery::DeliveryDetail;
use domain::error::Problem;
use domain::event::PayloadView;
use domain::id::{DeliveryId, PayloadId, RejectionId};
use domain::rejection::Rejection;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::latest::Latest;
use crate::rpc::{deliveries, rejections};
use crate::ui::session::{CurrentOrganization, Session, use_organization, use_session};
use crate::ui::state::{IntegrationDashboardState, Load, use_dashboard};

/// The open row's facts.
#[derive(Clone, Copy)]
pub struct Opened {
    /// Everything about a delivery.
    pub detail: RwSignal<Load<DeliveryDetail>>,
    /// A refused request.
    pub rejection: RwSignal<Load<Rejection>>,
    /// The bytes of either.
    pub payload: RwSignal<Load<PayloadView>>,
    asked: Latest,
    asked_payload: Latest,
    state: IntegrationDashboardState,
    session: Session,
    organization: CurrentOrganization,
}

impl Opened {
    /// Nothing open.
    pub fn new() -> Self {
        Self {
            detail: RwSignal::new(Load::default()),
            rejection: RwSignal::new(Load::default()),
            payload: RwSignal::new(Load::default()),
            asked: Latest::new(),
            asked_payload: Latest::new(),
            state: use_dashboard(),
            session: use_session(),
            organization: use_organization(),
        }
    }

    /// Nothing is open any more.
    pub fn close(self) {
        self.asked.begin();
        self.asked_payload.begin();
        self.state.selected_row_data.set(None);
        self.detail.set(Load::default());
        self.rejection.set(Load::default());
        self.payload.set(Load::default());
    }

    /// Opens a delivery. What the grid knows of it is shown at once.
    pub fn open_delivery(self, id: DeliveryId) {
        let known = self
            .state
            .current_tab_logs_data_list
            .with_untracked(|list| list.find(&id).map(|row| domain::delivery::Delivery::clone(row)));
        let shown = self.state.selected_row_data.get_untracked().filter(|row| row.id == id);
        let row = known.or(shown);
        self.detail.set(Load::default());
        self.rejection.set(Load::default());
        self.payload.set(Load::default());
        match &row {
            Some(row) => self.fetch_payload(row.payload_id.clone()),
            None => {
                self.asked_payload.begin();
            }
        }
        self.state.selected_row_data.set(row);
        self.fetch_detail(id);
    }

    /// Fetches a delivery's facts; those that are shown stay until then.
    pub fn fetch_detail(self, id: DeliveryId) {
        let turn = self.asked.begin();
        self.detail.update(|load| load.loading = true);
        let ask = deliveries::delivery_detail(self.organization.id(), id);
        spawn_local(async move {
            let answer = self.session.ask(ask).await;
            if !self.asked.is(turn) {
                return;
            }
            if let Ok(detail) = &answer {
                let row = detail.delivery.clone();
                if self.state.selected_row_data.with_untracked(Option::is_none) {
                    self.fetch_payload(row.payload_id.clone());
                    self.state.selected_row_data.set(Some(row));
                } else {
                    self.state.take_in(row);
                }
            }
            self.detail.update(|load| load.settle(answer));
        });
    }

    /// Opens a refused request. What the list knows of it is shown at once.
    pub fn open_rejection(self, id: RejectionId, known: Option<Rejection>) {
        self.state.selected_row_data.set(None);
        self.detail.set(Load::default());
        self.rejection.set(Load { data: known, loading: true, ..Load::default() });
        self.payload.set(Load::default());
        let turn = self.asked.begin();
        let ask = rejections::rejection(self.organization.id(), id);
        spawn_local(async move {
            let answer = self.session.ask(ask).await;
            if !self.asked.is(turn) {
                return;
            }
            if let Ok(Some(payload)) = answer.as_ref().map(|rejection| rejection.payload_id.clone()) {
                self.fetch_payload(payload);
            }
            self.rejection.update(|load| load.settle(answer));
        });
    }

    /// Why what was opened cannot be shown.
    pub fn problem(self) -> Option<Problem> {
        let detail = self.detail.with(|load| load.problem.clone());
        detail.or_else(|| self.rejection.with(|load| load.problem.clone()))
    }

    /// Fetches the bytes.
    pub fn fetch_payload(self, id: PayloadId) {
        let turn = self.asked_payload.begin();
        self.payload.update(|load| load.loading = true);
        let ask = deliveries::payload(self.organization.id(), id);
        spawn_local(async move {
            let answer = self.session.ask(ask).await;
            if self.asked_payload.is(turn) {
                self.payload.update(|load| load.settle(answer));
            }
        });
    }
}
