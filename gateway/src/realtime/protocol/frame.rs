//! The messages on the wire, in both directions.
//!
//! Both are JSON objects with an `event`. A server sends `data` as a *string* (JSON inside JSON); clients
//! send an object or such a string, and both are read. What a client sends beyond the fields a frame needs is
//! ignored.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{json, value::RawValue};

use super::{
    channel::{ChannelName, ChannelNameError, UnsupportedChannel},
    error::{ErrorCode, ProtocolError},
    event::ChannelEvent,
    socket_id::SocketId,
};

/// What a client says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientFrame {
    /// `pusher:subscribe`. Names and signatures are not yet checked.
    Subscribe {
        /// The channel as the client wrote it.
        channel: String,
        /// `key:signature`; empty or absent on a public channel.
        auth: Option<String>,
    },
    /// `pusher:unsubscribe`.
    Unsubscribe {
        /// The channel as the client wrote it.
        channel: String,
    },
    /// `pusher:ping`: wants a pong.
    Ping,
    /// `pusher:pong`: answers a ping.
    Pong,
    /// `pusher:signin`.
    SignIn,
    /// `client-…`: for the other subscribers of a channel.
    ClientEvent,
    /// An event that no version of the protocol knows; ignored, as other servers do.
    Unknown,
}

/// Why a message could not be read.
#[derive(Debug, thiserror::Error)]
#[error("not a message of the protocol: {0}")]
pub struct MalformedFrame(#[from] serde_json::Error);

impl ClientFrame {
    /// Reads one text message.
    ///
    /// # Errors
    /// When it is no JSON object with a string `event`, or lacks what its event needs.
    pub fn parse(text: &str) -> Result<Self, MalformedFrame> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            event: String,
            #[serde(borrow)]
            data: Option<&'a RawValue>,
        }
        #[derive(Deserialize)]
        struct Subscribe {
            channel: String,
            auth: Option<String>,
        }
        #[derive(Deserialize)]
        struct Unsubscribe {
            channel: String,
        }

        let Envelope { event, data } = serde_json::from_str(text)?;
        Ok(match event.as_str() {
            "pusher:subscribe" => {
                let Subscribe { channel, auth } = parse_data(data)?;
                Self::Subscribe { channel, auth }
            }
            "pusher:unsubscribe" => {
                let Unsubscribe { channel } = parse_data(data)?;
                Self::Unsubscribe { channel }
            }
            "pusher:ping" => Self::Ping,
            "pusher:pong" => Self::Pong,
            "pusher:signin" => Self::SignIn,
            event if event.starts_with("client-") => Self::ClientEvent,
            _ => Self::Unknown,
        })
    }
}

/// Reads `data`, written as an object or as a string that holds one.
fn parse_data<T: serde::de::DeserializeOwned>(data: Option<&RawValue>) -> Result<T, serde_json::Error> {
    let raw = data.map_or("null", RawValue::get);
    if raw.starts_with('"') {
        serde_json::from_str(&serde_json::from_str::<String>(raw)?)
    } else {
        serde_json::from_str(raw)
    }
}

/// What the server says: one serialized text message, shared by everyone who receives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame(Bytes);

/// Why a subscription failed, as `pusher:subscription_error` tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionFailure {
    /// The signature is missing or wrong.
    Unauthorized,
    /// The name is none.
    Name(ChannelNameError),
    /// The kind of channel is not offered.
    Unsupported(UnsupportedChannel),
    /// The connection has as many subscriptions as it may have; carries the limit.
    TooMany(usize),
}

impl SubscriptionFailure {
    /// The error that also goes to the connection as a whole.
    pub fn error(&self) -> ProtocolError {
        match self {
            Self::Unauthorized => ErrorCode::Unauthorized.into(),
            Self::Name(error) => ProtocolError::uncoded(error),
            Self::Unsupported(error) => ProtocolError::uncoded(error),
            Self::TooMany(limit) => {
                ProtocolError::uncoded(format_args!("a connection has at most {limit} subscriptions"))
            }
        }
    }

    /// `type` and `status`. `AuthError` and 401 are what SDKs know; the status says for the others what an
    /// authorization endpoint would have answered.
    fn kind_and_status(&self) -> (&'static str, u16) {
        match self {
            Self::Unauthorized => ("AuthError", 401),
            Self::Name(_) => ("InvalidChannel", 400),
            Self::Unsupported(_) => ("UnsupportedChannel", 501),
            Self::TooMany(_) => ("LimitExceeded", 429),
        }
    }
}

impl Frame {
    /// The first frame of a connection. `activity_timeout` is in seconds and must not be 0: pusher-js throws.
    pub fn connection_established(socket_id: &SocketId, activity_timeout: u64) -> Self {
        let data = json!({ "socket_id": socket_id, "activity_timeout": activity_timeout });
        Self::new("pusher:connection_established", None, &data.to_string())
    }

