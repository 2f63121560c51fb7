//! Search by what people have in hand.

use std::sync::Arc;

use axum::extract::State;
use domain::search::{Needle, SearchResults};
use gateway::{Services, store};
use serde::Deserialize;

use super::Problems;
use crate::http::extract::{ApiJson, ApiQuery, Viewer};
use crate::http::problem::ApiResult;

/// What is looked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchFor {
    /// An id of an event, a delivery or a refused request, a record of the source system or of the destination, or a
    /// connector's name or code; the beginning of any of them is enough. 1 to 200 characters.
    q: String,
}

/// Deliveries, refused requests and connectors by an id, a record or a name: at most eight of each kind.
#[utoipa::path(
    get, path = "/search", tag = "search", params(SearchFor),
    responses((status = 200, body = SearchResults), Problems)
)]
pub async fn search(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiQuery(query): ApiQuery<SearchFor>,
) -> ApiResult<ApiJson<SearchResults>> {
    let needle = Needle::parse(&query.q)?;
    let mut tx = services.store.read().await?;
    Ok(ApiJson(store::search::find(&mut tx, access.organization(), &needle).await?))
}
