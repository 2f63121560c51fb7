//! The connection behind the feed: a WebSocket that speaks the Pusher protocol, made again whenever it ends.
//!
//! Invariants: listeners hear `CatchUp` once after every subscription and before any batch of that connection, so
//! that nothing that happened in between is missed; a connection does not outlive the network it was made on, because
//! a browser keeps the socket of a lost network open for minutes.

use domain::id::OrganizationId;
use domain::live::channel_of;
use futures_util::future::{Either, abortable, select};
use futures_util::{SinkExt, StreamExt};
use gloo_net::http::Request;
use gloo_net::websocket::Message;
use gloo_net::websocket::futures::WebSocket;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

use super::network::{Network, NetworkChange};
use super::{Live, LiveMessage};
use crate::model::feed::{FeedCursor, Verdict};
use crate::model::pusher::{self, Incoming};
use crate::ui::clock;
use crate::ui::session::{Session, use_session};

/// Where the connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionState {
    /// It is being made.
    Connecting,
    /// The channel is subscribed to.
    Connected,
    /// It could not be made several times in a row; it is still tried.
    Offline,
}

/// After so many failures in a row the console says that it is offline.
const PATIENCE: u32 = 3;

/// How long the server may be silent after a ping, milliseconds.
const PONG_MS: u32 = 30_000;

/// How long connecting and subscribing may take, milliseconds.
const HANDSHAKE_MS: u32 = 10_000;

struct Connection {
    live: Live,
    session: Session,
    network: Network,
    key: String,
    channel: String,
    cursor: FeedCursor,
}

/// Why a connection ended.
enum Ended {
    /// It broke, or was never made.
    Broken,
    /// They may not listen: trying again will not help.
    Refused,
    /// Nobody is signed in any more: it is tried again when they are.
    SignedOut,
}

/// Keeps a connection for the life of the caller.
pub fn start(live: Live, organization: OrganizationId, key: String) {
    let session = use_session();
    let network = live.network;
    Effect::new(move |before: Option<u32>| {
        let renewals = session.renewals();
        if before.is_some_and(|before| before != renewals) {
            network.interrupt(NetworkChange::Found);
        }
        renewals
    });
    let connection = Connection {
        live,
        session,
        network,
        key,
        channel: channel_of(&organization),
        cursor: FeedCursor::default(),
    };
    let (task, handle) = abortable(connection.run());
    spawn_local(async move {
        // Aborted when the shell goes away: then there is nobody to tell.
        let _ = task.await;
    });
    on_cleanup(move || handle.abort());
}

impl Connection {
    async fn run(mut self) {
        let network = self.network;
        let mut failures = 0;
        loop {
            let ended = network.undisturbed(self.connect()).await;
            if self.live.connection.get_untracked() == ConnectionState::Connected || ended.is_err() {
                failures = 0;
            }
            match ended {
                Ok(Ended::Refused) => {
                    self.live.set_connection(ConnectionState::Offline);
                    return;
                }
                Ok(Ended::SignedOut) => {
                    self.live.set_connection(ConnectionState::Connecting);
                    // Until something changes, whatever it is.
                    let _ = network.undisturbed(std::future::pending::<()>()).await;
                    continue;
                }
                Ok(Ended::Broken) | Err(_) => {}
            }
            let state =
                if failures < PATIENCE { ConnectionState::Connecting } else { ConnectionState::Offline };
            self.live.set_connection(state);
            if matches!(ended, Err(NetworkChange::Found)) {
                continue;
            }
            let wait_ms = pusher::backoff_ms(failures, js_sys::Math::random());
            self.live.retry_at.set(Some(clock::now().plus(i64::from(wait_ms) * 1_000)));
            failures = match network.undisturbed(TimeoutFuture::new(wait_ms)).await {
                Ok(()) => failures + 1,
                Err(_) => 0,
            };
            self.live.retry_at.set(None);
        }
    }

    async fn connect(&mut self) -> Ended {
        let Some(address) = address(&pusher::path(&self.key)) else { return Ended::Broken };
        let Ok(socket) = WebSocket::open(&address) else { return Ended::Broken };
        let (mut sink, mut stream) = socket.split();
        let mut activity_ms = HANDSHAKE_MS;
        let mut asked = false;
        loop {
            let wait = if asked { PONG_MS } else { activity_ms };
            let text = match select(stream.next(), TimeoutFuture::new(wait)).await {
                Either::Left((Some(Ok(Message::Text(text))), _)) => text,
                Either::Left((Some(Ok(Message::Bytes(_))), _)) => continue,
                Either::Left((Some(Err(_)) | None, _)) => return Ended::Broken,
                Either::Right(_) => {
                    let connected = self.live.connection.get_untracked() == ConnectionState::Connected;
                    if asked || !connected || sink.send(Message::Text(pusher::ping())).await.is_err() {
                        return Ended::Broken;
                    }
                    asked = true;
                    continue;
                }
            };
            asked = false;
            let answer = match pusher::read(&text) {
                Incoming::Established { socket_id, activity_timeout_s } => {
                    activity_ms = activity_timeout_s.clamp(5, 120) * 1_000;
                    match self.authorize(&socket_id).await {
                        Ok(auth) => Some(pusher::subscribe(&self.channel, &auth)),
                        Err(ended) => return ended,
                    }
                }
                Incoming::Subscribed => {
                    self.cursor.reset();
                    self.live.set_connection(ConnectionState::Connected);
                    self.live.tell(&LiveMessage::CatchUp);
                    None
                }
                Incoming::Refused => return Ended::Refused,
                Incoming::Changes(batch) => {
                    match self.cursor.accept(&batch) {
                        Verdict::Apply => self.live.tell(&LiveMessage::Batch(batch)),
                        Verdict::Refetch => {
                            // What it does carry is the newest.
                            self.live.tell(&LiveMessage::Batch(batch));
                            self.live.tell(&LiveMessage::CatchUp);
                        }
                        Verdict::Ignore => {}
                    }
                    None
                }
                Incoming::Unreadable => {
                    self.live.tell(&LiveMessage::CatchUp);
                    None
                }
                Incoming::Ping => Some(pusher::pong()),
                Incoming::Pong | Incoming::Error | Incoming::Other => None,
            };
            if let Some(answer) = answer
                && sink.send(Message::Text(answer)).await.is_err()
            {
                return Ended::Broken;
            }
        }
    }

    /// Asks the server to let this connection listen to the organization's channel.
    async fn authorize(&self, socket_id: &str) -> Result<String, Ended> {
        #[derive(Deserialize)]
        struct Authorization {
            auth: String,
        }
        let form = format!(
            "socket_id={}&channel_name={}",
            String::from(js_sys::encode_uri_component(socket_id)),
            String::from(js_sys::encode_uri_component(&self.channel)),
        );
        let request = Request::post("/realtime/auth")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
            .map_err(|_| Ended::Broken)?;
        let response = request.send().await.map_err(|_| Ended::Broken)?;
        match response.status() {
            200 => {
                response.json::<Authorization>().await.map(|answer| answer.auth).map_err(|_| Ended::Broken)
            }
            401 => {
                self.session.load();
                Err(Ended::SignedOut)
            }
            403 | 404 => Err(Ended::Refused),
            _ => Err(Ended::Broken),
        }
    }
}

/// The WebSocket address of `path` on the server that sent this page.
fn address(path: &str) -> Option<String> {
    let location = window().location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    Some(format!("{scheme}://{}{path}", location.host().ok()?))
}
