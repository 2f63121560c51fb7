//! Accepted facts.

use std::sync::Arc;

use axum::extract::State;
use domain::error::Problem;
use domain::event::Event;
use domain::id::EventId;
use gateway::{Services, store};

use super::Problems;
use crate::http::extract::{ApiJson, ApiPath, Viewer};
use crate::http::problem::ApiResult;

/// One event, without its bytes.
#[utoipa::path(
    get, path = "/events/{id}", tag = "events", params(("id" = String, Path)),
    responses((status = 200, body = Event), Problems)
)]
pub async fn read_event(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiPath(id): ApiPath<EventId>,
) -> ApiResult<ApiJson<Event>> {
    let mut tx = services.store.read().await?;
    let found = store::events::find(&mut tx, access.organization(), &id).await?;
    Ok(ApiJson(found.ok_or_else(|| Problem::not_found("event"))?))
}
