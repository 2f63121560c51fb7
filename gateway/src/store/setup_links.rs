//! One-time links that make the first administrator. At most one can be used at any time.

use domain::time::Timestamp;

use super::{Result, Tx};

/// A link as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct StoredSetupLink {
    /// SHA-256 of the token, hex.
    pub token_hash: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From then on it is no longer accepted.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

/// Makes every other transaction that makes or uses a link wait for the end of this one, so that "nobody is here
/// yet" stays true until it commits. Writing one shared row is a lock that both databases understand.
pub async fn lock(tx: &mut Tx, now: Timestamp) -> Result<()> {
    const NO_VALUE: &[u8] = &[];
    on!(tx, |conn| sqlx::query(
        "INSERT INTO settings (name, value, updated_at)
              VALUES ('setup_lock', $1, $2)
         ON CONFLICT (name) DO UPDATE SET updated_at = excluded.updated_at"
    )
    .bind(NO_VALUE)
    .bind(now)
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// Adds a link in place of those that were not used.
pub async fn replace(tx: &mut Tx, link: &StoredSetupLink) -> Result<()> {
    on!(tx, |conn| sqlx::query("DELETE FROM setup_links WHERE used_at IS NULL")
        .execute(conn)
        .await
        .map(drop))?;
    on!(tx, |conn| sqlx::query(
        "INSERT INTO setup_links (token_hash, created_at, expires_at, used_at)
              VALUES ($1, $2, $3, $4)"
    )
    .bind(&link.token_hash)
    .bind(link.created_at)
    .bind(link.expires_at)
    .bind(link.used_at)
    .execute(conn)
    .await
    .map(drop))?;
    Ok(())
}

/// The link with this token.
pub async fn find(tx: &mut Tx, token_hash: &str) -> Result<Option<StoredSetupLink>> {
    Ok(on!(tx, |conn| sqlx::query_as(
        "SELECT token_hash, created_at, expires_at, used_at FROM setup_links WHERE token_hash = $1"
    )
    .bind(token_hash)
    .fetch_optional(conn)
    .await)?)
}

/// Uses a link up; whether it could still be used. Of several at once exactly one hears yes.
pub async fn use_up(tx: &mut Tx, token_hash: &str, now: Timestamp) -> Result<bool> {
    let used = on!(tx, |conn| sqlx::query(
        "UPDATE setup_links
            SET used_at = $2
          WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2"
    )
    .bind(token_hash)
    .bind(now)
    .execute(conn)
    .await
    .map(|done| done.rows_affected()))?;
    Ok(used == 1)
}
