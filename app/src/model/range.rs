//! The span of time that the dashboard shows.

use domain::dashboard::LONGEST_RANGE;
use domain::time::{DAY, HOUR, MINUTE, Timestamp};

use super::format;
use super::zone::Zone;

/// A span that ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// 60 minutes.
    Hour,
    /// 24 hours.
    Day,
    /// 7 days.
    Week,
    /// 30 days.
    Month,
}

impl Preset {
    /// Every preset, shortest first.
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The word for it in addresses and forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }
    /// The preset of a word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.as_str() == text)
    }
    /// Its length, microseconds.
    pub const fn span(self) -> i64 {
        match self {
            Self::Hour => HOUR,
            Self::Day => DAY,
            Self::Week => 7 * DAY,
            Self::Month => 30 * DAY,
        }
    }
    /// What its button says.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Hour => "Last hour",
            Self::Day => "24 h",
            Self::Week => "7 d",
            Self::Month => "30 d",
        }
    }
    /// The same inside a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Hour => "the last hour",
            Self::Day => "the last 24 h",
            Self::Week => "the last 7 days",
            Self::Month => "the last 30 days",
        }
    }
}

/// What a person chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// A span that ends now and moves on.
    Preset(Preset),
    /// From one point in time to another; `from` is before `to`.
    Custom {
        /// Start.
        from: Timestamp,
        /// End.
        to: Timestamp,
    },
}

impl Default for Range {
    fn default() -> Self {
        Self::Preset(Preset::Day)
    }
}

impl Range {
    /// Start and end when it is `now`. A preset begins on the next whole minute, because counts are kept by the
    /// minute and an hour shall not need 61 of them.
    pub fn resolve(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        match *self {
            Self::Preset(preset) => (now.plus(MINUTE - 1 - preset.span()).bucket(MINUTE), now),
            Self::Custom { from, to } => (from, to),
        }
    }

    /// Whether what happens now falls into it.
    pub fn is_live(&self, now: Timestamp) -> bool {
        match *self {
            Self::Preset(_) => true,
            Self::Custom { to, .. } => to > now,
        }
    }

    /// Inside a sentence: "the last 24 h".
    pub fn words(&self, zone: Zone) -> String {
        match *self {
            Self::Preset(preset) => preset.words().into(),
            Self::Custom { from, to } => {
                format!("{} – {}", format::day_time(from, zone), format::day_time(to, zone))
            }
        }
    }
}

/// A field of a span of one's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RangeField {
    /// Its start.
    From,
    /// Its end.
    To,
}

/// Reads a span of one's own when it is `now`, or says which field is at fault and why. The end may lie ahead: what
/// happens until then falls into it.
pub fn read_custom(
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    now: Timestamp,
) -> Result<Range, (RangeField, &'static str)> {
    let from = from.ok_or((RangeField::From, "Give a day and a time to begin with"))?;
    let to = to.ok_or((RangeField::To, "Give a day and a time to end with"))?;
    match to.since(from) {
        span if span <= 0 => Err((RangeField::To, "From must be before To")),
        span if span > LONGEST_RANGE => Err((RangeField::From, "A range has 800 days at most")),
        _ if from > now => Err((RangeField::From, "From is in the future: nothing happened yet")),
        _ => Ok(Range::Custom { from, to }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_end_now_and_custom_ranges_stand_still() {
        let now = Timestamp(100 * DAY + 30_000_000);
        assert_eq!(Range::default().resolve(now), (Timestamp(99 * DAY + MINUTE), now));
        let (from, to) = Range::Preset(Preset::Hour).resolve(now);
        assert_eq!(domain::dashboard::columns_for(from, to).1, MINUTE);
        let custom = Range::Custom { from: Timestamp(0), to: Timestamp(HOUR) };
        assert_eq!(custom.resolve(now), (Timestamp(0), Timestamp(HOUR)));
        assert!(Range::default().is_live(now) && !custom.is_live(now));
    }

    #[test]
    fn a_span_of_ones_own_is_checked_field_by_field() {
        let now = Timestamp(1_000 * DAY);
        let fault = |from: Option<i64>, to: Option<i64>| {
            let at = |days: i64| now.plus(days * DAY);
            read_custom(from.map(at), to.map(at), now).map_err(|(field, _)| field)
        };
        assert_eq!(
            fault(Some(-2), Some(-1)),
            Ok(Range::Custom { from: now.plus(-2 * DAY), to: now.plus(-DAY) })
        );
        assert!(fault(Some(-2), Some(3)).is_ok(), "until in three days");
        assert_eq!(fault(None, None), Err(RangeField::From));
        assert_eq!(fault(Some(-2), None), Err(RangeField::To));
        assert_eq!(fault(Some(-2), Some(-2)), Err(RangeField::To));
        assert_eq!(fault(Some(-900), Some(0)), Err(RangeField::From));
        assert_eq!(fault(Some(1), Some(2)), Err(RangeField::From));
    }
}
