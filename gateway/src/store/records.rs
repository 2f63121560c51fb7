//! The built-in destination: the newest version of each record.

use std::collections::HashSet;

use domain::id::{DeliveryId, EventId, OrganizationId, RecordId};
use domain::page::{Page, PageQuery};
use domain::record::Record;
use domain::time::Timestamp;
use sqlx::QueryBuilder;

use super::values::runs;
use super::{Result, Tx};

/// A record to write.
#[derive(Debug, Clone)]
pub struct RecordWrite {
    /// The tenant.
    pub organization_id: OrganizationId,
    /// The kind of record.
    pub entity: String,
    /// Its name in the source system.
    pub external_id: String,
    /// The id it gets when it is new.
    pub id: RecordId,
    /// The content.
    pub body: bytes::Bytes,
    /// The delivery that writes it.
    pub delivery_id: DeliveryId,
    /// The event it is from.
    pub event_id: EventId,
    /// When that was received; for a replay, when it was asked for.
    pub as_of: Timestamp,
    /// Whether somebody wants it written whatever the record holds: a replay.
    pub deliberate: bool,
}

/// What became of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The tenant.
    pub organization_id: OrganizationId,
    /// The kind of record.
    pub entity: String,
    /// Its name in the source system.
    pub external_id: String,
    /// The record.
    pub id: RecordId,
    /// Whether it holds a newer event and was left as it is.
    pub newer_kept: bool,
}

/// Writes the newest version of each record. A record must not be in `writes` twice.
///
/// A delivery that is tried again writes the same version again, not a new one. An event that was received before the
/// one that the record holds changes nothing, unless the write is deliberate.
pub async fn upsert_many(tx: &mut Tx, writes: &[RecordWrite], now: Timestamp) -> Result<Vec<Written>> {
    let (deliberate, usual): (Vec<_>, Vec<_>) = writes.iter().partition(|write| write.deliberate);
    let mut written = upsert(tx, &usual, now, false).await?;
    written.extend(upsert(tx, &deliberate, now, true).await?);
    let changed: HashSet<(OrganizationId, String, String)> = written
        .iter()
        .map(|one| (one.organization_id.clone(), one.entity.clone(), one.external_id.clone()))
        .collect();
    for write in usual {
        let key = (write.organization_id.clone(), write.entity.clone(), write.external_id.clone());
        if changed.contains(&key) {
            continue;
        }
        let id: RecordId = on!(tx, |conn| {
            sqlx::query_scalar(
                "SELECT id FROM records WHERE organization_id = $1 AND entity = $2 AND external_id = $3",
            )
            .bind(&key.0)
            .bind(&key.1)
            .bind(&key.2)
            .fetch_one(conn)
            .await
        })?;
        let (organization_id, entity, external_id) = key;
        written.push(Written { organization_id, entity, external_id, id, newer_kept: true });
    }
    Ok(written)
}

async fn upsert(
    tx: &mut Tx,
    writes: &[&RecordWrite],
    now: Timestamp,
    deliberate: bool,
) -> Result<Vec<Written>> {
    let mut written = Vec::with_capacity(writes.len());
    for run in runs(writes) {
        let rows: Vec<(OrganizationId, String, String, RecordId)> = on!(tx, |conn| {
            let mut query = QueryBuilder::<Db>::new(
                "INSERT INTO records (organization_id, entity, external_id, id, version, body, delivery_id, event_id,
                                      as_of, created_at, updated_at) ",
            );
            query.push_values(run, |mut row, write| {
                row.push_bind(&write.organization_id).push_bind(&write.entity).push_bind(&write.external_id);
                row.push_bind(&write.id)
                    .push_bind(1_i64)
                    .push_bind(&write.body[..])
                    .push_bind(&write.delivery_id);
                row.push_bind(&write.event_id).push_bind(write.as_of).push_bind(now).push_bind(now);
            });
            query.push(
                " ON CONFLICT (organization_id, entity, external_id) DO UPDATE
                  SET version = records.version
                              + CASE WHEN records.delivery_id = excluded.delivery_id THEN 0 ELSE 1 END,
                      body = excluded.body, delivery_id = excluded.delivery_id, event_id = excluded.event_id,
                      as_of = excluded.as_of, updated_at = excluded.updated_at",
            );
            if !deliberate {
                query.push(" WHERE (excluded.as_of, excluded.event_id) >= (records.as_of, records.event_id)");
            }
            query.push(" RETURNING organization_id, entity, external_id, id");
            query.build_query_as().fetch_all(conn).await
        })?;
        written.extend(rows.into_iter().map(|(organization_id, entity, external_id, id)| Written {
            organization_id,
            entity,
            external_id,
            id,
            newer_kept: false,
        }));
    }
    Ok(written)
}

#[derive(sqlx::FromRow)]
struct Row {
    id: RecordId,
    organization_id: OrganizationId,
    entity: String,
    external_id: String,
    version: i64,
    body: Vec<u8>,
    delivery_id: DeliveryId,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Row> for Record {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            organization_id: row.organization_id,
            entity: row.entity,
            external_id: row.external_id,
            version: row.version,
            body: String::from_utf8_lossy(&row.body).into_owned(),
            delivery_id: row.delivery_id,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// One page of the organization's records, newest first.
pub async fn list(tx: &mut Tx, organization: &OrganizationId, page: &PageQuery) -> Result<Page<Record>> {
    let rows: Vec<Row> = on!(tx, |conn| {
        sqlx::query_as(
        "SELECT id, organization_id, entity, external_id, version, body, delivery_id, created_at, updated_at
           FROM records
          WHERE organization_id = $1 AND (CAST($2 AS TEXT) IS NULL OR id < $2)
          ORDER BY id DESC
          LIMIT $3"
    )
    .bind(organization)
    .bind(&page.cursor)
    .bind(i64::from(page.limit()) + 1)
    .fetch_all(conn)
    .await
    })?;
    let records = rows.into_iter().map(Record::from).collect();
    Ok(Page::from_overfetch(records, page.limit(), |record: &Record| record.id.to_string()))
}

/// One record of the organization.
pub async fn find(tx: &mut Tx, organization: &OrganizationId, id: &RecordId) -> Result<Option<Record>> {
    let row: Option<Row> = on!(tx, |conn| {
        sqlx::query_as(
        "SELECT id, organization_id, entity, external_id, version, body, delivery_id, created_at, updated_at
           FROM records
          WHERE organization_id = $1 AND id = $2"
    )
    .bind(organization)
    .bind(id)
    .fetch_optional(conn)
    .await
    })?;
    Ok(row.map(Record::from))
}
