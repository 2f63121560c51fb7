//! What the HTTP side shares.

use std::sync::Arc;

use app::rpc::cookie::SessionCookie;
use axum::extract::FromRef;
use gateway::Services;
use metrics_exporter_prometheus::PrometheusHandle;
use zeroize::Zeroizing;

/// How the HTTP side is set.
pub struct WebSettings {
    /// How sessions are kept in browsers.
    pub cookie: SessionCookie,
    /// What `/metrics` needs; `None` leaves it open.
    pub metrics_token: Option<Zeroizing<String>>,
    /// Whether the sender's address stands in `X-Forwarded-For`.
    pub trust_forwarded_for: bool,
    /// The numbers of this process.
    pub metrics: PrometheusHandle,
}

/// What every handler can ask for.
#[derive(Clone)]
pub struct AppState {
    /// The running gateway.
    pub services: Arc<Services>,
    /// How the HTTP side is set.
    pub web: Arc<WebSettings>,
}

impl FromRef<AppState> for Arc<Services> {
    fn from_ref(state: &AppState) -> Self {
        state.services.clone()
    }
}
