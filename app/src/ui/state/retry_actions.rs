//! What the retry dialogs ask of the server, and what follows from the answers on the dashboard.

use std::collections::HashSet;

use domain::delivery::{Delivery, DryRun, ReplayRequest};
use domain::error::Problem;
use domain::event::PayloadView;
use domain::id::{DeliveryId, PayloadId};
use domain::user::Role;
use leptos::prelude::*;

use super::{IntegrationDashboardState, use_dashboard};
use crate::rpc::deliveries as rpc;
use crate::ui::components::toasts::{ToastAction, ToastQueue, use_toasts};
use crate::ui::session::{CurrentOrganization, Session, use_organization, use_session};

/// The way from the dialogs to the server and back to the dashboard.
#[derive(Clone, Copy)]
pub struct RetryActions {
    session: Session,
    organization: CurrentOrganization,
    dashboard: IntegrationDashboardState,
    toasts: ToastQueue,
}

/// The actions of the current organization.
pub fn use_retry_actions() -> RetryActions {
    RetryActions {
        session: use_session(),
        organization: use_organization(),
        dashboard: use_dashboard(),
        toasts: use_toasts(),
    }
}

impl RetryActions {
    /// Whether the person's role includes `needed`.
    pub fn allows(self, needed: Role) -> bool {
        self.organization.allows(needed)
    }

    /// Closes the open dialog.
    pub fn close(self) {
        self.dashboard.retry_dialog.set(None);
    }

    /// The bytes of a payload.
    pub async fn payload(self, id: PayloadId) -> Result<PayloadView, Problem> {
        self.session.ask(rpc::payload(self.organization.id(), id)).await
    }

    /// What a replay would send.
    pub async fn dry_run(self, id: DeliveryId, payload: Option<String>) -> Result<DryRun, Problem> {
        self.session.ask(rpc::dry_run(self.organization.id(), id, payload)).await
    }

    /// Makes a new delivery of an old one, says so and closes the dialog.
    pub async fn replay(self, old: &Delivery, request: ReplayRequest) -> Result<(), Problem> {
        let edited = request.payload.is_some();
        let new =
            self.session.ask(rpc::replay_delivery(self.organization.id(), old.id.clone(), request)).await?;
        let what = new.source_record_id.clone().unwrap_or_else(|| new.event_type.to_string());
        let said = if edited { format!("Replay of {what} started") } else { format!("{what} is sent again") };
        let payload = if edited { "The edited payload" } else { "The same payload" };
        let detail = format!("{payload} goes to {}", new.destination_name);
        let dashboard = self.dashboard;
        let view = Callback::new(move |()| dashboard.open(&new));
        self.toasts.done_with(said, detail, ToastAction { label: "View".into(), run: view });
        self.close();
        dashboard.refetch();
        Ok(())
    }

    /// Puts one delivery back in the queue with the same payload.
    pub async fn retry(self, id: DeliveryId, reason: Option<String>) -> Result<Delivery, Problem> {
        self.session.ask(rpc::retry_delivery(self.organization.id(), id, reason)).await
    }

    /// After a batch: the dashboard shows what became of it, and what was not done stays selected.
    pub fn after_batch(self, undone: HashSet<DeliveryId>) {
        self.dashboard.selected.set(undone);
        self.dashboard.refetch();
    }
}
