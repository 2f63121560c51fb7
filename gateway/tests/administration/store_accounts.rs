//! The store's functions about people and programs, each by itself.

use domain::api_key::ApiKey;
use domain::id::{ApiKeyId, AuditId, OrganizationId, SessionId, UserId};
use domain::time::{HOUR, SECOND, Timestamp};
use domain::user::{Organization, Role, User};
use gateway::on_both_databases;
use gateway::store::audit::AuditRow;
use gateway::store::sessions::StoredSession;
use gateway::store::setup_links::StoredSetupLink;
use gateway::store::users::{PasswordHash, StoredUser};
use gateway::store::{
    Tx, api_keys, audit, is_unique_violation, members, organizations, sessions, setup_links, users,
};

const NOW: Timestamp = Timestamp(1_790_000_000 * SECOND);

fn organization(slug: &str) -> Organization {
    Organization { id: OrganizationId::new(NOW), name: slug.into(), slug: slug.into(), created_at: NOW }
}

fn user(email: &str) -> StoredUser {
    let user = User {
        id: UserId::new(NOW),
        email: email.into(),
        name: "Ada".into(),
        global_admin: false,
        active: true,
        last_login_at: None,
        created_at: NOW,
    };
    StoredUser { user, password_hash: PasswordHash::new("$argon2id$x".into()) }
}

async fn place(tx: &mut Tx) -> (Organization, StoredUser) {
    let (organization, user) = (organization("acme"), user("ada@example.com"));
    organizations::insert(tx, &organization).await.unwrap();
    users::insert(tx, &user).await.unwrap();
    (organization, user)
}

