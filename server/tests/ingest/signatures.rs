//! Who may come in: signatures of every wrong kind, clock skew, rotation, Slack's question, and doors without lock.

use domain::connector::{ConnectorPatch, Environment};
use domain::receiver::RotateSecret;
use domain::signature::{Message, VerificationScheme, sign};
use domain::time::SECOND;
use gateway::clock::Clock;
use gateway::{integrations, on_both_databases, store};

use super::harness::{Ingest, SECRET};

on_both_databases! {
    async fn wrong_signatures_of_every_length_are_refused(db: TestStore) {
        let (ingest, _) = Ingest::with_github(db).await;
        let right = ingest.signature(&VerificationScheme::Github {}, b"{}").remove(0).1;
        for length in (0..right.len()).chain([right.len() + 1, 200, 4_000]) {
            let mut value = right.clone();
            value.truncate(length);
            value.extend(std::iter::repeat_n('0', length.saturating_sub(value.len())));
            let headers = [("x-hub-signature-256", value.as_str()), ("x-github-event", "push")];
            let answer = ingest.send("github", &headers, "{}").await;
            assert_eq!(answer.status, 401, "length {length}: {}", answer.text);
            assert!(!answer.text.contains(&right), "the expected signature is never told");
        }
        let mut flipped = right.clone().into_bytes();
        let last = flipped.len() - 1;
        flipped[last] = if flipped[last] == b'0' { b'1' } else { b'0' };
        let flipped = String::from_utf8(flipped).unwrap();
        let headers = [("x-hub-signature-256", flipped.as_str()), ("x-github-event", "push")];
        let answer = ingest.send("github", &headers, "{}").await;
        ingest.assert_refused(&answer, 401, "signature_mismatch").await;
        let answer = ingest.send("github", &[("x-github-event", "push")], "{}").await;
        let rejection = ingest.assert_refused(&answer, 401, "signature_missing").await;
        assert_eq!(rejection.event_type.unwrap().as_str(), "push", "a header names it");
        for unusable in ["", "no blanks"] {
            let answer = ingest.send("github", &[("x-github-event", unusable)], "{}").await;
            assert_eq!(ingest.assert_refused(&answer, 401, "signature_missing").await.event_type, None);
        }
        let doubled = [
            ("x-hub-signature-256", right.as_str()),
            ("x-hub-signature-256", right.as_str()),
            ("x-github-event", "push"),
        ];
        let answer = ingest.send("github", &doubled, "{}").await;
        ingest.assert_refused(&answer, 401, "signature_malformed").await;
        assert!(ingest.deliveries().await.is_empty());
    }

    async fn what_nobody_verified_adds_no_event_type_to_the_counts(db: TestStore) {
        let (ingest, _) = Ingest::with_github(db).await;
        for invented in ["invented.1", "invented.2"] {
            let answer = ingest.send("github", &[("x-github-event", invented)], "{}").await;
            let rejection = ingest.assert_refused(&answer, 401, "signature_missing").await;
            assert_eq!(rejection.event_type.unwrap().as_str(), invented);
        }
        let mut tx = ingest.gate.services.store.read().await.unwrap();
        let counts = store::rollups::all_counts(&mut tx, &ingest.gate.organization).await.unwrap();
        let event_types: std::collections::BTreeSet<_> = counts.keys().map(|key| key.3.as_str()).collect();
        assert_eq!(event_types.into_iter().collect::<Vec<_>>(), [""]);
        assert_eq!(counts, store::rollups::recount(&mut tx, &ingest.gate.organization).await.unwrap());
    }

    async fn a_signed_time_must_be_within_the_window(db: TestStore) {
        let ingest = Ingest::over(db).await;
        let connector = ingest.gate.connector("stripe", Environment::Production, None).await;
        let scheme = VerificationScheme::Stripe {};
        ingest.gate.create(ingest.gate.new_receiver(&connector, scheme.clone(), SECRET)).await;
        let send = async |id: &str, skew_s: i64| {
            let body = format!(r#"{{"id":"{id}","type":"invoice.paid"}}"#);
            let message = Message { body: body.as_bytes(), id };
            let at = ingest.gate.clock.now().plus(skew_s * SECOND);
            let headers = sign(&scheme, SECRET.as_bytes(), &message, at).unwrap();
            let pairs: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            ingest.send("stripe", &pairs, body.clone()).await
        };
        for (id, skew) in [("a", -299), ("b", 299)] {
            assert_eq!(send(id, skew).await.status, 202, "{skew} s");
        }
        for (id, skew) in [("c", -302), ("d", 302), ("e", -86_400)] {
            ingest.assert_refused(&send(id, skew).await, 401, "timestamp_out_of_window").await;
        }
        assert_eq!(send("c", 0).await.status, 202, "a refusal took no dedupe key");
    }

    async fn during_a_rotation_both_secrets_open_and_then_only_the_new_one(db: TestStore) {
        let (ingest, receiver) = Ingest::with_github(db).await;
        let (services, access) = (&ingest.gate.services, ingest.gate.access());
        let request = RotateSecret { secret: Some("a brand new secret".into()), overlap_s: 60 };
        integrations::receivers::rotate_secret(services, &access, &receiver.id, request).await.unwrap();
        let with = async |secret: &str, delivery: &str| {
            let message = Message { body: b"{}", id: "m" };
            let now = ingest.gate.clock.now();
            let mut headers = sign(&VerificationScheme::Github {}, secret.as_bytes(), &message, now).unwrap();
            let (name, value) = headers.remove(0);
            let all = [(name.as_str(), value.as_str()), ("x-github-event", "push"), ("x-github-delivery", delivery)];
            ingest.send("github", &all, "{}").await
        };
        assert_eq!(with(SECRET, "old").await.status, 202);
        assert_eq!(with("a brand new secret", "new").await.status, 202);
        ingest.gate.clock.advance(61 * SECOND);
        ingest.assert_refused(&with(SECRET, "later").await, 401, "signature_mismatch").await;
        assert_eq!(with("a brand new secret", "later").await.status, 202);
    }

    async fn slacks_question_is_answered_once_its_signature_is_right(db: TestStore) {
        let ingest = Ingest::over(db).await;
        let connector = ingest.gate.connector("slack", Environment::Production, None).await;
        let scheme = VerificationScheme::Slack {};
        ingest.gate.create(ingest.gate.new_receiver(&connector, scheme.clone(), SECRET)).await;
        let body = br#"{"type":"url_verification","challenge":"3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"}"#;
        let answer = ingest.signed("slack", &scheme, &[], body).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.text, "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P");
        assert!(answer.content_type.starts_with("text/plain"));
        let answer = ingest.send("slack", &[], body.to_vec()).await;
        ingest.assert_refused(&answer, 401, "signature_missing").await;
        assert!(ingest.deliveries().await.is_empty());
    }

    async fn a_door_without_lock_stands_in_a_sandbox_only(db: TestStore) {
        let ingest = Ingest::over(db).await;
        let sandbox = ingest.gate.connector("sandbox", Environment::Sandbox, None).await;
        let mut new = ingest.gate.new_receiver(&sandbox, VerificationScheme::None {}, "");
        new.event_type = "anything".parse().unwrap();
        ingest.gate.create(new).await;
        assert_eq!(ingest.send("sandbox", &[], "{}").await.status, 202);
        let production = ingest.gate.connector("production", Environment::Production, None).await;
        let new = ingest.gate.new_receiver(&production, VerificationScheme::None {}, "");
        let (services, access) = (&ingest.gate.services, ingest.gate.access());
        let refused = integrations::receivers::create(services, &access, new).await.unwrap_err();
        assert_eq!(refused.status, 422, "{refused:?}");
        let patch = ConnectorPatch { environment: Some(Environment::Production), ..Default::default() };
        let refused = integrations::connectors::update(services, &access, &sandbox.id, patch).await.unwrap_err();
        assert!(refused.status >= 409, "{refused:?}");
    }
}
