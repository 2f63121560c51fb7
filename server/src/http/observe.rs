//! Around every request: an id, a time limit, a log line, a count, and the headers that every answer has.
//!
//! Invariant: a log line has the method, the path's template, the status and the duration; never a query string, a
//! header or a body, because those may hold secrets.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::error::Problem;
use tracing::Instrument;

use super::problem::ApiProblem;

/// The header with the request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// How long people and programs may wait for an answer.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Unique among the requests of this process, and most likely among those of all processes.
fn next_id() -> String {
    static PROCESS: LazyLock<u32> = LazyLock::new(|| getrandom::u32().unwrap_or_else(|_| std::process::id()));
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{:08x}{:08x}", *PROCESS, COUNT.fetch_add(1, Ordering::Relaxed))
}

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that this task answers; `None` outside of [`observe`].
pub fn current_id() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Numbers, times, counts and logs a request.
pub async fn observe(request: Request, next: Next) -> Response {
    let id = next_id();
    let method = request.method().clone();
    let matched = request.extensions().get::<MatchedPath>();
    let path = matched.map_or_else(|| "-".to_owned(), |matched| matched.as_str().to_owned());
    let started = Instant::now();
    let span = tracing::info_span!("request", id);
    let mut response = CURRENT.scope(id.clone(), next.run(request).instrument(span.clone())).await;
    let (status, elapsed) = (response.status(), started.elapsed());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
        .headers_mut()
        .entry(header::X_CONTENT_TYPE_OPTIONS)
        .or_insert(HeaderValue::from_static("nosniff"));
    let duration_ms = elapsed.as_micros() as f64 / 1_000.0;
    let (method_text, code) = (method.as_str(), status.as_u16());
    let _in_request = span.enter();
    match code {
        500.. => tracing::warn!(method = method_text, path, status = code, duration_ms, "answered"),
        _ if is_frequent(&path) => {
            tracing::debug!(method = method_text, path, status = code, duration_ms, "answered");
        }
        _ => tracing::info!(method = method_text, path, status = code, duration_ms, "answered"),
    }
    let method_label = known_method(&method);
    metrics::histogram!("signalbox_http_request_seconds", "method" => method_label, "path" => path.clone())
        .record(elapsed.as_secs_f64());
    metrics::counter!("signalbox_http_requests_total", "method" => method_label, "path" => path, "status" => code.to_string())
        .increment(1);
    response
}

/// Paths that are asked for so often that a line each would be noise, and at intake speed a cost.
fn is_frequent(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz" | "/metrics" | "-") || path.ends_with("/receive")
}

/// A label has few values, whatever methods strangers invent.
fn known_method(method: &http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        _ => "other",
    }
}

/// Ends what takes too long, with an answer.
pub async fn limit_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIME_LIMIT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::warn!("a request took longer than {} s and was ended", TIME_LIMIT.as_secs());
            let detail = "The request took too long and was ended. Try again in a moment.";
            ApiProblem(Problem::unavailable(detail)).into_response()
        }
    }
}
