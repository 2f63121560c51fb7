//! What went wrong, in the protocol's own numbers.
//!
//! The hundreds tell a client what to do: 4000–4099 stop for good, 4100–4199 come back after a moment,
//! 4200–4299 come back at once, 4300 and above concern one message and close nothing.

use std::fmt;

/// A code of `pusher:error` and of the WebSocket close frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u16)]
pub enum ErrorCode {
    /// No app has this key.
    UnknownApp = 4001,
    /// The app has all the connections it may have.
    OverConnectionQuota = 4004,
    /// The client's `version` parameter is no version.
    BadVersionString = 4006,
    /// The client speaks a version of the protocol that this server does not.
    UnsupportedProtocol = 4007,
    /// The client did not say which version of the protocol it speaks.
    NoProtocol = 4008,
    /// A subscription without the right signature. Reported, but the connection stays open.
    Unauthorized = 4009,
    /// The connection could not keep up, or the server cannot take it now.
    OverCapacity = 4100,
    /// The server goes away; another or the same one will be there.
    ReconnectNow = 4200,
    /// A ping was not answered in time.
    NoPong = 4201,
    /// A client event that may not be sent. Reported, but the connection stays open.
    ClientEventRejected = 4301,
}

impl ErrorCode {
    /// The number on the wire.
    pub fn number(self) -> u16 {
        self as u16
    }

    /// What a person reads next to the number.
    pub fn message(self) -> &'static str {
        match self {
            Self::UnknownApp => "No app has this key",
            Self::OverConnectionQuota => "The app is over its connection quota",
            Self::BadVersionString => "The version parameter is not a version",
            Self::UnsupportedProtocol => "Unsupported protocol version: this server speaks 5 to 7",
            Self::NoProtocol => "No protocol version: add protocol=7 to the query",
            Self::Unauthorized => "The subscription is not authorized",
            Self::OverCapacity => "Over capacity, or this connection reads too slowly",
            Self::ReconnectNow => "The server goes away, reconnect now",
            Self::NoPong => "No pong within the time for it",
            Self::ClientEventRejected => "Client events are not supported by this server",
        }
    }
}

/// The content of a `pusher:error` frame. Without a code it concerns one message only and no client acts on
/// it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtocolError {
    /// The protocol's number, where it has one for the case.
    pub code: Option<ErrorCode>,
    /// For a person.
    pub message: String,
}

impl ProtocolError {
    /// An error that the protocol has no number for.
    pub fn uncoded(message: impl fmt::Display) -> Self {
        Self { code: None, message: message.to_string() }
    }
}

impl From<ErrorCode> for ProtocolError {
    fn from(code: ErrorCode) -> Self {
        Self { code: Some(code), message: code.message().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_fits_into_a_close_frame() {
        for code in [
            ErrorCode::UnknownApp,
            ErrorCode::OverConnectionQuota,
            ErrorCode::BadVersionString,
            ErrorCode::UnsupportedProtocol,
            ErrorCode::NoProtocol,
            ErrorCode::Unauthorized,
            ErrorCode::OverCapacity,
            ErrorCode::ReconnectNow,
            ErrorCode::NoPong,
            ErrorCode::ClientEventRejected,
        ] {
            // RFC 6455: a control frame has 125 bytes, two of which are the code.
            assert!(code.message().len() <= 123, "{code:?}");
            assert!((4000..4400).contains(&code.number()), "{code:?}");
        }
    }
}
