//! For whoever runs the installation: is it alive, can it work, what are its numbers.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::error::Problem;
use domain::time::SECOND;
use gateway::store;
use metrics::gauge;
use subtle::ConstantTimeEq;

use super::problem::{ApiProblem, ApiResult};
use super::state::AppState;

/// A store that does not answer within this is not ready.
const PATIENCE: Duration = Duration::from_secs(3);

/// The routes.
pub fn routes() -> Router<AppState> {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready)).route("/metrics", get(numbers))
}

/// The process answers.
async fn alive() -> &'static str {
    "ok\n"
}

/// The store answers and intake has room.
async fn ready(State(state): State<AppState>) -> Response {
    let not_ready = |reason: &'static str| (StatusCode::SERVICE_UNAVAILABLE, reason).into_response();
    match tokio::time::timeout(PATIENCE, queue_depth(&state)).await {
        Err(_) => not_ready("the store does not answer in time\n"),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: the store does not answer");
            not_ready("the store does not answer\n")
        }
        Ok(Ok(_)) if state.services.intake.room() == 0 => not_ready("the intake queue is full\n"),
        Ok(Ok(_)) => "ready\n".into_response(),
    }
}

/// The numbers, in Prometheus' text format.
async fn numbers(State(state): State<AppState>, headers: HeaderMap) -> ApiResult<Response> {
    if let Some(token) = &state.web.metrics_token {
        let given = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes()).unwrap_or_default();
        let wanted = format!("Bearer {}", token.as_str());
        if !bool::from(given.ct_eq(wanted.as_bytes())) {
            return Err(ApiProblem(Problem::unauthenticated()));
        }
    }
    gauge!("signalbox_intake_queue_room").set(state.services.intake.room() as f64);
    match tokio::time::timeout(PATIENCE, queue_depth(&state)).await {
        Ok(Ok((due, oldest_s))) => {
            gauge!("signalbox_deliveries_due").set(due as f64);
            gauge!("signalbox_deliveries_oldest_due_seconds").set(oldest_s);
        }
        // The other numbers are worth having all the same.
        Ok(Err(error)) => tracing::warn!(%error, "the queue could not be counted"),
        Err(_) => tracing::warn!("the queue could not be counted in time"),
    }
    let text = state.web.metrics.render();
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}

/// How many deliveries are due, and since how many seconds the oldest.
async fn queue_depth(state: &AppState) -> Result<(i64, f64), store::StoreError> {
    let now = state.services.clock.now();
    let mut tx = state.services.store.read().await?;
    let (due, oldest) = store::queue::depth(&mut tx, now).await?;
    Ok((due, oldest.map_or(0.0, |at| now.since(at).max(0) as f64 / SECOND as f64)))
}
