//! What a person does: retry, correct and replay, try dry, cancel. Originals never change.

use domain::delivery::{DryRunRequest, ReplayRequest};
use domain::mapping::FieldMapping;
use domain::retry::RetryPolicy;
use domain::route::RoutePatch;
use domain::status::DeliveryStatus;
use domain::time::DAY;
use gateway::{integrations, on_both_databases, replay, workers};

use super::destination::{Behaviour, Destination, answer};
use super::world::World;

fn corrected() -> ReplayRequest {
    ReplayRequest {
        payload: Some(r#"{"id":7,"amount":100}"#.into()),
        reason: Some("amount added".into()),
        ..Default::default()
    }
}

fn trying(payload: &str) -> DryRunRequest {
    DryRunRequest { payload: Some(payload.into()), ..Default::default() }
}

on_both_databases! {
    async fn a_corrected_replay_is_delivered_and_knows_where_it_comes_from(db: TestStore) {
        let destination = Destination::start(Behaviour::RequireText("amount")).await;
        let world = World::to(db, &destination).await;
        let (services, access) = (&world.gate.services, world.gate.access());
        let sent = world.event(r#"{"id":7}"#).await;
        world.gate.deliver().await;
        let failed = world.detail(&sent.id).await;
        assert_eq!(failed.delivery.status, DeliveryStatus::Failed);
        assert_eq!(failed.delivery.response_code, Some(422));
        world.gate.clock.advance(1_000);
        let again = replay::replay(services, &access, &sent.id, corrected()).await.unwrap();
        assert_eq!((again.status, again.edited), (DeliveryStatus::Received, true));
        assert_eq!(again.replay_of.as_ref(), Some(&sent.id));
        assert_eq!(again.replayed_by.as_deref(), Some("command line"));
        world.gate.deliver().await;
        assert_eq!(world.row(&again.id).await.status, DeliveryStatus::Delivered);
        assert_eq!(world.detail(&sent.id).await.delivery, failed.delivery, "the original is as it was");
        let original = replay::payload(services, &access, &failed.event.payload_id).await.unwrap();
        assert_eq!(original.text.as_deref(), Some(r#"{"id":7}"#));
        let edited = replay::payload(services, &access, &again.payload_id).await.unwrap();
        assert_eq!(edited.text, corrected().payload);
        let lineage: Vec<_> = world.detail(&again.id).await.lineage.into_iter().map(|row| row.id).collect();
        assert_eq!(lineage, [sent.id.clone(), again.id.clone()]);
        world.gate.clock.advance(1_000);
        let third = replay::replay(services, &access, &again.id, ReplayRequest::default()).await.unwrap();
        assert!(!third.edited, "the same bytes as the one it replays");
        assert_eq!(world.detail(&sent.id).await.lineage.len(), 3);
        world.assert_counts().await;
    }

    async fn a_replay_that_could_not_be_sent_is_refused_with_the_place(db: TestStore) {
        let destination = Destination::start(answer(422)).await;
        let world = World::to(db, &destination).await;
        let sent = world.event(r#"{"id":7}"#).await;
        world.gate.deliver().await;
        let broken = ReplayRequest { payload: Some("{\"id\":".into()), ..Default::default() };
        let refused =
            replay::replay(&world.gate.services, &world.gate.access(), &sent.id, broken).await.unwrap_err();
        assert_eq!((refused.status, refused.fields[0].pointer.as_str()), (422, "/payload"));
        assert_eq!(world.all().await.len(), 1);
    }

    async fn a_delivery_knows_the_mapping_it_was_sent_with(db: TestStore) {
        let destination = Destination::start(answer(422)).await;
        let rule = |target: &str| -> FieldMapping {
            let rule = serde_json::json!({ "target": target, "source": { "type": "path", "expression": "id" } });
            serde_json::from_value(serde_json::json!({ "fields": [rule] })).unwrap()
        };
        let world = World::with(db, &destination, rule("number"), RetryPolicy::default(), true).await;
        let (services, access) = (&world.gate.services, world.gate.access());
        let sent = world.event(r#"{"id":7}"#).await;
        assert_eq!(world.detail(&sent.id).await.mapping, None, "nothing is sent yet");
        world.gate.deliver().await;
        let applied = world.detail(&sent.id).await.mapping.unwrap();
        assert_eq!((applied.version, applied.newest_version), (1, 1));
        assert_eq!((applied.route_name.as_str(), applied.mapping), ("Orders", rule("number")));

        let patch = RoutePatch { mapping: Some(rule("id")), ..RoutePatch::default() };
        integrations::routes::update(services, &access, &world.route.id, patch).await.unwrap();
        integrations::routes::delete(services, &access, &world.route.id).await.unwrap();
        let applied = world.detail(&sent.id).await.mapping.unwrap();
        assert_eq!((applied.version, applied.newest_version), (1, 2));
        assert_eq!(applied.mapping, rule("number"), "the rules that were used, not those of today");
    }

    async fn a_payload_that_is_passed_on_has_no_mapping(db: TestStore) {
        let destination = Destination::start(answer(422)).await;
        let world = World::to(db, &destination).await;
        let sent = world.event(r#"{"id":7}"#).await;
        world.gate.deliver().await;
        let detail = world.detail(&sent.id).await;
        assert_eq!((detail.attempts[0].mapping_version, detail.mapping), (Some(1), None));
    }

    async fn a_dry_run_shows_the_request_and_sends_nothing(db: TestStore) {
        let destination = Destination::start(answer(422)).await;
        let world = World::to(db, &destination).await;
        let (services, access) = (&world.gate.services, world.gate.access());
        let sent = world.event(r#"{"id":7}"#).await;
        let run = replay::dry_run(services, &access, &sent.id, trying(r#"{"id":"x y"}"#)).await.unwrap();
        assert!(run.issues.is_empty());
        assert_eq!((run.method.as_str(), run.url), ("POST", format!("{}/orders/x%20y", destination.url)));
        assert_eq!(run.body.as_deref(), Some(r#"{"id":"x y"}"#));
        assert!(run.headers.iter().any(|header| header.name == "authorization" && header.value == "••••"));
        let run = replay::dry_run(services, &access, &sent.id, trying(r#"{"id":"../admin"}"#)).await.unwrap();
        assert!(run.issues.iter().all(|issue| issue.blocking) || run.url.contains("%2F"), "{run:?}");
        let run = replay::dry_run(services, &access, &sent.id, trying("nope")).await.unwrap();
        assert!(run.issues.iter().any(|issue| issue.source == "json" && issue.blocking));
        assert!(destination.received().is_empty());
    }

    async fn a_retry_is_another_attempt_of_the_same_delivery(db: TestStore) {
        let destination = Destination::start(answer(422)).await;
        let world = World::to(db, &destination).await;
        let (services, access) = (&world.gate.services, world.gate.access());
        let sent = world.event(r#"{"id":7}"#).await;
        world.gate.deliver().await;
        destination.behave(answer(500));
        let retried = replay::retry(services, &access, &sent.id, Some("fixed there".into())).await.unwrap();
        assert_eq!((retried.id.clone(), retried.status), (sent.id.clone(), DeliveryStatus::Retrying));
        assert_eq!(retried.max_attempts, 5, "a fresh set of retries");
        world.gate.deliver().await;
        assert_eq!(world.row(&sent.id).await.status, DeliveryStatus::Retrying);
        let canceled = replay::cancel(services, &access, &sent.id).await.unwrap();
        assert_eq!((canceled.status, canceled.next_attempt_at), (DeliveryStatus::Canceled, None));
        assert_eq!(world.gate.deliver().await, 0);
        destination.behave(answer(200));
        replay::retry(services, &access, &sent.id, None).await.unwrap();
        world.gate.deliver().await;
        let row = world.row(&sent.id).await;
        assert_eq!((row.status, row.attempts), (DeliveryStatus::Delivered, 3));
        let refused = replay::retry(services, &access, &sent.id, None).await.unwrap_err();
        assert_eq!((refused.status, refused.code.as_str()), (409, "not_retryable"));
        world.assert_counts().await;
    }

    async fn when_the_payload_has_expired_the_facts_stay_and_nothing_is_sent(db: TestStore) {
        let destination = Destination::start(answer(422)).await;
        let world = World::to(db, &destination).await;
        let (services, access) = (&world.gate.services, world.gate.access());
        let sent = world.event(r#"{"id":7}"#).await;
        world.gate.deliver().await;
        world.gate.clock.advance(8 * DAY);
        assert!(workers::retain::tick(&services.store, &services.clock).await.unwrap() >= 2);
        assert_eq!(workers::retain::tick(&services.store, &services.clock).await.unwrap(), 0);
        let detail = world.detail(&sent.id).await;
        assert_eq!(detail.attempts[0].response_body, None);
        assert_eq!(detail.attempts[0].response_code, Some(422));
        let gone = replay::payload(services, &access, &detail.event.payload_id).await.unwrap_err();
        assert_eq!(gone.code, "payload_expired");
        let refused = replay::retry(services, &access, &sent.id, None).await.unwrap_err();
        assert_eq!(refused.code, "payload_expired");
        let refused = replay::replay(services, &access, &sent.id, ReplayRequest::default()).await.unwrap_err();
        assert_eq!(refused.code, "payload_expired");
        assert!(replay::replay(services, &access, &sent.id, corrected()).await.is_ok(), "new bytes can be sent");
    }

    async fn another_organization_hears_not_found(db: TestStore) {
        let destination = Destination::start(answer(422)).await;
        let world = World::to(db, &destination).await;
        let sent = world.event(r#"{"id":7}"#).await;
        world.gate.deliver().await;
        let foreign = world.gate.another_organization("other").await;
        let access = gateway::access::Access::of_command_line(foreign);
        let services = &world.gate.services;
        assert_eq!(replay::detail(services, &access, &sent.id).await.unwrap_err().status, 404);
        assert_eq!(replay::payload(services, &access, &sent.payload_id).await.unwrap_err().status, 404);
        assert_eq!(replay::retry(services, &access, &sent.id, None).await.unwrap_err().status, 404);
        assert_eq!(replay::cancel(services, &access, &sent.id).await.unwrap_err().status, 404);
        assert_eq!(replay::dry_run(services, &access, &sent.id, DryRunRequest::default()).await.unwrap_err().status, 404);
        let replayed = replay::replay(services, &access, &sent.id, ReplayRequest::default()).await;
        assert_eq!(replayed.unwrap_err().status, 404);
    }
}
