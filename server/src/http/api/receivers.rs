//! Inbound doors.

use std::sync::Arc;

use axum::extract::State;
use domain::id::{ConnectorId, ReceiverId};
use domain::page::{Page, PageQuery};
use domain::receiver::{NewReceiver, Receiver, ReceiverPatch, ReceiverWithSecret, RotateSecret};
use domain::sample::{SampleOutcome, SampleRequest};
use gateway::Services;
use gateway::integrations::{receivers, samples};
use http::StatusCode;
use serde::Deserialize;

use super::Problems;
use crate::http::extract::{Admin, ApiJson, ApiPath, ApiQuery, Operator, OptionalJson, Viewer};
use crate::http::problem::ApiResult;

/// Of which connector.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OfConnector {
    /// Only those of this connector.
    #[param(value_type = Option<String>)]
    connector_id: Option<ConnectorId>,
}

/// A new secret, and how long the old one is still accepted.
#[derive(Debug)]
pub struct Rotation(RotateSecret);

impl Default for Rotation {
    fn default() -> Self {
        Self(RotateSecret { secret: None, overlap_s: 86_400 })
    }
}

impl<'de> Deserialize<'de> for Rotation {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RotateSecret::deserialize(deserializer).map(Self)
    }
}

/// Creates a receiver; a secret that was made here is in the answer, and never again.
#[utoipa::path(
    post, path = "/receivers", tag = "receivers", request_body = NewReceiver,
    responses((status = 201, body = ReceiverWithSecret), Problems)
)]
pub async fn create_receiver(
    State(services): State<Arc<Services>>,
    Admin(access): Admin,
    ApiJson(new): ApiJson<NewReceiver>,
) -> ApiResult<(StatusCode, ApiJson<ReceiverWithSecret>)> {
    Ok((StatusCode::CREATED, ApiJson(receivers::create(&services, &access, new).await?)))
}

/// One page of receivers, of one connector or of all.
#[utoipa::path(
    get, path = "/receivers", tag = "receivers", params(OfConnector, PageQuery),
    responses((status = 200, body = Page<Receiver>), Problems)
)]
pub async fn list_receivers(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiQuery(of): ApiQuery<OfConnector>,
    ApiQuery(page): ApiQuery<PageQuery>,
) -> ApiResult<ApiJson<Page<Receiver>>> {
    Ok(ApiJson(receivers::list(&services, &access, of.connector_id.as_ref(), &page).await?))
}

/// One receiver.
#[utoipa::path(
    get, path = "/receivers/{id}", tag = "receivers", params(("id" = String, Path)),
    responses((status = 200, body = Receiver), Problems)
)]
pub async fn read_receiver(
    State(services): State<Arc<Services>>,
    Viewer(access): Viewer,
    ApiPath(id): ApiPath<ReceiverId>,
) -> ApiResult<ApiJson<Receiver>> {
    Ok(ApiJson(receivers::read(&services, &access, &id).await?))
}

/// Changes a receiver; absent fields stay as they are, and secrets change by rotation only.
#[utoipa::path(
    patch, path = "/receivers/{id}", tag = "receivers", params(("id" = String, Path)), request_body = ReceiverPatch,
    responses((status = 200, body = Receiver), Problems)
)]
pub async fn update_receiver(
    State(services): State<Arc<Services>>,
    Admin(access): Admin,
    ApiPath(id): ApiPath<ReceiverId>,
    ApiJson(patch): ApiJson<ReceiverPatch>,
) -> ApiResult<ApiJson<Receiver>> {
    Ok(ApiJson(receivers::update(&services, &access, &id, patch).await?))
}

/// Deletes a receiver with its routes; its events stay.
#[utoipa::path(
    delete, path = "/receivers/{id}", tag = "receivers", params(("id" = String, Path)),
    responses((status = 204), Problems)
)]
pub async fn delete_receiver(
    State(services): State<Arc<Services>>,
    Admin(access): Admin,
    ApiPath(id): ApiPath<ReceiverId>,
) -> ApiResult<StatusCode> {
    receivers::delete(&services, &access, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets a new secret; the old one is accepted for the overlap.
#[utoipa::path(
    post, path = "/receivers/{id}/rotate-secret", tag = "receivers", params(("id" = String, Path)),
    request_body = Option<RotateSecret>, responses((status = 200, body = ReceiverWithSecret), Problems)
)]
pub async fn rotate_secret(
    State(services): State<Arc<Services>>,
    Admin(access): Admin,
    ApiPath(id): ApiPath<ReceiverId>,
    OptionalJson(Rotation(request)): OptionalJson<Rotation>,
) -> ApiResult<ApiJson<ReceiverWithSecret>> {
    Ok(ApiJson(receivers::rotate_secret(&services, &access, &id, request).await?))
}

/// Signs a sample with the receiver's own secret and sends it through the real door: says what a sender would hear.
#[utoipa::path(
    post, path = "/receivers/{id}/send-sample", tag = "receivers", params(("id" = String, Path)),
    request_body = SampleRequest, responses((status = 200, body = SampleOutcome), Problems)
)]
pub async fn send_sample(
    State(services): State<Arc<Services>>,
    Operator(access): Operator,
    ApiPath(id): ApiPath<ReceiverId>,
    ApiJson(sample): ApiJson<SampleRequest>,
) -> ApiResult<ApiJson<SampleOutcome>> {
    Ok(ApiJson(samples::send(&services, &access, &id, sample).await?))
}
