//! Committing outcomes: records, states, attempts and counts in one transaction, many outcomes at a time.
//!
//! Invariant: no outcome holds up another. When the database refuses a group for what is in it, its outcomes are
//! committed one by one, and one that is still refused ends its delivery as failed, with the reason.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use bytes::Bytes;
use domain::delivery::{Delivery, ErrorClass};
use domain::id::{DeliveryId, OrganizationId, RecordId};
use domain::retry::RetryPolicy;
use domain::status::DeliveryStatus;
use domain::time::{SECOND, Timestamp};
use tokio::sync::mpsc;

use super::attempt::{AttemptResult, Tried};
use super::deliver::{Deliverer, moved};
use super::outcome;
use super::places::RECORD_LIMIT;
use crate::directory::RECORD_LANE;
use crate::store::latencies::Durations;
use crate::store::queue::NewAttempt;
use crate::store::records::{RecordWrite, Written};
use crate::store::rollups::Deltas;
use crate::store::{self, StoreError, Tx};

/// An attempt that is over and not yet committed.
#[derive(Debug, Clone)]
pub(super) struct Done {
    pub(super) lane: String,
    pub(super) delivery: Delivery,
    pub(super) tried: Tried,
    pub(super) policy: RetryPolicy,
    pub(super) started_at: Timestamp,
    pub(super) duration_us: i64,
}

impl Deliverer {
    /// Commits outcomes as they come, many in one transaction.
    pub(super) async fn finish_in_groups(self, mut outcomes: mpsc::Receiver<Done>) {
        let mut group = Vec::with_capacity(RECORD_LIMIT);
        while outcomes.recv_many(&mut group, RECORD_LIMIT).await > 0 {
            if let Err(error) = self.finish(std::mem::take(&mut group)).await {
                // Their leases end, and they are tried again: at least once, and said so.
                tracing::error!(%error, "outcomes could not be committed; the deliveries will be tried again");
                metrics::counter!("signalbox_delivery_commit_failures_total").increment(1);
            }
        }
    }

    /// Commits outcomes together, or one by one when the database refuses them together.
    pub(super) async fn finish(&self, done: Vec<Done>) -> Result<(), StoreError> {
        let error = match self.commit(&done).await {
            Err(error) if store::may_be_about_values(&error) => error,
            other => return other,
        };
        tracing::warn!(%error, count = done.len(), "outcomes are committed one by one");
        let mut last = Ok(());
        for one in done {
            let error = match self.commit(std::slice::from_ref(&one)).await {
                Ok(()) => continue,
                Err(error) => error,
            };
            let ended = if store::is_about_values(&error) {
                tracing::error!(%error, delivery = %one.delivery.id, "an outcome cannot be stored");
                metrics::counter!("signalbox_delivery_commit_failures_total").increment(1);
                self.commit(&[one.unstorable(&error)]).await
            } else {
                Err(error)
            };
            last = last.and(ended);
        }
        last
    }

