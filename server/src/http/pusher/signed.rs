//! The only way into the API: an extractor that yields a request whose app exists and whose signature is
//! right.

use std::collections::HashMap;

use axum::{
    RequestExt, RequestPartsExt,
    extract::{FromRequest, OriginalUri, Path, Request},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use gateway::realtime::protocol::{RequestAuthError, RequestToSign, verify_request};

use super::PusherState;

/// A request that was signed with the app's secret.
#[derive(Debug)]
pub(super) struct Signed {
    query: HashMap<String, String>,
    body: Bytes,
}

/// An answer that says no. The protocol has plain text here: client libraries show it to a developer as it
/// is.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl ToString) -> Self {
        Self { status, message: message.to_string() }
    }

    pub(super) fn bad_request(message: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, self.message + "\n").into_response()
    }
}

impl From<RequestAuthError> for Refusal {
    fn from(error: RequestAuthError) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, error)
    }
}

impl Signed {
    /// One parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// The body, as JSON.
    pub(super) fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Refusal::bad_request(format_args!("the body: {error}")))
    }
}

impl FromRequest<PusherState> for Signed {
    type Rejection = Refusal;

    async fn from_request(mut request: Request, state: &PusherState) -> Result<Self, Refusal> {
        let path: Path<HashMap<String, String>> =
            request.extract_parts().await.map_err(Refusal::bad_request)?;
        if path.get("app_id").map(String::as_str) != Some(state.app.id()) {
            return Err(Refusal::new(StatusCode::NOT_FOUND, "no app has this id"));
        }
        let (mut parts, body) = request.into_parts();
        // Signed is the path of the request line, also if these routes are nested somewhere.
        let Ok(OriginalUri(uri)) = parts.extract().await;
        let method = parts.method.clone();
        let body = Bytes::from_request(Request::from_parts(parts, body), state)
            .await
            .map_err(|rejection| Refusal::new(rejection.status(), rejection.body_text()))?;

        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let to_sign = RequestToSign { method: method.as_str(), path: uri.path(), query: &query, body: &body };
        verify_request(&state.app, &to_sign, state.clock.now())?;
        Ok(Self { query: query.into_iter().collect(), body })
    }
}
