//! `cargo xtask test`: everything that must hold before a change is merged, the same on every machine.
//!
//! Invariants: steps run in order and the first failure ends the run; each step brings what it needs, so `--only`
//! works on a fresh clone; `csr` and `ssr` of `app` never meet in one call of Cargo.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::process::{Failure, Result, duration, run, tee};
use crate::server::{self, Profile};
use crate::summary::{Outcome, Summary};
use crate::tools::WASM_TARGET;
use crate::workspace::Workspace;
use crate::{budget, console, node_modules, system, tools};

struct Step {
    name: &'static str,
    title: &'static str,
    run: fn(&mut Run) -> Result<()>,
}

/// The console comes early because the server embeds it: built first, the server is compiled only once.
const STEPS: &[Step] = &[
    Step { name: "fmt", title: "formatting", run: fmt },
    Step { name: "console", title: "the console's build and its size budget", run: console_and_budget },
    Step {
        name: "clippy",
        title: "clippy: domain, gateway, server, xtask, app as the server sees it",
        run: clippy,
    },
    Step {
        name: "clippy-console",
        title: "clippy: app and frontend as the browser sees them",
        run: clippy_console,
    },
    Step { name: "tests", title: "unit, store and server tests on SQLite and PostgreSQL", run: tests },
    Step { name: "console-tests", title: "unit tests of the console's logic", run: console_tests },
    Step { name: "editor", title: "the committed editor bundle is what its sources build", run: editor },
    Step { name: "browser", title: "Playwright in Chromium", run: browser },
];

/// The crates of a host build; `app` joins them as the server uses it.
const HOST: &[&str] =
    &["-p", "domain", "-p", "gateway", "-p", "server", "-p", "xtask", "-p", "app", "--features", "app/ssr"];
const CONSOLE: &[&str] = &["-p", "app", "-p", "frontend", "--features", "app/csr"];
const DENY_WARNINGS: &[&str] = &["--", "-D", "warnings"];

struct Run<'a> {
    workspace: &'a Workspace,
    summary: Summary,
    passed_on: &'a [String],
}

pub fn list() {
    for step in STEPS {
        println!("{:<16} {}", step.name, step.title);
    }
}

pub fn all(workspace: &Workspace) -> ExitCode {
    execute(STEPS, Run { workspace, summary: Summary::default(), passed_on: &[] })
}

pub fn only(workspace: &Workspace, name: &str, passed_on: &[String]) -> Result<ExitCode> {
    let Some(at) = STEPS.iter().position(|step| step.name == name) else {
        let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        return Err(Failure::new(format!("there is no step `{name}`; there are {}", names.join(", "))));
    };
    Ok(execute(&STEPS[at..=at], Run { workspace, summary: Summary::default(), passed_on }))
}

/// The reason of a failure stands before the summary: the runners' sums are the last lines either way.
fn execute(steps: &[Step], mut state: Run) -> ExitCode {
    let mut result = Ok(());
    for (number, step) in steps.iter().enumerate() {
        if result.is_err() {
            state.summary.step(step.name, Outcome::NotRun, Duration::ZERO);
            continue;
        }
        println!("\n=== {}/{} {}: {}", number + 1, steps.len(), step.name, step.title);
        let started = Instant::now();
        result = (step.run)(&mut state);
        let outcome = if result.is_ok() { Outcome::Passed } else { Outcome::Failed };
        println!("--- {}: {}", step.name, duration(started.elapsed()));
        state.summary.step(step.name, outcome, started.elapsed());
    }
    if let Err(failure) = &result {
        println!("\nxtask: {failure}");
    }
    print!("{}", state.summary.report());
    if result.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn fmt(state: &mut Run) -> Result<()> {
    tools::ensure_lints(state.workspace)?;
    run(state.workspace.cargo("fmt").args(["--all", "--check"]).args(state.passed_on))
}

fn console_and_budget(state: &mut Run) -> Result<()> {
    console::build(state.workspace)?;
    budget::check(state.workspace)
}

fn clippy(state: &mut Run) -> Result<()> {
    tools::ensure_lints(state.workspace)?;
    console::build(state.workspace)?;
    let _lock = state.workspace.lock()?;
    run(state
        .workspace
        .cargo("clippy")
        .args(HOST)
        .arg("--all-targets")
        .args(state.passed_on)
        .args(DENY_WARNINGS))
}

fn clippy_console(state: &mut Run) -> Result<()> {
    tools::ensure_lints(state.workspace)?;
    tools::ensure(state.workspace)?;
    let _lock = state.workspace.lock()?;
    let mut clippy = state.workspace.cargo("clippy");
    clippy.args(CONSOLE).args(["--target", WASM_TARGET]).args(state.passed_on);
    run(clippy.args(DENY_WARNINGS))
}

fn tests(state: &mut Run) -> Result<()> {
    console::build(state.workspace)?;
    let node = node_modules::ensure(state.workspace, "end2end")?;
    let postgres = system::postgres_bin()?;
    // Some tests start target/debug/signalbox, which another clone must not replace meanwhile.
    let _lock = state.workspace.lock()?;
    let mut test = state.workspace.cargo("test");
    test.args(HOST).env("SIGNALBOX_PG_BIN", postgres).env("SIGNALBOX_NODE_DIR", node);
    cargo_test(test, state)
}

/// On the host: what is tested is plain logic, which needs no browser.
fn console_tests(state: &mut Run) -> Result<()> {
    let _lock = state.workspace.lock()?;
    let mut test = state.workspace.cargo("test");
    test.args(["-p", "app", "--features", "app/csr"]);
    cargo_test(test, state)
}

fn cargo_test(mut test: std::process::Command, state: &mut Run) -> Result<()> {
    // Everything that is wrong, not only what is wrong first.
    test.arg("--no-fail-fast").args(state.passed_on);
    let summary = &mut state.summary;
    tee(&mut test, |line| summary.cargo_line(line))
}

fn editor(state: &mut Run) -> Result<()> {
    let folder = node_modules::ensure(state.workspace, "editor")?;
    run(state.workspace.command("node").current_dir(folder).args(["build.mjs", "--check"]))
}

fn browser(state: &mut Run) -> Result<()> {
    console::build(state.workspace)?;
    let folder = node_modules::ensure(state.workspace, "end2end")?;
    let chromium = system::chromium()?;
    let binary = server::build(state.workspace, Profile::Dev)?;
    let mut playwright = state.workspace.command(folder.join("node_modules/.bin/playwright"));
    playwright
        .current_dir(&folder)
        .arg("test")
        .args(state.passed_on)
        .env("SIGNALBOX_BIN", binary)
        .env("SIGNALBOX_CHROMIUM", chromium)
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        // Colours would hide the closing lines from the summary.
        .env_remove("FORCE_COLOR");
    let summary = &mut state.summary;
    tee(&mut playwright, |line| summary.playwright_line(line))
}
