//! Verification secrets of receivers: checked when set, sealed at rest, shown at most once.

use domain::error::Problem;
use domain::id::SecretId;
use domain::receiver::SecretSummary;
use domain::signature::VerificationScheme;
use domain::time::Timestamp;
use zeroize::Zeroizing;

use super::unsealable;
use crate::Services;
use crate::accounts::random_bytes;
use crate::input::Checks;
use crate::seal::Purpose;
use crate::store::{self, Tx, receivers::StoredReceiver, receivers::StoredSecret};

/// The longest secret, bytes.
const MAX_SECRET: usize = 4_096;
/// A secret shows its last four characters only when at least this many are there.
const HINT_FROM: usize = 16;

/// Whether a secret is still accepted.
pub(super) fn is_live(secret: &SecretSummary, now: Timestamp) -> bool {
    secret.expires_at.is_none_or(|at| at > now)
}

/// Notes what is wrong with the secret that a new receiver brings, or that it brings one.
pub(super) fn check_for_new(checks: &mut Checks, scheme: &VerificationScheme, secret: Option<&str>) {
    match secret {
        Some(_) if !scheme.requires_secret() => {
            checks.problem("/secret", "This scheme checks nothing, so it takes no secret.");
        }
        Some(secret) => check(checks, scheme, secret),
        None => {}
    }
}

/// Notes what is wrong with a secret for a scheme.
pub(super) fn check(checks: &mut Checks, scheme: &VerificationScheme, secret: &str) {
    checks.require(secret.len() <= MAX_SECRET, "/secret", "Use at most 4,096 bytes.");
    if let Err(error) = scheme.check_secret(secret) {
        checks.problem("/secret", format!("The secret cannot be used: {error}"));
    }
}

/// A scheme in place of another one needs the secret that is there to fit, or every request would be refused.
pub(super) fn check_present(
    services: &Services,
    checks: &mut Checks,
    stored: &StoredReceiver,
    now: Timestamp,
) -> Result<(), Problem> {
    let scheme = &stored.receiver.scheme;
    if !scheme.requires_secret() {
        return Ok(());
    }
    let Some(current) = stored.secrets.iter().find(|secret| is_live(&secret.summary, now)) else {
        checks.problem("/scheme", "This scheme needs a secret, and there is none. Set one first (rotate).");
        return Ok(());
    };
    let id = current.summary.id.as_str();
    let secret = services.sealer.open(Purpose::ReceiverSecret, id, &current.sealed).map_err(unsealable)?;
    let fits = std::str::from_utf8(secret.expose()).is_ok_and(|text| scheme.check_secret(text).is_ok());
    checks.require(
        fits,
        "/scheme",
        "The present secret does not fit this scheme. Rotate to one that does, then change the scheme.",
    );
    Ok(())
}

/// The secret to keep: the one that was brought, or a fresh one, which then is to be shown.
pub(super) fn choose(
    scheme: &VerificationScheme,
    brought: Option<Zeroizing<String>>,
    made: &mut Option<String>,
) -> Result<Zeroizing<String>, Problem> {
    match brought {
        Some(secret) => Ok(secret),
        None => {
            let secret = Zeroizing::new(scheme.new_secret(*random_bytes()?));
            *made = Some(secret.to_string());
            Ok(secret)
        }
    }
}

/// Seals and keeps a receiver's new secret.
pub(super) async fn add(
    services: &Services,
    tx: &mut Tx,
    stored: &mut StoredReceiver,
    secret: &str,
    now: Timestamp,
) -> Result<SecretId, Problem> {
    let id = SecretId::new(now);
    let sealed =
        services.sealer.seal(Purpose::ReceiverSecret, id.as_str(), secret.as_bytes()).map_err(unsealable)?;
    let summary = SecretSummary { id: id.clone(), hint: hint(secret), created_at: now, expires_at: None };
    let kept = StoredSecret { summary: summary.clone(), sealed };
    let receiver = &mut stored.receiver;
    store::receivers::insert_secret(tx, &receiver.organization_id, &receiver.id, &kept).await?;
    receiver.secrets.insert(0, summary);
    Ok(id)
}

/// The last four characters, when they are few of many.
fn hint(secret: &str) -> String {
    let characters: Vec<char> = secret.chars().collect();
    match characters.len() >= HINT_FROM {
        true => characters[characters.len() - 4..].iter().collect(),
        false => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_secrets_show_nothing() {
        assert_eq!(hint("fifteen letters"), "");
        assert_eq!(hint("sixteen letters!"), "ers!");
        assert_eq!(hint("ääääääääääääwxyz"), "wxyz");
    }
}
