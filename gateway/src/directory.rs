//! What intake and workers need to know about integrations, unsealed and compiled, and kept for a few seconds.
//!
//! The hot path asks for the doors of a connector and for the plan of a route; neither should cost a query or a
//! compilation each time. Changes made by this process are seen at once ([`Directory::invalidate`]), those of
//! another process after at most [`FRESHNESS`]. Rate limits live here as well, because they must outlive a refresh.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::connector::{Connector, ConnectorCode, Credentials, Header};
use domain::delivery::DestinationKind;
use domain::id::{ConnectorId, OrganizationId, ReceiverId, RouteId};
use domain::receiver::{Receiver, SchemaMode};
use domain::retry::RetryPolicy;
use domain::route::{Method, Route, RouteDestination};
use domain::signature::{SecretRef, Source, TimestampWindow, VerificationScheme};
use domain::time::Timestamp;
use moka::future::Cache;

use crate::clock::SharedClock;
use crate::mapping::{self, CompiledMapping, PathTemplate};
use crate::rate::Limiter;
use crate::schema::{self, CompiledSchema};
use crate::seal::{Purpose, Sealer, Secret};
use crate::store::{self, Store, StoreError};

/// How long another process's changes may go unseen.
pub const FRESHNESS: Duration = Duration::from_secs(5);

/// Why nothing can be said. Shared between all that waited for the same answer.
pub type DirectoryError = Arc<StoreError>;

/// A connector and its doors.
#[derive(Debug)]
pub struct ConnectorDoors {
    /// The connector.
    pub connector: Connector,
    /// Its receivers, switched off ones as well: a refusal can then say which it is.
    pub doors: Vec<Arc<Door>>,
    /// The headers in which any of its doors expects a key, in lower case. Requests are shown without what stands
    /// there, whichever door they came to.
    pub key_headers: Arc<[String]>,
}

/// A receiver, ready to verify.
#[derive(Debug)]
pub struct Door {
    /// The receiver.
    pub receiver: Receiver,
    /// How far a signed timestamp may be from now.
    pub window: TimestampWindow,
    /// Its schema, when the mode asks for one. `Err` when it cannot be used: then nothing may be let in.
    pub schema: Result<Option<CompiledSchema>, String>,
    /// Where the event type, the source record id and the delivery id stand.
    pub sources: [Vec<Source>; 3],
    /// Where its events go.
    pub routes: Vec<RouteStub>,
    /// Its rate limit.
    pub limiter: Arc<Limiter>,
    /// See [`ConnectorDoors::key_headers`].
    pub key_headers: Arc<[String]>,
    secrets: Vec<(Secret, Option<Timestamp>)>,
}

impl Door {
    /// The secrets for a verification, the current one first.
    pub fn secrets(&self) -> Vec<SecretRef<'_>> {
        self.secrets
            .iter()
            .map(|(secret, expires_at)| SecretRef { value: secret.expose(), expires_at: *expires_at })
            .collect()
    }
}

/// As much of a route as intake needs to make a delivery.
#[derive(Debug, Clone)]
pub struct RouteStub {
    /// The route.
    pub id: RouteId,
    /// Which events.
    pub event_type: domain::event::EventTypePattern,
    /// What kind of destination.
    pub destination: DestinationKind,
    /// The destination in words.
    pub destination_name: String,
    /// Which limit of concurrency its deliveries fall under.
    pub lane: String,
    /// Attempts before a dead letter.
    pub max_attempts: i64,
}

/// A route, ready to be used for a delivery.
#[derive(Debug)]
pub struct Plan {
    /// The route.
    pub route: Route,
    /// Its mapping; `None` passes the payload through byte for byte.
    pub mapping: Option<CompiledMapping>,
    /// Its destination.
    pub target: Target,
}

/// Where a plan leads.
#[derive(Debug)]
pub enum Target {
    /// The record store.
    Record {
        /// The kind of record.
        entity: String,
        /// Where the external id stands in the mapped body.
        id_pointer: Option<String>,
    },
    /// A connector's HTTP interface.
    Http(Box<HttpTarget>),
    /// It cannot be used as it is; says why and what to do.
    Unusable(String),
}

