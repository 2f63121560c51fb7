//! Receivers: what may be saved, and the life of their secrets.

use domain::connector::{Connector, Environment, NewConnector};
use domain::page::PageQuery;
use domain::receiver::{
    NewReceiver, ReceiverLimits, ReceiverPatch, ReceiverSources, RotateSecret, SchemaMode,
};
use domain::signature::VerificationScheme;
use domain::time::{HOUR, SECOND};
use gateway::clock::Clock;
use gateway::integrations::{connectors, receivers, routes};
use gateway::on_both_databases;
use gateway::seal::Purpose;
use gateway::store;
use serde_json::json;

use crate::installation::{
    Installation, Tenant, fields, new_connector, new_receiver, not_found, refused, to_record,
};

async fn sandbox(new: &Installation, tenant: &Tenant) -> Connector {
    let wish = NewConnector { environment: Environment::Sandbox, ..new_connector("lab") };
    connectors::create(&new.services, &tenant.access, wish).await.unwrap()
}

fn scheme(json: serde_json::Value) -> VerificationScheme {
    serde_json::from_value(json).unwrap()
}

fn rotate(secret: Option<&str>, overlap_s: i64) -> RotateSecret {
    RotateSecret { secret: secret.map(str::to_owned), overlap_s }
}

/// The secrets in the open, the current one first.
async fn secrets(new: &Installation, tenant: &Tenant, id: &domain::id::ReceiverId) -> Vec<String> {
    let mut tx = new.services.store.read().await.unwrap();
    let stored = store::receivers::find(&mut tx, tenant.access.organization(), id).await.unwrap().unwrap();
    let open = |secret: &store::receivers::StoredSecret| {
        let id = secret.summary.id.as_str();
        let opened = new.services.sealer.open(Purpose::ReceiverSecret, id, &secret.sealed).unwrap();
        String::from_utf8(opened.expose().to_vec()).unwrap()
    };
    stored.secrets.iter().map(open).collect()
}

