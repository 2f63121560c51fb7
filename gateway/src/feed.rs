//! What the consoles are told: changes gathered after each commit, sent about ten times a second.
//!
//! Writers [`Feed::record`] what they committed; [`Feed::drain`] turns it into at most one message per organization.
//! The memory is bounded: of each row only the newest state is kept, and when more changed than fits, the message
//! says so and consoles fetch what they show again. A push is a hint, the store is the truth.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::delivery::Delivery;
use domain::id::{DeliveryId, NodeId, OrganizationId, RetryJobId};
use domain::live::{CHANGES, LiveBatch, RollupDelta, channel_of};
use tokio_util::sync::CancellationToken;

use crate::realtime::RealtimePublisher;
use crate::store::rollups::Deltas;

/// How long changes are gathered before they are sent.
pub const INTERVAL: Duration = Duration::from_millis(100);
/// The largest message, bytes: the protocol's limit is 10 kB.
const MAX_BYTES: usize = 9_500;
/// Rows beyond this are not even gathered: they would never fit.
const MAX_ROWS: usize = 24;
/// The same for counts.
const MAX_DELTAS: usize = 64;

#[derive(Debug, Default)]
struct Pending {
    rows: HashMap<DeliveryId, Delivery>,
    deltas: HashMap<DeltaKey, RollupDelta>,
    /// As few as an organization may have at the same time.
    jobs: BTreeSet<RetryJobId>,
    overflow: bool,
}

type DeltaKey = (i64, String, Option<String>, &'static str);

#[derive(Debug, Default)]
struct Inner {
    pending: HashMap<OrganizationId, Pending>,
    sequence: HashMap<OrganizationId, u64>,
}

/// Gathers changes. Cheap to clone; all clones gather together.
#[derive(Debug, Clone)]
pub struct Feed {
    name: Arc<str>,
    inner: Arc<Mutex<Inner>>,
}

impl Feed {
    /// A feed of this server process. A process that starts anew is another feed: `boot` tells the two apart.
    pub fn new(node: &NodeId, boot: domain::time::Timestamp) -> Self {
        Self { name: format!("{node}.{}", boot.as_micros()).into(), inner: Arc::default() }
    }

    /// Notes what was just committed.
    pub fn record(&self, rows: impl IntoIterator<Item = Delivery>, deltas: Deltas) {
        // A panic elsewhere cannot leave half a change here: each step below is whole.
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            let pending = inner.pending.entry(row.organization_id.clone()).or_default();
            if pending.rows.len() < MAX_ROWS || pending.rows.contains_key(&row.id) {
                pending.rows.insert(row.id.clone(), row);
            } else {
                pending.overflow = true;
            }
        }
        for (organization, deltas) in deltas.into_live() {
            let pending = inner.pending.entry(organization).or_default();
            for delta in deltas {
                let key = (
                    delta.at.as_micros(),
                    delta.connector_id.to_string(),
                    delta.event_type.as_ref().map(ToString::to_string),
                    delta.status.as_str(),
                );
                if let Some(known) = pending.deltas.get_mut(&key) {
                    known.by += delta.by;
                } else if pending.deltas.len() < MAX_DELTAS {
                    pending.deltas.insert(key, delta);
                } else {
                    pending.overflow = true;
                }
            }
        }
    }

    /// Notes that a batch of retries went on or was changed.
    pub fn record_job(&self, organization: &OrganizationId, job: &RetryJobId) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.pending.entry(organization.clone()).or_default().jobs.insert(job.clone());
    }

    /// Everything gathered since the last call, as one message per organization.
    pub fn drain(&self) -> Vec<(OrganizationId, LiveBatch)> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let pending = std::mem::take(&mut inner.pending);
        pending
            .into_iter()
            .map(|(organization, pending)| {
                let sequence = inner.sequence.entry(organization.clone()).or_default();
                *sequence += 1;
                let batch = fit(LiveBatch {
                    feed: self.name.to_string(),
                    seq: *sequence,
                    rows: pending.rows.into_values().collect(),
                    deltas: pending.deltas.into_values().filter(|delta| delta.by != 0).collect(),
                    refetch: pending.overflow,
                    jobs: pending.jobs.into_iter().collect(),
                });
                (organization, batch)
            })
            .collect()
    }
}

/// Takes rows out until the message fits; counts stay, because heatmaps are made of them.
fn fit(mut batch: LiveBatch) -> LiveBatch {
    batch.rows.sort_by(|a, b| b.id.cmp(&a.id));
    while serde_json::to_string(&batch).map_or(0, |text| text.len()) > MAX_BYTES {
        batch.refetch = true;
        let keep = batch.rows.len() / 2;
        if batch.rows.is_empty() {
            batch.deltas.clear();
            break;
        }
        batch.rows.truncate(keep);
    }
    batch
}

/// Sends what was gathered until `shutdown`.
pub async fn run(feed: Feed, publisher: Arc<dyn RealtimePublisher>, shutdown: CancellationToken) {
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = shutdown.cancelled() => return,
        }
        for (organization, batch) in feed.drain() {
            publish(publisher.as_ref(), &organization, &batch);
        }
    }
}

/// Sends one message. A failure is logged and otherwise harmless: consoles notice the gap and fetch.
fn publish(publisher: &dyn RealtimePublisher, organization: &OrganizationId, batch: &LiveBatch) {
    let sent = serde_json::to_string(batch).map_err(|error| error.to_string()).and_then(|data| {
        let channel = channel_of(organization).parse().map_err(|error| format!("{error}"))?;
        publisher.publish(&channel, CHANGES, &data).map_err(|error| error.to_string())
    });
    if let Err(error) = sent {
        tracing::warn!(%organization, error, "live changes were not sent");
    }
}
