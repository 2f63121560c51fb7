//! What a person does with a delivery: look, retry, replay with or without an edit, cancel.
//!
//! Originals are immutable. A retry is another attempt of the same delivery with the same bytes; a replay is a new
//! delivery that names the one it came from, who asked for it and whether the bytes were edited.

mod way;

use bytes::Bytes;
use domain::delivery::{
    AppliedMapping, Attempt, Delivery, DeliveryDetail, DryRun, DryRunIssue, DryRunRequest, ReplayRequest,
};
use domain::error::Problem;
use domain::event::PayloadView;
use domain::id::{DeliveryId, PayloadId};
use domain::receiver::SchemaMode;
use domain::retry_job::{LeftOutReason, why_not};
use domain::status::DeliveryStatus;
use domain::time::DAY;

use crate::Services;
use crate::access::Access;
use crate::audit::Action;
use crate::input::Checks;
use crate::json_body;
use crate::store::deliveries::NewDelivery;
use crate::store::events::NewPayload;
use crate::store::rollups::Deltas;
use crate::store::{self, Tx, problem};
use crate::workers::attempt::{self, Prepared};
use crate::workers::deliver::moved;

pub use way::choices;

/// How long the bytes of an edited replay are kept, microseconds.
pub const PAYLOAD_RETENTION: i64 = 7 * DAY;
/// The largest edited payload, bytes.
const MAX_EDITED: usize = domain::receiver::MAX_BODY_LIMIT as usize;

/// Everything about one delivery.
pub async fn detail(
    services: &Services,
    access: &Access,
    id: &DeliveryId,
) -> Result<DeliveryDetail, Problem> {
    let organization = access.organization();
    let mut tx = services.store.read().await.map_err(problem)?;
    let delivery = store::deliveries::find(&mut tx, organization, id).await.map_err(problem)?;
    let delivery = delivery.ok_or_else(|| Problem::not_found("delivery"))?;
    let event = store::events::find(&mut tx, organization, &delivery.event_id).await.map_err(problem)?;
    let event = event.ok_or_else(|| Problem::not_found("event"))?;
    let attempts = store::deliveries::attempts(&mut tx, organization, id).await.map_err(problem)?;
    let mapping = applied_mapping(&mut tx, &delivery, attempts.last()).await.map_err(problem)?;
    let lineage = store::deliveries::lineage(&mut tx, organization, id).await.map_err(problem)?;
    let mut related =
        store::deliveries::of_event(&mut tx, organization, &delivery.event_id).await.map_err(problem)?;
    related.retain(|other| lineage.iter().all(|known| known.id != other.id));
    Ok(DeliveryDetail { delivery, event, attempts, mapping, lineage, related })
}

/// The mapping an attempt used, also of a route that was changed or deleted since.
async fn applied_mapping(
    tx: &mut Tx,
    delivery: &Delivery,
    attempt: Option<&Attempt>,
) -> store::Result<Option<AppliedMapping>> {
    let version = attempt.and_then(|attempt| attempt.mapping_version);
    let (Some(route), Some(version)) = (&delivery.route_id, version) else { return Ok(None) };
    let organization = &delivery.organization_id;
    let route = store::routes::find_even_deleted(tx, organization, route).await?;
    let Some(route) = route else { return Ok(None) };
    let mapping = store::routes::find_mapping_version(tx, organization, &route.id, version).await?;
    Ok(mapping.filter(|mapping| !mapping.is_empty()).map(|mapping| AppliedMapping {
        route_name: route.name,
        version,
        newest_version: route.mapping_version,
        mapping,
    }))
}

/// The bytes of an event, an edited replay or a refused request.
pub async fn payload(services: &Services, access: &Access, id: &PayloadId) -> Result<PayloadView, Problem> {
    use base64::Engine;
    let (body, content_type, expires_at) = stored_payload(services, access, id).await?;
    let bytes = i64::try_from(body.len()).unwrap_or(i64::MAX);
    let (text, base64) = match String::from_utf8(body.to_vec()) {
        Ok(text) => (Some(text), None),
        Err(error) => (None, Some(base64::engine::general_purpose::STANDARD.encode(error.as_bytes()))),
    };
    Ok(PayloadView { id: id.clone(), bytes, content_type, text, base64, expires_at })
}

