//! What *Manage integrations* shows.

use domain::id::ConnectorId;

/// Where the sheet stands.
#[derive(Clone, Debug, PartialEq)]
pub enum ManageModalData {
    /// All connectors.
    List,
    /// The form of a connector that does not exist yet.
    New,
    /// One connector with its receivers and routes.
    Connector(ConnectorId),
}
