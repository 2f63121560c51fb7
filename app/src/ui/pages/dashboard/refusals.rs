//! The list of refused requests.

use std::time::Duration;

use domain::error::Problem;
use domain::filter::RejectionFilter;
use domain::page::PageQuery;
use domain::rejection::Rejection;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::latest::Latest;
use crate::rpc::rejections as rpc;
use crate::ui::session::{CurrentOrganization, Session, use_organization, use_session};
use crate::ui::state::{IntegrationDashboardState, use_dashboard};

const PAGE: u32 = 100;

/// Refusals come in floods; the list is fetched once for those of this span.
const GATHER: Duration = Duration::from_millis(500);

/// Refused requests, newest first.
#[derive(Clone, Copy)]
pub struct Refusals {
    /// The rows.
    pub rows: RwSignal<Vec<Rejection>>,
    /// Why they could not be fetched.
    pub problem: RwSignal<Option<Problem>>,
    /// Whether an answer has come.
    pub loaded: RwSignal<bool>,
    /// Whether older rows are being fetched.
    pub loading_older: RwSignal<bool>,
    /// How many came while the list was held still.
    pub waiting: RwSignal<usize>,
    cursor: RwSignal<Option<String>>,
    planned: StoredValue<bool>,
    asked: Latest,
    state: IntegrationDashboardState,
    session: Session,
    organization: CurrentOrganization,
}

impl Refusals {
    /// Nothing fetched yet.
    pub fn new() -> Self {
        Self {
            rows: RwSignal::new(Vec::new()),
            problem: RwSignal::new(None),
            loaded: RwSignal::new(false),
            loading_older: RwSignal::new(false),
            waiting: RwSignal::new(0),
            cursor: RwSignal::new(None),
            planned: StoredValue::new(false),
            asked: Latest::new(),
            state: use_dashboard(),
            session: use_session(),
            organization: use_organization(),
        }
    }

    /// Whether older rows can be fetched; reactive.
    pub fn has_older(self) -> bool {
        self.cursor.with(Option::is_some)
    }

    /// Fetches the newest rows.
    pub fn fetch(self) {
        self.waiting.set(0);
        self.ask(None);
    }

    /// Fetches the next page of older rows.
    pub fn fetch_older(self) {
        if !self.loading_older.get_untracked()
            && let Some(cursor) = self.cursor.get_untracked()
        {
            self.ask(Some(cursor));
        }
    }

    /// Some more were refused.
    pub fn heard(self, count: i64, held: bool) {
        if held {
            self.waiting.update(|waiting| *waiting += usize::try_from(count).unwrap_or(0));
        } else if !self.planned.get_value() {
            self.planned.set_value(true);
            let fire = move || {
                // The page may be gone by then.
                if self.planned.try_update_value(std::mem::take) == Some(true) {
                    self.fetch();
                }
            };
            set_timeout(fire, GATHER);
        }
    }

    fn ask(self, cursor: Option<String>) {
        let turn = self.asked.begin();
        let older = cursor.is_some();
        self.loading_older.set(older);
        let connector_id = self.state.query.with_untracked(|query| query.connector.clone());
        let filter = RejectionFilter { connector_id, ..RejectionFilter::default() };
        let ask = rpc::list_rejections(self.organization.id(), filter, PageQuery { limit: PAGE, cursor });
        spawn_local(async move {
            let answer = self.session.ask(ask).await;
            if !self.asked.is(turn) {
                return;
            }
            self.loading_older.set(false);
            match answer {
                Ok(page) => {
                    self.problem.set(None);
                    self.cursor.set(page.next_cursor);
                    self.rows.update(|rows| {
                        if !older {
                            rows.clear();
                        }
                        rows.extend(page.items);
                    });
                }
                Err(problem) => self.problem.set(Some(problem)),
            }
            self.loaded.set(true);
        });
    }
}
