//! Outcomes that a database refuses, and attempts without any: each delivery ends, and none takes others along.

use domain::delivery::ErrorClass;
use domain::route::RouteDestination;
use domain::status::DeliveryStatus;
use domain::time::SECOND;
use gateway::store::{Store, schema};
use gateway::{integrations, on_both_databases};

use super::destination::{Behaviour, Destination};
use super::world::{World, until};

fn answer_with(body: &str) -> Behaviour {
    Behaviour::Answer(200, Vec::new(), body.as_bytes().to_vec())
}

async fn refuse_equal_record_ids(store: &Store) {
    let mut tx = store.write().await.unwrap();
    schema::refuse_equal_record_ids(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
}

on_both_databases! {
    async fn a_record_id_with_control_characters_is_kept_without_them(db: TestStore) {
        let destination = Destination::start(answer_with(r#"{"id":"a\u0000b\u001b"}"#)).await;
        let world = World::to(db, &destination).await;
        let sent = world.event(r#"{"id":1}"#).await;
        assert_eq!(world.gate.deliver().await, 1);
        let row = world.row(&sent.id).await;
        assert_eq!(row.status, DeliveryStatus::Delivered);
        assert_eq!(row.destination_record_id.as_deref(), Some("ab"));
        world.assert_counts().await;
    }

    async fn a_record_whose_id_holds_control_characters_is_refused(db: TestStore) {
        let world = World::to(db, &Destination::closed().await).await;
        integrations::routes::delete(&world.gate.services, &world.gate.access(), &world.route.id).await.unwrap();
        let id_pointer = Some("/id".to_owned());
        world.route_to(RouteDestination::Record { entity: "order".into(), id_pointer }).await;
        let bad = world.event(r#"{"id":"a\u0001b"}"#).await;
        let good = world.event(r#"{"id":"ab"}"#).await;
        assert_eq!(world.gate.deliver().await, 2);
        let row = world.row(&bad.id).await;
        assert_eq!((row.status, row.error_class), (DeliveryStatus::Failed, Some(ErrorClass::Mapping)));
        assert!(row.error.unwrap().contains("control character"));
        assert_eq!(world.row(&good.id).await.status, DeliveryStatus::Delivered);
    }

    async fn an_outcome_that_is_refused_fails_alone(db: TestStore) {
        let destination = Destination::start(answer_with(r#"{"id":"the same"}"#)).await;
        let world = World::to(db, &destination).await;
        refuse_equal_record_ids(&world.gate.services.store).await;
        for n in 0..3 {
            world.event(&format!(r#"{{"id":{n}}}"#)).await;
        }
        assert_eq!(world.gate.deliver().await, 3);
        assert_eq!(destination.received().len(), 3, "nothing is sent again");
        let rows = world.all().await;
        let delivered = rows.iter().filter(|row| row.status == DeliveryStatus::Delivered).count();
        assert_eq!(delivered, 1);
        for row in rows.iter().filter(|row| row.status != DeliveryStatus::Delivered) {
            assert_eq!((row.status, row.response_code), (DeliveryStatus::Failed, Some(200)));
            assert_eq!(row.error_class, Some(ErrorClass::Configuration));
            let error = row.error.as_deref().unwrap();
            assert!(error.starts_with("The destination answered 200, but the outcome cannot be stored"), "{error}");
            let attempts = world.detail(&row.id).await.attempts;
            assert_eq!((attempts.len(), attempts[0].succeeded), (1, false));
        }
        world.assert_counts().await;
    }

    async fn interrupted_attempts_count_and_the_last_one_ends_the_delivery(db: TestStore) {
        let destination = Destination::start(Behaviour::Hang).await;
        let world = World::to(db, &destination).await;
        let sent = world.event(r#"{"id":1}"#).await;
        for number in 1..=sent.max_attempts {
            let mut doomed = world.gate.deliverer.clone();
            doomed.timeout = std::time::Duration::from_secs(30);
            let dying = tokio::spawn(async move { doomed.tick().await });
            until(async || destination.received().len() as i64 == number).await;
            dying.abort();
            world.gate.clock.advance(46 * SECOND);
        }
        assert_eq!(world.gate.deliver().await, 0, "its attempts are used up");
        let detail = world.detail(&sent.id).await;
        let row = &detail.delivery;
        assert_eq!((row.status, row.attempts), (DeliveryStatus::DeadLetter, sent.max_attempts));
        assert_eq!(row.error_class, Some(ErrorClass::Interrupted));
        assert_eq!(detail.attempts.len() as i64, sent.max_attempts, "each is kept");
        assert!(detail.attempts.iter().all(|attempt| attempt.error_class == Some(ErrorClass::Interrupted)));
        assert_eq!(destination.received().len() as i64, sent.max_attempts);
        world.assert_counts().await;
    }
}
