//! From a request at a door to an event, or to the reason why not.
//!
//! The order is that of the design: rate limit, verification over the raw bytes, timestamp window, JSON, event type,
//! schema, dedupe key. Whatever is not explicitly fine is refused, with a typed reason and a sentence that says what
//! to do. Nothing here waits: the answer depends only on the door, the bytes and the time.

use std::sync::Arc;

use bytes::Bytes;
use domain::connector::{Connector, Environment, Header};
use domain::delivery::{Delivery, DestinationKind};
use domain::event::{CheckLine, Direction, Event, EventType, SchemaVerdict};
use domain::id::{DeliveryId, EventId, PayloadId, RejectionId};
use domain::receiver::SchemaMode;
use domain::rejection::{Rejection, RejectionReason};
use domain::retry::RetryPolicy;
use domain::signature::{
    self, HeaderLines, Headers, RequestView, VerificationScheme, Verified, read_header, read_sources,
    read_sources_with,
};
use domain::status::DeliveryStatus;
use domain::text::{cleaned, is_clean, sentence};
use domain::time::{DAY, SECOND, Timestamp};
use http::HeaderMap;
use sha2::{Digest, Sha256};

use crate::directory::{ConnectorDoors, Door, RECORD_LANE, RouteStub};
use crate::intake::Submission;
use crate::json_body::{self, JsonBodyError, JsonBodyProblem};
use crate::schema::SchemaViolation;
use crate::store::deliveries::NewDelivery;
use crate::store::events::DedupeKey;

/// How long payloads and refused bodies are kept, microseconds.
pub const PAYLOAD_RETENTION: i64 = 7 * DAY;
/// Longer facts are not identifiers, and neither are those with control characters.
const MAX_FACT: usize = 200;

/// A request, whole.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, exactly as received.
    pub body: Bytes,
    /// Who sent it, as far as the connection tells.
    pub remote_addr: Option<String>,
    /// When the last byte was there.
    pub received_at: Timestamp,
}

/// What is to happen with a request.
#[derive(Debug)]
pub enum Admission {
    /// Keep it.
    Accept(Box<Submission>),
    /// Answer the provider's question whether anybody is here; nothing happened.
    Challenge(String),
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The typed reason.
    pub reason: RejectionReason,
    /// What happened and what to do.
    pub detail: String,
    /// The event type, when it was known by then.
    pub event_type: Option<EventType>,
    /// Seconds to wait, when waiting helps.
    pub retry_after_s: Option<u64>,
    /// Where the body does not fit the schema.
    pub violations: Vec<SchemaViolation>,
}

impl Refusal {
    /// A refusal that is nothing but its reason.
    pub fn new(reason: RejectionReason, detail: impl Into<String>) -> Self {
        // It may quote the request.
        let detail = sentence(&cleaned(&detail.into()));
        Self { reason, detail, event_type: None, retry_after_s: None, violations: Vec::new() }
    }
}

struct HeaderView<'a>(&'a HeaderMap);

impl Headers for HeaderView<'_> {
    fn lines(&self, name: &str) -> HeaderLines<'_> {
        HeaderLines::gather(self.0.get_all(name).iter().map(http::HeaderValue::as_bytes))
    }
}

/// The door a request belongs to.
///
/// With one receiver it is that one. Of several, the one whose event type fits most closely, as each of them reads
/// the event type; that reading is not verified yet, but the chosen door then verifies with its own secret.
pub fn choose_door(doors: &ConnectorDoors, request: &Request) -> Result<Arc<Door>, Refusal> {
    let active: Vec<&Arc<Door>> = doors.doors.iter().filter(|door| door.receiver.active).collect();
    match active.as_slice() {
        [] if doors.doors.is_empty() => {
            let detail =
                format!("The connector {} has no receiver. Create one for it.", doors.connector.code);
            return Err(Refusal::new(RejectionReason::NoReceiver, detail));
        }
        [] => {
            let detail = format!("Every receiver of the connector {} is switched off.", doors.connector.code);
            return Err(Refusal::new(RejectionReason::ReceiverInactive, detail));
        }
        [only] => return Ok(Arc::clone(only)),
        _ => {}
    }
    let headers = HeaderView(&request.headers);
    let view = RequestView { headers: &headers, body: &request.body };
    active
        .into_iter()
        .filter_map(|door| {
            let event_type = match read_sources(&view, [door.sources[0].as_slice()]) {
                Ok([Some(text)]) => text.parse().ok(),
                // A body that cannot be read names nothing; a door for one fixed event type may still take it.
                Ok([None]) | Err(_) => door.receiver.event_type.exact(),
            }?;
            door.receiver.event_type.matches(&event_type).then(|| (door.receiver.event_type.specificity(), door))
        })
        .max_by_key(|(specificity, _)| *specificity)
        .map(|(_, door)| Arc::clone(door))
        .ok_or_else(|| {
            Refusal::new(
                RejectionReason::UnknownEventType,
                "No receiver of this connector takes the event type of this request. Create one, or widen one's pattern.",
            )
        })
}

