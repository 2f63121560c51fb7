//! Retry flows through the front door: a batch over REST from its preview to the end, a replay by another way byte for
//! byte, and the reason of each in the audit log.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use domain::user::Role;
use gateway::clock::SystemClock;
use gateway::store::audit::AuditRow;
use gateway::{on_both_databases, store};
use serde_json::{Value, json};

use crate::app::{Caller, Options, TestApp};

const API: &str = "/api/v1/integration";

/// A third party that answers as it is told and keeps what it gets.
#[derive(Clone)]
struct Destination {
    url: String,
    status: Arc<AtomicU16>,
    bodies: Arc<Mutex<Vec<Bytes>>>,
}

impl Destination {
    async fn start(status: u16) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let destination = Self { url, status: Arc::new(AtomicU16::new(status)), bodies: Arc::default() };
        let take = async |State(to): State<Destination>, body: Bytes| {
            to.bodies.lock().unwrap().push(body);
            StatusCode::from_u16(to.status.load(Ordering::SeqCst)).unwrap()
        };
        let router = Router::new().route("/{*path}", post(take)).with_state(destination.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        destination
    }

    fn bodies(&self) -> Vec<Bytes> {
        self.bodies.lock().unwrap().clone()
    }
}

struct World {
    app: TestApp,
    admin: Caller,
    organization: domain::id::OrganizationId,
    receiver: String,
    url: String,
}

impl World {
    async fn build(db: gateway::testing::TestStore) -> Self {
        let options = Options { clock: Some(Arc::new(SystemClock)), ..Options::default() };
        let app = TestApp::with(db, options).await;
        let organization = app.organization("acme").await;
        let admin = app.key(&organization, Role::Admin).await;
        let shop = made(&app, &admin, "connectors", json!({ "code": "shop", "name": "Shop" })).await;
        let receiver = json!({
            "connector_id": shop["id"], "name": "Door", "scheme": { "type": "bearer" }, "secret": "a-secret-of-senders",
            "sources": {
                "event_type": { "type": "pointer", "pointer": "/type" },
                "source_record_id": { "type": "pointer", "pointer": "/id" },
            },
        });
        let receiver = made(&app, &admin, "receivers", receiver).await;
        let receiver = receiver["receiver"]["id"].as_str().unwrap().to_owned();
        Self { app, admin, organization, receiver, url: format!("{API}/webhooks/shop/receive") }
    }

    /// Routes the receiver's events to `destination`; the route's id.
    async fn route(&self, code: &str, destination: &Destination, mapping: Value) -> String {
        let target = json!({ "code": code, "name": code, "base_url": destination.url });
        let target = made(&self.app, &self.admin, "connectors", target).await;
        let route = json!({
            "receiver_id": self.receiver, "name": format!("To {code}"), "mapping": mapping,
            "destination": { "type": "http", "connector_id": target["id"], "method": "POST", "path": "/in" },
            "retry": { "max_retries": 0 },
        });
        made(&self.app, &self.admin, "routes", route).await["id"].as_str().unwrap().to_owned()
    }

