//! Deliveries: the rows of the grid, and what a person does with one.

use std::sync::Arc;

use axum::extract::State;
use domain::delivery::{Delivery, DeliveryDetail, DryRun, DryRunRequest, ReplayChoices, ReplayRequest};
use domain::filter::DeliveryFilter;
use domain::id::DeliveryId;
use domain::page::{Page, PageQuery};
use gateway::{Services, replay, store};
use http::StatusCode;
use serde::Deserialize;

use super::Problems;
use crate::http::extract::{ApiJson, ApiPath, ListQuery, Operator, OptionalJson, Viewer};
use crate::http::problem::ApiResult;

/// A wish for another attempt.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryRequest {
    /// Why, kept in the audit log.
    #[serde(default)]
    reason: Option<String>,
}

/// One page of deliveries: newest first, unless `sort` says otherwise.
#[utoipa::path(
    get, path = "/deliveries", tag = "deliveries", params(DeliveryFilter, PageQuery),
    responses((status = 200, body = Page<Delivery>), Problems)
)]
pub async fn list_deliveries(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ListQuery { filter, page }: ListQuery<DeliveryFilter>,
) -> ApiResult<ApiJson<Page<Delivery>>> {
    page.id_cursor::<DeliveryId>()?;
    let mut tx = services.store.read().await?;
    Ok(ApiJson(store::deliveries::list(&mut tx, access.organization(), &filter, &page).await?))
}

/// Everything about one delivery: its event, attempts, lineage and relatives.
#[utoipa::path(
    get, path = "/deliveries/{id}", tag = "deliveries", params(("id" = String, Path)),
    responses((status = 200, body = DeliveryDetail), Problems)
)]
pub async fn read_delivery(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiPath(id): ApiPath<DeliveryId>,
) -> ApiResult<ApiJson<DeliveryDetail>> {
    Ok(ApiJson(replay::detail(&services, &access, &id).await?))
}

/// Another attempt of the same delivery with the same payload.
#[utoipa::path(
    post, path = "/deliveries/{id}/retry", tag = "deliveries", params(("id" = String, Path)),
    request_body = Option<RetryRequest>, responses((status = 200, body = Delivery), Problems)
)]
pub async fn retry_delivery(
    State(services): State<Arc<Services>>,
    Operator(access): Operator,
    ApiPath(id): ApiPath<DeliveryId>,
    OptionalJson(request): OptionalJson<RetryRequest>,
) -> ApiResult<ApiJson<Delivery>> {
    Ok(ApiJson(replay::retry(&services, &access, &id, request.reason).await?))
}

/// A new delivery of the same event, perhaps with a corrected payload or by another route of its receiver.
#[utoipa::path(
    post, path = "/deliveries/{id}/replay", tag = "deliveries", params(("id" = String, Path)),
    request_body = Option<ReplayRequest>, responses((status = 201, body = Delivery), Problems)
)]
pub async fn replay_delivery(
    State(services): State<Arc<Services>>,
    Operator(access): Operator,
    ApiPath(id): ApiPath<DeliveryId>,
    OptionalJson(request): OptionalJson<ReplayRequest>,
) -> ApiResult<(StatusCode, ApiJson<Delivery>)> {
    Ok((StatusCode::CREATED, ApiJson(replay::replay(&services, &access, &id, request).await?)))
}

/// Ends a delivery that waits for another attempt.
#[utoipa::path(
    post, path = "/deliveries/{id}/cancel", tag = "deliveries", params(("id" = String, Path)),
    responses((status = 200, body = Delivery), Problems)
)]
pub async fn cancel_delivery(
    State(services): State<Arc<Services>>,
    Operator(access): Operator,
    ApiPath(id): ApiPath<DeliveryId>,
) -> ApiResult<ApiJson<Delivery>> {
    Ok(ApiJson(replay::cancel(&services, &access, &id).await?))
}

/// What a replay would send, without sending it.
#[utoipa::path(
    post, path = "/deliveries/{id}/dry-run", tag = "deliveries", params(("id" = String, Path)),
    request_body = Option<DryRunRequest>, responses((status = 200, body = DryRun), Problems)
)]
pub async fn dry_run(
    State(services): State<Arc<Services>>,
    Operator(access): Operator,
    ApiPath(id): ApiPath<DeliveryId>,
    OptionalJson(request): OptionalJson<DryRunRequest>,
) -> ApiResult<ApiJson<DryRun>> {
    Ok(ApiJson(replay::dry_run(&services, &access, &id, request).await?))
}

/// Which routes and mapping versions a replay may take.
#[utoipa::path(
    get, path = "/deliveries/{id}/replay-choices", tag = "deliveries", params(("id" = String, Path)),
    responses((status = 200, body = ReplayChoices), Problems)
)]
pub async fn replay_choices(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiPath(id): ApiPath<DeliveryId>,
) -> ApiResult<ApiJson<ReplayChoices>> {
    Ok(ApiJson(replay::choices(&services, &access, &id).await?))
}
