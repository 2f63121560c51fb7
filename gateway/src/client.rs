//! The outbound HTTP client: every request that leaves for a destination goes through here.
//!
//! Destinations are chosen by tenants, so the client is guarded against being sent inside: the URL and every
//! address that its name resolves to are checked ([`address`], [`resolve`]) before a connection is made, no
//! redirect is followed, no proxy of the environment is used. And destinations can misbehave, so everything is
//! bounded: the whole exchange by one timeout, the answer's body by [`MAX_BODY`], its headers by
//! [`MAX_HEADERS`] and [`MAX_HEADER_BYTES`].
//!
//! Players: one [`Client`] per [`Policy`], shared by all workers, which pools connections; [`failure`] says what
//! stopped a request; [`retry_after`] reads when a destination wants to be asked again.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use domain::connector::Header;
use domain::delivery::ErrorClass;
use domain::time::Timestamp;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use url::{Host, Url};

mod address;
mod failure;
mod resolve;
pub mod retry_after;
#[cfg(test)]
mod tests;
mod tls;

pub use failure::SendError;
pub use tls::ExtraRootError;

/// The most of an answer's body that is read, in bytes.
pub const MAX_BODY: usize = 64 * 1024;
/// The most headers of an answer that are kept.
pub const MAX_HEADERS: usize = 64;
/// The most bytes of an answer's header names and values that are kept.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;
/// How long an exchange takes when the caller has no opinion.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(15);

/// How many idle connections wait for one destination; a worker has fewer requests in flight per destination.
const IDLE_PER_HOST: usize = 128;
/// How long they wait: shorter than the idle timeout of common servers, which would close them under a request.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// Which addresses may be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Only addresses of the public Internet.
    PublicOnly,
    /// Private addresses as well, for an installation whose administrator knows its network. Cloud metadata
    /// services and multicast stay out of reach.
    AllowPrivate,
}

/// The client could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The file of extra roots is not what it should be.
    #[error(transparent)]
    ExtraRoots(#[from] ExtraRootError),
    /// The cryptography offers nothing that both sides know; a fault of the build.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// The HTTP stack refused its settings; a fault of the build.
    #[error("the HTTP client cannot be set up: {0}")]
    Http(#[from] reqwest::Error),
}

/// A request to a destination.
#[derive(Debug, Clone)]
pub struct OutboundRequest {
    /// The method, for example `POST`.
    pub method: String,
    /// Where to; `http` or `https`, without user name and password.
    pub url: Url,
    /// What is sent besides what HTTP itself needs.
    pub headers: Vec<Header>,
    /// The body; empty for none.
    pub body: Bytes,
    /// How long name resolution, connecting, sending and the whole answer may take together.
    pub timeout: Duration,
}

/// What became of a request.
#[derive(Debug)]
pub struct Outcome {
    /// The address that was talked to, when a connection gave an answer.
    pub remote_addr: Option<SocketAddr>,
    /// How long it took.
    pub duration: Duration,
    /// The answer, or why there is none.
    pub result: Result<Response, SendError>,
}

/// An answer; any status is one.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers in their order, up to [`MAX_HEADERS`] and [`MAX_HEADER_BYTES`]; what is not UTF-8 is replaced.
    pub headers: Vec<Header>,
    /// The body, up to [`MAX_BODY`].
    pub body: Bytes,
    /// Whether the body went on; the rest was neither read nor waited for.
    pub truncated: bool,
}

impl Response {
    /// How many milliseconds from `now` the destination asks to be left alone, by its `Retry-After` header.
    pub fn retry_after_ms(&self, now: Timestamp) -> Option<i64> {
        let header = self.headers.iter().find(|header| header.name.eq_ignore_ascii_case("retry-after"))?;
        let wait = retry_after::parse(&header.value, now)?;
        i64::try_from(wait.as_millis()).ok()
    }
}

/// The client; cheap to clone, all clones share their connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    policy: Policy,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Client {
    /// A client that trusts the roots of the web.
    ///
    /// # Errors
    /// Only when the build is at fault.
    pub fn new(policy: Policy) -> Result<Self, ClientError> {
        Self::with_extra_roots(policy, None)
    }

    /// A client that trusts the roots of the web, and those of a PEM file (its content) when one is given.
    ///
    /// # Errors
    /// The file holds no certificate, or one that cannot be a root.
    pub fn with_extra_roots(policy: Policy, pem: Option<&[u8]>) -> Result<Self, ClientError> {
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(pem)?)
            .dns_resolver(Arc::new(resolve::Guarded::new(policy)))
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .user_agent(concat!("Signalbox/", env!("CARGO_PKG_VERSION")))
            .http1_max_headers(MAX_HEADERS * 2)
            .http2_max_header_list_size(MAX_HEADER_BYTES as u32 * 2)
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .tcp_nodelay(true)
            .build()?;
        Ok(Self { http, policy })
    }

    /// Sends a request and reads its answer. Never takes longer than the request's timeout.
    pub async fn send(&self, request: OutboundRequest) -> Outcome {
        let start = Instant::now();
        let mut exchange = Exchange {
            host: request.url.host_str().unwrap_or_default().to_owned(),
            timeout: request.timeout,
            deadline: tokio::time::Instant::now() + request.timeout,
            remote_addr: None,
        };
        let result = match prepare(&self.http, self.policy, request) {
            Ok(prepared) => exchange.run(&self.http, prepared).await,
            Err(error) => Err(error),
        };
        Outcome { remote_addr: exchange.remote_addr, duration: start.elapsed(), result }
    }
}

