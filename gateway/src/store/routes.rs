//! Routes from receivers to destinations, and the history of their mappings.

use domain::delivery::MappingVersion;
use domain::event::EventTypePattern;
use domain::id::{OrganizationId, ReceiverId, RouteId};
use domain::mapping::FieldMapping;
use domain::retry::RetryPolicy;
use domain::route::{Route, RouteDestination};
use domain::time::Timestamp;
use sqlx::types::Json;

use super::{Result, Tx};

macro_rules! columns {
    () => {
        "id, organization_id, receiver_id, name, event_type, mapping, mapping_version, destination, retry, active, \
         created_at, updated_at"
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    id: RouteId,
    organization_id: OrganizationId,
    receiver_id: ReceiverId,
    name: String,
    event_type: EventTypePattern,
    mapping: Json<FieldMapping>,
    mapping_version: i64,
    destination: Json<RouteDestination>,
    retry: Json<RetryPolicy>,
    active: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Row> for Route {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            organization_id: row.organization_id,
            receiver_id: row.receiver_id,
            name: row.name,
            event_type: row.event_type,
            mapping: row.mapping.0,
            mapping_version: row.mapping_version,
            destination: row.destination.0,
            retry: row.retry.0,
            active: row.active,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Adds a route.
pub async fn insert(tx: &mut Tx, route: &Route) -> Result<()> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO routes (id, organization_id, receiver_id, name, event_type, mapping, mapping_version,
                             destination, retry, active, created_at, updated_at, deleted_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, NULL)"
    )
    .bind(&route.id)
    .bind(&route.organization_id)
    .bind(&route.receiver_id)
    .bind(&route.name)
    .bind(&route.event_type)
    .bind(Json(&route.mapping))
    .bind(route.mapping_version)
    .bind(Json(&route.destination))
    .bind(Json(&route.retry))
    .bind(route.active)
    .bind(route.created_at)
    .bind(route.updated_at)
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// One route.
pub async fn find(tx: &mut Tx, organization: &OrganizationId, id: &RouteId) -> Result<Option<Route>> {
    let row: Option<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM routes WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL"
    ))
    .bind(organization)
    .bind(id)
    .fetch_optional(conn)
    .await)?;
    Ok(row.map(Into::into))
}

/// One route, deleted or not: deliveries that it made may still wait for it.
pub async fn find_even_deleted(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &RouteId,
) -> Result<Option<Route>> {
    let row: Option<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM routes WHERE organization_id = $1 AND id = $2"
    ))
    .bind(organization)
    .bind(id)
    .fetch_optional(conn)
    .await)?;
    Ok(row.map(Into::into))
}

/// At most `limit` routes that were made before `before`, newest first: those of one receiver, or all.
pub async fn list(
    tx: &mut Tx,
    organization: &OrganizationId,
    receiver: Option<&ReceiverId>,
    before: Option<&RouteId>,
    limit: i64,
) -> Result<Vec<Route>> {
    let rows: Vec<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM routes
         WHERE organization_id = $1
           AND deleted_at IS NULL
           AND (CAST($2 AS TEXT) IS NULL OR receiver_id = $2)
           AND (CAST($3 AS TEXT) IS NULL OR id < $3)
         ORDER BY id DESC
         LIMIT $4"
    ))
    .bind(organization)
    .bind(receiver)
    .bind(before)
    .bind(limit)
    .fetch_all(conn)
    .await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Every route of an organization, oldest first. Where a route leads is inside JSON, which the database is never
/// asked about; who needs the routes to one destination chooses from these. They are settings made by people, so
/// there are few.
pub async fn list_all(tx: &mut Tx, organization: &OrganizationId) -> Result<Vec<Route>> {
    let rows: Vec<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM routes WHERE organization_id = $1 AND deleted_at IS NULL ORDER BY id"
    ))
    .bind(organization)
    .fetch_all(conn)
    .await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The routes of a receiver that are used for new events, oldest first.
