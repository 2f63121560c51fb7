//! Who asks, and what they may do: the one place that decides.
//!
//! The HTTP layer turns a session's cookie or an API key into a [`Principal`]. Whatever touches an organization's
//! data turns the principal into an [`Access`] first; store functions take the organization from there.
//! Somebody without membership hears the same "not found" as for an organization that does not exist.

use domain::error::Problem;
use domain::id::{ApiKeyId, OrganizationId, SessionId, UserId};
use domain::user::Role;

/// Who did something, as the audit log and replays name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A signed-in person.
    User {
        /// Their id.
        id: UserId,
        /// Their name.
        name: String,
        /// The session they use.
        session: SessionId,
    },
    /// A program.
    ApiKey {
        /// The key's id.
        id: ApiKeyId,
        /// The key's name.
        name: String,
    },
    /// The command line on the server's own machine.
    CommandLine,
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::User { name, .. } => f.write_str(name),
            Self::ApiKey { name, .. } => write!(f, "API key {name}"),
            Self::CommandLine => f.write_str("command line"),
        }
    }
}

/// Somebody who proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Who.
    pub actor: Actor,
    /// Whether they administrate the whole installation.
    pub global_admin: bool,
    /// Where they are a member, and as what. A global administrator need not be a member.
    pub memberships: Vec<(OrganizationId, Role)>,
}

impl Principal {
    /// Access to `organization`, when the role there includes `needed`.
    pub fn access(&self, organization: &OrganizationId, needed: Role) -> Result<Access, Problem> {
        let member = self.memberships.iter().find(|(id, _)| id == organization).map(|(_, role)| *role);
        let role = if self.global_admin { Some(Role::Admin) } else { member };
        match role {
            None => Err(Problem::not_found("organization")),
            Some(role) if !role.allows(needed) => Err(Problem::forbidden(needed.as_str())),
            Some(role) => Ok(Access { organization: organization.clone(), role, actor: self.actor.clone() }),
        }
    }

    /// Fine for administrators of the whole installation only.
    pub fn require_global_admin(&self) -> Result<(), Problem> {
        if self.global_admin { Ok(()) } else { Err(Problem::forbidden("global_admin")) }
    }
}

/// A decided right to work in one organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    organization: OrganizationId,
    role: Role,
    actor: Actor,
}

impl Access {
    /// For the command line on the server's own machine, and for what the server does by itself.
    pub fn of_command_line(organization: OrganizationId) -> Self {
        Self { organization, role: Role::Admin, actor: Actor::CommandLine }
    }
    /// The organization.
    pub fn organization(&self) -> &OrganizationId {
        &self.organization
    }
    /// The role there.
    pub fn role(&self) -> Role {
        self.role
    }
    /// Who.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::Timestamp;

    fn somebody(memberships: Vec<(OrganizationId, Role)>, global_admin: bool) -> Principal {
        Principal { actor: Actor::CommandLine, global_admin, memberships }
    }

    #[test]
    fn strangers_hear_not_found_and_members_hear_forbidden() {
        let (own, foreign) = (OrganizationId::new(Timestamp(1)), OrganizationId::new(Timestamp(2)));
        let viewer = somebody(vec![(own.clone(), Role::Viewer)], false);
        assert!(viewer.access(&own, Role::Viewer).is_ok());
        assert_eq!(viewer.access(&own, Role::Operator).unwrap_err().status, 403);
        assert_eq!(viewer.access(&foreign, Role::Viewer).unwrap_err().status, 404);
        let root = somebody(vec![], true);
        assert_eq!(root.access(&foreign, Role::Admin).unwrap().organization(), &foreign);
    }
}
