//! One attempt: mapping, then the destination. No database here, and no transaction is open meanwhile.

use std::sync::Arc;

use bytes::Bytes;
use domain::connector::{Credentials, Header};
use domain::delivery::{Delivery, ErrorClass};
use domain::mapping::MappingIssue;
use domain::route::Method;
use domain::time::Timestamp;

use crate::client::{Client, OutboundRequest, Response, SendError};
use crate::clock::SharedClock;
use crate::directory::{HttpTarget, Plan, Target};
use crate::mapping::{self, MappingContext};

/// What a masked value looks like.
pub const MASK: &str = "••••";

/// The longest name of a record, bytes: it is part of a key.
pub const MAX_RECORD_ID: usize = 1_024;

/// What an attempt is made of.
#[derive(Debug)]
pub struct Work {
    /// The delivery, claimed.
    pub delivery: Delivery,
    /// Its bytes; `None` when they have expired.
    pub payload: Option<Bytes>,
    /// The content type the bytes came with.
    pub content_type: Option<String>,
    /// Its route; `None` for the default route into the record store.
    pub plan: Option<Arc<Plan>>,
    /// Why the route could not be found, when it could not.
    pub plan_missing: bool,
}

/// What an attempt found out.
#[derive(Debug, Clone)]
pub struct Tried {
    /// `POST`, or `UPSERT`.
    pub method: String,
    /// Where it went.
    pub url: String,
    /// The resolved address.
    pub remote_addr: Option<String>,
    /// What was sent; credentials are masked.
    pub request_headers: Vec<Header>,
    /// The mapped body, when it differs from the payload.
    pub request_body: Option<Bytes>,
    /// What came back.
    pub response_headers: Vec<Header>,
    /// What came back, up to the cap.
    pub response_body: Option<Bytes>,
    /// Whether there was more.
    pub response_truncated: bool,
    /// Which version of the mapping was used.
    pub mapping_version: Option<i64>,
    /// How it ended.
    pub result: AttemptResult,
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub enum AttemptResult {
    /// The destination acknowledged it.
    Succeeded {
        /// The HTTP status; absent for the record store.
        code: Option<i64>,
        /// The record at the destination.
        record_id: Option<String>,
    },
    /// This record is still to be written, together with the outcome.
    WriteRecord {
        /// The kind of record.
        entity: String,
        /// The record's name in the source system.
        external_id: String,
        /// The content.
        body: Bytes,
    },
    /// It failed, and trying again may help.
    Transient {
        /// What stopped it.
        class: ErrorClass,
        /// The same in a sentence.
        error: String,
        /// The HTTP status, when there was an answer.
        code: Option<i64>,
        /// How long the destination asked to wait, milliseconds.
        retry_after_ms: Option<i64>,
    },
    /// The server stopped before the outcome was known.
    Interrupted,
    /// It failed, and trying again without a change cannot help.
    Permanent {
        /// What stopped it.
        class: ErrorClass,
        /// The same in a sentence.
        error: String,
        /// The HTTP status, when there was an answer.
        code: Option<i64>,
    },
}

impl Tried {
    /// An attempt that was cut short because the server stops.
    pub fn interrupted(delivery: &Delivery) -> Self {
        let url = delivery.destination_name.clone();
        let stopped = Self::stopped("–", url, ErrorClass::Interrupted, String::new());
        Self { result: AttemptResult::Interrupted, ..stopped }
    }

    /// An attempt that ended before anything was sent.
    fn stopped(method: &str, url: String, class: ErrorClass, error: String) -> Self {
        Self {
            method: method.to_owned(),
            url,
            remote_addr: None,
            request_headers: Vec::new(),
            request_body: None,
            response_headers: Vec::new(),
            response_body: None,
            response_truncated: false,
            mapping_version: None,
            result: AttemptResult::Permanent { class, error, code: None },
        }
    }
}

/// Makes the attempt.
pub async fn attempt(
    work: &Work,
    client: &Client,
    clock: &SharedClock,
    timeout: std::time::Duration,
) -> Tried {
    let Some(payload) = &work.payload else {
        return Tried::stopped(
            "–",
            String::new(),
            ErrorClass::Expired,
            "The payload has expired, so there is nothing left to send.".into(),
        );
    };
    let Some(plan) = &work.plan else {
        if work.plan_missing {
            return Tried::stopped(
                "–",
                String::new(),
                ErrorClass::Configuration,
                "The route of this delivery is not there any more.".into(),
            );
        }
        return record(&work.delivery, work.delivery.event_type.as_str(), None, payload.clone(), None);
    };
    let prepared = match prepare(&work.delivery, plan, payload, work.content_type.as_deref()) {
        Ok(prepared) => prepared,
        Err(stopped) => return *stopped,
    };
    match prepared {
        Prepared::Record(tried) => *tried,
        Prepared::Http(request) => send(*request, client, clock, timeout).await,
    }
}

/// A request that is ready to go, and what may be shown of it.
#[derive(Debug)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// Where to.
    pub url: url::Url,
    /// Every header, credentials included. Never shown.
    pub headers: Vec<Header>,
    /// The headers with credentials masked.
    pub shown_headers: Vec<Header>,
    /// The body.
    pub body: Bytes,
    /// Whether the body differs from the payload.
    pub mapped: bool,
    /// Which version of the mapping was used.
    pub mapping_version: Option<i64>,
    /// Where the destination's record id stands in its answer.
    pub record_id_pointer: Option<String>,
}

