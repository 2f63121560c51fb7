//! What is counted of durations, read back over ranges: exactly what was put in, whatever grains tile the range.

use domain::delivery::ErrorClass;
use domain::id::OrganizationId;
use domain::latency::{Histogram, Latency};
use domain::time::{DAY, HOUR, MINUTE, Timestamp};
use gateway::on_both_databases;
use gateway::store::latencies::{self, Durations};
use gateway::store::{Store, rollups};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

const NOW: Timestamp = Timestamp(20_000 * DAY + 14 * HOUR + 32 * MINUTE);

async fn apply(store: &Store, durations: &Durations, shard: i64) {
    let mut tx = store.write().await.unwrap();
    latencies::apply(&mut tx, durations, shard).await.unwrap();
    tx.commit().await.unwrap();
}

async fn latency(
    store: &Store,
    organization: &OrganizationId,
    from: Timestamp,
    to: Timestamp,
) -> (Latency, Latency) {
    let mut tx = store.read().await.unwrap();
    let summary = rollups::summary(&mut tx, organization, from, to).await.unwrap();
    (summary.latency, summary.previous_latency)
}

on_both_databases! {
    async fn ranges_add_up_whatever_grains_tile_them(db: TestStore) {
        let organization = OrganizationId::new(NOW);
        let other = OrganizationId::new(NOW);
        let mut runner = TestRunner::deterministic();
        let attempts = proptest::collection::vec((0..4 * DAY, 0i64..70_000_000, 0i64..2), 300);
        let attempts = attempts.new_tree(&mut runner).unwrap().current();
        // Several commits, as two server processes make them, in which two tenants meet.
        for commit in attempts.chunks(20) {
            for shard in 0..2 {
                let mut durations = Durations::default();
                for (ago, duration, _) in commit.iter().filter(|attempt| attempt.2 == shard) {
                    durations.add(&organization, NOW.plus(-ago), *duration, None);
                }
                durations.add(&other, NOW, 5_000, None);
                apply(&db.store, &durations, shard).await;
            }
        }
        let spans = (0..4 * DAY, 0..4 * DAY);
        for _ in 0..20 {
            let (one, two) = spans.new_tree(&mut runner).unwrap().current();
            let (from, to) = (NOW.plus(-one.max(two)).bucket(MINUTE), NOW.plus(-one.min(two)).bucket(MINUTE));
            let mut wanted = Histogram::default();
            for (ago, duration, _) in &attempts {
                if (from..to).contains(&NOW.plus(-ago)) {
                    wanted.add(*duration);
                }
            }
            let mut tx = db.store.read().await.unwrap();
            assert_eq!(latencies::between(&mut tx, &organization, from, to).await.unwrap(), wanted);
        }
        let mut tx = db.store.read().await.unwrap();
        let foreign = latencies::between(&mut tx, &other, NOW.plus(-DAY), NOW.plus(DAY)).await.unwrap();
        assert_eq!(foreign.attempts(), 30, "a tenant has its own");
    }

    async fn the_summary_compares_with_the_range_before_and_does_not_invent_zeros(db: TestStore) {
        let organization = OrganizationId::new(NOW);
        let (from, to) = (NOW.plus(-HOUR), NOW);
        assert_eq!(latency(&db.store, &organization, from, to).await, Default::default());
        let mut durations = Durations::default();
        for n in 1..=100 {
            durations.add(&organization, NOW.plus(-MINUTE), n * 10_000, None);
        }
        apply(&db.store, &durations, 7).await;
        let (now, before) = latency(&db.store, &organization, from, to).await;
        assert_eq!((now.attempts, before), (100, Latency::default()));
        let close = |found: Option<i64>, exact: i64| {
            let found = found.unwrap();
            assert!((found - exact).abs() * 100 <= exact * 19, "{found} for {exact}");
        };
        close(now.p50_us, 500_000);
        close(now.p95_us, 950_000);
        // An hour later these are the range before.
        let (now, before) = latency(&db.store, &organization, from.plus(HOUR), to.plus(HOUR)).await;
        assert_eq!((now, before.attempts), (Latency::default(), 100));
    }

    async fn only_attempts_that_waited_for_their_destination_are_counted(db: TestStore) {
        let organization = OrganizationId::new(NOW);
        let mut durations = Durations::default();
        for class in ErrorClass::ALL {
            durations.add(&organization, NOW, 1_000, Some(*class));
        }
        durations.add(&organization, NOW, 1_000, None);
        apply(&db.store, &durations, 7).await;
        let mut tx = db.store.read().await.unwrap();
        let found = latencies::between(&mut tx, &organization, NOW, NOW.plus(MINUTE)).await.unwrap();
        assert_eq!(found.attempts(), 4, "delivered, answered otherwise, not HTTP, and a timeout");
    }
}
