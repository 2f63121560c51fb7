//! People, organizations and what each may do.

use serde::{Deserialize, Serialize};

use crate::environment::InstallationEnvironment;
use crate::id::{OrganizationId, UserId};
use crate::preferences::Preferences;
use crate::text_enum;
use crate::time::Timestamp;

text_enum! {
    /// What somebody may do in an organization, from least to most. The order is meaningful.
    Role {
        /// Read.
        Viewer = "viewer",
        /// Read, retry, replay.
        Operator = "operator",
        /// Everything in the organization.
        Admin = "admin",
    }
}

impl Role {
    /// Whether this role includes what `needed` may do.
    pub fn allows(self, needed: Role) -> bool {
        self >= needed
    }
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name for people.
    pub name: String,
    /// Its name in addresses; unique.
    pub slug: String,
    /// When it was created.
    pub created_at: Timestamp,
}

/// What is needed to create an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewOrganization {
    /// See [`Organization::name`].
    pub name: String,
    /// See [`Organization::slug`].
    pub slug: String,
}

/// A person who signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their address, in lower case; unique.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Whether they administrate the whole installation.
    pub global_admin: bool,
    /// Whether they may sign in.
    pub active: bool,
    /// When they last signed in.
    pub last_login_at: Option<Timestamp>,
    /// When they were added.
    pub created_at: Timestamp,
}

/// A person as a member of one organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    /// The person.
    pub user: User,
    /// What they may do here.
    pub role: Role,
}

/// What is needed to add a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewMember {
    /// See [`User::email`].
    pub email: String,
    /// See [`User::name`].
    pub name: String,
    /// What they may do here.
    pub role: Role,
    /// Their first password, at least 12 characters. Write-only; not needed when they already have an account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// What may change about a member.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberPatch {
    /// What they may do here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// The answer to the set-up link: the first administrator and organization.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetupRequest {
    /// The token of the link.
    pub token: String,
    /// The administrator's name.
    pub name: String,
    /// The administrator's address.
    pub email: String,
    /// The administrator's password, at least 12 characters.
    pub password: String,
    /// The organization's name.
    pub organization: String,
    /// The organization's name in addresses.
    pub slug: String,
}

/// An attempt to sign in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginRequest {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
}

macro_rules! hidden_debug {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "([sealed])"))
            }
        }
    )*};
}
hidden_debug!(NewMember, SetupRequest, LoginRequest);

/// An organization as a signed-in person sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrganizationAccess {
    /// The organization.
    pub organization: Organization,
    /// What the person may do in it.
    pub role: Role,
}

/// Who is signed in and what the console needs to begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionInfo {
    /// The person.
    pub user: User,
    /// Where they may work; all organizations for a global administrator.
    pub organizations: Vec<OrganizationAccess>,
    /// The key of the realtime application, for `/app/{key}`.
    pub realtime_key: String,
    /// Where senders reach this installation, without a slash at the end.
    pub public_url: String,
    /// The server's version.
    pub version: String,
    /// What the installation is for, when somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<InstallationEnvironment>,
    /// What the person chose about the console.
    #[serde(default)]
    pub preferences: Preferences,
}

/// Brings an address into the form it is stored in; `None` when it cannot be one.
pub fn normalize_email(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (local, host) = text.split_once('@')?;
    let fine = !local.is_empty()
        && !host.is_empty()
        && !host.contains('@')
        && text.len() <= 254
        && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    fine.then_some(text)
}

/// The shortest password, in characters.
pub const MIN_PASSWORD: usize = 12;
/// The longest password, in bytes: hashing more would only burn time.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// Why a password will not do; `None` means that it will.
pub fn check_password(password: &str) -> Option<&'static str> {
    if password.chars().count() < MIN_PASSWORD {
        Some("Use at least 12 characters.")
    } else if password.len() > MAX_PASSWORD_BYTES {
        Some("Use at most 1,024 bytes.")
    } else {
        None
    }
}

/// Why a text cannot be an organization's name in addresses; `None` means that it can.
pub fn check_slug(slug: &str) -> Option<&'static str> {
    match slug.parse::<crate::connector::ConnectorCode>() {
        Ok(_) => None,
        Err(_) => Some("Use 2 to 64 characters: a-z, 0-9 and single hyphens inside."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_include_the_lower_ones() {
        assert!(Role::Admin.allows(Role::Operator) && Role::Operator.allows(Role::Viewer));
        assert!(!Role::Viewer.allows(Role::Operator));
    }

    #[test]
    fn addresses_are_normalized() {
        assert_eq!(normalize_email(" Ada@Example.COM ").as_deref(), Some("ada@example.com"));
        assert_eq!(normalize_email("ada"), None);
        assert_eq!(normalize_email("a b@c"), None);
    }

    #[test]
    fn passwords_do_not_print() {
        let login = LoginRequest { email: "a@b".into(), password: "correct horse".into() };
        assert!(!format!("{login:?}").contains("correct"));
    }
}
