//! Refused requests, and the count of those for addresses that nobody has.

use std::borrow::Borrow;

use domain::filter::RejectionFilter;
use domain::id::{OrganizationId, RejectionId};
use domain::page::{Page, PageQuery};
use domain::rejection::Rejection;
use domain::time::Timestamp;
use sqlx::QueryBuilder;
use sqlx::types::Json;

use super::values::{first_id_at, runs};
use super::{Result, Tx};

macro_rules! columns {
    () => {
        "organization_id, id, connector_id, receiver_id, reason, detail, event_type, received_at, remote_addr,
         content_type, headers, payload_id, payload_bytes, payload_expires_at, occurrences"
    };
}

/// Stores refused requests. A row that is there already is one that stands for many: it then stands for that many more.
pub async fn insert_many<R: Borrow<Rejection>>(tx: &mut Tx, rejections: &[R]) -> Result<()> {
    for run in runs(rejections) {
        on!(tx, |conn| {
            let mut query = QueryBuilder::<Db>::new(concat!("INSERT INTO rejections (", columns!(), ") "));
            query.push_values(run, |mut row, rejection| {
                let rejection = rejection.borrow();
                row.push_bind(&rejection.organization_id).push_bind(&rejection.id);
                row.push_bind(&rejection.connector_id).push_bind(&rejection.receiver_id);
                row.push_bind(rejection.reason).push_bind(&rejection.detail).push_bind(&rejection.event_type);
                row.push_bind(rejection.received_at).push_bind(&rejection.remote_addr);
                row.push_bind(&rejection.content_type).push_bind(Json(&rejection.headers));
                row.push_bind(&rejection.payload_id).push_bind(rejection.payload_bytes);
                row.push_bind(rejection.payload_expires_at).push_bind(rejection.occurrences);
            });
            query.push(
                " ON CONFLICT (organization_id, id) DO UPDATE
                  SET occurrences = rejections.occurrences + excluded.occurrences",
            );
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// One page of the refused requests that the filter admits, newest first.
pub async fn list_filtered(
    tx: &mut Tx,
    organization: &OrganizationId,
    filter: &RejectionFilter,
    page: &PageQuery,
) -> Result<Page<Rejection>> {
    let rows: Vec<Rejection> = on!(tx, |conn| {
        let mut query = QueryBuilder::<Db>::new(concat!("SELECT ", columns!(), " FROM rejections"));
        query.push(" WHERE organization_id = ").push_bind(organization);
        if let Some(reason) = filter.reason {
            query.push(" AND reason = ").push_bind(reason);
        }
        if let Some(connector) = &filter.connector_id {
            query.push(" AND connector_id = ").push_bind(connector);
        }
        if let Some(from) = filter.from {
            query.push(" AND id >= ").push_bind(first_id_at(RejectionId::PREFIX, from));
            query.push(" AND received_at >= ").push_bind(from);
        }
        if let Some(to) = filter.to {
            query.push(" AND id < ").push_bind(first_id_at(RejectionId::PREFIX, to.plus(1_000)));
            query.push(" AND received_at < ").push_bind(to);
        }
        if let Some(cursor) = &page.cursor {
            query.push(" AND id < ").push_bind(cursor);
        }
        query.push(" ORDER BY id DESC LIMIT ").push_bind(i64::from(page.limit()) + 1);
        query.build_query_as().fetch_all(conn).await
    })?;
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