/// Decides about a request at a door.
pub fn admit(connector: &Connector, door: &Door, request: &Request) -> Result<Admission, Box<Refusal>> {
    door.limiter.check().map_err(|wait| {
        Box::new(Refusal {
            retry_after_s: Some(wait),
            ..Refusal::new(
                RejectionReason::RateLimited,
                format!(
                    "This receiver takes {} requests per minute. Try again in {wait} s.",
                    door.receiver.limits.requests_per_minute
                ),
            )
        })
    })?;
    let headers = HeaderView(&request.headers);
    let view = RequestView { headers: &headers, body: &request.body };
    let verified = verify(connector, door, &view, request.received_at).map_err(Box::new)?;
    if matches!(door.receiver.scheme, VerificationScheme::Slack {})
        && let Some(challenge) = verified.slack_challenge(&request.body)
    {
        return Ok(Admission::Challenge(challenge));
    }
    let sources = [&door.sources[0][..], &door.sources[1][..], &door.sources[2][..]];
    let [event_type, source_record_id, delivery_id] =
        read_sources_with(&view, sources, |pointers| json_body::validate_and_read(&request.body, pointers))
            .map_err(|error| Box::new(not_a_body(&error)))?;
    let event_type = event_type_of(door, event_type).map_err(Box::new)?;
    let schema_verdict = check_schema(door, &request.body, &event_type).map_err(Box::new)?;
    let checks = verified.checks.iter().map(CheckLine::from).collect();
    let dedupe_key = dedupe_key(delivery_id, request);
    let source_record_id = source_record_id.filter(|id| !id.is_empty() && is_identifier(id));
    let facts = Facts { event_type, source_record_id, dedupe_key, checks, schema_verdict };
    Ok(Admission::Accept(Box::new(submission(connector, door, request, facts))))
}

fn not_a_body(error: &JsonBodyError) -> Refusal {
    let reason = match error.problem {
        JsonBodyProblem::Empty => RejectionReason::EmptyBody,
        JsonBodyProblem::InvalidUtf8 => RejectionReason::InvalidUtf8,
        JsonBodyProblem::TooDeep => RejectionReason::NestedTooDeep,
        JsonBodyProblem::DuplicateKey { .. } => RejectionReason::DuplicateKey,
        JsonBodyProblem::Malformed { .. }
        | JsonBodyProblem::LoneSurrogate
        | JsonBodyProblem::NumberTooLarge
        | JsonBodyProblem::TrailingData => RejectionReason::MalformedJson,
    };
    Refusal::new(reason, error.to_string())
}

fn verify(
    connector: &Connector,
    door: &Door,
    view: &RequestView<'_>,
    now: Timestamp,
) -> Result<Verified, Refusal> {
    let scheme = &door.receiver.scheme;
    if scheme.requires_sandbox() && connector.environment != Environment::Sandbox {
        return Err(Refusal::new(
            RejectionReason::NotConfigured,
            "This receiver verifies nothing, which only a sandbox connector may. Choose a verification scheme.",
        ));
    }
    signature::verify(scheme, &door.secrets(), door.window, view, now)
        .map_err(|error| Refusal::new(error.reason(), error.to_string()))
}

fn event_type_of(door: &Door, found: Option<String>) -> Result<EventType, Refusal> {
    let pattern = &door.receiver.event_type;
    let event_type = match found {
        None => pattern.exact().ok_or_else(|| {
            Refusal::new(
                RejectionReason::UnknownEventType,
                "The request names no event type where this receiver looks for it.",
            )
        })?,
        Some(text) => text.parse().map_err(|error| {
            Refusal::new(
                RejectionReason::UnknownEventType,
                format!("The request's event type cannot be used: {error}."),
            )
        })?,
    };
    if pattern.matches(&event_type) {
        return Ok(event_type);
    }
    let detail = format!("This receiver takes {pattern}, and the request is {event_type}.");
    Err(Refusal { event_type: Some(event_type), ..Refusal::new(RejectionReason::UnknownEventType, detail) })
}

