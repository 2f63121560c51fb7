//! Two organizations, everybody who may ask, and something of every kind to ask about.

use domain::id::{
    ApiKeyId, ConnectorId, DeliveryId, EventId, OrganizationId, PayloadId, ReceiverId, RecordId, RejectionId,
    RetryJobId, RouteId, UserId,
};
use domain::user::Role;
use gateway::accounts::{api_keys, members};
use gateway::integrations::{connectors, receivers, routes};
use reqwest::Method;
use serde_json::{Value, json};

use super::table::Row;
use crate::app::{Answer, Caller, PASSWORD, TestApp};

/// Secrets that stand somewhere in the store and must never leave it.
const PLANTED: &[&str] = &["PLANTED-credential", "PLANTED-receiver-secret", PASSWORD];

pub struct World {
    pub organization: OrganizationId,
    pub foreign: OrganizationId,
    pub foreign_admin: Caller,
    others: Vec<(&'static str, Caller)>,
    event: EventId,
    delivery: DeliveryId,
    payload: PayloadId,
    rejection: RejectionId,
    record: RecordId,
    member: UserId,
    retry_job: RetryJobId,
    tokens: Vec<String>,
}

/// What a row is asked about.
pub struct Subjects {
    pub organization: OrganizationId,
    pub connector: ConnectorId,
    pub code: String,
    pub receiver: ReceiverId,
    pub route: RouteId,
    pub api_key: ApiKeyId,
    pub member: UserId,
    pub event: EventId,
    pub delivery: DeliveryId,
    pub payload: PayloadId,
    pub rejection: RejectionId,
    pub record: RecordId,
    pub retry_job: RetryJobId,
    app_id: String,
    app_key: String,
}

impl World {
    pub async fn build(app: &TestApp) -> Self {
        let organization = app.organization("acme").await;
        let foreign = app.organization("beta").await;
        let foreign_admin = app.signed_in("foreign", "beta", Role::Admin).await;
        app.user("root", None, true).await;
        app.user("victim", None, false).await;
        let viewer = app.signed_in("viewer", "acme", Role::Viewer).await;
        let key = app.key(&organization, Role::Viewer).await;
        let operator = app.signed_in("operator", "acme", Role::Operator).await;
        let root = app.sign_in("root").await;
        let admin = app.signed_in("admin", "acme", Role::Admin).await;
        let victim = add_victim(app, &organization).await;

        let code = make_door(app, &organization).await;
        let path = format!("/api/v1/integration/webhooks/{code}/receive");
        let sender = Caller { key: Some("PLANTED-receiver-secret".into()), ..Caller::default() };
        let accepted = app.post(&sender, &path, json!({ "type": "a.b", "id": "x-1" })).await;
        assert_eq!(accepted.status, 202, "{}", accepted.text);
        let refused =
            app.post(&Caller { key: Some("wrong".into()), ..Caller::default() }, &path, json!({})).await;
        assert_eq!(refused.status, 401, "{}", refused.text);
        let event: EventId = accepted.json()["event_id"].as_str().unwrap().parse().unwrap();
        let record = until_listed(app, &viewer, "/api/v1/integration/records").await;
        let delivery = until_listed(app, &viewer, "/api/v1/integration/deliveries").await;
        let rejection = until_listed(app, &viewer, "/api/v1/integration/rejections").await;
        let tokens = [&foreign_admin, &viewer, &operator, &root, &admin]
            .iter()
            .filter_map(|caller| Some(caller.cookie.as_ref()?.split_once('=')?.1.to_owned()))
            .chain(key.key.clone())
            .collect();
        let id = |of: &Value, name: &str| of[name].as_str().unwrap().to_owned();
        Self {
            retry_job: retry_job(app, &organization).await,
            event,
            payload: id(&delivery, "payload_id").parse().unwrap(),
            delivery: id(&delivery, "id").parse().unwrap(),
            rejection: id(&rejection, "id").parse().unwrap(),
            record: id(&record, "id").parse().unwrap(),
            member: victim,
            organization,
            foreign,
            foreign_admin: foreign_admin.clone(),
            others: vec![
                ("anonymous", Caller::default()),
                ("foreign admin", foreign_admin),
                ("viewer", viewer),
                ("key", key),
                ("operator", operator),
                ("admin", admin),
                ("global admin", root),
            ],
            tokens,
        }
    }

