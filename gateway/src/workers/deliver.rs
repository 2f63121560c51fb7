//! The delivery worker: claim what is due, try it, finish it in groups.
//!
//! Claims are leased and taken per lane, so that one slow destination never takes the places of others. Attempts
//! run outside of any transaction. Their outcomes are committed together, with the counts, and then told to the
//! consoles. A worker that dies leaves leases that end by themselves; one that stops gives them back.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use domain::delivery::Delivery;
use domain::id::{DeliveryId, NodeId, OrganizationId, RecordId};
use domain::retry::RetryPolicy;
use domain::status::DeliveryStatus;
use domain::time::{SECOND, Timestamp};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::attempt::{self, AttemptResult, Tried, Work};
use super::outcome;
use crate::client::Client;
use crate::clock::SharedClock;
use crate::directory::{Directory, RECORD_LANE};
use crate::feed::Feed;
use crate::store::queue::{Claimed, NewAttempt};
use crate::store::records::RecordWrite;
use crate::store::rollups::Deltas;
use crate::store::{self, Store, StoreError, Tx};

/// A lease outlives the longest attempt by enough for its outcome to be committed.
pub const LEASE: i64 = 45 * SECOND;
/// Attempts of one lane at the same time.
pub const LANE_LIMIT: usize = 32;
/// Records are written without network, so their lane may be wider: it is what one transaction takes.
pub const RECORD_LIMIT: usize = 256;
/// Attempts at the same time over all lanes.
pub const TOTAL_LIMIT: usize = 512;
/// The longest wait between two looks, for what another process has made due.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// What delivering needs. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Deliverer {
    /// Where deliveries are.
    pub store: Store,
    /// Time and jitter.
    pub clock: SharedClock,
    /// Routes, ready to use.
    pub directory: Directory,
    /// The way out.
    pub client: Client,
    /// The consoles.
    pub feed: Feed,
    /// Whose leases these are.
    pub node: NodeId,
    /// This process's part of the rollups.
    pub shard: i64,
    /// How long one attempt may take; less than [`LEASE`].
    pub timeout: Duration,
    /// Notified when something became due.
    pub wake: Arc<Notify>,
}

/// An attempt that is over and not yet committed.
#[derive(Debug)]
struct Done {
    lane: String,
    delivery: Delivery,
    tried: Tried,
    policy: RetryPolicy,
    started_at: Timestamp,
    duration_us: i64,
}

impl Deliverer {
    /// Claims what is due now, tries all of it and commits the outcomes. Returns how many attempts there were.
    pub async fn tick(&self) -> Result<usize, StoreError> {
        let claimed = self.claim(&HashMap::new()).await?;
        let works = self.load(claimed).await?;
        let mut running = JoinSet::new();
        for (lane, work) in works {
            let deliverer = self.clone();
            running.spawn(async move { deliverer.try_once(lane, work).await });
        }
        let done = running.join_all().await;
        let count = done.len();
        self.finish(done).await?;
        Ok(count)
    }

