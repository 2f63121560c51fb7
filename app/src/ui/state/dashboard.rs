//! The one state of the dashboard, so that tabs, grid, drawer and dialogs never disagree.
//!
//! What a person chose (tab, filters, range, open row) is in the address and read from there; the rest is here.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use domain::connector::Connector;
use domain::delivery::Delivery;
use domain::filter::ViewTab;
use domain::id::{ConnectorId, DeliveryId};
use domain::retry_job::RetryJobDetail;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use leptos_router::params::ParamsMap;

use super::{ManageModalData, RetryDialog};
use crate::model::grid::List;
use crate::model::query::{DashboardQuery, OpenRow};

/// How long a row that just arrived is marked.
const FRESH: Duration = Duration::from_secs(4);

/// Whether the way back leads through what was shown before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A new entry: back leads to what is shown now.
    New,
    /// The same entry: moving through rows does not fill the history.
    Same,
}

/// What the dashboard's parts share.
#[derive(Clone, Copy)]
pub struct IntegrationDashboardState {
    /// What the address says.
    pub query: Memo<DashboardQuery>,
    /// The active tab.
    pub view_tab: Memo<ViewTab>,
    /// The row that is open in the drawer, in its newest state.
    pub selected_row_data: RwSignal<Option<Delivery>>,
    /// Where *Manage integrations* stands; `None` while it is closed.
    pub manage_modal_data: RwSignal<Option<ManageModalData>>,
    /// The rows of the active tab, and what waits to be shown.
    pub current_tab_logs_data_list: RwSignal<List>,
    /// Rows with a check mark.
    pub selected: RwSignal<HashSet<DeliveryId>>,
    /// Rows that arrived a moment ago.
    pub fresh: RwSignal<HashSet<DeliveryId>>,
    /// The organization's connectors, for their names.
    pub connectors: RwSignal<HashMap<ConnectorId, Connector>>,
    /// The open retry dialog.
    pub retry_dialog: RwSignal<Option<RetryDialog>>,
    /// Batches of retries that are under way, and those that ended while this page was open.
    pub batches: RwSignal<Vec<RetryJobDetail>>,
    /// Counts up when something outside changed what the dashboard shows (connectors, a replay): fetch again.
    pub stale: RwSignal<u32>,
    navigate: StoredValue<Callback<(String, Step)>>,
}

/// Provides the state to everything below the caller.
pub fn provide_dashboard() -> IntegrationDashboardState {
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(|params| DashboardQuery::read(|key| params.get(key))));
    let navigate = use_navigate();
    let navigate = Callback::new(move |(address, step): (String, Step)| {
        let options = NavigateOptions { replace: step == Step::Same, scroll: false, ..Default::default() };
        navigate(&address, options);
    });
    let state = IntegrationDashboardState {
        query,
        view_tab: Memo::new(move |_| query.with(|query| query.tab)),
        selected_row_data: RwSignal::new(None),
        manage_modal_data: RwSignal::new(None),
        current_tab_logs_data_list: RwSignal::new(List::default()),
        selected: RwSignal::new(HashSet::new()),
        fresh: RwSignal::new(HashSet::new()),
        connectors: RwSignal::new(HashMap::new()),
        retry_dialog: RwSignal::new(None),
        batches: RwSignal::new(Vec::new()),
        stale: RwSignal::new(0),
        navigate: StoredValue::new(navigate),
    };
    provide_context(state);
    state
}

/// The dashboard's state.
pub fn use_dashboard() -> IntegrationDashboardState {
    expect_context()
}

/// The dashboard's address when it shows `query`.
pub fn address_of(query: &DashboardQuery) -> String {
    let mut params = ParamsMap::new();
    for (key, value) in query.write() {
        params.insert(key, value);
    }
    format!("/{}", params.to_query_string())
}

impl IntegrationDashboardState {
    /// Says that what is shown is to be fetched again.
    pub fn refetch(self) {
        self.stale.update(|count| *count += 1);
    }

    /// Shows something else, through the address.
    pub fn change(self, step: Step, change: impl FnOnce(&mut DashboardQuery)) {
        let before = self.query.get_untracked();
        let mut after = before.clone();
        change(&mut after);
        if after != before {
            self.navigate.get_value().run((address_of(&after), step));
        }
    }

    /// Shows `query`, from whatever page.
    pub fn go(self, query: &DashboardQuery) {
        self.navigate.get_value().run((address_of(query), Step::New));
    }

    /// Opens a row in the drawer.
    pub fn open(self, row: &Delivery) {
        let step =
            if self.query.with_untracked(|query| query.open.is_some()) { Step::Same } else { Step::New };
        self.selected_row_data.set(Some(row.clone()));
        self.change(step, |query| query.open = Some(OpenRow::Delivery(row.id.clone())));
    }

    /// Closes the drawer.
    pub fn close_drawer(self) {
        self.change(Step::Same, |query| query.open = None);
    }

    /// The address of something else, for links; reactive.
    pub fn address_with(self, change: impl FnOnce(&mut DashboardQuery)) -> String {
        let mut query = self.query.get();
        change(&mut query);
        address_of(&query)
    }

    /// The name of a connector; reactive. A connector that was deleted has only its id left.
    pub fn connector_name(self, id: &ConnectorId) -> String {
        self.connectors.with(|connectors| match connectors.get(id) {
            Some(connector) => connector.name.clone(),
            None => format!("{}…{}", ConnectorId::PREFIX, &id.as_str()[id.as_str().len() - 6..]),
        })
    }

    /// Takes in a newer state of a row, from wherever it came.
    pub fn take_in(self, row: Delivery) {
        let row = Arc::new(row);
        self.current_tab_logs_data_list.update(|list| list.update(&row));
        self.selected_row_data.update(|open| {
            if let Some(open) = open
                && open.id == row.id
                && row.updated_at >= open.updated_at
            {
                *open = Delivery::clone(&row);
            }
        });
    }

    /// Marks rows for a moment.
    pub fn mark_fresh(self, ids: Vec<DeliveryId>) {
        if ids.is_empty() {
            return;
        }
        self.fresh.update(|fresh| fresh.extend(ids.iter().cloned()));
        let rest = move || {
            // The dashboard may be gone by then.
            let _ = self.fresh.try_update(|fresh| ids.iter().for_each(|id| _ = fresh.remove(id)));
        };
        set_timeout(rest, FRESH);
    }

    /// The selected rows that can be retried; reactive.
    pub fn retryable_rows(self) -> Vec<Delivery> {
        self.selected.track();
        let rows = self.current_tab_logs_data_list.with(|_| self.selected_rows());
        rows.into_iter().filter(|row| row.status.can_retry()).collect()
    }

    /// The selected rows that are in the list, in its order.
    pub fn selected_rows(self) -> Vec<Delivery> {
        let selected = self.selected.get_untracked();
        self.current_tab_logs_data_list
            .with_untracked(|list| list.chosen(&selected).map(|row| Delivery::clone(row)).collect())
    }
}
