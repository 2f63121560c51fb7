//! NUL in what people send: PostgreSQL can store it neither as text nor as JSON, so it is refused, and the same way on
//! both databases.

use domain::id::DeliveryId;
use domain::user::Role;
use gateway::on_both_databases;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::TestApp;

const API: &str = "/api/v1/integration";

on_both_databases! {
    async fn it_is_refused_with_the_field_it_stands_in(db: TestStore) {
        let app = TestApp::start(db).await;
        let acme = app.organization("acme").await;
        let admin = app.key(&acme, Role::Admin).await;
        let create = async |kind: &str, new: Value| -> (String, String) {
            let answer = app.post(&admin, &format!("{API}/{kind}"), new).await;
            assert_eq!(answer.status, 201, "{}", answer.text);
            let made = answer.json();
            let thing = made.get("receiver").unwrap_or(&made);
            let id = thing["id"].as_str().unwrap().to_owned();
            (format!("{API}/{kind}/{id}"), id)
        };
        let connector = json!({ "code": "door", "name": "Door", "environment": "sandbox", "base_url": "http://127.0.0.1:9" });
        let (connector_path, connector) = create("connectors", connector).await;
        let receiver = json!({ "connector_id": connector, "name": "Door", "event_type": "a.b", "scheme": { "type": "none" } });
        let (receiver_path, receiver) = create("receivers", receiver).await;
        let record = json!({ "type": "record", "entity": "thing" });
        let route = json!({ "receiver_id": receiver, "name": "Route", "destination": record });
        let (route_path, _) = create("routes", route).await;

        let rule = |source: Value| json!({ "mapping": { "fields": [{ "target": "a", "source": source }] } });
        let http = |path: &str, header: &str, pointer: &str| {
            json!({ "destination": {
                "type": "http", "connector_id": connector, "method": "POST", "path": path,
                "headers": [{ "name": "x-a", "value": header }], "record_id_pointer": pointer,
            } })
        };
        let nul = "a\0b";
        let patches = [
            (&connector_path, json!({ "name": nul }), "/name"),
            (&connector_path, json!({ "kind": nul }), "/kind"),
            (&connector_path, json!({ "base_url": "http://a.test/a\0b" }), "/base_url"),
            (&connector_path, json!({ "headers": [{ "name": "x-a", "value": nul }] }), "/headers/0"),
            (&connector_path, json!({ "headers": [{ "name": nul, "value": "x" }] }), "/headers/0"),
            (&receiver_path, json!({ "name": nul }), "/name"),
            (&receiver_path, json!({ "schema": { "const": nul } }), "/schema/const"),
            (&receiver_path, json!({ "schema": { "properties": { "a\0b": true } } }), "/schema/properties"),
            (
                &receiver_path,
                json!({ "sources": { "delivery_id": { "type": "pointer", "pointer": "/a\0b" } } }),
                "/sources/delivery_id/pointer",
            ),
            (&route_path, json!({ "name": nul }), "/name"),
            (&route_path, rule(json!({ "type": "constant", "value": { "x": nul } })), "/mapping/fields/0/source/value/x"),
            (&route_path, rule(json!({ "type": "template", "template": nul })), "/mapping/fields/0/source/template"),
            (&route_path, http("/a\0b", "x", "/id"), "/destination/path"),
            (&route_path, http("/a", nul, "/id"), "/destination/headers/0"),
            (&route_path, http("/a", "x", "/a\0b"), "/destination/record_id_pointer"),
        ];
        for (path, patch, pointer) in patches {
            let answer = app.ask(&admin, Method::PATCH, path, Some(&patch)).await;
            let problem = answer.expect_problem(422, "invalid_input");
            assert_eq!(problem["fields"][0]["pointer"], pointer, "{patch}: {problem}");
        }
        let news = [
            ("connectors", json!({ "code": "other", "name": nul }), "/name"),
            ("api-keys", json!({ "name": nul, "role": "viewer" }), "/name"),
            ("members", json!({ "email": "a@example.com", "name": nul, "role": "viewer" }), "/name"),
            (
                "receivers",
                json!({ "connector_id": connector, "name": "N", "event_type": "c.d", "scheme": { "type": "none" },
                        "schema_mode": "enforce", "schema": { "const": nul } }),
                "/schema/const",
            ),
            ("routes", json!({ "receiver_id": receiver, "name": nul, "destination": record }), "/name"),
        ];
        for (kind, new, pointer) in news {
            let answer = app.post(&admin, &format!("{API}/{kind}"), new.clone()).await;
            let problem = answer.expect_problem(422, "invalid_input");
            assert_eq!(problem["fields"][0]["pointer"], pointer, "{new}: {problem}");
        }
        let delivery = DeliveryId::new(domain::time::Timestamp(0));
        for action in ["retry", "replay"] {
            let path = format!("{API}/deliveries/{delivery}/{action}");
            let problem = app.post(&admin, &path, json!({ "reason": nul })).await.expect_problem(422, "invalid_input");
            assert_eq!(problem["fields"][0]["pointer"], "/reason");
        }
        // The cursor of a made-up row: base64url of ["a\u0000b","con_…"].
        let cursor = "WyJhXHUwMDAwYiIsImNvbl8wMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMCJd";
        let answer = app.get(&admin, &format!("{API}/connectors?cursor={cursor}")).await;
        answer.expect_problem(400, "invalid_cursor");
        app.stop().await;
    }
}
