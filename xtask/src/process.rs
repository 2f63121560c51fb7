//! Running other programs, in the three ways the chores need: as they are ([`run`]), asking for their answer
//! ([`answer`]), and watched line by line ([`watch`], [`tee`]).
//!
//! Invariant: a program that fails is a [`Failure`] that names the command, so that it can be repeated by hand.

use std::fmt;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// What went wrong and, where it is known, what to do about it: for a person to read.
#[derive(Debug)]
pub struct Failure(String);

pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Failure(message.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Says what was being attempted when an operation of the system failed.
pub trait Attempt<T> {
    fn attempt(self, what: impl fmt::Display) -> Result<T>;
}

impl<T> Attempt<T> for std::io::Result<T> {
    fn attempt(self, what: impl fmt::Display) -> Result<T> {
        self.map_err(|error| Failure(format!("cannot {what}: {error}")))
    }
}

/// Runs a command with its output straight to the terminal.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().attempt(format_args!("start `{}`", line_of(command)))?;
    check(command, status)
}

/// What a command printed, or nothing when it is missing or fails: for asking what is installed.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a command whose output matters only when it fails: one line that says how far it is, or a line now and
/// then where there is no terminal to rewrite.
pub fn watch(title: &str, command: &mut Command) -> Result<()> {
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .attempt(format_args!("start `{}`", line_of(command)))?;
    let (sender, lines) = mpsc::channel();
    let readers = [
        child.stdout.take().map(|pipe| forward(pipe, sender.clone())),
        child.stderr.take().map(|pipe| forward(pipe, sender)),
    ];

    let mut progress = Progress::start(title, started);
    let mut log = Vec::new();
    loop {
        match lines.recv_timeout(Duration::from_secs(1)) {
            Ok(line) => {
                progress.show(&line);
                log.push(line);
            }
            Err(RecvTimeoutError::Timeout) => progress.tick(),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    for reader in readers.into_iter().flatten() {
        // The reader only forwards lines; it has nothing of its own to report.
        drop(reader.join());
    }
    let status = child.wait().attempt(format_args!("wait for `{}`", line_of(command)))?;
    progress.finish(status.success());
    if !status.success() {
        let tail = log.len().saturating_sub(40);
        for line in &log[tail..] {
            eprintln!("    {line}");
        }
    }
    check(command, status)
}

/// Runs a command, passes its standard output on and hands every line of it to `each`.
pub fn tee(command: &mut Command, mut each: impl FnMut(&str)) -> Result<()> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .attempt(format_args!("start `{}`", line_of(command)))?;
    if let Some(pipe) = child.stdout.take() {
        for line in lines_of(pipe) {
            println!("{line}");
            each(&line);
        }
    }
    let status = child.wait().attempt(format_args!("wait for `{}`", line_of(command)))?;
    check(command, status)
}

/// The command as a person would type it.
pub fn line_of(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

fn check(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    Err(Failure(format!("`{}` failed ({status})", line_of(command))))
}

/// Lines as text; bytes that are not UTF-8 are replaced rather than lost with the rest of their line.
fn lines_of(pipe: impl Read) -> impl Iterator<Item = String> {
    BufReader::new(pipe)
        .split(b'\n')
        .map_while(std::io::Result::ok)
        .map(|line| String::from_utf8_lossy(&line).trim_end().to_owned())
}

fn forward(pipe: impl Read + Send + 'static, to: mpsc::Sender<String>) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        for line in lines_of(pipe) {
            if to.send(line).is_err() {
                return;
            }
        }
    })
}

/// The one line of a long step.
struct Progress<'a> {
    title: &'a str,
    started: Instant,
    compiled: usize,
    last: String,
    said: Instant,
    terminal: bool,
}

impl<'a> Progress<'a> {
    const WITHOUT_TERMINAL: Duration = Duration::from_secs(30);

    fn start(title: &'a str, started: Instant) -> Self {
        let terminal = std::io::stderr().is_terminal();
        if !terminal {
            eprintln!("{title} …");
        }
        Progress { title, started, compiled: 0, last: String::new(), said: started, terminal }
    }

    fn show(&mut self, line: &str) {
        if line.trim().is_empty() {
            return;
        }
        self.compiled += usize::from(line.trim_start().starts_with("Compiling "));
        self.last = line.trim().chars().take(50).collect();
        self.tick();
    }

    fn tick(&mut self) {
        let counted = if self.compiled > 0 { format!("{} crates, ", self.compiled) } else { String::new() };
        let line = format!("{} … {counted}{}  {}", self.title, duration(self.started.elapsed()), self.last);
        if self.terminal {
            // Without wrapping: a line wider than the terminal is cut, not scrolled.
            eprint!("\r\x1b[2K\x1b[?7l{line}\x1b[?7h");
            // A progress line that does not reach the terminal is no reason to stop the work it tells about.
            drop(std::io::stderr().flush());
        } else if self.said.elapsed() >= Self::WITHOUT_TERMINAL {
            eprintln!("{line}");
            self.said = Instant::now();
        }
    }

    fn finish(self, well: bool) {
        let outcome = if well { "done" } else { "failed" };
        let clear = if self.terminal { "\r\x1b[2K" } else { "" };
        eprintln!("{clear}{} … {outcome} after {}", self.title, duration(self.started.elapsed()));
    }
}

/// `8.4 s` or `2 min 05 s`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 {
        format!("{:.1} s", time.as_secs_f32())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_fails_is_named() {
        let failure = run(Command::new("false").arg("--really")).unwrap_err().to_string();
        assert!(failure.contains("`false --really` failed"), "{failure}");
    }

    #[test]
    fn a_missing_program_has_no_answer() {
        assert_eq!(answer(&mut Command::new("there-is-no-such-program")), None);
        assert_eq!(answer(Command::new("echo").arg("  yes ")), Some("yes".into()));
    }

    #[test]
    fn every_line_is_handed_over_even_the_last_without_an_end() {
        let mut seen = Vec::new();
        tee(Command::new("printf").arg("one\ntwo"), |line| seen.push(line.to_owned())).unwrap();
        assert_eq!(seen, ["one", "two"]);
    }

    #[test]
    fn times_read_like_times() {
        assert_eq!(duration(Duration::from_millis(8_400)), "8.4 s");
        assert_eq!(duration(Duration::from_secs(125)), "2 min 05 s");
    }
}
