//! The numbers of the dashboard: totals, a series and the heatmap, all from rollups.

use serde::{Deserialize, Serialize};

use crate::error::Problem;
use crate::event::EventType;
use crate::id::ConnectorId;
use crate::latency::Latency;
use crate::status::CountedStatus;
use crate::text_enum;
use crate::time::{DAY, HOUR, MINUTE, Timestamp};

text_enum! {
    /// The width of a rollup's buckets.
    Grain {
        /// 60 seconds.
        Minute = "minute",
        /// 60 minutes.
        Hour = "hour",
        /// 24 hours, UTC.
        Day = "day",
    }
}

impl Grain {
    /// The width in microseconds.
    pub const fn width(self) -> i64 {
        match self {
            Self::Minute => MINUTE,
            Self::Hour => HOUR,
            Self::Day => DAY,
        }
    }
}

text_enum! {
    /// What a row of the heatmap stands for.
    HeatmapRows {
        /// A connector and an event type.
        Endpoint = "endpoint",
        /// A connector.
        Vendor = "vendor",
        /// An event type, over all connectors.
        EventType = "event_type",
    }
}

/// How many of what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Totals {
    /// Delivered.
    pub delivered: i64,
    /// Failed and dead letters.
    pub failed: i64,
    /// Received, processing and retrying: not decided yet.
    pub pending: i64,
    /// Ended by a person.
    pub canceled: i64,
    /// Refused requests.
    pub rejected: i64,
}

impl Totals {
    /// Adds `count` deliveries (or refusals) in a state; negative takes them away.
    pub fn add(&mut self, status: CountedStatus, count: i64) {
        match status {
            CountedStatus::Delivered => self.delivered += count,
            CountedStatus::Failed | CountedStatus::DeadLetter => self.failed += count,
            CountedStatus::Received | CountedStatus::Processing | CountedStatus::Retrying => {
                self.pending += count
            }
            CountedStatus::Canceled => self.canceled += count,
            CountedStatus::Rejected => self.rejected += count,
        }
    }
    /// All deliveries, whatever their state; refusals are not deliveries.
    pub fn deliveries(&self) -> i64 {
        self.delivered + self.failed + self.pending + self.canceled
    }
    /// Delivered as a share of what is decided, 0 to 1; `None` when nothing is.
    pub fn success_rate(&self) -> Option<f64> {
        let decided = self.delivered + self.failed;
        (decided > 0).then(|| self.delivered as f64 / decided as f64)
    }
}

/// One point of the series under the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SeriesPoint {
    /// Start of the bucket.
    pub at: Timestamp,
    /// What happened in it.
    pub totals: Totals,
}

/// What IntegrationDashBoardHeader shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Summary {
    /// Start of the range.
    pub from: Timestamp,
    /// End of the range.
    pub to: Timestamp,
    /// In the range.
    pub totals: Totals,
    /// In the range of the same length before.
    pub previous: Totals,
    /// How long attempts took that began in the range.
    pub latency: Latency,
    /// The same in the range before.
    pub previous_latency: Latency,
    /// Deliveries per bucket; empty buckets are left out.
    pub series: Vec<SeriesPoint>,
    /// Width of the series' buckets, microseconds.
    pub bucket_us: i64,
    /// Connectors that are switched on.
    pub active_connectors: i64,
    /// Connectors in all.
    pub connectors: i64,
}

/// One cell of the heatmap that has something in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeatmapCell {
    /// Which column, from 0.
    pub column: u32,
    /// What happened in it.
    pub totals: Totals,
}

/// One row of the heatmap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeatmapRow {
    /// The connector, unless rows are event types.
    pub connector_id: Option<ConnectorId>,
    /// The event type, unless rows are vendors.
    pub event_type: Option<EventType>,
    /// Over all columns.
    pub totals: Totals,
    /// The cells that are not empty, by column.
    pub cells: Vec<HeatmapCell>,
}

