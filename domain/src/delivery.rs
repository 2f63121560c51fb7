//! Deliveries and their attempts.

use serde::{Deserialize, Serialize};

use crate::connector::Header;
use crate::event::{Direction, Event, EventType};
use crate::id::{
    AttemptId, ConnectorId, DeliveryId, EventId, OrganizationId, PayloadId, ReceiverId, RetryJobId, RouteId,
};
use crate::mapping::FieldMapping;
use crate::status::DeliveryStatus;
use crate::text_enum;
use crate::time::Timestamp;

text_enum! {
    /// What kind of thing a delivery goes to.
    DestinationKind {
        /// The built-in record store.
        Record = "record",
        /// A connector's HTTP interface.
        Http = "http",
        /// A subscriber's webhook.
        Webhook = "webhook",
    }
}

text_enum! {
    /// What stopped an attempt; the first thing an operator wants to know.
    ErrorClass {
        /// The name could not be resolved.
        Dns = "dns",
        /// No connection.
        Connect = "connect",
        /// The secure channel could not be made.
        Tls = "tls",
        /// Not finished in time.
        Timeout = "timeout",
        /// The connection broke.
        Reset = "reset",
        /// An answer with a status that is not 2xx.
        Http = "http",
        /// The address is not allowed.
        Blocked = "blocked",
        /// The mapping could not be applied.
        Mapping = "mapping",
        /// The payload is gone.
        Expired = "expired",
        /// The route or its destination cannot be used as it is.
        Configuration = "configuration",
        /// The worker ended before the outcome was known.
        Interrupted = "interrupted",
        /// The answer could not be understood as HTTP.
        Protocol = "protocol",
    }
}

impl ErrorClass {
    /// Whether the destination was heard or waited for to the end, so that the attempt's duration says something
    /// about it. A refused connection or a mapping that fails is quick, and no sign of speed.
    pub const fn waited(self) -> bool {
        matches!(self, Self::Http | Self::Timeout | Self::Protocol)
    }
}

/// One event on its way to one destination; one row of the grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Delivery {
    /// Its id, the same for all attempts; destinations see it in `Signalbox-Delivery-Id`.
    pub id: DeliveryId,
    /// The tenant it belongs to.
    pub organization_id: OrganizationId,
    /// What is delivered.
    pub event_id: EventId,
    /// Which way.
    pub direction: Direction,
    /// The third party the event came from.
    pub connector_id: ConnectorId,
    /// The door it came through.
    pub receiver_id: Option<ReceiverId>,
    /// The route that made it; absent for the default route into the record store.
    pub route_id: Option<RouteId>,
    /// What kind of destination.
    pub destination: DestinationKind,
    /// The destination in words, for example `POST NetSuite /invoices`.
    pub destination_name: String,
    /// What happened.
    pub event_type: EventType,
    /// The record in the source system.
    pub source_record_id: Option<String>,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// The HTTP status of the last attempt.
    pub response_code: Option<i64>,
    /// How long the last attempt took, microseconds.
    pub duration_us: Option<i64>,
    /// Attempts made.
    pub attempts: i64,
    /// Attempts allowed before it becomes a dead letter.
    pub max_attempts: i64,
    /// The record at the destination, once delivered.
    pub destination_record_id: Option<String>,
    /// What stopped the last attempt.
    pub error_class: Option<ErrorClass>,
    /// The same in a sentence.
    pub error: Option<String>,
    /// When the event was received.
    pub received_at: Timestamp,
    /// When the delivery was made: at acceptance, or by a replay.
    pub created_at: Timestamp,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
    /// When the next attempt is due; absent in final states.
    pub next_attempt_at: Option<Timestamp>,
    /// The delivery this one replays.
    pub replay_of: Option<DeliveryId>,
    /// Who asked for the replay, in words.
    pub replayed_by: Option<String>,
    /// Whether the replay's payload was edited.
    pub edited: bool,
    /// The bytes it sends: the event's, or the edited ones.
    pub payload_id: PayloadId,
    /// From then on the bytes are gone.
    pub payload_expires_at: Timestamp,
    /// The version of the route's mapping that a person chose for it; the current one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping_version: Option<i64>,
    /// The batch that last tried it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_job_id: Option<RetryJobId>,
}

