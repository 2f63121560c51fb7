//! People who sign in. They belong to the installation; what they may do where is in [`members`](super::members).

use domain::id::UserId;
use domain::time::Timestamp;
use domain::user::User;

use super::{Result, Tx};

macro_rules! columns {
    () => {
        "u.id, u.email, u.name, u.global_admin, u.active, u.last_login_at, u.created_at"
    };
}
pub(super) use columns;

/// The hash of a password in the PHC string format. It never prints.
#[derive(Clone, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// From its text.
    pub fn new(phc: String) -> Self {
        Self(phc)
    }
    /// Its text, `$argon2id$…`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash([sealed])")
    }
}

/// A person with what proves who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredUser {
    /// The person.
    pub user: User,
    /// The hash of their password.
    pub password_hash: PasswordHash,
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: UserId,
    email: String,
    name: String,
    global_admin: bool,
    active: bool,
    last_login_at: Option<Timestamp>,
    created_at: Timestamp,
}

impl From<Row> for User {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            email: row.email,
            name: row.name,
            global_admin: row.global_admin,
            active: row.active,
            last_login_at: row.last_login_at,
            created_at: row.created_at,
        }
    }
}

#[derive(sqlx::FromRow)]
struct StoredRow {
    #[sqlx(flatten)]
    user: Row,
    password_hash: PasswordHash,
}

impl From<StoredRow> for StoredUser {
    fn from(row: StoredRow) -> Self {
        Self { user: row.user.into(), password_hash: row.password_hash }
    }
}

/// Adds a person. An address that is taken is a unique violation.
pub async fn insert(tx: &mut Tx, new: &StoredUser) -> Result<()> {
    let StoredUser { user, password_hash } = new;
    on!(tx, |conn| sqlx::query(
        "INSERT INTO users (id, email, name, password_hash, global_admin, active, last_login_at, created_at)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    )
    .bind(&user.id)
    .bind(&user.email)
    .bind(&user.name)
    .bind(password_hash)
    .bind(user.global_admin)
    .bind(user.active)
    .bind(user.last_login_at)
    .bind(user.created_at)
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// The person with this id.
pub async fn find(tx: &mut Tx, id: &UserId) -> Result<Option<User>> {
    let row: Option<Row> =
        on!(tx, |conn| sqlx::query_as(concat!("SELECT ", columns!(), " FROM users u WHERE u.id = $1"))
            .bind(id)
            .fetch_optional(conn)
            .await)?;
    Ok(row.map(Into::into))
}

/// The person with this address, which must be in its normal form.
pub async fn find_by_email(tx: &mut Tx, email: &str) -> Result<Option<StoredUser>> {
    let row: Option<StoredRow> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT ",
        columns!(),
        ", u.password_hash FROM users u WHERE u.email = $1"
    ))
    .bind(email)
    .fetch_optional(conn)
    .await)?;
    Ok(row.map(Into::into))
}

/// Whether there is anybody at all. Without, the installation waits for its set-up.
pub async fn any(tx: &mut Tx) -> Result<bool> {
    let found: Option<UserId> =
        on!(tx, |conn| sqlx::query_scalar("SELECT id FROM users LIMIT 1").fetch_optional(conn).await)?;
    Ok(found.is_some())
}

/// Notes that somebody signed in.
pub async fn record_login(tx: &mut Tx, id: &UserId, now: Timestamp) -> Result<()> {
    on!(tx, |conn| sqlx::query("UPDATE users SET last_login_at = $2 WHERE id = $1")
        .bind(id)
        .bind(now)
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

/// Says whether a person may sign in; whether there was such a person.
pub async fn set_active(tx: &mut Tx, id: &UserId, active: bool) -> Result<bool> {
    let changed = on!(tx, |conn| sqlx::query("UPDATE users SET active = $2 WHERE id = $1")
        .bind(id)
        .bind(active)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

/// Replaces a person's password; whether there was such a person.
pub async fn set_password(tx: &mut Tx, id: &UserId, password_hash: &PasswordHash) -> Result<bool> {
    let changed = on!(tx, |conn| sqlx::query("UPDATE users SET password_hash = $2 WHERE id = $1")
        .bind(id)
        .bind(password_hash)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

/// Locks everybody who administrates the installation and may sign in, and counts them. Two transactions that would
/// each take away another one wait for each other here.
pub async fn lock_global_admins(tx: &mut Tx) -> Result<usize> {
    let ids: Vec<UserId> = on!(tx, |conn| sqlx::query_scalar(
        "UPDATE users SET active = active WHERE global_admin AND active RETURNING id"
    )
    .fetch_all(conn)
    .await)?;
    Ok(ids.len())
}
