//! How the rest of Signalbox speaks on a channel, whichever server carries it.
//!
//! Publishing is synchronous and never waits: an implementation hands the event to a queue or refuses it.
//! What is published is a hint that may be lost, so a caller logs an error and goes on.

use std::sync::Arc;

use super::{
    hub::Hub,
    protocol::{ChannelEvent, ChannelName, EventError, UnsupportedChannel},
};

/// Why an event was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// Name or data break the protocol's limits.
    #[error(transparent)]
    Event(#[from] EventError),
    /// The channel's kind is not offered, so nobody can listen to it.
    #[error(transparent)]
    Channel(#[from] UnsupportedChannel),
}

/// Takes events for channels.
pub trait RealtimePublisher: Send + Sync {
    /// Takes one event for delivery to the channel's subscribers. `data` is text, by convention JSON, of at
    /// most 10 kB; `event` has at most 200 characters.
    ///
    /// # Errors
    /// When the event is not taken.
    fn publish(&self, channel: &ChannelName, event: &str, data: &str) -> Result<(), PublishError>;
}

/// Publishes to the hub of this process.
#[derive(Debug, Clone)]
pub struct HubPublisher {
    hub: Arc<Hub>,
}

impl HubPublisher {
    /// A publisher for this hub.
    pub fn new(hub: Arc<Hub>) -> Self {
        Self { hub }
    }
}

impl RealtimePublisher for HubPublisher {
    fn publish(&self, channel: &ChannelName, event: &str, data: &str) -> Result<(), PublishError> {
        channel.ensure_supported()?;
        self.hub.broadcast(channel, &ChannelEvent::new(event, data)?, None);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::realtime::{
        hub::{HubLimits, Outgoing},
        protocol::Frame,
    };

    #[tokio::test]
    async fn what_is_published_reaches_the_hubs_subscribers() {
        let hub = Arc::new(Hub::new(HubLimits::default()));
        let publisher: Arc<dyn RealtimePublisher> = Arc::new(HubPublisher::new(Arc::clone(&hub)));
        let channel = ChannelName::parse("private-org-1").unwrap();
        let mut session = hub.connect().unwrap();
        session.subscribe(&channel).unwrap();
        publisher.publish(&channel, "rows", "{}").unwrap();
        assert_eq!(session.next().await, Outgoing::Frame(Frame::subscription_succeeded(&channel)));
        let event = ChannelEvent::new("rows", "{}").unwrap();
        assert_eq!(session.next().await, Outgoing::Frame(Frame::event(&channel, &event)));
    }

    #[test]
    fn what_no_client_could_receive_is_refused() {
        let publisher = HubPublisher::new(Arc::new(Hub::new(HubLimits::default())));
        let channel = ChannelName::parse("private-org-1").unwrap();
        let too_large = "x".repeat(10_241);
        assert!(matches!(publisher.publish(&channel, "", "{}"), Err(PublishError::Event(_))));
        assert!(matches!(publisher.publish(&channel, "rows", &too_large), Err(PublishError::Event(_))));
        let presence = ChannelName::parse("presence-room").unwrap();
        assert!(matches!(publisher.publish(&presence, "rows", "{}"), Err(PublishError::Channel(_))));
    }
}