/// What a delivery comes to, before anything is sent.
#[derive(Debug)]
pub enum Prepared {
    /// A record to write.
    Record(Box<Tried>),
    /// A request to send.
    Http(Box<HttpRequest>),
}

/// Maps a payload and fills in the request, without sending anything: also what a dry run shows.
pub fn prepare(
    delivery: &Delivery,
    plan: &Plan,
    payload: &Bytes,
    content_type: Option<&str>,
) -> Result<Prepared, Box<Tried>> {
    let context = MappingContext {
        event_id: delivery.event_id.as_str(),
        event_type: delivery.event_type.as_str(),
        source_record_id: delivery.source_record_id.as_deref(),
        received_at: delivery.received_at,
    };
    let stopped = |class, error: String| {
        let mut tried = Tried::stopped("–", delivery.destination_name.clone(), class, error);
        tried.mapping_version = Some(plan.route.mapping_version);
        Box::new(tried)
    };
    let mapped_body = || match &plan.mapping {
        None => Ok(payload.clone()),
        Some(mapping) => {
            mapping.apply(payload, &context).map_err(|issues| stopped(ErrorClass::Mapping, in_words(&issues)))
        }
    };
    let version = Some(plan.route.mapping_version);
    match &plan.target {
        Target::Unusable(why) => Err(stopped(ErrorClass::Configuration, why.clone())),
        Target::Record { entity, id_pointer } => {
            let tried = record(delivery, entity, id_pointer.as_deref(), mapped_body()?, version);
            Ok(Prepared::Record(Box::new(tried)))
        }
        Target::Http(http) => {
            let body = mapped_body()?;
            let url = http
                .path
                .url(&http.base, payload, &context)
                .map_err(|issue| stopped(ErrorClass::Mapping, in_words(std::slice::from_ref(&issue))))?;
            let mapped = plan.mapping.is_some();
            Ok(Prepared::Http(Box::new(request(delivery, http, url, body, mapped, content_type, version))))
        }
    }
}

fn in_words(issues: &[MappingIssue]) -> String {
    let first = issues.first().map_or_else(String::new, |issue| match issue.target.as_str() {
        "" => issue.message.clone(),
        target => format!("{target}: {}", issue.message),
    });
    match issues.len() {
        0 | 1 => format!("Mapping: {first}"),
        n => format!("Mapping: {first} (and {} more)", n - 1),
    }
}

fn request(
    delivery: &Delivery,
    http: &HttpTarget,
    url: url::Url,
    body: Bytes,
    mapped: bool,
    content_type: Option<&str>,
    mapping_version: Option<i64>,
) -> HttpRequest {
    let content_type = if mapped { "application/json" } else { content_type.unwrap_or("application/json") };
    // The delivery id stays the same over all attempts, so that a destination can recognize a repetition.
    let mut shown = vec![
        Header::new("content-type", content_type),
        Header::new("user-agent", concat!("Signalbox/", env!("CARGO_PKG_VERSION"))),
        Header::new("idempotency-key", delivery.id.as_str()),
        Header::new("signalbox-delivery-id", delivery.id.as_str()),
        Header::new("signalbox-event-id", delivery.event_id.as_str()),
        Header::new("signalbox-event-type", delivery.event_type.as_str()),
        Header::new("signalbox-attempt", delivery.attempts.to_string()),
    ];
    if let Some(original) = &delivery.replay_of {
        shown.push(Header::new("signalbox-replay-of", original.as_str()));
    }
    for header in &http.headers {
        // What an administrator sets goes before what we would send by ourselves.
        shown.retain(|own| !own.name.eq_ignore_ascii_case(&header.name));
    }
    shown.extend(http.headers.iter().cloned());
    let mut headers = shown.clone();
    if let Some(credentials) = &http.credentials {
        let (name, value) = credential_header(credentials);
        headers.retain(|header| !header.name.eq_ignore_ascii_case(&name));
        shown.retain(|header| !header.name.eq_ignore_ascii_case(&name));
        shown.push(Header::new(name.clone(), MASK));
        headers.push(Header::new(name, value));
    }
    HttpRequest {
        method: http.method,
        url,
        headers,
        shown_headers: shown,
        body,
        mapped,
        mapping_version,
        record_id_pointer: http.record_id_pointer.clone(),
    }
}

