//! Signing in and out, and the one-time set-up.

use domain::preferences::{Preferences, PreferencesPatch};
use domain::user::{LoginRequest, SessionInfo, SetupRequest};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use super::RpcError;

/// Who is signed in, if anybody is: a visitor's first question, so nobody is an answer like any other.
#[server(name = AskSessionInfo, prefix = "/rpc", endpoint = "session_info", input = Json)]
pub async fn session_info() -> Result<Option<SessionInfo>, RpcError> {
    let services = super::context::services()?;
    match super::context::caller()? {
        Some(principal) => Ok(Some(gateway::accounts::session_info(&services, &principal).await?)),
        None => Ok(None),
    }
}

/// Signs in: the answer carries the session's cookie.
#[server(prefix = "/rpc", endpoint = "login", input = Json)]
pub async fn login(request: LoginRequest) -> Result<SessionInfo, RpcError> {
    super::cookie::signed_in(|services, peer| async move {
        gateway::accounts::login(&services, request, &peer).await
    })
    .await
}

/// Creates the first administrator and organization, and signs them in.
#[server(prefix = "/rpc", endpoint = "setup", input = Json)]
pub async fn setup(request: SetupRequest) -> Result<SessionInfo, RpcError> {
    super::cookie::signed_in(|services, peer| async move {
        gateway::accounts::setup(&services, request, &peer).await
    })
    .await
}

/// Whether a set-up link can still be used; a problem that says why when not.
#[server(prefix = "/rpc", endpoint = "check_setup", input = Json)]
pub async fn check_setup(token: String) -> Result<(), RpcError> {
    Ok(gateway::accounts::check_setup(&*super::context::services()?, &token).await?)
}

/// Ends the session.
#[server(prefix = "/rpc", endpoint = "logout", input = Json)]
pub async fn logout() -> Result<(), RpcError> {
    super::cookie::signed_out().await
}

/// Changes what the person chose about the console; the answer is everything they chose, also elsewhere meanwhile.
#[server(prefix = "/rpc", endpoint = "save_preferences", input = Json)]
pub async fn save_preferences(patch: PreferencesPatch) -> Result<Preferences, RpcError> {
    let services = super::context::services()?;
    Ok(gateway::accounts::preferences::save(&services, &super::context::principal()?, &patch).await?)
}
