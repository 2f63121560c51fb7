//! Third-party systems.

use bytes::Bytes;
use domain::connector::{
    ConnectionReport, Connector, ConnectorPatch, Credentials, CredentialsKind, Environment, Header,
    NewConnector, check_fields,
};
use domain::error::Problem;
use domain::id::ConnectorId;
use domain::page::{Page, PageQuery};
use domain::route::{Route, RouteDestination};
use domain::text::is_clean;
use serde_json::json;

use super::{credentials, some_of};
use crate::Services;
use crate::access::Access;
use crate::audit::{self, Action};
use crate::client::OutboundRequest;
use crate::cursor;
use crate::input::Checks;
use crate::store::{self, Tx, connectors::After, connectors::StoredConnector};
use crate::workers::attempt::credential_header;

/// Headers in which third parties name the version of their interface, the most particular first.
const VERSION_HEADERS: [&str; 8] = [
    "x-github-api-version-selected",
    "x-shopify-api-version",
    "stripe-version",
    "x-api-version",
    "api-version",
    "api-supported-versions",
    "x-version",
    "openai-version",
];

/// One page of connectors, by name.
///
/// # Errors
/// 400 `invalid_cursor`.
pub async fn list(
    services: &Services,
    access: &Access,
    page: &PageQuery,
) -> Result<Page<Connector>, Problem> {
    let after: Option<After> = cursor::decode(page.cursor.as_deref())?;
    let limit = page.limit();
    let mut tx = services.store.read().await?;
    let connectors =
        store::connectors::list(&mut tx, access.organization(), after.as_ref(), i64::from(limit) + 1).await?;
    Ok(Page::from_overfetch(connectors, limit, |connector| cursor::encode(&(&connector.name, &connector.id))))
}

/// One connector.
///
/// # Errors
/// 404.
pub async fn read(services: &Services, access: &Access, id: &ConnectorId) -> Result<Connector, Problem> {
    let mut tx = services.store.read().await?;
    Ok(found(store::connectors::find(&mut tx, access.organization(), id).await?)?.connector)
}

fn found(stored: Option<StoredConnector>) -> Result<StoredConnector, Problem> {
    stored.ok_or_else(|| Problem::not_found("connector"))
}

/// Creates a connector.
///
/// # Errors
/// 422 with the fields that need attention; 409 `code_taken`.
pub async fn create(services: &Services, access: &Access, new: NewConnector) -> Result<Connector, Problem> {
    let name = new.name.trim().to_owned();
    let mut checks = Checks::default();
    checks.extend(check_fields(Some(&name), new.base_url.as_deref(), Some(&new.headers)));
    check_kind(&mut checks, &new.kind);
    credentials::check(&mut checks, new.credentials.as_ref());
    checks.no_nul(&new);
    checks.finish()?;

    let now = services.clock.now();
    let id = ConnectorId::new(now);
    let sealed_credentials =
        new.credentials.as_ref().map(|it| credentials::seal(services, &id, it)).transpose()?;
    let stored = StoredConnector {
        connector: Connector {
            id,
            organization_id: access.organization().clone(),
            code: new.code,
            name,
            kind: new.kind.trim().to_owned(),
            base_url: new.base_url.filter(|url| !url.is_empty()),
            headers: new.headers,
            credentials: new.credentials.as_ref().map_or(CredentialsKind::None, Credentials::kind),
            environment: new.environment,
            active: true,
            created_at: now,
            updated_at: now,
        },
        sealed_credentials,
    };
    let connector = &stored.connector;
    let mut tx = services.store.write().await?;
    store::connectors::insert(&mut tx, &stored).await.map_err(|error| {
        match store::is_unique_violation(&error) {
            true => {
                let detail =
                    format!("The code {} is taken in this installation. Choose another one.", connector.code);
                let mut problem = Problem::conflict("code_taken", &detail);
                problem.fields = Problem::invalid_field("/code", detail).fields;
                problem
            }
            false => error.into(),
        }
    })?;
    let detail = json!({
        "code": connector.code, "name": connector.name, "environment": connector.environment,
        "credentials": connector.credentials,
    });
    audit::record(&mut tx, access, now, Action::ConnectorCreated, connector.id.as_str(), detail).await?;
    tx.commit().await?;
    services.directory.invalidate();
    Ok(stored.connector)
}

