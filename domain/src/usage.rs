//! How connectors are used: by the hour for a list, and in all for whoever is about to delete one.

use serde::{Deserialize, Serialize};

use crate::dashboard::Totals;
use crate::id::ConnectorId;

/// How many hours a list of connectors looks back, the current one included.
pub const HOURS: usize = 24;
/// How many days are counted before a connector is deleted, today included.
pub const DAYS: i64 = 30;

/// What happened at a connector in each of the last hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectorHours {
    /// The connector.
    pub connector_id: ConnectorId,
    /// 24 whole hours, the current one last. Refused requests are among them.
    pub hours: Vec<Totals>,
}

/// What hangs on a connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectorUsage {
    /// The last 30 days: deliveries of its events and refused requests. Those that are pending still go out when it is
    /// deleted.
    pub totals: Totals,
    /// Its receivers.
    pub receivers: i64,
    /// The routes that begin at them.
    pub routes: i64,
    /// The names of other connectors' routes that lead to it. It can be deleted when there is none.
    pub routes_to: Vec<String>,
}
