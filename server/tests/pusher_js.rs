//! Unmodified npm clients against our server: `pusher-js` subscribes, the server library `pusher` triggers,
//! and a wrong signature gets nothing. Node runs `end2end/pusher/subscribe.mjs`, which reports what it sees.
//!
//! Needs `node`, and `npm install` in `end2end` (or in the folder that `SIGNALBOX_NODE_DIR` names).

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise, also in its helpers")]

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use axum::{Form, Json, Router, http::StatusCode, routing::post};
use gateway::{
    clock::SystemClock,
    realtime::{
        Hub, HubLimits, HubPublisher, RealtimeApp, RealtimePublisher,
        protocol::{AuthForm, AuthResponse, ChannelName, sign_channel},
    },
};
use serde_json::{Value, json};
use server::http::pusher::{PusherState, SocketLimits, routes};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    net::TcpListener,
    process::{Child, ChildStdout, Command},
};

const CHANNEL: &str = "private-org-org_01";
const FOREIGN_CHANNEL: &str = "private-org-org_02";

/// Nothing here takes long, but node has to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A node process and the lines it reports.
struct Script {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Script {
    fn start(argument: &Value) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end/pusher/subscribe.mjs");
        let mut process = Command::new("node")
            .arg(script)
            .arg(argument.to_string())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("this test needs `node` in PATH: install Node.js 20 or newer");
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    async fn expect(&mut self, step: &str) -> Value {
        let report = self.next(step).await;
        assert_eq!(report["step"], step, "{report}");
        report
    }

    /// The next report, on the way to `step`.
    async fn next(&mut self, step: &str) -> Value {
        let line = tokio::time::timeout(PATIENCE, self.lines.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("the script hangs before {step:?}")).unwrap();
        let line =
            line.unwrap_or_else(|| panic!("the script ended before {step:?}; its error output is above"));
        serde_json::from_str(&line).unwrap()
    }
}

fn node_dir() -> PathBuf {
    let dir = std::env::var_os("SIGNALBOX_NODE_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../end2end"), PathBuf::from);
    for package in ["pusher-js", "pusher"] {
        let manifest = dir.join("node_modules").join(package).join("package.json");
        assert!(
            manifest.is_file(),
            "{} is missing: run `npm install` in {}",
            manifest.display(),
            dir.display()
        );
    }
    dir
}

/// Signs one channel for everyone: who may join is the application's business, not this test's.
fn auth_endpoint(app: Arc<RealtimeApp>) -> Router {
    let handler = async move |Form(form): Form<AuthForm>| {
        if form.channel_name.as_str() == CHANNEL {
            Ok(Json(AuthResponse { auth: sign_channel(&app, &form.socket_id, &form.channel_name) }))
        } else {
            Err(StatusCode::FORBIDDEN)
        }
    };
    Router::new().route("/realtime/auth", post(handler))
}

#[tokio::test]
async fn unmodified_pusher_libraries_subscribe_trigger_and_are_refused() {
    let node_dir = node_dir();
    let hub = Arc::new(Hub::new(HubLimits::default()));
    let app = Arc::new(RealtimeApp::generate().unwrap());
    let state = PusherState {
        hub: Arc::clone(&hub),
        app: Arc::clone(&app),
        clock: Arc::new(SystemClock),
        limits: SocketLimits::default(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().merge(routes(state)).merge(auth_endpoint(Arc::clone(&app)));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });

    let mut script = Script::start(&json!({
        "nodeDir": node_dir, "host": address.ip(), "port": address.port(), "channel": CHANNEL,
        "foreignChannel": FOREIGN_CHANNEL, "appId": app.id(), "key": app.key(), "secret": app.expose_secret(),
    }));

    let subscribed = script.expect("subscribed").await;
    assert!(subscribed["socketId"].as_str().unwrap().contains('.'));
    let channel = ChannelName::parse(CHANNEL).unwrap();
    HubPublisher::new(Arc::clone(&hub)).publish(&channel, "from-hub", r#"{"row":7}"#).unwrap();
    assert_eq!(script.expect("from the hub").await["data"], json!({ "row": 7 }));

    let refused = script.expect("refused by the endpoint").await;
    assert_eq!((&refused["type"], &refused["status"]), (&json!("AuthError"), &json!(403)));

    assert_eq!(
        script.expect("from the library").await["heard"],
        json!([["from-library", "quoted \"ä\"\n"], ["in-a-batch", [1, 2]], ["last", {}]])
    );
    assert_eq!(script.expect("channels").await["channels"], json!({ CHANNEL: { "subscription_count": 1 } }));
    let occupied = script.expect("channel").await;
    assert_eq!((&occupied["occupied"], &occupied["subscription_count"]), (&json!(true), &json!(1)));
    let refused = script.expect("refused triggers").await;
    assert_eq!(
        refused,
        json!({ "step": "refused triggers", "wrongSecret": 401, "tooLarge": 413, "unsupported": 400 })
    );

    assert_eq!(script.expect("intruder error").await["code"], 4009);
    let refused = script.expect("refused by the server").await;
    assert_eq!((&refused["type"], &refused["status"]), (&json!("AuthError"), &json!(401)));
    assert_eq!(script.expect("stolen").await["events"], json!([]));
    assert_eq!(script.expect("after leaving").await["occupied"], false);

    script.expect("ready for the shutdown").await;
    assert_eq!(hub.shutdown(PATIENCE).await, 0);
    // Each client reports the 4200 (as an event, and again as a close code) and comes back at once, to a
    // server that takes nobody any more.
    loop {
        let report = script.next("reconnecting").await;
        match report["step"].as_str() {
            Some("reconnecting") => break,
            Some("client error") => assert_eq!(report["code"], 4200),
            Some("intruder error") => assert!(report["code"] == 4200 || report["code"] == 4100, "{report}"),
            _ => panic!("unexpected: {report}"),
        }
    }
    let status =
        tokio::time::timeout(PATIENCE, script.process.wait()).await.expect("the script does not end");
    assert!(status.unwrap().success());
}
