//! What the server gives to its functions: the services, and who is asking.

use std::sync::Arc;

use domain::error::Problem;
use domain::id::OrganizationId;
use domain::user::Role;
use gateway::Services;
use gateway::access::{Access, Principal};
use leptos::prelude::use_context;

use super::RpcError;

/// The running gateway.
pub fn services() -> Result<Arc<Services>, RpcError> {
    use_context::<Arc<Services>>().ok_or_else(|| RpcError(Problem::internal()))
}

/// Who asks, if anybody is signed in.
pub fn caller() -> Result<Option<Principal>, RpcError> {
    let parts = use_context::<http::request::Parts>().ok_or_else(Problem::internal)?;
    Ok(parts.extensions.get::<Principal>().cloned())
}

/// Who asks; a problem when nobody is signed in.
pub fn principal() -> Result<Principal, RpcError> {
    Ok(caller()?.ok_or_else(Problem::unauthenticated)?)
}

/// The running gateway and the caller's access to `organization`, when their role there includes `needed`.
pub fn access(organization: &OrganizationId, needed: Role) -> Result<(Arc<Services>, Access), RpcError> {
    Ok((services()?, principal()?.access(organization, needed)?))
}
