//! Permits to listen end when the right does.
//!
//! Whoever authorizes a connection leaves a [`Permit`] in the hub. [`review`] asks the store which of them still hold
//! and sends away the others' connections; a client that may listen elsewhere comes back and is asked anew. What ends
//! a session, a key or a membership calls [`Hub::review_permits`] after its commit, which makes this happen at once.
//! What another process changed (the command line is one), what expired, and what ended in the very moment of an
//! authorization is found after at most [`INTERVAL`].

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use domain::id::{ApiKeyId, OrganizationId, SessionId};
use tokio_util::sync::CancellationToken;

use super::Hub;
use crate::access::Actor;
use crate::clock::SharedClock;
use crate::store::{self, Store, StoreError};

/// How often permits are reviewed without being asked.
pub const INTERVAL: Duration = Duration::from_secs(10);

/// Who holds a permit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Holder {
    /// A person, for as long as this session of theirs lasts.
    Session(SessionId),
    /// A program.
    ApiKey(ApiKeyId),
}

/// Somebody's right to listen to an organization.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Permit {
    /// Who.
    pub holder: Holder,
    /// To what.
    pub organization: OrganizationId,
}

impl Holder {
    /// `None` for the command line, which does not listen.
    pub fn of(actor: &Actor) -> Option<Self> {
        match actor {
            Actor::User { session, .. } => Some(Self::Session(session.clone())),
            Actor::ApiKey { id, .. } => Some(Self::ApiKey(id.clone())),
            Actor::CommandLine => None,
        }
    }
}

/// Sends away every connection with a permit that no longer holds; returns how many.
pub async fn review(store: &Store, clock: &SharedClock, hub: &Hub) -> Result<usize, StoreError> {
    let permits = hub.permits();
    if permits.is_empty() {
        return Ok(0);
    }
    let (mut sessions, mut keys) = (HashSet::new(), HashSet::new());
    for permit in &permits {
        match &permit.holder {
            Holder::Session(id) => sessions.insert(id.clone()),
            Holder::ApiKey(id) => keys.insert(id.clone()),
        };
    }
    let now = clock.now();
    let mut tx = store.read().await?;
    let sessions: Vec<_> = sessions.into_iter().collect();
    let sessions = store::sessions::reach(&mut tx, &sessions, now).await?;
    let keys: Vec<_> = keys.into_iter().collect();
    let keys: HashSet<_> = store::api_keys::live_among(&mut tx, &keys, now).await?.into_iter().collect();
    drop(tx);
    let holds = |permit: &Permit| match &permit.holder {
        Holder::Session(id) => sessions.get(id).is_some_and(|reach| reach.includes(&permit.organization)),
        Holder::ApiKey(id) => keys.contains(&(id.clone(), permit.organization.clone())),
    };
    let ended: HashSet<Permit> = permits.into_iter().filter(|permit| !holds(permit)).collect();
    Ok(hub.withdraw(&ended))
}

/// Reviews when asked and every [`INTERVAL`], until `shutdown`.
pub async fn run(store: Store, clock: SharedClock, hub: Arc<Hub>, shutdown: CancellationToken) {
    loop {
        tokio::select! {
            () = hub.review_wanted() => {}
            () = tokio::time::sleep(INTERVAL) => {}
            () = shutdown.cancelled() => return,
        }
        match review(&store, &clock, &hub).await {
            Ok(0) => {}
            Ok(connections) => tracing::info!(connections, "sent away who may no longer listen"),
            Err(error) => tracing::error!(%error, "permits to listen could not be reviewed; trying again"),
        }
    }
}
