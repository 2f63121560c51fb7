//! What is worth a look now, per connector: computed from counts that are kept anyway, never stored, never guessed.
//!
//! Every rule looks at a rolling hour of sixty whole minutes, the current one included. Counts stand in the minute a
//! delivery was made or a request refused in, so failures are those of deliveries made within the hour; dead letters
//! alone count by when they became one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::dashboard::Totals;
use crate::id::ConnectorId;
use crate::status::CountedStatus;
use crate::text_enum;
use crate::time::{HOUR, MINUTE, Timestamp};

/// From this share of failures among what was decided on, a connector is failing.
pub const FAILING_FROM: f64 = 0.1;
/// Above this share of refusals among what came in, a connector is rejecting.
pub const REJECTING_ABOVE: f64 = 0.1;
/// Fewer failures or refusals than this in the hour are no alert: one of two says nothing.
pub const AT_LEAST: i64 = 5;
/// A connector that had something in each of so many whole hours is expected to go on.
pub const STEADY_HOURS: usize = 24;
/// A list of alerts has no more than this; the worst come first.
pub const MOST_ALERTS: usize = 100;

/// Minutes of the rolling hour.
const WINDOW: usize = 60;
/// Minutes that are looked at: each minute of the last hour ends an hour of its own.
const MINUTES: usize = 2 * WINDOW;

text_enum! {
    /// What is wrong.
    AlertKind {
        /// Many deliveries that were made within the hour failed.
        Failing = "failing",
        /// Deliveries became dead letters within the hour.
        DeadLetters = "dead_letters",
        /// Many requests of the hour were refused.
        Rejecting = "rejecting",
        /// Nothing came in the hour, and something in each of the 24 hours before.
        Silent = "silent",
    }
}

/// One thing that is worth a look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Alert {
    /// What is wrong.
    pub kind: AlertKind,
    /// With which connector.
    pub connector_id: ConnectorId,
    /// Its name.
    pub connector_name: String,
    /// Since when, to the minute, without a break: when the rolling hour went over its bound. When that is over an hour
    /// ago, to the hour; a day ago means at least that. For dead letters the first new one, for silence the last sign.
    pub since: Timestamp,
    /// How many failed, were refused, or became dead letters within the hour; 0 for silence.
    pub count: i64,
    /// Of how many: decided deliveries, or refused requests and deliveries together. Because an event can have several
    /// deliveries, the share of refusals is a lower bound.
    pub of: Option<i64>,
    /// There may be more than `count`: counting ended there.
    pub more: bool,
}

impl Alert {
    /// The share that speaks for it, 0 to 1.
    pub fn share(&self) -> Option<f64> {
        self.of.filter(|of| *of > 0).map(|of| self.count as f64 / of as f64)
    }
}

/// How many were counted of what, in one minute or hour.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub struct Counted {
    /// Start of the minute or hour.
    pub bucket: Timestamp,
    /// The connector.
    pub connector_id: ConnectorId,
    /// What.
    pub status: CountedStatus,
    /// How many.
    pub count: i64,
}

/// Deliveries of a connector that became dead letters within the hour.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
pub struct NewDeadLetters {
    /// The connector.
    pub connector_id: ConnectorId,
    /// Its name, also when it was deleted since.
    pub connector_name: Option<String>,
    /// How many.
    pub count: i64,
    /// When the first of them did.
    pub first: Timestamp,
}

/// What alerts are computed from.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Connectors that are switched on, by their names. Others were switched off by a person who knows why.
    pub active: BTreeMap<ConnectorId, String>,
    /// Counts by the minute, from [`first_minute`] on.
    pub minutes: Vec<Counted>,
    /// Counts by the hour, from [`first_hour`] on.
    pub hours: Vec<Counted>,
    /// New dead letters.
    pub dead: Vec<NewDeadLetters>,
    /// There may be more dead letters than were counted.
    pub dead_cut: bool,
}

/// The first minute whose counts matter.
pub fn first_minute(now: Timestamp) -> Timestamp {
    now.bucket(MINUTE).plus(-(MINUTES as i64 - 1) * MINUTE)
}