/// The header that carries the credentials.
pub fn credential_header(credentials: &Credentials) -> (String, String) {
    use base64::Engine;
    match credentials {
        Credentials::Bearer { token } => ("authorization".into(), format!("Bearer {token}")),
        Credentials::Basic { username, password } => {
            let pair = base64::engine::general_purpose::STANDARD.encode(format!("{username}:{password}"));
            ("authorization".into(), format!("Basic {pair}"))
        }
        Credentials::ApiKey { header, value } => (header.to_ascii_lowercase(), value.clone()),
    }
}

/// A record that is to be written under its external id.
fn record(
    delivery: &Delivery,
    entity: &str,
    id_pointer: Option<&str>,
    body: Bytes,
    mapping_version: Option<i64>,
) -> Tried {
    let external_id = match id_pointer {
        Some(pointer) => mapping::pointer_string(&body, pointer).ok_or_else(|| {
            format!("The mapped body has no text or number at {pointer}, which is to be the record's id.")
        }),
        None => Ok(delivery.source_record_id.clone().unwrap_or_else(|| delivery.event_id.to_string())),
    };
    let external_id = external_id.and_then(|id| {
        let problem = match id.len() {
            _ if id.contains(char::is_control) => "holds a control character".to_owned(),
            length if length > MAX_RECORD_ID => {
                format!("is {length} bytes long, at most {MAX_RECORD_ID} are possible")
            }
            _ => return Ok(id),
        };
        Err(format!("The text that is to be the record's id {problem}."))
    });
    let result = match external_id {
        Ok(external_id) => {
            AttemptResult::WriteRecord { entity: entity.to_owned(), external_id, body: body.clone() }
        }
        Err(error) => AttemptResult::Permanent { class: ErrorClass::Mapping, error, code: None },
    };
    Tried {
        method: "UPSERT".to_owned(),
        url: format!("record:{entity}"),
        remote_addr: None,
        request_headers: Vec::new(),
        request_body: mapping_version.map(|_| body),
        response_headers: Vec::new(),
        response_body: None,
        response_truncated: false,
        mapping_version,
        result,
    }
}

async fn send(
    request: HttpRequest,
    client: &Client,
    clock: &SharedClock,
    timeout: std::time::Duration,
) -> Tried {
    let url = request.url.to_string();
    let outbound = OutboundRequest {
        method: request.method.as_str().to_owned(),
        url: request.url,
        headers: request.headers,
        body: request.body.clone(),
        timeout,
    };
    let outcome = client.send(outbound).await;
    let mut tried = Tried {
        method: request.method.as_str().to_owned(),
        url,
        remote_addr: outcome.remote_addr.map(|address| address.to_string()),
        request_headers: request.shown_headers,
        request_body: request.mapped.then_some(request.body),
        response_headers: Vec::new(),
        response_body: None,
        response_truncated: false,
        mapping_version: request.mapping_version,
        result: AttemptResult::Succeeded { code: None, record_id: None },
    };
    match outcome.result {
        Ok(response) => {
            tried.result = judge(&response, request.record_id_pointer.as_deref(), clock.now());
            tried.response_headers = response.headers;
            tried.response_truncated = response.truncated;
            tried.response_body = Some(response.body);
        }
        Err(error) => tried.result = unanswered(&error),
    }
    tried
}

fn judge(response: &Response, record_id_pointer: Option<&str>, now: Timestamp) -> AttemptResult {
    let code = Some(i64::from(response.status));
    match response.status {
        200..=299 => AttemptResult::Succeeded {
            code,
            record_id: record_id_pointer.and_then(|pointer| mapping::pointer_string(&response.body, pointer)),
        },
        300..=399 => AttemptResult::Permanent {
            class: ErrorClass::Http,
            error: format!(
                "Answered {} with a redirect, which is not followed. Correct the address.",
                response.status
            ),
            code,
        },
        // Too early, too many, took too long: the destination itself says that later may be better.
        408 | 425 | 429 | 500..=599 => AttemptResult::Transient {
            class: ErrorClass::Http,
            error: format!("Answered {}{}", response.status, reason(response.status)),
            code,
            retry_after_ms: response.retry_after_ms(now),
        },
        status => AttemptResult::Permanent {
            class: ErrorClass::Http,
            error: format!("Answered {status}{}", reason(status)),
            code,
        },
    }
}

fn reason(status: u16) -> String {
    let known = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    known.map_or_else(String::new, |reason| format!(" {reason}"))
}

fn unanswered(error: &SendError) -> AttemptResult {
    let (class, text) = (error.class, error.to_string());
    match class {
        ErrorClass::Blocked | ErrorClass::Configuration => {
            AttemptResult::Permanent { class, error: text, code: None }
        }
        _ => AttemptResult::Transient { class, error: text, code: None, retry_after_ms: None },
    }
}
