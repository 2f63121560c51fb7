//! The signalbox server: configuration, HTTP, command line.

pub mod http;
