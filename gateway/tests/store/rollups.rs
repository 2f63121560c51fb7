//! Invariant: the counts kept at write time never disagree with a recount, whatever happens to deliveries.

use std::sync::Arc;

use super::fixture::{Place, connector, submission};
use domain::dashboard::HeatmapRows;
use domain::id::{NodeId, OrganizationId};
use domain::status::DeliveryStatus;
use domain::time::{DAY, HOUR, MINUTE, SECOND, Timestamp};
use gateway::clock::Clock;
use gateway::feed::Feed;
use gateway::intake::{Intake, Outcome, Writer};
use gateway::on_both_databases;
use gateway::store::queue::{self, Finished};
use gateway::store::rollups::{self, Deltas};
use gateway::store::{self, Store, deliveries};
use gateway::testing::MockClock;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use tokio::sync::Notify;

/// What can happen. Numbers choose among what is there.
#[derive(Debug, Clone)]
enum Step {
    Receive { duplicates: bool, count: u8 },
    Refuse,
    Claim { limit: u8 },
    Finish { outcome: u8, count: u8 },
    Person { status: u8 },
    Wait { seconds: u32 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (any::<bool>(), 1u8..20).prop_map(|(duplicates, count)| Step::Receive { duplicates, count }),
        1 => Just(Step::Refuse),
        4 => (1u8..20).prop_map(|limit| Step::Claim { limit }),
        4 => (any::<u8>(), 1u8..20).prop_map(|(outcome, count)| Step::Finish { outcome, count }),
        2 => any::<u8>().prop_map(|status| Step::Person { status }),
        2 => (1u32..4_000).prop_map(|seconds| Step::Wait { seconds }),
    ];
    proptest::collection::vec(step, 10..40)
}

struct World {
    store: Store,
    clock: Arc<MockClock>,
    place: Place,
    node: NodeId,
    intake: Intake,
    writer: Writer,
    sent: u32,
    claimed: Vec<queue::Claimed>,
}

impl World {
    fn new(store: &Store, clock: Arc<MockClock>) -> Self {
        let node = NodeId::new(clock.now());
        let feed = Feed::new(&node, clock.now());
        let (intake, writer) = Intake::new(store.clone(), clock.clone(), feed, 7, Arc::new(Notify::new()));
        let place = Place::new(clock.now());
        Self { store: store.clone(), clock, place, node, intake, writer, sent: 0, claimed: Vec::new() }
    }

    /// Puts submissions in and commits them, as the writer does.
    async fn receive(&mut self, keys: Vec<String>) -> Vec<Outcome> {
        let now = self.clock.now();
        let waiting: Vec<_> = keys
            .into_iter()
            .map(|key| {
                let (intake, place) = (self.intake.clone(), self.place.clone());
                tokio::spawn(async move {
                    intake.accept(submission(&place, place.event(now, &key), "record")).await.unwrap()
                })
            })
            .collect();
        // Spawned tasks reach the queue in their own time: the writer is called until all are answered.
        let mut outcomes = Vec::new();
        for task in waiting {
            while !task.is_finished() {
                self.writer.drain().await;
                tokio::task::yield_now().await;
            }
            outcomes.push(task.await.unwrap());
        }
        outcomes
    }

