//! What becomes of a request whose connector is known and whose body was read: an event, or a refusal that is kept.
//!
//! The way in for webhooks and the samples that the console sends meet here, so that a sample is refused for whatever a
//! sender would be refused for. Returns only after the outcome is committed.

use bytes::Bytes;
use domain::id::{EventId, RejectionId};
use domain::rejection::RejectionReason;
use http::{HeaderMap, header};

use crate::Services;
use crate::admission::{self, Admission, Refusal, Request};
use crate::directory::{ConnectorDoors, Door};
use crate::intake::{IntakeError, Outcome};

/// What became of a request.
#[derive(Debug)]
pub enum Reception {
    /// It is an event.
    Accepted(EventId),
    /// It was known already; the event that it made then.
    Duplicate(EventId),
    /// It asked whether anybody is here, and this is the answer.
    Challenge(String),
    /// It was refused.
    Refused {
        /// The row that is kept of it, unless so many were refused lately that it is only counted.
        id: RejectionId,
        /// Why.
        refusal: Refusal,
    },
}

/// Takes a request at one of the connector's doors.
pub async fn receive(services: &Services, doors: &ConnectorDoors, mut request: Request) -> Reception {
    if !doors.connector.active {
        let detail = format!("The connector {} is switched off.", doors.connector.code);
        let refusal = Refusal::new(RejectionReason::ConnectorInactive, detail);
        return refuse(services, doors, None, request, refusal).await;
    }
    if let Err(refusal) = check_content_type(&request.headers) {
        return refuse(services, doors, None, request, refusal).await;
    }
    let door = match admission::choose_door(doors, &request) {
        Ok(door) => door,
        Err(refusal) => return refuse(services, doors, None, request, refusal).await,
    };
    if request.body.len() > usize::try_from(door.receiver.limits.body_bytes).unwrap_or(usize::MAX) {
        let refusal = too_large(door.receiver.limits.body_bytes);
        request.body = Bytes::new();
        return refuse(services, doors, Some(&door), request, refusal).await;
    }
    match admission::admit(&doors.connector, &door, &request) {
        Err(refusal) => refuse(services, doors, Some(&door), request, *refusal).await,
        Ok(Admission::Challenge(challenge)) => Reception::Challenge(challenge),
        Ok(Admission::Accept(submission)) => match services.intake.accept(*submission).await {
            Ok(Outcome::Accepted(id)) => Reception::Accepted(id),
            Ok(Outcome::Duplicate(id)) => Reception::Duplicate(id),
            Err(error) => {
                let detail = match error {
                    IntakeError::Full => "Too many requests wait to be stored. Try again in a moment.",
                    IntakeError::Store => "The request could not be stored. Try again in a moment.",
                    IntakeError::Stopping => "The server is stopping. Try again in a moment.",
                };
                let refusal =
                    Refusal { retry_after_s: Some(1), ..Refusal::new(RejectionReason::Overloaded, detail) };
                refuse(services, doors, Some(&door), request, refusal).await
            }
        },
    }
}

/// Keeps a refusal.
pub async fn refuse(
    services: &Services,
    doors: &ConnectorDoors,
    door: Option<&Door>,
    request: Request,
    refusal: Refusal,
) -> Reception {
    let rejection = admission::rejection(doors, door, &request, &refusal);
    let id = rejection.id.clone();
    let body = rejection.payload_id.is_some().then_some(request.body);
    services.intake.reject(rejection, body).await;
    Reception::Refused { id, refusal }
}

/// The refusal of a body over a limit in bytes.
pub fn too_large(limit: i64) -> Refusal {
    let detail = format!("The body is larger than {limit} bytes, the receiver's limit.");
    Refusal::new(RejectionReason::TooLarge, detail)
}

/// `application/json`, anything that ends in `+json`, or nothing at all, which is taken for JSON and then has to be.
fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let text = value.to_str().unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "application/json" || essence == "text/json" || essence.ends_with("+json") {
        return Ok(());
    }
    let shown: String = essence.chars().take(80).collect();
    let detail =
        format!("This receiver takes JSON, and the content type is \"{shown}\". Send application/json.");
    Err(Refusal::new(RejectionReason::UnsupportedMediaType, detail))
}
