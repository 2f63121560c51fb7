//! Connectors: what may be saved, what never comes back, what goes with a deleted one, and asking whether it answers.

use domain::connector::{ConnectorPatch, Credentials, CredentialsKind, Environment, Header, NewConnector};
use domain::page::PageQuery;
use domain::receiver::NewReceiver;
use domain::signature::VerificationScheme;
use domain::time::SECOND;
use gateway::integrations::{connectors, receivers, routes};
use gateway::on_both_databases;
use gateway::seal::Purpose;
use gateway::store;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::installation::{
    Installation, Tenant, fields, new_connector, new_receiver, refused, to_http, to_record,
};

const TOKEN: &str = "t0p-s3cret-token";

fn bearer() -> Option<Credentials> {
    Some(Credentials::Bearer { token: TOKEN.into() })
}

async fn stored(
    new: &Installation,
    tenant: &Tenant,
    id: &domain::id::ConnectorId,
) -> store::connectors::StoredConnector {
    let mut tx = new.services.store.read().await.unwrap();
    store::connectors::find(&mut tx, tenant.access.organization(), id).await.unwrap().unwrap()
}

on_both_databases! {
    async fn a_code_is_unique_in_the_installation_until_it_is_given_free(db: TestStore) {
        let new = Installation::new(db).await;
        let (acme, globex) = (new.organization("acme").await, new.organization("globex").await);
        let first = new.connector(&acme, "github").await;
        for tenant in [&acme, &globex] {
            let again = connectors::create(&new.services, &tenant.access, new_connector("github")).await;
            let problem = again.unwrap_err();
            assert_eq!((problem.status, problem.code.as_str()), (409, "code_taken"));
            assert_eq!(problem.fields[0].pointer, "/code");
        }
        connectors::delete(&new.services, &acme.access, &first.id).await.unwrap();
        new.connector(&globex, "github").await;
    }

    async fn every_bad_field_is_named(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let bad = NewConnector {
            name: " ".into(),
            kind: "x".repeat(65),
            base_url: Some("ftp://example.com".into()),
            headers: vec![Header::new("Authorization", "x")],
            credentials: Some(Credentials::Bearer { token: "a b".into() }),
            ..new_connector("github")
        };
        let expected = ["/name", "/base_url", "/headers/0", "/kind", "/credentials/token"];
        assert_eq!(fields(connectors::create(&new.services, &acme.access, bad).await), expected);
        let fine = new.connector(&acme, "github").await;
        let bad = ConnectorPatch {
            name: Some(String::new()),
            credentials: bearer(),
            remove_credentials: true,
            ..ConnectorPatch::default()
        };
        let refusal = connectors::update(&new.services, &acme.access, &fine.id, bad).await;
        assert_eq!(fields(refusal), ["/name", "/remove_credentials"]);
    }

    async fn credentials_are_sealed_for_their_row_and_never_come_back(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let wish = NewConnector { credentials: bearer(), ..new_connector("github") };
        let made = connectors::create(&new.services, &acme.access, wish).await.unwrap();
        assert_eq!(made.credentials, CredentialsKind::Bearer);
        assert!(!serde_json::to_string(&made).unwrap().contains(TOKEN));
        let row = stored(&new, &acme, &made.id).await;
        let sealed = row.sealed_credentials.clone().unwrap();
        assert!(!sealed.windows(TOKEN.len()).any(|window| window == TOKEN.as_bytes()));
        assert!(!format!("{row:?}").contains("sealed_credentials"));
        let open = |row: &str| new.services.sealer.open(Purpose::ConnectorCredentials, row, &sealed);
        assert!(open(made.id.as_str()).is_ok());
        assert!(open("con_other").is_err(), "copied into another row it does not open");

        let basic = Credentials::Basic { username: "me".into(), password: "pw".into() };
        let patch = ConnectorPatch { credentials: Some(basic), ..ConnectorPatch::default() };
        let changed = connectors::update(&new.services, &acme.access, &made.id, patch).await.unwrap();
        assert_eq!(changed.credentials, CredentialsKind::Basic);
        let patch = ConnectorPatch { remove_credentials: true, ..ConnectorPatch::default() };
        let changed = connectors::update(&new.services, &acme.access, &made.id, patch).await.unwrap();
        assert_eq!(changed.credentials, CredentialsKind::None);
        assert_eq!(stored(&new, &acme, &made.id).await.sealed_credentials, None);
    }

    async fn a_patch_changes_what_it_names(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let made = new.connector(&acme, "github").await;
        new.clock.advance(SECOND);
        let patch = ConnectorPatch {
            name: Some(" Renamed ".into()),
            headers: Some(vec![Header::new("X-Team", "ops")]),
            active: Some(false),
            ..ConnectorPatch::default()
        };
        let changed = connectors::update(&new.services, &acme.access, &made.id, patch).await.unwrap();
        assert_eq!(changed.name, "Renamed");
        assert!(!changed.active && changed.updated_at > made.updated_at);
        assert_eq!((&changed.kind, &changed.base_url), (&made.kind, &made.base_url));
        assert_eq!(connectors::read(&new.services, &acme.access, &made.id).await.unwrap(), changed);
        new.clock.advance(SECOND);
        let nothing = ConnectorPatch { active: Some(false), ..ConnectorPatch::default() };
        let same = connectors::update(&new.services, &acme.access, &made.id, nothing).await.unwrap();
        assert_eq!(same, changed, "what changes nothing leaves no trace");
    }

    async fn pages_are_by_name_and_stay_within_the_organization(db: TestStore) {
        let new = Installation::new(db).await;
        let (acme, globex) = (new.organization("acme").await, new.organization("globex").await);
        for (code, name) in [("c1", "Beta"), ("c2", "Alpha"), ("c3", "Beta"), ("c4", "Gamma")] {
            let wish = NewConnector { name: name.into(), ..new_connector(code) };
            new.clock.advance(SECOND);
            connectors::create(&new.services, &acme.access, wish).await.unwrap();
        }
        new.connector(&globex, "c5").await;
        let mut seen = Vec::new();
        let mut page = PageQuery { limit: 2, cursor: None };
        loop {
            let got = connectors::list(&new.services, &acme.access, &page).await.unwrap();
            seen.extend(got.items.into_iter().map(|connector| connector.code.to_string()));
            page.cursor = got.next_cursor;
            if page.cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, ["c2", "c1", "c3", "c4"]);
        let bad = PageQuery { limit: 2, cursor: Some("e30".into()) };
        let refusal = refused(connectors::list(&new.services, &acme.access, &bad).await);
        assert_eq!(refusal, (400, "invalid_cursor".to_owned()));
    }

    async fn production_takes_no_unverified_receiver(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let wish = NewConnector { environment: Environment::Sandbox, ..new_connector("lab") };
        let lab = connectors::create(&new.services, &acme.access, wish).await.unwrap();
        let open = NewReceiver {
            scheme: VerificationScheme::None {},
            event_type: "ping".parse().unwrap(),
            ..new_receiver(&lab)
        };
        let door = receivers::create(&new.services, &acme.access, open).await.unwrap().receiver;
        let promote = || ConnectorPatch { environment: Some(Environment::Production), ..ConnectorPatch::default() };
        let refusal = connectors::update(&new.services, &acme.access, &lab.id, promote()).await.unwrap_err();
        assert_eq!((refusal.status, refusal.code.as_str()), (409, "unverified_receivers"));
        assert!(refusal.detail.contains("Door"));
        receivers::delete(&new.services, &acme.access, &door.id).await.unwrap();
        connectors::update(&new.services, &acme.access, &lab.id, promote()).await.unwrap();
    }

    async fn production_and_an_open_door_cannot_happen_at_once(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        for round in 0..8 {
            let code = format!("lab-{round}");
            let wish = NewConnector { environment: Environment::Sandbox, ..new_connector(&code) };
            let lab = connectors::create(&new.services, &acme.access, wish).await.unwrap();
            let open = NewReceiver {
                scheme: VerificationScheme::None {},
                event_type: "ping".parse().unwrap(),
                ..new_receiver(&lab)
            };
            let (services, access, id) = (new.services.clone(), acme.access.clone(), lab.id.clone());
            let promote = tokio::spawn(async move {
                let patch = ConnectorPatch { environment: Some(Environment::Production), ..ConnectorPatch::default() };
                connectors::update(&services, &access, &id, patch).await.is_ok()
            });
            let (services, access) = (new.services.clone(), acme.access.clone());
            let create = tokio::spawn(async move { receivers::create(&services, &access, open).await.is_ok() });
            assert_ne!(promote.await.unwrap(), create.await.unwrap());
        }
    }

    async fn a_destination_goes_only_after_the_routes_to_it(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let (source, target) = (new.connector(&acme, "source").await, new.connector(&acme, "target").await);
        let door = new.receiver(&acme, &source).await;
        let way = new.route(&acme, &door, to_http(&target)).await;
        let refusal = connectors::delete(&new.services, &acme.access, &target.id).await.unwrap_err();
        assert_eq!((refusal.status, refusal.code.as_str()), (409, "destination_in_use"));
        assert!(refusal.detail.contains("\u{201c}Way\u{201d}"), "{}", refusal.detail);
        let no_url = ConnectorPatch { base_url: Some(String::new()), ..ConnectorPatch::default() };
        let refusal = connectors::update(&new.services, &acme.access, &target.id, no_url.clone()).await;
        assert_eq!(refused(refusal), (409, "destination_in_use".to_owned()));
        routes::delete(&new.services, &acme.access, &way.id).await.unwrap();
        let changed = connectors::update(&new.services, &acme.access, &target.id, no_url).await.unwrap();
        assert_eq!(changed.base_url, None);
        connectors::delete(&new.services, &acme.access, &target.id).await.unwrap();
    }

    async fn a_deleted_connector_takes_its_own_doors_ways_and_secrets_along(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let wish = NewConnector { credentials: bearer(), ..new_connector("source") };
        let source = connectors::create(&new.services, &acme.access, wish).await.unwrap();
        let door = new.receiver(&acme, &source).await;
        let records = new.route(&acme, &door, to_record()).await;
        let itself = new.route(&acme, &door, to_http(&source)).await;
        connectors::delete(&new.services, &acme.access, &source.id).await.unwrap();
        assert_eq!(refused(connectors::read(&new.services, &acme.access, &source.id).await).0, 404);
        assert_eq!(refused(receivers::read(&new.services, &acme.access, &door.id).await).0, 404);
        for way in [&records.id, &itself.id] {
            assert_eq!(refused(routes::read(&new.services, &acme.access, way).await).0, 404);
        }
        assert_eq!(refused(connectors::delete(&new.services, &acme.access, &source.id).await).0, 404);
        let mut tx = new.services.store.read().await.unwrap();
        let kept = store::routes::find_even_deleted(&mut tx, acme.access.organization(), &records.id).await;
        assert!(kept.unwrap().is_some_and(|route| !route.active), "for deliveries that still wait");
    }

    async fn a_route_and_the_deletion_of_its_destination_cannot_both_succeed(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let source = new.connector(&acme, "source").await;
        let door = new.receiver(&acme, &source).await;
        for round in 0..8 {
            let target = new.connector(&acme, &format!("target-{round}")).await;
            let wish = crate::installation::new_route(&door, to_http(&target));
            let (services, access) = (new.services.clone(), acme.access.clone());
            let create = tokio::spawn(async move { routes::create(&services, &access, wish).await.is_ok() });
            let (services, access) = (new.services.clone(), acme.access.clone());
            let delete =
                tokio::spawn(async move { connectors::delete(&services, &access, &target.id).await.is_ok() });
            assert_ne!(create.await.unwrap(), delete.await.unwrap());
        }
    }

    async fn a_test_reports_what_the_third_party_answers(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .and(path("/v1"))
            .and(header("authorization", format!("Bearer {TOKEN}")))
            .and(header("x-team", "ops"))
            .respond_with(ResponseTemplate::new(200).insert_header("X-GitHub-Api-Version-Selected", "2022-11-28"))
            .mount(&server)
            .await;
        let wish = NewConnector {
            base_url: Some(format!("{}/v1", server.uri())),
            headers: vec![Header::new("X-Team", "ops")],
            credentials: bearer(),
            ..new_connector("github")
        };
        let made = connectors::create(&new.services, &acme.access, wish).await.unwrap();
        let report = connectors::test(&new.services, &acme.access, &made.id).await.unwrap();
        assert!(report.ok, "{report:?}");
        assert_eq!((report.http_code, report.error), (Some(200), None));
        assert!(report.latency_ms >= 0);
        assert_eq!(report.api_version.unwrap().value, "2022-11-28");

        let patch = ConnectorPatch { remove_credentials: true, ..ConnectorPatch::default() };
        connectors::update(&new.services, &acme.access, &made.id, patch).await.unwrap();
        let report = connectors::test(&new.services, &acme.access, &made.id).await.unwrap();
        assert!(!report.ok);
        assert_eq!(report.http_code, Some(404));
        assert!(report.error.unwrap().contains("404"));
    }

    async fn a_test_says_why_nobody_answered(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let closed = {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            format!("http://{}", listener.local_addr().unwrap())
        };
        let wish = NewConnector { base_url: Some(closed), credentials: bearer(), ..new_connector("gone") };
        let made = connectors::create(&new.services, &acme.access, wish).await.unwrap();
        let report = connectors::test(&new.services, &acme.access, &made.id).await.unwrap();
        assert!(!report.ok && report.http_code.is_none());
        assert!(!report.error.unwrap().contains(TOKEN));
        let patch = ConnectorPatch { base_url: Some(String::new()), ..ConnectorPatch::default() };
        connectors::update(&new.services, &acme.access, &made.id, patch).await.unwrap();
        let refusal = connectors::test(&new.services, &acme.access, &made.id).await;
        assert_eq!(refused(refusal), (409, "no_base_url".to_owned()));
    }

    async fn a_test_does_not_reach_into_the_private_network(db: TestStore) {
        let new = Installation::with_private_destinations(db, false).await;
        let acme = new.organization("acme").await;
        let server = MockServer::start().await;
        let wish = NewConnector { base_url: Some(server.uri()), ..new_connector("inside") };
        let made = connectors::create(&new.services, &acme.access, wish).await.unwrap();
        let report = connectors::test(&new.services, &acme.access, &made.id).await.unwrap();
        assert!(!report.ok && report.http_code.is_none() && report.error.is_some());
        assert!(server.received_requests().await.unwrap().is_empty());
    }
}
