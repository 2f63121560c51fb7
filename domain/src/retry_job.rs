//! Batches: many failed deliveries on their way to another attempt, as a durable job.
//!
//! A job takes the deliveries it is about when it is made, each once; what becomes of them is decided when their turn
//! comes, by the same rule as for one ([`why_not`]). Everything here is pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::delivery::{Delivery, ErrorClass};
use crate::filter::DeliveryFilter;
use crate::id::{DeliveryId, OrganizationId, RetryJobId};
use crate::status::DeliveryStatus;
use crate::text_enum;
use crate::time::Timestamp;

/// Deliveries of one job at most.
pub const MAX_AFFECTED: usize = 10_000;
/// Failures that are looked at for a filter at most, newest first.
pub const MAX_LOOKED_AT: usize = 50_000;
/// The usual [`NewRetryJob::per_second`].
pub const DEFAULT_PER_SECOND: i64 = 10;
/// The highest [`NewRetryJob::per_second`].
pub const MAX_PER_SECOND: i64 = 500;
/// Longest reason, characters.
pub const MAX_REASON: usize = 500;

text_enum! {
    /// Where a job stands.
    RetryJobState {
        /// Its deliveries are tried again, one after the other.
        Running = "running",
        /// A person stopped it for now.
        Paused = "paused",
        /// Every delivery had its turn.
        Finished = "finished",
        /// A person ended it.
        Canceled = "canceled",
    }
}

impl RetryJobState {
    /// Nothing more will happen.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Finished | Self::Canceled)
    }
}

text_enum! {
    /// Why a delivery is not tried again.
    LeftOutReason {
        /// Its payload is gone.
        PayloadExpired = "payload_expired",
        /// It was delivered.
        Delivered = "delivered",
        /// It waits for its first attempt, or one is running.
        UnderWay = "under_way",
        /// There is no such delivery.
        NotFound = "not_found",
        /// It went on while the job looked at it.
        ChangedMeanwhile = "changed_meanwhile",
    }
}

/// What stopped a delivery: its class, and the HTTP status where that is the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Cause {
    /// The class; absent when nothing was tried or it was canceled before.
    #[serde(default)]
    pub class: Option<ErrorClass>,
    /// The HTTP status, for [`ErrorClass::Http`].
    #[serde(default)]
    pub code: Option<i64>,
}

impl Cause {
    /// The cause that `class` and the last answer's status make.
    pub fn new(class: Option<ErrorClass>, response_code: Option<i64>) -> Self {
        Self { class, code: response_code.filter(|_| class == Some(ErrorClass::Http)) }
    }

    /// What stopped the last attempt of `delivery`.
    pub fn of(delivery: &Delivery) -> Self {
        Self::new(delivery.error_class, delivery.response_code)
    }

    /// Whether the same payload is likely to fail the same way again until somebody changes something.
    pub fn needs_a_fix(self) -> bool {
        match self.class {
            Some(ErrorClass::Http) => {
                self.code.is_some_and(|code| (400..500).contains(&code) && !matches!(code, 408 | 425 | 429))
            }
            Some(class) => {
                matches!(
                    class,
                    ErrorClass::Blocked | ErrorClass::Mapping | ErrorClass::Configuration | ErrorClass::Tls
                )
            }
            None => false,
        }
    }
}

/// Why a delivery in this state cannot be tried again with the payload it has; `None` when it can.
pub fn why_not(
    status: DeliveryStatus,
    payload_expires_at: Timestamp,
    now: Timestamp,
) -> Option<LeftOutReason> {
    match status {
        DeliveryStatus::Delivered => Some(LeftOutReason::Delivered),
        DeliveryStatus::Received | DeliveryStatus::Processing => Some(LeftOutReason::UnderWay),
        _ if payload_expires_at <= now => Some(LeftOutReason::PayloadExpired),
        _ => None,
    }
}

/// What a job is to be about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RetrySelection {
    /// Failed and dead-letter deliveries that the filter admits, the newest 10,000 of them at most. What is delivered,
    /// waits or was canceled is not touched, whatever the filter says.
    Filter {
        /// The filter.
        filter: DeliveryFilter,
    },
    /// These deliveries, at most 10,000.
    Ids {
        /// Their ids.
        ids: Vec<DeliveryId>,
    },
}

/// As much of a delivery as it takes to sort it into a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub struct RetryCandidate {
    /// Its id.
    pub id: DeliveryId,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// What stopped its last attempt.
    pub error_class: Option<ErrorClass>,
    /// The HTTP status of the last attempt.
    pub response_code: Option<i64>,
    /// From then on its bytes are gone.
    pub payload_expires_at: Timestamp,
}

/// Deliveries that are left out for the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeftOut {
    /// The reason.
    pub reason: LeftOutReason,
    /// How many.
    pub count: i64,
    /// One of them.
    pub sample: DeliveryId,
}

