//! The record store ends with the newest event of each record, whatever order attempts end in.

use domain::delivery::{Delivery, ReplayRequest};
use domain::page::PageQuery;
use domain::record::Record;
use domain::status::DeliveryStatus;
use gateway::testing::TestStore;
use gateway::{integrations, on_both_databases, replay, store};

use super::destination::Destination;
use super::world::World;

/// Whose events go to the record store.
async fn world(db: TestStore) -> World {
    let world = World::to(db, &Destination::closed().await).await;
    integrations::routes::delete(&world.gate.services, &world.gate.access(), &world.route.id).await.unwrap();
    world
}

async fn record(world: &World) -> Record {
    let mut tx = world.gate.services.store.read().await.unwrap();
    let organization = &world.gate.organization;
    let mut page = store::records::list(&mut tx, organization, &PageQuery::default()).await.unwrap();
    assert_eq!(page.items.len(), 1);
    page.items.remove(0)
}

/// Puts a delivery off, as if its attempt took long.
async fn put_off(world: &World, delivery: &Delivery) {
    let (services, access) = (&world.gate.services, world.gate.access());
    replay::cancel(services, &access, &delivery.id).await.unwrap();
}

on_both_databases! {
    async fn an_older_event_that_comes_late_is_delivered_and_replaces_nothing(db: TestStore) {
        let world = world(db).await;
        let (services, access) = (&world.gate.services, world.gate.access());
        let older = world.event(r#"{"id":"7","n":1}"#).await;
        put_off(&world, &older).await;
        let newer = world.event(r#"{"id":"7","n":2}"#).await;
        assert_eq!(world.gate.deliver().await, 1);
        let written = record(&world).await;
        replay::retry(services, &access, &older.id, None).await.unwrap();
        assert_eq!(world.gate.deliver().await, 1);
        assert_eq!(record(&world).await, written, "the newer event stays");
        assert_eq!(written.delivery_id, newer.id);
        let detail = world.detail(&older.id).await;
        assert_eq!(detail.delivery.status, DeliveryStatus::Delivered);
        assert_eq!(detail.delivery.destination_record_id, Some(written.id.to_string()));
        let said = detail.attempts[0].response_body.as_deref();
        assert_eq!(said, Some("Not written: the record holds a newer event."));
        // A replay is what somebody wants now.
        let replayed = replay::replay(services, &access, &older.id, ReplayRequest::default()).await.unwrap();
        assert_eq!(world.gate.deliver().await, 1);
        let after = record(&world).await;
        assert_eq!((after.version, after.delivery_id), (2, replayed.id));
        assert_eq!(after.body, r#"{"id":"7","n":1}"#);
        world.event(r#"{"id":"7","n":3}"#).await;
        world.gate.deliver().await;
        assert_eq!(record(&world).await.body, r#"{"id":"7","n":3}"#, "and later events are later");
    }

    async fn events_of_one_group_are_written_in_their_order(db: TestStore) {
        let world = world(db).await;
        for n in 1..=12 {
            world.event(&format!(r#"{{"id":"7","n":{n}}}"#)).await;
        }
        assert_eq!(world.gate.deliver().await, 12);
        let record = record(&world).await;
        assert_eq!((record.version, record.body.as_str()), (12, r#"{"id":"7","n":12}"#));
    }
}
