//! Tenants, as far as the caller may know of them.

use std::sync::Arc;

use axum::extract::State;
use domain::user::{NewOrganization, Organization, OrganizationAccess, Role};
use gateway::accounts::organizations;
use gateway::{Services, store};
use http::StatusCode;

use super::Problems;
use crate::http::extract::{ApiJson, Caller};
use crate::http::problem::ApiResult;

/// Creates an organization; for global administrators.
#[utoipa::path(
    post, path = "/organizations", tag = "accounts", request_body = NewOrganization,
    responses((status = 201, body = Organization), Problems)
)]
pub async fn create_organization(
    State(services): State<Arc<Services>>,
    Caller(principal): Caller,
    ApiJson(new): ApiJson<NewOrganization>,
) -> ApiResult<(StatusCode, ApiJson<Organization>)> {
    Ok((StatusCode::CREATED, ApiJson(organizations::create(&services, &principal, new).await?)))
}

/// The organizations where the caller may work, with their role there.
#[utoipa::path(
    get, path = "/organizations", tag = "accounts",
    responses((status = 200, body = Vec<OrganizationAccess>), Problems)
)]
pub async fn list_organizations(
    State(services): State<Arc<Services>>,
    Caller(principal): Caller,
) -> ApiResult<ApiJson<Vec<OrganizationAccess>>> {
    let mut tx = services.store.read().await?;
    if principal.global_admin {
        let all = store::organizations::list_all(&mut tx).await?;
        let as_admin = |organization| OrganizationAccess { organization, role: Role::Admin };
        return Ok(ApiJson(all.into_iter().map(as_admin).collect()));
    }
    let mut found = Vec::with_capacity(principal.memberships.len());
    for (id, role) in principal.memberships {
        if let Some(organization) = store::organizations::find(&mut tx, &id).await? {
            found.push(OrganizationAccess { organization, role });
        }
    }
    Ok(ApiJson(found))
}
