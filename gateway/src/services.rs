//! The running gateway: everything that requests and workers share.
//!
//! [`Services::start`] puts it together over an open store and starts what runs beside the requests;
//! [`Background::stop`] ends that again in the order that loses nothing.

use std::sync::Arc;
use std::time::Duration;

use domain::environment::InstallationEnvironment;
use domain::id::NodeId;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::accounts::SignIn;
use crate::client::{Client, ClientError, Policy};
use crate::clock::SharedClock;
use crate::directory::Directory;
use crate::feed::{self, Feed};
use crate::intake::{Intake, Writer};
use crate::realtime::app::RealtimeAppError;
use crate::realtime::permits;
use crate::realtime::{Hub, HubLimits, HubPublisher, RealtimeApp};
use crate::seal::{Purpose, SealError, Sealer};
use crate::store::{self, Backend, Store, StoreError};
use crate::workers::deliver::{self, Deliverer};
use crate::workers::retain;
use crate::workers::retry_jobs::RetryJobs;

/// What the installation is set to.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where senders reach this installation, without a slash at the end.
    pub public_url: String,
    /// The server's version.
    pub version: String,
    /// What the installation is for; `None` when nobody said.
    pub environment: Option<InstallationEnvironment>,
    /// Whether private addresses may be delivered to.
    pub allow_private_destinations: bool,
    /// How long one attempt of a delivery may take; at most 30 s, so that its lease outlives it.
    pub attempt_timeout: Duration,
    /// Which server process this is; the same after a restart.
    pub node: NodeId,
}

/// Why the gateway could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored secret could not be opened or a new one not be sealed.
    #[error("{0}")]
    Seal(#[from] SealError),
    /// The realtime application's stored values cannot be used.
    #[error("{0}")]
    RealtimeApp(#[from] RealtimeAppError),
    /// The realtime application's stored values cannot be read.
    #[error("the stored realtime application is damaged")]
    RealtimeAppDamaged,
    /// The HTTP client could not be made.
    #[error("{0}")]
    Client(#[from] ClientError),
}

/// What requests and workers share.
#[derive(Debug)]
pub struct Services {
    /// The database.
    pub store: Store,
    /// Time and chance.
    pub clock: SharedClock,
    /// Seals and opens secrets.
    pub sealer: Arc<Sealer>,
    /// The way out, guarded.
    pub client: Client,
    /// Doors and plans.
    pub directory: Directory,
    /// The way in.
    pub intake: Intake,
    /// What consoles are told.
    pub feed: Feed,
    /// Notified when a delivery became due.
    pub wake: Arc<Notify>,
    /// Notified when a batch of retries was made or goes on.
    pub retry_turn: Arc<Notify>,
    /// What signing in needs to remember.
    pub sign_in: SignIn,
    /// The realtime connections of this process.
    pub hub: Arc<Hub>,
    /// The realtime application's key and secret.
    pub realtime_app: Arc<RealtimeApp>,
    /// What the installation is set to.
    pub settings: Settings,
    /// This process's part of the rollups.
    pub shard: i64,
}

/// What runs beside the requests, not yet started: tests drive it by hand.
pub struct Parts {
    /// Commits what requests bring.
    pub writer: Writer,
    /// Delivers.
    pub deliverer: Deliverer,
    /// Gives the deliveries of batches their turns.
    pub retry_jobs: RetryJobs,
}

/// What runs beside the requests.
#[derive(Debug)]
pub struct Background {
    delivering: CancellationToken,
    workers: CancellationToken,
    intake: CancellationToken,
    /// Canceled when something ended that was not asked to.
    failed: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
    writer: JoinHandle<()>,
}

impl Services {
    /// Puts the gateway together without starting anything.
    pub async fn assemble(
        store: Store,
        clock: SharedClock,
        sealer: Arc<Sealer>,
        settings: Settings,
    ) -> Result<(Arc<Self>, Parts), StartError> {
        let realtime_app = Arc::new(realtime_app(&store, &clock, &sealer).await?);
        let policy =
            if settings.allow_private_destinations { Policy::AllowPrivate } else { Policy::PublicOnly };
        let client = Client::new(policy)?;
        let wake = Arc::new(Notify::new());
        let feed = Feed::new(&settings.node, clock.now());
        let shard = shard(store.backend(), &settings.node);
        let directory = Directory::new(store.clone(), clock.clone(), sealer.clone());
        let (intake, writer) = Intake::new(store.clone(), clock.clone(), feed.clone(), shard, wake.clone());
        let deliverer = Deliverer {
            store: store.clone(),
            clock: clock.clone(),
            directory: directory.clone(),
            client: client.clone(),
            feed: feed.clone(),
            node: settings.node.clone(),
            shard,
            timeout: settings.attempt_timeout.min(Duration::from_secs(30)),
            places: places(),
            grace: deliver::GRACE,
            wake: wake.clone(),
        };
        let retry_jobs = RetryJobs {
            store: store.clone(),
            clock: clock.clone(),
            directory: directory.clone(),
            feed: feed.clone(),
            shard,
            wake: wake.clone(),
            turn: Arc::default(),
        };
        let hub = Arc::new(Hub::new(HubLimits::default()));
        let services = Self {
            store,
            clock,
            sealer,
            client,
            directory,
            intake,
            feed,
            wake,
            retry_turn: retry_jobs.turn.clone(),
            sign_in: SignIn::default(),
            hub,
            realtime_app,
            settings,
            shard,
        };
        Ok((Arc::new(services), Parts { writer, deliverer, retry_jobs }))
    }

    /// Puts the gateway together and starts what runs beside the requests.
    pub async fn start(
        store: Store,
        clock: SharedClock,
        sealer: Arc<Sealer>,
        settings: Settings,
    ) -> Result<(Arc<Self>, Background), StartError> {
        let (services, parts) = Self::assemble(store, clock, sealer, settings).await?;
        let (workers, intake) = (CancellationToken::new(), CancellationToken::new());
        // Ends with the other workers, or before them.
        let delivering = workers.child_token();
        let publisher = Arc::new(HubPublisher::new(services.hub.clone()));
        let failed = CancellationToken::new();
        let (store, clock) = (services.store.clone(), services.clock.clone());
        let tasks = vec![
            watched("delivering", &delivering, &failed, parts.deliverer.run(delivering.clone())),
            watched("batches of retries", &workers, &failed, parts.retry_jobs.run(workers.clone())),
            watched(
                "the feed",
                &workers,
                &failed,
                feed::run(services.feed.clone(), publisher, workers.clone()),
            ),
            watched(
                "retention",
                &workers,
                &failed,
                retain::run(store.clone(), clock.clone(), workers.clone()),
            ),
            watched(
                "permits",
                &workers,
                &failed,
                permits::run(store, clock, services.hub.clone(), workers.clone()),
            ),
        ];
        let writer = watched("the intake writer", &intake, &failed, parts.writer.run(intake.clone()));
        Ok((services, Background { delivering, workers, intake, failed, tasks, writer }))
    }
}

/// Runs `work`, and cancels `failed` when it panics or ends before `stop`: without it the gateway only looks alive.
fn watched(
    name: &'static str,
    stop: &CancellationToken,
    failed: &CancellationToken,
    work: impl Future<Output = ()> + Send + 'static,
) -> JoinHandle<()> {
    let (stop, failed) = (stop.clone(), failed.clone());
    tokio::spawn(async move {
        let guard = failed.drop_guard();
        work.await;
        if stop.is_cancelled() {
            guard.disarm();
        } else {
            tracing::error!(worker = name, "ended before the server was asked to stop");
        }
    })
}

impl Background {
    /// Returns when something that runs beside the requests panicked or ended by itself: the process should end.
    pub async fn failed(&self) {
        self.failed.cancelled().await;
    }

    /// Begins no more attempts. What runs may go on for a while, which the last requests can use as well.
    pub fn stop_delivering(&self) {
        self.delivering.cancel();
    }

    /// Ends everything, after the last request was answered: intake commits what still waits, workers finish the
    /// attempts that run and give back the rest.
    pub async fn stop(self) {
        self.intake.cancel();
        if let Err(error) = self.writer.await {
            tracing::error!(%error, "the intake writer ended badly");
        }
        self.workers.cancel();
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a worker ended badly");
            }
        }
    }
}

