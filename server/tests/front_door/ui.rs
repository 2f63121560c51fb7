//! The console as a browser gets it. Holds whether or not the console is built into this binary.

use gateway::testing::TestStore;
use reqwest::Method;

use crate::app::{Answer, Caller, TestApp, send};

async fn page(app: &TestApp, path: &str) -> Answer {
    send(app.request(&Caller::default(), Method::GET, path, None).header("accept", "text/html,*/*;q=0.8"))
        .await
}

#[tokio::test]
async fn the_page_may_run_its_own_scripts_and_nothing_else() {
    let app = TestApp::start(TestStore::sqlite().await).await;
    let answer = page(&app, "/").await;
    let policy = answer.header("content-security-policy").to_owned();
    let directive = |name: &str| {
        policy
            .split("; ")
            .find_map(|part| part.strip_prefix(name))
            .unwrap_or_else(|| panic!("no {name} in {policy}"))
    };
    assert_eq!(directive("default-src"), " 'none'");
    assert_eq!(directive("style-src"), " 'self'");
    assert_eq!(directive("frame-ancestors"), " 'none'");
    assert_eq!(directive("base-uri"), " 'none'");
    assert_eq!(directive("form-action"), " 'self'");
    assert_eq!(directive("script-src"), " 'self' 'wasm-unsafe-eval'");
    let host = app.url.strip_prefix("http://").unwrap();
    assert_eq!(directive("connect-src"), format!(" 'self' ws://{host} wss://{host}"));
    assert!(!policy.contains("unsafe-inline") && !policy.contains("data:") && !policy.contains('*'));
    for (name, value) in [
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cache-control", "no-cache"),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    // A script that stood in the page would not run.
    for script in answer.text.split("<script").skip(1) {
        assert!(script.split_once("></script>").is_some_and(|(attributes, _)| attributes.contains(" src=")));
    }
    assert!(!answer.text.contains(" style=\"") && !answer.text.contains(" onclick="));
    app.stop().await;
}

#[tokio::test]
async fn addresses_of_the_console_lead_to_its_page_and_others_do_not() {
    let app = TestApp::start(TestStore::sqlite().await).await;
    let index = page(&app, "/").await;
    if server::http::ui::is_built() {
        assert_eq!(index.status, 200);
        assert!(index.header("content-type").starts_with("text/html"));
    } else {
        assert_eq!(
            (index.status.as_u16(), index.text.as_str()),
            (503, "The console is not built: run cargo xtask build\n")
        );
    }
    for path in ["/login", "/setup?token=abc", "/integrations/anything"] {
        let answer = page(&app, path).await;
        assert_eq!((answer.status, &answer.text), (index.status, &index.text), "{path}");
    }
    for path in ["/api/v1/x", "/rpc/x", "/realtime/x", "/metrics/x"] {
        page(&app, path).await.expect_problem(404, "no_such_route");
    }
    app.get(&Caller::default(), "/login").await.expect_problem(404, "no_such_route");
    app.stop().await;
}

#[tokio::test]
async fn files_whose_name_changes_with_their_content_are_kept_and_compressed() {
    let app = TestApp::start(TestStore::sqlite().await).await;
    let index = page(&app, "/").await;
    let hashed = index.text.split('"').filter(|text| text.starts_with("/build-"));
    let hashed: std::collections::BTreeSet<_> = hashed.collect();
    // Without a console there are no files, and the test above has said so.
    assert_eq!(hashed.iter().any(|path| path.ends_with(".wasm")), server::http::ui::is_built());
    for path in hashed {
        let plain = app.get(&Caller::default(), path).await;
        assert_eq!(plain.header("cache-control"), "public, max-age=31536000, immutable", "{path}");
        assert_eq!((plain.header("vary"), plain.header("content-encoding")), ("accept-encoding", ""));
        let asked = |name: &'static str, value: String| {
            send(app.request(&Caller::default(), Method::GET, path, None).header(name, value))
        };
        let packed = asked("accept-encoding", "gzip, br".into()).await;
        assert_eq!(packed.header("content-encoding"), "br", "{path}");
        assert_eq!(asked("if-none-match", plain.header("etag").to_owned()).await.status, 304);
        app.get(&Caller::default(), &format!("{path}.br")).await.expect_problem(404, "no_such_route");
    }
    app.stop().await;
}
