//! How long destinations take to answer: durations counted in fixed bins as attempts end, read back as quantiles.
//!
//! Four bins per doubling, from 1 ms to 65.5 s; one more for what is faster and one for what is slower. A quantile
//! read from them lies in the bin of the exact one, so it is at most 19% off ([`WIDEST`]), and below 1 ms by less than
//! that millisecond. Counts add up: over time, over server processes, over ranges.

use serde::{Deserialize, Serialize};

use crate::dashboard::Grain;
use crate::time::Timestamp;

/// How many bins there are.
pub const BINS: usize = 66;

/// How much longer than its shortest duration the longest of a bin is at most: the error of a quantile.
pub const WIDEST: f64 = 0.19;

/// Where the bins of the first doubling begin, microseconds: powers of the fourth root of two.
const QUARTERS: [i64; 4] = [1_000, 1_189, 1_414, 1_682];

/// The shortest duration of a bin, microseconds.
const fn lower(bin: usize) -> i64 {
    match bin.checked_sub(1) {
        None => 0,
        Some(step) => QUARTERS[step % 4] << (step / 4),
    }
}

/// The bin of a duration in microseconds.
fn bin_of(duration_us: i64) -> usize {
    let mut bins = 0..BINS - 1;
    while !bins.is_empty() {
        let middle = bins.start + bins.len() / 2;
        if lower(middle + 1) <= duration_us {
            bins.start = middle + 1;
        } else {
            bins.end = middle;
        }
    }
    bins.start
}

/// How many attempts took how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Histogram {
    bins: [i64; BINS],
}

impl Default for Histogram {
    fn default() -> Self {
        Self { bins: [0; BINS] }
    }
}

impl Histogram {
    /// The one with these counts, from the fastest bin to the slowest.
    pub const fn of(bins: [i64; BINS]) -> Self {
        Self { bins }
    }

    /// The counts, from the fastest bin to the slowest.
    pub const fn bins(&self) -> &[i64; BINS] {
        &self.bins
    }

    /// Counts an attempt.
    pub fn add(&mut self, duration_us: i64) {
        self.bins[bin_of(duration_us)] += 1;
    }

    /// Adds all of another one.
    pub fn merge(&mut self, other: &Self) {
        for (bin, more) in self.bins.iter_mut().zip(other.bins) {
            *bin += more;
        }
    }

    /// How many attempts were counted.
    pub fn attempts(&self) -> i64 {
        self.bins.iter().sum()
    }

    /// The duration in microseconds that `percent` of 100 attempts did not exceed; `None` when there were none.
    ///
    /// This is the nearest rank, placed within its bin as if the bin's attempts were spread evenly. What took longer
    /// than the last bound is said to have taken that.
    pub fn quantile(&self, percent: u8) -> Option<i64> {
        let attempts = self.attempts();
        let rank = (attempts.saturating_mul(i64::from(percent)) + 99) / 100;
        let mut before = 0;
        for (bin, count) in self.bins.iter().copied().enumerate().filter(|(_, count)| *count > 0) {
            if before + count < rank {
                before += count;
                continue;
            }
            let from = lower(bin);
            let to = if bin + 1 < BINS { lower(bin + 1) } else { from };
            let part = ((rank.max(1) - before) as f64 - 0.5) / count as f64;
            return Some(from + ((to - from) as f64 * part) as i64);
        }
        None
    }
}

/// How long attempts took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Latency {
    /// How many attempts this is about: those whose destination answered or was waited for in vain.
    pub attempts: i64,
    /// Half of them took no longer, microseconds; at most 19% off. Absent when there were none.
    pub p50_us: Option<i64>,
    /// 95 of 100 took no longer, likewise.
    pub p95_us: Option<i64>,
}

impl From<&Histogram> for Latency {
    fn from(histogram: &Histogram) -> Self {
        Self {
            attempts: histogram.attempts(),
            p50_us: histogram.quantile(50),
            p95_us: histogram.quantile(95),
        }
    }
}

