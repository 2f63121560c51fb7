//! Sessions: a random token in the browser's cookie, its hash in the store.

use domain::error::Problem;
use domain::id::SessionId;
use domain::time::{DAY, HOUR, MINUTE, Timestamp};
use domain::user::{OrganizationAccess, Role, SessionInfo, User};
use serde_json::json;
use zeroize::Zeroizing;

use super::{Peer, tokens};
use crate::Services;
use crate::access::{Actor, Principal};
use crate::audit::{self, Action};
use crate::store::{self, Tx, sessions::StoredSession};

/// A session that is not used for so long ends, microseconds (12 hours).
pub const IDLE: i64 = 12 * HOUR;
/// No session lasts longer, however much it is used, microseconds (7 days). The cookie may live as long.
pub const LONGEST: i64 = 7 * DAY;
/// How often the store learns that a session is used, microseconds: a write per request would be too dear.
const NOTICE: i64 = MINUTE;
/// How much is kept of what a browser says about itself, characters.
const USER_AGENT: usize = 300;

/// What the browser keeps: whoever has it is signed in. Never prints.
#[derive(Clone)]
pub struct SessionToken(Zeroizing<String>);

impl SessionToken {
    /// The token, for the cookie and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionToken([sealed])")
    }
}

/// When a session that is used now ends.
fn expiry(created_at: Timestamp, now: Timestamp) -> Timestamp {
    now.plus(IDLE).min(created_at.plus(LONGEST))
}

/// Begins a session in the caller's transaction, which records it as well.
pub(super) async fn open(
    tx: &mut Tx,
    user: &User,
    peer: &Peer,
    now: Timestamp,
) -> Result<(Actor, SessionToken), Problem> {
    let token = tokens::new_token()?;
    let session = StoredSession {
        id: SessionId::new(now),
        token_hash: tokens::hash(&token),
        user_id: user.id.clone(),
        created_at: now,
        last_seen_at: now,
        expires_at: expiry(now, now),
        remote_addr: peer.address.map(|address| address.to_string()),
        user_agent: peer.user_agent.as_ref().map(|text| text.chars().take(USER_AGENT).collect()),
    };
    // Here is where sessions are written anyway, so here is where the old ones go.
    store::sessions::delete_expired(tx, now).await?;
    store::sessions::insert(tx, &session).await?;
    store::users::record_login(tx, &user.id, now).await?;
    let actor = Actor::User { id: user.id.clone(), name: user.name.clone(), session: session.id.clone() };
    let detail = json!({ "session": session.id, "remote_addr": session.remote_addr });
    audit::record_of_installation(tx, &actor, now, Action::SessionStarted, user.id.as_str(), detail).await?;
    Ok((actor, SessionToken(token)))
}

/// Who is signed in with this token; none when it is unknown, has expired, or its person may not sign in any more.
///
/// # Errors
/// 503 or 500 when the store cannot say: that is not the same as "nobody".
pub async fn resolve_session(services: &Services, token: &str) -> Result<Option<Principal>, Problem> {
    if !tokens::is_token(token) {
        return Ok(None);
    }
    let now = services.clock.now();
    let mut tx = services.store.read().await?;
    let Some(session) = store::sessions::find_live(&mut tx, &tokens::hash(token), now).await? else {
        return Ok(None);
    };
    let memberships = store::members::roles_of_user(&mut tx, &session.user.id).await?;
    drop(tx);
    if now.since(session.last_seen_at) >= NOTICE
        && let Err(error) = touch(services, &session, now).await
    {
        // Who asks has proven who they are; that their session ends a little earlier is no reason to refuse.
        tracing::warn!(%error, session = %session.id, "could not note that a session was used");
    }
    Ok(Some(Principal {
        actor: Actor::User { id: session.user.id, name: session.user.name, session: session.id },
        global_admin: session.user.global_admin,
        memberships,
    }))
}

async fn touch(
    services: &Services,
    session: &store::sessions::LiveSession,
    now: Timestamp,
) -> store::Result<()> {
    let mut tx = services.store.write().await?;
    store::sessions::touch(&mut tx, &session.id, now, expiry(session.created_at, now)).await?;
    tx.commit().await
}

/// Ends the session that `principal` uses; nothing to do for a program.
///
/// # Errors
/// 503 or 500 when the store cannot do it.
pub async fn logout(services: &Services, principal: &Principal) -> Result<(), Problem> {
    let Actor::User { id, session, .. } = &principal.actor else { return Ok(()) };
    let now = services.clock.now();
    let mut tx = services.store.write().await?;
    if store::sessions::delete(&mut tx, session).await? {
        let detail = json!({ "session": session });
        audit::record_of_installation(
            &mut tx,
            &principal.actor,
            now,
            Action::SessionEnded,
            id.as_str(),
            detail,
        )
        .await?;
    }
    tx.commit().await?;
    services.hub.review_permits();
    Ok(())
}

/// What the console needs to begin.
///
/// # Errors
/// 403 for a program: the console is for people. 401 when the account is gone.
pub async fn session_info(services: &Services, principal: &Principal) -> Result<SessionInfo, Problem> {
    let Actor::User { id, .. } = &principal.actor else {
        return Err(Problem::new(
            403,
            "not_a_person",
            "Not allowed",
            "The console is for people: sign in with e-mail and password. API keys are for the REST API.",
        ));
    };
    let mut tx = services.store.read().await?;
    let user = store::users::find(&mut tx, id).await?.ok_or_else(Problem::unauthenticated)?;
    describe(services, &mut tx, user).await
}

/// The same for somebody who has just signed in, in the caller's transaction.
pub(super) async fn describe(services: &Services, tx: &mut Tx, user: User) -> Result<SessionInfo, Problem> {
    let organizations = if user.global_admin {
        let all = store::organizations::list_all(tx).await?;
        all.into_iter().map(|organization| OrganizationAccess { organization, role: Role::Admin }).collect()
    } else {
        store::organizations::list_of_user(tx, &user.id).await?
    };
    let preferences = super::preferences::of_user(tx, &user.id).await?;
    Ok(SessionInfo {
        user,
        organizations,
        realtime_key: services.realtime_app.key().to_owned(),
        public_url: services.settings.public_url.clone(),
        version: services.settings.version.clone(),
        environment: services.settings.environment.clone(),
        preferences,
    })
}
