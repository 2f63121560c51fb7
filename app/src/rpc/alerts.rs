//! What is worth a look now.

use domain::alert::Alert;
use domain::id::OrganizationId;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::RpcError;

/// Connectors that fail, refuse, have new dead letters or fell silent within the last hour.
#[server(prefix = "/rpc", endpoint = "list_alerts", input = Json)]
pub async fn list_alerts(organization: OrganizationId) -> Result<Vec<Alert>, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Viewer)?;
    let now = services.clock.now();
    let mut tx = services.store.read().await.map_err(gateway::store::problem)?;
    Ok(gateway::store::alerts::list(&mut tx, access.organization(), now)
        .await
        .map_err(gateway::store::problem)?)
}