/// The first hour whose counts matter.
pub fn first_hour(now: Timestamp) -> Timestamp {
    steady_end(now).plus(-(STEADY_HOURS as i64) * HOUR)
}

/// The end of the whole hours before the rolling one.
fn steady_end(now: Timestamp) -> Timestamp {
    now.plus(-HOUR).bucket(HOUR)
}

/// What is worth a look at `now`: by kind, most first.
pub fn alerts(facts: &Facts, now: Timestamp) -> Vec<Alert> {
    let mut series: BTreeMap<&ConnectorId, Series> = BTreeMap::new();
    for (counts, is_hour) in [(&facts.minutes, false), (&facts.hours, true)] {
        for counted in counts {
            series.entry(&counted.connector_id).or_default().add(counted, is_hour, now);
        }
    }
    let mut found: Vec<Alert> = facts
        .active
        .iter()
        .filter_map(|(id, name)| Some((id, name, series.get(id)?)))
        .flat_map(|(id, name, series)| series.alerts(id, name, now))
        .collect();
    found.extend(facts.dead.iter().map(|dead| Alert {
        kind: AlertKind::DeadLetters,
        connector_id: dead.connector_id.clone(),
        connector_name: dead.connector_name.clone().unwrap_or_else(|| dead.connector_id.to_string()),
        since: dead.first,
        count: dead.count,
        of: None,
        more: facts.dead_cut,
    }));
    found.sort_by(|a, b| {
        let key = |alert: &Alert| (alert.kind, std::cmp::Reverse(alert.count));
        key(a).cmp(&key(b)).then_with(|| a.connector_name.cmp(&b.connector_name))
    });
    found.truncate(MOST_ALERTS);
    found
}

/// What happened at one connector, by the minute and by the hour.
struct Series {
    minutes: [Totals; MINUTES],
    hours: [Totals; STEADY_HOURS],
}

impl Default for Series {
    fn default() -> Self {
        Self { minutes: [Totals::default(); MINUTES], hours: [Totals::default(); STEADY_HOURS] }
    }
}

impl Series {
    fn add(&mut self, counted: &Counted, is_hour: bool, now: Timestamp) {
        let place = if is_hour {
            usize::try_from(counted.bucket.since(first_hour(now)) / HOUR)
                .ok()
                .and_then(|at| self.hours.get_mut(at))
        } else {
            usize::try_from(counted.bucket.since(first_minute(now)) / MINUTE)
                .ok()
                .and_then(|at| self.minutes.get_mut(at))
        };
        if let Some(totals) = place {
            totals.add(counted.status, counted.count);
        }
    }

    /// The hour that ends with minute `last`.
    fn rolling(&self, last: usize) -> Totals {
        sum(&self.minutes[last + 1 - WINDOW..=last])
    }

    fn alerts(&self, id: &ConnectorId, name: &str, now: Timestamp) -> Vec<Alert> {
        let hour = self.rolling(MINUTES - 1);
        let alert = |kind, since, (count, of): (i64, i64)| Alert {
            kind,
            connector_id: id.clone(),
            connector_name: name.to_owned(),
            since,
            count,
            of: (of > 0).then_some(of),
            more: false,
        };
        let mut found = Vec::new();
        if is_failing(failures(&hour)) {
            found.push(alert(
                AlertKind::Failing,
                self.since(|totals| is_failing(failures(totals)), now),
                failures(&hour),
            ));
        }
        if is_rejecting(refusals(&hour)) {
            let since = self.since(|totals| is_rejecting(refusals(totals)), now);
            found.push(alert(AlertKind::Rejecting, since, refusals(&hour)));
        }
        if let Some(since) = self.silent_since(now) {
            found.push(alert(AlertKind::Silent, since, (0, 0)));
        }
        found
    }

