//! Events, their payloads, and the keys that recognize a second delivery of the same event.

use std::borrow::Borrow;
use std::collections::HashMap;

use domain::event::Event;
use domain::id::{EventId, OrganizationId, PayloadId, ReceiverId};
use domain::time::Timestamp;
use sqlx::QueryBuilder;
use sqlx::types::Json;

use super::values::runs;
use super::{Result, Tx};

/// Bytes on their way into the store.
#[derive(Debug, Clone)]
pub struct NewPayload {
    /// The tenant.
    pub organization_id: OrganizationId,
    /// Their id.
    pub id: PayloadId,
    /// The content type they came with.
    pub content_type: Option<String>,
    /// The bytes, exactly as received.
    pub body: bytes::Bytes,
    /// From then on they may be deleted.
    pub expires_at: Timestamp,
}

/// Stored bytes.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Payload {
    /// The content type they came with.
    pub content_type: Option<String>,
    /// The bytes, exactly as received.
    pub body: Vec<u8>,
    /// From then on they may be deleted.
    pub expires_at: Timestamp,
}

/// A key that recognizes an event for a while.
#[derive(Debug, Clone)]
pub struct DedupeKey {
    /// Keys of different receivers never meet.
    pub receiver_id: ReceiverId,
    /// The provider's delivery id, an idempotency key, or a hash of the body.
    pub key: String,
    /// The event that has it.
    pub event_id: EventId,
    /// From then on it may be taken anew.
    pub expires_at: Timestamp,
}

/// Takes keys for their events. Returns, for those that were already taken, the event that has them.
///
/// `keys` must not hold the same key twice. On PostgreSQL a key that another transaction is taking waits for it.
pub async fn take_dedupe_keys(
    tx: &mut Tx,
    keys: &[DedupeKey],
    now: Timestamp,
) -> Result<HashMap<(ReceiverId, String), EventId>> {
    let mut taken: Vec<(ReceiverId, String)> = Vec::with_capacity(keys.len());
    for run in runs(keys) {
        let rows: Vec<(ReceiverId, String)> = on!(tx, |conn| {
            let mut query = QueryBuilder::<Db>::new(
                "INSERT INTO dedupe_keys (receiver_id, dedupe_key, event_id, expires_at) ",
            );
            query.push_values(run, |mut row, key| {
                row.push_bind(&key.receiver_id).push_bind(&key.key);
                row.push_bind(&key.event_id).push_bind(key.expires_at);
            });
            // An expired key is as good as none.
            query.push(
                " ON CONFLICT (receiver_id, dedupe_key) DO UPDATE
                  SET event_id = excluded.event_id, expires_at = excluded.expires_at
                  WHERE dedupe_keys.expires_at <= ",
            );
            query.push_bind(now).push(" RETURNING receiver_id, dedupe_key");
            query.build_query_as().fetch_all(conn).await
        })?;
        taken.extend(rows);
    }
    let mut duplicates = HashMap::new();
    if taken.len() == keys.len() {
        return Ok(duplicates);
    }
    let taken: std::collections::HashSet<_> = taken.into_iter().collect();
    for key in keys {
        let pair = (key.receiver_id.clone(), key.key.clone());
        if taken.contains(&pair) {
            continue;
        }
        let first: EventId = on!(tx, |conn| sqlx::query_scalar(
            "SELECT event_id FROM dedupe_keys WHERE receiver_id = $1 AND dedupe_key = $2"
        )
        .bind(&key.receiver_id)
        .bind(&key.key)
        .fetch_one(conn)
        .await)?;
        duplicates.insert(pair, first);
    }
    Ok(duplicates)
}

