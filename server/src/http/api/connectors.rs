//! Third-party systems.

use std::sync::Arc;

use axum::extract::State;
use domain::connector::{ConnectionReport, Connector, ConnectorPatch, NewConnector};
use domain::id::ConnectorId;
use domain::page::{Page, PageQuery};
use domain::usage::{ConnectorHours, ConnectorUsage};
use gateway::integrations::{connectors, usage};
use gateway::{Services, store};
use http::StatusCode;

use super::Problems;
use crate::http::extract::{Admin, ApiJson, ApiPath, ApiQuery, Operator, Viewer};
use crate::http::problem::ApiResult;

/// Creates a connector.
#[utoipa::path(
    post, path = "/connectors", tag = "connectors", request_body = NewConnector,
    responses((status = 201, body = Connector), Problems)
)]
pub async fn create_connector(
    State(services): State<Arc<Services>>,
    Admin(access): Admin,
    ApiJson(new): ApiJson<NewConnector>,
) -> ApiResult<(StatusCode, ApiJson<Connector>)> {
    Ok((StatusCode::CREATED, ApiJson(connectors::create(&services, &access, new).await?)))
}

/// One page of connectors, by name.
#[utoipa::path(
    get, path = "/connectors", tag = "connectors", params(PageQuery),
    responses((status = 200, body = Page<Connector>), Problems)
)]
pub async fn list_connectors(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiQuery(page): ApiQuery<PageQuery>,
) -> ApiResult<ApiJson<Page<Connector>>> {
    Ok(ApiJson(connectors::list(&services, &access, &page).await?))
}

/// One connector.
#[utoipa::path(
    get, path = "/connectors/{id}", tag = "connectors", params(("id" = String, Path)),
    responses((status = 200, body = Connector), Problems)
)]
pub async fn read_connector(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiPath(id): ApiPath<ConnectorId>,
) -> ApiResult<ApiJson<Connector>> {
    Ok(ApiJson(connectors::read(&services, &access, &id).await?))
}

/// Changes a connector; absent fields stay as they are.
#[utoipa::path(
    patch, path = "/connectors/{id}", tag = "connectors", params(("id" = String, Path)), request_body = ConnectorPatch,
    responses((status = 200, body = Connector), Problems)
)]
pub async fn update_connector(
    State(services): State<Arc<Services>>,
    Admin(access): Admin,
    ApiPath(id): ApiPath<ConnectorId>,
    ApiJson(patch): ApiJson<ConnectorPatch>,
) -> ApiResult<ApiJson<Connector>> {
    Ok(ApiJson(connectors::update(&services, &access, &id, patch).await?))
}

/// Deletes a connector with its receivers and routes; its events stay.
#[utoipa::path(
    delete, path = "/connectors/{id}", tag = "connectors", params(("id" = String, Path)),
    responses((status = 204), Problems)
)]
pub async fn delete_connector(
    State(services): State<Arc<Services>>,
    Admin(access): Admin,
    ApiPath(id): ApiPath<ConnectorId>,
) -> ApiResult<StatusCode> {
    connectors::delete(&services, &access, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks the third party whether it answers.
#[utoipa::path(
    post, path = "/connectors/{id}/test", tag = "connectors", params(("id" = String, Path)),
    responses((status = 200, body = ConnectionReport), Problems)
)]
pub async fn test_connector(
    State(services): State<Arc<Services>>,
    Operator(access): Operator,
    ApiPath(id): ApiPath<ConnectorId>,
) -> ApiResult<ApiJson<ConnectionReport>> {
    Ok(ApiJson(connectors::test(&services, &access, &id).await?))
}

/// What happened at each connector in each of the last 24 hours, refused requests included; connectors at which nothing
/// happened are left out.
#[utoipa::path(
    get, path = "/connectors/hours", tag = "connectors",
    responses((status = 200, body = Vec<ConnectorHours>), Problems)
)]
pub async fn connector_hours(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
) -> ApiResult<ApiJson<Vec<ConnectorHours>>> {
    let now = services.clock.now();
    let mut tx = services.store.read().await?;
    Ok(ApiJson(store::usage::hours(&mut tx, access.organization(), now).await?))
}

/// What hangs on a connector: what would end with it, and what stands in the way of deleting it.
#[utoipa::path(
    get, path = "/connectors/{id}/usage", tag = "connectors", params(("id" = String, Path)),
    responses((status = 200, body = ConnectorUsage), Problems)
)]
pub async fn connector_usage(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiPath(id): ApiPath<ConnectorId>,
) -> ApiResult<ApiJson<ConnectorUsage>> {
    Ok(ApiJson(usage::of_connector(&services, &access, &id).await?))
}
