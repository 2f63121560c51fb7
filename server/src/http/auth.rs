//! Who asks: a session's cookie or an API key becomes a [`Principal`], on every door where it matters.
//!
//! Invariants: an API key that is not good is refused, never treated as nobody; a cookie that is not good is nobody,
//! because a browser sends old ones along; a request that changes something and carries a cookie must come from our
//! own pages.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::error::Problem;
use gateway::access::Principal;
use gateway::accounts::{self, Peer};

use super::problem::ApiProblem;
use super::state::AppState;

/// Puts [`Peer`] and, when somebody proved who they are, [`Principal`] into the request's extensions.
pub async fn identify(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let cookie = state.web.cookie.token(request.headers());
    if changes_something(request.method())
        && let Err(problem) =
            check_origin(request.headers(), cookie.is_some(), &state.services.settings.public_url)
    {
        return ApiProblem(problem).into_response();
    }
    match principal(&state, request.headers(), cookie).await {
        Ok(Some(principal)) => {
            request.extensions_mut().insert(principal);
        }
        Ok(None) => {}
        Err(problem) => return ApiProblem(problem).into_response(),
    }
    let peer = Peer {
        address: request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical()),
        user_agent: text(request.headers(), header::USER_AGENT).map(str::to_owned),
    };
    request.extensions_mut().insert(peer);
    let mut response = next.run(request).await;
    // What one person may see must not be kept for the next one.
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Behind a proxy that is trusted: puts the address that it saw in place of its own, for every door.
pub async fn unmask_peer(mut request: Request, next: Next) -> Response {
    if let Some(address) = forwarded_for(request.headers()) {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(address, 0)));
    }
    next.run(request).await
}

/// What the proxy added last: everything before that may be made up by the sender.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").into_iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

async fn principal(
    state: &AppState,
    headers: &HeaderMap,
    cookie: Option<&str>,
) -> Result<Option<Principal>, Problem> {
    if headers.contains_key(header::AUTHORIZATION) {
        let mut lines = headers.get_all(header::AUTHORIZATION).into_iter();
        let key = lines
            .next()
            .and_then(|line| line.to_str().ok())
            .and_then(|line| line.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, key)| key.trim());
        let (Some(key), None) = (key, lines.next()) else { return Err(Problem::unauthenticated()) };
        let found = accounts::resolve_api_key(&state.services, key).await?;
        return found.map(Some).ok_or_else(Problem::unauthenticated);
    }
    match cookie {
        Some(token) => accounts::resolve_session(&state.services, token).await,
        None => Ok(None),
    }
}

fn changes_something(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Refuses what another site makes a browser send. Browsers say where a change comes from; programs with a key need
/// not, programs with a cookie do.
fn check_origin(headers: &HeaderMap, with_cookie: bool, public_url: &str) -> Result<(), Problem> {
    let refused = |detail: &str| Err(Problem::new(403, "cross_site", "Not from our own pages", detail));
    let site = text(headers, header::HeaderName::from_static("sec-fetch-site"));
    if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return refused("Another site made this request. Open Signalbox itself.");
    }
    match (headers.get(header::ORIGIN), site) {
        (Some(origin), _) => {
            let origin = origin.to_str().unwrap_or_default();
            let own_host = text(headers, header::HOST).is_some_and(|host| {
                origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")) == Some(host)
            });
            match own_host || origin == public_url {
                true => Ok(()),
                false => refused("The Origin header names another site. Open Signalbox itself."),
            }
        }
        (None, None) if with_cookie => refused(
            "A change with a session's cookie needs an Origin header, as browsers send it. Programs use an API key.",
        ),
        (None, _) => Ok(()),
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&'static str, &str)], with_cookie: bool) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        check_origin(&headers, with_cookie, "https://box.example.com").is_ok()
    }

    #[test]
    fn changes_come_from_our_own_pages() {
        assert!(check(&[("origin", "http://127.0.0.1:7700"), ("host", "127.0.0.1:7700")], true));
        assert!(check(&[("origin", "https://box.example.com"), ("host", "10.0.0.7")], true));
        assert!(check(&[("sec-fetch-site", "same-origin")], true));
        assert!(check(&[], false), "a program with a key");
        for bad in [
            &[("origin", "https://evil.example"), ("host", "127.0.0.1:7700")][..],
            &[("origin", "null"), ("host", "null")],
            &[("origin", "http://127.0.0.1:7700.evil.example"), ("host", "127.0.0.1:7700")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://box.example.com")],
            &[("sec-fetch-site", "same-site")],
        ] {
            assert!(!check(bad, true), "{bad:?}");
            assert!(!check(bad, false), "{bad:?}");
        }
        assert!(!check(&[], true), "a cookie without any word of where it comes from");
    }

    #[test]
    fn only_the_proxys_own_entry_is_believed() {
        let forwarded = |lines: &[&str]| {
            forwarded_for(
                &lines
                    .iter()
                    .map(|line| (header::HeaderName::from_static("x-forwarded-for"), line.parse().unwrap()))
                    .collect(),
            )
        };
        assert_eq!(forwarded(&["1.1.1.1, 192.0.2.7"]), Some([192, 0, 2, 7].into()));
        assert_eq!(forwarded(&["1.1.1.1", "192.0.2.7"]), Some([192, 0, 2, 7].into()));
        assert_eq!(forwarded(&["nonsense"]), None);
        assert_eq!(forwarded(&[]), None);
    }
}