on_both_databases! {
    async fn a_secret_is_made_and_shown_once(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let github = new.connector(&acme, "github").await;
        let made = receivers::create(&new.services, &acme.access, new_receiver(&github)).await.unwrap();
        let secret = made.secret.unwrap();
        assert_eq!(hex::decode(&secret).unwrap().len(), 32);
        assert_eq!(made.receiver.secrets.len(), 1);
        assert_eq!(made.receiver.secrets[0].hint, secret[60..]);
        assert_eq!(secrets(&new, &acme, &made.receiver.id).await, std::slice::from_ref(&secret));
        let read = receivers::read(&new.services, &acme.access, &made.receiver.id).await.unwrap();
        assert_eq!(read, made.receiver);
        assert!(!serde_json::to_string(&read).unwrap().contains(&secret));

        let svix = NewReceiver { scheme: scheme(json!({"type": "standard_webhooks"})), ..new_receiver(&github) };
        let made = receivers::create(&new.services, &acme.access, svix).await.unwrap();
        assert!(made.secret.unwrap().starts_with("whsec_"));
    }

    async fn a_secret_that_was_brought_is_checked_kept_and_not_shown(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let github = new.connector(&acme, "github").await;
        let wish = |kind: &str, secret: &str| NewReceiver {
            scheme: scheme(json!({"type": kind})),
            secret: Some(secret.into()),
            event_type: "push".parse().unwrap(),
            ..new_receiver(&github)
        };
        let made = receivers::create(&new.services, &acme.access, wish("github", "hunter2")).await.unwrap();
        assert_eq!(made.secret, None);
        assert_eq!(made.receiver.secrets[0].hint, "", "so short a secret shows nothing");
        assert_eq!(secrets(&new, &acme, &made.receiver.id).await, ["hunter2"]);
        for (kind, bad) in [("github", ""), ("github", "pasted\n"), ("standard_webhooks", "no base64!"), ("bearer", "a b")] {
            let refusal = receivers::create(&new.services, &acme.access, wish(kind, bad)).await;
            assert_eq!(fields(refusal), ["/secret"], "{kind} {bad}");
        }
        let long = receivers::create(&new.services, &acme.access, wish("github", &"x".repeat(5_000))).await;
        assert_eq!(fields(long), ["/secret"]);
    }

    async fn without_verification_only_in_a_sandbox(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let (production, lab) = (new.connector(&acme, "github").await, sandbox(&new, &acme).await);
        let open = |connector: &Connector| NewReceiver {
            scheme: VerificationScheme::None {},
            event_type: "ping".parse().unwrap(),
            ..new_receiver(connector)
        };
        let refusal = receivers::create(&new.services, &acme.access, open(&production)).await;
        assert_eq!(fields(refusal), ["/scheme"]);
        let with_secret = NewReceiver { secret: Some("x".into()), ..open(&lab) };
        assert_eq!(fields(receivers::create(&new.services, &acme.access, with_secret).await), ["/secret"]);
        let made = receivers::create(&new.services, &acme.access, open(&lab)).await.unwrap();
        assert!(made.secret.is_none() && made.receiver.secrets.is_empty());

        let verified = new.receiver(&acme, &production).await;
        let patch = ReceiverPatch { scheme: Some(VerificationScheme::None {}), ..ReceiverPatch::default() };
        let refusal = receivers::update(&new.services, &acme.access, &verified.id, patch).await;
        assert!(fields(refusal).contains(&"/scheme".to_owned()));

        // The other way needs a secret first.
        let patch = || ReceiverPatch { scheme: Some(VerificationScheme::Github {}), ..ReceiverPatch::default() };
        let refusal = receivers::update(&new.services, &acme.access, &made.receiver.id, patch()).await;
        assert_eq!(fields(refusal), ["/scheme"]);
        receivers::rotate_secret(&new.services, &acme.access, &made.receiver.id, rotate(None, 0)).await.unwrap();
        receivers::update(&new.services, &acme.access, &made.receiver.id, patch()).await.unwrap();
    }

    async fn every_bad_field_is_named(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let github = new.connector(&acme, "github").await;
        let bad = NewReceiver {
            name: "\n".into(),
            scheme: scheme(json!({"type": "bearer"})),
            event_type: "invoice.*".parse().unwrap(),
            limits: ReceiverLimits { body_bytes: 0, ..ReceiverLimits::default() },
            schema_mode: SchemaMode::Enforce,
            secret: Some(String::new()),
            ..new_receiver(&github)
        };
        assert_eq!(
            fields(receivers::create(&new.services, &acme.access, bad).await),
            ["/name", "/event_type", "/limits/body_bytes", "/schema", "/secret"]
        );
    }

    async fn an_event_type_must_be_findable(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let github = new.connector(&acme, "github").await;
        let wish = |event_type: &str, sources: serde_json::Value| NewReceiver {
            scheme: scheme(json!({"type": "bearer"})),
            event_type: event_type.parse().unwrap(),
            sources: serde_json::from_value::<ReceiverSources>(sources).unwrap(),
            ..new_receiver(&github)
        };
        let services = &new.services;
        let refusal = receivers::create(services, &acme.access, wish("*", json!({}))).await;
        assert_eq!(fields(refusal), ["/event_type"]);
        receivers::create(services, &acme.access, wish("invoice.paid", json!({}))).await.unwrap();
        let pointer = json!({"event_type": {"type": "pointer", "pointer": "/type"}});
        let made = receivers::create(services, &acme.access, wish("*", pointer)).await.unwrap();
        let patch = ReceiverPatch { sources: Some(ReceiverSources::default()), ..ReceiverPatch::default() };
        let refusal = receivers::update(services, &acme.access, &made.receiver.id, patch).await;
        assert_eq!(fields(refusal), ["/event_type"]);
    }

    async fn a_schema_that_cannot_be_used_is_not_saved(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let github = new.connector(&acme, "github").await;
        let wish = |schema: serde_json::Value| NewReceiver {
            schema_mode: SchemaMode::Enforce,
            schema: Some(schema),
            ..new_receiver(&github)
        };
        let bad = wish(json!({"type": "no such type"}));
        assert_eq!(fields(receivers::create(&new.services, &acme.access, bad).await), ["/schema"]);
        let fine = wish(json!({"type": "object", "required": ["id"]}));
        let made = receivers::create(&new.services, &acme.access, fine).await.unwrap().receiver;
        let patch = ReceiverPatch { schema: Some(json!({"type": 1})), ..ReceiverPatch::default() };
        let refusal = receivers::update(&new.services, &acme.access, &made.id, patch).await;
        assert_eq!(fields(refusal), ["/schema"]);
        let off = ReceiverPatch { schema_mode: Some(SchemaMode::Off), ..ReceiverPatch::default() };
        let off = receivers::update(&new.services, &acme.access, &made.id, off).await.unwrap();
        assert_eq!(off.schema, made.schema, "switched off, it is kept");
    }

    async fn a_rotation_overlaps_and_there_are_never_more_than_two(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let github = new.connector(&acme, "github").await;
        let wish = NewReceiver { secret: Some("the first secret".into()), ..new_receiver(&github) };
        let id = receivers::create(&new.services, &acme.access, wish).await.unwrap().receiver.id;
        let services = &new.services;
        let turned = receivers::rotate_secret(services, &acme.access, &id, rotate(None, 3_600)).await.unwrap();
        let second = turned.secret.unwrap();
        let ends: Vec<_> = turned.receiver.secrets.iter().map(|secret| secret.expires_at).collect();
        assert_eq!(ends, [None, Some(new.clock.now().plus(HOUR))]);
        assert_eq!(secrets(&new, &acme, &id).await, [second.clone(), "the first secret".into()]);

        let third = rotate(Some("the third secret"), 60);
        let turned = receivers::rotate_secret(services, &acme.access, &id, third).await.unwrap();
        assert_eq!(turned.secret, None);
        assert_eq!(secrets(&new, &acme, &id).await, ["the third secret".to_owned(), second]);

        new.clock.advance(60 * SECOND);
        let read = receivers::read(services, &acme.access, &id).await.unwrap();
        assert_eq!(read.secrets.len(), 1, "an expired one is not listed");
        let page = receivers::list(services, &acme.access, None, &PageQuery::default()).await.unwrap();
        assert_eq!(page.items[0].secrets.len(), 1);

        let turned = receivers::rotate_secret(services, &acme.access, &id, rotate(None, 0)).await.unwrap();
        assert_eq!(turned.receiver.secrets.len(), 1, "without an overlap the old one ends at once");
        assert_eq!(secrets(&new, &acme, &id).await, [turned.secret.unwrap()]);

        for overlap in [-1, 604_801] {
            let refusal = receivers::rotate_secret(services, &acme.access, &id, rotate(Some(""), overlap)).await;
            assert_eq!(fields(refusal), ["/overlap_s", "/secret"]);
        }
    }

    async fn a_scheme_that_the_secret_does_not_fit_is_refused(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let github = new.connector(&acme, "github").await;
        let wish = NewReceiver { secret: Some("not base64!".into()), ..new_receiver(&github) };
        let id = receivers::create(&new.services, &acme.access, wish).await.unwrap().receiver.id;
        let patch = || ReceiverPatch {
            scheme: Some(scheme(json!({"type": "standard_webhooks"}))),
            ..ReceiverPatch::default()
        };
        assert_eq!(fields(receivers::update(&new.services, &acme.access, &id, patch()).await), ["/scheme"]);
        receivers::rotate_secret(&new.services, &acme.access, &id, rotate(None, 60)).await.unwrap();
        let changed = receivers::update(&new.services, &acme.access, &id, patch()).await.unwrap();
        assert_eq!(changed.secrets.len(), 2);
    }

    async fn a_patch_changes_what_it_names(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let github = new.connector(&acme, "github").await;
        let made = new.receiver(&acme, &github).await;
        new.clock.advance(SECOND);
        let limits = ReceiverLimits { requests_per_minute: 7, ..ReceiverLimits::default() };
        let patch = ReceiverPatch {
            name: Some(" Front door ".into()),
            event_type: Some("push".parse().unwrap()),
            limits: Some(limits.clone()),
            active: Some(false),
            ..ReceiverPatch::default()
        };
        let changed = receivers::update(&new.services, &acme.access, &made.id, patch).await.unwrap();
        assert_eq!((changed.name.as_str(), changed.event_type.as_str()), ("Front door", "push"));
        assert_eq!((changed.limits.clone(), changed.active), (limits, false));
        assert_eq!((&changed.scheme, &changed.secrets), (&made.scheme, &made.secrets));
        assert!(changed.updated_at > made.updated_at);
        assert_eq!(receivers::read(&new.services, &acme.access, &made.id).await.unwrap(), changed);
        new.clock.advance(SECOND);
        let nothing = ReceiverPatch { active: Some(false), ..ReceiverPatch::default() };
        let same = receivers::update(&new.services, &acme.access, &made.id, nothing).await.unwrap();
        assert_eq!(same, changed);
    }

    async fn a_deleted_receiver_takes_its_ways_and_secrets_along(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let github = new.connector(&acme, "github").await;
        let (gone, stays) = (new.receiver(&acme, &github).await, new.receiver(&acme, &github).await);
        let way = new.route(&acme, &gone, to_record()).await;
        let other = new.route(&acme, &stays, to_record()).await;
        receivers::delete(&new.services, &acme.access, &gone.id).await.unwrap();
        assert_eq!(refused(receivers::read(&new.services, &acme.access, &gone.id).await), not_found());
        assert_eq!(refused(receivers::delete(&new.services, &acme.access, &gone.id).await), not_found());
        assert_eq!(refused(routes::read(&new.services, &acme.access, &way.id).await), not_found());
        routes::read(&new.services, &acme.access, &other.id).await.unwrap();
        let page = receivers::list(&new.services, &acme.access, Some(&github.id), &PageQuery::default()).await;
        assert_eq!(page.unwrap().items.len(), 1);
    }

    async fn pages_are_newest_first_of_one_connector_or_all(db: TestStore) {
        let new = Installation::new(db).await;
        let (acme, globex) = (new.organization("acme").await, new.organization("globex").await);
        let (one, two) = (new.connector(&acme, "one").await, new.connector(&acme, "two").await);
        let foreign = new.connector(&globex, "foreign").await;
        new.receiver(&globex, &foreign).await;
        let made =
            [new.receiver(&acme, &one).await.id, new.receiver(&acme, &two).await.id, new.receiver(&acme, &one).await.id];
        let first = PageQuery { limit: 2, cursor: None };
        let first = receivers::list(&new.services, &acme.access, None, &first).await.unwrap();
        let second = PageQuery { limit: 2, cursor: first.next_cursor };
        let second = receivers::list(&new.services, &acme.access, None, &second).await.unwrap();
        let ids: Vec<_> = first.items.into_iter().chain(second.items).map(|receiver| receiver.id).collect();
        assert_eq!(ids, [made[2].clone(), made[1].clone(), made[0].clone()]);
        let of_one = receivers::list(&new.services, &acme.access, Some(&one.id), &PageQuery::default()).await;
        assert_eq!(of_one.unwrap().items.len(), 2);
        let refusal = receivers::list(&new.services, &acme.access, Some(&foreign.id), &PageQuery::default()).await;
        assert_eq!(refused(refusal), not_found());
        let bad = PageQuery { limit: 2, cursor: Some("@".into()) };
        let refusal = receivers::list(&new.services, &acme.access, None, &bad).await;
        assert_eq!(refused(refusal), (400, "invalid_cursor".to_owned()));
    }
}
