//! The console's server functions under `/rpc`.
//!
//! Each gets the running gateway, the cookie's settings and the parts of the request, where [`super::auth`] has left
//! who asks. Errors travel as problem documents with their own status, so that logs, tests and other clients see the
//! same as the console does.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use domain::error::Problem;
use leptos::prelude::provide_context;

use super::body;
use super::problem::{ApiProblem, MEDIA_TYPE};
use super::state::AppState;

/// The functions that carry a payload.
const WITH_PAYLOAD: &[&str] = &["/rpc/replay_delivery", "/rpc/dry_run", "/rpc/preview_mapping"];
/// Set by `server_fn` on an answer that is an error.
const IS_ERROR: &str = "serverfnerror";

/// A route for every server function.
pub fn routes() -> Router<AppState> {
    paths().into_iter().fold(Router::new(), |router, path| router.route(path, post(call)))
}

/// The paths of all server functions.
pub fn paths() -> Vec<&'static str> {
    let mut paths: Vec<_> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path).collect();
    paths.sort_unstable();
    paths
}

async fn call(State(state): State<AppState>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let (mut parts, body) = request.into_parts();
    let limit = if WITH_PAYLOAD.contains(&path.as_str()) { body::PAYLOAD_LIMIT } else { body::DEFAULT_LIMIT };
    let bytes = match body::read(body, limit).await {
        Ok(bytes) => bytes,
        Err(problem) => return ApiProblem(problem).into_response(),
    };
    // Functions answer programs only; what a form's answer would look like must not depend on these.
    parts.headers.remove(header::ACCEPT);
    parts.headers.remove(header::REFERER);
    let request = Request::from_parts(parts, Body::from(bytes));
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
    let bytes = body::read(body, body::DEFAULT_LIMIT).await.unwrap_or_default();
    let Ok(mut problem) = serde_json::from_slice::<Problem>(&bytes) else {
        tracing::error!("a server function answered with an error that is no problem document");
        return ApiProblem(Problem::internal()).into_response();
    };
    problem.request_id = super::observe::current_id().map(String::into_boxed_str);
    parts.status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    parts.headers.remove(header::CONTENT_LENGTH);
    // A document of texts and numbers always has a JSON form; an empty body would still carry the status.
    Response::from_parts(parts, Body::from(serde_json::to_vec(&problem).unwrap_or_default()))
}
