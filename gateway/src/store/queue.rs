//! The queue of due deliveries: claim with a lease, finish, give back. The one file with SQL in two dialects.
//!
//! `due_at` is both the time of the next attempt and, while one is running, the end of its lease: a delivery whose
//! worker died becomes due again by itself. A finish names the attempt it belongs to; when the lease was lost
//! meanwhile and somebody else has begun another attempt, it changes nothing.

use domain::connector::Header;
use domain::delivery::{Delivery, ErrorClass};
use domain::id::{AttemptId, DeliveryId, NodeId, OrganizationId};
use domain::status::DeliveryStatus;
use domain::time::Timestamp;
use sqlx::QueryBuilder;
use sqlx::types::Json;

use super::deliveries::columns;
use super::values::runs;
use super::{Result, Tx};

/// A delivery that a worker may try now.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The row after the claim: `processing`, its attempt counted.
    pub delivery: Delivery,
    /// The state before.
    pub before: DeliveryStatus,
    /// Which limit of concurrency it falls under.
    pub lane: String,
    /// When the attempt before began, when it was never finished.
    pub interrupted_since: Option<Timestamp>,
}

/// What looking for work in a lane came to.
#[derive(Debug, Default)]
pub struct Claims {
    /// To be tried now.
    pub claimed: Vec<Claimed>,
    /// Dead letters from now on: their last attempt was interrupted. With the time when that attempt began.
    pub used_up: Vec<(Delivery, Timestamp)>,
}

/// What is said of a delivery whose attempts ended without an outcome, the last one too.
const USED_UP: &str = "The worker ended before the outcome of the last attempt was known. The destination may have received it.";

/// Lanes that have something due, with how many at most `cap` each. Its cost is the number of lanes with work.
pub async fn due_lanes(tx: &mut Tx, now: Timestamp) -> Result<Vec<String>> {
    // A loose index scan: from each lane the next larger one, so that a lane with a million rows costs one step.
    Ok(on!(tx, |conn| {
        sqlx::query_scalar(
        "WITH RECURSIVE lanes (lane) AS (
             SELECT (SELECT MIN(lane) FROM deliveries WHERE due_at IS NOT NULL)
              UNION ALL
             SELECT (SELECT MIN(d.lane) FROM deliveries AS d WHERE d.due_at IS NOT NULL AND d.lane > lanes.lane)
               FROM lanes
              WHERE lanes.lane IS NOT NULL
         )
         SELECT lane
           FROM lanes
          WHERE lane IS NOT NULL
            AND EXISTS (SELECT 1 FROM deliveries AS d
                         WHERE d.due_at IS NOT NULL AND d.lane = lanes.lane AND d.due_at <= $1)"
    )
    .bind(now)
    .fetch_all(conn)
    .await
    })?)
}

/// When the next delivery becomes due after `now`; `None` when there is none. What is due already is not counted: it
/// waits for a place, not for a time.
pub async fn next_due(tx: &mut Tx, now: Timestamp) -> Result<Option<Timestamp>> {
    Ok(on!(tx, |conn| {
        sqlx::query_scalar(
        "WITH RECURSIVE lanes (lane) AS (
             SELECT (SELECT MIN(lane) FROM deliveries WHERE due_at IS NOT NULL)
              UNION ALL
             SELECT (SELECT MIN(d.lane) FROM deliveries AS d WHERE d.due_at IS NOT NULL AND d.lane > lanes.lane)
               FROM lanes
              WHERE lanes.lane IS NOT NULL
         )
         SELECT MIN((SELECT MIN(d.due_at)
                       FROM deliveries AS d
                      WHERE d.due_at IS NOT NULL AND d.lane = lanes.lane AND d.due_at > $1))
           FROM lanes"
    )
    .bind(now)
    .fetch_one(conn)
    .await
    })?)
}

