//! The one state of the dashboard, so that tabs, grid, drawer and dialogs never disagree.

use domain::delivery::Delivery;
use domain::filter::ViewTab;
use leptos::prelude::*;

use super::{ManageModalData, RetryDialog};

/// What the dashboard's parts share.
#[derive(Clone, Copy)]
pub struct IntegrationDashboardState {
    /// The active tab.
    pub view_tab: RwSignal<ViewTab>,
    /// The row that is open in the drawer.
    pub selected_row_data: RwSignal<Option<Delivery>>,
    /// Where *Manage integrations* stands; `None` while it is closed.
    pub manage_modal_data: RwSignal<Option<ManageModalData>>,
    /// The rows of the active tab, newest first.
    pub current_tab_logs_data_list: RwSignal<Vec<Delivery>>,
    /// The open retry dialog.
    pub retry_dialog: RwSignal<Option<RetryDialog>>,
    /// Counts up when something outside changed what the dashboard shows (connectors, a replay): fetch again.
    pub stale: RwSignal<u32>,
}

/// Provides the state to everything below the caller.
pub fn provide_dashboard() -> IntegrationDashboardState {
    let state = IntegrationDashboardState {
        view_tab: RwSignal::new(ViewTab::Api),
        selected_row_data: RwSignal::new(None),
        manage_modal_data: RwSignal::new(None),
        current_tab_logs_data_list: RwSignal::new(Vec::new()),
        retry_dialog: RwSignal::new(None),
        stale: RwSignal::new(0),
    };
    provide_context(state);
    state
}

/// The dashboard's state.
pub fn use_dashboard() -> IntegrationDashboardState {
    expect_context()
}

impl IntegrationDashboardState {
    /// Says that what is shown is to be fetched again.
    pub fn refetch(self) {
        self.stale.update(|count| *count += 1);
    }
}
