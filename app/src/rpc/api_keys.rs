//! API keys.

use domain::api_key::{ApiKey, ApiKeyWithSecret, NewApiKey};
use domain::id::{ApiKeyId, OrganizationId};
use domain::page::{Page, PageQuery};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::RpcError;

/// One page of the organization's API keys, newest first.
#[server(prefix = "/rpc", endpoint = "list_api_keys", input = Json)]
pub async fn list_api_keys(organization: OrganizationId, page: PageQuery) -> Result<Page<ApiKey>, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Admin)?;
    Ok(gateway::accounts::api_keys::list(&services, &access, &page).await?)
}

/// Makes an API key; the key itself is in the answer, and never again.
#[server(prefix = "/rpc", endpoint = "create_api_key", input = Json)]
pub async fn create_api_key(
    organization: OrganizationId,
    new: NewApiKey,
) -> Result<ApiKeyWithSecret, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Admin)?;
    Ok(gateway::accounts::api_keys::create(&services, &access, new).await?)
}

/// Ends an API key at once.
#[server(prefix = "/rpc", endpoint = "revoke_api_key", input = Json)]
pub async fn revoke_api_key(organization: OrganizationId, id: ApiKeyId) -> Result<(), RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Admin)?;
    Ok(gateway::accounts::api_keys::revoke(&services, &access, &id).await?)
}
