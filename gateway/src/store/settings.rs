//! Named values of the installation, such as the sealed secret of the realtime application.

use domain::time::Timestamp;

use super::{Result, Tx};

/// The value under `name`.
pub async fn find(tx: &mut Tx, name: &str) -> Result<Option<Vec<u8>>> {
    Ok(on!(tx, |conn| sqlx::query_scalar("SELECT value FROM settings WHERE name = $1")
        .bind(name)
        .fetch_optional(conn)
        .await)?)
}

/// Stores `value` under `name` unless there is one already; returns the one that is there afterwards.
pub async fn find_or_insert(tx: &mut Tx, name: &str, value: &[u8], now: Timestamp) -> Result<Vec<u8>> {
    on!(tx, |conn| sqlx::query(
        "INSERT INTO settings (name, value, updated_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING"
    )
    .bind(name)
    .bind(value)
    .bind(now)
    .execute(conn)
    .await
    .map(|_| ()))?;
    Ok(find(tx, name).await?.unwrap_or_else(|| value.to_vec()))
}
