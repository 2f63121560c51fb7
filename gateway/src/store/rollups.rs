//! Counts kept at write time: deliveries by their present state and refusals, per organization, connector, event
//! type and minute, hour and day.
//!
//! Whoever changes a delivery's state collects a [`Deltas`] and applies it in the same transaction; so the counts
//! never disagree with a recount. A delivery is counted in the bucket of its creation, a refusal in that of its
//! arrival, whatever happens later. Screens read only these counts: their cost does not grow with history.

use std::collections::{BTreeMap, HashMap};

use domain::dashboard::{
    Grain, Heatmap, HeatmapCell, HeatmapRow, HeatmapRows, SeriesPoint, Summary, Totals, columns_for,
    grain_for,
};
use domain::event::EventType;
use domain::id::{ConnectorId, OrganizationId};
use domain::live::RollupDelta;
use domain::status::CountedStatus;
use domain::time::{MINUTE, Timestamp};
use sqlx::QueryBuilder;

use super::values::runs;
use super::{Result, Tx, latencies};

/// The heatmap never has more rows than this.
const MAX_HEATMAP_ROWS: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    organization: OrganizationId,
    minute: i64,
    connector: ConnectorId,
    event_type: Option<EventType>,
    status: CountedStatus,
}

/// Changes of counts, summed up before they are written.
#[derive(Debug, Default)]
pub struct Deltas {
    by_key: BTreeMap<Key, i64>,
}

impl Deltas {
    /// `by` more (or fewer) in a state, in the minute of `at`.
    pub fn add(
        &mut self,
        organization: &OrganizationId,
        at: Timestamp,
        connector: &ConnectorId,
        event_type: Option<&EventType>,
        status: CountedStatus,
        by: i64,
    ) {
        let key = Key {
            organization: organization.clone(),
            minute: at.bucket(MINUTE).as_micros(),
            connector: connector.clone(),
            event_type: event_type.cloned(),
            status,
        };
        *self.by_key.entry(key).or_default() += by;
    }

    /// What consoles are told, by organization.
    pub fn into_live(self) -> HashMap<OrganizationId, Vec<RollupDelta>> {
        let mut live: HashMap<OrganizationId, Vec<RollupDelta>> = HashMap::new();
        for (key, by) in self.by_key.into_iter().filter(|(_, by)| *by != 0) {
            live.entry(key.organization).or_default().push(RollupDelta {
                at: Timestamp(key.minute),
                connector_id: key.connector,
                event_type: key.event_type,
                status: key.status,
                by,
            });
        }
        live
    }

    /// The rows to write, in the order of the primary key, so that two transactions never wait for each other in
    /// a circle.
    fn rows(&self) -> BTreeMap<(&OrganizationId, &'static str, i64, &ConnectorId, &str, &'static str), i64> {
        let mut rows = BTreeMap::new();
        for (key, by) in self.by_key.iter().filter(|(_, by)| **by != 0) {
            let event_type = key.event_type.as_ref().map_or("", EventType::as_str);
            for grain in Grain::ALL {
                let bucket = Timestamp(key.minute).bucket(grain.width()).as_micros();
                let row = (
                    &key.organization,
                    grain.as_str(),
                    bucket,
                    &key.connector,
                    event_type,
                    key.status.as_str(),
                );
                *rows.entry(row).or_default() += by;
            }
        }
        rows.retain(|_, by| *by != 0);
        rows
    }
}

