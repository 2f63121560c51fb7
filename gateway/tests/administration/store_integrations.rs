//! The store's functions about connectors, receivers and routes, each by itself, with a stranger at every door.

use domain::connector::{Connector, CredentialsKind, Environment, Header};
use domain::id::{ConnectorId, OrganizationId, ReceiverId, RouteId, SecretId};
use domain::mapping::FieldMapping;
use domain::receiver::{Receiver, ReceiverLimits, ReceiverSources, SchemaMode, SecretSummary};
use domain::retry::RetryPolicy;
use domain::route::{Route, RouteDestination};
use domain::signature::VerificationScheme;
use domain::time::{HOUR, SECOND, Timestamp};
use domain::user::Organization;
use gateway::on_both_databases;
use gateway::store::connectors::StoredConnector;
use gateway::store::receivers::StoredSecret;
use gateway::store::{Tx, connectors, is_unique_violation, organizations, receivers, routes};

const NOW: Timestamp = Timestamp(1_790_000_000 * SECOND);

async fn organization(tx: &mut Tx, slug: &str) -> OrganizationId {
    let id = OrganizationId::new(NOW);
    let organization = Organization { id: id.clone(), name: slug.into(), slug: slug.into(), created_at: NOW };
    organizations::insert(tx, &organization).await.unwrap();
    id
}

fn connector(organization: &OrganizationId, code: &str, at: Timestamp) -> StoredConnector {
    let connector = Connector {
        id: ConnectorId::new(at),
        organization_id: organization.clone(),
        code: code.parse().unwrap(),
        name: code.to_uppercase(),
        kind: "github".into(),
        base_url: Some("https://api.example.com".into()),
        headers: vec![Header::new("X-Team", "ops")],
        credentials: CredentialsKind::Bearer,
        environment: Environment::Production,
        active: true,
        created_at: at,
        updated_at: at,
    };
    StoredConnector { connector, sealed_credentials: Some(vec![0, 255, 1]) }
}

fn receiver(connector: &Connector, at: Timestamp) -> Receiver {
    Receiver {
        id: ReceiverId::new(at),
        organization_id: connector.organization_id.clone(),
        connector_id: connector.id.clone(),
        name: "Door".into(),
        event_type: "order.*".parse().unwrap(),
        scheme: VerificationScheme::Github {},
        secrets: Vec::new(),
        sources: ReceiverSources::default(),
        schema_mode: SchemaMode::Observe,
        schema: Some(serde_json::json!({ "type": "object" })),
        limits: ReceiverLimits::default(),
        active: true,
        last_received_at: None,
        created_at: at,
        updated_at: at,
    }
}

fn route(receiver: &Receiver, at: Timestamp) -> Route {
    Route {
        id: RouteId::new(at),
        organization_id: receiver.organization_id.clone(),
        receiver_id: receiver.id.clone(),
        name: "Way".into(),
        event_type: "*".parse().unwrap(),
        mapping: FieldMapping::default(),
        mapping_version: 1,
        destination: RouteDestination::Record { entity: "order".into(), id_pointer: Some("/id".into()) },
        retry: RetryPolicy::default(),
        active: true,
        created_at: at,
        updated_at: at,
    }
}

fn secret(at: Timestamp, expires_at: Option<Timestamp>) -> StoredSecret {
    let summary = SecretSummary { id: SecretId::new(at), hint: "ters".into(), created_at: at, expires_at };
    StoredSecret { summary, sealed: vec![7; 40] }
}

