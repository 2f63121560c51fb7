//! Sessions in browsers: the cookie's flags, and changes that come from another site.

use domain::user::Role;
use gateway::on_both_databases;
use gateway::testing::TestStore;
use reqwest::Method;
use serde_json::json;

use crate::app::{Caller, Options, PASSWORD, TestApp, send, value};

on_both_databases! {
    async fn a_session_begins_and_ends_with_its_cookie(db: TestStore) {
        let app = TestApp::start(db).await;
        app.organization("acme").await;
        app.user("ada", Some(("acme", Role::Viewer)), false).await;
        let answer = app.login("ada@example.com", PASSWORD).await;
        let cookie = answer.header("set-cookie").to_owned();
        let (pair, flags) = cookie.split_once("; ").unwrap();
        assert_eq!(flags, "Path=/; HttpOnly; SameSite=Lax; Max-Age=604800");
        assert_eq!(answer.header("cache-control"), "no-store");
        let token = pair.strip_prefix("signalbox=").unwrap();
        assert!(token.len() >= 43 && !answer.text.contains(token), "256 bits, in the header only");

        let ada = Caller { cookie: Some(pair.to_owned()), ..Caller::default() };
        let info = app.post(&ada, "/rpc/session_info", json!({})).await;
        assert_eq!((info.status.as_u16(), &info.json()["user"]["email"]), (200, &json!("ada@example.com")));
        let bye = app.post(&ada, "/rpc/logout", json!({})).await;
        assert_eq!(bye.status, 200, "{}", bye.text);
        assert_eq!(bye.header("set-cookie"), "signalbox=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
        let nobody = app.post(&ada, "/rpc/session_info", json!({})).await;
        assert_eq!((nobody.status.as_u16(), nobody.json()), (200, json!(null)));
        app.stop().await;
    }
}

#[tokio::test]
async fn on_https_the_cookie_is_bound_to_the_host() {
    let options = Options { public_url: Some("https://box.example.com".into()), ..Options::default() };
    let app = TestApp::with(TestStore::sqlite().await, options).await;
    app.organization("acme").await;
    app.user("ada", Some(("acme", Role::Viewer)), false).await;
    let answer = app.login("ada@example.com", PASSWORD).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-signalbox=") && cookie.ends_with("; Secure"), "{cookie}");
    let pair = cookie.split(';').next().unwrap().to_owned();
    // The plain name, which any subdomain could set, is not looked at.
    let plain = Caller { cookie: Some(pair.replace("__Host-", "")), ..Caller::default() };
    assert_eq!(app.post(&plain, "/rpc/session_info", json!({})).await.json(), json!(null));
    let bound = Caller { cookie: Some(pair), ..Caller::default() };
    let info = app.post(&bound, "/rpc/session_info", json!({})).await;
    assert_eq!(info.json()["user"]["email"], "ada@example.com");
    app.stop().await;
}

#[tokio::test]
async fn another_site_cannot_make_a_browser_change_anything() {
    let app = TestApp::start(TestStore::sqlite().await).await;
    app.organization("acme").await;
    let ada = app.signed_in("ada", "acme", Role::Admin).await;
    let cookie = ada.cookie.clone().unwrap();
    let new = json!({ "code": "forged", "name": "Forged" });
    let calls = [
        (Method::POST, "/api/v1/integration/connectors", new.clone()),
        (Method::POST, "/rpc/logout", json!({})),
        (Method::POST, "/realtime/auth", json!({})),
        (Method::DELETE, "/api/v1/integration/connectors/con_0", json!({})),
    ];
    for (method, path, body) in &calls {
        let foreign: [&[(&'static str, &str)]; 4] = [
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
            &[("sec-fetch-site", "cross-site")],
            &[],
        ];
        for headers in foreign {
            let mut request =
                app.request(&Caller::default(), method.clone(), path, Some(body)).header("cookie", &cookie);
            for (name, text) in headers {
                request = request.header(*name, value(text));
            }
            send(request).await.expect_problem(403, "cross_site");
        }
    }
    // A form of another site has no cookie yet, and must not sign anybody in either.
    let body = json!({ "request": { "email": "ada@example.com", "password": PASSWORD } });
    let forged = app.request(&Caller::default(), Method::POST, "/rpc/login", Some(&body));
    send(forged.header("origin", "https://evil.example")).await.expect_problem(403, "cross_site");
    let connectors = app.get(&ada, "/api/v1/integration/connectors").await;
    assert_eq!(connectors.json(), json!({ "items": [] }));
    assert_eq!(app.post(&ada, "/api/v1/integration/connectors", new).await.status, 201, "our own pages can");
    app.stop().await;
}

#[tokio::test]
async fn a_key_that_is_not_good_is_refused_even_beside_a_good_cookie() {
    let app = TestApp::start(TestStore::sqlite().await).await;
    let acme = app.organization("acme").await;
    let ada = app.signed_in("ada", "acme", Role::Admin).await;
    let key = app.key(&acme, Role::Viewer).await.key.unwrap();
    for bad in ["sbx_", &format!("sbx_{}", "0".repeat(64)), &key[..key.len() - 1], &key.to_uppercase()] {
        let both = Caller { key: Some(bad.to_owned()), ..ada.clone() };
        app.get(&both, "/api/v1/integration/connectors").await.expect_problem(401, "unauthenticated");
    }
    let request = app.request(&Caller::default(), Method::GET, "/api/v1/integration/connectors", None);
    let basic = request.header("authorization", "Basic YTpi");
    let answer = send(basic).await;
    answer.expect_problem(401, "unauthenticated");
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    app.stop().await;
}

#[tokio::test]
async fn who_works_in_several_organizations_says_which_one() {
    let app = TestApp::start(TestStore::sqlite().await).await;
    let acme = app.organization("acme").await;
    app.organization("beta").await;
    app.user("root", None, true).await;
    let root = app.sign_in("root").await;
    let path = "/api/v1/integration/connectors";
    app.get(&root, path).await.expect_problem(400, "organization_required");
    let named = Caller { organization: Some(acme), ..root.clone() };
    assert_eq!(app.get(&named, path).await.status, 200);
    let request = app.request(&root, Method::GET, path, None).header("signalbox-organization", "acme");
    send(request).await.expect_problem(400, "invalid_organization");
    app.stop().await;
}