/// Adds the changes to the counts of all three grains. `shard` is the server process's own.
pub async fn apply(tx: &mut Tx, deltas: &Deltas, shard: i64) -> Result<()> {
    let rows: Vec<_> = deltas.rows().into_iter().collect();
    for run in runs(&rows) {
        on!(tx, |conn| {
            let mut query = QueryBuilder::<Db>::new(
                "INSERT INTO rollups (organization_id, grain, bucket, connector_id, event_type, status, shard, count) ",
            );
            query.push_values(
                run,
                |mut row, ((organization, grain, bucket, connector, event_type, status), by)| {
                    row.push_bind(*organization).push_bind(*grain).push_bind(*bucket).push_bind(*connector);
                    row.push_bind(*event_type).push_bind(*status).push_bind(shard).push_bind(*by);
                },
            );
            query.push(
                " ON CONFLICT (organization_id, grain, bucket, connector_id, event_type, status, shard)
                  DO UPDATE SET count = rollups.count + excluded.count",
            );
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Counted {
    bucket: i64,
    connector_id: ConnectorId,
    event_type: String,
    status: CountedStatus,
    count: i64,
}

/// All counts of a range. Its cost is the number of buckets, connectors and event types in it, not of events.
async fn counted(
    tx: &mut Tx,
    organization: &OrganizationId,
    grain: Grain,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Counted>> {
    Ok(on!(tx, |conn| sqlx::query_as(
        "SELECT bucket, connector_id, event_type, status, CAST(SUM(count) AS BIGINT) AS count
           FROM rollups
          WHERE organization_id = $1 AND grain = $2 AND bucket >= $3 AND bucket < $4
          GROUP BY bucket, connector_id, event_type, status"
    )
    .bind(organization)
    .bind(grain)
    .bind(from)
    .bind(to)
    .fetch_all(conn)
    .await)?)
}

async fn totals(
    tx: &mut Tx,
    organization: &OrganizationId,
    grain: Grain,
    from: Timestamp,
    to: Timestamp,
) -> Result<Totals> {
    let rows: Vec<(CountedStatus, i64)> = on!(tx, |conn| sqlx::query_as(
        "SELECT status, CAST(SUM(count) AS BIGINT)
           FROM rollups
          WHERE organization_id = $1 AND grain = $2 AND bucket >= $3 AND bucket < $4
          GROUP BY status"
    )
    .bind(organization)
    .bind(grain)
    .bind(from)
    .bind(to)
    .fetch_all(conn)
    .await)?;
    let mut totals = Totals::default();
    for (status, count) in rows {
        totals.add(status, count);
    }
    Ok(totals)
}

/// The numbers of the header. The range is widened to whole columns.
pub async fn summary(
    tx: &mut Tx,
    organization: &OrganizationId,
    from: Timestamp,
    to: Timestamp,
) -> Result<Summary> {
    let (start, bucket_us, columns) = columns_for(from, to);
    let end = start.plus(bucket_us * i64::from(columns));
    let grain = grain_for(bucket_us);
    let series: Vec<(i64, CountedStatus, i64)> = on!(tx, |conn| sqlx::query_as(
        "SELECT bucket, status, CAST(SUM(count) AS BIGINT)
           FROM rollups
          WHERE organization_id = $1 AND grain = $2 AND bucket >= $3 AND bucket < $4
          GROUP BY bucket, status"
    )
    .bind(organization)
    .bind(grain)
    .bind(start)
    .bind(end)
    .fetch_all(&mut *conn)
    .await)?;
    let mut points: BTreeMap<Timestamp, Totals> = BTreeMap::new();
    let mut now = Totals::default();
    for (bucket, status, count) in series {
        let column = start.plus((bucket - start.as_micros()) / bucket_us * bucket_us);
        points.entry(column).or_default().add(status, count);
        now.add(status, count);
    }
    let before = start.plus(start.since(end));
    let previous = totals(tx, organization, grain, before, start).await?;
    let latency = latencies::between(tx, organization, start, end).await?;
    let previous_latency = latencies::between(tx, organization, before, start).await?;
    let (connectors, active_connectors): (i64, i64) = on!(tx, |conn| sqlx::query_as(
        "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN active THEN 1 ELSE 0 END), 0) AS BIGINT)
           FROM connectors
          WHERE organization_id = $1 AND deleted_at IS NULL"
    )
    .bind(organization)
    .fetch_one(conn)
    .await)?;
    Ok(Summary {
        from: start,
        to: end,
        totals: now,
        previous,
        latency: (&latency).into(),
        previous_latency: (&previous_latency).into(),
        series: points.into_iter().map(|(at, totals)| SeriesPoint { at, totals }).collect(),
        bucket_us,
        active_connectors,
        connectors,
    })
}

/// The heatmap of a range, most failures first. Refusals are not deliveries and have no row here.
pub async fn heatmap(
    tx: &mut Tx,
    organization: &OrganizationId,
    from: Timestamp,
    to: Timestamp,
    rows_by: HeatmapRows,
) -> Result<Heatmap> {
    let (start, bucket_us, columns) = columns_for(from, to);
    let end = start.plus(bucket_us * i64::from(columns));
    let mut rows: BTreeMap<(Option<ConnectorId>, Option<EventType>), BTreeMap<u32, Totals>> = BTreeMap::new();
    for found in counted(tx, organization, grain_for(bucket_us), start, end).await? {
        if found.status == CountedStatus::Rejected {
            continue;
        }
        let connector = (rows_by != HeatmapRows::EventType).then_some(found.connector_id);
        let event_type = match rows_by {
            HeatmapRows::Vendor => None,
            HeatmapRows::Endpoint | HeatmapRows::EventType => found.event_type.parse().ok(),
        };
        let column = u32::try_from((found.bucket - start.as_micros()) / bucket_us).unwrap_or(0);
        rows.entry((connector, event_type))
            .or_default()
            .entry(column)
            .or_default()
            .add(found.status, found.count);
    }
    let mut rows: Vec<HeatmapRow> = rows
        .into_iter()
        .map(|((connector_id, event_type), cells)| {
            let mut totals = Totals::default();
            for cell in cells.values() {
                totals.delivered += cell.delivered;
                totals.failed += cell.failed;
                totals.pending += cell.pending;
                totals.canceled += cell.canceled;
            }
            let cells = cells
                .into_iter()
                .filter(|(_, totals)| totals.deliveries() > 0)
                .map(|(column, totals)| HeatmapCell { column, totals })
                .collect();
            HeatmapRow { connector_id, event_type, totals, cells }
        })
        .filter(|row| row.totals.deliveries() > 0)
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.totals.failed, row.totals.deliveries())));
    let total_rows = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    rows.truncate(MAX_HEATMAP_ROWS);
    Ok(Heatmap { from: start, bucket_us, columns, rows_by, rows, total_rows })
}

/// What is counted: grain, bucket, connector, event type and state.
#[cfg(feature = "testing")]
pub type CountKey = (String, i64, ConnectorId, String, CountedStatus);

/// What the rollups say about an organization, zeros left out.
#[cfg(feature = "testing")]
pub async fn all_counts(tx: &mut Tx, organization: &OrganizationId) -> Result<BTreeMap<CountKey, i64>> {
    let rows: Vec<(String, i64, ConnectorId, String, CountedStatus, i64)> = on!(tx, |conn| sqlx::query_as(
        "SELECT grain, bucket, connector_id, event_type, status, CAST(SUM(count) AS BIGINT)
           FROM rollups
          WHERE organization_id = $1
          GROUP BY grain, bucket, connector_id, event_type, status
         HAVING SUM(count) <> 0"
    )
    .bind(organization)
    .fetch_all(conn)
    .await)?;
    Ok(rows
        .into_iter()
        .map(|(grain, bucket, connector, event_type, status, count)| {
            ((grain, bucket, connector, event_type, status), count)
        })
        .collect())
}

/// The same, counted from the deliveries and refusals themselves: a scan, for tests of the invariant only.
#[cfg(feature = "testing")]
pub async fn recount(tx: &mut Tx, organization: &OrganizationId) -> Result<BTreeMap<CountKey, i64>> {
    let rows: Vec<(ConnectorId, String, CountedStatus, i64, i64)> = on!(tx, |conn| {
        sqlx::query_as(
        "SELECT connector_id, event_type, status, created_at, 1 FROM deliveries WHERE organization_id = $1
         UNION ALL
         SELECT connector_id,
                CASE WHEN reason = 'schema_violation' THEN COALESCE(event_type, '') ELSE '' END,
                'rejected', received_at, occurrences
           FROM rejections
          WHERE organization_id = $1"
    )
    .bind(organization)
    .fetch_all(conn)
    .await
    })?;
    let mut counts = BTreeMap::new();
    for (connector, event_type, status, at, count) in rows {
        for grain in Grain::ALL {
            let bucket = Timestamp(at).bucket(grain.width()).as_micros();
            let key = (grain.as_str().to_owned(), bucket, connector.clone(), event_type.clone(), status);
            *counts.entry(key).or_default() += count;
        }
    }
    Ok(counts)
}
