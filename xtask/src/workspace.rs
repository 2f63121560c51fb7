//! Where things are: the clone, the user's cache folder, Cargo's target folder.
//!
//! Cargo's target folder is `<cache>/signalbox/target` unless `CARGO_TARGET_DIR` says otherwise: compiling the
//! dependencies takes minutes, and a fresh clone (or a second worktree) reuses them this way. The price: what Cargo
//! puts at a fixed path there, `debug/signalbox` above all, belongs to whichever clone was built last. So everything
//! that is built is taken from there under one lock ([`Workspace::lock`]), at once, to a place in the clone.
//!
//! Cargo judges by times of files and not by their place: what one clone built after another was checked out looks fresh
//! to both. So the folder remembers whose it was, and when the clone changes, what it knows of the workspace's own
//! crates is forgotten.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Attempt, Failure, Result};

pub struct Workspace {
    /// The clone.
    pub root: PathBuf,
    /// Programs of the project's own: `bin/` from Cargo, `node/` from npm.
    pub tools: PathBuf,
    /// Cargo's target folder.
    pub target: PathBuf,
}

impl Workspace {
    pub fn find() -> Result<Workspace> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().ok_or_else(|| Failure::new("xtask stands in no workspace"))?.to_owned();
        let cache = cache_folder(env::var_os("XDG_CACHE_HOME"), env::home_dir())?.join("signalbox");
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) if !folder.is_empty() => root.join(folder),
            _ => cache.join("target"),
        };
        Ok(Workspace { tools: cache.join("tools"), root, target })
    }

    /// `cargo <subcommand>`. Where CI is set, a Cargo.lock that lags behind a Cargo.toml is an error, not something to
    /// mend quietly.
    pub fn cargo(&self, subcommand: &str) -> Command {
        let mut command = self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.arg(subcommand);
        if env::var_os("CI").is_some() && matches!(subcommand, "build" | "clippy" | "rustc" | "test") {
            command.arg("--locked");
        }
        command
    }

    /// A program in the clone that finds the project's own tools first.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target).env("PATH", self.path());
        // `cargo run` described xtask to us in these; another build must not take them for its own.
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&name);
            }
        }
        command
    }

    /// Programs that npm installed, as links to their scripts.
    pub fn node_bin(&self) -> PathBuf {
        self.tools.join("node/node_modules/.bin")
    }

    fn path(&self) -> OsString {
        let inherited = env::var_os("PATH").unwrap_or_default();
        let folders = [self.tools.join("bin"), self.node_bin()];
        let all = folders.into_iter().chain(env::split_paths(&inherited));
        // Only a folder with a colon in its name cannot be joined; then the tools are missed with a clear message.
        env::join_paths(all).unwrap_or(inherited)
    }

    /// Keeps other clones from building into the shared target folder until the returned file is dropped.
    pub fn lock(&self) -> Result<File> {
        fs::create_dir_all(&self.target).attempt(format_args!("create {}", self.target.display()))?;
        let path = self.target.join("xtask.lock");
        let file = File::create(&path).attempt(format_args!("create {}", path.display()))?;
        if file.try_lock().is_err() {
            eprintln!("waiting for another build that uses {}", self.target.display());
            file.lock().attempt(format_args!("lock {}", path.display()))?;
        }
        self.forget_other_clone()?;
        Ok(file)
    }

    /// Makes Cargo build the workspace's own crates anew when another clone used the target folder last.
    fn forget_other_clone(&self) -> Result<()> {
        let owner = self.target.join("xtask.clone");
        let own = self.root.to_string_lossy();
        if fs::read_to_string(&owner).is_ok_and(|last| last == own) {
            return Ok(());
        }
        for fingerprint in own_fingerprints(&self.target) {
            fs::remove_dir_all(&fingerprint).attempt(format_args!("remove {}", fingerprint.display()))?;
        }
        fs::write(&owner, own.as_bytes()).attempt(format_args!("write {}", owner.display()))
    }
}

/// Cargo's notes about the workspace's own crates: `<profile>/.fingerprint/<crate>-<hash>`, also under a target's name.
fn own_fingerprints(target: &Path) -> Vec<PathBuf> {
    const OWN: [&str; 6] = ["app", "domain", "frontend", "gateway", "server", "xtask"];
    let children = |folder: &Path| -> Vec<PathBuf> {
        // What is not there, or not a folder, has no notes.
        fs::read_dir(folder)
            .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
            .unwrap_or_default()
    };
    let profiles = children(target);
    let below = profiles.iter().flat_map(|profile| children(profile)).collect::<Vec<_>>();
    profiles
        .into_iter()
        .chain(below)
        .flat_map(|profile| children(&profile.join(".fingerprint")))
        .filter(|note| {
            let name = note.file_name().unwrap_or_default().to_string_lossy().into_owned();
            name.rsplit_once('-').is_some_and(|(crate_name, _)| OWN.contains(&crate_name))
        })
        .collect()
}

fn cache_folder(xdg: Option<OsString>, home: Option<PathBuf>) -> Result<PathBuf> {
    // The specification of XDG_CACHE_HOME: a relative path is invalid and to be ignored.
    let xdg = xdg.map(PathBuf::from).filter(|folder| folder.is_absolute());
    let home = home.filter(|folder| folder.is_absolute()).map(|home| home.join(".cache"));
    xdg.or(home)
        .ok_or_else(|| Failure::new("neither XDG_CACHE_HOME nor HOME is set: where may tools be kept?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_folder_that_changes_hands_forgets_the_workspaces_own_crates() {
        let base = env::temp_dir().join(format!("xtask-clone-{}", std::process::id()));
        let target = base.join("target");
        let notes = [
            "debug/.fingerprint/domain-1f",
            "wasm32/release/.fingerprint/app-2e",
            "debug/.fingerprint/serde-3d",
        ];
        let make = || notes.iter().for_each(|note| fs::create_dir_all(target.join(note)).unwrap());
        let there = || notes.map(|note| target.join(note).exists());
        let clone =
            |name: &str| Workspace { root: base.join(name), tools: base.clone(), target: target.clone() };
        make();
        drop(clone("first").lock().unwrap());
        assert_eq!(there(), [false, false, true]);
        make();
        drop(clone("first").lock().unwrap());
        assert_eq!(there(), [true, true, true], "the same clone keeps what it built");
        drop(clone("second").lock().unwrap());
        assert_eq!(there(), [false, false, true]);
        fs::remove_dir_all(&base).unwrap();
    }

    #[test]
    fn the_cache_folder_is_the_users() {
        let home = || Some(PathBuf::from("/home/ada"));
        assert_eq!(cache_folder(None, home()).unwrap(), Path::new("/home/ada/.cache"));
        assert_eq!(cache_folder(Some("/var/cache/ada".into()), home()).unwrap(), Path::new("/var/cache/ada"));
        assert_eq!(cache_folder(Some("relative".into()), home()).unwrap(), Path::new("/home/ada/.cache"));
        assert!(cache_folder(None, None).is_err());
    }
}
