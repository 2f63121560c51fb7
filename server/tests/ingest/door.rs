//! Which door a request comes to: unknown, switched off, one of several, over its rate.

use domain::connector::{ConnectorPatch, Environment};
use domain::receiver::ReceiverPatch;
use domain::signature::VerificationScheme;
use domain::time::MINUTE;
use gateway::clock::Clock;
use gateway::{integrations, on_both_databases, store};

use super::harness::{Ingest, SECRET};

on_both_databases! {
    async fn unknown_codes_are_counted_and_never_stored(db: TestStore) {
        let (ingest, _) = Ingest::with_github(db).await;
        for code in ["nobody", "no-such", "NOT%20a%20code", "x"] {
            let answer = ingest.send(code, &[], "{}").await;
            assert_eq!((answer.status, answer.code().as_str()), (404, "unknown_connector"));
        }
        // The writer counts them at its next turn; an accepted event's commit is one.
        ingest.gate.services.intake.count_unknown_code();
        let counted = async || {
            let mut tx = ingest.gate.services.store.read().await.unwrap();
            let from = ingest.gate.clock.now().plus(-60 * MINUTE);
            store::rejections::unknown_codes_since(&mut tx, from).await.unwrap()
        };
        while counted().await < 5 {
            tokio::task::yield_now().await;
        }
        assert_eq!(counted().await, 5);
        assert!(ingest.rejections().await.is_empty());
    }

    async fn switched_off_doors_and_connectors_say_so(db: TestStore) {
        let (ingest, receiver) = Ingest::with_github(db).await;
        let (services, access) = (&ingest.gate.services, ingest.gate.access());
        let off = ReceiverPatch { active: Some(false), ..Default::default() };
        integrations::receivers::update(services, &access, &receiver.id, off).await.unwrap();
        let answer = ingest.github("d-1", b"{}").await;
        ingest.assert_refused(&answer, 409, "receiver_inactive").await;
        let off = ConnectorPatch { active: Some(false), ..Default::default() };
        integrations::connectors::update(services, &access, &receiver.connector_id, off).await.unwrap();
        let answer = ingest.github("d-1", b"{}").await;
        ingest.assert_refused(&answer, 409, "connector_inactive").await;
        let bare = ingest.gate.connector("bare", Environment::Production, None).await;
        assert_eq!(bare.code.as_str(), "bare");
        let answer = ingest.send("bare", &[], "{}").await;
        ingest.assert_refused(&answer, 409, "no_receiver").await;
        let on = ConnectorPatch { active: Some(true), ..Default::default() };
        integrations::connectors::update(services, &access, &receiver.connector_id, on).await.unwrap();
        let on = ReceiverPatch { active: Some(true), ..Default::default() };
        integrations::receivers::update(services, &access, &receiver.id, on).await.unwrap();
        assert_eq!(ingest.github("d-1", b"{}").await.status, 202, "a refusal took no dedupe key");
    }

    async fn over_the_rate_is_429_with_the_seconds_to_wait(db: TestStore) {
        let ingest = Ingest::over(db).await;
        let connector = ingest.gate.connector("github", Environment::Production, None).await;
        let mut new = ingest.gate.new_receiver(&connector, VerificationScheme::Github {}, SECRET);
        new.limits.requests_per_minute = 3;
        ingest.gate.create(new).await;
        for n in 0..3 {
            assert_eq!(ingest.github(&n.to_string(), b"{}").await.status, 202);
        }
        let answer = ingest.github("3", b"{}").await;
        ingest.assert_refused(&answer, 429, "rate_limited").await;
        assert_eq!(answer.retry_after.as_deref(), Some("20"));
        ingest.gate.clock.advance(MINUTE / 3);
        assert_eq!(ingest.github("3", b"{}").await.status, 202);
    }

    async fn of_several_doors_the_closest_fit_takes_it(db: TestStore) {
        let ingest = Ingest::over(db).await;
        let connector = ingest.gate.connector("github", Environment::Production, None).await;
        let mut by_name = std::collections::HashMap::new();
        for pattern in ["*", "pull_*", "push"] {
            let mut new = ingest.gate.new_receiver(&connector, VerificationScheme::Github {}, SECRET);
            new.event_type = pattern.parse().unwrap();
            by_name.insert(ingest.gate.create(new).await.id, pattern);
        }
        for (event, expected) in [("push", "push"), ("pull_request", "pull_*"), ("issues", "*")] {
            let extra = [("x-github-event", event), ("x-github-delivery", event)];
            assert_eq!(ingest.signed("github", &VerificationScheme::Github {}, &extra, b"{}").await.status, 202);
            let row = ingest.deliveries().await.into_iter().find(|row| row.event_type.as_str() == event).unwrap();
            assert_eq!(by_name[&row.receiver_id.unwrap()], expected);
        }
    }

    async fn event_types_that_nobody_takes_are_refused(db: TestStore) {
        let ingest = Ingest::over(db).await;
        let connector = ingest.gate.connector("github", Environment::Production, None).await;
        let mut new = ingest.gate.new_receiver(&connector, VerificationScheme::Github {}, SECRET);
        new.event_type = "pull_*".parse().unwrap();
        ingest.gate.create(new).await;
        for extra in [&[("x-github-event", "push")][..], &[("x-github-event", "no blanks")], &[]] {
            let answer = ingest.signed("github", &VerificationScheme::Github {}, extra, b"{}").await;
            ingest.assert_refused(&answer, 422, "unknown_event_type").await;
        }
    }
}
