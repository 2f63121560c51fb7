//! Inbound doors of connectors.

use domain::connector::{Connector, Environment};
use domain::error::Problem;
use domain::id::{ConnectorId, ReceiverId};
use domain::page::{Page, PageQuery};
use domain::receiver::{NewReceiver, Receiver, ReceiverPatch, ReceiverWithSecret, RotateSecret, SchemaMode};
use domain::time::{SECOND, Timestamp};
use serde_json::json;
use zeroize::Zeroizing;

use super::secrets::{self, is_live};
use crate::Services;
use crate::access::Access;
use crate::audit::{self, Action};
use crate::cursor;
use crate::input::Checks;
use crate::schema;
use crate::store::{self, Tx, receivers::StoredReceiver};

/// The longest overlap of a rotation, seconds (7 days).
pub const MAX_OVERLAP_S: i64 = 604_800;
/// One page of receivers, newest first: those of one connector, or all.
///
/// # Errors
/// 400 `invalid_cursor`; 404 when there is no such connector.
pub async fn list(
    services: &Services,
    access: &Access,
    connector: Option<&ConnectorId>,
    page: &PageQuery,
) -> Result<Page<Receiver>, Problem> {
    let before: Option<ReceiverId> = cursor::decode(page.cursor.as_deref())?;
    let (limit, now) = (page.limit(), services.clock.now());
    let organization = access.organization();
    let mut tx = services.store.read().await?;
    if let Some(id) = connector {
        let known = store::connectors::find(&mut tx, organization, id).await?;
        known.ok_or_else(|| Problem::not_found("connector"))?;
    }
    let fetch = i64::from(limit) + 1;
    let receivers = store::receivers::list(&mut tx, organization, connector, before.as_ref(), fetch).await?;
    let receivers = receivers.into_iter().map(|stored| shown(stored, now)).collect();
    Ok(Page::from_overfetch(receivers, limit, |receiver| cursor::encode(&receiver.id)))
}

/// One receiver.
///
/// # Errors
/// 404.
pub async fn read(services: &Services, access: &Access, id: &ReceiverId) -> Result<Receiver, Problem> {
    let mut tx = services.store.read().await?;
    let stored = store::receivers::find(&mut tx, access.organization(), id).await?;
    Ok(shown(found(stored)?, services.clock.now()))
}

fn found(stored: Option<StoredReceiver>) -> Result<StoredReceiver, Problem> {
    stored.ok_or_else(|| Problem::not_found("receiver"))
}

/// As people may read it: without the secrets that have expired.
fn shown(stored: StoredReceiver, now: Timestamp) -> Receiver {
    let mut receiver = stored.receiver;
    receiver.secrets.retain(|secret| is_live(secret, now));
    receiver
}

/// Creates a receiver. A scheme that needs a secret gets one: the caller's, or one that is made here and shown once.
///
/// # Errors
/// 404 when there is no such connector; 422 with the fields that need attention.
pub async fn create(
    services: &Services,
    access: &Access,
    new: NewReceiver,
) -> Result<ReceiverWithSecret, Problem> {
    let now = services.clock.now();
    let brought = new.secret.map(Zeroizing::new);
    let receiver = Receiver {
        id: ReceiverId::new(now),
        organization_id: access.organization().clone(),
        connector_id: new.connector_id,
        name: new.name.trim().to_owned(),
        event_type: new.event_type,
        scheme: new.scheme,
        secrets: Vec::new(),
        sources: new.sources,
        schema_mode: new.schema_mode,
        schema: new.schema,
        limits: new.limits,
        active: true,
        last_received_at: None,
        created_at: now,
        updated_at: now,
    };
    let mut checks = Checks::default();
    check_schema(&mut checks, receiver.schema.as_ref());
    let mut tx = services.store.write().await?;
    let connector = lock(&mut tx, access, &receiver.connector_id).await?;
    check(&mut checks, &receiver, &connector);
    secrets::check_for_new(&mut checks, &receiver.scheme, brought.as_deref().map(String::as_str));
    checks.no_nul(&receiver);
    checks.finish()?;

    store::receivers::insert(&mut tx, &receiver).await?;
    let mut stored = StoredReceiver { receiver, secrets: Vec::new() };
    let mut made = None;
    if stored.receiver.scheme.requires_secret() {
        let secret = secrets::choose(&stored.receiver.scheme, brought, &mut made)?;
        secrets::add(services, &mut tx, &mut stored, &secret, now).await?;
    }
    let receiver = stored.receiver;
    let detail = json!({
        "connector": receiver.connector_id, "name": receiver.name, "event_type": receiver.event_type,
        "scheme": receiver.scheme.kind().as_str(), "schema_mode": receiver.schema_mode,
    });
    audit::record(&mut tx, access, now, Action::ReceiverCreated, receiver.id.as_str(), detail).await?;
    tx.commit().await?;
    services.directory.invalidate();
    Ok(ReceiverWithSecret { receiver, secret: made })
}