    /// Commits outcomes: records, states, attempts and counts in one transaction.
    async fn commit(&self, done: &[Done]) -> Result<(), StoreError> {
        if done.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let mut tx = self.store.write().await?;
        let records = write_records(&mut tx, done, now).await?;
        let written_at = self.clock.now();
        let mut finished = Vec::with_capacity(done.len());
        let mut attempts: Vec<NewAttempt> = Vec::with_capacity(done.len());
        let mut rows: HashMap<(DeliveryId, i64), Delivery> = HashMap::with_capacity(done.len());
        for one in done {
            let Done { delivery, mut tried, policy, started_at, duration_us, lane } = one.clone();
            // A record's attempt lasts until it is written; what the commit takes cannot be known before it.
            let duration_us = match tried.result {
                AttemptResult::WriteRecord { .. } => written_at.since(started_at).max(0),
                _ => duration_us,
            };
            let random = self.clock.random_unit();
            let mut outcome = outcome::decide(&delivery, &tried.result, &policy, duration_us, now, random);
            if let Some(record) = records.get(&delivery.id) {
                outcome.destination_record_id = Some(record.id.to_string());
                if record.newer_kept {
                    tried.response_body = Some(Bytes::from_static(NEWER_KEPT.as_bytes()));
                }
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
        let mut durations = Durations::default();
        for attempt in &attempts {
            let (organization, at) = (&attempt.organization_id, attempt.started_at);
            durations.add(organization, at, attempt.duration_us, attempt.error_class);
        }
        store::latencies::apply(&mut tx, &durations, self.shard).await?;
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

impl Done {
    /// The same attempt with nothing of what the database may have refused.
    fn unstorable(&self, error: &StoreError) -> Self {
        let code = match &self.tried.result {
            AttemptResult::Succeeded { code, .. }
            | AttemptResult::Transient { code, .. }
            | AttemptResult::Permanent { code, .. } => *code,
            AttemptResult::WriteRecord { .. } | AttemptResult::Interrupted => None,
        };
        let said = code.map_or_else(String::new, |code| format!("The destination answered {code}, but "));
        let error = domain::text::sentence(&format!("{said}the outcome cannot be stored: {error}"));
        let result = AttemptResult::Permanent { class: ErrorClass::Configuration, error, code };
        let tried = Tried {
            method: self.tried.method.clone(),
            url: self.delivery.destination_name.clone(),
            remote_addr: None,
            request_headers: Vec::new(),
            request_body: None,
            response_headers: Vec::new(),
            response_body: None,
            response_truncated: false,
            mapping_version: self.tried.mapping_version,
            result,
        };
        Self { tried, ..self.clone() }
    }
}

type RecordKey = (OrganizationId, String, String);

/// What stands as the answer of the record store when it kept what it had.
const NEWER_KEPT: &str = "Not written: the record holds a newer event.";

/// Writes the records among the outcomes, oldest event first, replays last; returns what became of them by delivery.
async fn write_records(
    tx: &mut Tx,
    done: &[Done],
    now: Timestamp,
) -> Result<HashMap<DeliveryId, Written>, StoreError> {
    let mut results = HashMap::new();
    let mut waiting: Vec<RecordWrite> = done.iter().filter_map(|one| record_write(one, now)).collect();
    waiting.sort_by(|a, b| (a.deliberate, a.as_of, &a.event_id).cmp(&(b.deliberate, b.as_of, &b.event_id)));
    while !waiting.is_empty() {
        // One statement cannot write the same record twice: the second waits for the next statement.
        let mut by_key: HashMap<RecordKey, DeliveryId> = HashMap::new();
        let (mut writes, mut later) = (Vec::new(), Vec::new());
        for write in waiting {
            let key = (write.organization_id.clone(), write.entity.clone(), write.external_id.clone());
            match by_key.entry(key) {
                Entry::Occupied(_) => later.push(write),
                Entry::Vacant(free) => {
                    free.insert(write.delivery_id.clone());
                    writes.push(write);
                }
            }
        }
        for written in store::records::upsert_many(tx, &writes, now).await? {
            let key = (written.organization_id.clone(), written.entity.clone(), written.external_id.clone());
            if let Some(delivery) = by_key.remove(&key) {
                results.insert(delivery, written);
            }
        }
        waiting = later;
    }
    Ok(results)
}

fn record_write(one: &Done, now: Timestamp) -> Option<RecordWrite> {
    let AttemptResult::WriteRecord { entity, external_id, body } = &one.tried.result else { return None };
    let delivery = &one.delivery;
    let deliberate = delivery.replay_of.is_some();
    Some(RecordWrite {
        organization_id: delivery.organization_id.clone(),
        entity: entity.clone(),
        external_id: external_id.clone(),
        id: RecordId::new(now),
        body: body.clone(),
        delivery_id: delivery.id.clone(),
        event_id: delivery.event_id.clone(),
        as_of: if deliberate { delivery.created_at } else { delivery.received_at },
        deliberate,
    })
}