    /// Everybody, those who can do most harm last.
    pub fn callers(&self) -> impl Iterator<Item = (&'static str, &Caller)> {
        self.others.iter().map(|(name, caller)| (*name, caller))
    }

    /// Things of their own for a row, because asking may end them.
    pub async fn subjects(&self, app: &TestApp) -> Subjects {
        let organization = self.organization.clone();
        let access = app.access(&organization);
        let code = make_door(app, &organization).await;
        let services = app.services();
        let page = domain::page::PageQuery { limit: 500, cursor: None };
        let all = connectors::list(services, &access, &page).await.unwrap().items;
        let connector = all.into_iter().find(|found| found.code.as_str() == code).unwrap().id;
        let of_connector = receivers::list(services, &access, Some(&connector), &page).await.unwrap().items;
        let receiver = of_connector[0].id.clone();
        let new = json!({ "receiver_id": receiver, "name": "Route", "destination": { "type": "record", "entity": "thing" } });
        let route = routes::create(services, &access, serde_json::from_value(new).unwrap()).await.unwrap().id;
        let new = serde_json::from_value(json!({ "name": "victim", "role": "viewer" })).unwrap();
        let api_key = api_keys::create(services, &access, new).await.unwrap().api_key.id;
        // A row before may have taken the victim out.
        if !members::list(services, &access, &page)
            .await
            .unwrap()
            .items
            .iter()
            .any(|found| found.user.id == self.member)
        {
            add_victim(app, &organization).await;
        }
        Subjects {
            connector,
            code,
            receiver,
            route,
            api_key,
            member: self.member.clone(),
            event: self.event.clone(),
            delivery: self.delivery.clone(),
            payload: self.payload.clone(),
            rejection: self.rejection.clone(),
            record: self.record.clone(),
            retry_job: self.retry_job.clone(),
            app_id: services.realtime_app.id().to_owned(),
            app_key: services.realtime_app.key().to_owned(),
            organization,
        }
    }

