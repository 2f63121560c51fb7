//! What people chose about the console: one object for each of them, found by the person and by nothing else.

use domain::id::UserId;
use domain::time::Timestamp;
use serde_json::Value;
use sqlx::types::Json;

use super::{Result, Tx};

/// What a person chose; `None` when they never chose anything.
pub async fn find(tx: &mut Tx, user: &UserId) -> Result<Option<Value>> {
    let found: Option<Json<Value>> =
        on!(tx, |conn| sqlx::query_scalar("SELECT value FROM preferences WHERE user_id = $1")
            .bind(user)
            .fetch_optional(conn)
            .await)?;
    Ok(found.map(|Json(value)| value))
}

/// What a person chose, `{}` at first. Another transaction that asks the same waits for the end of this one, so that
/// of two changes at once neither is lost.
pub async fn lock(tx: &mut Tx, user: &UserId, now: Timestamp) -> Result<Value> {
    let Json(value): Json<Value> = on!(tx, |conn| sqlx::query_scalar(
        "INSERT INTO preferences (user_id, value, updated_at)
              VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE SET updated_at = excluded.updated_at
           RETURNING value"
    )
    .bind(user)
    .bind(Json(serde_json::json!({})))
    .bind(now)
    .fetch_one(conn)
    .await)?;
    Ok(value)
}

/// Replaces what a person chose, which must be [locked](lock).
pub async fn replace(tx: &mut Tx, user: &UserId, value: &Value) -> Result<()> {
    on!(tx, |conn| sqlx::query("UPDATE preferences SET value = $2 WHERE user_id = $1")
        .bind(user)
        .bind(Json(value))
        .execute(conn)
        .await
        .map(drop))?;
    Ok(())
}