/// Changes a receiver; its secrets change by [`rotate_secret`] only.
///
/// # Errors
/// 404; 422 with the fields that need attention, among them a scheme that the present secret does not fit.
pub async fn update(
    services: &Services,
    access: &Access,
    id: &ReceiverId,
    patch: ReceiverPatch,
) -> Result<Receiver, Problem> {
    let now = services.clock.now();
    let mut checks = Checks::default();
    check_schema(&mut checks, patch.schema.as_ref());
    let mut tx = services.store.write().await?;
    let (connector, mut stored) = lock_both(&mut tx, access, id).await?;
    let before = stored.receiver.clone();
    let after = &mut stored.receiver;
    after.name = patch.name.map_or_else(|| after.name.clone(), |name| name.trim().to_owned());
    after.event_type = patch.event_type.unwrap_or_else(|| after.event_type.clone());
    after.scheme = patch.scheme.unwrap_or_else(|| after.scheme.clone());
    after.sources = patch.sources.unwrap_or_else(|| after.sources.clone());
    after.schema_mode = patch.schema_mode.unwrap_or(after.schema_mode);
    after.schema = patch.schema.or_else(|| after.schema.take());
    after.limits = patch.limits.unwrap_or_else(|| after.limits.clone());
    after.active = patch.active.unwrap_or(after.active);
    if *after == before {
        return Ok(shown(stored, now));
    }
    // Switching off always works, whatever else may have become wrong with it.
    let only_off = !after.active && Receiver { active: before.active, ..after.clone() } == before;
    after.updated_at = now;
    if !only_off {
        check(&mut checks, &stored.receiver, &connector);
        if stored.receiver.scheme != before.scheme {
            secrets::check_present(services, &mut checks, &stored, now)?;
        }
        checks.no_nul(&stored.receiver);
        checks.finish()?;
    }

    store::receivers::update(&mut tx, &stored.receiver).await?;
    let detail = audit::changes(&before, &stored.receiver);
    audit::record(&mut tx, access, now, Action::ReceiverUpdated, id.as_str(), detail).await?;
    tx.commit().await?;
    services.directory.invalidate();
    Ok(shown(stored, now))
}

/// Deletes a receiver with its routes and forgets its secrets; its events stay.
///
/// # Errors
/// 404.
pub async fn delete(services: &Services, access: &Access, id: &ReceiverId) -> Result<(), Problem> {
    let now = services.clock.now();
    let organization = access.organization();
    let mut tx = services.store.write().await?;
    let (_, stored) = lock_both(&mut tx, access, id).await?;
    let routes = store::routes::delete_of_receiver(&mut tx, organization, id, now).await?;
    store::receivers::delete(&mut tx, organization, id, now).await?;
    let detail =
        json!({ "connector": stored.receiver.connector_id, "name": stored.receiver.name, "routes": routes });
    audit::record(&mut tx, access, now, Action::ReceiverDeleted, id.as_str(), detail).await?;
    tx.commit().await?;
    services.directory.invalidate();
    Ok(())
}

