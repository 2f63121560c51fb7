//! The queue of due deliveries on both databases: leases, fairness between lanes, fencing, give-back.

use super::fixture::Place;
use domain::id::NodeId;
use domain::status::DeliveryStatus;
use domain::time::{SECOND, Timestamp};
use gateway::on_both_databases;
use gateway::store::queue::{self, Finished};
use gateway::store::{Store, deliveries};
use gateway::workers::outcome::interrupted_row;

const NOW: Timestamp = Timestamp(1_790_000_000 * SECOND);

async fn put(store: &Store, place: &Place, lane: &str, count: usize) -> Vec<domain::delivery::Delivery> {
    let rows: Vec<_> = (0..count)
        .map(|n| place.delivery(&place.event(NOW.plus(n as i64), &format!("{lane}-{n}")), lane))
        .collect();
    let mut tx = store.write().await.unwrap();
    deliveries::insert_many(&mut tx, &rows).await.unwrap();
    tx.commit().await.unwrap();
    rows.into_iter().map(|new| new.delivery).collect()
}

async fn claim(store: &Store, lane: &str, limit: i64, node: &NodeId, now: Timestamp) -> Vec<queue::Claimed> {
    let mut tx = store.write().await.unwrap();
    let claims = queue::claim(&mut tx, lane, limit, node, now, now.plus(45 * SECOND)).await.unwrap();
    tx.commit().await.unwrap();
    claims.claimed
}

fn delivered(claimed: &queue::Claimed) -> Finished {
    Finished {
        organization_id: claimed.delivery.organization_id.clone(),
        id: claimed.delivery.id.clone(),
        attempt: claimed.delivery.attempts,
        status: DeliveryStatus::Delivered,
        due_at: None,
        response_code: Some(200),
        duration_us: 1,
        destination_record_id: Some("rec-1".into()),
        error_class: None,
        error: None,
    }
}