fn check_schema(door: &Door, body: &[u8], event_type: &EventType) -> Result<SchemaVerdict, Refusal> {
    let schema = match &door.schema {
        Ok(None) => return Ok(SchemaVerdict::NotChecked),
        Ok(Some(schema)) => schema,
        Err(why) => {
            let detail = format!("The receiver's schema cannot be used: {why}");
            return Err(Refusal::new(RejectionReason::NotConfigured, detail));
        }
    };
    let violations = schema.validate_bytes(body);
    if violations.is_empty() {
        return Ok(SchemaVerdict::Valid);
    }
    if door.receiver.schema_mode == SchemaMode::Observe {
        return Ok(SchemaVerdict::Violated);
    }
    let first = violations.first().map_or_else(String::new, |violation| {
        let pointer = if violation.pointer.is_empty() { "the body" } else { &violation.pointer };
        format!("{pointer}: {}", violation.message)
    });
    let detail = match violations.len() {
        1 => format!("The body does not fit the schema. {first}"),
        count => format!("The body does not fit the schema in {count} places. {first}"),
    };
    Err(Refusal {
        event_type: Some(event_type.clone()),
        violations,
        ..Refusal::new(RejectionReason::SchemaViolation, detail)
    })
}

fn is_identifier(text: &str) -> bool {
    text.len() <= MAX_FACT && is_clean(text)
}

/// The provider's delivery id, else an idempotency key, else a hash of the body. The prefix keeps the three apart.
fn dedupe_key(delivery_id: Option<String>, request: &Request) -> String {
    let idempotency_key = || {
        let value = request.headers.get("idempotency-key")?.to_str().ok()?;
        Some(("key", value.to_owned())).filter(|(_, value)| !value.is_empty())
    };
    let given = delivery_id.filter(|id| !id.is_empty()).map(|id| ("id", id)).or_else(idempotency_key);
    match given {
        Some((kind, text)) if is_identifier(&text) => format!("{kind}:{text}"),
        Some((kind, text)) => format!("{kind}-sha256:{}", hex::encode(Sha256::digest(text))),
        None => format!("body-sha256:{}", hex::encode(Sha256::digest(&request.body))),
    }
}

struct Facts {
    event_type: EventType,
    source_record_id: Option<String>,
    dedupe_key: String,
    checks: Vec<CheckLine>,
    schema_verdict: SchemaVerdict,
}

fn submission(connector: &Connector, door: &Door, request: &Request, facts: Facts) -> Submission {
    let now = request.received_at;
    let payload_expires_at = now.plus(PAYLOAD_RETENTION);
    let event = Event {
        id: EventId::new(now),
        organization_id: connector.organization_id.clone(),
        direction: Direction::Inbound,
        connector_id: connector.id.clone(),
        receiver_id: Some(door.receiver.id.clone()),
        event_type: facts.event_type,
        source_record_id: facts.source_record_id,
        dedupe_key: facts.dedupe_key,
        received_at: now,
        content_type: content_type(&request.headers),
        headers: shown_headers(&request.headers, &door.key_headers),
        remote_addr: request.remote_addr.clone(),
        checks: facts.checks,
        schema_verdict: facts.schema_verdict,
        payload_id: PayloadId::new(now),
        payload_bytes: i64::try_from(request.body.len()).unwrap_or(i64::MAX),
        payload_expires_at,
    };
    let mut deliveries: Vec<NewDelivery> = door
        .routes
        .iter()
        .filter(|route| route.event_type.matches(&event.event_type))
        .map(|route| delivery(&event, Some(route)))
        .collect();
    if deliveries.is_empty() {
        deliveries.push(delivery(&event, None));
    }
    let dedupe = DedupeKey {
        receiver_id: door.receiver.id.clone(),
        key: event.dedupe_key.clone(),
        event_id: event.id.clone(),
        expires_at: now.plus(door.receiver.limits.dedupe_window_s.saturating_mul(SECOND)),
    };
    Submission { event, payload: request.body.clone(), deliveries, dedupe }
}