/// Adds one delivery to the counts.
pub fn leave_out(left_out: &mut Vec<LeftOut>, reason: LeftOutReason, id: &DeliveryId) {
    match left_out.iter_mut().find(|known| known.reason == reason) {
        Some(known) => known.count += 1,
        None => left_out.push(LeftOut { reason, count: 1, sample: id.clone() }),
    }
}

/// Candidates sorted by what stopped them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sorted {
    /// Those that can be tried again, by cause, each in the order they came in.
    pub groups: BTreeMap<Cause, Vec<RetryCandidate>>,
    /// The others.
    pub left_out: Vec<LeftOut>,
}

impl Sorted {
    /// Sorts candidates. What cannot be tried again is counted by its reason, never dropped silently.
    pub fn of(candidates: impl IntoIterator<Item = RetryCandidate>, now: Timestamp) -> Self {
        let mut sorted = Self::default();
        for candidate in candidates {
            match why_not(candidate.status, candidate.payload_expires_at, now) {
                Some(reason) => leave_out(&mut sorted.left_out, reason, &candidate.id),
                None => {
                    let cause = Cause::new(candidate.error_class, candidate.response_code);
                    sorted.groups.entry(cause).or_default().push(candidate);
                }
            }
        }
        sorted
    }

    /// The ids of the chosen causes (of all when nothing is said), oldest first.
    pub fn chosen(&self, causes: Option<&[Cause]>) -> Vec<DeliveryId> {
        let chosen = self.groups.iter().filter(|(cause, _)| causes.is_none_or(|some| some.contains(cause)));
        let mut ids: Vec<_> = chosen.flat_map(|(_, rows)| rows.iter().map(|row| row.id.clone())).collect();
        ids.sort();
        ids
    }
}

/// Deliveries that were stopped by the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RetryGroup {
    /// What stopped them.
    pub cause: Cause,
    /// How many.
    pub count: i64,
    /// How many of them are dead letters.
    pub dead_letters: i64,
    /// The newest of them.
    pub sample: Delivery,
}

/// What a job would do, before it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RetryPreview {
    /// The largest group first.
    pub groups: Vec<RetryGroup>,
    /// What is left out, and why.
    pub left_out: Vec<LeftOut>,
    /// Whether these are all. When not, more than 10,000 match and these are the newest 10,000, or there are more
    /// than 50,000 failures in the filter's time and only the newest 50,000 were looked at.
    pub complete: bool,
}

impl RetryPreview {
    /// How many would be tried again.
    pub fn affected(&self) -> i64 {
        self.groups.iter().map(|group| group.count).sum()
    }
}

/// A wish for a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewRetryJob {
    /// What it is about.
    pub selection: RetrySelection,
    /// Only what these stopped; everything when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causes: Option<Vec<Cause>>,
    /// Why, kept in the audit log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Deliveries put back in the queue in a second, 1 to 500.
    #[serde(default = "default_per_second")]
    pub per_second: i64,
}

fn default_per_second() -> i64 {
    DEFAULT_PER_SECOND
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RetryJob {
    /// Its id.
    pub id: RetryJobId,
    /// The tenant it belongs to.
    pub organization_id: OrganizationId,
    /// Who asked for it, in words.
    pub created_by: String,
    /// Why.
    pub reason: Option<String>,
    /// The filter it was made with; absent when it was made from a list.
    pub filter: Option<DeliveryFilter>,
    /// The causes it was narrowed to; absent for all.
    pub causes: Option<Vec<Cause>>,
    /// Where it stands.
    pub state: RetryJobState,
    /// Deliveries put back in the queue in a second at most.
    pub per_second: i64,
    /// Whether it waits because its next deliveries' destination has other work to do first.
    pub behind_live_traffic: bool,
    /// Deliveries it took on.
    pub total: i64,
    /// Those put back in the queue so far.
    pub retried: i64,
    /// Those that could not be when their turn came, and why.
    pub skipped: Vec<LeftOut>,
    /// Those that it did not take on, and why.
    pub left_out: Vec<LeftOut>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
    /// When it was finished or canceled.
    pub finished_at: Option<Timestamp>,
}

impl RetryJob {
    /// Those that could not be retried when their turn came.
    pub fn skipped_count(&self) -> i64 {
        self.skipped.iter().map(|some| some.count).sum()
    }
    /// Those that had their turn.
    pub fn done(&self) -> i64 {
        self.retried + self.skipped_count()
    }
}

/// What became of the deliveries that a job put back in the queue, at this moment. Those that a later job took up
/// count there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RetryOutcome {
    /// Delivered.
    pub delivered: i64,
    /// Failed again for good.
    pub failed: i64,
    /// Waiting for an attempt, or being tried.
    pub under_way: i64,
    /// Canceled.
    pub canceled: i64,
}

