//! What the browser says about its network: a hint that comes long before a socket notices, and may be wrong, for
//! example when the server runs on the same machine. So it ends what is under way, and forbids nothing.

use std::future::Future;

use futures_util::future::{AbortHandle, abortable};
use leptos::ev;
use leptos::prelude::*;

/// What the browser said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkChange {
    /// There is no network any more.
    Lost,
    /// There is one again.
    Found,
}

/// The hint, for one task that waits.
#[derive(Clone, Copy)]
pub struct Network {
    waiting: StoredValue<Option<AbortHandle>>,
    last: StoredValue<NetworkChange>,
    online: RwSignal<bool>,
}

impl Network {
    /// Listens for the life of the caller.
    pub fn watch() -> Self {
        let network = Self {
            waiting: StoredValue::new(None),
            last: StoredValue::new(NetworkChange::Found),
            online: RwSignal::new(window().navigator().on_line()),
        };
        let lost = window_event_listener(ev::offline, move |_| {
            network.online.set(false);
            network.interrupt(NetworkChange::Lost);
        });
        let found = window_event_listener(ev::online, move |_| {
            network.online.set(true);
            network.interrupt(NetworkChange::Found);
        });
        on_cleanup(move || {
            lost.remove();
            found.remove();
        });
        network
    }

    /// Waits for `work`, unless the network changes meanwhile: then `work` is dropped.
    ///
    /// # Errors
    /// What the network did.
    pub async fn undisturbed<T>(self, work: impl Future<Output = T>) -> Result<T, NetworkChange> {
        let (work, handle) = abortable(work);
        self.waiting.set_value(Some(handle));
        work.await.map_err(|_| self.last.get_value())
    }

    /// What the browser says right now; reactive.
    pub fn is_online(self) -> bool {
        self.online.get()
    }

    /// Ends what is under way as if the browser had said `change`.
    pub fn interrupt(self, change: NetworkChange) {
        self.last.set_value(change);
        self.waiting.with_value(|waiting| {
            if let Some(waiting) = waiting {
                waiting.abort();
            }
        });
    }
}
