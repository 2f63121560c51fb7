//! Routes and mapping previews.

use domain::id::{OrganizationId, ReceiverId, RouteId};
use domain::page::{Page, PageQuery};
use domain::route::{MappingPreview, MappingPreviewRequest, NewRoute, Route, RoutePatch};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::RpcError;

/// One page of routes, of one receiver or of all.
#[server(prefix = "/rpc", endpoint = "list_routes", input = Json)]
pub async fn list_routes(
    organization: OrganizationId,
    receiver_id: Option<ReceiverId>,
    page: PageQuery,
) -> Result<Page<Route>, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Viewer)?;
    Ok(gateway::integrations::routes::list(&services, &access, receiver_id.as_ref(), &page).await?)
}

/// Creates a route.
#[server(prefix = "/rpc", endpoint = "create_route", input = Json)]
pub async fn create_route(organization: OrganizationId, new: NewRoute) -> Result<Route, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Admin)?;
    Ok(gateway::integrations::routes::create(&services, &access, new).await?)
}

/// Changes a route.
#[server(prefix = "/rpc", endpoint = "update_route", input = Json)]
pub async fn update_route(
    organization: OrganizationId,
    id: RouteId,
    patch: RoutePatch,
) -> Result<Route, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Admin)?;
    Ok(gateway::integrations::routes::update(&services, &access, &id, patch).await?)
}

/// Deletes a route; deliveries it made stay.
#[server(prefix = "/rpc", endpoint = "delete_route", input = Json)]
pub async fn delete_route(organization: OrganizationId, id: RouteId) -> Result<(), RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Admin)?;
    Ok(gateway::integrations::routes::delete(&services, &access, &id).await?)
}

/// What a mapping makes of a sample; nothing is stored.
#[server(prefix = "/rpc", endpoint = "preview_mapping", input = Json)]
pub async fn preview_mapping(
    organization: OrganizationId,
    request: MappingPreviewRequest,
) -> Result<MappingPreview, RpcError> {
    super::context::access(&organization, domain::user::Role::Viewer)?;
    Ok(gateway::integrations::routes::preview(&request)?)
}
