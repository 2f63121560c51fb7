//! A destination that speaks HTTP/2 over TLS, agreed on in the handshake, and nothing else.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use domain::status::DeliveryStatus;
use gateway::client::{Client, Policy};
use gateway::on_both_databases;
use gateway::workers::deliver::Deliverer;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::TcpListener;

use super::destination::{Behaviour, Destination};
use super::world::World;

/// The requests that arrived, whole.
type Arrived = Arc<Mutex<Vec<http::Request<Bytes>>>>;

/// Answers 201 with a record's id; returns its port, its root certificate and what it gets.
async fn listen() -> (u16, String, Arrived) {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
    let mut config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own.cert.der().clone()], key)
            .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let tls = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let arrived = Arrived::default();
    let record = arrived.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (tls, record) = (tls.clone(), record.clone());
            tokio::spawn(async move {
                let stream = tls.accept(stream).await.unwrap();
                assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
                let service = service_fn(move |request: http::Request<Incoming>| {
                    let record = record.clone();
                    async move {
                        let (head, body) = request.into_parts();
                        let body = body.collect().await.unwrap().to_bytes();
                        record.lock().unwrap().push(http::Request::from_parts(head, body));
                        let answer = http::Response::builder().status(201).header("x-over", "h2");
                        Ok::<_, Infallible>(answer.body(Full::<Bytes>::from(r#"{"id":"r-1"}"#)).unwrap())
                    }
                });
                let connection = http2::Builder::new(TokioExecutor::new());
                // It ends when the client goes away, one way or another.
                drop(connection.serve_connection(TokioIo::new(stream), service).await);
            });
        }
    });
    (port, own.cert.pem(), arrived)
}

on_both_databases! {
    async fn an_attempt_over_http2_arrives_whole_and_is_kept_like_any_other(db: TestStore) {
        let (port, root, arrived) = listen().await;
        let mut destination = Destination::start(Behaviour::Hang).await;
        destination.url = format!("https://localhost:{port}");
        let world = World::to(db, &destination).await;
        let client = Client::with_extra_roots(Policy::AllowPrivate, Some(root.as_bytes())).unwrap();
        let timeout = std::time::Duration::from_secs(20);
        let deliverer = Deliverer { client, timeout, ..world.gate.deliverer.clone() };
        let bodies = ["{\"id\":\"a/b\",  \"amount\":1.50}", "{\"id\":\"a/b\",  \"amount\":2.50}"];
        let sent = [world.event(bodies[0]).await, world.event(bodies[1]).await];
        assert_eq!(deliverer.tick().await.unwrap(), 2);
        for (delivery, body) in sent.iter().zip(bodies) {
            let detail = world.detail(&delivery.id).await;
            let (row, attempt) = (&detail.delivery, &detail.attempts[0]);
            assert_eq!((row.status, row.response_code), (DeliveryStatus::Delivered, Some(201)), "{row:?}");
            assert_eq!(row.destination_record_id.as_deref(), Some("r-1"));
            assert_eq!(attempt.url, format!("https://localhost:{port}/orders/a%2Fb"));
            assert_eq!(attempt.remote_addr, Some(format!("127.0.0.1:{port}")));
            assert!(attempt.response_headers.iter().any(|header| header.name == "x-over"));
            assert_eq!(attempt.response_body.as_deref(), Some(r#"{"id":"r-1"}"#));

            let arrived = arrived.lock().unwrap();
            let id = delivery.id.as_str();
            let request = arrived.iter().find(|request| request.headers()["signalbox-delivery-id"] == id).unwrap();
            assert_eq!(request.version(), http::Version::HTTP_2);
            assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/orders/a%2Fb"));
            assert_eq!(request.headers()["authorization"], "Bearer t0p-secret");
            assert_eq!(&request.body()[..], body.as_bytes(), "byte for byte");
        }
        assert_eq!(arrived.lock().unwrap().len(), 2);
    }
}
