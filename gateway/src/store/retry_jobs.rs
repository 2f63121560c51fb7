//! Batches of retries: the jobs, the deliveries that wait for their turn in one, and the failures a job can be made of.
//!
//! Whoever moves a job on takes its row with [`take`] first: of several processes one goes on and the others find it
//! not due. What [`next_items`] gives leaves with [`delete_items`] in the transaction that tries it again.

use domain::delivery::Delivery;
use domain::filter::{DeliveryFilter, ViewTab};
use domain::id::{DeliveryId, OrganizationId, RetryJobId};
use domain::retry_job::{
    Cause, LeftOut, MAX_AFFECTED, MAX_LOOKED_AT, RetryCandidate, RetryJob, RetryJobState, RetryOutcome,
};
use domain::status::DeliveryStatus;
use domain::time::Timestamp;
use sqlx::QueryBuilder;
use sqlx::types::Json;

use super::deliveries::{columns as delivery_columns, narrow};
use super::values::{first_id_at, runs};
use super::{Result, Tx};

macro_rules! columns {
    () => {
        "organization_id, id, created_by, reason, filter, causes, state, per_second, behind_live_traffic, total, retried,
         skipped, left_out, created_at, updated_at, finished_at"
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    organization_id: OrganizationId,
    id: RetryJobId,
    created_by: String,
    reason: Option<String>,
    filter: Option<Json<DeliveryFilter>>,
    causes: Option<Json<Vec<Cause>>>,
    state: RetryJobState,
    per_second: i64,
    behind_live_traffic: bool,
    total: i64,
    retried: i64,
    skipped: Json<Vec<LeftOut>>,
    left_out: Json<Vec<LeftOut>>,
    created_at: Timestamp,
    updated_at: Timestamp,
    finished_at: Option<Timestamp>,
}

impl From<Row> for RetryJob {
    fn from(row: Row) -> Self {
        Self {
            organization_id: row.organization_id,
            id: row.id,
            created_by: row.created_by,
            reason: row.reason,
            filter: row.filter.map(|filter| filter.0),
            causes: row.causes.map(|causes| causes.0),
            state: row.state,
            per_second: row.per_second,
            behind_live_traffic: row.behind_live_traffic,
            total: row.total,
            retried: row.retried,
            skipped: row.skipped.0,
            left_out: row.left_out.0,
            created_at: row.created_at,
            updated_at: row.updated_at,
            finished_at: row.finished_at,
        }
    }
}

/// Adds a job with its deliveries, in their order. Its first group may go at `due_at`.
pub async fn insert(tx: &mut Tx, job: &RetryJob, items: &[DeliveryId], due_at: Timestamp) -> Result<()> {
    on!(tx, |conn| {
        sqlx::query(
        "INSERT INTO retry_jobs (organization_id, id, created_by, reason, filter, causes, state, per_second,
                                 behind_live_traffic, total, retried, skipped, left_out, created_at, updated_at,
                                 finished_at, due_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
    )
    .bind(&job.organization_id)
    .bind(&job.id)
    .bind(&job.created_by)
    .bind(&job.reason)
    .bind(job.filter.as_ref().map(Json))
    .bind(job.causes.as_ref().map(Json))
    .bind(job.state)
    .bind(job.per_second)
    .bind(job.behind_live_traffic)
    .bind(job.total)
    .bind(job.retried)
    .bind(Json(&job.skipped))
    .bind(Json(&job.left_out))
    .bind(job.created_at)
    .bind(job.updated_at)
    .bind(job.finished_at)
    .bind(due_at)
    .execute(conn)
    .await
    .map(drop)
    })?;
    let numbered: Vec<(i64, &DeliveryId)> = (1..).zip(items).collect();
    for run in runs(&numbered) {
        on!(tx, |conn| {
            let mut query = QueryBuilder::<Db>::new(
                "INSERT INTO retry_job_items (organization_id, job_id, position, delivery_id) ",
            );
            query.push_values(run, |mut row, (position, delivery)| {
                row.push_bind(&job.organization_id).push_bind(&job.id).push_bind(*position);
                row.push_bind(*delivery);
            });
            query.build().execute(conn).await.map(drop)
        })?;
    }
    Ok(())
}

/// One job.
pub async fn find(tx: &mut Tx, organization: &OrganizationId, id: &RetryJobId) -> Result<Option<RetryJob>> {
    let row: Option<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM retry_jobs WHERE organization_id = $1 AND id = $2"
    ))
    .bind(organization)
    .bind(id)
    .fetch_optional(conn)
    .await)?;
    Ok(row.map(Into::into))
}

