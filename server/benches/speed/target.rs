//! What requests go to: the binary, the bare handler that is the ceiling, and the destination of deliveries.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use domain::signature::{
    self, HeaderLines, Headers, RequestView, SecretRef, TimestampWindow, VerificationScheme,
};
use gateway::clock::{Clock, SystemClock};
use gateway::json_body;

use crate::setup::{KEY, SECRET};

/// A process of its own that says where it listens; killed when dropped.
struct Process {
    child: Child,
    address: String,
}

impl Process {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        let url = said
            .lines()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("ready on http://")?.1.to_owned()));
        Self { child, address: url.expect("it says that it is ready") }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Already dead is what a kill wants.
        let _dead = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// The release binary on a prepared database.
pub struct Signalbox {
    process: Process,
    pub address: String,
    _folder: tempfile::TempDir,
}

impl Signalbox {
    pub fn start(database: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_signalbox"));
        command
            .args(["serve", "--allow-private-destinations", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder.path())
            .env("SIGNALBOX_DATABASE", database)
            .env("SIGNALBOX_KEY", KEY)
            .env("SIGNALBOX_LOG_LEVEL", "error");
        let process = Process::start(command);
        Self { address: process.address.clone(), process, _folder: folder }
    }

    /// Resident bytes now.
    pub fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most resident bytes there ever were.
    pub fn peak_memory(&self) -> u64 {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> u64 {
        let text =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.child.id())).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
    }
}

/// The bare handler, in a process of its own.
pub struct Ceiling {
    pub address: String,
    _process: Process,
}

impl Ceiling {
    pub fn start() -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("--ceiling");
        let process = Process::start(command);
        Self { address: process.address.clone(), _process: process }
    }
}

struct View<'a>(&'a HeaderMap);

impl Headers for View<'_> {
    fn lines(&self, name: &str) -> HeaderLines<'_> {
        HeaderLines::gather(self.0.get_all(name).iter().map(axum::http::HeaderValue::as_bytes))
    }
}

/// Serves the bare handler until it is killed.
pub fn run_ceiling() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let path = "/api/v1/integration/webhooks/{code}/receive";
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("The ceiling is ready on http://{}", listener.local_addr().unwrap());
        axum::serve(listener, Router::new().route(path, post(check))).await.unwrap();
    });
}

async fn check(headers: HeaderMap, body: Bytes) -> (StatusCode, &'static str) {
    let view = RequestView { headers: &View(&headers), body: &body };
    let secrets = [SecretRef::current(SECRET)];
    let scheme = VerificationScheme::Github {};
    let verified = signature::verify(&scheme, &secrets, TimestampWindow::DEFAULT, &view, SystemClock.now());
    match (verified, json_body::validate(&body)) {
        (Ok(_), Ok(())) => (StatusCode::ACCEPTED, "{\"event_id\":\"none\"}"),
        _ => (StatusCode::UNAUTHORIZED, "{}"),
    }
}

/// A destination that acknowledges everything and counts, on a thread of its own.
pub struct Sink {
    address: std::net::SocketAddr,
    count: Arc<AtomicU64>,
}

impl Sink {
    pub fn start() -> Self {
        let count = Arc::new(AtomicU64::new(0));
        let counted = count.clone();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let answer = move || {
                    counted.fetch_add(1, Ordering::Relaxed);
                    async { "{}" }
                };
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, Router::new().route("/{*path}", post(answer))).await.unwrap();
            });
        });
        Self { address, count }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// The moment when so many had arrived; nothing when that takes longer than `patience`.
    pub async fn wait_for(&self, count: u64, patience: Duration) -> Option<Instant> {
        let end = Instant::now() + patience;
        while Instant::now() < end {
            if self.count() >= count {
                return Some(Instant::now());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        None
    }
}
