//! Types and pure rules of Signalbox.
//!
//! Everything here compiles for the server and for the browser, does no I/O, reads no clock and draws no
//! randomness of its own: time comes in as a [`time::Timestamp`], so that every rule can be tested by value.
//! The words are those of the design: an [`event::Event`] is an accepted fact, a [`delivery::Delivery`] is one
//! event on its way to one destination, and a [`rejection::Rejection`] is a request that was refused.

pub mod alert;
pub mod api_key;
pub mod civil;
pub mod connector;
pub mod dashboard;
pub mod delivery;
pub mod environment;
pub mod error;
pub mod event;
pub mod filter;
pub mod id;
pub mod latency;
pub mod live;
pub mod mapping;
pub mod page;
pub mod preferences;
pub mod receiver;
pub mod record;
pub mod rejection;
pub mod retry;
pub mod retry_job;
pub mod route;
pub mod sample;
pub mod search;
pub mod signature;
pub mod status;
pub mod text;
pub mod time;
pub mod usage;
pub mod user;
