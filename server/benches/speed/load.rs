//! Senders: each holds a connection and sends its next request when the last one is answered.

use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use domain::signature::{Message, VerificationScheme, sign};
use gateway::clock::{Clock, SystemClock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::setup::SECRET;

/// Delivery ids start here, so that two loads of one run never send the same.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// So many different webhooks take turns: each is about a record of its own.
const VARIANTS: usize = 4_096;

/// Webhooks of 815 bytes as GitHub sends and signs them.
pub struct Sample {
    /// Bodies and their signature's headers.
    signed: Vec<(String, String)>,
}

impl Sample {
    pub fn new() -> Self {
        let scheme = VerificationScheme::Github {};
        let signed = (0..VARIANTS).map(|number| {
            let start = format!(
                r#"{{"ref":"refs/heads/main","head_commit":{{"id":"{number:040x}"}},"repository":{{"id":1296269,"full_name":"octocat/hello-world"}},"pad":""#
            );
            let body = format!("{start}{}\"}}", "x".repeat(815 - start.len() - 2));
            let message = Message { body: body.as_bytes(), id: "m" };
            let headers = sign(&scheme, SECRET.as_bytes(), &message, SystemClock.now()).unwrap();
            let headers = headers.into_iter().map(|(name, value)| format!("{}: {value}\r\n", name.as_str()));
            (body, headers.collect())
        });
        Self { signed: signed.collect() }
    }

    fn request(&self, connector: usize, delivery: u64) -> String {
        let (body, signature) = &self.signed[usize::try_from(delivery).unwrap() % VARIANTS];
        format!(
            "POST /api/v1/integration/webhooks/github-{connector}/receive HTTP/1.1\r\nhost: localhost\r\n\
             content-type: application/json\r\nx-github-event: push\r\nx-github-delivery: {delivery:016}\r\n\
             {signature}content-length: {}\r\n\r\n{body}",
            body.len(),
        )
    }
}

/// What is sent where.
pub struct Load {
    pub address: String,
    pub connections: usize,
    /// How many connectors take turns: one receiver's rate limit has an upper bound.
    pub connectors: usize,
    pub sample: Sample,
}

/// What came of it.
pub struct Report {
    pub connections: usize,
    pub accepted: u64,
    pub refused: u64,
    elapsed: Duration,
    /// Microseconds of each answer, sorted.
    latencies: Vec<u32>,
}

impl Report {
    pub fn rate(&self) -> f64 {
        self.accepted as f64 / self.elapsed.as_secs_f64()
    }

    /// The latency that a share of the requests kept, milliseconds.
    pub fn millis(&self, share: f64) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let place = (last as f64 * share).round() as usize;
        self.latencies.get(place).map_or(0.0, |micros| f64::from(*micros) / 1e3)
    }
}

impl Load {
    pub async fn run_for(self, duration: Duration) -> Report {
        let load = Rc::new(self);
        let started = Instant::now();
        let senders = tokio::task::LocalSet::new();
        let tasks: Vec<_> = (0..load.connections)
            .map(|number| senders.spawn_local(send_until(load.clone(), number, started + duration)))
            .collect();
        senders.await;
        let elapsed = started.elapsed();
        let mut report =
            Report { connections: load.connections, accepted: 0, refused: 0, elapsed, latencies: Vec::new() };
        for task in tasks {
            let own = task.await.unwrap();
            report.accepted += own.accepted;
            report.refused += own.refused;
            report.latencies.extend(own.latencies);
        }
        report.latencies.sort_unstable();
        report
    }
}

#[derive(Default)]
struct Own {
    accepted: u64,
    refused: u64,
    latencies: Vec<u32>,
}

async fn send_until(load: Rc<Load>, number: usize, end: Instant) -> Own {
    let mut stream = TcpStream::connect(&load.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut own = Own::default();
    let mut buffer = Vec::with_capacity(4096);
    while Instant::now() < end {
        let delivery = NEXT.fetch_add(1, Ordering::Relaxed);
        let request = load.sample.request(number % load.connectors, delivery);
        let sent = Instant::now();
        stream.write_all(request.as_bytes()).await.unwrap();
        let status = answer(&mut stream, &mut buffer).await;
        own.latencies.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
        if (200..300).contains(&status) { own.accepted += 1 } else { own.refused += 1 }
    }
    own
}

/// Reads one answer with a declared length; gives its status.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> u16 {
    buffer.clear();
    loop {
        let read = stream.read_buf(buffer).await.unwrap();
        assert!(read > 0, "the server closed the connection");
        let Some(head) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
        let length: usize = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
            .unwrap_or(0);
        if buffer.len() >= head + 4 + length {
            return text[9..12].parse().unwrap();
        }
    }
}