/// Stores accepted events.
pub async fn insert_many<E: Borrow<Event>>(tx: &mut Tx, events: &[E]) -> Result<()> {
    for run in runs(events) {
        on!(tx, |conn| {
            let mut query = QueryBuilder::<Db>::new(
                "INSERT INTO events (organization_id, id, direction, connector_id, receiver_id, event_type,
                                     source_record_id, dedupe_key, received_at, remote_addr, content_type, headers,
                                     checks, schema_verdict, payload_id, payload_bytes, payload_expires_at) ",
            );
            query.push_values(run, |mut row, event| {
                let event = event.borrow();
                row.push_bind(&event.organization_id).push_bind(&event.id);
                row.push_bind(event.direction).push_bind(&event.connector_id);
                row.push_bind(&event.receiver_id).push_bind(&event.event_type);
                row.push_bind(&event.source_record_id).push_bind(&event.dedupe_key);
                row.push_bind(event.received_at).push_bind(&event.remote_addr);
                row.push_bind(&event.content_type).push_bind(Json(&event.headers));
                row.push_bind(Json(&event.checks)).push_bind(event.schema_verdict);
                row.push_bind(&event.payload_id).push_bind(event.payload_bytes);
                row.push_bind(event.payload_expires_at);
            });
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Stores bytes.
pub async fn insert_payloads(tx: &mut Tx, payloads: &[NewPayload]) -> Result<()> {
    for run in runs(payloads) {
        on!(tx, |conn| {
            let mut query = QueryBuilder::<Db>::new(
                "INSERT INTO payloads (organization_id, id, content_type, body, expires_at) ",
            );
            query.push_values(run, |mut row, payload| {
                row.push_bind(&payload.organization_id).push_bind(&payload.id);
                row.push_bind(&payload.content_type).push_bind(&payload.body[..]);
                row.push_bind(payload.expires_at);
            });
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// One event of the organization.
pub async fn find(tx: &mut Tx, organization: &OrganizationId, id: &EventId) -> Result<Option<Event>> {
    Ok(on!(tx, |conn| {
        sqlx::query_as(
        "SELECT organization_id, id, direction, connector_id, receiver_id, event_type, source_record_id, dedupe_key,
                received_at, remote_addr, content_type, headers, checks, schema_verdict, payload_id, payload_bytes,
                payload_expires_at
           FROM events
          WHERE organization_id = $1 AND id = $2"
    )
    .bind(organization)
    .bind(id)
    .fetch_optional(conn)
    .await
    })?)
}

/// Stored bytes of the organization; `None` when they have expired or never were.
pub async fn find_payload(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &PayloadId,
) -> Result<Option<Payload>> {
    Ok(on!(tx, |conn| sqlx::query_as(
        "SELECT content_type, body, expires_at FROM payloads WHERE organization_id = $1 AND id = $2"
    )
    .bind(organization)
    .bind(id)
    .fetch_optional(conn)
    .await)?)
}

/// Bytes and content type by payload id.
pub type Payloads = HashMap<PayloadId, (bytes::Bytes, Option<String>)>;

/// Stored bytes for many deliveries at once; those that have expired are missing.
pub async fn find_payloads(tx: &mut Tx, wanted: &[(OrganizationId, PayloadId)]) -> Result<Payloads> {
    let mut found = HashMap::with_capacity(wanted.len());
    for run in runs(wanted) {
        let rows: Vec<(PayloadId, Vec<u8>, Option<String>)> = on!(tx, |conn| {
            let mut query = QueryBuilder::<Db>::new(
                "SELECT id, body, content_type FROM payloads WHERE (organization_id, id) IN (",
            );
            query.push_values(run, |mut row, (organization, id)| {
                row.push_bind(organization).push_bind(id);
            });
            query.push(")").build_query_as().fetch_all(conn).await
        })?;
        found.extend(rows.into_iter().map(|(id, body, kind)| (id, (bytes::Bytes::from(body), kind))));
    }
    Ok(found)
}

/// Deletes payloads that have expired, at most `limit`; returns how many there were.
pub async fn delete_expired_payloads(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<u64> {
    Ok(on!(tx, |conn| sqlx::query(
        "DELETE FROM payloads
          WHERE (organization_id, id) IN (SELECT organization_id, id
                                            FROM payloads
                                           WHERE expires_at <= $1
                                           ORDER BY expires_at
                                           LIMIT $2)"
    )
    .bind(now)
    .bind(limit)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

/// Deletes dedupe keys that have expired, at most `limit`; returns how many there were.
pub async fn delete_expired_dedupe_keys(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<u64> {
    Ok(on!(tx, |conn| sqlx::query(
        "DELETE FROM dedupe_keys
          WHERE (receiver_id, dedupe_key) IN (SELECT receiver_id, dedupe_key
                                                FROM dedupe_keys
                                               WHERE expires_at <= $1
                                               ORDER BY expires_at
                                               LIMIT $2)"
    )
    .bind(now)
    .bind(limit)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}
