//! When the retries of a policy happen, as a picture on a logarithmic axis.
//!
//! The picture tells three things per retry: how long the wait before it is, when it happens after the first try,
//! and how far jitter may move it. Positions are percent of the axis, so that the drawing needs no width.

use domain::retry::RetryPolicy;

use super::format;

/// One retry.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduledRetry {
    /// Its number, from 1.
    pub number: i64,
    /// The wait before it without jitter, milliseconds.
    pub wait_ms: i64,
    /// From the first try to it without jitter, milliseconds.
    pub at_ms: i64,
    /// The same when jitter makes every wait as short as it can.
    pub earliest_ms: i64,
    /// The same when jitter makes every wait as long as it can.
    pub latest_ms: i64,
}

/// All retries of a policy and the axis they stand on.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// The retries, in order.
    pub retries: Vec<ScheduledRetry>,
    low_ms: f64,
    high_ms: f64,
}

/// Where the first try stands, percent.
pub const FIRST_TRY: f64 = 0.6;

/// Times worth a mark on the axis, milliseconds.
const MARKS: &[i64] = &[
    200,
    500,
    1_000,
    2_000,
    5_000,
    10_000,
    30_000,
    60_000,
    120_000,
    300_000,
    600_000,
    1_200_000,
    3_600_000,
    7_200_000,
    18_000_000,
    43_200_000,
    86_400_000,
    172_800_000,
    432_000_000,
    864_000_000,
];

impl Schedule {
    /// The schedule of a policy whose values are within their bounds.
    pub fn of(policy: &RetryPolicy) -> Self {
        let jitter = policy.jitter.clamp(0.0, 1.0);
        let (mut at, mut earliest, mut latest) = (0_i64, 0_i64, 0_i64);
        let mut retries = Vec::new();
        for number in 1..=policy.max_retries {
            let wait = policy.base_delay_ms(number);
            let swing = ((wait as f64) * jitter) as i64;
            at = at.saturating_add(wait);
            earliest = earliest.saturating_add(wait - swing);
            latest = latest.saturating_add(wait.saturating_add(swing));
            retries.push(ScheduledRetry {
                number,
                wait_ms: wait,
                at_ms: at,
                earliest_ms: earliest,
                latest_ms: latest,
            });
        }
        // With full jitter the earliest is 0, which has no place on a logarithmic axis: a quarter of the wait does.
        let low =
            retries.first().map_or(1_000, |first| first.earliest_ms.max(first.wait_ms / 4).max(1)) as f64;
        let high = retries.last().map_or(2_000, |last| last.latest_ms) as f64 * 1.25;
        Self { retries, low_ms: low, high_ms: high.max(low * 2.0) }
    }

    /// Where a time after the first try stands, percent.
    pub fn position(&self, ms: i64) -> f64 {
        let share = (ms.max(1) as f64 / self.low_ms).ln() / (self.high_ms / self.low_ms).ln();
        (FIRST_TRY + share * (100.0 - FIRST_TRY)).clamp(FIRST_TRY, 100.0)
    }

    /// The marks of the axis that do not crowd each other, milliseconds.
    pub fn marks(&self) -> Vec<i64> {
        let mut marks = Vec::new();
        let mut last = FIRST_TRY;
        for &mark in MARKS {
            let position = self.position(mark);
            let inside = (mark as f64) > self.low_ms && (mark as f64) < self.high_ms;
            if inside && position - last >= 9.0 && position <= 96.0 {
                marks.push(mark);
                last = position;
            }
        }
        marks
    }

    /// Tries in all.
    pub fn tries(&self) -> usize {
        self.retries.len() + 1
    }
}

/// A wait in words: `250 ms`, `1.50 s`, `5 s`, `16 min 28 s`.
pub fn wait_words(ms: i64) -> String {
    let micros = ms.saturating_mul(1_000);
    if ms < 60_000 && ms % 1_000 != 0 { format::duration(micros) } else { format::duration_short(micros) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::retry::Backoff;

    #[test]
    fn the_default_policy_retries_after_5_15_and_35_seconds() {
        let schedule = Schedule::of(&RetryPolicy::default());
        let at: Vec<_> = schedule.retries.iter().map(|r| (r.wait_ms, r.at_ms)).collect();
        assert_eq!(at, [(5_000, 5_000), (10_000, 15_000), (20_000, 35_000)]);
        let last = &schedule.retries[2];
        assert_eq!((last.earliest_ms, last.latest_ms), (28_000, 42_000));
        assert_eq!(schedule.tries(), 4);
    }

    #[test]
    fn positions_grow_and_stay_on_the_axis() {
        for backoff in [Backoff::Exponential, Backoff::Linear, Backoff::Fixed] {
            for jitter in [0.0, 0.2, 1.0] {
                let policy = RetryPolicy { backoff, jitter, max_retries: 10, ..Default::default() };
                let schedule = Schedule::of(&policy);
                let mut before = 0.0;
                for retry in &schedule.retries {
                    let position = schedule.position(retry.at_ms);
                    assert!(position > before && position <= 100.0, "{backoff} {jitter} {retry:?}");
                    assert!(schedule.position(retry.earliest_ms) <= position);
                    assert!(schedule.position(retry.latest_ms) >= position);
                    before = position;
                }
            }
        }
    }

    #[test]
    fn no_retries_is_a_schedule_too() {
        let schedule = Schedule::of(&RetryPolicy { max_retries: 0, ..Default::default() });
        assert!(schedule.retries.is_empty());
        assert!(schedule.position(5_000).is_finite());
    }

    #[test]
    fn marks_do_not_crowd() {
        let policy = RetryPolicy { max_retries: 8, max_delay_ms: 600_000, ..Default::default() };
        let schedule = Schedule::of(&policy);
        let positions: Vec<_> = schedule.marks().into_iter().map(|mark| schedule.position(mark)).collect();
        assert!(positions.len() >= 3);
        assert!(positions.windows(2).all(|pair| pair[1] - pair[0] >= 9.0));
    }

    #[test]
    fn waits_read_like_people_say_them() {
        for (ms, words) in [(250, "250 ms"), (5_000, "5 s"), (1_500, "1.50 s"), (988_000, "16 min 28 s")] {
            assert_eq!(wait_words(ms), words);
        }
    }
}
