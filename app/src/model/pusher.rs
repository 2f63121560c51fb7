//! The client's half of the Pusher Channels protocol, version 7, as text frames: JSON with `data` encoded twice.
//! Source: Pusher's public protocol description.

use domain::live::{CHANGES, LiveBatch};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// What a text frame from the server says.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// The connection stands.
    Established {
        /// The connection's name, which an authorization is made for.
        socket_id: String,
        /// After so many seconds of silence the client asks whether anybody is there.
        activity_timeout_s: u32,
    },
    /// The channel is subscribed to.
    Subscribed,
    /// The subscription was refused.
    Refused,
    /// The server asks whether anybody is there.
    Ping,
    /// The server is there.
    Pong,
    /// The server complains; a close usually follows.
    Error,
    /// A push on the organization's channel.
    Changes(Box<LiveBatch>),
    /// Something this client has no use for.
    Other,
    /// Not understood: something may have been missed.
    Unreadable,
}

#[derive(Deserialize)]
struct Frame {
    event: String,
    #[serde(default)]
    data: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct EstablishedData {
    socket_id: String,
    activity_timeout: u32,
}

fn data<T: serde::de::DeserializeOwned>(data: Option<Box<RawValue>>) -> Option<T> {
    let data = data?;
    // Servers send the data as text; objects are allowed as well.
    match serde_json::from_str::<String>(data.get()) {
        Ok(text) => serde_json::from_str(&text).ok(),
        Err(_) => serde_json::from_str(data.get()).ok(),
    }
}

/// Reads a frame.
pub fn read(text: &str) -> Incoming {
    let Ok(frame) = serde_json::from_str::<Frame>(text) else { return Incoming::Unreadable };
    match frame.event.as_str() {
        "pusher:connection_established" => match data::<EstablishedData>(frame.data) {
            Some(established) => Incoming::Established {
                socket_id: established.socket_id,
                activity_timeout_s: established.activity_timeout,
            },
            None => Incoming::Unreadable,
        },
        "pusher_internal:subscription_succeeded" => Incoming::Subscribed,
        "pusher:subscription_error" => Incoming::Refused,
        "pusher:ping" => Incoming::Ping,
        "pusher:pong" => Incoming::Pong,
        "pusher:error" => Incoming::Error,
        CHANGES => match data(frame.data) {
            Some(batch) => Incoming::Changes(Box::new(batch)),
            None => Incoming::Unreadable,
        },
        _ => Incoming::Other,
    }
}

#[derive(Serialize)]
struct Saying<T> {
    event: &'static str,
    data: T,
}

#[derive(Serialize)]
struct Subscription<'a> {
    channel: &'a str,
    auth: &'a str,
}

#[derive(Serialize)]
struct Nothing {}

/// By types and not by a tree of values: that would bring what numbers need into the browser.
fn said<T: Serialize>(event: &'static str, data: T) -> String {
    // Texts in structs always serialize.
    serde_json::to_string(&Saying { event, data }).unwrap_or_default()
}

/// Asks for a private channel with its authorization.
pub fn subscribe(channel: &str, auth: &str) -> String {
    said("pusher:subscribe", Subscription { channel, auth })
}

/// Asks whether anybody is there.
pub fn ping() -> String {
    said("pusher:ping", Nothing {})
}

/// Says that somebody is here.
pub fn pong() -> String {
    said("pusher:pong", Nothing {})
}

/// The address of the WebSocket below the origin, for example `/app/key?protocol=7`.
pub fn path(key: &str) -> String {
    format!("/app/{key}?protocol=7&client=signalbox&version={}", env!("CARGO_PKG_VERSION"))
}

/// How long to wait before connecting again, milliseconds: doubling from half a second to 15 s, with a random part
/// so that a thousand consoles do not come back in the same moment. `random` is uniform in 0..1.
pub fn backoff_ms(failures: u32, random: f64) -> u32 {
    let base = 500.0 * 2f64.powi(failures.min(10).try_into().unwrap_or(10));
    // Within u32 by the cap.
    (base.min(15_000.0) * (0.5 + random.clamp(0.0, 1.0))) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_may_be_text_or_an_object() {
        let established = Incoming::Established { socket_id: "12.34".into(), activity_timeout_s: 120 };
        let text = r#"{"event":"pusher:connection_established","data":"{\"socket_id\":\"12.34\",\"activity_timeout\":120}"}"#;
        assert_eq!(read(text), established);
        let object = r#"{"event":"pusher:connection_established","data":{"socket_id":"12.34","activity_timeout":120}}"#;
        assert_eq!(read(object), established);
    }

    #[test]
    fn pushes_are_read_and_garbage_is_not_ignored() {
        let text = r#"{"event":"changes","channel":"private-org-x","data":"{\"feed\":\"n\",\"seq\":3,\"rows\":[],\"deltas\":[],\"refetch\":false}"}"#;
        let Incoming::Changes(batch) = read(text) else { panic!("{text}") };
        assert_eq!((batch.feed.as_str(), batch.seq), ("n", 3));
        assert_eq!(read(r#"{"event":"changes","data":"{}"}"#), Incoming::Unreadable);
        assert_eq!(read("hello"), Incoming::Unreadable);
        assert_eq!(read(r#"{"event":"pusher_internal:subscription_count","data":"{}"}"#), Incoming::Other);
    }

    #[test]
    fn what_is_said_is_json() {
        assert_eq!(ping(), r#"{"event":"pusher:ping","data":{}}"#);
        assert_eq!(
            subscribe("private-org-x", "key:\"sig"),
            r#"{"event":"pusher:subscribe","data":{"channel":"private-org-x","auth":"key:\"sig"}}"#
        );
    }

    #[test]
    fn waits_grow_and_end() {
        assert_eq!(backoff_ms(0, 0.5), 500);
        assert_eq!(backoff_ms(3, 0.5), 4_000);
        assert!(backoff_ms(40, 1.0) <= 22_500);
        assert!(backoff_ms(40, 0.0) >= 7_500);
    }
}
