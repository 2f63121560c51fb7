//! Every change leaves one row in the audit log, and no secret is ever in it.

use domain::api_key::NewApiKey;
use domain::connector::{ConnectorPatch, Credentials, Header, NewConnector};
use domain::receiver::{NewReceiver, ReceiverPatch, RotateSecret};
use domain::route::RoutePatch;
use domain::user::{MemberPatch, NewMember, NewOrganization, Role};
use gateway::accounts::{self, api_keys, members, organizations, users};
use gateway::integrations::{connectors, receivers, routes};
use gateway::on_both_databases;

use crate::installation::{Installation, PASSWORD, Tenant, new_connector, new_receiver, to_record};

const TOKEN: &str = "t0p-s3cret-token";
const HEADER: &str = "almost-a-secret";
const SECRET: &str = "a secret that was brought";
const NEW_PASSWORD: &str = "quite another password";

on_both_databases! {
    async fn every_change_is_recorded_without_secrets(db: TestStore) {
        let (new, info, token) = Installation::set_up(db).await;
        let services = &new.services;
        let root = new.whose(&token).await.unwrap();
        let own = info.organizations.iter().find(|at| at.organization.slug == "harbourline").unwrap();
        let organization = own.organization.clone();
        let access = root.access(&organization.id, Role::Admin).unwrap();
        let tenant = Tenant { access: access.clone(), organization, admin: info.user.clone() };
        let mut secrets = vec![token.expose().to_owned(), PASSWORD.into(), TOKEN.into(), HEADER.into(), SECRET.into()];
        secrets.push(NEW_PASSWORD.into());

        organizations::create(services, &root, NewOrganization { name: "Acme".into(), slug: "acme".into() }).await.unwrap();
        let ada = NewMember {
            email: "ada@example.com".into(),
            name: "Ada".into(),
            role: Role::Viewer,
            password: Some(PASSWORD.into()),
        };
        let ada = members::add(services, &access, ada).await.unwrap().user;
        members::change(services, &access, &ada.id, MemberPatch { role: Some(Role::Operator) }).await.unwrap();
        members::change(services, &access, &ada.id, MemberPatch::default()).await.unwrap();
        members::remove(services, &access, &ada.id).await.unwrap();
        users::set_password(services, &ada.email, NEW_PASSWORD.into()).await.unwrap();
        users::set_active(services, &ada.email, false).await.unwrap();
        users::set_active(services, &ada.email, true).await.unwrap();

        let key = NewApiKey { name: "deploy".into(), role: Role::Viewer, expires_at: None };
        let key = api_keys::create(services, &access, key).await.unwrap();
        secrets.push(key.secret[12..].to_owned());
        api_keys::revoke(services, &access, &key.api_key.id).await.unwrap();

        let wish = NewConnector {
            credentials: Some(Credentials::Bearer { token: TOKEN.into() }),
            headers: vec![Header::new("x-team", HEADER)],
            ..new_connector("github")
        };
        let connector = connectors::create(services, &access, wish).await.unwrap();
        let patch = ConnectorPatch {
            name: Some("Renamed".into()),
            headers: Some(vec![Header::new("x-other", HEADER)]),
            credentials: Some(Credentials::Basic { username: "me".into(), password: TOKEN.into() }),
            ..ConnectorPatch::default()
        };
        connectors::update(services, &access, &connector.id, patch).await.unwrap();
        let wish = NewReceiver { secret: Some(SECRET.into()), ..new_receiver(&connector) };
        let receiver = receivers::create(services, &access, wish).await.unwrap().receiver;
        let patch = ReceiverPatch { active: Some(false), ..ReceiverPatch::default() };
        receivers::update(services, &access, &receiver.id, patch).await.unwrap();
        let rotate = RotateSecret { secret: None, overlap_s: 60 };
        secrets.extend(receivers::rotate_secret(services, &access, &receiver.id, rotate).await.unwrap().secret);
        let route = new.route(&tenant, &receiver, to_record()).await;
        let patch = RoutePatch { active: Some(false), ..RoutePatch::default() };
        routes::update(services, &access, &route.id, patch).await.unwrap();
        routes::delete(services, &access, &route.id).await.unwrap();
        receivers::delete(services, &access, &receiver.id).await.unwrap();
        connectors::delete(services, &access, &connector.id).await.unwrap();
        accounts::logout(services, &root).await.unwrap();

        let rows = new.audit(&tenant).await;
        let mut actions: Vec<_> = rows.iter().map(|row| row.action.as_str()).collect();
        actions.sort();
        assert_eq!(
            actions,
            [
                "api_key.created",
                "api_key.revoked",
                "connector.created",
                "connector.deleted",
                "connector.updated",
                "installation.set_up",
                "member.added",
                "member.changed",
                "member.removed",
                "organization.created",
                "receiver.created",
                "receiver.deleted",
                "receiver.secret_rotated",
                "receiver.updated",
                "route.created",
                "route.deleted",
                "route.updated",
                "session.ended",
                "session.started",
                "setup_link.created",
                "user.activated",
                "user.created",
                "user.deactivated",
                "user.password_set",
            ]
        );
        for row in &rows {
            let text = format!("{row:?}");
            assert!(secrets.iter().all(|secret| !text.contains(secret)), "{text}");
        }
        let renamed = rows.iter().find(|row| row.action == "connector.updated").unwrap();
        assert_eq!(renamed.actor, info.user.id.as_str());
        assert_eq!(renamed.subject, connector.id.as_str());
        assert_eq!(
            renamed.detail,
            serde_json::json!({
                "name": { "from": "The github", "to": "Renamed" }, "headers": "changed", "credentials": "replaced",
            })
        );
        let off = rows.iter().find(|row| row.action == "user.deactivated").unwrap();
        assert_eq!(off.actor, "command_line");
    }

    async fn what_is_refused_is_not_recorded(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let before = new.audit(&acme).await.len();
        let first = new.connector(&acme, "github").await;
        assert!(connectors::create(&new.services, &acme.access, new_connector("github")).await.is_err());
        assert!(members::remove(&new.services, &acme.access, &acme.admin.id).await.is_err());
        assert!(new.login(&acme.admin.email, "wrong password").await.is_err());
        let nothing = ConnectorPatch { active: Some(true), ..ConnectorPatch::default() };
        connectors::update(&new.services, &acme.access, &first.id, nothing).await.unwrap();
        assert_eq!(new.audit(&acme).await.len(), before + 1);
    }
}
