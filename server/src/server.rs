//! The server as a whole: gateway, HTTP side and their life in one process.
//!
//! [`Server::start`] listens and returns; [`Server::stop`] ends it in the order that loses nothing: no new
//! connections, realtime clients sent away, running requests answered, intake and workers finished, store closed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use app::rpc::cookie::SessionCookie;
use gateway::clock::SharedClock;
use gateway::seal::Sealer;
use gateway::services::{Background, Services, Settings, StartError};
use gateway::store::Store;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::connections::{self, ConnectionLimits};
use crate::http::state::{AppState, WebSettings};
use crate::{http, telemetry};

/// How long an orderly end may take.
pub const GRACE: Duration = Duration::from_secs(10);
/// How much of it realtime clients have for their goodbye, and requests for their answers.
const CONNECTION_GRACE: Duration = Duration::from_secs(4);
/// How often the metrics recorder tidies up.
const UPKEEP: Duration = Duration::from_secs(5);

/// Why the server could not start.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address cannot be listened on.
    #[error(
        "{address} cannot be listened on: {reason}. Stop what listens there, or choose another with --listen"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The gateway could not start.
    #[error(transparent)]
    Gateway(#[from] StartError),
    /// The metrics could not be set up.
    #[error("metrics: {0}")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
}

/// What the HTTP side is set to.
pub struct WebOptions {
    /// What `/metrics` needs; `None` leaves it open.
    pub metrics_token: Option<zeroize::Zeroizing<String>>,
    /// Whether the sender's address stands in `X-Forwarded-For`.
    pub trust_forwarded_for: bool,
    /// What connections may take.
    pub connections: ConnectionLimits,
}

/// A running server.
pub struct Server {
    /// The running gateway.
    pub services: Arc<Services>,
    /// Where it listens.
    pub address: SocketAddr,
    background: Background,
    stopping: CancellationToken,
    accepting: JoinHandle<()>,
    upkeep: JoinHandle<()>,
}

/// Takes the address; before anything else, because a port that is taken is the commonest mistake.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, ServerError> {
    TcpListener::bind(address).await.map_err(|reason| ServerError::Listen { address, reason })
}

impl Server {
    /// Starts the gateway and answers requests.
    pub async fn start(
        listener: TcpListener,
        store: Store,
        clock: SharedClock,
        sealer: Arc<Sealer>,
        settings: Settings,
        web: WebOptions,
    ) -> Result<Self, ServerError> {
        let address = listener
            .local_addr()
            .map_err(|reason| ServerError::Listen { address: SocketAddr::from(([0, 0, 0, 0], 0)), reason })?;
        let metrics = telemetry::metrics()?;
        let secure = settings.public_url.starts_with("https://");
        let (services, background) = Services::start(store, clock, sealer, settings).await?;
        let limits = web.connections;
        let web = WebSettings {
            cookie: SessionCookie { secure },
            metrics_token: web.metrics_token,
            trust_forwarded_for: web.trust_forwarded_for,
            metrics: metrics.clone(),
        };
        let router = http::router(AppState { services: services.clone(), web: Arc::new(web) });
        let stopping = CancellationToken::new();
        let accepting = tokio::spawn(connections::serve(listener, router, limits, stopping.clone()));
        let upkeep = tokio::spawn(async move {
            let mut every = tokio::time::interval(UPKEEP);
            loop {
                every.tick().await;
                metrics.run_upkeep();
            }
        });
        Ok(Self { services, address, background, stopping, accepting, upkeep })
    }

    /// Returns when a worker panicked or ended by itself: the process should end, and be started again.
    pub async fn failed(&self) {
        self.background.failed().await;
    }

    /// Ends everything in order, within [`GRACE`] unless the store hangs.
    pub async fn stop(self) {
        self.stopping.cancel();
        self.upkeep.abort();
        // Attempts have their time to end while connections have theirs.
        self.background.stop_delivering();
        let goodbye = self.services.hub.shutdown(CONNECTION_GRACE);
        let (left, accepting) = tokio::join!(goodbye, tokio::time::timeout(CONNECTION_GRACE, self.accepting));
        if left > 0 {
            tracing::warn!(connections = left, "realtime clients did not say goodbye in time");
        }
        match accepting {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "listening ended badly"),
            Err(_) => tracing::warn!("some requests were not answered in time"),
        }
        self.background.stop().await;
        self.services.store.close().await;
    }
}
