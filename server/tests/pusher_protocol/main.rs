//! The realtime doors through a real listening server: every event and every close code, with a raw WebSocket
//! client, and every answer of the HTTP API. What the tests know of the protocol they spell out themselves.

mod api;
mod harness;
mod refusals;
mod socket;
