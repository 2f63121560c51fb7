//! The `signalbox` binary: reads the command line and says what went wrong.

use std::process::ExitCode;

use clap::Parser;
use server::cli::{Cli, run};

#[tokio::main]
async fn main() -> ExitCode {
    // One TLS implementation for the process; a second call would only find it installed.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        eprintln!("another TLS implementation is installed already");
    }
    match run(Cli::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("signalbox: {error:#}");
            ExitCode::FAILURE
        }
    }
}
