//! Lists of deliveries: pages, filters, tenants, chains of replays.

use domain::delivery::Delivery;
use domain::filter::{DeliveryFilter, SortOrder, ViewTab};
use domain::id::{DeliveryId, OrganizationId};
use domain::page::PageQuery;
use domain::status::DeliveryStatus;
use domain::time::{SECOND, Timestamp};
use gateway::on_both_databases;
use gateway::store::{Store, deliveries, events};

use super::fixture::Place;

const NOW: Timestamp = Timestamp(1_790_000_000 * SECOND);

/// One delivery a second, with these states in turn.
async fn put(store: &Store, place: &Place, states: &[DeliveryStatus], count: i64) -> Vec<Delivery> {
    let mut rows = Vec::new();
    for n in 0..count {
        let mut new = place.delivery(&place.event(NOW.plus(n * SECOND), &n.to_string()), "lane");
        new.delivery.status = states[usize::try_from(n).unwrap() % states.len()];
        if n % 2 == 0 {
            new.delivery.event_type = "order.paid".parse().unwrap();
        }
        rows.push(new);
    }
    let mut tx = store.write().await.unwrap();
    deliveries::insert_many(&mut tx, &rows).await.unwrap();
    tx.commit().await.unwrap();
    rows.into_iter().map(|new| new.delivery).collect()
}

async fn ids(store: &Store, place: &Place, filter: &DeliveryFilter, limit: u32) -> Vec<String> {
    let mut cursor = None;
    let mut all = Vec::new();
    loop {
        let mut tx = store.read().await.unwrap();
        let page = PageQuery { limit, cursor };
        assert!(page.id_cursor::<DeliveryId>().is_ok());
        let found = deliveries::list(&mut tx, &place.organization, filter, &page).await.unwrap();
        assert!(found.items.len() <= limit as usize);
        assert!(found.items.iter().all(|row| filter.admits(row)), "the filter's two halves agree");
        all.extend(found.items.into_iter().map(|row| row.id.to_string()));
        cursor = found.next_cursor;
        if cursor.is_none() {
            return all;
        }
    }
}

