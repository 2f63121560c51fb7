//! Routes: nothing that cannot work is saved, and every version of a mapping is kept.

use domain::connector::{ConnectorPatch, Header};
use domain::mapping::FieldMapping;
use domain::page::PageQuery;
use domain::retry::RetryPolicy;
use domain::route::{MappingPreviewRequest, Method, NewRoute, RouteDestination, RoutePatch};
use domain::time::SECOND;
use gateway::integrations::{connectors, routes};
use gateway::on_both_databases;
use gateway::store;
use serde_json::json;

use crate::installation::{Installation, fields, new_route, not_found, refused, to_http, to_record};

fn mapping(fields: serde_json::Value) -> FieldMapping {
    serde_json::from_value(json!({ "fields": fields })).unwrap()
}

fn by_path(target: &str, expression: &str) -> serde_json::Value {
    json!({"target": target, "source": {"type": "path", "expression": expression}})
}

on_both_databases! {
    async fn every_bad_field_is_named(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let github = new.connector(&acme, "github").await;
        let door = new.receiver(&acme, &github).await;
        let http = RouteDestination::Http {
            connector_id: github.id.clone(),
            method: Method::Put,
            path: "contacts/{{".into(),
            headers: vec![Header::new("X-Ok", "1"), Header::new("Host", "x")],
            record_id_pointer: Some("id".into()),
        };
        let bad = NewRoute {
            name: String::new(),
            retry: RetryPolicy { max_retries: 11, ..RetryPolicy::default() },
            mapping: mapping(json!([
                by_path("a", "a"),
                by_path("b", "b[["),
                {"target": "c", "source": {"type": "template", "template": "{{ oops"}},
                by_path("a", "again"),
            ])),
            ..new_route(&door, http)
        };
        assert_eq!(
            fields(routes::create(&new.services, &acme.access, bad).await),
            [
                "/mapping/fields/1/source",
                "/mapping/fields/2/source",
                "/mapping/fields/3/target",
                "/name",
                "/retry/max_retries",
                "/destination/path",
                "/destination/headers/1",
                "/destination/record_id_pointer",
            ]
        );
        let record = RouteDestination::Record { entity: "a b".into(), id_pointer: Some("id".into()) };
        let refusal = routes::create(&new.services, &acme.access, new_route(&door, record)).await;
        assert_eq!(fields(refusal), ["/destination/entity", "/destination/id_pointer"]);
    }

    async fn a_destination_must_be_there_and_have_an_address(db: TestStore) {
        let new = Installation::new(db).await;
        let (acme, globex) = (new.organization("acme").await, new.organization("globex").await);
        let (github, gone) = (new.connector(&acme, "github").await, new.connector(&acme, "gone").await);
        let foreign = new.connector(&globex, "foreign").await;
        connectors::delete(&new.services, &acme.access, &gone.id).await.unwrap();
        let bare = new.connector(&acme, "bare").await;
        let no_url = ConnectorPatch { base_url: Some(String::new()), ..ConnectorPatch::default() };
        connectors::update(&new.services, &acme.access, &bare.id, no_url).await.unwrap();
        let door = new.receiver(&acme, &github).await;
        let way = new.route(&acme, &door, to_record()).await;
        for target in [&gone, &foreign, &bare] {
            let refusal = routes::create(&new.services, &acme.access, new_route(&door, to_http(target))).await;
            assert_eq!(fields(refusal), ["/destination/connector_id"]);
            let patch = RoutePatch { destination: Some(to_http(target)), ..RoutePatch::default() };
            let refusal = routes::update(&new.services, &acme.access, &way.id, patch).await;
            assert_eq!(fields(refusal), ["/destination/connector_id"]);
        }
        let patch = RoutePatch { destination: Some(to_http(&github)), ..RoutePatch::default() };
        let changed = routes::update(&new.services, &acme.access, &way.id, patch).await.unwrap();
        assert_eq!(changed.destination, to_http(&github));
    }

    async fn each_change_of_the_mapping_is_a_version(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let github = new.connector(&acme, "github").await;
        let door = new.receiver(&acme, &github).await;
        let way = new.route(&acme, &door, to_record()).await;
        assert_eq!(way.mapping_version, 1);
        let second = mapping(json!([by_path("id", "order.id")]));
        let patch = RoutePatch { mapping: Some(second.clone()), ..RoutePatch::default() };
        let changed = routes::update(&new.services, &acme.access, &way.id, patch.clone()).await.unwrap();
        assert_eq!((changed.mapping_version, &changed.mapping), (2, &second));
        let same = routes::update(&new.services, &acme.access, &way.id, patch).await.unwrap();
        assert_eq!(same.mapping_version, 2, "the same mapping is no new version");
        let renamed = RoutePatch { name: Some("Renamed".into()), ..RoutePatch::default() };
        let renamed = routes::update(&new.services, &acme.access, &way.id, renamed).await.unwrap();
        assert_eq!((renamed.mapping_version, renamed.name.as_str()), (2, "Renamed"));
        let bad = RoutePatch { mapping: Some(mapping(json!([by_path("id", "[[")]))), ..RoutePatch::default() };
        let refusal = routes::update(&new.services, &acme.access, &way.id, bad).await;
        assert_eq!(fields(refusal), ["/mapping/fields/0/source"]);
        routes::delete(&new.services, &acme.access, &way.id).await.unwrap();
        let mut tx = new.services.store.read().await.unwrap();
        for (version, expected) in [(1, Some(FieldMapping::default())), (2, Some(second)), (3, None)] {
            let organization = acme.access.organization();
            let kept = store::routes::find_mapping_version(&mut tx, organization, &way.id, version).await;
            assert_eq!(kept.unwrap(), expected, "also after the route was deleted");
        }
    }

    async fn two_changes_at_once_make_two_versions(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let github = new.connector(&acme, "github").await;
        let door = new.receiver(&acme, &github).await;
        let way = new.route(&acme, &door, to_record()).await;
        let changes: Vec<_> = ["a", "b", "c", "d"]
            .into_iter()
            .map(|target| {
                let (services, access, id) = (new.services.clone(), acme.access.clone(), way.id.clone());
                let mapping = Some(mapping(json!([by_path(target, "x")])));
                let patch = RoutePatch { mapping, ..RoutePatch::default() };
                tokio::spawn(async move { routes::update(&services, &access, &id, patch).await })
            })
            .collect();
        let mut versions = Vec::new();
        for change in changes {
            versions.push(change.await.unwrap().unwrap().mapping_version);
        }
        versions.sort();
        assert_eq!(versions, [2, 3, 4, 5]);
    }

    async fn switching_off_and_on_again(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let github = new.connector(&acme, "github").await;
        let door = new.receiver(&acme, &github).await;
        let way = new.route(&acme, &door, to_record()).await;
        new.clock.advance(SECOND);
        let set = |active| RoutePatch { active: Some(active), ..RoutePatch::default() };
        let off = routes::update(&new.services, &acme.access, &way.id, set(false)).await.unwrap();
        assert!(!off.active && off.updated_at > way.updated_at);
        assert_eq!(routes::read(&new.services, &acme.access, &way.id).await.unwrap(), off);
        assert!(routes::update(&new.services, &acme.access, &way.id, set(true)).await.unwrap().active);
        routes::delete(&new.services, &acme.access, &way.id).await.unwrap();
        assert_eq!(refused(routes::delete(&new.services, &acme.access, &way.id).await), not_found());
        assert_eq!(refused(routes::update(&new.services, &acme.access, &way.id, set(true)).await), not_found());
    }

    async fn pages_are_newest_first_of_one_receiver_or_all(db: TestStore) {
        let new = Installation::new(db).await;
        let (acme, globex) = (new.organization("acme").await, new.organization("globex").await);
        let (github, other) = (new.connector(&acme, "github").await, new.connector(&globex, "other").await);
        let (one, two) = (new.receiver(&acme, &github).await, new.receiver(&acme, &github).await);
        let foreign = new.receiver(&globex, &other).await;
        new.route(&globex, &foreign, to_record()).await;
        let made = [
            new.route(&acme, &one, to_record()).await.id,
            new.route(&acme, &two, to_record()).await.id,
            new.route(&acme, &one, to_record()).await.id,
        ];
        let first = PageQuery { limit: 2, cursor: None };
        let first = routes::list(&new.services, &acme.access, None, &first).await.unwrap();
        let second = PageQuery { limit: 2, cursor: first.next_cursor };
        let second = routes::list(&new.services, &acme.access, None, &second).await.unwrap();
        let ids: Vec<_> = first.items.into_iter().chain(second.items).map(|route| route.id).collect();
        assert_eq!(ids, [made[2].clone(), made[1].clone(), made[0].clone()]);
        let of_one = routes::list(&new.services, &acme.access, Some(&one.id), &PageQuery::default()).await;
        assert_eq!(of_one.unwrap().items.len(), 2);
        let refusal = routes::list(&new.services, &acme.access, Some(&foreign.id), &PageQuery::default()).await;
        assert_eq!(refused(refusal), not_found());
        let bad = PageQuery { limit: 2, cursor: Some(made[0].to_string()) };
        let refusal = routes::list(&new.services, &acme.access, None, &bad).await;
        assert_eq!(refused(refusal), (400, "invalid_cursor".to_owned()));
    }
}