    async fn send(&self, body: &str) {
        let sender = Caller { key: Some("a-secret-of-senders".into()), ..Caller::default() };
        let request = self.app.request(&sender, reqwest::Method::POST, &self.url, None);
        let request = request.header("content-type", "application/json").body(body.to_owned());
        let answer = crate::app::send(request).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.app.get(&self.admin, &format!("{API}/{path}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// The answer to a question, as soon as it is as it should be: workers go on by themselves.
    async fn until(&self, path: &str, fine: impl Fn(&Value) -> bool) -> Value {
        let asked = async {
            loop {
                let answer = self.get(path).await;
                if fine(&answer) {
                    return answer;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), asked).await.expect("it never became so")
    }

    async fn failed(&self, count: usize) -> Vec<Value> {
        let has = |page: &Value| page["items"].as_array().is_some_and(|rows| rows.len() == count);
        let page = self.until("deliveries?tab=errors&limit=500", has).await;
        page["items"].as_array().unwrap().clone()
    }

    async fn audit(&self, action: &str) -> AuditRow {
        let mut tx = self.app.services().store.read().await.unwrap();
        let rows = store::audit::list(&mut tx, &self.organization, None, 100).await.unwrap();
        rows.into_iter().find(|row| row.action == action).expect("an audit row")
    }
}

async fn made(app: &TestApp, admin: &Caller, path: &str, body: Value) -> Value {
    let answer = app.post(admin, &format!("{API}/{path}"), body).await;
    assert_eq!(answer.status, 201, "{path}: {}", answer.text);
    answer.json()
}

on_both_databases! {
    async fn a_batch_goes_from_its_preview_to_the_end(db: TestStore) {
        let world = World::build(db).await;
        let destination = Destination::start(422).await;
        world.route("out", &destination, json!({ "fields": [] })).await;
        for n in 0..6 {
            world.send(&format!(r#"{{"type":"order.created","id":"o-{n}"}}"#)).await;
        }
        world.failed(6).await;
        let selection = json!({ "type": "filter", "filter": { "tab": "errors" } });
        let preview =
            world.app.post(&world.admin, &format!("{API}/retry-jobs/preview"), json!({ "selection": selection })).await;
        let preview = preview.json();
        assert_eq!(preview["groups"][0]["cause"], json!({ "class": "http", "code": 422 }), "{preview}");
        assert_eq!((&preview["groups"][0]["count"], &preview["complete"]), (&json!(6), &json!(true)));
        assert_eq!(preview["groups"][0]["sample"]["source_record_id"], "o-5");

        destination.status.store(200, Ordering::SeqCst);
        let new = json!({ "selection": selection, "reason": "They fixed it", "per_second": 50,
                          "causes": [preview["groups"][0]["cause"]] });
        let job = made(&world.app, &world.admin, "retry-jobs", new).await;
        assert_eq!((&job["state"], &job["total"]), (&json!("running"), &json!(6)));
        let path = format!("retry-jobs/{}", job["id"].as_str().unwrap());
        let done = world.until(&path, |answer| answer["outcome"]["delivered"] == 6).await;
        assert_eq!((&done["job"]["state"], &done["job"]["retried"]), (&json!("finished"), &json!(6)));
        assert_eq!(destination.bodies().len(), 12);
        let listed = world.get("retry-jobs").await;
        assert_eq!(listed["items"][0]["id"], job["id"]);
        let rows = world.get(&format!("deliveries?retry_job_id={}", job["id"].as_str().unwrap())).await;
        assert_eq!(rows["items"].as_array().unwrap().len(), 6);
        let over = world.app.post(&world.admin, &format!("{API}/{path}/pause"), json!({})).await;
        over.expect_problem(409, "not_running");
        let audit = world.audit("retry_job.created").await;
        assert_eq!((&audit.detail["reason"], audit.subject.as_str()), (&json!("They fixed it"), job["id"].as_str().unwrap()));
        let wrong = json!({ "selection": { "type": "ids", "ids": ["dlv_x"] } });
        let wrong = world.app.post(&world.admin, &format!("{API}/retry-jobs"), wrong).await;
        assert_eq!(wrong.status, 422, "{}", wrong.text);
        world.app.stop().await;
    }

    async fn a_replay_takes_the_chosen_way_byte_for_byte_and_says_why(db: TestStore) {
        let world = World::build(db).await;
        let (first, second) = (Destination::start(422).await, Destination::start(200).await);
        let by = |target: &str| json!({ "fields": [{ "target": target, "source": { "type": "path", "expression": "n" } }] });
        let route = world.route("first", &first, by("old")).await;
        let changed = world.app.ask(&world.admin, reqwest::Method::PATCH, &format!("{API}/routes/{route}"), Some(&json!({ "mapping": by("new") }))).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        world.send(r#"{"type":"order.created","id":"o-1","n":9007199254740993}"#).await;
        let row = world.failed(1).await.remove(0);
        let other = world.route("second", &second, json!({ "fields": [] })).await;
        let path = format!("deliveries/{}", row["id"].as_str().unwrap());
        let choices = world.get(&format!("{path}/replay-choices")).await;
        let versions: Vec<_> = choices["routes"][0]["versions"].as_array().unwrap().iter().map(|one| one["version"].clone()).collect();
        assert_eq!(versions, [json!(2), json!(1)]);
        assert_eq!(choices["routes"][1]["route_id"], json!(other));

        first.status.store(200, Ordering::SeqCst);
        let old = json!({ "mapping_version": 1, "reason": "The new field is not ready there" });
        let replay = made(&world.app, &world.admin, &format!("{path}/replay"), old).await;
        let replayed = format!("deliveries/{}", replay["id"].as_str().unwrap());
        let detail = world.until(&replayed, |answer| answer["delivery"]["status"] == "delivered").await;
        assert_eq!(detail["attempts"][0]["mapping_version"], 1);
        assert_eq!(first.bodies().last().unwrap(), r#"{"old":9007199254740993}"#);
        let audit = world.audit("delivery.replayed").await;
        assert_eq!((&audit.detail["reason"], &audit.detail["mapping_version"]), (&json!("The new field is not ready there"), &json!(1)));

        // Spaces, the order of keys and digits beyond 2^53 are a person's own.
        let edited = "{ \"z\": 1.10, \"id\":\"o-1\",\"a\" : 12345678901234567890123 }\n";
        let elsewhere = json!({ "payload": edited, "route_id": other });
        let tried = world.app.post(&world.admin, &format!("{API}/{path}/dry-run"), elsewhere.clone()).await;
        assert_eq!(tried.json()["url"], json!(format!("{}/in", second.url)));
        let replay = made(&world.app, &world.admin, &format!("{path}/replay"), elsewhere).await;
        let replayed = format!("deliveries/{}", replay["id"].as_str().unwrap());
        world.until(&replayed, |answer| answer["delivery"]["status"] == "delivered").await;
        assert_eq!(second.bodies().last().unwrap(), edited);
        let refused = json!({ "route_id": "rte_00000000000000000000000000000000" });
        let refused = world.app.post(&world.admin, &format!("{API}/{path}/replay"), refused).await;
        assert_eq!(refused.expect_problem(422, "invalid_input")["fields"][0]["pointer"], "/route_id");
        world.app.stop().await;
    }
}
