//! The rows of the grid: fetched by pages, moved by live changes, held still when a person looks closer.

use std::sync::Arc;

use domain::delivery::Delivery;
use domain::error::Problem;
use domain::filter::DeliveryFilter;
use domain::page::{Page, PageQuery};
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::latest::Latest;
use crate::model::grid;
use crate::model::query::DashboardQuery;
use crate::rpc::deliveries as rpc;
use crate::ui::clock;
use crate::ui::session::{CurrentOrganization, Session, use_organization, use_session};
use crate::ui::state::{IntegrationDashboardState, use_dashboard};

/// Rows of one page.
const PAGE: u32 = 100;

/// Where older rows are.
#[derive(Clone, Debug, PartialEq)]
enum Older {
    /// After this cursor.
    Cursor(String),
    /// From this time on backwards: rows at the end were let go.
    Before(Timestamp),
    /// There are none.
    None,
}

/// How an answer enters the list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Take {
    /// It is the list.
    Replace,
    /// It is the list, and what arrived since it was asked for.
    Renew,
    /// Known rows change in place, new ones wait.
    Hold,
}

/// The log of the active tab.
#[derive(Clone, Copy)]
pub struct Log {
    /// Why the rows could not be fetched.
    pub problem: RwSignal<Option<Problem>>,
    /// Whether an answer has come for what is asked.
    pub loaded: RwSignal<bool>,
    /// Whether older rows are being fetched.
    pub loading_older: RwSignal<bool>,
    older: RwSignal<Older>,
    filter: StoredValue<DeliveryFilter>,
    too_many_wait: StoredValue<bool>,
    asked: Latest,
    state: IntegrationDashboardState,
    session: Session,
    organization: CurrentOrganization,
}

impl Log {
    /// Nothing fetched yet.
    pub fn new() -> Self {
        Self {
            problem: RwSignal::new(None),
            loaded: RwSignal::new(false),
            loading_older: RwSignal::new(false),
            older: RwSignal::new(Older::None),
            filter: StoredValue::new(DeliveryFilter::default()),
            too_many_wait: StoredValue::new(false),
            asked: Latest::new(),
            state: use_dashboard(),
            session: use_session(),
            organization: use_organization(),
        }
    }

    /// Whether older rows can be fetched; reactive.
    pub fn has_older(self) -> bool {
        self.older.get() != Older::None
    }

    /// Shows what `query` asks for, from the newest row on.
    pub fn show(self, query: &DashboardQuery) {
        self.filter.set_value(query.filter(clock::now()));
        self.loaded.set(false);
        self.ask(Take::Replace);
    }

    /// Asks the same again. With `held` rows stay where they are: known ones change, new ones wait.
    pub fn fetch(self, held: bool) {
        self.ask(if held { Take::Hold } else { Take::Renew });
    }

    fn ask(self, take: Take) {
        let turn = self.asked.begin();
        self.loading_older.set(false);
        let ask = rpc::list_deliveries(
            self.organization.id(),
            self.filter.get_value(),
            PageQuery { limit: PAGE, cursor: None },
        );
        spawn_local(async move {
            let answer = self.session.ask(ask).await;
            if !self.asked.is(turn) {
                return;
            }
            match answer {
                Ok(page) if take == Take::Hold => {
                    self.problem.set(None);
                    self.hold(page.items.into_iter().map(Arc::new).collect());
                }
                Ok(page) => self.replace(page, take),
                Err(problem) => self.problem.set(Some(problem)),
            }
            self.loaded.set(true);
        });
    }

    fn replace(self, page: Page<Delivery>, take: Take) {
        self.problem.set(None);
        self.older.set(page.next_cursor.map_or(Older::None, Older::Cursor));
        self.too_many_wait.set_value(false);
        self.state.waiting.set(Vec::new());
        let page = page.items.into_iter().map(Arc::new);
        let rows = match take {
            Take::Renew => {
                self.state.current_tab_logs_data_list.with_untracked(|shown| grid::renew(shown, page))
            }
            Take::Replace | Take::Hold => page.collect(),
        };
        self.state.selected.update(|selected| selected.retain(|id| rows.iter().any(|row| row.id == *id)));
        self.state.current_tab_logs_data_list.set(rows);
    }

    fn hold(self, changed: grid::Rows) {
        let filter = self.filter.get_value();
        let mut fits = true;
        self.state.current_tab_logs_data_list.update(|rows| {
            self.state.waiting.update(|waiting| fits = grid::apply_held(rows, waiting, &filter, changed));
        });
        if !fits {
            self.too_many_wait.set_value(true);
        }
    }

    /// Applies live changes.
    pub fn apply(self, changed: Vec<Delivery>, held: bool) {
        let changed: grid::Rows = changed.into_iter().map(Arc::new).collect();
        if held {
            return self.hold(changed);
        }
        let filter = self.filter.get_value();
        let open = self.state.selected_row_data.with_untracked(|row| row.as_ref().map(|row| row.id.clone()));
        let mut arrived = grid::Arrived::default();
        self.state.current_tab_logs_data_list.update(|rows| {
            arrived = grid::apply_live(rows, &filter, changed, open.as_ref());
            if arrived.cut
                && let Some(last) = rows.last()
            {
                self.older.set(Older::Before(last.created_at));
            }
        });
        self.state.mark_fresh(arrived.fresh);
    }

    /// Shows what waits.
    pub fn show_waiting(self) {
        if self.too_many_wait.get_value() {
            return self.fetch(false);
        }
        let waiting = self.state.waiting.get_untracked();
        self.state.waiting.set(Vec::new());
        let filter = self.filter.get_value();
        let open = self.state.selected_row_data.with_untracked(|row| row.as_ref().map(|row| row.id.clone()));
        let mut ids = Vec::new();
        self.state
            .current_tab_logs_data_list
            .update(|rows| ids = grid::release(rows, waiting, &filter, open.as_ref()));
        self.state.mark_fresh(ids);
    }

    /// Fetches the next page of older rows.
    pub fn fetch_older(self) {
        if self.loading_older.get_untracked() || !self.loaded.get_untracked() {
            return;
        }
        let mut filter = self.filter.get_value();
        let cursor = match self.older.get_untracked() {
            Older::Cursor(cursor) => Some(cursor),
            Older::Before(time) => {
                // The end is excluded, and rows of the same microsecond may be missing: so include it.
                filter.to = Some(time.plus(1));
                None
            }
            Older::None => return,
        };
        let turn = self.asked.begin();
        self.loading_older.set(true);
        let ask = rpc::list_deliveries(self.organization.id(), filter, PageQuery { limit: PAGE, cursor });
        spawn_local(async move {
            let answer = self.session.ask(ask).await;
            if !self.asked.is(turn) {
                return;
            }
            self.loading_older.set(false);
            match answer {
                Ok(page) => {
                    self.state.current_tab_logs_data_list.update(|rows| grid::append(rows, page.items));
                    let after_cut = matches!(self.older.get_untracked(), Older::Before(_));
                    // A cursor belongs to its filter; after a cut the filter had another end.
                    let older = match (page.next_cursor, after_cut) {
                        (None, _) => Older::None,
                        (Some(cursor), false) => Older::Cursor(cursor),
                        (Some(_), true) => self.state.current_tab_logs_data_list.with_untracked(|rows| {
                            rows.last().map_or(Older::None, |row| Older::Before(row.created_at))
                        }),
                    };
                    self.older.set(older);
                }
                Err(problem) => self.problem.set(Some(problem)),
            }
        });
    }
}
