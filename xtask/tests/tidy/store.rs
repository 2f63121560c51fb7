//! The store: SQL stands nowhere else, every function of it is tested, both databases have the same migrations.

use std::collections::BTreeSet;

use crate::source::{code, line_at, test_part, words};
use crate::tree::{File, none, under};

/// `gateway/src/store.rs` and the folder beside it.
const STORE: &str = "gateway/src/store";

/// A public function that works in a transaction.
#[derive(Debug, PartialEq)]
struct Function {
    module: String,
    name: String,
}

fn functions(file: &File) -> Vec<Function> {
    let code = code(&file.text);
    let mut found = Vec::new();
    for start in ["pub fn ", "pub async fn "] {
        for (at, _) in code.match_indices(start) {
            let rest = &code[at + start.len()..];
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            // Up to the body, so that a return type in parentheses does no harm.
            let signature = &rest[..rest.find(['{', ';']).unwrap_or(rest.len())];
            if signature.contains("&mut Tx") {
                found.push(Function { module: module(&file.path), name });
            }
        }
    }
    found
}

/// `gateway/src/store/connectors.rs` and `gateway/src/store/connectors/mod.rs` are both `connectors`.
fn module(path: &str) -> String {
    let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

fn untested(functions: &[Function], tests: &str) -> Vec<String> {
    let names: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    let called = |name: &str| {
        words(tests, name).any(|at| {
            let after = &tests[at + name.len()..];
            !tests[..at].ends_with("fn ") && (after.starts_with('(') || after.starts_with("::<"))
        })
    };
    let tested = |function: &&Function| {
        let Function { module, name } = function;
        // A name that several modules have says which one is meant.
        let unique = names.iter().filter(|other| *other == name).count() == 1;
        words(tests, &format!("{module}::{name}")).next().is_some() || (unique && called(name))
    };
    let missing = functions.iter().filter(|function| !tested(function));
    missing.map(|Function { module, name }| format!("store::{module}::{name}")).collect()
}

#[test]
fn every_store_function_is_tested() {
    let files = under(STORE);
    let functions: Vec<Function> =
        files.iter().filter(|file| !file.is_test()).flat_map(|file| functions(file)).collect();
    assert!(files.is_empty() || !functions.is_empty(), "{STORE} has no function that takes `&mut Tx`");
    let tests: String = under("gateway/tests/")
        .into_iter()
        .chain(files)
        .filter(|file| file.is("rs"))
        .map(|file| code(&test_part(&file.text, file.is_test())))
        .collect();
    none(
        "store functions that no test in gateway/tests/ or in the store calls (name the module where the name is not unique)",
        untested(&functions, &tests),
    );
}

fn sql_outside_the_store(file: &File) -> Vec<String> {
    // The harness makes and drops the databases that the store's tests use.
    let allowed = [STORE, "gateway/src/testing"].iter().any(|folder| file.path.starts_with(folder));
    if allowed || !file.is("rs") {
        return Vec::new();
    }
    let code = code(&file.text);
    words(&code, "sqlx").map(|at| format!("{}:{}", file.path, line_at(&code, at))).collect()
}

#[test]
fn sql_stands_in_the_store_only() {
    let files = ["gateway/src/", "server/src/", "app/src/"].map(under).concat();
    assert!(!files.is_empty(), "gateway, server and app were not found");
    none("sqlx outside gateway/src/store/", files.into_iter().flat_map(sql_outside_the_store).collect());
}

fn lonely(sqlite: &BTreeSet<String>, postgres: &BTreeSet<String>) -> Vec<String> {
    sqlite.symmetric_difference(postgres).map(|name| format!("migrations/*/{name}")).collect()
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |folder: &str| -> BTreeSet<String> {
        under(folder).iter().filter(|file| file.is("sql")).map(|file| file.name().to_owned()).collect()
    };
    let (sqlite, postgres) = (names("migrations/sqlite/"), names("migrations/postgres/"));
    assert!(under("migrations/").is_empty() || !sqlite.is_empty(), "migrations/sqlite/ has no .sql file");
    none("migrations that only one database has", lonely(&sqlite, &postgres));
}

#[test]
fn the_coverage_rule_can_fail() {
    let connectors = File::new(
        "gateway/src/store/connectors.rs",
        "pub async fn find(tx: &mut Tx, id: &ConnectorId) -> Result<(), E> {}\n\
         pub async fn rename(\n    tx: &mut Tx,\n    name: &str,\n) -> Result<(), E> {}\n\
         pub fn pure(name: &str) -> (u8, u8) { let tx: &mut Tx; }\n// pub fn gone(tx: &mut Tx) {}\nfn private(tx: &mut Tx) {}",
    );
    let events = File::new("gateway/src/store/events/mod.rs", "pub async fn find(tx: &mut Tx<'_>) -> E {}");
    let functions: Vec<Function> = [&connectors, &events].into_iter().flat_map(functions).collect();
    assert_eq!(functions.len(), 3, "{functions:?}");
    assert_eq!(
        untested(&functions, "find(&mut tx); fn rename() {}"),
        ["store::connectors::find", "store::connectors::rename", "store::events::find"].map(str::to_owned)
    );
    assert!(untested(&functions, "connectors::find(tx); store::events::find(tx); rename(tx)").is_empty());
}

#[test]
fn the_sql_rule_can_fail() {
    let sample = "//! sqlx is not here.\nuse sqlx::Row;\nconst F: &str = \"sqlx\";";
    assert_eq!(
        sql_outside_the_store(&File::new("gateway/src/intake.rs", sample)),
        ["gateway/src/intake.rs:2"]
    );
    assert!(sql_outside_the_store(&File::new("gateway/src/store/tx.rs", sample)).is_empty());
}

#[test]
fn the_migration_rule_can_fail() {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(
        lonely(&set(&["0001_a.sql", "0002_b.sql"]), &set(&["0001_a.sql"])),
        ["migrations/*/0002_b.sql"]
    );
}