    /// Delivers until `shutdown`, then waits for the attempts that run and gives back the rest.
    pub async fn run(self, shutdown: CancellationToken) {
        self.release_own_leases().await;
        let (done_sender, done_receiver) = mpsc::channel(TOTAL_LIMIT);
        let finisher = tokio::spawn(self.clone().finish_in_groups(done_receiver));
        let mut in_flight: HashMap<String, usize> = HashMap::new();
        let (freed_sender, mut freed) = mpsc::unbounded_channel::<String>();
        let mut running = JoinSet::new();
        loop {
            while let Ok(lane) = freed.try_recv() {
                release_place(&mut in_flight, &lane);
            }
            while running.try_join_next().is_some() {}
            let wait = match self.claim_and_load(&in_flight).await {
                Ok(works) if works.is_empty() => self.wait_until_due().await,
                Ok(works) => {
                    for (lane, work) in works {
                        *in_flight.entry(lane.clone()).or_default() += 1;
                        let (deliverer, done, freed) =
                            (self.clone(), done_sender.clone(), freed_sender.clone());
                        running.spawn(async move {
                            let outcome = deliverer.try_once(lane.clone(), work).await;
                            // The finisher lives as long as a sender does, and the loop below as long as a task.
                            let _ended = done.send(outcome).await;
                            let _ended = freed.send(lane);
                        });
                    }
                    Duration::ZERO
                }
                Err(error) => {
                    tracing::error!(%error, "due deliveries could not be claimed; trying again");
                    LONGEST_WAIT
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => break,
                () = self.wake.notified(), if !wait.is_zero() => {}
                Some(lane) = freed.recv() => release_place(&mut in_flight, &lane),
                () = tokio::time::sleep(wait) => {}
            }
        }
        while running.join_next().await.is_some() {}
        drop(done_sender);
        if let Err(error) = finisher.await {
            tracing::error!(%error, "outcomes could not be committed at shutdown; their leases will end");
        }
        self.release_own_leases().await;
    }

    /// Makes due at once what this node had leased when it last stopped or died.
    async fn release_own_leases(&self) {
        let released: Result<u64, StoreError> = async {
            let mut tx = self.store.write().await?;
            let released = store::queue::release_leases(&mut tx, &self.node, self.clock.now()).await?;
            tx.commit().await?;
            Ok(released)
        }
        .await;
        match released {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "deliveries with an open lease of this node are due again"),
            Err(error) => tracing::error!(%error, "leases could not be released; they end by themselves"),
        }
    }

    async fn wait_until_due(&self) -> Duration {
        let next = async {
            let mut tx = self.store.read().await?;
            store::queue::next_due(&mut tx).await
        };
        match next.await {
            Ok(Some(due)) => {
                let micros = due.since(self.clock.now()).max(1_000).unsigned_abs();
                Duration::from_micros(micros).min(LONGEST_WAIT)
            }
            Ok(None) => LONGEST_WAIT,
            Err(error) => {
                tracing::error!(%error, "the queue could not be read; trying again");
                LONGEST_WAIT
            }
        }
    }

    async fn claim_and_load(
        &self,
        in_flight: &HashMap<String, usize>,
    ) -> Result<Vec<(String, Work)>, StoreError> {
        let claimed = self.claim(in_flight).await?;
        self.load(claimed).await
    }

    /// Claims due deliveries as far as their lanes have room.
    async fn claim(&self, in_flight: &HashMap<String, usize>) -> Result<Vec<Claimed>, StoreError> {
        let now = self.clock.now();
        let lanes = {
            let mut tx = self.store.read().await?;
            store::queue::due_lanes(&mut tx, now).await?
        };
        let mut total = TOTAL_LIMIT.saturating_sub(in_flight.values().sum());
        let mut wanted = Vec::new();
        for lane in lanes {
            let limit = if lane == RECORD_LANE { RECORD_LIMIT } else { LANE_LIMIT };
            let room = limit.saturating_sub(in_flight.get(&lane).copied().unwrap_or(0)).min(total);
            if room > 0 {
                total -= room;
                wanted.push((lane, room));
            }
        }
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.store.write().await?;
        let mut claimed = Vec::new();
        for (lane, room) in wanted {
            let room = i64::try_from(room).unwrap_or(i64::MAX);
            let until = now.plus(LEASE);
            claimed.extend(store::queue::claim(&mut tx, &lane, room, &self.node, now, until).await?);
        }
        let mut deltas = Deltas::default();
        let mut interrupted = Vec::new();
        for claim in &claimed {
            moved(&mut deltas, &claim.delivery, claim.before, DeliveryStatus::Processing);
            if let Some(since) = claim.interrupted_since {
                let number = claim.delivery.attempts - 1;
                interrupted.push(outcome::interrupted_row(&claim.delivery, number, since, now));
            }
        }
        store::queue::insert_attempts(&mut tx, &interrupted).await?;
        store::rollups::apply(&mut tx, &deltas, self.shard).await?;
        tx.commit().await?;
        self.feed.record(claimed.iter().map(|claim| claim.delivery.clone()), deltas);
        Ok(claimed)
    }