/// A delivery of `event` along `route`; without one, the default route into the record store.
fn delivery(event: &Event, route: Option<&RouteStub>) -> NewDelivery {
    let (destination, destination_name, lane, max_attempts) = match route {
        Some(route) => {
            (route.destination, route.destination_name.clone(), route.lane.clone(), route.max_attempts)
        }
        None => (
            DestinationKind::Record,
            format!("Record {}", event.event_type),
            RECORD_LANE.to_owned(),
            RetryPolicy::default().max_attempts(),
        ),
    };
    let now = event.received_at;
    let delivery = Delivery {
        id: DeliveryId::new(now),
        organization_id: event.organization_id.clone(),
        event_id: event.id.clone(),
        direction: event.direction,
        connector_id: event.connector_id.clone(),
        receiver_id: event.receiver_id.clone(),
        route_id: route.map(|route| route.id.clone()),
        destination,
        destination_name,
        event_type: event.event_type.clone(),
        source_record_id: event.source_record_id.clone(),
        status: DeliveryStatus::Received,
        response_code: None,
        duration_us: None,
        attempts: 0,
        max_attempts,
        destination_record_id: None,
        error_class: None,
        error: None,
        received_at: now,
        created_at: now,
        updated_at: now,
        next_attempt_at: Some(now),
        replay_of: None,
        replayed_by: None,
        edited: false,
        payload_id: event.payload_id.clone(),
        payload_expires_at: event.payload_expires_at,
        mapping_version: None,
        retry_job_id: None,
    };
    NewDelivery { delivery, lane, root_id: None }
}

/// The refusal as it is kept.
pub fn rejection(
    doors: &ConnectorDoors,
    door: Option<&Door>,
    request: &Request,
    refusal: &Refusal,
) -> Rejection {
    let now = request.received_at;
    let keeps_body = !request.body.is_empty();
    let connector = &doors.connector;
    let headers = match doors.doors.is_empty() {
        true => harmless_headers(&request.headers),
        false => shown_headers(&request.headers, &doors.key_headers),
    };
    Rejection {
        id: RejectionId::new(now),
        organization_id: connector.organization_id.clone(),
        connector_id: connector.id.clone(),
        receiver_id: door.map(|door| door.receiver.id.clone()),
        reason: refusal.reason,
        detail: refusal.detail.clone(),
        event_type: refusal.event_type.clone().or_else(|| event_type_in_headers(doors, door, request)),
        received_at: now,
        remote_addr: request.remote_addr.clone(),
        content_type: content_type(&request.headers),
        headers,
        payload_id: keeps_body.then(|| PayloadId::new(now)),
        payload_bytes: i64::try_from(request.body.len()).unwrap_or(i64::MAX),
        payload_expires_at: keeps_body.then(|| now.plus(PAYLOAD_RETENTION)),
        occurrences: 1,
    }
}

/// The event type that a header names where the door looks for one; before there is a door, where any of them does.
/// Nothing has verified it.
fn event_type_in_headers(
    doors: &ConnectorDoors,
    door: Option<&Door>,
    request: &Request,
) -> Option<EventType> {
    let headers = HeaderView(&request.headers);
    let view = RequestView { headers: &headers, body: &request.body };
    let any = if door.is_none() { doors.doors.as_slice() } else { &[] };
    door.into_iter()
        .chain(any.iter().map(Arc::as_ref))
        .find_map(|door| read_header(&view, &door.sources[0])?.parse().ok())
}

fn content_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(http::header::CONTENT_TYPE)?;
    Some(cleaned(value.to_str().ok()?).chars().take(MAX_FACT).collect())
}

/// The headers for people: what authenticates is masked. Signatures stay, they prove nothing anew.
fn shown_headers(headers: &HeaderMap, key_headers: &[String]) -> Vec<Header> {
    const TELLING: [&str; 6] = ["token", "secret", "password", "api-key", "apikey", "authorization"];
    masked(headers, |name| {
        key_headers.iter().any(|own| own == name)
            || name == "cookie"
            || TELLING.iter().any(|word| name.contains(word))
    })
}

/// The headers where no door is left that could say which of them held a key: only what cannot be one is shown.
fn harmless_headers(headers: &HeaderMap) -> Vec<Header> {
    const HARMLESS: [&str; 8] = [
        "accept",
        "accept-encoding",
        "content-encoding",
        "content-length",
        "content-type",
        "date",
        "host",
        "user-agent",
    ];
    masked(headers, |name| !HARMLESS.contains(&name))
}

fn masked(headers: &HeaderMap, is_masked: impl Fn(&str) -> bool) -> Vec<Header> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = match is_masked(name.as_str()) {
                true => crate::workers::attempt::MASK.to_owned(),
                false => cleaned(&String::from_utf8_lossy(value.as_bytes())),
            };
            Header::new(name.as_str(), value)
        })
        .collect()
}