/// The same as bytes, for a download.
pub async fn stored_payload(
    services: &Services,
    access: &Access,
    id: &PayloadId,
) -> Result<(Bytes, Option<String>, domain::time::Timestamp), Problem> {
    let mut tx = services.store.read().await.map_err(problem)?;
    let found = store::events::find_payload(&mut tx, access.organization(), id).await.map_err(problem)?;
    match found {
        Some(payload) if payload.expires_at > services.clock.now() => {
            Ok((Bytes::from(payload.body), payload.content_type, payload.expires_at))
        }
        _ => Err(Problem::new(
            404,
            "payload_expired",
            "Payload expired",
            "These bytes are not kept any more. The event's facts and attempts still are.",
        )),
    }
}

async fn found(services: &Services, access: &Access, id: &DeliveryId) -> Result<Delivery, Problem> {
    let mut tx = services.store.read().await.map_err(problem)?;
    let found = store::deliveries::find(&mut tx, access.organization(), id).await.map_err(problem)?;
    found.ok_or_else(|| Problem::not_found("delivery"))
}

/// A reason goes into the audit log as it is.
fn check_reason(reason: Option<&str>) -> Result<(), Problem> {
    let mut checks = Checks::default();
    checks.no_nul(&serde_json::json!({ "reason": reason }));
    checks.finish()
}

/// Another attempt of the same delivery, now, with a fresh set of retries.
pub async fn retry(
    services: &Services,
    access: &Access,
    id: &DeliveryId,
    reason: Option<String>,
) -> Result<Delivery, Problem> {
    check_reason(reason.as_deref())?;
    let before = found(services, access, id).await?;
    let now = services.clock.now();
    match why_not(before.status, before.payload_expires_at, now) {
        None => {}
        Some(LeftOutReason::PayloadExpired) => {
            let detail = "The payload has expired, so there is nothing left to send.";
            return Err(Problem::conflict("payload_expired", detail));
        }
        Some(_) => {
            let detail =
                format!("A delivery that is {} cannot be retried. Replay it instead.", before.status);
            return Err(Problem::conflict("not_retryable", detail));
        }
    }
    let attempts = max_attempts(services, &before).await?;
    change(services, access, &before, DeliveryStatus::Retrying, attempts, Action::DeliveryRetried, reason)
        .await
}

/// How often a delivery may be tried by its route.
async fn max_attempts(services: &Services, delivery: &Delivery) -> Result<i64, Problem> {
    let most = services.directory.max_attempts(&delivery.organization_id, delivery.route_id.as_ref()).await;
    most.map_err(|error| {
        tracing::error!(%error, "a route could not be read");
        Problem::internal()
    })
}

/// Ends a delivery that waits for another attempt.
pub async fn cancel(services: &Services, access: &Access, id: &DeliveryId) -> Result<Delivery, Problem> {
    let before = found(services, access, id).await?;
    if !matches!(before.status, DeliveryStatus::Received | DeliveryStatus::Retrying) {
        let detail =
            format!("A delivery that is {} cannot be canceled: only waiting ones can.", before.status);
        return Err(Problem::conflict("not_cancelable", detail));
    }
    change(services, access, &before, DeliveryStatus::Canceled, 0, Action::DeliveryCanceled, None).await
}

async fn change(
    services: &Services,
    access: &Access,
    before: &Delivery,
    to: DeliveryStatus,
    more_attempts: i64,
    action: Action,
    reason: Option<String>,
) -> Result<Delivery, Problem> {
    let now = services.clock.now();
    let due_at = (!to.is_final()).then_some(now);
    let organization = access.organization();
    let mut tx = services.store.write().await.map_err(problem)?;
    let from = before.status;
    let change = store::deliveries::StatusChange { from, to, due_at, more_attempts, at: now, job: None };
    let after = store::deliveries::change_status(&mut tx, organization, &before.id, &change)
        .await
        .map_err(problem)?;
    let after = after.ok_or_else(|| {
        Problem::conflict(
            "changed_meanwhile",
            "The delivery went on meanwhile. Look at it again before deciding.",
        )
    })?;
    let mut deltas = Deltas::default();
    moved(&mut deltas, &after, before.status, to);
    store::rollups::apply(&mut tx, &deltas, services.shard).await.map_err(problem)?;
    let detail = serde_json::json!({ "from": before.status, "to": to, "reason": reason });
    crate::audit::record(&mut tx, access, now, action, before.id.as_str(), detail).await.map_err(problem)?;
    tx.commit().await.map_err(problem)?;
    services.feed.record([after.clone()], deltas);
    services.wake.notify_one();
    Ok(after)
}

