//! Alerts: from the counts that the store keeps, for their owner, and over when their reason is.

use domain::alert::AlertKind;
use domain::id::{NodeId, OrganizationId};
use domain::status::{CountedStatus, DeliveryStatus};
use domain::time::{HOUR, MINUTE, SECOND, Timestamp};
use gateway::on_both_databases;
use gateway::store::rollups::Deltas;
use gateway::store::{Store, Tx, alerts, deliveries, queue, rollups};

use super::fixture::Place;
use super::search::place_with_connector;

/// 13:33:20 of some day.
const NOW: Timestamp = Timestamp(1_790_000_000 * SECOND);

async fn count(tx: &mut Tx, place: &Place, at: Timestamp, status: CountedStatus, count: i64) {
    let mut deltas = Deltas::default();
    let event_type = "order.created".parse().unwrap();
    deltas.add(&place.organization, at, &place.connector, Some(&event_type), status, count);
    // Two processes count in rows of their own.
    rollups::apply(tx, &deltas, count % 2).await.unwrap();
}

async fn kinds(store: &Store, organization: &OrganizationId, now: Timestamp) -> Vec<(AlertKind, i64)> {
    let mut tx = store.read().await.unwrap();
    let found = alerts::list(&mut tx, organization, now).await.unwrap();
    found.into_iter().map(|alert| (alert.kind, alert.count)).collect()
}

on_both_databases! {
    async fn what_failed_and_was_refused_within_the_hour_alerts_its_owner_until_it_is_over(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        let place = place_with_connector(&mut tx, "netsuite", "NetSuite").await;
        let other = place_with_connector(&mut tx, "other", "Other").await;
        let at = NOW.plus(-20 * MINUTE);
        count(&mut tx, &place, at, CountedStatus::Delivered, 5).await;
        count(&mut tx, &place, at, CountedStatus::Failed, 4).await;
        count(&mut tx, &place, at.plus(MINUTE), CountedStatus::DeadLetter, 1).await;
        count(&mut tx, &place, at, CountedStatus::Rejected, 6).await;
        count(&mut tx, &other, at, CountedStatus::Delivered, 100).await;
        tx.commit().await.unwrap();

        let both = [(AlertKind::Failing, 5), (AlertKind::Rejecting, 6)];
        assert_eq!(kinds(&db.store, &place.organization, NOW).await, both);
        assert_eq!(kinds(&db.store, &other.organization, NOW).await, []);
        let mut tx = db.store.read().await.unwrap();
        let failing = alerts::list(&mut tx, &place.organization, NOW).await.unwrap().remove(0);
        assert_eq!((failing.connector_id, failing.connector_name.as_str()), (place.connector.clone(), "NetSuite"));
        assert_eq!((failing.of, failing.since), (Some(10), at.plus(MINUTE).bucket(MINUTE)));
        drop(tx);
        assert_eq!(kinds(&db.store, &place.organization, NOW.plus(39 * MINUTE)).await, both);
        // The one in its own minute is the last to leave, and one alone is no alert.
        assert_eq!(kinds(&db.store, &place.organization, NOW.plus(41 * MINUTE)).await, []);
    }

    async fn a_dead_letter_alerts_by_when_it_became_one(db: TestStore) {
        let node = NodeId::new(NOW);
        let mut tx = db.store.write().await.unwrap();
        let place = place_with_connector(&mut tx, "netsuite", "NetSuite").await;
        // Made long ago; its last try fails now.
        let made = NOW.plus(-9 * HOUR);
        let new = place.delivery(&place.event(made, "x"), "lane");
        deliveries::insert_many(&mut tx, &[&new]).await.unwrap();
        let claimed = queue::claim(&mut tx, "lane", 1, &node, NOW, NOW.plus(SECOND)).await.unwrap().claimed;
        let dead = queue::Finished {
            organization_id: place.organization.clone(),
            id: claimed[0].delivery.id.clone(),
            attempt: claimed[0].delivery.attempts,
            status: DeliveryStatus::DeadLetter,
            due_at: None,
            response_code: Some(500),
            duration_us: 1,
            destination_record_id: None,
            error_class: None,
            error: None,
        };
        queue::finish(&mut tx, &[dead], &node, NOW).await.unwrap();
        tx.commit().await.unwrap();
        let later = NOW.plus(10 * MINUTE);
        let mut tx = db.store.read().await.unwrap();
        let found = alerts::list(&mut tx, &place.organization, later).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].kind, found[0].count, found[0].since), (AlertKind::DeadLetters, 1, NOW));
        assert_eq!((found[0].connector_name.as_str(), found[0].more), ("NetSuite", false));
        let foreign = OrganizationId::new(NOW);
        assert!(alerts::list(&mut tx, &foreign, later).await.unwrap().is_empty());
        assert!(alerts::list(&mut tx, &place.organization, NOW.plus(61 * MINUTE)).await.unwrap().is_empty());
    }

    async fn a_steady_connector_that_fell_silent_alerts_also_by_the_hour(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        let place = place_with_connector(&mut tx, "netsuite", "NetSuite").await;
        for hour in 1..=26 {
            count(&mut tx, &place, NOW.plus(-hour * HOUR - 10 * MINUTE), CountedStatus::Delivered, 1).await;
        }
        tx.commit().await.unwrap();
        assert_eq!(kinds(&db.store, &place.organization, NOW).await, [(AlertKind::Silent, 0)]);
    }
}
