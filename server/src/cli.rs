//! The command line.
//!
//! Invariants: what a person asked for is on standard output, everything else on standard error; a failure is one
//! sentence that says what to do, and exit code 1; secrets come from the environment, a file or standard input, never
//! from arguments.

mod accounts;
mod demo;
mod doctor;
mod secret_input;
pub mod send;
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
    /// Start a server with simulated senders and destinations, in a data folder of its own
    Demo,
    /// Bring the database up to date and stop
    Migrate,
    /// People who sign in
    #[command(subcommand)]
    User(accounts::UserCommand),
    /// Programs' access
    #[command(subcommand, name = "apikey")]
    ApiKey(accounts::ApiKeyCommand),
    /// Sign a request as a provider would, send it and show the answer
    Send(send::Send),
    /// Check configuration, key, disk, database, port and clock
    Doctor,
    /// Print the description of the REST interface
    Openapi,
}

/// Runs a command to its end.
pub async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let config = || -> anyhow::Result<Config> {
        let config = Config::load(&cli.flags)?;
        for variable in config.strangers() {
            eprintln!(
                "{variable} is no setting of Signalbox and is ignored; signalbox doctor lists those that are"
            );
        }
        Ok(config)
    };
    match &cli.command {
        Command::Serve => serve::run(&config()?).await,
        Command::Migrate => serve::migrate(&config()?).await,
        Command::Demo => demo::run(&config()?).await,
        Command::User(command) => accounts::user(&config()?, command).await,
        Command::ApiKey(command) => accounts::api_key(&config()?, command).await,
        Command::Send(arguments) => send::run(arguments).await,
        Command::Doctor => doctor::run(&cli.flags).await,
        Command::Openapi => {
            let (_, document) = crate::http::api::router_and_document();
            println!("{}", document.to_pretty_json()?);
            Ok(ExitCode::SUCCESS)
        }
    }
}
