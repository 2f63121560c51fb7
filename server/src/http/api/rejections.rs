//! Refused requests: each has a typed reason.

use std::sync::Arc;

use axum::extract::State;
use domain::error::Problem;
use domain::filter::RejectionFilter;
use domain::id::RejectionId;
use domain::page::{Page, PageQuery};
use domain::rejection::Rejection;
use gateway::{Services, store};

use super::Problems;
use crate::http::extract::{ApiJson, ApiPath, ListQuery, Viewer};
use crate::http::problem::ApiResult;

/// One page of refused requests, newest first.
#[utoipa::path(
    get, path = "/rejections", tag = "events", params(RejectionFilter, PageQuery),
    responses((status = 200, body = Page<Rejection>), Problems)
)]
pub async fn list_rejections(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ListQuery { filter, page }: ListQuery<RejectionFilter>,
) -> ApiResult<ApiJson<Page<Rejection>>> {
    page.id_cursor::<RejectionId>()?;
    let mut tx = services.store.read().await?;
    Ok(ApiJson(store::rejections::list_filtered(&mut tx, access.organization(), &filter, &page).await?))
}

/// One refused request.
#[utoipa::path(
    get, path = "/rejections/{id}", tag = "events", params(("id" = String, Path)),
    responses((status = 200, body = Rejection), Problems)
)]
pub async fn read_rejection(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiPath(id): ApiPath<RejectionId>,
) -> ApiResult<ApiJson<Rejection>> {
    let mut tx = services.store.read().await?;
    let found = store::rejections::find(&mut tx, access.organization(), &id).await?;
    Ok(ApiJson(found.ok_or_else(|| Problem::not_found("rejection"))?))
}
