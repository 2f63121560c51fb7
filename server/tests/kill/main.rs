//! Invariant: a 2xx means committed. The real binary is killed with SIGKILL in the middle of a load of signed
//! webhooks, twenty times over; every event that was acknowledged is there afterwards and ends delivered.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::post;
use domain::connector::{Environment, NewConnector};
use domain::delivery::DestinationKind;
use domain::id::{EventId, OrganizationId};
use domain::receiver::{NewReceiver, ReceiverLimits, ReceiverSources, SchemaMode};
use domain::route::{Method, NewRoute, RouteDestination};
use domain::signature::{Message, VerificationScheme, sign};
use domain::status::DeliveryStatus;
use gateway::access::Access;
use gateway::clock::{Clock, SharedClock, SystemClock};
use gateway::seal::{MasterKey, Sealer};
use gateway::services::{Services, Settings};
use gateway::testing::TestStore;
use gateway::{integrations, on_both_databases, store};

const KEY: &str = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a";
const SECRET: &str = "Its-a-Secret-to-Everybody";
const ROUNDS: u64 = 20;
const SENDERS: usize = 12;

/// The binary, running; killed when dropped.
struct Running {
    child: Child,
    base: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Already dead is what a kill wants.
        let _dead = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn start(database: &str, data_dir: &std::path::Path) -> Running {
    let mut child = Command::new(env!("CARGO_BIN_EXE_signalbox"))
        .args(["serve", "--allow-private-destinations", "--listen", "127.0.0.1:0"])
        .arg("--data-dir")
        .arg(data_dir)
        .env("SIGNALBOX_DATABASE", database)
        .env("SIGNALBOX_KEY", KEY)
        .env("SIGNALBOX_LOG_LEVEL", "error")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let stdout = BufReader::new(child.stdout.take().expect("its output"));
    let ready = stdout
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("Signalbox is ready on ").map(str::to_owned));
    Running { child, base: ready.expect("the server says that it is ready") }
}

