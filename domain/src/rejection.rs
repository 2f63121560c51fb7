//! Refused requests: typed, kept, listable.

use serde::{Deserialize, Serialize};

use crate::connector::Header;
use crate::event::EventType;
use crate::id::{ConnectorId, OrganizationId, PayloadId, ReceiverId, RejectionId};
use crate::text_enum;
use crate::time::Timestamp;

text_enum! {
    /// Why a request was refused; stable, because senders and alerts rely on it.
    RejectionReason {
        /// The connector is switched off.
        ConnectorInactive = "connector_inactive",
        /// The receiver is switched off.
        ReceiverInactive = "receiver_inactive",
        /// The connector has no receiver at all.
        NoReceiver = "no_receiver",
        /// No receiver of the connector takes this event type, or the request names none.
        UnknownEventType = "unknown_event_type",
        /// Neither JSON nor a type the receiver takes.
        UnsupportedMediaType = "unsupported_media_type",
        /// Larger than the receiver's limit.
        TooLarge = "too_large",
        /// More requests than the receiver's limit.
        RateLimited = "rate_limited",
        /// The intake queue is full or the store cannot take more.
        Overloaded = "overloaded",
        /// The signature or credential is not there.
        SignatureMissing = "signature_missing",
        /// The signature or credential cannot be read.
        SignatureMalformed = "signature_malformed",
        /// The signature or credential is wrong.
        SignatureMismatch = "signature_mismatch",
        /// The signed timestamp is too old or in the future.
        TimestampOutOfWindow = "timestamp_out_of_window",
        /// The receiver has no usable secret, or a scheme that is not allowed here.
        NotConfigured = "not_configured",
        /// The body is empty.
        EmptyBody = "empty_body",
        /// The body is not UTF-8.
        InvalidUtf8 = "invalid_utf8",
        /// The body is not JSON.
        MalformedJson = "malformed_json",
        /// The body nests too deeply.
        NestedTooDeep = "nested_too_deep",
        /// The body says something twice, so that its meaning is open.
        DuplicateKey = "duplicate_key",
        /// The body does not fit the schema.
        SchemaViolation = "schema_violation",
        /// The sender went away before the body was complete.
        IncompleteBody = "incomplete_body",
    }
}

impl RejectionReason {
    /// The HTTP status the sender gets.
    pub const fn status(self) -> u16 {
        match self {
            Self::EmptyBody
            | Self::InvalidUtf8
            | Self::MalformedJson
            | Self::NestedTooDeep
            | Self::DuplicateKey
            | Self::IncompleteBody => 400,
            Self::SignatureMissing
            | Self::SignatureMalformed
            | Self::SignatureMismatch
            | Self::TimestampOutOfWindow
            | Self::NotConfigured => 401,
            Self::ConnectorInactive | Self::ReceiverInactive | Self::NoReceiver => 409,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::UnknownEventType | Self::SchemaViolation => 422,
            Self::RateLimited => 429,
            Self::Overloaded => 503,
        }
    }

    /// The title of the problem document, the same for every occurrence.
    pub const fn title(self) -> &'static str {
        match self {
            Self::ConnectorInactive => "Connector is switched off",
            Self::ReceiverInactive => "Receiver is switched off",
            Self::NoReceiver => "Connector has no receiver",
            Self::UnknownEventType => "Event type not taken here",
            Self::UnsupportedMediaType => "Content type not taken here",
            Self::TooLarge => "Body too large",
            Self::RateLimited => "Too many requests",
            Self::Overloaded => "Not now",
            Self::SignatureMissing => "Signature missing",
            Self::SignatureMalformed => "Signature unreadable",
            Self::SignatureMismatch => "Signature wrong",
            Self::TimestampOutOfWindow => "Timestamp outside the window",
            Self::NotConfigured => "Receiver not ready",
            Self::EmptyBody => "Empty body",
            Self::InvalidUtf8 => "Body is not UTF-8",
            Self::MalformedJson => "Body is not JSON",
            Self::NestedTooDeep => "Body nests too deeply",
            Self::DuplicateKey => "Key given twice",
            Self::SchemaViolation => "Body does not fit the schema",
            Self::IncompleteBody => "Body incomplete",
        }
    }
}

/// A request that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "sqlx", derive(sqlx::FromRow))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rejection {
    /// Its id.
    pub id: RejectionId,
    /// The tenant it belongs to.
    pub organization_id: OrganizationId,
    /// The connector that was addressed.
    pub connector_id: ConnectorId,
    /// The receiver, when one was found.
    pub receiver_id: Option<ReceiverId>,
    /// Why.
    pub reason: RejectionReason,
    /// The same in a sentence, with what to do.
    pub detail: String,
    /// The event type, when the request named one.
    pub event_type: Option<EventType>,
    /// When.
    pub received_at: Timestamp,
    /// Who sent it, as far as the connection tells.
    pub remote_addr: Option<String>,
    /// The request's content type.
    pub content_type: Option<String>,
    /// The request's headers; values that authenticate are masked.
    #[cfg_attr(feature = "sqlx", sqlx(json))]
    pub headers: Vec<Header>,
    /// Where the body is kept; absent when there was none worth keeping.
    pub payload_id: Option<PayloadId>,
    /// How many bytes the body had, as far as it was read.
    pub payload_bytes: i64,
    /// From then on the body is gone.
    pub payload_expires_at: Option<Timestamp>,
    /// How many requests this row stands for: more than one when a flood was summed up.
    pub occurrences: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_is_a_client_or_overload_status() {
        for reason in RejectionReason::ALL {
            assert!(matches!(reason.status(), 400..=429 | 503), "{reason}");
            assert!(!reason.title().is_empty());
        }
    }
}
