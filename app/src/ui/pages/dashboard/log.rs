//! The rows of the grid: fetched by pages, moved by live changes, held still when a person looks closer, and compared
//! with the store again when something was missed.
//!
//! What is asked next decides [`crate::model::grid`], one question at a time; this asks it. Live changes are gathered
//! and shown with the next frame.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use domain::delivery::Delivery;
use domain::error::Problem;
use domain::filter::DeliveryFilter;
use domain::page::PageQuery;
use domain::time::{SECOND, Timestamp};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::latest::Latest;
use crate::model::grid::{Change, List, Manner, Question};
use crate::model::query::DashboardQuery;
use crate::rpc::deliveries as rpc;
use crate::ui::clock;
use crate::ui::realtime::{Live, use_live};
use crate::ui::session::{CurrentOrganization, Session, use_organization, use_session};
use crate::ui::state::{IntegrationDashboardState, use_dashboard};

/// Under load every push says that more changed than it carries; rows are looked at again this often at most.
const AGAIN: i64 = SECOND;

/// Rows that came into view are looked at this soon: whoever scrolls past them asks nothing.
const SOON: i64 = SECOND / 5;

/// So many changes do not wait for a frame: a tab in the background has none.
const MANY: usize = 500;

/// What the store said.
enum Answer {
    Page(domain::page::Page<Delivery>),
    Rows(Vec<Delivery>),
}

