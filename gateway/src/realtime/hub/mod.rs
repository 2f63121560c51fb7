//! The hub: who is connected, who listens to what, and the fan-out between them, within one process.
//!
//! Players: the socket task of a connection holds a [`Session`], which takes frames out and leaves the hub
//! when it is dropped, however the task ends. Publishers call [`Hub::broadcast`].
//!
//! Invariants:
//! - one lock guards connections and channels, is never held across an await, and orders all events of a
//!   channel the same way for every subscriber;
//! - a message is serialized once, whatever the number of subscribers;
//! - a queue holds a fixed number of frames; a connection whose queue is full leaves at once with 4100, so a
//!   slow reader costs memory neither now nor later and never delays the others;
//! - an entry lives exactly as long as what it stands for: no channel without a subscriber, no subscription
//!   without a connection.
//!
//! Metrics: `signalbox_realtime_{connections,channels,subscriptions}` as gauges;
//! `signalbox_realtime_{events,frames,slow_consumers}_total` as counters of what was published, what that
//! became for all subscribers together, and who was dropped.

mod session;
mod state;

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use metrics::{counter, gauge};
use tokio::sync::{Notify, mpsc, watch};

pub use self::session::{Outgoing, Session};
use self::state::{Connection, Outbox, State};
use super::permits::Permit;
use super::protocol::{ChannelEvent, ChannelName, ErrorCode, Frame, SocketId};

/// What a hub may use.
#[derive(Debug, Clone, Copy)]
pub struct HubLimits {
    /// Connections at the same time; the next one gets 4004.
    pub connections: usize,
    /// Subscriptions of one connection.
    pub subscriptions_per_connection: usize,
    /// Frames that wait for one connection; when they are used up it gets 4100. At least 1.
    pub queued_frames: usize,
}

impl Default for HubLimits {
    fn default() -> Self {
        Self { connections: 10_000, subscriptions_per_connection: 200, queued_frames: 256 }
    }
}

/// How full a hub is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HubStats {
    /// Connections that are registered now.
    pub connections: usize,
    /// Channels with at least one subscriber.
    pub channels: usize,
    /// Subscriptions of all connections together.
    pub subscriptions: usize,
}

/// Why a subscription was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubscribeError {
    /// The connection has as many subscriptions as it may have.
    #[error("the connection already has {0} subscriptions")]
    TooMany(usize),
    /// The connection is being closed.
    #[error("the connection is being closed")]
    Gone,
}

/// Connections, channels and the fan-out between them.
#[derive(Debug)]
pub struct Hub {
    limits: HubLimits,
    state: Mutex<State>,
    /// Sessions that exist, also those whose connection has left the hub but whose socket still says goodbye.
    sessions: watch::Sender<usize>,
    /// Somebody lost a right.
    review: Notify,
}

impl Hub {
    /// An empty hub that accepts connections.
    pub fn new(limits: HubLimits) -> Self {
        Self {
            limits,
            state: Mutex::new(State::default()),
            sessions: watch::Sender::new(0),
            review: Notify::new(),
        }
    }

    /// Registers a connection under a new socket id.
    ///
    /// # Errors
    /// The code to close the socket with: 4004 when the hub is full, 4100 when the operating system gives no
    /// randomness for the id, and 4100 during a shutdown, because 4200 would make the client try again
    /// without a pause for as long as the shutdown takes.
    pub fn connect(self: &Arc<Self>) -> Result<Session, ErrorCode> {
        let (frames, queue) = mpsc::channel(self.limits.queued_frames.max(1));
        let (close, closing) = watch::channel(None);
        let mut state = self.state();
        if state.closed {
            return Err(ErrorCode::OverCapacity);
        }
        if state.connections.len() >= self.limits.connections {
            return Err(ErrorCode::OverConnectionQuota);
        }
        let socket_id = loop {
            let id = SocketId::random().map_err(|error| {
                tracing::error!(%error, "no randomness for a socket id");
                ErrorCode::OverCapacity
            })?;
            if !state.connections.contains_key(&id) {
                break id;
            }
        };
        state.connections.insert(socket_id.clone(), Connection::new(Outbox { frames, close }));
        gauge!("signalbox_realtime_connections").increment(1.0);
        self.sessions.send_modify(|count| *count += 1);
        Ok(Session::new(Arc::clone(self), socket_id, queue, closing))
    }

    /// Joins a channel and queues the confirmation, in one step: no event of the channel can come before it.
    /// Joining again confirms again and changes nothing.
    ///
    /// Signature and kind of the channel are the caller's business.
    ///
    /// # Errors
    /// When the connection has too many subscriptions or is already being closed.
    pub fn subscribe(&self, socket_id: &SocketId, channel: &ChannelName) -> Result<(), SubscribeError> {
        let mut state = self.state();
        let Some(connection) = state.connections.get(socket_id) else { return Err(SubscribeError::Gone) };
        let limit = self.limits.subscriptions_per_connection;
        if connection.channels.len() >= limit && !connection.channels.contains(channel) {
            return Err(SubscribeError::TooMany(limit));
        }
        if !connection.outbox.offer(Frame::subscription_succeeded(channel)) {
            state.evict(socket_id);
            return Err(SubscribeError::Gone);
        }
        state.join(socket_id, channel);
        Ok(())
    }

