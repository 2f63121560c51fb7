//! From what an attempt found out to the delivery's next state: retry, give up, done.

use domain::connector::Header;
use domain::delivery::{Delivery, ErrorClass};
use domain::id::AttemptId;
use domain::retry::RetryPolicy;
use domain::status::DeliveryStatus;
use domain::time::Timestamp;

use super::attempt::{AttemptResult, Tried};
use crate::store::queue::{Finished, NewAttempt};

const CUT_SHORT: &str =
    "Signalbox was stopped before the destination answered. The destination may have received it.";

/// A text from outside, as it can be kept and shown: without NUL, which PostgreSQL refuses, and without other control
/// characters but line breaks and tabs.
pub fn clean(text: String) -> String {
    let bad = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.contains(bad) { text.replace(bad, "") } else { text }
}

fn clean_headers(headers: Vec<Header>) -> Vec<Header> {
    headers
        .into_iter()
        .map(|header| Header { name: clean(header.name), value: clean(header.value) })
        .collect()
}

/// Decides. `random` is uniform in 0..1, for the jitter.
pub fn decide(
    delivery: &Delivery,
    result: &AttemptResult,
    policy: &RetryPolicy,
    duration_us: i64,
    now: Timestamp,
    random: f64,
) -> Finished {
    let base = Finished {
        organization_id: delivery.organization_id.clone(),
        id: delivery.id.clone(),
        attempt: delivery.attempts,
        status: DeliveryStatus::Delivered,
        due_at: None,
        response_code: None,
        duration_us,
        destination_record_id: None,
        error_class: None,
        error: None,
    };
    match result {
        AttemptResult::Succeeded { code, record_id } => Finished {
            response_code: *code,
            destination_record_id: record_id.clone().map(clean).filter(|id| !id.is_empty()),
            ..base
        },
        // The caller fills in the record's id once it is written, in the same transaction.
        AttemptResult::WriteRecord { .. } => base,
        AttemptResult::Transient { class, error, code, retry_after_ms } => {
            let failed = Finished {
                response_code: *code,
                error_class: Some(*class),
                error: Some(clean(error.clone())),
                ..base
            };
            if delivery.attempts >= delivery.max_attempts {
                return Finished { status: DeliveryStatus::DeadLetter, ..failed };
            }
            let delay_ms = policy.delay_ms(delivery.attempts, random, *retry_after_ms);
            let due_at = now.plus(delay_ms.saturating_mul(1_000));
            Finished { status: DeliveryStatus::Retrying, due_at: Some(due_at), ..failed }
        }
        AttemptResult::Interrupted => {
            // It counts, because the destination may have received it; the next one need not wait.
            let used_up = delivery.attempts >= delivery.max_attempts;
            Finished {
                status: if used_up { DeliveryStatus::DeadLetter } else { DeliveryStatus::Retrying },
                due_at: (!used_up).then_some(now),
                error_class: Some(ErrorClass::Interrupted),
                error: Some(CUT_SHORT.to_owned()),
                ..base
            }
        }
        AttemptResult::Permanent { class, error, code } => Finished {
            status: DeliveryStatus::Failed,
            response_code: *code,
            error_class: Some(*class),
            error: Some(clean(error.clone())),
            ..base
        },
    }
}

/// The attempt as it is kept.
pub fn attempt_row(
    delivery: &Delivery,
    tried: Tried,
    finished: &Finished,
    started_at: Timestamp,
) -> NewAttempt {
    NewAttempt {
        organization_id: delivery.organization_id.clone(),
        delivery_id: delivery.id.clone(),
        number: delivery.attempts,
        id: AttemptId::new(started_at),
        started_at,
        duration_us: finished.duration_us,
        succeeded: finished.status == DeliveryStatus::Delivered,
        response_code: finished.response_code,
        error_class: finished.error_class,
        error: finished.error.clone(),
        method: tried.method,
        url: clean(tried.url),
        remote_addr: tried.remote_addr,
        request_headers: clean_headers(tried.request_headers),
        request_body: tried.request_body,
        response_headers: clean_headers(tried.response_headers),
        response_body: tried.response_body,
        response_truncated: tried.response_truncated,
        mapping_version: tried.mapping_version,
        bodies_expire_at: delivery.payload_expires_at,
    }
}

/// The attempt of a worker that died: it is known to have begun, and nothing more.
pub fn interrupted_row(delivery: &Delivery, number: i64, since: Timestamp, now: Timestamp) -> NewAttempt {
    NewAttempt {
        organization_id: delivery.organization_id.clone(),
        delivery_id: delivery.id.clone(),
        number,
        id: AttemptId::new(since),
        started_at: since,
        duration_us: now.since(since).max(0),
        succeeded: false,
        response_code: None,
        error_class: Some(ErrorClass::Interrupted),
        error: Some(
            "The worker ended before the outcome was known. The destination may have received it.".into(),
        ),
        method: "–".to_owned(),
        url: delivery.destination_name.clone(),
        remote_addr: None,
        request_headers: Vec::new(),
        request_body: None,
        response_headers: Vec::new(),
        response_body: None,
        response_truncated: false,
        mapping_version: None,
        bodies_expire_at: delivery.payload_expires_at,
    }
}
