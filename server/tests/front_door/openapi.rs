//! The document describes the router, and the router is what the document says.

use std::collections::BTreeSet;
use std::sync::Arc;

use app::rpc::cookie::SessionCookie;
use gateway::testing::TestStore;
use reqwest::Method;
use server::http::OTHER_ROUTES;
use server::http::state::{AppState, WebSettings};

use crate::app::{Caller, TestApp};

#[tokio::test]
async fn document_and_router_have_the_same_routes() {
    let app = TestApp::start(TestStore::sqlite().await).await;
    let document = app.get(&Caller::default(), "/api/v1/openapi.json").await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for (path, item) in document["paths"].as_object().unwrap() {
        let mut documented: BTreeSet<String> =
            item.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect();
        if documented.contains("GET") {
            documented.insert("HEAD".into());
        }
        // The router itself lists its methods when it is asked by one that it does not have.
        let asked = path.replace(['{', '}'], "");
        let answer = app.ask(&Caller::default(), Method::TRACE, &asked, None).await;
        assert_eq!(answer.status, 405, "{path}: {}", answer.text);
        let routed: BTreeSet<String> =
            answer.header("allow").split(',').map(|method| method.trim().to_owned()).collect();
        assert_eq!(documented, routed, "{path}");
    }
    app.stop().await;
}

/// The router itself says which routes it has: whoever adds one anywhere, hears of it here, and then by the table of
/// `authorization`.
#[tokio::test]
async fn the_router_has_no_route_that_nobody_listed() {
    let app = TestApp::start(TestStore::sqlite().await).await;
    let web = WebSettings {
        cookie: SessionCookie { secure: false },
        metrics_token: None,
        trust_forwarded_for: false,
        metrics: server::telemetry::metrics().unwrap(),
    };
    let state = AppState { services: app.server.services.clone(), web: Arc::new(web) };
    let printed = format!("{:?}", server::http::router(state));
    // axum shows its paths in one place only: how it prints itself.
    let routes = printed.split("fallback_router: ").next().unwrap();
    let paths = routes.split("Node { paths: {").nth(1).unwrap();
    let routed: BTreeSet<String> =
        paths.split("): \"").skip(1).map(|path| path.split('"').next().unwrap().to_owned()).collect();

    let (_, document) = server::http::api::router_and_document();
    let mut listed: BTreeSet<String> = document.paths.paths.keys().cloned().collect();
    listed.extend(server::http::rpc::paths().into_iter().map(str::to_owned));
    // The console's page is what answers when no route does.
    let others = OTHER_ROUTES.iter().filter(|(_, path)| *path != "/");
    listed.extend(others.clone().map(|(_, path)| (*path).to_owned()));
    let (missing, gone): (Vec<_>, Vec<_>) =
        (routed.difference(&listed).collect(), listed.difference(&routed).collect());
    assert!(
        missing.is_empty() && gone.is_empty(),
        "not in OTHER_ROUTES: {missing:?}\nnot on the server: {gone:?}"
    );

    // And by which methods; a WebSocket's route takes every one.
    for path in others.clone().map(|(_, path)| *path).filter(|path| *path != "/app/{key}") {
        let named: BTreeSet<&str> =
            others.clone().filter(|(_, other)| *other == path).map(|(method, _)| *method).collect();
        let asked = path.replace(['{', '}'], "");
        let answer = app.ask(&Caller::default(), Method::TRACE, &asked, None).await;
        assert_eq!(answer.status, 405, "{path}: {}", answer.text);
        let allowed: BTreeSet<&str> =
            answer.header("allow").split(',').map(str::trim).filter(|method| *method != "HEAD").collect();
        assert_eq!(allowed, named, "{path}");
    }
    app.stop().await;
}

/// Routes enter the interface by `routes!`, which documents them; a `.route(` would not.
#[test]
fn nothing_comes_into_the_interface_without_its_description() {
    let source = include_str!("../../src/http/api.rs");
    for way in [".route(", ".route_service(", ".nest_service(", ".fallback"] {
        assert!(!source.contains(way), "http/api.rs uses {way}");
    }
}

#[test]
fn every_operation_says_what_it_does_and_how_it_fails() {
    let (_, document) = server::http::api::router_and_document();
    let document = serde_json::to_value(&document).unwrap();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            let text = operation["summary"].as_str().or(operation["description"].as_str());
            assert!(text.is_some_and(|text| !text.is_empty()), "{name} has no words");
            assert!(
                ids.insert(operation["operationId"].as_str().unwrap().to_owned()),
                "{name} shares its id"
            );
            let statuses: Vec<_> = operation["responses"].as_object().unwrap().keys().cloned().collect();
            let fails = statuses.iter().any(|status| status == "default" || status.starts_with('4'));
            assert!(fails && statuses.iter().any(|status| status.starts_with('2')), "{name}: {statuses:?}");
        }
    }
    // Every reference leads somewhere.
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(document.pointer(reference).is_some(), "{reference} leads nowhere");
    }
}
