//! `POST /realtime/auth`: whether a connection may join a channel. Only members of an organization hear it, and only
//! for as long as they are members.

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::routing::post;
use axum::{Form, Json, Router};
use domain::error::Problem;
use domain::live::organization_of;
use domain::user::Role;
use gateway::Services;
use gateway::realtime::permits::{Holder, Permit};
use gateway::realtime::protocol::{AuthForm, AuthResponse, sign_channel};

use super::extract::Caller;
use super::problem::ApiResult;
use super::state::AppState;

/// The endpoint's path; the console's client and unmodified libraries are told it.
pub const PATH: &str = "/realtime/auth";

/// The route.
pub fn routes() -> Router<AppState> {
    Router::new().route(PATH, post(authorize)).layer(DefaultBodyLimit::max(8 * 1024))
}

async fn authorize(
    State(services): State<Arc<Services>>,
    Caller(principal): Caller,
    form: Result<Form<AuthForm>, FormRejection>,
) -> ApiResult<Json<AuthResponse>> {
    let Form(form) = form.map_err(|error| {
        Problem::new(
            400,
            "malformed_request",
            "Malformed request",
            format!("Send socket_id and channel_name: {error}"),
        )
    })?;
    // A client library retries a 404, and strangers must not learn which organizations there are: 403 for all.
    let refused = || Problem::new(403, "forbidden", "Not allowed", "You may not listen to this channel.");
    let organization = organization_of(form.channel_name.as_str()).ok_or_else(refused)?;
    principal.access(&organization, Role::Viewer).map_err(|_| refused())?;
    form.channel_name.ensure_supported().map_err(|_| refused())?;
    if let Some(holder) = Holder::of(&principal.actor) {
        services.hub.permit(&form.socket_id, Permit { holder, organization });
    }
    Ok(Json(AuthResponse { auth: sign_channel(&services.realtime_app, &form.socket_id, &form.channel_name) }))
}