    /// Fetches payloads and plans of what was claimed.
    async fn load(&self, claimed: Vec<Claimed>) -> Result<Vec<(String, Work)>, StoreError> {
        if claimed.is_empty() {
            return Ok(Vec::new());
        }
        let payloads = {
            let mut tx = self.store.read().await?;
            let wanted: Vec<_> = claimed
                .iter()
                .map(|claim| (claim.delivery.organization_id.clone(), claim.delivery.payload_id.clone()))
                .collect();
            store::events::find_payloads(&mut tx, &wanted).await?
        };
        let mut works = Vec::with_capacity(claimed.len());
        for Claimed { delivery, lane, .. } in claimed {
            let plan = match &delivery.route_id {
                None => None,
                Some(route) => match self.directory.plan(&delivery.organization_id, route).await {
                    Ok(plan) => plan,
                    Err(error) => {
                        tracing::error!(%error, %route, "a route could not be read; its lease will end");
                        continue;
                    }
                },
            };
            let plan_missing = plan.is_none() && delivery.route_id.is_some();
            // The same payload may serve several deliveries, so it is copied (by reference count), not moved.
            let found = payloads.get(&delivery.payload_id).cloned();
            let (payload, content_type) = found.map_or((None, None), |(body, kind)| (Some(body), kind));
            works.push((lane, Work { delivery, payload, content_type, plan, plan_missing }));
        }
        Ok(works)
    }

    async fn try_once(&self, lane: String, work: Work) -> Done {
        let started_at = self.clock.now();
        let tried = attempt::attempt(&work, &self.client, &self.clock, self.timeout).await;
        let duration_us = self.clock.now().since(started_at).max(0);
        let policy = work.plan.as_ref().map_or_else(RetryPolicy::default, |plan| plan.route.retry);
        Done { lane, delivery: work.delivery, tried, policy, started_at, duration_us }
    }

    /// Commits outcomes as they come, many in one transaction.
    async fn finish_in_groups(self, mut outcomes: mpsc::Receiver<Done>) {
        let mut group = Vec::with_capacity(RECORD_LIMIT);
        while outcomes.recv_many(&mut group, RECORD_LIMIT).await > 0 {
            if let Err(error) = self.finish(std::mem::take(&mut group)).await {
                // Their leases end, and they are tried again: at least once, and said so.
                tracing::error!(%error, "outcomes could not be committed; the deliveries will be tried again");
                metrics::counter!("signalbox_delivery_commit_failures_total").increment(1);
            }
        }
    }

