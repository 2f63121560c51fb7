//! `cargo xtask run` and `build`: the console, the server around it, and its start.

use std::path::PathBuf;
use std::process::Command;

use crate::console;
use crate::process::{Failure, Result};
use crate::server::{self, Profile};
use crate::system;
use crate::workspace::Workspace;

pub fn build(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    // First the console: the server embeds it.
    console::build(workspace)?;
    let binary = server::build(workspace, profile)?;
    eprintln!("server: {}", binary.display());
    Ok(binary)
}

/// Builds and starts the server; returns only when it could not be started.
pub fn run(workspace: &Workspace, profile: Profile, arguments: &[String]) -> Result<()> {
    let binary = build(workspace, profile)?;
    eprintln!(
        "start: with --allow-private-destinations, because what you deliver to while trying it out runs on this \
         machine; an installation others can reach should leave it off"
    );
    let mut serve = Command::new(binary);
    serve.args(["serve", "--allow-private-destinations"]).args(arguments).current_dir(&workspace.root);
    // By environment, so that an argument can still say otherwise.
    if std::env::var_os("SIGNALBOX_DATA_DIR").is_none() {
        serve.env("SIGNALBOX_DATA_DIR", "./signalbox-data");
    }
    Err(become_program(serve))
}

/// Measures the release binary. The machine should have nothing else to do.
pub fn bench(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let postgres = system::postgres_bin()?;
    console::build(workspace)?;
    let _lock = workspace.lock()?;
    let mut bench = workspace.cargo("bench");
    bench.args(["-p", "server", "--bench", "speed", "--"]).args(arguments);
    crate::process::run(bench.env("SIGNALBOX_PG_BIN", postgres))
}

/// Lets the server take this process over: Ctrl-C and `kill` reach it directly, and the shell waits until it has
/// finished or released its leases.
#[cfg(unix)]
fn become_program(mut command: Command) -> Failure {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Failure::new(format!("cannot start `{}`: {error}", crate::process::line_of(&command)))
}

#[cfg(not(unix))]
fn become_program(mut command: Command) -> Failure {
    match crate::process::run(&mut command) {
        Ok(()) => std::process::exit(0),
        Err(failure) => failure,
    }
}