impl RetryOutcome {
    /// Counts `count` deliveries in this state.
    pub fn add(&mut self, status: DeliveryStatus, count: i64) {
        match status {
            DeliveryStatus::Delivered => self.delivered += count,
            DeliveryStatus::Failed | DeliveryStatus::DeadLetter => self.failed += count,
            DeliveryStatus::Canceled => self.canceled += count,
            DeliveryStatus::Received | DeliveryStatus::Processing | DeliveryStatus::Retrying => {
                self.under_way += count;
            }
        }
    }
}

/// A job and what became of its deliveries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RetryJobDetail {
    /// The job.
    pub job: RetryJob,
    /// What became of its deliveries.
    pub outcome: RetryOutcome,
}

/// How many deliveries a job may put back in the queue at once, and how many microseconds it waits after `count` of
/// them, so that it keeps to `per_second`: about five steps a second.
pub fn step_of(per_second: i64) -> (i64, impl Fn(i64) -> i64) {
    let per_second = per_second.clamp(1, MAX_PER_SECOND);
    ((per_second / 5).max(1), move |count: i64| count.max(1) * crate::time::SECOND / per_second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{DAY, SECOND};

    const NOW: Timestamp = Timestamp(20_000 * DAY);

    fn candidate(
        n: i64,
        status: DeliveryStatus,
        class: Option<ErrorClass>,
        code: Option<i64>,
    ) -> RetryCandidate {
        RetryCandidate {
            id: DeliveryId::new(Timestamp(n * SECOND)),
            status,
            error_class: class,
            response_code: code,
            payload_expires_at: NOW.plus(1),
        }
    }

    #[test]
    fn candidates_are_sorted_by_cause_and_nothing_disappears() {
        let http = Some(ErrorClass::Http);
        let expired = RetryCandidate {
            payload_expires_at: NOW,
            ..candidate(6, DeliveryStatus::Failed, http, Some(500))
        };
        let sorted = Sorted::of(
            [
                candidate(5, DeliveryStatus::Failed, http, Some(422)),
                candidate(4, DeliveryStatus::DeadLetter, http, Some(503)),
                candidate(3, DeliveryStatus::Failed, http, Some(422)),
                // The status of an earlier attempt is no cause of a timeout.
                candidate(2, DeliveryStatus::DeadLetter, Some(ErrorClass::Timeout), Some(503)),
                candidate(1, DeliveryStatus::Delivered, None, Some(200)),
                candidate(0, DeliveryStatus::Processing, None, None),
                expired.clone(),
            ],
            NOW,
        );
        let groups: Vec<_> = sorted.groups.iter().map(|(cause, rows)| (cause.code, rows.len())).collect();
        assert_eq!(groups, [(None, 1), (Some(422), 2), (Some(503), 1)]);
        let left_out: Vec<_> = sorted.left_out.iter().map(|some| (some.reason, some.count)).collect();
        assert_eq!(
            left_out,
            [(LeftOutReason::Delivered, 1), (LeftOutReason::UnderWay, 1), (LeftOutReason::PayloadExpired, 1)]
        );
        assert_eq!(sorted.left_out[2].sample, expired.id);
    }

    #[test]
    fn chosen_ids_are_oldest_first_and_only_of_the_chosen_causes() {
        let http = Some(ErrorClass::Http);
        let rows = [
            candidate(3, DeliveryStatus::Failed, http, Some(422)),
            candidate(1, DeliveryStatus::Failed, http, Some(500)),
            candidate(2, DeliveryStatus::Failed, http, Some(422)),
        ];
        let [late, other, early] = rows.clone().map(|row| row.id);
        let sorted = Sorted::of(rows, NOW);
        assert_eq!(sorted.chosen(None), [other, early.clone(), late.clone()]);
        assert_eq!(sorted.chosen(Some(&[Cause::new(http, Some(422))])), [early, late]);
        assert!(sorted.chosen(Some(&[])).is_empty());
    }

    #[test]
    fn what_the_destination_answers_for_good_needs_a_fix() {
        let http = |code| Cause::new(Some(ErrorClass::Http), Some(code)).needs_a_fix();
        assert!(http(422) && http(404) && !http(429) && !http(503));
        assert!(Cause::new(Some(ErrorClass::Mapping), None).needs_a_fix());
        assert!(!Cause::new(Some(ErrorClass::Timeout), None).needs_a_fix());
    }

    #[test]
    fn the_step_keeps_to_the_rate() {
        for per_second in [1, 3, 10, 50, 500] {
            let (step, wait) = step_of(per_second);
            assert!(step >= 1 && step * 5 <= per_second.max(5));
            assert_eq!(wait(step), step * SECOND / per_second);
        }
        assert_eq!(step_of(10).0, 2);
        assert_eq!(step_of(9_999).0, 100);
    }
}
