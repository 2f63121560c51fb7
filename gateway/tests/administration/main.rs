//! Administration: who may come in, and what an administrator sets up. Everything through the gateway's own
//! functions, on both databases.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise, also in its helpers")]

mod access_control;
mod api_keys;
mod audit;
mod connectors;
mod installation;
mod login;
mod members;
mod preferences;
mod receivers;
mod routes;
mod sessions;
mod setup;
mod store_accounts;
mod store_integrations;
mod usage;
