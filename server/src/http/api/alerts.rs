//! What is worth a look now.

use std::sync::Arc;

use axum::extract::State;
use domain::alert::Alert;
use gateway::{Services, store};

use super::Problems;
use crate::http::extract::{ApiJson, Viewer};
use crate::http::problem::ApiResult;

/// Connectors that fail, refuse, have new dead letters or fell silent within the last hour; at most a hundred alerts, by
/// kind and most first. Nothing is stored: an alert ends when its reason does.
#[utoipa::path(
    get, path = "/alerts", tag = "dashboard",
    responses((status = 200, body = Vec<Alert>), Problems)
)]
pub async fn list_alerts(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
) -> ApiResult<ApiJson<Vec<Alert>>> {
    let now = services.clock.now();
    let mut tx = services.store.read().await?;
    Ok(ApiJson(store::alerts::list(&mut tx, access.organization(), now).await?))
}