/// Checks a request as far as that is possible without resolving names.
fn prepare(
    http: &reqwest::Client,
    policy: Policy,
    request: OutboundRequest,
) -> Result<reqwest::Request, SendError> {
    let refuse = |why: String| SendError::new(ErrorClass::Configuration, why);
    let url = &request.url;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refuse(format!(
            "The address begins with {}:, but must begin with http: or https:.",
            url.scheme()
        )));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse(
            "The address holds a user name or password: put these into the connector's credentials."
                .to_owned(),
        ));
    }
    // Odd spellings of addresses (decimal, octal, hexadecimal, percent-encoded) are already addresses here.
    let address = match url.host() {
        Some(Host::Ipv4(address)) => Some(address.into()),
        Some(Host::Ipv6(address)) => Some(address.into()),
        Some(Host::Domain(_)) => None,
        None => return Err(refuse("The address has no host.".to_owned())),
    };
    if let Some(address) = address {
        address::check(address, policy)
            .map_err(|blocked| SendError::new(ErrorClass::Blocked, blocked.to_string()))?;
    }
    let method = http::Method::from_bytes(request.method.as_bytes())
        .map_err(|_| refuse(format!("{:?} is not an HTTP method.", request.method)))?;
    let headers = header_map(&request.headers).map_err(refuse)?;
    http.request(method, request.url)
        .headers(headers)
        .body(request.body)
        .build()
        .map_err(|error| refuse(format!("The request cannot be made: {}.", failure::cause(&error))))
}

fn header_map(headers: &[Header]) -> Result<HeaderMap, String> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for Header { name, value } in headers {
        let parsed: HeaderName =
            name.parse().map_err(|_| format!("{name:?} is not the name of a header."))?;
        if is_connections_own(&parsed) {
            return Err(format!(
                "The header {parsed} belongs to the connection and cannot be set: remove it."
            ));
        }
        // The value may be a credential: it is not repeated.
        let value = HeaderValue::from_str(value).map_err(|_| {
            format!("The value of the header {parsed} holds a line break or control character.")
        })?;
        map.append(parsed, value);
    }
    Ok(map)
}

/// Headers that say how a message is framed, or where it goes: setting them could smuggle a second request.
fn is_connections_own(name: &HeaderName) -> bool {
    const OWN: [&str; 12] = [
        "connection",
        "content-length",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    OWN.contains(&name.as_str())
}

/// One request and its answer, under way.
struct Exchange {
    host: String,
    timeout: Duration,
    deadline: tokio::time::Instant,
    remote_addr: Option<SocketAddr>,
}

impl Exchange {
    async fn run(
        &mut self,
        http: &reqwest::Client,
        request: reqwest::Request,
    ) -> Result<Response, SendError> {
        let mut response = match tokio::time::timeout_at(self.deadline, http.execute(request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(failure::before_answer(&error, &self.host)),
            Err(_) => return Err(failure::timed_out(&self.host, self.timeout)),
        };
        self.remote_addr = response.remote_addr();
        let status = response.status().as_u16();
        let headers = kept_headers(response.headers());
        let mut body = BytesMut::new();
        let truncated = loop {
            match tokio::time::timeout_at(self.deadline, response.chunk()).await {
                Ok(Ok(None)) => break false,
                Ok(Ok(Some(chunk))) => {
                    let room = MAX_BODY - body.len();
                    body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                    if chunk.len() > room {
                        // Dropping the response closes the connection (or resets the stream).
                        break true;
                    }
                }
                Ok(Err(error)) => return Err(failure::within_answer(&error, &self.host, status)),
                Err(_) => return Err(failure::unfinished(&self.host, self.timeout, status)),
            }
        };
        Ok(Response { status, headers, body: body.freeze(), truncated })
    }
}

/// The headers as far as they are kept; `Retry-After` always is, because retrying depends on it.
fn kept_headers(headers: &HeaderMap) -> Vec<Header> {
    let mut kept = Vec::with_capacity(headers.len().min(MAX_HEADERS));
    let mut bytes = 0;
    for (name, value) in headers {
        let size = name.as_str().len() + value.len();
        let fits = kept.len() < MAX_HEADERS && bytes + size <= MAX_HEADER_BYTES;
        if fits || (name == http::header::RETRY_AFTER && value.len() < 100) {
            bytes += size;
            kept.push(Header::new(name.as_str(), String::from_utf8_lossy(value.as_bytes())));
        }
    }
    kept
}
