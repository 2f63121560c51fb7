//! A sample request to a receiver: signed here with the receiver's own secret, which nobody gets to see, and taken in
//! through the same door as everybody's.

use bytes::Bytes;
use domain::error::Problem;
use domain::event::EventType;
use domain::id::{EventId, ReceiverId};
use domain::sample::{SampleOutcome, SampleRequest};
use domain::signature::{Message, Source, sample_headers};
use domain::text::sentence;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;

use crate::Services;
use crate::access::Access;
use crate::admission::Request;
use crate::audit::{self, Action};
use crate::input::Checks;
use crate::reception::{self, Reception};
use crate::store;

/// How many headers of its own a sample may have.
const MAX_HEADERS: usize = 20;
/// Who sent it, for whoever finds the event later.
const SENDER: &str = "signalbox-sample";

/// Signs and sends a sample; what its sender would have heard.
///
/// # Errors
/// 404; 422 when it cannot be sent as it is; 409 `no_secret` when there is nothing to sign it with.
pub async fn send(
    services: &Services,
    access: &Access,
    id: &ReceiverId,
    sample: SampleRequest,
) -> Result<SampleOutcome, Problem> {
    let mut headers = check(&sample)?;
    let now = services.clock.now();
    let mut tx = services.store.write().await?;
    let organization = access.organization();
    let receiver = store::receivers::find(&mut tx, organization, id).await?;
    let receiver = receiver.ok_or_else(|| Problem::not_found("receiver"))?.receiver;
    let connector = store::connectors::find(&mut tx, organization, &receiver.connector_id).await?;
    let connector = connector.ok_or_else(|| Problem::not_found("receiver"))?.connector;
    let detail = json!({ "event_type": sample.event_type });
    audit::record(&mut tx, access, now, Action::ReceiverSampleSent, id.as_str(), detail).await?;
    tx.commit().await?;

    let doors = services.directory.doors(&connector.code).await.map_err(|error| {
        tracing::error!(%error, "the connector of a sample could not be looked up");
        Problem::unavailable("The store does not answer. Try again in a moment.")
    })?;
    let doors = doors.ok_or_else(|| Problem::not_found("receiver"))?;
    let door = doors.doors.iter().find(|door| door.receiver.id == *id);
    let door = door.ok_or_else(|| Problem::not_found("receiver"))?;
    let secrets = door.secrets();
    let secret = secrets.first().map_or(&b""[..], |secret| secret.value);
    if secrets.is_empty() && door.receiver.scheme.requires_secret() {
        let detail = "The receiver has no secret to sign with. Set one first.";
        return Err(Problem::conflict("no_secret", detail));
    }
    // A provider gives every event an id of its own; ours only have to differ. Without one a body that is sent again
    // would be taken for the same event.
    let message_id = format!("msg_{}", &EventId::new(now).as_str()[EventId::PREFIX.len()..]);
    let message = Message { body: sample.body.as_bytes(), id: &message_id };
    let signed = sample_headers(&door.receiver.scheme, secret, &sample.event_type, &message, now);
    for (name, value) in
        signed.map_err(|error| Problem::conflict("not_signed", sentence(&error.to_string())))?
    {
        // What a scheme makes is visible ASCII.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    if let Ok(value) = HeaderValue::try_from(&message_id) {
        if let Some(Source::Header { name }) = &door.receiver.sources.delivery_id
            && let Ok(name) = HeaderName::try_from(name.as_str())
        {
            headers.insert(name, value.clone());
        }
        headers.insert(HeaderName::from_static("idempotency-key"), value);
    }
    let body = Bytes::from(sample.body);
    let request = Request { headers, body, remote_addr: None, received_at: services.clock.now() };
    match reception::receive(services, &doors, request).await {
        Reception::Accepted(event) => accepted(services, access, event, false).await,
        Reception::Duplicate(event) => accepted(services, access, event, true).await,
        Reception::Challenge(_) => Ok(SampleOutcome::Answered),
        Reception::Refused { id, refusal } => {
            let mut tx = services.store.read().await?;
            let kept = store::rejections::find(&mut tx, organization, &id).await?;
            Ok(SampleOutcome::Refused {
                rejection_id: kept.map(|kept| kept.id),
                status: refusal.reason.status(),
                reason: refusal.reason,
                detail: refusal.detail,
            })
        }
    }
}

async fn accepted(
    services: &Services,
    access: &Access,
    event_id: EventId,
    duplicate: bool,
) -> Result<SampleOutcome, Problem> {
    let mut tx = services.store.read().await?;
    let event = store::events::find(&mut tx, access.organization(), &event_id).await?;
    let event = event.ok_or_else(|| Problem::not_found("event"))?;
    let deliveries = store::deliveries::of_event(&mut tx, access.organization(), &event_id).await?;
    Ok(SampleOutcome::Accepted {
        event_id,
        delivery_id: deliveries.into_iter().next().map(|delivery| delivery.id),
        duplicate,
        checks: event.checks,
        schema_verdict: event.schema_verdict,
    })
}

/// The headers that the sample brings, and those that every sample has.
fn check(sample: &SampleRequest) -> Result<HeaderMap, Problem> {
    let mut checks = Checks::default();
    if let Err(error) = sample.event_type.parse::<EventType>() {
        checks.problem("/event_type", sentence(&error.to_string()));
    }
    checks.require(sample.headers.len() <= MAX_HEADERS, "/headers", "Use at most 20 headers.");
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, HeaderValue::from_static(SENDER));
    for (index, header) in sample.headers.iter().enumerate() {
        match (HeaderName::try_from(&header.name), HeaderValue::try_from(&header.value)) {
            (Ok(name), Ok(value)) => _ = headers.insert(name, value),
            _ => checks.problem(format!("/headers/{index}"), "This cannot be sent as a header."),
        }
    }
    checks.finish()?;
    Ok(headers)
}
