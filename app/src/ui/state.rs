//! State that several components share, as structs of signals.

pub mod api_retry;
pub mod connector_draft;
pub mod dashboard;
pub mod finder;
pub mod json_view;
pub mod load;
pub mod manage_actions;
pub mod manage_modal;
pub mod palette_actions;
pub mod retry_actions;
pub mod retry_dialog;

pub use api_retry::{ApiRetry, Way};
pub use connector_draft::{ConnectorDraft, ReceiverDraft, RouteDraft};
pub use dashboard::{IntegrationDashboardState, Step, address_of, provide_dashboard, use_dashboard};
pub use finder::{Finder, use_finder};
pub use load::Load;
pub use manage_actions::{ManageActions, use_manage_actions};
pub use manage_modal::ManageModalData;
pub use palette_actions::{PaletteActions, use_palette_actions};
pub use retry_actions::{RetryActions, use_retry_actions};
pub use retry_dialog::RetryDialog;
