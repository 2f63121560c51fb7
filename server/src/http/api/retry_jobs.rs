//! Batches of retries.

use std::sync::Arc;

use axum::extract::State;
use domain::id::RetryJobId;
use domain::page::{Page, PageQuery};
use domain::retry_job::{NewRetryJob, RetryJob, RetryJobDetail, RetryPreview, RetrySelection};
use gateway::{Services, retry_jobs};
use http::StatusCode;
use serde::Deserialize;

use super::Problems;
use crate::http::extract::{ApiJson, ApiPath, ApiQuery, Operator, Viewer};
use crate::http::problem::ApiResult;

/// What a preview is to be about.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    /// The deliveries.
    selection: RetrySelection,
}

/// What a batch would do, by what stopped the deliveries; nothing is changed.
#[utoipa::path(
    post, path = "/retry-jobs/preview", tag = "retry jobs", request_body = PreviewRequest,
    responses((status = 200, body = RetryPreview), Problems)
)]
pub async fn preview_retry_job(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiJson(request): ApiJson<PreviewRequest>,
) -> ApiResult<ApiJson<RetryPreview>> {
    Ok(ApiJson(retry_jobs::preview(&services, &access, &request.selection).await?))
}

/// Makes a batch; it begins at once.
#[utoipa::path(
    post, path = "/retry-jobs", tag = "retry jobs", request_body = NewRetryJob,
    responses((status = 201, body = RetryJob), Problems)
)]
pub async fn create_retry_job(
    State(services): State<Arc<Services>>,
    Operator(access): Operator,
    ApiJson(new): ApiJson<NewRetryJob>,
) -> ApiResult<(StatusCode, ApiJson<RetryJob>)> {
    Ok((StatusCode::CREATED, ApiJson(retry_jobs::create(&services, &access, new).await?)))
}

/// One page of batches, newest first.
#[utoipa::path(
    get, path = "/retry-jobs", tag = "retry jobs", params(PageQuery),
    responses((status = 200, body = Page<RetryJob>), Problems)
)]
pub async fn list_retry_jobs(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiQuery(page): ApiQuery<PageQuery>,
) -> ApiResult<ApiJson<Page<RetryJob>>> {
    Ok(ApiJson(retry_jobs::list(&services, &access, &page).await?))
}

/// A batch and what became of its deliveries.
#[utoipa::path(
    get, path = "/retry-jobs/{id}", tag = "retry jobs", params(("id" = String, Path)),
    responses((status = 200, body = RetryJobDetail), Problems)
)]
pub async fn read_retry_job(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiPath(id): ApiPath<RetryJobId>,
) -> ApiResult<ApiJson<RetryJobDetail>> {
    Ok(ApiJson(retry_jobs::read(&services, &access, &id).await?))
}

/// Stops a batch for now.
#[utoipa::path(
    post, path = "/retry-jobs/{id}/pause", tag = "retry jobs", params(("id" = String, Path)),
    responses((status = 200, body = RetryJob), Problems)
)]
pub async fn pause_retry_job(
    State(services): State<Arc<Services>>,
    Operator(access): Operator,
    ApiPath(id): ApiPath<RetryJobId>,
) -> ApiResult<ApiJson<RetryJob>> {
    Ok(ApiJson(retry_jobs::pause(&services, &access, &id).await?))
}

/// Lets a batch go on.
#[utoipa::path(
    post, path = "/retry-jobs/{id}/resume", tag = "retry jobs", params(("id" = String, Path)),
    responses((status = 200, body = RetryJob), Problems)
)]
pub async fn resume_retry_job(
    State(services): State<Arc<Services>>,
    Operator(access): Operator,
    ApiPath(id): ApiPath<RetryJobId>,
) -> ApiResult<ApiJson<RetryJob>> {
    Ok(ApiJson(retry_jobs::resume(&services, &access, &id).await?))
}

/// Ends a batch; what it put back in the queue stays there.
#[utoipa::path(
    post, path = "/retry-jobs/{id}/cancel", tag = "retry jobs", params(("id" = String, Path)),
    responses((status = 200, body = RetryJob), Problems)
)]
pub async fn cancel_retry_job(
    State(services): State<Arc<Services>>,
    Operator(access): Operator,
    ApiPath(id): ApiPath<RetryJobId>,
) -> ApiResult<ApiJson<RetryJob>> {
    Ok(ApiJson(retry_jobs::cancel(&services, &access, &id).await?))
}
