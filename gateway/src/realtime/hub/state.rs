//! What the hub's lock guards: two maps that mirror each other, changed only here.

use std::collections::{HashMap, HashSet};

use metrics::{counter, gauge};
use tokio::sync::{mpsc, watch};

use crate::realtime::permits::Permit;
use crate::realtime::protocol::{ChannelName, ErrorCode, Frame, SocketId};

#[derive(Debug, Default)]
pub(super) struct State {
    /// Set once, by a shutdown.
    pub closed: bool,
    pub connections: HashMap<SocketId, Connection>,
    pub channels: HashMap<ChannelName, Subscribers>,
}

#[derive(Debug)]
pub(super) struct Connection {
    pub outbox: Outbox,
    pub channels: HashSet<ChannelName>,
    /// Why it may listen to what is not public.
    pub permits: HashSet<Permit>,
}

/// The subscribers of one channel, never empty.
#[derive(Debug, Default)]
pub(super) struct Subscribers {
    pub outboxes: HashMap<SocketId, Outbox>,
}

/// The hub's end of one connection; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Outbox {
    pub frames: mpsc::Sender<Frame>,
    pub close: watch::Sender<Option<ErrorCode>>,
}

impl Outbox {
    /// Queues a frame; `false` means that the queue is full. A session that is already gone counts as served:
    /// it is about to leave the hub by itself.
    pub fn offer(&self, frame: Frame) -> bool {
        !matches!(self.frames.try_send(frame), Err(mpsc::error::TrySendError::Full(_)))
    }

    /// Asks the connection to close; the first reason stays.
    pub fn close(&self, code: ErrorCode) {
        self.close.send_if_modified(|reason| reason.is_none() && reason.replace(code).is_none());
    }
}

impl Connection {
    pub fn new(outbox: Outbox) -> Self {
        Self { outbox, channels: HashSet::new(), permits: HashSet::new() }
    }
}

impl State {
    pub fn join(&mut self, socket_id: &SocketId, channel: &ChannelName) {
        let Some(connection) = self.connections.get_mut(socket_id) else { return };
        if connection.channels.insert(channel.clone()) {
            gauge!("signalbox_realtime_subscriptions").increment(1.0);
            let subscribers = self.channels.entry(channel.clone()).or_insert_with(|| {
                gauge!("signalbox_realtime_channels").increment(1.0);
                Subscribers::default()
            });
            subscribers.outboxes.insert(socket_id.clone(), connection.outbox.clone());
        }
    }

    pub fn leave(&mut self, socket_id: &SocketId, channel: &ChannelName) {
        let Some(connection) = self.connections.get_mut(socket_id) else { return };
        if connection.channels.remove(channel) {
            self.forget(socket_id, channel);
        }
    }

    /// Takes a connection and all its subscriptions out; one that is not there is out already.
    pub fn remove(&mut self, socket_id: &SocketId) {
        let Some(connection) = self.connections.remove(socket_id) else { return };
        gauge!("signalbox_realtime_connections").decrement(1.0);
        for channel in &connection.channels {
            self.forget(socket_id, channel);
        }
    }

    /// Removes a connection that cannot keep up and asks it to close.
    pub fn evict(&mut self, socket_id: &SocketId) {
        if self.connections.contains_key(socket_id) {
            counter!("signalbox_realtime_slow_consumers_total").increment(1);
            self.dismiss(socket_id, ErrorCode::OverCapacity);
        }
    }

    /// Removes a connection and asks it to close.
    pub fn dismiss(&mut self, socket_id: &SocketId, code: ErrorCode) {
        if let Some(connection) = self.connections.get(socket_id) {
            connection.outbox.close(code);
            self.remove(socket_id);
        }
    }

    /// The channel's half of a subscription that ended.
    fn forget(&mut self, socket_id: &SocketId, channel: &ChannelName) {
        gauge!("signalbox_realtime_subscriptions").decrement(1.0);
        let Some(subscribers) = self.channels.get_mut(channel) else { return };
        subscribers.outboxes.remove(socket_id);
        if subscribers.outboxes.is_empty() {
            self.channels.remove(channel);
            gauge!("signalbox_realtime_channels").decrement(1.0);
        }
    }
}
