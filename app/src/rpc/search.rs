//! Search by what people have in hand.

use domain::id::OrganizationId;
use domain::search::SearchResults;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::RpcError;

/// Deliveries, refused requests and connectors by an id, a record or a name.
#[server(prefix = "/rpc", endpoint = "search", input = Json)]
pub async fn search(organization: OrganizationId, text: String) -> Result<SearchResults, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Viewer)?;
    let needle = domain::search::Needle::parse(&text)?;
    let mut tx = services.store.read().await.map_err(gateway::store::problem)?;
    Ok(gateway::store::search::find(&mut tx, access.organization(), &needle)
        .await
        .map_err(gateway::store::problem)?)
}
