//! Which retry dialog is open, and about what.

use domain::delivery::Delivery;
use domain::event::Direction;
use domain::retry_job::RetrySelection;
use domain::status::DeliveryStatus;

/// An open retry dialog. Which one belongs to a row follows from its state: see [`RetryDialog::for_row`].
#[derive(Clone, Debug, PartialEq)]
pub enum RetryDialog {
    /// ApiRetryModal: correct the payload and replay.
    ApiRetry(Delivery),
    /// IntegrationResendModal: the same payload once more.
    Resend(Delivery),
    /// ActionCategoryModal: retry these failed deliveries as a batch, grouped by what stopped them.
    ActionCategory(RetrySelection),
}

impl RetryDialog {
    /// The dialog for a row; `None` while a first attempt is still to come. What was delivered is sent again, a
    /// failed webhook is retried, and an inbound delivery can be corrected first.
    pub fn for_row(row: &Delivery) -> Option<Self> {
        match (row.status, row.direction) {
            (DeliveryStatus::Received | DeliveryStatus::Processing, _) => None,
            (DeliveryStatus::Delivered, _) => Some(Self::Resend(row.clone())),
            (_, Direction::Outbound) => {
                Some(Self::ActionCategory(RetrySelection::Ids { ids: vec![row.id.clone()] }))
            }
            (_, Direction::Inbound) => Some(Self::ApiRetry(row.clone())),
        }
    }
}
