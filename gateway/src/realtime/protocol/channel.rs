//! Channel names and what their prefixes promise.
//!
//! The character set is also a security rule: a name without `:` can never make the string that is signed for
//! a channel look like the one that is signed for a user sign-in (`socket::user::data`).

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// Longest channel name, in bytes (which are characters here).
const MAX_NAME_BYTES: usize = 164;

/// A well-formed channel name; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChannelName(Arc<str>);

/// Who may join a channel, by its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone with the app's key.
    Public,
    /// `private-…`: with a signature.
    Private,
    /// `private-encrypted-…`: with a signature; the server relays what it cannot read.
    Encrypted,
    /// `presence-…`: with a signature that also covers who the member is.
    Presence,
}

/// Why a text is no channel name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChannelNameError {
    /// Nothing there.
    #[error("the channel name is empty")]
    Empty,
    /// Longer than the protocol allows.
    #[error("the channel name is longer than {MAX_NAME_BYTES} characters")]
    TooLong,
    /// A character outside the protocol's set.
    #[error("a channel name may contain only ASCII letters, digits and _ - = @ , . ;")]
    Character,
}

/// A well-formed channel whose kind this server does not offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} channels are not supported by this server")]
pub struct UnsupportedChannel(&'static str);

impl ChannelName {
    /// Reads a channel name.
    ///
    /// # Errors
    /// When it is empty, longer than 164 characters, or has a character outside `A-Za-z0-9_-=@,.;`.
    pub fn parse(name: &str) -> Result<Self, ChannelNameError> {
        if name.is_empty() {
            return Err(ChannelNameError::Empty);
        }
        if name.len() > MAX_NAME_BYTES {
            return Err(ChannelNameError::TooLong);
        }
        if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-=@,.;".contains(&b)) {
            return Err(ChannelNameError::Character);
        }
        Ok(Self(name.into()))
    }

    /// The name as it stands on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Who may join.
    pub fn access(&self) -> Access {
        if self.0.starts_with("private-encrypted-") {
            Access::Encrypted
        } else if self.0.starts_with("private-") {
            Access::Private
        } else if self.0.starts_with("presence-") {
            Access::Presence
        } else {
            Access::Public
        }
    }

    /// Whether the channel promises its last event to everyone who joins.
    pub fn is_cache(&self) -> bool {
        ["cache-", "private-cache-", "private-encrypted-cache-", "presence-cache-"]
            .iter()
            .any(|prefix| self.0.starts_with(prefix))
    }

    /// Refuses the kinds that this server does not offer: joining one would look like it works and then lack
    /// what its prefix promises.
    ///
    /// # Errors
    /// For presence, encrypted and cache channels.
    pub fn ensure_supported(&self) -> Result<(), UnsupportedChannel> {
        match self.access() {
            Access::Encrypted => Err(UnsupportedChannel("encrypted")),
            Access::Presence => Err(UnsupportedChannel("presence")),
            Access::Public | Access::Private if self.is_cache() => Err(UnsupportedChannel("cache")),
            Access::Public | Access::Private => Ok(()),
        }
    }
}

impl FromStr for ChannelName {
    type Err = ChannelNameError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::parse(name)
    }
}

impl TryFrom<String> for ChannelName {
    type Error = ChannelNameError;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::parse(&name)
    }
}

impl From<ChannelName> for String {
    fn from(name: ChannelName) -> Self {
        name.as_str().to_owned()
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_1_to_164_characters_of_the_set() {
        assert!(ChannelName::parse("private-org-AZaz09_-=@,.;").is_ok());
        assert!(ChannelName::parse(&"c".repeat(164)).is_ok());
        assert_eq!(ChannelName::parse(&"c".repeat(165)), Err(ChannelNameError::TooLong));
        assert_eq!(ChannelName::parse(""), Err(ChannelNameError::Empty));
        for bad in ["a:b", "a b", "a/b", "ä", "a\n", "#server-to-user-1", "a%20b", "a+b", "a\0"] {
            assert_eq!(ChannelName::parse(bad), Err(ChannelNameError::Character), "{bad:?}");
        }
    }

    #[test]
    fn the_prefix_decides_the_kind() {
        use Access::{Encrypted, Presence, Private, Public};
        for (name, access, cache) in [
            ("news", Public, false),
            ("privateer", Public, false),
            ("cache-news", Public, true),
            ("cached", Public, false),
            ("private-org-1", Private, false),
            ("private-cache-org-1", Private, true),
            ("private-encrypted-org-1", Encrypted, false),
            ("private-encrypted-cache-org-1", Encrypted, true),
            ("presence-room", Presence, false),
            ("presence-cache-room", Presence, true),
        ] {
            let name = ChannelName::parse(name).unwrap();
            assert_eq!((name.access(), name.is_cache()), (access, cache), "{name}");
            let plain = matches!(access, Public | Private) && !cache;
            assert_eq!(name.ensure_supported().is_ok(), plain, "{name}");
        }
    }

    #[test]
    fn the_name_is_checked_when_deserialized() {
        assert!(serde_json::from_str::<ChannelName>(r#""private-org-1""#).is_ok());
        assert!(serde_json::from_str::<ChannelName>(r#""a:user:b""#).is_err());
    }
}
