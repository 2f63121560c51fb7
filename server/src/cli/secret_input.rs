//! Secrets that a person or a program hands to a command: by a variable of the environment or by standard input, and
//! never as an argument, which everybody on the machine can see.

use std::env::VarError;
use std::io::{BufRead, IsTerminal, Write};

use anyhow::{Context, bail};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

/// The value of `variable` when one is named, else the first line of standard input, asked for when that is a
/// terminal.
pub fn read(variable: Option<&str>, what: &str) -> anyhow::Result<Zeroizing<String>> {
    match variable {
        Some(name) => from_environment(name),
        None => from_input(what),
    }
}

fn from_environment(name: &str) -> anyhow::Result<Zeroizing<String>> {
    match std::env::var(name) {
        Ok(value) if !value.is_empty() => Ok(Zeroizing::new(value)),
        Ok(_) => bail!("the environment variable {name} is empty; put the secret into it"),
        Err(VarError::NotPresent) => {
            bail!("the environment variable {name} is not set; put the secret into it")
        }
        Err(VarError::NotUnicode(_)) => bail!("the environment variable {name} is not text in UTF-8"),
    }
}

fn from_input(what: &str) -> anyhow::Result<Zeroizing<String>> {
    let input = std::io::stdin();
    let mut line = Zeroizing::new(String::new());
    if input.is_terminal() {
        let mut prompt = std::io::stderr();
        write!(prompt, "{what}: ").and_then(|()| prompt.flush())?;
        let before = tcgetattr(&input).context("the terminal cannot be asked")?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(&input, OptionalActions::Flush, &silent).context("the terminal cannot be silenced")?;
        let read = input.lock().read_line(&mut line);
        tcsetattr(&input, OptionalActions::Flush, &before)
            .context("the terminal stays silent; run `stty echo`")?;
        writeln!(prompt)?;
        read?;
    } else {
        input.lock().read_line(&mut line)?;
    }
    let value = Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned());
    if value.is_empty() {
        bail!("no {what} was given");
    }
    Ok(value)
}
