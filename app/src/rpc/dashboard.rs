//! The dashboard's numbers.

use domain::dashboard::{Heatmap, HeatmapRows, Summary};
use domain::id::OrganizationId;
use domain::time::Timestamp;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::RpcError;

/// Totals and latency of a range and of the range before it, and the series.
#[server(prefix = "/rpc", endpoint = "dashboard_summary", input = Json)]
pub async fn dashboard_summary(
    organization: OrganizationId,
    from: Timestamp,
    to: Timestamp,
) -> Result<Summary, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Viewer)?;
    domain::dashboard::check_range(from, to)?;
    let mut tx = services.store.read().await.map_err(gateway::store::problem)?;
    Ok(gateway::store::rollups::summary(&mut tx, access.organization(), from, to)
        .await
        .map_err(gateway::store::problem)?)
}

/// The heatmap of a range.
#[server(prefix = "/rpc", endpoint = "dashboard_heatmap", input = Json)]
pub async fn dashboard_heatmap(
    organization: OrganizationId,
    from: Timestamp,
    to: Timestamp,
    rows_by: HeatmapRows,
) -> Result<Heatmap, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Viewer)?;
    domain::dashboard::check_range(from, to)?;
    let mut tx = services.store.read().await.map_err(gateway::store::problem)?;
    Ok(gateway::store::rollups::heatmap(&mut tx, access.organization(), from, to, rows_by)
        .await
        .map_err(gateway::store::problem)?)
}
