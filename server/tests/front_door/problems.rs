//! Every way to be wrong has an answer that a program can read.

use domain::user::Role;
use gateway::on_both_databases;
use gateway::testing::TestStore;
use reqwest::Method;
use serde_json::json;

use crate::app::{Caller, Options, TestApp, send};

const CONNECTORS: &str = "/api/v1/integration/connectors";

#[tokio::test]
async fn what_is_not_there_and_what_is_there_for_others() {
    let app = TestApp::start(TestStore::sqlite().await).await;
    let nobody = Caller::default();
    for path in ["/api", "/api/v1/nothing", "/rpc/nothing", "/realtime/nothing", "/nothing.js"] {
        let page = app.request(&nobody, Method::GET, path, None).header("accept", "*/*");
        send(page).await.expect_problem(404, "no_such_route");
    }
    // Not even who asks for a page gets one where programs live.
    let request = app.request(&nobody, Method::GET, "/api/v1/nothing", None).header("accept", "text/html");
    send(request).await.expect_problem(404, "no_such_route");
    app.post(&nobody, "/anywhere", json!({})).await.expect_problem(404, "no_such_route");
    let answer = app.ask(&nobody, Method::PUT, CONNECTORS, None).await;
    answer.expect_problem(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "GET,HEAD,POST");
    app.stop().await;
}