on_both_databases! {
    async fn pages_are_whole_without_gaps_or_repetitions(db: TestStore) {
        let place = Place::new(NOW);
        put(&db.store, &Place::new(NOW), &[DeliveryStatus::Received], 5).await;
        let rows = put(&db.store, &place, DeliveryStatus::ALL, 50).await;
        let newest_first: Vec<_> = rows.iter().rev().map(|row| row.id.to_string()).collect();
        for limit in [1, 7, 50, 500] {
            assert_eq!(ids(&db.store, &place, &DeliveryFilter::default(), limit).await, newest_first);
        }
        let oldest_first: Vec<_> = rows.iter().map(|row| row.id.to_string()).collect();
        let oldest = DeliveryFilter { sort: SortOrder::Oldest, ..Default::default() };
        for limit in [1, 7, 50, 500] {
            assert_eq!(ids(&db.store, &place, &oldest, limit).await, oldest_first);
        }
        let bad = PageQuery { limit: 10, cursor: Some("x' OR 1=1".into()) };
        assert_eq!(bad.id_cursor::<DeliveryId>().unwrap_err().code, "invalid_cursor");
    }

    async fn every_filter_gives_what_it_says(db: TestStore) {
        let place = Place::new(NOW);
        let rows = put(&db.store, &place, DeliveryStatus::ALL, 70).await;
        let filters = [
            DeliveryFilter { tab: Some(ViewTab::Api), ..Default::default() },
            DeliveryFilter { tab: Some(ViewTab::Webhook), ..Default::default() },
            DeliveryFilter { tab: Some(ViewTab::Errors), ..Default::default() },
            DeliveryFilter { connector_id: Some(place.connector.clone()), ..Default::default() },
            DeliveryFilter { connector_id: Some(Place::new(NOW).connector), ..Default::default() },
            DeliveryFilter { event_type: Some("order.paid".parse().unwrap()), ..Default::default() },
            DeliveryFilter { source_record_id: Some("record-7".into()), ..Default::default() },
            DeliveryFilter { destination_record_id: Some("rec-7".into()), ..Default::default() },
            DeliveryFilter {
                from: Some(NOW.plus(10 * SECOND)),
                to: Some(NOW.plus(20 * SECOND)),
                tab: Some(ViewTab::Api),
                ..Default::default()
            },
        ];
        let by_state = DeliveryStatus::ALL.iter().map(|status| DeliveryFilter { status: Some(*status), ..Default::default() });
        for filter in filters.into_iter().chain(by_state) {
            let expected: Vec<_> =
                rows.iter().rev().filter(|row| filter.admits(row)).map(|row| row.id.to_string()).collect();
            assert_eq!(ids(&db.store, &place, &filter, 9).await, expected, "{filter:?}");
            let oldest = DeliveryFilter { sort: SortOrder::Oldest, ..filter };
            let expected: Vec<_> = expected.into_iter().rev().collect();
            assert_eq!(ids(&db.store, &place, &oldest, 9).await, expected, "{oldest:?}");
        }
    }

    async fn rows_are_found_by_their_ids_within_their_organization(db: TestStore) {
        let (place, other) = (Place::new(NOW), Place::new(NOW));
        let rows = put(&db.store, &place, DeliveryStatus::ALL, 90).await;
        let foreign = put(&db.store, &other, &[DeliveryStatus::Received], 2).await;
        let mut tx = db.store.read().await.unwrap();
        for count in [0, 1, 3, 64, 85, 90] {
            let mut asked: Vec<_> = rows[..count].iter().map(|row| row.id.clone()).collect();
            asked.extend(foreign.iter().map(|row| row.id.clone()));
            asked.push(DeliveryId::new(NOW));
            let mut found = deliveries::by_ids(&mut tx, &place.organization, &asked).await.unwrap();
            found.sort_by(|a, b| a.id.cmp(&b.id));
            let ids = |rows: &[Delivery]| rows.iter().map(|row| (row.id.clone(), row.status)).collect::<Vec<_>>();
            assert_eq!(ids(&found), ids(&rows[..count]));
        }
    }

    async fn a_chain_of_replays_is_found_from_each_of_its_members(db: TestStore) {
        let place = Place::new(NOW);
        let event = place.event(NOW, "x");
        let mut chain = vec![place.delivery(&event, "lane-7")];
        for n in 1..4 {
            let mut replay = place.delivery(&place.event(NOW.plus(n * SECOND), "x"), "lane-7");
            replay.delivery.event_id = event.id.clone();
            replay.delivery.replay_of = Some(chain.last().unwrap().delivery.id.clone());
            replay.root_id = Some(chain[0].delivery.id.clone());
            chain.push(replay);
        }
        let mut tx = db.store.write().await.unwrap();
        events::insert_many(&mut tx, std::slice::from_ref(&event)).await.unwrap();
        deliveries::insert_many(&mut tx, &chain).await.unwrap();
        let expected: Vec<_> = chain.iter().map(|new| new.delivery.id.clone()).collect();
        let foreign = OrganizationId::new(NOW);
        for id in &expected {
            let lineage = deliveries::lineage(&mut tx, &place.organization, id).await.unwrap();
            assert_eq!(lineage.into_iter().map(|row| row.id).collect::<Vec<_>>(), expected);
            assert_eq!(deliveries::root_of(&mut tx, &place.organization, id).await.unwrap(), expected[0]);
            assert!(deliveries::lineage(&mut tx, &foreign, id).await.unwrap().is_empty());
            assert_eq!(deliveries::find(&mut tx, &foreign, id).await.unwrap(), None);
            let lane = deliveries::lane_of(&mut tx, &place.organization, id).await.unwrap();
            assert_eq!(lane.as_deref(), Some("lane-7"));
        }
        let same_event = deliveries::of_event(&mut tx, &place.organization, &event.id).await.unwrap();
        assert_eq!(same_event.len(), 4);
        let kept = events::find(&mut tx, &place.organization, &event.id).await.unwrap();
        assert_eq!(kept, Some(event));
    }
}