/// Each attempt takes a socket: at most a quarter of the files this process may open are for attempts.
fn places() -> usize {
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    let quarter = files.and_then(|files| usize::try_from(files / 4).ok()).unwrap_or(deliver::PLACES);
    quarter.clamp(1, deliver::PLACES)
}

/// Processes on one PostgreSQL count in rows of their own; a shared row would only make them wait, never be wrong.
fn shard(backend: Backend, node: &NodeId) -> i64 {
    const SHARDS: u64 = 64;
    match backend {
        Backend::Sqlite => 0,
        Backend::Postgres => {
            let random_part = node.as_str().get(node.as_str().len() - 8..).unwrap_or_default();
            let number = u64::from_str_radix(random_part, 16).unwrap_or(0);
            i64::try_from(number % SHARDS).unwrap_or(0)
        }
    }
}

/// The installation's realtime application: made once, kept sealed, the same for all its processes.
async fn realtime_app(
    store: &Store,
    clock: &SharedClock,
    sealer: &Sealer,
) -> Result<RealtimeApp, StartError> {
    const NAME: &str = "realtime_app";
    let fresh = RealtimeApp::generate()?;
    let text = [fresh.id(), fresh.key(), fresh.expose_secret()].join("\n");
    let sealed = sealer.seal(Purpose::RealtimeApp, NAME, text.as_bytes())?;
    let mut tx = store.write().await?;
    let kept = store::settings::find_or_insert(&mut tx, NAME, &sealed, clock.now()).await?;
    tx.commit().await?;
    let opened = sealer.open(Purpose::RealtimeApp, NAME, &kept)?;
    let text = std::str::from_utf8(opened.expose()).map_err(|_| StartError::RealtimeAppDamaged)?;
    let mut lines = text.lines();
    let (Some(id), Some(key), Some(secret)) = (lines.next(), lines.next(), lines.next()) else {
        return Err(StartError::RealtimeAppDamaged);
    };
    Ok(RealtimeApp::new(id, key, secret)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_panics_or_ends_unasked_is_noticed_and_whoever_was_asked_is_not() {
        let stop = CancellationToken::new();
        let (panicked, ended, asked) =
            (CancellationToken::new(), CancellationToken::new(), CancellationToken::new());
        assert!(watched("a", &stop, &panicked, async { panic!("a worker that panics") }).await.is_err());
        assert!(panicked.is_cancelled());
        watched("b", &stop, &ended, async {}).await.unwrap();
        assert!(ended.is_cancelled());
        let orderly = watched("c", &stop, &asked, stop.clone().cancelled_owned());
        stop.cancel();
        orderly.await.unwrap();
        assert!(!asked.is_cancelled());
    }
}
