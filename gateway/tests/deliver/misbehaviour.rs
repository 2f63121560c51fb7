//! Destinations that hang, break, never end, talk nonsense, or are not to be reached.

use domain::delivery::ErrorClass;
use domain::retry::RetryPolicy;
use domain::status::DeliveryStatus;
use gateway::on_both_databases;

use super::destination::{Behaviour, Destination};
use super::world::World;

on_both_databases! {
    async fn each_kind_of_failure_has_its_class_and_is_tried_again(db: TestStore) {
        let destination = Destination::start(Behaviour::Hang).await;
        let world = World::to(db, &destination).await;
        for (behaviour, class) in [
            (Behaviour::Hang, ErrorClass::Timeout),
            (Behaviour::Reset, ErrorClass::Reset),
            (Behaviour::Garbage, ErrorClass::Protocol),
        ] {
            destination.behave(behaviour.clone());
            let sent = world.event(&format!(r#"{{"id":"{class}"}}"#)).await;
            world.gate.deliver().await;
            let row = world.row(&sent.id).await;
            assert_eq!((row.status, row.error_class), (DeliveryStatus::Retrying, Some(class)), "{behaviour:?}");
            assert!(row.error.unwrap().len() > 10);
            let attempts = world.detail(&sent.id).await.attempts;
            assert_eq!((attempts.len(), attempts[0].succeeded), (1, false));
        }
        world.assert_counts().await;
    }

    async fn an_answer_without_end_is_cut_and_counts_by_its_status(db: TestStore) {
        let destination = Destination::start(Behaviour::Endless).await;
        let world = World::to(db, &destination).await;
        let sent = world.event(r#"{"id":1}"#).await;
        world.gate.deliver().await;
        assert_eq!(world.row(&sent.id).await.status, DeliveryStatus::Delivered);
        let attempt = world.detail(&sent.id).await.attempts.remove(0);
        assert!(attempt.response_truncated);
        assert_eq!(attempt.response_body.unwrap().len(), 64 * 1024);
    }

    async fn nobody_listening_is_a_connect_error(db: TestStore) {
        let world = World::to(db, &Destination::closed().await).await;
        let sent = world.event(r#"{"id":1}"#).await;
        world.gate.deliver().await;
        let row = world.row(&sent.id).await;
        assert_eq!((row.status, row.error_class), (DeliveryStatus::Retrying, Some(ErrorClass::Connect)));
    }

    async fn private_addresses_are_refused_unless_the_installation_allows_them(db: TestStore) {
        let destination = Destination::start(Behaviour::Answer(200, Vec::new(), Vec::new())).await;
        let world = World::with(db, &destination, Default::default(), RetryPolicy::default(), false).await;
        let sent = world.event(r#"{"id":1}"#).await;
        world.gate.deliver().await;
        let row = world.row(&sent.id).await;
        assert_eq!((row.status, row.error_class), (DeliveryStatus::Failed, Some(ErrorClass::Blocked)));
        assert!(destination.received().is_empty(), "nothing was sent");
    }
}
