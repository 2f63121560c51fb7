//! API keys. Only the hash of a key is kept.

use domain::api_key::ApiKey;
use domain::id::{ApiKeyId, OrganizationId};
use domain::time::Timestamp;
use domain::user::Role;

use sqlx::QueryBuilder;

use super::values::runs;
use super::{Result, Tx};

macro_rules! columns {
    () => {
        "id, organization_id, name, hint, role, expires_at, last_used_at, created_at"
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ApiKeyId,
    organization_id: OrganizationId,
    name: String,
    hint: String,
    role: Role,
    expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    created_at: Timestamp,
}

impl From<Row> for ApiKey {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            organization_id: row.organization_id,
            name: row.name,
            hint: row.hint,
            role: row.role,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            created_at: row.created_at,
        }
    }
}

/// Adds a key. `token_hash` is SHA-256 of the key, hex.
pub async fn insert(tx: &mut Tx, key: &ApiKey, token_hash: &str) -> Result<()> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO api_keys (id, organization_id, name, token_hash, hint, role, expires_at, last_used_at,
                               revoked_at, created_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, $9)"
    )
    .bind(&key.id)
    .bind(&key.organization_id)
    .bind(&key.name)
    .bind(token_hash)
    .bind(&key.hint)
    .bind(key.role)
    .bind(key.expires_at)
    .bind(key.last_used_at)
    .bind(key.created_at)
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// At most `limit` keys that were made before `before` and are not revoked, newest first.
pub async fn list(
    tx: &mut Tx,
    organization: &OrganizationId,
    before: Option<&ApiKeyId>,
    limit: i64,
) -> Result<Vec<ApiKey>> {
    let rows: Vec<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM api_keys
         WHERE organization_id = $1
           AND revoked_at IS NULL
           AND (CAST($2 AS TEXT) IS NULL OR id < $2)
         ORDER BY id DESC
         LIMIT $3"
    ))
    .bind(organization)
    .bind(before)
    .bind(limit)
    .fetch_all(conn)
    .await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The key whose hash this is, when it is neither revoked nor expired. The hash of 256 random bits is proof enough;
/// the tenant is what this finds out.
pub async fn find_live(tx: &mut Tx, token_hash: &str, now: Timestamp) -> Result<Option<ApiKey>> {
    let row: Option<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM api_keys
         WHERE token_hash = $1
           AND revoked_at IS NULL
           AND (expires_at IS NULL OR expires_at > $2)"
    ))
    .bind(token_hash)
    .bind(now)
    .fetch_optional(conn)
    .await)?;
    Ok(row.map(Into::into))
}

/// Those of these keys that are neither revoked nor expired, each with its organization.
pub async fn live_among(
    tx: &mut Tx,
    ids: &[ApiKeyId],
    now: Timestamp,
) -> Result<Vec<(ApiKeyId, OrganizationId)>> {
    let mut live = Vec::with_capacity(ids.len());
    for run in runs(ids) {
        let rows: Vec<(ApiKeyId, OrganizationId)> = on!(tx, |conn| {
            let mut query = QueryBuilder::<Db>::new(
                "SELECT id, organization_id
                   FROM api_keys
                  WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ",
            );
            query.push_bind(now).push(") AND id IN (");
            let mut list = query.separated(", ");
            for id in run {
                list.push_bind(id);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await
        })?;
        live.extend(rows);
    }
    Ok(live)
}

/// Notes that a key was used.
pub async fn touch(tx: &mut Tx, organization: &OrganizationId, id: &ApiKeyId, now: Timestamp) -> Result<()> {
    on!(tx, |conn| sqlx::query(
        "UPDATE api_keys SET last_used_at = $3 WHERE organization_id = $1 AND id = $2"
    )
    .bind(organization)
    .bind(id)
    .bind(now)
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// Ends a key and returns it; `None` when there is none or it is revoked already.
pub async fn revoke(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &ApiKeyId,
    now: Timestamp,
) -> Result<Option<ApiKey>> {
    let row: Option<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "UPDATE api_keys
            SET revoked_at = $3
          WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL
      RETURNING ",
        columns!()
    ))
    .bind(organization)
    .bind(id)
    .bind(now)
    .fetch_optional(conn)
    .await)?;
    Ok(row.map(Into::into))
}
