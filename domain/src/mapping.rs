//! Field mappings: how an event's payload becomes the body of a delivery.
//!
//! A [`FieldMapping`] is a list of [`FieldRule`]s; each writes one place of the output object (a
//! [`TargetPath`]) from one [`FieldSource`]. An empty mapping passes the payload through byte for byte. The
//! types live here, because the console edits them; compiling and applying is the gateway's. What is wrong with
//! a mapping, or with one payload under it, comes back as [`MappingIssue`]s, one per row and all at once.
//!
//! Invariant: a [`TargetPath`] that exists is well formed; its text form parses back to the same path.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The rules that build a delivery's body; none means the payload is passed through byte for byte.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldMapping {
    /// The rules; their order is the order of the output's keys.
    #[serde(default)]
    pub fields: Vec<FieldRule>,
}

impl FieldMapping {
    /// Whether the payload is passed through byte for byte.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

/// One rule: a place in the output and where its value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldRule {
    /// The place in the output object, for example `customer.emails[0]`.
    pub target: TargetPath,
    /// Where the value comes from.
    pub source: FieldSource,
    /// Used when the source has no value; JSON null counts as no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<serde_json::Value>,
    /// With neither value nor default: refuse to deliver (`true`), or leave the field out (`false`).
    #[serde(default)]
    pub required: bool,
}

/// Where a field's value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum FieldSource {
    /// Selects from the payload; the value keeps its type, and its numbers keep every digit.
    Path {
        /// A JMESPath expression, for example `customer.name`.
        expression: String,
    },
    /// Text with placeholders; the value is always a string.
    Template {
        /// A Jinja template over `payload` and `event`, for example `{{ payload.first }} {{ payload.last }}`.
        template: String,
    },
    /// The same value for every event; the only way to send an explicit null.
    Constant {
        /// The value.
        value: serde_json::Value,
    },
}

/// One step of a [`TargetPath`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TargetSegment {
    /// The key of an object.
    Key(String),
    /// The index of an array, from 0.
    Index(usize),
}

/// A place in the output object: keys separated by dots, array indexes in brackets.
///
/// `customer.emails[0]`; a key that holds a dot, a bracket, a quote or white space is written
/// `["zip.code"]`. A leading `$.` is accepted and dropped. The first step is always a key, because the output
/// is an object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TargetPath {
    segments: Vec<TargetSegment>,
}

/// Why a text is not a [`TargetPath`]; the message says what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTargetPath {
    /// Nothing was written.
    #[error("the target is empty: write the name of the field, for example customer.name")]
    Empty,
    /// Longer than [`TargetPath::MAX_TEXT`] bytes.
    #[error("the target is longer than {} bytes", TargetPath::MAX_TEXT)]
    TooLong,
    /// More than [`TargetPath::MAX_SEGMENTS`] steps.
    #[error("the target has more than {} steps", TargetPath::MAX_SEGMENTS)]
    TooDeep,
    /// Two dots in a row, or a dot at either end.
    #[error("the target has an empty step at character {at}: write exactly one name between two dots")]
    EmptySegment {
        /// Character position, from 1.
        at: usize,
    },
    /// The first step is an array index.
    #[error("the target begins with an index, but the output is an object: begin with a name")]
    RootIndex,
    /// A bracket holds neither an index nor a quoted key, or is not closed.
    #[error(
        "the bracket at character {at} needs an index up to {} or a quoted name, for example [0] or [\"zip.code\"]",
        TargetPath::MAX_INDEX
    )]
    Bracket {
        /// Character position, from 1.
        at: usize,
    },
    /// A character that a bare name can not hold.
    #[error("{found:?} at character {at} is not possible in a bare name: write the name as [\"…\"]")]
    Character {
        /// The character.
        found: char,
        /// Character position, from 1.
        at: usize,
    },
}

impl TargetPath {
    /// The longest text, in bytes.
    pub const MAX_TEXT: usize = 1_024;
    /// The most steps.
    pub const MAX_SEGMENTS: usize = 32;
    /// The largest array index; it bounds the array that one rule can bring about.
    pub const MAX_INDEX: usize = 999;

