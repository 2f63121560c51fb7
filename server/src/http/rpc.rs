//! The console's server functions under `/rpc`.
//!
//! Each gets the running gateway, the cookie's settings and the parts of the request, where [`super::auth`] has left
//! who asks. Errors travel as problem documents with their own status, so that logs, tests and other clients see the
//! same as the console does.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use domain::error::Problem;
use leptos::prelude::provide_context;

use super::problem::{ApiProblem, MEDIA_TYPE, no_such_route, too_large};
use super::state::AppState;

/// Largest body of most functions, bytes.
const BODY_LIMIT: usize = 1024 * 1024;
/// The functions that carry a payload.
const WITH_PAYLOAD: &[&str] = &["/rpc/replay_delivery", "/rpc/dry_run", "/rpc/preview_mapping"];
/// Set by `server_fn` on an answer that is an error.
const IS_ERROR: &str = "serverfnerror";

/// The route of all server functions.
pub fn routes() -> Router<AppState> {
    Router::new().route("/rpc/{function}", post(call))
}

/// The paths of all server functions.
pub fn paths() -> Vec<&'static str> {
    let mut paths: Vec<_> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path).collect();
    paths.sort_unstable();
    paths
}

async fn call(State(state): State<AppState>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if !leptos::server_fn::axum::server_fn_paths().any(|(known, _)| known == path) {
        return no_such_route(request.uri().clone()).await.into_response();
    }
    let (mut parts, body) = request.into_parts();
    let limit = if WITH_PAYLOAD.contains(&path.as_str()) { super::api::REPLAY_LIMIT } else { BODY_LIMIT };
    let Ok(body) = to_bytes(body, limit).await else { return ApiProblem(too_large()).into_response() };
    // Functions answer programs only; what a form's answer would look like must not depend on these.
    parts.headers.remove(header::ACCEPT);
    parts.headers.remove(header::REFERER);
    let request = Request::from_parts(parts, Body::from(body));
    let (services, cookie) = (state.services.clone(), state.web.cookie);
    let context = move || {
        provide_context(Arc::clone(&services));
        provide_context(cookie);
    };
    let answer = leptos_axum::handle_server_fns_with_context(context, request).await.into_response();
    match answer.headers().contains_key(IS_ERROR) {
        true => with_its_status(answer).await,
        false => answer,
    }
}

/// Gives an error the status of its problem: `server_fn` knows only 500.
async fn with_its_status(answer: Response) -> Response {
    let (mut parts, body) = answer.into_parts();
    // Made by us a moment ago and small; if it could not be read after all, nothing of it may get out.
    let bytes = to_bytes(body, BODY_LIMIT).await.unwrap_or_default();
    let Ok(problem) = serde_json::from_slice::<Problem>(&bytes) else {
        tracing::error!("a server function answered with an error that is no problem document");
        return ApiProblem(Problem::internal()).into_response();
    };
    parts.status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(bytes))
}