/// Changes a connector.
///
/// # Errors
/// 422 with the fields that need attention; 404; 409 `unverified_receivers` when it would become a production
/// connector with a receiver that verifies nothing; 409 `destination_in_use` when routes need the base URL that is to
/// go.
pub async fn update(
    services: &Services,
    access: &Access,
    id: &ConnectorId,
    patch: ConnectorPatch,
) -> Result<Connector, Problem> {
    let name = patch.name.as_ref().map(|name| name.trim().to_owned());
    let mut checks = Checks::default();
    checks.extend(check_fields(name.as_deref(), patch.base_url.as_deref(), patch.headers.as_deref()));
    check_kind(&mut checks, patch.kind.as_deref().unwrap_or_default());
    credentials::check(&mut checks, patch.credentials.as_ref());
    checks.require(
        patch.credentials.is_none() || !patch.remove_credentials,
        "/remove_credentials",
        "Give new credentials or remove them, not both.",
    );
    checks.no_nul(&patch);
    checks.finish()?;

    let now = services.clock.now();
    let mut tx = services.store.write().await?;
    let before = found(store::connectors::lock(&mut tx, access.organization(), id).await?)?;
    let mut after = before.clone();
    let connector = &mut after.connector;
    connector.name = name.unwrap_or_else(|| connector.name.clone());
    connector.kind = patch.kind.map_or_else(|| connector.kind.clone(), |kind| kind.trim().to_owned());
    if let Some(url) = patch.base_url {
        connector.base_url = Some(url).filter(|url| !url.is_empty());
    }
    connector.headers = patch.headers.unwrap_or_else(|| connector.headers.clone());
    connector.environment = patch.environment.unwrap_or(connector.environment);
    connector.active = patch.active.unwrap_or(connector.active);
    if let Some(given) = &patch.credentials {
        connector.credentials = given.kind();
        after.sealed_credentials = Some(credentials::seal(services, id, given)?);
    } else if patch.remove_credentials {
        connector.credentials = CredentialsKind::None;
        after.sealed_credentials = None;
    }
    if after == before {
        return Ok(before.connector);
    }
    if after.connector.environment == Environment::Production
        && before.connector.environment != Environment::Production
    {
        refuse_unverified(&mut tx, access, id).await?;
    }
    if after.connector.base_url.is_none() && before.connector.base_url.is_some() {
        refuse_routes(&routes_to(&mut tx, access, id).await?, "its base URL is removed")?;
    }
    after.connector.updated_at = now;
    store::connectors::update(&mut tx, &after).await?;
    let mut detail = audit::changes(&before.connector, &after.connector);
    if patch.credentials.is_some() {
        detail["credentials"] = json!("replaced");
    }
    audit::record(&mut tx, access, now, Action::ConnectorUpdated, id.as_str(), detail).await?;
    tx.commit().await?;
    services.directory.invalidate();
    Ok(after.connector)
}

/// Deletes a connector with its receivers and their routes; its events stay. Its credentials and secrets are
/// forgotten.
///
/// # Errors
/// 404; 409 `destination_in_use` while routes of other connectors lead to it.
pub async fn delete(services: &Services, access: &Access, id: &ConnectorId) -> Result<(), Problem> {
    let now = services.clock.now();
    let organization = access.organization();
    let mut tx = services.store.write().await?;
    let stored = found(store::connectors::lock(&mut tx, organization, id).await?)?;
    let receivers = store::receivers::list_of_connector(&mut tx, organization, id).await?;
    let mut foreign = routes_to(&mut tx, access, id).await?;
    foreign.retain(|route| receivers.iter().all(|own| own.receiver.id != route.receiver_id));
    refuse_routes(&foreign, "it is deleted")?;
    let mut routes = Vec::new();
    for own in &receivers {
        let receiver = &own.receiver.id;
        routes.extend(store::routes::delete_of_receiver(&mut tx, organization, receiver, now).await?);
        store::receivers::delete(&mut tx, organization, receiver, now).await?;
    }
    store::connectors::delete(&mut tx, organization, id, now).await?;
    let receivers: Vec<_> = receivers.into_iter().map(|own| own.receiver.id).collect();
    let detail = json!({ "code": stored.connector.code, "receivers": receivers, "routes": routes });
    audit::record(&mut tx, access, now, Action::ConnectorDeleted, id.as_str(), detail).await?;
    tx.commit().await?;
    services.directory.invalidate();
    Ok(())
}

