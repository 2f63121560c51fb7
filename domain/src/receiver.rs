//! Receivers: the inbound doors of a connector.

use serde::{Deserialize, Serialize};

use crate::event::EventTypePattern;
use crate::id::{ConnectorId, OrganizationId, ReceiverId, SecretId};
use crate::signature::{Source, VerificationScheme};
use crate::text_enum;
use crate::time::Timestamp;

text_enum! {
    /// What happens with a body that does not fit the schema.
    SchemaMode {
        /// Nothing is checked.
        Off = "off",
        /// Accepted and marked.
        Observe = "observe",
        /// Rejected with 422.
        Enforce = "enforce",
    }
}

/// The largest body a receiver can be set to take, bytes (10 MiB); the default is 1 MiB.
pub const MAX_BODY_LIMIT: i64 = 10 * 1024 * 1024;

/// Adjustable limits of a receiver, with their defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReceiverLimits {
    /// Largest body, bytes (1 to 10,485,760; default 1,048,576).
    pub body_bytes: i64,
    /// Requests per minute (1 to 1,000,000; default 100).
    pub requests_per_minute: i64,
    /// How far a signed timestamp may be from now, seconds (10 to 86,400; default 300).
    pub timestamp_window_s: i64,
    /// How long a delivery id or body is remembered to recognize duplicates, seconds (60 to 2,592,000; default 86,400).
    pub dedupe_window_s: i64,
}

impl Default for ReceiverLimits {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            requests_per_minute: 100,
            timestamp_window_s: 300,
            dedupe_window_s: 86_400,
        }
    }
}

/// Where the facts of an event stand in a request; absent parts follow the scheme's preset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReceiverSources {
    /// The event type. Without any, the receiver's event type must be an exact name.
    pub event_type: Option<Source>,
    /// The record in the source system.
    pub source_record_id: Option<Source>,
    /// The provider's own delivery id, for recognizing duplicates.
    pub delivery_id: Option<Source>,
}

/// A verification secret as anybody may read it: never the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecretSummary {
    /// Its id.
    pub id: SecretId,
    /// Its last four characters, when it is long enough for that to be harmless.
    pub hint: String,
    /// When it was set.
    pub created_at: Timestamp,
    /// From then on it is no longer accepted; absent for the current one.
    pub expires_at: Option<Timestamp>,
}

/// An inbound door of a connector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Receiver {
    /// Its id.
    pub id: ReceiverId,
    /// The tenant it belongs to.
    pub organization_id: OrganizationId,
    /// The third party.
    pub connector_id: ConnectorId,
    /// Its name for people.
    pub name: String,
    /// Which event types it takes. Of several receivers of a connector the most specific match is used.
    pub event_type: EventTypePattern,
    /// How requests prove who sent them.
    pub scheme: VerificationScheme,
    /// The secrets: the current one, and during a rotation the one before.
    pub secrets: Vec<SecretSummary>,
    /// Where the facts of an event stand.
    pub sources: ReceiverSources,
    /// What happens with a body that does not fit the schema.
    pub schema_mode: SchemaMode,
    /// JSON Schema, draft 2020-12.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub schema: Option<serde_json::Value>,
    /// Limits.
    pub limits: ReceiverLimits,
    /// Whether it takes requests.
    pub active: bool,
    /// When an event last came through.
    pub last_received_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What is needed to create a receiver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewReceiver {
    /// See [`Receiver::connector_id`].
    pub connector_id: ConnectorId,
    /// See [`Receiver::name`].
    pub name: String,
    /// See [`Receiver::event_type`]; every event when absent.
    #[serde(default = "EventTypePattern::any")]
    pub event_type: EventTypePattern,
    /// See [`Receiver::scheme`].
    pub scheme: VerificationScheme,
    /// Write-only. A strong one is made, and shown once, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// See [`Receiver::sources`].
    #[serde(default)]
    pub sources: ReceiverSources,
    /// See [`Receiver::schema_mode`].
    #[serde(default = "schema_off")]
    pub schema_mode: SchemaMode,
    /// See [`Receiver::schema`].
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub schema: Option<serde_json::Value>,
    /// See [`Receiver::limits`].
    #[serde(default)]
    pub limits: ReceiverLimits,
}

fn schema_off() -> SchemaMode {
    SchemaMode::Off
}

/// What may change about a receiver; absent fields stay as they are. Secrets change by rotation only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReceiverPatch {
    /// See [`Receiver::name`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// See [`Receiver::event_type`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<EventTypePattern>,
    /// See [`Receiver::scheme`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<VerificationScheme>,
    /// See [`Receiver::sources`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<ReceiverSources>,
    /// See [`Receiver::schema_mode`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema_mode: Option<SchemaMode>,
    /// See [`Receiver::schema`]; `null` cannot remove it, set the mode to `off` instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub schema: Option<serde_json::Value>,
    /// See [`Receiver::limits`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<ReceiverLimits>,
    /// See [`Receiver::active`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

/// A wish for a new secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RotateSecret {
    /// Write-only. A strong one is made when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// How long the old one is still accepted, seconds (0 to 604,800; default 86,400).
    #[serde(default = "one_day")]
    pub overlap_s: i64,
}

fn one_day() -> i64 {
    86_400
}

/// A receiver right after its secret was set: the only time the secret is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReceiverWithSecret {
    /// The receiver.
    pub receiver: Receiver,
    /// The secret, when it was made here; absent when the caller brought it.
    pub secret: Option<String>,
}

impl ReceiverLimits {
    /// What is wrong with them; empty means fine.
    pub fn check(&self) -> Vec<crate::error::FieldProblem> {
        let rules = [
            (
                (1..=MAX_BODY_LIMIT).contains(&self.body_bytes),
                "body_bytes",
                "Use 1 to 10,485,760 bytes (10 MiB).",
            ),
            (
                (1..=1_000_000).contains(&self.requests_per_minute),
                "requests_per_minute",
                "Use 1 to 1,000,000.",
            ),
            (
                (10..=86_400).contains(&self.timestamp_window_s),
                "timestamp_window_s",
                "Use 10 to 86,400 seconds.",
            ),
            (
                (60..=2_592_000).contains(&self.dedupe_window_s),
                "dedupe_window_s",
                "Use 60 to 2,592,000 seconds (30 days).",
            ),
        ];
        rules
            .into_iter()
            .filter(|(ok, ..)| !ok)
            .map(|(_, field, detail)| crate::error::FieldProblem {
                pointer: format!("/limits/{field}"),
                detail: detail.to_owned(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_have_bounds() {
        assert!(ReceiverLimits::default().check().is_empty());
        let bad = ReceiverLimits { body_bytes: 0, dedupe_window_s: 1, ..Default::default() };
        let pointers: Vec<_> = bad.check().into_iter().map(|p| p.pointer).collect();
        assert_eq!(pointers, ["/limits/body_bytes", "/limits/dedupe_window_s"]);
    }
}
