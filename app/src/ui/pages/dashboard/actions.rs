//! What a person does with rows: retry, cancel, and the dialogs for the rest.

use domain::delivery::Delivery;
use domain::error::Problem;
use domain::retry_job::RetrySelection;
use domain::status::DeliveryStatus;
use domain::user::Role;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::model::grid;
use crate::rpc::deliveries as rpc;
use crate::ui::clock;
use crate::ui::components::event_drawer::DrawerAction;
use crate::ui::components::toasts::{ToastQueue, use_toasts};
use crate::ui::session::{CurrentOrganization, Session, use_organization, use_session};
use crate::ui::state::{IntegrationDashboardState, RetryDialog, use_dashboard};

/// The actions of the page.
#[derive(Clone, Copy)]
pub struct Actions {
    /// Something is under way.
    pub busy: RwSignal<bool>,
    state: IntegrationDashboardState,
    session: Session,
    organization: CurrentOrganization,
    toasts: ToastQueue,
}

impl Actions {
    /// Nothing under way.
    pub fn new() -> Self {
        Self {
            busy: RwSignal::new(false),
            state: use_dashboard(),
            session: use_session(),
            organization: use_organization(),
            toasts: use_toasts(),
        }
    }

    /// Why this person cannot retry or replay anything.
    pub fn obstacle(self) -> Option<&'static str> {
        (!self.organization.allows(Role::Operator)).then_some("You need the operator role to retry or replay")
    }

    /// Why a row cannot be retried or sent again now.
    pub fn obstacle_of(self, row: &Delivery) -> Option<&'static str> {
        self.obstacle().or(match row.status {
            DeliveryStatus::Received | DeliveryStatus::Processing => {
                Some("Its first attempt is still to come")
            }
            _ if row.payload_expires_at <= clock::now() => Some("Its payload is no longer kept"),
            _ => None,
        })
    }

    /// Starts the retry flow that belongs to a row.
    pub fn start_retry(self, row: &Delivery) {
        if self.obstacle_of(row).is_none() {
            self.state.retry_dialog.set(RetryDialog::for_row(row));
        }
    }

    /// Starts a batch with the selected rows; what cannot be retried is left out there, with its reason.
    pub fn start_batch(self) {
        let ids: Vec<_> = self.state.selected.with_untracked(|selected| selected.iter().cloned().collect());
        if !ids.is_empty() {
            self.start(RetrySelection::Ids { ids });
        }
    }

    /// Starts a batch with every failed delivery that the grid's filter admits, loaded or not.
    pub fn start_batch_of_all(self) {
        let now = clock::now();
        let mut filter = self.state.query.with_untracked(|query| query.filter(now));
        // What fails from now on is not what the person saw.
        filter.to = filter.to.or(Some(now));
        self.start(RetrySelection::Filter { filter });
    }

    fn start(self, selection: RetrySelection) {
        self.state.retry_dialog.set(Some(RetryDialog::ActionCategory(selection)));
    }

    /// Does what was asked for in the drawer.
    pub fn act(self, action: DrawerAction, row: Delivery) {
        if self.obstacle_of(&row).is_some() {
            return;
        }
        match action {
            DrawerAction::Edit => self.state.retry_dialog.set(Some(RetryDialog::ApiRetry(row))),
            DrawerAction::SendAgain => self.state.retry_dialog.set(Some(RetryDialog::Resend(row))),
            DrawerAction::Retry => self.ask(
                rpc::retry_delivery(self.organization.id(), row.id.clone(), None),
                row,
                DeliveryStatus::Retrying,
                ("is tried again", "The attempt appears in the timeline."),
                "was not retried",
            ),
            DrawerAction::Cancel => self.ask(
                rpc::cancel_delivery(self.organization.id(), row.id.clone()),
                row,
                DeliveryStatus::Canceled,
                ("is canceled", "It can still be retried."),
                "was not canceled",
            ),
        }
    }

    fn ask(
        self,
        call: impl Future<Output = Result<Delivery, crate::rpc::RpcError>> + 'static,
        row: Delivery,
        to: DeliveryStatus,
        done: (&'static str, &'static str),
        failed: &'static str,
    ) {
        let what = row.source_record_id.clone().unwrap_or_else(|| row.event_type.to_string());
        self.busy.set(true);
        // Shown at once; whatever the server says about the row later replaces it.
        self.state.take_in(grid::expected(&row, to));
        spawn_local(async move {
            let answer: Result<Delivery, Problem> = self.session.ask(call).await;
            // The page may be gone by then; the toast is not.
            let _ = self.busy.try_set(false);
            match answer {
                Ok(after) => {
                    self.toasts.done(format!("{what} {}", done.0), done.1);
                    self.state.take_in(after);
                }
                Err(problem) => {
                    self.state.take_in(row);
                    self.toasts.problem(format!("{what} {failed}"), &problem);
                    if problem.status == 409 {
                        // What was shown was not the newest.
                        self.state.refetch();
                    }
                }
            }
        });
    }
}
