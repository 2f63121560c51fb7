//! How connectors are used, from the counts: by the hour, and one connector's in all.

use std::collections::BTreeMap;

use domain::dashboard::{Grain, Totals};
use domain::id::{ConnectorId, OrganizationId};
use domain::status::CountedStatus;
use domain::time::{DAY, HOUR, Timestamp};
use domain::usage::{ConnectorHours, DAYS, HOURS};

use super::alerts::counts;
use super::{Result, Tx};

/// The last hours of every connector that had something in them.
pub async fn hours(
    tx: &mut Tx,
    organization: &OrganizationId,
    now: Timestamp,
) -> Result<Vec<ConnectorHours>> {
    let first = now.bucket(HOUR).plus(-(HOURS as i64 - 1) * HOUR);
    let mut found: BTreeMap<ConnectorId, Vec<Totals>> = BTreeMap::new();
    for counted in counts(tx, organization, Grain::Hour, first, now).await? {
        let hours = found.entry(counted.connector_id).or_insert_with(|| vec![Totals::default(); HOURS]);
        let at = usize::try_from(counted.bucket.since(first) / HOUR).unwrap_or(HOURS);
        if let Some(totals) = hours.get_mut(at) {
            totals.add(counted.status, counted.count);
        }
    }
    Ok(found.into_iter().map(|(connector_id, hours)| ConnectorHours { connector_id, hours }).collect())
}

/// What happened at one connector in the last days.
pub async fn totals(
    tx: &mut Tx,
    organization: &OrganizationId,
    connector: &ConnectorId,
    now: Timestamp,
) -> Result<Totals> {
    let rows: Vec<(CountedStatus, i64)> = on!(tx, |conn| sqlx::query_as(
        "SELECT status, CAST(SUM(count) AS BIGINT)
           FROM rollups
          WHERE organization_id = $1 AND grain = 'day' AND bucket >= $2 AND connector_id = $3
          GROUP BY status"
    )
    .bind(organization)
    .bind(now.bucket(DAY).plus(-(DAYS - 1) * DAY))
    .bind(connector)
    .fetch_all(conn)
    .await)?;
    let mut totals = Totals::default();
    for (status, count) in rows {
        totals.add(status, count);
    }
    Ok(totals)
}