    /// Answers a client's ping.
    pub fn pong() -> Self {
        Self(Bytes::from_static(br#"{"event":"pusher:pong","data":"{}"}"#))
    }

    /// Asks a silent client whether it is still there.
    pub fn ping() -> Self {
        Self(Bytes::from_static(br#"{"event":"pusher:ping","data":"{}"}"#))
    }

    /// Says that something went wrong.
    pub fn error(error: &ProtocolError) -> Self {
        let data = match error.code {
            Some(code) => json!({ "code": code.number(), "message": error.message }),
            None => json!({ "message": error.message }),
        };
        Self::new("pusher:error", None, &data.to_string())
    }

    /// Confirms a subscription.
    pub fn subscription_succeeded(channel: &ChannelName) -> Self {
        Self::new("pusher_internal:subscription_succeeded", Some(channel.as_str()), "{}")
    }

    /// Refuses a subscription. `channel` is as the client wrote it, so that its binding is found even if the
    /// name is none.
    pub fn subscription_error(channel: &str, failure: &SubscriptionFailure) -> Self {
        let (kind, status) = failure.kind_and_status();
        let data = json!({ "type": kind, "error": failure.error().message, "status": status });
        Self::new("pusher:subscription_error", Some(channel), &data.to_string())
    }

    /// An event for the subscribers of a channel.
    pub fn event(channel: &ChannelName, event: &ChannelEvent<'_>) -> Self {
        Self::new(event.name(), Some(channel.as_str()), event.data())
    }

    fn new(event: &str, channel: Option<&str>, data: &str) -> Self {
        #[derive(Serialize)]
        struct Envelope<'a> {
            event: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            channel: Option<&'a str>,
            data: &'a str,
        }
        let json = serde_json::to_vec(&Envelope { event, channel, data }).expect("three strings are JSON");
        Self(json.into())
    }

    /// The JSON text, always UTF-8. Cloning the bytes copies nothing.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(frame: Frame) -> String {
        String::from_utf8(frame.into_bytes().to_vec()).unwrap()
    }

    #[test]
    fn subscribe_is_read_with_data_as_object_and_as_string() {
        let expected =
            ClientFrame::Subscribe { channel: "private-a".into(), auth: Some("key:signature".into()) };
        let object = r#"{"event":"pusher:subscribe","data":{"auth":"key:signature","channel":"private-a"}}"#;
        let string =
            r#"{"event":"pusher:subscribe","data":"{\"auth\":\"key:signature\",\"channel\":\"private-a\"}"}"#;
        assert_eq!(ClientFrame::parse(object).unwrap(), expected);
        assert_eq!(ClientFrame::parse(string).unwrap(), expected);
        let without = r#"{"event":"pusher:subscribe","data":{"channel":"a","channel_data":null}}"#;
        assert_eq!(
            ClientFrame::parse(without).unwrap(),
            ClientFrame::Subscribe { channel: "a".into(), auth: None }
        );
    }

    #[test]
    fn every_event_of_a_client_is_recognized() {
        for (text, expected) in [
            (
                r#"{"event":"pusher:unsubscribe","data":{"channel":"a"}}"#,
                ClientFrame::Unsubscribe { channel: "a".into() },
            ),
            (r#"{"event":"pusher:ping","data":{}}"#, ClientFrame::Ping),
            (r#"{"event":"pusher:ping","data":""}"#, ClientFrame::Ping),
            (r#"{"event":"pusher:ping"}"#, ClientFrame::Ping),
            (r#"{"event":"pusher:pong","data":{}}"#, ClientFrame::Pong),
            (r#"{"event":"pusher:signin","data":{"auth":"x","user_data":"{}"}}"#, ClientFrame::SignIn),
            (r#"{"event":"client-typing","channel":"private-a","data":{}}"#, ClientFrame::ClientEvent),
            (r#"{"event":"pusher:something","data":[1]}"#, ClientFrame::Unknown),
        ] {
            assert_eq!(ClientFrame::parse(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn anything_else_is_malformed() {
        let deep = format!(r#"{{"event":"pusher:subscribe","data":{}}}"#, "[".repeat(10_000));
        for text in [
            "",
            "hello",
            "null",
            "[]",
            r#""pusher:ping""#,
            "{}",
            r#"{"event":7}"#,
            r#"{"event":"pusher:subscribe"}"#,
            r#"{"event":"pusher:subscribe","data":"private-a"}"#,
            r#"{"event":"pusher:subscribe","data":{"channel":["a"]}}"#,
            r#"{"event":"pusher:unsubscribe","data":null}"#,
            r#"{"event":"pusher:ping""#,
            &deep,
        ] {
            assert!(ClientFrame::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn server_frames_carry_their_data_as_a_string() {
        let channel = ChannelName::parse("private-a").unwrap();
        let id = SocketId::parse("123.456").unwrap();
        assert_eq!(
            text(Frame::connection_established(&id, 120)),
            r#"{"event":"pusher:connection_established","data":"{\"socket_id\":\"123.456\",\"activity_timeout\":120}"}"#
        );
        assert_eq!(text(Frame::pong()), r#"{"event":"pusher:pong","data":"{}"}"#);
        assert_eq!(text(Frame::ping()), r#"{"event":"pusher:ping","data":"{}"}"#);
        assert_eq!(
            text(Frame::subscription_succeeded(&channel)),
            r#"{"event":"pusher_internal:subscription_succeeded","channel":"private-a","data":"{}"}"#
        );
        assert_eq!(
            text(Frame::error(&ErrorCode::UnknownApp.into())),
            r#"{"event":"pusher:error","data":"{\"code\":4001,\"message\":\"No app has this key\"}"}"#
        );
        assert_eq!(
            text(Frame::error(&ProtocolError::uncoded("no"))),
            r#"{"event":"pusher:error","data":"{\"message\":\"no\"}"}"#
        );
        assert_eq!(
            text(Frame::subscription_error("private-a", &SubscriptionFailure::Unauthorized)),
            r#"{"event":"pusher:subscription_error","channel":"private-a","data":"{\"type\":\"AuthError\",\"error\":\"The subscription is not authorized\",\"status\":401}"}"#
        );
        let event = ChannelEvent::new("row", r#"{"a":"\n"}"#).unwrap();
        assert_eq!(
            text(Frame::event(&channel, &event)),
            r#"{"event":"row","channel":"private-a","data":"{\"a\":\"\\n\"}"}"#
        );
    }
}
