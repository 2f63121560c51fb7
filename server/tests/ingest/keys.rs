//! A provider's key in a header with an innocent name is never shown, however early its request is refused.

use bytes::Bytes;
use domain::connector::{ConnectorPatch, Environment};
use domain::receiver::{Receiver, ReceiverPatch};
use domain::signature::VerificationScheme;
use gateway::{integrations, on_both_databases};
use serde_json::json;

use super::harness::{Answer, Ingest, chunked};

const KEY: &str = "PLANTED-key-of-a-provider";
const HEADER: (&str, &str) = ("x-acme-auth", KEY);

/// A connector `acme` with one door for each event type, all with the key in [`HEADER`].
async fn acme(ingest: &Ingest, event_types: &[&str]) -> Vec<Receiver> {
    let connector = ingest.gate.connector("acme", Environment::Production, None).await;
    let mut doors = Vec::new();
    for event_type in event_types {
        let scheme: VerificationScheme =
            serde_json::from_value(json!({"type": "api_key", "header": "X-Acme-Auth"})).unwrap();
        let mut new = ingest.gate.new_receiver(&connector, scheme, KEY);
        new.event_type = event_type.parse().unwrap();
        doors.push(ingest.gate.create(new).await);
    }
    doors
}

/// Asserts that the request was refused, and that what is kept of it shows that there was a key but not the key.
async fn assert_masked(ingest: &Ingest, answer: &Answer, status: u16, code: &str) {
    let kept = ingest.assert_refused(answer, status, code).await;
    let shown = serde_json::to_string(&kept).unwrap();
    assert!(!shown.contains(KEY), "{code} shows the key: {shown}");
    assert!(shown.contains(HEADER.0), "{code}: {shown}");
    assert!(kept.headers.iter().any(|header| header.name == "accept" && header.value == "*/*"), "{shown}");
}

on_both_databases! {
    async fn no_refusal_shows_it(db: TestStore) {
        let ingest = Ingest::over(db).await;
        let doors = acme(&ingest, &["thing.done", "thing.begun"]).await;
        let (services, access) = (&ingest.gate.services, ingest.gate.access());

        let xml = ingest.send("acme", &[HEADER, ("content-type", "application/xml")], "<a/>").await;
        assert_masked(&ingest, &xml, 415, "unsupported_media_type").await;
        let large = chunked(vec![Bytes::from(vec![b' '; 512 * 1024]); 5]);
        assert_masked(&ingest, &ingest.send("acme", &[HEADER], large).await, 413, "too_large").await;
        let off = ReceiverPatch { active: Some(false), ..Default::default() };
        let pattern = ReceiverPatch {
            event_type: Some("thing.*".parse().unwrap()),
            sources: Some(serde_json::from_value(json!({
                "event_type": { "type": "pointer", "pointer": "/type" },
            })).unwrap()),
            ..Default::default()
        };
        for door in &doors {
            integrations::receivers::update(services, &access, &door.id, pattern.clone()).await.unwrap();
        }
        let unknown = ingest.send("acme", &[HEADER], r#"{"type":"other"}"#).await;
        assert_masked(&ingest, &unknown, 422, "unknown_event_type").await;
        for door in &doors {
            integrations::receivers::update(services, &access, &door.id, off.clone()).await.unwrap();
        }
        assert_masked(&ingest, &ingest.send("acme", &[HEADER], "{}").await, 409, "receiver_inactive").await;
        let switched = |active| ConnectorPatch { active: Some(active), ..Default::default() };
        let connector = &doors[0].connector_id;
        integrations::connectors::update(services, &access, connector, switched(false)).await.unwrap();
        assert_masked(&ingest, &ingest.send("acme", &[HEADER], "{}").await, 409, "connector_inactive").await;
        integrations::connectors::update(services, &access, connector, switched(true)).await.unwrap();
        for door in &doors {
            integrations::receivers::delete(services, &access, &door.id).await.unwrap();
        }
        assert_masked(&ingest, &ingest.send("acme", &[HEADER], "{}").await, 409, "no_receiver").await;
    }

    async fn a_connection_that_ends_early_does_not_show_it(db: TestStore) {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let ingest = Ingest::over(db).await;
        acme(&ingest, &["thing.done"]).await;
        let address = ingest.base.strip_prefix("http://").unwrap();
        let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST /api/v1/integration/webhooks/acme/receive HTTP/1.1\r\nHost: x\r\n{}: {KEY}\r\nContent-Length: 9\r\n\r\n{{",
            HEADER.0
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.shutdown().await.unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await.unwrap();
        let listed = async {
            loop {
                if let Some(kept) = ingest.rejections().await.into_iter().next() {
                    return kept;
                }
                tokio::task::yield_now().await;
            }
        };
        let kept = tokio::time::timeout(std::time::Duration::from_secs(30), listed).await.unwrap();
        assert_eq!(kept.reason.as_str(), "incomplete_body");
        assert!(!serde_json::to_string(&kept).unwrap().contains(KEY));
    }
}
