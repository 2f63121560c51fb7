//! Refused requests.

use domain::filter::RejectionFilter;
use domain::id::{OrganizationId, RejectionId};
use domain::page::{Page, PageQuery};
use domain::rejection::Rejection;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::RpcError;

/// One page of the refused requests that the filter admits, newest first.
#[server(prefix = "/rpc", endpoint = "list_rejections", input = Json)]
pub async fn list_rejections(
    organization: OrganizationId,
    filter: RejectionFilter,
    page: PageQuery,
) -> Result<Page<Rejection>, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Viewer)?;
    page.id_cursor::<RejectionId>()?;
    let mut tx = services.store.read().await.map_err(gateway::store::problem)?;
    Ok(gateway::store::rejections::list_filtered(&mut tx, access.organization(), &filter, &page)
        .await
        .map_err(gateway::store::problem)?)
}

/// One refused request.
#[server(name = AskRejection, prefix = "/rpc", endpoint = "rejection", input = Json)]
pub async fn rejection(organization: OrganizationId, id: RejectionId) -> Result<Rejection, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Viewer)?;
    let mut tx = services.store.read().await.map_err(gateway::store::problem)?;
    let found = gateway::store::rejections::find(&mut tx, access.organization(), &id).await;
    Ok(found
        .map_err(gateway::store::problem)?
        .ok_or_else(|| domain::error::Problem::not_found("rejection"))?)
}
