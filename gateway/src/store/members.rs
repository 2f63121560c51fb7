//! Memberships: which person may do what in which organization.

use domain::id::{OrganizationId, UserId};
use domain::time::Timestamp;
use domain::user::{Member, Role};

use super::{Result, Tx, users};

/// The key of the list of members: they are ordered by address.
pub type After = (String, UserId);

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(flatten)]
    user: users::Row,
    role: Role,
}

impl From<Row> for Member {
    fn from(row: Row) -> Self {
        Self { user: row.user.into(), role: row.role }
    }
}

/// Adds a membership. One that exists is a unique violation.
pub async fn insert(
    tx: &mut Tx,
    organization: &OrganizationId,
    user: &UserId,
    role: Role,
    now: Timestamp,
) -> Result<()> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO memberships (organization_id, user_id, role, created_at)
              VALUES ($1, $2, $3, $4)"
    )
    .bind(organization)
    .bind(user)
    .bind(role)
    .bind(now)
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// One member.
pub async fn find(tx: &mut Tx, organization: &OrganizationId, user: &UserId) -> Result<Option<Member>> {
    let row: Option<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        users::columns!(),
        ", m.role
           FROM memberships m
           JOIN users u ON u.id = m.user_id
          WHERE m.organization_id = $1 AND m.user_id = $2"
    ))
    .bind(organization)
    .bind(user)
    .fetch_optional(conn)
    .await)?;
    Ok(row.map(Into::into))
}

/// At most `limit` members after `after`, by address.
pub async fn list(
    tx: &mut Tx,
    organization: &OrganizationId,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<Member>> {
    let (email, id) = after.map(|(email, id)| (email.as_str(), id)).unzip();
    let rows: Vec<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        users::columns!(),
        ", m.role
           FROM memberships m
           JOIN users u ON u.id = m.user_id
          WHERE m.organization_id = $1
            AND (CAST($2 AS TEXT) IS NULL OR (u.email, u.id) > ($2, $3))
          ORDER BY u.email, u.id
          LIMIT $4"
    ))
    .bind(organization)
    .bind(email)
    .bind(id)
    .bind(limit)
    .fetch_all(conn)
    .await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Where a person is a member, and as what.
pub async fn roles_of_user(tx: &mut Tx, user: &UserId) -> Result<Vec<(OrganizationId, Role)>> {
    Ok(on!(tx, |conn| sqlx::query_as(
        "SELECT organization_id, role FROM memberships WHERE user_id = $1 ORDER BY organization_id"
    )
    .bind(user)
    .fetch_all(conn)
    .await)?)
}

/// How many administrators other than `user` can sign in.
pub async fn count_other_admins(tx: &mut Tx, organization: &OrganizationId, user: &UserId) -> Result<i64> {
    Ok(on!(tx, |conn| sqlx::query_scalar(
        "SELECT COUNT(*)
           FROM memberships m
           JOIN users u ON u.id = m.user_id
          WHERE m.organization_id = $1 AND m.user_id <> $2 AND m.role = 'admin' AND u.active"
    )
    .bind(organization)
    .bind(user)
    .fetch_one(conn)
    .await)?)
}

/// Changes what a member may do; whether there was one.
pub async fn set_role(tx: &mut Tx, organization: &OrganizationId, user: &UserId, role: Role) -> Result<bool> {
    let changed = on!(tx, |conn| sqlx::query(
        "UPDATE memberships SET role = $3 WHERE organization_id = $1 AND user_id = $2"
    )
    .bind(organization)
    .bind(user)
    .bind(role)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

/// Ends a membership; whether there was one.
pub async fn delete(tx: &mut Tx, organization: &OrganizationId, user: &UserId) -> Result<bool> {
    let deleted =
        on!(tx, |conn| sqlx::query("DELETE FROM memberships WHERE organization_id = $1 AND user_id = $2")
            .bind(organization)
            .bind(user)
            .execute(conn)
            .await
            .map(|done| done.rows_affected()))?;
    Ok(deleted == 1)
}
