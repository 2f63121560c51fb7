//! The tools that build the console, installed on demand: the wasm target, wasm-split, wasm-bindgen, wasm-opt and esbuild.
//!
//! Invariants: a tool is present when it runs and is exactly the version named here, so an interrupted or outdated
//! installation mends itself; nothing is installed globally; everything comes from the package registries.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::process::{Attempt, Failure, Result, answer, watch};
use crate::system;
use crate::workspace::Workspace;

/// Cuts the console where `#[wasm_split]` says so; the runtime half of the same name is in `Cargo.lock`.
pub const WASM_SPLIT: &str = "0.2.4";
pub const WASM_BINDGEN: &str = "0.2.130";
pub const BINARYEN: &str = "132";
/// The same that bundles the editor; here it only takes comments and white space out.
pub const ESBUILD: &str = "0.28.2";
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Everything the console's build needs.
pub fn ensure(workspace: &Workspace) -> Result<()> {
    system::require_c_compiler()?;
    system::require_node()?;
    wasm_target(workspace)?;
    let options = ["--locked", "--features", "build-binary"];
    cargo_tool(workspace, "wasm_split_cli_support", "wasm-split", WASM_SPLIT, &options)?;
    // Without --locked: the lock file published with it does not resolve.
    cargo_tool(workspace, "wasm-bindgen-cli", "wasm-bindgen", WASM_BINDGEN, &[])?;
    npm_tool(workspace, "binaryen", &format!("{BINARYEN}.0.0"), "wasm-opt", BINARYEN)?;
    npm_tool(workspace, "esbuild", ESBUILD, "esbuild", ESBUILD)?;
    eprintln!(
        "tools: wasm-split {WASM_SPLIT}, wasm-bindgen {WASM_BINDGEN}, wasm-opt {BINARYEN}, esbuild {ESBUILD}: present"
    );
    Ok(())
}

/// Rust's formatter and linter, which a minimal toolchain leaves out.
pub fn ensure_lints(workspace: &Workspace) -> Result<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if answer(workspace.cargo(subcommand).arg("--version")).is_none() {
            system::require_rustup()?;
            let mut install = workspace.command("rustup");
            watch(&format!("tools: installing {component}"), install.args(["component", "add", component]))?;
        }
    }
    Ok(())
}

fn wasm_target(workspace: &Workspace) -> Result<()> {
    // Asked of the compiler, not of rustup: a compiler from elsewhere that has the target is as good.
    let libraries =
        answer(workspace.command("rustc").args(["--print", "target-libdir", "--target", WASM_TARGET]));
    if libraries.is_some_and(|folder| fs::read_dir(folder).is_ok_and(|mut files| files.next().is_some())) {
        return Ok(());
    }
    system::require_rustup()?;
    let mut install = workspace.command("rustup");
    watch(
        &format!("tools: installing the Rust target {WASM_TARGET}"),
        install.args(["target", "add", WASM_TARGET]),
    )
}

fn cargo_tool(
    workspace: &Workspace,
    package: &str,
    title: &str,
    version: &str,
    options: &[&str],
) -> Result<()> {
    // Cargo's own list: not every tool can say its version.
    let installed = || {
        let list = answer(workspace.cargo("install").arg("--list").arg("--root").arg(&workspace.tools));
        list.is_some_and(|list| lists(&list, package, version, &workspace.tools.join("bin")))
    };
    if installed() {
        return Ok(());
    }
    // Kept until the installation is through: one that was interrupted goes on where it stopped.
    let build = workspace.tools.join("build").join(package);
    let mut install = workspace.cargo("install");
    install
        .current_dir(create(workspace)?)
        .env("CARGO_TARGET_DIR", &build)
        .args([package, "--version", version, "--force", "--root"])
        .arg(&workspace.tools)
        .args(options);
    watch(&format!("tools: building {title} {version}, once, some minutes"), &mut install)?;
    fs::remove_dir_all(&build).attempt(format_args!("remove {}", build.display()))?;
    confirm(installed(), title, version)
}

/// Whether `cargo install --list` has the package in this version, and all its programs are still in `folder`.
fn lists(list: &str, package: &str, version: &str, folder: &Path) -> bool {
    let mut lines = list.lines().skip_while(|line| *line != format!("{package} v{version}:"));
    lines.next().is_some()
        && lines.take_while(|line| line.starts_with(' ')).all(|program| folder.join(program.trim()).is_file())
}

/// A package of npm's in an exact version, for the `program` that says itself to be of version `says`.
fn npm_tool(workspace: &Workspace, package: &str, version: &str, program: &str, says: &str) -> Result<()> {
    let present = || reports(Command::new(workspace.node_bin().join(program)).arg("--version"), says);
    if present() {
        return Ok(());
    }
    create(workspace)?;
    let mut install = workspace.command("npm");
    install
        .args(["install", "--no-audit", "--no-fund", "--no-package-lock", "--save-exact", "--prefix"])
        .arg(workspace.tools.join("node"))
        .arg(format!("{package}@{version}"));
    watch(&format!("tools: installing {program} {says} through npm"), &mut install)?;
    confirm(present(), program, says)
}

fn create(workspace: &Workspace) -> Result<&Path> {
    fs::create_dir_all(workspace.tools.join("node"))
        .attempt(format_args!("create {}", workspace.tools.display()))?;
    Ok(&workspace.tools)
}

fn confirm(present: bool, title: &str, version: &str) -> Result<()> {
    if present {
        return Ok(());
    }
    Err(Failure::new(format!("{title} {version} was installed but does not run, or is another version")))
}

fn reports(command: &mut Command, version: &str) -> bool {
    answer(command).is_some_and(|text| names_version(&text, version))
}

/// `wasm-opt version 132 (version_132)`: the version is a word of its own.
fn names_version(text: &str, version: &str) -> bool {
    text.split_whitespace().any(|word| word == version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_is_not_this_version() {
        assert!(names_version("wasm-opt version 132 (version_132)", "132"));
        assert!(!names_version("wasm-opt version 1320", "132"));
        let folder = std::env::temp_dir().join(format!("xtask-tools-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("tool"), "").unwrap();
        let list = "other v2.0.0:\n    other\nsome-tool v1.2.3:\n    tool\n";
        assert!(lists(list, "some-tool", "1.2.3", &folder));
        assert!(!lists(list, "some-tool", "1.2.30", &folder));
        assert!(!lists(list, "other", "2.0.0", &folder), "its program is gone");
        fs::remove_dir_all(&folder).unwrap();
    }

    /// Both are halves of one protocol: a tool of another version could not read what the compiler made.
    #[test]
    fn the_tools_fit_the_locked_crates() {
        let root = Workspace::find().unwrap().root;
        let lock = fs::read_to_string(root.join("Cargo.lock")).unwrap();
        let bindgen = format!("name = \"wasm-bindgen\"\nversion = \"{WASM_BINDGEN}\"\n");
        assert!(lock.contains(&bindgen), "wasm-bindgen in Cargo.lock");
        let (series, _) = WASM_SPLIT.rsplit_once('.').unwrap();
        let split = format!("name = \"wasm_split_helpers\"\nversion = \"{series}.");
        assert!(lock.contains(&split), "wasm_split_helpers in Cargo.lock");
        let editor = fs::read_to_string(root.join("editor/package.json")).unwrap();
        assert!(editor.contains(&format!("\"esbuild\": \"{ESBUILD}\"")), "esbuild in editor/package.json");
    }
}
