//! Refused requests, and the count of those for addresses that nobody has.

use domain::id::{OrganizationId, RejectionId};
use domain::page::{Page, PageQuery};
use domain::rejection::Rejection;
use domain::time::Timestamp;
use sqlx::QueryBuilder;
use sqlx::types::Json;

use super::values::runs;
use super::{Result, Tx};

macro_rules! columns {
    () => {
        "organization_id, id, connector_id, receiver_id, reason, detail, event_type, received_at, remote_addr,
         content_type, headers, payload_id, payload_bytes, payload_expires_at, occurrences"
    };
}

/// Stores refused requests.
pub async fn insert_many(tx: &mut Tx, rejections: &[Rejection]) -> Result<()> {
    for run in runs(rejections) {
        on!(tx, |conn| {
            let mut query = QueryBuilder::<Db>::new(concat!("INSERT INTO rejections (", columns!(), ") "));
            query.push_values(run, |mut row, rejection| {
                row.push_bind(&rejection.organization_id).push_bind(&rejection.id);
                row.push_bind(&rejection.connector_id).push_bind(&rejection.receiver_id);
                row.push_bind(rejection.reason).push_bind(&rejection.detail).push_bind(&rejection.event_type);
                row.push_bind(rejection.received_at).push_bind(&rejection.remote_addr);
                row.push_bind(&rejection.content_type).push_bind(Json(&rejection.headers));
                row.push_bind(&rejection.payload_id).push_bind(rejection.payload_bytes);
                row.push_bind(rejection.payload_expires_at).push_bind(rejection.occurrences);
            });
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// One page of the organization's refused requests, newest first.
pub async fn list(tx: &mut Tx, organization: &OrganizationId, page: &PageQuery) -> Result<Page<Rejection>> {
    let rows: Vec<Rejection> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM rejections
          WHERE organization_id = $1 AND (CAST($2 AS TEXT) IS NULL OR id < $2)
          ORDER BY id DESC
          LIMIT $3"
    ))
    .bind(organization)
    .bind(&page.cursor)
    .bind(i64::from(page.limit()) + 1)
    .fetch_all(conn)
    .await)?;
    Ok(Page::from_overfetch(rows, page.limit(), |rejection| rejection.id.to_string()))
}

/// One refused request of the organization.
pub async fn find(tx: &mut Tx, organization: &OrganizationId, id: &RejectionId) -> Result<Option<Rejection>> {
    Ok(on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM rejections WHERE organization_id = $1 AND id = $2"
    ))
    .bind(organization)
    .bind(id)
    .fetch_optional(conn)
    .await)?)
}

/// Counts requests for addresses that no connector has, by hour.
pub async fn count_unknown_codes(tx: &mut Tx, hour: Timestamp, by: i64) -> Result<()> {
    Ok(on!(tx, |conn| sqlx::query(
        "INSERT INTO unknown_codes (bucket, count) VALUES ($1, $2)
         ON CONFLICT (bucket) DO UPDATE SET count = unknown_codes.count + excluded.count"
    )
    .bind(hour)
    .bind(by)
    .execute(conn)
    .await
    .map(|_| ()))?)
}

/// How many requests for unknown addresses there were since `from`.
pub async fn unknown_codes_since(tx: &mut Tx, from: Timestamp) -> Result<i64> {
    Ok(on!(tx, |conn| sqlx::query_scalar(
        "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM unknown_codes WHERE bucket >= $1"
    )
    .bind(from)
    .fetch_one(conn)
    .await)?)
}
