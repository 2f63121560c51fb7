//! Gives the deliveries of batches their turns: a few at a time, each by the rule of a single retry.
//!
//! A group is one transaction: the job's row is taken, its deliveries are put back in the queue and leave the job's
//! list, the totals and the time of the next group are written. Whoever dies in the middle has done nothing; whoever
//! comes second finds the job not due. So no delivery is tried twice for one job, and the rate holds over all
//! processes. Live traffic goes first: while a destination has a lane full of work that is due, the job waits.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use domain::delivery::Delivery;
use domain::id::{DeliveryId, RouteId};
use domain::retry_job::{LeftOutReason, RetryJob, RetryJobState, leave_out, step_of, why_not};
use domain::status::DeliveryStatus;
use domain::time::{SECOND, Timestamp};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::deliver::{LANE_LIMIT, moved};
use crate::clock::SharedClock;
use crate::directory::Directory;
use crate::feed::Feed;
use crate::store::deliveries::StatusChange;
use crate::store::rollups::Deltas;
use crate::store::{self, Store, StoreError};

/// Jobs that are looked at in one tick.
const JOBS: i64 = 32;
/// A destination with so many deliveries due is busy: twice what it is sent at the same time.
const BUSY: i64 = 2 * LANE_LIMIT as i64;
/// How long a job waits for a busy destination, microseconds.
const YIELD: i64 = SECOND;
/// The longest wait between two looks, for what another process has made.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// What batches need. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RetryJobs {
    /// Where jobs and deliveries are.
    pub store: Store,
    /// Time.
    pub clock: SharedClock,
    /// Routes, for how often a delivery may be tried.
    pub directory: Directory,
    /// The consoles.
    pub feed: Feed,
    /// This process's part of the rollups.
    pub shard: i64,
    /// Told when deliveries are due.
    pub wake: Arc<Notify>,
    /// Notified when a job was made or goes on.
    pub turn: Arc<Notify>,
}

/// The next deliveries of a job, as they were a moment ago.
struct Group {
    ids: Vec<DeliveryId>,
    rows: HashMap<DeliveryId, Delivery>,
    attempts: HashMap<Option<RouteId>, i64>,
    is_busy: bool,
}

impl RetryJobs {
    /// Gives one group of every job that is due its turn. Returns how many deliveries that were.
    pub async fn tick(&self) -> Result<i64, StoreError> {
        let now = self.clock.now();
        let due = {
            let mut tx = self.store.read().await?;
            store::retry_jobs::due(&mut tx, now, JOBS).await?
        };
        let mut done = 0;
        for job in due {
            let group = self.look(&job, now).await?;
            done += self.step(job, group, now).await?;
        }
        Ok(done)
    }

    /// Gives turns until `shutdown`.
    pub async fn run(self, shutdown: CancellationToken) {
        loop {
            let wait = match self.tick_and_wait().await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::error!(%error, "a batch of retries could not go on; trying again");
                    LONGEST_WAIT
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = self.turn.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    async fn tick_and_wait(&self) -> Result<Duration, StoreError> {
        self.tick().await?;
        let mut tx = self.store.read().await?;
        let next = store::retry_jobs::next_due(&mut tx).await?;
        Ok(next.map_or(LONGEST_WAIT, |due| {
            let micros = due.since(self.clock.now()).max(1_000).unsigned_abs();
            Duration::from_micros(micros).min(LONGEST_WAIT)
        }))
    }

    /// Reads everything a group needs, so that the transaction that writes is short.
    async fn look(&self, job: &RetryJob, now: Timestamp) -> Result<Group, StoreError> {
        let (organization, (step, _)) = (&job.organization_id, step_of(job.per_second));
        let mut tx = self.store.read().await?;
        let ids = store::retry_jobs::next_items(&mut tx, organization, &job.id, job.done(), step).await?;
        let rows = store::retry_jobs::deliveries(&mut tx, organization, &ids).await?;
        let lanes: BTreeSet<&str> = rows.iter().map(|(_, lane)| lane.as_str()).collect();
        let mut is_busy = false;
        for lane in lanes {
            is_busy = is_busy || store::queue::waiting(&mut tx, lane, now, BUSY).await? >= BUSY;
        }
        drop(tx);
        let mut attempts = HashMap::new();
        for (row, _) in &rows {
            if !attempts.contains_key(&row.route_id) {
                let most = self.directory.max_attempts(organization, row.route_id.as_ref()).await;
                attempts.insert(row.route_id.clone(), most.map_err(|error| shared(&error))?);
            }
        }
        let rows = rows.into_iter().map(|(row, _)| (row.id.clone(), row)).collect();
        Ok(Group { ids, rows, attempts, is_busy })
    }

    /// Writes what a group comes to. Returns how many deliveries had their turn.
    async fn step(&self, seen: RetryJob, group: Group, now: Timestamp) -> Result<i64, StoreError> {
        let organization = &seen.organization_id;
        let mut tx = self.store.write().await?;
        let Some(mut job) = store::retry_jobs::take(&mut tx, organization, &seen.id, now).await? else {
            return Ok(0);
        };
        if job.done() != seen.done() {
            return Ok(0);
        }
        if group.is_busy {
            let told = job.behind_live_traffic;
            job.behind_live_traffic = true;
            store::retry_jobs::update(&mut tx, &job, Some(now.plus(YIELD))).await?;
            tx.commit().await?;
            if !told {
                self.feed.record_job(organization, &job.id);
            }
            return Ok(0);
        }
        let (mut deltas, mut changed) = (Deltas::default(), Vec::with_capacity(group.ids.len()));
        for id in &group.ids {
            let Some(row) = group.rows.get(id) else {
                leave_out(&mut job.skipped, LeftOutReason::NotFound, id);
                continue;
            };
            if let Some(reason) = why_not(row.status, row.payload_expires_at, now) {
                leave_out(&mut job.skipped, reason, id);
                continue;
            }
            let change = StatusChange {
                from: row.status,
                to: DeliveryStatus::Retrying,
                due_at: Some(now),
                more_attempts: group.attempts.get(&row.route_id).copied().unwrap_or(1),
                at: now,
                job: Some(job.id.clone()),
            };
            match store::deliveries::change_status(&mut tx, organization, id, &change).await? {
                None => leave_out(&mut job.skipped, LeftOutReason::ChangedMeanwhile, id),
                Some(after) => {
                    moved(&mut deltas, &after, row.status, after.status);
                    changed.push(after);
                    job.retried += 1;
                }
            }
        }
        let turns = i64::try_from(group.ids.len()).unwrap_or(i64::MAX);
        let is_over = group.ids.is_empty() || job.done() >= job.total;
        (job.behind_live_traffic, job.updated_at) = (false, now);
        if is_over {
            (job.state, job.finished_at) = (RetryJobState::Finished, Some(now));
        }
        let (_, wait) = step_of(job.per_second);
        let next = (!is_over).then(|| now.plus(wait(turns)));
        store::retry_jobs::update(&mut tx, &job, next).await?;
        store::retry_jobs::delete_items(&mut tx, organization, &job.id, (!is_over).then(|| job.done()))
            .await?;
        store::rollups::apply(&mut tx, &deltas, self.shard).await?;
        tx.commit().await?;
        metrics::counter!("signalbox_batch_retries_total").increment(changed.len() as u64);
        self.feed.record(changed, deltas);
        self.feed.record_job(organization, &job.id);
        self.wake.notify_one();
        Ok(turns)
    }
}

/// The directory shares its failures between all that waited for the same answer.
fn shared(error: &StoreError) -> StoreError {
    StoreError::Unreadable(error.to_string())
}
