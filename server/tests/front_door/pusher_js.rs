//! Unmodified npm clients against the whole server: `pusher-js` joins an organization's channel with an API key and hears
//! of a webhook, the server library `pusher` triggers, and a wrong signature gets nothing. Node runs `end2end/pusher/subscribe.mjs`, which reports what it sees.
//!
//! Needs `node`, and `npm install` in `end2end` (or in the folder that `SIGNALBOX_NODE_DIR` names).

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use domain::user::Role;
use gateway::clock::SystemClock;
use gateway::on_both_databases;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::app::{Caller, Options, TestApp};

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

on_both_databases! {
    async fn unmodified_pusher_libraries_subscribe_trigger_and_are_refused(db: TestStore) {
        let node_dir = node_dir();
        // The library signs with the time of this machine.
        let app = TestApp::with(db, Options { clock: Some(Arc::new(SystemClock)), ..Options::default() }).await;
        let (acme, beta) = (app.organization("acme").await, app.organization("beta").await);
        let ada = app.signed_in("ada", "acme", Role::Admin).await;
        let connector = app.post(&ada, "/api/v1/integration/connectors", json!({ "code": "door", "name": "D", "environment": "sandbox" })).await;
        let new = json!({ "connector_id": connector.json()["id"], "name": "D", "event_type": "a.b", "scheme": { "type": "none" } });
        assert_eq!(app.post(&ada, "/api/v1/integration/receivers", new).await.status, 201);

        let channel = format!("private-org-{acme}");
        let realtime = &app.services().realtime_app;
        let address = app.server.address;
        let mut script = Script::start(&json!({
            "nodeDir": node_dir, "host": address.ip(), "port": address.port(), "channel": channel,
            "foreignChannel": format!("private-org-{beta}"), "apiKey": app.key(&acme, Role::Viewer).await.key,
            "appId": realtime.id(), "key": realtime.key(), "secret": realtime.expose_secret(),
        }));

        let subscribed = script.expect("subscribed").await;
        assert!(subscribed["socketId"].as_str().unwrap().contains('.'));
        // A webhook comes in, and what becomes of it is heard.
        let answer = app.post(&Caller::default(), "/api/v1/integration/webhooks/door/receive", json!({ "n": 1 })).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        let row = script.expect("a delivered row").await["row"].clone();
        assert_eq!((&row["event_id"], &row["event_type"]), (&answer.json()["event_id"], &json!("a.b")));

        let refused = script.expect("refused by the endpoint").await;
        assert_eq!((&refused["type"], &refused["status"]), (&json!("AuthError"), &json!(403)));

        assert_eq!(
            script.expect("from the library").await["heard"],
            json!([["from-library", "quoted \"ä\"\n"], ["in-a-batch", [1, 2]], ["last", {}]])
        );
        assert_eq!(script.expect("channels").await["channels"], json!({ channel: { "subscription_count": 1 } }));
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
        let stopping = tokio::spawn(app.stop());
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
        stopping.await.unwrap();
    }
}
