//! The delivery worker: claim what is due, try it, finish it in groups.
//!
//! Claims are leased and taken per lane, as far as there are places (`places.rs`), so that slow destinations
//! never take those of others. Attempts run outside of any transaction. Their outcomes are committed together, with
//! the counts (`finish.rs`), and then told to the consoles. A worker that dies leaves leases that end by
//! themselves; one that stops cuts short what takes too long, and gives the rest back.

use std::sync::Arc;
use std::time::Duration;

use domain::delivery::Delivery;
use domain::id::{NodeId, RouteId};
use domain::retry::RetryPolicy;
use domain::status::DeliveryStatus;
use domain::time::{SECOND, Timestamp};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::attempt::{self, Tried, Work};
use super::finish::Done;
use super::outcome;
use super::places::Places;
pub use super::places::{LANE_LIMIT, RECORD_LIMIT};
use crate::client::Client;
use crate::clock::SharedClock;
use crate::directory::{Directory, DirectoryError, Plan};
use crate::feed::Feed;
use crate::store::queue::Claimed;
use crate::store::rollups::Deltas;
use crate::store::{self, Store, StoreError};

/// A lease outlives the longest attempt by enough for its outcome to be committed.
pub const LEASE: i64 = 45 * SECOND;
/// The usual [`Deliverer::places`]; while an attempt waits it is little more than its bytes and a socket.
pub const PLACES: usize = 2_048;
/// The usual [`Deliverer::grace`].
pub const GRACE: Duration = Duration::from_secs(5);
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
    /// Attempts at the same time over all lanes but that of records.
    pub places: usize,
    /// How long attempts that run may go on when the server stops; the rest is cut short.
    pub grace: Duration,
    /// Notified when something became due.
    pub wake: Arc<Notify>,
}

impl Deliverer {
    /// Claims what is due now, tries all of it and commits the outcomes. Returns how many attempts there were.
    pub async fn tick(&self) -> Result<usize, StoreError> {
        let claimed = self.claim(&Places::new(self.places), self.clock.now()).await?;
        let works = self.load(claimed).await?;
        let mut running = JoinSet::new();
        for (lane, work) in works {
            let deliverer = self.clone();
            running.spawn(async move { deliverer.try_once(lane, work, CancellationToken::new()).await });
        }
        let done = running.join_all().await;
        let count = done.len();
        self.finish(done).await?;
        Ok(count)
    }

    /// Delivers until `shutdown`, then waits for the attempts that run, cuts short those that take too long and gives
    /// back the rest.
    pub async fn run(self, shutdown: CancellationToken) {
        self.release_own_leases().await;
        let (done_sender, done_receiver) = mpsc::channel(RECORD_LIMIT);
        let finisher = tokio::spawn(self.clone().finish_in_groups(done_receiver));
        let places = Places::new(self.places);
        let mut running = JoinSet::new();
        let cut = CancellationToken::new();
        loop {
            while running.try_join_next().is_some() {}
            let now = self.clock.now();
            let wait = match self.claim_and_load(&places, now).await {
                Ok(works) if works.is_empty() => self.wait_until_due(now).await,
                Ok(works) => {
                    for (lane, work) in works {
                        let place = places.take(&lane);
                        let (deliverer, done, cut) = (self.clone(), done_sender.clone(), cut.clone());
                        running.spawn(async move {
                            let outcome = deliverer.try_once(lane, work, cut).await;
                            // The finisher lives as long as a sender does.
                            let _ended = done.send(outcome).await;
                            drop(place);
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
                biased;
                () = shutdown.cancelled() => break,
                // Without the finisher nothing would be known of any attempt.
                () = done_sender.closed() => return,
                () = self.wake.notified(), if !wait.is_zero() => {}
                () = places.freed(), if !wait.is_zero() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        if tokio::time::timeout(self.grace, join_all(&mut running)).await.is_err() {
            cut.cancel();
            join_all(&mut running).await;
        }
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

    /// How long nothing more becomes due, seen from `now`, when all that could be claimed was.
    async fn wait_until_due(&self, now: Timestamp) -> Duration {
        let next = async {
            let mut tx = self.store.read().await?;
            store::queue::next_due(&mut tx, now).await
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
        places: &Places,
        now: Timestamp,
    ) -> Result<Vec<(String, Work)>, StoreError> {
        let claimed = self.claim(places, now).await?;
        self.load(claimed).await
    }

    /// Claims due deliveries as far as there are places.
    async fn claim(&self, places: &Places, now: Timestamp) -> Result<Vec<Claimed>, StoreError> {
        let lanes = {
            let mut tx = self.store.read().await?;
            store::queue::due_lanes(&mut tx, now).await?
        };
        let wanted = places.shares(lanes);
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.store.write().await?;
        let (mut claimed, mut used_up) = (Vec::new(), Vec::new());
        for (lane, room) in wanted {
            let room = i64::try_from(room).unwrap_or(i64::MAX);
            let until = now.plus(LEASE);
            let claims = store::queue::claim(&mut tx, &lane, room, &self.node, now, until).await?;
            claimed.extend(claims.claimed);
            used_up.extend(claims.used_up);
        }
        let mut deltas = Deltas::default();
        let mut interrupted = Vec::new();
        for (row, since) in &used_up {
            moved(&mut deltas, row, DeliveryStatus::Processing, row.status);
            interrupted.push(outcome::interrupted_row(row, row.attempts, *since, now));
        }
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
        let changed = claimed.iter().map(|claim| claim.delivery.clone());
        self.feed.record(changed.chain(used_up.into_iter().map(|(row, _)| row)), deltas);
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
                Some(route) => match self.plan_of(&delivery, route).await {
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

    async fn plan_of(
        &self,
        delivery: &Delivery,
        route: &RouteId,
    ) -> Result<Option<Arc<Plan>>, DirectoryError> {
        self.directory.plan(&delivery.organization_id, route, delivery.mapping_version).await
    }

    async fn try_once(&self, lane: String, work: Work, cut: CancellationToken) -> Done {
        let started_at = self.clock.now();
        let tried = tokio::select! {
            tried = attempt::attempt(&work, &self.client, &self.clock, self.timeout) => tried,
            () = cut.cancelled() => Tried::interrupted(&work.delivery),
        };
        let duration_us = self.clock.now().since(started_at).max(0);
        let policy = work.plan.as_ref().map_or_else(RetryPolicy::default, |plan| plan.route.retry);
        Done { lane, delivery: work.delivery, tried, policy, started_at, duration_us }
    }
}

async fn join_all(running: &mut JoinSet<()>) {
    while running.join_next().await.is_some() {}
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
