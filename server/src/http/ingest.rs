//! The way in for webhooks: `POST /api/v1/integration/webhooks/{connector_code}/receive`.
//!
//! Finds the connector, reads the body within the limit, lets [`gateway::reception`] decide, and answers only after
//! the outcome is committed: 202 with the event's id, 200 for one that is known already, or a problem document for
//! a refusal, which is kept as well.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequestParts, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use bytes::{Bytes, BytesMut};
use domain::connector::ConnectorCode;
use domain::error::{FieldProblem, Problem};
use domain::rejection::RejectionReason;
use domain::text::sentence;
use gateway::Services;
use gateway::admission::{Refusal, Request};
use gateway::directory::ConnectorDoors;
use gateway::reception::{self, Reception, too_large};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::BodyExt;

use super::problem::ApiProblem;

/// A sender that takes longer than this for its body is gone or means harm.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// How much of a body that is too large is read and thrown away, so that the sender gets to see the answer.
const DRAIN_LIMIT: usize = 16 * 1024 * 1024;

/// The route, for a router whose state is the services.
pub fn routes() -> Router<Arc<Services>> {
    Router::new().route("/api/v1/integration/webhooks/{connector_code}/receive", post(receive))
}

/// An accepted request.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Accepted {
    /// The event; for a duplicate, the first one.
    pub event_id: String,
    /// Whether it was known already, so that nothing was created.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub duplicate: bool,
}

/// The part of the interface's description that is about this door.
#[derive(utoipa::OpenApi)]
#[openapi(paths(receive))]
pub struct ReceiveDocument;

/// Takes a webhook.
#[utoipa::path(
    post,
    path = "/api/v1/integration/webhooks/{connector_code}/receive",
    tag = "webhooks",
    params(("connector_code" = String, Path, description = "The connector's code")),
    request_body(content = String, description = "The provider's request, byte for byte", content_type = "application/json"),
    responses(
        (status = 202, description = "Committed", body = Accepted),
        (status = 200, description = "Known already; nothing was created", body = Accepted),
        (status = 400, description = "Not JSON, or not whole", body = Problem),
        (status = 401, description = "The signature or credential is missing or wrong", body = Problem),
        (status = 404, description = "No connector has this code", body = Problem),
        (status = 409, description = "The connector or its receiver is switched off", body = Problem),
        (status = 413, description = "Larger than the receiver's limit", body = Problem),
        (status = 415, description = "Not JSON by its content type", body = Problem),
        (status = 422, description = "Event type not taken, or the body does not fit the schema", body = Problem),
        (status = 429, description = "Over the receiver's rate limit; see Retry-After", body = Problem),
        (status = 503, description = "Not now; see Retry-After", body = Problem),
    )
)]
pub async fn receive(
    State(services): State<Arc<Services>>,
    Path(code): Path<String>,
    Peer(peer): Peer,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let answer = take(&services, &code, peer, headers, body).await;
    metrics::counter!("signalbox_requests_received_total", "status" => answer.status().as_str().to_owned())
        .increment(1);
    answer
}

async fn take(
    services: &Services,
    code: &str,
    peer: Option<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let doors = match code.parse::<ConnectorCode>() {
        Ok(code) => match services.directory.doors(&code).await {
            Ok(doors) => doors,
            Err(error) => {
                tracing::error!(%error, "the connector could not be looked up; the sender hears 503");
                return busy("The store does not answer. Try again in a moment.");
            }
        },
        Err(_) => None,
    };
    let Some(doors) = doors else {
        services.intake.count_unknown_code();
        let detail = "No connector has this code. Compare the address with the one the console shows.";
        return ApiProblem(Problem::new(404, "unknown_connector", "Unknown connector", detail))
            .into_response();
    };
    let limit = body_limit(&doors);
    let read = read_body(&headers, body, limit).await;
    let mut request = Request {
        headers,
        body: Bytes::new(),
        remote_addr: peer.map(|peer| peer.ip().to_string()),
        received_at: services.clock.now(),
    };
    let reception = match read {
        Ok(bytes) => {
            request.body = bytes;
            reception::receive(services, &doors, request).await
        }
        Err(refusal) => reception::refuse(services, &doors, None, request, refusal).await,
    };
    match reception {
        Reception::Accepted(id) => {
            let accepted = Accepted { event_id: id.to_string(), duplicate: false };
            (StatusCode::ACCEPTED, Json(accepted)).into_response()
        }
        Reception::Duplicate(id) => {
            Json(Accepted { event_id: id.to_string(), duplicate: true }).into_response()
        }
        Reception::Challenge(challenge) => {
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], challenge).into_response()
        }
        Reception::Refused { refusal, .. } => refused(refusal),
    }
}

/// The widest limit among the connector's receivers: which of them it is for is known only with the body.
fn body_limit(doors: &ConnectorDoors) -> usize {
    let widest = doors.doors.iter().map(|door| door.receiver.limits.body_bytes).max();
    let widest = widest.unwrap_or(domain::receiver::ReceiverLimits::default().body_bytes);
    usize::try_from(widest).unwrap_or(usize::MAX)
}

async fn read_body(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let declared: Option<usize> =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let mut body = body;
    let mut bytes = BytesMut::with_capacity(declared.unwrap_or(0).min(limit));
    let mut seen = 0_usize;
    let reading = async {
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| {
                Refusal::new(
                    RejectionReason::IncompleteBody,
                    "The connection ended before the body was complete.",
                )
            })?;
            let Ok(data) = frame.into_data() else { continue };
            seen += data.len();
            if seen <= limit {
                bytes.extend_from_slice(&data);
            } else if seen > DRAIN_LIMIT {
                break;
            }
        }
        Ok(())
    };
    tokio::time::timeout(BODY_TIMEOUT, reading).await.unwrap_or_else(|_| {
        let detail = format!("The body did not arrive within {} s.", BODY_TIMEOUT.as_secs());
        Err(Refusal::new(RejectionReason::IncompleteBody, detail))
    })?;
    if seen > limit {
        return Err(too_large(i64::try_from(limit).unwrap_or(i64::MAX)));
    }
    Ok(bytes.freeze())
}

fn refused(refusal: Refusal) -> Response {
    metrics::counter!("signalbox_rejections_total", "reason" => refusal.reason.as_str()).increment(1);
    let mut problem = Problem::new(
        refusal.reason.status(),
        refusal.reason.as_str(),
        refusal.reason.title(),
        refusal.detail,
    );
    problem.fields = refusal
        .violations
        .into_iter()
        .map(|violation| FieldProblem { pointer: violation.pointer, detail: sentence(&violation.message) })
        .collect();
    with_retry_after(problem, refusal.retry_after_s)
}

fn busy(detail: &str) -> Response {
    with_retry_after(Problem::unavailable(detail), Some(1))
}

fn with_retry_after(problem: Problem, seconds: Option<u64>) -> Response {
    let mut response = ApiProblem(problem).into_response();
    if let Some(seconds) = seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The peer's address, when the server knows it; never a reason to fail.
pub struct Peer(pub Option<SocketAddr>);

impl<S: Send + Sync> FromRequestParts<S> for Peer {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(
        parts: &mut http::request::Parts,
        _state: &S,
    ) -> Result<Self, std::convert::Infallible> {
        Ok(Self(parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0)))
    }
}
