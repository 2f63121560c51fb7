//! API keys: a program's access to one organization. Shown once, kept as a hash.

use domain::api_key::{ApiKey, ApiKeyWithSecret, NewApiKey, PREFIX};
use domain::error::Problem;
use domain::id::ApiKeyId;
use domain::page::{Page, PageQuery};
use domain::time::{MINUTE, Timestamp};
use serde_json::json;

use super::tokens;
use crate::Services;
use crate::access::{Access, Actor, Principal};
use crate::audit::{self, Action};
use crate::cursor;
use crate::input::Checks;
use crate::store;

/// How many characters of the key after its prefix the hint shows; 56 remain unknown.
const HINT: usize = 8;
/// How often the store learns that a key is used, microseconds.
const NOTICE: i64 = MINUTE;

/// One page of the organization's keys that are not revoked, newest first.
///
/// # Errors
/// 400 `invalid_cursor`.
pub async fn list(services: &Services, access: &Access, page: &PageQuery) -> Result<Page<ApiKey>, Problem> {
    let before: Option<ApiKeyId> = cursor::decode(page.cursor.as_deref())?;
    let limit = page.limit();
    let mut tx = services.store.read().await?;
    let keys =
        store::api_keys::list(&mut tx, access.organization(), before.as_ref(), i64::from(limit) + 1).await?;
    Ok(Page::from_overfetch(keys, limit, |key| cursor::encode(&key.id)))
}

/// Makes a key; it is in the answer, and never again.
///
/// # Errors
/// 422 with the fields that need attention.
pub async fn create(
    services: &Services,
    access: &Access,
    new: NewApiKey,
) -> Result<ApiKeyWithSecret, Problem> {
    let now = services.clock.now();
    let mut checks = Checks::default();
    let name = checks.name("/name", &new.name);
    checks.require(
        new.expires_at.is_none_or(|at| at > now),
        "/expires_at",
        "Choose a time in the future, or none.",
    );
    checks.finish()?;

    let digits = hex::encode(tokens::random_bytes()?.as_ref());
    let secret = format!("{PREFIX}{digits}");
    let api_key = ApiKey {
        id: ApiKeyId::new(now),
        organization_id: access.organization().clone(),
        name,
        hint: secret[..PREFIX.len() + HINT].to_owned(),
        role: new.role,
        expires_at: new.expires_at,
        last_used_at: None,
        created_at: now,
    };
    let mut tx = services.store.write().await?;
    store::api_keys::insert(&mut tx, &api_key, &tokens::hash(&secret)).await?;
    let detail = json!({ "name": api_key.name, "role": api_key.role, "expires_at": api_key.expires_at });
    audit::record(&mut tx, access, now, Action::ApiKeyCreated, api_key.id.as_str(), detail).await?;
    tx.commit().await?;
    Ok(ApiKeyWithSecret { api_key, secret })
}

/// Ends a key at once.
///
/// # Errors
/// 404 when there is no such key, or it is revoked already.
pub async fn revoke(services: &Services, access: &Access, id: &ApiKeyId) -> Result<(), Problem> {
    let now = services.clock.now();
    let mut tx = services.store.write().await?;
    let key = store::api_keys::revoke(&mut tx, access.organization(), id, now)
        .await?
        .ok_or_else(|| Problem::not_found("API key"))?;
    let detail = json!({ "name": key.name });
    audit::record(&mut tx, access, now, Action::ApiKeyRevoked, id.as_str(), detail).await?;
    tx.commit().await?;
    services.hub.review_permits();
    Ok(())
}

/// Whose key this is; none when it is unknown, revoked or expired. Asks the store every time, so that a key that was
/// revoked opens nothing any more, on whatever server process.
///
/// # Errors
/// 503 or 500 when the store cannot say: that is not the same as "nobody".
pub async fn resolve(services: &Services, key: &str) -> Result<Option<Principal>, Problem> {
    let well_formed = key
        .strip_prefix(PREFIX)
        .is_some_and(|digits| digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit()));
    if !well_formed {
        return Ok(None);
    }
    let now = services.clock.now();
    let mut tx = services.store.read().await?;
    let Some(key) = store::api_keys::find_live(&mut tx, &tokens::hash(key), now).await? else {
        return Ok(None);
    };
    drop(tx);
    if key.last_used_at.is_none_or(|last| now.since(last) >= NOTICE)
        && let Err(error) = touch(services, &key, now).await
    {
        // The key is good; that its last use is a minute off is no reason to refuse.
        tracing::warn!(%error, key = %key.id, "could not note that an API key was used");
    }
    Ok(Some(Principal {
        actor: Actor::ApiKey { id: key.id, name: key.name },
        global_admin: false,
        memberships: vec![(key.organization_id, key.role)],
    }))
}

async fn touch(services: &Services, key: &ApiKey, now: Timestamp) -> store::Result<()> {
    let mut tx = services.store.write().await?;
    store::api_keys::touch(&mut tx, &key.organization_id, &key.id, now).await?;
    tx.commit().await
}