on_both_databases! {
    async fn connectors_are_their_organizations(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        let (acme, stranger) = (organization(&mut tx, "acme").await, organization(&mut tx, "globex").await);
        let (one, two) = (connector(&acme, "one", NOW), connector(&acme, "two", NOW));
        connectors::insert(&mut tx, &two).await.unwrap();
        connectors::insert(&mut tx, &one).await.unwrap();
        let id = &one.connector.id;
        assert_eq!(connectors::find(&mut tx, &acme, id).await.unwrap(), Some(one.clone()));
        assert_eq!(connectors::find(&mut tx, &stranger, id).await.unwrap(), None);
        assert_eq!(connectors::lock(&mut tx, &acme, id).await.unwrap(), Some(one.clone()));
        assert_eq!(connectors::lock(&mut tx, &stranger, id).await.unwrap(), None);
        let code = &one.connector.code;
        assert_eq!(connectors::find_by_code(&mut tx, code).await.unwrap(), Some(one.clone()));
        let page = connectors::list(&mut tx, &acme, None, 9).await.unwrap();
        assert_eq!(page, [one.connector.clone(), two.connector.clone()]);
        let after = ("ONE".to_owned(), id.clone());
        assert_eq!(connectors::list(&mut tx, &acme, Some(&after), 9).await.unwrap(), [two.connector]);
        assert_eq!(connectors::list(&mut tx, &stranger, None, 9).await.unwrap(), []);

        let mut changed = one.clone();
        changed.connector.name = "Renamed".into();
        changed.connector.environment = Environment::Sandbox;
        changed.connector.active = false;
        changed.connector.base_url = None;
        changed.connector.credentials = CredentialsKind::None;
        changed.sealed_credentials = None;
        changed.connector.updated_at = NOW.plus(1);
        assert!(connectors::update(&mut tx, &changed).await.unwrap());
        assert_eq!(connectors::find_by_code(&mut tx, code).await.unwrap(), Some(changed.clone()), "switched off or not");
        let mut foreign = changed.clone();
        foreign.connector.organization_id = stranger.clone();
        assert!(!connectors::update(&mut tx, &foreign).await.unwrap());

        assert!(!connectors::delete(&mut tx, &stranger, id, NOW).await.unwrap());
        assert!(connectors::delete(&mut tx, &acme, id, NOW).await.unwrap());
        assert!(!connectors::delete(&mut tx, &acme, id, NOW).await.unwrap());
        assert_eq!(connectors::find(&mut tx, &acme, id).await.unwrap(), None);
        assert_eq!(connectors::find_by_code(&mut tx, code).await.unwrap(), None);
        assert!(!connectors::update(&mut tx, &changed).await.unwrap());
        connectors::insert(&mut tx, &connector(&stranger, "one", NOW)).await.unwrap();
        let twice = connectors::insert(&mut tx, &connector(&acme, "one", NOW)).await.unwrap_err();
        assert!(is_unique_violation(&twice));
    }

    async fn receivers_are_their_organizations(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        let (acme, stranger) = (organization(&mut tx, "acme").await, organization(&mut tx, "globex").await);
        let shop = connector(&acme, "shop", NOW);
        connectors::insert(&mut tx, &shop).await.unwrap();
        let shop = shop.connector;
        let (old, new) = (receiver(&shop, NOW), receiver(&shop, NOW.plus(SECOND)));
        receivers::insert(&mut tx, &old).await.unwrap();
        receivers::insert(&mut tx, &new).await.unwrap();
        let found = receivers::find(&mut tx, &acme, &old.id).await.unwrap().unwrap();
        assert_eq!((&found.receiver, found.secrets.len()), (&old, 0));
        assert_eq!(receivers::find(&mut tx, &stranger, &old.id).await.unwrap(), None);

        let page = receivers::list(&mut tx, &acme, None, None, 9).await.unwrap();
        let ids: Vec<_> = page.into_iter().map(|stored| stored.receiver.id).collect();
        assert_eq!(ids, [new.id.clone(), old.id.clone()]);
        let older = receivers::list(&mut tx, &acme, Some(&shop.id), Some(&new.id), 9).await.unwrap();
        assert_eq!((older.len(), &older[0].receiver.id), (1, &old.id));
        let other = ConnectorId::new(NOW);
        assert_eq!(receivers::list(&mut tx, &acme, Some(&other), None, 9).await.unwrap(), []);
        assert_eq!(receivers::list(&mut tx, &stranger, Some(&shop.id), None, 9).await.unwrap(), []);

        let changed = Receiver { active: false, name: "Back".into(), schema: None, updated_at: NOW.plus(1), ..old.clone() };
        assert!(receivers::update(&mut tx, &changed).await.unwrap());
        let foreign = Receiver { organization_id: stranger.clone(), ..changed.clone() };
        assert!(!receivers::update(&mut tx, &foreign).await.unwrap());
        assert_eq!(receivers::find(&mut tx, &acme, &old.id).await.unwrap().unwrap().receiver, changed);
        assert_eq!(receivers::list_of_connector(&mut tx, &acme, &shop.id).await.unwrap().len(), 2);
        let active = receivers::list_active_of_connector(&mut tx, &acme, &shop.id).await.unwrap();
        assert_eq!((active.len(), &active[0].receiver.id), (1, &new.id));
        assert_eq!(receivers::list_of_connector(&mut tx, &stranger, &shop.id).await.unwrap(), []);

        receivers::touch(&mut tx, &acme, &[(old.id.clone(), NOW.plus(5)), (new.id.clone(), NOW.plus(6))]).await.unwrap();
        receivers::touch(&mut tx, &acme, &[(old.id.clone(), NOW.plus(4))]).await.unwrap();
        receivers::touch(&mut tx, &stranger, &[(old.id.clone(), NOW.plus(9))]).await.unwrap();
        let seen = receivers::list_of_connector(&mut tx, &acme, &shop.id).await.unwrap();
        let seen: Vec<_> = seen.into_iter().map(|stored| stored.receiver.last_received_at).collect();
        assert_eq!(seen, [Some(NOW.plus(5)), Some(NOW.plus(6))], "a time never goes back");

        assert!(!receivers::delete(&mut tx, &stranger, &old.id, NOW).await.unwrap());
        assert!(receivers::delete(&mut tx, &acme, &old.id, NOW).await.unwrap());
        assert!(!receivers::delete(&mut tx, &acme, &old.id, NOW).await.unwrap());
        assert_eq!(receivers::find(&mut tx, &acme, &old.id).await.unwrap(), None);
    }

    async fn secrets_come_the_current_one_first_and_go_with_their_receiver(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        let (acme, stranger) = (organization(&mut tx, "acme").await, organization(&mut tx, "globex").await);
        let shop = connector(&acme, "shop", NOW);
        connectors::insert(&mut tx, &shop).await.unwrap();
        let door = receiver(&shop.connector, NOW);
        receivers::insert(&mut tx, &door).await.unwrap();
        let (current, ending) = (secret(NOW, None), secret(NOW.plus(SECOND), Some(NOW.plus(HOUR))));
        receivers::insert_secret(&mut tx, &acme, &door.id, &ending).await.unwrap();
        receivers::insert_secret(&mut tx, &acme, &door.id, &current).await.unwrap();
        let found = receivers::find(&mut tx, &acme, &door.id).await.unwrap().unwrap();
        assert_eq!(found.secrets, [current.clone(), ending.clone()]);
        assert_eq!(found.receiver.secrets, [current.summary.clone(), ending.summary.clone()]);
        assert!(!format!("{found:?}").contains("7, 7, 7"), "not even sealed ones print");
        receivers::expire_secret(&mut tx, &stranger, &current.summary.id, NOW).await.unwrap();
        receivers::delete_secret(&mut tx, &stranger, &ending.summary.id).await.unwrap();
        assert_eq!(receivers::find(&mut tx, &acme, &door.id).await.unwrap().unwrap(), found);
        receivers::expire_secret(&mut tx, &acme, &current.summary.id, NOW.plus(9)).await.unwrap();
        receivers::delete_secret(&mut tx, &acme, &ending.summary.id).await.unwrap();
        let left = receivers::find(&mut tx, &acme, &door.id).await.unwrap().unwrap().secrets;
        assert_eq!((left.len(), left[0].summary.expires_at), (1, Some(NOW.plus(9))));
        receivers::delete(&mut tx, &acme, &door.id, NOW).await.unwrap();
        // The row is gone: the same secret can be there again.
        receivers::insert_secret(&mut tx, &acme, &door.id, &current).await.unwrap();
    }

    async fn routes_are_their_organizations(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        let (acme, stranger) = (organization(&mut tx, "acme").await, organization(&mut tx, "globex").await);
        let shop = connector(&acme, "shop", NOW);
        connectors::insert(&mut tx, &shop).await.unwrap();
        let (door, other) = (receiver(&shop.connector, NOW), receiver(&shop.connector, NOW));
        receivers::insert(&mut tx, &door).await.unwrap();
        receivers::insert(&mut tx, &other).await.unwrap();
        let (old, new) = (route(&door, NOW), route(&door, NOW.plus(SECOND)));
        let elsewhere = route(&other, NOW.plus(2 * SECOND));
        for route in [&old, &new, &elsewhere] {
            routes::insert(&mut tx, route).await.unwrap();
        }
        assert_eq!(routes::find(&mut tx, &acme, &old.id).await.unwrap(), Some(old.clone()));
        assert_eq!(routes::find(&mut tx, &stranger, &old.id).await.unwrap(), None);
        let page = routes::list(&mut tx, &acme, Some(&door.id), None, 9).await.unwrap();
        assert_eq!(page, [new.clone(), old.clone()]);
        assert_eq!(routes::list(&mut tx, &acme, None, Some(&new.id), 9).await.unwrap(), std::slice::from_ref(&old));
        assert_eq!(routes::list(&mut tx, &stranger, None, None, 9).await.unwrap(), []);
        assert_eq!(routes::list_all(&mut tx, &acme).await.unwrap(), [old.clone(), new.clone(), elsewhere.clone()]);
        assert_eq!(routes::list_all(&mut tx, &stranger).await.unwrap(), []);

        let changed = Route { active: false, mapping_version: 2, updated_at: NOW.plus(1), ..old.clone() };
        assert!(routes::update(&mut tx, &changed).await.unwrap());
        let foreign = Route { organization_id: stranger.clone(), ..changed.clone() };
        assert!(!routes::update(&mut tx, &foreign).await.unwrap());
        assert_eq!(routes::find(&mut tx, &acme, &old.id).await.unwrap(), Some(changed.clone()));
        let active = routes::list_active_of_receiver(&mut tx, &acme, &door.id).await.unwrap();
        assert_eq!(active, std::slice::from_ref(&new));
        assert_eq!(routes::list_active_of_receiver(&mut tx, &stranger, &door.id).await.unwrap(), []);

        routes::insert_mapping_version(&mut tx, &changed, "Ada", NOW).await.unwrap();
        let kept = routes::find_mapping_version(&mut tx, &acme, &old.id, 2).await.unwrap();
        assert_eq!(kept, Some(FieldMapping::default()));
        assert_eq!(routes::find_mapping_version(&mut tx, &stranger, &old.id, 2).await.unwrap(), None);

        let listed = routes::list_mapping_versions(&mut tx, &acme, &old.id, 9).await.unwrap();
        let seen: Vec<_> = listed.iter().map(|one| (one.version, one.created_at, one.created_by.as_str())).collect();
        assert_eq!(seen, [(2, NOW, "Ada")]);
        assert_eq!(routes::list_mapping_versions(&mut tx, &stranger, &old.id, 9).await.unwrap(), []);

        assert!(!routes::delete(&mut tx, &stranger, &old.id, NOW).await.unwrap());
        assert!(routes::delete(&mut tx, &acme, &old.id, NOW).await.unwrap());
        assert!(!routes::delete(&mut tx, &acme, &old.id, NOW).await.unwrap());
        assert_eq!(routes::find(&mut tx, &acme, &old.id).await.unwrap(), None);
        assert!(routes::find_even_deleted(&mut tx, &acme, &old.id).await.unwrap().is_some());
        assert_eq!(routes::find_even_deleted(&mut tx, &stranger, &old.id).await.unwrap(), None);
        assert_eq!(routes::delete_of_receiver(&mut tx, &stranger, &door.id, NOW).await.unwrap(), []);
        assert_eq!(routes::delete_of_receiver(&mut tx, &acme, &door.id, NOW).await.unwrap(), [new.id]);
        assert_eq!(routes::list_all(&mut tx, &acme).await.unwrap(), [elsewhere]);
    }
}
