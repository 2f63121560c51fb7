//! Group commit: many requests, one transaction, and an answer to each only after it is on disk.
//!
//! [`Intake::accept`] and [`Intake::reject`] put their request into a bounded queue and wait. One writer takes all
//! that wait, up to [`BATCH`], commits them together and answers them. When the queue is full the sender hears 503
//! at once, and so it is when [`QUEUE_BYTES`] of bodies wait; memory never grows with load.
//!
//! Invariants: an acknowledged event, its payload, its dedupe key, its deliveries and the counts are in one
//! transaction; a duplicate creates nothing and names the first event; a refused request never takes a dedupe key. A
//! request that the database cannot take fails alone: its group is then committed one by one.

mod refusals;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use bytes::Bytes;
use domain::event::Event;
use domain::id::{EventId, OrganizationId, ReceiverId};
use domain::rejection::{Rejection, RejectionReason};
use domain::status::CountedStatus;
use domain::time::{HOUR, SECOND, Timestamp};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::clock::SharedClock;
use crate::feed::Feed;
use crate::store::deliveries::NewDelivery;
use crate::store::events::{DedupeKey, NewPayload};
use crate::store::rollups::Deltas;
use crate::store::{self, Store, StoreError};

use refusals::Refusals;
pub use refusals::{BYTES_PER_HOUR, ROWS_PER_MINUTE};

/// How many requests one transaction takes at most.
pub const BATCH: usize = 256;
/// How many requests may wait.
pub const QUEUE: usize = 4096;
/// How many bytes of bodies may wait (256 MiB).
pub const QUEUE_BYTES: usize = 256 * 1024 * 1024;
/// Refusals may use only this much of the queue: a flood of them must not keep events out.
const REJECTION_SHARE: usize = QUEUE / 2;
/// The same in bytes.
const REJECTION_SHARE_BYTES: usize = QUEUE_BYTES / 2;

/// An event that passed every check and is to be kept.
#[derive(Debug)]
pub struct Submission {
    /// The event.
    pub event: Event,
    /// Its bytes.
    pub payload: Bytes,
    /// Its deliveries, at least one.
    pub deliveries: Vec<NewDelivery>,
    /// The key that recognizes it.
    pub dedupe: DedupeKey,
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Committed under this id.
    Accepted(EventId),
    /// The same as this event, which was there before; nothing was created.
    Duplicate(EventId),
}

/// Why nothing was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// Too many wait already, or too many bytes.
    #[error("the intake queue is full")]
    Full,
    /// The store could not commit.
    #[error("the store could not commit")]
    Store,
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopping,
}

/// What waits. Its bytes are given back when it is gone.
enum Job {
    Accept(Box<Submission>, oneshot::Sender<Result<Outcome, IntakeError>>, OwnedSemaphorePermit),
    Reject(Box<Rejection>, Option<(Bytes, OwnedSemaphorePermit)>, oneshot::Sender<()>),
}

impl Job {
    fn submission(&self) -> Option<&Submission> {
        match self {
            Self::Accept(submission, ..) => Some(submission),
            Self::Reject(..) => None,
        }
    }

    fn rejection(&self) -> Option<(&Rejection, Option<&Bytes>)> {
        match self {
            Self::Accept(..) => None,
            Self::Reject(rejection, body, _) => Some((rejection, body.as_ref().map(|(body, _)| body))),
        }
    }
}

/// What a commit did: one outcome for each submission, in their order.
struct Committed {
    outcomes: Vec<Outcome>,
    deltas: Deltas,
}

/// The way in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Intake {
    queue: mpsc::Sender<Job>,
    bytes: Arc<Semaphore>,
    refusals: Arc<Refusals>,
    unknown: Arc<std::sync::atomic::AtomicI64>,
}

/// The writer's end, for [`Writer::run`].
pub struct Writer {
    queue: mpsc::Receiver<Job>,
    refusals: Arc<Refusals>,
    unknown: Arc<std::sync::atomic::AtomicI64>,
    store: Store,
    clock: SharedClock,
    feed: Feed,
    shard: i64,
    wake_workers: Arc<Notify>,
    /// When receivers last received, since it was last written.
    seen: HashMap<OrganizationId, HashMap<ReceiverId, Timestamp>>,
}

