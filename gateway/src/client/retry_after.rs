//! The `Retry-After` header (RFC 9110, section 10.2.3): a number of seconds, or a date.

use std::time::{Duration, UNIX_EPOCH};

use domain::time::Timestamp;

/// The longest wait that is honoured: a destination that asks for more is asked again after a day.
pub const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How long from `now` to wait: at most [`LONGEST`], and nothing when the date has passed. `None` when the value
/// is neither a number of seconds nor a date in one of the three forms of HTTP.
pub fn parse(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim_matches([' ', '\t']);
    let wait = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than a number holds are more than the longest wait.
        value.parse().map_or(LONGEST, Duration::from_secs)
    } else {
        let date = httpdate::parse_http_date(value).ok()?.duration_since(UNIX_EPOCH).ok()?;
        let micros = i64::try_from(date.as_micros()).unwrap_or(i64::MAX);
        let wait = Timestamp::from_micros(micros).since(now).max(0);
        Duration::from_micros(wait.unsigned_abs())
    };
    Some(wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(784_111_700);

    #[test]
    fn seconds() {
        for (value, seconds) in [("0", 0), ("120", 120), (" 7 ", 7), ("007", 7), ("86400", 86_400)] {
            assert_eq!(parse(value, NOW), Some(Duration::from_secs(seconds)), "{value}");
        }
        for value in ["86401", "99999999999999999999999999"] {
            assert_eq!(parse(value, NOW), Some(LONGEST), "{value}");
        }
    }

    #[test]
    fn dates_in_all_three_forms() {
        for value in
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        {
            assert_eq!(parse(value, NOW), Some(Duration::from_secs(77)), "{value}");
        }
        assert_eq!(parse("Sun, 06 Nov 1994 08:00:00 GMT", NOW), Some(Duration::ZERO), "the past");
        assert_eq!(parse("Fri, 31 Dec 9999 23:59:59 GMT", NOW), Some(LONGEST), "the far future");
    }

    #[test]
    fn anything_else_is_nothing() {
        for value in
            ["", " ", "-1", "+1", "1.5", "5s", "tomorrow", "0x10", "１２", "Sun, 06 Nov 1994 08:49:37 CET"]
        {
            assert_eq!(parse(value, NOW), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_never_waits_too_long(value in "\\PC{0,40}|[0-9]{0,30}", now: i64) {
            prop_assert!(parse(&value, Timestamp::from_micros(now)).is_none_or(|wait| wait <= LONGEST));
        }
    }
}
