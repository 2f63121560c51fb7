//! Prefixed, time-sortable identifiers.
//!
//! One macro makes them all: `evt_` + a UUIDv7 in 32 hex digits. They are TEXT in the store, strings in JSON, and
//! a type of their own in code, so that a connector's id can never be passed where an event's is meant.
//! Sorting by id is sorting by creation time to the millisecond.

use crate::time::Timestamp;

/// Why a text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an id that begins with \"{expected}\" followed by 32 lower-case hex digits")]
pub struct InvalidId {
    /// The prefix the id must have, with its underscore.
    pub expected: &'static str,
}

fn generate(prefix: &str, now: Timestamp) -> String {
    let micros = now.as_micros().max(0).unsigned_abs();
    let uuid = uuid::Uuid::new_v7(uuid::Timestamp::from_unix_time(
        micros / 1_000_000,
        u32::try_from(micros % 1_000_000).unwrap_or(0) * 1_000,
        0,
        0,
    ));
    let mut text = String::with_capacity(prefix.len() + 32);
    text.push_str(prefix);
    text.push_str(uuid.simple().encode_lower(&mut uuid::Uuid::encode_buffer()));
    text
}

fn check(prefix: &'static str, text: &str) -> Result<(), InvalidId> {
    let hex = text.strip_prefix(prefix).ok_or(InvalidId { expected: prefix })?;
    let well_formed = hex.len() == 32 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if well_formed { Ok(()) } else { Err(InvalidId { expected: prefix }) }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        #[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
        pub struct $name(String);

        impl $name {
            /// What every id of this kind begins with.
            pub const PREFIX: &'static str = $prefix;

            /// A new id whose sortable part is `now`; the rest is random.
            pub fn new(now: Timestamp) -> Self {
                Self(generate($prefix, now))
            }

            /// The id as it stands in the store, in JSON and in addresses.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                check($prefix, text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                check($prefix, &text)?;
                Ok(Self(text))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    )*};
}

ids! {
    /// A tenant.
    OrganizationId = "org_";
    /// A person who signs in.
    UserId = "usr_";
    /// A signed-in browser.
    SessionId = "ses_";
    /// A program's access to one organization.
    ApiKeyId = "key_";
    /// A third-party system.
    ConnectorId = "con_";
    /// An inbound door of a connector.
    ReceiverId = "rcv_";
    /// One of a receiver's verification secrets.
    SecretId = "sec_";
    /// An accepted fact.
    EventId = "evt_";
    /// One event on its way to one destination; a row of the grid.
    DeliveryId = "dlv_";
    /// One try of a delivery.
    AttemptId = "att_";
    /// A refused request.
    RejectionId = "rej_";
    /// A receiver's events mapped to a destination.
    RouteId = "rte_";
    /// A version of a built-in record.
    RecordId = "rec_";
    /// Stored bytes of an event, an edited replay or a refused request.
    PayloadId = "pay_";
    /// A line of the audit log.
    AuditId = "aud_";
    /// A batch of deliveries on its way to another attempt.
    RetryJobId = "job_";
    /// A server process; leases carry it.
    NodeId = "nod_";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_parse_back() {
        let early = EventId::new(Timestamp::from_micros(1_700_000_000_000_000));
        let late = EventId::new(Timestamp::from_micros(1_700_000_000_001_000));
        assert!(early < late);
        assert_eq!(early.as_str().parse::<EventId>().unwrap(), early);
        assert_eq!(early.as_str().len(), EventId::PREFIX.len() + 32);
    }

    #[test]
    fn foreign_prefixes_and_malformed_ids_are_refused() {
        let event = EventId::new(Timestamp::from_micros(0));
        assert!(event.as_str().parse::<DeliveryId>().is_err());
        assert!("evt_".parse::<EventId>().is_err());
        assert!("evt_0190AAAA00000000000000000000000".parse::<EventId>().is_err());
        assert!(serde_json::from_str::<EventId>("\"evt_x\"").is_err());
    }
}