    /// Parses the text form.
    ///
    /// # Errors
    /// [`InvalidTargetPath`] says where the text stops being a path.
    pub fn parse(text: &str) -> Result<Self, InvalidTargetPath> {
        if text.len() > Self::MAX_TEXT {
            return Err(InvalidTargetPath::TooLong);
        }
        let mut parser = Parser { chars: text.chars().collect(), at: 0 };
        let segments = parser.path()?;
        if segments.len() > Self::MAX_SEGMENTS {
            return Err(InvalidTargetPath::TooDeep);
        }
        Ok(Self { segments })
    }

    /// The steps, from the root of the output.
    pub fn segments(&self) -> &[TargetSegment] {
        &self.segments
    }
}

/// Whether a character can stand in a bare (unquoted) key.
fn is_bare(c: char) -> bool {
    !matches!(c, '.' | '[' | ']' | '"' | '\'' | '\\') && !c.is_whitespace() && !c.is_control()
}

struct Parser {
    chars: Vec<char>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn path(&mut self) -> Result<Vec<TargetSegment>, InvalidTargetPath> {
        if self.chars.is_empty() {
            return Err(InvalidTargetPath::Empty);
        }
        let mut segments = Vec::new();
        // `$.name` is JSONPath for "from the root"; `$` elsewhere is an ordinary character of a name.
        match (self.peek(), self.chars.get(1)) {
            (Some('$'), Some('.')) => self.at = 2,
            (Some('$'), Some('[')) => self.at = 1,
            _ => {}
        }
        if self.peek() == Some('[') {
            segments.push(self.bracket()?);
        } else {
            segments.push(self.bare()?);
        }
        if matches!(segments[0], TargetSegment::Index(_)) {
            return Err(InvalidTargetPath::RootIndex);
        }
        while let Some(c) = self.peek() {
            match c {
                '[' => segments.push(self.bracket()?),
                '.' => {
                    self.at += 1;
                    segments.push(self.bare()?);
                }
                found => return Err(InvalidTargetPath::Character { found, at: self.at + 1 }),
            }
        }
        Ok(segments)
    }

    fn bare(&mut self) -> Result<TargetSegment, InvalidTargetPath> {
        let start = self.at;
        while self.peek().is_some_and(is_bare) {
            self.at += 1;
        }
        if self.at == start {
            return Err(match self.peek() {
                Some(found) if found != '.' && found != '[' => {
                    InvalidTargetPath::Character { found, at: self.at + 1 }
                }
                _ => InvalidTargetPath::EmptySegment { at: self.at + 1 },
            });
        }
        Ok(TargetSegment::Key(self.chars[start..self.at].iter().collect()))
    }

    fn bracket(&mut self) -> Result<TargetSegment, InvalidTargetPath> {
        let problem = InvalidTargetPath::Bracket { at: self.at + 1 };
        self.at += 1;
        let segment = match self.peek() {
            Some(quote @ ('"' | '\'')) => {
                self.at += 1;
                TargetSegment::Key(self.quoted(quote).ok_or_else(|| problem.clone())?)
            }
            _ => {
                let start = self.at;
                while self.peek().is_some_and(|c| c.is_ascii_digit()) {
                    self.at += 1;
                }
                let digits: String = self.chars[start..self.at].iter().collect();
                // `[007]` would have two spellings for one place.
                let canonical = digits == "0" || !digits.starts_with('0');
                match digits.parse() {
                    Ok(index) if canonical && index <= TargetPath::MAX_INDEX => TargetSegment::Index(index),
                    _ => return Err(problem),
                }
            }
        };
        if self.peek() != Some(']') {
            return Err(problem);
        }
        self.at += 1;
        Ok(segment)
    }

    /// The rest of a quoted key, up to and including the closing quote.
    fn quoted(&mut self, quote: char) -> Option<String> {
        let mut key = String::new();
        loop {
            let c = self.peek()?;
            self.at += 1;
            match c {
                '\\' => {
                    key.push(self.peek()?);
                    self.at += 1;
                }
                c if c == quote => return Some(key),
                c => key.push(c),
            }
        }
    }
}

