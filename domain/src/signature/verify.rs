//! The decision.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};

use super::check::{Algorithm, Check, SecretSlot, Verified};
use super::error::{SecretError, VerificationError};
use super::evidence::{Digest, Evidence};
use super::preset;
use super::request::{HeaderName, RequestView};
use super::scheme::{Protocol, TimestampWindow, VerificationScheme};
use super::secret::{KeyFormat, SecretRef};
use crate::time::{SECOND, Timestamp};

/// Decides whether a request comes from someone who knows one of the secrets.
///
/// `secrets` are the receiver's, the current one first; any that has not expired at `now` may match. A signed
/// timestamp may be as far from `now` as `window` says. The signature is judged before that, so that "too old" is
/// said of authentic requests only.
///
/// # Errors
/// Every reason to refuse is a [`VerificationError`] of its own. The scheme `none` lets everyone in: see
/// [`VerificationScheme::requires_sandbox`].
pub fn verify(
    scheme: &VerificationScheme,
    secrets: &[SecretRef<'_>],
    window: TimestampWindow,
    request: &RequestView<'_>,
    now: Timestamp,
) -> Result<Verified, VerificationError> {
    let protocol = scheme.protocol();
    if !matches!(protocol, Protocol::Open) {
        require_active_secret(secrets, now)?;
    }
    let keys = scheme.key_format();
    match protocol {
        Protocol::Open => Ok(Verified::unverified()),
        Protocol::Hmac(hmac) => signed(&Evidence::of_hmac(hmac, request)?, keys, secrets, window, now),
        Protocol::Stripe => signed(&Evidence::of_stripe(request)?, keys, secrets, window, now),
        Protocol::StandardWebhooks => {
            signed(&Evidence::of_standard_webhooks(request)?, keys, secrets, window, now)
        }
        Protocol::Bearer => {
            let header = &preset::AUTHORIZATION;
            let token = after_auth_scheme(request.required(header)?, "Bearer ", header)?;
            shared(Algorithm::Bearer, header, sha256(&[token]), &[], secrets, now)
        }
        Protocol::ApiKey(header) => {
            shared(Algorithm::ApiKey, header, sha256(&[request.required(header)?]), &[], secrets, now)
        }
        Protocol::Basic(username) => {
            let header = &preset::AUTHORIZATION;
            let encoded = after_auth_scheme(request.required(header)?, "Basic ", header)?;
            let credentials = STANDARD
                .decode(encoded)
                .map_err(|_| VerificationError::BadBase64 { header: header.clone() })?;
            let before_password = [username.as_str().as_bytes(), b":"];
            shared(Algorithm::Basic, header, sha256(&[&credentials]), &before_password, secrets, now)
        }
    }
}

fn require_active_secret(secrets: &[SecretRef<'_>], now: Timestamp) -> Result<(), VerificationError> {
    if secrets.is_empty() {
        Err(VerificationError::NoSecret)
    } else if secrets.iter().all(|secret| secret.expired_at(now).is_some()) {
        Err(VerificationError::SecretsExpired)
    } else {
        Ok(())
    }
}

/// Schemes where the secret is the key of a signature.
fn signed(
    evidence: &Evidence<'_>,
    keys: KeyFormat,
    secrets: &[SecretRef<'_>],
    window: TimestampWindow,
    now: Timestamp,
) -> Result<Verified, VerificationError> {
    let header = evidence.header;
    let index = matching_secret(
        secrets,
        now,
        evidence.candidates.as_slice(),
        |secret| Ok(evidence.signed.hmac(&keys.key(secret)?)),
        || VerificationError::SignatureMismatch { header: header.clone() },
    )?;
    let found = Check::Header { name: header.clone() };
    let algorithm = Check::Algorithm { algorithm: Algorithm::HmacSha256 };
    let matched = Check::Secret { slot: SecretSlot::of(index) };
    Ok(match evidence.signed.timestamp {
        None => {
            Verified { secret_index: Some(index), timestamp: None, checks: vec![found, algorithm, matched] }
        }
        Some(timestamp) => {
            let age = check_window(timestamp.time, window, now)?;
            let checks = vec![found, algorithm, age, matched];
            Verified { secret_index: Some(index), timestamp: Some(timestamp.time), checks }
        }
    })
}

/// Schemes where the secret itself is sent. Digests are compared, so that not even its length shows in the time.
fn shared(
    algorithm: Algorithm,
    header: &HeaderName,
    presented: Digest,
    before_secret: &[&[u8]],
    secrets: &[SecretRef<'_>],
    now: Timestamp,
) -> Result<Verified, VerificationError> {
    let expected = |secret: &[u8]| {
        if secret.is_empty() {
            return Err(SecretError::Empty);
        }
        let mut hasher = Sha256::new();
        before_secret.iter().for_each(|part| hasher.update(part));
        hasher.update(secret);
        Ok(hasher.finalize().into())
    };
    let mismatch = || VerificationError::CredentialMismatch { header: header.clone() };
    let index = matching_secret(secrets, now, &[presented], expected, mismatch)?;
    let checks = vec![
        Check::Header { name: header.clone() },
        Check::Algorithm { algorithm },
        Check::Secret { slot: SecretSlot::of(index) },
    ];
    Ok(Verified { secret_index: Some(index), timestamp: None, checks })
}

/// The index of the first active secret whose digest is among the presented ones.
///
/// When there is none, the reason is the most useful one: an expired secret that would have matched, else a secret
/// that cannot be used, else the mismatch.
fn matching_secret(
    secrets: &[SecretRef<'_>],
    now: Timestamp,
    presented: &[Digest],
    expected: impl Fn(&[u8]) -> Result<Digest, SecretError>,
    mismatch: impl FnOnce() -> VerificationError,
) -> Result<usize, VerificationError> {
    let mut unusable = None;
    for (index, secret) in secrets.iter().enumerate().filter(|(_, secret)| secret.expired_at(now).is_none()) {
        match expected(secret.value) {
            Ok(digest) if is_among(&digest, presented) => return Ok(index),
            Ok(_) => {}
            Err(error) => {
                unusable
                    .get_or_insert(VerificationError::SecretFormat { slot: SecretSlot::of(index), error });
            }
        }
    }
    for secret in secrets {
        if let Some(expired_at) = secret.expired_at(now)
            && expected(secret.value).is_ok_and(|digest| is_among(&digest, presented))
        {
            return Err(VerificationError::ExpiredSecret { expired_at });
        }
    }
    Err(unusable.unwrap_or_else(mismatch))
}

/// Constant time over all presented digests: no early end on the first byte or the first candidate.
fn is_among(digest: &Digest, presented: &[Digest]) -> bool {
    presented.iter().fold(Choice::from(0), |found, candidate| found | digest.ct_eq(candidate)).into()
}

fn check_window(
    signed_at: Timestamp,
    window: TimestampWindow,
    now: Timestamp,
) -> Result<Check, VerificationError> {
    let window_seconds = window.seconds();
    let window = window_seconds * SECOND;
    // Saturating: a timestamp at the end of time is still only far in the future.
    let age = now.since(signed_at);
    let age_seconds = age / SECOND;
    if age > window {
        Err(VerificationError::TooOld { age_seconds, window_seconds })
    } else if age < -window {
        Err(VerificationError::InFuture { ahead_seconds: age_seconds.saturating_neg(), window_seconds })
    } else {
        Ok(Check::Timestamp { age_seconds, window_seconds })
    }
}

/// What follows the authentication scheme, whose name is compared without case (RFC 9110 §11.1).
fn after_auth_scheme<'a>(
    value: &'a [u8],
    auth_scheme: &str,
    header: &HeaderName,
) -> Result<&'a [u8], VerificationError> {
    match value.split_at_checked(auth_scheme.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(auth_scheme.as_bytes()) => Ok(rest),
        _ => Err(VerificationError::WrongPrefix { header: header.clone(), expected: auth_scheme.to_owned() }),
    }
}

fn sha256(parts: &[&[u8]]) -> Digest {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}
