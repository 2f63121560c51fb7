//! How fast Signalbox is on this machine: `cargo xtask bench`.
//!
//! Everything runs here, side by side: the release binary, its database, the senders and the destination. Each figure
//! stands beside the ceiling of the same run: a bare handler on the same HTTP stack that verifies and scans the same
//! request and keeps nothing.
//!
//! Players: [`load`] sends, [`target`] is what is measured or delivered to, [`setup`] fills a database.

#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on fails where it stands")]

mod load;
mod setup;
mod target;

use std::time::{Duration, Instant};

use gateway::testing::TestStore;

use self::load::{Load, Report, Sample};
use self::target::{Signalbox, Sink};

/// How many senders at a time.
const CONNECTIONS: [usize; 3] = [16, 64, 256];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--ceiling") {
        return target::run_ceiling();
    }
    let seconds = arguments
        .iter()
        .position(|argument| argument == "--seconds")
        .and_then(|at| arguments.get(at + 1)?.parse().ok())
        .unwrap_or(10);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(measure(Duration::from_secs(seconds)));
}

async fn measure(duration: Duration) {
    // Whoever runs this before may have installed it, which is as good.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    println!(
        "{} s for each figure, {} CPUs\n",
        duration.as_secs(),
        std::thread::available_parallelism().unwrap()
    );
    println!("| what | connections | per second | of the ceiling | p50 | p99 | not 2xx |");
    println!("|---|---|---|---|---|---|---|");

    let ceiling = target::Ceiling::start();
    let mut ceilings = Vec::new();
    for connections in CONNECTIONS {
        let report = load(&ceiling.address, connections, duration, 1).await;
        print("bare handler, nothing kept", &report, report.rate());
        ceilings.push(report.rate());
    }
    drop(ceiling);

    for (name, store) in databases().await {
        let prepared = setup::prepare(&store, None).await;
        let signalbox = Signalbox::start(&store.address);
        for (connections, ceiling) in CONNECTIONS.into_iter().zip(&ceilings) {
            let report = load(&signalbox.address, connections, duration, prepared.connectors).await;
            print(&format!("accept, {name}"), &report, *ceiling);
        }
        drop(signalbox);
    }

    println!("\n| what | value |\n|---|---|");
    for (name, store) in databases().await {
        end_to_end(name, &store, duration).await;
    }
    start_and_idle().await;
}

/// A fresh database of each kind, both with everything a 2xx promises on disk.
async fn databases() -> [(&'static str, TestStore); 2] {
    [("SQLite", TestStore::sqlite().await), ("PostgreSQL", TestStore::durable_postgres().await)]
}

async fn load(address: &str, connections: usize, duration: Duration, connectors: usize) -> Report {
    let load = Load { address: address.to_owned(), connections, connectors, sample: Sample::new() };
    load.run_for(duration).await
}

fn print(what: &str, report: &Report, ceiling: f64) {
    println!(
        "| {what} | {} | {:.0} | {:.2} | {:.1} ms | {:.1} ms | {} |",
        report.connections,
        report.rate(),
        report.rate() / ceiling,
        report.millis(0.50),
        report.millis(0.99),
        report.refused,
    );
}

/// Accepted by the door and delivered to an HTTP destination on this machine: from the first request to the last
/// delivery.
async fn end_to_end(name: &str, store: &TestStore, duration: Duration) {
    let sink = Sink::start();
    let prepared = setup::prepare(store, Some(sink.url())).await;
    let signalbox = Signalbox::start(&store.address);
    let started = Instant::now();
    let report = load(&signalbox.address, 64, duration, prepared.connectors).await;
    let behind = report.accepted.saturating_sub(sink.count());
    let last = sink.wait_for(report.accepted, Duration::from_secs(120)).await;
    let Some(last) = last else {
        println!("| end to end, {name} | only {} of {} delivered in 2 min |", sink.count(), report.accepted);
        return;
    };
    let rate = report.accepted as f64 / last.duration_since(started).as_secs_f64();
    println!("| end to end, {name}: delivered per second | {rate:.0} |");
    println!("| accepted per second meanwhile, and waiting at its end | {:.0}, {behind} |", report.rate());
    println!("| memory at its peak | {} MB |", signalbox.peak_memory() / 1_000_000);
}

async fn start_and_idle() {
    let store = TestStore::sqlite().await;
    let started = Instant::now();
    let signalbox = Signalbox::start(&store.address);
    println!("| start to ready | {} ms |", started.elapsed().as_millis());
    tokio::time::sleep(Duration::from_secs(5)).await;
    println!("| memory, idle | {} MB |", signalbox.memory() / 1_000_000);
}
