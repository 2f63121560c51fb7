//! The batches of retries above the grid. They go on in the server whoever looks; what is shown is fetched when the page
//! opens, when the feed hints at a change, and every other second while something is under way.

use std::collections::HashSet;
use std::time::Duration;

use domain::filter::ViewTab;
use domain::id::RetryJobId;
use domain::page::PageQuery;
use domain::retry_job::RetryJobDetail;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Dashboard;
use crate::model::failed_batch::{is_moving, is_shown, read_dismissed, upsert, with_dismissed};
use crate::ui::browser;
use crate::ui::clock;
use crate::ui::components::retry_batch::{BatchAction, RetryBatch};
use crate::ui::realtime::LiveMessage;
use crate::ui::state::{RetryActions, use_retry_actions};

/// Where the browser keeps which batches were dismissed.
const DISMISSED_KEY: &str = "dismissed-batches";
/// Batches that are looked through for those under way: as many as can be, and some that ended since.
const NEWEST: u32 = 40;
/// Hints are gathered so long before the batches are fetched.
const SOON: Duration = Duration::from_millis(300);
/// How often deliveries are counted that are still under way: those change without a hint about their batch.
const MOVING: Duration = Duration::from_secs(2);

/// The batches, oldest last.
#[component]
pub fn DashboardBatches(
    /// The page.
    page: Dashboard,
) -> impl IntoView {
    let batches = page.state.batches;
    let shown = Shown {
        batches,
        actions: use_retry_actions(),
        dismissed: StoredValue::new(read_dismissed(&browser::stored(DISMISSED_KEY).unwrap_or_default())),
        hinted: StoredValue::new(HashSet::new()),
    };
    shown.find();
    page.live.listen(Callback::new(move |message: LiveMessage| match message {
        LiveMessage::CatchUp => shown.find(),
        LiveMessage::Batch(batch) if !batch.jobs.is_empty() => shown.soon(batch.jobs),
        LiveMessage::Batch(_) => {}
    }));
    let every = set_interval_with_handle(move || shown.count_moving(), MOVING).ok();
    on_cleanup(move || {
        if let Some(every) = every {
            every.clear();
        }
    });
    let obstacle = page.actions.obstacle();
    let on_action = Callback::new(move |(id, action): (RetryJobId, BatchAction)| shown.act(id, action));
    let visible = move || batches.with(|batches| ids(batches));
    view! {
        <For each=visible key=RetryJobId::clone let:id>
            <OneBatch page id obstacle on_action/>
        </For>
    }
}

#[component]
fn OneBatch(
    page: Dashboard,
    id: RetryJobId,
    obstacle: Option<&'static str>,
    on_action: Callback<(RetryJobId, BatchAction)>,
) -> impl IntoView {
    let state = page.state;
    let job = id.clone();
    let href = Signal::derive(move || {
        state.address_with(|query| {
            query.widen();
            // The Errors tab would hide what was delivered.
            if query.tab == ViewTab::Errors {
                query.tab = ViewTab::Api;
            }
            query.job = Some(job.clone());
            query.open = None;
        })
    });
    let first = state.batches.with_untracked(|all| all.iter().find(|detail| detail.job.id == id).cloned())?;
    let detail = Memo::new(move |_| {
        let newest = state.batches.with(|all| all.iter().find(|detail| detail.job.id == id).cloned());
        newest.unwrap_or_else(|| first.clone())
    });
    Some(view! { <RetryBatch detail href obstacle on_action/> })
}

#[derive(Clone, Copy)]
struct Shown {
    batches: RwSignal<Vec<RetryJobDetail>>,
    actions: RetryActions,
    dismissed: StoredValue<Vec<RetryJobId>>,
    hinted: StoredValue<HashSet<RetryJobId>>,
}

impl Shown {
    /// Fetches what is under way, and the newest state of what is shown.
    fn find(self) {
        spawn_local(async move {
            let page = PageQuery { limit: NEWEST, cursor: None };
            // The grid says it when nothing can be fetched; the next hint or connection tries again.
            let Ok(page) = self.actions.batches(page).await else { return };
            let Some(known) = self.batches.try_with_untracked(|batches| ids(batches)) else { return };
            let Some(dismissed) = self.dismissed.try_get_value() else { return };
            let now = clock::now();
            let wanted =
                page.items.into_iter().filter(|job| is_shown(job, &dismissed, now)).map(|job| job.id);
            self.fetch(known.into_iter().chain(wanted).collect());
        });
    }

    /// Fetches these after a moment, together with what else is hinted at until then.
    fn soon(self, hinted: Vec<RetryJobId>) {
        let is_planned = self.hinted.with_value(|waiting| !waiting.is_empty());
        self.hinted.update_value(|waiting| waiting.extend(hinted));
        if !is_planned {
            let fire = move || {
                // The page may be gone by then.
                if let Some(hinted) = self.hinted.try_update_value(std::mem::take) {
                    self.fetch(hinted);
                }
            };
            set_timeout(fire, SOON);
        }
    }

    fn count_moving(self) {
        let moving = self.batches.with_untracked(|all| {
            all.iter().filter(|detail| is_moving(detail)).map(|detail| detail.job.id.clone()).collect()
        });
        self.fetch(moving);
    }

    fn fetch(self, wanted: HashSet<RetryJobId>) {
        let Some(dismissed) = self.dismissed.try_get_value() else { return };
        for id in wanted.into_iter().filter(|id| !dismissed.contains(id)) {
            spawn_local(async move {
                if let Ok(detail) = self.actions.batch(id).await {
                    let dismissed = self.dismissed.try_with_value(|all| all.contains(&detail.job.id));
                    if dismissed == Some(false) {
                        self.batches.update(|batches| upsert(batches, detail));
                    }
                }
            });
        }
    }

    fn act(self, id: RetryJobId, action: BatchAction) {
        if action == BatchAction::Dismiss {
            // An answer about it may still be on its way.
            let (dismissed, text) = with_dismissed(self.dismissed.get_value(), id.clone());
            self.dismissed.set_value(dismissed);
            browser::store(DISMISSED_KEY, &text);
            self.batches.update(|batches| batches.retain(|detail| detail.job.id != id));
            return;
        }
        spawn_local(async move {
            self.actions.ask_of_batch(id.clone(), action).await;
            self.fetch(HashSet::from([id]));
        });
    }
}

fn ids(batches: &[RetryJobDetail]) -> Vec<RetryJobId> {
    batches.iter().map(|detail| detail.job.id.clone()).collect()
}
