//! Signing in with a password.

use domain::error::Problem;
use domain::time::MINUTE;
use domain::user::{LoginRequest, SessionInfo, normalize_email};
use zeroize::Zeroizing;

use super::Peer;
use super::sessions::{self, SessionToken};
use super::throttle::PAUSE;
use crate::Services;
use crate::store;

/// How many tries may be left before the answer begins to count them down.
const COUNTDOWN: u32 = 3;

/// Signs in: who it is, and the token for the cookie.
///
/// # Errors
/// 401 `wrong_credentials` when address and password do not match or the account may not sign in: the same words and
/// the same time for all of these. 429 `too_many_attempts` during a pause; 503 when too many sign in at once.
pub async fn login(
    services: &Services,
    request: LoginRequest,
    peer: &Peer,
) -> Result<(SessionInfo, SessionToken), Problem> {
    let now = services.clock.now();
    let password = Zeroizing::new(request.password);
    // What cannot be an address is counted as one account, so that it cannot be used to fill the throttle.
    let email = normalize_email(&request.email).unwrap_or_default();
    let attempt = services.sign_in.throttle.begin(&email, peer.address, now).map_err(too_many)?;

    let mut tx = services.store.read().await?;
    let stored = store::users::find_by_email(&mut tx, &email).await?;
    drop(tx);
    let hash = stored.as_ref().map(|stored| stored.password_hash.clone());
    let matches = services.sign_in.passwords.verify(password, hash).await?;
    let Some(stored) = stored.filter(|stored| matches && stored.user.active) else {
        tracing::info!(address = ?peer.address, "an attempt to sign in failed");
        return Err(wrong_credentials(attempt.failed()));
    };

    let mut tx = services.store.write().await?;
    let (_, token) = sessions::open(&mut tx, &stored.user, peer, now).await?;
    // Read again: it may have been switched off, or its password replaced, while the password was verified.
    let user = match store::users::find_by_email(&mut tx, &email).await? {
        Some(again) if again.user.active && again.password_hash == stored.password_hash => again.user,
        _ => return Err(wrong_credentials(attempt.failed())),
    };
    let info = sessions::describe(services, &mut tx, user).await?;
    tx.commit().await?;
    attempt.succeeded();
    Ok((info, token))
}

fn wrong_credentials(left: u32) -> Problem {
    let mut detail = "Email and password do not match.".to_owned();
    let pause = PAUSE / MINUTE;
    match left {
        0 => detail.push_str(&format!(" That was the last try for now: wait {pause} min.")),
        1 => detail.push_str(&format!(" 1 try left, then a pause of {pause} min.")),
        n if n <= COUNTDOWN => detail.push_str(&format!(" {n} tries left, then a pause of {pause} min.")),
        _ => {}
    }
    Problem::new(401, "wrong_credentials", "Not signed in", detail)
}

fn too_many(seconds: i64) -> Problem {
    Problem::new(
        429,
        "too_many_attempts",
        "Too many attempts",
        format!("Too many attempts to sign in failed. Try again in {seconds} seconds."),
    )
}
