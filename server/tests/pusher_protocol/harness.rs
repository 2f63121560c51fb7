//! A listening server, a raw WebSocket client and a signing HTTP client.

use std::{sync::Arc, time::Duration};

use axum::Router;
use domain::time::Timestamp;
use futures_util::{SinkExt, StreamExt};
use gateway::{
    clock::Clock,
    realtime::{
        Hub, HubLimits, RealtimeApp,
        protocol::{ChannelName, RequestToSign, SocketId, sign_channel, sign_request},
    },
    testing::MockClock,
};
use serde_json::{Value, json};
use server::http::pusher::{PusherState, SocketLimits, routes};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

pub const KEY: &str = "278d425bdf160c739803";

/// The server's clock stands still at the time of the documented signature.
pub const NOW: Timestamp = Timestamp::from_seconds(1_353_088_179);

/// Nothing here takes long; a test that waits for this has failed.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Server {
    pub hub: Arc<Hub>,
    pub app: Arc<RealtimeApp>,
    authority: String,
    http: reqwest::Client,
}

impl Server {
    pub async fn start() -> Self {
        Self::with(HubLimits::default(), SocketLimits::default()).await
    }

    pub async fn with(hub_limits: HubLimits, limits: SocketLimits) -> Self {
        let hub = Arc::new(Hub::new(hub_limits));
        let app = Arc::new(RealtimeApp::new("3", KEY, "7ad3773142a6692b25b8").unwrap());
        let clock = MockClock::shared();
        clock.advance(NOW.since(clock.now()));
        let state = PusherState { hub: Arc::clone(&hub), app: Arc::clone(&app), clock, limits };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        // As in the real server, where the console's page answers what nobody else does.
        let router: Router = Router::new().merge(routes(state)).fallback(async || "the console's page");
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        // Somebody else in this process may have installed it already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { hub, app, authority, http }
    }

    /// Opens a WebSocket to `/app/{path_and_query}` and reads nothing.
    pub async fn open(&self, path_and_query: &str) -> Client {
        let url = format!("ws://{}/app/{path_and_query}", self.authority);
        let (socket, _) = connect_async(url).await.unwrap();
        Client { socket, id: SocketId::parse("0.0").unwrap() }
    }

    /// A client that has been accepted.
    pub async fn connect(&self) -> Client {
        let mut client = self.open(&format!("{KEY}?protocol=7&client=test&version=1.0.0")).await;
        let established = client.next().await;
        assert_eq!(established["event"], "pusher:connection_established");
        client.id = SocketId::parse(established["data"]["socket_id"].as_str().unwrap()).unwrap();
        client
    }

    /// A client that listens to a channel, signed if it is private.
    pub async fn listen(&self, channel: &str) -> Client {
        let mut client = self.connect().await;
        client.subscribe(channel, &self.auth(&client, channel)).await;
        client.expect_subscribed(channel).await;
        client
    }

    pub fn auth(&self, client: &Client, channel: &str) -> String {
        sign_channel(&self.app, &client.id, &ChannelName::parse(channel).unwrap())
    }

    /// A signed call; `path` begins after `/apps/3`.
    pub async fn call(&self, method: &str, path: &str, query: &[(&str, &str)], body: &str) -> Answer {
        let path = format!("/apps/3{path}");
        let query: Vec<_> = query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let to_sign = RequestToSign { method, path: &path, query: &query, body: body.as_bytes() };
        let signed = sign_request(&self.app, &to_sign, NOW);
        self.raw_call(method, &path, &signed, body).await
    }

    /// A call with exactly this query.
    pub async fn raw_call(&self, method: &str, path: &str, query: &[(String, String)], body: &str) -> Answer {
        let mut url = url::Url::parse(&format!("http://{}{path}", self.authority)).unwrap();
        url.query_pairs_mut().extend_pairs(query);
        let request = self.http.request(method.parse().unwrap(), url).body(body.to_owned());
        let response = tokio::time::timeout(PATIENCE, request.send()).await.unwrap().unwrap();
        let content_type = response.headers().get("content-type").unwrap().to_str().unwrap().to_owned();
        Answer { status: response.status().as_u16(), content_type, text: response.text().await.unwrap() }
    }