/// A new delivery of the same event, to the same destination or by another route of its receiver.
pub async fn replay(
    services: &Services,
    access: &Access,
    id: &DeliveryId,
    request: ReplayRequest,
) -> Result<Delivery, Problem> {
    check_reason(request.reason.as_deref())?;
    let original = found(services, access, id).await?;
    let organization = access.organization();
    let now = services.clock.now();
    let edited = match request.payload {
        None => None,
        Some(text) => {
            let blocking = check_edit(services, access, &original, text.as_bytes()).await?;
            if let Some(issue) = blocking.into_iter().find(|issue| issue.blocking) {
                return Err(Problem::invalid_field("/payload", issue.detail));
            }
            Some(Bytes::from(text))
        }
    };
    let (unchanged, content_type, kept_until) =
        stored_payload(services, access, &original.payload_id).await.map_or_else(
            |gone| if edited.is_some() { Ok((None, None, now)) } else { Err(gone) },
            |(body, kind, until)| Ok((Some(body), kind, until)),
        )?;
    let is_edited = edited.is_some() && edited != unchanged;
    let (route, version) = (request.route_id.as_ref(), request.mapping_version);
    let way = {
        let mut tx = services.store.read().await?;
        way::choose(&mut tx, organization, original.clone(), route, version).await?
    };
    let max_attempts = max_attempts(services, &way.delivery).await?;
    let mut tx = services.store.write().await.map_err(problem)?;
    let (payload_id, payload_expires_at) = match edited.filter(|_| is_edited) {
        None => (original.payload_id.clone(), kept_until),
        Some(body) => {
            let id = PayloadId::new(now);
            let expires_at = now.plus(PAYLOAD_RETENTION);
            let content_type = content_type.or_else(|| Some("application/json".to_owned()));
            let organization_id = organization.clone();
            let new = NewPayload { organization_id, id: id.clone(), content_type, body, expires_at };
            store::events::insert_payloads(&mut tx, std::slice::from_ref(&new)).await.map_err(problem)?;
            (id, expires_at)
        }
    };
    let own = store::deliveries::lane_of(&mut tx, organization, id).await.map_err(problem)?;
    let lane = way.lane.or(own).ok_or_else(|| Problem::not_found("delivery"))?;
    let root = store::deliveries::root_of(&mut tx, organization, id).await.map_err(problem)?;
    let delivery = Delivery {
        id: DeliveryId::new(now),
        status: DeliveryStatus::Received,
        response_code: None,
        duration_us: None,
        attempts: 0,
        max_attempts,
        destination_record_id: None,
        error_class: None,
        error: None,
        created_at: now,
        updated_at: now,
        next_attempt_at: Some(now),
        replay_of: Some(original.id.clone()),
        replayed_by: Some(access.actor().to_string()),
        edited: is_edited,
        payload_id,
        payload_expires_at,
        retry_job_id: None,
        ..way.delivery
    };
    let new = NewDelivery { delivery: delivery.clone(), lane, root_id: Some(root) };
    store::deliveries::insert_many(&mut tx, std::slice::from_ref(&new)).await.map_err(problem)?;
    let mut deltas = Deltas::default();
    let (connector, event_type) = (&delivery.connector_id, Some(&delivery.event_type));
    deltas.add(organization, now, connector, event_type, delivery.status.into(), 1);
    store::rollups::apply(&mut tx, &deltas, services.shard).await.map_err(problem)?;
    let detail = serde_json::json!({
        "replay": delivery.id, "edited": is_edited, "reason": request.reason, "payload": delivery.payload_id,
        "route": delivery.route_id, "mapping_version": delivery.mapping_version,
    });
    crate::audit::record(&mut tx, access, now, Action::DeliveryReplayed, original.id.as_str(), detail)
        .await
        .map_err(problem)?;
    tx.commit().await.map_err(problem)?;
    services.feed.record([delivery.clone()], deltas);
    services.wake.notify_one();
    Ok(delivery)
}

