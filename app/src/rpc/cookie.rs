//! The session's cookie on the way out of a server function, and its name on the way in.
//!
//! Invariants: scripts never see it (`HttpOnly`), other sites never send it with a change (`SameSite=Lax`, and the
//! server checks the origin besides), and on https the `__Host-` prefix makes the browser refuse it from any other
//! host, path or plain connection. The token stands in this header and nowhere else in an answer.

use std::sync::Arc;

use domain::error::Problem;
use domain::user::SessionInfo;
use gateway::Services;
use gateway::accounts::{Peer, SessionToken};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, SET_COOKIE};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;

use super::RpcError;

/// How this installation keeps sessions in browsers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionCookie {
    /// Whether people reach it by https; on plain http the browser would not take a `Secure` cookie.
    pub secure: bool,
}

impl SessionCookie {
    /// The cookie's name.
    pub const fn name(self) -> &'static str {
        if self.secure { "__Host-signalbox" } else { "signalbox" }
    }

    /// The session's token in the `Cookie` headers of a request. A browser that sends the name twice has been given
    /// one of them by somebody else: then neither counts.
    pub fn token(self, headers: &http::HeaderMap) -> Option<&str> {
        let mut found = headers
            .get_all(http::header::COOKIE)
            .into_iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == self.name())
            .map(|(_, value)| value);
        let token = found.next()?;
        found.next().is_none().then_some(token)
    }

    fn set(self, value: &str, max_age_s: i64) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let text =
            format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}", self.name());
        let mut header = HeaderValue::from_str(&text).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

/// Lets the gateway sign somebody in, and puts the token into the answer's cookie.
pub async fn signed_in<F, R>(sign_in: F) -> Result<SessionInfo, RpcError>
where
    F: FnOnce(Arc<Services>, Peer) -> R,
    R: Future<Output = Result<(SessionInfo, SessionToken), Problem>>,
{
    let services = super::context::services()?;
    let parts = use_context::<http::request::Parts>().ok_or_else(Problem::internal)?;
    let peer = parts.extensions.get::<Peer>().cloned().unwrap_or_default();
    let (info, token) = sign_in(services, peer).await?;
    let longest = gateway::accounts::sessions::LONGEST / domain::time::SECOND;
    answer_with(token.expose(), longest)?;
    Ok(info)
}

/// Ends the session of whoever asks, and takes the cookie away.
pub async fn signed_out() -> Result<(), RpcError> {
    let services = super::context::services()?;
    gateway::accounts::logout(&services, &super::context::principal()?).await?;
    answer_with("", 0)
}

fn answer_with(value: &str, max_age_s: i64) -> Result<(), RpcError> {
    let cookie = use_context::<SessionCookie>().ok_or_else(Problem::internal)?;
    let header = cookie.set(value, max_age_s).ok_or_else(Problem::internal)?;
    let response = expect_context::<ResponseOptions>();
    response.insert_header(SET_COOKIE, header);
    response.insert_header(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&str]) -> http::HeaderMap {
        lines.iter().map(|line| (http::header::COOKIE, line.parse().unwrap())).collect()
    }

    #[test]
    fn the_cookie_is_bound_to_host_and_browser() {
        let plain = SessionCookie { secure: false }.set("t", 60).unwrap();
        assert_eq!(plain, "signalbox=t; Path=/; HttpOnly; SameSite=Lax; Max-Age=60");
        let secure = SessionCookie { secure: true }.set("", 0).unwrap();
        assert_eq!(secure, "__Host-signalbox=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure");
        assert!(secure.is_sensitive());
    }

    #[test]
    fn a_doubled_cookie_counts_as_none() {
        let cookie = SessionCookie { secure: false };
        assert_eq!(cookie.token(&headers(&["a=1; signalbox=t", "b=2"])), Some("t"));
        assert_eq!(cookie.token(&headers(&["signalbox=t; signalbox=u"])), None);
        assert_eq!(cookie.token(&headers(&["signalbox=t", "signalbox=t"])), None);
        assert_eq!(cookie.token(&headers(&["__Host-signalbox=t; xsignalbox=u"])), None);
    }
}
