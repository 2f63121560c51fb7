//! `signalbox demo`: a server with a world of its own around it, in a folder of its own, made anew at each start.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use domain::connector::Environment;
use domain::environment::InstallationEnvironment;
use gateway::clock::{SharedClock, SystemClock};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use super::serve::settings;
use crate::config::{Config, Name, Source};
use crate::connections::ConnectionLimits;
use crate::demo::senders::Senders;
use crate::demo::{Dice, destinations, world};
use crate::installation::{DataFolder, Installation};
use crate::server::{GRACE, Server, WebOptions, listen};
use crate::telemetry;

/// Where the demo lives when nobody says otherwise, below the folder it is started in.
const FOLDER: &str = "signalbox-demo";
/// Says that the folder is the demo's and may be emptied.
const MARK: &str = "this-folder-is-emptied-by-signalbox-demo";

/// Starts the demo and runs it until somebody asks it to stop.
pub async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    telemetry::start_log(config);
    let folder = folder_of(config)?;
    let listener = listen(config.listen).await?;
    let address = listener.local_addr()?;
    make_anew(&folder)?;
    let mut config = config.living_in(&folder);
    // Nobody's business depends on it, unless somebody says what else it is.
    config
        .environment
        .get_or_insert_with(|| InstallationEnvironment { kind: Environment::Sandbox, label: "Demo".into() });
    let clock: SharedClock = Arc::new(SystemClock);
    let Installation { store, sealer, node, folder } = Installation::open(&config, clock.as_ref()).await?;
    let public_url = config.public_url_at(address);
    let web = WebOptions {
        metrics_token: config.metrics_token.clone(),
        trust_forwarded_for: config.trust_forwarded_for,
        connections: ConnectionLimits::default(),
    };
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let settings = settings(&config, public_url.clone(), node);
    let server = Server::start(listener, store, clock.clone(), sealer, settings, web).await?;

    let dice = Dice(clock);
    let stopping = CancellationToken::new();
    let at = destinations::start(dice.clone(), stopping.clone()).await?;
    let password = password()?;
    let doors = world::build(&server.services, &password, at).await.context("the demo's world")?;
    let senders = Senders { doors, url: format!("http://{}", reachable(address)), dice };
    let sending = tokio::spawn(senders.run(stopping.clone()));
    println!("Sign in with {} and {}", world::EMAIL, password.as_str());
    println!("Signalbox is ready on {public_url}");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    stopping.cancel();
    sending.await??;
    let ended = tokio::time::timeout(GRACE, server.stop()).await.is_ok();
    drop(folder);
    Ok(ExitCode::from(u8::from(!ended)))
}

/// Where the demo is to live. Only flags speak of the demo: variables and the file are about the server beside it.
fn folder_of(config: &Config) -> anyhow::Result<PathBuf> {
    if config.source(Name::Database) == Source::Flag {
        bail!("the demo has a database of its own in its data folder; leave out --database");
    }
    match config.source(Name::DataDir) {
        Source::Flag => Ok(config.data_dir.clone()),
        Source::Environment(_) | Source::File(_) | Source::Default => Ok(PathBuf::from(FOLDER)),
    }
}

/// Where this machine itself reaches what listens on `address`.
fn reachable(address: std::net::SocketAddr) -> std::net::SocketAddr {
    match address.ip().is_unspecified() {
        true => ([127, 0, 0, 1], address.port()).into(),
        false => address,
    }
}

/// Empties the demo's folder, and only a folder that is the demo's and not in use.
fn make_anew(folder: &Path) -> anyhow::Result<()> {
    let mark = folder.join(MARK);
    if folder.exists() {
        if !mark.exists() {
            bail!(
                "{} is there and is not the demo's; choose another folder with --data-dir",
                folder.display()
            );
        }
        drop(DataFolder::take(folder)?);
        std::fs::remove_dir_all(folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
    }
    drop(DataFolder::take(folder)?);
    std::fs::write(&mark, "").with_context(|| format!("{} cannot be written", folder.display()))
}

/// A password that nobody can guess, in letters that nobody confuses.
fn password() -> anyhow::Result<Zeroizing<String>> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0_u8; 20];
    getrandom::fill(&mut bytes)
        .map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
    let letters = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    Ok(Zeroizing::new(letters.collect()))
}