    /// Since when the rolling hour is over its bound without a break.
    fn since(&self, over: impl Fn(&Totals) -> bool, now: Timestamp) -> Timestamp {
        let first = (WINDOW - 1..MINUTES - 1).rev().take_while(|last| over(&self.rolling(*last))).last();
        let first = first.unwrap_or(MINUTES - 1);
        let mut since = first_minute(now).plus(first as i64 * MINUTE);
        if first == WINDOW - 1 {
            // Over for the whole hour that can be told by the minute.
            for (at, hour) in self.hours.iter().enumerate().rev() {
                let start = first_hour(now).plus(at as i64 * HOUR);
                if start < since {
                    if !over(hour) {
                        break;
                    }
                    since = start;
                }
            }
        }
        since
    }

    fn silent_since(&self, now: Timestamp) -> Option<Timestamp> {
        let came = |totals: &Totals| totals.deliveries() + totals.rejected > 0;
        let (before, hour) = self.minutes.split_at(WINDOW);
        if hour.iter().any(came) || !self.hours.iter().all(came) {
            return None;
        }
        let last = before.iter().rposition(came).map_or(0, |last| last + 1);
        Some(first_minute(now).plus(last as i64 * MINUTE))
    }
}

fn sum(all: &[Totals]) -> Totals {
    all.iter().fold(Totals::default(), |mut sum, one| {
        sum.delivered += one.delivered;
        sum.failed += one.failed;
        sum.pending += one.pending;
        sum.canceled += one.canceled;
        sum.rejected += one.rejected;
        sum
    })
}

fn failures(totals: &Totals) -> (i64, i64) {
    (totals.failed, totals.delivered + totals.failed)
}

fn refusals(totals: &Totals) -> (i64, i64) {
    (totals.rejected, totals.deliveries() + totals.rejected)
}

fn is_failing((failed, decided): (i64, i64)) -> bool {
    failed >= AT_LEAST && failed as f64 >= FAILING_FROM * decided as f64
}

