//! The HTTP side: one file per door.
//!
//! Players: [`ingest`] takes webhooks, [`api`] and [`rpc`] serve programs and the console, [`pusher`] and
//! [`realtime_auth`] tell consoles what changes, [`ui`] is the console itself, [`health`] is for operators.
//! [`auth`] finds out who asks, [`observe`] logs and counts, [`problem`] is how every door says no.
//!
//! Invariant: whatever is asked and however it fails, the answer is one that a program can read, and a panic in one
//! request is the end of that request only.

pub mod api;
pub mod auth;
pub mod body;
pub mod extract;
pub mod health;
pub mod ingest;
pub mod observe;
pub mod problem;
pub mod pusher;
pub mod realtime_auth;
pub mod rpc;
pub mod state;
pub mod ui;

use axum::routing::get;
use axum::{Json, Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;

use self::pusher::{PusherState, SocketLimits};
use self::state::AppState;

/// The routes that are neither in the document of the REST interface nor server functions, with their methods: for
/// the test that walks every route. Another test asks the router itself, so that none can be forgotten here.
pub const OTHER_ROUTES: &[(&str, &str)] = &[
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", api::DOCUMENT),
    ("POST", realtime_auth::PATH),
    ("GET", "/app/{key}"),
    ("POST", "/apps/{app_id}/events"),
    ("POST", "/apps/{app_id}/batch_events"),
    ("GET", "/apps/{app_id}/channels"),
    ("GET", "/apps/{app_id}/channels/{channel_name}"),
    ("GET", "/"),
];

/// Every door of the server.
pub fn router(state: AppState) -> Router {
    let services = &state.services;
    let sockets = PusherState {
        hub: services.hub.clone(),
        app: services.realtime_app.clone(),
        clock: services.clock.clone(),
        limits: SocketLimits::default(),
    };
    let (interface, document) = api::router_and_document();
    let people = interface
        .merge(rpc::routes())
        .merge(realtime_auth::routes())
        .layer(middleware::from_fn_with_state(state.clone(), auth::identify))
        .layer(middleware::from_fn(observe::limit_time));
    let document = Json(document);
    let trust_forwarded_for = state.web.trust_forwarded_for;
    let router = people
        .merge(health::routes())
        .route(api::DOCUMENT, get(async move || document.clone()))
        .with_state(state.clone())
        .merge(ingest::routes().with_state(services.clone()))
        .merge(pusher::routes(sockets))
        .fallback(ui::serve)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(middleware::from_fn(observe::observe));
    match trust_forwarded_for {
        true => router.layer(middleware::from_fn(auth::unmask_peer)),
        false => router,
    }
}
