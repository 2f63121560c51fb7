//! Realtime: who hears what, at once.
//!
//! A server for the Pusher Channels protocol, version 7, without its sockets: the HTTP and WebSocket side
//! lives in the `server` crate, so that everything here can be tested without a network.
//!
//! Players:
//! - [`protocol`]: the rules on the wire (names, frames, codes, signatures), pure functions and types;
//! - [`app::RealtimeApp`]: one application's id, key and secret;
//! - [`hub::Hub`]: connections, channels and the fan-out between them;
//! - [`permits`]: who was let in to a channel that is not public, and when they have to leave;
//! - [`publisher::RealtimePublisher`]: how the rest of Signalbox says something on a channel, whichever
//!   server carries it.
//!
//! Invariants:
//! - a push is a hint and may be lost (a slow consumer is dropped rather than waited for); the store is the
//!   truth;
//! - publishing never blocks and never waits for a consumer;
//! - memory per connection is bounded, and nothing remains of a connection or a channel that is gone;
//! - a channel that is not public is joined only with a signature made with the app's secret.
//!
//! Deliberately absent so far: presence, cache and encrypted channels, user sign-in and client events. Their
//! names and frames are recognized and refused with a reason, see
//! [`ChannelName::ensure_supported`](protocol::ChannelName::ensure_supported).

pub mod app;
pub mod hub;
pub mod permits;
pub mod protocol;
pub mod publisher;

pub use app::RealtimeApp;
pub use hub::{Hub, HubLimits, HubStats, Session};
pub use publisher::{HubPublisher, PublishError, RealtimePublisher};
