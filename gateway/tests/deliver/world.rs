//! A gateway with a receiver and a route to a destination, and events put straight through admission and intake.

use bytes::Bytes;
use domain::connector::{Credentials, Environment, NewConnector};
use domain::delivery::{Delivery, DeliveryDetail};
use domain::id::DeliveryId;
use domain::mapping::FieldMapping;
use domain::page::PageQuery;
use domain::retry::RetryPolicy;
use domain::route::{Method, NewRoute, Route, RouteDestination};
use domain::signature::VerificationScheme;
use gateway::admission::{self, Admission, Request};
use gateway::clock::Clock;
use gateway::intake::Outcome;
use gateway::testing::{TestGate, TestStore};
use gateway::{integrations, replay, store};

use super::destination::Destination;

/// Waits until `done` says so; the test's own time limit is the harness's.
pub async fn until(mut done: impl AsyncFnMut() -> bool) {
    while !done().await {
        tokio::task::yield_now().await;
    }
}

pub struct World {
    pub gate: TestGate,
    pub route: Route,
}

impl World {
    /// A sandbox connector `in` with an open receiver, routed to `destination` as `POST /orders/{{ payload.id }}`.
    pub async fn to(db: TestStore, destination: &Destination) -> Self {
        Self::with(
            db,
            destination,
            FieldMapping::default(),
            RetryPolicy { jitter: 0.0, ..RetryPolicy::default() },
            true,
        )
        .await
    }

    pub async fn with(
        db: TestStore,
        destination: &Destination,
        mapping: FieldMapping,
        retry: RetryPolicy,
        private_destinations: bool,
    ) -> Self {
        let gate = TestGate::with_private_destinations(db, private_destinations).await;
        let source = gate.connector("in", Environment::Sandbox, None).await;
        let mut new = gate.new_receiver(&source, VerificationScheme::None {}, "");
        new.event_type = "order.created".parse().unwrap();
        new.sources.source_record_id =
            Some(serde_json::from_value(serde_json::json!({"type": "pointer", "pointer": "/id"})).unwrap());
        let receiver = gate.create(new).await;
        let target = NewConnector {
            code: "out".parse().unwrap(),
            name: "Warehouse".into(),
            kind: String::new(),
            base_url: Some(destination.url.clone()),
            headers: vec![domain::connector::Header::new("x-tenant", "seven")],
            credentials: Some(Credentials::Bearer { token: "t0p-secret".into() }),
            environment: Environment::Production,
        };
        let target = integrations::connectors::create(&gate.services, &gate.access(), target).await.unwrap();
        let route = NewRoute {
            receiver_id: receiver.id,
            name: "Orders".into(),
            event_type: "order.*".parse().unwrap(),
            mapping,
            destination: RouteDestination::Http {
                connector_id: target.id.clone(),
                method: Method::Post,
                path: "/orders/{{ payload.id }}".into(),
                headers: Vec::new(),
                record_id_pointer: Some("/id".into()),
            },
            retry,
        };
        let route = integrations::routes::create(&gate.services, &gate.access(), route).await.unwrap();
        Self { gate, route }
    }

    /// Another connector that the receiver's events go to: a lane of its own.
    pub async fn also_to(&self, code: &str, destination: &Destination) {
        let url = Some(destination.url.as_str());
        let target = self.gate.connector(code, Environment::Production, url).await;
        self.route_to(RouteDestination::Http {
            connector_id: target.id,
            method: Method::Post,
            path: "/".into(),
            headers: Vec::new(),
            record_id_pointer: None,
        })
        .await;
    }

    /// The receiver's events go to `destination` as well.
    pub async fn route_to(&self, destination: RouteDestination) {
        let route = NewRoute {
            receiver_id: self.route.receiver_id.clone(),
            name: "Another".into(),
            event_type: "order.*".parse().unwrap(),
            mapping: FieldMapping::default(),
            destination,
            retry: RetryPolicy::default(),
        };
        integrations::routes::create(&self.gate.services, &self.gate.access(), route).await.unwrap();
    }

    /// Takes an event in; returns its only delivery.
    pub async fn event(&self, body: &str) -> Delivery {
        let mut deliveries = self.event_to_all(body).await;
        assert_eq!(deliveries.len(), 1);
        deliveries.remove(0)
    }

    /// Takes an event in; returns its deliveries.
    pub async fn event_to_all(&self, body: &str) -> Vec<Delivery> {
        self.gate.clock.advance(1_000);
        let doors = self.gate.services.directory.doors(&"in".parse().unwrap()).await.unwrap().unwrap();
        let request = Request {
            headers: http::HeaderMap::new(),
            body: Bytes::from(body.to_owned()),
            remote_addr: None,
            received_at: self.gate.clock.now(),
        };
        let door = admission::choose_door(&doors, &request).unwrap();
        let admitted = admission::admit(&doors.connector, &door, &request).unwrap();
        let Admission::Accept(submission) = admitted else { panic!("accepted") };
        let deliveries = submission.deliveries.iter().map(|new| new.delivery.clone()).collect();
        let outcome = self.gate.services.intake.accept(*submission).await.unwrap();
        assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
        deliveries
    }

    pub async fn row(&self, id: &DeliveryId) -> Delivery {
        let mut tx = self.gate.services.store.read().await.unwrap();
        store::deliveries::find(&mut tx, &self.gate.organization, id).await.unwrap().unwrap()
    }

    pub async fn detail(&self, id: &DeliveryId) -> DeliveryDetail {
        replay::detail(&self.gate.services, &self.gate.access(), id).await.unwrap()
    }

    pub async fn all(&self) -> Vec<Delivery> {
        let mut tx = self.gate.services.store.read().await.unwrap();
        let page = PageQuery { limit: 500, cursor: None };
        store::deliveries::list(&mut tx, &self.gate.organization, &Default::default(), &page)
            .await
            .unwrap()
            .items
    }

    /// The counts agree with a recount.
    pub async fn assert_counts(&self) {
        let mut tx = self.gate.services.store.read().await.unwrap();
        let kept = store::rollups::all_counts(&mut tx, &self.gate.organization).await.unwrap();
        assert_eq!(kept, store::rollups::recount(&mut tx, &self.gate.organization).await.unwrap());
        let kept = store::latencies::all(&mut tx, &self.gate.organization).await.unwrap();
        assert_eq!(kept, store::latencies::recount(&mut tx, &self.gate.organization).await.unwrap());
    }
}
