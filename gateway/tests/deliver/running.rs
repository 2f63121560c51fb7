//! The worker's loop: slow destinations do not starve others, stopping and dying lose nothing.

use std::time::Duration;

use domain::delivery::ErrorClass;
use domain::route::RouteDestination;
use domain::status::DeliveryStatus;
use domain::time::SECOND;
use gateway::clock::Clock;
use gateway::on_both_databases;
use gateway::workers::deliver::LANE_LIMIT;
use tokio_util::sync::CancellationToken;

use super::destination::{Behaviour, Destination, answer};
use super::world::{World, until};

on_both_databases! {
    async fn a_hanging_destination_does_not_delay_another(db: TestStore) {
        let hanging = Destination::start(Behaviour::Hang).await;
        let world = World::to(db, &hanging).await;
        for n in 0..LANE_LIMIT * 2 {
            world.event(&format!(r#"{{"id":{n}}}"#)).await;
        }
        // From here on the same connector's events go to the record store: a lane of its own.
        gateway::integrations::routes::delete(&world.gate.services, &world.gate.access(), &world.route.id).await.unwrap();
        let fast = world.event(r#"{"id":"fast"}"#).await;
        let stop = CancellationToken::new();
        let mut deliverer = world.gate.deliverer.clone();
        deliverer.timeout = Duration::from_secs(30);
        let running = tokio::spawn(deliverer.run(stop.clone()));
        until(async || world.row(&fast.id).await.status == DeliveryStatus::Delivered).await;
        until(async || hanging.received().len() >= LANE_LIMIT).await;
        assert_eq!(hanging.received().len(), LANE_LIMIT, "no more at once than the lane allows");
        running.abort();
    }

    async fn many_hanging_destinations_do_not_delay_another_or_the_records(db: TestStore) {
        let hanging = Destination::start(Behaviour::Hang).await;
        let world = World::to(db, &hanging).await;
        for n in 0..5 {
            world.also_to(&format!("hanging-{n}"), &hanging).await;
        }
        for n in 0..16 {
            world.event_to_all(&format!(r#"{{"id":{n}}}"#)).await;
        }
        let mut deliverer = world.gate.deliverer.clone();
        deliverer.timeout = Duration::from_secs(30);
        deliverer.places = 32;
        let running = tokio::spawn(deliverer.run(CancellationToken::new()));
        // Six lanes that want everything have four each, and eight places are left.
        until(async || hanging.received().len() >= 24).await;
        let fast = Destination::start(answer(200)).await;
        world.also_to("fast", &fast).await;
        world.route_to(RouteDestination::Record { entity: "order".into(), id_pointer: None }).await;
        let sent = world.event_to_all(r#"{"id":"last"}"#).await;
        assert_eq!(sent.len(), 8);
        let delivered = async || {
            world.all().await.into_iter().filter(|row| row.status == DeliveryStatus::Delivered).count()
        };
        until(async || delivered().await == 2).await;
        assert_eq!(fast.received().len(), 1);
        let rows = world.all().await;
        assert!(rows.iter().all(|row| row.response_code.is_some() || row.error.is_none()), "the others still hang");
        running.abort();
    }

    async fn stopping_finishes_what_runs_and_gives_back_the_rest(db: TestStore) {
        let destination = Destination::start(answer(200)).await;
        let world = World::to(db, &destination).await;
        for n in 0..100 {
            world.event(&format!(r#"{{"id":{n}}}"#)).await;
        }
        let stop = CancellationToken::new();
        let running = tokio::spawn(world.gate.deliverer.clone().run(stop.clone()));
        until(async || !destination.received().is_empty()).await;
        stop.cancel();
        running.await.unwrap();
        let rows = world.all().await;
        assert!(rows.iter().all(|row| row.status != DeliveryStatus::Processing), "nothing is left half done");
        let delivered = rows.iter().filter(|row| row.status == DeliveryStatus::Delivered).count();
        assert_eq!(delivered, destination.received().len(), "what was sent is known to be sent");
        world.assert_counts().await;
        world.gate.deliver().await;
        assert!(world.all().await.iter().all(|row| row.status == DeliveryStatus::Delivered));
    }

    async fn stopping_cuts_short_what_takes_too_long_and_says_so(db: TestStore) {
        let destination = Destination::start(Behaviour::Hang).await;
        let world = World::to(db, &destination).await;
        let sent = world.event(r#"{"id":1}"#).await;
        let stop = CancellationToken::new();
        let mut deliverer = world.gate.deliverer.clone();
        deliverer.timeout = Duration::from_secs(30);
        deliverer.grace = Duration::from_millis(10);
        let running = tokio::spawn(deliverer.run(stop.clone()));
        until(async || destination.received().len() == 1).await;
        stop.cancel();
        running.await.unwrap();
        let row = world.row(&sent.id).await;
        assert_eq!((row.status, row.error_class), (DeliveryStatus::Retrying, Some(ErrorClass::Interrupted)));
        assert_eq!(row.next_attempt_at, Some(world.gate.clock.now()), "due again at once");
        let attempts = world.detail(&sent.id).await.attempts;
        assert_eq!((attempts.len(), attempts[0].error_class), (1, Some(ErrorClass::Interrupted)));
        world.assert_counts().await;
        destination.behave(answer(200));
        assert_eq!(world.gate.deliver().await, 1);
        assert_eq!(world.row(&sent.id).await.status, DeliveryStatus::Delivered);
    }

    async fn a_worker_that_died_is_followed_by_another_that_says_so(db: TestStore) {
        let destination = Destination::start(Behaviour::Hang).await;
        let world = World::to(db, &destination).await;
        let sent = world.event(r#"{"id":1}"#).await;
        let mut doomed = world.gate.deliverer.clone();
        doomed.timeout = Duration::from_secs(30);
        let dying = tokio::spawn(async move { doomed.tick().await });
        until(async || destination.received().len() == 1).await;
        dying.abort();
        assert_eq!(world.row(&sent.id).await.status, DeliveryStatus::Processing);
        destination.behave(answer(200));
        assert_eq!(world.gate.deliver().await, 0, "its lease still runs");
        world.gate.clock.advance(46 * SECOND);
        assert_eq!(world.gate.deliver().await, 1);
        let detail = world.detail(&sent.id).await;
        assert_eq!((detail.delivery.status, detail.delivery.attempts), (DeliveryStatus::Delivered, 2));
        let outcomes: Vec<_> = detail.attempts.iter().map(|attempt| attempt.error_class).collect();
        assert_eq!(outcomes, [Some(ErrorClass::Interrupted), None]);
        world.assert_counts().await;
    }
}
