//! The built-in destination.

use std::sync::Arc;

use axum::extract::State;
use domain::error::Problem;
use domain::id::RecordId;
use domain::page::{Page, PageQuery};
use domain::record::Record;
use gateway::{Services, store};

use super::Problems;
use crate::http::extract::{ApiJson, ApiPath, ApiQuery, Viewer};
use crate::http::problem::ApiResult;

/// One page of records, newest first.
#[utoipa::path(
    get, path = "/records", tag = "records", params(PageQuery),
    responses((status = 200, body = Page<Record>), Problems)
)]
pub async fn list_records(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiQuery(page): ApiQuery<PageQuery>,
) -> ApiResult<ApiJson<Page<Record>>> {
    page.id_cursor::<RecordId>()?;
    let mut tx = services.store.read().await?;
    Ok(ApiJson(store::records::list(&mut tx, access.organization(), &page).await?))
}

/// One record, its newest version.
#[utoipa::path(
    get, path = "/records/{id}", tag = "records", params(("id" = String, Path)),
    responses((status = 200, body = Record), Problems)
)]
pub async fn read_record(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiPath(id): ApiPath<RecordId>,
) -> ApiResult<ApiJson<Record>> {
    let mut tx = services.store.read().await?;
    let found = store::records::find(&mut tx, access.organization(), &id).await?;
    Ok(ApiJson(found.ok_or_else(|| Problem::not_found("record"))?))
}
