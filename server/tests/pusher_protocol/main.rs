//! The realtime doors through a real listening server: every event and every close code, with a raw WebSocket
//! client, and every answer of the HTTP API. What the tests know of the protocol they spell out themselves.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise, also in its helpers")]

mod api;
mod harness;
mod refusals;
mod socket;
