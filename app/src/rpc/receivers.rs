//! Inbound doors, as *Manage integrations* shows them.

use domain::id::{ConnectorId, OrganizationId, ReceiverId};
use domain::page::{Page, PageQuery};
use domain::receiver::{NewReceiver, Receiver, ReceiverPatch, ReceiverWithSecret, RotateSecret};
use domain::sample::{SampleOutcome, SampleRequest};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::RpcError;

/// One page of receivers, of one connector or of all.
#[server(prefix = "/rpc", endpoint = "list_receivers", input = Json)]
pub async fn list_receivers(
    organization: OrganizationId,
    connector_id: Option<ConnectorId>,
    page: PageQuery,
) -> Result<Page<Receiver>, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Viewer)?;
    Ok(gateway::integrations::receivers::list(&services, &access, connector_id.as_ref(), &page).await?)
}

/// Creates a receiver; a secret that was made here is in the answer, and never again.
#[server(prefix = "/rpc", endpoint = "create_receiver", input = Json)]
pub async fn create_receiver(
    organization: OrganizationId,
    new: NewReceiver,
) -> Result<ReceiverWithSecret, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Admin)?;
    Ok(gateway::integrations::receivers::create(&services, &access, new).await?)
}

/// Changes a receiver.
#[server(prefix = "/rpc", endpoint = "update_receiver", input = Json)]
pub async fn update_receiver(
    organization: OrganizationId,
    id: ReceiverId,
    patch: ReceiverPatch,
) -> Result<Receiver, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Admin)?;
    Ok(gateway::integrations::receivers::update(&services, &access, &id, patch).await?)
}

/// Deletes a receiver with its routes; its events stay.
#[server(prefix = "/rpc", endpoint = "delete_receiver", input = Json)]
pub async fn delete_receiver(organization: OrganizationId, id: ReceiverId) -> Result<(), RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Admin)?;
    Ok(gateway::integrations::receivers::delete(&services, &access, &id).await?)
}

/// Sets a new secret; the old one is accepted for the overlap.
#[server(name = AskRotateSecret, prefix = "/rpc", endpoint = "rotate_secret", input = Json)]
pub async fn rotate_secret(
    organization: OrganizationId,
    id: ReceiverId,
    request: RotateSecret,
) -> Result<ReceiverWithSecret, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Admin)?;
    Ok(gateway::integrations::receivers::rotate_secret(&services, &access, &id, request).await?)
}

/// Signs a sample with the receiver's own secret and sends it through the real door.
#[server(prefix = "/rpc", endpoint = "send_sample", input = Json)]
pub async fn send_sample(
    organization: OrganizationId,
    id: ReceiverId,
    sample: SampleRequest,
) -> Result<SampleOutcome, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Operator)?;
    Ok(gateway::integrations::samples::send(&services, &access, &id, sample).await?)
}
