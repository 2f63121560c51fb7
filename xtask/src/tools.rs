//! The tools that build the console, installed on demand: the wasm target, Trunk, wasm-bindgen and wasm-opt.
//!
//! Invariants: a tool is present when it runs and reports its exact version, so an interrupted or outdated
//! installation mends itself; nothing is installed globally. Trunk would fetch wasm-bindgen and wasm-opt as binaries
//! from GitHub when they differ from `[tools]` in `Trunk.toml`; here they come from the package registries, and Trunk
//! is kept offline ([`crate::console`]).

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::process::{Attempt, Failure, Result, answer, watch};
use crate::system;
use crate::workspace::Workspace;

pub const TRUNK: &str = "0.21.14";
pub const WASM_BINDGEN: &str = "0.2.130";
pub const BINARYEN: &str = "132";
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Everything the console's build needs.
pub fn ensure(workspace: &Workspace) -> Result<()> {
    system::require_c_compiler()?;
    system::require_node()?;
    wasm_target(workspace)?;
    cargo_tool(workspace, "trunk", "Trunk", TRUNK, &["--locked"])?;
    // Without --locked: the lock file published with it does not resolve.
    cargo_tool(workspace, "wasm-bindgen", "wasm-bindgen", WASM_BINDGEN, &[])?;
    wasm_opt(workspace)?;
    eprintln!("tools: Trunk {TRUNK}, wasm-bindgen {WASM_BINDGEN}, wasm-opt {BINARYEN}: present");
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
    program: &str,
    title: &str,
    version: &str,
    options: &[&str],
) -> Result<()> {
    let installed = workspace.tools.join("bin").join(program);
    if reports(Command::new(&installed).arg("--version"), version) {
        return Ok(());
    }
    let package = if program == "wasm-bindgen" { "wasm-bindgen-cli" } else { program };
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
    confirm(reports(Command::new(&installed).arg("--version"), version), title, version)
}

fn wasm_opt(workspace: &Workspace) -> Result<()> {
    let present = || reports(Command::new(workspace.node_bin().join("wasm-opt")).arg("--version"), BINARYEN);
    if present() {
        return Ok(());
    }
    create(workspace)?;
    let mut install = workspace.command("npm");
    install
        .args(["install", "--no-audit", "--no-fund", "--no-package-lock", "--save-exact", "--prefix"])
        .arg(workspace.tools.join("node"))
        .arg(format!("binaryen@{BINARYEN}.0.0"));
    watch(&format!("tools: installing wasm-opt {BINARYEN} through npm"), &mut install)?;
    confirm(present(), "wasm-opt", BINARYEN)
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

/// `trunk 0.21.14`, `wasm-bindgen 0.2.130`, `wasm-opt version 132 (version_132)`: the version is a word of its own.
fn names_version(text: &str, version: &str) -> bool {
    text.split_whitespace().any(|word| word == version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_is_not_this_version() {
        assert!(names_version("trunk 0.21.14", "0.21.14"));
        assert!(names_version("wasm-opt version 132 (version_132)", "132"));
        assert!(!names_version("trunk 0.21.141", "0.21.14"));
        assert!(!names_version("wasm-opt version 1320", "132"));
    }

    /// Trunk is kept offline, so a version that differs anywhere would stop every build.
    #[test]
    fn the_versions_are_the_same_everywhere() {
        let root = Workspace::find().unwrap().root;
        let trunk = fs::read_to_string(root.join("Trunk.toml")).unwrap();
        assert!(trunk.contains(&format!("wasm_bindgen = \"{WASM_BINDGEN}\"")), "wasm_bindgen in Trunk.toml");
        assert!(trunk.contains(&format!("wasm_opt = \"version_{BINARYEN}\"")), "wasm_opt in Trunk.toml");
        assert!(trunk.contains(&format!("trunk-version = \"={TRUNK}\"")), "trunk-version in Trunk.toml");
        let lock = fs::read_to_string(root.join("Cargo.lock")).unwrap();
        let locked = format!("name = \"wasm-bindgen\"\nversion = \"{WASM_BINDGEN}\"\n");
        assert!(lock.contains(&locked), "wasm-bindgen in Cargo.lock");
    }
}
