//! Problem documents on the wire (RFC 9457), for every error of every door.
//!
//! Invariants: every document names its request, by the id that the log has; an answer says what was wrong with the request, never what is inside the server.

use std::any::Any;

use axum::http::{HeaderValue, Method, Uri, header};
use axum::response::{IntoResponse, Response};
use domain::error::Problem;
use http::StatusCode;

/// The media type of problem documents.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// A problem as an answer.
#[derive(Debug, Clone)]
pub struct ApiProblem(pub Problem);

/// What a handler returns.
pub type ApiResult<T> = Result<T, ApiProblem>;

impl From<Problem> for ApiProblem {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<gateway::store::StoreError> for ApiProblem {
    fn from(error: gateway::store::StoreError) -> Self {
        Self(gateway::store::problem(error))
    }
}

impl IntoResponse for ApiProblem {
    fn into_response(self) -> Response {
        let mut problem = self.0;
        problem.request_id = super::observe::current_id().map(String::into_boxed_str);
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let not_signed_in = problem.code == "unauthenticated";
        // A document of texts and numbers always has a JSON form; an empty body would still carry the status.
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // Where a webhook's signature is wrong, a key would not help.
        if not_signed_in {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"signalbox\""));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.entry(header::RETRY_AFTER).or_insert(HeaderValue::from_static("1"));
        }
        response
    }
}

/// The answer where no route is.
pub async fn no_such_route(uri: Uri) -> ApiProblem {
    let detail =
        format!("There is nothing at {}. The interface is described at /api/v1/openapi.json.", uri.path());
    ApiProblem(Problem::new(404, "no_such_route", "Not found", detail))
}

/// The answer where a route is, but not for this method; the `Allow` header names those it has.
pub async fn method_not_allowed(method: Method) -> ApiProblem {
    let detail = format!("{method} is not one of the methods of this address; the Allow header lists them.");
    ApiProblem(Problem::new(405, "method_not_allowed", "Method not allowed", detail))
}

/// The answer to a request whose handler panicked: the log has the panic, the sender hears nothing of it.
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&'static str>().copied())
        .unwrap_or("a panic without words");
    tracing::error!(message, "a handler panicked");
    ApiProblem(Problem::internal()).into_response()
}
