//! Routes from receivers to destinations, and previews of their mappings.

use domain::connector::check_fields;
use domain::error::{FieldProblem, Problem};
use domain::event::EventType;
use domain::id::{ConnectorId, ReceiverId, RouteId};
use domain::mapping::{FieldMapping, MappingIssue, MappingIssueCode};
use domain::page::{Page, PageQuery};
use domain::receiver::MAX_BODY_LIMIT;
use domain::route::{MappingPreview, MappingPreviewRequest, NewRoute, Route, RouteDestination, RoutePatch};
use domain::signature::JsonPointer;
use domain::time::Timestamp;
use serde_json::json;

use crate::Services;
use crate::access::Access;
use crate::audit::{self, Action};
use crate::cursor;
use crate::input::Checks;
use crate::mapping::{self, MappingContext};
use crate::store::{self, Tx};

/// One page of routes, newest first: those of one receiver, or all.
///
/// # Errors
/// 400 `invalid_cursor`; 404 when there is no such receiver.
pub async fn list(
    services: &Services,
    access: &Access,
    receiver: Option<&ReceiverId>,
    page: &PageQuery,
) -> Result<Page<Route>, Problem> {
    let before: Option<RouteId> = cursor::decode(page.cursor.as_deref())?;
    let (limit, organization) = (page.limit(), access.organization());
    let mut tx = services.store.read().await?;
    if let Some(id) = receiver {
        connector_of(&mut tx, access, id).await?;
    }
    let fetch = i64::from(limit) + 1;
    let routes = store::routes::list(&mut tx, organization, receiver, before.as_ref(), fetch).await?;
    Ok(Page::from_overfetch(routes, limit, |route| cursor::encode(&route.id)))
}

/// One route.
///
/// # Errors
/// 404.
pub async fn read(services: &Services, access: &Access, id: &RouteId) -> Result<Route, Problem> {
    let mut tx = services.store.read().await?;
    found(store::routes::find(&mut tx, access.organization(), id).await?)
}

fn found(route: Option<Route>) -> Result<Route, Problem> {
    route.ok_or_else(|| Problem::not_found("route"))
}

/// Creates a route.
///
/// # Errors
/// 404 when there is no such receiver; 422 with the fields that need attention.
pub async fn create(services: &Services, access: &Access, new: NewRoute) -> Result<Route, Problem> {
    let now = services.clock.now();
    let route = Route {
        id: RouteId::new(now),
        organization_id: access.organization().clone(),
        receiver_id: new.receiver_id,
        name: new.name.trim().to_owned(),
        event_type: new.event_type,
        mapping: new.mapping,
        mapping_version: 1,
        destination: new.destination,
        retry: new.retry,
        active: true,
        created_at: now,
        updated_at: now,
    };
    let mut checks = Checks::default();
    check_mapping(&mut checks, &route.mapping);
    check(&mut checks, &route);
    let mut tx = services.store.write().await?;
    lock_ends(&mut tx, access, &route).await?;
    check_destination(&mut tx, access, &mut checks, &route.destination).await?;
    checks.no_nul(&route);
    checks.finish()?;

    store::routes::insert(&mut tx, &route).await?;
    store::routes::insert_mapping_version(&mut tx, &route, &access.actor().to_string(), now).await?;
    let detail = json!({
        "receiver": route.receiver_id, "name": route.name, "event_type": route.event_type,
        "destination": destination_in_short(&route.destination),
    });
    audit::record(&mut tx, access, now, Action::RouteCreated, route.id.as_str(), detail).await?;
    tx.commit().await?;
    services.directory.invalidate();
    Ok(route)
}

