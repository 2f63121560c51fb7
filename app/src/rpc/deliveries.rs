//! The grid, the drawer, retry and replay.

use domain::delivery::{Delivery, DeliveryDetail, DryRun, DryRunRequest, ReplayChoices, ReplayRequest};
use domain::event::PayloadView;
use domain::filter::DeliveryFilter;
use domain::id::{DeliveryId, OrganizationId, PayloadId};
use domain::page::{Page, PageQuery};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::RpcError;

/// How many rows can be asked for by their ids at once.
pub const MAX_IDS: usize = 200;

/// One page of the grid, in the filter's order.
#[server(prefix = "/rpc", endpoint = "list_deliveries", input = Json)]
pub async fn list_deliveries(
    organization: OrganizationId,
    filter: DeliveryFilter,
    page: PageQuery,
) -> Result<Page<Delivery>, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Viewer)?;
    page.id_cursor::<DeliveryId>()?;
    let mut tx = services.store.read().await.map_err(gateway::store::problem)?;
    Ok(gateway::store::deliveries::list(&mut tx, access.organization(), &filter, &page)
        .await
        .map_err(gateway::store::problem)?)
}

/// The newest state of rows that are shown already; those that are gone are left out. At most [`MAX_IDS`].
#[server(prefix = "/rpc", endpoint = "deliveries_by_ids", input = Json)]
pub async fn deliveries_by_ids(
    organization: OrganizationId,
    ids: Vec<DeliveryId>,
) -> Result<Vec<Delivery>, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Viewer)?;
    if ids.len() > MAX_IDS {
        let problem = domain::error::Problem::invalid_field("/ids", format!("at most {MAX_IDS} ids at once"));
        return Err(problem.into());
    }
    let mut tx = services.store.read().await.map_err(gateway::store::problem)?;
    Ok(gateway::store::deliveries::by_ids(&mut tx, access.organization(), &ids)
        .await
        .map_err(gateway::store::problem)?)
}

/// Everything about one row.
#[server(name = AskDeliveryDetail, prefix = "/rpc", endpoint = "delivery_detail", input = Json)]
pub async fn delivery_detail(
    organization: OrganizationId,
    id: DeliveryId,
) -> Result<DeliveryDetail, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Viewer)?;
    Ok(gateway::replay::detail(&services, &access, &id).await?)
}

/// The bytes of an event, an edited replay or a refused request. `gone` when they have expired.
#[server(prefix = "/rpc", endpoint = "payload", input = Json)]
pub async fn payload(organization: OrganizationId, id: PayloadId) -> Result<PayloadView, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Viewer)?;
    Ok(gateway::replay::payload(&services, &access, &id).await?)
}

/// Another attempt of the same delivery with the same payload.
#[server(prefix = "/rpc", endpoint = "retry_delivery", input = Json)]
pub async fn retry_delivery(
    organization: OrganizationId,
    id: DeliveryId,
    reason: Option<String>,
) -> Result<Delivery, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Operator)?;
    Ok(gateway::replay::retry(&services, &access, &id, reason).await?)
}

/// A new delivery of the same event, perhaps with a corrected payload or by another route.
#[server(prefix = "/rpc", endpoint = "replay_delivery", input = Json)]
pub async fn replay_delivery(
    organization: OrganizationId,
    id: DeliveryId,
    request: ReplayRequest,
) -> Result<Delivery, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Operator)?;
    Ok(gateway::replay::replay(&services, &access, &id, request).await?)
}

/// Which routes and mapping versions a replay may take.
#[server(name = AskReplayChoices, prefix = "/rpc", endpoint = "replay_choices", input = Json)]
pub async fn replay_choices(organization: OrganizationId, id: DeliveryId) -> Result<ReplayChoices, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Viewer)?;
    Ok(gateway::replay::choices(&services, &access, &id).await?)
}

/// What a replay would send, without sending it.
#[server(name = AskDryRun, prefix = "/rpc", endpoint = "dry_run", input = Json)]
pub async fn dry_run(
    organization: OrganizationId,
    id: DeliveryId,
    request: DryRunRequest,
) -> Result<DryRun, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Operator)?;
    Ok(gateway::replay::dry_run(&services, &access, &id, request).await?)
}

/// Ends a delivery that is waiting for another attempt.
#[server(prefix = "/rpc", endpoint = "cancel_delivery", input = Json)]
pub async fn cancel_delivery(organization: OrganizationId, id: DeliveryId) -> Result<Delivery, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Operator)?;
    Ok(gateway::replay::cancel(&services, &access, &id).await?)
}