/// A connector's HTTP interface.
#[derive(Debug)]
pub struct HttpTarget {
    /// The method.
    pub method: Method,
    /// Where it begins.
    pub base: url::Url,
    /// What is appended.
    pub path: PathTemplate,
    /// The connector's headers, then the route's.
    pub headers: Vec<Header>,
    /// How we prove who we are.
    pub credentials: Option<Credentials>,
    /// Where the destination's record id stands in its answer.
    pub record_id_pointer: Option<String>,
}

/// The lane of everything that goes to the built-in record store.
pub const RECORD_LANE: &str = "record";

/// The limiter of each receiver, with the rate it was made for.
type Limiters = Arc<Mutex<HashMap<ReceiverId, (i64, Arc<Limiter>)>>>;

/// A route, and the version of its mapping when it is not the current one.
type PlanKey = (OrganizationId, RouteId, Option<i64>);

/// Knows doors and plans. Cheap to clone.
#[derive(Clone)]
pub struct Directory {
    store: Store,
    clock: SharedClock,
    sealer: Arc<Sealer>,
    doors: Cache<ConnectorCode, Option<Arc<ConnectorDoors>>>,
    plans: Cache<PlanKey, Option<Arc<Plan>>>,
    limiters: Limiters,
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Directory").finish_non_exhaustive()
    }
}

impl Directory {
    /// An empty directory over `store`.
    pub fn new(store: Store, clock: SharedClock, sealer: Arc<Sealer>) -> Self {
        Self {
            store,
            clock,
            sealer,
            // Unknown codes are remembered as well; the bound keeps a scan of addresses from filling memory.
            doors: Cache::builder().max_capacity(10_000).time_to_live(FRESHNESS).build(),
            plans: Cache::builder().max_capacity(10_000).time_to_live(FRESHNESS).build(),
            limiters: Arc::default(),
        }
    }

    /// Forgets everything that was cached; call it after committing a change of connectors, receivers or routes.
    pub fn invalidate(&self) {
        self.doors.invalidate_all();
        self.plans.invalidate_all();
    }

    /// The connector with this code and its doors; `None` when there is none.
    pub async fn doors(&self, code: &ConnectorCode) -> Result<Option<Arc<ConnectorDoors>>, DirectoryError> {
        self.doors.try_get_with_by_ref(code, self.load_doors(code)).await.map_err(|error| (*error).clone())
    }

    /// The plan of a route, deleted ones included, because deliveries may still wait for them; `None` when there
    /// never was such a route. With a version of its mapping, or the current one.
    pub async fn plan(
        &self,
        organization: &OrganizationId,
        route: &RouteId,
        version: Option<i64>,
    ) -> Result<Option<Arc<Plan>>, DirectoryError> {
        let key = (organization.clone(), route.clone(), version);
        let load = self.load_plan(organization, route, version);
        self.plans.try_get_with_by_ref(&key, load).await.map_err(|error| (*error).clone())
    }

    /// How often a delivery by this route may be tried; `None` is the default route into the record store.
    pub async fn max_attempts(
        &self,
        organization: &OrganizationId,
        route: Option<&RouteId>,
    ) -> Result<i64, DirectoryError> {
        let Some(route) = route else { return Ok(RetryPolicy::default().max_attempts()) };
        let plan = self.plan(organization, route, None).await?;
        // A delivery whose route is gone fails at its first attempt.
        Ok(plan.map_or(1, |plan| plan.route.retry.max_attempts()))
    }