/// Changes a route. A changed mapping becomes the next version; the earlier ones are kept.
///
/// # Errors
/// 404; 422 with the fields that need attention.
pub async fn update(
    services: &Services,
    access: &Access,
    id: &RouteId,
    patch: RoutePatch,
) -> Result<Route, Problem> {
    let now = services.clock.now();
    let mut checks = Checks::default();
    if let Some(mapping) = &patch.mapping {
        check_mapping(&mut checks, mapping);
    }
    let mut tx = services.store.write().await?;
    let mut wanted = found(store::routes::find(&mut tx, access.organization(), id).await?)?;
    wanted.destination = patch.destination.unwrap_or(wanted.destination);
    lock_ends(&mut tx, access, &wanted).await?;
    // Read again: it may have changed while we waited for the locks.
    let before = found(store::routes::find(&mut tx, access.organization(), id).await?)?;
    let mut after = Route {
        name: patch.name.map_or_else(|| before.name.clone(), |name| name.trim().to_owned()),
        event_type: patch.event_type.unwrap_or_else(|| before.event_type.clone()),
        mapping: patch.mapping.unwrap_or_else(|| before.mapping.clone()),
        destination: wanted.destination,
        retry: patch.retry.unwrap_or(before.retry),
        active: patch.active.unwrap_or(before.active),
        ..before.clone()
    };
    if after == before {
        return Ok(before);
    }
    // Switching off always works, whatever else may have become wrong with it.
    let only_off = !after.active && Route { active: before.active, ..after.clone() } == before;
    if !only_off {
        check(&mut checks, &after);
        check_destination(&mut tx, access, &mut checks, &after.destination).await?;
        checks.no_nul(&after);
        checks.finish()?;
    }

    after.updated_at = now;
    if after.mapping != before.mapping {
        after.mapping_version = before.mapping_version + 1;
        store::routes::insert_mapping_version(&mut tx, &after, &access.actor().to_string(), now).await?;
    }
    store::routes::update(&mut tx, &after).await?;
    let detail = audit::changes(&before, &after);
    audit::record(&mut tx, access, now, Action::RouteUpdated, id.as_str(), detail).await?;
    tx.commit().await?;
    services.directory.invalidate();
    Ok(after)
}

/// Deletes a route; deliveries that it made go on.
///
/// # Errors
/// 404.
pub async fn delete(services: &Services, access: &Access, id: &RouteId) -> Result<(), Problem> {
    let now = services.clock.now();
    let mut tx = services.store.write().await?;
    let route = found(store::routes::find(&mut tx, access.organization(), id).await?)?;
    if !store::routes::delete(&mut tx, access.organization(), id, now).await? {
        return Err(Problem::not_found("route"));
    }
    let detail = json!({ "receiver": route.receiver_id, "name": route.name });
    audit::record(&mut tx, access, now, Action::RouteDeleted, id.as_str(), detail).await?;
    tx.commit().await?;
    services.directory.invalidate();
    Ok(())
}

/// What a mapping makes of a sample; nothing is stored. Templates see a made-up event around the sample.
///
/// # Errors
/// 422 when the sample is too large.
pub fn preview(request: &MappingPreviewRequest) -> Result<MappingPreview, Problem> {
    /// 2026-01-01T00:00:00Z
    const SAMPLE_TIME: Timestamp = Timestamp::from_seconds(1_767_225_600);
    const MAX_SAMPLE: usize = MAX_BODY_LIMIT as usize;
    if request.sample.len() > MAX_SAMPLE {
        return Err(Problem::invalid_field("/sample", "Use a sample of at most 10 MiB."));
    }
    let context = MappingContext {
        event_id: "evt_00000000000000000000000000000000",
        event_type: "sample",
        source_record_id: Some("sample-1"),
        received_at: SAMPLE_TIME,
    };
    let mapped = mapping::compile(&request.mapping)
        .and_then(|mapping| mapping.apply(request.sample.as_bytes(), &context));
    Ok(match mapped {
        // What a mapping writes is JSON, and so UTF-8.
        Ok(body) => {
            MappingPreview { body: Some(String::from_utf8_lossy(&body).into_owned()), issues: Vec::new() }
        }
        Err(issues) => MappingPreview { body: None, issues },
    })
}

async fn connector_of(tx: &mut Tx, access: &Access, receiver: &ReceiverId) -> Result<ConnectorId, Problem> {
    let stored = store::receivers::find(tx, access.organization(), receiver).await?;
    stored.map(|stored| stored.receiver.connector_id).ok_or_else(|| Problem::not_found("receiver"))
}

