//! Inbound doors of connectors, and their sealed secrets.
//!
//! A deleted receiver stays as a row, so that its events keep their name; its secrets go. Secrets leave this file
//! sealed, and only towards verification: lists for people have nothing but summaries.

use domain::event::EventTypePattern;
use domain::id::{ConnectorId, OrganizationId, ReceiverId, SecretId};
use domain::receiver::{Receiver, ReceiverLimits, ReceiverSources, SchemaMode, SecretSummary};
use domain::signature::VerificationScheme;
use domain::time::Timestamp;
use sqlx::types::Json;

use super::{Result, Tx};

macro_rules! columns {
    () => {
        "id, organization_id, connector_id, name, event_type, scheme, sources, schema_mode, schema, limits, active, \
         last_received_at, created_at, updated_at"
    };
}

/// A secret as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSecret {
    /// What people may read.
    pub summary: SecretSummary,
    /// The secret, sealed for its id.
    pub sealed: Vec<u8>,
}

impl std::fmt::Debug for StoredSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredSecret").field("summary", &self.summary).finish_non_exhaustive()
    }
}

/// A receiver with what verification needs.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredReceiver {
    /// The receiver; its `secrets` summarize those beside it.
    pub receiver: Receiver,
    /// The secrets, the current one first. Expired ones may still be among them: whoever verifies looks at the clock.
    pub secrets: Vec<StoredSecret>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ReceiverId,
    organization_id: OrganizationId,
    connector_id: ConnectorId,
    name: String,
    event_type: EventTypePattern,
    scheme: Json<VerificationScheme>,
    sources: Json<ReceiverSources>,
    schema_mode: SchemaMode,
    schema: Option<Json<serde_json::Value>>,
    limits: Json<ReceiverLimits>,
    active: bool,
    last_received_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Row> for Receiver {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            organization_id: row.organization_id,
            connector_id: row.connector_id,
            name: row.name,
            event_type: row.event_type,
            scheme: row.scheme.0,
            secrets: Vec::new(),
            sources: row.sources.0,
            schema_mode: row.schema_mode,
            schema: row.schema.map(|schema| schema.0),
            limits: row.limits.0,
            active: row.active,
            last_received_at: row.last_received_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

#[derive(sqlx::FromRow)]
struct SecretRow {
    id: SecretId,
    receiver_id: ReceiverId,
    sealed: Vec<u8>,
    hint: String,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
}

impl From<SecretRow> for StoredSecret {
    fn from(row: SecretRow) -> Self {
        let summary = SecretSummary {
            id: row.id,
            hint: row.hint,
            created_at: row.created_at,
            expires_at: row.expires_at,
        };
        Self { summary, sealed: row.sealed }
    }
}

/// Adds a receiver, without secrets.
pub async fn insert(tx: &mut Tx, receiver: &Receiver) -> Result<()> {
    on!(tx, |conn| {
        sqlx::query(
        "INSERT INTO receivers (id, organization_id, connector_id, name, event_type, scheme, sources, schema_mode,
                                schema, limits, active, last_received_at, created_at, updated_at, deleted_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, NULL)"
    )
    .bind(&receiver.id)
    .bind(&receiver.organization_id)
    .bind(&receiver.connector_id)
    .bind(&receiver.name)
    .bind(&receiver.event_type)
    .bind(Json(&receiver.scheme))
    .bind(Json(&receiver.sources))
    .bind(receiver.schema_mode)
    .bind(receiver.schema.as_ref().map(Json))
    .bind(Json(&receiver.limits))
    .bind(receiver.active)
    .bind(receiver.last_received_at)
    .bind(receiver.created_at)
    .bind(receiver.updated_at)
    .execute(conn)
    .await
    .map(drop)
    })?;
    Ok(())
}

/// One receiver with its secrets.
pub async fn find(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &ReceiverId,
) -> Result<Option<StoredReceiver>> {
    let row: Option<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM receivers WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL"
    ))
    .bind(organization)
    .bind(id)
    .fetch_optional(conn)
    .await)?;
    let Some(row) = row else { return Ok(None) };
    Ok(with_secrets(tx, organization, vec![row]).await?.pop())
}

/// At most `limit` receivers that were made before `before`, newest first: those of one connector, or all.
pub async fn list(
    tx: &mut Tx,
    organization: &OrganizationId,
    connector: Option<&ConnectorId>,
    before: Option<&ReceiverId>,
    limit: i64,
) -> Result<Vec<StoredReceiver>> {
    let rows: Vec<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM receivers
         WHERE organization_id = $1
           AND deleted_at IS NULL
           AND (CAST($2 AS TEXT) IS NULL OR connector_id = $2)
           AND (CAST($3 AS TEXT) IS NULL OR id < $3)
         ORDER BY id DESC
         LIMIT $4"
    ))
    .bind(organization)
    .bind(connector)
    .bind(before)
    .bind(limit)
    .fetch_all(conn)
    .await)?;
    with_secrets(tx, organization, rows).await
}

/// All receivers of a connector, switched off or not, oldest first.
pub async fn list_of_connector(
    tx: &mut Tx,
    organization: &OrganizationId,
    connector: &ConnectorId,
) -> Result<Vec<StoredReceiver>> {
    let rows: Vec<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM receivers
         WHERE organization_id = $1 AND connector_id = $2 AND deleted_at IS NULL
         ORDER BY id"
    ))
    .bind(organization)
    .bind(connector)
    .fetch_all(conn)
    .await)?;
    with_secrets(tx, organization, rows).await
}

