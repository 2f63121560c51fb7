//! A gateway for one test: assembled over the test's own database, with a clock that stands still.

use std::sync::Arc;
use std::time::Duration;

use domain::connector::{Connector, Environment, NewConnector};
use domain::event::EventTypePattern;
use domain::id::{NodeId, OrganizationId};
use domain::receiver::{NewReceiver, Receiver, ReceiverLimits, ReceiverSources, SchemaMode};
use domain::signature::VerificationScheme;
use domain::user::Organization;
use tokio_util::sync::CancellationToken;

use super::{MockClock, TestStore};
use crate::Services;
use crate::access::Access;
use crate::clock::Clock;
use crate::integrations;
use crate::seal::{MasterKey, Sealer};
use crate::services::{Parts, Settings};
use crate::store;
use crate::workers::deliver::Deliverer;
use crate::workers::retry_jobs::RetryJobs;

/// A gateway whose intake runs and whose deliveries wait for [`TestGate::deliver`].
#[derive(Debug)]
pub struct TestGate {
    /// The database; dropped last.
    pub db: TestStore,
    /// What tests move.
    pub clock: Arc<MockClock>,
    /// The gateway.
    pub services: Arc<Services>,
    /// Delivers when told to.
    pub deliverer: Deliverer,
    /// Gives the deliveries of batches their turns when told to.
    pub retry_jobs: RetryJobs,
    /// An organization that exists.
    pub organization: OrganizationId,
    stop: CancellationToken,
}

impl Drop for TestGate {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl TestGate {
    /// A gateway over `db` that may deliver to this machine, with attempts of at most half a second.
    pub async fn over(db: TestStore) -> Self {
        Self::with_private_destinations(db, true).await
    }

    /// The same, with a choice of where it may deliver to.
    pub async fn with_private_destinations(db: TestStore, allow: bool) -> Self {
        let clock = MockClock::shared();
        let key = MasterKey::parse(&"5a".repeat(32)).expect("a key of 32 bytes");
        let settings = Settings {
            public_url: "http://signalbox.test".into(),
            version: "test".into(),
            environment: None,
            allow_private_destinations: allow,
            attempt_timeout: Duration::from_millis(500),
            node: NodeId::new(clock.now()),
        };
        let sealer = Arc::new(Sealer::new(key, Vec::new()));
        let (services, parts) = Services::assemble(db.store.clone(), clock.clone(), sealer, settings)
            .await
            .expect("the gateway starts");
        let stop = CancellationToken::new();
        let Parts { writer, deliverer, retry_jobs } = parts;
        tokio::spawn(writer.run(stop.clone()));
        let organization = organization(&services, "first").await;
        Self { db, clock, services, deliverer, retry_jobs, organization, stop }
    }

    /// Another organization.
    pub async fn another_organization(&self, slug: &str) -> OrganizationId {
        organization(&self.services, slug).await
    }

    /// Everything is allowed in the gate's organization.
    pub fn access(&self) -> Access {
        Access::of_command_line(self.organization.clone())
    }

    /// A connector of the gate's organization.
    pub async fn connector(&self, code: &str, environment: Environment, base_url: Option<&str>) -> Connector {
        let new = NewConnector {
            code: code.parse().expect("a connector code"),
            name: code.to_owned(),
            kind: String::new(),
            base_url: base_url.map(str::to_owned),
            headers: Vec::new(),
            credentials: None,
            environment,
        };
        integrations::connectors::create(&self.services, &self.access(), new).await.expect("a connector")
    }

    /// What a receiver of `connector` is made of, to be changed and given to [`TestGate::create`].
    pub fn new_receiver(
        &self,
        connector: &Connector,
        scheme: VerificationScheme,
        secret: &str,
    ) -> NewReceiver {
        NewReceiver {
            connector_id: connector.id.clone(),
            name: "Door".into(),
            event_type: EventTypePattern::any(),
            scheme,
            secret: (!secret.is_empty()).then(|| secret.to_owned()),
            sources: ReceiverSources::default(),
            schema_mode: SchemaMode::Off,
            schema: None,
            limits: ReceiverLimits { requests_per_minute: 100_000, ..ReceiverLimits::default() },
        }
    }

    /// Creates a receiver.
    pub async fn create(&self, new: NewReceiver) -> Receiver {
        let created = integrations::receivers::create(&self.services, &self.access(), new).await;
        created.expect("a receiver").receiver
    }

    /// Delivers everything that is due, until nothing is. Returns how many attempts there were.
    pub async fn deliver(&self) -> usize {
        let mut attempts = 0;
        loop {
            match self.deliverer.tick().await.expect("delivering works") {
                0 => return attempts,
                more => attempts += more,
            }
        }
    }
}

async fn organization(services: &Services, slug: &str) -> OrganizationId {
    let now = services.clock.now();
    let organization = Organization {
        id: OrganizationId::new(now),
        name: slug.to_owned(),
        slug: slug.to_owned(),
        created_at: now,
    };
    let mut tx = services.store.write().await.expect("a transaction");
    store::organizations::insert(&mut tx, &organization).await.expect("an organization");
    tx.commit().await.expect("a commit");
    organization.id
}
