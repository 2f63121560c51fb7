//! Fills a database with what is measured: connectors with GitHub receivers, and routes when there is a destination.

use std::sync::Arc;

use domain::connector::{Environment, NewConnector};
use domain::event::EventTypePattern;
use domain::id::{NodeId, OrganizationId};
use domain::receiver::{NewReceiver, ReceiverLimits, ReceiverSources, SchemaMode};
use domain::route::{Method, NewRoute, RouteDestination};
use domain::signature::VerificationScheme;
use gateway::access::Access;
use gateway::clock::{SharedClock, SystemClock};
use gateway::integrations;
use gateway::seal::{MasterKey, Sealer};
use gateway::services::{Services, Settings};
use gateway::testing::TestStore;

/// The receivers' secret.
pub const SECRET: &str = "Its-a-Secret-to-Everybody";
/// The installation's key.
pub const KEY: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";
/// One receiver takes a million requests a minute at most; these together take more than this machine sends.
const CONNECTORS: usize = 8;

/// What is there to send to.
pub struct Prepared {
    pub connectors: usize,
}

/// Events become records, or go to `destination` when there is one.
pub async fn prepare(db: &TestStore, destination: Option<String>) -> Prepared {
    let clock: SharedClock = Arc::new(SystemClock);
    let sealer = Arc::new(Sealer::new(MasterKey::parse(KEY).unwrap(), Vec::new()));
    let settings = Settings {
        public_url: "http://signalbox.test".into(),
        version: "bench".into(),
        environment: None,
        allow_private_destinations: true,
        attempt_timeout: std::time::Duration::from_secs(15),
        node: NodeId::new(clock.now()),
    };
    let (services, _parts) = Services::assemble(db.store.clone(), clock, sealer, settings).await.unwrap();
    let now = services.clock.now();
    let organization = OrganizationId::new(now);
    let mut tx = services.store.write().await.unwrap();
    let row = domain::user::Organization {
        id: organization.clone(),
        name: "Measured".into(),
        slug: "measured".into(),
        created_at: now,
    };
    gateway::store::organizations::insert(&mut tx, &row).await.unwrap();
    tx.commit().await.unwrap();
    let access = Access::of_command_line(organization);
    let connector = async |code: String, base_url: Option<String>| {
        let new = NewConnector {
            code: code.parse().unwrap(),
            name: code,
            kind: String::new(),
            base_url,
            headers: Vec::new(),
            credentials: None,
            environment: Environment::Production,
        };
        integrations::connectors::create(&services, &access, new).await.unwrap()
    };
    let out = match destination {
        Some(url) => Some(connector("out".into(), Some(url)).await),
        None => None,
    };
    for number in 0..CONNECTORS {
        let receiver = NewReceiver {
            connector_id: connector(format!("github-{number}"), None).await.id,
            name: "Door".into(),
            event_type: EventTypePattern::any(),
            scheme: VerificationScheme::Github {},
            secret: Some(SECRET.into()),
            sources: ReceiverSources::default(),
            schema_mode: SchemaMode::Off,
            schema: None,
            limits: ReceiverLimits { requests_per_minute: 1_000_000, ..ReceiverLimits::default() },
        };
        let receiver = integrations::receivers::create(&services, &access, receiver).await.unwrap().receiver;
        let Some(out) = &out else { continue };
        let route = NewRoute {
            receiver_id: receiver.id,
            name: "Pushes".into(),
            event_type: "push".parse().unwrap(),
            mapping: Default::default(),
            destination: RouteDestination::Http {
                connector_id: out.id.clone(),
                method: Method::Post,
                path: "/pushes".into(),
                headers: Vec::new(),
                record_id_pointer: None,
            },
            retry: Default::default(),
        };
        integrations::routes::create(&services, &access, route).await.unwrap();
    }
    Prepared { connectors: CONNECTORS }
}
