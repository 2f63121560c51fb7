//! State that several components share, as structs of signals.

pub mod dashboard;
pub mod manage_modal;
pub mod retry_dialog;

pub use dashboard::{IntegrationDashboardState, provide_dashboard, use_dashboard};
pub use manage_modal::ManageModalData;
pub use retry_dialog::RetryDialog;
