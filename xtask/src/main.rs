//! The project's own chores: `cargo xtask run`, `test`, `build` and `bench`.
//!
//! No dependencies, so that this program itself builds in a second on a machine that has nothing yet. What the
//! chores need besides is looked for first and installed when it is missing: into a cache folder of the user's
//! ([`workspace`]), never globally. The exceptions are Debian packages, which `test` installs when it runs as root.
//!
//! Players: [`workspace`] knows where things are, [`process`] runs programs, [`tools`] and [`system`] bring what is
//! missing, [`node_modules`] what comes through npm, [`console`] and [`server`] build the two halves, [`budget`] weighs
//! the console, [`run`] and [`test`] put them together and [`summary`] reports.

mod budget;
mod console;
mod node_modules;
mod process;
mod run;
mod server;
mod summary;
mod system;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use process::{Failure, Result};
use server::Profile;
use workspace::Workspace;

const USAGE: &str = "\
cargo xtask run [--dev] [-- <arguments of `signalbox serve`>]
    Build the console and the server, and start it on http://127.0.0.1:7700.
    --dev builds the server unoptimized: quicker to build, slower to run.

cargo xtask test [--only <step> [-- <arguments of the step's runner>]] [--list]
    Everything that must hold before a change is merged. --list names the steps.

cargo xtask build [--dev]
    Build the console and the server, and say where the binary is.

cargo xtask bench [-- --seconds <seconds for each figure>]
    Measure the release binary on this machine: intake, delivery, start, memory.
";

fn main() -> ExitCode {
    match dispatch(std::env::args().skip(1).collect()) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("\nxtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(mut arguments: Vec<String>) -> Result<ExitCode> {
    // Whatever follows `--` belongs to the program that is started, so it is never read here.
    let passed_on = match arguments.iter().position(|argument| argument == "--") {
        Some(at) => arguments.split_off(at).split_off(1),
        None => Vec::new(),
    };
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["run"] => run::run(&Workspace::find()?, Profile::Release, &passed_on)?,
        ["run", "--dev"] => run::run(&Workspace::find()?, Profile::Dev, &passed_on)?,
        ["build"] => run::build(&Workspace::find()?, Profile::Release).map(drop)?,
        ["build", "--dev"] => run::build(&Workspace::find()?, Profile::Dev).map(drop)?,
        ["test"] if passed_on.is_empty() => return Ok(test::all(&Workspace::find()?)),
        ["test", "--list"] => test::list(),
        ["test", "--only", step] => return test::only(&Workspace::find()?, step, &passed_on),
        ["bench"] => run::bench(&Workspace::find()?, &passed_on)?,
        ["help" | "--help" | "-h"] => print!("{USAGE}"),
        _ => {
            let words = words.join(" ");
            return Err(Failure::new(format!("these arguments are not known: {words}\n\n{USAGE}")));
        }
    }
    Ok(ExitCode::SUCCESS)
}