    async fn step(&mut self, step: &Step) {
        let now = self.clock.now();
        let organization = self.place.organization.clone();
        match step {
            Step::Receive { duplicates, count } => {
                let keys = (0..*count)
                    .map(|n| {
                        if !*duplicates {
                            self.sent += 1;
                        }
                        format!("{}-{}", self.sent, if *duplicates { n % 3 } else { n })
                    })
                    .collect();
                self.receive(keys).await;
            }
            Step::Refuse => {
                let (intake, rejection) = (self.intake.clone(), self.place.rejection(now));
                let task = tokio::spawn(async move { intake.reject(rejection, None).await });
                while !task.is_finished() {
                    self.writer.drain().await;
                    tokio::task::yield_now().await;
                }
            }
            Step::Claim { limit } => {
                let mut tx = self.store.write().await.unwrap();
                let lease = now.plus(45 * SECOND);
                let queue::Claims { claimed, used_up } =
                    queue::claim(&mut tx, "record", i64::from(*limit), &self.node, now, lease).await.unwrap();
                let mut deltas = Deltas::default();
                for one in &claimed {
                    count(&mut deltas, &one.delivery, one.before, -1);
                    count(&mut deltas, &one.delivery, DeliveryStatus::Processing, 1);
                }
                for (dead, _) in &used_up {
                    count(&mut deltas, dead, DeliveryStatus::Processing, -1);
                    count(&mut deltas, dead, DeliveryStatus::DeadLetter, 1);
                }
                rollups::apply(&mut tx, &deltas, 7).await.unwrap();
                tx.commit().await.unwrap();
                self.claimed.extend(claimed);
            }
            Step::Finish { outcome, count: how_many } => {
                let take = usize::from(*how_many).min(self.claimed.len());
                let batch: Vec<_> = self.claimed.drain(..take).collect();
                let finished: Vec<Finished> = batch
                    .iter()
                    .enumerate()
                    .map(|(index, claimed)| finished(claimed, usize::from(*outcome) + index, now))
                    .collect();
                let mut tx = self.store.write().await.unwrap();
                let changed = queue::finish(&mut tx, &finished, &self.node, now).await.unwrap();
                let mut deltas = Deltas::default();
                for (done, claimed) in finished.iter().zip(&batch) {
                    if !changed.contains(&(done.id.clone(), done.attempt)) {
                        continue;
                    }
                    let row = &claimed.delivery;
                    count(&mut deltas, row, DeliveryStatus::Processing, -1);
                    count(&mut deltas, row, done.status, 1);
                }
                rollups::apply(&mut tx, &deltas, 7).await.unwrap();
                tx.commit().await.unwrap();
            }
            Step::Person { status } => {
                let wanted = DeliveryStatus::ALL[usize::from(*status) % DeliveryStatus::ALL.len()];
                let filter = domain::filter::DeliveryFilter { status: Some(wanted), ..Default::default() };
                let mut tx = self.store.write().await.unwrap();
                let found =
                    deliveries::list(&mut tx, &organization, &filter, &Default::default()).await.unwrap();
                let Some(row) = found.items.first() else { return };
                assert_eq!(row.status, wanted);
                let to = if wanted.can_retry() { DeliveryStatus::Retrying } else { DeliveryStatus::Canceled };
                let change = deliveries::StatusChange {
                    from: wanted,
                    to,
                    due_at: (!to.is_final()).then_some(now),
                    more_attempts: 4,
                    at: now,
                    job: None,
                };
                let after =
                    deliveries::change_status(&mut tx, &organization, &row.id, &change).await.unwrap();
                let after = after.unwrap();
                let mut deltas = Deltas::default();
                count(&mut deltas, &after, wanted, -1);
                count(&mut deltas, &after, to, 1);
                rollups::apply(&mut tx, &deltas, 8).await.unwrap();
                tx.commit().await.unwrap();
            }
            Step::Wait { seconds } => self.clock.advance(i64::from(*seconds) * SECOND),
        }
    }
}

fn count(deltas: &mut Deltas, row: &domain::delivery::Delivery, status: DeliveryStatus, by: i64) {
    let (organization, connector) = (&row.organization_id, &row.connector_id);
    deltas.add(organization, row.created_at, connector, Some(&row.event_type), status.into(), by);
}

fn finished(claimed: &queue::Claimed, choice: usize, now: Timestamp) -> Finished {
    const STATES: [DeliveryStatus; 4] = [
        DeliveryStatus::Delivered,
        DeliveryStatus::Retrying,
        DeliveryStatus::Failed,
        DeliveryStatus::DeadLetter,
    ];
    let status = STATES[choice % STATES.len()];
    Finished {
        organization_id: claimed.delivery.organization_id.clone(),
        id: claimed.delivery.id.clone(),
        attempt: claimed.delivery.attempts,
        status,
        due_at: (status == DeliveryStatus::Retrying).then(|| now.plus(5 * SECOND)),
        response_code: None,
        duration_us: 1,
        destination_record_id: None,
        error_class: None,
        error: None,
    }
}