on_both_databases! {
    async fn what_is_claimed_is_not_claimed_again_before_its_lease_ends(db: TestStore) {
        let (place, node) = (Place::new(NOW), NodeId::new(NOW));
        put(&db.store, &place, "a", 5).await;
        let later = NOW.plus(SECOND);
        assert_eq!(claim(&db.store, "a", 3, &node, later).await.len(), 3);
        assert_eq!(claim(&db.store, "a", 10, &node, later).await.len(), 2);
        assert!(claim(&db.store, "a", 10, &node, later).await.is_empty());
        let after_lease = later.plus(46 * SECOND);
        let again = claim(&db.store, "a", 10, &node, after_lease).await;
        assert_eq!(again.len(), 5);
        for one in &again {
            assert_eq!((one.before, one.delivery.attempts), (DeliveryStatus::Processing, 2));
            assert_eq!(one.interrupted_since, Some(later));
        }
    }

    async fn every_lane_with_work_is_seen_however_long_another_is(db: TestStore) {
        let place = Place::new(NOW);
        put(&db.store, &place, "long", 200).await;
        put(&db.store, &place, "short", 1).await;
        let mut tx = db.store.read().await.unwrap();
        assert_eq!(queue::due_lanes(&mut tx, NOW.plus(SECOND)).await.unwrap(), ["long", "short"]);
        assert_eq!(queue::due_lanes(&mut tx, NOW.plus(-1)).await.unwrap(), Vec::<String>::new());
        assert_eq!(queue::next_due(&mut tx, NOW.plus(-1)).await.unwrap(), Some(NOW));
        assert_eq!(queue::next_due(&mut tx, NOW).await.unwrap(), Some(NOW.plus(1)), "what is due waits for a place");
        assert_eq!(queue::next_due(&mut tx, NOW.plus(SECOND)).await.unwrap(), None);
        assert_eq!(queue::depth(&mut tx, NOW).await.unwrap(), (201, Some(NOW)));
    }

    async fn an_empty_queue_is_empty(db: TestStore) {
        let mut tx = db.store.read().await.unwrap();
        assert_eq!(queue::next_due(&mut tx, NOW.plus(-SECOND)).await.unwrap(), None);
        assert!(queue::due_lanes(&mut tx, NOW).await.unwrap().is_empty());
        assert_eq!(queue::depth(&mut tx, NOW).await.unwrap(), (0, None));
    }

    async fn a_late_outcome_of_a_lost_lease_changes_nothing(db: TestStore) {
        let (place, node, other) = (Place::new(NOW), NodeId::new(NOW), NodeId::new(NOW));
        put(&db.store, &place, "a", 1).await;
        let slow = claim(&db.store, "a", 1, &node, NOW).await;
        let after_lease = NOW.plus(46 * SECOND);
        let taken_over = claim(&db.store, "a", 1, &other, after_lease).await;
        let mut tx = db.store.write().await.unwrap();
        let late = queue::finish(&mut tx, &[delivered(&slow[0])], &node, after_lease).await.unwrap();
        assert!(late.is_empty(), "the lease was lost");
        let own = queue::finish(&mut tx, &[delivered(&taken_over[0])], &other, after_lease).await.unwrap();
        assert_eq!(own, [(taken_over[0].delivery.id.clone(), 2)]);
        tx.commit().await.unwrap();
        let mut tx = db.store.read().await.unwrap();
        let row = deliveries::find(&mut tx, &place.organization, &own[0].0).await.unwrap().unwrap();
        assert_eq!(row.status, DeliveryStatus::Delivered);
        assert_eq!(row.destination_record_id.as_deref(), Some("rec-1"));
        assert_eq!(row.next_attempt_at, None);
        assert_eq!(queue::next_due(&mut tx, NOW.plus(-SECOND)).await.unwrap(), None);
    }

    async fn a_node_that_starts_again_gets_its_leases_back_at_once(db: TestStore) {
        let (place, node, other) = (Place::new(NOW), NodeId::new(NOW), NodeId::new(NOW));
        put(&db.store, &place, "a", 2).await;
        claim(&db.store, "a", 1, &node, NOW.plus(2)).await;
        claim(&db.store, "a", 1, &other, NOW.plus(2)).await;
        let mut tx = db.store.write().await.unwrap();
        assert_eq!(queue::release_leases(&mut tx, &node, NOW.plus(3)).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(claim(&db.store, "a", 9, &node, NOW.plus(4)).await.len(), 1);
    }

    async fn attempts_are_kept_whole_and_an_interrupted_one_is_completed(db: TestStore) {
        let (place, node) = (Place::new(NOW), NodeId::new(NOW));
        put(&db.store, &place, "a", 1).await;
        let claimed = claim(&db.store, "a", 1, &node, NOW).await;
        let delivery = &claimed[0].delivery;
        let interrupted = interrupted_row(delivery, 1, NOW, NOW.plus(SECOND));
        let mut seen = interrupted.clone();
        seen.succeeded = true;
        seen.error_class = None;
        seen.response_code = Some(201);
        seen.response_body = Some(bytes::Bytes::from_static(b"\xff\xfe"));
        let mut tx = db.store.write().await.unwrap();
        queue::insert_attempts(&mut tx, &[interrupted]).await.unwrap();
        queue::insert_attempts(&mut tx, &[seen]).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.store.write().await.unwrap();
        let kept = deliveries::attempts(&mut tx, &place.organization, &delivery.id).await.unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!((kept[0].succeeded, kept[0].response_code), (true, Some(201)));
        assert_eq!(kept[0].response_body.as_deref(), Some("base64://4="));
        let gone = deliveries::strip_expired_bodies(&mut tx, delivery.payload_expires_at, 10).await.unwrap();
        assert_eq!(gone, 1);
        let stripped = deliveries::attempts(&mut tx, &place.organization, &delivery.id).await.unwrap();
        assert_eq!(stripped[0].response_body, None);
    }
}
