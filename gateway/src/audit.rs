//! Who did what: one row for every change, written in the change's own transaction, so that neither can be without
//! the other.
//!
//! Invariant: no secret ever gets here. What is recorded about a change is its subject's id, and of the fields that
//! anybody may read the plain ones with their values, all others (headers, schemas, mappings) by name only.

use domain::id::{AuditId, OrganizationId};
use domain::time::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::access::{Access, Actor};
use crate::store::{self, Tx};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What was done.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Action {
            $($(#[$doc])* $name),*
        }

        impl Action {
            /// The word for it in the log.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

actions! {
    /// A set-up link was made; older ones ended.
    SetupLinkCreated = "setup_link.created",
    /// The first administrator and organization were made with a set-up link.
    InstallationSetUp = "installation.set_up",
    /// An organization was made.
    OrganizationCreated = "organization.created",
    /// An account was made.
    UserCreated = "user.created",
    /// An account may no longer sign in; its sessions ended.
    UserDeactivated = "user.deactivated",
    /// An account may sign in again.
    UserActivated = "user.activated",
    /// A password was replaced; the account's sessions ended.
    UserPasswordSet = "user.password_set",
    /// Somebody signed in.
    SessionStarted = "session.started",
    /// Somebody signed out.
    SessionEnded = "session.ended",
    /// A person became a member.
    MemberAdded = "member.added",
    /// What a member may do was changed.
    MemberChanged = "member.changed",
    /// A membership ended.
    MemberRemoved = "member.removed",
    /// An API key was made.
    ApiKeyCreated = "api_key.created",
    /// An API key ended.
    ApiKeyRevoked = "api_key.revoked",
    /// A connector was made.
    ConnectorCreated = "connector.created",
    /// A connector was changed.
    ConnectorUpdated = "connector.updated",
    /// A connector was deleted with its receivers and routes.
    ConnectorDeleted = "connector.deleted",
    /// A receiver was made.
    ReceiverCreated = "receiver.created",
    /// A receiver was changed.
    ReceiverUpdated = "receiver.updated",
    /// A receiver got a new secret.
    ReceiverSecretRotated = "receiver.secret_rotated",
    /// A sample was signed with a receiver's secret and sent to it.
    ReceiverSampleSent = "receiver.sample_sent",
    /// A receiver was deleted with its routes.
    ReceiverDeleted = "receiver.deleted",
    /// A route was made.
    RouteCreated = "route.created",
    /// A route was changed.
    RouteUpdated = "route.updated",
    /// A route was deleted.
    RouteDeleted = "route.deleted",
    /// A delivery was tried again with the same payload.
    DeliveryRetried = "delivery.retried",
    /// A delivery was replayed, perhaps with a corrected payload.
    DeliveryReplayed = "delivery.replayed",
    /// A delivery that waited for another attempt was ended.
    DeliveryCanceled = "delivery.canceled",
    /// A batch of deliveries is tried again; which batch is noted with each of them.
    RetryJobCreated = "retry_job.created",
    /// A batch was stopped for now.
    RetryJobPaused = "retry_job.paused",
    /// A batch goes on.
    RetryJobResumed = "retry_job.resumed",
    /// A batch was ended.
    RetryJobCanceled = "retry_job.canceled",
}

impl Actor {
    /// How the log names them: by id, because names change.
    fn as_audited(&self) -> &str {
        match self {
            Self::User { id, .. } => id.as_str(),
            Self::ApiKey { id, .. } => id.as_str(),
            Self::CommandLine => "command_line",
        }
    }
}

/// Records a change in an organization.
pub async fn record(
    tx: &mut Tx,
    access: &Access,
    now: Timestamp,
    action: Action,
    subject: &str,
    detail: Value,
) -> store::Result<()> {
    write(tx, Some(access.organization()), access.actor(), now, action, subject, detail).await
}

/// Records a change of the installation itself.
pub async fn record_of_installation(
    tx: &mut Tx,
    actor: &Actor,
    now: Timestamp,
    action: Action,
    subject: &str,
    detail: Value,
) -> store::Result<()> {
    write(tx, None, actor, now, action, subject, detail).await
}

async fn write(
    tx: &mut Tx,
    organization: Option<&OrganizationId>,
    actor: &Actor,
    now: Timestamp,
    action: Action,
    subject: &str,
    detail: Value,
) -> store::Result<()> {
    let row = store::audit::AuditRow {
        id: AuditId::new(now),
        organization_id: organization.cloned(),
        at: now,
        actor: actor.as_audited().to_owned(),
        action: action.as_str().to_owned(),
        subject: subject.to_owned(),
        detail,
    };
    store::audit::insert(tx, &row).await
}

/// What is different between two states of a thing that anybody may read: `{"name": {"from": …, "to": …}}` for plain
/// values, `{"headers": "changed"}` for all others. When a thing was changed is on the row itself.
pub(crate) fn changes<T: Serialize>(before: &T, after: &T) -> Value {
    let (before, after) = (fields(before), fields(after));
    let mut changed = Map::new();
    for (name, to) in after {
        let from = before.get(&name).unwrap_or(&Value::Null);
        if *from == to || name == "updated_at" {
            continue;
        }
        let plain = |value: &Value| !value.is_object() && !value.is_array();
        let change =
            if plain(from) && plain(&to) { json!({ "from": from, "to": to }) } else { json!("changed") };
        changed.insert(name, change);
    }
    Value::Object(changed)
}

fn fields(thing: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(thing) {
        Ok(Value::Object(fields)) => fields,
        // Only ever called with the structs of `domain`, which are JSON objects.
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Thing {
        name: &'static str,
        same: u8,
        headers: Vec<&'static str>,
        updated_at: u8,
    }

    #[test]
    fn plain_fields_are_told_and_others_only_named() {
        let before = Thing { name: "a", same: 1, headers: vec![], updated_at: 1 };
        let after = Thing { name: "b", same: 1, headers: vec!["x-token: s3cret"], updated_at: 2 };
        assert_eq!(
            changes(&before, &after),
            json!({ "name": { "from": "a", "to": "b" }, "headers": "changed" })
        );
    }
}