/// At most `limit` jobs that were made before `before`, newest first.
pub async fn list(
    tx: &mut Tx,
    organization: &OrganizationId,
    before: Option<&RetryJobId>,
    limit: i64,
) -> Result<Vec<RetryJob>> {
    let rows: Vec<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM retry_jobs
         WHERE organization_id = $1
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

/// How many jobs of the organization run or pause.
pub async fn count_open(tx: &mut Tx, organization: &OrganizationId) -> Result<i64> {
    Ok(on!(tx, |conn| {
        sqlx::query_scalar(
            "SELECT COUNT(*) FROM retry_jobs WHERE organization_id = $1 AND state IN ('running', 'paused')",
        )
        .bind(organization)
        .fetch_one(conn)
        .await
    })?)
}

/// The jobs of all tenants whose next group may go now, those that have waited longest first, at most `limit`.
pub async fn due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<RetryJob>> {
    let rows: Vec<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        " FROM retry_jobs WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at LIMIT $2"
    ))
    .bind(now)
    .bind(limit)
    .fetch_all(conn)
    .await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// When the next group of any job may go.
pub async fn next_due(tx: &mut Tx) -> Result<Option<Timestamp>> {
    Ok(on!(tx, |conn| {
        sqlx::query_scalar("SELECT MIN(due_at) FROM retry_jobs WHERE due_at IS NOT NULL")
            .fetch_one(conn)
            .await
    })?)
}

/// Holds a job until the end of the transaction, as it is then, when its next group may go at `now`.
pub async fn take(
    tx: &mut Tx,
    organization: &OrganizationId,
    id: &RetryJobId,
    now: Timestamp,
) -> Result<Option<RetryJob>> {
    // Writing is what locks a row on both databases. Who waited for the lock sees what the other one left.
    let row: Option<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "UPDATE retry_jobs SET updated_at = updated_at
          WHERE organization_id = $1 AND id = $2 AND state = 'running' AND due_at <= $3
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

/// Holds a job until the end of the transaction, whatever its state.
pub async fn lock(tx: &mut Tx, organization: &OrganizationId, id: &RetryJobId) -> Result<Option<RetryJob>> {
    let row: Option<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "UPDATE retry_jobs SET updated_at = updated_at WHERE organization_id = $1 AND id = $2 RETURNING ",
        columns!()
    ))
    .bind(organization)
    .bind(id)
    .fetch_optional(conn)
    .await)?;
    Ok(row.map(Into::into))
}

/// Writes what can change about a job. `due_at` is when its next group may go; absent unless it runs.
pub async fn update(tx: &mut Tx, job: &RetryJob, due_at: Option<Timestamp>) -> Result<()> {
    on!(tx, |conn| {
        sqlx::query(
        "UPDATE retry_jobs
            SET state = $3, behind_live_traffic = $4, retried = $5, skipped = $6, updated_at = $7, finished_at = $8,
                due_at = $9
          WHERE organization_id = $1 AND id = $2"
    )
    .bind(&job.organization_id)
    .bind(&job.id)
    .bind(job.state)
    .bind(job.behind_live_traffic)
    .bind(job.retried)
    .bind(Json(&job.skipped))
    .bind(job.updated_at)
    .bind(job.finished_at)
    .bind(due_at)
    .execute(conn)
    .await
    .map(drop)
    })?;
    Ok(())
}

/// The next deliveries of a job behind the first `done`, at most `limit`.
pub async fn next_items(
    tx: &mut Tx,
    organization: &OrganizationId,
    job: &RetryJobId,
    done: i64,
    limit: i64,
) -> Result<Vec<DeliveryId>> {
    Ok(on!(tx, |conn| sqlx::query_scalar(
        "SELECT delivery_id
           FROM retry_job_items
          WHERE organization_id = $1 AND job_id = $2 AND position > $3
          ORDER BY position
          LIMIT $4"
    )
    .bind(organization)
    .bind(job)
    .bind(done)
    .bind(limit)
    .fetch_all(conn)
    .await)?)
}

