//! What a person finds who has an id, a record or a name in hand.

use serde::{Deserialize, Serialize};

use crate::connector::ConnectorCode;
use crate::error::Problem;
use crate::event::{Direction, EventType};
use crate::id::{ConnectorId, DeliveryId, EventId, RejectionId};
use crate::rejection::RejectionReason;
use crate::status::DeliveryStatus;
use crate::time::Timestamp;

/// The longest text that is looked for, in characters.
pub const LONGEST_NEEDLE: usize = 200;

/// A delivery that was found: as much of it as a line of results says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// What it delivers.
    pub event_id: EventId,
    /// Which way.
    pub direction: Direction,
    /// The third party the event came from.
    pub connector_id: ConnectorId,
    /// Its name, also when it was deleted since.
    pub connector_name: Option<String>,
    /// What happened.
    pub event_type: EventType,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// The record in the source system.
    pub source_record_id: Option<String>,
    /// The record at the destination.
    pub destination_record_id: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A refused request that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundRejection {
    /// Its id.
    pub id: RejectionId,
    /// The connector that was addressed.
    pub connector_id: ConnectorId,
    /// Its name, also when it was deleted since.
    pub connector_name: Option<String>,
    /// Why it was refused.
    pub reason: RejectionReason,
    /// When.
    pub received_at: Timestamp,
}

/// A connector that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundConnector {
    /// Its id.
    pub id: ConnectorId,
    /// Its word in addresses.
    pub code: ConnectorCode,
    /// Its name.
    pub name: String,
    /// Whether it is switched on.
    pub active: bool,
}

/// Everything that was found, at most eight of each kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchResults {
    /// Connectors by name or code, those that begin with the text first.
    pub connectors: Vec<FoundConnector>,
    /// Deliveries by their id or their event's id, or the beginning of either; newest first.
    pub deliveries: Vec<FoundDelivery>,
    /// Deliveries by their record in the source system: exact ones first, newest first, then those whose record begins
    /// with the text.
    pub source_records: Vec<FoundDelivery>,
    /// The same by their record at the destination.
    pub destination_records: Vec<FoundDelivery>,
    /// Refused requests by their id or its beginning, newest first.
    pub rejections: Vec<FoundRejection>,
}

impl SearchResults {
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.connectors.is_empty()
            && self.deliveries.is_empty()
            && self.source_records.is_empty()
            && self.destination_records.is_empty()
            && self.rejections.is_empty()
    }
}

/// What is looked for: some text without blanks around it, in its bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needle(String);

impl Needle {
    /// Takes what somebody typed.
    ///
    /// # Errors
    /// 400 `invalid_query` when it is blank, longer than [`LONGEST_NEEDLE`], or holds control characters, which
    /// nothing that could be found has.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim();
        let detail = if text.is_empty() {
            "Say what to look for: an id, a record, or the name of a connector."
        } else if text.chars().count() > LONGEST_NEEDLE {
            "Look for 200 characters at most."
        } else if text.chars().any(char::is_control) {
            "Leave out control characters, line breaks and tabs."
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(Problem::new(400, "invalid_query", "Query not understood", detail))
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The range `low <= id < high` of all ids of the kind with this prefix that begin with the text; `None` when no
    /// id of that kind does. Both ends hold what ids hold, so that they sort alike whatever the database's language.
    pub fn ids(&self, prefix: &str) -> Option<(String, String)> {
        let low = self.0.to_lowercase();
        let hex = low.strip_prefix(prefix)?;
        let fits = hex.len() <= 32 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let high = format!("{low}g");
        fits.then_some((low, high))
    }

    /// The range `low < text < high`, by bytes, of all longer texts that begin with this one.
    pub fn longer(&self) -> (String, String) {
        (self.0.clone(), format!("{}\u{10ffff}", self.0))
    }

    /// Patterns for LIKE with `\` as its escape, of the text in lower case: at the beginning, and anywhere.
    pub fn like(&self) -> (String, String) {
        let mut escaped = String::with_capacity(self.0.len() + 2);
        for character in self.0.to_lowercase().chars() {
            if matches!(character, '%' | '_' | '\\') {
                escaped.push('\\');
            }
            escaped.push(character);
        }
        (format!("{escaped}%"), format!("%{escaped}%"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn needle(text: &str) -> Needle {
        Needle::parse(text).unwrap()
    }

    #[test]
    fn blank_long_and_unprintable_texts_are_refused_with_what_to_do() {
        for bad in ["", "  ", "a\0b", "a\nb", &"é".repeat(LONGEST_NEEDLE + 1)] {
            let problem = Needle::parse(bad).unwrap_err();
            assert_eq!((problem.status, problem.code.as_str()), (400, "invalid_query"), "{bad:?}");
        }
        assert_eq!(needle(" #48213 ").as_str(), "#48213");
        assert!(Needle::parse(&"é".repeat(LONGEST_NEEDLE)).is_ok());
    }

    #[test]
    fn only_the_beginning_of_an_id_is_a_range_of_ids() {
        assert_eq!(needle("evt_01AB").ids("evt_"), Some(("evt_01ab".into(), "evt_01abg".into())));
        assert_eq!(needle("evt_").ids("evt_"), Some(("evt_".into(), "evt_g".into())));
        for other in ["evt_1Nw7x", "dlv_01", "ev", "01ab", "evt_0123456789abcdef0123456789abcdef0"] {
            assert_eq!(needle(other).ids("evt_"), None, "{other}");
        }
    }

    #[test]
    fn patterns_take_their_own_signs_literally() {
        assert_eq!(needle(r"100%_A\b").like(), (r"100\%\_a\\b%".into(), r"%100\%\_a\\b%".into()));
    }

    proptest! {
        #[test]
        fn the_range_of_longer_texts_holds_them_and_nothing_else(
            text in "[ -~é]{1,6}", other in "[ -~é]{1,8}", more in "[ -~é]{1,4}",
        ) {
            prop_assume!(!text.trim().is_empty());
            let needle = needle(&text);
            let (low, high) = needle.longer();
            let inside = |text: &str| text > low.as_str() && text < high.as_str();
            let longer = format!("{}{more}", needle.as_str());
            prop_assert!(inside(&longer));
            prop_assert_eq!(inside(&other), other.starts_with(needle.as_str()) && other != needle.as_str());
        }
    }
}
