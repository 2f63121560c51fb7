//! Where the demo's deliveries end up: a warehouse that takes everything, a ledger that is strict and sometimes down,
//! an archive that takes its time.

use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
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

/// Listens on a free port of this machine until `shutdown`; returns where.
pub async fn start(dice: Dice, shutdown: CancellationToken) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let router = Router::new()
        .route("/warehouse", get(async || "open\n"))
        .route("/ledger", get(async || "open\n"))
        .route("/archive", get(async || "open\n"))
        .route("/warehouse/{*what}", post(warehouse))
        .route("/ledger/{*what}", post(ledger))
        .route("/archive/{*what}", post(archive))
        .with_state(dice);
    tokio::spawn(async move {
        let served = axum::serve(listener, router).with_graceful_shutdown(shutdown.cancelled_owned()).await;
        if let Err(error) = served {
            tracing::error!(%error, "the demo's destinations ended badly");
        }
    });
    Ok(address)
}

fn made(prefix: &str, dice: &Dice) -> Response {
    (StatusCode::CREATED, Json(json!({ "id": format!("{prefix}-{:06}", dice.roll(1_000_000)) })))
        .into_response()
}

async fn warehouse(State(dice): State<Dice>) -> Response {
    made("WH", &dice)
}

async fn ledger(State(dice): State<Dice>, Json(entry): Json<Value>) -> Response {
    let second = dice.0.now().as_micros() / SECOND;
    if second % PERIOD < OUTAGE {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "error": "closing the books, back in a moment" })),
        )
            .into_response();
    }
    match entry.get("currency").and_then(Value::as_str) {
        Some(currency) if currency.len() == 3 => made("LE", &dice),
        _ => {
            let error = json!({ "error": "invalid_entry", "field": "currency", "detail": "currency must be an ISO 4217 code" });
            (StatusCode::UNPROCESSABLE_ENTITY, Json(error)).into_response()
        }
    }
}

async fn archive(State(dice): State<Dice>) -> Response {
    // The slowness is what this destination is there to show.
    tokio::time::sleep(Duration::from_millis(u64::from(700 + dice.roll(1_800)))).await;
    made("AR", &dice)
}
