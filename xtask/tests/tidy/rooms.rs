//! A file is a room: one noun, not too large, with a sign on its door.

use crate::source::tests_begin;
use crate::tree::{File, files, none};

const MOST_LINES: usize = 600;

fn too_long(file: &File) -> Option<String> {
    let lines = tests_begin(&file.text);
    let counts = !file.is_test() && !file.is_generated();
    (counts && lines > MOST_LINES).then(|| format!("{}: {lines} lines", file.path))
}

fn without_sign(file: &File) -> Option<String> {
    let opens =
        file.text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.starts_with("//!"));
    (!opens && !file.is_generated()).then(|| file.path.clone())
}

fn rust() -> impl Iterator<Item = &'static File> {
    let rust: Vec<_> = files().iter().filter(|file| file.is("rs")).collect();
    assert!(!rust.is_empty(), "no Rust files were found");
    rust.into_iter()
}

#[test]
fn files_are_not_too_long() {
    none(
        "files with more than 600 lines (tests aside); find the second noun",
        rust().filter_map(too_long).collect(),
    );
}

#[test]
fn modules_say_what_they_are_for() {
    none("files that do not open with `//!`", rust().filter_map(without_sign).collect());
}

#[test]
fn the_size_rule_can_fail() {
    let long = "//! Long.\n".repeat(601);
    assert!(too_long(&File::new("domain/src/a.rs", &long)).is_some());
    assert!(too_long(&File::new("domain/tests/a.rs", &long)).is_none());
    assert!(too_long(&File::new("domain/src/a/tests.rs", &long)).is_none());
    assert!(too_long(&File::new("domain/src/a.rs", &format!("// @generated\n{long}"))).is_none());
    let tests = format!("//! Short.\n#[cfg(test)]\nmod tests {{\n{}}}\n", "    fn a() {}\n".repeat(700));
    assert!(too_long(&File::new("domain/src/a.rs", &tests)).is_none());
}

#[test]
fn the_sign_rule_can_fail() {
    assert!(without_sign(&File::new("a.rs", "use std::fs;\n//! Too late.\n")).is_some());
    assert!(without_sign(&File::new("a.rs", "")).is_some());
    assert!(without_sign(&File::new("a.rs", "\n//! What for.\n")).is_none());
}
