//! Deliveries as people see them: lists, one row, its attempts, its replays.
//!
//! Workers claim and finish deliveries through [`super::queue`].

use std::borrow::Borrow;

use domain::delivery::{Attempt, Delivery, ErrorClass};
use domain::filter::{DeliveryFilter, SortOrder, ViewTab};
use domain::id::{AttemptId, DeliveryId, EventId, OrganizationId, RetryJobId};
use domain::page::{Page, PageQuery};
use domain::status::DeliveryStatus;
use domain::time::Timestamp;
use sqlx::QueryBuilder;
use sqlx::types::Json;

use super::values::{first_id_at, runs};
use super::{Result, Tx};

/// The columns of a [`Delivery`], in one place.
macro_rules! columns {
    () => {
        "organization_id, id, event_id, direction, connector_id, receiver_id, route_id, destination, destination_name,
         event_type, source_record_id, status, response_code, duration_us, attempts, max_attempts,
         destination_record_id, error_class, error, received_at, created_at, updated_at,
         CASE WHEN status IN ('received', 'retrying') THEN due_at END AS next_attempt_at,
         replay_of, replayed_by, edited, payload_id, payload_expires_at, mapping_version, retry_job_id"
    };
}
pub(super) use columns;

/// Narrows a query over deliveries, behind a first condition: the same rule as [`DeliveryFilter::admits`].
macro_rules! narrow {
    ($query:ident, $filter:expr) => {
        match $filter.tab {
            None => {}
            Some(ViewTab::Api) => {
                $query.push(" AND direction = 'inbound'");
            }
            Some(ViewTab::Webhook) => {
                $query.push(" AND direction = 'outbound'");
            }
            Some(ViewTab::Errors) => {
                $query.push(" AND status IN ('failed', 'dead_letter')");
            }
        }
        if let Some(status) = $filter.status {
            // Literal words, and the set that the partial index is over, so that the planner can use it.
            if !status.is_final() {
                $query.push(" AND status IN ('received', 'processing', 'retrying')");
            } else if status.is_failure() {
                $query.push(" AND status IN ('failed', 'dead_letter')");
            }
            $query.push(" AND status = '").push(status.as_str()).push("'");
        }
        if let Some(connector) = &$filter.connector_id {
            $query.push(" AND connector_id = ").push_bind(connector);
        }
        if let Some(event_type) = &$filter.event_type {
            $query.push(" AND event_type = ").push_bind(event_type);
        }
        if let Some(record) = &$filter.source_record_id {
            $query.push(" AND source_record_id = ").push_bind(record);
        }
        if let Some(record) = &$filter.destination_record_id {
            $query.push(" AND destination_record_id = ").push_bind(record);
        }
        if let Some(from) = $filter.from {
            $query
                .push(" AND id >= ")
                .push_bind(first_id_at(DeliveryId::PREFIX, from))
                .push(" AND created_at >= ")
                .push_bind(from);
        }
        if let Some(to) = $filter.to {
            $query
                .push(" AND id < ")
                .push_bind(first_id_at(DeliveryId::PREFIX, to.plus(1_000)))
                .push(" AND created_at < ")
                .push_bind(to);
        }
        if let Some(job) = &$filter.retry_job_id {
            $query.push(" AND retry_job_id = ").push_bind(job);
        }
    };
}
pub(super) use narrow;

/// A delivery on its way into the store.
#[derive(Debug, Clone)]
pub struct NewDelivery {
    /// The row; its `next_attempt_at` is when the first attempt is due.
    pub delivery: Delivery,
    /// Which limit of concurrency it falls under.
    pub lane: String,
    /// The first delivery of the chain, for a replay.
    pub root_id: Option<DeliveryId>,
}