on_both_databases! {
    async fn bodies_and_queries_that_cannot_be_read(db: TestStore) {
        let app = TestApp::start(db).await;
        let acme = app.organization("acme").await;
        let admin = app.key(&acme, Role::Admin).await;
        let raw = |kind: &'static str, body: &str| {
            app.request(&admin, Method::POST, CONNECTORS, None).header("content-type", kind).body(body.to_owned())
        };
        send(raw("text/plain", "{}")).await.expect_problem(415, "unsupported_media_type");
        send(raw("application/json", "{")).await.expect_problem(400, "malformed_json");
        send(raw("application/json", "{} {}")).await.expect_problem(422, "invalid_input");
        send(raw("application/json", "\"\\ud800\"")).await.expect_problem(400, "malformed_json");
        let problem = send(raw("application/json", r#"{"code":"ok-code","name":"N","headers":[{"name":1}]}"#)).await;
        assert_eq!(problem.expect_problem(422, "invalid_input")["fields"][0]["pointer"], "/headers/0/name");
        let problem = send(raw("application/json", r#"{"code":"Not A Code","name":"N"}"#)).await;
        assert_eq!(problem.expect_problem(422, "invalid_input")["fields"][0]["pointer"], "/code");
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(send(raw("application/json", &deep)).await.status.is_client_error());
        let large = json!({ "code": "large", "name": "x".repeat(2 * 1024 * 1024) });
        app.post(&admin, CONNECTORS, large).await.expect_problem(413, "too_large");

        let list = "/api/v1/integration/deliveries";
        for query in ["limit=many", "status=lost", "from=yesterday", "colour=red", "cursor=%00", "source_record_id=a%00b"] {
            app.get(&admin, &format!("{list}?{query}")).await.expect_problem(400, "invalid_query");
        }
        app.get(&admin, &format!("{list}?cursor=nonsense")).await.expect_problem(400, "invalid_cursor");
        for path in ["connectors", "receivers", "routes", "members", "api-keys"] {
            let answer = app.get(&admin, &format!("/api/v1/integration/{path}?cursor=%F0%9F%9A%82")).await;
            answer.expect_problem(400, "invalid_cursor");
        }
        for path in ["records", "rejections"] {
            let answer = app.get(&admin, &format!("/api/v1/integration/{path}?cursor=nonsense")).await;
            answer.expect_problem(400, "invalid_cursor");
        }
        for query in ["reason=bad_luck", "from=yesterday", "connector_id=7", "colour=red"] {
            let answer = app.get(&admin, &format!("/api/v1/integration/rejections?{query}")).await;
            answer.expect_problem(400, "invalid_query");
        }
        let range = "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z";
        app.get(&admin, &format!("/api/v1/integration/dashboard/summary?{range}")).await.expect_problem(400, "invalid_query");
        for id in ["con_0", "dlv_00000000000000000000000000000000", "%00", "con_00000000000000000000000000000000"] {
            app.get(&admin, &format!("{CONNECTORS}/{id}")).await.expect_problem(404, "not_found");
        }
        app.stop().await;
    }

    async fn refused_requests_are_narrowed_by_reason_connector_and_time(db: TestStore) {
        let app = TestApp::start(db).await;
        let acme = app.organization("acme").await;
        let admin = app.key(&acme, Role::Admin).await;
        let mut ids = Vec::new();
        for code in ["one", "two"] {
            let new = json!({ "code": code, "name": code, "environment": "sandbox" });
            ids.push(app.post(&admin, CONNECTORS, new).await.json()["id"].as_str().unwrap().to_owned());
            let answer = app.post(&Caller::default(), &format!("/api/v1/integration/webhooks/{code}/receive"), json!({})).await;
            answer.expect_problem(409, "no_receiver");
        }
        let count = async |query: &str| {
            let answer = app.get(&admin, &format!("/api/v1/integration/rejections?{query}")).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            answer.json()["items"].as_array().unwrap().len()
        };
        assert_eq!((count("").await, count("limit=1").await, count("reason=no_receiver").await), (2, 1, 2));
        assert_eq!((count("reason=rate_limited").await, count(&format!("connector_id={}", ids[0])).await), (0, 1));
        assert_eq!((count("to=2020-01-01T00:00:00Z").await, count("from=2020-01-01T00:00:00Z&limit=9").await), (0, 2));
        app.stop().await;
    }

    async fn server_functions_fail_like_the_interface(db: TestStore) {
        let app = TestApp::start(db).await;
        let acme = app.organization("acme").await;
        let ada = app.signed_in("ada", "acme", Role::Viewer).await;
        let nobody = app.post(&Caller::default(), "/rpc/list_members", json!({ "organization": acme, "page": {} })).await;
        nobody.expect_problem(401, "unauthenticated");
        app.post(&ada, "/rpc/list_connectors", json!({ "page": {} })).await.expect_problem(400, "malformed_request");
        app.post(&ada, "/rpc/list_members", json!({ "organization": acme, "page": {} })).await.expect_problem(403, "forbidden");
        let large = json!({ "organization": acme, "page": { "cursor": "x".repeat(2 * 1024 * 1024) } });
        app.post(&ada, "/rpc/list_connectors", large).await.expect_problem(413, "too_large");
        // What a form would be answered with is of no use to anybody here.
        let request = app.request(&ada, Method::POST, "/rpc/session_info", Some(&json!({})));
        let answer = send(request.header("accept", "text/html").header("referer", "https://evil.example/")).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (200, ""));
        app.stop().await;
    }
}

#[tokio::test]
async fn every_answer_has_an_id_and_cannot_be_sniffed() {
    let app = TestApp::start(TestStore::sqlite().await).await;
    let mut ids = std::collections::HashSet::new();
    for path in ["/healthz", "/readyz", "/metrics", "/api/v1/openapi.json", "/", "/nothing", CONNECTORS] {
        let answer = app.get(&Caller::default(), path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(ids.insert(answer.header("x-request-id").to_owned()), "{path}");
    }
    assert!(ids.iter().all(|id| id.len() == 16));
    app.stop().await;
}

#[tokio::test]
async fn metrics_need_their_token_when_there_is_one() {
    let options = Options { metrics_token: Some("PLANTED-metrics-token".into()), ..Options::default() };
    let app = TestApp::with(TestStore::sqlite().await, options).await;
    app.get(&Caller::default(), "/metrics").await.expect_problem(401, "unauthenticated");
    let wrong = Caller { key: Some("PLANTED-metrics-toke".into()), ..Caller::default() };
    app.get(&wrong, "/metrics").await.expect_problem(401, "unauthenticated");
    let right = Caller { key: Some("PLANTED-metrics-token".into()), ..Caller::default() };
    app.get(&right, "/metrics").await;
    let answer = app.get(&right, "/metrics").await;
    assert_eq!(answer.status, 200);
    for name in [
        "signalbox_http_requests_total",
        "signalbox_http_request_seconds_bucket",
        "signalbox_intake_queue_room",
        "signalbox_deliveries_due",
    ] {
        assert!(answer.text.contains(name), "{name}");
    }
    assert!(!answer.text.contains("PLANTED"));
    app.stop().await;
}

#[tokio::test]
async fn every_problem_names_its_request() {
    let app = TestApp::start(TestStore::sqlite().await).await;
    let nobody = Caller::default();
    let login = json!({ "request": { "email": "nobody@example.com", "password": "wrong" } });
    let receive = "/api/v1/integration/webhooks/nobody/receive";
    let mut ids = std::collections::BTreeSet::new();
    for answer in [
        app.get(&nobody, CONNECTORS).await,
        app.get(&nobody, "/nothing.js").await,
        app.post(&nobody, "/rpc/login", login).await,
        app.post(&nobody, receive, json!({})).await,
    ] {
        let code = answer.json()["code"].as_str().unwrap().to_owned();
        // It looks at the id as well.
        let problem = answer.expect_problem(answer.status.as_u16(), &code);
        assert!(ids.insert(problem["request_id"].as_str().unwrap().to_owned()), "{ids:?}");
    }
    app.stop().await;
}

#[tokio::test]
async fn a_store_that_is_gone_is_not_ready_and_says_no_more() {
    let app = TestApp::start(TestStore::sqlite().await).await;
    let acme = app.organization("acme").await;
    let admin = app.key(&acme, Role::Admin).await;
    app.database.store.close().await;
    assert_eq!(app.get(&Caller::default(), "/healthz").await.status, 200);
    assert_eq!(app.get(&Caller::default(), "/readyz").await.status, 503);
    // That it cannot be said who asks is not the same as nobody asking.
    app.get(&admin, CONNECTORS).await.expect_problem(500, "internal");
}

#[tokio::test]
async fn the_senders_address_is_the_proxys_word_only_when_it_is_trusted() {
    for (trust, expected) in [(false, "127.0.0.1"), (true, "192.0.2.7")] {
        let options = Options { trust_forwarded_for: trust, ..Options::default() };
        let app = TestApp::with(TestStore::sqlite().await, options).await;
        let acme = app.organization("acme").await;
        let admin = app.key(&acme, Role::Admin).await;
        let connector = app
            .post(&admin, CONNECTORS, json!({ "code": "door", "name": "Door", "environment": "sandbox" }))
            .await;
        let new = json!({ "connector_id": connector.json()["id"], "name": "Door", "event_type": "a", "scheme": { "type": "none" } });
        assert_eq!(app.post(&admin, "/api/v1/integration/receivers", new).await.status, 201);
        let request = app.request(
            &Caller::default(),
            Method::POST,
            "/api/v1/integration/webhooks/door/receive",
            Some(&json!({})),
        );
        let answer = send(request.header("x-forwarded-for", "203.0.113.9, 192.0.2.7")).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        let event = app
            .get(
                &admin,
                &format!("/api/v1/integration/events/{}", answer.json()["event_id"].as_str().unwrap()),
            )
            .await;
        assert_eq!(event.json()["remote_addr"], expected);
        app.stop().await;
    }
}
