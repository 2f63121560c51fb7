//! When to try again: backoff with jitter, as a pure function.

use serde::{Deserialize, Serialize};

use crate::error::FieldProblem;
use crate::text_enum;

text_enum! {
    /// How waiting times grow.
    Backoff {
        /// Doubling each time.
        Exponential = "exponential",
        /// Growing by the initial delay each time.
        Linear = "linear",
        /// Always the initial delay.
        Fixed = "fixed",
    }
}

/// How often and when a failed delivery is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RetryPolicy {
    /// How waiting times grow.
    pub backoff: Backoff,
    /// Before the first retry, milliseconds (100 to 86,400,000).
    pub initial_delay_ms: i64,
    /// No wait is longer, milliseconds.
    pub max_delay_ms: i64,
    /// Retries after the first attempt (0 to 10); then it is a dead letter.
    pub max_retries: i64,
    /// The share of each wait that is random, 0 to 1: `0.2` means between 80% and 120%.
    pub jitter: f64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            backoff: Backoff::Exponential,
            initial_delay_ms: 5_000,
            max_delay_ms: 60_000,
            max_retries: 3,
            jitter: 0.2,
        }
    }
}

impl Eq for RetryPolicy {}

impl RetryPolicy {
    /// Attempts in all: the first one and its retries.
    pub fn max_attempts(&self) -> i64 {
        1 + self.max_retries
    }

    /// The wait before retry number `retry` (1 for the first) without jitter, milliseconds.
    pub fn base_delay_ms(&self, retry: i64) -> i64 {
        let retry = retry.max(1);
        let delay = match self.backoff {
            Backoff::Exponential => {
                let doublings = u32::try_from((retry - 1).min(40)).unwrap_or(40);
                self.initial_delay_ms.saturating_mul(2_i64.saturating_pow(doublings))
            }
            Backoff::Linear => self.initial_delay_ms.saturating_mul(retry),
            Backoff::Fixed => self.initial_delay_ms,
        };
        delay.min(self.max_delay_ms)
    }

    /// The wait with jitter. `random` is uniform in 0..1; what the destination asked for (`Retry-After`,
    /// milliseconds) is a floor, but never waits longer than a day.
    pub fn delay_ms(&self, retry: i64, random: f64, retry_after_ms: Option<i64>) -> i64 {
        const DAY_MS: i64 = 86_400_000;
        let base = self.base_delay_ms(retry);
        let swing = (base as f64) * self.jitter * (2.0 * random - 1.0);
        let own = base.saturating_add(swing as i64).max(0);
        own.max(retry_after_ms.unwrap_or(0).clamp(0, DAY_MS))
    }

    /// What is wrong with it; empty means fine. `prefix` is the pointer to the policy in the request.
    pub fn check(&self, prefix: &str) -> Vec<FieldProblem> {
        let rules = [
            (
                (100..=86_400_000).contains(&self.initial_delay_ms),
                "initial_delay_ms",
                "Use 100 to 86,400,000 milliseconds (a day).",
            ),
            (
                (self.initial_delay_ms..=86_400_000).contains(&self.max_delay_ms),
                "max_delay_ms",
                "Use at least the initial delay and at most a day.",
            ),
            ((0..=10).contains(&self.max_retries), "max_retries", "Use 0 to 10 retries."),
            ((0.0..=1.0).contains(&self.jitter), "jitter", "Use a share between 0 and 1."),
        ];
        rules
            .into_iter()
            .filter(|(ok, ..)| !ok)
            .map(|(_, field, detail)| FieldProblem {
                pointer: format!("{prefix}/{field}"),
                detail: detail.to_owned(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_default_waits_5_10_20_seconds() {
        let policy = RetryPolicy::default();
        let waits: Vec<_> = (1..=6).map(|n| policy.base_delay_ms(n)).collect();
        assert_eq!(waits, [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
        assert_eq!(policy.max_attempts(), 4);
    }

    #[test]
    fn linear_and_fixed() {
        let linear = RetryPolicy { backoff: Backoff::Linear, ..RetryPolicy::default() };
        assert_eq!((1..=3).map(|n| linear.base_delay_ms(n)).collect::<Vec<_>>(), [5_000, 10_000, 15_000]);
        let fixed = RetryPolicy { backoff: Backoff::Fixed, ..RetryPolicy::default() };
        assert_eq!(fixed.base_delay_ms(9), 5_000);
    }

    #[test]
    fn retry_after_is_a_floor_up_to_a_day() {
        let policy = RetryPolicy { jitter: 0.0, ..RetryPolicy::default() };
        assert_eq!(policy.delay_ms(1, 0.5, Some(30_000)), 30_000);
        assert_eq!(policy.delay_ms(1, 0.5, Some(1)), 5_000);
        assert_eq!(policy.delay_ms(1, 0.5, Some(i64::MAX)), 86_400_000);
    }

    #[test]
    fn bounds_are_checked() {
        let bad =
            RetryPolicy { initial_delay_ms: 1, max_retries: 11, jitter: f64::NAN, ..Default::default() };
        let pointers: Vec<_> = bad.check("/retry").into_iter().map(|p| p.pointer).collect();
        assert_eq!(pointers, ["/retry/initial_delay_ms", "/retry/max_retries", "/retry/jitter"]);
    }

    proptest! {
        #[test]
        fn jitter_stays_in_its_band(retry in 1i64..20, random in 0.0f64..1.0) {
            let policy = RetryPolicy::default();
            let base = policy.base_delay_ms(retry) as f64;
            let delay = policy.delay_ms(retry, random, None) as f64;
            prop_assert!(delay >= base * 0.8 - 1.0 && delay <= base * 1.2 + 1.0);
        }
    }
}
