//! Connections: taken up to a limit, given the router, and ended when they dawdle.
//!
//! Invariants: who sends nothing, or sends a request's head byte by byte, holds a connection for a bounded time and
//! one of a bounded number; beyond that number connections wait in the system's queue. A WebSocket leaves this count
//! and enters that of the realtime hub, which has a limit of its own. On `stop` nothing new is taken and what was
//! asked is still answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use rustix::process::{Resource, getrlimit};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// More connections than this are never taken at the same time.
const MOST: usize = 10_000;
/// How long to wait when the system gives no more sockets: trying again at once would only burn time.
const OUT_OF_SOCKETS: Duration = Duration::from_secs(1);

/// What connections may take.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// From the connection to the end of the first request's head.
    pub first_request: Duration,
    /// From an answer to the end of the next request's head: longer, because proxies keep connections for later.
    pub next_request: Duration,
    /// How many at the same time.
    pub connections: usize,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        // Half of the files this process may open: the other half is for the store and for deliveries.
        let files = getrlimit(Resource::Nofile)
            .current
            .map_or(MOST, |files| usize::try_from(files / 2).unwrap_or(MOST));
        Self {
            first_request: Duration::from_secs(15),
            next_request: Duration::from_secs(120),
            connections: files.clamp(1, MOST),
        }
    }
}

/// Answers requests until `stop`, and then those that were begun.
pub async fn serve(listener: TcpListener, router: Router, limits: ConnectionLimits, stop: CancellationToken) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(limits.next_request);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limits.next_request)
        .keep_alive_timeout(limits.first_request);
    let room = Arc::new(Semaphore::new(limits.connections));
    let running = TaskTracker::new();
    let taking = async {
        // The semaphore is never closed.
        while let Ok(place) = room.clone().acquire_owned().await {
            let (stream, peer) = accept(&listener).await;
            let connection =
                Connection { builder: builder.clone(), router: router.clone(), peer, stop: stop.clone() };
            running.spawn(async move {
                connection.serve(stream, limits.first_request).await;
                drop(place);
            });
        }
    };
    tokio::select! {
        () = taking => {}
        () = stop.cancelled() => {}
    }
    drop(listener);
    running.close();
    running.wait().await;
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // Gone before we got to it.
            Err(error) if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) => {
            }
            Err(error) => {
                tracing::error!(%error, "no connection can be taken");
                tokio::time::sleep(OUT_OF_SOCKETS).await;
            }
        }
    }
}

struct Connection {
    builder: Builder<TokioExecutor>,
    router: Router,
    peer: SocketAddr,
    stop: CancellationToken,
}

impl Connection {
    async fn serve(self, stream: TcpStream, first_request: Duration) {
        let Self { builder, router, peer, stop } = self;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection stays without nodelay, which is slower but not wrong");
        }
        let asked = Arc::new(Notify::new());
        let heard = asked.clone();
        let service = router.map_request(move |request: Request<Incoming>| {
            heard.notify_one();
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        });
        let connection =
            builder.serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service));
        // The library's own timer runs only once the first bytes have told the version of HTTP.
        let first = tokio::time::timeout(first_request, asked.notified());
        tokio::pin!(connection, first);
        let (mut silent, mut stopping) = (true, false);
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(error, %peer, "a connection ended early");
                    }
                    return;
                }
                asked = first.as_mut(), if silent => match asked {
                    Ok(()) => silent = false,
                    Err(_) => return,
                },
                () = stop.cancelled(), if !stopping => {
                    stopping = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }
}
