//! What exactly is signed: a text with `{body}`, `{timestamp}` and `{id}` in it.

use std::borrow::Cow;

use super::error::SchemeError;

/// A piece of a [`SignedString`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    Literal(Cow<'static, str>),
    Timestamp,
    Id,
    Body,
}

/// The string a signature is computed over, for example `{timestamp}.{body}`.
///
/// `{timestamp}` and `{id}` stand for the header values as they were received, `{body}` for the raw body. Braces
/// are always placeholders. There is no escape: no provider signs a brace of its own.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct SignedString(Cow<'static, [Segment]>);

impl SignedString {
    /// From segments known to hold the body; only for the protocols' own constants.
    pub(super) const fn known(segments: &'static [Segment]) -> Self {
        Self(Cow::Borrowed(segments))
    }

    /// The body alone, which is what most providers sign.
    pub const fn body_only() -> Self {
        Self::known(&[Segment::Body])
    }

    pub(super) fn segments(&self) -> &[Segment] {
        &self.0
    }

    pub(super) fn has(&self, wanted: &Segment) -> bool {
        self.0.contains(wanted)
    }
}

impl Default for SignedString {
    fn default() -> Self {
        Self::body_only()
    }
}

impl std::str::FromStr for SignedString {
    type Err = SchemeError;

    fn from_str(text: &str) -> Result<Self, SchemeError> {
        let mut segments = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find(['{', '}']) {
            if open > 0 {
                segments.push(Segment::Literal(rest[..open].to_owned().into()));
            }
            let inside = rest[open..].strip_prefix('{').ok_or(SchemeError::UnbalancedBrace)?;
            let close = inside.find('}').ok_or(SchemeError::UnbalancedBrace)?;
            segments.push(match &inside[..close] {
                "body" => Segment::Body,
                "timestamp" => Segment::Timestamp,
                "id" => Segment::Id,
                name => return Err(SchemeError::UnknownPlaceholder { name: name.to_owned() }),
            });
            rest = &inside[close + 1..];
        }
        if !rest.is_empty() {
            segments.push(Segment::Literal(rest.to_owned().into()));
        }
        let signed = Self(segments.into());
        if signed.has(&Segment::Body) { Ok(signed) } else { Err(SchemeError::BodyNotSigned) }
    }
}

impl TryFrom<String> for SignedString {
    type Error = SchemeError;
    fn try_from(text: String) -> Result<Self, SchemeError> {
        text.parse()
    }
}

impl std::fmt::Display for SignedString {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|segment| {
            f.write_str(match segment {
                Segment::Literal(text) => text,
                Segment::Timestamp => "{timestamp}",
                Segment::Id => "{id}",
                Segment::Body => "{body}",
            })
        })
    }
}

impl From<SignedString> for String {
    fn from(signed: SignedString) -> String {
        signed.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_parse_once_and_print_back() {
        for text in
            ["{body}", "v0:{timestamp}:{body}", "{id}.{timestamp}.{body}", "{timestamp}{body}", "a {body} ü"]
        {
            assert_eq!(text.parse::<SignedString>().unwrap().to_string(), text);
        }
        assert_eq!("{body}".parse::<SignedString>().unwrap(), SignedString::body_only());
    }

    #[test]
    fn a_template_that_would_sign_something_else_is_refused() {
        assert_eq!("{timestamp}".parse::<SignedString>(), Err(SchemeError::BodyNotSigned));
        assert_eq!("".parse::<SignedString>(), Err(SchemeError::BodyNotSigned));
        assert_eq!(
            "{nonce}.{body}".parse::<SignedString>(),
            Err(SchemeError::UnknownPlaceholder { name: "nonce".into() })
        );
        assert_eq!(
            "{Body}".parse::<SignedString>(),
            Err(SchemeError::UnknownPlaceholder { name: "Body".into() })
        );
        for text in ["{body", "body}", "{body}}", "}{body}", "{body}{"] {
            assert_eq!(text.parse::<SignedString>(), Err(SchemeError::UnbalancedBrace), "{text}");
        }
        assert!("{{body}}".parse::<SignedString>().is_err());
    }
}
