//! Builds the console into `dist/`, which the server embeds: `frontend/` compiled to WebAssembly, cut into what the
//! browser loads first and what it loads when it is opened, bound to JavaScript, made small, and put beside the page.
//!
//! Everything but the page and the editor is in one folder that is named after its content, so that it may be cached
//! forever and its files refer to each other by plain names.
//!
//! Invariants: skipped when neither an input nor the output changed (a fingerprint of both, so a `dist/` made by hand
//! is noticed); the page names only files that exist.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::process::{Attempt, Failure, Result, answer, duration, run};
use crate::tools::{self, WASM_TARGET};
use crate::workspace::Workspace;

/// Everything that can change the console.
const INPUTS: &[&str] = &[
    "app",
    "domain",
    "frontend",
    "style",
    "xtask/src/console.rs",
    "Cargo.lock",
    "Cargo.toml",
    ".cargo/config.toml",
];

/// The name of the module and of its JavaScript.
const NAME: &str = "frontend";

/// What rustc's WebAssembly uses beyond the first version; wasm-opt has to be told. `-Os` compresses better than `-Oz`,
/// and functions that are left apart better than ones that are put into their only caller.
const WASM_OPT: &[&str] = &[
    "-Os",
    "--one-caller-inline-max-function-size=0",
    "--strip-debug",
    "--strip-producers",
    "--enable-bulk-memory",
    "--enable-mutable-globals",
    "--enable-multivalue",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Names and structure of modules stay as they are.
const ESBUILD: &[&str] = &["--minify", "--charset=utf8", "--allow-overwrite", "--log-level=error"];

/// The folder that the server embeds.
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
    let stage = empty_folder(workspace.root.join("target/console"))?;
    let parts = split_and_bind(workspace, &stage)?;
    add_own_files(workspace, &parts)?;
    shrink(workspace, &parts)?;
    assemble(workspace, &parts)?;
    fs::write(&record, described(inputs, workspace)).attempt(format_args!("write {}", record.display()))?;
    eprintln!("console: built in {}", duration(started.elapsed()));
    Ok(())
}

/// With relocations, which tell what belongs to which function.
fn compile(workspace: &Workspace) -> Result<()> {
    run(workspace
        .cargo("rustc")
        .args(["-p", NAME, "--bin", NAME, "--target", WASM_TARGET, "--profile", "wasm-release"])
        .args(["--", "-C", "link-arg=--emit-relocs"]))
}

/// The folder with the module, its parts and their JavaScript.
fn split_and_bind(workspace: &Workspace, stage: &Path) -> Result<PathBuf> {
    let compiled = workspace.target.join(WASM_TARGET).join("wasm-release").join(format!("{NAME}.wasm"));
    let split = empty_folder(stage.join("split"))?;
    run(workspace.command("wasm-split-cli").arg(compiled).arg(&split).args(["--out-name", NAME]))?;
    let parts = empty_folder(stage.join("parts"))?;
    let main = format!("{NAME}.wasm");
    run(workspace
        .command("wasm-bindgen")
        .arg(split.join(&main))
        // The parts share the function table, the memory and the stack pointer with the module.
        .args(["--target", "web", "--no-typescript", "--keep-lld-exports", "--out-name", NAME, "--out-dir"])
        .arg(&parts))?;
    for file in files(&split)? {
        let name = file.file_name().unwrap_or_default();
        if name != main.as_str() {
            copy(&file, &parts.join(name))?;
        }
    }
    Ok(parts)
}

/// Makes every file smaller in its place: modules by optimizing them, scripts and sheets by leaving out what only people
/// read.
fn shrink(workspace: &Workspace, parts: &Path) -> Result<()> {
    for file in files(parts)? {
        match file.extension().and_then(OsStr::to_str) {
            Some("wasm") => {
                run(workspace.command("wasm-opt").args(WASM_OPT).arg(&file).arg("-o").arg(&file))?
            }
            Some("css" | "js") => {
                run(workspace.command("esbuild").args(ESBUILD).arg(&file).arg(outfile(&file)))?
            }
            _ => {}
        }
    }
    Ok(())
}