/// Sets a new secret. The one before is accepted for the overlap; one that was still left from an earlier rotation
/// ends at once, so that there are never more than two.
///
/// # Errors
/// 404; 422 when the secret does not fit the scheme or the overlap is out of bounds.
pub async fn rotate_secret(
    services: &Services,
    access: &Access,
    id: &ReceiverId,
    request: RotateSecret,
) -> Result<ReceiverWithSecret, Problem> {
    let now = services.clock.now();
    let organization = access.organization();
    let brought = request.secret.map(Zeroizing::new);
    let mut tx = services.store.write().await?;
    let (_, mut stored) = lock_both(&mut tx, access, id).await?;
    let mut checks = Checks::default();
    checks.require(
        (0..=MAX_OVERLAP_S).contains(&request.overlap_s),
        "/overlap_s",
        "Use 0 to 604,800 seconds (7 days).",
    );
    if let Some(secret) = &brought {
        secrets::check(&mut checks, &stored.receiver.scheme, secret);
    }
    checks.finish()?;

    let overlap_ends = now.plus(request.overlap_s * SECOND);
    for (position, old) in stored.secrets.iter().enumerate() {
        let stays = position == 0 && request.overlap_s > 0 && is_live(&old.summary, now);
        if stays {
            // An end that was set before is not put off.
            let ends = old.summary.expires_at.map_or(overlap_ends, |earlier| earlier.min(overlap_ends));
            store::receivers::expire_secret(&mut tx, organization, &old.summary.id, ends).await?;
        } else {
            store::receivers::delete_secret(&mut tx, organization, &old.summary.id).await?;
        }
    }
    let (mut made, was_brought) = (None, brought.is_some());
    let secret = secrets::choose(&stored.receiver.scheme, brought, &mut made)?;
    let secret_id = secrets::add(services, &mut tx, &mut stored, &secret, now).await?;
    let detail = json!({ "secret": secret_id, "brought": was_brought, "overlap_s": request.overlap_s });
    audit::record(&mut tx, access, now, Action::ReceiverSecretRotated, id.as_str(), detail).await?;
    let stored = found(store::receivers::find(&mut tx, organization, id).await?)?;
    tx.commit().await?;
    services.directory.invalidate();
    Ok(ReceiverWithSecret { receiver: shown(stored, now), secret: made })
}

async fn lock(tx: &mut Tx, access: &Access, id: &ConnectorId) -> Result<Connector, Problem> {
    let stored = store::connectors::lock(tx, access.organization(), id).await?;
    stored.map(|stored| stored.connector).ok_or_else(|| Problem::not_found("connector"))
}

/// A receiver and its connector, which stand still until this transaction ends.
async fn lock_both(
    tx: &mut Tx,
    access: &Access,
    id: &ReceiverId,
) -> Result<(Connector, StoredReceiver), Problem> {
    let organization = access.organization();
    let stored = found(store::receivers::find(tx, organization, id).await?)?;
    let connector = lock(tx, access, &stored.receiver.connector_id).await?;
    // Read again: it may have changed while we waited for the lock.
    Ok((connector, found(store::receivers::find(tx, organization, id).await?)?))
}

/// What must be true of a receiver whenever it is saved.
fn check(checks: &mut Checks, receiver: &Receiver, connector: &Connector) {
    checks.name("/name", &receiver.name);
    checks.require(
        !receiver.scheme.requires_sandbox() || connector.environment == Environment::Sandbox,
        "/scheme",
        "Only a sandbox connector may accept requests without verification. Choose a scheme.",
    );
    let type_is_known = receiver.sources.event_type.is_some()
        || receiver.scheme.preset().is_some()
        || receiver.event_type.exact().is_some();
    checks.require(
        type_is_known,
        "/event_type",
        "Name exactly one event type, or say where it stands in the request (sources.event_type).",
    );
    checks.extend(receiver.limits.check());
    checks.require(
        receiver.schema.is_some() || receiver.schema_mode == SchemaMode::Off,
        "/schema",
        "To observe or to enforce a schema there must be one.",
    );
}

/// Notes why a schema cannot be used. Not for inside a transaction: compiling a large one takes its time.
fn check_schema(checks: &mut Checks, schema: Option<&serde_json::Value>) {
    if let Some(Err(error)) = schema.map(schema::compile) {
        checks.problem("/schema", error.to_string());
    }
}