/// What HitMapGridView shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Heatmap {
    /// Start of the first column.
    pub from: Timestamp,
    /// Width of a column, microseconds.
    pub bucket_us: i64,
    /// How many columns.
    pub columns: u32,
    /// What a row stands for.
    pub rows_by: HeatmapRows,
    /// Most failures first, then most deliveries; at most 200.
    pub rows: Vec<HeatmapRow>,
    /// How many rows there are in all.
    pub total_rows: u32,
}

/// The longest range, microseconds: counts are read bucket by bucket.
pub const LONGEST_RANGE: i64 = 800 * DAY;

/// 400 for a range that ends before it begins, or is too long.
pub fn check_range(from: Timestamp, to: Timestamp) -> Result<(), Problem> {
    match to.since(from) {
        1..=LONGEST_RANGE => Ok(()),
        _ => Err(Problem::new(
            400,
            "invalid_query",
            "Query not understood",
            "The end must come after the beginning, at most 800 days.",
        )),
    }
}

/// The columns that fit a range: at most 60, of a width that people think in.
///
/// Returns the start of the first column, the width in microseconds and the number of columns.
pub fn columns_for(from: Timestamp, to: Timestamp) -> (Timestamp, i64, u32) {
    const WIDTHS: &[i64] = &[
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        2 * DAY,
        7 * DAY,
    ];
    let span = to.since(from).max(MINUTE);
    let width = WIDTHS.iter().copied().find(|width| span <= width * 60).unwrap_or(30 * DAY);
    let start = from.bucket(width);
    let columns = (to.since(start).max(1) + width - 1) / width;
    (start, width, u32::try_from(columns).unwrap_or(1))
}

/// The coarsest grain whose buckets tile columns of `width` microseconds.
pub fn grain_for(width: i64) -> Grain {
    if width % DAY == 0 {
        Grain::Day
    } else if width % HOUR == 0 {
        Grain::Hour
    } else {
        Grain::Minute
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_day_has_half_hour_columns() {
        let to = Timestamp(1_000 * DAY + 5 * HOUR + 7);
        let (start, width, columns) = columns_for(to.plus(-DAY), to);
        assert_eq!(width, 30 * MINUTE);
        assert_eq!(start, Timestamp(999 * DAY + 5 * HOUR));
        assert_eq!(columns, 49);
        assert_eq!(grain_for(width), Grain::Minute);
        assert_eq!(grain_for(6 * HOUR), Grain::Hour);
    }

    #[test]
    fn success_rate_of_nothing_is_unknown() {
        let mut totals = Totals::default();
        totals.add(CountedStatus::Received, 3);
        assert_eq!(totals.success_rate(), None);
        totals.add(CountedStatus::Delivered, 3);
        totals.add(CountedStatus::DeadLetter, 1);
        assert_eq!(totals.success_rate(), Some(0.75));
        assert_eq!(totals.deliveries(), 7);
    }

    #[test]
    fn ranges_have_a_beginning_an_end_and_a_limit() {
        let at = Timestamp(1_000 * DAY);
        assert_eq!(check_range(at, at.plus(1)), Ok(()));
        assert_eq!(check_range(at, at.plus(LONGEST_RANGE)), Ok(()));
        for (from, to) in [(at, at), (at, at.plus(-1)), (at, at.plus(LONGEST_RANGE + 1))] {
            assert_eq!(check_range(from, to).map_err(|problem| problem.status), Err(400));
        }
        let (first, last) = (Timestamp(i64::MIN), Timestamp(i64::MAX));
        assert!(check_range(first, last).is_err() && check_range(last, first).is_err());
    }

    proptest! {
        #[test]
        fn columns_cover_the_range(from in 0i64..2_000_000_000_000_000, span in 1i64..400 * DAY) {
            let (from, to) = (Timestamp(from), Timestamp(from + span));
            let (start, width, columns) = columns_for(from, to);
            prop_assert!(start <= from);
            prop_assert!(start.plus(width * i64::from(columns)) >= to);
            prop_assert!(columns <= 62);
            prop_assert_eq!(width % grain_for(width).width(), 0);
        }
    }
}