/// Makes the connectors at both ends of a route stand still until this transaction ends. Always in the same order, so
/// that two routes between the same connectors cannot wait for each other.
async fn lock_ends(tx: &mut Tx, access: &Access, route: &Route) -> Result<(), Problem> {
    let mut ends = vec![connector_of(tx, access, &route.receiver_id).await?];
    if let RouteDestination::Http { connector_id, .. } = &route.destination {
        ends.push(connector_id.clone());
    }
    ends.sort();
    ends.dedup();
    for id in &ends {
        // A destination that is not there is a problem with that field, which the check names.
        store::connectors::lock(tx, access.organization(), id).await?;
    }
    // Again: the receiver may have been deleted while we waited.
    connector_of(tx, access, &route.receiver_id).await.map(drop)
}

/// What must be true of a route by itself, its mapping aside.
fn check(checks: &mut Checks, route: &Route) {
    checks.name("/name", &route.name);
    checks.extend(route.retry.check("/retry"));
    match &route.destination {
        RouteDestination::Record { entity, id_pointer } => {
            // The default route names records after the event type, so the same characters are fine.
            checks.require(
                entity.parse::<EventType>().is_ok(),
                "/destination/entity",
                "Use 1 to 200 characters: letters, digits and _ . : / -",
            );
            check_pointer(checks, "/destination/id_pointer", id_pointer.as_deref());
        }
        RouteDestination::Http { path, headers, record_id_pointer, .. } => {
            if let Err(issue) = mapping::compile_path(path) {
                checks.problem("/destination/path", issue.message);
            }
            let headers = check_fields(None, None, Some(headers));
            checks.extend(
                headers
                    .into_iter()
                    .map(|problem| FieldProblem {
                        pointer: format!("/destination{}", problem.pointer),
                        ..problem
                    })
                    .collect(),
            );
            check_pointer(checks, "/destination/record_id_pointer", record_id_pointer.as_deref());
        }
    }
}

fn check_pointer(checks: &mut Checks, pointer: &str, text: Option<&str>) {
    let fine = text.is_none_or(|text| text.parse::<JsonPointer>().is_ok());
    checks.require(fine, pointer, "Use a JSON pointer such as /data/id.");
}

/// Notes what keeps a mapping from being compiled. Not for inside a transaction: a large one takes its time.
fn check_mapping(checks: &mut Checks, mapping: &FieldMapping) {
    let issues = mapping::compile(mapping).err().unwrap_or_default();
    checks.extend(issues.into_iter().map(mapping_problem).collect());
}

fn mapping_problem(issue: MappingIssue) -> FieldProblem {
    let part = match issue.code {
        MappingIssueCode::TargetConflict | MappingIssueCode::TargetGap => "/target",
        MappingIssueCode::ExpressionInvalid | MappingIssueCode::TemplateInvalid => "/source",
        // About a constant or a default: the message says which.
        _ => "",
    };
    let pointer = match issue.rule {
        Some(rule) => format!("/mapping/fields/{rule}{part}"),
        None => "/mapping".to_owned(),
    };
    FieldProblem { pointer, detail: issue.message }
}

/// What must be true of the connector that a route leads to.
async fn check_destination(
    tx: &mut Tx,
    access: &Access,
    checks: &mut Checks,
    destination: &RouteDestination,
) -> Result<(), Problem> {
    let RouteDestination::Http { connector_id, .. } = destination else { return Ok(()) };
    match store::connectors::find(tx, access.organization(), connector_id).await? {
        None => {
            checks.problem("/destination/connector_id", "There is no such connector in this organization.");
        }
        Some(stored) if stored.connector.base_url.is_none() => checks.problem(
            "/destination/connector_id",
            format!("{} has no base URL. Give it one first.", stored.connector.name),
        ),
        Some(_) => {}
    }
    Ok(())
}

fn destination_in_short(destination: &RouteDestination) -> serde_json::Value {
    match destination {
        RouteDestination::Record { entity, .. } => json!({ "record": entity }),
        RouteDestination::Http { connector_id, method, .. } => {
            json!({ "connector": connector_id, "method": method })
        }
    }
}
