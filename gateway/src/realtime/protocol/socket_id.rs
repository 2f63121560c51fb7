//! Socket ids: the address of one connection, as every SDK expects it (`\d+\.\d+`).

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

/// Longest id accepted from outside, in bytes; ours have at most 21.
const MAX_BYTES: usize = 64;

/// The id of one connection; cheap to clone. Not a secret, but every channel signature is bound to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SocketId(Arc<str>);

/// The text is no socket id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a socket id consists of two numbers with a dot between them")]
pub struct SocketIdError;

impl SocketId {
    /// Reads a socket id, ours or another server's.
    ///
    /// # Errors
    /// When it is not `\d+\.\d+` or longer than 64 characters.
    pub fn parse(id: &str) -> Result<Self, SocketIdError> {
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        match id.split_once('.') {
            Some((left, right)) if id.len() <= MAX_BYTES && is_number(left) && is_number(right) => {
                Ok(Self(id.into()))
            }
            _ => Err(SocketIdError),
        }
    }

    /// A new id with 64 bits of operating system randomness.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let bits = getrandom::u64()?;
        Ok(Self(format!("{}.{}", bits >> 32, bits & u64::from(u32::MAX)).into()))
    }

    /// The id as it stands on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SocketId {
    type Error = SocketIdError;

    fn try_from(id: String) -> Result<Self, Self::Error> {
        Self::parse(&id)
    }
}

impl From<SocketId> for String {
    fn from(id: SocketId) -> Self {
        id.as_str().to_owned()
    }
}

impl fmt::Display for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_numbers_with_a_dot_pass() {
        assert!(SocketId::parse("1234.1234").is_ok());
        for bad in
            ["", ".", "1", "1.", ".1", "1.2.3", "1,2", "a.1", "1.1:user", " 1.1", "1.1\n", "-1.1", "١.1"]
        {
            assert_eq!(SocketId::parse(bad), Err(SocketIdError), "{bad:?}");
        }
        assert_eq!(SocketId::parse(&format!("{}.1", "1".repeat(63))), Err(SocketIdError));
    }

    #[test]
    fn random_ids_are_well_formed_and_differ() {
        let (one, two) = (SocketId::random().unwrap(), SocketId::random().unwrap());
        assert_eq!(SocketId::parse(one.as_str()), Ok(one.clone()));
        assert_ne!(one, two);
    }
}