#[test]
fn a_preview_shows_the_body_or_every_issue() {
    let ask = |mapping: FieldMapping, sample: &str| {
        routes::preview(&MappingPreviewRequest { mapping, sample: sample.into() }).unwrap()
    };
    let full = mapping(json!([
        by_path("id", "order.id"),
        {"target": "note", "source": {"type": "template", "template": "{{ event.type }} {{ event.source_record_id }}"}},
    ]));
    let shown = ask(full.clone(), r#"{"order": {"id": 12345678901234567890}}"#);
    assert_eq!(shown.body.unwrap(), r#"{"id":12345678901234567890,"note":"sample sample-1"}"#);
    assert!(shown.issues.is_empty());
    let untouched = ask(FieldMapping::default(), "{ \"a\" : 1.0 }");
    assert_eq!(untouched.body.as_deref(), Some("{ \"a\" : 1.0 }"));
    let required = mapping(json!([
        {"target": "id", "source": {"type": "path", "expression": "order.id"}, "required": true},
        {"target": "to", "source": {"type": "path", "expression": "to"}, "required": true},
    ]));
    let shown = ask(required, "{}");
    assert_eq!(shown.body, None);
    assert_eq!(shown.issues.iter().map(|issue| issue.rule).collect::<Vec<_>>(), [Some(0), Some(1)]);
    assert!(!ask(full, "not json").issues.is_empty());
    let huge =
        MappingPreviewRequest { mapping: FieldMapping::default(), sample: "x".repeat(10 * 1024 * 1024 + 1) };
    assert_eq!(fields(routes::preview(&huge)), ["/sample"]);
}