impl Intake {
    /// The way in and its writer. `wake_workers` is notified after each commit with deliveries; `shard` is this
    /// process's part of the rollups.
    pub fn new(
        store: Store,
        clock: SharedClock,
        feed: Feed,
        shard: i64,
        wake_workers: Arc<Notify>,
    ) -> (Self, Writer) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let bytes = Arc::new(Semaphore::new(QUEUE_BYTES));
        let intake = Self { queue: sender, bytes, refusals: Arc::default(), unknown: Arc::default() };
        let writer = Writer {
            queue: receiver,
            refusals: intake.refusals.clone(),
            unknown: intake.unknown.clone(),
            store,
            clock,
            feed,
            shard,
            wake_workers,
            seen: HashMap::new(),
        };
        (intake, writer)
    }

    /// Keeps an event; returns after the commit.
    pub async fn accept(&self, submission: Submission) -> Result<Outcome, IntakeError> {
        let room = self.room_for(&submission.payload).ok_or(IntakeError::Full)?;
        let (reply, answer) = oneshot::channel();
        self.queue.try_send(Job::Accept(Box::new(submission), reply, room)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => IntakeError::Full,
            mpsc::error::TrySendError::Closed(_) => IntakeError::Stopping,
        })?;
        answer.await.unwrap_or(Err(IntakeError::Stopping))
    }

    /// Keeps a refusal as far as there is room for it; returns after the commit. When the connector's share is used
    /// up, the queue is full or it cannot be committed, it is summed up with others of its kind.
    pub async fn reject(&self, rejection: Rejection, body: Option<Bytes>) {
        let Some((rejection, body)) = self.refusals.take(rejection, body) else { return };
        let body = match body {
            None => None,
            Some(body) => {
                match self.room_for(&body).filter(|_| self.spare_bytes() >= REJECTION_SHARE_BYTES) {
                    Some(room) => Some((body, room)),
                    None => return self.refusals.sum_up(rejection),
                }
            }
        };
        match self.queue.try_reserve() {
            // The place that is reserved is no longer in the capacity.
            Ok(place) if self.queue.capacity() >= QUEUE - REJECTION_SHARE => {
                let (reply, answer) = oneshot::channel();
                place.send(Job::Reject(Box::new(rejection), body, reply));
                // An error says that the writer is gone, and with it whoever would keep anything.
                let _gone = answer.await;
            }
            _ => self.refusals.sum_up(rejection),
        }
    }

    fn room_for(&self, body: &Bytes) -> Option<OwnedSemaphorePermit> {
        self.bytes.clone().try_acquire_many_owned(u32::try_from(body.len()).ok()?).ok()
    }

    /// How many more bytes the queue takes now.
    pub fn spare_bytes(&self) -> usize {
        self.bytes.available_permits()
    }

    /// Counts a request for an address that no connector has.
    pub fn count_unknown_code(&self) {
        self.unknown.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }

    /// How many more requests the queue takes now.
    pub fn room(&self) -> usize {
        self.queue.capacity()
    }
}

