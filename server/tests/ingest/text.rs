//! Control characters in what a request says of itself, NUL above all: PostgreSQL's texts cannot hold it.

use domain::connector::Environment;
use domain::receiver::SchemaMode;
use domain::signature::VerificationScheme;
use domain::text::is_clean;
use gateway::on_both_databases;
use serde_json::json;

use super::harness::Ingest;

/// A sandbox connector `open` that takes anything, with the delivery id under `/id`.
async fn open(ingest: &Ingest, schema: Option<serde_json::Value>) {
    let connector = ingest.gate.connector("open", Environment::Sandbox, None).await;
    let mut new = ingest.gate.new_receiver(&connector, VerificationScheme::None {}, "");
    new.event_type = "thing.done".parse().unwrap();
    new.sources.delivery_id =
        Some(serde_json::from_value(json!({"type": "pointer", "pointer": "/id"})).unwrap());
    new.schema_mode = if schema.is_some() { SchemaMode::Enforce } else { SchemaMode::Off };
    new.schema = schema;
    ingest.gate.create(new).await;
}

on_both_databases! {
    async fn they_make_no_identifier(db: TestStore) {
        let (ingest, _) = Ingest::with_github(db).await;
        let body = br#"{"repository":{"id":"a\u0000b"}}"#;
        assert_eq!(ingest.github("d-1", body).await.status, 202);
        let row = ingest.delivered().await;
        assert_eq!(row.source_record_id, None);
        assert_eq!(ingest.payload(&row.payload_id).await.text.unwrap().as_bytes(), body, "byte for byte");
    }

    async fn a_delivery_id_with_them_still_recognizes_a_repetition(db: TestStore) {
        let ingest = Ingest::over(db).await;
        open(&ingest, None).await;
        let first = ingest.send("open", &[], r#"{"id":"a\u0000b","n":1}"#).await;
        let again = ingest.send("open", &[], r#"{"id":"a\u0000b","n":2}"#).await;
        let other = ingest.send("open", &[], r#"{"id":"a\u0000c","n":3}"#).await;
        assert_eq!((first.status, again.status, other.status), (202, 200, 202), "{}", first.text);
        assert_eq!(again.event_id(), first.event_id());
        let tab = [("idempotency-key", "a\tb")];
        let first = ingest.send("open", &tab, r#"{"n":4}"#).await;
        let again = ingest.send("open", &tab, r#"{"n":5}"#).await;
        assert_eq!((first.status, again.status), (202, 200), "{}", first.text);
    }

    async fn a_refusal_that_quotes_them_is_kept(db: TestStore) {
        let ingest = Ingest::over(db).await;
        open(&ingest, Some(json!({ "additionalProperties": { "enum": [1] } }))).await;
        for (body, status, code) in [
            (r#"{"a\u0000b":"c\u0000d"}"#, 422, "schema_violation"),
            (r#"{"a\u0000b":{"x":1,"x":2}}"#, 400, "duplicate_key"),
            (r#"{"x\u0000y":1,"x\u0000y":2}"#, 400, "duplicate_key"),
            ("{\"a\u{0}b\":1}", 400, "malformed_json"),
        ] {
            let answer = ingest.send("open", &[("content-type", "application/json;\ta=b")], body).await;
            let kept = ingest.assert_refused(&answer, status, code).await;
            assert!(is_clean(&kept.detail) && is_clean(&kept.content_type.unwrap()));
            assert!(kept.headers.iter().all(|header| is_clean(&header.value)));
            assert_eq!(ingest.payload(&kept.payload_id.unwrap()).await.bytes, body.len() as i64);
        }
    }
}
