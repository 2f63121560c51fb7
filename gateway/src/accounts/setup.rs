//! The first administrator comes in by a link that works once.
//!
//! Invariant: set-up happens once. Making and using links wait for one another, and both look whether anybody is
//! there; so of two people with a link, or of two links, exactly one wins.

use domain::error::Problem;
use domain::id::{OrganizationId, UserId};
use domain::time::{HOUR, Timestamp};
use domain::user::{Organization, Role, SessionInfo, SetupRequest, User};
use serde_json::json;
use zeroize::Zeroizing;

use super::sessions::{self, SessionToken};
use super::{Peer, tokens};
use crate::Services;
use crate::access::Actor;
use crate::audit::{self, Action};
use crate::input::Checks;
use crate::store::{self, Tx, setup_links::StoredSetupLink, users::StoredUser};

/// How long a link can be used, microseconds (1 hour).
pub const VALID: i64 = HOUR;

/// A new link.
#[derive(Clone, PartialEq, Eq)]
pub struct SetupLink {
    /// What the link carries. Whoever has it becomes the administrator.
    pub token: String,
    /// From then on it is no longer accepted.
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for SetupLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SetupLink").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Makes a link; earlier ones end.
///
/// # Errors
/// 409 `already_set_up` when there is an account.
pub async fn create_setup_link(services: &Services) -> Result<SetupLink, Problem> {
    let now = services.clock.now();
    let token = tokens::new_token()?;
    let expires_at = now.plus(VALID);
    let mut tx = services.store.write().await?;
    store::setup_links::lock(&mut tx, now).await?;
    refuse_when_set_up(&mut tx).await?;
    let link =
        StoredSetupLink { token_hash: tokens::hash(&token), created_at: now, expires_at, used_at: None };
    store::setup_links::replace(&mut tx, &link).await?;
    let detail = json!({ "expires_at": expires_at });
    audit::record_of_installation(
        &mut tx,
        &Actor::CommandLine,
        now,
        Action::SetupLinkCreated,
        "setup_link",
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(SetupLink { token: token.to_string(), expires_at })
}

/// Whether a link can still be used.
///
/// # Errors
/// 409 `already_set_up`; 410 `setup_link_expired`; 404 `setup_link_unknown`.
pub async fn check_setup(services: &Services, token: &str) -> Result<(), Problem> {
    let mut tx = services.store.read().await?;
    check(&mut tx, token, services.clock.now()).await
}

async fn check(tx: &mut Tx, token: &str, now: Timestamp) -> Result<(), Problem> {
    refuse_when_set_up(tx).await?;
    let link = match tokens::is_token(token) {
        true => store::setup_links::find(tx, &tokens::hash(token)).await?,
        false => None,
    };
    match link {
        None => Err(Problem::new(
            404,
            "setup_link_unknown",
            "Unknown link",
            "This set-up link is not the newest one. Run `signalbox user setup-link` for another.",
        )),
        Some(link) if link.used_at.is_some() || link.expires_at <= now => Err(Problem::new(
            410,
            "setup_link_expired",
            "Link expired",
            "This set-up link is over: it works once, for an hour. Run `signalbox user setup-link` for another.",
        )),
        Some(_) => Ok(()),
    }
}

async fn refuse_when_set_up(tx: &mut Tx) -> Result<(), Problem> {
    if store::users::any(tx).await? {
        return Err(Problem::conflict("already_set_up", "Signalbox is set up already. Sign in."));
    }
    Ok(())
}

/// Creates the first administrator and organization, and signs them in.
///
/// # Errors
/// Those of [`check_setup`], and 422 with the fields that need attention.
pub async fn setup(
    services: &Services,
    request: SetupRequest,
    peer: &Peer,
) -> Result<(SessionInfo, SessionToken), Problem> {
    // First of all: without a good link nobody gets to spend our time on hashing.
    check_setup(services, &request.token).await?;
    let password = Zeroizing::new(request.password);
    let mut checks = Checks::default();
    let name = checks.name("/name", &request.name);
    let email = checks.email("/email", &request.email);
    checks.password("/password", &password);
    let organization_name = checks.name("/organization", &request.organization);
    checks.slug("/slug", &request.slug);
    checks.finish()?;

    let password_hash = services.sign_in.passwords.hash(password).await?;
    let now = services.clock.now();
    let user = User {
        id: UserId::new(now),
        email,
        name,
        global_admin: true,
        active: true,
        last_login_at: Some(now),
        created_at: now,
    };
    let organization = Organization {
        id: OrganizationId::new(now),
        name: organization_name,
        slug: request.slug,
        created_at: now,
    };
    let mut tx = services.store.write().await?;
    store::setup_links::lock(&mut tx, now).await?;
    check(&mut tx, &request.token, now).await?;
    store::setup_links::use_up(&mut tx, &tokens::hash(&request.token), now).await?;
    store::users::insert(&mut tx, &StoredUser { user: user.clone(), password_hash }).await?;
    store::organizations::insert(&mut tx, &organization).await?;
    store::members::insert(&mut tx, &organization.id, &user.id, Role::Admin, now).await?;
    let (actor, token) = sessions::open(&mut tx, &user, peer, now).await?;
    let detail = json!({ "organization": organization.id, "email": user.email });
    audit::record_of_installation(&mut tx, &actor, now, Action::InstallationSetUp, user.id.as_str(), detail)
        .await?;
    let info = sessions::describe(services, &mut tx, user).await?;
    tx.commit().await?;
    Ok((info, token))
}
