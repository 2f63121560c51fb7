//! A sample request to a receiver, signed and sent by the server itself: from the form to the first row in a minute.

use serde::{Deserialize, Serialize};

use crate::connector::Header;
use crate::event::{CheckLine, SchemaVerdict};
use crate::id::{DeliveryId, EventId, RejectionId};
use crate::rejection::RejectionReason;

/// What is sent. Signature and the provider's own headers are added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SampleRequest {
    /// The event type that the provider's headers name, where it names it there.
    pub event_type: String,
    /// The body, byte for byte.
    pub body: String,
    /// Further headers, for receivers that look for their facts there.
    #[serde(default)]
    pub headers: Vec<Header>,
}

/// What became of it: exactly what its sender would have heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum SampleOutcome {
    /// It is an event now.
    Accepted {
        /// The event.
        event_id: EventId,
        /// The first of its deliveries.
        delivery_id: Option<DeliveryId>,
        /// It was known already, so nothing was created.
        duplicate: bool,
        /// What verification looked at.
        checks: Vec<CheckLine>,
        /// What the receiver's schema said.
        schema_verdict: SchemaVerdict,
    },
    /// It asked whether anybody is here, and was answered; nothing was created.
    Answered,
    /// It was refused.
    Refused {
        /// The row that is kept of it; absent when so many were refused lately that this one was only counted.
        rejection_id: Option<RejectionId>,
        /// The status that a sender gets.
        status: u16,
        /// Why.
        reason: RejectionReason,
        /// The same in a sentence, with what to do.
        detail: String,
    },
}
