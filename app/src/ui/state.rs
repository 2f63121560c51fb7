//! State that several components share, as structs of signals.

pub mod dashboard;
pub mod load;
pub mod manage_modal;
pub mod retry_dialog;

pub use dashboard::{IntegrationDashboardState, Step, provide_dashboard, use_dashboard};
pub use load::Load;
pub use manage_modal::ManageModalData;
pub use retry_dialog::RetryDialog;
