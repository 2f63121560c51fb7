//! What the machine itself must bring: a C compiler, Node, rustup, and for the tests PostgreSQL and Chromium.
//!
//! Invariant: what is missing and cannot be installed from here is named together with the command that installs it.
//! Only Debian packages are installed from here, only by `cargo xtask test`, and only as root.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Failure, Result, answer, watch};

/// What npm packages of the project ask for (`engines` in end2end/package.json).
const NODE_MAJOR: u32 = 20;

pub fn require_c_compiler() -> Result<()> {
    // Some crates compile C code (SQLite); they take CC first, as this does.
    let compiler = env::var_os("CC").filter(|cc| !cc.is_empty()).unwrap_or_else(|| "cc".into());
    if answer(Command::new(compiler).arg("--version")).is_some() {
        return Ok(());
    }
    Err(missing("A C compiler", "sudo apt-get install -y build-essential", "xcode-select --install"))
}

pub fn require_node() -> Result<()> {
    let found = answer(Command::new("node").arg("--version"));
    let npm = answer(Command::new("npm").arg("--version"));
    match (found.as_deref().and_then(major), npm) {
        (Some(version), Some(_)) if version >= NODE_MAJOR => Ok(()),
        (Some(version), Some(_)) => Err(Failure::new(format!(
            "Node {version} is too old: the tools of the console need Node {NODE_MAJOR} or newer.\n{NODE_HOW}"
        ))),
        _ => Err(Failure::new(format!("Node {NODE_MAJOR} or newer with npm is missing.\n{NODE_HOW}"))),
    }
}

const NODE_HOW: &str = concat!(
    "  Debian 13 and newer: sudo apt-get install -y nodejs npm\n",
    "  macOS:               brew install node\n",
    "  elsewhere:           https://nodejs.org/en/download",
);

pub fn require_rustup() -> Result<()> {
    if answer(Command::new("rustup").arg("--version")).is_some() {
        return Ok(());
    }
    let install = "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh";
    Err(missing("rustup, which brings the missing part of the Rust toolchain,", install, install))
}

/// The folder with PostgreSQL's own programs, of which the tests start a server in a temporary folder.
pub fn postgres_bin() -> Result<PathBuf> {
    let named = env::var_os("SIGNALBOX_PG_BIN").map(PathBuf::from);
    let find = || named.clone().filter(|folder| is_postgres(folder)).or_else(find_postgres);
    find_or_install("PostgreSQL", find, &["postgresql"], "brew install postgresql@17")
}

/// A Chromium that Playwright can drive.
pub fn chromium() -> Result<PathBuf> {
    let named = env::var_os("SIGNALBOX_CHROMIUM").map(PathBuf::from);
    let find = || named.clone().filter(|path| path.is_file()).or_else(find_chromium);
    // Without a font of its own every glyph of a bare machine is an empty box.
    find_or_install("Chromium", find, &["chromium", "fonts-liberation"], "brew install --cask chromium")
}

fn find_postgres() -> Option<PathBuf> {
    let in_path = folders_of_path().into_iter().find(|folder| is_postgres(folder));
    // Debian keeps the server's programs out of PATH, one folder per version; Homebrew one prefix per version.
    let debian = versions("/usr/lib/postgresql", "").into_iter().map(|folder| folder.join("bin"));
    let homebrew = ["/opt/homebrew/opt", "/usr/local/opt"];
    let homebrew =
        homebrew.iter().flat_map(|prefix| versions(prefix, "postgresql@")).map(|folder| folder.join("bin"));
    in_path.or_else(|| debian.chain(homebrew).find(|folder| is_postgres(folder)))
}

fn is_postgres(folder: &Path) -> bool {
    ["initdb", "postgres"].iter().all(|program| folder.join(program).is_file())
}

fn find_chromium() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
    let in_path = names.iter().find_map(|name| {
        folders_of_path().into_iter().map(|folder| folder.join(name)).find(|path| path.is_file())
    });
    let applications = [
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ];
    in_path.or_else(|| applications.iter().map(PathBuf::from).find(|path| path.is_file()))
}

/// Folders called `<prefix><number>`, the highest number first.
fn versions(parent: &str, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    let mut found: Vec<(u32, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let number = name.to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((number, entry.path()))
        })
        .collect();
    found.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
    found.into_iter().map(|(_, path)| path).collect()
}

fn folders_of_path() -> Vec<PathBuf> {
    env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default()
}

fn find_or_install(
    what: &str,
    find: impl Fn() -> Option<PathBuf>,
    packages: &[&str],
    macos: &str,
) -> Result<PathBuf> {
    if let Some(path) = find() {
        return Ok(path);
    }
    let instead = missing(what, &format!("sudo apt-get install -y {}", packages.join(" ")), macos);
    if !is_root() || answer(Command::new("apt-get").arg("--version")).is_none() {
        return Err(instead);
    }
    // A fresh machine has no package lists at all.
    apt_get(&format!("tools: looking up Debian's packages for {what}"), ["update"])?;
    let words = ["install", "-y", "--no-install-recommends"];
    apt_get(&format!("tools: installing {what} from Debian"), words.iter().chain(packages))?;
    find().ok_or(instead)
}

fn apt_get(title: &str, words: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<()> {
    watch(title, Command::new("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args(words))
}

fn is_root() -> bool {
    answer(Command::new("id").arg("-u")).is_some_and(|id| id == "0")
}

fn missing(what: &str, debian: &str, macos: &str) -> Failure {
    Failure::new(format!(
        "{what} is missing and cannot be installed from here.\n  Debian: {debian}\n  macOS:  {macos}"
    ))
}

/// `v20.20.2` is Node 20.
fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_are_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("v8.0.0"), Some(8));
        assert_eq!(major("not node"), None);
    }

    #[test]
    fn the_newest_version_comes_first() {
        let parent = env::temp_dir().join(format!("xtask-versions-{}", std::process::id()));
        for name in ["9", "15", "17", "common"] {
            fs::create_dir_all(parent.join(name)).unwrap();
        }
        let found = versions(parent.to_str().unwrap(), "");
        fs::remove_dir_all(&parent).unwrap();
        assert_eq!(found, [parent.join("17"), parent.join("15"), parent.join("9")]);
    }

    #[test]
    fn what_cannot_be_installed_comes_with_its_command() {
        let text = missing("Chromium", "apt-get install chromium", "brew install chromium").to_string();
        assert!(text.contains("Debian: apt-get install chromium") && text.contains("macOS:  brew"), "{text}");
    }
}
