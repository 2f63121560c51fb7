//! `signalbox serve` and `signalbox migrate`.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use gateway::clock::{SharedClock, SystemClock};
use gateway::services::Settings;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;
use crate::connections::ConnectionLimits;
use crate::installation::{DataFolder, Installation};
use crate::server::{GRACE, Server, WebOptions, listen};
use crate::telemetry;

/// Starts the server and runs it until somebody asks it to stop.
pub async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    telemetry::start_log(config);
    raise_file_limit();
    let clock: SharedClock = Arc::new(SystemClock);
    // Before anything is opened, so that a second start disturbs nothing.
    let listener = listen(config.listen).await?;
    let public_url = config.public_url_at(listener.local_addr()?);
    let Installation { store, sealer, node, folder } = Installation::open(config, clock.as_ref()).await?;
    let settings = settings(config, public_url.clone(), node);
    let web = WebOptions {
        metrics_token: config.metrics_token.clone(),
        trust_forwarded_for: config.trust_forwarded_for,
        connections: ConnectionLimits::default(),
    };
    // Asked for before the server is, so that no signal is lost in between.
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let server = Server::start(listener, store, clock, sealer, settings, web).await?;
    announce(&server, &public_url).await?;
    let failed = tokio::select! {
        _ = terminate.recv() => {
            tracing::info!("asked to stop");
            false
        }
        _ = interrupt.recv() => {
            tracing::info!("interrupted; once more to end at once");
            false
        }
        () = server.failed() => {
            tracing::error!("a worker ended by itself; stopping, so that whoever supervises starts anew");
            true
        }
    };
    let ended = tokio::select! {
        ended = tokio::time::timeout(GRACE, server.stop()) => ended.is_ok(),
        _ = interrupt.recv() => false,
    };
    drop(folder);
    if !ended {
        // Nothing that was acknowledged is lost: it is on disk, and leases of running attempts expire.
        tracing::warn!("ended before everything was finished");
    }
    Ok(ExitCode::from(u8::from(failed || !ended)))
}

/// Connections and attempts each take a file, and what a shell allows by default is few: takes what the administrator
/// allows instead, up to a number that is enough.
fn raise_file_limit() {
    const ENOUGH: u64 = 65_536;
    let mut limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(ENOUGH, |most| most.min(ENOUGH));
    if limit.current.is_some_and(|current| current < wanted) {
        limit.current = Some(wanted);
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "the limit of open files could not be raised");
        }
    }
}

/// What the gateway is set to.
pub(super) fn settings(config: &Config, public_url: String, node: domain::id::NodeId) -> Settings {
    Settings {
        public_url,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        environment: config.environment.clone(),
        allow_private_destinations: config.allow_private_destinations,
        attempt_timeout: gateway::client::DEFAULT_TIMEOUT,
        node,
    }
}

/// Says on standard output how to get in, and that requests are answered.
async fn announce(server: &Server, public_url: &str) -> anyhow::Result<()> {
    let mut tx = server.services.store.read().await?;
    let somebody = gateway::store::users::any(&mut tx).await?;
    drop(tx);
    if !somebody {
        let link = gateway::accounts::create_setup_link(&server.services).await?;
        println!("Set up Signalbox: {public_url}/setup?token={}", link.token);
    }
    if !crate::http::ui::is_built() {
        eprintln!("The console is not built: run cargo xtask build");
    }
    println!("Signalbox is ready on {public_url}");
    Ok(())
}

/// Brings the database up to date.
pub async fn migrate(config: &Config) -> anyhow::Result<ExitCode> {
    telemetry::start_log(config);
    let _folder = DataFolder::take(&config.data_dir)?;
    let store =
        gateway::store::Store::open(&config.database).await.context("the database cannot be opened")?;
    store.migrate().await?;
    store.close().await;
    println!("The database is up to date.");
    Ok(ExitCode::SUCCESS)
}
