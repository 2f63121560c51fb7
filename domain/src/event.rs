//! Accepted facts, and the names of what happened.

use serde::{Deserialize, Serialize};

use crate::connector::Header;
use crate::id::{ConnectorId, EventId, OrganizationId, PayloadId, ReceiverId};
use crate::text_enum;
use crate::time::Timestamp;

text_enum! {
    /// Which way an event travels.
    Direction {
        /// From a third party to us.
        Inbound = "inbound",
        /// From us to a subscriber.
        Outbound = "outbound",
    }
}

/// What happened, as the sender names it: 1 to 200 characters of letters, digits and `_ . : / -`,
/// for example `orders/create` or `invoice.paid`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct EventType(String);

/// Why a text cannot be an event type or a pattern of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an event type has 1 to 200 characters: letters, digits and _ . : / -")]
pub struct InvalidEventType;

fn is_event_type_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'/' | b'-')
}

impl EventType {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for EventType {
    type Err = InvalidEventType;
    fn from_str(text: &str) -> Result<Self, InvalidEventType> {
        let ok = (1..=200).contains(&text.len()) && text.bytes().all(is_event_type_byte);
        if ok { Ok(Self(text.to_owned())) } else { Err(InvalidEventType) }
    }
}

impl TryFrom<String> for EventType {
    type Error = InvalidEventType;
    fn try_from(text: String) -> Result<Self, InvalidEventType> {
        text.parse()
    }
}

impl From<EventType> for String {
    fn from(event_type: EventType) -> String {
        event_type.0
    }
}

impl std::fmt::Display for EventType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A glob over event types: `*` stands for any run of characters, everything else for itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
pub struct EventTypePattern(String);

impl EventTypePattern {
    /// The pattern that matches every event type.
    pub fn any() -> Self {
        Self("*".into())
    }
    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// Without a `*` it names exactly one event type.
    pub fn exact(&self) -> Option<EventType> {
        self.0.parse().ok()
    }
    /// Whether `event_type` fits. Runs in time proportional to the product of both lengths, whatever the pattern.
    pub fn matches(&self, event_type: &EventType) -> bool {
        let (pattern, text) = (self.0.as_bytes(), event_type.0.as_bytes());
        let (mut p, mut t, mut star) = (0, 0, None);
        while t < text.len() {
            if pattern.get(p) == Some(&b'*') {
                star = Some((p, t));
                p += 1;
            } else if pattern.get(p) == Some(&text[t]) {
                p += 1;
                t += 1;
            } else if let Some((star_p, star_t)) = star {
                p = star_p + 1;
                t = star_t + 1;
                star = Some((star_p, star_t + 1));
            } else {
                return false;
            }
        }
        pattern[p..].iter().all(|b| *b == b'*')
    }
    /// How closely it fits: more literal characters are more specific, an exact name is the most.
    pub fn specificity(&self) -> usize {
        let literal = self.0.bytes().filter(|b| *b != b'*').count();
        if self.exact().is_some() { usize::MAX } else { literal }
    }
}

impl std::str::FromStr for EventTypePattern {
    type Err = InvalidEventType;
    fn from_str(text: &str) -> Result<Self, InvalidEventType> {
        let ok = (1..=200).contains(&text.len()) && text.bytes().all(|b| b == b'*' || is_event_type_byte(b));
        if ok { Ok(Self(text.to_owned())) } else { Err(InvalidEventType) }
    }
}

impl TryFrom<String> for EventTypePattern {
    type Error = InvalidEventType;
    fn try_from(text: String) -> Result<Self, InvalidEventType> {
        text.parse()
    }
}

impl From<EventTypePattern> for String {
    fn from(pattern: EventTypePattern) -> String {
        pattern.0
    }
}

impl std::fmt::Display for EventTypePattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

text_enum! {
    /// What the schema said about an accepted event.
    SchemaVerdict {
        /// The receiver checks none.
        NotChecked = "not_checked",
        /// It fits.
        Valid = "valid",
        /// It does not fit, and the receiver only observes.
        Violated = "violated",
    }
}

/// One line of what verification looked at, in words for an operator; never secret material.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckLine {
    /// Whether it passed.
    pub passed: bool,
    /// What was checked, for example "Signature".
    pub name: String,
    /// What was seen, for example "HMAC-SHA256 in x-hub-signature-256, current secret".
    pub detail: String,
}

/// An accepted fact. Immutable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// The tenant it belongs to.
    pub organization_id: OrganizationId,
    /// Which way it travels.
    pub direction: Direction,
    /// The third party.
    pub connector_id: ConnectorId,
    /// The door it came through.
    pub receiver_id: Option<ReceiverId>,
    /// What happened.
    pub event_type: EventType,
    /// The record in the source system, when the receiver knows where to find it.
    pub source_record_id: Option<String>,
    /// The key under which a second delivery of the same event was or would be recognized.
    pub dedupe_key: String,
    /// When the last byte of the request was there.
    pub received_at: Timestamp,
    /// Who sent it, as far as the connection tells.
    pub remote_addr: Option<String>,
    /// The request's content type.
    pub content_type: Option<String>,
    /// The request's headers; values that authenticate are masked.
    #[cfg_attr(feature = "sqlx", sqlx(json))]
    pub headers: Vec<Header>,
    /// What verification looked at.
    #[cfg_attr(feature = "sqlx", sqlx(json))]
    pub checks: Vec<CheckLine>,
    /// What the schema said.
    pub schema_verdict: SchemaVerdict,
    /// Where the bytes are.
    pub payload_id: PayloadId,
    /// How many bytes.
    pub payload_bytes: i64,
    /// From then on only the metadata is left.
    pub payload_expires_at: Timestamp,
}

/// The bytes of an event or a refused request, for a person to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PayloadView {
    /// Its id.
    pub id: PayloadId,
    /// How many bytes.
    pub bytes: i64,
    /// The content type it came with.
    pub content_type: Option<String>,
    /// The text, when the bytes are UTF-8; exactly as received.
    pub text: Option<String>,
    /// The bytes in base64, when they are not UTF-8.
    pub base64: Option<String>,
    /// When they will be gone.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pattern(text: &str) -> EventTypePattern {
        text.parse().unwrap()
    }
    fn event_type(text: &str) -> EventType {
        text.parse().unwrap()
    }

    #[test]
    fn globs_match_runs() {
        assert!(pattern("*").matches(&event_type("push")));
        assert!(pattern("invoice.*").matches(&event_type("invoice.line.added")));
        assert!(pattern("*.created").matches(&event_type("order.created")));
        assert!(pattern("a*b*c").matches(&event_type("aXbYbc")));
        assert!(!pattern("invoice.*").matches(&event_type("invoices")));
        assert!(!pattern("push").matches(&event_type("pushed")));
    }

    #[test]
    fn exact_names_are_the_most_specific() {
        assert!(pattern("push").specificity() > pattern("pus*").specificity());
        assert!(pattern("order.*").specificity() > pattern("*").specificity());
    }

    #[test]
    fn control_characters_and_blanks_are_refused() {
        for bad in ["", "a b", "a\n", "ä", &"x".repeat(201)] {
            assert!(bad.parse::<EventType>().is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn a_pattern_with_a_hole_still_matches(text in "[a-z.]{1,40}", from in 0usize..40, to in 0usize..40) {
            let (from, to) = (from.min(text.len()), to.min(text.len()));
            let (from, to) = (from.min(to), from.max(to));
            let hole = format!("{}*{}", &text[..from], &text[to..]);
            prop_assert!(pattern(&hole).matches(&event_type(&text)));
        }
    }
}
