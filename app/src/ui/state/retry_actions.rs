//! What the retry dialogs ask of the server, and what follows from the answers on the dashboard.

use std::collections::HashSet;

use domain::delivery::{Delivery, DryRun, DryRunRequest, ReplayChoices, ReplayRequest};
use domain::error::Problem;
use domain::event::PayloadView;
use domain::id::{DeliveryId, PayloadId, RetryJobId};
use domain::page::{Page, PageQuery};
use domain::retry_job::{NewRetryJob, RetryJob, RetryJobDetail, RetryOutcome, RetryPreview, RetrySelection};
use domain::user::Role;
use leptos::prelude::*;

use super::{IntegrationDashboardState, use_dashboard};
use crate::model::failed_batch;
use crate::rpc::deliveries as rpc;
use crate::rpc::retry_jobs as jobs;
use crate::ui::components::retry_batch::BatchAction;
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

    /// Which ways a replay may take.
    pub async fn choices(self, id: DeliveryId) -> Result<ReplayChoices, Problem> {
        self.session.ask(rpc::replay_choices(self.organization.id(), id)).await
    }

    /// What a replay would send.
    pub async fn dry_run(self, id: DeliveryId, request: DryRunRequest) -> Result<DryRun, Problem> {
        self.session.ask(rpc::dry_run(self.organization.id(), id, request)).await
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

    /// What a batch would do.
    pub async fn preview_batch(self, selection: RetrySelection) -> Result<RetryPreview, Problem> {
        self.session.ask(jobs::preview_retry_job(self.organization.id(), selection)).await
    }

    /// Makes a batch; from then on it is shown, and nothing stays selected.
    pub async fn create_batch(self, new: NewRetryJob) -> Result<RetryJobId, Problem> {
        let job = self.session.ask(jobs::create_retry_job(self.organization.id(), new)).await?;
        let id = job.id.clone();
        let detail = RetryJobDetail { job, outcome: RetryOutcome::default() };
        self.dashboard.batches.update(|batches| failed_batch::upsert(batches, detail));
        self.dashboard.selected.set(HashSet::new());
        Ok(id)
    }

    /// One page of batches, newest first.
    pub async fn batches(self, page: PageQuery) -> Result<Page<RetryJob>, Problem> {
        self.session.ask(jobs::list_retry_jobs(self.organization.id(), page)).await
    }

    /// A batch and what became of its deliveries.
    pub async fn batch(self, id: RetryJobId) -> Result<RetryJobDetail, Problem> {
        self.session.ask(jobs::retry_job(self.organization.id(), id)).await
    }

    /// A batch as far as the dashboard knows it; reactive.
    pub fn known_batch(self, id: &RetryJobId) -> Option<RetryJobDetail> {
        self.dashboard.batches.with(|all| all.iter().find(|detail| detail.job.id == *id).cloned())
    }

    /// Pauses, resumes or ends a batch, and says so when the server refuses.
    pub async fn ask_of_batch(self, id: RetryJobId, action: BatchAction) {
        let organization = self.organization.id();
        let (answer, failed) = match action {
            BatchAction::Pause => {
                let ask = jobs::pause_retry_job(organization, id.clone());
                (self.session.ask(ask).await, "The batch was not paused")
            }
            BatchAction::Resume => {
                let ask = jobs::resume_retry_job(organization, id.clone());
                (self.session.ask(ask).await, "The batch was not resumed")
            }
            BatchAction::Stop => {
                let ask = jobs::cancel_retry_job(organization, id.clone());
                (self.session.ask(ask).await, "The batch was not stopped")
            }
            // Only what is shown changes.
            BatchAction::Dismiss => return,
        };
        match answer {
            Err(problem) => self.toasts.problem(failed, &problem),
            Ok(job) => {
                let outcome =
                    untrack(|| self.known_batch(&id)).map(|known| known.outcome).unwrap_or_default();
                let detail = RetryJobDetail { job, outcome };
                self.dashboard.batches.update(|batches| failed_batch::upsert(batches, detail));
            }
        }
    }
}
