//! Samples that the console sends: signed as a provider signs, taken in and refused as everybody's.

use domain::connector::{ConnectorPatch, Environment, Header};
use domain::id::ReceiverId;
use domain::receiver::{NewReceiver, ReceiverSources, SchemaMode};
use domain::rejection::RejectionReason;
use domain::sample::{SampleOutcome, SampleRequest};
use domain::signature::VerificationScheme;
use gateway::access::Access;
use gateway::integrations::{connectors, samples};
use gateway::on_both_databases;
use gateway::store;
use gateway::testing::TestGate;
use serde_json::json;

/// A request that names its event type in the body.
fn sample(event_type: &str) -> SampleRequest {
    let body = json!({ "type": event_type, "id": "r-1" }).to_string();
    SampleRequest { event_type: event_type.into(), body, headers: Vec::new() }
}

fn sources() -> ReceiverSources {
    serde_json::from_value(json!({
        "event_type": { "type": "pointer", "pointer": "/type" },
        "source_record_id": { "type": "pointer", "pointer": "/id" },
    }))
    .unwrap()
}

async fn send(gate: &TestGate, id: &ReceiverId, sample: SampleRequest) -> SampleOutcome {
    samples::send(&gate.services, &gate.access(), id, sample).await.unwrap()
}

on_both_databases! {
    async fn every_scheme_takes_its_own_sample_and_each_is_an_event_of_its_own(db: TestStore) {
        let gate = TestGate::over(db).await;
        let schemes = [
            json!({ "type": "none" }),
            json!({ "type": "github" }),
            json!({ "type": "stripe" }),
            json!({ "type": "shopify" }),
            json!({ "type": "slack" }),
            json!({ "type": "standard_webhooks" }),
            json!({ "type": "hmac_sha256", "header": "x-signature", "encoding": "hex" }),
            json!({ "type": "bearer" }),
            json!({ "type": "api_key", "header": "x-api-key" }),
            json!({ "type": "basic", "username": "ada" }),
        ];
        for (number, scheme) in schemes.into_iter().enumerate() {
            let scheme: VerificationScheme = serde_json::from_value(scheme).unwrap();
            let connector = gate.connector(&format!("door-{number}"), Environment::Sandbox, None).await;
            let secret = match &scheme {
                VerificationScheme::None {} => "",
                VerificationScheme::StandardWebhooks {} => "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                _ => "a-secret-that-is-long-enough",
            };
            let new = NewReceiver { sources: sources(), ..gate.new_receiver(&connector, scheme.clone(), secret) };
            let receiver = gate.create(new).await;
            let mut events = Vec::new();
            for n in 1..=2 {
                // Some providers give the event's id in the body: the same one again would be the same event.
                let record = format!("r-{n}");
                let sample = SampleRequest {
                    body: json!({ "type": "order.created", "id": record }).to_string(),
                    ..sample("order.created")
                };
                match send(&gate, &receiver.id, sample).await {
                    SampleOutcome::Accepted { event_id, delivery_id: Some(delivery), duplicate: false, checks, .. } => {
                        let mut tx = gate.services.store.read().await.unwrap();
                        let row = store::deliveries::find(&mut tx, &gate.organization, &delivery).await.unwrap().unwrap();
                        assert_eq!((row.event_id, row.source_record_id.as_deref()), (event_id.clone(), Some(record.as_str())));
                        assert_eq!(row.event_type.as_str(), "order.created", "{scheme:?}");
                        assert!(scheme.requires_sandbox() || checks.iter().all(|check| check.passed) && !checks.is_empty());
                        events.push(event_id);
                    }
                    other => panic!("{scheme:?}: {other:?}"),
                }
            }
            assert_ne!(events[0], events[1]);
        }
        let mut tx = gate.services.store.read().await.unwrap();
        let audit = store::audit::list(&mut tx, &gate.organization, None, 500).await.unwrap();
        assert_eq!(audit.iter().filter(|row| row.action == "receiver.sample_sent").count(), 20);
    }

    async fn a_sample_is_refused_for_what_everybody_is_refused_for(db: TestStore) {
        let gate = TestGate::over(db).await;
        let connector = gate.connector("door", Environment::Sandbox, None).await;
        let bearer: VerificationScheme = serde_json::from_value(json!({ "type": "bearer" })).unwrap();
        let new = NewReceiver {
            sources: sources(),
            event_type: "order.*".parse().unwrap(),
            schema_mode: SchemaMode::Enforce,
            schema: Some(json!({ "required": ["total"] })),
            ..gate.new_receiver(&connector, bearer, "a-secret-that-is-long-enough")
        };
        let receiver = gate.create(new).await;
        let reason_of = async |sample: SampleRequest| match send(&gate, &receiver.id, sample).await {
            SampleOutcome::Refused { rejection_id: Some(id), status, reason, detail } => {
                let mut tx = gate.services.store.read().await.unwrap();
                let kept = store::rejections::find(&mut tx, &gate.organization, &id).await.unwrap().unwrap();
                assert_eq!((kept.reason, kept.detail, status), (reason, detail, reason.status()));
                reason
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(reason_of(sample("order.created")).await, RejectionReason::SchemaViolation);
        assert_eq!(reason_of(sample("contact.created")).await, RejectionReason::UnknownEventType);
        let no_json = SampleRequest { body: "{".into(), ..sample("order.created") };
        assert_eq!(reason_of(no_json).await, RejectionReason::MalformedJson);
        let off = ConnectorPatch { active: Some(false), ..ConnectorPatch::default() };
        connectors::update(&gate.services, &gate.access(), &connector.id, off).await.unwrap();
        assert_eq!(reason_of(sample("order.created")).await, RejectionReason::ConnectorInactive);
    }

    async fn what_cannot_be_sent_says_where_and_a_foreign_receiver_is_none(db: TestStore) {
        let gate = TestGate::over(db).await;
        let connector = gate.connector("door", Environment::Sandbox, None).await;
        let new = NewReceiver { sources: sources(), ..gate.new_receiver(&connector, VerificationScheme::None {}, "") };
        let receiver = gate.create(new).await;
        let bad = SampleRequest {
            event_type: "no spaces".into(),
            headers: vec![Header::new("x-fine", "1"), Header::new("not fine", "1")],
            ..sample("order.created")
        };
        let problem = samples::send(&gate.services, &gate.access(), &receiver.id, bad).await.unwrap_err();
        let pointers: Vec<_> = problem.fields.iter().map(|field| field.pointer.as_str()).collect();
        assert_eq!((problem.status, pointers), (422, vec!["/event_type", "/headers/1"]));

        let foreign = Access::of_command_line(gate.another_organization("second").await);
        let sample = sample("order.created");
        let problem = samples::send(&gate.services, &foreign, &receiver.id, sample).await.unwrap_err();
        assert_eq!((problem.status, problem.code.as_str()), (404, "not_found"));
    }
}
