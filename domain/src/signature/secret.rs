//! Secrets: what a scheme makes of them, and which are good for it.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet::STANDARD as STANDARD_ALPHABET;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

use super::error::SecretError;
use super::scheme::VerificationScheme;
use crate::time::Timestamp;

/// One of a receiver's secrets, unsealed, for the time of a verification.
///
/// In a list of them the current secret comes first and the one that is being rotated out after it.
#[derive(Clone, Copy)]
pub struct SecretRef<'a> {
    /// The secret as it was given to the sender, for example with its `whsec_`.
    pub value: &'a [u8],
    /// From then on it never matches.
    pub expires_at: Option<Timestamp>,
}

impl<'a> SecretRef<'a> {
    /// A secret that does not expire.
    pub fn current(value: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self { value: value.as_ref(), expires_at: None }
    }

    /// A secret that is being rotated out.
    pub fn expiring(value: &'a (impl AsRef<[u8]> + ?Sized), expires_at: Timestamp) -> Self {
        Self { value: value.as_ref(), expires_at: Some(expires_at) }
    }

    pub(super) fn expired_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.expires_at.filter(|expires_at| *expires_at <= now)
    }
}

// By hand, so that a secret cannot reach a log through `{:?}`.
impl std::fmt::Debug for SecretRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretRef").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// How a secret becomes the key of an HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyFormat {
    /// Its bytes are the key. That is so for Stripe as well, whose `whsec_…` is text and not base64.
    Bytes,
    /// `whsec_` and base64 of the key (Standard Webhooks; its libraries also take it without `whsec_`).
    Whsec,
}

// Secrets are pasted by people and made by many libraries: padding may be there or not.
const LENIENT_BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD_ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl KeyFormat {
    pub(super) fn key<'s>(self, secret: &'s [u8]) -> Result<Cow<'s, [u8]>, SecretError> {
        if secret.is_empty() {
            return Err(SecretError::Empty);
        }
        match self {
            Self::Bytes => Ok(Cow::Borrowed(secret)),
            Self::Whsec => {
                let text = secret.strip_prefix(b"whsec_").unwrap_or(secret);
                let key = LENIENT_BASE64.decode(text).map_err(|_| SecretError::NotWhsec)?;
                if key.is_empty() { Err(SecretError::Empty) } else { Ok(Cow::Owned(key)) }
            }
        }
    }
}

impl VerificationScheme {
    pub(super) const fn key_format(&self) -> KeyFormat {
        match self {
            Self::StandardWebhooks {} => KeyFormat::Whsec,
            _ => KeyFormat::Bytes,
        }
    }

    /// Whether a secret can serve this scheme: asked when a person stores one, so that the mistake shows at once
    /// and not as a refused webhook. Stricter than verification about what surrounds a pasted secret.
    pub fn check_secret(&self, secret: &str) -> Result<(), SecretError> {
        if secret.trim() != secret {
            return Err(SecretError::SurroundingWhitespace);
        }
        match self {
            Self::None {} => Ok(()),
            Self::Bearer {} | Self::ApiKey { .. } if !secret.bytes().all(|byte| byte.is_ascii_graphic()) => {
                Err(SecretError::NotVisibleAscii)
            }
            Self::Basic { .. } if secret.chars().any(char::is_control) => Err(SecretError::NotAPassword),
            _ => self.key_format().key(secret.as_bytes()).map(drop),
        }
    }

    /// A new secret in the form this scheme's senders expect, from 256 random bits.
    pub fn new_secret(&self, random: [u8; 32]) -> String {
        match self {
            Self::StandardWebhooks {} | Self::Stripe {} => format!("whsec_{}", STANDARD.encode(random)),
            _ => hex::encode(random),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STANDARD_WEBHOOKS: VerificationScheme = VerificationScheme::StandardWebhooks {};

    #[test]
    fn whsec_secrets_are_base64_with_or_without_prefix_and_padding() {
        for secret in ["whsec_c2VjcmV0IQ==", "whsec_c2VjcmV0IQ", "c2VjcmV0IQ=="] {
            assert_eq!(KeyFormat::Whsec.key(secret.as_bytes()).unwrap().as_ref(), b"secret!", "{secret}");
        }
        for secret in ["whsec_", "", "whsec_%%%%", "whsec_c2VjcmV0I", "hunter2 "] {
            assert!(KeyFormat::Whsec.key(secret.as_bytes()).is_err(), "{secret}");
            assert!(STANDARD_WEBHOOKS.check_secret(secret).is_err(), "{secret}");
        }
        assert_eq!(KeyFormat::Bytes.key(b"whsec_c2VjcmV0IQ==").unwrap().as_ref(), b"whsec_c2VjcmV0IQ==");
    }

    #[test]
    fn a_secret_is_checked_for_its_scheme() {
        let bearer = VerificationScheme::Bearer {};
        assert_eq!(bearer.check_secret("with space"), Err(SecretError::NotVisibleAscii));
        assert_eq!(bearer.check_secret("pasted\n"), Err(SecretError::SurroundingWhitespace));
        assert_eq!(bearer.check_secret(""), Err(SecretError::Empty));
        assert_eq!(bearer.check_secret("t0ken"), Ok(()));
        let basic = VerificationScheme::Basic { username: "hook".parse().unwrap() };
        assert_eq!(basic.check_secret("päss word"), Ok(()));
        assert_eq!(basic.check_secret("a\0b"), Err(SecretError::NotAPassword));
        assert_eq!(VerificationScheme::Github {}.check_secret("päss word"), Ok(()));
    }

    #[test]
    fn new_secrets_pass_their_own_check_and_debug_shows_nothing() {
        for scheme in [STANDARD_WEBHOOKS, VerificationScheme::Github {}, VerificationScheme::Bearer {}] {
            assert_eq!(scheme.check_secret(&scheme.new_secret([7; 32])), Ok(()));
        }
        assert!(!format!("{:?}", SecretRef::current("hunter2")).contains("hunter2"));
    }
}