/// The log of the active tab.
#[derive(Clone, Copy)]
pub struct Log {
    /// Why the rows could not be fetched.
    pub problem: RwSignal<Option<Problem>>,
    /// Whether an answer has come for what is asked.
    pub loaded: RwSignal<bool>,
    /// Whether more rows are being fetched.
    pub loading_more: RwSignal<bool>,
    /// The list that takes the place of the one that is shown, once it has rows.
    coming: StoredValue<Option<List>>,
    gathered: StoredValue<Vec<Arc<Delivery>>>,
    view: StoredValue<Range<usize>>,
    /// When the store was last asked about doubtful rows, and in which generation.
    looked: StoredValue<(Timestamp, u32)>,
    planned: StoredValue<bool>,
    asked: Latest,
    live: Live,
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
            loading_more: RwSignal::new(false),
            coming: StoredValue::new(None),
            gathered: StoredValue::new(Vec::new()),
            view: StoredValue::new(0..0),
            looked: StoredValue::new((Timestamp(0), 0)),
            planned: StoredValue::new(false),
            asked: Latest::new(),
            live: use_live(),
            state: use_dashboard(),
            session: use_session(),
            organization: use_organization(),
        }
    }

    /// Shows what `query` asks for, from its first row on. What is shown stays until the answer is there.
    pub fn show(self, query: &DashboardQuery) {
        self.coming.set_value(Some(List::new(query.filter(clock::now()))));
        self.fetch_first();
    }

    fn fetch_first(self) {
        let turn = self.asked.begin();
        self.loaded.set(false);
        self.loading_more.set(false);
        let filter = self.coming.try_update_value(|list| {
            let list = list.get_or_insert_default();
            list.give_up();
            list.ask_first().map(|question| (list.filter().clone(), question))
        });
        let Some(Some((filter, question))) = filter else { return };
        spawn_local(async move {
            let answer = self.ask(filter, question).await;
            if !self.asked.is(turn) {
                return;
            }
            let Some(mut list) = self.coming.try_update_value(Option::take).flatten() else { return };
            match answer {
                Ok(answer) => {
                    self.problem.set(None);
                    take(&mut list, answer, Manner { held: false, open: None });
                }
                Err(problem) => {
                    list.give_up();
                    self.problem.set(Some(problem));
                }
            }
            self.state.selected.update(|selected| selected.retain(|id| list.find(id).is_some()));
            self.state.current_tab_logs_data_list.set(list);
            self.loaded.set(true);
            self.plan(SOON);
        });
    }

    /// Asks again for what is shown: something may have been missed, or the last question had no answer.
    pub fn fetch(self) {
        let list = self.state.current_tab_logs_data_list;
        if self.coming.with_value(Option::is_some) {
            // Its answer may be older than what was missed.
            return self.coming.update_value(|list| list.iter_mut().for_each(List::missed));
        }
        if !list.with_untracked(List::is_loaded) {
            self.coming.set_value(Some(list.with_untracked(|list| List::new(list.filter().clone()))));
            return self.fetch_first();
        }
        list.update(List::missed);
        self.look();
    }

    /// Says which rows are in view.
    pub fn look_at(self, view: Range<usize>) {
        self.view.set_value(view);
        self.plan(SOON);
    }

    /// Fetches the next page.
    pub fn fetch_more(self) {
        if self.loaded.get_untracked() {
            self.loading_more.set(true);
            self.next();
        }
    }

    /// Applies live changes with the next frame.
    pub fn apply(self, changed: Vec<Delivery>) {
        if changed.is_empty() {
            return;
        }
        let count = self.gathered.try_update_value(|gathered| {
            let before = gathered.len();
            gathered.extend(changed.into_iter().map(Arc::new));
            (before, gathered.len())
        });
        match count {
            Some((_, after)) if after > MANY => self.flush(),
            Some((0, _)) => request_animation_frame(move || self.flush()),
            _ => {}
        }
    }

    fn flush(self) {
        // The page may be gone by then.
        let Some(changed) = self.gathered.try_update_value(std::mem::take) else { return };
        if changed.is_empty() {
            return;
        }
        self.coming.update_value(|list| {
            if let Some(list) = list {
                list.hear(changed.clone(), Manner { held: false, open: None });
            }
        });
        let change = self.change(|list, how| list.hear(changed, how));
        self.state.mark_fresh(change.fresh);
    }

    /// Shows what waits.
    pub fn show_waiting(self) {
        let change = self.change(|list, how| list.release(how.open));
        self.state.mark_fresh(change.fresh);
        self.look();
    }

    /// Changes the list the way it is held now.
    fn change(self, change: impl FnOnce(&mut List, Manner<'_>) -> Change) -> Change {
        let open = self.state.selected_row_data.with_untracked(|row| row.as_ref().map(|row| row.id.clone()));
        let held = untrack(|| self.live.rows_held());
        let list = self.state.current_tab_logs_data_list;
        let changed = list.try_update(|list| change(list, Manner { held, open: open.as_ref() }));
        let changed = changed.unwrap_or_default();
        if !changed.gone.is_empty() && self.state.selected.with_untracked(|selected| !selected.is_empty()) {
            self.state.selected.update(|selected| changed.gone.iter().for_each(|id| _ = selected.remove(id)));
        }
        if list.with_untracked(|list| list.is_empty() && list.has_more()) {
            self.fetch_more();
        }
        changed
    }

    /// Looks at doubtful rows again after a while.
    fn plan(self, wait: i64) {
        if self.planned.get_value() {
            return;
        }
        self.planned.set_value(true);
        let fire = move || {
            // The page may be gone by then.
            if self.planned.try_update_value(std::mem::take) == Some(true) {
                self.look();
            }
        };
        set_timeout(fire, Duration::from_micros(wait.unsigned_abs()));
    }

    /// Looks at doubtful rows again, unless that was done a moment ago.
    fn look(self) {
        let generation = self.state.current_tab_logs_data_list.with_untracked(List::generation);
        let (at, then) = self.looked.get_value();
        let pause = if generation == then { SOON } else { AGAIN };
        let wait = pause - clock::now().since(at);
        if wait > 0 { self.plan(wait) } else { self.next() }
    }

    /// Asks the next question, if there is one and none is open.
    fn next(self) {
        let list = self.state.current_tab_logs_data_list;
        if !self.loaded.get_untracked() || list.with_untracked(List::is_asking) {
            return;
        }
        let held = untrack(|| self.live.rows_held());
        let more = self.loading_more.get_untracked();
        let question = if more {
            list.try_update_untracked(List::ask_more).flatten()
        } else {
            self.looked.set_value((clock::now(), list.with_untracked(List::generation)));
            list.try_update_untracked(|list| list.ask_doubtful(self.view.get_value(), held)).flatten()
        };
        let Some(question) = question else {
            if more {
                self.loading_more.set(false);
            }
            return;
        };
        let turn = self.asked.current();
        let filter = list.with_untracked(|list| list.filter().clone());
        spawn_local(async move {
            let answer = self.ask(filter, question).await;
            if !self.asked.is(turn) {
                return;
            }
            match answer {
                Ok(answer) => {
                    self.problem.set(None);
                    self.change(|list, how| take(list, answer, how));
                }
                Err(problem) => {
                    list.update(List::give_up);
                    self.loading_more.set(false);
                    // Asked again when a person wants it, or with the next sign of something missed.
                    return self.problem.set(Some(problem));
                }
            }
            if more {
                self.loading_more.set(false);
            }
            // Somebody may have reached the end meanwhile.
            if self.loading_more.get_untracked() { self.next() } else { self.look() }
        });
    }

    async fn ask(self, filter: DeliveryFilter, question: Question) -> Result<Answer, Problem> {
        let organization = self.organization.id();
        match question {
            Question::Page { after, limit } => {
                let page = PageQuery { limit, cursor: after.map(|id| id.to_string()) };
                self.session.ask(rpc::list_deliveries(organization, filter, page)).await.map(Answer::Page)
            }
            Question::Rows(ids) => {
                self.session.ask(rpc::deliveries_by_ids(organization, ids)).await.map(Answer::Rows)
            }
        }
    }
}

fn take(list: &mut List, answer: Answer, how: Manner<'_>) -> Change {
    match answer {
        Answer::Page(page) => list.answer(page.items, page.next_cursor.is_some(), how),
        Answer::Rows(rows) => list.answer_rows(rows, how),
    }
}
