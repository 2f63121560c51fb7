//! Random tokens and what is kept of them.
//!
//! A token has 256 random bits, so a plain SHA-256 is enough to keep: there is nothing to guess or to look up in a
//! table, and the store can find it by an index.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::error::Problem;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// How many characters a token in base64url has.
const LENGTH: usize = 43;

/// 32 random bytes.
///
/// # Errors
/// 500 when the machine has no entropy: then nothing secret can be made.
pub(crate) fn random_bytes() -> Result<Zeroizing<[u8; 32]>, Problem> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut()).map_err(|error| {
        tracing::error!(%error, "the machine has no randomness to give");
        Problem::internal()
    })?;
    Ok(bytes)
}

/// A new token, base64url.
pub(super) fn new_token() -> Result<Zeroizing<String>, Problem> {
    Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(random_bytes()?.as_ref())))
}

/// Whether a text could be a token at all; saves the store from garbage.
pub(super) fn is_token(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// What is kept of a token: SHA-256 in hex.
pub(super) fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_tokens_and_differ() {
        let (one, two) = (new_token().unwrap(), new_token().unwrap());
        assert!(is_token(&one) && is_token(&two));
        assert_ne!(*one, *two);
        for other in ["", &one[1..], &format!("{}=", &one[1..]), &format!("{}ä", &one[2..])] {
            assert!(!is_token(other), "{other}");
        }
        assert_eq!(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
