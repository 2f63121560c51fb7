//! The audit log: who did what, when. Rows are added and read, never changed.

use domain::id::{AuditId, OrganizationId};
use domain::time::Timestamp;
use sqlx::types::Json;

use super::{Result, Tx};

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its id.
    pub id: AuditId,
    /// The tenant it is about; absent when it is about the installation.
    pub organization_id: Option<OrganizationId>,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it: the id of a person or a key, or `command_line`.
    pub actor: String,
    /// What was done, for example `connector.created`.
    pub action: String,
    /// The id of what it was done to.
    pub subject: String,
    /// What else is worth knowing; never a secret.
    pub detail: serde_json::Value,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: AuditId,
    organization_id: Option<OrganizationId>,
    at: Timestamp,
    actor: String,
    action: String,
    subject: String,
    detail: Json<serde_json::Value>,
}

impl From<Row> for AuditRow {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            organization_id: row.organization_id,
            at: row.at,
            actor: row.actor,
            action: row.action,
            subject: row.subject,
            detail: row.detail.0,
        }
    }
}

/// Adds a line.
pub async fn insert(tx: &mut Tx, row: &AuditRow) -> Result<()> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO audit (id, organization_id, at, actor, action, subject, detail)
              VALUES ($1, $2, $3, $4, $5, $6, $7)"
    )
    .bind(&row.id)
    .bind(&row.organization_id)
    .bind(row.at)
    .bind(&row.actor)
    .bind(&row.action)
    .bind(&row.subject)
    .bind(Json(&row.detail))
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// At most `limit` lines about an organization that are older than `before`, newest first.
pub async fn list(
    tx: &mut Tx,
    organization: &OrganizationId,
    before: Option<&AuditId>,
    limit: i64,
) -> Result<Vec<AuditRow>> {
    let rows: Vec<Row> = on!(tx, |conn| sqlx::query_as(
        "SELECT id, organization_id, at, actor, action, subject, detail
           FROM audit
          WHERE organization_id = $1
            AND (CAST($2 AS TEXT) IS NULL OR id < $2)
          ORDER BY id DESC
          LIMIT $3"
    )
    .bind(organization)
    .bind(before)
    .bind(limit)
    .fetch_all(conn)
    .await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// At most `limit` lines about the installation itself that are older than `before`, newest first.
pub async fn list_of_installation(
    tx: &mut Tx,
    before: Option<&AuditId>,
    limit: i64,
) -> Result<Vec<AuditRow>> {
    let rows: Vec<Row> = on!(tx, |conn| sqlx::query_as(
        "SELECT id, organization_id, at, actor, action, subject, detail
           FROM audit
          WHERE organization_id IS NULL
            AND (CAST($1 AS TEXT) IS NULL OR id < $1)
          ORDER BY id DESC
          LIMIT $2"
    )
    .bind(before)
    .bind(limit)
    .fetch_all(conn)
    .await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}
