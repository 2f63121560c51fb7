//! An installation for a test: the services over a database of its own, with a clock that stands still.

use std::sync::Arc;

use domain::connector::{Connector, Environment, NewConnector};
use domain::error::Problem;
use domain::receiver::{NewReceiver, Receiver, ReceiverLimits, ReceiverSources, SchemaMode};
use domain::route::{NewRoute, Route, RouteDestination};
use domain::signature::VerificationScheme;
use domain::user::{LoginRequest, Organization, Role, SessionInfo, SetupRequest, User};
use gateway::Services;
use gateway::access::{Access, Principal};
use gateway::accounts::{self, Peer, SessionToken, users};
use gateway::integrations::{connectors, receivers, routes};
use gateway::store::audit::AuditRow;
use gateway::testing::{MockClock, TestGate, TestStore};

/// A password that does.
pub const PASSWORD: &str = "correct horse rail";

/// A gateway that nobody has signed in to. It has one organization, `first`, without people.
pub struct Installation {
    pub services: Arc<Services>,
    pub clock: Arc<MockClock>,
    gate: TestGate,
}

impl Installation {
    pub async fn new(db: TestStore) -> Self {
        Self::with_private_destinations(db, true).await
    }

    pub async fn with_private_destinations(db: TestStore, allowed: bool) -> Self {
        let gate = TestGate::with_private_destinations(db, allowed).await;
        Self { services: gate.services.clone(), clock: gate.clock.clone(), gate }
    }

    /// The first administrator went through set-up.
    pub async fn set_up(db: TestStore) -> (Self, SessionInfo, SessionToken) {
        let installation = Self::new(db).await;
        let link = accounts::create_setup_link(&installation.services).await.unwrap();
        let request = setup_request(&link.token);
        let (info, token) = accounts::setup(&installation.services, request, &peer()).await.unwrap();
        (installation, info, token)
    }

    /// An organization of that short name with an administrator `admin@{slug}.example`.
    pub async fn organization(&self, slug: &str) -> Tenant {
        let id = self.gate.another_organization(slug).await;
        let mut tx = self.services.store.read().await.unwrap();
        let organization = gateway::store::organizations::find(&mut tx, &id).await.unwrap().unwrap();
        drop(tx);
        let admin = self.user(&format!("admin@{slug}.example"), Some(slug), Role::Admin).await;
        Tenant { access: Access::of_command_line(id), organization, admin }
    }

    pub async fn user(&self, email: &str, organization: Option<&str>, role: Role) -> User {
        let new = users::NewUser {
            email: email.into(),
            name: email.split('@').next().unwrap().into(),
            password: PASSWORD.into(),
            organization: organization.map(str::to_owned),
            role,
            global_admin: false,
        };
        users::create(&self.services, new).await.unwrap()
    }

    pub async fn login(&self, email: &str, password: &str) -> Result<(SessionInfo, SessionToken), Problem> {
        let request = LoginRequest { email: email.into(), password: password.into() };
        accounts::login(&self.services, request, &peer()).await
    }

    pub async fn whose(&self, token: &SessionToken) -> Option<Principal> {
        accounts::resolve_session(&self.services, token.expose()).await.unwrap()
    }

    /// Everything in the audit log, of the organization and of the installation, the newest first in each.
    pub async fn audit(&self, tenant: &Tenant) -> Vec<AuditRow> {
        let mut tx = self.services.store.read().await.unwrap();
        let organization = tenant.access.organization();
        let mut rows = gateway::store::audit::list(&mut tx, organization, None, 1_000).await.unwrap();
        rows.extend(gateway::store::audit::list_of_installation(&mut tx, None, 1_000).await.unwrap());
        rows
    }

    pub async fn connector(&self, tenant: &Tenant, code: &str) -> Connector {
        self.clock.advance(domain::time::SECOND);
        connectors::create(&self.services, &tenant.access, new_connector(code)).await.unwrap()
    }

    pub async fn receiver(&self, tenant: &Tenant, connector: &Connector) -> Receiver {
        self.clock.advance(domain::time::SECOND);
        let created = receivers::create(&self.services, &tenant.access, new_receiver(connector)).await;
        created.unwrap().receiver
    }

    pub async fn route(&self, tenant: &Tenant, receiver: &Receiver, destination: RouteDestination) -> Route {
        self.clock.advance(domain::time::SECOND);
        routes::create(&self.services, &tenant.access, new_route(receiver, destination)).await.unwrap()
    }
}

/// An organization, and access to it.
pub struct Tenant {
    pub access: Access,
    pub organization: Organization,
    pub admin: User,
}

pub fn peer() -> Peer {
    Peer { address: Some("192.0.2.7".parse().unwrap()), user_agent: Some("Test/1".into()) }
}

pub fn setup_request(token: &str) -> SetupRequest {
    SetupRequest {
        token: token.into(),
        name: "Priya Raman".into(),
        email: "Priya@Harbourline.example".into(),
        password: PASSWORD.into(),
        organization: "Harbourline Freight".into(),
        slug: "harbourline".into(),
    }
}

pub fn new_connector(code: &str) -> NewConnector {
    NewConnector {
        code: code.parse().unwrap(),
        name: format!("The {code}"),
        kind: "github".into(),
        base_url: Some("https://api.example.com/v1".into()),
        headers: Vec::new(),
        credentials: None,
        environment: Environment::Production,
    }
}

pub fn new_receiver(connector: &Connector) -> NewReceiver {
    NewReceiver {
        connector_id: connector.id.clone(),
        name: "Door".into(),
        event_type: "*".parse().unwrap(),
        scheme: VerificationScheme::Github {},
        secret: None,
        sources: ReceiverSources::default(),
        schema_mode: SchemaMode::Off,
        schema: None,
        limits: ReceiverLimits::default(),
    }
}

pub fn new_route(receiver: &Receiver, destination: RouteDestination) -> NewRoute {
    NewRoute {
        receiver_id: receiver.id.clone(),
        name: "Way".into(),
        event_type: "*".parse().unwrap(),
        mapping: domain::mapping::FieldMapping::default(),
        destination,
        retry: domain::retry::RetryPolicy::default(),
    }
}

pub fn to_record() -> RouteDestination {
    RouteDestination::Record { entity: "contact".into(), id_pointer: None }
}

pub fn to_http(connector: &Connector) -> RouteDestination {
    RouteDestination::Http {
        connector_id: connector.id.clone(),
        method: domain::route::Method::Post,
        path: "/contacts".into(),
        headers: Vec::new(),
        record_id_pointer: None,
    }
}

/// Status and code: what programs look at.
pub fn refused<T: std::fmt::Debug>(result: Result<T, Problem>) -> (u16, String) {
    let problem = result.unwrap_err();
    (problem.status, problem.code)
}

/// The fields at fault.
pub fn fields<T: std::fmt::Debug>(result: Result<T, Problem>) -> Vec<String> {
    let problem = result.unwrap_err();
    assert_eq!((problem.status, problem.code.as_str()), (422, "invalid_input"), "{problem:?}");
    problem.fields.into_iter().map(|field| field.pointer).collect()
}

/// What an unknown or a foreign id hears.
pub fn not_found() -> (u16, String) {
    (404, "not_found".into())
}
