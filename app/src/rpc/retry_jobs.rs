//! Batches of retries.

use domain::id::{OrganizationId, RetryJobId};
use domain::page::{Page, PageQuery};
use domain::retry_job::{NewRetryJob, RetryJob, RetryJobDetail, RetryPreview, RetrySelection};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::RpcError;

/// What a batch would do, by what stopped the deliveries.
#[server(prefix = "/rpc", endpoint = "preview_retry_job", input = Json)]
pub async fn preview_retry_job(
    organization: OrganizationId,
    selection: RetrySelection,
) -> Result<RetryPreview, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Viewer)?;
    Ok(gateway::retry_jobs::preview(&services, &access, &selection).await?)
}

/// Makes a batch; it begins at once.
#[server(prefix = "/rpc", endpoint = "create_retry_job", input = Json)]
pub async fn create_retry_job(organization: OrganizationId, new: NewRetryJob) -> Result<RetryJob, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Operator)?;
    Ok(gateway::retry_jobs::create(&services, &access, new).await?)
}

/// One page of batches, newest first.
#[server(prefix = "/rpc", endpoint = "list_retry_jobs", input = Json)]
pub async fn list_retry_jobs(
    organization: OrganizationId,
    page: PageQuery,
) -> Result<Page<RetryJob>, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Viewer)?;
    Ok(gateway::retry_jobs::list(&services, &access, &page).await?)
}

/// A batch and what became of its deliveries.
#[server(name = AskRetryJob, prefix = "/rpc", endpoint = "retry_job", input = Json)]
pub async fn retry_job(organization: OrganizationId, id: RetryJobId) -> Result<RetryJobDetail, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Viewer)?;
    Ok(gateway::retry_jobs::read(&services, &access, &id).await?)
}

/// Stops a batch for now.
#[server(prefix = "/rpc", endpoint = "pause_retry_job", input = Json)]
pub async fn pause_retry_job(organization: OrganizationId, id: RetryJobId) -> Result<RetryJob, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Operator)?;
    Ok(gateway::retry_jobs::pause(&services, &access, &id).await?)
}

/// Lets a batch go on.
#[server(prefix = "/rpc", endpoint = "resume_retry_job", input = Json)]
pub async fn resume_retry_job(organization: OrganizationId, id: RetryJobId) -> Result<RetryJob, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Operator)?;
    Ok(gateway::retry_jobs::resume(&services, &access, &id).await?)
}

/// Ends a batch; what it put back in the queue stays there.
#[server(prefix = "/rpc", endpoint = "cancel_retry_job", input = Json)]
pub async fn cancel_retry_job(organization: OrganizationId, id: RetryJobId) -> Result<RetryJob, RpcError> {
    let (services, access) = super::context::access(&organization, domain::user::Role::Operator)?;
    Ok(gateway::retry_jobs::cancel(&services, &access, &id).await?)
}