    pub async fn trigger(&self, body: Value) -> Answer {
        self.call("POST", "/events", &[], &body.to_string()).await
    }

    /// Triggers an event called `marker`: whoever receives it next has received nothing before.
    pub async fn mark(&self, channel: &str) {
        let answer = self.trigger(json!({ "name": "marker", "channel": channel, "data": "{}" })).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "{}"));
    }

    /// Waits until the hub has noticed what a client did without an answer.
    pub async fn until_connections(&self, expected: usize) {
        let reached = async {
            while self.hub.stats().connections != expected {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, reached).await.expect("the hub never had as many connections");
    }
}

pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        assert_eq!((self.status, self.content_type.as_str()), (200, "application/json"), "{}", self.text);
        serde_json::from_str(&self.text).unwrap()
    }

    pub fn expect_refusal(&self, status: u16, words: &str) {
        assert_eq!(
            (self.status, self.content_type.as_str()),
            (status, "text/plain; charset=utf-8"),
            "{}",
            self.text
        );
        assert!(self.text.contains(words), "{:?} does not say {words:?}", self.text);
    }
}

pub struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub id: SocketId,
}

impl Client {
    pub async fn send(&mut self, frame: Value) {
        self.send_message(Message::text(frame.to_string())).await;
    }

    pub async fn send_message(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    pub async fn subscribe(&mut self, channel: &str, auth: &str) {
        self.send(json!({ "event": "pusher:subscribe", "data": { "channel": channel, "auth": auth } })).await;
    }

    pub async fn next_message(&mut self) -> Option<Message> {
        let next = tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("no frame came");
        next.map(Result::unwrap)
    }

    /// The next frame, its `data` decoded (after checking that it is a string of JSON).
    pub async fn next(&mut self) -> Value {
        let message = self.next_message().await.expect("the connection ended");
        let Message::Text(text) = message else { panic!("not a text frame: {message:?}") };
        let mut frame: Value = serde_json::from_str(&text).unwrap();
        frame["data"] = serde_json::from_str(frame["data"].as_str().expect("data is a string")).unwrap();
        frame
    }

    pub async fn expect(&mut self, frame: Value) {
        assert_eq!(self.next().await, frame);
    }

    pub async fn expect_subscribed(&mut self, channel: &str) {
        let event = "pusher_internal:subscription_succeeded";
        self.expect(json!({ "event": event, "channel": channel, "data": {} })).await;
    }

    pub async fn expect_marker(&mut self, channel: &str) {
        self.expect(json!({ "event": "marker", "channel": channel, "data": {} })).await;
    }

    /// A `pusher:error` with this code (or none), and its message.
    pub async fn expect_error(&mut self, code: Option<u16>) -> String {
        let frame = self.next().await;
        assert_eq!(frame["event"], "pusher:error", "{frame}");
        assert_eq!(frame["data"].get("code"), code.map(Value::from).as_ref(), "{frame}");
        frame["data"]["message"].as_str().unwrap().to_owned()
    }

    /// The same reason twice, as an error and as the close frame, and then the end.
    pub async fn expect_closed(&mut self, code: u16) {
        let message = self.expect_error(Some(code)).await;
        self.expect_close_frame(code, &message).await;
    }

    pub async fn expect_close_frame(&mut self, code: u16, reason: &str) {
        let message = self.next_message().await;
        let Some(Message::Close(Some(close))) = message else { panic!("no close frame: {message:?}") };
        assert_eq!((u16::from(close.code), close.reason.as_str()), (code, reason));
        assert!(self.next_message().await.is_none(), "something came after the close frame");
    }

    /// Shows that the connection is open and has nothing else to say.
    pub async fn expect_still_open(&mut self) {
        self.send(json!({ "event": "pusher:ping", "data": {} })).await;
        self.expect(json!({ "event": "pusher:pong", "data": {} })).await;
    }
}
