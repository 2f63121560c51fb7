//! Records: the built-in destination, so that the product works with no third party at all.

use serde::{Deserialize, Serialize};

use crate::id::{DeliveryId, OrganizationId, RecordId};
use crate::time::Timestamp;

/// The newest version of a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// The tenant it belongs to.
    pub organization_id: OrganizationId,
    /// The kind of record.
    pub entity: String,
    /// The record's name in its source system; unique within the entity.
    pub external_id: String,
    /// Counts the changes, from 1.
    pub version: i64,
    /// The content, exactly as it was delivered.
    pub body: String,
    /// The delivery that wrote this version.
    pub delivery_id: DeliveryId,
    /// When it was first written.
    pub created_at: Timestamp,
    /// When this version was written.
    pub updated_at: Timestamp,
}