/// One try of a delivery, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// The delivery.
    pub delivery_id: DeliveryId,
    /// 1 for the first.
    pub number: i64,
    /// When it began.
    pub started_at: Timestamp,
    /// From its beginning until the destination answered or the record was written, microseconds.
    pub duration_us: i64,
    /// Whether the destination acknowledged it.
    pub succeeded: bool,
    /// The HTTP status.
    pub response_code: Option<i64>,
    /// What stopped it.
    pub error_class: Option<ErrorClass>,
    /// The same in a sentence.
    pub error: Option<String>,
    /// `POST`, or `UPSERT` for the record store.
    pub method: String,
    /// Where it went.
    pub url: String,
    /// The address the name was resolved to.
    pub remote_addr: Option<String>,
    /// What was sent; credentials are masked.
    pub request_headers: Vec<Header>,
    /// The mapped body, when it differs from the payload; text, or base64 after `base64:`.
    pub request_body: Option<String>,
    /// What came back.
    pub response_headers: Vec<Header>,
    /// Up to 64 KiB of it; text, or base64 after `base64:`.
    pub response_body: Option<String>,
    /// Whether there was more.
    pub response_truncated: bool,
    /// Which version of the route's mapping was used.
    pub mapping_version: Option<i64>,
}

/// The mapping that the newest attempt used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AppliedMapping {
    /// The route's name, as it is now.
    pub route_name: String,
    /// The version that was used.
    pub version: i64,
    /// The version the route is at.
    pub newest_version: i64,
    /// The rules of the version that was used.
    pub mapping: FieldMapping,
}

/// Everything the drawer shows about one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeliveryDetail {
    /// The row.
    pub delivery: Delivery,
    /// What is delivered.
    pub event: Event,
    /// Oldest first.
    pub attempts: Vec<Attempt>,
    /// The mapping that the newest attempt used; absent when the payload was passed on as it is.
    pub mapping: Option<AppliedMapping>,
    /// The chain of replays it belongs to, oldest first, itself included; alone when never replayed.
    pub lineage: Vec<Delivery>,
    /// Other deliveries of the same event.
    pub related: Vec<Delivery>,
}

/// A wish for a new delivery of an old one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplayRequest {
    /// The corrected payload, byte for byte as it is to be used; absent to send the same one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    /// Why, kept in the audit log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The route to take, one of [`ReplayChoices::routes`]; its own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route_id: Option<RouteId>,
    /// The version of the route's mapping, for all attempts of the replay; whichever is current when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping_version: Option<i64>,
}

/// A replay to try without sending it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DryRunRequest {
    /// The corrected payload; absent to try the one that is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
    /// See [`ReplayRequest::route_id`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route_id: Option<RouteId>,
    /// See [`ReplayRequest::mapping_version`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping_version: Option<i64>,
}

/// Which ways a replay may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplayChoices {
    /// The delivery's own route first, then the others of its receiver that are active and take its event type.
    pub routes: Vec<RouteChoice>,
}

/// A route that a replay may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RouteChoice {
    /// The route; absent for the default route into the record store, which has no mapping.
    pub route_id: Option<RouteId>,
    /// Its name for people.
    pub name: String,
    /// Its destination in words.
    pub destination_name: String,
    /// Versions of its mapping, newest first, at most 100; the first is the current one.
    pub versions: Vec<MappingVersion>,
}

/// One version of a route's mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MappingVersion {
    /// Counts from 1.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it, in words.
    pub created_by: String,
}

/// What would be sent, without sending it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DryRun {
    /// `POST`, or `UPSERT` for the record store.
    pub method: String,
    /// Where it would go.
    pub url: String,
    /// The headers; credentials are masked.
    pub headers: Vec<Header>,
    /// The mapped body as text.
    pub body: Option<String>,
    /// What stands in the way; empty means that it can be sent.
    pub issues: Vec<DryRunIssue>,
}

/// One thing in the way of a replay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DryRunIssue {
    /// Where it comes from: `json`, `schema` or `mapping`.
    pub source: String,
    /// JSON pointer into the payload, or the mapping's target.
    pub pointer: String,
    /// What is wrong and what would be right.
    pub detail: String,
    /// Whether it forbids the replay; observed schemas only warn.
    pub blocking: bool,
}
