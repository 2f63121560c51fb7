//! The console's way to the server: one server function per question or wish, grouped by theme.
//!
//! Server functions are thin: who asks, may they, one call into the gateway. Every one that touches an
//! organization's data takes the organization first, and [`context::access`] decides whether the caller may.

pub mod alerts;
pub mod api_keys;
pub mod connectors;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
pub mod cookie;
pub mod dashboard;
pub mod deliveries;
pub mod error;
pub mod members;
pub mod receivers;
pub mod rejections;
pub mod retry_jobs;
pub mod routes;
pub mod search;
pub mod session;

pub use error::RpcError;