impl Writer {
    /// Commits until `shutdown`, and then what still waits: stopping loses nothing.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let mut jobs = Vec::with_capacity(BATCH);
        let mut flush = tokio::time::interval(std::time::Duration::from_secs(1));
        flush.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                taken = self.queue.recv_many(&mut jobs, BATCH) => {
                    if taken == 0 {
                        self.flush_summed().await;
                        return;
                    }
                    self.commit_all(std::mem::take(&mut jobs)).await;
                }
                _ = flush.tick() => self.flush_summed().await,
                // From here on requests are turned away, those that wait are still taken.
                () = shutdown.cancelled(), if !self.queue.is_closed() => self.queue.close(),
            }
        }
    }

    /// Commits everything that waits now; for tests and for stopping.
    pub async fn drain(&mut self) {
        let mut jobs = Vec::new();
        while let Ok(job) = self.queue.try_recv() {
            jobs.push(job);
        }
        if !jobs.is_empty() {
            self.commit_all(jobs).await;
        }
        self.flush_summed().await;
    }

    async fn commit_all(&mut self, jobs: Vec<Job>) {
        let started = self.clock.now();
        let size = jobs.len();
        let outcome = self.commit(&jobs).await;
        metrics::histogram!("signalbox_intake_commit_seconds")
            .record(self.clock.now().since(started) as f64 / SECOND as f64);
        metrics::histogram!("signalbox_intake_batch_size").record(size as f64);
        match outcome {
            Ok(committed) => self.committed(jobs, committed),
            // One of them cannot be stored. It must not take its neighbours along, who may be other tenants'.
            Err(error) if size > 1 && store::may_be_about_values(&error) => {
                tracing::warn!(%error, requests = size, "a group could not be committed; trying one by one");
                self.commit_one_by_one(jobs).await;
            }
            Err(error) => self.not_committed(jobs, &error),
        }
    }

    async fn commit_one_by_one(&mut self, jobs: Vec<Job>) {
        let mut rest = jobs.into_iter();
        while let Some(job) = rest.next() {
            let one = vec![job];
            match self.commit(&one).await {
                Ok(committed) => self.committed(one, committed),
                Err(error) if store::may_be_about_values(&error) => self.not_committed(one, &error),
                // The database has gone away meanwhile: no use in asking it again for each.
                Err(error) => self.not_committed(one.into_iter().chain(rest.by_ref()).collect(), &error),
            }
        }
    }

    /// Tells everybody of a commit. A sender that went away meanwhile no longer listens: its event is kept all the
    /// same, so a failed send is nobody's loss.
    fn committed(&mut self, jobs: Vec<Job>, committed: Committed) {
        let mut outcomes = committed.outcomes.into_iter();
        let (mut rows, mut replies) = (Vec::new(), Vec::with_capacity(jobs.len()));
        for job in jobs {
            let (submission, reply) = match job {
                Job::Accept(submission, reply, room) => {
                    drop(room);
                    (*submission, reply)
                }
                Job::Reject(_, _, reply) => {
                    let _gone = reply.send(());
                    continue;
                }
            };
            let Some(outcome) = outcomes.next() else { continue };
            if matches!(outcome, Outcome::Accepted(_)) {
                let event = submission.event;
                if let Some(receiver) = event.receiver_id {
                    self.seen.entry(event.organization_id).or_default().insert(receiver, event.received_at);
                }
                rows.extend(submission.deliveries.into_iter().map(|new| new.delivery));
            }
            replies.push((reply, outcome));
        }
        if !rows.is_empty() {
            self.wake_workers.notify_one();
        }
        self.feed.record(rows, committed.deltas);
        for (reply, outcome) in replies {
            let _gone = reply.send(Ok(outcome));
        }
    }

    fn not_committed(&self, jobs: Vec<Job>, error: &StoreError) {
        tracing::error!(%error, requests = jobs.len(), "intake could not commit; senders hear 503");
        metrics::counter!("signalbox_intake_commit_failures_total").increment(1);
        for job in jobs {
            match job {
                Job::Accept(_, reply, _) => {
                    let _gone = reply.send(Err(IntakeError::Store));
                }
                Job::Reject(rejection, _, reply) => {
                    self.refusals.sum_up(*rejection);
                    let _gone = reply.send(());
                }
            }
        }
    }

    async fn commit(&self, jobs: &[Job]) -> Result<Committed, StoreError> {
        let now = self.clock.now();
        let submissions: Vec<&Submission> = jobs.iter().filter_map(Job::submission).collect();
        let mut keys: Vec<DedupeKey> = Vec::with_capacity(submissions.len());
        let mut first: HashMap<(ReceiverId, String), EventId> = HashMap::with_capacity(submissions.len());
        for submission in &submissions {
            let pair = (submission.dedupe.receiver_id.clone(), submission.dedupe.key.clone());
            if let Entry::Vacant(free) = first.entry(pair) {
                free.insert(submission.event.id.clone());
                keys.push(submission.dedupe.clone());
            }
        }
        let mut tx = self.store.write().await?;
        let known = store::events::take_dedupe_keys(&mut tx, &keys, now).await?;
        let mut outcomes = Vec::with_capacity(submissions.len());
        let (mut events, mut payloads, mut deliveries) = (Vec::new(), Vec::new(), Vec::new());
        let mut deltas = Deltas::default();
        for submission in submissions {
            let pair = (submission.dedupe.receiver_id.clone(), submission.dedupe.key.clone());
            if let Some(event) = known.get(&pair) {
                outcomes.push(Outcome::Duplicate(event.clone()));
                continue;
            }
            match first.get(&pair) {
                Some(event) if *event != submission.event.id => {
                    outcomes.push(Outcome::Duplicate(event.clone()));
                    continue;
                }
                _ => outcomes.push(Outcome::Accepted(submission.event.id.clone())),
            }
            for new in &submission.deliveries {
                let row = &new.delivery;
                deltas.add(
                    &row.organization_id,
                    row.created_at,
                    &row.connector_id,
                    Some(&row.event_type),
                    row.status.into(),
                    1,
                );
            }
            payloads.push(NewPayload {
                organization_id: submission.event.organization_id.clone(),
                id: submission.event.payload_id.clone(),
                content_type: submission.event.content_type.clone(),
                body: submission.payload.clone(),
                expires_at: submission.event.payload_expires_at,
            });
            deliveries.extend(&submission.deliveries);
            events.push(&submission.event);
        }
        let mut rejections: Vec<&Rejection> = Vec::new();
        for (rejection, body) in jobs.iter().filter_map(Job::rejection) {
            count_rejection(&mut deltas, rejection);
            if let (Some(body), Some(id), Some(expires_at)) =
                (body, rejection.payload_id.clone(), rejection.payload_expires_at)
            {
                payloads.push(NewPayload {
                    organization_id: rejection.organization_id.clone(),
                    id,
                    content_type: rejection.content_type.clone(),
                    body: body.clone(),
                    expires_at,
                });
            }
            rejections.push(rejection);
        }
        store::events::insert_payloads(&mut tx, &payloads).await?;
        store::events::insert_many(&mut tx, &events).await?;
        store::deliveries::insert_many(&mut tx, &deliveries).await?;
        store::rejections::insert_many(&mut tx, &rejections).await?;
        store::rollups::apply(&mut tx, &deltas, self.shard).await?;
        tx.commit().await?;
        Ok(Committed { outcomes, deltas })
    }

    /// Writes when receivers last received: once a second at most, in a transaction of its own, because a lost
    /// second there is harmless and a lock on receivers during intake is not.
    async fn flush_seen(&mut self) {
        for (organization, seen) in std::mem::take(&mut self.seen) {
            let seen: Vec<_> = seen.into_iter().collect();
            let written: Result<(), StoreError> = async {
                let mut tx = self.store.write().await?;
                store::receivers::touch(&mut tx, &organization, &seen).await?;
                tx.commit().await
            }
            .await;
            if let Err(error) = written {
                tracing::warn!(%error, "the time of the last request could not be written");
            }
        }
    }

    /// Writes what was only counted: refusals without a row of their own, and requests for unknown addresses.
    async fn flush_summed(&mut self) {
        self.flush_seen().await;
        let rejections = self.refusals.collect(self.clock.now());
        let unknown = self.unknown.swap(0, std::sync::atomic::Ordering::Relaxed);
        if rejections.is_empty() && unknown == 0 {
            return;
        }
        let hour = self.clock.now().bucket(HOUR);
        match self.write_summed(&rejections, hour, unknown).await {
            Ok(()) => {}
            // As with a group of requests: what cannot be stored must not keep the others out.
            Err(error) if store::may_be_about_values(&error) => {
                for rejection in rejections {
                    let written = self.write_summed(std::slice::from_ref(&rejection), hour, 0).await;
                    self.keep_for_next_try(written, [rejection], 0);
                }
                let written = self.write_summed(&[], hour, unknown).await;
                self.keep_for_next_try(written, [], unknown);
            }
            failed => self.keep_for_next_try(failed, rejections, unknown),
        }
    }

    async fn write_summed(
        &self,
        rejections: &[Rejection],
        hour: Timestamp,
        unknown: i64,
    ) -> Result<(), StoreError> {
        let mut tx = self.store.write().await?;
        let mut deltas = Deltas::default();
        for rejection in rejections {
            count_rejection(&mut deltas, rejection);
        }
        store::rejections::insert_many(&mut tx, rejections).await?;
        store::rollups::apply(&mut tx, &deltas, self.shard).await?;
        if unknown > 0 {
            store::rejections::count_unknown_codes(&mut tx, hour, unknown).await?;
        }
        tx.commit().await?;
        self.feed.record([], deltas);
        Ok(())
    }

    fn keep_for_next_try(
        &self,
        written: Result<(), StoreError>,
        rejections: impl IntoIterator<Item = Rejection>,
        unknown: i64,
    ) {
        let Err(error) = written else { return };
        tracing::error!(%error, "summed-up refusals could not be written; they are kept for the next try");
        self.unknown.fetch_add(unknown, std::sync::atomic::Ordering::Relaxed);
        for rejection in rejections {
            self.refusals.sum_up(rejection);
        }
    }
}

/// Only what a door's schema refused is counted under its event type: any other may be an invention of whoever
/// sends, and each one would be a row of the counts.
fn count_rejection(deltas: &mut Deltas, rejection: &Rejection) {
    let taken = rejection.reason == RejectionReason::SchemaViolation;
    deltas.add(
        &rejection.organization_id,
        rejection.received_at,
        &rejection.connector_id,
        rejection.event_type.as_ref().filter(|_| taken),
        CountedStatus::Rejected,
        rejection.occurrences,
    );
}