fn outfile(file: &Path) -> OsString {
    let mut argument = OsString::from("--outfile=");
    argument.push(file);
    argument
}

/// Sheets and scripts that nobody has to build.
fn add_own_files(workspace: &Workspace, parts: &Path) -> Result<()> {
    let styles = files(&workspace.root.join("style"))?;
    let own = ["favicon.svg", "start.js", "theme.js"].map(|name| workspace.root.join("frontend").join(name));
    for file in styles.iter().chain(&own) {
        copy(file, &parts.join(file.file_name().unwrap_or_default()))?;
    }
    Ok(())
}

/// Puts `dist/` together: the page, the editor, and the folder with everything else.
fn assemble(workspace: &Workspace, parts: &Path) -> Result<()> {
    let frontend = workspace.root.join("frontend");
    let mut hasher = DefaultHasher::new();
    hash_tree(parts, parts, &mut hasher)?;
    let build = format!("build-{:016x}", hasher.finish());

    let dist = empty_folder(dist(workspace))?;
    copy_tree(parts, &dist.join(&build))?;
    copy_tree(&frontend.join("editor"), &dist.join("editor"))?;
    let page = fs::read_to_string(frontend.join("index.html")).attempt("read frontend/index.html")?;
    let icons = fs::read_to_string(frontend.join("icons.svg")).attempt("read frontend/icons.svg")?;
    let page = page.replace("{{build}}", &build).replace("{{icons}}", icons.trim());
    names_only_files(&page, &dist)?;
    fs::write(dist.join("index.html"), page).attempt("write dist/index.html")
}

/// A misspelt name in the page would be seen by nobody before its users.
fn names_only_files(page: &str, dist: &Path) -> Result<()> {
    for attribute in ["href=\"/", "src=\"/"] {
        for rest in page.split(attribute).skip(1) {
            let name = rest.split('"').next().unwrap_or_default();
            if !dist.join(name).is_file() {
                return Err(Failure::new(format!("frontend/index.html names {name}, which does not exist")));
            }
        }
    }
    Ok(())
}

fn empty_folder(folder: PathBuf) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(&folder).attempt(format_args!("remove {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).attempt(format_args!("create {}", folder.display()))?;
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(drop).attempt(format_args!("copy {} to {}", from.display(), to.display()))
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).attempt(format_args!("create {}", to.display()))?;
    for path in entries(from)? {
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() { copy_tree(&path, &target)? } else { copy(&path, &target)? }
    }
    Ok(())
}

/// The files of a folder, without those of folders in it.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    Ok(entries(folder)?.into_iter().filter(|path| path.is_file()).collect())
}

/// What is in a folder, in a fixed order.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).attempt(format_args!("read {}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
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
    (tools::WASM_SPLIT, tools::WASM_BINDGEN, tools::BINARYEN, tools::ESBUILD).hash(&mut hasher);
    answer(workspace.command("rustc").arg("-vV")).hash(&mut hasher);
    for input in INPUTS {
        hash_tree(&workspace.root, &workspace.root.join(input), &mut hasher)?;
    }
    Ok(hasher.finish())
}

/// Names and contents of a file, or of a folder's files in a fixed order.
fn hash_tree(root: &Path, path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    if path.is_dir() {
        return entries(path)?.iter().try_for_each(|child| hash_tree(root, child, hasher));
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

    #[test]
    fn a_page_that_names_a_missing_file_is_not_built() {
        let folder = std::env::temp_dir().join(format!("xtask-page-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("start.js"), "").unwrap();
        assert!(names_only_files("<script src=\"/start.js\"></script>", &folder).is_ok());
        assert!(names_only_files("<link href=\"/tokens.css\">", &folder).is_err());
        fs::remove_dir_all(&folder).unwrap();
    }
}
