//! Summary and heatmap: fetched, moved by live changes, and fetched again now and then.
//!
//! A push and an answer can overlap: a change may be in both, or the range may have moved on. So after live changes
//! the numbers are fetched once more, soon after an answer and else every quarter of a minute; what a person reads
//! may be off for that long at most.

use std::time::Duration;

use domain::dashboard::{Heatmap, HeatmapRows, Summary};
use domain::live::RollupDelta;
use domain::time::{SECOND, Timestamp};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::latest::Latest;
use crate::model::heatmap::{self, Applied};
use crate::model::range::Range;
use crate::model::summary;
use crate::rpc::dashboard as rpc;
use crate::ui::clock;
use crate::ui::realtime::{Live, LiveState, use_live};
use crate::ui::session::{CurrentOrganization, Session, use_organization, use_session};
use crate::ui::state::Load;

const SOON: Duration = Duration::from_secs(1);
const LATER: Duration = Duration::from_secs(15);
/// Without changes too the range moves on: what is older than it leaves, and latency is not pushed.
const IDLE: Duration = Duration::from_secs(60);

/// Both loads.
#[derive(Clone, Copy)]
pub struct Numbers {
    /// The header's numbers.
    pub summary: RwSignal<Load<Summary>>,
    /// The heatmap.
    pub heatmap: RwSignal<Load<Heatmap>>,
    /// The moment up to which they say everything.
    pub until: RwSignal<Timestamp>,
    /// Whether the pointer or the focus is on the heatmap, so that its rows are to stay.
    pub attention: StoredValue<bool>,
    asked: Latest,
    question: StoredValue<(Range, HeatmapRows)>,
    fetched_at: StoredValue<Timestamp>,
    due: StoredValue<Option<Timestamp>>,
    live: Live,
    session: Session,
    organization: CurrentOrganization,
}

impl Numbers {
    /// Nothing fetched yet.
    pub fn new() -> Self {
        Self {
            summary: RwSignal::new(Load::default()),
            heatmap: RwSignal::new(Load::default()),
            until: RwSignal::new(clock::now()),
            attention: StoredValue::new(false),
            asked: Latest::new(),
            question: StoredValue::new((Range::default(), HeatmapRows::Endpoint)),
            fetched_at: StoredValue::new(Timestamp(0)),
            due: StoredValue::new(None),
            live: use_live(),
            session: use_session(),
            organization: use_organization(),
        }
    }

    /// Asks for a range.
    pub fn show(self, range: Range, rows: HeatmapRows) {
        self.question.set_value((range, rows));
        self.fetch();
    }

    /// Asks the same again.
    pub fn fetch(self) {
        let (range, rows_by) = self.question.get_value();
        let now = clock::now();
        let (from, to) = range.resolve(now);
        let turn = self.asked.begin();
        self.due.set_value(None);
        if range.is_live(now) {
            self.fetch_in(IDLE);
        }
        self.summary.update(|load| load.loading = true);
        self.heatmap.update(|load| load.loading = true);
        let id = self.organization.id();
        spawn_local(async move {
            let answer = self.session.ask(rpc::dashboard_summary(id, from, to)).await;
            if self.asked.is(turn) {
                self.until.set(to);
                self.summary.update(|load| load.settle(answer));
                self.fetched_at.set_value(clock::now());
            }
        });
        let id = self.organization.id();
        spawn_local(async move {
            let answer = self.session.ask(rpc::dashboard_heatmap(id, from, to, rows_by)).await;
            if self.asked.is(turn) {
                let still = self.attention.get_value();
                self.heatmap.update(|load| {
                    let answer = answer.map(|mut map| {
                        if let Some(shown) =
                            load.data.as_ref().filter(|shown| still && shown.rows_by == map.rows_by)
                        {
                            heatmap::keep_order(&mut map, shown);
                        }
                        map
                    });
                    load.settle(answer);
                });
                self.fetched_at.set_value(clock::now());
            }
        });
    }

    /// Applies live changes.
    pub fn apply(self, deltas: &[RollupDelta]) {
        let now = clock::now();
        if deltas.is_empty() || !self.question.get_value().0.is_live(now) {
            return;
        }
        let mut incomplete = false;
        self.summary.update(|load| {
            if let Some(numbers) = &mut load.data {
                for delta in deltas {
                    summary::apply(numbers, delta);
                }
            }
        });
        self.heatmap.update(|load| {
            if let Some(map) = &mut load.data {
                for delta in deltas {
                    incomplete |= heatmap::apply(map, delta) == Applied::NeedsFetch;
                }
            }
        });
        self.until.update(|until| *until = now.max(*until));
        let overlapped = now.since(self.fetched_at.get_value()) < 2 * SECOND;
        self.fetch_in(if incomplete || overlapped { SOON } else { LATER });
    }

    /// Fetches after a while, unless that is planned for earlier already.
    fn fetch_in(self, wait: Duration) {
        let at = clock::now() + wait;
        if self.due.get_value().is_some_and(|due| due <= at) {
            return;
        }
        self.due.set_value(Some(at));
        let fire = move || {
            untrack(|| {
                // Another fetch may have come first, or the page is gone.
                if self.due.try_get_value() != Some(Some(at)) {
                    return;
                }
                // What is paused stands still, and a connection that comes back fetches by itself.
                let connected = matches!(self.live.state(), LiveState::Live | LiveState::Paused);
                if connected && !self.live.paused() {
                    self.fetch();
                } else {
                    self.due.set_value(None);
                }
            })
        };
        set_timeout(fire, wait);
    }
}
