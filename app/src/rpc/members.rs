//! The people of an organization, and new organizations.

use domain::id::{OrganizationId, UserId};
use domain::page::{Page, PageQuery};
use domain::user::{Member, MemberPatch, NewMember, NewOrganization, Organization};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::RpcError;

/// One page of the organization's people, by address.
#[server(prefix = "/rpc", endpoint = "list_members", input = Json)]
pub async fn list_members(organization: OrganizationId, page: PageQuery) -> Result<Page<Member>, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Admin)?;
    Ok(gateway::accounts::members::list(&services, &access, &page).await?)
}

/// Adds a person, creating their account when they have none.
#[server(prefix = "/rpc", endpoint = "add_member", input = Json)]
pub async fn add_member(organization: OrganizationId, new: NewMember) -> Result<Member, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Admin)?;
    Ok(gateway::accounts::members::add(&services, &access, new).await?)
}

/// Changes what a person may do here.
#[server(prefix = "/rpc", endpoint = "change_member", input = Json)]
pub async fn change_member(
    organization: OrganizationId,
    id: UserId,
    patch: MemberPatch,
) -> Result<Member, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Admin)?;
    Ok(gateway::accounts::members::change(&services, &access, &id, patch).await?)
}

/// Takes a person out of the organization; their sessions lose it at once.
#[server(prefix = "/rpc", endpoint = "remove_member", input = Json)]
pub async fn remove_member(organization: OrganizationId, id: UserId) -> Result<(), RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Admin)?;
    Ok(gateway::accounts::members::remove(&services, &access, &id).await?)
}

/// Creates an organization; for global administrators.
#[server(prefix = "/rpc", endpoint = "create_organization", input = Json)]
pub async fn create_organization(new: NewOrganization) -> Result<Organization, RpcError> {
    let services = super::context::services()?;
    Ok(gateway::accounts::organizations::create(&services, &super::context::principal()?, new).await?)
}