    async fn load_doors(&self, code: &ConnectorCode) -> Result<Option<Arc<ConnectorDoors>>, DirectoryError> {
        let mut tx = self.store.read().await?;
        let Some(connector) =
            store::connectors::find_by_code(&mut tx, code).await?.map(|found| found.connector)
        else {
            return Ok(None);
        };
        let organization = &connector.organization_id;
        let stored = store::receivers::list_of_connector(&mut tx, organization, &connector.id).await?;
        let key_headers: Arc<[String]> =
            stored.iter().filter_map(|stored| key_header(&stored.receiver.scheme)).collect();
        let mut doors = Vec::new();
        for stored in stored {
            let mut routes = Vec::new();
            for route in
                store::routes::list_active_of_receiver(&mut tx, organization, &stored.receiver.id).await?
            {
                routes.push(stub(&mut tx, route).await.map_err(Arc::new)?);
            }
            doors.push(Arc::new(self.door(stored, routes, key_headers.clone())));
        }
        Ok(Some(Arc::new(ConnectorDoors { connector, doors, key_headers })))
    }

    fn door(
        &self,
        stored: store::receivers::StoredReceiver,
        routes: Vec<RouteStub>,
        key_headers: Arc<[String]>,
    ) -> Door {
        let receiver = stored.receiver;
        let secrets = stored
            .secrets
            .iter()
            .filter_map(|secret| {
                let id = secret.summary.id.as_str();
                match self.sealer.open(Purpose::ReceiverSecret, id, &secret.sealed) {
                    Ok(value) => Some((value, secret.summary.expires_at)),
                    Err(error) => {
                        // Fail closed: without the secret nothing verifies, and the refusals say so.
                        tracing::error!(secret = id, %error, "a receiver's secret cannot be unsealed");
                        None
                    }
                }
            })
            .collect();
        let schema = match (receiver.schema_mode, &receiver.schema) {
            (SchemaMode::Off, _) => Ok(None),
            (_, Some(schema)) => schema::compile(schema).map(Some).map_err(|problem| problem.to_string()),
            (_, None) => Err("the receiver checks a schema but has none".to_owned()),
        };
        let preset = receiver.scheme.preset();
        let sources = |own: &Option<Source>, preset: Option<&'static [Source]>| match own {
            Some(source) => vec![source.clone()],
            None => preset.unwrap_or_default().to_vec(),
        };
        let sources = [
            sources(&receiver.sources.event_type, preset.map(|preset| preset.event_type_source())),
            sources(&receiver.sources.source_record_id, preset.map(|preset| preset.source_record_source())),
            sources(&receiver.sources.delivery_id, preset.map(|preset| preset.delivery_id_source())),
        ];
        Door {
            window: TimestampWindow::try_from(receiver.limits.timestamp_window_s)
                .unwrap_or(TimestampWindow::DEFAULT),
            schema,
            sources,
            routes,
            limiter: self.limiter(&receiver.id, receiver.limits.requests_per_minute),
            key_headers,
            secrets,
            receiver,
        }
    }

    /// The receiver's limiter; a new one only when its rate has changed.
    fn limiter(&self, receiver: &ReceiverId, per_minute: i64) -> Arc<Limiter> {
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        match limiters.get(receiver) {
            Some((rate, limiter)) if *rate == per_minute => limiter.clone(),
            _ => {
                let limiter = Arc::new(Limiter::per_minute(per_minute, self.clock.clone()));
                limiters.insert(receiver.clone(), (per_minute, limiter.clone()));
                limiter
            }
        }
    }

    async fn load_plan(
        &self,
        organization: &OrganizationId,
        route: &RouteId,
        version: Option<i64>,
    ) -> Result<Option<Arc<Plan>>, DirectoryError> {
        let mut tx = self.store.read().await?;
        let Some(mut route) = store::routes::find_even_deleted(&mut tx, organization, route).await? else {
            return Ok(None);
        };
        if let Some(version) = version.filter(|version| *version != route.mapping_version) {
            let kept = store::routes::find_mapping_version(&mut tx, organization, &route.id, version).await?;
            let Some(mapping) = kept else {
                let why = format!("Version {version} of the route's mapping is not there any more.");
                return Ok(Some(Arc::new(Plan { route, mapping: None, target: Target::Unusable(why) })));
            };
            (route.mapping, route.mapping_version) = (mapping, version);
        }
        let target = match &route.destination {
            RouteDestination::Record { entity, id_pointer } => {
                Target::Record { entity: entity.clone(), id_pointer: id_pointer.clone() }
            }
            RouteDestination::Http { connector_id, method, path, headers, record_id_pointer } => {
                let connector = store::connectors::find(&mut tx, organization, connector_id).await?;
                self.http_target(connector, *method, path, headers, record_id_pointer.as_ref())
                    .map_or_else(Target::Unusable, |target| Target::Http(Box::new(target)))
            }
        };
        let (mapping, target) = match route.mapping.is_empty() {
            true => (None, target),
            false => match mapping::compile(&route.mapping) {
                Ok(compiled) => (Some(compiled), target),
                Err(issues) => {
                    let first = issues.first().map_or_else(String::new, |issue| issue.message.clone());
                    (None, Target::Unusable(format!("The route's mapping cannot be compiled: {first}")))
                }
            },
        };
        Ok(Some(Arc::new(Plan { route, mapping, target })))
    }

    fn http_target(
        &self,
        connector: Option<store::connectors::StoredConnector>,
        method: Method,
        path: &str,
        headers: &[Header],
        record_id_pointer: Option<&String>,
    ) -> Result<HttpTarget, String> {
        let stored = connector
            .ok_or("The destination's connector was deleted. Choose another one in the route and retry.")?;
        let connector = stored.connector;
        if !connector.active {
            return Err(format!("The connector {} is switched off. Switch it on and retry.", connector.name));
        }
        let base =
            connector.base_url.as_deref().and_then(|text| url::Url::parse(text).ok()).ok_or_else(|| {
                format!("The connector {} has no base URL. Give it one and retry.", connector.name)
            })?;
        let credentials = stored
            .sealed_credentials
            .map(|sealed| {
                let opened = self.sealer.open(Purpose::ConnectorCredentials, connector.id.as_str(), &sealed);
                opened
                    .map_err(|error| error.to_string())
                    .and_then(|secret| {
                        serde_json::from_slice::<Credentials>(secret.expose())
                            .map_err(|error| error.to_string())
                    })
                    .map_err(|error| {
                        tracing::error!(connector = %connector.id, error, "credentials cannot be unsealed");
                        format!(
                            "The credentials of {} cannot be unsealed. Enter them anew and retry.",
                            connector.name
                        )
                    })
            })
            .transpose()?;
        let path =
            mapping::compile_path(path).map_err(|issue| format!("The route's path: {}", issue.message))?;
        let headers = connector.headers.iter().chain(headers).cloned().collect();
        Ok(HttpTarget {
            method,
            base,
            path,
            headers,
            credentials,
            record_id_pointer: record_id_pointer.cloned(),
        })
    }
}