/// Stores new deliveries.
pub async fn insert_many<D: Borrow<NewDelivery>>(tx: &mut Tx, deliveries: &[D]) -> Result<()> {
    for run in runs(deliveries) {
        on!(tx, |conn| {
            let mut query = QueryBuilder::<Db>::new(
                "INSERT INTO deliveries (organization_id, id, event_id, direction, connector_id, receiver_id, route_id,
                                         destination, destination_name, event_type, source_record_id, status, attempts,
                                         max_attempts, received_at, created_at, updated_at, due_at, lane, replay_of,
                                         root_id, replayed_by, edited, payload_id, payload_expires_at,
                                         mapping_version) ",
            );
            query.push_values(run, |mut row, new| {
                let new = new.borrow();
                let delivery = &new.delivery;
                row.push_bind(&delivery.organization_id)
                    .push_bind(&delivery.id)
                    .push_bind(&delivery.event_id);
                row.push_bind(delivery.direction)
                    .push_bind(&delivery.connector_id)
                    .push_bind(&delivery.receiver_id);
                row.push_bind(&delivery.route_id).push_bind(delivery.destination);
                row.push_bind(&delivery.destination_name).push_bind(&delivery.event_type);
                row.push_bind(&delivery.source_record_id)
                    .push_bind(delivery.status)
                    .push_bind(delivery.attempts);
                row.push_bind(delivery.max_attempts)
                    .push_bind(delivery.received_at)
                    .push_bind(delivery.created_at);
                row.push_bind(delivery.updated_at).push_bind(delivery.next_attempt_at).push_bind(&new.lane);
                row.push_bind(&delivery.replay_of).push_bind(&new.root_id).push_bind(&delivery.replayed_by);
                row.push_bind(delivery.edited)
                    .push_bind(&delivery.payload_id)
                    .push_bind(delivery.payload_expires_at);
                row.push_bind(delivery.mapping_version);
            });
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// One delivery of the organization.
pub async fn find(tx: &mut Tx, organization: &OrganizationId, id: &DeliveryId) -> Result<Option<Delivery>> {
    Ok(on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM deliveries WHERE organization_id = $1 AND id = $2"
    ))
    .bind(organization)
    .bind(id)
    .fetch_optional(conn)
    .await)?)
}

/// Deliveries of the organization by their ids, in no order. Ids that are not the organization's are left out.
pub async fn by_ids(tx: &mut Tx, organization: &OrganizationId, ids: &[DeliveryId]) -> Result<Vec<Delivery>> {
    let mut found = Vec::with_capacity(ids.len());
    for run in runs(ids) {
        let rows: Vec<Delivery> = on!(tx, |conn| {
            let mut query = QueryBuilder::<Db>::new(concat!("SELECT ", columns!(), " FROM deliveries"));
            query.push(" WHERE organization_id = ").push_bind(organization).push(" AND id IN (");
            let mut list = query.separated(", ");
            for id in run {
                list.push_bind(id);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await
        })?;
        found.extend(rows);
    }
    Ok(found)
}

/// One page of deliveries, in the filter's order.
pub async fn list(
    tx: &mut Tx,
    organization: &OrganizationId,
    filter: &DeliveryFilter,
    page: &PageQuery,
) -> Result<Page<Delivery>> {
    let limit = page.limit();
    let newest_first = filter.sort == SortOrder::Newest;
    let rows: Vec<Delivery> = on!(tx, |conn| {
        let mut query = QueryBuilder::<Db>::new(concat!("SELECT ", columns!(), " FROM deliveries"));
        query.push(" WHERE organization_id = ").push_bind(organization);
        narrow!(query, filter);
        if let Some(cursor) = &page.cursor {
            query.push(if newest_first { " AND id < " } else { " AND id > " }).push_bind(cursor);
        }
        query.push(if newest_first { " ORDER BY id DESC LIMIT " } else { " ORDER BY id LIMIT " });
        query.push_bind(i64::from(limit) + 1);
        query.build_query_as().fetch_all(conn).await
    })?;
    Ok(Page::from_overfetch(rows, limit, |delivery| delivery.id.to_string()))
}

/// The chain of replays that `delivery` belongs to, oldest first, itself included; at most 100.
pub async fn lineage(tx: &mut Tx, organization: &OrganizationId, id: &DeliveryId) -> Result<Vec<Delivery>> {
    let root = root_of(tx, organization, id).await?;
    Ok(on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM deliveries WHERE organization_id = $1 AND (id = $2 OR root_id = $2) ORDER BY id LIMIT 100"
    ))
    .bind(organization)
    .bind(&root)
    .fetch_all(conn)
    .await)?)
}

/// The first delivery of the chain that `id` belongs to; itself when it was never replayed.
pub async fn root_of(tx: &mut Tx, organization: &OrganizationId, id: &DeliveryId) -> Result<DeliveryId> {
    let root: Option<Option<DeliveryId>> = on!(tx, |conn| sqlx::query_scalar(
        "SELECT root_id FROM deliveries WHERE organization_id = $1 AND id = $2"
    )
    .bind(organization)
    .bind(id)
    .fetch_optional(conn)
    .await)?;
    Ok(root.flatten().unwrap_or_else(|| id.clone()))
}

/// The deliveries of an event, oldest first, at most 100.
pub async fn of_event(tx: &mut Tx, organization: &OrganizationId, event: &EventId) -> Result<Vec<Delivery>> {
    Ok(on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM deliveries WHERE organization_id = $1 AND event_id = $2 ORDER BY id LIMIT 100"
    ))
    .bind(organization)
    .bind(event)
    .fetch_all(conn)
    .await)?)
}

