//! How a connector does, from the last day's counts: one word, so that a list can have the worst first.

use domain::dashboard::{HeatmapRow, Totals};

/// A connector's health, from worst to best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Many deliveries fail.
    Failing,
    /// Many requests are refused.
    Rejecting,
    /// Some fail or are refused.
    Degraded,
    /// Nothing happened.
    Silent,
    /// All is well.
    Healthy,
    /// Switched off.
    Off,
}

/// From this share on, what happens now is the rule and not the exception.
const MANY: f64 = 0.1;
/// From this share on, somebody should look.
const SOME: f64 = 0.01;

impl Health {
    /// The word in `data-status`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Rejecting => "rejecting",
            Self::Degraded => "degraded",
            Self::Silent => "silent",
            Self::Healthy => "healthy",
            Self::Off => "off",
        }
    }

    /// The word for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Failing => "Failing",
            Self::Rejecting => "Rejecting",
            Self::Degraded => "Degraded",
            Self::Silent => "Silent",
            Self::Healthy => "Healthy",
            Self::Off => "Off",
        }
    }

    /// The icon.
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Failing => "st-failed",
            Self::Rejecting => "st-rejected",
            Self::Degraded => "alert",
            Self::Silent => "clock",
            Self::Healthy => "st-delivered",
            Self::Off => "pause",
        }
    }

    /// Whether a person should look.
    pub const fn needs_attention(self) -> bool {
        matches!(self, Self::Failing | Self::Rejecting | Self::Degraded)
    }
}

/// The health of a connector and the share that speaks for it.
///
/// The newest two hours count when something was decided in them: what was mended in the morning is mended.
pub fn health_of(
    active: bool,
    row: Option<&HeatmapRow>,
    columns: u32,
    bucket_us: i64,
) -> (Health, Option<f64>) {
    if !active {
        return (Health::Off, None);
    }
    let Some(row) = row else { return (Health::Silent, None) };
    let recent_columns = u32::try_from((2 * domain::time::HOUR / bucket_us.max(1)).max(1)).unwrap_or(1);
    let first = columns.saturating_sub(recent_columns);
    let mut recent = Totals::default();
    for cell in row.cells.iter().filter(|cell| cell.column >= first) {
        recent.delivered += cell.totals.delivered;
        recent.failed += cell.totals.failed;
        recent.rejected += cell.totals.rejected;
    }
    let counts = if recent.delivered + recent.failed + recent.rejected > 0 { recent } else { row.totals };
    let share = |part: i64, whole: i64| if whole > 0 { part as f64 / whole as f64 } else { 0.0 };
    let failed = share(counts.failed, counts.delivered + counts.failed);
    let rejected = share(counts.rejected, counts.rejected + counts.deliveries());
    if row.totals.deliveries() + row.totals.rejected == 0 {
        (Health::Silent, None)
    } else if failed >= MANY {
        (Health::Failing, Some(failed))
    } else if rejected >= MANY {
        (Health::Rejecting, Some(rejected))
    } else if failed.max(rejected) >= SOME {
        (Health::Degraded, Some(failed.max(rejected)))
    } else {
        (Health::Healthy, None)
    }
}

/// A bar of the small chart: heights from 0 to 1 of the row's highest column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// Which column, from 0.
    pub column: u32,
    /// All deliveries.
    pub height: f64,
    /// The failed ones, from the floor.
    pub failed: f64,
}

/// The bars of a row, empty columns left out.
pub fn bars_of(row: &HeatmapRow) -> Vec<Bar> {
    let highest = row.cells.iter().map(|cell| cell.totals.deliveries()).max().unwrap_or(0).max(1) as f64;
    row.cells
        .iter()
        .filter(|cell| cell.totals.deliveries() > 0)
        .map(|cell| Bar {
            column: cell.column,
            height: cell.totals.deliveries() as f64 / highest,
            failed: cell.totals.failed as f64 / highest,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::dashboard::HeatmapCell;
    use domain::time::HOUR;

    fn row(cells: &[(u32, i64, i64, i64)]) -> HeatmapRow {
        let totals =
            |delivered, failed, rejected| Totals { delivered, failed, rejected, ..Default::default() };
        let mut all = Totals::default();
        for (_, delivered, failed, rejected) in cells {
            all.delivered += delivered;
            all.failed += failed;
            all.rejected += rejected;
        }
        HeatmapRow {
            connector_id: None,
            event_type: None,
            totals: all,
            cells: cells
                .iter()
                .map(|(column, d, f, r)| HeatmapCell { column: *column, totals: totals(*d, *f, *r) })
                .collect(),
        }
    }

    fn health(cells: &[(u32, i64, i64, i64)]) -> Health {
        health_of(true, Some(&row(cells)), 24, HOUR).0
    }

    #[test]
    fn the_newest_hours_decide() {
        assert_eq!(health(&[(3, 0, 100, 0), (23, 100, 0, 0)]), Health::Healthy);
        assert_eq!(health(&[(3, 100, 0, 0), (23, 50, 50, 0)]), Health::Failing);
        assert_eq!(health(&[(3, 50, 50, 0)]), Health::Failing);
    }

    #[test]
    fn refusals_failures_and_silence_have_their_words() {
        assert_eq!(health(&[(23, 80, 0, 20)]), Health::Rejecting);
        assert_eq!(health(&[(23, 95, 3, 0)]), Health::Degraded);
        assert_eq!(health(&[]), Health::Silent);
        assert_eq!(health_of(true, None, 24, HOUR).0, Health::Silent);
        assert_eq!(health_of(false, Some(&row(&[(23, 0, 9, 0)])), 24, HOUR), (Health::Off, None));
        assert!(Health::Failing < Health::Healthy);
    }

    #[test]
    fn bars_are_relative_to_the_highest() {
        let bars = bars_of(&row(&[(0, 5, 5, 0), (2, 5, 0, 0), (3, 0, 0, 7)]));
        assert_eq!(bars.len(), 2);
        assert_eq!((bars[0].height, bars[0].failed), (1.0, 0.5));
        assert_eq!((bars[1].column, bars[1].height), (2, 0.5));
    }
}
