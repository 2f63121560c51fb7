//! The Pusher Channels protocol, versions 5 to 7, as rules and types: no I/O, no clock, no state.
//!
//! One file per noun: [`ChannelName`] and [`SocketId`] (who), [`ClientFrame`] and [`Frame`] (what is said),
//! [`ErrorCode`] and [`ProtocolError`] (what went wrong), [`channel_auth`] and [`request_auth`] (who may).
//!
//! The source of every fact is Pusher's public documentation of the protocol and of its HTTP API, and, where
//! they disagree, what the widespread clients do.

mod channel;
pub mod channel_auth;
mod error;
mod event;
mod frame;
pub mod request_auth;
mod socket_id;

pub use channel::{Access, ChannelName, ChannelNameError, UnsupportedChannel};
pub use channel_auth::{AuthForm, AuthResponse, sign_channel, verify_channel};
pub use error::{ErrorCode, ProtocolError};
pub use event::{ChannelEvent, EventError, MAX_DATA_BYTES, MAX_EVENT_NAME_CHARS};
pub use frame::{ClientFrame, Frame, MalformedFrame, SubscriptionFailure};
pub use request_auth::{RequestAuthError, RequestToSign, sign_request, verify_request};
pub use socket_id::{SocketId, SocketIdError};

/// Protocol versions this server speaks. They differ in nothing it does: 6 added codes in the close frame and
/// 7 made `data` a string, which clients of 5 and 6 read as well.
pub const SUPPORTED_VERSIONS: std::ops::RangeInclusive<u32> = 5..=7;
