//! What follows when a line of the palette is chosen.

use domain::filter::ViewTab;
use domain::retry_job::RetrySelection;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use super::{IntegrationDashboardState, ManageModalData, RetryDialog, Step, use_dashboard};
use crate::model::palette::{Choice, Command, Side};
use crate::model::query::{DashboardQuery, ErrorsView, OpenRow};
use crate::model::range::{Preset, Range};
use crate::ui::components::palette_host::use_palette;
use crate::ui::preferences::{PreferenceKeeper, use_preferences};
use crate::ui::realtime::{Live, use_live};
use crate::ui::session::{Session, use_session};
use crate::ui::theme::switch_theme;

/// The way from the palette to everything.
#[derive(Clone, Copy)]
pub struct PaletteActions {
    dashboard: IntegrationDashboardState,
    live: Live,
    session: Session,
    preferences: PreferenceKeeper,
    listing_keys: RwSignal<bool>,
    path: Memo<String>,
    go: StoredValue<Callback<&'static str>>,
}

/// The palette's actions.
pub fn use_palette_actions() -> PaletteActions {
    let navigate = use_navigate();
    PaletteActions {
        dashboard: use_dashboard(),
        live: use_live(),
        session: use_session(),
        preferences: use_preferences(),
        listing_keys: use_palette().listing_keys,
        path: use_location().pathname,
        go: StoredValue::new(Callback::new(move |page: &'static str| {
            navigate(page, NavigateOptions::default());
        })),
    }
}

impl PaletteActions {
    /// Does what was chosen.
    pub fn act(self, choice: Choice) {
        match choice {
            // The palette's own business.
            Choice::Search(_) => {}
            Choice::Page(page) => self.go.get_value().run(page),
            Choice::Command(command) => self.command(command),
            Choice::Connector(id) => {
                self.dashboard.manage_modal_data.set(Some(ManageModalData::Connector(id)));
            }
            Choice::Delivery(id) => self.open(OpenRow::Delivery(id), |_| {}),
            Choice::Rejection(id) => self.open(OpenRow::Rejection(id), |query| {
                query.tab = ViewTab::Errors;
                query.errors = ErrorsView::Rejections;
            }),
            Choice::Records(side, record) => {
                let range = Range::Preset(Preset::Month);
                let query = DashboardQuery { range, ..DashboardQuery::default() };
                self.dashboard.go(&match side {
                    Side::Source => DashboardQuery { record: Some(record), ..query },
                    Side::Destination => DashboardQuery { destination: Some(record), ..query },
                });
            }
        }
    }

    /// Opens a row in the drawer; on the dashboard beside what is shown there.
    fn open(self, row: OpenRow, change: impl FnOnce(&mut DashboardQuery)) {
        let show = |query: &mut DashboardQuery| {
            change(query);
            query.open = Some(row);
        };
        if self.path.get_untracked() == "/" {
            self.dashboard.change(Step::New, show);
        } else {
            let mut query = DashboardQuery::default();
            show(&mut query);
            self.dashboard.go(&query);
        }
    }

    fn command(self, command: Command) {
        let dashboard = self.dashboard;
        let errors = |errors| DashboardQuery { tab: ViewTab::Errors, errors, ..DashboardQuery::default() };
        match command {
            Command::ManageIntegrations => dashboard.manage_modal_data.set(Some(ManageModalData::List)),
            Command::AddConnector => dashboard.manage_modal_data.set(Some(ManageModalData::New)),
            Command::ToggleLive => self.live.toggle(),
            Command::ShowErrors => dashboard.go(&errors(ErrorsView::Deliveries)),
            Command::ShowRejected => dashboard.go(&errors(ErrorsView::Rejections)),
            Command::RetrySelected => {
                let ids: Vec<_> = dashboard.selected.with_untracked(|ids| ids.iter().cloned().collect());
                if !ids.is_empty() {
                    let selection = RetrySelection::Ids { ids };
                    dashboard.retry_dialog.set(Some(RetryDialog::ActionCategory(selection)));
                }
            }
            Command::SwitchTheme => switch_theme(self.preferences),
            Command::ListKeys => self.listing_keys.set(true),
            Command::SignOut => self.session.sign_out(),
        }
    }
}