/// The receivers of a connector that take requests, oldest first.
pub async fn list_active_of_connector(
    tx: &mut Tx,
    organization: &OrganizationId,
    connector: &ConnectorId,
) -> Result<Vec<StoredReceiver>> {
    let mut receivers = list_of_connector(tx, organization, connector).await?;
    receivers.retain(|stored| stored.receiver.active);
    Ok(receivers)
}

async fn with_secrets(
    tx: &mut Tx,
    organization: &OrganizationId,
    rows: Vec<Row>,
) -> Result<Vec<StoredReceiver>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let secrets: Vec<SecretRow> = on!(tx, |conn| {
        let mut query = sqlx::QueryBuilder::<Db>::new(
            "SELECT id, receiver_id, sealed, hint, created_at, expires_at
               FROM receiver_secrets
              WHERE organization_id = ",
        );
        query.push_bind(organization.clone()).push(" AND receiver_id IN (");
        let mut ids = query.separated(", ");
        for row in &rows {
            ids.push_bind(row.id.clone());
        }
        query.push(") ORDER BY CASE WHEN expires_at IS NULL THEN 0 ELSE 1 END, id DESC");
        query.build_query_as().fetch_all(conn).await
    })?;
    let mut found: Vec<StoredReceiver> =
        rows.into_iter().map(|row| StoredReceiver { receiver: row.into(), secrets: Vec::new() }).collect();
    for secret in secrets {
        if let Some(owner) = found.iter_mut().find(|stored| stored.receiver.id == secret.receiver_id) {
            let secret = StoredSecret::from(secret);
            owner.receiver.secrets.push(secret.summary.clone());
            owner.secrets.push(secret);
        }
    }
    Ok(found)
}

/// Writes everything about a receiver that can change, but for its secrets; whether there was one.
pub async fn update(tx: &mut Tx, receiver: &Receiver) -> Result<bool> {
    let rows = on!(tx, |conn| {
        sqlx::query(
        "UPDATE receivers
            SET name = $3, event_type = $4, scheme = $5, sources = $6, schema_mode = $7, schema = $8, limits = $9,
                active = $10, updated_at = $11
          WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL"
    )
    .bind(&receiver.organization_id)
    .bind(&receiver.id)
    .bind(&receiver.name)
    .bind(&receiver.event_type)
    .bind(Json(&receiver.scheme))
    .bind(Json(&receiver.sources))
    .bind(receiver.schema_mode)
    .bind(receiver.schema.as_ref().map(Json))
    .bind(Json(&receiver.limits))
    .bind(receiver.active)
    .bind(receiver.updated_at)
    .execute(conn)
    .await
    .map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// Adds a secret to a receiver.
pub async fn insert_secret(
    tx: &mut Tx,
    organization: &OrganizationId,
    receiver: &ReceiverId,
    secret: &StoredSecret,
) -> Result<()> {
    on!(tx, |conn| {
        sqlx::query(
        "INSERT INTO receiver_secrets (id, organization_id, receiver_id, sealed, hint, created_at, expires_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7)"
    )
    .bind(&secret.summary.id)
    .bind(organization)
    .bind(receiver)
    .bind(&secret.sealed)
    .bind(&secret.summary.hint)
    .bind(secret.summary.created_at)
    .bind(secret.summary.expires_at)
    .execute(conn)
    .await
    .map(drop)
    })?;
    Ok(())
}

/// Says when a secret ends.
pub async fn expire_secret(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &SecretId,
    expires_at: Timestamp,
) -> Result<()> {
    on!(tx, |conn| sqlx::query(
        "UPDATE receiver_secrets SET expires_at = $3 WHERE organization_id = $1 AND id = $2"
    )
    .bind(organization)
    .bind(id)
    .bind(expires_at)
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// Forgets a secret.
pub async fn delete_secret(tx: &mut Tx, organization: &OrganizationId, id: &SecretId) -> Result<()> {
    on!(tx, |conn| sqlx::query("DELETE FROM receiver_secrets WHERE organization_id = $1 AND id = $2")
        .bind(organization)
        .bind(id)
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

/// Notes when events last came through these doors. Meant for a transaction of its own every few seconds: every
/// server process writes the same rows, so they are taken in one order, and a time never goes back.
pub async fn touch(
    tx: &mut Tx,
    organization: &OrganizationId,
    seen: &[(ReceiverId, Timestamp)],
) -> Result<()> {
    let mut seen: Vec<_> = seen.iter().collect();
    seen.sort();
    for (id, at) in seen {
        on!(tx, |conn| sqlx::query(
            "UPDATE receivers
                SET last_received_at = $3
              WHERE organization_id = $1 AND id = $2 AND (last_received_at IS NULL OR last_received_at < $3)"
        )
        .bind(organization)
        .bind(id)
        .bind(*at)
        .execute(conn)
        .await
        .map(drop))?;
    }
    Ok(())
}

/// Marks a receiver as deleted and forgets its secrets; whether there was one. Its routes are the caller's.
pub async fn delete(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &ReceiverId,
    now: Timestamp,
) -> Result<bool> {
    let rows = on!(tx, |conn| sqlx::query(
        "UPDATE receivers
            SET deleted_at = $3, updated_at = $3, active = FALSE
          WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL"
    )
    .bind(organization)
    .bind(id)
    .bind(now)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?;
    on!(tx, |conn| sqlx::query(
        "DELETE FROM receiver_secrets WHERE organization_id = $1 AND receiver_id = $2"
    )
    .bind(organization)
    .bind(id)
    .execute(conn)
    .await
    .map(drop))?;
    Ok(rows == 1)
}
