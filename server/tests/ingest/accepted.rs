//! What is taken: committed before the answer, delivered afterwards, byte for byte.

use domain::connector::Environment;
use domain::signature::VerificationScheme;
use domain::status::DeliveryStatus;
use gateway::clock::Clock;
use gateway::{on_both_databases, replay, store};

use super::harness::{Ingest, SECRET};

/// Odd spacing, a number beyond 2^53, an escape that could be written otherwise: all must survive.
const BODY: &str = "{ \"id\" : 12345678901234567890,\n  \"zeta\":1.50, \"alpha\": \"\\u00e9\", \"head_commit\":{\"id\":\"c0ffee\"} }\r\n";

on_both_databases! {
    async fn an_accepted_request_is_committed_and_delivered(db: TestStore) {
        let (ingest, receiver) = Ingest::with_github(db).await;
        let answer = ingest.github("d-1", BODY.as_bytes()).await;
        assert_eq!(answer.status, 202, "{}", answer.text);
        let before = ingest.deliveries().await;
        assert_eq!(before.len(), 1, "committed before the answer");
        assert_eq!(before[0].status, DeliveryStatus::Received);
        assert_eq!(before[0].event_id.as_str(), answer.event_id());
        assert_eq!(before[0].source_record_id.as_deref(), Some("c0ffee"));
        let row = ingest.delivered().await;
        let (services, access) = (&ingest.gate.services, ingest.gate.access());
        let detail = replay::detail(services, &access, &row.id).await.unwrap();
        assert_eq!(detail.event.event_type.as_str(), "push");
        assert_eq!(detail.event.receiver_id.as_ref(), Some(&receiver.id));
        assert_eq!(detail.event.dedupe_key, "id:d-1");
        assert_eq!(detail.event.remote_addr.as_deref(), Some("127.0.0.1"));
        assert!(detail.event.checks.iter().all(|check| check.passed) && !detail.event.checks.is_empty());
        assert_eq!(detail.attempts.len(), 1);
        assert!(detail.attempts[0].succeeded);
        let payload = ingest.payload(&detail.event.payload_id).await;
        assert_eq!(payload.text.as_deref(), Some(BODY), "byte for byte");
        let mut tx = services.store.read().await.unwrap();
        let records = store::records::list(&mut tx, &ingest.gate.organization, &Default::default()).await.unwrap();
        assert_eq!(records.items.len(), 1);
        let record = &records.items[0];
        assert_eq!((record.entity.as_str(), record.external_id.as_str()), ("push", "c0ffee"));
        assert_eq!((record.body.as_str(), record.version), (BODY, 1));
        assert_eq!(row.destination_record_id.as_deref(), Some(record.id.as_str()));
        let found = store::records::find(&mut tx, &ingest.gate.organization, &record.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(record));
    }

    async fn a_second_event_of_the_same_record_is_its_next_version(db: TestStore) {
        let (ingest, _) = Ingest::with_github(db).await;
        for (delivery, body) in [("d-1", r#"{"repository":{"id":7},"n":1}"#), ("d-2", r#"{"repository":{"id":7},"n":2}"#)] {
            assert_eq!(ingest.github(delivery, body.as_bytes()).await.status, 202);
        }
        ingest.gate.deliver().await;
        let mut tx = ingest.gate.services.store.read().await.unwrap();
        let records = store::records::list(&mut tx, &ingest.gate.organization, &Default::default()).await.unwrap();
        assert_eq!(records.items.len(), 1);
        assert_eq!(records.items[0].version, 2);
    }

    async fn header_names_in_any_case_are_the_same(db: TestStore) {
        let (ingest, _) = Ingest::with_github(db).await;
        let headers = ingest.signature(&VerificationScheme::Github {}, b"{}");
        let mut all: Vec<(String, String)> =
            headers.into_iter().map(|(name, value)| (name.to_uppercase(), value)).collect();
        all.push(("X-GITHUB-EVENT".into(), "push".into()));
        let pairs: Vec<(&str, &str)> = all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(ingest.send("github", &pairs, "{}").await.status, 202);
    }

    async fn credentials_in_headers_are_masked(db: TestStore) {
        let ingest = Ingest::over(db).await;
        let connector = ingest.gate.connector("keyed", Environment::Production, None).await;
        let scheme: VerificationScheme =
            serde_json::from_value(serde_json::json!({"type": "api_key", "header": "x-door"})).unwrap();
        let mut new = ingest.gate.new_receiver(&connector, scheme, SECRET);
        new.event_type = "thing.done".parse().unwrap();
        ingest.gate.create(new).await;
        let headers = [("x-door", SECRET), ("authorization", "Bearer other"), ("x-gitlab-token", "third")];
        assert_eq!(ingest.send("keyed", &headers, "{}").await.status, 202);
        let row = ingest.delivered().await;
        let detail = replay::detail(&ingest.gate.services, &ingest.gate.access(), &row.id).await.unwrap();
        let all = serde_json::to_string(&detail).unwrap();
        for secret in [SECRET, "Bearer other", "third"] {
            assert!(!all.contains(secret), "{secret} is shown");
        }
    }

    async fn when_the_store_is_gone_nothing_is_acknowledged(db: TestStore) {
        let (ingest, _) = Ingest::with_github(db).await;
        assert_eq!(ingest.github("d-1", b"{}").await.status, 202);
        ingest.gate.services.store.close().await;
        let answer = ingest.github("d-2", b"{}").await;
        assert_eq!(answer.status, 503, "{}", answer.text);
        assert_eq!(answer.retry_after.as_deref(), Some("1"));
    }

    async fn the_receiver_remembers_when_it_last_received(db: TestStore) {
        let (ingest, receiver) = Ingest::with_github(db).await;
        ingest.github("d-1", b"{}").await;
        let now = ingest.gate.clock.now();
        let mut tx = ingest.gate.services.store.write().await.unwrap();
        let organization = &ingest.gate.organization;
        store::receivers::touch(&mut tx, organization, &[(receiver.id.clone(), now)]).await.unwrap();
        tx.commit().await.unwrap();
        let access = ingest.gate.access();
        let read = gateway::integrations::receivers::read(&ingest.gate.services, &access, &receiver.id).await;
        assert_eq!(read.unwrap().last_received_at, Some(now));
    }
}
