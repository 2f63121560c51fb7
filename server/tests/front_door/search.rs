//! Search, alerts and samples over REST, as a program uses them: from a sample to its row, and what is wrong with a question.

use domain::user::Role;
use gateway::on_both_databases;
use serde_json::json;

use crate::app::TestApp;

const API: &str = "/api/v1/integration";

on_both_databases! {
    async fn a_sample_is_found_by_all_that_it_is_known_by_and_refusals_alert(db: TestStore) {
        let app = TestApp::start(db).await;
        let acme = app.organization("acme").await;
        let admin = app.key(&acme, Role::Admin).await;
        let connector = app.post(&admin, &format!("{API}/connectors"), json!({ "code": "netsuite", "name": "NetSuite" })).await;
        let connector = connector.json()["id"].as_str().unwrap().to_owned();
        let receiver = json!({
            "connector_id": connector, "name": "Door", "scheme": { "type": "bearer" }, "secret": "a-secret-that-is-long",
            "sources": {
                "event_type": { "type": "pointer", "pointer": "/type" },
                "source_record_id": { "type": "pointer", "pointer": "/id" },
            },
        });
        let made = app.post(&admin, &format!("{API}/receivers"), receiver).await.json();
        let receiver = made["receiver"]["id"].as_str().unwrap();
        let operator = app.key(&acme, Role::Operator).await;
        let sample = json!({ "event_type": "invoice.created", "body": r##"{"type":"invoice.created","id":"#INV 1&2"}"## });
        let sent = app.post(&operator, &format!("{API}/receivers/{receiver}/send-sample"), sample).await;
        let outcome = sent.json();
        assert_eq!((sent.status.as_u16(), outcome["result"].as_str()), (200, Some("accepted")), "{outcome}");

        let viewer = app.key(&acme, Role::Viewer).await;
        let search = async |text: &str| {
            let query: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
            let answer = app.get(&viewer, &format!("{API}/search?q={query}")).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            answer.json()
        };
        for (text, kind) in [
            (outcome["event_id"].as_str().unwrap(), "deliveries"),
            (outcome["delivery_id"].as_str().unwrap(), "deliveries"),
            ("#INV 1&2", "source_records"),
            ("#INV", "source_records"),
        ] {
            let found = search(text).await;
            assert_eq!(found[kind][0]["id"], outcome["delivery_id"], "{text}: {found}");
            assert_eq!(found[kind][0]["connector_name"], "NetSuite");
        }
        assert_eq!(search("suite").await["connectors"][0]["code"], "netsuite");

        let alerts = async || app.get(&viewer, &format!("{API}/alerts")).await.json();
        assert_eq!(alerts().await, json!([]));
        for n in 0..5 {
            let path = format!("{API}/webhooks/netsuite/receive");
            let wrong = crate::app::Caller { key: Some("wrong".into()), ..Default::default() };
            assert_eq!(app.post(&wrong, &path, json!({ "n": n })).await.status, 401);
        }
        let found = alerts().await;
        assert_eq!((found[0]["kind"].as_str(), found[0]["count"].as_i64(), found[0]["of"].as_i64()), (Some("rejecting"), Some(5), Some(6)));
        assert_eq!(found[0]["connector_id"].as_str(), Some(connector.as_str()));
        app.stop().await;
    }

    async fn a_question_that_says_nothing_is_told_so(db: TestStore) {
        let app = TestApp::start(db).await;
        let acme = app.organization("acme").await;
        let viewer = app.key(&acme, Role::Viewer).await;
        let long = format!("q={}", "x".repeat(201));
        for query in ["", "q=", "q=%20", "q=a%0Ab", "q=a%00b", &long, "q=a&tab=api"] {
            let answer = app.get(&viewer, &format!("{API}/search?{query}")).await;
            answer.expect_problem(400, "invalid_query");
        }
        let answer = app.post(&viewer, "/rpc/search", json!({ "organization": acme, "text": "a\0b" })).await;
        answer.expect_problem(400, "invalid_query");
        app.stop().await;
    }
}
