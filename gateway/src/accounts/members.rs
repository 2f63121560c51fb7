//! The people of an organization.
//!
//! Invariant: an organization that has an administrator keeps one. Changes that could break this wait for one
//! another.

use domain::error::Problem;
use domain::id::UserId;
use domain::page::{Page, PageQuery};
use domain::user::{Member, MemberPatch, NewMember, Role};
use serde_json::json;
use zeroize::Zeroizing;

use super::users::{self, Person};
use crate::Services;
use crate::access::Access;
use crate::audit::{self, Action};
use crate::cursor;
use crate::input::Checks;
use crate::store::{self, Tx, members::After};

/// One page of the organization's people, by address.
///
/// # Errors
/// 400 `invalid_cursor`.
pub async fn list(services: &Services, access: &Access, page: &PageQuery) -> Result<Page<Member>, Problem> {
    let after: Option<After> = cursor::decode(page.cursor.as_deref())?;
    let limit = page.limit();
    let mut tx = services.store.read().await?;
    let members =
        store::members::list(&mut tx, access.organization(), after.as_ref(), i64::from(limit) + 1).await?;
    Ok(Page::from_overfetch(members, limit, |member| cursor::encode(&(&member.user.email, &member.user.id))))
}

/// Adds a person. Who has an account already keeps their name and password, whatever the request says: they belong
/// to the person, not to this organization.
///
/// # Errors
/// 422 with the fields that need attention, among them the password of somebody new; 409 `already_member`.
pub async fn add(services: &Services, access: &Access, new: NewMember) -> Result<Member, Problem> {
    let password = new.password.map(Zeroizing::new);
    let mut checks = Checks::default();
    let email = checks.email("/email", &new.email);
    let mut tx = services.store.read().await?;
    let known = store::users::find_by_email(&mut tx, &email).await?.is_some();
    drop(tx);
    let mut person = None;
    if !known {
        let name = checks.name("/name", &new.name);
        match &password {
            Some(password) => checks.password("/password", password),
            None => checks.problem("/password", "Somebody new needs a password of at least 12 characters."),
        }
        person = Some(Person { email: email.clone(), name, global_admin: false });
    }
    checks.finish()?;
    let password_hash = match (&person, password) {
        (Some(_), Some(password)) => Some(services.sign_in.passwords.hash(password).await?),
        _ => None,
    };

    let now = services.clock.now();
    let mut tx = services.store.write().await?;
    let user = match (store::users::find_by_email(&mut tx, &email).await?, person, password_hash) {
        (Some(stored), ..) => stored.user,
        (None, Some(person), Some(hash)) => users::insert(&mut tx, access.actor(), person, hash, now).await?,
        // Accounts are never deleted, so one that was there a moment ago still is.
        (None, ..) => return Err(Problem::internal()),
    };
    store::members::insert(&mut tx, access.organization(), &user.id, new.role, now).await.map_err(
        |error| match store::is_unique_violation(&error) {
            true => Problem::conflict(
                "already_member",
                format!("{} is a member already. Change their role instead.", user.email),
            ),
            false => error.into(),
        },
    )?;
    let detail = json!({ "email": user.email, "role": new.role });
    audit::record(&mut tx, access, now, Action::MemberAdded, user.id.as_str(), detail).await?;
    tx.commit().await?;
    Ok(Member { user, role: new.role })
}

/// Changes what a person may do here.
///
/// # Errors
/// 404 when they are no member; 409 `last_admin`.
pub async fn change(
    services: &Services,
    access: &Access,
    id: &UserId,
    patch: MemberPatch,
) -> Result<Member, Problem> {
    let now = services.clock.now();
    let mut tx = services.store.write().await?;
    let mut member = lock(&mut tx, access, id).await?;
    let Some(role) = patch.role.filter(|role| *role != member.role) else { return Ok(member) };
    keep_an_admin(&mut tx, access, &member).await?;
    store::members::set_role(&mut tx, access.organization(), id, role).await?;
    let detail = json!({ "role": { "from": member.role, "to": role } });
    audit::record(&mut tx, access, now, Action::MemberChanged, id.as_str(), detail).await?;
    tx.commit().await?;
    member.role = role;
    Ok(member)
}

/// Takes a person out of the organization. Their sessions lose it with the next request, because every request asks
/// the store, and hear nothing more of it from now on.
///
/// # Errors
/// 404 when they are no member; 409 `last_admin`.
pub async fn remove(services: &Services, access: &Access, id: &UserId) -> Result<(), Problem> {
    let now = services.clock.now();
    let mut tx = services.store.write().await?;
    let member = lock(&mut tx, access, id).await?;
    keep_an_admin(&mut tx, access, &member).await?;
    store::members::delete(&mut tx, access.organization(), id).await?;
    let detail = json!({ "email": member.user.email, "role": member.role });
    audit::record(&mut tx, access, now, Action::MemberRemoved, id.as_str(), detail).await?;
    tx.commit().await?;
    services.hub.review_permits();
    Ok(())
}

/// The member, while nobody else changes members of this organization.
async fn lock(tx: &mut Tx, access: &Access, id: &UserId) -> Result<Member, Problem> {
    store::organizations::lock(tx, access.organization()).await?;
    let member = store::members::find(tx, access.organization(), id).await?;
    member.ok_or_else(|| Problem::not_found("member"))
}

/// Refuses to take away the last administrator.
async fn keep_an_admin(tx: &mut Tx, access: &Access, member: &Member) -> Result<(), Problem> {
    let last = member.role == Role::Admin
        && store::members::count_other_admins(tx, access.organization(), &member.user.id).await? == 0;
    match last {
        true => Err(Problem::conflict(
            "last_admin",
            format!("{} is the last administrator here. Make somebody else one first.", member.user.name),
        )),
        false => Ok(()),
    }
}
