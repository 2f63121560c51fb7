//! What Signalbox does: receive, verify, keep, map, deliver, replay, tell.
//!
//! No HTTP router and no user interface here. The way of an event: [`intake`] commits it in groups, the workers
//! claim and deliver it, and `realtime` tells the consoles after each commit. The [`store`] holds all SQL.

pub mod access;
pub mod client;
pub mod clock;
mod deep_stack;
pub mod json_body;
pub mod mapping;
pub mod realtime;
pub mod schema;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