/// A destination that acknowledges everything.
async fn destination() -> String {
    let router = Router::new().route("/{*path}", post(|| async { "{}" }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// An organization with a receiver in GitHub's scheme, whose pushes go on by HTTP and whose issues become records.
async fn prepare(db: &TestStore, destination: String) -> OrganizationId {
    let clock: SharedClock = Arc::new(SystemClock);
    let sealer = Arc::new(Sealer::new(MasterKey::parse(KEY).unwrap(), Vec::new()));
    let settings = Settings {
        public_url: "http://signalbox.test".into(),
        version: "test".into(),
        environment: None,
        allow_private_destinations: true,
        attempt_timeout: std::time::Duration::from_secs(5),
        node: domain::id::NodeId::new(clock.now()),
    };
    let (services, _parts) = Services::assemble(db.store.clone(), clock, sealer, settings).await.unwrap();
    let now = services.clock.now();
    let organization = OrganizationId::new(now);
    let mut tx = services.store.write().await.unwrap();
    let row = domain::user::Organization {
        id: organization.clone(),
        name: "Killed".into(),
        slug: "killed".into(),
        created_at: now,
    };
    store::organizations::insert(&mut tx, &row).await.unwrap();
    tx.commit().await.unwrap();
    let access = Access::of_command_line(organization.clone());
    let connector = async |code: &str, base_url: Option<String>| {
        let new = NewConnector {
            code: code.parse().unwrap(),
            name: code.into(),
            kind: String::new(),
            base_url,
            headers: Vec::new(),
            credentials: None,
            environment: Environment::Production,
        };
        integrations::connectors::create(&services, &access, new).await.unwrap()
    };
    let github = connector("github", None).await;
    let out = connector("out", Some(destination)).await;
    let receiver = NewReceiver {
        connector_id: github.id,
        name: "Door".into(),
        event_type: domain::event::EventTypePattern::any(),
        scheme: VerificationScheme::Github {},
        secret: Some(SECRET.into()),
        sources: ReceiverSources::default(),
        schema_mode: SchemaMode::Off,
        schema: None,
        limits: ReceiverLimits { requests_per_minute: 1_000_000, ..ReceiverLimits::default() },
    };
    let receiver = integrations::receivers::create(&services, &access, receiver).await.unwrap().receiver;
    let route = NewRoute {
        receiver_id: receiver.id,
        name: "Pushes".into(),
        event_type: "push".parse().unwrap(),
        mapping: Default::default(),
        destination: RouteDestination::Http {
            connector_id: out.id,
            method: Method::Post,
            path: "/pushes".into(),
            headers: Vec::new(),
            record_id_pointer: None,
        },
        retry: Default::default(),
    };
    integrations::routes::create(&services, &access, route).await.unwrap();
    organization
}

/// Sends until the server is gone; notes every id that was acknowledged.
async fn load(
    base: String,
    client: reqwest::Client,
    next: Arc<AtomicU64>,
    acknowledged: Arc<Mutex<HashSet<String>>>,
) {
    let url = format!("{base}/api/v1/integration/webhooks/github/receive");
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let body = format!(r#"{{"head_commit":{{"id":"c{number}"}},"n":{number}}}"#);
        let message = Message { body: body.as_bytes(), id: "m" };
        let signature =
            sign(&VerificationScheme::Github {}, SECRET.as_bytes(), &message, SystemClock.now()).unwrap();
        let mut request = client
            .post(&url)
            .header("content-type", "application/json")
            .header("x-github-event", if number.is_multiple_of(2) { "push" } else { "issues" })
            .header("x-github-delivery", number.to_string());
        for (name, value) in signature {
            request = request.header(name.as_str(), value);
        }
        // No answer, or half of one: nothing was promised.
        let Ok(response) = request.body(body).send().await else { return };
        assert!(matches!(response.status().as_u16(), 202 | 503), "{}", response.status());
        let accepted = response.status() == 202;
        let Ok(text) = response.text().await else { return };
        if accepted {
            let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
            acknowledged.lock().unwrap().insert(answer["event_id"].as_str().unwrap().to_owned());
        }
    }
}

on_both_databases! {
    async fn nothing_acknowledged_is_lost_by_twenty_kills(db: TestStore) {
        // Another test of this process may have installed it already, which is as good.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let organization = prepare(&db, destination().await).await;
        let folder = tempfile::tempdir().unwrap();
        let acknowledged = Arc::new(Mutex::new(HashSet::new()));
        let next = Arc::new(AtomicU64::new(0));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        for round in 0..ROUNDS {
            let mut running = start(&db.address, folder.path());
            let before = acknowledged.lock().unwrap().len();
            let senders: Vec<_> = (0..SENDERS)
                .map(|_| {
                    let (base, client) = (running.base.clone(), client.clone());
                    tokio::spawn(load(base, client, next.clone(), acknowledged.clone()))
                })
                .collect();
            // A different moment each time: after 10, 27, 44, … acknowledged events.
            let enough = before + 10 + usize::try_from(round).unwrap() * 17;
            while acknowledged.lock().unwrap().len() < enough {
                tokio::task::yield_now().await;
            }
            running.child.kill().unwrap();
            running.child.wait().unwrap();
            for sender in senders {
                sender.await.unwrap();
            }
        }
        let acknowledged = std::mem::take(&mut *acknowledged.lock().unwrap());
        assert!(acknowledged.len() >= 3_000, "{} were acknowledged", acknowledged.len());
        let _running = start(&db.address, folder.path());
        let mut by_http = 0;
        for id in &acknowledged {
            let id: EventId = id.parse().unwrap();
            let delivered = delivered(&db, &organization, &id).await;
            by_http += u32::from(delivered == DestinationKind::Http);
        }
        assert!(by_http > 1_000, "{by_http} went by HTTP");
        let mut tx = db.store.read().await.unwrap();
        let kept = store::rollups::all_counts(&mut tx, &organization).await.unwrap();
        // Events that were committed without their sender hearing of it may still be on their way: both sides of the
        // comparison are read in one transaction.
        assert_eq!(kept, store::rollups::recount(&mut tx, &organization).await.unwrap());
        let kept = store::latencies::all(&mut tx, &organization).await.unwrap();
        assert_eq!(kept, store::latencies::recount(&mut tx, &organization).await.unwrap());
    }
}

/// Waits until the event's delivery is delivered; fails at once when it is not there or ended otherwise.
async fn delivered(db: &TestStore, organization: &OrganizationId, id: &EventId) -> DestinationKind {
    loop {
        let mut tx = db.store.read().await.unwrap();
        let event = store::events::find(&mut tx, organization, id).await.unwrap();
        assert!(event.is_some(), "{id} was acknowledged and is lost");
        let deliveries = store::deliveries::of_event(&mut tx, organization, id).await.unwrap();
        assert_eq!(deliveries.len(), 1, "{id}");
        let row = &deliveries[0];
        match row.status {
            DeliveryStatus::Delivered => return row.destination,
            DeliveryStatus::Failed | DeliveryStatus::DeadLetter | DeliveryStatus::Canceled => {
                panic!("{row:?}")
            }
            DeliveryStatus::Received | DeliveryStatus::Processing | DeliveryStatus::Retrying => {}
        }
        drop(tx);
        tokio::task::yield_now().await;
    }
}
