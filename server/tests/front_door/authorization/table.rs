//! Who may do what, route by route.

use serde_json::{Value, json};

use super::world::Subjects;

/// Who gets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Everybody.
    Public,
    /// Whoever signs the request; no session and no key replaces that.
    Signed,
    /// Whoever has a session or a key.
    SignedIn,
    /// Everybody but programs.
    Visitor,
    /// Whoever has a session.
    Person,
    /// Whoever administrates the installation.
    Global,
    /// Members, by the answer that client libraries understand.
    Channel,
    /// Members.
    Viewer,
    /// Members who may retry and replay.
    Operator,
    /// Members who may change the organization.
    Admin,
}

/// A route.
pub struct Row {
    pub method: &'static str,
    /// As a template; `{id}` is filled by what stands before it.
    pub path: &'static str,
    pub rule: Rule,
    pub body: fn(&Subjects) -> Option<Value>,
}

const fn row(
    method: &'static str,
    path: &'static str,
    rule: Rule,
    body: fn(&Subjects) -> Option<Value>,
) -> Row {
    Row { method, path, rule, body }
}

const fn get(path: &'static str, rule: Rule) -> Row {
    row("GET", path, rule, |_| None)
}

const fn post(path: &'static str, rule: Rule, body: fn(&Subjects) -> Option<Value>) -> Row {
    row("POST", path, rule, body)
}

const fn delete(path: &'static str) -> Row {
    row("DELETE", path, Rule::Admin, |_| None)
}

const fn patch(path: &'static str, body: fn(&Subjects) -> Option<Value>) -> Row {
    row("PATCH", path, Rule::Admin, body)
}

/// The body of a server function about an organization: the organization and more.
fn of(subjects: &Subjects, more: Value) -> Option<Value> {
    let mut body = json!({ "organization": subjects.organization });
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    Some(body)
}

const PAGE: fn() -> Value = || json!({ "limit": 50 });