/// Asks the third party whether it answers: GET of the base URL with the connector's headers and credentials. What
/// it answers is not kept, only how.
///
/// # Errors
/// 404; 409 `no_base_url`. That the third party does not answer is no error but the report.
pub async fn test(
    services: &Services,
    access: &Access,
    id: &ConnectorId,
) -> Result<ConnectionReport, Problem> {
    let mut tx = services.store.read().await?;
    let stored = found(store::connectors::find(&mut tx, access.organization(), id).await?)?;
    // Nothing of the database is held while we wait for somebody else's server.
    drop(tx);
    let connector = &stored.connector;
    let url = connector.base_url.as_deref().and_then(|text| url::Url::parse(text).ok()).ok_or_else(|| {
        Problem::conflict(
            "no_base_url",
            format!("{} has no base URL, so there is nothing to ask. Give it one first.", connector.name),
        )
    })?;
    let mut headers = connector.headers.clone();
    if let Some(opened) = credentials::open(services, &stored)? {
        let (name, value) = credential_header(&opened);
        headers.retain(|header| !header.name.eq_ignore_ascii_case(&name));
        headers.push(Header::new(name, value));
    }
    let request = OutboundRequest {
        method: "GET".to_owned(),
        url: url.clone(),
        headers,
        body: Bytes::new(),
        timeout: services.settings.attempt_timeout,
    };
    let outcome = services.client.send(request).await;
    let latency_ms = i64::try_from(outcome.duration.as_millis()).unwrap_or(i64::MAX);
    let report = ConnectionReport {
        ok: false,
        url: url.to_string(),
        http_code: None,
        latency_ms,
        api_version: None,
        error: None,
    };
    Ok(match outcome.result {
        Ok(response) => ConnectionReport {
            ok: response.status < 400,
            http_code: Some(response.status),
            api_version: api_version(&response.headers),
            error: (response.status >= 400).then(|| answered(response.status)),
            ..report
        },
        Err(error) => ConnectionReport { error: Some(error.to_string()), ..report },
    })
}

fn answered(status: u16) -> String {
    let hint = match status {
        401 | 403 => " Check the credentials.",
        404 => " Check the base URL; some interfaces answer nothing at their root.",
        429 => " It asks for a pause.",
        500.. => " It has trouble of its own.",
        _ => "",
    };
    format!("It answered {status}.{hint}")
}

fn api_version(headers: &[Header]) -> Option<Header> {
    VERSION_HEADERS
        .iter()
        .find_map(|name| headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).cloned())
}

fn check_kind(checks: &mut Checks, kind: &str) {
    let fine = kind.chars().count() <= 64 && is_clean(kind);
    checks.require(fine, "/kind", "Use at most 64 characters.");
}

async fn refuse_unverified(tx: &mut Tx, access: &Access, id: &ConnectorId) -> Result<(), Problem> {
    let receivers = store::receivers::list_of_connector(tx, access.organization(), id).await?;
    let open: Vec<_> = receivers
        .iter()
        .map(|stored| &stored.receiver)
        .filter(|receiver| receiver.scheme.requires_sandbox())
        .map(|receiver| receiver.name.as_str())
        .collect();
    match open.is_empty() {
        true => Ok(()),
        false => Err(Problem::conflict(
            "unverified_receivers",
            format!(
                "Production needs verification, and these receivers have none: {}. Give them a scheme first.",
                some_of(open.into_iter())
            ),
        )),
    }
}

/// The routes that lead to a connector.
pub(super) async fn routes_to(tx: &mut Tx, access: &Access, id: &ConnectorId) -> Result<Vec<Route>, Problem> {
    let mut routes = store::routes::list_all(tx, access.organization()).await?;
    routes.retain(
        |route| matches!(&route.destination, RouteDestination::Http { connector_id, .. } if connector_id == id),
    );
    Ok(routes)
}

fn refuse_routes(routes: &[Route], before: &str) -> Result<(), Problem> {
    match routes.is_empty() {
        true => Ok(()),
        false => Err(Problem::conflict(
            "destination_in_use",
            format!(
                "Routes lead to this connector: {}. Delete them, or give them another destination, before {before}.",
                some_of(routes.iter().map(|route| route.name.as_str()))
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_particular_version_header_is_reported() {
        let headers = [Header::new("X-Version", "9"), Header::new("Stripe-Version", "2026-01-01")];
        assert_eq!(api_version(&headers), Some(headers[1].clone()));
        assert_eq!(api_version(&[]), None);
    }
}
