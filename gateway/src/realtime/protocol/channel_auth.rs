//! The auth string of a subscription: `key:signature`, where the signature is the hex HMAC-SHA256 of
//! `socket_id:channel` under the app's secret.
//!
//! An authorization endpoint decides whether the caller may join and answers with [`sign_channel`]; the
//! server that holds the socket checks with [`verify_channel`]. Both take parsed names only, so nothing can
//! be signed that reads as a signature for something else.

use serde::{Deserialize, Serialize};

use super::{ChannelName, SocketId};
use crate::realtime::app::RealtimeApp;

/// The form that clients post to an authorization endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AuthForm {
    /// The connection that wants to join.
    pub socket_id: SocketId,
    /// The channel it wants to join.
    pub channel_name: ChannelName,
}

/// What an authorization endpoint answers, as JSON, when the caller may join.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuthResponse {
    /// `key:signature`.
    pub auth: String,
}

/// Signs that the connection may join the private channel: `key:signature`.
///
/// The caller must have checked that it may, and that the channel's kind
/// [is supported](ChannelName::ensure_supported).
pub fn sign_channel(app: &RealtimeApp, socket_id: &SocketId, channel: &ChannelName) -> String {
    format!("{}:{}", app.key(), app.sign(&string_to_sign(socket_id, channel)))
}

/// Whether `auth` allows this connection to join this channel. Constant time in the signature.
pub fn verify_channel(app: &RealtimeApp, socket_id: &SocketId, channel: &ChannelName, auth: &str) -> bool {
    auth.split_once(':').is_some_and(|(key, signature)| {
        key == app.key() && app.verify(&string_to_sign(socket_id, channel), signature)
    })
}

fn string_to_sign(socket_id: &SocketId, channel: &ChannelName) -> String {
    format!("{socket_id}:{channel}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTOR: &str =
        "278d425bdf160c739803:58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4";

    fn app() -> RealtimeApp {
        RealtimeApp::new("3", "278d425bdf160c739803", "7ad3773142a6692b25b8").unwrap()
    }

    fn socket(id: &str) -> SocketId {
        SocketId::parse(id).unwrap()
    }

    fn channel(name: &str) -> ChannelName {
        ChannelName::parse(name).unwrap()
    }

    #[test]
    fn the_documented_vector_is_signed_and_accepted() {
        assert_eq!(sign_channel(&app(), &socket("1234.1234"), &channel("private-foobar")), VECTOR);
        assert!(verify_channel(&app(), &socket("1234.1234"), &channel("private-foobar"), VECTOR));
    }

    #[test]
    fn a_signature_is_bound_to_socket_channel_key_and_secret() {
        let (id, name) = (socket("1234.1234"), channel("private-foobar"));
        assert!(!verify_channel(&app(), &socket("1234.1235"), &name, VECTOR));
        assert!(!verify_channel(&app(), &id, &channel("private-foobaz"), VECTOR));
        let other_key = RealtimeApp::new("3", "other", "7ad3773142a6692b25b8").unwrap();
        assert!(!verify_channel(&other_key, &id, &name, VECTOR));
        let other_secret = RealtimeApp::new("3", "278d425bdf160c739803", "other").unwrap();
        assert!(!verify_channel(&other_secret, &id, &name, VECTOR));
        let signature = VECTOR.split_once(':').unwrap().1;
        for auth in ["", ":", signature, "278d425bdf160c739803:", &VECTOR[..VECTOR.len() - 1]] {
            assert!(!verify_channel(&app(), &id, &name, auth), "{auth:?}");
        }
    }

    #[test]
    fn a_form_that_would_sign_something_else_is_not_read() {
        let form = |channel_name: &str| {
            serde_json::from_value::<AuthForm>(
                serde_json::json!({ "socket_id": "1.1", "channel_name": channel_name }),
            )
        };
        assert!(form("private-org-1").is_ok());
        assert!(form(r#":user::{"id":"1"}"#).is_err());
    }
}