/// The header that holds the key itself, when it is one of the scheme's own choice.
fn key_header(scheme: &VerificationScheme) -> Option<String> {
    match scheme {
        VerificationScheme::ApiKey { header } => Some(header.as_str().to_ascii_lowercase()),
        _ => None,
    }
}

/// As much of `route` as it takes to make a delivery.
pub(crate) async fn stub(tx: &mut store::Tx, route: Route) -> Result<RouteStub, StoreError> {
    let (destination, destination_name, lane) = match &route.destination {
        RouteDestination::Record { entity, .. } => {
            (DestinationKind::Record, format!("Record {entity}"), RECORD_LANE.to_owned())
        }
        RouteDestination::Http { connector_id, method, path, .. } => {
            let connector = store::connectors::find(tx, &route.organization_id, connector_id).await?;
            let name = connector.map_or_else(|| "deleted connector".to_owned(), |found| found.connector.name);
            (DestinationKind::Http, format!("{method} {name} {path}"), lane_of(connector_id))
        }
    };
    Ok(RouteStub {
        id: route.id,
        event_type: route.event_type,
        destination,
        destination_name,
        lane,
        max_attempts: route.retry.max_attempts(),
    })
}

/// Deliveries to one third party share a lane, whatever route they came by.
fn lane_of(connector: &ConnectorId) -> String {
    connector.to_string()
}
