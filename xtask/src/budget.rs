//! What the console costs to load: every file brotli-compressed at quality 11, as the server embeds it.
//!
//! Invariant: a file counts unless it is named here as loaded later, so a new file cannot slip past the budget.

use std::fs;
use std::path::{Path, PathBuf};

use crate::console;
use crate::process::{Attempt, Failure, Result, answer};
use crate::workspace::Workspace;

/// Bytes, for everything loaded before the first screen. A ratchet: it goes down with the console, to 400,000.
const BUDGET: u64 = 436_000;

/// Beginnings of names in `dist/` and in its folder of built files that are loaded only when something is opened: the
/// editor, and what was cut out of the module.
const LOADED_LATER: &[&str] = &["editor", "split_", "chunk_"];

/// Node has brotli built in, and it is here already.
const COMPRESS: &str = "
    const { brotliCompressSync, constants: { BROTLI_PARAM_QUALITY } } = require('node:zlib');
    for (const path of process.argv.slice(1)) {
        const bytes = require('node:fs').readFileSync(path);
        console.log(brotliCompressSync(bytes, { params: { [BROTLI_PARAM_QUALITY]: 11 } }).length);
    }";

pub fn check(workspace: &Workspace) -> Result<()> {
    let dist = console::dist(workspace);
    let mut files = Vec::new();
    collect(&dist, &mut files)?;
    files.sort();
    let printed = answer(workspace.command("node").args(["-e", COMPRESS, "--"]).args(&files))
        .ok_or_else(|| Failure::new("node could not compress the console's files"))?;
    let sizes: Vec<u64> = printed.lines().filter_map(|line| line.parse().ok()).collect();
    if files.is_empty() || sizes.len() != files.len() {
        return Err(Failure::new(format!("{} sizes for {} files of the console", sizes.len(), files.len())));
    }
    let weighed: Vec<(String, u64)> = files
        .iter()
        .map(|file| file.strip_prefix(&dist).unwrap_or(file).to_string_lossy().into_owned())
        .zip(sizes)
        .collect();
    let (report, first) = weigh(&weighed);
    print!("{report}");
    if first > BUDGET {
        return Err(Failure::new(format!(
            "the console loads {first} bytes at first, its budget is {BUDGET}"
        )));
    }
    Ok(())
}

/// A line for each file, and the sum of those that are loaded at first.
fn weigh(files: &[(String, u64)]) -> (String, u64) {
    let later = |name: &str| {
        let name =
            name.strip_prefix("build-").and_then(|built| built.split_once('/')).map_or(name, |(_, own)| own);
        LOADED_LATER.iter().any(|start| name.starts_with(start))
    };
    let mut report = String::new();
    for (name, size) in files {
        let note = if later(name) { "  loaded when opened" } else { "" };
        report.push_str(&format!("{size:>9} bytes  {name}{note}\n"));
    }
    let first = files.iter().filter(|(name, _)| !later(name)).map(|(_, size)| size).sum();
    report.push_str(&format!("{first:>9} bytes  loaded at first, brotli; the budget is {BUDGET}\n"));
    (report, first)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).attempt(format_args!("read {}", folder.display()))?.flatten() {
        let path = entry.path();
        // Precompressed copies are the same content once more.
        let copy = path.extension().is_some_and(|extension| extension == "br" || extension == "gz");
        match path.is_dir() {
            true => collect(&path, files)?,
            false if copy => {}
            false => files.push(path),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_as_loaded_later_is_left_out() {
        let files = [
            ("editor/editor.js".into(), 500_000),
            ("build-0123456789abcdef/split_manage.wasm".into(), 300_000),
            ("index.html".into(), 2_000),
            ("build-0123456789abcdef/new.wasm".into(), 398_001),
        ];
        let (report, first) = weigh(&files);
        assert_eq!(first, 400_001);
        assert!(report.contains("split_manage.wasm  loaded when opened"), "{report}");
        assert!(!report.contains("new.wasm  loaded when opened"), "{report}");
    }
}
