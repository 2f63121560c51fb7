//! The signalbox server: configuration, HTTP, command line.

pub mod cli;
pub mod config;
pub mod connections;
pub mod demo;
pub mod http;
pub mod installation;
pub mod server;
pub mod telemetry;
