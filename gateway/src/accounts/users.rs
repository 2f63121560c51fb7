//! Accounts, as the command line makes and changes them: whoever may run it on the server's machine may do anything.
//!
//! Invariant: the installation keeps an account that administrates it and may sign in.

use domain::error::Problem;
use domain::id::UserId;
use domain::time::Timestamp;
use domain::user::{Role, User};
use serde_json::json;
use zeroize::Zeroizing;

use crate::Services;
use crate::access::{Access, Actor};
use crate::audit::{self, Action};
use crate::input::Checks;
use crate::store::{self, Tx, users::PasswordHash, users::StoredUser};

/// What is needed to make an account.
#[derive(Clone)]
pub struct NewUser {
    /// The address.
    pub email: String,
    /// The name.
    pub name: String,
    /// The first password, at least 12 characters.
    pub password: String,
    /// Where they become a member: the organization's name in addresses.
    pub organization: Option<String>,
    /// What they may do there.
    pub role: Role,
    /// Whether they administrate the whole installation.
    pub global_admin: bool,
}

impl std::fmt::Debug for NewUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewUser").field("email", &self.email).finish_non_exhaustive()
    }
}

/// Creates an account, and a membership when an organization is named.
///
/// # Errors
/// 422 with the fields that need attention; 404 when there is no such organization; 409 `email_taken`.
pub async fn create(services: &Services, new: NewUser) -> Result<User, Problem> {
    let password = Zeroizing::new(new.password);
    let mut checks = Checks::default();
    let email = checks.email("/email", &new.email);
    let name = checks.name("/name", &new.name);
    checks.password("/password", &password);
    checks.finish()?;
    let organization = match &new.organization {
        Some(slug) => Some(super::organizations::by_slug(services, slug).await?),
        None => None,
    };
    let hash = services.sign_in.passwords.hash(password).await?;

    let now = services.clock.now();
    let mut tx = services.store.write().await?;
    // Set-up looks whether anybody is there; it must not look away while somebody comes in by this door.
    store::setup_links::lock(&mut tx, now).await?;
    let person = Person { email, name, global_admin: new.global_admin };
    let user = insert(&mut tx, &Actor::CommandLine, person, hash, now).await?;
    if let Some(organization) = organization {
        let access = Access::of_command_line(organization.id);
        store::members::insert(&mut tx, access.organization(), &user.id, new.role, now).await?;
        let detail = json!({ "email": user.email, "role": new.role });
        audit::record(&mut tx, &access, now, Action::MemberAdded, user.id.as_str(), detail).await?;
    }
    tx.commit().await?;
    Ok(user)
}

/// Somebody new, checked.
pub(super) struct Person {
    pub(super) email: String,
    pub(super) name: String,
    pub(super) global_admin: bool,
}

/// Adds an account in the caller's transaction, and records it.
pub(super) async fn insert(
    tx: &mut Tx,
    actor: &Actor,
    person: Person,
    password_hash: PasswordHash,
    now: Timestamp,
) -> Result<User, Problem> {
    let user = User {
        id: UserId::new(now),
        email: person.email,
        name: person.name,
        global_admin: person.global_admin,
        active: true,
        last_login_at: None,
        created_at: now,
    };
    let stored = StoredUser { user: user.clone(), password_hash };
    store::users::insert(tx, &stored).await.map_err(|error| match store::is_unique_violation(&error) {
        true => Problem::conflict("email_taken", format!("There is an account for {} already.", user.email)),
        false => error.into(),
    })?;
    let detail = json!({ "email": user.email, "global_admin": user.global_admin });
    audit::record_of_installation(tx, actor, now, Action::UserCreated, user.id.as_str(), detail).await?;
    Ok(user)
}

/// Says whether somebody may sign in. Either way their sessions end: at once, and not to come back to life later.
///
/// # Errors
/// 404 when there is no such account; 409 `last_admin` for the last one that administrates the installation.
pub async fn set_active(services: &Services, email: &str, active: bool) -> Result<User, Problem> {
    let now = services.clock.now();
    let mut tx = services.store.write().await?;
    let admins = store::users::lock_global_admins(&mut tx).await?;
    let mut user = find(&mut tx, email).await?;
    if user.active == active {
        return Ok(user);
    }
    if user.global_admin && !active && admins <= 1 {
        return Err(Problem::conflict(
            "last_admin",
            format!("{} is the last account that administrates this installation.", user.email),
        ));
    }
    store::users::set_active(&mut tx, &user.id, active).await?;
    store::sessions::delete_of_user(&mut tx, &user.id).await?;
    let action = if active { Action::UserActivated } else { Action::UserDeactivated };
    let detail = json!({ "email": user.email });
    audit::record_of_installation(&mut tx, &Actor::CommandLine, now, action, user.id.as_str(), detail)
        .await?;
    tx.commit().await?;
    services.hub.review_permits();
    user.active = active;
    Ok(user)
}

/// Replaces somebody's password and ends their sessions: for whoever forgot it.
///
/// # Errors
/// 404 when there is no such account; 422 when the password will not do.
pub async fn set_password(services: &Services, email: &str, password: String) -> Result<User, Problem> {
    let password = Zeroizing::new(password);
    let mut checks = Checks::default();
    checks.password("/password", &password);
    checks.finish()?;
    let hash = services.sign_in.passwords.hash(password).await?;
    let now = services.clock.now();
    let mut tx = services.store.write().await?;
    let user = find(&mut tx, email).await?;
    store::users::set_password(&mut tx, &user.id, &hash).await?;
    store::sessions::delete_of_user(&mut tx, &user.id).await?;
    let detail = json!({ "email": user.email });
    audit::record_of_installation(
        &mut tx,
        &Actor::CommandLine,
        now,
        Action::UserPasswordSet,
        user.id.as_str(),
        detail,
    )
    .await?;
    tx.commit().await?;
    services.hub.review_permits();
    Ok(user)
}

async fn find(tx: &mut Tx, email: &str) -> Result<User, Problem> {
    let normal = domain::user::normalize_email(email).unwrap_or_default();
    let stored = store::users::find_by_email(tx, &normal).await?;
    stored.map(|stored| stored.user).ok_or_else(|| {
        Problem::new(404, "not_found", "Not found", format!("There is no account for {}.", email.trim()))
    })
}