#[derive(sqlx::FromRow)]
struct Due {
    #[sqlx(flatten)]
    delivery: Delivery,
    lane: String,
    leased_at: Option<Timestamp>,
}

macro_rules! select_due {
    ($lock:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            ", lane, leased_at FROM deliveries WHERE lane = $1 AND due_at IS NOT NULL AND due_at <= $2 ORDER BY due_at LIMIT $3",
            $lock
        )
    };
}

/// Claims at most `limit` due deliveries of a lane for `node`, until `lease_until`. An interrupted attempt counts:
/// what had no other left is not tried again.
pub async fn claim(
    tx: &mut Tx,
    lane: &str,
    limit: i64,
    node: &NodeId,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Claims> {
    // Select, then update: the state before is needed for the counts, and RETURNING only knows the one after.
    let due: Vec<Due> = match tx {
        Tx::Sqlite(conn) => {
            sqlx::query_as(select_due!("")).bind(lane).bind(now).bind(limit).fetch_all(&mut **conn).await?
        }
        Tx::Postgres(conn) => {
            sqlx::query_as(select_due!(" FOR UPDATE SKIP LOCKED"))
                .bind(lane)
                .bind(now)
                .bind(limit)
                .fetch_all(&mut **conn)
                .await?
        }
    };
    let is_used_up = |due: &Due| {
        due.delivery.status == DeliveryStatus::Processing
            && due.delivery.attempts >= due.delivery.max_attempts
    };
    let (used_up, due): (Vec<Due>, Vec<Due>) = due.into_iter().partition(is_used_up);
    for run in runs(&used_up) {
        on!(tx, |conn| {
            let mut query = QueryBuilder::<Db>::new("UPDATE deliveries SET status = ");
            query.push_bind(DeliveryStatus::DeadLetter).push(", updated_at = ").push_bind(now);
            query.push(", error_class = ").push_bind(ErrorClass::Interrupted);
            query.push(", error = ").push_bind(USED_UP);
            query.push(", response_code = NULL, due_at = NULL, lease_owner = NULL, leased_at = NULL");
            query.push(" WHERE (organization_id, id) IN (");
            query.push_values(run, |mut row, due| {
                row.push_bind(&due.delivery.organization_id).push_bind(&due.delivery.id);
            });
            query.push(")");
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    for run in runs(&due) {
        on!(tx, |conn| {
            let mut query =
                QueryBuilder::<Db>::new("UPDATE deliveries SET status = 'processing', updated_at = ");
            query.push_bind(now).push(", leased_at = ").push_bind(now);
            query.push(", lease_owner = ").push_bind(node).push(", due_at = ").push_bind(lease_until);
            query.push(", attempts = attempts + 1 WHERE (organization_id, id) IN (");
            query.push_values(run, |mut row, due| {
                row.push_bind(&due.delivery.organization_id).push_bind(&due.delivery.id);
            });
            query.push(")");
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    let used_up = used_up.into_iter().map(|due| {
        let since = due.leased_at.unwrap_or(due.delivery.updated_at);
        let dead = Delivery {
            status: DeliveryStatus::DeadLetter,
            response_code: None,
            error_class: Some(ErrorClass::Interrupted),
            error: Some(USED_UP.to_owned()),
            next_attempt_at: None,
            updated_at: now,
            ..due.delivery
        };
        (dead, since)
    });
    let claimed = due
        .into_iter()
        .map(|due| {
            let before = due.delivery.status;
            let mut delivery = due.delivery;
            delivery.status = DeliveryStatus::Processing;
            delivery.attempts += 1;
            delivery.updated_at = now;
            delivery.next_attempt_at = None;
            let interrupted_since = due.leased_at.filter(|_| before == DeliveryStatus::Processing);
            Claimed { delivery, before, lane: due.lane, interrupted_since }
        })
        .collect();
    Ok(Claims { claimed, used_up: used_up.collect() })
}

/// What became of a claimed delivery.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The tenant.
    pub organization_id: OrganizationId,
    /// The delivery.
    pub id: DeliveryId,
    /// Which attempt this is about.
    pub attempt: i64,
    /// The state it has now.
    pub status: DeliveryStatus,
    /// When to try again; absent in final states.
    pub due_at: Option<Timestamp>,
    /// The HTTP status.
    pub response_code: Option<i64>,
    /// How long the attempt took.
    pub duration_us: i64,
    /// The record at the destination.
    pub destination_record_id: Option<String>,
    /// What stopped it.
    pub error_class: Option<ErrorClass>,
    /// The same in a sentence.
    pub error: Option<String>,
}

/// Finishes attempts that `node` holds the lease of. Returns the deliveries that really changed, each with the
/// attempt that did it: a late outcome of an earlier attempt may be in the same batch.
pub async fn finish(
    tx: &mut Tx,
    finished: &[Finished],
    node: &NodeId,
    now: Timestamp,
) -> Result<Vec<(DeliveryId, i64)>> {
    let mut changed = Vec::with_capacity(finished.len());
    for run in runs(finished) {
        let ids: Vec<(DeliveryId, i64)> = on!(tx, |conn| {
            let mut query = QueryBuilder::<Db>::new(
                "UPDATE deliveries
                    SET status = done.column4, due_at = done.column5, response_code = done.column6,
                        duration_us = done.column7,
                        destination_record_id = COALESCE(done.column8, deliveries.destination_record_id),
                        error_class = done.column9, error = done.column10, lease_owner = NULL, leased_at = NULL,
                        updated_at = ",
            );
            query.push_bind(now).push(" FROM (");
            query.push_values(run, |mut row, done| {
                row.push_bind(&done.organization_id).push_bind(&done.id).push_bind(done.attempt);
                row.push_bind(done.status).push_bind(done.due_at).push_bind(done.response_code);
                row.push_bind(done.duration_us)
                    .push_bind(&done.destination_record_id)
                    .push_bind(done.error_class);
                row.push_bind(&done.error);
            });
            query.push(
                ") AS done
                  WHERE deliveries.organization_id = done.column1 AND deliveries.id = done.column2
                    AND deliveries.attempts = done.column3 AND deliveries.status = 'processing'
                    AND deliveries.lease_owner = ",
            );
            query.push_bind(node).push(" RETURNING deliveries.id, deliveries.attempts");
            query.build_query_as().fetch_all(conn).await
        })?;
        changed.extend(ids);
    }
    Ok(changed)
}

/// An attempt on its way into the store.
#[derive(Debug, Clone)]
pub struct NewAttempt {
    /// The tenant.
    pub organization_id: OrganizationId,
    /// The delivery.
    pub delivery_id: DeliveryId,
    /// 1 for the first.
    pub number: i64,
    /// Its id.
    pub id: AttemptId,
    /// When it began.
    pub started_at: Timestamp,
    /// From its beginning until the destination answered or the record was written, microseconds.
    pub duration_us: i64,
    /// Whether the destination acknowledged it.
    pub succeeded: bool,
    /// The HTTP status.
    pub response_code: Option<i64>,
    /// What stopped it.
    pub error_class: Option<ErrorClass>,
    /// The same in a sentence.
    pub error: Option<String>,
    /// `POST`, or `UPSERT`.
    pub method: String,
    /// Where it went.
    pub url: String,
    /// The resolved address.
    pub remote_addr: Option<String>,
    /// What was sent; credentials are masked.
    pub request_headers: Vec<Header>,
    /// The mapped body, when it differs from the payload.
    pub request_body: Option<bytes::Bytes>,
    /// What came back.
    pub response_headers: Vec<Header>,
    /// What came back, up to the cap.
    pub response_body: Option<bytes::Bytes>,
    /// Whether there was more.
    pub response_truncated: bool,
    /// Which version of the mapping was used.
    pub mapping_version: Option<i64>,
    /// From then on the bodies may be deleted.
    pub bodies_expire_at: Timestamp,
}

/// Stores attempts. One that is there already (its worker was slow, not dead) gets what was really seen.
pub async fn insert_attempts(tx: &mut Tx, attempts: &[NewAttempt]) -> Result<()> {
    for run in runs(attempts) {
        on!(tx, |conn| {
            let mut query = QueryBuilder::<Db>::new(
                "INSERT INTO attempts (organization_id, delivery_id, number, id, started_at, duration_us, succeeded,
                                       response_code, error_class, error, method, url, remote_addr, request_headers,
                                       request_body, response_headers, response_body, response_truncated,
                                       mapping_version, bodies_expire_at) ",
            );
            query.push_values(run, |mut row, attempt| {
                row.push_bind(&attempt.organization_id)
                    .push_bind(&attempt.delivery_id)
                    .push_bind(attempt.number);
                row.push_bind(&attempt.id).push_bind(attempt.started_at).push_bind(attempt.duration_us);
                row.push_bind(attempt.succeeded)
                    .push_bind(attempt.response_code)
                    .push_bind(attempt.error_class);
                row.push_bind(&attempt.error).push_bind(&attempt.method).push_bind(&attempt.url);
                row.push_bind(&attempt.remote_addr).push_bind(Json(&attempt.request_headers));
                row.push_bind(attempt.request_body.as_deref()).push_bind(Json(&attempt.response_headers));
                row.push_bind(attempt.response_body.as_deref()).push_bind(attempt.response_truncated);
                row.push_bind(attempt.mapping_version).push_bind(attempt.bodies_expire_at);
            });
            query.push(
                " ON CONFLICT (organization_id, delivery_id, number) DO UPDATE
                  SET started_at = excluded.started_at, duration_us = excluded.duration_us,
                      succeeded = excluded.succeeded, response_code = excluded.response_code,
                      error_class = excluded.error_class, error = excluded.error, remote_addr = excluded.remote_addr,
                      request_headers = excluded.request_headers, request_body = excluded.request_body,
                      response_headers = excluded.response_headers, response_body = excluded.response_body,
                      response_truncated = excluded.response_truncated, mapping_version = excluded.mapping_version,
                      method = excluded.method, url = excluded.url",
            );
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Makes everything that `node` had leased due at once: for a node that starts again after it died, and for one
/// that stops. Returns how many there were.
pub async fn release_leases(tx: &mut Tx, node: &NodeId, now: Timestamp) -> Result<u64> {
    Ok(on!(tx, |conn| sqlx::query(
        "UPDATE deliveries SET due_at = $2 WHERE due_at > $2 AND lease_owner = $1 AND status = 'processing'"
    )
    .bind(node)
    .bind(now)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?)
}

/// How many deliveries of a lane are due and wait for a place; counted up to `most` only.
pub async fn waiting(tx: &mut Tx, lane: &str, now: Timestamp, most: i64) -> Result<i64> {
    Ok(on!(tx, |conn| {
        sqlx::query_scalar(
        "SELECT COUNT(*)
           FROM (SELECT 1 FROM deliveries WHERE lane = $1 AND due_at IS NOT NULL AND due_at <= $2 LIMIT $3) AS due"
    )
    .bind(lane)
    .bind(now)
    .bind(most)
    .fetch_one(conn)
    .await
    })?)
}

/// How many deliveries wait or run, and since when the oldest of those that should have run waits.
pub async fn depth(tx: &mut Tx, now: Timestamp) -> Result<(i64, Option<Timestamp>)> {
    Ok(on!(tx, |conn| {
        sqlx::query_as(
        "SELECT COUNT(*), MIN(CASE WHEN due_at <= $1 THEN due_at END) FROM deliveries WHERE due_at IS NOT NULL"
    )
    .bind(now)
    .fetch_one(conn)
    .await
    })?)
}
