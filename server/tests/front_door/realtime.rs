//! Who may listen to what: the authorization endpoint, and a change that arrives over a real WebSocket.

use domain::user::Role;
use futures_util::{SinkExt, StreamExt};
use gateway::on_both_databases;
use gateway::testing::TestStore;
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::app::{Answer, Caller, TestApp, send};

async fn authorize(app: &TestApp, caller: &Caller, socket: &str, channel: &str) -> Answer {
    let form = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("socket_id", socket)
        .append_pair("channel_name", channel)
        .finish();
    let request = app.request(caller, Method::POST, "/realtime/auth", None);
    send(request.header("content-type", "application/x-www-form-urlencoded").body(form)).await
}

#[tokio::test]
async fn only_the_channel_of_ones_own_organization_is_signed() {
    let app = TestApp::start(TestStore::sqlite().await).await;
    let (acme, beta) = (app.organization("acme").await, app.organization("beta").await);
    let ada = app.signed_in("ada", "acme", Role::Viewer).await;
    let good = authorize(&app, &ada, "1.1", &format!("private-org-{acme}")).await;
    assert_eq!(good.status, 200, "{}", good.text);
    assert!(good.json()["auth"].as_str().unwrap().starts_with(app.services().realtime_app.key()));
    for channel in [
        format!("private-org-{beta}"),
        format!("presence-org-{acme}"),
        "private-other".into(),
        "public".into(),
        format!("private-org-{acme}x"),
    ] {
        authorize(&app, &ada, "1.1", &channel).await.expect_problem(403, "forbidden");
    }
    for (socket, channel) in [("1.1", ":user::{}"), ("nonsense", "private-org-x"), ("1.1:private-org-x", "a")]
    {
        authorize(&app, &ada, socket, channel).await.expect_problem(400, "malformed_request");
    }
    app.stop().await;
}

on_both_databases! {
    async fn a_committed_event_reaches_the_console_without_asking(db: TestStore) {
        let app = TestApp::start(db).await;
        let acme = app.organization("acme").await;
        let ada = app.signed_in("ada", "acme", Role::Admin).await;
        let connector = app.post(&ada, "/api/v1/integration/connectors", json!({ "code": "door", "name": "D", "environment": "sandbox" })).await;
        let new = json!({ "connector_id": connector.json()["id"], "name": "D", "event_type": "a.b", "scheme": { "type": "none" } });
        assert_eq!(app.post(&ada, "/api/v1/integration/receivers", new).await.status, 201);

        let key = app.services().realtime_app.key().to_owned();
        let url = format!("{}/app/{key}?protocol=7&client=test&version=1", app.url.replace("http", "ws"));
        let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        let established = next(&mut socket).await;
        let id = established["data"]["socket_id"].as_str().unwrap().to_owned();
        let channel = format!("private-org-{acme}");
        let auth = authorize(&app, &ada, &id, &channel).await.json()["auth"].clone();
        let subscribe = json!({ "event": "pusher:subscribe", "data": { "channel": channel, "auth": auth } });
        socket.send(Message::text(subscribe.to_string())).await.unwrap();
        assert_eq!(next(&mut socket).await["event"], "pusher_internal:subscription_succeeded");

        let answer = app.post(&Caller::default(), "/api/v1/integration/webhooks/door/receive", json!({ "n": 1 })).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        let event = answer.json()["event_id"].clone();
        let mut delivered = false;
        while !delivered {
            let frame = next(&mut socket).await;
            assert_eq!((&frame["event"], &frame["channel"]), (&json!("changes"), &json!(channel)));
            let rows = frame["data"]["rows"].as_array().unwrap();
            delivered = rows.iter().any(|row| row["event_id"] == event && row["status"] == "delivered");
        }
        // Stopping sends every client away with the code that means "come back".
        let stopping = tokio::spawn(app.stop());
        let close = loop {
            match socket.next().await.unwrap().unwrap() {
                Message::Close(close) => break close.unwrap(),
                _ => continue,
            }
        };
        assert_eq!(u16::from(close.code), 4200);
        stopping.await.unwrap();
    }
}

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn next(socket: &mut Socket) -> Value {
    let patience = std::time::Duration::from_secs(30);
    let message =
        tokio::time::timeout(patience, socket.next()).await.expect("no frame came").unwrap().unwrap();
    let mut frame: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
    if let Some(data) = frame["data"].as_str() {
        frame["data"] = serde_json::from_str(data).unwrap();
    }
    frame
}
