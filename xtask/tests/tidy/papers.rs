//! What is written down beside the code: decisions, and the npm packages' exact versions.

use std::collections::BTreeMap;

use crate::tree::{File, files, none, under};

/// `0001-realtime-hub.md`: four digits, a title in lower case with hyphens; no number twice.
fn misnamed(names: &[&str]) -> Vec<String> {
    let well_named = |name: &str| {
        name.strip_suffix(".md").and_then(|stem| stem.split_once('-')).is_some_and(|(number, title)| {
            let digits = number.len() == 4 && number.chars().all(|c| c.is_ascii_digit());
            let words = title.split('-').all(|word| {
                !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
            });
            digits && words
        })
    };
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names {
        *numbers.entry(name.get(..4).unwrap_or(name)).or_default() += 1;
    }
    let twice =
        numbers.into_iter().filter(|(_, count)| *count > 1).map(|(number, _)| format!("{number} twice"));
    names.iter().filter(|name| !well_named(name)).map(|name| (*name).to_owned()).chain(twice).collect()
}

#[test]
fn decisions_are_numbered() {
    let files = under("docs/decisions/");
    none(
        "decisions not named NNNN-title.md",
        misnamed(&files.iter().map(|file| file.name()).collect::<Vec<_>>()),
    );
}

/// Ranges would make a test depend on the day it runs.
fn loose_versions(file: &File) -> Vec<String> {
    let dependencies = file.text.split_once("ependencies\": {").map_or("", |(_, rest)| rest);
    let dependencies = dependencies.split_once('}').map_or(dependencies, |(inside, _)| inside);
    let version = |line: &str| line.split('"').nth(3).map(str::to_owned);
    let exact = |version: &str| {
        version.split('.').count() == 3 && version.split('.').all(|n| n.parse::<u32>().is_ok())
    };
    dependencies
        .lines()
        .filter(|line| version(line).is_some_and(|version| !exact(&version)))
        .map(|line| format!("{}: {}", file.path, line.trim()))
        .collect()
}

/// A registry's host in a lock file would make everyone use that registry.
fn hosts_in_lock(file: &File) -> Vec<String> {
    let lines = file.text.lines().filter(|line| line.contains("\"resolved\": \"http"));
    lines.map(|line| format!("{}: {}", file.path, line.trim())).collect()
}

#[test]
fn npm_packages_are_pinned_and_bound_to_no_registry() {
    let manifests: Vec<_> = files().iter().filter(|file| file.name() == "package.json").collect();
    let locks: Vec<_> = files().iter().filter(|file| file.name() == "package-lock.json").collect();
    assert!(
        !manifests.is_empty() && manifests.len() == locks.len(),
        "every package.json has its package-lock.json"
    );
    none("npm versions that are not exact", manifests.into_iter().flat_map(loose_versions).collect());
    none("registries in a lock file", locks.into_iter().flat_map(hosts_in_lock).collect());
}

#[test]
fn the_decision_rule_can_fail() {
    assert_eq!(misnamed(&["1-short.md", "0001-Upper.md", "0002-a.txt", "notes.md"]).len(), 4);
    assert_eq!(misnamed(&["0001-a.md", "0001-b.md"]), ["0001 twice"]);
    assert!(misnamed(&["0001-own-realtime-hub.md", "0002-two-databases.md"]).is_empty());
}

#[test]
fn the_npm_rules_can_fail() {
    let manifest = "{ \"devDependencies\": {\n    \"a\": \"^1.2.3\",\n    \"b\": \"1.2.3\",\n    \"c\": \"latest\"\n  } }";
    assert_eq!(loose_versions(&File::new("package.json", manifest)).len(), 2);
    let lock =
        "      \"resolved\": \"https://registry.example/a.tgz\",\n      \"url\": \"https://example.com\"";
    assert_eq!(hosts_in_lock(&File::new("package-lock.json", lock)).len(), 1);
}