/// What a replay would send, without sending it.
pub async fn dry_run(
    services: &Services,
    access: &Access,
    id: &DeliveryId,
    request: DryRunRequest,
) -> Result<DryRun, Problem> {
    let original = found(services, access, id).await?;
    let (route, version) = (request.route_id.as_ref(), request.mapping_version);
    let delivery = {
        let mut tx = services.store.read().await?;
        way::choose(&mut tx, access.organization(), original, route, version).await?.delivery
    };
    let (payload, content_type) = match request.payload {
        Some(text) => (Bytes::from(text), Some("application/json".to_owned())),
        None => {
            let (body, content_type, _) = stored_payload(services, access, &delivery.payload_id).await?;
            (body, content_type)
        }
    };
    let mut issues = check_edit(services, access, &delivery, &payload).await?;
    let upsert = DryRun {
        method: "UPSERT".into(),
        url: delivery.destination_name.clone(),
        headers: Vec::new(),
        body: Some(String::from_utf8_lossy(&payload).into_owned()),
        issues: Vec::new(),
    };
    let Some(route) = &delivery.route_id else { return Ok(DryRun { issues, ..upsert }) };
    let plan = services.directory.plan(access.organization(), route, version).await.map_err(|error| {
        tracing::error!(%error, "a route could not be read");
        Problem::internal()
    })?;
    let Some(plan) = plan else {
        issues.push(mapping_issue("The route of this delivery is not there any more.".into()));
        return Ok(DryRun { body: None, issues, ..upsert });
    };
    let described = |tried: attempt::Tried, issues: Vec<DryRunIssue>| DryRun {
        method: tried.method,
        url: tried.url,
        headers: tried.request_headers,
        body: tried.request_body.map(|body| String::from_utf8_lossy(&body).into_owned()),
        issues,
    };
    Ok(match attempt::prepare(&delivery, &plan, &payload, content_type.as_deref()) {
        Ok(Prepared::Http(request)) => DryRun {
            method: request.method.as_str().to_owned(),
            url: request.url.to_string(),
            headers: request.shown_headers,
            body: Some(String::from_utf8_lossy(&request.body).into_owned()),
            issues,
        },
        Ok(Prepared::Record(tried)) | Err(tried) => {
            if let attempt::AttemptResult::Permanent { error, .. } = &tried.result {
                issues.push(mapping_issue(error.clone()));
            }
            described(*tried, issues)
        }
    })
}

fn mapping_issue(detail: String) -> DryRunIssue {
    DryRunIssue { source: "mapping".into(), pointer: String::new(), detail, blocking: true }
}

/// What is wrong with an edited payload: as JSON, and by the receiver's schema.
async fn check_edit(
    services: &Services,
    access: &Access,
    delivery: &Delivery,
    bytes: &[u8],
) -> Result<Vec<DryRunIssue>, Problem> {
    if bytes.len() > MAX_EDITED {
        return Err(Problem::invalid_field("/payload", "Use at most 10 MiB."));
    }
    if let Err(error) = json_body::validate(bytes) {
        let detail = error.to_string();
        return Ok(vec![DryRunIssue {
            source: "json".into(),
            pointer: error.pointer,
            detail,
            blocking: true,
        }]);
    }
    let Some(receiver) = &delivery.receiver_id else { return Ok(Vec::new()) };
    let mut tx = services.store.read().await.map_err(problem)?;
    let stored = store::receivers::find(&mut tx, access.organization(), receiver).await.map_err(problem)?;
    drop(tx);
    let Some(receiver) = stored.map(|stored| stored.receiver) else { return Ok(Vec::new()) };
    let (Some(schema), true) = (&receiver.schema, receiver.schema_mode != SchemaMode::Off) else {
        return Ok(Vec::new());
    };
    let compiled = crate::schema::compile(schema).map_err(|why| {
        Problem::conflict("schema_unusable", format!("The receiver's schema cannot be used: {why}"))
    })?;
    let violations = compiled.validate_bytes(bytes);
    let blocking = receiver.schema_mode == SchemaMode::Enforce;
    Ok(violations
        .into_iter()
        .map(|violation| DryRunIssue {
            source: "schema".into(),
            pointer: violation.pointer,
            detail: violation.message,
            blocking,
        })
        .collect())
}
