//! Whose clock times are written by: UTC, or the clock of the person who reads.
//!
//! A [`Zone`] is asked for its distance from UTC at an instant and knows nothing else. The browser knows the rest, so
//! that no table of the world's time zones is downloaded.

use domain::civil::Civil;
use domain::time::{DAY, MINUTE, Timestamp};

/// A zone. Two are equal when their names are.
#[derive(Clone, Copy, Debug)]
pub struct Zone {
    name: &'static str,
    offset: fn(Timestamp) -> i64,
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Zone {
    /// UTC.
    pub const UTC: Self = Self { name: "UTC", offset: |_| 0 };

    /// A zone of that name; `offset` says how far its clocks are ahead of UTC at an instant, microseconds.
    pub const fn new(name: &'static str, offset: fn(Timestamp) -> i64) -> Self {
        Self { name, offset }
    }

    /// Its name: "UTC", "Europe/Berlin".
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// How far its clocks are ahead of UTC at `time`, microseconds.
    pub fn offset(self, time: Timestamp) -> i64 {
        (self.offset)(time)
    }

    /// The same in writing: "UTC", "UTC+01:00", "UTC−03:30".
    pub fn offset_words(self, time: Timestamp) -> String {
        let minutes = self.offset(time) / MINUTE;
        let (sign, ahead) = if minutes < 0 { ('−', -minutes) } else { ('+', minutes) };
        match ahead {
            0 => "UTC".into(),
            _ => format!("UTC{sign}{:02}:{:02}", ahead / 60, ahead % 60),
        }
    }

    /// What calendar and clock show there at `time`.
    pub fn civil(self, time: Timestamp) -> Civil {
        Civil::of(self.clock(time))
    }

    /// What they show, as if it were UTC: for counting in days and hours of the zone.
    pub fn clock(self, time: Timestamp) -> Timestamp {
        time.plus(self.offset(time))
    }

    /// Whether two instants fall on one day there.
    pub fn same_day(self, one: Timestamp, other: Timestamp) -> bool {
        self.clock(one).bucket(DAY) == self.clock(other).bucket(DAY)
    }

    /// Whether a clock there shows a whole multiple of `step` microseconds, counted from midnight, at `time`.
    pub fn is_round(self, time: Timestamp, step: i64) -> bool {
        self.clock(time).bucket(step) == self.clock(time)
    }

    /// The instant at which calendar and clock show `clock` (as if it were UTC).
    ///
    /// When clocks are put back they show some times twice: then the first is meant. When they are put forward some
    /// are never shown: then it is as late as if they had not been yet, so 02:30 means half an hour after they jumped
    /// from 02:00 to 03:00. This is how RFC 5545 and the browsers' own calendars read such times.
    pub fn instant(self, clock: Timestamp) -> Timestamp {
        // No zone changes twice within two days, so one of these is right unless the time is never shown.
        let before = clock.plus(-self.offset(clock.plus(-DAY)));
        let after = clock.plus(-self.offset(clock.plus(DAY)));
        match (self.clock(before) == clock, self.clock(after) == clock) {
            (false, true) => after,
            _ => before,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use domain::time::HOUR;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    /// As in Berlin in 2026: an hour ahead, two from 29 March to 25 October, 01:00 UTC both.
    pub const BERLIN: Zone = Zone::new("Europe/Berlin", |time| {
        let summer = Timestamp(1_774_746_000_000_000)..Timestamp(1_792_890_000_000_000);
        if summer.contains(&time) { 2 * HOUR } else { HOUR }
    });

    /// As in Newfoundland in winter: three hours and a half behind.
    pub const ST_JOHNS: Zone = Zone::new("America/St_Johns", |_| -3 * HOUR - 30 * MINUTE);

    #[test]
    fn calendar_and_clock_are_the_zones() {
        assert_eq!(at("2026-03-29T01:00:00Z"), Timestamp(1_774_746_000_000_000));
        assert_eq!(at("2026-10-25T01:00:00Z"), Timestamp(1_792_890_000_000_000));
        let new_year = at("2026-12-31T23:30:00Z");
        let there = BERLIN.civil(new_year);
        assert_eq!((there.year, there.month, there.day, there.hour, there.minute), (2027, 1, 1, 0, 30));
        assert_eq!(ST_JOHNS.civil(new_year).hour, 20);
        assert_eq!(Zone::UTC.civil(new_year).hour, 23);
        assert!(BERLIN.same_day(new_year, at("2027-01-01T22:00:00Z")));
        assert!(!BERLIN.same_day(new_year, at("2026-12-31T22:59:59Z")));
        assert!(BERLIN.is_round(at("2026-07-01T22:00:00Z"), DAY) && !BERLIN.is_round(new_year, HOUR));
        assert!(ST_JOHNS.is_round(new_year, HOUR));
        let words = [Zone::UTC, BERLIN, ST_JOHNS].map(|zone| zone.offset_words(new_year));
        assert_eq!(words, ["UTC", "UTC+01:00", "UTC−03:30"]);
        assert_eq!(BERLIN.offset_words(at("2026-07-01T00:00:00Z")), "UTC+02:00");
    }

    #[test]
    fn what_a_clock_shows_is_one_instant() {
        for zone in [Zone::UTC, BERLIN, ST_JOHNS] {
            for hour in 0..24 * 365 {
                let time = at("2026-01-01T00:30:00Z").plus(hour * HOUR);
                let back = zone.instant(zone.clock(time));
                let shown_twice = zone == BERLIN && time == at("2026-10-25T01:30:00Z");
                let first = if shown_twice { time.plus(-HOUR) } else { time };
                assert_eq!(back, first, "{} {time}", zone.name());
            }
        }
    }

    #[test]
    fn a_time_that_is_shown_twice_is_the_first_and_one_that_is_not_shown_comes_after() {
        // 02:30 is shown at 00:30 UTC and at 01:30 UTC.
        assert_eq!(BERLIN.instant(at("2026-10-25T02:30:00Z")), at("2026-10-25T00:30:00Z"));
        // From 02:00 to 03:00 at 01:00 UTC: 02:30 is read as 03:30.
        let never = BERLIN.instant(at("2026-03-29T02:30:00Z"));
        assert_eq!(never, at("2026-03-29T01:30:00Z"));
        assert_eq!(BERLIN.clock(never), at("2026-03-29T03:30:00Z"));
    }
}
