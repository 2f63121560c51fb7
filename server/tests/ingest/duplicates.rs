//! The same event twice: 200 with the first one's id, and nothing created. Keys belong to one receiver.

use domain::connector::Environment;
use domain::signature::VerificationScheme;
use domain::time::{DAY, SECOND};
use gateway::on_both_databases;

use super::harness::{Answer, Ingest, SECRET};

on_both_databases! {
    async fn the_providers_delivery_id_recognizes_a_repetition(db: TestStore) {
        let (ingest, _) = Ingest::with_github(db).await;
        let first = ingest.github("d-1", br#"{"n":1}"#).await;
        let again = ingest.github("d-1", br#"{"n":2}"#).await;
        assert_eq!((first.status, again.status), (202, 200));
        assert_eq!(again.event_id(), first.event_id());
        assert_eq!(again.json()["duplicate"], true);
        assert_eq!(ingest.deliveries().await.len(), 1);
        assert_ne!(ingest.github("d-2", br#"{"n":1}"#).await.event_id(), first.event_id());
        assert!(ingest.rejections().await.is_empty(), "a duplicate is no refusal");
    }

    async fn else_an_idempotency_key_else_the_body(db: TestStore) {
        let (ingest, _) = Ingest::with_github(db).await;
        let scheme = VerificationScheme::Github {};
        let keyed = [("x-github-event", "push"), ("idempotency-key", "k-1")];
        let first = ingest.signed("github", &scheme, &keyed, br#"{"n":1}"#).await;
        let again = ingest.signed("github", &scheme, &keyed, br#"{"n":2}"#).await;
        assert_eq!((first.status, again.status), (202, 200));
        let bare = [("x-github-event", "push")];
        let first = ingest.signed("github", &scheme, &bare, br#"{"n":3}"#).await;
        let again = ingest.signed("github", &scheme, &bare, br#"{"n":3}"#).await;
        let other = ingest.signed("github", &scheme, &bare, br#"{"n":4}"#).await;
        assert_eq!((first.status, again.status, other.status), (202, 200, 202));
        ingest.gate.clock.advance(DAY + SECOND);
        let later = ingest.signed("github", &scheme, &bare, br#"{"n":3}"#).await;
        assert_eq!(later.status, 202, "the window has passed");
    }

    async fn two_receivers_never_share_a_key(db: TestStore) {
        let (ingest, _) = Ingest::with_github(db).await;
        let other = ingest.gate.connector("other", Environment::Production, None).await;
        ingest.gate.create(ingest.gate.new_receiver(&other, VerificationScheme::Github {}, SECRET)).await;
        let extra = [("x-github-event", "push"), ("x-github-delivery", "d-1")];
        assert_eq!(ingest.github("d-1", b"{}").await.status, 202);
        let answer = ingest.signed("other", &VerificationScheme::Github {}, &extra, b"{}").await;
        assert_eq!(answer.status, 202);
    }

    async fn many_at_once_with_one_key_make_one_event(db: TestStore) {
        let (ingest, _) = Ingest::with_github(db).await;
        let sends = (0..20).map(|_| ingest.github("same", b"{}"));
        let answers = futures_util::future::join_all(sends).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 202).count(), 1);
        let ids: std::collections::HashSet<_> = answers.iter().map(Answer::event_id).collect();
        assert_eq!(ids.len(), 1);
        assert_eq!(ingest.deliveries().await.len(), 1);
    }
}
