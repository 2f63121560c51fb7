//! Calendar dates and clock times in UTC, and their text in RFC 3339.
//!
//! Written here and not taken from a calendar library because the browser downloads it: this is all the console needs
//! of one. A test holds it against such a library over the whole range.

use crate::time::{DAY, HOUR, InvalidTimestamp, MINUTE, SECOND, Timestamp};

/// A point in time as a calendar and a clock show it, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    /// The year; 0 is the year before 1.
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
    /// 1 to 31.
    pub day: i64,
    /// 0 to 23.
    pub hour: i64,
    /// 0 to 59.
    pub minute: i64,
    /// 0 to 59.
    pub second: i64,
    /// 0 to 999,999.
    pub micros: i64,
}

/// Days in 400 years, after which the calendar repeats.
const ERA: i64 = 146_097;
/// From 0000-03-01, where the count below begins, to 1970-01-01.
const EPOCH: i64 = 719_468;

/// Days before a month, counted from March, so that the leap day is the last of a year.
fn days_before(month_from_march: i64) -> i64 {
    (153 * month_from_march + 2) / 5
}

impl Civil {
    /// What calendar and clock show at `time`.
    pub fn of(time: Timestamp) -> Self {
        let micros = time.as_micros();
        let days = micros.div_euclid(DAY) + EPOCH;
        let (era, day_of_era) = (days.div_euclid(ERA), days.rem_euclid(ERA));
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / (ERA - 1)) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let clock = micros.rem_euclid(DAY);
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - days_before(month_from_march) + 1,
            hour: clock / HOUR,
            minute: clock / MINUTE % 60,
            second: clock / SECOND % 60,
            micros: clock % SECOND,
        }
    }

    /// The point in time; nothing for a date that no calendar has, such as the 30th of February.
    pub fn timestamp(self) -> Option<Timestamp> {
        let in_range = (0..=9_999).contains(&self.year)
            && (1..=12).contains(&self.month)
            && (0..24).contains(&self.hour)
            && (0..60).contains(&self.minute)
            && (0..60).contains(&self.second)
            && (0..SECOND).contains(&self.micros);
        if !in_range {
            return None;
        }
        let year = self.year - i64::from(self.month <= 2);
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let day_of_year = days_before((self.month + 9) % 12) + self.day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = era * ERA + day_of_era - EPOCH;
        let clock = self.hour * HOUR + self.minute * MINUTE + self.second * SECOND + self.micros;
        let time = Timestamp(days * DAY + clock);
        // The 31st of a short month is a day of the next one.
        (Self::of(time) == self).then_some(time)
    }

    /// `2026-11-22T08:00:00.000123Z`, with as many decimals as are needed.
    pub fn to_rfc3339(self) -> String {
        let Self { year, month, day, hour, minute, second, micros } = self;
        let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        if micros != 0 {
            let decimals = format!(".{micros:06}");
            text.push_str(decimals.trim_end_matches('0'));
        }
        text.push('Z');
        text
    }
}

/// Reads RFC 3339, with any offset; decimals beyond the sixth are cut off, a leap second counts as the one before it.
pub fn parse_rfc3339(text: &str) -> Result<Timestamp, InvalidTimestamp> {
    read(text.as_bytes()).ok_or(InvalidTimestamp)
}

fn read(text: &[u8]) -> Option<Timestamp> {
    let (main, rest) = text.split_at_checked(19)?;
    let marks = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    let separator = matches!(main[10], b'T' | b't' | b' ');
    if !separator || marks.iter().any(|(place, mark)| main[*place] != *mark) {
        return None;
    }
    let (micros, offset) = match rest.split_first()? {
        (b'.', decimals) => {
            let count = decimals.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let kept = number(decimals.get(..count.min(6))?)?;
            let missing = 6_u32.checked_sub(u32::try_from(count.min(6)).ok()?)?;
            (kept * 10_i64.pow(missing), &decimals[count..])
        }
        _ => (0, rest),
    };
    let civil = Civil {
        year: number(&main[..4])?,
        month: number(&main[5..7])?,
        day: number(&main[8..10])?,
        hour: number(&main[11..13])?,
        minute: number(&main[14..16])?,
        second: number(&main[17..19])?,
        micros,
    };
    let leap = Civil { second: 59, ..civil };
    let local = if civil.second == 60 { leap } else { civil }.timestamp()?;
    Some(local.plus(-offset_of(offset)?))
}

/// Microseconds east of UTC.
fn offset_of(text: &[u8]) -> Option<i64> {
    let sign = match text {
        b"Z" | b"z" => return Some(0),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    if text.len() != 6 || text[3] != b':' {
        return None;
    }
    let (hours, minutes) = (number(&text[1..3])?, number(&text[4..6])?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * HOUR + minutes * MINUTE))
}

fn number(digits: &[u8]) -> Option<i64> {
    let all = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    all.then(|| digits.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 0001-01-01 to 9999-12-30: what both can say.
    const RANGE: std::ops::Range<i64> = -62_135_596_800 * SECOND..253_402_207_200 * SECOND;

    proptest! {
        #[test]
        fn agrees_with_a_calendar_library(micros in RANGE) {
            let theirs = jiff::Timestamp::from_microsecond(micros).unwrap();
            let civil = Civil::of(Timestamp(micros));
            prop_assert_eq!(civil.to_rfc3339(), theirs.to_string());
            prop_assert_eq!(civil.timestamp(), Some(Timestamp(micros)));
            prop_assert_eq!(parse_rfc3339(&theirs.to_string()), Ok(Timestamp(micros)));
        }

        #[test]
        fn reads_what_the_library_reads_of_any_date(
            (year, month, day) in (1_i64..=9_998, 0_i64..=13, 0_i64..=32),
            (hour, minute) in (0_i64..=24, 0_i64..=60),
            offset in "Z|z|\\+02:00|-11:30|\\+23:59",
            decimals in "|\\.[0-9]{1,9}",
        ) {
            let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:07{decimals}{offset}");
            let theirs = text.parse::<jiff::Timestamp>().ok().map(|time| {
                time.as_nanosecond().div_euclid(1_000)
            });
            let ours = parse_rfc3339(&text).ok().map(|time| i128::from(time.as_micros()));
            prop_assert_eq!(ours, theirs, "{}", text);
        }

        #[test]
        fn garbage_is_refused_and_never_a_panic(text in "\\PC{0,40}") {
            prop_assert!(parse_rfc3339(&text).is_err() || text.len() >= 20);
        }
    }

    #[test]
    fn knows_leap_years_and_leap_seconds() {
        assert!(parse_rfc3339("2024-02-29T00:00:00Z").is_ok());
        assert!(parse_rfc3339("2100-02-29T00:00:00Z").is_err());
        assert_eq!(parse_rfc3339("2016-12-31T23:59:60Z"), parse_rfc3339("2016-12-31T23:59:59Z"));
        for wrong in ["", "2026-11-22", "2026-11-22T08:00Z", "2026-11-22T08:00:00", "2026-11-22T08:00:00.Z"] {
            assert!(parse_rfc3339(wrong).is_err(), "{wrong}");
        }
    }
}
