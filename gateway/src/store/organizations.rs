//! Tenants.

use domain::id::{OrganizationId, UserId};
use domain::time::Timestamp;
use domain::user::{Organization, OrganizationAccess, Role};

use super::{Result, Tx};

macro_rules! columns {
    () => {
        "o.id, o.name, o.slug, o.created_at"
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    id: OrganizationId,
    name: String,
    slug: String,
    created_at: Timestamp,
}

impl From<Row> for Organization {
    fn from(row: Row) -> Self {
        Self { id: row.id, name: row.name, slug: row.slug, created_at: row.created_at }
    }
}

#[derive(sqlx::FromRow)]
struct AccessRow {
    #[sqlx(flatten)]
    organization: Row,
    role: Role,
}

/// Adds an organization. A slug that is taken is a unique violation.
pub async fn insert(tx: &mut Tx, organization: &Organization) -> Result<()> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO organizations (id, name, slug, created_at)
              VALUES ($1, $2, $3, $4)"
    )
    .bind(&organization.id)
    .bind(&organization.name)
    .bind(&organization.slug)
    .bind(organization.created_at)
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// The organization with this id.
pub async fn find(tx: &mut Tx, id: &OrganizationId) -> Result<Option<Organization>> {
    let row: Option<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM organizations o WHERE o.id = $1"
    ))
    .bind(id)
    .fetch_optional(conn)
    .await)?;
    Ok(row.map(Into::into))
}

/// The organization with this name in addresses.
pub async fn find_by_slug(tx: &mut Tx, slug: &str) -> Result<Option<Organization>> {
    let row: Option<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM organizations o WHERE o.slug = $1"
    ))
    .bind(slug)
    .fetch_optional(conn)
    .await)?;
    Ok(row.map(Into::into))
}

/// Every organization, by name: what a global administrator may choose from.
pub async fn list_all(tx: &mut Tx) -> Result<Vec<Organization>> {
    let rows: Vec<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM organizations o ORDER BY LOWER(o.name), o.id"
    ))
    .fetch_all(conn)
    .await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Where a person is a member, by name.
pub async fn list_of_user(tx: &mut Tx, user: &UserId) -> Result<Vec<OrganizationAccess>> {
    let rows: Vec<AccessRow> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        ", m.role
           FROM organizations o
           JOIN memberships m ON m.organization_id = o.id
          WHERE m.user_id = $1
          ORDER BY LOWER(o.name), o.id"
    ))
    .bind(user)
    .fetch_all(conn)
    .await)?;
    Ok(rows
        .into_iter()
        .map(|row| OrganizationAccess { organization: row.organization.into(), role: row.role })
        .collect())
}

/// Makes whoever else locks the same organization wait for the end of this transaction. Rules over several rows,
/// such as "the last administrator stays", hold only while nobody changes the other rows meanwhile.
///
/// An update that changes nothing is the one way to lock a row that both databases understand.
pub async fn lock(tx: &mut Tx, id: &OrganizationId) -> Result<()> {
    on!(tx, |conn| sqlx::query("UPDATE organizations SET name = name WHERE id = $1")
        .bind(id)
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}
