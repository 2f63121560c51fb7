//! `signalbox user …` and `signalbox apikey …`: people and programs, from the server's own machine.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Subcommand;
use domain::api_key::NewApiKey;
use domain::error::Problem;
use domain::time::DAY;
use domain::user::Role;
use gateway::Services;
use gateway::access::Access;
use gateway::accounts::{self, users::NewUser};
use gateway::clock::{SharedClock, SystemClock};

use super::secret_input;
use super::serve::settings;
use crate::config::Config;
use crate::installation::Installation;

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Create an account; the password comes from standard input or --password-env
    Create {
        /// The address to sign in with
        #[arg(long)]
        email: String,
        /// The person's name
        #[arg(long)]
        name: String,
        /// The short name of the organization they become a member of
        #[arg(long)]
        organization: Option<String>,
        /// viewer, operator or admin
        #[arg(long, default_value = "viewer")]
        role: Role,
        /// Let them administrate the whole installation
        #[arg(long)]
        global_admin: bool,
        /// The environment variable with the password
        #[arg(long, value_name = "VARIABLE")]
        password_env: Option<String>,
    },
    /// Make a new one-time link for the first administrator
    SetupLink,
    /// Replace a password and end the account's sessions
    SetPassword {
        /// The account's address
        #[arg(long)]
        email: String,
        /// The environment variable with the password
        #[arg(long, value_name = "VARIABLE")]
        password_env: Option<String>,
    },
    /// End an account's sessions and refuse new ones
    Deactivate {
        /// The account's address
        #[arg(long)]
        email: String,
    },
    /// Let an account sign in again
    Activate {
        /// The account's address
        #[arg(long)]
        email: String,
    },
}

/// What to do with API keys.
#[derive(Debug, Subcommand)]
pub enum ApiKeyCommand {
    /// Create a key and print it, for the only time
    Create {
        /// The short name of the organization it opens
        #[arg(long)]
        organization: String,
        /// What it is for
        #[arg(long)]
        name: String,
        /// viewer, operator or admin
        #[arg(long, default_value = "viewer")]
        role: Role,
        /// How many days it is good for; without end when not given
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=3650))]
        expires_in_days: Option<i64>,
    },
}

/// Runs `signalbox user …`.
pub async fn user(config: &Config, command: &UserCommand) -> anyhow::Result<ExitCode> {
    let services = services(config).await?;
    match command {
        UserCommand::Create { email, name, organization, role, global_admin, password_env } => {
            let password = secret_input::read(password_env.as_deref(), "password")?;
            let new = NewUser {
                email: email.clone(),
                name: name.clone(),
                password: password.to_string(),
                organization: organization.clone(),
                role: *role,
                global_admin: *global_admin,
            };
            let user = accounts::users::create(&services, new).await.map_err(in_words)?;
            println!("Created the account of {} ({}).", user.email, user.id);
        }
        UserCommand::SetupLink => {
            let link = accounts::create_setup_link(&services).await.map_err(in_words)?;
            println!("Set up Signalbox: {}/setup?token={}", services.settings.public_url, link.token);
        }
        UserCommand::SetPassword { email, password_env } => {
            let password = secret_input::read(password_env.as_deref(), "new password")?;
            let user = accounts::users::set_password(&services, email, password.to_string())
                .await
                .map_err(in_words)?;
            println!("Set the password of {} and ended their sessions.", user.email);
        }
        UserCommand::Deactivate { email } => {
            let user = accounts::users::set_active(&services, email, false).await.map_err(in_words)?;
            println!("{} can no longer sign in.", user.email);
        }
        UserCommand::Activate { email } => {
            let user = accounts::users::set_active(&services, email, true).await.map_err(in_words)?;
            println!("{} can sign in.", user.email);
        }
    }
    services.store.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Runs `signalbox apikey …`.
pub async fn api_key(config: &Config, command: &ApiKeyCommand) -> anyhow::Result<ExitCode> {
    let services = services(config).await?;
    let ApiKeyCommand::Create { organization, name, role, expires_in_days } = command;
    let found = accounts::organizations::by_slug(&services, organization).await.map_err(in_words)?;
    let expires_at = expires_in_days.map(|days| services.clock.now().plus(days * DAY));
    let new = NewApiKey { name: name.clone(), role: *role, expires_at };
    let access = Access::of_command_line(found.id);
    let made = accounts::api_keys::create(&services, &access, new).await.map_err(in_words)?;
    services.store.close().await;
    eprintln!("This is the only time the key is shown:");
    println!("{}", made.secret);
    Ok(ExitCode::SUCCESS)
}

/// The gateway without anything that runs beside the requests: enough to read and change.
async fn services(config: &Config) -> anyhow::Result<Arc<Services>> {
    let clock: SharedClock = Arc::new(SystemClock);
    let visit = Installation::visit(config, clock.as_ref()).await?;
    let settings = settings(config, config.public_url_at(config.listen), visit.node);
    let (services, _parts) = Services::assemble(visit.store, clock, visit.sealer, settings).await?;
    Ok(services)
}

/// A problem as a sentence for a terminal, with the fields at fault.
fn in_words(problem: Problem) -> anyhow::Error {
    let fields: String = problem
        .fields
        .iter()
        .map(|field| format!("\n  {} {}", field.pointer.trim_start_matches('/'), field.detail))
        .collect();
    anyhow::anyhow!("{}{fields}", problem.detail)
}
