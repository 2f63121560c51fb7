//! When an attempt fails: what is tried again, when, and where it ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::delivery::{DestinationKind, ErrorClass};
use domain::retry::RetryPolicy;
use domain::status::DeliveryStatus;
use domain::time::{MINUTE, SECOND, Timestamp};
use gateway::clock::Clock;
use gateway::on_both_databases;
use gateway::testing::MockClock;
use gateway::workers::deliver::Deliverer;

use super::destination::{Behaviour, Destination, answer};
use super::world::World;

on_both_databases! {
    async fn a_delivery_arrives_whole_with_its_ids_and_credentials(db: TestStore) {
        let destination = Destination::start(Behaviour::RequireText("amount")).await;
        let world = World::to(db, &destination).await;
        let body = "{\"id\":\"a/b?c\",  \"amount\":1.50}";
        let sent = world.event(body).await;
        assert_eq!(world.gate.deliver().await, 1);
        let row = world.row(&sent.id).await;
        assert_eq!((row.status, row.response_code), (DeliveryStatus::Delivered, Some(201)));
        assert_eq!(row.destination_record_id.as_deref(), Some("4711"));
        let received = destination.received();
        assert_eq!(received.len(), 1);
        let request = &received[0];
        assert!(request.head.starts_with("POST /orders/a%2Fb%3Fc HTTP/1.1"), "{}", request.head);
        assert_eq!(request.body, body.as_bytes(), "byte for byte");
        assert_eq!(request.header("authorization"), Some("Bearer t0p-secret"));
        assert_eq!(request.header("x-tenant"), Some("seven"));
        assert_eq!(request.header("signalbox-delivery-id"), Some(sent.id.as_str()));
        assert_eq!(request.header("idempotency-key"), Some(sent.id.as_str()));
        assert_eq!(request.header("signalbox-attempt"), Some("1"));
        let detail = world.detail(&sent.id).await;
        let attempt = &detail.attempts[0];
        assert_eq!((attempt.number, attempt.succeeded, attempt.response_code), (1, true, Some(201)));
        assert_eq!(attempt.response_body.as_deref(), Some("{\"id\":4711}"));
        assert!(attempt.remote_addr.as_deref().unwrap().starts_with("127.0.0.1"));
        assert!(!serde_json::to_string(&detail).unwrap().contains("t0p-secret"), "credentials are masked");
        world.assert_counts().await;
    }

    async fn a_server_error_is_tried_again_by_the_policy_and_then_a_dead_letter(db: TestStore) {
        let destination = Destination::start(answer(500)).await;
        let world = World::to(db, &destination).await;
        let sent = world.event(r#"{"id":1}"#).await;
        for (attempt, wait_s) in [(1, 5), (2, 10), (3, 20)] {
            assert_eq!(world.gate.deliver().await, 1);
            let row = world.row(&sent.id).await;
            assert_eq!((row.status, row.attempts), (DeliveryStatus::Retrying, attempt));
            let due = row.next_attempt_at.unwrap();
            assert_eq!(due, world.gate.clock.now().plus(wait_s * SECOND));
            world.gate.clock.advance(wait_s * SECOND - 1);
            assert_eq!(world.gate.deliver().await, 0, "not before it is due");
            world.gate.clock.advance(1);
        }
        assert_eq!(world.gate.deliver().await, 1);
        let row = world.row(&sent.id).await;
        assert_eq!((row.status, row.attempts), (DeliveryStatus::DeadLetter, 4));
        assert_eq!((row.error_class, row.next_attempt_at), (Some(ErrorClass::Http), None));
        let ids: Vec<_> = destination.received().iter().map(|r| r.header("idempotency-key").unwrap().to_owned()).collect();
        assert_eq!(ids, vec![sent.id.to_string(); 4], "every attempt has the same id");
        assert_eq!(world.detail(&sent.id).await.attempts.len(), 4);
        world.assert_counts().await;
    }

    async fn a_refusal_by_the_destination_is_final_at_once(db: TestStore) {
        for status in [400, 401, 404, 409, 410, 422, 302] {
            let destination = Destination::start(answer(status)).await;
            let world = World::to(gateway_store(&db).await, &destination).await;
            let sent = world.event(r#"{"id":1}"#).await;
            world.gate.deliver().await;
            let row = world.row(&sent.id).await;
            assert_eq!((row.status, row.response_code), (DeliveryStatus::Failed, Some(i64::from(status))));
            assert!(row.error.unwrap().contains(&status.to_string()));
        }
    }

    async fn retry_after_is_honoured(db: TestStore) {
        let headers = vec![("retry-after", "120".to_owned())];
        let destination = Destination::start(Behaviour::Answer(429, headers, Vec::new())).await;
        let world = World::to(db, &destination).await;
        let sent = world.event(r#"{"id":1}"#).await;
        world.gate.deliver().await;
        let row = world.row(&sent.id).await;
        assert_eq!(row.next_attempt_at, Some(world.gate.clock.now().plus(120 * SECOND)));
    }

    async fn without_retries_the_first_failure_is_a_dead_letter(db: TestStore) {
        let destination = Destination::start(answer(503)).await;
        let retry = RetryPolicy { max_retries: 0, ..RetryPolicy::default() };
        let world = World::with(db, &destination, Default::default(), retry, true).await;
        let sent = world.event(r#"{"id":1}"#).await;
        world.gate.deliver().await;
        assert_eq!(world.row(&sent.id).await.status, DeliveryStatus::DeadLetter);
    }

    async fn a_mapping_that_does_not_fit_the_payload_fails_before_anything_is_sent(db: TestStore) {
        let destination = Destination::start(answer(200)).await;
        let mapping = serde_json::from_value(serde_json::json!({ "fields": [
            { "target": "order.number", "source": { "type": "path", "expression": "id" }, "required": true },
            { "target": "order.total", "source": { "type": "path", "expression": "total.gross" }, "required": true },
        ]}))
        .unwrap();
        let world = World::with(db, &destination, mapping, RetryPolicy::default(), true).await;
        let good = world.event(r#"{"id":12345678901234567890,"total":{"gross":1.10}}"#).await;
        let bad = world.event(r#"{"id":2}"#).await;
        world.gate.deliver().await;
        assert_eq!(world.row(&good.id).await.status, DeliveryStatus::Delivered);
        let row = world.row(&bad.id).await;
        assert_eq!((row.status, row.error_class), (DeliveryStatus::Failed, Some(ErrorClass::Mapping)));
        assert!(row.error.unwrap().contains("order.total"));
        let received = destination.received();
        assert_eq!(received.len(), 1);
        let body = String::from_utf8(received[0].body.clone()).unwrap();
        assert_eq!(body, r#"{"order":{"number":12345678901234567890,"total":1.10}}"#, "digits survive");
    }

    async fn the_attempt_of_a_record_lasts_until_the_record_is_written(db: TestStore) {
        let destination = Destination::start(answer(200)).await;
        let world = World::to(db, &destination).await;
        gateway::integrations::routes::delete(&world.gate.services, &world.gate.access(), &world.route.id).await.unwrap();
        let event = world.event(r#"{"id":1}"#).await;
        let clock = Arc::new(CountingClock::default());
        let deliverer = Deliverer { clock: clock.clone(), ..world.gate.deliverer.clone() };
        assert_eq!(deliverer.tick().await.unwrap(), 1);
        let detail = world.detail(&event.id).await;
        let attempt = &detail.attempts[0];
        assert_eq!(detail.delivery.destination, DestinationKind::Record);
        assert_eq!(detail.delivery.duration_us, Some(attempt.duration_us));
        // Two readings enclose what happens before the store is asked; a later one has seen the record written.
        assert!(attempt.duration_us >= 2 * CountingClock::STEP, "{} us", attempt.duration_us);
        assert!(attempt.duration_us <= clock.now().since(attempt.started_at));
    }
}

/// A clock that moves on with each reading.
#[derive(Debug, Default)]
struct CountingClock(AtomicI64);

impl CountingClock {
    const STEP: i64 = 1_000;
}

impl Clock for CountingClock {
    fn now(&self) -> Timestamp {
        let start = MockClock::default().now().plus(MINUTE);
        start.plus(self.0.fetch_add(Self::STEP, Ordering::SeqCst))
    }
    fn random_unit(&self) -> f64 {
        0.5
    }
}

/// Another database of the same kind.
async fn gateway_store(db: &gateway::testing::TestStore) -> gateway::testing::TestStore {
    match db.store.backend() {
        gateway::store::Backend::Sqlite => gateway::testing::TestStore::sqlite().await,
        gateway::store::Backend::Postgres => gateway::testing::TestStore::postgres().await,
    }
}
