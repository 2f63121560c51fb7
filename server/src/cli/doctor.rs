//! `signalbox doctor`: looks at everything a server needs, says what is wrong and what to do, changes nothing.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::ExitCode;

use domain::time::{DAY, Timestamp};
use gateway::clock::{Clock, SystemClock};
use gateway::seal::MasterKey;
use gateway::store::{MigrationState, Store};

use crate::config::{Config, ConfigError, Flags, KeyOrigin};

/// Less free space than this is a failure, bytes.
const DISK_FAIL: u64 = 64 * 1024 * 1024;
/// Less free space than this is a warning, bytes.
const DISK_WARN: u64 = 1024 * 1024 * 1024;
/// When this version was written; a clock before that is wrong.
const WRITTEN: Timestamp = Timestamp::from_seconds(1_763_700_000);

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Pass,
    Warn,
    Fail,
}

/// The lines so far.
#[derive(Default)]
struct Report {
    worst: Option<Verdict>,
}

impl Report {
    fn line(&mut self, verdict: Verdict, what: &str, detail: impl std::fmt::Display) {
        let word = match verdict {
            Verdict::Pass => "pass",
            Verdict::Warn => "warn",
            Verdict::Fail => "FAIL",
        };
        println!("{word}  {what:<12} {detail}");
        self.worst = self.worst.max(Some(verdict));
    }
}

/// Runs `signalbox doctor`; exit code 1 when something failed.
pub async fn run(flags: &Flags) -> anyhow::Result<ExitCode> {
    let mut report = Report::default();
    match Config::load(flags) {
        Ok(config) => {
            report.line(Verdict::Pass, "config", "every setting can be read");
            for line in config.describe() {
                println!("      {:<28} {} ({})", line.name.key(), line.value, line.source);
            }
            for variable in config.strangers() {
                let detail = format!("{variable} is no setting of Signalbox and is ignored");
                report.line(Verdict::Warn, "environment", detail);
            }
            check_all(&mut report, &config).await;
        }
        Err(
            error @ (ConfigError::UnknownKey { .. }
            | ConfigError::UnknownVariable { .. }
            | ConfigError::File { .. }
            | ConfigError::Value { .. }),
        ) => {
            report.line(Verdict::Fail, "config", error);
        }
    }
    let failed = report.worst == Some(Verdict::Fail);
    println!("{}", if failed { "Signalbox cannot start like this." } else { "Signalbox can start." });
    Ok(ExitCode::from(u8::from(failed)))
}

async fn check_all(report: &mut Report, config: &Config) {
    check_public_url(report, config);
    check_folder(report, &config.data_dir);
    check_key(report, config);
    check_disk(report, &config.data_dir);
    check_database(report, config).await;
    check_port(report, config);
    check_clock(report, SystemClock.now());
}

fn check_public_url(report: &mut Report, config: &Config) {
    let url = config.public_url_at(config.listen);
    if config.listen.ip().is_loopback() || url.starts_with("https://") {
        report.line(Verdict::Pass, "address", format_args!("people and senders use {url}"));
    } else {
        report.line(
            Verdict::Warn,
            "address",
            format_args!("{url} is not https: passwords and payloads travel in the open. Put a TLS proxy in front and set public_url"),
        );
    }
}

fn check_folder(report: &mut Report, path: &Path) {
    match std::fs::metadata(path) {
        Ok(metadata) if !metadata.is_dir() => {
            report.line(Verdict::Fail, "data folder", format_args!("{} is not a folder", path.display()));
        }
        Ok(metadata) if metadata.permissions().mode() & 0o007 != 0 => {
            let what = "can be entered by everybody";
            report.line(
                Verdict::Warn,
                "data folder",
                format_args!("{0} {what}: run `chmod 700 {0}`", path.display()),
            );
        }
        Ok(_) => report.line(Verdict::Pass, "data folder", path.display()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            report.line(
                Verdict::Pass,
                "data folder",
                format_args!("{} is made at the first start", path.display()),
            );
        }
        Err(error) => report.line(Verdict::Fail, "data folder", format_args!("{}: {error}", path.display())),
    }
}

fn check_key(report: &mut Report, config: &Config) {
    let checked = match &config.key {
        KeyOrigin::Given(text) => MasterKey::parse(text).map(|_| "given and readable".to_owned()),
        KeyOrigin::File(path) if !path.exists() => {
            let detail = format!("{} is made at the first start", path.display());
            return report.line(Verdict::Pass, "key", detail);
        }
        KeyOrigin::File(path) => MasterKey::from_file(path)
            .map(|_| format!("{}, for its owner only; keep a copy elsewhere", path.display())),
    };
    match checked {
        Ok(detail) => report.line(Verdict::Pass, "key", detail),
        Err(error) => report.line(Verdict::Fail, "key", error),
    }
    for (index, text) in config.old_keys.iter().enumerate() {
        if let Err(error) = MasterKey::parse(text) {
            report.line(Verdict::Fail, "old keys", format_args!("number {}: {error}", index + 1));
        }
    }
}

fn check_disk(report: &mut Report, path: &Path) {
    // Before the first start the folder is not there: then the nearest one that is has the space.
    let Some(existing) = path
        .ancestors()
        .map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
        .find(|folder| folder.exists())
    else {
        return report.line(Verdict::Warn, "disk", "free space is unknown");
    };
    match rustix::fs::statvfs(existing) {
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            let detail = format!("{} MiB free", free / (1024 * 1024));
            match free {
                ..DISK_FAIL => {
                    report.line(Verdict::Fail, "disk", format_args!("{detail}; make room before starting"))
                }
                DISK_FAIL..DISK_WARN => {
                    report.line(Verdict::Warn, "disk", format_args!("{detail}; make room soon"))
                }
                _ => report.line(Verdict::Pass, "disk", detail),
            }
        }
        Err(error) => report.line(Verdict::Warn, "disk", format_args!("free space is unknown: {error}")),
    }
}

async fn check_database(report: &mut Report, config: &Config) {
    // Opening SQLite would make the file; looking must not.
    if let Some(path) = config.database.strip_prefix("sqlite://")
        && !Path::new(path).exists()
    {
        return report.line(Verdict::Pass, "database", format_args!("{path} is made at the first start"));
    }
    let state = async {
        let store = Store::open(&config.database).await?;
        let state = store.migration_state().await;
        store.close().await;
        state
    };
    match state.await {
        Ok(MigrationState::Current) => report.line(Verdict::Pass, "database", "answers and is up to date"),
        Ok(MigrationState::Behind { missing }) => report.line(
            Verdict::Warn,
            "database",
            format_args!(
                "answers; {missing} migrations are applied at the next start or by `signalbox migrate`"
            ),
        ),
        Err(error) => report.line(Verdict::Fail, "database", error),
    }
}

fn check_port(report: &mut Report, config: &Config) {
    match TcpListener::bind(config.listen) {
        Ok(_) => report.line(Verdict::Pass, "port", format_args!("{} is free", config.listen)),
        Err(error) => report.line(
            Verdict::Fail,
            "port",
            format_args!(
                "{}: {error}. Stop what listens there (a running Signalbox?) or set listen",
                config.listen
            ),
        ),
    }
}

fn check_clock(report: &mut Report, now: Timestamp) {
    let sane = now > WRITTEN && now.since(WRITTEN) < 20 * 365 * DAY;
    match sane {
        true => report.line(Verdict::Pass, "clock", now),
        false => report.line(
            Verdict::Fail,
            "clock",
            format_args!(
                "{now} cannot be right: signed timestamps would be refused. Turn on time synchronization"
            ),
        ),
    }
}
