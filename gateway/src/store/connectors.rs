//! Third-party systems. A deleted connector stays as a row, so that its events keep their name; its credentials go.

use domain::connector::{Connector, ConnectorCode, CredentialsKind, Environment, Header};
use domain::id::{ConnectorId, OrganizationId};
use domain::time::Timestamp;
use sqlx::types::Json;

use super::{Result, Tx};

macro_rules! columns {
    () => {
        "id, organization_id, code, name, kind, base_url, headers, credentials, sealed_credentials, environment, \
         active, created_at, updated_at"
    };
}

/// The key of the list of connectors: they are ordered by name.
pub type After = (String, ConnectorId);

/// A connector with what nobody may read.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredConnector {
    /// What anybody in the organization may read.
    pub connector: Connector,
    /// Its credentials, sealed for its id.
    pub sealed_credentials: Option<Vec<u8>>,
}

impl std::fmt::Debug for StoredConnector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredConnector").field("connector", &self.connector).finish_non_exhaustive()
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ConnectorId,
    organization_id: OrganizationId,
    code: ConnectorCode,
    name: String,
    kind: String,
    base_url: Option<String>,
    headers: Json<Vec<Header>>,
    credentials: CredentialsKind,
    sealed_credentials: Option<Vec<u8>>,
    environment: Environment,
    active: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Row> for StoredConnector {
    fn from(row: Row) -> Self {
        Self {
            connector: Connector {
                id: row.id,
                organization_id: row.organization_id,
                code: row.code,
                name: row.name,
                kind: row.kind,
                base_url: row.base_url,
                headers: row.headers.0,
                credentials: row.credentials,
                environment: row.environment,
                active: row.active,
                created_at: row.created_at,
                updated_at: row.updated_at,
            },
            sealed_credentials: row.sealed_credentials,
        }
    }
}

/// Adds a connector. A code that another one has, in whatever organization, is a unique violation.
pub async fn insert(tx: &mut Tx, new: &StoredConnector) -> Result<()> {
    let StoredConnector { connector, sealed_credentials } = new;
    on!(tx, |conn| sqlx::query(
        "INSERT INTO connectors (id, organization_id, code, name, kind, base_url, headers, credentials,
                                 sealed_credentials, environment, active, created_at, updated_at, deleted_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, NULL)"
    )
    .bind(&connector.id)
    .bind(&connector.organization_id)
    .bind(&connector.code)
    .bind(&connector.name)
    .bind(&connector.kind)
    .bind(&connector.base_url)
    .bind(Json(&connector.headers))
    .bind(connector.credentials)
    .bind(sealed_credentials)
    .bind(connector.environment)
    .bind(connector.active)
    .bind(connector.created_at)
    .bind(connector.updated_at)
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// One connector.
pub async fn find(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &ConnectorId,
) -> Result<Option<StoredConnector>> {
    let row: Option<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM connectors WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL"
    ))
    .bind(organization)
    .bind(id)
    .fetch_optional(conn)
    .await)?;
    Ok(row.map(Into::into))
}

/// The connector with this code, switched off or not. The only finder without a tenant: a receiver's address carries
/// nothing but the code, and the tenant of a request is what this finds out.
pub async fn find_by_code(tx: &mut Tx, code: &ConnectorCode) -> Result<Option<StoredConnector>> {
    let row: Option<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM connectors WHERE code = $1 AND deleted_at IS NULL"
    ))
    .bind(code)
    .fetch_optional(conn)
    .await)?;
    Ok(row.map(Into::into))
}

/// One connector, which nobody else can change until this transaction ends. Rules between a connector and its
/// receivers or routes hold only while the other side stands still: whoever changes one of them locks first.
///
/// An update that changes nothing is the one way to lock a row that both databases understand.
pub async fn lock(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &ConnectorId,
) -> Result<Option<StoredConnector>> {
    let row: Option<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "UPDATE connectors
            SET updated_at = updated_at
          WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL
      RETURNING ",
        columns!()
    ))
    .bind(organization)
    .bind(id)
    .fetch_optional(conn)
    .await)?;
    Ok(row.map(Into::into))
}

/// At most `limit` connectors after `after`, by name.
pub async fn list(
    tx: &mut Tx,
    organization: &OrganizationId,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<Connector>> {
    let (name, id) = after.map(|(name, id)| (name.as_str(), id)).unzip();
    let rows: Vec<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM connectors
         WHERE organization_id = $1
           AND deleted_at IS NULL
           AND (CAST($2 AS TEXT) IS NULL OR (name, id) > ($2, $3))
         ORDER BY name, id
         LIMIT $4"
    ))
    .bind(organization)
    .bind(name)
    .bind(id)
    .bind(limit)
    .fetch_all(conn)
    .await)?;
    Ok(rows.into_iter().map(|row| StoredConnector::from(row).connector).collect())
}

/// Writes everything about a connector that can change; whether there was one.
pub async fn update(tx: &mut Tx, changed: &StoredConnector) -> Result<bool> {
    let StoredConnector { connector, sealed_credentials } = changed;
    let rows = on!(tx, |conn| sqlx::query(
        "UPDATE connectors
            SET name = $3, kind = $4, base_url = $5, headers = $6, credentials = $7, sealed_credentials = $8,
                environment = $9, active = $10, updated_at = $11
          WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL"
    )
    .bind(&connector.organization_id)
    .bind(&connector.id)
    .bind(&connector.name)
    .bind(&connector.kind)
    .bind(&connector.base_url)
    .bind(Json(&connector.headers))
    .bind(connector.credentials)
    .bind(sealed_credentials)
    .bind(connector.environment)
    .bind(connector.active)
    .bind(connector.updated_at)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Marks a connector as deleted, which frees its code, and forgets its credentials; whether there was one.
pub async fn delete(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &ConnectorId,
    now: Timestamp,
) -> Result<bool> {
    let rows = on!(tx, |conn| {
        sqlx::query(
        "UPDATE connectors
            SET deleted_at = $3, updated_at = $3, active = FALSE, credentials = 'none', sealed_credentials = NULL
          WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL"
    )
    .bind(organization)
    .bind(id)
    .bind(now)
    .execute(conn)
    .await
    .map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}