impl fmt::Display for TargetPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.segments.iter().enumerate() {
            match segment {
                TargetSegment::Index(index) => write!(f, "[{index}]")?,
                // A key that is just `$` would read as the root marker in first place.
                TargetSegment::Key(key)
                    if !key.is_empty() && key.chars().all(is_bare) && !(position == 0 && key == "$") =>
                {
                    if position > 0 {
                        f.write_str(".")?;
                    }
                    f.write_str(key)?;
                }
                TargetSegment::Key(key) => {
                    f.write_str("[\"")?;
                    for c in key.chars() {
                        if matches!(c, '"' | '\\') {
                            f.write_str("\\")?;
                        }
                        write!(f, "{c}")?;
                    }
                    f.write_str("\"]")?;
                }
            }
        }
        Ok(())
    }
}

impl FromStr for TargetPath {
    type Err = InvalidTargetPath;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Serialize for TargetPath {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TargetPath {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for TargetPath {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("A place in the output object, for example customer.emails[0]"))
            .max_length(Some(Self::MAX_TEXT))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for TargetPath {}

/// What kind of thing is wrong with a rule; stable words for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum MappingIssueCode {
    /// There are more rules than a mapping may have.
    TooManyRules,
    /// Two rules write the same place, or one writes inside what the other writes.
    TargetConflict,
    /// The rules fill an array, but leave out an index before its last.
    TargetGap,
    /// The JMESPath expression can not be compiled.
    ExpressionInvalid,
    /// The template can not be compiled, or uses something that is not offered.
    TemplateInvalid,
    /// A constant or a default holds a number that JSON configuration can not hold exactly.
    NumberInexact,
    /// The payload is not the JSON that rules can be applied to.
    PayloadInvalid,
    /// A required field has neither a value nor a default.
    ValueMissing,
    /// The source could not be evaluated for this payload.
    EvaluationFailed,
    /// Evaluating takes more steps than a mapping may take.
    EvaluationTooCostly,
    /// The output is larger or nests deeper than a body may.
    OutputTooLarge,
    /// A value in a path is empty, or would change which path is meant.
    PathValueUnsafe,
}

/// One thing that is wrong with a mapping, or with one payload under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MappingIssue {
    /// The index of the rule, from 0; absent when it concerns the mapping or the payload as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<usize>,
    /// The rule's target; empty when it concerns the whole.
    pub target: String,
    /// What kind of thing is wrong.
    pub code: MappingIssueCode,
    /// What is wrong and what to do about it, for a person.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(text: &str) -> TargetSegment {
        TargetSegment::Key(text.to_owned())
    }

