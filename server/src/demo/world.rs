//! Two organizations with their connectors, receivers and routes, made through the same functions as the console's.

use std::net::SocketAddr;
use std::sync::atomic::AtomicU32;

use domain::connector::Connector;
use domain::error::Problem;
use domain::id::{ConnectorId, OrganizationId, ReceiverId};
use domain::user::{NewOrganization, Role};
use gateway::Services;
use gateway::access::{Access, Actor, Principal};
use gateway::accounts::{self, users::NewUser};
use gateway::integrations::{connectors, receivers, routes};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::stories::Story;

/// Who may sign in.
pub const EMAIL: &str = "demo@signalbox.example";

/// A door that the demo's senders knock at.
pub struct Door {
    /// The connector's code.
    pub code: String,
    /// What its sender tells.
    pub story: Story,
    /// The secret that both sides know.
    pub secret: String,
    /// How many events were sent to it.
    pub sent: AtomicU32,
}

/// Makes everything; `destinations` is where the simulated ones listen.
pub async fn build(
    services: &Services,
    password: &str,
    destinations: SocketAddr,
) -> Result<Vec<Door>, Problem> {
    let creator = Principal { actor: Actor::CommandLine, global_admin: true, memberships: Vec::new() };
    let mut doors = Vec::new();
    let goods = organization(services, &creator, "Harbourline Goods", "harbourline").await?;
    let notes = organization(services, &creator, "Fieldnote Labs", "fieldnote").await?;
    let new = NewUser {
        email: EMAIL.to_owned(),
        name: "Demo".to_owned(),
        password: password.to_owned(),
        organization: Some("harbourline".to_owned()),
        role: Role::Admin,
        global_admin: true,
    };
    accounts::users::create(services, new).await?;

    let place = Place { services, access: Access::of_command_line(goods) };
    let warehouse = place.destination("warehouse", "Warehouse", destinations).await?;
    let ledger = place.destination("ledger", "Ledger", destinations).await?;
    let archive = place.destination("archive", "Archive", destinations).await?;
    let orders = place.door(&mut doors, "shopify", "Shopify", "shopify", Story::Orders).await?;
    let payments = place.door(&mut doors, "stripe", "Stripe", "stripe", Story::Payments).await?;
    let parcels = place.door(&mut doors, "tidewater", "Tidewater Couriers", "", Story::Parcels).await?;
    place.route(&orders, "Orders to the warehouse", &warehouse.id, "/orders", json!([])).await?;
    place.record(&orders, "Orders as records", "order").await?;
    place.route(&payments, "Payments to the ledger", &ledger.id, "/entries", ledger_mapping()).await?;
    place.route(&parcels, "Parcels to the archive", &archive.id, "/parcels", json!([])).await?;

    let place = Place { services, access: Access::of_command_line(notes) };
    let tracker = place.destination("tracker", "Tracker", destinations).await?;
    let code = place.door(&mut doors, "github", "GitHub", "github", Story::Code).await?;
    place.door(&mut doors, "stripe-fieldnote", "Stripe", "stripe", Story::Payments).await?;
    place.route(&code, "Work to the tracker", &tracker.id, "/items", json!([])).await?;
    Ok(doors)
}

async fn organization(
    services: &Services,
    creator: &Principal,
    name: &str,
    slug: &str,
) -> Result<OrganizationId, Problem> {
    let new = NewOrganization { name: name.to_owned(), slug: slug.to_owned() };
    Ok(accounts::organizations::create(services, creator, new).await?.id)
}

fn ledger_mapping() -> Value {
    let path = |expression: &str| json!({ "type": "path", "expression": expression });
    json!([
        { "target": "entry_id", "source": path("data.object.id"), "required": true },
        { "target": "account", "source": path("data.object.customer") },
        { "target": "amount", "source": path("data.object.amount_paid"), "required": true },
        { "target": "currency", "source": path("data.object.currency") },
        { "target": "text", "source": { "type": "template", "template": "Stripe {{ event.type }}" } },
    ])
}

/// One organization being furnished.
struct Place<'a> {
    services: &'a Services,
    access: Access,
}

impl Place<'_> {
    async fn destination(&self, code: &str, name: &str, at: SocketAddr) -> Result<Connector, Problem> {
        let new = json!({ "code": code, "name": name, "base_url": format!("http://{at}/{code}"), "environment": "sandbox" });
        connectors::create(self.services, &self.access, read(new)?).await
    }

    async fn door(
        &self,
        doors: &mut Vec<Door>,
        code: &str,
        name: &str,
        kind: &str,
        story: Story,
    ) -> Result<ReceiverId, Problem> {
        let new = json!({ "code": code, "name": name, "kind": kind, "environment": "sandbox" });
        let connector = connectors::create(self.services, &self.access, read(new)?).await?;
        let new = json!({
            "connector_id": connector.id, "name": "All events", "scheme": story.scheme(),
            "limits": { "requests_per_minute": 6_000 },
        });
        let made = receivers::create(self.services, &self.access, read(new)?).await?;
        let secret = made.secret.ok_or_else(Problem::internal)?;
        doors.push(Door { code: code.to_owned(), story, secret, sent: AtomicU32::new(0) });
        Ok(made.receiver.id)
    }

    async fn route(
        &self,
        from: &ReceiverId,
        name: &str,
        to: &ConnectorId,
        path: &str,
        fields: Value,
    ) -> Result<(), Problem> {
        let new = json!({
            "receiver_id": from, "name": name, "mapping": { "fields": fields },
            "destination": { "type": "http", "connector_id": to, "method": "POST", "path": path, "record_id_pointer": "/id" },
        });
        routes::create(self.services, &self.access, read(new)?).await.map(|_| ())
    }

    async fn record(&self, from: &ReceiverId, name: &str, entity: &str) -> Result<(), Problem> {
        let new = json!({ "receiver_id": from, "name": name, "destination": { "type": "record", "entity": entity } });
        routes::create(self.services, &self.access, read(new)?).await.map(|_| ())
    }
}

/// The world is written in the interface's own JSON.
fn read<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_json::from_value(value).map_err(|error| {
        tracing::error!(%error, "the demo's world is written wrongly");
        Problem::internal()
    })
}
