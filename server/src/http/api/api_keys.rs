//! Programs' access to an organization.

use std::sync::Arc;

use axum::extract::State;
use domain::api_key::{ApiKey, ApiKeyWithSecret, NewApiKey};
use domain::id::ApiKeyId;
use domain::page::{Page, PageQuery};
use gateway::Services;
use gateway::accounts::api_keys;
use http::StatusCode;

use super::Problems;
use crate::http::extract::{Admin, ApiJson, ApiPath, ApiQuery};
use crate::http::problem::ApiResult;

/// Makes an API key; the key itself is in the answer, and never again.
#[utoipa::path(
    post, path = "/api-keys", tag = "accounts", request_body = NewApiKey,
    responses((status = 201, body = ApiKeyWithSecret), Problems)
)]
pub async fn create_api_key(
    State(services): State<Arc<Services>>,
    Admin(access): Admin,
    ApiJson(new): ApiJson<NewApiKey>,
) -> ApiResult<(StatusCode, ApiJson<ApiKeyWithSecret>)> {
    Ok((StatusCode::CREATED, ApiJson(api_keys::create(&services, &access, new).await?)))
}

/// One page of API keys, newest first.
#[utoipa::path(
    get, path = "/api-keys", tag = "accounts", params(PageQuery),
    responses((status = 200, body = Page<ApiKey>), Problems)
)]
pub async fn list_api_keys(
    State(services): State<Arc<Services>>,
    Admin(access): Admin,
    ApiQuery(page): ApiQuery<PageQuery>,
) -> ApiResult<ApiJson<Page<ApiKey>>> {
    Ok(ApiJson(api_keys::list(&services, &access, &page).await?))
}

/// Ends an API key at once.
#[utoipa::path(
    delete, path = "/api-keys/{id}", tag = "accounts", params(("id" = String, Path)),
    responses((status = 204), Problems)
)]
pub async fn revoke_api_key(
    State(services): State<Arc<Services>>,
    Admin(access): Admin,
    ApiPath(id): ApiPath<ApiKeyId>,
) -> ApiResult<StatusCode> {
    api_keys::revoke(&services, &access, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