    #[test]
    fn a_path_is_keys_and_indexes() {
        let parse = |text: &str| TargetPath::parse(text).unwrap().segments().to_vec();
        assert_eq!(parse("name"), [key("name")]);
        assert_eq!(
            parse("customer.emails[0].kind"),
            [key("customer"), key("emails"), TargetSegment::Index(0), key("kind")]
        );
        assert_eq!(parse(r#"address["zip.code"]"#), [key("address"), key("zip.code")]);
        assert_eq!(parse(r#"['it\'s']["a\\b"]"#), [key("it's"), key(r"a\b")]);
        assert_eq!(parse("$.a"), [key("a")]);
        assert_eq!(parse("$[\"a\"].b"), [key("a"), key("b")]);
        assert_eq!(parse("$ref.ä-β"), [key("$ref"), key("ä-β")]);
    }

    #[test]
    fn what_is_not_a_path_is_refused_with_its_place() {
        use InvalidTargetPath as E;
        let refuse = |text: &str| TargetPath::parse(text).unwrap_err();
        assert_eq!(refuse(""), E::Empty);
        assert_eq!(refuse(".a"), E::EmptySegment { at: 1 });
        assert_eq!(refuse("a."), E::EmptySegment { at: 3 });
        assert_eq!(refuse("a..b"), E::EmptySegment { at: 3 });
        assert_eq!(refuse("[0].a"), E::RootIndex);
        assert_eq!(refuse("$[0]"), E::RootIndex);
        assert_eq!(refuse("a[]"), E::Bracket { at: 2 });
        assert_eq!(refuse("a[-1]"), E::Bracket { at: 2 });
        assert_eq!(refuse("a[01]"), E::Bracket { at: 2 });
        assert_eq!(refuse("a[1000]"), E::Bracket { at: 2 });
        assert_eq!(refuse("a[99999999999999999999999]"), E::Bracket { at: 2 });
        assert_eq!(refuse("a[0"), E::Bracket { at: 2 });
        assert_eq!(refuse("a[\"b]"), E::Bracket { at: 2 });
        assert_eq!(refuse("a b"), E::Character { found: ' ', at: 2 });
        assert_eq!(refuse("a]"), E::Character { found: ']', at: 2 });
        assert_eq!(refuse(&"a".repeat(2_000)), E::TooLong);
        assert_eq!(refuse(&["a"; 33].join(".")), E::TooDeep);
        assert!(refuse("a b").to_string().contains("[\"…\"]"));
    }

    #[test]
    fn rules_are_tagged_json() {
        let text = r#"{"fields":[
            {"target":"id","source":{"type":"path","expression":"order.id"},"required":true},
            {"target":"name","source":{"type":"template","template":"{{ payload.name }}"},"default":"?"},
            {"target":"kind","source":{"type":"constant","value":{"a":[1]}}}
        ]}"#;
        let mapping: FieldMapping = serde_json::from_str(text).unwrap();
        assert_eq!(mapping.fields.len(), 3);
        assert!(mapping.fields[0].required && !mapping.fields[1].required);
        let again: FieldMapping = serde_json::from_str(&serde_json::to_string(&mapping).unwrap()).unwrap();
        assert_eq!(again, mapping);
        assert!(serde_json::from_str::<FieldMapping>("{}").unwrap().is_empty());
    }

    #[test]
    fn unknown_words_are_refused_rather_than_ignored() {
        for text in [
            r#"{"rules":[]}"#,
            r#"{"fields":[{"target":"a","source":{"type":"path","expression":"a"},"requird":true}]}"#,
            r#"{"fields":[{"target":"a","source":{"type":"script","code":"a"}}]}"#,
            r#"{"fields":[{"target":"a","source":{"type":"path","expression":"a","template":"b"}}]}"#,
            r#"{"fields":[{"target":"a..b","source":{"type":"path","expression":"a"}}]}"#,
        ] {
            assert!(serde_json::from_str::<FieldMapping>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn issues_have_stable_codes() {
        let issue = MappingIssue {
            rule: Some(2),
            target: "a.b".into(),
            code: MappingIssueCode::ValueMissing,
            message: "…".into(),
        };
        let json = serde_json::to_value(&issue).unwrap();
        assert_eq!(json["code"], "value_missing");
        assert_eq!(json["rule"], 2);
    }

    proptest! {
        #[test]
        fn the_text_form_parses_back_to_the_same_path(
            first in "\\PC{0,8}|\\$|[a-z.\\[\\]\"'\\\\ ]{0,6}",
            rest in prop::collection::vec(
                prop_oneof![
                    "\\PC{0,8}|[a-z$.\\[\\]\"'\\\\ \n]{0,6}".prop_map(TargetSegment::Key),
                    (0usize..=999).prop_map(TargetSegment::Index),
                ],
                0..8,
            ),
        ) {
            let mut segments = vec![TargetSegment::Key(first)];
            segments.extend(rest);
            let path = TargetPath { segments };
            prop_assert_eq!(TargetPath::parse(&path.to_string()).unwrap(), path);
        }

        #[test]
        fn parsing_never_panics_and_what_parses_is_stable(text in "\\PC{0,40}|[a-c.\\[\\]0-9\"'$\\\\]{0,20}") {
            if let Ok(path) = TargetPath::parse(&text) {
                prop_assert_eq!(TargetPath::parse(&path.to_string()).unwrap(), path);
            }
        }
    }
}
