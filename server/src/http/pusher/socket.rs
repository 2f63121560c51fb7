//! One client on its WebSocket, from the handshake to the close frame.
//!
//! One task per client holds the socket and its session in the hub. A client that is refused is upgraded
//! first and then told why, because browsers hide the answer of a failed upgrade.

use std::time::Duration;

use axum::{
    extract::{
        Path, RawQuery, State, WebSocketUpgrade,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket},
    },
    response::Response,
};
use gateway::realtime::{
    RealtimeApp, Session,
    hub::{Outgoing, SubscribeError},
    protocol::{
        Access, ChannelName, ClientFrame, ErrorCode, Frame, ProtocolError, SUPPORTED_VERSIONS,
        SubscriptionFailure, verify_channel,
    },
};
use metrics::counter;
use tokio::time::{Instant, sleep_until, timeout};

use super::{PusherState, SocketLimits};

/// Read buffer of one connection, in bytes: client messages are small, and thousands of clients are idle.
const READ_BUFFER_BYTES: usize = 2 * 1024;

/// RFC 6455's "policy violation", for a frame that cannot be read or is too large: the protocol has no code
/// for it, and clients come back after a moment.
const POLICY_VIOLATION: u16 = 1008;

/// Longest `version` parameter, in bytes.
const MAX_VERSION_BYTES: usize = 64;

/// `GET /app/{key}`: accepts the upgrade, and then the client or not.
pub(super) async fn connect(
    State(state): State<PusherState>,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
    upgrade: WebSocketUpgrade,
) -> Response {
    let admission = check(&state.app, &key, query.as_deref().unwrap_or_default());
    upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .max_message_size(state.limits.message_bytes)
        .max_frame_size(state.limits.message_bytes)
        .on_upgrade(move |mut socket| async move {
            match admission.and_then(|()| state.hub.connect()) {
                Ok(session) => {
                    Client { session, socket, app: &state.app, limits: state.limits }.serve().await
                }
                Err(code) => say_goodbye(&mut socket, Goodbye::from(code), state.limits.close_grace).await,
            }
        })
}

/// Whether this server can talk with a client that asks for `key` with `query`.
fn check(app: &RealtimeApp, key: &str, query: &str) -> Result<(), ErrorCode> {
    if key != app.key() {
        return Err(ErrorCode::UnknownApp);
    }
    let parameter = |name: &str| {
        url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value)
    };
    match parameter("protocol").filter(|version| !version.is_empty()).map(|version| version.parse()) {
        None => return Err(ErrorCode::NoProtocol),
        Some(Ok(version)) if SUPPORTED_VERSIONS.contains(&version) => {}
        Some(_) => return Err(ErrorCode::UnsupportedProtocol),
    }
    let is_version = |text: &str| {
        text.len() <= MAX_VERSION_BYTES
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-+_".contains(&b))
    };
    if parameter("version").is_some_and(|version| !is_version(&version)) {
        return Err(ErrorCode::BadVersionString);
    }
    Ok(())
}

/// Why a conversation is over.
enum End {
    /// We say goodbye.
    Ours(Goodbye),
    /// The client has said goodbye; the handshake is still to be finished.
    Theirs,
    /// The connection broke, or takes no more bytes.
    Broken,
}

/// The last words to a client.
struct Goodbye {
    code: u16,
    error: ProtocolError,
}

impl From<ErrorCode> for Goodbye {
    fn from(code: ErrorCode) -> Self {
        Self { code: code.number(), error: code.into() }
    }
}

struct Client<'a> {
    /// Before the socket, so that the hub has forgotten a client before the client sees its connection end.
    session: Session,
    socket: WebSocket,
    app: &'a RealtimeApp,
    limits: SocketLimits,
}

