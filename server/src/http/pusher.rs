//! The realtime server's doors: `/app/{key}` for clients (WebSocket) and `/apps/{id}/…` for servers (signed
//! HTTP).
//!
//! Players: `socket` talks with one client, `api` answers servers, `signed` lets only signed requests reach
//! `api`. What they mean is decided in `gateway::realtime`; here it is only carried.
//!
//! The authorization endpoint is not here: whether a caller may join a channel depends on sessions, roles and
//! tenants, which the realtime server knows nothing about.

mod api;
mod signed;
mod socket;

use std::{fmt, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    routing::{any, get, post},
};
use gateway::{
    clock::SharedClock,
    realtime::{Hub, RealtimeApp},
};

/// Largest body of an API request, in bytes: ten events of 10 kB with every character escaped, and room.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// What the realtime doors share.
#[derive(Clone)]
pub struct PusherState {
    /// Who is connected.
    pub hub: Arc<Hub>,
    /// The one app of this installation.
    pub app: Arc<RealtimeApp>,
    /// The time, for the signatures of API requests.
    pub clock: SharedClock,
    /// What one client may do.
    pub limits: SocketLimits,
}

/// What one client may do, and how long it may be silent.
#[derive(Debug, Clone, Copy)]
pub struct SocketLimits {
    /// Largest message of a client, in bytes.
    pub message_bytes: usize,
    /// Silence after which the client, and then the server, sends a ping.
    pub activity_timeout: Duration,
    /// How long a ping may stay unanswered, and how long one write may take.
    pub pong_timeout: Duration,
    /// How long a closing handshake may take.
    pub close_grace: Duration,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self {
            message_bytes: 64 * 1024,
            activity_timeout: Duration::from_secs(120),
            pong_timeout: Duration::from_secs(30),
            close_grace: Duration::from_secs(5),
        }
    }
}

impl fmt::Debug for PusherState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PusherState")
            .field("app", &self.app)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// The routes, for merging into the application's router at its root: clients fix these paths.
pub fn routes<S>(state: PusherState) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let api = Router::new()
        .route("/events", post(api::trigger))
        .route("/batch_events", post(api::trigger_batch))
        .route("/channels", get(api::list_channels))
        .route("/channels/{channel_name}", get(api::show_channel))
        // A client library must never take the console's page for an answer.
        .fallback(async || (StatusCode::NOT_FOUND, "no such resource in this HTTP API\n"))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES));
    Router::new().route("/app/{key}", any(socket::connect)).nest("/apps/{app_id}", api).with_state(state)
}
