//! How much is kept of refused requests.
//!
//! Anybody who knows an address can be refused there as often as they like. So what refusals cost is bounded for each
//! connector and time, before anything is stored: bytes per hour, rows per minute, and for requests over the rate
//! limit one row per minute. Every refusal is counted all the same: those without a row of their own are added to one
//! row of their kind (connector, receiver, reason, minute), by and by.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use domain::id::{ConnectorId, ReceiverId};
use domain::rejection::{Rejection, RejectionReason};
use domain::time::{HOUR, MINUTE, Timestamp};

/// Bytes of bodies and headers that are kept of a connector's refused requests per hour (10 MiB).
pub const BYTES_PER_HOUR: usize = 10 * 1024 * 1024;
/// Rows of their own that a connector's refused requests get per minute.
pub const ROWS_PER_MINUTE: usize = 100;

/// What one connector has used.
#[derive(Debug)]
struct Used {
    hour: Timestamp,
    bytes: usize,
    minute: Timestamp,
    rows: usize,
}

impl Used {
    fn turn(&mut self, now: Timestamp) {
        if now.bucket(HOUR) > self.hour {
            (self.hour, self.bytes) = (now.bucket(HOUR), 0);
        }
        if now.bucket(MINUTE) > self.minute {
            (self.minute, self.rows) = (now.bucket(MINUTE), 0);
        }
    }

    fn spend(&mut self, bytes: usize) -> bool {
        let fits = bytes <= BYTES_PER_HOUR - self.bytes;
        if fits {
            self.bytes += bytes;
        }
        fits
    }
}

type Kind = (ConnectorId, Option<ReceiverId>, RejectionReason, Timestamp);

/// The row of a kind, and how many it does not stand for yet.
#[derive(Debug)]
struct Summed {
    row: Rejection,
    waiting: i64,
}

#[derive(Debug, Default)]
struct Inner {
    used: HashMap<ConnectorId, Used>,
    summed: HashMap<Kind, Summed>,
}

/// Decides how much of a refused request is kept, and remembers what is only counted.
#[derive(Debug, Default)]
pub(super) struct Refusals(Mutex<Inner>);

fn kind(rejection: &Rejection) -> Kind {
    let minute = rejection.received_at.bucket(MINUTE);
    (rejection.connector_id.clone(), rejection.receiver_id.clone(), rejection.reason, minute)
}

/// The row that stands for many: it has nothing of a single request but where it came from.
fn bare(rejection: Rejection) -> Rejection {
    Rejection {
        event_type: None,
        headers: Vec::new(),
        payload_id: None,
        payload_expires_at: None,
        ..rejection
    }
}

impl Refusals {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere cannot leave half a change here.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be stored of a refusal at once; `None` when it was summed up.
    pub(super) fn take(
        &self,
        mut rejection: Rejection,
        body: Option<Bytes>,
    ) -> Option<(Rejection, Option<Bytes>)> {
        let mut guard = self.lock();
        let inner = &mut *guard;
        let now = rejection.received_at;
        let used = inner.used.entry(rejection.connector_id.clone()).or_insert_with(|| Used {
            hour: now.bucket(HOUR),
            bytes: 0,
            minute: now.bucket(MINUTE),
            rows: 0,
        });
        used.turn(now);
        let over_rate = rejection.reason == RejectionReason::RateLimited;
        let kind = kind(&rejection);
        if used.rows >= ROWS_PER_MINUTE || (over_rate && inner.summed.contains_key(&kind)) {
            drop(guard);
            self.sum_up(rejection);
            return None;
        }
        used.rows += 1;
        let headers = rejection.headers.iter().map(|header| header.name.len() + header.value.len()).sum();
        if !used.spend(headers) {
            rejection.headers = Vec::new();
        }
        let body = body.filter(|body| !over_rate && used.spend(body.len()));
        if body.is_none() {
            rejection.payload_id = None;
            rejection.payload_expires_at = None;
        }
        if over_rate {
            // Those that follow in this minute are added to the row of the first one.
            let row = bare(rejection.clone());
            inner.summed.insert(kind, Summed { row, waiting: 0 });
        }
        Some((rejection, body))
    }

    /// Counts a refusal that gets no row of its own.
    pub(super) fn sum_up(&self, rejection: Rejection) {
        match self.lock().summed.entry(kind(&rejection)) {
            Entry::Occupied(mut known) => known.get_mut().waiting += rejection.occurrences,
            Entry::Vacant(free) => {
                free.insert(Summed { waiting: rejection.occurrences, row: bare(rejection) });
            }
        }
    }

    /// The rows of what was only counted since the last time. What is over by `now` is forgotten.
    pub(super) fn collect(&self, now: Timestamp) -> Vec<Rejection> {
        let mut inner = self.lock();
        inner.used.retain(|_, used| used.hour >= now.bucket(HOUR));
        let waiting = inner.summed.values_mut().filter(|summed| summed.waiting > 0).map(|summed| {
            let occurrences = std::mem::take(&mut summed.waiting);
            Rejection { occurrences, ..summed.row.clone() }
        });
        let rows = waiting.collect();
        inner.summed.retain(|(_, _, _, minute), _| *minute >= now.bucket(MINUTE));
        rows
    }
}
