//! Which retry dialog is open, and about what.

use domain::delivery::Delivery;
use domain::status::DeliveryStatus;

/// An open retry dialog. Which one belongs to a row follows from its state: see [`RetryDialog::for_row`].
#[derive(Clone, Debug, PartialEq)]
pub enum RetryDialog {
    /// ApiRetryModal: correct the payload and replay.
    ApiRetry(Delivery),
    /// IntegrationResendModal: the same payload once more.
    Resend(Delivery),
    /// ActionCategoryModal: retry these failed deliveries, grouped by what stopped them.
    ActionCategory(Vec<Delivery>),
}

impl RetryDialog {
    /// The dialog for a row: what was delivered is sent again, everything else can be corrected first.
    pub fn for_row(row: Delivery) -> Self {
        match row.status {
            DeliveryStatus::Delivered => Self::Resend(row),
            _ => Self::ApiRetry(row),
        }
    }
}
