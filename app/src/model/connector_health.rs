//! How a connector does, from the last day's counts: one word, so that a list can have the worst first.

use domain::dashboard::Totals;

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

/// How many hours speak for now.
const RECENT: usize = 2;

/// The health of a connector whose last hours these are, the current one last, and the share that speaks for it.
///
/// The newest two hours count when something was decided in them: what was mended in the morning is mended.
pub fn health_of(active: bool, hours: &[Totals]) -> (Health, Option<f64>) {
    if !active {
        return (Health::Off, None);
    }
    let (recent, all) = (sum(&hours[hours.len().saturating_sub(RECENT)..]), sum(hours));
    let counts = if recent.delivered + recent.failed + recent.rejected > 0 { recent } else { all };
    let share = |part: i64, whole: i64| if whole > 0 { part as f64 / whole as f64 } else { 0.0 };
    let failed = share(counts.failed, counts.delivered + counts.failed);
    let rejected = share(counts.rejected, counts.rejected + counts.deliveries());
    if all.deliveries() + all.rejected == 0 {
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

/// All hours together.
pub fn sum(hours: &[Totals]) -> Totals {
    hours.iter().fold(Totals::default(), |mut sum, hour| {
        sum.delivered += hour.delivered;
        sum.failed += hour.failed;
        sum.pending += hour.pending;
        sum.canceled += hour.canceled;
        sum.rejected += hour.rejected;
        sum
    })
}

/// A bar of the small chart: heights from 0 to 1 of the highest hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// Which hour, from 0.
    pub column: usize,
    /// All deliveries.
    pub height: f64,
    /// The failed ones, from the floor.
    pub failed: f64,
}

/// The bars of the hours, empty ones left out.
pub fn bars_of(hours: &[Totals]) -> Vec<Bar> {
    let highest = hours.iter().map(Totals::deliveries).max().unwrap_or(0).max(1) as f64;
    hours
        .iter()
        .enumerate()
        .filter(|(_, hour)| hour.deliveries() > 0)
        .map(|(column, hour)| Bar {
            column,
            height: hour.deliveries() as f64 / highest,
            failed: hour.failed as f64 / highest,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 24 hours with these in them: hour, delivered, failed, rejected.
    fn hours(some: &[(usize, i64, i64, i64)]) -> Vec<Totals> {
        let mut hours = vec![Totals::default(); 24];
        for (at, delivered, failed, rejected) in some {
            hours[*at] =
                Totals { delivered: *delivered, failed: *failed, rejected: *rejected, ..Totals::default() };
        }
        hours
    }

    fn health(some: &[(usize, i64, i64, i64)]) -> Health {
        health_of(true, &hours(some)).0
    }

    #[test]
    fn the_newest_hours_decide() {
        assert_eq!(health(&[(3, 0, 100, 0), (23, 100, 0, 0)]), Health::Healthy);
        assert_eq!(health(&[(3, 100, 0, 0), (22, 50, 50, 0)]), Health::Failing);
        assert_eq!(health(&[(3, 50, 50, 0)]), Health::Failing);
    }

    #[test]
    fn refusals_failures_and_silence_have_their_words() {
        assert_eq!(health(&[(23, 80, 0, 20)]), Health::Rejecting);
        assert_eq!(health(&[(23, 0, 0, 1)]), Health::Rejecting);
        assert_eq!(health(&[(23, 95, 3, 0)]), Health::Degraded);
        assert_eq!(health(&[]), Health::Silent);
        assert_eq!(health_of(true, &[]).0, Health::Silent);
        assert_eq!(health_of(false, &hours(&[(23, 0, 9, 0)])), (Health::Off, None));
        assert!(Health::Failing < Health::Healthy);
    }

    #[test]
    fn bars_are_relative_to_the_highest() {
        let bars = bars_of(&hours(&[(0, 5, 5, 0), (2, 5, 0, 0), (3, 0, 0, 7)]));
        assert_eq!(bars.len(), 2);
        assert_eq!((bars[0].height, bars[0].failed), (1.0, 0.5));
        assert_eq!((bars[1].column, bars[1].height), (2, 0.5));
    }
}
