//! Tenants of the installation.

use domain::error::Problem;
use domain::id::OrganizationId;
use domain::user::{NewOrganization, Organization, Role};
use serde_json::json;

use crate::Services;
use crate::access::{Actor, Principal};
use crate::audit::{self, Action};
use crate::input::Checks;
use crate::store;

/// Creates an organization; the person who does so administrates it.
///
/// # Errors
/// 403 unless by a global administrator; 422 with the fields that need attention; 409 `slug_taken`.
pub async fn create(
    services: &Services,
    principal: &Principal,
    new: NewOrganization,
) -> Result<Organization, Problem> {
    principal.require_global_admin()?;
    let mut checks = Checks::default();
    let name = checks.name("/name", &new.name);
    checks.slug("/slug", &new.slug);
    checks.finish()?;

    let now = services.clock.now();
    let organization = Organization { id: OrganizationId::new(now), name, slug: new.slug, created_at: now };
    let mut tx = services.store.write().await?;
    store::organizations::insert(&mut tx, &organization).await.map_err(|error| {
        match store::is_unique_violation(&error) {
            true => Problem::conflict(
                "slug_taken",
                format!(
                    "There is an organization named {} already. Choose another short name.",
                    organization.slug
                ),
            ),
            false => error.into(),
        }
    })?;
    if let Actor::User { id, .. } = &principal.actor {
        store::members::insert(&mut tx, &organization.id, id, Role::Admin, now).await?;
    }
    let detail = json!({ "name": organization.name, "slug": organization.slug });
    audit::record_of_installation(
        &mut tx,
        &principal.actor,
        now,
        Action::OrganizationCreated,
        organization.id.as_str(),
        detail,
    )
    .await?;
    tx.commit().await?;
    Ok(organization)
}

/// The organization with this name in addresses; for the command line, which knows no ids.
///
/// # Errors
/// 404 when there is none.
pub async fn by_slug(services: &Services, slug: &str) -> Result<Organization, Problem> {
    let mut tx = services.store.read().await?;
    store::organizations::find_by_slug(&mut tx, slug).await?.ok_or_else(|| {
        Problem::new(
            404,
            "not_found",
            "Not found",
            format!("There is no organization with the short name {slug}."),
        )
    })
}
