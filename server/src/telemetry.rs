//! What the process says about itself: log lines and metrics.
//!
//! Invariant: neither ever holds a secret, a payload, a header's value or a query string.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// Starts log lines on standard error; standard output is for what a person asked for.
pub fn start_log(config: &Config) {
    // The configuration has checked the directives already.
    let filter = EnvFilter::new(&config.log_level);
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let started = match config.log_format {
        LogFormat::Text => lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    if let Err(error) = started {
        // Only a test that starts several servers in one process gets here; the first one's log serves all.
        tracing::debug!(%error, "the log was started before");
    }
}

/// Upper bounds of latency histograms, seconds.
const SECONDS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0];
/// Upper bounds of histograms of group sizes.
const SIZES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

/// The process's metrics; the recorder is installed at the first call.
pub fn metrics() -> Result<PrometheusHandle, BuildError> {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(handle) = HANDLE.get() {
        return Ok(handle.clone());
    }
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix("_size".into()), SIZES)?
        .build_recorder();
    let handle = HANDLE.get_or_init(|| recorder.handle());
    if metrics::set_global_recorder(recorder).is_err() {
        // Two threads came here at once: the other one's recorder and handle are in place.
        tracing::debug!("metrics were started before");
    }
    Ok(handle.clone())
}
