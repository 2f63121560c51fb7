//! Tests through the front door: the real router on a real socket, over a database of the test's own.

mod app;
mod authorization;
mod cli;
mod config;
mod cookies;
mod openapi;
mod problems;
mod realtime;
mod ui;
