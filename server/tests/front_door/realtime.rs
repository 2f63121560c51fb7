//! Who may listen to what, and for how long: the authorization endpoint, and changes over a real WebSocket.

use domain::id::OrganizationId;
use domain::status::CountedStatus;
use domain::time::Timestamp;
use domain::user::Role;
use futures_util::{SinkExt, StreamExt};
use gateway::accounts::{members, users};
use gateway::realtime::permits;
use gateway::store::rollups::Deltas;
use gateway::testing::TestStore;
use gateway::{on_both_databases, store};
use reqwest::Method;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::app::{Answer, Caller, TestApp, send};

/// Longer than anything here takes, and shorter than what finds by itself that somebody may not listen any more.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(8);

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

        let channel = format!("private-org-{acme}");
        let mut socket = listen(&app, &ada, &[&acme]).await;
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
        assert_eq!(closed(&mut socket).await, 4200);
        stopping.await.unwrap();
    }

    async fn who_may_listen_no_more_is_sent_away_at_once(db: TestStore) {
        let app = TestApp::start(db).await;
        let (acme, beta) = (app.organization("acme").await, app.organization("beta").await);
        let admin = app.signed_in("admin", "acme", Role::Admin).await;
        let mut stays = listen(&app, &admin, &[&acme]).await;

        // A member of one organization, and one of two.
        app.signed_in("eve", "acme", Role::Viewer).await;
        let eve = app.sign_in("eve").await;
        let mut removed = listen(&app, &eve, &[&acme]).await;
        let bob = app.signed_in("bob", "acme", Role::Operator).await;
        let new = serde_json::from_value(json!({ "email": "bob@example.com", "name": "Bob", "role": "viewer" })).unwrap();
        members::add(app.services(), &app.access(&beta), new).await.unwrap();
        let mut half = listen(&app, &bob, &[&acme, &beta]).await;
        let page = app.get(&admin, "/api/v1/integration/members").await.json();
        for member in page["items"].as_array().unwrap() {
            if member["user"]["email"] != "admin@example.com" {
                let path = format!("/api/v1/integration/members/{}", member["user"]["id"].as_str().unwrap());
                assert_eq!(app.ask(&admin, Method::DELETE, &path, None).await.status, 204);
            }
        }
        assert_eq!(closed(&mut removed).await, 4009, "nothing is left to come back for");
        assert_eq!(closed(&mut half).await, 4200, "may come back for the other organization");
        authorize(&app, &bob, "1.1", &format!("private-org-{acme}")).await.expect_problem(403, "forbidden");
        listen(&app, &bob, &[&beta]).await;

        // Signed out; the person's other session goes on.
        let cleo = app.signed_in("cleo", "acme", Role::Viewer).await;
        let mut other = listen(&app, &app.sign_in("cleo").await, &[&acme]).await;
        let mut signed_out = listen(&app, &cleo, &[&acme]).await;
        assert_eq!(app.post(&cleo, "/rpc/logout", json!({})).await.status, 200);
        assert_eq!(closed(&mut signed_out).await, 4009);

        // A key that is revoked.
        let made = app.post(&admin, "/api/v1/integration/api-keys", json!({ "name": "program", "role": "viewer" })).await.json();
        let program = Caller { key: made["secret"].as_str().map(str::to_owned), ..Caller::default() };
        let mut revoked = listen(&app, &program, &[&acme]).await;
        let path = format!("/api/v1/integration/api-keys/{}", made["api_key"]["id"].as_str().unwrap());
        assert_eq!(app.ask(&admin, Method::DELETE, &path, None).await.status, 204);
        assert_eq!(closed(&mut revoked).await, 4009);

        // Switched off, as the command line does it.
        users::set_active(app.services(), "cleo@example.com", false).await.unwrap();
        assert_eq!(closed(&mut other).await, 4009);

        let channel = format!("private-org-{acme}").parse().unwrap();
        assert_eq!(app.services().hub.subscription_count(&channel), 1, "the administrator still listens");
        app.services().feed.record([], one_refusal(&acme));
        assert_eq!(next(&mut stays).await["event"], "changes");
        app.stop().await;
    }

    async fn what_another_process_ended_is_found_by_the_next_review(db: TestStore) {
        let app = TestApp::start(db).await;
        let acme = app.organization("acme").await;
        let ada = app.signed_in("ada", "acme", Role::Viewer).await;
        let mut socket = listen(&app, &ada, &[&acme]).await;
        let services = app.services();
        let review = async || permits::review(&services.store, &services.clock, &services.hub).await.unwrap();
        assert_eq!(review().await, 0);
        let mut tx = services.store.write().await.unwrap();
        let user = store::users::find_by_email(&mut tx, "ada@example.com").await.unwrap().unwrap().user;
        store::sessions::delete_of_user(&mut tx, &user.id).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(review().await, 1);
        assert_eq!(closed(&mut socket).await, 4009);
        assert_eq!(review().await, 0);
        app.stop().await;
    }
}

fn one_refusal(organization: &OrganizationId) -> Deltas {
    let mut deltas = Deltas::default();
    let connector = domain::id::ConnectorId::new(Timestamp(1));
    deltas.add(organization, Timestamp(1), &connector, None, CountedStatus::Rejected, 1);
    deltas
}

/// A connection that listens to the organizations.
async fn listen(app: &TestApp, caller: &Caller, organizations: &[&OrganizationId]) -> Socket {
    let key = app.services().realtime_app.key().to_owned();
    let url = format!("{}/app/{key}?protocol=7&client=test&version=1", app.url.replace("http", "ws"));
    let (mut socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
    let established = next(&mut socket).await;
    let id = established["data"]["socket_id"].as_str().unwrap().to_owned();
    for organization in organizations {
        let channel = format!("private-org-{organization}");
        let caller = Caller { organization: Some((*organization).clone()), ..caller.clone() };
        let auth = authorize(app, &caller, &id, &channel).await.json()["auth"].clone();
        let subscribe = json!({ "event": "pusher:subscribe", "data": { "channel": channel, "auth": auth } });
        socket.send(Message::text(subscribe.to_string())).await.unwrap();
        assert_eq!(next(&mut socket).await["event"], "pusher_internal:subscription_succeeded");
    }
    socket
}

/// Waits for the end of the conversation; the code it ends with.
async fn closed(socket: &mut Socket) -> u16 {
    loop {
        let message = tokio::time::timeout(PATIENCE, socket.next()).await.expect("the connection is kept");
        if let Message::Close(close) = message.unwrap().unwrap() {
            return close.unwrap().code.into();
        }
    }
}

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

async fn next(socket: &mut Socket) -> Value {
    let message =
        tokio::time::timeout(PATIENCE, socket.next()).await.expect("no frame came").unwrap().unwrap();
    let mut frame: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
    if let Some(data) = frame["data"].as_str() {
        frame["data"] = serde_json::from_str(data).unwrap();
    }
    frame
}