/// Every route of the server.
pub const TABLE: &[Row] = &[
    // For operators of the installation, and the console's page.
    get("/healthz", Rule::Public),
    get("/readyz", Rule::Public),
    get("/metrics", Rule::Public),
    get("/", Rule::Public),
    get("/api/v1/openapi.json", Rule::Public),
    // Realtime.
    post("/realtime/auth", Rule::Channel, |_| None),
    get("/app/{key}", Rule::Public),
    post("/apps/{app_id}/events", Rule::Signed, |_| Some(json!({}))),
    post("/apps/{app_id}/batch_events", Rule::Signed, |_| Some(json!({}))),
    get("/apps/{app_id}/channels", Rule::Signed),
    get("/apps/{app_id}/channels/{channel_name}", Rule::Signed),
    // Webhooks.
    post("/api/v1/integration/webhooks/{connector_code}/receive", Rule::Signed, |_| {
        Some(json!({ "type": "a" }))
    }),
    // Connectors.
    get("/api/v1/integration/connectors", Rule::Viewer),
    post("/api/v1/integration/connectors", Rule::Admin, |s| Some(s.new_connector())),
    get("/api/v1/integration/connectors/{id}", Rule::Viewer),
    patch("/api/v1/integration/connectors/{id}", |_| Some(json!({ "name": "Renamed" }))),
    delete("/api/v1/integration/connectors/{id}"),
    post("/api/v1/integration/connectors/{id}/test", Rule::Operator, |_| None),
    get("/api/v1/integration/connectors/hours", Rule::Viewer),
    get("/api/v1/integration/connectors/{id}/usage", Rule::Viewer),
    // Receivers.
    get("/api/v1/integration/receivers", Rule::Viewer),
    post("/api/v1/integration/receivers", Rule::Admin, |s| Some(s.new_receiver())),
    get("/api/v1/integration/receivers/{id}", Rule::Viewer),
    patch("/api/v1/integration/receivers/{id}", |_| Some(json!({ "name": "Renamed" }))),
    delete("/api/v1/integration/receivers/{id}"),
    post("/api/v1/integration/receivers/{id}/rotate-secret", Rule::Admin, |_| None),
    post("/api/v1/integration/receivers/{id}/send-sample", Rule::Operator, |_| Some(sample())),
    // Routes.
    get("/api/v1/integration/routes", Rule::Viewer),
    post("/api/v1/integration/routes", Rule::Admin, |s| Some(s.new_route())),
    get("/api/v1/integration/routes/{id}", Rule::Viewer),
    patch("/api/v1/integration/routes/{id}", |_| Some(json!({ "name": "Renamed" }))),
    delete("/api/v1/integration/routes/{id}"),
    post("/api/v1/integration/mappings/preview", Rule::Viewer, |_| Some(preview())),
    // Deliveries.
    get("/api/v1/integration/deliveries", Rule::Viewer),
    get("/api/v1/integration/deliveries/export", Rule::Viewer),
    get("/api/v1/integration/deliveries/{id}", Rule::Viewer),
    post("/api/v1/integration/deliveries/{id}/retry", Rule::Operator, |_| None),
    post("/api/v1/integration/deliveries/{id}/replay", Rule::Operator, |_| None),
    post("/api/v1/integration/deliveries/{id}/cancel", Rule::Operator, |_| None),
    post("/api/v1/integration/deliveries/{id}/dry-run", Rule::Operator, |_| None),
    get("/api/v1/integration/deliveries/{id}/replay-choices", Rule::Viewer),
    // Batches of retries.
    post("/api/v1/integration/retry-jobs/preview", Rule::Viewer, |s| {
        Some(json!({ "selection": s.selection() }))
    }),
    get("/api/v1/integration/retry-jobs", Rule::Viewer),
    post("/api/v1/integration/retry-jobs", Rule::Operator, |s| Some(json!({ "selection": s.selection() }))),
    get("/api/v1/integration/retry-jobs/{id}", Rule::Viewer),
    post("/api/v1/integration/retry-jobs/{id}/pause", Rule::Operator, |_| None),
    post("/api/v1/integration/retry-jobs/{id}/resume", Rule::Operator, |_| None),
    post("/api/v1/integration/retry-jobs/{id}/cancel", Rule::Operator, |_| None),
    // Events, refusals, records, counts.
    get("/api/v1/integration/events/{id}", Rule::Viewer),
    get("/api/v1/integration/payloads/{id}", Rule::Viewer),
    get("/api/v1/integration/rejections", Rule::Viewer),
    get("/api/v1/integration/rejections/{id}", Rule::Viewer),
    get("/api/v1/integration/records", Rule::Viewer),
    get("/api/v1/integration/records/{id}", Rule::Viewer),
    get("/api/v1/integration/dashboard/summary", Rule::Viewer),
    get("/api/v1/integration/dashboard/heatmap", Rule::Viewer),
    get("/api/v1/integration/alerts", Rule::Viewer),
    get("/api/v1/integration/search", Rule::Viewer),
    // Accounts.
    get("/api/v1/integration/members", Rule::Admin),
    post("/api/v1/integration/members", Rule::Admin, |s| Some(s.new_member())),
    patch("/api/v1/integration/members/{id}", |_| Some(json!({ "role": "operator" }))),
    delete("/api/v1/integration/members/{id}"),
    get("/api/v1/integration/api-keys", Rule::Admin),
    post("/api/v1/integration/api-keys", Rule::Admin, |_| Some(json!({ "name": "k", "role": "viewer" }))),
    delete("/api/v1/integration/api-keys/{id}"),
    get("/api/v1/integration/organizations", Rule::SignedIn),
    post("/api/v1/integration/organizations", Rule::Global, |_| {
        Some(json!({ "name": "New", "slug": "new" }))
    }),
    // Server functions: sessions.
    post("/rpc/session_info", Rule::Visitor, |_| Some(json!({}))),
    // A wrong password is a 401 for everybody, whoever they are already.
    post("/rpc/login", Rule::Signed, |_| {
        Some(json!({ "request": { "email": "nobody@example.com", "password": "wrong" } }))
    }),
    post("/rpc/setup", Rule::Public, |_| {
        Some(json!({ "request": {
        "token": "wrong", "name": "N", "email": "n@example.com", "password": "long enough, surely", "organization": "O", "slug": "oo" } }))
    }),
    post("/rpc/check_setup", Rule::Public, |_| Some(json!({ "token": "wrong" }))),
    // Server functions: integrations.
    post("/rpc/list_connectors", Rule::Viewer, |s| of(s, json!({ "page": PAGE() }))),
    post("/rpc/create_connector", Rule::Admin, |s| of(s, json!({ "new": s.new_connector() }))),
    post("/rpc/update_connector", Rule::Admin, |s| {
        of(s, json!({ "id": s.connector, "patch": { "name": "N" } }))
    }),
    post("/rpc/delete_connector", Rule::Admin, |s| of(s, json!({ "id": s.connector }))),
    post("/rpc/test_connector", Rule::Operator, |s| of(s, json!({ "id": s.connector }))),
    post("/rpc/connector_hours", Rule::Viewer, |s| of(s, json!({}))),
    post("/rpc/connector_usage", Rule::Viewer, |s| of(s, json!({ "id": s.connector }))),
    post("/rpc/send_sample", Rule::Operator, |s| of(s, json!({ "id": s.receiver, "sample": sample() }))),
    post("/rpc/list_receivers", Rule::Viewer, |s| of(s, json!({ "connector_id": null, "page": PAGE() }))),
    post("/rpc/create_receiver", Rule::Admin, |s| of(s, json!({ "new": s.new_receiver() }))),
    post("/rpc/update_receiver", Rule::Admin, |s| {
        of(s, json!({ "id": s.receiver, "patch": { "name": "N" } }))
    }),
    post("/rpc/delete_receiver", Rule::Admin, |s| of(s, json!({ "id": s.receiver }))),
    post("/rpc/rotate_secret", Rule::Admin, |s| of(s, json!({ "id": s.receiver, "request": {} }))),
    post("/rpc/list_routes", Rule::Viewer, |s| of(s, json!({ "receiver_id": null, "page": PAGE() }))),
    post("/rpc/create_route", Rule::Admin, |s| of(s, json!({ "new": s.new_route() }))),
    post("/rpc/update_route", Rule::Admin, |s| of(s, json!({ "id": s.route, "patch": { "name": "N" } }))),
    post("/rpc/delete_route", Rule::Admin, |s| of(s, json!({ "id": s.route }))),
    post("/rpc/preview_mapping", Rule::Viewer, |s| of(s, json!({ "request": preview() }))),
    // Server functions: the dashboard and what hangs on it.
    post("/rpc/dashboard_summary", Rule::Viewer, |s| of(s, range())),
    post("/rpc/dashboard_heatmap", Rule::Viewer, |s| {
        of(s, json!({ "from": FROM, "to": TO, "rows_by": "vendor" }))
    }),
    post("/rpc/list_alerts", Rule::Viewer, |s| of(s, json!({}))),
    post("/rpc/search", Rule::Viewer, |s| of(s, json!({ "text": s.event }))),
    post("/rpc/list_deliveries", Rule::Viewer, |s| of(s, json!({ "filter": {}, "page": PAGE() }))),
    post("/rpc/deliveries_by_ids", Rule::Viewer, |s| of(s, json!({ "ids": [s.delivery] }))),
    post("/rpc/delivery_detail", Rule::Viewer, |s| of(s, json!({ "id": s.delivery }))),
    post("/rpc/payload", Rule::Viewer, |s| of(s, json!({ "id": s.payload }))),
    post("/rpc/retry_delivery", Rule::Operator, |s| of(s, json!({ "id": s.delivery, "reason": null }))),
    post("/rpc/replay_delivery", Rule::Operator, |s| of(s, json!({ "id": s.delivery, "request": {} }))),
    post("/rpc/dry_run", Rule::Operator, |s| of(s, json!({ "id": s.delivery, "request": {} }))),
    post("/rpc/cancel_delivery", Rule::Operator, |s| of(s, json!({ "id": s.delivery }))),
    post("/rpc/list_rejections", Rule::Viewer, |s| of(s, json!({ "filter": {}, "page": PAGE() }))),
    post("/rpc/replay_choices", Rule::Viewer, |s| of(s, json!({ "id": s.delivery }))),
    post("/rpc/preview_retry_job", Rule::Viewer, |s| of(s, json!({ "selection": s.selection() }))),
    post("/rpc/create_retry_job", Rule::Operator, |s| {
        of(s, json!({ "new": { "selection": s.selection() } }))
    }),
    post("/rpc/list_retry_jobs", Rule::Viewer, |s| of(s, json!({ "page": PAGE() }))),
    post("/rpc/retry_job", Rule::Viewer, |s| of(s, json!({ "id": s.retry_job }))),
    post("/rpc/pause_retry_job", Rule::Operator, |s| of(s, json!({ "id": s.retry_job }))),
    post("/rpc/resume_retry_job", Rule::Operator, |s| of(s, json!({ "id": s.retry_job }))),
    post("/rpc/cancel_retry_job", Rule::Operator, |s| of(s, json!({ "id": s.retry_job }))),
    post("/rpc/rejection", Rule::Viewer, |s| of(s, json!({ "id": s.rejection }))),
    // Server functions: accounts.
    post("/rpc/list_members", Rule::Admin, |s| of(s, json!({ "page": PAGE() }))),
    post("/rpc/add_member", Rule::Admin, |s| of(s, json!({ "new": s.new_member() }))),
    post("/rpc/change_member", Rule::Admin, |s| {
        of(s, json!({ "id": s.member, "patch": { "role": "operator" } }))
    }),
    post("/rpc/remove_member", Rule::Admin, |s| of(s, json!({ "id": s.member }))),
    post("/rpc/create_organization", Rule::Global, |_| {
        Some(json!({ "new": { "name": "Newer", "slug": "newer" } }))
    }),
    post("/rpc/list_api_keys", Rule::Admin, |s| of(s, json!({ "page": PAGE() }))),
    post("/rpc/create_api_key", Rule::Admin, |s| of(s, json!({ "new": { "name": "k", "role": "viewer" } }))),
    post("/rpc/revoke_api_key", Rule::Admin, |s| of(s, json!({ "id": s.api_key }))),
    post("/rpc/save_preferences", Rule::Person, |_| Some(json!({ "patch": { "theme": "dark" } }))),
    // Last, because it ends the sessions that everything before needs.
    post("/rpc/logout", Rule::SignedIn, |_| Some(json!({}))),
];

const FROM: &str = "2026-09-20T00:00:00Z";
const TO: &str = "2026-09-23T00:00:00Z";

fn range() -> Value {
    json!({ "from": FROM, "to": TO })
}

fn sample() -> Value {
    json!({ "event_type": "a.b", "body": "{\"type\":\"a.b\"}" })
}

fn preview() -> Value {
    json!({ "mapping": { "fields": [] }, "sample": "{}" })
}
