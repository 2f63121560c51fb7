//! Routes: which of a receiver's events go where, and how they are mapped on the way.

use serde::{Deserialize, Serialize};

use crate::connector::Header;
use crate::event::EventTypePattern;
use crate::id::{ConnectorId, OrganizationId, ReceiverId, RouteId};
use crate::mapping::{FieldMapping, MappingIssue};
use crate::retry::RetryPolicy;
use crate::text_enum;
use crate::time::Timestamp;

text_enum! {
    /// The HTTP methods a route may use.
    Method {
        /// POST
        Post = "POST",
        /// PUT
        Put = "PUT",
        /// PATCH
        Patch = "PATCH",
        /// DELETE
        Delete = "DELETE",
        /// GET
        Get = "GET",
    }
}

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RouteDestination {
    /// The built-in record store: the mapped JSON becomes the newest version of a record.
    Record {
        /// The kind of record, for example `contact`.
        entity: String,
        /// JSON pointer into the mapped body to the record's external id; the source record id when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id_pointer: Option<String>,
    },
    /// A connector's HTTP interface.
    Http {
        /// Which connector.
        connector_id: ConnectorId,
        /// The method.
        method: Method,
        /// Appended to the connector's base URL; `{{ payload.id }}` and other template expressions are allowed.
        path: String,
        /// Sent besides the connector's own headers.
        #[serde(default)]
        headers: Vec<Header>,
        /// JSON pointer into the answer to the destination's record id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        record_id_pointer: Option<String>,
    },
}

/// One way from a receiver to a destination.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Route {
    /// Its id.
    pub id: RouteId,
    /// The tenant it belongs to.
    pub organization_id: OrganizationId,
    /// The door its events come through.
    pub receiver_id: ReceiverId,
    /// Its name for people.
    pub name: String,
    /// Which of the receiver's events.
    pub event_type: EventTypePattern,
    /// How the payload becomes the body; empty passes it through byte for byte.
    pub mapping: FieldMapping,
    /// Counts the changes of the mapping, from 1.
    pub mapping_version: i64,
    /// Where it leads.
    pub destination: RouteDestination,
    /// When to try again.
    pub retry: RetryPolicy,
    /// Whether it is used for new events.
    pub active: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What is needed to create a route.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewRoute {
    /// See [`Route::receiver_id`].
    pub receiver_id: ReceiverId,
    /// See [`Route::name`].
    pub name: String,
    /// See [`Route::event_type`]; every event when absent.
    #[serde(default = "EventTypePattern::any")]
    pub event_type: EventTypePattern,
    /// See [`Route::mapping`].
    #[serde(default)]
    pub mapping: FieldMapping,
    /// See [`Route::destination`].
    pub destination: RouteDestination,
    /// See [`Route::retry`].
    #[serde(default)]
    pub retry: RetryPolicy,
}

/// What may change about a route; absent fields stay as they are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoutePatch {
    /// See [`Route::name`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// See [`Route::event_type`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<EventTypePattern>,
    /// See [`Route::mapping`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<FieldMapping>,
    /// See [`Route::destination`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<RouteDestination>,
    /// See [`Route::retry`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<RetryPolicy>,
    /// See [`Route::active`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

/// A mapping to try on a sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MappingPreviewRequest {
    /// The mapping.
    pub mapping: FieldMapping,
    /// The sample payload, as text.
    pub sample: String,
}

/// What a mapping made of a sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MappingPreview {
    /// The mapped body; absent when there are issues.
    pub body: Option<String>,
    /// What stands in the way.
    pub issues: Vec<MappingIssue>,
}
