//! Where the demo's deliveries end up. Each destination has a weakness of its own: the warehouse wants an address and
//! stumbles, the ledger is strict and sometimes down, the archive is slow and has parcels it never takes, the tracker
//! wants a title and stumbles.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::time::SECOND;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::Dice;

/// The ledger is down for [`OUTAGE`] of every such period, seconds.
const PERIOD: i64 = 240;
/// How long the ledger is down, seconds.
const OUTAGE: i64 = 20;
/// One first attempt in so many makes a destination stumble; the second one finds it well again.
const STUMBLE: u32 = 9;

/// Listens on a free port of this machine until `shutdown`; returns where.
pub async fn start(dice: Dice, shutdown: CancellationToken) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let site = || Site { dice: dice.clone(), first_attempts: Arc::default() };
    let router = Router::new()
        .merge(Router::new().route("/warehouse/{*what}", post(warehouse)).with_state(site()))
        .merge(Router::new().route("/ledger/{*what}", post(ledger)).with_state(site()))
        .merge(Router::new().route("/archive/{*what}", post(archive)).with_state(site()))
        .merge(Router::new().route("/tracker/{*what}", post(tracker)).with_state(site()))
        // What the console's "Test connection" asks.
        .route("/warehouse", get(async || "open\n"))
        .route("/ledger", get(async || "open\n"))
        .route("/archive", get(async || "open\n"))
        .route("/tracker", get(async || "open\n"));
    tokio::spawn(async move {
        let served = axum::serve(listener, router).with_graceful_shutdown(shutdown.cancelled_owned()).await;
        if let Err(error) = served {
            tracing::error!(%error, "the demo's destinations ended badly");
        }
    });
    Ok(address)
}

/// One destination.
#[derive(Clone)]
struct Site {
    dice: Dice,
    first_attempts: Arc<AtomicU32>,
}

impl Site {
    fn made(&self, prefix: &str) -> Response {
        let id = format!("{prefix}-{:06}", self.dice.roll(1_000_000));
        (StatusCode::CREATED, Json(json!({ "id": id }))).into_response()
    }

    /// Whether this attempt is the one that fails for no good reason. Counted, not diced, so that the first burst has
    /// some.
    fn stumbles(&self, headers: &HeaderMap) -> bool {
        headers.get("signalbox-attempt").is_some_and(|number| number == "1")
            && self.first_attempts.fetch_add(1, Ordering::Relaxed) % STUMBLE == STUMBLE / 2
    }
}

fn refuse(status: StatusCode, answer: Value) -> Response {
    (status, Json(answer)).into_response()
}

fn says(body: &Value, pointer: &str) -> bool {
    body.pointer(pointer).and_then(Value::as_str).is_some_and(|text| !text.is_empty())
}

async fn warehouse(State(site): State<Site>, headers: HeaderMap, Json(order): Json<Value>) -> Response {
    if site.stumbles(&headers) {
        let answer = json!({ "error": "deadlock", "detail": "two pickers wanted the same shelf" });
        return refuse(StatusCode::INTERNAL_SERVER_ERROR, answer);
    }
    if !says(&order, "/shipping_address/city") {
        let answer =
            json!({ "error": "invalid_order", "field": "shipping_address.city", "detail": "where to?" });
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, answer);
    }
    site.made("WH")
}

async fn ledger(State(site): State<Site>, Json(entry): Json<Value>) -> Response {
    let second = site.dice.0.now().as_micros() / SECOND;
    if second % PERIOD < OUTAGE {
        let answer = json!({ "error": "closing the books, back in a moment" });
        return refuse(StatusCode::SERVICE_UNAVAILABLE, answer);
    }
    match entry.get("currency").and_then(Value::as_str) {
        Some(currency) if currency.len() == 3 => site.made("LE"),
        _ => {
            let answer = json!({ "error": "invalid_entry", "field": "currency", "detail": "currency must be an ISO 4217 code" });
            refuse(StatusCode::UNPROCESSABLE_ENTITY, answer)
        }
    }
}

async fn archive(State(site): State<Site>, Json(parcel): Json<Value>) -> Response {
    // The slowness is what this destination is there to show.
    tokio::time::sleep(Duration::from_millis(u64::from(700 + site.dice.roll(1_800)))).await;
    if !says(&parcel, "/data/to") {
        // A refusal that pretends to be an outage: tried again in vain, until it is a dead letter.
        return refuse(StatusCode::INTERNAL_SERVER_ERROR, json!({ "error": "NullPointerException: to" }));
    }
    site.made("AR")
}

async fn tracker(State(site): State<Site>, headers: HeaderMap, Json(work): Json<Value>) -> Response {
    if site.stumbles(&headers) {
        return refuse(StatusCode::INTERNAL_SERVER_ERROR, json!({ "error": "the index is being rebuilt" }));
    }
    if !["/head_commit/message", "/pull_request/title", "/issue/title"].iter().any(|place| says(&work, place))
    {
        let answer = json!({ "error": "invalid_item", "field": "title", "detail": "an item needs a title" });
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, answer);
    }
    site.made("TR")
}
