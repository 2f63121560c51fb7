//! What alerts are computed from: counts of the last hours and new dead letters, both over indexes.

use std::collections::BTreeMap;

use domain::alert::{Alert, Counted, Facts, NewDeadLetters, alerts, first_hour, first_minute};
use domain::dashboard::Grain;
use domain::id::{ConnectorId, OrganizationId};
use domain::time::{HOUR, Timestamp};

use super::{Result, Tx};

/// Counting new dead letters ends here; the question below says the same number.
const MOST_DEAD: i64 = 10_000;

const COUNTS: &str = "SELECT bucket, connector_id, status, CAST(SUM(count) AS BIGINT) AS count
       FROM rollups
      WHERE organization_id = $1 AND grain = $2 AND bucket >= $3 AND bucket <= $4
      GROUP BY bucket, connector_id, status";
// Newest first, so that the index is read from its end and no further than the limit.
const DEAD: &str = "SELECT connector_id,
            (SELECT name FROM connectors WHERE connectors.id = connector_id AND organization_id = $1) AS connector_name,
            COUNT(*) AS count,
            MIN(updated_at) AS first
       FROM (SELECT connector_id, updated_at
               FROM deliveries
              WHERE organization_id = $1 AND status = 'dead_letter' AND updated_at >= $2
              ORDER BY updated_at DESC
              LIMIT 10000) AS newest
      GROUP BY connector_id";

/// The questions, each with its index and the condition the index must serve: see [`super::search::QUESTIONS`].
#[cfg(feature = "testing")]
pub const QUESTIONS: [(&str, &str, &str); 2] =
    [(COUNTS, "rollups", "grain=? AND bucket>? AND bucket<?"), (DEAD, "deliveries_dead", "updated_at>?")];

/// What is worth a look at `now`.
pub async fn list(tx: &mut Tx, organization: &OrganizationId, now: Timestamp) -> Result<Vec<Alert>> {
    let dead = new_dead_letters(tx, organization, now.plus(-HOUR)).await?;
    let facts = Facts {
        active: active_connectors(tx, organization).await?,
        minutes: counts(tx, organization, Grain::Minute, first_minute(now), now).await?,
        hours: counts(tx, organization, Grain::Hour, first_hour(now), now).await?,
        dead_cut: dead.iter().map(|dead| dead.count).sum::<i64>() >= MOST_DEAD,
        dead,
    };
    Ok(alerts(&facts, now))
}

async fn active_connectors(
    tx: &mut Tx,
    organization: &OrganizationId,
) -> Result<BTreeMap<ConnectorId, String>> {
    let rows: Vec<(ConnectorId, String)> = on!(tx, |conn| sqlx::query_as(
        "SELECT id, name FROM connectors WHERE organization_id = $1 AND deleted_at IS NULL AND active"
    )
    .bind(organization)
    .fetch_all(conn)
    .await)?;
    Ok(rows.into_iter().collect())
}

/// Counts of whole buckets by connector and state.
pub(super) async fn counts(
    tx: &mut Tx,
    organization: &OrganizationId,
    grain: Grain,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Counted>> {
    Ok(on!(tx, |conn| sqlx::query_as(COUNTS)
        .bind(organization)
        .bind(grain)
        .bind(from)
        .bind(to)
        .fetch_all(conn)
        .await)?)
}

async fn new_dead_letters(
    tx: &mut Tx,
    organization: &OrganizationId,
    from: Timestamp,
) -> Result<Vec<NewDeadLetters>> {
    Ok(on!(tx, |conn| sqlx::query_as(DEAD).bind(organization).bind(from).fetch_all(conn).await)?)
}
