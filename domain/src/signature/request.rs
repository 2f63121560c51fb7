//! A request as verification sees it: header lines and raw body, borrowed from whoever received it.

use std::borrow::Cow;

use super::error::{SchemeError, VerificationError};

/// The name of an HTTP header, lower-case (RFC 9110 §5.1: a token, compared without case).
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct HeaderName(Cow<'static, str>);

impl HeaderName {
    /// A name known to be a lower-case token; only for the protocols' own constants.
    pub(super) const fn known(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The name in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for HeaderName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for HeaderName {
    type Error = SchemeError;
    fn try_from(mut name: String) -> Result<Self, SchemeError> {
        // The length bound is ours; no provider comes near it.
        if name.is_empty() || name.len() > 128 || !name.bytes().all(is_token_byte) {
            return Err(SchemeError::HeaderName { name });
        }
        name.make_ascii_lowercase();
        Ok(Self(Cow::Owned(name)))
    }
}

impl std::str::FromStr for HeaderName {
    type Err = SchemeError;
    fn from_str(name: &str) -> Result<Self, SchemeError> {
        Self::try_from(name.to_owned())
    }
}

impl From<HeaderName> for String {
    fn from(name: HeaderName) -> String {
        name.0.into_owned()
    }
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The lines a request has under one header name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderLines<'a> {
    /// No such header.
    Absent,
    /// One line with this value, as bytes: header values need not be UTF-8.
    One(&'a [u8]),
    /// Several lines (how many), so that "the" value does not exist.
    Several(usize),
}

impl<'a> HeaderLines<'a> {
    /// From all values of one name, in any order.
    pub fn gather(mut values: impl Iterator<Item = &'a [u8]>) -> Self {
        match (values.next(), values.next()) {
            (None, _) => Self::Absent,
            (Some(value), None) => Self::One(value),
            (Some(_), Some(_)) => Self::Several(2 + values.count()),
        }
    }
}

/// Whatever can be asked for the lines of a header; a web server's header map, or pairs kept in the store.
pub trait Headers {
    /// The lines under `name`, which is lower-case; the names held are compared without case.
    fn lines(&self, name: &str) -> HeaderLines<'_>;
}

fn lines_in_pairs<'a, N: AsRef<str>, V: AsRef<[u8]>>(pairs: &'a [(N, V)], name: &str) -> HeaderLines<'a> {
    HeaderLines::gather(
        pairs
            .iter()
            .filter(|(held, _)| held.as_ref().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_ref()),
    )
}

impl<N: AsRef<str>, V: AsRef<[u8]>> Headers for Vec<(N, V)> {
    fn lines(&self, name: &str) -> HeaderLines<'_> {
        lines_in_pairs(self, name)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> Headers for &[(N, V)] {
    fn lines(&self, name: &str) -> HeaderLines<'_> {
        lines_in_pairs(self, name)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>, const COUNT: usize> Headers for [(N, V); COUNT] {
    fn lines(&self, name: &str) -> HeaderLines<'_> {
        lines_in_pairs(self, name)
    }
}

/// What verification looks at.
#[derive(Clone, Copy)]
pub struct RequestView<'a> {
    /// The request's headers.
    pub headers: &'a dyn Headers,
    /// The body exactly as received; a signature is over bytes, not over JSON.
    pub body: &'a [u8],
}

impl<'a> RequestView<'a> {
    /// The value of a header that may be absent but not doubled.
    pub(super) fn optional(&self, name: &HeaderName) -> Result<Option<&'a [u8]>, VerificationError> {
        match self.headers.lines(name.as_str()) {
            HeaderLines::Absent => Ok(None),
            HeaderLines::One(value) => Ok(Some(value)),
            HeaderLines::Several(lines) => {
                Err(VerificationError::AmbiguousHeader { header: name.clone(), lines })
            }
        }
    }

    /// The value of a header that must be there exactly once.
    pub(super) fn required(&self, name: &HeaderName) -> Result<&'a [u8], VerificationError> {
        self.optional(name)?.ok_or_else(|| VerificationError::MissingHeader { header: name.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tokens_in_lower_case() {
        assert_eq!("X-Hub-Signature-256".parse::<HeaderName>().unwrap().as_str(), "x-hub-signature-256");
        for bad in ["", "x sig", "x:sig", "x\r\nsig", "größe", &"x".repeat(129)] {
            assert!(bad.parse::<HeaderName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn lines_are_found_without_case_and_counted() {
        let headers = vec![("X-A", "1"), ("x-b", "2"), ("x-a", "3"), ("X-A", "4")];
        assert_eq!(headers.lines("x-a"), HeaderLines::Several(3));
        assert_eq!(headers.lines("x-b"), HeaderLines::One(b"2"));
        assert_eq!(headers.lines("x-c"), HeaderLines::Absent);
    }
}