    /// Nothing that is secret stands in an answer; nor does anybody's token, but for who has just been given it.
    pub fn check_for_secrets(&self, row: &Row, who: &str, answer: &Answer) {
        let whole = format!("{:?} {}", answer.headers, answer.text);
        for secret in PLANTED.iter().copied().chain(self.tokens.iter().map(String::as_str)) {
            assert!(!whole.contains(secret), "{} {} tells {who} {secret}: {whole}", row.method, row.path);
        }
    }
}

/// A sandbox connector with secrets planted in it, and a receiver; returns its code.
async fn make_door(app: &TestApp, organization: &OrganizationId) -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let code = format!("door-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let access = app.access(organization);
    // Nobody listens on port 9; a test of the connection is answered all the same, with a report that says so.
    let new = json!({
        "code": code, "name": code, "environment": "sandbox", "base_url": "http://127.0.0.1:9",
        "credentials": { "type": "bearer", "token": "PLANTED-credential" },
    });
    let connector =
        connectors::create(app.services(), &access, serde_json::from_value(new).unwrap()).await.unwrap();
    let new = json!({
        "connector_id": connector.id, "name": "Door", "scheme": { "type": "bearer" }, "secret": "PLANTED-receiver-secret",
        "sources": { "event_type": { "type": "pointer", "pointer": "/type" } },
    });
    receivers::create(app.services(), &access, serde_json::from_value(new).unwrap()).await.unwrap();
    code
}

async fn add_victim(app: &TestApp, organization: &OrganizationId) -> UserId {
    let new =
        serde_json::from_value(json!({ "email": "victim@example.com", "name": "victim", "role": "viewer" }))
            .unwrap();
    members::add(app.services(), &app.access(organization), new).await.unwrap().user.id
}

/// A batch of retries that is over, or as good as.
async fn retry_job(app: &TestApp, organization: &OrganizationId) -> RetryJobId {
    use domain::retry_job::{RetryJob, RetryJobState};
    let now = app.services().clock.now();
    let job = RetryJob {
        id: RetryJobId::new(now),
        organization_id: organization.clone(),
        created_by: "somebody".into(),
        reason: None,
        filter: None,
        causes: None,
        state: RetryJobState::Running,
        per_second: 1,
        behind_live_traffic: false,
        total: 1,
        retried: 0,
        skipped: Vec::new(),
        left_out: Vec::new(),
        created_at: now,
        updated_at: now,
        finished_at: None,
    };
    let mut tx = app.services().store.write().await.unwrap();
    gateway::store::retry_jobs::insert(&mut tx, &job, &[DeliveryId::new(now)], now).await.unwrap();
    tx.commit().await.unwrap();
    job.id
}

/// The first row of a list, as soon as there is one: deliveries and records come after the answer to their sender.
async fn until_listed(app: &TestApp, caller: &Caller, path: &str) -> Value {
    let listed = async {
        loop {
            let answer = app.ask(caller, Method::GET, path, None).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            if let Some(first) = answer.json()["items"].as_array().and_then(|items| items.first().cloned()) {
                return first;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), listed).await.expect("nothing was ever listed")
}

impl Subjects {
    /// A path with what its template asks for.
    pub fn fill(&self, template: &str) -> String {
        let id = match template.split('/').nth(4).unwrap_or_default() {
            "connectors" => self.connector.as_str(),
            "receivers" => self.receiver.as_str(),
            "routes" => self.route.as_str(),
            "deliveries" => self.delivery.as_str(),
            "events" => self.event.as_str(),
            "payloads" => self.payload.as_str(),
            "rejections" => self.rejection.as_str(),
            "records" => self.record.as_str(),
            "retry-jobs" => self.retry_job.as_str(),
            "members" => self.member.as_str(),
            "api-keys" => self.api_key.as_str(),
            _ => "none",
        };
        // What is searched for is theirs, so that a foreign person would find it if anything let them.
        let query = if template.ends_with("/search") { format!("?q={}", self.event) } else { String::new() };
        format!("{template}{query}")
            .replace("{id}", id)
            .replace("{connector_code}", &self.code)
            .replace("{app_id}", &self.app_id)
            .replace("{key}", &self.app_key)
            .replace("{channel_name}", "private-org-x")
    }

    pub fn ids(&self) -> Vec<String> {
        vec![
            self.organization.to_string(),
            self.connector.to_string(),
            self.receiver.to_string(),
            self.route.to_string(),
            self.delivery.to_string(),
            self.event.to_string(),
            self.rejection.to_string(),
            self.record.to_string(),
            self.retry_job.to_string(),
            self.api_key.to_string(),
        ]
    }

    /// What a batch may be about.
    pub fn selection(&self) -> Value {
        json!({ "type": "ids", "ids": [self.delivery] })
    }

    pub fn new_connector(&self) -> Value {
        json!({ "code": format!("{}-new", self.code), "name": "New", "environment": "sandbox",
                "credentials": { "type": "bearer", "token": "PLANTED-credential" } })
    }

    pub fn new_receiver(&self) -> Value {
        json!({ "connector_id": self.connector, "name": "New", "event_type": "new.*", "scheme": { "type": "bearer" },
                "secret": "PLANTED-receiver-secret" })
    }

    pub fn new_route(&self) -> Value {
        json!({ "receiver_id": self.receiver, "name": "New", "destination": { "type": "record", "entity": "other" } })
    }

    pub fn new_member(&self) -> Value {
        json!({ "email": "victim@example.com", "name": "V", "role": "viewer" })
    }
}