/// The fewest buckets that tile a span: minutes up to the first whole hour, hours up to the first whole day, days, and
/// so on down again. Both ends are rounded down to the minute. At most 200 buckets besides the days.
pub fn tiles(from: Timestamp, to: Timestamp) -> Vec<(Grain, Timestamp, Timestamp)> {
    let minute = Grain::Minute.width();
    let (from, to) = (from.bucket(minute), to.bucket(minute));
    let (mut at, mut tiles) = (from, Vec::new());
    let mut until = |grain: Grain, end: Timestamp| {
        if at < end {
            tiles.push((grain, at, end));
            at = end;
        }
    };
    let up = |grain: Grain| from.plus(grain.width() - 1).bucket(grain.width());
    let down = |grain: Grain| to.bucket(grain.width());
    until(Grain::Minute, up(Grain::Hour).min(to));
    until(Grain::Hour, up(Grain::Day).min(down(Grain::Hour)));
    until(Grain::Day, down(Grain::Day));
    until(Grain::Hour, down(Grain::Hour));
    until(Grain::Minute, to);
    tiles
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{DAY, HOUR, MINUTE};
    use proptest::prelude::*;

    fn counted(durations: &[i64]) -> Histogram {
        let mut histogram = Histogram::default();
        durations.iter().for_each(|duration| histogram.add(*duration));
        histogram
    }

    #[test]
    fn bins_grow_by_less_than_the_error_that_is_promised() {
        assert_eq!((lower(0), lower(1), lower(5), lower(BINS - 1)), (0, 1_000, 2_000, 65_536_000));
        for bin in 1..BINS - 1 {
            assert!(lower(bin + 1) as f64 <= lower(bin) as f64 * (1.0 + WIDEST), "{bin}");
        }
        assert_eq!([-1, 0, 999, 1_000, 1_188, 1_189].map(bin_of), [0, 0, 0, 1, 1, 2]);
        assert_eq!([65_535_999, 65_536_000, i64::MAX].map(bin_of), [BINS - 2, BINS - 1, BINS - 1]);
    }

    #[test]
    fn of_nothing_nothing_is_known() {
        assert_eq!(Latency::from(&Histogram::default()), Latency::default());
        let one = Latency::from(&counted(&[412_000]));
        assert_eq!(one.attempts, 1);
        assert_eq!(one.p50_us, one.p95_us);
        assert_eq!(counted(&[i64::MAX]).quantile(95), Some(65_536_000));
    }

    #[test]
    fn a_day_is_tiled_by_hours_and_a_month_by_days() {
        let from = Timestamp(1_000 * DAY + 5 * HOUR + 30 * MINUTE + 7);
        assert_eq!(
            tiles(from, from.plus(DAY)),
            [
                (Grain::Minute, from.plus(-7), Timestamp(1_000 * DAY + 6 * HOUR)),
                (Grain::Hour, Timestamp(1_000 * DAY + 6 * HOUR), Timestamp(1_001 * DAY)),
                (Grain::Hour, Timestamp(1_001 * DAY), Timestamp(1_001 * DAY + 5 * HOUR)),
                (Grain::Minute, Timestamp(1_001 * DAY + 5 * HOUR), from.plus(DAY - 7)),
            ]
        );
        let days = tiles(Timestamp(10 * DAY), Timestamp(40 * DAY));
        assert_eq!(days, [(Grain::Day, Timestamp(10 * DAY), Timestamp(40 * DAY))]);
        assert_eq!(tiles(from, from), []);
    }

    proptest! {
        #[test]
        fn quantiles_are_as_close_as_promised(
            mut durations in proptest::collection::vec(1_000i64..65_536_000, 1..400),
            percent in 1u8..=100,
        ) {
            let estimate = counted(&durations).quantile(percent).unwrap();
            durations.sort_unstable();
            let rank = (durations.len() * usize::from(percent)).div_ceil(100);
            let exact = durations[rank - 1];
            prop_assert_eq!(bin_of(estimate), bin_of(exact));
            prop_assert!((estimate - exact).abs() as f64 <= exact as f64 * WIDEST, "{} for {}", estimate, exact);
        }

        #[test]
        fn below_a_millisecond_the_error_is_less_than_one(durations in proptest::collection::vec(0i64..1_000, 1..50)) {
            prop_assert!((0..1_000).contains(&counted(&durations).quantile(50).unwrap()));
        }

        #[test]
        fn parts_add_up_to_the_whole(durations in proptest::collection::vec(0i64..90_000_000, 0..200), at in 0usize..200) {
            let (one, other) = durations.split_at(at.min(durations.len()));
            let mut both = counted(one);
            both.merge(&counted(other));
            prop_assert_eq!(both, counted(&durations));
            prop_assert_eq!(both.attempts(), durations.len() as i64);
        }

        #[test]
        fn tiles_cover_a_span_once(from in 0i64..2_000_000_000_000_000, span in 0i64..400 * DAY) {
            let (from, to) = (Timestamp(from), Timestamp(from + span));
            let mut at = from.bucket(MINUTE);
            let mut small = 0;
            for (grain, start, end) in tiles(from, to) {
                prop_assert_eq!(start, at);
                prop_assert!(start < end);
                prop_assert_eq!((start.bucket(grain.width()), end.bucket(grain.width())), (start, end));
                small += if grain == Grain::Day { 0 } else { end.since(start) / grain.width() };
                at = end;
            }
            prop_assert_eq!(at, to.bucket(MINUTE));
            prop_assert!(small <= 200, "{} buckets", small);
        }
    }
}
