//! The people of an organization.

use std::sync::Arc;

use axum::extract::State;
use domain::id::UserId;
use domain::page::{Page, PageQuery};
use domain::user::{Member, MemberPatch, NewMember};
use gateway::Services;
use gateway::accounts::members;
use http::StatusCode;

use super::Problems;
use crate::http::extract::{Admin, ApiJson, ApiPath, ApiQuery};
use crate::http::problem::ApiResult;

/// Adds a person, creating their account when they have none.
#[utoipa::path(
    post, path = "/members", tag = "accounts", request_body = NewMember,
    responses((status = 201, body = Member), Problems)
)]
pub async fn add_member(
    State(services): State<Arc<Services>>,
    Admin(access): Admin,
    ApiJson(new): ApiJson<NewMember>,
) -> ApiResult<(StatusCode, ApiJson<Member>)> {
    Ok((StatusCode::CREATED, ApiJson(members::add(&services, &access, new).await?)))
}

/// One page of people, by address.
#[utoipa::path(
    get, path = "/members", tag = "accounts", params(PageQuery),
    responses((status = 200, body = Page<Member>), Problems)
)]
pub async fn list_members(
    State(services): State<Arc<Services>>,
    Admin(access): Admin,
    ApiQuery(page): ApiQuery<PageQuery>,
) -> ApiResult<ApiJson<Page<Member>>> {
    Ok(ApiJson(members::list(&services, &access, &page).await?))
}

/// Changes what a person may do here.
#[utoipa::path(
    patch, path = "/members/{id}", tag = "accounts", params(("id" = String, Path)), request_body = MemberPatch,
    responses((status = 200, body = Member), Problems)
)]
pub async fn change_member(
    State(services): State<Arc<Services>>,
    Admin(access): Admin,
    ApiPath(id): ApiPath<UserId>,
    ApiJson(patch): ApiJson<MemberPatch>,
) -> ApiResult<ApiJson<Member>> {
    Ok(ApiJson(members::change(&services, &access, &id, patch).await?))
}

/// Takes a person out of the organization; their sessions lose it at once.
#[utoipa::path(
    delete, path = "/members/{id}", tag = "accounts", params(("id" = String, Path)),
    responses((status = 204), Problems)
)]
pub async fn remove_member(
    State(services): State<Arc<Services>>,
    Admin(access): Admin,
    ApiPath(id): ApiPath<UserId>,
) -> ApiResult<StatusCode> {
    members::remove(&services, &access, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
