//! What the console hears live: a hint to look, never the only copy of the truth.

use serde::{Deserialize, Serialize};

use crate::delivery::Delivery;
use crate::event::EventType;
use crate::id::{ConnectorId, OrganizationId, RetryJobId};
use crate::status::CountedStatus;
use crate::time::Timestamp;

/// The event's name on the organization's channel.
pub const CHANGES: &str = "changes";

/// The channel of an organization.
pub fn channel_of(organization: &OrganizationId) -> String {
    format!("private-org-{organization}")
}

/// The organization of a channel, when it is one.
pub fn organization_of(channel: &str) -> Option<OrganizationId> {
    channel.strip_prefix("private-org-")?.parse().ok()
}

/// A change of a rollup: `by` more (or fewer) in the minute that begins at `at`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollupDelta {
    /// Start of the minute.
    pub at: Timestamp,
    /// The third party.
    pub connector_id: ConnectorId,
    /// What happened; absent for a refused request that named nothing.
    pub event_type: Option<EventType>,
    /// The state that gained or lost.
    pub status: CountedStatus,
    /// How many.
    pub by: i64,
}

/// One push: what changed in an organization since the push before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveBatch {
    /// Which server process counts `seq`; another one means that everything is to be fetched again.
    pub feed: String,
    /// Counts up by one with each push of the feed for the organization; a gap means that something was missed.
    pub seq: u64,
    /// Changed rows, newest state only.
    pub rows: Vec<Delivery>,
    /// Changed counts.
    pub deltas: Vec<RollupDelta>,
    /// More changed than fits: fetch what is shown again.
    pub refetch: bool,
    /// Batches of retries that went on, or that a person changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jobs: Vec<RetryJobId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_name_their_organization() {
        let organization = OrganizationId::new(Timestamp(1));
        assert_eq!(organization_of(&channel_of(&organization)), Some(organization));
        assert_eq!(organization_of("private-org-everybody"), None);
        assert_eq!(organization_of("public"), None);
    }
}
