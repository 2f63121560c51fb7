//! Third-party systems, as *Manage integrations* shows them.

use domain::connector::{ConnectionReport, Connector, ConnectorPatch, NewConnector};
use domain::id::{ConnectorId, OrganizationId};
use domain::page::{Page, PageQuery};
use domain::usage::{ConnectorHours, ConnectorUsage};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::RpcError;

/// One page of connectors, by name.
#[server(prefix = "/rpc", endpoint = "list_connectors", input = Json)]
pub async fn list_connectors(
    organization: OrganizationId,
    page: PageQuery,
) -> Result<Page<Connector>, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Viewer)?;
    Ok(gateway::integrations::connectors::list(&services, &access, &page).await?)
}

/// Creates a connector.
#[server(prefix = "/rpc", endpoint = "create_connector", input = Json)]
pub async fn create_connector(
    organization: OrganizationId,
    new: NewConnector,
) -> Result<Connector, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Admin)?;
    Ok(gateway::integrations::connectors::create(&services, &access, new).await?)
}

/// Changes a connector.
#[server(prefix = "/rpc", endpoint = "update_connector", input = Json)]
pub async fn update_connector(
    organization: OrganizationId,
    id: ConnectorId,
    patch: ConnectorPatch,
) -> Result<Connector, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Admin)?;
    Ok(gateway::integrations::connectors::update(&services, &access, &id, patch).await?)
}

/// Deletes a connector with its receivers and routes; its events stay.
#[server(prefix = "/rpc", endpoint = "delete_connector", input = Json)]
pub async fn delete_connector(organization: OrganizationId, id: ConnectorId) -> Result<(), RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Admin)?;
    Ok(gateway::integrations::connectors::delete(&services, &access, &id).await?)
}

/// Asks the third party whether it answers.
#[server(prefix = "/rpc", endpoint = "test_connector", input = Json)]
pub async fn test_connector(
    organization: OrganizationId,
    id: ConnectorId,
) -> Result<ConnectionReport, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Operator)?;
    Ok(gateway::integrations::connectors::test(&services, &access, &id).await?)
}

/// What happened at each connector in each of the last 24 hours.
#[server(name = AskConnectorHours, prefix = "/rpc", endpoint = "connector_hours", input = Json)]
pub async fn connector_hours(organization: OrganizationId) -> Result<Vec<ConnectorHours>, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Viewer)?;
    let now = services.clock.now();
    let mut tx = services.store.read().await.map_err(gateway::store::problem)?;
    Ok(gateway::store::usage::hours(&mut tx, access.organization(), now)
        .await
        .map_err(gateway::store::problem)?)
}

/// What hangs on a connector.
#[server(name = AskConnectorUsage, prefix = "/rpc", endpoint = "connector_usage", input = Json)]
pub async fn connector_usage(
    organization: OrganizationId,
    id: ConnectorId,
) -> Result<ConnectorUsage, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Viewer)?;
    Ok(gateway::integrations::usage::of_connector(&services, &access, &id).await?)
}