    /// Commits outcomes: records, states, attempts and counts in one transaction.
    async fn finish(&self, done: Vec<Done>) -> Result<(), StoreError> {
        if done.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let mut tx = self.store.write().await?;
        let records = write_records(&mut tx, &done, now).await?;
        let written_at = self.clock.now();
        let mut finished = Vec::with_capacity(done.len());
        let mut attempts: Vec<NewAttempt> = Vec::with_capacity(done.len());
        let mut rows: HashMap<(DeliveryId, i64), Delivery> = HashMap::with_capacity(done.len());
        for one in done {
            let Done { delivery, tried, policy, started_at, duration_us, lane } = one;
            // A record's attempt lasts until it is written; what the commit takes cannot be known before it.
            let duration_us = match tried.result {
                AttemptResult::WriteRecord { .. } => written_at.since(started_at).max(0),
                _ => duration_us,
            };
            let random = self.clock.random_unit();
            let mut outcome = outcome::decide(&delivery, &tried.result, &policy, duration_us, now, random);
            if let Some(record) = records.get(&delivery.id) {
                outcome.destination_record_id = Some(record.clone());
            }
            metrics::counter!("signalbox_attempts_total", "outcome" => outcome.status.as_str()).increment(1);
            metrics::histogram!("signalbox_attempt_seconds", "lane" => if lane == RECORD_LANE { "record" } else { "http" })
                .record(duration_us as f64 / SECOND as f64);
            attempts.push(outcome::attempt_row(&delivery, tried, &outcome, started_at));
            rows.insert(
                (delivery.id.clone(), delivery.attempts),
                Delivery {
                    status: outcome.status,
                    next_attempt_at: outcome.due_at,
                    response_code: outcome.response_code,
                    duration_us: Some(outcome.duration_us),
                    destination_record_id: outcome
                        .destination_record_id
                        .clone()
                        .or(delivery.destination_record_id),
                    error_class: outcome.error_class,
                    error: outcome.error.clone(),
                    updated_at: now,
                    ..delivery
                },
            );
            finished.push(outcome);
        }
        let changed = store::queue::finish(&mut tx, &finished, &self.node, now).await?;
        store::queue::insert_attempts(&mut tx, &attempts).await?;
        let mut deltas = Deltas::default();
        let mut changed_rows = Vec::with_capacity(changed.len());
        for attempt in &changed {
            if let Some(row) = rows.remove(attempt) {
                moved(&mut deltas, &row, DeliveryStatus::Processing, row.status);
                changed_rows.push(row);
            }
        }
        store::rollups::apply(&mut tx, &deltas, self.shard).await?;
        tx.commit().await?;
        if !rows.is_empty() {
            tracing::warn!(
                count = rows.len(),
                "attempts ended after their lease: their deliveries went on elsewhere"
            );
        }
        self.feed.record(changed_rows, deltas);
        Ok(())
    }
}

fn release_place(in_flight: &mut HashMap<String, usize>, lane: &str) {
    if let Some(count) = in_flight.get_mut(lane) {
        *count -= 1;
        if *count == 0 {
            in_flight.remove(lane);
        }
    }
}

/// One delivery from one state into another, in the counts.
pub(crate) fn moved(deltas: &mut Deltas, row: &Delivery, from: DeliveryStatus, to: DeliveryStatus) {
    if from == to {
        return;
    }
    for (status, by) in [(from, -1), (to, 1)] {
        let (organization, connector) = (&row.organization_id, &row.connector_id);
        deltas.add(organization, row.created_at, connector, Some(&row.event_type), status.into(), by);
    }
}

type RecordKey = (OrganizationId, String, String);

/// Writes the records among the outcomes, in their order; returns their ids by delivery.
async fn write_records(
    tx: &mut Tx,
    done: &[Done],
    now: Timestamp,
) -> Result<HashMap<DeliveryId, String>, StoreError> {
    let mut ids = HashMap::new();
    let mut waiting: Vec<&Done> = done.iter().collect();
    while !waiting.is_empty() {
        // One statement cannot write the same record twice: the second waits for the next statement.
        let mut by_key: HashMap<RecordKey, DeliveryId> = HashMap::new();
        let (mut writes, mut later) = (Vec::new(), Vec::new());
        for one in waiting {
            let AttemptResult::WriteRecord { entity, external_id, body } = &one.tried.result else {
                continue;
            };
            let delivery = &one.delivery;
            let key = (delivery.organization_id.clone(), entity.clone(), external_id.clone());
            if by_key.contains_key(&key) {
                later.push(one);
                continue;
            }
            by_key.insert(key, delivery.id.clone());
            writes.push(RecordWrite {
                organization_id: delivery.organization_id.clone(),
                entity: entity.clone(),
                external_id: external_id.clone(),
                id: RecordId::new(now),
                body: body.clone(),
                delivery_id: delivery.id.clone(),
            });
        }
        let written = store::records::upsert_many(tx, &writes, now).await?;
        ids.extend(written.into_iter().filter_map(|(organization, entity, external_id, id)| {
            by_key.remove(&(organization, entity, external_id)).map(|delivery| (delivery, id.to_string()))
        }));
        waiting = later;
    }
    Ok(ids)
}
