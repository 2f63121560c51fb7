//! API keys: shown once, refused the moment they are revoked or expire.

use domain::api_key::{ApiKeyWithSecret, NewApiKey};
use domain::page::PageQuery;
use domain::time::{HOUR, MINUTE, SECOND};
use domain::user::Role;
use gateway::access::Actor;
use gateway::accounts::{api_keys, resolve_api_key};
use gateway::clock::Clock;
use gateway::on_both_databases;

use crate::installation::{Installation, Tenant, fields, not_found, refused};

async fn make(new: &Installation, tenant: &Tenant, name: &str) -> ApiKeyWithSecret {
    new.clock.advance(SECOND);
    let wish = NewApiKey { name: name.into(), role: Role::Operator, expires_at: None };
    api_keys::create(&new.services, &tenant.access, wish).await.unwrap()
}

async fn keys(new: &Installation, tenant: &Tenant) -> Vec<domain::api_key::ApiKey> {
    api_keys::list(&new.services, &tenant.access, &PageQuery::default()).await.unwrap().items
}

on_both_databases! {
    async fn a_key_opens_its_organization_with_its_role(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let made = make(&new, &acme, " deploy ").await;
        assert_eq!(made.api_key.name, "deploy");
        assert_eq!(made.secret.len(), 4 + 64);
        assert_eq!(made.api_key.hint, made.secret[..12]);
        let principal = resolve_api_key(&new.services, &made.secret).await.unwrap().unwrap();
        assert_eq!(principal.memberships, [(acme.organization.id.clone(), Role::Operator)]);
        assert!(!principal.global_admin);
        assert!(matches!(principal.actor, Actor::ApiKey { ref id, .. } if *id == made.api_key.id));
        let listed = serde_json::to_string(&keys(&new, &acme).await).unwrap();
        assert!(!listed.contains(&made.secret[12..]), "it is shown once");
    }

    async fn other_texts_open_nothing(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let secret = make(&new, &acme, "deploy").await.secret;
        let flipped = format!("{}{}", &secret[..67], if secret.ends_with('0') { '1' } else { '0' });
        let padded = format!("{secret} ");
        let upper = secret.to_uppercase();
        for other in ["", "sbx_", &secret[4..], &flipped, &padded, &upper, &"sbx_ä".repeat(20)] {
            assert_eq!(resolve_api_key(&new.services, other).await.unwrap(), None, "{other}");
        }
    }

    async fn revoked_and_expired_keys_are_refused_at_once(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let revoked = make(&new, &acme, "revoked").await;
        let expires_at = Some(new.clock.now().plus(HOUR));
        let wish = NewApiKey { name: "brief".into(), role: Role::Viewer, expires_at };
        let brief = api_keys::create(&new.services, &acme.access, wish).await.unwrap();
        assert!(resolve_api_key(&new.services, &revoked.secret).await.unwrap().is_some());
        api_keys::revoke(&new.services, &acme.access, &revoked.api_key.id).await.unwrap();
        assert_eq!(resolve_api_key(&new.services, &revoked.secret).await.unwrap(), None);
        let again = api_keys::revoke(&new.services, &acme.access, &revoked.api_key.id).await;
        assert_eq!(refused(again), not_found());
        assert_eq!(keys(&new, &acme).await.len(), 1);
        new.clock.advance(HOUR - 1);
        assert!(resolve_api_key(&new.services, &brief.secret).await.unwrap().is_some());
        new.clock.advance(1);
        assert_eq!(resolve_api_key(&new.services, &brief.secret).await.unwrap(), None);
        let past = NewApiKey { name: String::new(), role: Role::Viewer, expires_at };
        assert_eq!(
            fields(api_keys::create(&new.services, &acme.access, past).await),
            ["/name", "/expires_at"]
        );
    }

    async fn its_use_is_noted_to_the_minute(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let made = make(&new, &acme, "deploy").await;
        assert_eq!(keys(&new, &acme).await[0].last_used_at, None);
        let first = new.clock.now();
        resolve_api_key(&new.services, &made.secret).await.unwrap();
        new.clock.advance(MINUTE - 1);
        resolve_api_key(&new.services, &made.secret).await.unwrap();
        assert_eq!(keys(&new, &acme).await[0].last_used_at, Some(first));
        new.clock.advance(1);
        resolve_api_key(&new.services, &made.secret).await.unwrap();
        assert_eq!(keys(&new, &acme).await[0].last_used_at, Some(new.clock.now()));
    }

    async fn pages_are_newest_first_and_foreign_keys_are_not_there(db: TestStore) {
        let new = Installation::new(db).await;
        let (acme, globex) = (new.organization("acme").await, new.organization("globex").await);
        for name in ["a", "b", "c"] {
            make(&new, &acme, name).await;
        }
        let foreign = make(&new, &globex, "foreign").await.api_key;
        let first = PageQuery { limit: 2, cursor: None };
        let first = api_keys::list(&new.services, &acme.access, &first).await.unwrap();
        let second = PageQuery { limit: 2, cursor: first.next_cursor };
        let second = api_keys::list(&new.services, &acme.access, &second).await.unwrap();
        let names: Vec<_> = first.items.iter().chain(&second.items).map(|key| key.name.as_str()).collect();
        assert_eq!(names, ["c", "b", "a"]);
        assert_eq!(second.next_cursor, None);
        assert_eq!(refused(api_keys::revoke(&new.services, &acme.access, &foreign.id).await), not_found());
        let bad = PageQuery { limit: 2, cursor: Some("key_1".into()) };
        let refusal = refused(api_keys::list(&new.services, &acme.access, &bad).await);
        assert_eq!(refusal, (400, "invalid_cursor".to_owned()));
    }
}