/// A move of a delivery that a person asked for.
#[derive(Debug, Clone)]
pub struct StatusChange {
    /// The state it must still be in.
    pub from: DeliveryStatus,
    /// The state it gets.
    pub to: DeliveryStatus,
    /// When a worker should look at it; absent for a final state.
    pub due_at: Option<Timestamp>,
    /// How many attempts it may have beyond those made.
    pub more_attempts: i64,
    /// When this happens.
    pub at: Timestamp,
    /// The batch it happens in; the one before stays noted when there is none.
    pub job: Option<RetryJobId>,
}

/// Moves a delivery into another state. Returns the changed row; `None` when its state was another one by then.
pub async fn change_status(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &DeliveryId,
    change: &StatusChange,
) -> Result<Option<Delivery>> {
    Ok(on!(tx, |conn| sqlx::query_as(concat!(
        "UPDATE deliveries
            SET status = $4, due_at = $5, max_attempts = attempts + $6, updated_at = $7, lease_owner = NULL,
                retry_job_id = COALESCE($8, retry_job_id)
          WHERE organization_id = $1 AND id = $2 AND status = $3
         RETURNING ",
        columns!()
    ))
    .bind(organization)
    .bind(id)
    .bind(change.from)
    .bind(change.to)
    .bind(change.due_at)
    .bind(change.more_attempts)
    .bind(change.at)
    .bind(&change.job)
    .fetch_optional(conn)
    .await)?)
}

/// The lane of a delivery, for its replay.
pub async fn lane_of(tx: &mut Tx, organization: &OrganizationId, id: &DeliveryId) -> Result<Option<String>> {
    Ok(on!(tx, |conn| sqlx::query_scalar(
        "SELECT lane FROM deliveries WHERE organization_id = $1 AND id = $2"
    )
    .bind(organization)
    .bind(id)
    .fetch_optional(conn)
    .await)?)
}

#[derive(sqlx::FromRow)]
struct AttemptRow {
    id: AttemptId,
    delivery_id: DeliveryId,
    number: i64,
    started_at: Timestamp,
    duration_us: i64,
    succeeded: bool,
    response_code: Option<i64>,
    error_class: Option<ErrorClass>,
    error: Option<String>,
    method: String,
    url: String,
    remote_addr: Option<String>,
    request_headers: Json<Vec<domain::connector::Header>>,
    request_body: Option<Vec<u8>>,
    response_headers: Json<Vec<domain::connector::Header>>,
    response_body: Option<Vec<u8>>,
    response_truncated: bool,
    mapping_version: Option<i64>,
}

impl From<AttemptRow> for Attempt {
    fn from(row: AttemptRow) -> Self {
        Self {
            id: row.id,
            delivery_id: row.delivery_id,
            number: row.number,
            started_at: row.started_at,
            duration_us: row.duration_us,
            succeeded: row.succeeded,
            response_code: row.response_code,
            error_class: row.error_class,
            error: row.error,
            method: row.method,
            url: row.url,
            remote_addr: row.remote_addr,
            request_headers: row.request_headers.0,
            request_body: row.request_body.map(readable),
            response_headers: row.response_headers.0,
            response_body: row.response_body.map(readable),
            response_truncated: row.response_truncated,
            mapping_version: row.mapping_version,
        }
    }
}

/// Bytes as text, or as base64 behind `base64:`.
fn readable(bytes: Vec<u8>) -> String {
    use base64::Engine;
    String::from_utf8(bytes).unwrap_or_else(|error| {
        format!("base64:{}", base64::engine::general_purpose::STANDARD.encode(error.as_bytes()))
    })
}

/// The attempts of a delivery, oldest first, at most 100.
pub async fn attempts(tx: &mut Tx, organization: &OrganizationId, id: &DeliveryId) -> Result<Vec<Attempt>> {
    let rows: Vec<AttemptRow> = on!(tx, |conn| {
        sqlx::query_as(
        "SELECT id, delivery_id, number, started_at, duration_us, succeeded, response_code, error_class, error, method,
                url, remote_addr, request_headers, request_body, response_headers, response_body, response_truncated,
                mapping_version
           FROM attempts
          WHERE organization_id = $1 AND delivery_id = $2
          ORDER BY number
          LIMIT 100"
    )
    .bind(organization)
    .bind(id)
    .fetch_all(conn)
    .await
    })?;
    Ok(rows.into_iter().map(Attempt::from).collect())
}

/// Takes the bodies out of attempts whose payload has expired, at most `limit`; returns how many there were.
pub async fn strip_expired_bodies(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<u64> {
    Ok(on!(tx, |conn| sqlx::query(
        "UPDATE attempts
            SET request_body = NULL, response_body = NULL
          WHERE (organization_id, delivery_id, number) IN (
                SELECT organization_id, delivery_id, number
                  FROM attempts
                 WHERE bodies_expire_at <= $1 AND (request_body IS NOT NULL OR response_body IS NOT NULL)
                 ORDER BY bodies_expire_at
                 LIMIT $2)"
    )
    .bind(now)
    .bind(limit)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}
