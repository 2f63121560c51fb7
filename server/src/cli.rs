//! The command line.
//!
//! Invariants: what a person asked for is on standard output, everything else on standard error; a failure is one
//! sentence that says what to do, and exit code 1; secrets come from the environment, a file or standard input, never
//! from arguments.

mod serve;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, Flags};

/// Signalbox: receive, deliver, watch, fix and replay webhooks.
#[derive(Debug, Parser)]
#[command(name = "signalbox", version, about, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server
    Serve,
    /// Bring the database up to date and stop
    Migrate,
    /// Print the description of the REST interface
    Openapi,
}

/// Runs a command to its end.
pub async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let config = || Config::load(&cli.flags);
    match &cli.command {
        Command::Serve => serve::run(&config()?).await,
        Command::Migrate => serve::migrate(&config()?).await,
        Command::Openapi => {
            let (_, document) = crate::http::api::router_and_document();
            println!("{}", document.to_pretty_json()?);
            Ok(ExitCode::SUCCESS)
        }
    }
}