on_both_databases! {
    async fn organizations_are_found_by_id_and_slug(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        let (acme, ada) = place(&mut tx).await;
        assert_eq!(organizations::find(&mut tx, &acme.id).await.unwrap(), Some(acme.clone()));
        assert_eq!(organizations::find(&mut tx, &OrganizationId::new(NOW)).await.unwrap(), None);
        assert_eq!(organizations::find_by_slug(&mut tx, "acme").await.unwrap(), Some(acme.clone()));
        assert_eq!(organizations::find_by_slug(&mut tx, "ACME").await.unwrap(), None);
        let other = organization("aaa");
        organizations::insert(&mut tx, &other).await.unwrap();
        assert_eq!(organizations::list_all(&mut tx).await.unwrap(), [other, acme.clone()]);
        assert_eq!(organizations::list_of_user(&mut tx, &ada.user.id).await.unwrap(), []);
        members::insert(&mut tx, &acme.id, &ada.user.id, Role::Viewer, NOW).await.unwrap();
        let own = organizations::list_of_user(&mut tx, &ada.user.id).await.unwrap();
        assert_eq!((own.len(), &own[0].organization, own[0].role), (1, &acme, Role::Viewer));
        organizations::lock(&mut tx, &acme.id).await.unwrap();
        assert_eq!(organizations::find(&mut tx, &acme.id).await.unwrap(), Some(acme.clone()), "a lock changes nothing");
        let twice = organizations::insert(&mut tx, &organization("acme")).await.unwrap_err();
        assert!(is_unique_violation(&twice));
    }

    async fn users_change_one_thing_at_a_time(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        assert!(!users::any(&mut tx).await.unwrap());
        let (_, ada) = place(&mut tx).await;
        assert!(users::any(&mut tx).await.unwrap());
        let (id, nobody) = (ada.user.id.clone(), UserId::new(NOW));
        assert_eq!(users::find(&mut tx, &id).await.unwrap(), Some(ada.user.clone()));
        assert_eq!(users::find(&mut tx, &nobody).await.unwrap(), None);
        assert_eq!(users::find_by_email(&mut tx, "ada@example.com").await.unwrap(), Some(ada.clone()));
        assert_eq!(users::find_by_email(&mut tx, "").await.unwrap(), None);
        assert!(!format!("{ada:?}").contains("argon2id"));
        users::record_login(&mut tx, &id, NOW.plus(1)).await.unwrap();
        let hash = PasswordHash::new("$argon2id$y".into());
        assert!(users::set_password(&mut tx, &id, &hash).await.unwrap());
        assert!(!users::set_password(&mut tx, &nobody, &hash).await.unwrap());
        assert!(users::set_active(&mut tx, &id, false).await.unwrap());
        assert!(!users::set_active(&mut tx, &nobody, false).await.unwrap());
        let changed = users::find_by_email(&mut tx, "ada@example.com").await.unwrap().unwrap();
        let expected = User { active: false, last_login_at: Some(NOW.plus(1)), ..ada.user.clone() };
        assert_eq!(changed, StoredUser { user: expected, password_hash: hash });
        assert_eq!(users::lock_global_admins(&mut tx).await.unwrap(), 0);
        let mut root = user("root@example.com");
        root.user.global_admin = true;
        users::insert(&mut tx, &root).await.unwrap();
        assert_eq!(users::lock_global_admins(&mut tx).await.unwrap(), 1);
        let twice = users::insert(&mut tx, &user("ada@example.com")).await.unwrap_err();
        assert!(is_unique_violation(&twice));
    }

    async fn memberships_belong_to_one_organization(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        let (acme, ada) = place(&mut tx).await;
        let (globex, bob) = (organization("globex"), user("bob@example.com"));
        organizations::insert(&mut tx, &globex).await.unwrap();
        users::insert(&mut tx, &bob).await.unwrap();
        let (ada, bob) = (ada.user, bob.user);
        members::insert(&mut tx, &acme.id, &ada.id, Role::Admin, NOW).await.unwrap();
        members::insert(&mut tx, &acme.id, &bob.id, Role::Viewer, NOW).await.unwrap();
        members::insert(&mut tx, &globex.id, &bob.id, Role::Admin, NOW).await.unwrap();
        assert_eq!(members::find(&mut tx, &acme.id, &bob.id).await.unwrap().unwrap().role, Role::Viewer);
        assert_eq!(members::find(&mut tx, &globex.id, &ada.id).await.unwrap(), None);
        let all = members::list(&mut tx, &acme.id, None, 10).await.unwrap();
        assert_eq!(all.iter().map(|member| &member.user.id).collect::<Vec<_>>(), [&ada.id, &bob.id]);
        let after = (ada.email.clone(), ada.id.clone());
        let rest = members::list(&mut tx, &acme.id, Some(&after), 10).await.unwrap();
        assert_eq!(rest.len(), 1);
        assert_eq!(members::list(&mut tx, &acme.id, None, 1).await.unwrap().len(), 1);
        assert_eq!(members::roles_of_user(&mut tx, &bob.id).await.unwrap().len(), 2);
        assert_eq!(members::count_other_admins(&mut tx, &acme.id, &bob.id).await.unwrap(), 1);
        assert_eq!(members::count_other_admins(&mut tx, &acme.id, &ada.id).await.unwrap(), 0);
        assert!(members::set_role(&mut tx, &acme.id, &bob.id, Role::Operator).await.unwrap());
        assert!(!members::set_role(&mut tx, &globex.id, &ada.id, Role::Operator).await.unwrap());
        assert_eq!(members::find(&mut tx, &globex.id, &bob.id).await.unwrap().unwrap().role, Role::Admin);
        assert!(members::delete(&mut tx, &acme.id, &bob.id).await.unwrap());
        assert!(!members::delete(&mut tx, &acme.id, &bob.id).await.unwrap());
        assert_eq!(members::roles_of_user(&mut tx, &bob.id).await.unwrap(), [(globex.id, Role::Admin)]);
        let twice = members::insert(&mut tx, &acme.id, &ada.id, Role::Viewer, NOW).await.unwrap_err();
        assert!(is_unique_violation(&twice));
    }

    async fn sessions_are_found_while_they_last(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        let (_, ada) = place(&mut tx).await;
        let session = |hash: &str| StoredSession {
            id: SessionId::new(NOW),
            token_hash: hash.into(),
            user_id: ada.user.id.clone(),
            created_at: NOW,
            last_seen_at: NOW,
            expires_at: NOW.plus(HOUR),
            remote_addr: None,
            user_agent: Some("Test".into()),
        };
        let (one, two) = (session("one"), session("two"));
        sessions::insert(&mut tx, &one).await.unwrap();
        sessions::insert(&mut tx, &two).await.unwrap();
        let live = sessions::find_live(&mut tx, "one", NOW).await.unwrap().unwrap();
        assert_eq!((live.id, live.user), (one.id.clone(), ada.user.clone()));
        assert_eq!(sessions::find_live(&mut tx, "three", NOW).await.unwrap(), None);
        assert_eq!(sessions::find_live(&mut tx, "one", NOW.plus(HOUR)).await.unwrap(), None);
        sessions::touch(&mut tx, &one.id, NOW.plus(SECOND), NOW.plus(2 * HOUR)).await.unwrap();
        let touched = sessions::find_live(&mut tx, "one", NOW.plus(HOUR)).await.unwrap().unwrap();
        assert_eq!((touched.created_at, touched.last_seen_at), (NOW, NOW.plus(SECOND)));
        users::set_active(&mut tx, &ada.user.id, false).await.unwrap();
        assert_eq!(sessions::find_live(&mut tx, "one", NOW).await.unwrap(), None, "of whoever may sign in");
        assert_eq!(sessions::delete_expired(&mut tx, NOW.plus(HOUR)).await.unwrap(), 1);
        assert!(!sessions::delete(&mut tx, &two.id).await.unwrap());
        assert!(sessions::delete(&mut tx, &one.id).await.unwrap());
        sessions::insert(&mut tx, &session("four")).await.unwrap();
        assert_eq!(sessions::delete_of_user(&mut tx, &ada.user.id).await.unwrap(), 1);
    }

    async fn what_still_holds_is_found_for_many_at_once(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        let (acme, ada) = place(&mut tx).await;
        let mut root = user("root@example.com");
        root.user.global_admin = true;
        users::insert(&mut tx, &root).await.unwrap();
        members::insert(&mut tx, &acme.id, &ada.user.id, Role::Viewer, NOW).await.unwrap();
        let mut ids = Vec::new();
        for (hash, user) in [("one", &ada), ("two", &root)] {
            let session = StoredSession {
                id: SessionId::new(NOW),
                token_hash: hash.into(),
                user_id: user.user.id.clone(),
                created_at: NOW,
                last_seen_at: NOW,
                expires_at: NOW.plus(HOUR),
                remote_addr: None,
                user_agent: None,
            };
            sessions::insert(&mut tx, &session).await.unwrap();
            ids.push(session.id);
        }
        ids.extend((0..5).map(|_| SessionId::new(NOW)));
        let foreign = OrganizationId::new(NOW);
        let reach = sessions::reach(&mut tx, &ids, NOW).await.unwrap();
        assert_eq!(reach.len(), 2);
        assert!(reach[&ids[0]].includes(&acme.id) && !reach[&ids[0]].includes(&foreign));
        assert!(reach[&ids[1]].includes(&acme.id) && reach[&ids[1]].includes(&foreign), "administrates all");
        users::set_active(&mut tx, &ada.user.id, false).await.unwrap();
        assert_eq!(sessions::reach(&mut tx, &ids, NOW).await.unwrap().len(), 1);
        assert!(sessions::reach(&mut tx, &ids, NOW.plus(HOUR)).await.unwrap().is_empty());

        let mut keys = Vec::new();
        for (hash, expires_at) in [("k1", None), ("k2", Some(NOW.plus(HOUR))), ("k3", None)] {
            let key = ApiKey {
                id: ApiKeyId::new(NOW),
                organization_id: acme.id.clone(),
                name: hash.into(),
                hint: "hint".into(),
                role: Role::Viewer,
                expires_at,
                last_used_at: None,
                created_at: NOW,
            };
            api_keys::insert(&mut tx, &key, hash).await.unwrap();
            keys.push(key.id);
        }
        api_keys::revoke(&mut tx, &acme.id, &keys[2], NOW).await.unwrap();
        let mut live = api_keys::live_among(&mut tx, &keys, NOW).await.unwrap();
        live.sort();
        let mut expected = vec![(keys[0].clone(), acme.id.clone()), (keys[1].clone(), acme.id.clone())];
        expected.sort();
        assert_eq!(live, expected);
        let later = api_keys::live_among(&mut tx, &keys, NOW.plus(HOUR)).await.unwrap();
        assert_eq!(later, [(keys[0].clone(), acme.id)]);
    }

    async fn a_set_up_link_is_used_up_once(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        let link = |hash: &str| StoredSetupLink {
            token_hash: hash.into(),
            created_at: NOW,
            expires_at: NOW.plus(HOUR),
            used_at: None,
        };
        setup_links::lock(&mut tx, NOW).await.unwrap();
        setup_links::lock(&mut tx, NOW).await.unwrap();
        setup_links::replace(&mut tx, &link("one")).await.unwrap();
        setup_links::replace(&mut tx, &link("two")).await.unwrap();
        assert_eq!(setup_links::find(&mut tx, "one").await.unwrap(), None);
        assert_eq!(setup_links::find(&mut tx, "two").await.unwrap(), Some(link("two")));
        assert!(!setup_links::use_up(&mut tx, "one", NOW).await.unwrap());
        assert!(!setup_links::use_up(&mut tx, "two", NOW.plus(HOUR)).await.unwrap());
        assert!(setup_links::use_up(&mut tx, "two", NOW.plus(SECOND)).await.unwrap());
        assert!(!setup_links::use_up(&mut tx, "two", NOW.plus(SECOND)).await.unwrap());
        let used = setup_links::find(&mut tx, "two").await.unwrap().unwrap();
        assert_eq!(used.used_at, Some(NOW.plus(SECOND)));
    }

    async fn api_keys_are_found_while_they_are_good(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        let (acme, _) = place(&mut tx).await;
        let key = |at: Timestamp, expires_at: Option<Timestamp>| ApiKey {
            id: ApiKeyId::new(at),
            organization_id: acme.id.clone(),
            name: "deploy".into(),
            hint: "sbx_12345678".into(),
            role: Role::Operator,
            expires_at,
            last_used_at: None,
            created_at: at,
        };
        let (brief, lasting) = (key(NOW, Some(NOW.plus(HOUR))), key(NOW.plus(SECOND), None));
        api_keys::insert(&mut tx, &brief, "brief").await.unwrap();
        api_keys::insert(&mut tx, &lasting, "lasting").await.unwrap();
        assert_eq!(api_keys::find_live(&mut tx, "brief", NOW).await.unwrap(), Some(brief.clone()));
        assert_eq!(api_keys::find_live(&mut tx, "brief", NOW.plus(HOUR)).await.unwrap(), None);
        let stranger = OrganizationId::new(NOW);
        assert_eq!(api_keys::list(&mut tx, &acme.id, None, 9).await.unwrap(), [lasting.clone(), brief.clone()]);
        assert_eq!(api_keys::list(&mut tx, &acme.id, Some(&lasting.id), 9).await.unwrap(), [brief]);
        assert_eq!(api_keys::list(&mut tx, &stranger, None, 9).await.unwrap(), []);
        api_keys::touch(&mut tx, &stranger, &lasting.id, NOW).await.unwrap();
        assert_eq!(api_keys::find_live(&mut tx, "lasting", NOW).await.unwrap(), Some(lasting.clone()));
        api_keys::touch(&mut tx, &acme.id, &lasting.id, NOW).await.unwrap();
        let used = api_keys::find_live(&mut tx, "lasting", NOW).await.unwrap().unwrap();
        assert_eq!(used.last_used_at, Some(NOW));
        assert_eq!(api_keys::revoke(&mut tx, &stranger, &lasting.id, NOW).await.unwrap(), None);
        assert_eq!(api_keys::revoke(&mut tx, &acme.id, &lasting.id, NOW).await.unwrap(), Some(used));
        assert_eq!(api_keys::revoke(&mut tx, &acme.id, &lasting.id, NOW).await.unwrap(), None);
        assert_eq!(api_keys::find_live(&mut tx, "lasting", NOW).await.unwrap(), None);
        assert_eq!(api_keys::list(&mut tx, &acme.id, None, 9).await.unwrap().len(), 1);
    }

    async fn the_audit_log_is_read_newest_first_within_its_organization(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        let (acme, _) = place(&mut tx).await;
        let row = |at: Timestamp, organization: Option<&OrganizationId>| AuditRow {
            id: AuditId::new(at),
            organization_id: organization.cloned(),
            at,
            actor: "command_line".into(),
            action: "thing.done".into(),
            subject: "thing".into(),
            detail: serde_json::json!({ "n": 1 }),
        };
        let (old, new) = (row(NOW, Some(&acme.id)), row(NOW.plus(SECOND), Some(&acme.id)));
        let installation = row(NOW, None);
        for row in [&old, &new, &installation] {
            audit::insert(&mut tx, row).await.unwrap();
        }
        assert_eq!(audit::list(&mut tx, &acme.id, None, 9).await.unwrap(), [new.clone(), old.clone()]);
        assert_eq!(audit::list(&mut tx, &acme.id, Some(&new.id), 9).await.unwrap(), [old]);
        assert_eq!(audit::list(&mut tx, &OrganizationId::new(NOW), None, 9).await.unwrap(), []);
        assert_eq!(audit::list_of_installation(&mut tx, None, 9).await.unwrap(), std::slice::from_ref(&installation));
        let before = audit::list_of_installation(&mut tx, Some(&installation.id), 9).await.unwrap();
        assert_eq!(before, []);
    }
}
