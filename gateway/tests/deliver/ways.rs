//! A replay by a chosen version of the mapping, or by another route: what arrives, what a dry run says, what is noted.

use domain::delivery::{DryRunRequest, ReplayRequest};
use domain::mapping::FieldMapping;
use domain::retry::RetryPolicy;
use domain::route::{RouteDestination, RoutePatch};
use domain::status::DeliveryStatus;
use domain::time::SECOND;
use gateway::integrations::routes;
use gateway::{on_both_databases, replay, store};

use super::destination::{Destination, answer};
use super::world::World;

fn mapping(target: &str) -> FieldMapping {
    let rule = serde_json::json!({ "target": target, "source": { "type": "path", "expression": "id" } });
    serde_json::from_value(serde_json::json!({ "fields": [rule] })).unwrap()
}

fn bodies(destination: &Destination) -> Vec<String> {
    let received = destination.received().into_iter();
    received.map(|request| String::from_utf8(request.body).unwrap()).collect()
}

fn version(version: i64) -> ReplayRequest {
    ReplayRequest { mapping_version: Some(version), ..ReplayRequest::default() }
}

on_both_databases! {
    async fn every_attempt_of_a_replay_uses_the_chosen_version(db: TestStore) {
        let destination = Destination::start(answer(422)).await;
        let policy = RetryPolicy { jitter: 0.0, ..RetryPolicy::default() };
        let world = World::with(db, &destination, mapping("old"), policy, true).await;
        let (services, access) = (&world.gate.services, world.gate.access());
        let newer = RoutePatch { mapping: Some(mapping("new")), ..RoutePatch::default() };
        routes::update(services, &access, &world.route.id, newer).await.unwrap();
        let sent = world.event(r#"{"id":9007199254740993}"#).await;
        world.gate.deliver().await;
        assert_eq!(bodies(&destination), [r#"{"new":9007199254740993}"#]);

        let choices = replay::choices(services, &access, &sent.id).await.unwrap();
        let versions: Vec<_> = choices.routes[0].versions.iter().map(|one| one.version).collect();
        assert_eq!((choices.routes.len(), versions), (1, vec![2, 1]));
        assert_eq!(choices.routes[0].name, "Orders");
        let trying = DryRunRequest { mapping_version: Some(1), ..DryRunRequest::default() };
        let dry = replay::dry_run(services, &access, &sent.id, trying).await.unwrap();
        assert_eq!(dry.body.as_deref(), Some(r#"{"old":9007199254740993}"#));

        destination.behave(answer(500));
        let again = replay::replay(services, &access, &sent.id, version(1)).await.unwrap();
        world.gate.deliver().await;
        assert_eq!(world.row(&again.id).await.status, DeliveryStatus::Retrying);
        destination.behave(answer(200));
        world.gate.clock.advance(60 * SECOND);
        world.gate.deliver().await;
        let detail = world.detail(&again.id).await;
        assert_eq!((detail.delivery.status, detail.delivery.mapping_version), (DeliveryStatus::Delivered, Some(1)));
        let used: Vec<_> = detail.attempts.iter().map(|attempt| attempt.mapping_version).collect();
        assert_eq!(used, [Some(1), Some(1)], "the automatic retry as well");
        assert_eq!(bodies(&destination)[1..], [r#"{"old":9007199254740993}"#, r#"{"old":9007199254740993}"#]);
        let mut tx = services.store.read().await.unwrap();
        let audit = store::audit::list(&mut tx, access.organization(), None, 1).await.unwrap();
        assert_eq!((audit[0].action.as_str(), &audit[0].detail["mapping_version"]), ("delivery.replayed", &1.into()));
        drop(tx);

        world.gate.clock.advance(SECOND);
        let current = replay::replay(services, &access, &again.id, ReplayRequest::default()).await.unwrap();
        assert_eq!(current.mapping_version, None, "without a choice it is the current one");
        world.gate.deliver().await;
        assert_eq!(bodies(&destination).last().unwrap(), r#"{"new":9007199254740993}"#);

        let refused = replay::replay(services, &access, &sent.id, version(3)).await.unwrap_err();
        assert_eq!((refused.status, refused.fields[0].pointer.as_str()), (422, "/mapping_version"));
        world.assert_counts().await;
    }

    async fn a_replay_takes_another_route_of_its_receiver(db: TestStore) {
        let (first, second) = (Destination::start(answer(422)).await, Destination::start(answer(200)).await);
        let world = World::to(db, &first).await;
        let (services, access) = (&world.gate.services, world.gate.access());
        let sent = world.event(r#"{"id":7}"#).await;
        world.gate.deliver().await;
        world.also_to("elsewhere", &second).await;
        world.route_to(RouteDestination::Record { entity: "order".into(), id_pointer: None }).await;
        let choices = replay::choices(services, &access, &sent.id).await.unwrap().routes;
        assert_eq!(choices.len(), 3);
        assert_eq!(choices[0].route_id.as_ref(), Some(&world.route.id), "its own comes first");
        let other = choices.iter().find(|one| one.destination_name.contains("elsewhere")).unwrap();
        let by = ReplayRequest { route_id: other.route_id.clone(), ..ReplayRequest::default() };

        let trying = DryRunRequest { route_id: other.route_id.clone(), ..DryRunRequest::default() };
        let dry = replay::dry_run(services, &access, &sent.id, trying).await.unwrap();
        assert!(dry.url.starts_with(&second.url), "{}", dry.url);
        let again = replay::replay(services, &access, &sent.id, by.clone()).await.unwrap();
        assert_eq!((&again.route_id, &again.destination_name), (&other.route_id, &other.destination_name));
        world.gate.deliver().await;
        assert_eq!(world.row(&again.id).await.status, DeliveryStatus::Delivered);
        assert_eq!((bodies(&first).len(), bodies(&second)), (1, vec![r#"{"id":7}"#.to_owned()]));
        let record = choices.iter().find(|one| one.destination_name == "Record order").unwrap();
        let to_record = ReplayRequest { route_id: record.route_id.clone(), ..ReplayRequest::default() };
        let kept = replay::replay(services, &access, &sent.id, to_record).await.unwrap();
        world.gate.deliver().await;
        assert!(world.row(&kept.id).await.destination_record_id.is_some());

        let off = RoutePatch { active: Some(false), ..RoutePatch::default() };
        routes::update(services, &access, other.route_id.as_ref().unwrap(), off).await.unwrap();
        let refused = replay::replay(services, &access, &sent.id, by).await.unwrap_err();
        assert_eq!((refused.status, refused.fields[0].pointer.as_str()), (422, "/route_id"));
        let unknown = domain::id::RouteId::new(domain::time::Timestamp(1));
        let unknown = ReplayRequest { route_id: Some(unknown), ..ReplayRequest::default() };
        let same = replay::replay(services, &access, &sent.id, unknown).await.unwrap_err();
        assert_eq!(same.detail, refused.detail, "unknown and not allowed sound the same");
        world.assert_counts().await;
    }
}
