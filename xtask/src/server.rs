//! Builds the `signalbox` binary and takes it out of the shared target folder.
//!
//! Invariant: what [`build`] returns was built from this clone just now. In the shared target folder the same path
//! may hold another clone's binary a moment later ([`crate::workspace`]), so nothing is ever started from there.

use std::fs;
use std::path::PathBuf;

use crate::process::{Attempt, Result, run};
use crate::workspace::Workspace;

#[derive(Clone, Copy)]
pub enum Profile {
    Dev,
    Release,
}

impl Profile {
    fn cargo_name(self) -> &'static str {
        match self {
            Profile::Dev => "dev",
            Profile::Release => "release",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Profile::Dev => "debug",
            Profile::Release => "release",
        }
    }
}

pub fn build(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let _lock = workspace.lock()?;
    let name = format!("signalbox{}", std::env::consts::EXE_SUFFIX);
    run(workspace.cargo("build").args([
        "-p",
        "server",
        "--bin",
        "signalbox",
        "--profile",
        profile.cargo_name(),
    ]))?;

    let folder = workspace.root.join("target/bin").join(profile.folder());
    fs::create_dir_all(&folder).attempt(format_args!("create {}", folder.display()))?;
    let taken = folder.join(&name);
    // Under a new name and then renamed: a server that still runs keeps the file it was started from.
    let fresh = folder.join(format!("{name}.new"));
    let built = workspace.target.join(profile.folder()).join(&name);
    fs::copy(&built, &fresh).attempt(format_args!("copy {}", built.display()))?;
    fs::rename(&fresh, &taken).attempt(format_args!("put {} in place", taken.display()))?;
    Ok(taken)
}
