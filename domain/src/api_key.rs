//! API keys: a program's access to one organization.

use serde::{Deserialize, Serialize};

use crate::id::{ApiKeyId, OrganizationId};
use crate::time::Timestamp;
use crate::user::Role;

/// What every API key begins with.
pub const PREFIX: &str = "sbx_";

/// An API key as anybody may read it: never the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The tenant it opens.
    pub organization_id: OrganizationId,
    /// What it is for.
    pub name: String,
    /// Its first characters, enough to tell keys apart.
    pub hint: String,
    /// What it may do.
    pub role: Role,
    /// From then on it is refused; absent when it does not expire.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What is needed to make an API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewApiKey {
    /// See [`ApiKey::name`].
    pub name: String,
    /// See [`ApiKey::role`].
    pub role: Role,
    /// See [`ApiKey::expires_at`].
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// A key right after it was made: the only time it is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyWithSecret {
    /// The key's facts.
    pub api_key: ApiKey,
    /// The key itself, `sbx_…`.
    pub secret: String,
}
