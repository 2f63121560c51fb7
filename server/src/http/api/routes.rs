//! Which of a receiver's events go where, and how they are mapped on the way.

use std::sync::Arc;

use axum::extract::State;
use domain::id::{ReceiverId, RouteId};
use domain::page::{Page, PageQuery};
use domain::route::{MappingPreview, MappingPreviewRequest, NewRoute, Route, RoutePatch};
use gateway::Services;
use gateway::integrations::routes;
use http::StatusCode;
use serde::Deserialize;

use super::Problems;
use crate::http::extract::{Admin, ApiJson, ApiPath, ApiQuery, Viewer};
use crate::http::problem::ApiResult;

/// Of which receiver.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OfReceiver {
    /// Only those of this receiver.
    #[param(value_type = Option<String>)]
    receiver_id: Option<ReceiverId>,
}

/// Creates a route.
#[utoipa::path(
    post, path = "/routes", tag = "routes", request_body = NewRoute,
    responses((status = 201, body = Route), Problems)
)]
pub async fn create_route(
    State(services): State<Arc<Services>>,
    Admin(access): Admin,
    ApiJson(new): ApiJson<NewRoute>,
) -> ApiResult<(StatusCode, ApiJson<Route>)> {
    Ok((StatusCode::CREATED, ApiJson(routes::create(&services, &access, new).await?)))
}

/// One page of routes, of one receiver or of all.
#[utoipa::path(
    get, path = "/routes", tag = "routes", params(OfReceiver, PageQuery),
    responses((status = 200, body = Page<Route>), Problems)
)]
pub async fn list_routes(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiQuery(of): ApiQuery<OfReceiver>,
    ApiQuery(page): ApiQuery<PageQuery>,
) -> ApiResult<ApiJson<Page<Route>>> {
    Ok(ApiJson(routes::list(&services, &access, of.receiver_id.as_ref(), &page).await?))
}

/// One route.
#[utoipa::path(
    get, path = "/routes/{id}", tag = "routes", params(("id" = String, Path)),
    responses((status = 200, body = Route), Problems)
)]
pub async fn read_route(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiPath(id): ApiPath<RouteId>,
) -> ApiResult<ApiJson<Route>> {
    Ok(ApiJson(routes::read(&services, &access, &id).await?))
}

/// Changes a route; absent fields stay as they are.
#[utoipa::path(
    patch, path = "/routes/{id}", tag = "routes", params(("id" = String, Path)), request_body = RoutePatch,
    responses((status = 200, body = Route), Problems)
)]
pub async fn update_route(
    State(services): State<Arc<Services>>,
    Admin(access): Admin,
    ApiPath(id): ApiPath<RouteId>,
    ApiJson(patch): ApiJson<RoutePatch>,
) -> ApiResult<ApiJson<Route>> {
    Ok(ApiJson(routes::update(&services, &access, &id, patch).await?))
}

/// Deletes a route; deliveries it made stay.
#[utoipa::path(
    delete, path = "/routes/{id}", tag = "routes", params(("id" = String, Path)),
    responses((status = 204), Problems)
)]
pub async fn delete_route(
    State(services): State<Arc<Services>>,
    Admin(access): Admin,
    ApiPath(id): ApiPath<RouteId>,
) -> ApiResult<StatusCode> {
    routes::delete(&services, &access, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a mapping makes of a sample; nothing is stored.
#[utoipa::path(
    post, path = "/mappings/preview", tag = "routes", request_body = MappingPreviewRequest,
    responses((status = 200, body = MappingPreview), Problems)
)]
pub async fn preview_mapping(
    Viewer(_): Viewer,
    ApiJson(request): ApiJson<MappingPreviewRequest>,
) -> ApiResult<ApiJson<MappingPreview>> {
    Ok(ApiJson(routes::preview(&request)?))
}