    /// Leaves a channel; one that was never joined is left already.
    pub fn unsubscribe(&self, socket_id: &SocketId, channel: &ChannelName) {
        self.state().leave(socket_id, channel);
    }

    /// Sends an event to every subscriber of a channel except `except`, and returns to how many. Never waits:
    /// a subscriber whose queue is full is closed with 4100.
    pub fn broadcast(
        &self,
        channel: &ChannelName,
        event: &ChannelEvent<'_>,
        except: Option<&SocketId>,
    ) -> usize {
        counter!("signalbox_realtime_events_total").increment(1);
        let mut state = self.state();
        let Some(subscribers) = state.channels.get(channel) else { return 0 };
        let frame = Frame::event(channel, event);
        let mut sent = 0;
        let mut slow = Vec::new();
        for (socket_id, outbox) in &subscribers.outboxes {
            if Some(socket_id) == except {
                continue;
            }
            if outbox.offer(frame.clone()) {
                sent += 1;
            } else {
                slow.push(socket_id.clone());
            }
        }
        for socket_id in &slow {
            state.evict(socket_id);
        }
        counter!("signalbox_realtime_frames_total").increment(sent as u64);
        sent
    }

    /// Notes why a connection may listen to what is not public. A connection that is not here has left.
    pub fn permit(&self, socket_id: &SocketId, permit: Permit) {
        if let Some(connection) = self.state().connections.get_mut(socket_id) {
            connection.permits.insert(permit);
        }
    }

    /// Every permit that a connection relies on.
    pub fn permits(&self) -> HashSet<Permit> {
        let state = self.state();
        state.connections.values().flat_map(|connection| &connection.permits).cloned().collect()
    }

    /// Closes every connection that relies on one of these permits, and returns how many: for good when it has no
    /// other permit, else so that it comes back and asks anew. From here on it hears nothing more.
    pub fn withdraw(&self, ended: &HashSet<Permit>) -> usize {
        let mut state = self.state();
        let leaving: Vec<_> = state
            .connections
            .iter()
            .filter(|(_, connection)| !connection.permits.is_disjoint(ended))
            .map(|(socket_id, connection)| (socket_id.clone(), connection.permits.is_subset(ended)))
            .collect();
        for (socket_id, nothing_left) in &leaving {
            let code = if *nothing_left { ErrorCode::Unauthorized } else { ErrorCode::ReconnectNow };
            state.dismiss(socket_id, code);
        }
        leaving.len()
    }

    /// Asks for a review of the permits, after a change that may have ended some.
    pub fn review_permits(&self) {
        self.review.notify_one();
    }

    /// Waits until somebody asks for a review.
    pub async fn review_wanted(&self) {
        self.review.notified().await;
    }

    /// Channels that somebody listens to, whose names begin with `prefix`, with their numbers of
    /// subscriptions; by name.
    pub fn channels(&self, prefix: &str) -> Vec<(ChannelName, usize)> {
        let mut channels: Vec<_> = self
            .state()
            .channels
            .iter()
            .filter(|(name, _)| name.as_str().starts_with(prefix))
            .map(|(name, subscribers)| (name.clone(), subscribers.outboxes.len()))
            .collect();
        channels.sort();
        channels
    }

    /// How many connections listen to a channel.
    pub fn subscription_count(&self, channel: &ChannelName) -> usize {
        self.state().channels.get(channel).map_or(0, |subscribers| subscribers.outboxes.len())
    }

    /// How full the hub is.
    pub fn stats(&self) -> HubStats {
        let state = self.state();
        HubStats {
            connections: state.connections.len(),
            channels: state.channels.len(),
            subscriptions: state.connections.values().map(|connection| connection.channels.len()).sum(),
        }
    }

    /// Refuses new connections, closes all others with 4200, and waits until their sockets are done or
    /// `grace` is over. Returns how many were not done.
    pub async fn shutdown(&self, grace: Duration) -> usize {
        {
            let mut state = self.state();
            state.closed = true;
            for connection in state.connections.values() {
                connection.outbox.close(ErrorCode::ReconnectNow);
            }
        }
        let mut sessions = self.sessions.subscribe();
        let done = tokio::time::timeout(grace, sessions.wait_for(|count| *count == 0)).await.is_ok();
        if done { 0 } else { *self.sessions.borrow() }
    }

    fn disconnect(&self, socket_id: &SocketId) {
        self.state().remove(socket_id);
        self.sessions.send_modify(|count| *count -= 1);
    }

    /// A panic under the lock would be a bug in this module only; going on with the maps as they are harms
    /// less than taking every later connection down with it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
