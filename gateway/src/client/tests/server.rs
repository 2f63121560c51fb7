//! Destinations whose every byte a test decides.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// A listening socket; each connection is handed to a script. Stops listening when dropped.
pub(super) struct Destination {
    pub(super) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    ended: Arc<Notify>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Drop for Destination {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Destination {
    pub(super) async fn start<Script, Run>(script: Script) -> Self
    where
        Script: Fn(TcpStream) -> Run + Send + 'static,
        Run: Future<Output = io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let (count, end) = (connections.clone(), ended.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let (run, end) = (script(stream), end.clone());
                tokio::spawn(async move {
                    // A script fails when the client goes away; what the client saw is what is tested.
                    drop(run.await);
                    end.notify_one();
                });
            }
        });
        Self { address, connections, ended, accepting }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// How many connections were made.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Waits until the script of one more connection has ended.
    pub(super) async fn one_ended(&self) {
        self.ended.notified().await;
    }
}

/// Keeps a connection open and does nothing with it.
pub(super) async fn wait_for_ever(_stream: TcpStream) -> io::Result<()> {
    std::future::pending().await
}

/// Reads a request with a body of known length; returns its head.
pub(super) async fn request_head(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<String> {
    let mut read = Vec::new();
    loop {
        let mut block = [0; 4096];
        let count = stream.read(&mut block).await?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        read.extend_from_slice(&block[..count]);
        let text = String::from_utf8_lossy(&read);
        if let Some(end) = text.find("\r\n\r\n") {
            let head = text[..end + 2].to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if read.len() >= end + 4 + length.unwrap_or(0) {
                return Ok(text[..end + 2].to_owned());
            }
        }
    }
}

/// A destination that speaks TLS for one name, and the PEM of the root that vouches for it.
pub(super) async fn tls_destination(name: &str) -> (Destination, String) {
    let own = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    // The client offers HTTP/2 as well; without a protocol in common there would be no handshake.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let destination = Destination::start(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let mut stream = acceptor.accept(stream).await?;
            request_head(&mut stream).await?;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecure").await?;
            stream.shutdown().await
        }
    })
    .await;
    (destination, own.cert.pem())
}
