//! Signed-in browsers. A session is found by the hash of its token, which is itself a proof: these functions need no
//! tenant, because a session belongs to a person and a person to the installation.

use std::collections::HashMap;

use domain::id::{OrganizationId, SessionId, UserId};
use domain::time::Timestamp;
use domain::user::User;

use sqlx::QueryBuilder;

use super::values::runs;
use super::{Result, Tx, users};

/// A session as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// Its id.
    pub id: SessionId,
    /// SHA-256 of the token, hex.
    pub token_hash: String,
    /// Whose it is.
    pub user_id: UserId,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// From then on it is no longer accepted.
    pub expires_at: Timestamp,
    /// From where the person signed in.
    pub remote_addr: Option<String>,
    /// With what.
    pub user_agent: Option<String>,
}

/// A session that is still good, with its person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// The session's id.
    pub id: SessionId,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// The person.
    pub user: User,
}

#[derive(sqlx::FromRow)]
struct Row {
    session_id: SessionId,
    session_created_at: Timestamp,
    session_last_seen_at: Timestamp,
    #[sqlx(flatten)]
    user: users::Row,
}

/// Adds a session.
pub async fn insert(tx: &mut Tx, session: &StoredSession) -> Result<()> {
    on!(tx, |conn| {
        sqlx::query(
        "INSERT INTO sessions (id, token_hash, user_id, created_at, last_seen_at, expires_at, remote_addr, user_agent)
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    )
    .bind(&session.id)
    .bind(&session.token_hash)
    .bind(&session.user_id)
    .bind(session.created_at)
    .bind(session.last_seen_at)
    .bind(session.expires_at)
    .bind(&session.remote_addr)
    .bind(&session.user_agent)
    .execute(conn)
    .await
    .map(drop)
    })?;
    Ok(())
}

/// The session with this token, when it has not expired and its person may still sign in.
pub async fn find_live(tx: &mut Tx, token_hash: &str, now: Timestamp) -> Result<Option<LiveSession>> {
    let row: Option<Row> = on!(tx, |conn| sqlx::query_as(concat!(
        "SELECT s.id AS session_id,
                s.created_at AS session_created_at,
                s.last_seen_at AS session_last_seen_at, ",
        users::columns!(),
        " FROM sessions s
          JOIN users u ON u.id = s.user_id
         WHERE s.token_hash = $1 AND s.expires_at > $2 AND u.active"
    ))
    .bind(token_hash)
    .bind(now)
    .fetch_optional(conn)
    .await)?;
    Ok(row.map(|row| LiveSession {
        id: row.session_id,
        created_at: row.session_created_at,
        last_seen_at: row.session_last_seen_at,
        user: row.user.into(),
    }))
}

/// Which organizations a session reaches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    all: bool,
    organizations: Vec<OrganizationId>,
}

impl Reach {
    /// Whether this one is among them.
    pub fn includes(&self, organization: &OrganizationId) -> bool {
        self.all || self.organizations.contains(organization)
    }
}

/// How far each of these sessions reaches; those that have ended are missing.
pub async fn reach(tx: &mut Tx, ids: &[SessionId], now: Timestamp) -> Result<HashMap<SessionId, Reach>> {
    let mut found: HashMap<SessionId, Reach> = HashMap::with_capacity(ids.len());
    for run in runs(ids) {
        let rows: Vec<(SessionId, bool, Option<OrganizationId>)> = on!(tx, |conn| {
            let mut query = QueryBuilder::<Db>::new(
                "SELECT s.id, u.global_admin, m.organization_id
                   FROM sessions s
                   JOIN users u ON u.id = s.user_id
                   LEFT JOIN memberships m ON m.user_id = u.id
                  WHERE u.active AND s.expires_at > ",
            );
            query.push_bind(now).push(" AND s.id IN (");
            let mut list = query.separated(", ");
            for id in run {
                list.push_bind(id);
            }
            query.push(")");
            query.build_query_as().fetch_all(conn).await
        })?;
        for (id, all, organization) in rows {
            let reach = found.entry(id).or_default();
            reach.all = all;
            reach.organizations.extend(organization);
        }
    }
    Ok(found)
}

/// Notes that a session was used, and until when it is now good.
pub async fn touch(tx: &mut Tx, id: &SessionId, now: Timestamp, expires_at: Timestamp) -> Result<()> {
    on!(tx, |conn| sqlx::query("UPDATE sessions SET last_seen_at = $2, expires_at = $3 WHERE id = $1")
        .bind(id)
        .bind(now)
        .bind(expires_at)
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}

/// Ends a session; whether there was one.
pub async fn delete(tx: &mut Tx, id: &SessionId) -> Result<bool> {
    let deleted = on!(tx, |conn| sqlx::query("DELETE FROM sessions WHERE id = $1")
        .bind(id)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?;
    Ok(deleted == 1)
}

/// Ends all sessions of a person; how many there were.
pub async fn delete_of_user(tx: &mut Tx, user: &UserId) -> Result<u64> {
    Ok(on!(tx, |conn| sqlx::query("DELETE FROM sessions WHERE user_id = $1")
        .bind(user)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}

/// Removes the sessions that have expired; how many there were.
pub async fn delete_expired(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    Ok(on!(tx, |conn| sqlx::query("DELETE FROM sessions WHERE expires_at <= $1")
        .bind(now)
        .execute(conn)
        .await
        .map(|done| done.rows_affected()))?)
}
