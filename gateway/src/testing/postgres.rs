//! A PostgreSQL server for the time of a test process.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A running server.
#[derive(Debug)]
pub struct TestPostgres {
    socket_folder: PathBuf,
    next_schema: AtomicU32,
    /// Its standard input is the leash: when the test process ends, the shell reads its end and stops the server.
    _supervisor: Child,
}

/// The test process's server, started at the first call.
pub fn test_postgres() -> &'static TestPostgres {
    static SERVER: OnceLock<TestPostgres> = OnceLock::new();
    SERVER.get_or_init(|| {
        start("-c fsync=off").unwrap_or_else(|error| panic!("PostgreSQL for the tests: {error}"))
    })
}

/// A server like [`test_postgres`], but with everything on disk before it says so: for measuring.
pub fn durable_postgres() -> &'static TestPostgres {
    static SERVER: OnceLock<TestPostgres> = OnceLock::new();
    SERVER.get_or_init(|| start("").unwrap_or_else(|error| panic!("PostgreSQL to measure: {error}")))
}

impl TestPostgres {
    /// The address of a schema that nobody else uses.
    pub async fn fresh_address(&self) -> String {
        let schema = format!("test_{}", self.next_schema.fetch_add(1, Ordering::SeqCst));
        let folder = self.socket_folder.display().to_string().replace('/', "%2F");
        let base = format!("postgres://signalbox@{folder}/postgres");
        let store = crate::store::Store::open(&base).await.expect("the test server answers");
        store.create_schema(&schema).await.expect("a schema can be created");
        store.close().await;
        format!("{base}?options=-c%20search_path%3D{schema}")
    }
}

/// `SIGNALBOX_PG_BIN`, else the newest of Debian's folders, else the search path.
fn binaries() -> Result<PathBuf, String> {
    if let Some(folder) = std::env::var_os("SIGNALBOX_PG_BIN") {
        return Ok(folder.into());
    }
    let installed = std::fs::read_dir("/usr/lib/postgresql").ok().and_then(|versions| {
        versions
            .flatten()
            .map(|version| version.path().join("bin"))
            .filter(|bin| bin.join("initdb").exists())
            .max()
    });
    let on_path =
        || std::env::split_paths(&std::env::var_os("PATH")?).find(|folder| folder.join("initdb").exists());
    installed.or_else(on_path).ok_or_else(|| {
        "no initdb found. Install PostgreSQL (Debian: apt-get install postgresql) or set SIGNALBOX_PG_BIN"
            .into()
    })
}

fn start(options: &str) -> Result<TestPostgres, String> {
    let bin = binaries()?;
    let folder = tempfile::Builder::new().prefix("sbpg").tempdir().map_err(|e| e.to_string())?.keep();
    let data = folder.join("data");
    let user = unprivileged_user(&folder)?;
    let mut initdb = Command::new(bin.join("initdb"));
    initdb.arg("-D").arg(&data).args([
        "-U",
        "signalbox",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
        "--locale=C",
    ]);
    let made =
        as_user(&mut initdb, user).current_dir(&folder).output().map_err(|e| format!("initdb: {e}"))?;
    if !made.status.success() {
        return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)));
    }
    let script = format!(
        "'{bin}/pg_ctl' -D '{data}' -w -t 60 -l '{folder}/log' -o \"-c listen_addresses='' \
         -c unix_socket_directories='{folder}' {options} -c max_connections=300 -c shared_buffers=64MB\" \
         start >/dev/null && echo ready; cat >/dev/null; \
         '{bin}/pg_ctl' -D '{data}' -m immediate stop >/dev/null 2>&1; rm -rf '{folder}'",
        bin = bin.display(),
        data = data.display(),
        folder = folder.display(),
    );
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut supervisor =
        as_user(&mut shell, user).current_dir(&folder).spawn().map_err(|e| format!("sh: {e}"))?;
    let mut said = String::new();
    let stdout = supervisor.stdout.take().ok_or("the supervisor has no output")?;
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut said)
        .map_err(|e| e.to_string())?;
    if said.trim() != "ready" {
        let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        return Err(format!("the server did not start: {log}"));
    }
    Ok(TestPostgres { socket_folder: folder, next_schema: AtomicU32::new(0), _supervisor: supervisor })
}

/// PostgreSQL refuses to run as root: then `nobody` gets the folder and runs it.
fn unprivileged_user(folder: &Path) -> Result<Option<u32>, String> {
    use std::os::unix::fs::{MetadataExt, chown};
    const NOBODY: u32 = 65_534;
    let owner = std::fs::metadata(folder).map_err(|e| e.to_string())?.uid();
    if owner != 0 {
        return Ok(None);
    }
    chown(folder, Some(NOBODY), Some(NOBODY)).map_err(|e| e.to_string())?;
    Ok(Some(NOBODY))
}

fn as_user(command: &mut Command, user: Option<u32>) -> &mut Command {
    use std::os::unix::process::CommandExt;
    // A process group of its own: Ctrl-C at the tests must reach the leash, not the server.
    command.process_group(0);
    match user {
        Some(id) => command.gid(id).uid(id),
        None => command,
    }
}