/// Lets go of the first `done` deliveries of a job, or of all that are left.
pub async fn delete_items(
    tx: &mut Tx,
    organization: &OrganizationId,
    job: &RetryJobId,
    done: Option<i64>,
) -> Result<()> {
    on!(tx, |conn| sqlx::query(
        "DELETE FROM retry_job_items WHERE organization_id = $1 AND job_id = $2 AND position <= $3"
    )
    .bind(organization)
    .bind(job)
    .bind(done.unwrap_or(i64::MAX))
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct InLane {
    #[sqlx(flatten)]
    delivery: Delivery,
    lane: String,
}

/// Deliveries by their ids, each with its lane.
pub async fn deliveries(
    tx: &mut Tx,
    organization: &OrganizationId,
    ids: &[DeliveryId],
) -> Result<Vec<(Delivery, String)>> {
    let mut found = Vec::with_capacity(ids.len());
    for run in runs(ids) {
        let rows: Vec<InLane> = on!(tx, |conn| {
            let mut query = QueryBuilder::<Db>::new(concat!(
                "SELECT ",
                delivery_columns!(),
                ", lane FROM deliveries WHERE organization_id = "
            ));
            query.push_bind(organization).push(" AND id IN (");
            let mut list = query.separated(", ");
            for id in run {
                list.push_bind(id);
            }
            query.push(")").build_query_as().fetch_all(conn).await
        })?;
        found.extend(rows.into_iter().map(|row| (row.delivery, row.lane)));
    }
    Ok(found)
}

/// What a job can be made of by `filter`: failures, newest first. Whether these are all: of the failures in the
/// filter's time [`MAX_LOOKED_AT`] are looked at, and of those that match [`MAX_AFFECTED`] taken.
pub async fn candidates_by_filter(
    tx: &mut Tx,
    organization: &OrganizationId,
    filter: &DeliveryFilter,
) -> Result<(Vec<RetryCandidate>, bool)> {
    let most = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let mut rows: Vec<RetryCandidate> = on!(tx, |conn| {
        let mut query = QueryBuilder::<Db>::new(
            "SELECT id, status, error_class, response_code, payload_expires_at
               FROM (SELECT id, status, error_class, response_code, payload_expires_at, direction, connector_id,
                            event_type, source_record_id, destination_record_id, created_at, retry_job_id
                       FROM deliveries
                      WHERE status IN ('failed', 'dead_letter') AND organization_id = ",
        );
        query.push_bind(organization);
        // By id only: the index alone decides what is looked at.
        if let Some(from) = filter.from {
            query.push(" AND id >= ").push_bind(first_id_at(DeliveryId::PREFIX, from));
        }
        if let Some(to) = filter.to {
            query.push(" AND id < ").push_bind(first_id_at(DeliveryId::PREFIX, to.plus(1_000)));
        }
        query.push(" ORDER BY id DESC LIMIT ").push_bind(most(MAX_LOOKED_AT));
        query.push(") AS looked_at WHERE status IN ('failed', 'dead_letter')");
        narrow!(query, filter);
        query.push(" ORDER BY id DESC LIMIT ").push_bind(most(MAX_AFFECTED + 1));
        query.build_query_as().fetch_all(conn).await
    })?;
    if rows.len() > MAX_AFFECTED {
        rows.truncate(MAX_AFFECTED);
        return Ok((rows, false));
    }
    let beyond: Option<DeliveryId> = on!(tx, |conn| {
        let mut query = QueryBuilder::<Db>::new(
            "SELECT id FROM deliveries WHERE status IN ('failed', 'dead_letter') AND organization_id = ",
        );
        query.push_bind(organization);
        if let Some(from) = filter.from {
            query.push(" AND id >= ").push_bind(first_id_at(DeliveryId::PREFIX, from));
        }
        if let Some(to) = filter.to {
            query.push(" AND id < ").push_bind(first_id_at(DeliveryId::PREFIX, to.plus(1_000)));
        }
        query.push(" ORDER BY id DESC LIMIT 1 OFFSET ").push_bind(most(MAX_LOOKED_AT));
        query.build_query_scalar().fetch_optional(conn).await
    })?;
    Ok((rows, beyond.is_none()))
}

/// What a job can be made of by a list; ids that are not the organization's are missing.
pub async fn candidates_by_ids(
    tx: &mut Tx,
    organization: &OrganizationId,
    ids: &[DeliveryId],
) -> Result<Vec<RetryCandidate>> {
    let mut found = Vec::with_capacity(ids.len());
    for run in runs(ids) {
        let rows: Vec<RetryCandidate> = on!(tx, |conn| {
            let mut query = QueryBuilder::<Db>::new(
                "SELECT id, status, error_class, response_code, payload_expires_at
                   FROM deliveries
                  WHERE organization_id = ",
            );
            query.push_bind(organization).push(" AND id IN (");
            let mut list = query.separated(", ");
            for id in run {
                list.push_bind(id);
            }
            query.push(")").build_query_as().fetch_all(conn).await
        })?;
        found.extend(rows);
    }
    Ok(found)
}

/// What became of the deliveries of a job. Its cost is their number.
pub async fn outcome(tx: &mut Tx, organization: &OrganizationId, job: &RetryJobId) -> Result<RetryOutcome> {
    let rows: Vec<(DeliveryStatus, i64)> = on!(tx, |conn| sqlx::query_as(
        "SELECT status, COUNT(*)
           FROM deliveries
          WHERE organization_id = $1 AND retry_job_id = $2
          GROUP BY status"
    )
    .bind(organization)
    .bind(job)
    .fetch_all(conn)
    .await)?;
    let mut outcome = RetryOutcome::default();
    for (status, count) in rows {
        outcome.add(status, count);
    }
    Ok(outcome)
}