pub async fn list_active_of_receiver(
    tx: &mut Tx,
    organization: &OrganizationId,
    receiver: &ReceiverId,
) -> Result<Vec<Route>> {
    let rows: Vec<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM routes
         WHERE organization_id = $1 AND receiver_id = $2 AND active AND deleted_at IS NULL
         ORDER BY id"
    ))
    .bind(organization)
    .bind(receiver)
    .fetch_all(conn)
    .await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Writes everything about a route that can change; whether there was one.
pub async fn update(tx: &mut Tx, route: &Route) -> Result<bool> {
    let rows = on!(tx, |conn| sqlx::query(
        "UPDATE routes
            SET name = $3, event_type = $4, mapping = $5, mapping_version = $6, destination = $7, retry = $8,
                active = $9, updated_at = $10
          WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL"
    )
    .bind(&route.organization_id)
    .bind(&route.id)
    .bind(&route.name)
    .bind(&route.event_type)
    .bind(Json(&route.mapping))
    .bind(route.mapping_version)
    .bind(Json(&route.destination))
    .bind(Json(&route.retry))
    .bind(route.active)
    .bind(route.updated_at)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Keeps the route's present mapping as a version of its history.
pub async fn insert_mapping_version(
    tx: &mut Tx,
    route: &Route,
    created_by: &str,
    now: Timestamp,
) -> Result<()> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO mapping_versions (route_id, version, organization_id, mapping, created_at, created_by)
              VALUES ($1, $2, $3, $4, $5, $6)"
    )
    .bind(&route.id)
    .bind(route.mapping_version)
    .bind(&route.organization_id)
    .bind(Json(&route.mapping))
    .bind(now)
    .bind(created_by)
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// One version of a route's mapping, also of a route that was deleted since: attempts name the version they used.
pub async fn find_mapping_version(
    tx: &mut Tx,
    organization: &OrganizationId,
    route: &RouteId,
    version: i64,
) -> Result<Option<FieldMapping>> {
    let mapping: Option<Json<FieldMapping>> = on!(tx, |conn| {
        sqlx::query_scalar(
        "SELECT mapping FROM mapping_versions WHERE organization_id = $1 AND route_id = $2 AND version = $3"
    )
    .bind(organization)
    .bind(route)
    .bind(version)
    .fetch_optional(conn)
    .await
    })?;
    Ok(mapping.map(|mapping| mapping.0))
}

/// The versions of a route's mapping, newest first, at most `limit`.
pub async fn list_mapping_versions(
    tx: &mut Tx,
    organization: &OrganizationId,
    route: &RouteId,
    limit: i64,
) -> Result<Vec<MappingVersion>> {
    Ok(on!(tx, |conn| sqlx::query_as(
        "SELECT version, created_at, created_by
           FROM mapping_versions
          WHERE organization_id = $1 AND route_id = $2
          ORDER BY version DESC
          LIMIT $3"
    )
    .bind(organization)
    .bind(route)
    .bind(limit)
    .fetch_all(conn)
    .await)?)
}

/// Marks a route as deleted; whether there was one. Deliveries that it made go on.
pub async fn delete(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &RouteId,
    now: Timestamp,
) -> Result<bool> {
    let rows = on!(tx, |conn| sqlx::query(
        "UPDATE routes
            SET deleted_at = $3, updated_at = $3, active = FALSE
          WHERE organization_id = $1 AND id = $2 AND deleted_at IS NULL"
    )
    .bind(organization)
    .bind(id)
    .bind(now)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Marks all routes of a receiver as deleted; their ids, oldest first.
pub async fn delete_of_receiver(
    tx: &mut Tx,
    organization: &OrganizationId,
    receiver: &ReceiverId,
    now: Timestamp,
) -> Result<Vec<RouteId>> {
    let mut ids: Vec<RouteId> = on!(tx, |conn| sqlx::query_scalar(
        "UPDATE routes
            SET deleted_at = $3, updated_at = $3, active = FALSE
          WHERE organization_id = $1 AND receiver_id = $2 AND deleted_at IS NULL
      RETURNING id"
    )
    .bind(organization)
    .bind(receiver)
    .bind(now)
    .fetch_all(conn)
    .await)?;
    ids.sort();
    Ok(ids)
}
