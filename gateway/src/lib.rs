//! What Signalbox does: receive, verify, keep, map, deliver, replay, tell.
//!
//! No HTTP router and no user interface here. The way of an event: [`intake`] commits it in groups, the [`workers`]
//! claim and deliver it, and the [`feed`] tells the consoles after each commit. The [`store`] holds all SQL.

pub mod access;
pub mod accounts;
pub mod admission;
pub mod audit;
pub mod client;
pub mod clock;
mod cursor;
mod deep_stack;
pub mod directory;
pub mod export;
pub mod feed;
mod input;
pub mod intake;
pub mod integrations;
pub mod json_body;
pub mod mapping;
pub mod rate;
pub mod realtime;
pub mod reception;
pub mod replay;
pub mod retry_jobs;
pub mod schema;
pub mod seal;
pub mod services;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
pub mod workers;

pub use services::Services;
