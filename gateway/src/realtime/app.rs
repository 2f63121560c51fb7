//! One application of the realtime server: a numeric id for the HTTP API, a public key for clients and the
//! secret that signs channel authorizations and API requests.
//!
//! The values come from the caller, who keeps them (the secret sealed). The secret never appears in `Debug`
//! output and is wiped from memory when the app is dropped.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Longest id, key or secret accepted, in bytes: far above what any client library makes.
const MAX_CREDENTIAL_BYTES: usize = 128;

/// An application's id, key and secret.
pub struct RealtimeApp {
    id: String,
    key: String,
    secret: Zeroizing<String>,
}

/// Why a set of credentials was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RealtimeAppError {
    /// Several client libraries insist on a numeric app id.
    #[error("a realtime app id consists of 1 to 128 digits")]
    Id,
    /// The key stands in URLs and before the `:` of an auth string.
    #[error("a realtime app key consists of 1 to 128 ASCII letters, digits, '-' or '_'")]
    Key,
    /// An empty secret would let anyone sign.
    #[error("a realtime app secret has 1 to 128 bytes")]
    Secret,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes for a new realtime app")]
    NoRandomness,
}

impl RealtimeApp {
    /// Takes credentials that somebody keeps.
    ///
    /// # Errors
    /// When one of them could not be used with unmodified client libraries.
    pub fn new(
        id: impl Into<String>,
        key: impl Into<String>,
        secret: impl Into<String>,
    ) -> Result<Self, RealtimeAppError> {
        let (id, key, secret) = (id.into(), key.into(), Zeroizing::new(secret.into()));
        let fits = |s: &str| !s.is_empty() && s.len() <= MAX_CREDENTIAL_BYTES;
        if !fits(&id) || !id.bytes().all(|b| b.is_ascii_digit()) {
            return Err(RealtimeAppError::Id);
        }
        if !fits(&key) || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
            return Err(RealtimeAppError::Key);
        }
        if !fits(&secret) {
            return Err(RealtimeAppError::Secret);
        }
        Ok(Self { id, key, secret })
    }

    /// Makes new credentials from operating system randomness: a 32-bit id, an 80-bit key, a 256-bit secret.
    ///
    /// # Errors
    /// [`RealtimeAppError::NoRandomness`] when the operating system has none.
    pub fn generate() -> Result<Self, RealtimeAppError> {
        let mut bytes = Zeroizing::new([0u8; 46]);
        getrandom::fill(&mut bytes[..]).map_err(|_| RealtimeAppError::NoRandomness)?;
        let (id, rest) = bytes.split_at(4);
        let (key, secret) = rest.split_at(10);
        let id = id.iter().fold(0u32, |id, byte| id << 8 | u32::from(*byte));
        Self::new(id.to_string(), hex::encode(key), hex::encode(secret))
    }

    /// The numeric id of `/apps/{id}/…`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The public key of `/app/{key}` and of every auth string.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The secret in the clear, for the one caller that seals and stores it.
    pub fn expose_secret(&self) -> &str {
        &self.secret
    }

    /// Hex HMAC-SHA256 of `message` under the secret.
    pub(crate) fn sign(&self, message: &str) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).expect("HMAC takes a key of any length");
        mac.update(message.as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }

    /// Whether `signature` is [`sign`](Self::sign) of `message`, compared in constant time.
    pub(crate) fn verify(&self, message: &str, signature: &str) -> bool {
        self.sign(message).as_bytes().ct_eq(signature.as_bytes()).into()
    }
}

impl fmt::Debug for RealtimeApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RealtimeApp").field("id", &self.id).field("key", &self.key).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_that_no_client_could_use_are_refused() {
        let refused = |id: &str, key: &str, secret: &str| RealtimeApp::new(id, key, secret).err();
        assert_eq!(refused("", "key", "secret"), Some(RealtimeAppError::Id));
        assert_eq!(refused("app", "key", "secret"), Some(RealtimeAppError::Id));
        assert_eq!(refused("3", "", "secret"), Some(RealtimeAppError::Key));
        assert_eq!(refused("3", "a:b", "secret"), Some(RealtimeAppError::Key));
        assert_eq!(refused("3", "a/b", "secret"), Some(RealtimeAppError::Key));
        assert_eq!(refused("3", "key", ""), Some(RealtimeAppError::Secret));
        assert_eq!(refused("3", "key", &"s".repeat(129)), Some(RealtimeAppError::Secret));
        assert_eq!(refused("3", "key", "secret"), None);
    }

    #[test]
    fn generated_credentials_differ_and_are_long_enough() {
        let (one, two) = (RealtimeApp::generate().unwrap(), RealtimeApp::generate().unwrap());
        assert_ne!(one.key(), two.key());
        assert_ne!(one.expose_secret(), two.expose_secret());
        assert_eq!((one.key().len(), one.expose_secret().len()), (20, 64));
    }

    #[test]
    fn debug_output_hides_the_secret() {
        let app = RealtimeApp::new("3", "key", "7ad3773142a6692b25b8").unwrap();
        assert_eq!(format!("{app:?}"), r#"RealtimeApp { id: "3", key: "key", .. }"#);
    }

    #[test]
    fn the_documented_strings_have_the_documented_signatures() {
        let app = RealtimeApp::new("3", "278d425bdf160c739803", "7ad3773142a6692b25b8").unwrap();
        for (message, signature) in [
            ("1234.1234:private-foobar", "58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4"),
            (
                r#"1234.1234::user::{"id":"12345"}"#,
                "4708d583dada6a56435fb8bc611c77c359a31eebde13337c16ab43aa6de336ba",
            ),
            // Recomputed: the documentation prints the signature of another name.
            (
                r#"1234.1234:presence-foobar:{"user_id":10,"user_info":{"name":"Mr. Channels"}}"#,
                "31935e7d86dba64c2a90aed31fdc61869f9b22ba9d8863bba239c03ca481bc80",
            ),
        ] {
            assert_eq!(app.sign(message), signature, "{message}");
            assert!(app.verify(message, signature));
        }
    }

    #[test]
    fn a_signature_of_any_other_length_or_case_is_wrong() {
        let app = RealtimeApp::new("3", "key", "secret").unwrap();
        let good = app.sign("message");
        assert!(app.verify("message", &good));
        for bad in ["", "0", &good[1..], &good.to_uppercase(), &format!("{good}0")] {
            assert!(!app.verify("message", bad), "{bad:?}");
        }
    }
}
