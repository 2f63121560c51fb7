//! The sender's half: the headers that make a request pass.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::error::{SecretError, SignError};
use super::evidence::{Digest, Signed, SignedTime};
use super::hmac_scheme::{SignatureEncoding, TimestampUnit};
use super::preset;
use super::request::HeaderName;
use super::scheme::{Protocol, VerificationScheme};
use crate::time::Timestamp;

/// What is to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// The body, byte for byte as it will be sent.
    pub body: &'a [u8],
    /// The message's id, for schemes that sign one: the same for every retry, visible ASCII.
    pub id: &'a str,
}

/// The headers to send along with a message, so that [`super::verify`] accepts it with the same scheme and secret.
/// Empty for the scheme `none`. The timestamp, where the scheme has one, is `now`.
///
/// # Errors
/// The secret does not serve the scheme, or the id cannot be sent.
pub fn sign(
    scheme: &VerificationScheme,
    secret: &[u8],
    message: &Message<'_>,
    now: Timestamp,
) -> Result<Vec<(HeaderName, String)>, SignError> {
    let protocol = scheme.protocol();
    if matches!(protocol, Protocol::Open) {
        return Ok(Vec::new());
    }
    let key = scheme.key_format().key(secret)?;
    let seconds = TimestampUnit::Seconds.format(now);
    let body = message.body;
    match protocol {
        Protocol::Open => Ok(Vec::new()),
        Protocol::Hmac(hmac) => {
            let mut headers = Vec::with_capacity(3);
            let mut signed = Signed { segments: hmac.signed.segments(), timestamp: None, id: b"", body };
            let text;
            if let Some(rule) = &hmac.timestamp {
                text = rule.unit.format(now);
                signed.timestamp = Some(SignedTime { text: text.as_bytes(), time: now });
                headers.push((rule.header.clone(), text.clone()));
            }
            if let Some(header) = &hmac.id_header {
                signed.id = visible(message.id)?.as_bytes();
                headers.push((header.clone(), message.id.to_owned()));
            }
            let signature = encode(hmac.encoding, &signed.hmac(&key));
            headers.push((hmac.header.clone(), format!("{}{signature}", hmac.prefix)));
            Ok(headers)
        }
        Protocol::Stripe => {
            let timestamp = Some(SignedTime { text: seconds.as_bytes(), time: now });
            let signed = Signed { segments: preset::STRIPE_SIGNED, timestamp, id: b"", body };
            let signature = encode(SignatureEncoding::Hex, &signed.hmac(&key));
            Ok(vec![(preset::STRIPE_SIGNATURE.clone(), format!("t={seconds},v1={signature}"))])
        }
        Protocol::StandardWebhooks => {
            // A full stop in the id could shift the borders between id, timestamp and body (specification 1.0.0).
            if message.id.contains('.') {
                return Err(SignError::MessageId);
            }
            let id = visible(message.id)?;
            let timestamp = Some(SignedTime { text: seconds.as_bytes(), time: now });
            let signed = Signed { segments: preset::STANDARD_SIGNED, timestamp, id: id.as_bytes(), body };
            let signature = encode(SignatureEncoding::Base64, &signed.hmac(&key));
            let names = &preset::STANDARD_HEADERS;
            Ok(vec![
                (names.id.clone(), id.to_owned()),
                (names.timestamp.clone(), seconds),
                (names.signature.clone(), format!("v1,{signature}")),
            ])
        }
        Protocol::Bearer => {
            Ok(vec![(preset::AUTHORIZATION.clone(), format!("Bearer {}", visible_secret(secret)?))])
        }
        Protocol::ApiKey(header) => Ok(vec![(header.clone(), visible_secret(secret)?.to_owned())]),
        Protocol::Basic(username) => {
            let mut credentials = format!("{}:", username.as_str()).into_bytes();
            credentials.extend_from_slice(secret);
            Ok(vec![(preset::AUTHORIZATION.clone(), format!("Basic {}", STANDARD.encode(credentials)))])
        }
    }
}

/// Everything beside the body that a sample from this provider has: the signature's headers, and those in which it names
/// its event type and delivery, which is `message.id`.
///
/// # Errors
/// As for [`sign`].
pub fn sample_headers(
    scheme: &VerificationScheme,
    secret: &[u8],
    event_type: &str,
    message: &Message<'_>,
    now: Timestamp,
) -> Result<Vec<(HeaderName, String)>, SignError> {
    let mut headers = sign(scheme, secret, message, now)?;
    if let Some(preset) = scheme.preset() {
        headers.extend(preset.announcing_headers(event_type, message.id));
    }
    Ok(headers)
}

fn encode(encoding: SignatureEncoding, digest: &Digest) -> String {
    match encoding {
        SignatureEncoding::Hex => hex::encode(digest),
        SignatureEncoding::Base64 => STANDARD.encode(digest),
    }
}

fn visible(id: &str) -> Result<&str, SignError> {
    let sendable = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic());
    if sendable { Ok(id) } else { Err(SignError::MessageId) }
}

fn visible_secret(secret: &[u8]) -> Result<&str, SecretError> {
    match std::str::from_utf8(secret) {
        Ok(text) if text.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(text),
        _ => Err(SecretError::NotVisibleAscii),
    }
}
