//! The generic scheme: one HMAC-SHA256 in one header, with everything else about it declared.

use std::borrow::Cow;

use super::error::{SchemeError, VerificationError};
use super::request::HeaderName;
use super::template::{Segment, SignedString};
use crate::text_enum;
use crate::time::{SECOND, Timestamp};

text_enum! {
    /// How 32 bytes of signature become header text.
    SignatureEncoding {
        /// 64 hex digits, in one case throughout.
        Hex = "hex",
        /// 44 characters of standard base64 with its padding (RFC 4648 §4).
        Base64 = "base64",
    }
}

text_enum! {
    /// What a timestamp header counts since 1970.
    TimestampUnit {
        /// Seconds.
        Seconds = "seconds",
        /// Milliseconds.
        Millis = "millis",
    }
}

impl TimestampUnit {
    /// The time a header value means. Digits only: signs, spaces and fractions are malformed, as is a number
    /// whose microseconds do not fit.
    pub(super) fn parse(self, text: &[u8]) -> Option<Timestamp> {
        if text.is_empty() {
            return None;
        }
        let number = text.iter().try_fold(0_i64, |number, byte| {
            let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
            number.checked_mul(10)?.checked_add(digit)
        })?;
        number.checked_mul(self.micros()).map(Timestamp::from_micros)
    }

    /// The header value for a time, rounded down; times before 1970 count as 1970.
    pub(super) fn format(self, time: Timestamp) -> String {
        (time.as_micros().max(0) / self.micros()).to_string()
    }

    const fn micros(self) -> i64 {
        match self {
            Self::Seconds => SECOND,
            Self::Millis => 1_000,
        }
    }
}

/// Where the signed timestamp stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimestampRule {
    /// The header that carries it.
    pub header: HeaderName,
    /// What it counts.
    pub unit: TimestampUnit,
}

impl TimestampRule {
    pub(super) fn parse(&self, text: &[u8]) -> Result<Timestamp, VerificationError> {
        self.unit.parse(text).ok_or_else(|| VerificationError::MalformedTimestamp {
            header: self.header.clone(),
            unit: self.unit,
        })
    }
}

/// The settings of the generic scheme as a form or a JSON document holds them; [`HmacScheme`] once they make sense.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HmacSettings {
    /// The header that carries the signature.
    pub header: HeaderName,
    /// How the signature is written.
    pub encoding: SignatureEncoding,
    /// What stands before it in the header, for example `sha256=`.
    #[serde(default)]
    pub prefix: String,
    /// What is signed; the body alone by default.
    #[serde(default)]
    pub signed: SignedString,
    /// Where the signed timestamp stands; needed when `signed` has `{timestamp}`, refused when it has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<TimestampRule>,
    /// Where the signed id stands; needed when `signed` has `{id}`, refused when it has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_header: Option<HeaderName>,
}

/// [`HmacSettings`] that fit together.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "HmacSettings", into = "HmacSettings")]
pub struct HmacScheme {
    pub(super) header: HeaderName,
    pub(super) encoding: SignatureEncoding,
    pub(super) prefix: Cow<'static, str>,
    pub(super) signed: SignedString,
    pub(super) timestamp: Option<TimestampRule>,
    pub(super) id_header: Option<HeaderName>,
}

impl TryFrom<HmacSettings> for HmacScheme {
    type Error = SchemeError;

    fn try_from(settings: HmacSettings) -> Result<Self, SchemeError> {
        let HmacSettings { header, encoding, prefix, signed, timestamp, id_header } = settings;
        // HTTP strips the space before a value, so a prefix that begins with one would never be seen.
        if prefix.len() > 64
            || prefix.starts_with(' ')
            || !prefix.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        {
            return Err(SchemeError::Prefix);
        }
        match (&timestamp, signed.has(&Segment::Timestamp)) {
            (None, true) => return Err(SchemeError::TimestampWithoutHeader),
            (Some(_), false) => return Err(SchemeError::TimestampNotSigned),
            _ => {}
        }
        match (&id_header, signed.has(&Segment::Id)) {
            (None, true) => return Err(SchemeError::IdWithoutHeader),
            (Some(_), false) => return Err(SchemeError::IdNotSigned),
            _ => {}
        }
        let timestamp_header = timestamp.as_ref().map(|rule| &rule.header);
        let names = [Some(&header), timestamp_header, id_header.as_ref()];
        for (position, name) in names.iter().enumerate() {
            if let Some(name) = name
                && names[..position].contains(&Some(name))
            {
                return Err(SchemeError::HeaderUsedTwice { header: (*name).clone() });
            }
        }
        Ok(Self { header, encoding, prefix: prefix.into(), signed, timestamp, id_header })
    }
}

impl From<HmacScheme> for HmacSettings {
    fn from(scheme: HmacScheme) -> Self {
        let HmacScheme { header, encoding, prefix, signed, timestamp, id_header } = scheme;
        Self { header, encoding, prefix: prefix.into_owned(), signed, timestamp, id_header }
    }
}

// The document and the value have the same fields.
#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for HmacScheme {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        HmacSettings::schema()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for HmacScheme {
    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
        HmacSettings::schemas(schemas);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_digits_that_fit() {
        assert_eq!(TimestampUnit::Seconds.parse(b"1700000000"), Some(Timestamp::from_seconds(1_700_000_000)));
        assert_eq!(TimestampUnit::Millis.parse(b"1700000000123"), Some(Timestamp(1_700_000_000_123_000)));
        assert_eq!(TimestampUnit::Seconds.parse(b"000"), Some(Timestamp(0)));
        for bad in
            ["", "-1", "+1", " 1", "1 ", "1.5", "1e3", "0x10", "9223372036854775808", "9223372036855", "１"]
        {
            assert_eq!(TimestampUnit::Seconds.parse(bad.as_bytes()), None, "{bad:?}");
        }
        assert_eq!(TimestampUnit::Seconds.parse("9".repeat(10_000).as_bytes()), None);
        assert_eq!(TimestampUnit::Seconds.parse(b"\xff"), None);
        let time = Timestamp(1_700_000_000_123_456);
        assert_eq!(TimestampUnit::Seconds.format(time), "1700000000");
        assert_eq!(TimestampUnit::Millis.format(time), "1700000000123");
        assert_eq!(TimestampUnit::Seconds.format(Timestamp(-1)), "0");
    }
}
