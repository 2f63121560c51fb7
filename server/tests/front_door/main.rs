//! Tests through the front door: the real router on a real socket, over a database of the test's own.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise, also in its helpers")]

mod app;
mod authorization;
mod cli;
mod config;
mod connections;
mod cookies;
mod export;
mod nul;
mod openapi;
mod problems;
mod pusher_js;
mod realtime;
mod retries;
mod search;
mod session_info;
mod ui;
