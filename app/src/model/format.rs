//! How numbers, sizes and times are written in the console: 1,316 · 99.29% · 412 ms · 1.20 s · 742 B, times with
//! 24 hours in the reader's [`Zone`], unknown as "–".

use domain::civil::Civil;
use domain::page::Page;
use domain::time::{DAY, HOUR, MINUTE, SECOND, Timestamp};

use super::zone::Zone;

/// What is not known is never a zero.
pub const UNKNOWN: &str = "–";

/// `1316` as `1,316`.
pub fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('−');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1700` as `1.7k`, where there is room for four characters only.
pub fn count_short(number: i64) -> String {
    let size = number.unsigned_abs() as f64;
    match size {
        s if s < 1_000.0 => count(number),
        s if s < 10_000.0 => decimal(s / 1e3, 1) + "k",
        s if s < 1_000_000.0 => decimal(s / 1e3, 0) + "k",
        s if s < 10_000_000.0 => decimal(s / 1e6, 1) + "M",
        s => decimal(s / 1e6, 0) + "M",
    }
}

/// A number with so many decimals, rounded half away from zero: `decimal(4.25, 1)` is `4.3`. By integers, because the
/// formatting of floating-point numbers brings 20 kB of tables and code into the browser; numbers here are far below 2⁵³.
pub fn decimal(number: f64, decimals: u32) -> String {
    let scale = 10_i64.pow(decimals);
    // Saturates for what no screen shows.
    let scaled = (number * scale as f64).round() as i64;
    let sign = if scaled < 0 { "-" } else { "" };
    let (whole, rest) =
        (scaled.unsigned_abs() / scale.unsigned_abs(), scaled.unsigned_abs() % scale.unsigned_abs());
    match decimals {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{rest:0width$}", width = decimals as usize),
    }
}

/// A number and its noun: "1 event", "12 events".
pub fn counted(number: i64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// How many a list has, as far as its first page tells: "3 keys", "More than 500 keys".
pub fn counted_page<T>(page: &Page<T>, one: &str, many: &str) -> String {
    let more = if page.next_cursor.is_some() { "More than " } else { "" };
    format!("{more}{}", counted(i64::try_from(page.items.len()).unwrap_or(i64::MAX), one, many))
}

/// A rate (0 to 1) with two decimals and no sign: `99.29`. Never rounds a failure away: 100 means all.
pub fn rate(share: f64) -> String {
    let percent = share * 100.0;
    if percent < 100.0 && percent > 99.99 {
        return "99.99".into();
    }
    decimal(percent, 2)
}

/// A share (0 to 1) in few characters: `0.4%`, `4.2%`, `61%`; a trace is "<0.1%".
pub fn share(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        p if p <= 0.0 => "0".into(),
        p if p < 0.1 => "<0.1%".into(),
        p if p < 9.95 => decimal(p, 1) + "%",
        p if p > 99.0 && p < 100.0 => "99%".into(),
        p => decimal(p, 0) + "%",
    }
}

/// A duration in microseconds: `0.4 ms`, `318 ms`, `1.20 s`, `2 min 46 s`, `3 h 5 min`, `2 d`.
pub fn duration(micros: i64) -> String {
    let micros = micros.max(0);
    match micros {
        us if us < 50 => "<0.1 ms".into(),
        us if us < 1_000 => decimal(us as f64 / 1e3, 1) + " ms",
        us if us < 999_500 => decimal(us as f64 / 1e3, 0) + " ms",
        us if us < 10 * SECOND => decimal(us as f64 / 1e6, 2) + " s",
        us if us < MINUTE => decimal(us as f64 / 1e6, 1) + " s",
        us => duration_short(us),
    }
}

/// A wait in microseconds without decimals: `42 s`, `2 min 46 s`, `3 h 5 min`, `2 d 4 h`.
pub fn duration_short(micros: i64) -> String {
    let two = |whole: i64, unit: &str, rest: i64, rest_unit: &str| match rest {
        0 => format!("{whole} {unit}"),
        rest => format!("{whole} {unit} {rest} {rest_unit}"),
    };
    match micros.max(0) {
        us if us < MINUTE => format!("{} s", us / SECOND),
        us if us < HOUR => two(us / MINUTE, "min", us % MINUTE / SECOND, "s"),
        us if us < DAY => two(us / HOUR, "h", us % HOUR / MINUTE, "min"),
        us => two(us / DAY, "d", us % DAY / HOUR, "h"),
    }
}

/// A size: `742 B`, `1.2 kB`, `64 kB`, `3.1 MB`.
pub fn bytes(size: i64) -> String {
    match size.max(0) {
        b if b < 1_000 => format!("{b} B"),
        b if b < 9_950 => decimal(b as f64 / 1e3, 1) + " kB",
        b if b < 999_500 => decimal(b as f64 / 1e3, 0) + " kB",
        b if b < 9_950_000 => decimal(b as f64 / 1e6, 1) + " MB",
        b => decimal(b as f64 / 1e6, 0) + " MB",
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn month(at: Civil) -> &'static str {
    MONTHS[usize::try_from(at.month - 1).unwrap_or(0).min(11)]
}

/// `14:32`
pub fn hour_minute(time: Timestamp, zone: Zone) -> String {
    let at = zone.civil(time);
    format!("{:02}:{:02}", at.hour, at.minute)
}

/// `14:32:05`
pub fn clock(time: Timestamp, zone: Zone) -> String {
    let at = zone.civil(time);
    format!("{:02}:{:02}:{:02}", at.hour, at.minute, at.second)
}

/// The milliseconds of [`clock`]: `.918`
pub fn clock_millis(time: Timestamp) -> String {
    format!(".{:03}", time.as_millis().rem_euclid(1_000))
}

/// `22 Nov`
pub fn day(time: Timestamp, zone: Zone) -> String {
    let at = zone.civil(time);
    format!("{} {}", at.day, month(at))
}

/// `22 Nov 14:32`
pub fn day_time(time: Timestamp, zone: Zone) -> String {
    format!("{} {}", day(time, zone), hour_minute(time, zone))
}

/// `22 Nov 2026 14:32:05.918`
pub fn moment(time: Timestamp, zone: Zone) -> String {
    let year = zone.civil(time).year;
    format!("{} {year} {}{}", day(time, zone), clock(time, zone), clock_millis(time))
}

fn date(at: Civil) -> String {
    format!("{:04}-{:02}-{:02}", at.year, at.month, at.day)
}

/// `2026-11-22 14:32:05.918 UTC`, for hovering and copying: the same for every reader, so that two of them can compare
/// what they see.
pub fn exact(time: Timestamp) -> String {
    format!("{} {}{} UTC", date(Civil::of(time)), clock(time, Zone::UTC), clock_millis(time))
}

/// `2026-11-22T14:32`, the value of a `datetime-local` field, which is read in the same zone.
pub fn field_value(time: Timestamp, zone: Zone) -> String {
    format!("{}T{}", date(zone.civil(time)), hour_minute(time, zone))
}

/// The time of a `datetime-local` field, as a clock of the zone shows it; see [`Zone::instant`] for the hours around a
/// change of the clocks.
pub fn from_field(value: &str, zone: Zone) -> Option<Timestamp> {
    // Browsers leave out the seconds when they are zero.
    let seconds = if value.len() == 16 { ":00" } else { "" };
    Timestamp::parse_rfc3339(&format!("{value}{seconds}Z")).ok().map(|clock| zone.instant(clock))
}

/// "just now", "12 min ago"; the day once it is over a week.
pub fn ago(time: Timestamp, now: Timestamp, zone: Zone) -> String {
    match now.since(time) {
        us if us < 5 * SECOND => "just now".into(),
        us if us < MINUTE => format!("{} s ago", us / SECOND),
        us if us < HOUR => format!("{} min ago", us / MINUTE),
        us if us < DAY => format!("{} h ago", us / HOUR),
        us if us < 7 * DAY => format!("{} d ago", us / DAY),
        _ => day(time, zone),
    }
}

/// "in 42 s"; "now" when it is due.
pub fn until(time: Timestamp, now: Timestamp, zone: Zone) -> String {
    match time.since(now) {
        us if us < SECOND => "now".into(),
        us if us < MINUTE => format!("in {} s", us / SECOND),
        us if us < HOUR => format!("in {} min", us / MINUTE),
        us if us < DAY => format!("in {} h", us / HOUR),
        _ => format!("on {}", day(time, zone)),
    }
}

/// Whole seconds until `time`, never none before it has come.
pub fn seconds_left(time: Timestamp, now: Timestamp) -> i64 {
    (time.since(now) + SECOND - 1).div_euclid(SECOND).max(1)
}

/// Two letters that stand for a name: `NetSuite` is NS, `Dynamics 365` is D3, `Stripe` is ST. Letters beyond ASCII stay
/// as they are: the style sheet shows all of them as capitals.
pub fn initials(name: &str) -> String {
    let mut heads = Vec::new();
    let mut before = ' ';
    for letter in name.chars() {
        let begins_word = letter.is_alphanumeric() && !before.is_alphanumeric();
        let begins_hump = letter.is_uppercase() && before.is_lowercase();
        if begins_word || begins_hump {
            heads.push(letter);
        }
        before = letter;
    }
    let two: String = match heads.len() {
        0 => "?".into(),
        1 => name.chars().filter(|letter| letter.is_alphanumeric()).take(2).collect(),
        _ => heads[..2].iter().collect(),
    };
    two.to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::zone::tests::{BERLIN, ST_JOHNS};

    #[test]
    fn numbers_are_grouped_and_never_rounded_up_to_all() {
        assert_eq!(
            [0, 999, 1_316, 61_408, 1_000_000].map(count),
            ["0", "999", "1,316", "61,408", "1,000,000"]
        );
        assert_eq!(count(-12_345), "−12,345");
        assert_eq!([74, 1_700, 12_400, 2_300_000].map(count_short), ["74", "1.7k", "12k", "2.3M"]);
        assert_eq!(rate(0.992_9), "99.29");
        assert_eq!(rate(0.999_999), "99.99");
        assert_eq!(rate(1.0), "100.00");
        assert_eq!(
            [0.0, 0.000_4, 0.004, 0.042, 0.61, 0.996, 1.0].map(share),
            ["0", "<0.1%", "0.4%", "4.2%", "61%", "99%", "100%"]
        );
        assert_eq!(counted(1, "event", "events"), "1 event");
        let page =
            |next_cursor: Option<&str>| Page { items: vec![(); 2], next_cursor: next_cursor.map(Into::into) };
        assert_eq!(counted_page(&page(None), "key", "keys"), "2 keys");
        assert_eq!(counted_page(&page(Some("c")), "key", "keys"), "More than 2 keys");
    }

    #[test]
    fn decimals_are_rounded_like_on_paper() {
        let numbers =
            [(0.0, 0), (0.04, 1), (0.05, 1), (9.949, 1), (99.286, 2), (-0.5, 0), (-1.25, 1), (7.0, 3)];
        let written = numbers.map(|(number, decimals)| decimal(number, decimals));
        assert_eq!(written, ["0", "0.0", "0.1", "9.9", "99.29", "-1", "-1.3", "7.000"]);
    }

    #[test]
    fn durations_and_sizes_follow_the_look() {
        assert_eq!(duration(0), "<0.1 ms");
        assert_eq!(
            [400, 318_000, 1_200_000, 12_340_000, 166 * SECOND].map(duration),
            ["0.4 ms", "318 ms", "1.20 s", "12.3 s", "2 min 46 s"]
        );
        assert_eq!(duration(999_600), "1.00 s");
        assert_eq!(duration_short(3 * HOUR + 5 * MINUTE), "3 h 5 min");
        assert_eq!([742, 1_240, 64_000, 3_100_000].map(bytes), ["742 B", "1.2 kB", "64 kB", "3.1 MB"]);
    }

    #[test]
    fn times_are_the_zones_with_24_hours() {
        let time = Timestamp::parse_rfc3339("2026-11-22T14:32:05.918342Z").unwrap();
        let in_each = |write: fn(Timestamp, Zone) -> String| {
            [Zone::UTC, BERLIN, ST_JOHNS].map(|zone| write(time, zone))
        };
        assert_eq!(in_each(clock), ["14:32:05", "15:32:05", "11:02:05"]);
        assert_eq!(clock_millis(time), ".918");
        assert_eq!(in_each(day_time), ["22 Nov 14:32", "22 Nov 15:32", "22 Nov 11:02"]);
        assert_eq!(moment(time, BERLIN), "22 Nov 2026 15:32:05.918");
        assert_eq!(exact(time), "2026-11-22 14:32:05.918 UTC");
        let late = time.plus(9 * HOUR);
        assert_eq!((day(late, Zone::UTC), day(late, BERLIN)), ("22 Nov".into(), "23 Nov".into()));
    }

    #[test]
    fn what_is_entered_is_read_as_it_was_written() {
        let time = Timestamp::parse_rfc3339("2026-11-22T14:32:05.918342Z").unwrap();
        for zone in [Zone::UTC, BERLIN, ST_JOHNS] {
            assert_eq!(
                from_field(&field_value(time, zone), zone),
                Some(time.bucket(MINUTE)),
                "{}",
                zone.name()
            );
        }
        assert_eq!(field_value(time, BERLIN), "2026-11-22T15:32");
        assert_eq!(from_field("2026-11-22T15:32:05", BERLIN), Some(time.bucket(SECOND)));
        assert_eq!(from_field("soon", BERLIN), None);
    }

    #[test]
    fn relative_times_end_after_a_week() {
        let now = Timestamp(100 * DAY);
        assert_eq!(ago(now.plus(-12 * MINUTE), now, BERLIN), "12 min ago");
        assert_eq!(ago(now.plus(MINUTE), now, BERLIN), "just now");
        assert_eq!(ago(now.plus(-8 * DAY), now, BERLIN), day(now.plus(-8 * DAY), BERLIN));
        assert_eq!(until(now.plus(42 * SECOND), now, BERLIN), "in 42 s");
        assert_eq!(until(now.plus(-1), now, BERLIN), "now");
        assert_eq!(
            [-SECOND, 0, 1, SECOND, SECOND + 1].map(|left| seconds_left(now.plus(left), now)),
            [1, 1, 1, 1, 2]
        );
    }

    #[test]
    fn names_have_two_letters() {
        let names = ["NetSuite", "Dynamics 365", "Stripe", "HubSpot", "x", "", "Acme Demo Store"];
        assert_eq!(names.map(initials), ["NS", "D3", "ST", "HS", "X", "?", "AD"]);
    }
}
