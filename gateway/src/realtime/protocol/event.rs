//! What is said on a channel: a name and a text, within the protocol's limits.

/// Longest event name, in characters.
pub const MAX_EVENT_NAME_CHARS: usize = 200;

/// Largest event data, in bytes: Pusher's 10 kB.
pub const MAX_DATA_BYTES: usize = 10 * 1024;

/// Prefixes with which a server speaks of itself. An event under such a name would pass for one of its own
/// frames.
const RESERVED_PREFIXES: [&str; 2] = ["pusher:", "pusher_internal:"];

/// An event that may be sent on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelEvent<'a> {
    name: &'a str,
    data: &'a str,
}

/// Why an event may not be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Nothing that a client could bind to.
    #[error("the event name is empty")]
    NameEmpty,
    /// Longer than the protocol allows.
    #[error("the event name is longer than {MAX_EVENT_NAME_CHARS} characters")]
    NameTooLong,
    /// The name of one of the server's own frames.
    #[error("event names that begin with pusher: or pusher_internal: are reserved")]
    NameReserved,
    /// More data than the protocol allows.
    #[error("the event data has {0} bytes, the limit is {MAX_DATA_BYTES}")]
    DataTooLarge(usize),
}

impl<'a> ChannelEvent<'a> {
    /// Checks an event. `data` is sent as it is; by convention it is JSON.
    ///
    /// # Errors
    /// When the name is empty, longer than 200 characters or reserved, or the data has more than 10 kB.
    pub fn new(name: &'a str, data: &'a str) -> Result<Self, EventError> {
        if name.is_empty() {
            return Err(EventError::NameEmpty);
        }
        if name.chars().count() > MAX_EVENT_NAME_CHARS {
            return Err(EventError::NameTooLong);
        }
        if RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
            return Err(EventError::NameReserved);
        }
        if data.len() > MAX_DATA_BYTES {
            return Err(EventError::DataTooLarge(data.len()));
        }
        Ok(Self { name, data })
    }

    /// The name that clients bind to.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The data, as text.
    pub fn data(&self) -> &'a str {
        self.data
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_exact() {
        assert!(ChannelEvent::new(&"ä".repeat(200), &"x".repeat(10_240)).is_ok());
        assert_eq!(ChannelEvent::new(&"ä".repeat(201), ""), Err(EventError::NameTooLong));
        assert_eq!(ChannelEvent::new("e", &"x".repeat(10_241)), Err(EventError::DataTooLarge(10_241)));
        assert_eq!(ChannelEvent::new("", ""), Err(EventError::NameEmpty));
    }

    #[test]
    fn the_servers_own_names_are_reserved() {
        for name in ["pusher:error", "pusher_internal:subscription_succeeded"] {
            assert_eq!(ChannelEvent::new(name, "{}"), Err(EventError::NameReserved));
        }
        assert!(ChannelEvent::new("pusher", "{}").is_ok());
    }
}
