//! How long attempts took, counted at write time: per organization and minute, hour and day, one column per bin of
//! [`domain::latency`].
//!
//! Whoever stores attempts collects [`Durations`] and applies them in the same transaction, so the counts never
//! disagree with a recount. An attempt is counted in the bucket in which it began. A commit touches one row per grain,
//! however many attempts it has; a range is read in the fewest rows that tile it.

use std::collections::BTreeMap;

use domain::dashboard::Grain;
use domain::delivery::ErrorClass;
use domain::id::OrganizationId;
use domain::latency::{BINS, Histogram, tiles};
use domain::time::{MINUTE, Timestamp};
use sqlx::{QueryBuilder, Row};

use super::{Result, Tx};

/// Rows of one statement: an organization's minute, hour and day, which most commits consist of.
const RUN: usize = 3;

/// Durations of attempts, summed up before they are written.
#[derive(Debug, Default)]
pub struct Durations {
    by_minute: BTreeMap<(OrganizationId, i64), Histogram>,
}

impl Durations {
    /// Counts an attempt that began at `at` and ended with `error`, if its duration says something.
    pub fn add(
        &mut self,
        organization: &OrganizationId,
        at: Timestamp,
        duration_us: i64,
        error: Option<ErrorClass>,
    ) {
        if error.is_none_or(ErrorClass::waited) {
            let key = (organization.clone(), at.bucket(MINUTE).as_micros());
            self.by_minute.entry(key).or_default().add(duration_us);
        }
    }

    /// The rows to write, in the order of the primary key, so that two transactions never wait for each other in a
    /// circle.
    fn rows(&self) -> BTreeMap<(&OrganizationId, &'static str, i64), Histogram> {
        let mut rows: BTreeMap<_, Histogram> = BTreeMap::new();
        for ((organization, minute), histogram) in &self.by_minute {
            for grain in Grain::ALL {
                let bucket = Timestamp(*minute).bucket(grain.width()).as_micros();
                rows.entry((organization, grain.as_str(), bucket)).or_default().merge(histogram);
            }
        }
        rows
    }
}

/// The bins' columns, each as `write` puts it.
fn columns(write: impl Fn(usize) -> String) -> String {
    (0..BINS).map(write).collect::<Vec<_>>().join(", ")
}

/// Adds the durations to the counts of all three grains. `shard` is the server process's own.
pub async fn apply(tx: &mut Tx, durations: &Durations, shard: i64) -> Result<()> {
    let rows: Vec<_> = durations.rows().into_iter().collect();
    for run in rows.chunks(RUN) {
        on!(tx, |conn| {
            let mut query =
                QueryBuilder::<Db>::new("INSERT INTO latencies (organization_id, grain, bucket, shard, ");
            query.push(columns(|bin| format!("bin_{bin:02}"))).push(") ");
            query.push_values(run, |mut row, ((organization, grain, bucket), histogram)| {
                row.push_bind(*organization).push_bind(*grain).push_bind(*bucket).push_bind(shard);
                for count in histogram.bins() {
                    row.push_bind(*count);
                }
            });
            query.push(" ON CONFLICT (organization_id, grain, bucket, shard) DO UPDATE SET ");
            query.push(columns(|bin| {
                format!("bin_{bin:02} = latencies.bin_{bin:02} + excluded.bin_{bin:02}")
            }));
            query.build().execute(conn).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// How long the attempts took that began in a span, whose ends are rounded down to the minute.
pub async fn between(
    tx: &mut Tx,
    organization: &OrganizationId,
    from: Timestamp,
    to: Timestamp,
) -> Result<Histogram> {
    let mut found = Histogram::default();
    for (grain, start, end) in tiles(from, to) {
        let bins: Vec<i64> = on!(tx, |conn| {
            let mut query = QueryBuilder::<Db>::new("SELECT ");
            query.push(columns(|bin| format!("CAST(COALESCE(SUM(bin_{bin:02}), 0) AS BIGINT)")));
            query.push(" FROM latencies WHERE organization_id = ").push_bind(organization);
            query.push(" AND grain = ").push_bind(grain);
            query.push(" AND bucket >= ").push_bind(start).push(" AND bucket < ").push_bind(end);
            let row = query.build().fetch_one(conn).await?;
            (0..BINS).map(|bin| row.try_get(bin)).collect::<sqlx::Result<_>>()
        })?;
        found.merge(&histogram(&bins));
    }
    Ok(found)
}

fn histogram(counts: &[i64]) -> Histogram {
    let mut bins = [0; BINS];
    for (bin, count) in bins.iter_mut().zip(counts) {
        *bin = *count;
    }
    Histogram::of(bins)
}

/// How long attempts took, by grain and bucket.
#[cfg(feature = "testing")]
pub type ByBucket = BTreeMap<(String, i64), Histogram>;

/// What is kept about an organization.
#[cfg(feature = "testing")]
pub async fn all(tx: &mut Tx, organization: &OrganizationId) -> Result<ByBucket> {
    let mut found = ByBucket::new();
    on!(tx, |conn| {
        let mut query = QueryBuilder::<Db>::new("SELECT grain, bucket, ");
        query.push(columns(|bin| format!("bin_{bin:02}")));
        query.push(" FROM latencies WHERE organization_id = ").push_bind(organization);
        for row in query.build().fetch_all(conn).await? {
            let bins = (0..BINS).map(|bin| row.try_get(bin + 2)).collect::<sqlx::Result<Vec<i64>>>()?;
            let key = (row.try_get(0)?, row.try_get(1)?);
            found.entry(key).or_default().merge(&histogram(&bins));
        }
    });
    Ok(found)
}

/// The same, counted from the attempts themselves: a scan, for tests of the invariant only.
#[cfg(feature = "testing")]
pub async fn recount(tx: &mut Tx, organization: &OrganizationId) -> Result<ByBucket> {
    let attempts: Vec<(Timestamp, i64, Option<ErrorClass>)> = on!(tx, |conn| sqlx::query_as(
        "SELECT started_at, duration_us, error_class FROM attempts WHERE organization_id = $1"
    )
    .bind(organization)
    .fetch_all(conn)
    .await)?;
    let mut counts = ByBucket::new();
    for (at, duration_us, error) in attempts {
        for grain in Grain::ALL.iter().filter(|_| error.is_none_or(ErrorClass::waited)) {
            let key = (grain.as_str().to_owned(), at.bucket(grain.width()).as_micros());
            counts.entry(key).or_default().add(duration_us);
        }
    }
    Ok(counts)
}
