//! Builds the console: Trunk compiles `frontend/` to WebAssembly and puts everything into `dist/`, which the server
//! embeds.
//!
//! Invariants: skipped when neither an input nor the output changed (a fingerprint of both, so a `dist/` made by hand
//! is noticed); Trunk never touches the network.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::process::{Attempt, Result, answer, duration, run};
use crate::tools::{self, WASM_TARGET};
use crate::workspace::Workspace;

/// Everything that can change the console.
const INPUTS: &[&str] =
    &["app", "domain", "frontend", "style", "Trunk.toml", "Cargo.lock", "Cargo.toml", ".cargo/config.toml"];

/// The folder Trunk builds into, as in `Trunk.toml`.
pub fn dist(workspace: &Workspace) -> PathBuf {
    workspace.root.join("dist")
}

pub fn build(workspace: &Workspace) -> Result<()> {
    let _lock = workspace.lock()?;
    let record = workspace.root.join("target/console.fingerprint");
    let inputs = inputs(workspace)?;
    if fs::read_to_string(&record).is_ok_and(|known| known == described(inputs, workspace)) {
        eprintln!("console: unchanged");
        return Ok(());
    }
    let started = Instant::now();
    tools::ensure(workspace)?;
    compile(workspace)?;
    trunk(workspace)?;
    let folder = workspace.root.join("target");
    fs::create_dir_all(&folder).attempt(format_args!("create {}", folder.display()))?;
    fs::write(&record, described(inputs, workspace)).attempt(format_args!("write {}", record.display()))?;
    eprintln!("console: built in {}", duration(started.elapsed()));
    Ok(())
}

/// What Trunk would do first, done before it: downloads crates if need be, which the offline Trunk cannot, and lets a
/// compiler error be the last thing on the screen.
fn compile(workspace: &Workspace) -> Result<()> {
    let profile = ["--profile", "wasm-release"];
    run(workspace
        .cargo("build")
        .args(["-p", "frontend", "--bin", "frontend", "--target", WASM_TARGET])
        .args(profile))
}

fn trunk(workspace: &Workspace) -> Result<()> {
    // Trunk copies every snippet it finds here into dist/, also those that another build left behind.
    let leftovers = workspace.target.join("wasm-bindgen");
    if leftovers.exists() {
        fs::remove_dir_all(&leftovers).attempt(format_args!("remove {}", leftovers.display()))?;
    }
    let mut trunk = workspace.command(workspace.tools.join("bin/trunk"));
    trunk.arg("build").args(["--offline=true", "--skip-version-check"]);
    // Trunk reads NO_COLOR as a switch of its own and refuses the usual value 1.
    run(trunk.env_remove("NO_COLOR").env_remove("RUST_BACKTRACE"))
}

fn described(inputs: u64, workspace: &Workspace) -> String {
    let mut hasher = DefaultHasher::new();
    // No dist/ is a content like any other: one that never matches a record of a build.
    let complete = hash_tree(&dist(workspace), &dist(workspace), &mut hasher).is_ok();
    let output = if complete { hasher.finish() } else { 0 };
    format!("inputs {inputs:016x} output {output:016x}\n")
}

fn inputs(workspace: &Workspace) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    (tools::TRUNK, tools::WASM_BINDGEN, tools::BINARYEN).hash(&mut hasher);
    answer(workspace.command("rustc").arg("-vV")).hash(&mut hasher);
    for input in INPUTS {
        hash_tree(&workspace.root, &workspace.root.join(input), &mut hasher)?;
    }
    Ok(hasher.finish())
}

/// Names and contents of a file, or of a folder's files in a fixed order.
fn hash_tree(root: &Path, path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    if path.is_dir() {
        let entries = fs::read_dir(path).attempt(format_args!("read {}", path.display()))?;
        let mut children: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        children.sort();
        return children.iter().try_for_each(|child| hash_tree(root, child, hasher));
    }
    path.strip_prefix(root).unwrap_or(path).hash(hasher);
    fs::read(path).attempt(format_args!("read {}", path.display()))?.hash(hasher);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_of(folder: &Path) -> u64 {
        let mut hasher = DefaultHasher::new();
        hash_tree(folder, folder, &mut hasher).unwrap();
        hasher.finish()
    }

    #[test]
    fn every_change_changes_the_fingerprint() {
        let folder = std::env::temp_dir().join(format!("xtask-fingerprint-{}", std::process::id()));
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::write(folder.join("src/a.rs"), "one").unwrap();
        let first = hash_of(&folder);
        assert_eq!(first, hash_of(&folder));
        fs::write(folder.join("src/a.rs"), "two").unwrap();
        let edited = hash_of(&folder);
        fs::rename(folder.join("src/a.rs"), folder.join("src/b.rs")).unwrap();
        let renamed = hash_of(&folder);
        fs::remove_dir_all(&folder).unwrap();
        assert!(first != edited && edited != renamed);
        assert!(
            hash_tree(&folder, &folder, &mut DefaultHasher::new()).is_err(),
            "a missing folder is no content"
        );
    }

    /// wasm-opt runs only where index.html asks for it, and its absence would show in nothing but the size.
    #[test]
    fn the_console_is_optimized_for_size() {
        let index = Workspace::find().unwrap().root.join("frontend/index.html");
        let index = fs::read_to_string(index).unwrap();
        let rust = index.lines().find(|line| line.contains("rel=\"rust\"")).unwrap();
        assert!(rust.contains("data-wasm-opt=\"z\""), "{rust}");
    }
}
