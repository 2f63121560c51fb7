//! A connection as its socket task sees it: frames come out, and dropping it leaves the hub.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::{Hub, SubscribeError};
use crate::realtime::protocol::{ChannelName, ErrorCode, Frame, SocketId};

/// One registered connection. Dropping it removes the connection and its subscriptions from the hub.
#[derive(Debug)]
pub struct Session {
    hub: Arc<Hub>,
    socket_id: SocketId,
    frames: mpsc::Receiver<Frame>,
    closing: watch::Receiver<Option<ErrorCode>>,
}

/// What the hub wants of the socket.
#[derive(Debug, PartialEq, Eq)]
pub enum Outgoing {
    /// Send this.
    Frame(Frame),
    /// Close with this code; frames still queued are not worth sending.
    Close(ErrorCode),
}

impl Session {
    pub(super) fn new(
        hub: Arc<Hub>,
        socket_id: SocketId,
        frames: mpsc::Receiver<Frame>,
        closing: watch::Receiver<Option<ErrorCode>>,
    ) -> Self {
        Self { hub, socket_id, frames, closing }
    }

    /// The id that the client is told.
    pub fn socket_id(&self) -> &SocketId {
        &self.socket_id
    }

    /// Waits for the next thing to do. Cancel-safe: nothing is lost when the future is dropped.
    pub async fn next(&mut self) -> Outgoing {
        tokio::select! {
            biased;
            code = close_code(&mut self.closing) => Outgoing::Close(code),
            frame = self.frames.recv() => match frame {
                Some(frame) => Outgoing::Frame(frame),
                // The hub has let go of the connection, and says why before it does.
                None => Outgoing::Close(close_code(&mut self.closing).await),
            },
        }
    }

    /// Waits until the connection has to close, while a frame is on its way out. Cancel-safe.
    pub async fn closing(&mut self) -> ErrorCode {
        close_code(&mut self.closing).await
    }

    /// See [`Hub::subscribe`].
    ///
    /// # Errors
    /// As there.
    pub fn subscribe(&self, channel: &ChannelName) -> Result<(), SubscribeError> {
        self.hub.subscribe(&self.socket_id, channel)
    }

    /// See [`Hub::unsubscribe`].
    pub fn unsubscribe(&self, channel: &ChannelName) {
        self.hub.unsubscribe(&self.socket_id, channel);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.hub.disconnect(&self.socket_id);
    }
}

async fn close_code(closing: &mut watch::Receiver<Option<ErrorCode>>) -> ErrorCode {
    let reason = closing.wait_for(Option::is_some).await;
    // Without a reason only if the hub itself went away.
    reason.ok().and_then(|reason| *reason).unwrap_or(ErrorCode::ReconnectNow)
}
