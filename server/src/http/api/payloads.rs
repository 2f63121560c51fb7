//! The bytes of events, edited replays and refused requests, exactly as they came.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::IntoResponse;
use bytes::Bytes;
use domain::id::PayloadId;
use gateway::{Services, replay};

use super::Problems;
use crate::http::extract::{ApiPath, Viewer};
use crate::http::problem::{ApiProblem, ApiResult};

/// The bytes as a download. Strangers wrote them, so no browser may take them for a page: whatever type they came
/// with, they leave as an attachment of unknown type. That type stands in `Signalbox-Content-Type`.
#[utoipa::path(
    get, path = "/payloads/{id}", tag = "events", params(("id" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"), Problems)
)]
pub async fn download_payload(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiPath(id): ApiPath<PayloadId>,
) -> ApiResult<impl IntoResponse> {
    let (body, content_type, _) = replay::stored_payload(&services, &access, &id).await?;
    let mut response = attachment(&id, body)?.into_response();
    // A type that cannot stand in a header again is left out; the bytes are what was asked for.
    if let Some(value) = content_type.and_then(|text| HeaderValue::from_str(&text).ok()) {
        response.headers_mut().insert(HeaderName::from_static("signalbox-content-type"), value);
    }
    Ok(response)
}

fn attachment(id: &PayloadId, body: Bytes) -> ApiResult<impl IntoResponse> {
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{id}.bin\""))
        .map_err(|_| ApiProblem(domain::error::Problem::internal()))?;
    let fixed = HeaderValue::from_static;
    let headers = [
        (header::CONTENT_TYPE, fixed("application/octet-stream")),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, fixed("no-store")),
        (header::CONTENT_SECURITY_POLICY, fixed("default-src 'none'; sandbox")),
    ];
    Ok((headers, body))
}