impl Client<'_> {
    async fn serve(mut self) {
        let Err(end) = self.converse().await;
        match end {
            End::Ours(goodbye) => say_goodbye(&mut self.socket, goodbye, self.limits.close_grace).await,
            End::Theirs => drain(&mut self.socket, self.limits.close_grace).await,
            End::Broken => {}
        }
    }

    async fn converse(&mut self) -> Result<std::convert::Infallible, End> {
        let SocketLimits { activity_timeout, pong_timeout, .. } = self.limits;
        // Clients count in whole seconds and cannot take a zero.
        let advertised = activity_timeout.as_secs().max(1);
        self.send(Frame::connection_established(self.session.socket_id(), advertised)).await?;

        let mut heard = Instant::now();
        let mut pinged = false;
        let alarm = sleep_until(heard + activity_timeout);
        tokio::pin!(alarm);
        loop {
            tokio::select! {
                outgoing = self.session.next() => match outgoing {
                    Outgoing::Frame(frame) => self.send(frame).await?,
                    Outgoing::Close(code) => return Err(End::Ours(code.into())),
                },
                message = self.socket.recv() => {
                    heard = Instant::now();
                    if std::mem::take(&mut pinged) {
                        alarm.as_mut().reset(heard + activity_timeout);
                    }
                    self.hear(message).await?;
                }
                // Moving a timer costs more than letting it ring once in vain, so most messages do not.
                () = &mut alarm => {
                    let patience = if pinged { activity_timeout + pong_timeout } else { activity_timeout };
                    let silence_ends = heard + patience;
                    if Instant::now() < silence_ends {
                        alarm.as_mut().reset(silence_ends);
                    } else if pinged {
                        return Err(End::Ours(ErrorCode::NoPong.into()));
                    } else {
                        pinged = true;
                        self.send(Frame::ping()).await?;
                        alarm.as_mut().reset(silence_ends + pong_timeout);
                    }
                }
            }
        }
    }

    async fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<(), End> {
        let frame = match message {
            Some(Ok(Message::Text(text))) => ClientFrame::parse(&text),
            // The library has answered a ping by itself, and a pong has done its work by arriving.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => return Ok(()),
            Some(Ok(Message::Binary(_))) => {
                return self
                    .send(Frame::error(&ProtocolError::uncoded("send text frames, not binary")))
                    .await;
            }
            Some(Ok(Message::Close(_))) => return Err(End::Theirs),
            None => return Err(End::Broken),
            // A broken connection ends here too; then the last words reach nobody.
            Some(Err(_)) => {
                let limit = self.limits.message_bytes;
                let error = ProtocolError::uncoded(format_args!(
                    "unreadable WebSocket frame, or a message of more than {limit} bytes"
                ));
                return Err(End::Ours(Goodbye { code: POLICY_VIOLATION, error }));
            }
        };
        counter!("signalbox_realtime_client_frames_total").increment(1);
        match frame {
            Ok(ClientFrame::Ping) => self.send(Frame::pong()).await,
            Ok(ClientFrame::Pong | ClientFrame::Unknown) => Ok(()),
            Ok(ClientFrame::Subscribe { channel, auth }) => {
                match self.subscribe(&channel, auth.as_deref().unwrap_or_default()) {
                    Ok(()) => Ok(()),
                    Err(failure) => {
                        self.send(Frame::error(&failure.error())).await?;
                        self.send(Frame::subscription_error(&channel, &failure)).await
                    }
                }
            }
            Ok(ClientFrame::Unsubscribe { channel }) => {
                // A name that is none was never joined.
                if let Ok(channel) = ChannelName::parse(&channel) {
                    self.session.unsubscribe(&channel);
                }
                Ok(())
            }
            Ok(ClientFrame::SignIn) => {
                let error = ProtocolError::uncoded("user sign-in is not supported by this server");
                self.send(Frame::error(&error)).await
            }
            Ok(ClientFrame::ClientEvent) => {
                self.send(Frame::error(&ErrorCode::ClientEventRejected.into())).await
            }
            Err(malformed) => self.send(Frame::error(&ProtocolError::uncoded(malformed))).await,
        }
    }

    /// Joins a channel; the hub queues the confirmation.
    fn subscribe(&self, channel: &str, auth: &str) -> Result<(), SubscriptionFailure> {
        let channel = ChannelName::parse(channel).map_err(SubscriptionFailure::Name)?;
        channel.ensure_supported().map_err(SubscriptionFailure::Unsupported)?;
        if channel.access() != Access::Public
            && !verify_channel(self.app, self.session.socket_id(), &channel, auth)
        {
            return Err(SubscriptionFailure::Unauthorized);
        }
        match self.session.subscribe(&channel) {
            Ok(()) => Ok(()),
            Err(SubscribeError::TooMany(limit)) => Err(SubscriptionFailure::TooMany(limit)),
            // The session says so itself, with the code.
            Err(SubscribeError::Gone) => Ok(()),
        }
    }

    /// Sends one frame, unless the hub gives the connection up or the client takes no bytes for too long.
    async fn send(&mut self, frame: Frame) -> Result<(), End> {
        tokio::select! {
            // Nearly always ready at once; then no timer is ever set.
            biased;
            sent = self.socket.send(text(frame)) => sent.map_err(|_| End::Broken),
            code = self.session.closing() => Err(End::Ours(code.into())),
            () = tokio::time::sleep(self.limits.pong_timeout) => Err(End::Broken),
        }
    }
}

fn text(frame: Frame) -> Message {
    Message::Text(Utf8Bytes::try_from(frame.into_bytes()).expect("frames are made of strings"))
}

/// Tells the client why, closes, and waits for its answer so that the close frame is not lost to a reset.
async fn say_goodbye(socket: &mut WebSocket, goodbye: Goodbye, grace: Duration) {
    let close = CloseFrame { code: goodbye.code, reason: goodbye.error.message.as_str().into() };
    let last_words = async {
        socket.send(text(Frame::error(&goodbye.error))).await?;
        socket.send(Message::Close(Some(close))).await
    };
    // A client that is no longer there, or reads nothing, has to do without.
    if let Ok(Ok(())) = timeout(grace, last_words).await {
        drain(socket, grace).await;
    }
}

/// Reads until the closing handshake is complete, for as long as `grace`.
async fn drain(socket: &mut WebSocket, grace: Duration) {
    let rest = async { while let Some(Ok(_)) = socket.recv().await {} };
    // Out of patience: dropping the socket closes the connection as well.
    let _ = timeout(grace, rest).await;
}