async fn assert_counts_agree(store: &Store, organization: &OrganizationId) {
    let mut tx = store.read().await.unwrap();
    let kept = rollups::all_counts(&mut tx, organization).await.unwrap();
    let recount = rollups::recount(&mut tx, organization).await.unwrap();
    assert!(!recount.is_empty());
    assert_eq!(kept, recount);
}

on_both_databases! {
    async fn counts_never_disagree_with_a_recount(db: TestStore) {
        let mut runner = TestRunner::deterministic();
        for _ in 0..12 {
            let steps = steps().new_tree(&mut runner).unwrap().current();
            let mut world = World::new(&db.store, MockClock::shared());
            world.receive(vec!["first".into()]).await;
            for step in &steps {
                world.step(step).await;
            }
            assert_counts_agree(&db.store, &world.place.organization).await;
        }
    }

    async fn a_duplicate_creates_nothing_and_names_the_first(db: TestStore) {
        let mut world = World::new(&db.store, MockClock::shared());
        let first = world.receive(vec!["x".into()]).await;
        let Outcome::Accepted(id) = &first[0] else { panic!("{first:?}") };
        let again = world.receive(vec!["x".into(), "y".into(), "x".into()]).await;
        let duplicates = again.iter().filter(|outcome| **outcome == Outcome::Duplicate(id.clone())).count();
        assert_eq!(duplicates, 2, "{again:?}");
        let together = world.receive(vec!["z".into(), "z".into()]).await;
        let accepted = together.iter().filter(|outcome| matches!(outcome, Outcome::Accepted(_))).count();
        assert_eq!(accepted, 1, "{together:?}");
        assert_counts_agree(&db.store, &world.place.organization).await;
        world.clock.advance(DAY + SECOND);
        let later = world.receive(vec!["x".into()]).await;
        assert!(matches!(later[0], Outcome::Accepted(_)), "the window has passed: {later:?}");
    }

    async fn the_dashboard_reads_the_counts(db: TestStore) {
        let mut world = World::new(&db.store, MockClock::shared());
        let mut tx = db.store.write().await.unwrap();
        let now = world.clock.now();
        let organization = domain::user::Organization {
            id: world.place.organization.clone(),
            name: "Shop".into(),
            slug: "shop".into(),
            created_at: now,
        };
        store::organizations::insert(&mut tx, &organization).await.unwrap();
        let row = store::connectors::StoredConnector {
            connector: connector(&world.place, "shop", now),
            sealed_credentials: None,
        };
        store::connectors::insert(&mut tx, &row).await.unwrap();
        tx.commit().await.unwrap();
        world.receive((0..10).map(|n| n.to_string()).collect()).await;
        world.step(&Step::Refuse).await;
        world.step(&Step::Claim { limit: 8 }).await;
        world.step(&Step::Finish { outcome: 0, count: 4 }).await;
        let mut tx = db.store.read().await.unwrap();
        let (from, to) = (now.plus(-HOUR), now.plus(MINUTE));
        let summary = rollups::summary(&mut tx, &world.place.organization, from, to).await.unwrap();
        let totals = summary.totals;
        assert_eq!((totals.delivered, totals.failed, totals.pending, totals.rejected), (1, 2, 7, 1));
        assert_eq!((summary.connectors, summary.active_connectors), (1, 1));
        assert_eq!(summary.previous.deliveries(), 0);
        let by_series: i64 = summary.series.iter().map(|point| point.totals.deliveries()).sum();
        assert_eq!(by_series, 10);
        for rows_by in HeatmapRows::ALL {
            let heatmap =
                rollups::heatmap(&mut tx, &world.place.organization, from, to, *rows_by).await.unwrap();
            assert_eq!(heatmap.rows.len(), 1, "{rows_by}");
            let row = &heatmap.rows[0];
            assert_eq!((row.totals.deliveries(), row.totals.failed), (10, 2));
            assert_eq!(row.connector_id.is_none(), *rows_by == HeatmapRows::EventType);
            assert_eq!(row.event_type.is_none(), *rows_by == HeatmapRows::Vendor);
            assert_eq!(row.cells.len(), 1);
        }
        let foreign = OrganizationId::new(now);
        let other = rollups::heatmap(&mut tx, &foreign, from, to, HeatmapRows::Endpoint).await.unwrap();
        assert!(other.rows.is_empty());
    }
}
