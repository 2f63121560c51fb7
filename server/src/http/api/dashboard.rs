//! The numbers of the dashboard, from rollups.

use std::sync::Arc;

use axum::extract::State;
use domain::dashboard::{Heatmap, HeatmapRows, Summary, check_range};
use domain::error::Problem;
use domain::time::{DAY, Timestamp};
use gateway::{Services, store};
use serde::Deserialize;

use super::Problems;
use crate::http::extract::{ApiJson, ApiQuery, Viewer};
use crate::http::problem::ApiResult;

/// How far back the numbers go when nothing is said, microseconds.
const DEFAULT_RANGE: i64 = 7 * DAY;

/// A range of time.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Range {
    /// Its beginning; seven days before its end when absent.
    from: Option<Timestamp>,
    /// Its end; now when absent.
    to: Option<Timestamp>,
}

impl Range {
    fn bounds(&self, now: Timestamp) -> Result<(Timestamp, Timestamp), Problem> {
        let to = self.to.unwrap_or(now);
        let from = self.from.unwrap_or(to.plus(-DEFAULT_RANGE));
        check_range(from, to)?;
        Ok((from, to))
    }
}

/// What a row of the heatmap stands for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Rows {
    /// `endpoint` when absent.
    rows_by: Option<HeatmapRows>,
}

/// Totals and latency of a range and of the range before it, and the series.
#[utoipa::path(
    get, path = "/dashboard/summary", tag = "dashboard", params(Range),
    responses((status = 200, body = Summary), Problems)
)]
pub async fn dashboard_summary(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiQuery(range): ApiQuery<Range>,
) -> ApiResult<ApiJson<Summary>> {
    let (from, to) = range.bounds(services.clock.now())?;
    let mut tx = services.store.read().await?;
    Ok(ApiJson(store::rollups::summary(&mut tx, access.organization(), from, to).await?))
}

/// The heatmap of a range, most failures first.
#[utoipa::path(
    get, path = "/dashboard/heatmap", tag = "dashboard", params(Range, Rows),
    responses((status = 200, body = Heatmap), Problems)
)]
pub async fn dashboard_heatmap(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiQuery(range): ApiQuery<Range>,
    ApiQuery(rows): ApiQuery<Rows>,
) -> ApiResult<ApiJson<Heatmap>> {
    let (from, to) = range.bounds(services.clock.now())?;
    let rows_by = rows.rows_by.unwrap_or(HeatmapRows::Endpoint);
    let mut tx = services.store.read().await?;
    Ok(ApiJson(store::rollups::heatmap(&mut tx, access.organization(), from, to, rows_by).await?))
}
