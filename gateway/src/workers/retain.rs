//! Lets go of what has expired: payloads, bodies of attempts, dedupe keys, sessions. In small steps, so that intake
//! never waits long for the writer.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::SharedClock;
use crate::store::{self, Store, StoreError};

/// How often it looks.
pub const INTERVAL: Duration = Duration::from_secs(30);
/// How many rows one transaction takes at most.
const STEP: i64 = 500;

/// Deletes one step of everything that has expired; returns how many rows, so that a caller can go on until none.
pub async fn tick(store: &Store, clock: &SharedClock) -> Result<u64, StoreError> {
    let now = clock.now();
    let mut tx = store.write().await?;
    let mut gone = store::events::delete_expired_payloads(&mut tx, now, STEP).await?;
    tx.commit().await?;
    let mut tx = store.write().await?;
    gone += store::deliveries::strip_expired_bodies(&mut tx, now, STEP).await?;
    tx.commit().await?;
    let mut tx = store.write().await?;
    gone += store::events::delete_expired_dedupe_keys(&mut tx, now, STEP).await?;
    gone += store::sessions::delete_expired(&mut tx, now).await?;
    tx.commit().await?;
    Ok(gone)
}

/// Looks every [`INTERVAL`], and again at once while there is more, until `shutdown`.
pub async fn run(store: Store, clock: SharedClock, shutdown: CancellationToken) {
    let mut wait = INTERVAL;
    loop {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = shutdown.cancelled() => return,
        }
        wait = match tick(&store, &clock).await {
            Ok(gone) if gone >= STEP.unsigned_abs() => Duration::from_millis(100),
            Ok(_) => INTERVAL,
            Err(error) => {
                tracing::error!(%error, "expired data could not be deleted; trying again");
                INTERVAL
            }
        };
    }
}
