//! Which way a replay takes: its own route or another one of its receiver, with a version of the route's mapping.

use domain::delivery::{Delivery, MappingVersion, ReplayChoices, RouteChoice};
use domain::error::Problem;
use domain::id::{DeliveryId, OrganizationId, RouteId};
use domain::route::Route;

use crate::Services;
use crate::access::Access;
use crate::directory::{self, RouteStub};
use crate::store::{self, Tx};

/// Versions of a mapping that are offered at most.
const MAX_VERSIONS: i64 = 100;

/// The ways that a replay of a delivery may take.
///
/// # Errors
/// 404.
pub async fn choices(
    services: &Services,
    access: &Access,
    id: &DeliveryId,
) -> Result<ReplayChoices, Problem> {
    let organization = access.organization();
    let mut tx = services.store.read().await?;
    let delivery = store::deliveries::find(&mut tx, organization, id).await?;
    let delivery = delivery.ok_or_else(|| Problem::not_found("delivery"))?;
    let mut own = RouteChoice {
        route_id: delivery.route_id.clone(),
        name: "Built-in records".into(),
        destination_name: delivery.destination_name.clone(),
        versions: Vec::new(),
    };
    if let Some(route) = &delivery.route_id {
        let route = store::routes::find_even_deleted(&mut tx, organization, route).await?;
        own.name = route.as_ref().map_or_else(|| "A route that is gone".into(), |route| route.name.clone());
        if let Some(route) = route {
            own.versions = versions(&mut tx, organization, &route).await?;
        }
    }
    let mut routes = vec![own];
    for route in others(&mut tx, organization, &delivery).await? {
        let versions = versions(&mut tx, organization, &route).await?;
        let name = route.name.clone();
        let stub = directory::stub(&mut tx, route).await?;
        let destination_name = stub.destination_name;
        routes.push(RouteChoice { route_id: Some(stub.id), name, destination_name, versions });
    }
    Ok(ReplayChoices { routes })
}

async fn versions(
    tx: &mut Tx,
    organization: &OrganizationId,
    route: &Route,
) -> store::Result<Vec<MappingVersion>> {
    store::routes::list_mapping_versions(tx, organization, &route.id, MAX_VERSIONS).await
}

/// The other routes that a replay of `delivery` may take: of its receiver, active, and made for its event type.
async fn others(
    tx: &mut Tx,
    organization: &OrganizationId,
    delivery: &Delivery,
) -> store::Result<Vec<Route>> {
    let Some(receiver) = &delivery.receiver_id else { return Ok(Vec::new()) };
    let mut routes = store::routes::list_active_of_receiver(tx, organization, receiver).await?;
    routes.retain(|route| {
        Some(&route.id) != delivery.route_id.as_ref() && route.event_type.matches(&delivery.event_type)
    });
    Ok(routes)
}

/// A delivery on the way that was chosen for it.
pub(super) struct Way {
    /// The delivery, with the chosen route, destination and mapping.
    pub delivery: Delivery,
    /// Another lane than its own.
    pub lane: Option<String>,
}

/// Puts `original` on the way that was chosen.
///
/// # Errors
/// 422 when there is no such way; what belongs to another organization is not there.
pub(super) async fn choose(
    tx: &mut Tx,
    organization: &OrganizationId,
    original: Delivery,
    route: Option<&RouteId>,
    version: Option<i64>,
) -> Result<Way, Problem> {
    let mut way = Way { delivery: original, lane: None };
    if let Some(wanted) = route.filter(|wanted| Some(*wanted) != way.delivery.route_id.as_ref()) {
        let found = others(tx, organization, &way.delivery).await?.into_iter().find(|one| one.id == *wanted);
        let found = found.ok_or_else(|| {
            let detail = "Choose an active route of the same receiver that takes this event type.";
            Problem::invalid_field("/route_id", detail)
        })?;
        let RouteStub { id, destination, destination_name, lane, .. } = directory::stub(tx, found).await?;
        way.delivery = Delivery { route_id: Some(id), destination, destination_name, ..way.delivery };
        way.lane = Some(lane);
    }
    way.delivery.mapping_version = version;
    if let Some(version) = version {
        let kept = match &way.delivery.route_id {
            None => None,
            Some(route) => store::routes::find_mapping_version(tx, organization, route, version).await?,
        };
        if kept.is_none() {
            let detail = format!("The route has no version {version} of its mapping.");
            return Err(Problem::invalid_field("/mapping_version", detail));
        }
    }
    Ok(way)
}
