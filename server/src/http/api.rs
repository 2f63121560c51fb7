//! The REST interface under `/api/v1/integration`, and its description, made from the same handlers.
//!
//! Invariant: a route comes in by `routes!` only, so that router and document cannot differ.

pub mod alerts;
pub mod api_keys;
pub mod connectors;
pub mod dashboard;
pub mod deliveries;
pub mod events;
pub mod export;
pub mod members;
pub mod organizations;
pub mod payloads;
pub mod receivers;
pub mod records;
pub mod rejections;
pub mod retry_jobs;
pub mod routes;
pub mod search;

use std::collections::BTreeMap;

use axum::{Extension, Router};
use domain::dashboard::HeatmapRows;
use domain::error::Problem;
use domain::filter::{SortOrder, ViewTab};
use domain::status::DeliveryStatus;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, ObjectBuilder, OpenApi, Ref, RefOr, Required, SecurityRequirement};
use utoipa::{IntoResponses, OpenApi as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::body::{BodyLimit, PAYLOAD_LIMIT};
use super::problem::MEDIA_TYPE;
use super::state::AppState;

/// Where the interface lives.
pub const BASE: &str = "/api/v1/integration";
/// Where its description lives.
pub const DOCUMENT: &str = "/api/v1/openapi.json";

/// Everything that may go wrong, for the document: a problem document whatever the status.
pub struct Problems;

impl IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response = ResponseBuilder::new()
            .description("What went wrong and what to do; `code` is stable.")
            .content(MEDIA_TYPE, content)
            .build();
        BTreeMap::from([("default".to_owned(), response.into())])
    }
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Signalbox",
        description = "Receive, deliver, watch, fix and replay webhooks.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(Problem, DeliveryStatus, HeatmapRows, SortOrder, ViewTab)),
    tags(
        (name = "webhooks", description = "The way in for third parties"),
        (name = "connectors", description = "Third-party systems"),
        (name = "receivers", description = "Inbound doors of connectors"),
        (name = "routes", description = "Which events go where, and how they are mapped"),
        (name = "deliveries", description = "Events on their way; retry and replay"),
        (name = "retry jobs", description = "Many failed deliveries tried again, as a durable job"),
        (name = "events", description = "Accepted facts, refused requests and their bytes"),
        (name = "records", description = "The built-in destination"),
        (name = "dashboard", description = "Counts, and what is worth a look now"),
        (name = "search", description = "From an id, a record or a name to what it belongs to"),
        (name = "accounts", description = "People, programs, organizations"),
    )
)]
struct Document;

/// The routes of people and programs, without the prefix.
fn interface() -> OpenApiRouter<AppState> {
    let replays = OpenApiRouter::new()
        .routes(routes!(deliveries::replay_delivery))
        .routes(routes!(deliveries::dry_run))
        .routes(routes!(routes::preview_mapping))
        .layer(Extension(BodyLimit(PAYLOAD_LIMIT)));
    OpenApiRouter::new()
        .routes(routes!(connectors::list_connectors, connectors::create_connector))
        .routes(routes!(
            connectors::read_connector,
            connectors::update_connector,
            connectors::delete_connector
        ))
        .routes(routes!(connectors::test_connector))
        .routes(routes!(connectors::connector_hours))
        .routes(routes!(connectors::connector_usage))
        .routes(routes!(receivers::list_receivers, receivers::create_receiver))
        .routes(routes!(receivers::read_receiver, receivers::update_receiver, receivers::delete_receiver))
        .routes(routes!(receivers::rotate_secret))
        .routes(routes!(receivers::send_sample))
        .routes(routes!(routes::list_routes, routes::create_route))
        .routes(routes!(routes::read_route, routes::update_route, routes::delete_route))
        .routes(routes!(deliveries::list_deliveries))
        .routes(routes!(export::export_deliveries))
        .routes(routes!(deliveries::read_delivery))
        .routes(routes!(deliveries::retry_delivery))
        .routes(routes!(deliveries::cancel_delivery))
        .routes(routes!(deliveries::replay_choices))
        .routes(routes!(retry_jobs::preview_retry_job))
        .routes(routes!(retry_jobs::list_retry_jobs, retry_jobs::create_retry_job))
        .routes(routes!(retry_jobs::read_retry_job))
        .routes(routes!(retry_jobs::pause_retry_job))
        .routes(routes!(retry_jobs::resume_retry_job))
        .routes(routes!(retry_jobs::cancel_retry_job))
        .routes(routes!(events::read_event))
        .routes(routes!(payloads::download_payload))
        .routes(routes!(rejections::list_rejections))
        .routes(routes!(rejections::read_rejection))
        .routes(routes!(records::list_records))
        .routes(routes!(records::read_record))
        .routes(routes!(dashboard::dashboard_summary))
        .routes(routes!(dashboard::dashboard_heatmap))
        .routes(routes!(alerts::list_alerts))
        .routes(routes!(search::search))
        .routes(routes!(members::list_members, members::add_member))
        .routes(routes!(members::change_member, members::remove_member))
        .routes(routes!(api_keys::list_api_keys, api_keys::create_api_key))
        .routes(routes!(api_keys::revoke_api_key))
        .routes(routes!(organizations::list_organizations, organizations::create_organization))
        .merge(replays)
}

/// The router for people and programs, and the document that describes it together with the way in for webhooks.
pub fn router_and_document() -> (Router<AppState>, OpenApi) {
    let (router, mut document) =
        OpenApiRouter::with_openapi(Document::openapi()).nest(BASE, interface()).split_for_parts();
    let organization = organization_header();
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.patch, &mut item.put, &mut item.delete]
            .into_iter()
            .flatten();
        for operation in operations {
            operation.security = Some(vec![
                SecurityRequirement::new("api_key", Vec::<String>::new()),
                SecurityRequirement::new("session", Vec::<String>::new()),
            ]);
            // Organizations themselves are the only thing that does not belong to one.
            if operation
                .operation_id
                .as_ref()
                .is_some_and(|id| !id.ends_with("_organization") && !id.ends_with("_organizations"))
            {
                operation.parameters.get_or_insert_default().push(organization.clone().into());
            }
        }
    }
    let schemes = &mut document.components.get_or_insert_default().security_schemes;
    let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("sbx_…").build();
    schemes.insert("api_key".into(), SecurityScheme::Http(key).into());
    let session =
        ApiKeyValue::with_description("signalbox", "The console's session; `__Host-signalbox` on https.");
    schemes.insert("session".into(), SecurityScheme::ApiKey(ApiKey::Cookie(session)).into());
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    document.merge(super::ingest::ReceiveDocument::openapi());
    (router, document)
}

fn organization_header() -> Parameter {
    ParameterBuilder::new()
        .name("Signalbox-Organization")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "The organization that is meant. May be left out by keys and by whoever is a member of exactly one.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(utoipa::openapi::Type::String)))
        .build()
}