fn is_rejecting((refused, all): (i64, i64)) -> bool {
    refused >= AT_LEAST && refused as f64 > REJECTING_ABOVE * all as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use CountedStatus::{DeadLetter, Delivered, Failed, Rejected};

    /// 14:30:17 of some day.
    const NOW: Timestamp = Timestamp(20_000 * 24 * HOUR + 14 * HOUR + 30 * MINUTE + 17_000_000);

    fn world() -> (Facts, ConnectorId) {
        let id = ConnectorId::new(NOW);
        (Facts { active: BTreeMap::from([(id.clone(), "NetSuite".into())]), ..Facts::default() }, id)
    }

    /// So many in the minute that began this many minutes ago, in both grains.
    fn count(facts: &mut Facts, id: &ConnectorId, minutes_ago: i64, status: CountedStatus, count: i64) {
        let at = NOW.bucket(MINUTE).plus(-minutes_ago * MINUTE);
        let counted = |bucket| Counted { bucket, connector_id: id.clone(), status, count };
        facts.minutes.push(counted(at));
        facts.hours.push(counted(at.bucket(HOUR)));
    }

    fn only(facts: &Facts) -> Alert {
        let mut found = alerts(facts, NOW);
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    #[test]
    fn a_share_of_few_is_no_alert_and_a_small_share_of_many_neither() {
        let (mut facts, id) = world();
        count(&mut facts, &id, 3, Failed, AT_LEAST - 1);
        assert_eq!(alerts(&facts, NOW), []);
        count(&mut facts, &id, 3, Delivered, 1_000);
        count(&mut facts, &id, 2, Failed, 50);
        assert_eq!(alerts(&facts, NOW), []);
        count(&mut facts, &id, 1, DeadLetter, 60);
        let alert = only(&facts);
        assert_eq!((alert.kind, alert.count, alert.of), (AlertKind::Failing, 114, Some(1_114)));
        assert!(alert.share().is_some_and(|share| share > FAILING_FROM));
    }

    #[test]
    fn refusals_alert_above_a_tenth_not_at_it() {
        let (mut facts, id) = world();
        count(&mut facts, &id, 10, Delivered, 90);
        count(&mut facts, &id, 10, Rejected, 10);
        assert_eq!(alerts(&facts, NOW), []);
        count(&mut facts, &id, 4, Rejected, 1);
        let alert = only(&facts);
        assert_eq!((alert.kind, alert.count, alert.of), (AlertKind::Rejecting, 11, Some(101)));
        assert_eq!(alert.since, NOW.bucket(MINUTE).plus(-4 * MINUTE));
    }

    #[test]
    fn what_is_older_than_the_hour_is_over() {
        let (mut facts, id) = world();
        count(&mut facts, &id, 60, Failed, 100);
        assert_eq!(alerts(&facts, NOW), []);
        count(&mut facts, &id, 59, Failed, 100);
        assert_eq!(only(&facts).count, 100);
    }

    #[test]
    fn since_is_the_minute_in_which_the_hour_went_over() {
        let (mut facts, id) = world();
        for minute in 0..120 {
            count(&mut facts, &id, minute, Delivered, 10);
        }
        // 600 decided in each hour: the bound is crossed by the third of these.
        for minute in [30, 29, 28, 27] {
            count(&mut facts, &id, minute, Failed, 25);
        }
        let alert = only(&facts);
        assert_eq!(alert.since, NOW.bucket(MINUTE).plus(-28 * MINUTE), "{alert:?}");
    }

    #[test]
    fn a_long_failure_is_told_by_the_hour_and_ends_at_the_first_good_one() {
        let (mut facts, id) = world();
        for minute in 0..24 * 60 {
            let status = if minute < 5 * 60 { Failed } else { Delivered };
            count(&mut facts, &id, minute, status, 1);
        }
        // Failures began at 09:31; the hour from 09:00 had 29 of 60.
        assert_eq!(only(&facts).since, NOW.bucket(HOUR).plus(-5 * HOUR));
    }

    #[test]
    fn silence_is_said_only_of_a_connector_that_was_steady() {
        let (mut facts, id) = world();
        for minute in 70..27 * 60 {
            count(&mut facts, &id, minute, Delivered, 1);
        }
        let alert = only(&facts);
        assert_eq!((alert.kind, alert.count, alert.of), (AlertKind::Silent, 0, None));
        assert_eq!(alert.since, NOW.bucket(MINUTE).plus(-69 * MINUTE));

        let gap = first_hour(NOW).plus(5 * HOUR);
        let mut unsteady = facts.clone();
        unsteady.hours.retain(|counted| counted.bucket != gap);
        assert_eq!(alerts(&unsteady, NOW), []);
        count(&mut facts, &id, 0, Rejected, 1);
        assert_eq!(alerts(&facts, NOW), []);
    }

    #[test]
    fn who_is_switched_off_alerts_by_new_dead_letters_only() {
        let (mut facts, id) = world();
        facts.active.clear();
        count(&mut facts, &id, 1, Failed, 100);
        count(&mut facts, &id, 1, Rejected, 100);
        assert_eq!(alerts(&facts, NOW), []);
        let (connector_id, connector_name) = (id, Some("NetSuite".to_owned()));
        facts.dead.push(NewDeadLetters { connector_id, connector_name, count: 1, first: NOW });
        facts.dead_cut = true;
        let alert = only(&facts);
        assert_eq!((alert.kind, alert.count, alert.since), (AlertKind::DeadLetters, 1, NOW));
        assert!(alert.more && alert.connector_name == "NetSuite");
    }

    #[test]
    fn the_list_has_failures_first_and_an_end() {
        let (mut facts, id) = world();
        count(&mut facts, &id, 1, Rejected, 100);
        for n in 0..MOST_ALERTS {
            let other = ConnectorId::new(NOW);
            facts.active.insert(other.clone(), format!("Other {n}"));
            count(&mut facts, &other, 1, Failed, 10 + n as i64);
        }
        let found = alerts(&facts, NOW);
        assert_eq!(found.len(), MOST_ALERTS);
        assert!(found.iter().all(|alert| alert.kind == AlertKind::Failing));
        assert!(found.is_sorted_by_key(|alert| std::cmp::Reverse(alert.count)));
    }
}
