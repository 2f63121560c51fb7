//! Bodies of every bad kind: each a clear answer, each kept.

use bytes::Bytes;
use domain::connector::Environment;
use domain::receiver::SchemaMode;
use domain::signature::VerificationScheme;
use gateway::on_both_databases;

use super::harness::{Ingest, SECRET, chunked};

fn nested(levels: usize) -> Vec<u8> {
    [vec![b'['; levels], vec![b']'; levels]].concat()
}

on_both_databases! {
    async fn bodies_that_are_not_clean_json_are_refused_with_their_reason(db: TestStore) {
        let (ingest, _) = Ingest::with_github(db).await;
        let cases: Vec<(Vec<u8>, u16, &str)> = vec![
            (b"".to_vec(), 400, "empty_body"),
            (b"  \n ".to_vec(), 400, "empty_body"),
            (b"{\"a\":".to_vec(), 400, "malformed_json"),
            (b"{'a':1}".to_vec(), 400, "malformed_json"),
            (b"{} {}".to_vec(), 400, "malformed_json"),
            (b"NaN".to_vec(), 400, "malformed_json"),
            (b"{\"a\":1e999999}".to_vec(), 400, "malformed_json"),
            (b"{\"a\":\"\xff\xfe\"}".to_vec(), 400, "invalid_utf8"),
            (nested(10_000), 400, "nested_too_deep"),
            (b"{\"a\":1,\"b\":{\"x\":1,\"x\":2}}".to_vec(), 400, "duplicate_key"),
        ];
        for (index, (body, status, code)) in cases.into_iter().enumerate() {
            let answer = ingest.github(&format!("d-{index}"), &body).await;
            let rejection = ingest.assert_refused(&answer, status, code).await;
            assert_eq!(rejection.payload_bytes, body.len() as i64);
            assert_eq!(rejection.event_type.unwrap().as_str(), "push", "a header names it");
            if !body.is_empty() {
                let kept = ingest.payload(rejection.payload_id.as_ref().unwrap()).await;
                assert_eq!(kept.text.map(String::into_bytes).or_else(|| decode(kept.base64)), Some(body));
            }
        }
        assert!(ingest.deliveries().await.is_empty());
    }

    async fn huge_but_sound_numbers_are_taken_as_they_are(db: TestStore) {
        let (ingest, _) = Ingest::with_github(db).await;
        let body = format!("{{\"n\":{},\"m\":-0.{}}}", "9".repeat(300), "1".repeat(300));
        assert_eq!(ingest.github("d", body.as_bytes()).await.status, 202);
        let row = ingest.delivered().await;
        assert_eq!(ingest.payload(&row.payload_id).await.text, Some(body));
    }

    async fn a_body_over_the_limit_is_refused_however_it_is_sent(db: TestStore) {
        let (ingest, receiver) = Ingest::with_github(db).await;
        let exactly = [b"\"".to_vec(), vec![b'x'; receiver.limits.body_bytes as usize - 2], b"\"".to_vec()].concat();
        assert_eq!(ingest.github("fits", &exactly).await.status, 202);
        let over = [exactly, b" ".to_vec()].concat();
        let answer = ingest.github("over", &over).await;
        let rejection = ingest.assert_refused(&answer, 413, "too_large").await;
        assert_eq!(rejection.payload_id, None, "what is too large is not kept");
        let ten_mb = Bytes::from(vec![b'x'; 1024 * 1024]);
        let answer = ingest.send("github", &[], chunked(vec![ten_mb; 10])).await;
        ingest.assert_refused(&answer, 413, "too_large").await;
    }

    async fn only_json_by_its_content_type(db: TestStore) {
        let (ingest, _) = Ingest::with_github(db).await;
        for refused in ["text/plain", "application/xml", "multipart/form-data; boundary=x", ""] {
            let extra = [("content-type", refused), ("x-github-event", "push")];
            let answer = ingest.signed("github", &VerificationScheme::Github {}, &extra, b"{}").await;
            let rejection = ingest.assert_refused(&answer, 415, "unsupported_media_type").await;
            assert_eq!(rejection.event_type.unwrap().as_str(), "push", "a header names it");
        }
        for (index, taken) in
            ["application/json", "Application/JSON; charset=utf-8", "application/cloudevents+json"].iter().enumerate()
        {
            let delivery = index.to_string();
            let extra =
                [("content-type", *taken), ("x-github-event", "push"), ("x-github-delivery", delivery.as_str())];
            let answer = ingest.signed("github", &VerificationScheme::Github {}, &extra, b"{}").await;
            assert_eq!(answer.status, 202, "{taken}");
        }
    }

    async fn a_schema_is_observed_or_enforced(db: TestStore) {
        let ingest = Ingest::over(db).await;
        let schema = serde_json::json!({
            "type": "object", "required": ["id"],
            "properties": { "id": { "type": "integer" }, "name": { "pattern": "^(a+)+$" } },
        });
        for (code, mode) in [("strict", SchemaMode::Enforce), ("lax", SchemaMode::Observe)] {
            let connector = ingest.gate.connector(code, Environment::Production, None).await;
            let mut new = ingest.gate.new_receiver(&connector, VerificationScheme::Github {}, SECRET);
            new.schema_mode = mode;
            new.schema = Some(schema.clone());
            ingest.gate.create(new).await;
        }
        let extra = [("x-github-event", "push")];
        let send = async |code: &str, body: &str| {
            ingest.signed(code, &VerificationScheme::Github {}, &extra, body.as_bytes()).await
        };
        let answer = send("strict", r#"{"id":"seven"}"#).await;
        let rejection = ingest.assert_refused(&answer, 422, "schema_violation").await;
        assert_eq!(rejection.event_type.unwrap().as_str(), "push");
        assert_eq!(answer.json()["fields"][0]["pointer"], "/id");
        assert_eq!(send("strict", r#"{"id":7}"#).await.status, 202);
        assert_eq!(send("lax", r#"{"id":"seven"}"#).await.status, 202);
        // A pattern that takes a backtracking engine centuries is answered like any other.
        let evil = format!(r#"{{"id":8,"name":"{}!"}}"#, "a".repeat(50_000));
        ingest.assert_refused(&send("strict", &evil).await, 422, "schema_violation").await;
        let rows = ingest.deliveries().await;
        let verdict = async |row: &domain::delivery::Delivery| {
            gateway::replay::detail(&ingest.gate.services, &ingest.gate.access(), &row.id).await.unwrap().event.schema_verdict
        };
        let verdicts = [verdict(&rows[0]).await.as_str(), verdict(&rows[1]).await.as_str()];
        assert_eq!(verdicts, ["violated", "valid"]);
    }
}

fn decode(base64: Option<String>) -> Option<Vec<u8>> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(base64?).ok()
}
