//! Points in time.
//!
//! A [`Timestamp`] is whole microseconds since the Unix epoch (UTC): BIGINT in the store, RFC 3339 in JSON.

use std::time::Duration;

use crate::civil::{self, Civil};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
pub struct Timestamp(pub i64);

/// A second, a minute, an hour and a day in microseconds.
pub const SECOND: i64 = 1_000_000;
/// A minute in microseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// An hour in microseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// A day in microseconds.
pub const DAY: i64 = 24 * HOUR;

/// The text is not an RFC 3339 time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a time like 2026-11-22T08:00:00Z")]
pub struct InvalidTimestamp;

impl Timestamp {
    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }
    /// From whole seconds since the epoch; far values saturate.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(SECOND))
    }
    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }
    /// Milliseconds since the epoch, rounded down.
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }
    /// Seconds since the epoch, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }
    /// The start of the bucket of `width` microseconds that holds this time.
    pub const fn bucket(self, width: i64) -> Self {
        Self(self.0.div_euclid(width).saturating_mul(width))
    }
    /// This time plus a number of microseconds, saturating.
    pub const fn plus(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }
    /// Microseconds from `earlier` to this time; negative when `earlier` is later.
    pub const fn since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
    /// RFC 3339 in UTC with up to six decimals.
    pub fn to_rfc3339(self) -> String {
        let civil = Civil::of(self);
        match civil.year {
            0..=9_999 => civil.to_rfc3339(),
            // There is no RFC 3339 text for other years; the number is still the truth.
            _ => self.0.to_string(),
        }
    }
    /// Parses RFC 3339.
    pub fn parse_rfc3339(text: &str) -> Result<Self, InvalidTimestamp> {
        civil::parse_rfc3339(text)
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Timestamp;
    fn add(self, duration: Duration) -> Timestamp {
        self.plus(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
    }
}

impl std::ops::Sub<Duration> for Timestamp {
    type Output = Timestamp;
    fn sub(self, duration: Duration) -> Timestamp {
        self.plus(-i64::try_from(duration.as_micros()).unwrap_or(i64::MAX))
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_rfc3339())
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
        Timestamp::parse_rfc3339(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Timestamp {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::DateTime)))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Timestamp {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc3339_keeps_microseconds() {
        let time = Timestamp::from_micros(1_763_798_400_123_456);
        assert_eq!(Timestamp::parse_rfc3339(&time.to_rfc3339()), Ok(time));
        assert_eq!(serde_json::to_string(&Timestamp::from_seconds(0)).unwrap(), "\"1970-01-01T00:00:00Z\"");
        assert!(serde_json::from_str::<Timestamp>("\"yesterday\"").is_err());
    }

    #[test]
    fn buckets_round_down_also_before_the_epoch() {
        assert_eq!(Timestamp(61 * SECOND).bucket(MINUTE), Timestamp(MINUTE));
        assert_eq!(Timestamp(-1).bucket(MINUTE), Timestamp(-MINUTE));
        assert_eq!(Timestamp(i64::MIN).bucket(MINUTE), Timestamp(i64::MIN));
    }
}
