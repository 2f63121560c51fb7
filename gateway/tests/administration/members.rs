//! The people of an organization, and new organizations.

use domain::id::UserId;
use domain::page::PageQuery;
use domain::time::SECOND;
use domain::user::{MemberPatch, NewMember, NewOrganization, Role};
use gateway::accounts::{members, organizations};
use gateway::clock::Clock;
use gateway::on_both_databases;

use crate::installation::{Installation, PASSWORD, fields, not_found, refused};

fn new_member(email: &str, password: Option<&str>) -> NewMember {
    NewMember {
        email: email.into(),
        name: "Ada".into(),
        role: Role::Operator,
        password: password.map(str::to_owned),
    }
}

fn to(role: Role) -> MemberPatch {
    MemberPatch { role: Some(role) }
}

on_both_databases! {
    async fn somebody_new_needs_a_password_and_somebody_known_keeps_theirs(db: TestStore) {
        let new = Installation::new(db).await;
        let (acme, globex) = (new.organization("acme").await, new.organization("globex").await);
        let services = &new.services;
        let none = members::add(services, &acme.access, new_member("ada@example.com", None)).await;
        assert_eq!(fields(none), ["/password"]);
        let bad = NewMember { name: String::new(), ..new_member("ada", Some("short")) };
        assert_eq!(fields(members::add(services, &acme.access, bad).await), ["/email", "/name", "/password"]);

        let added = members::add(services, &acme.access, new_member(" Ada@Example.com", Some(PASSWORD))).await;
        let added = added.unwrap();
        assert_eq!((added.user.email.as_str(), added.role), ("ada@example.com", Role::Operator));
        assert!(!added.user.global_admin);

        let mut again = new_member("ada@example.com", Some("a password of globex"));
        again.name = "Somebody else".into();
        let there = members::add(services, &globex.access, again).await.unwrap();
        assert_eq!((there.user.id, there.user.name.as_str()), (added.user.id, "Ada"));
        assert!(new.login("ada@example.com", "a password of globex").await.is_err());
        let (info, _) = new.login("ada@example.com", PASSWORD).await.unwrap();
        assert_eq!(info.organizations.len(), 2);

        let twice = members::add(services, &acme.access, new_member("ada@example.com", None)).await;
        assert_eq!(refused(twice), (409, "already_member".to_owned()));
    }

    async fn pages_are_by_address_and_stay_within_the_organization(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        new.organization("globex").await;
        for name in ["zoe", "bob", "eve"] {
            new.user(&format!("{name}@example.com"), Some("acme"), Role::Viewer).await;
        }
        let mut seen = Vec::new();
        let mut page = PageQuery { limit: 2, cursor: None };
        loop {
            let got = members::list(&new.services, &acme.access, &page).await.unwrap();
            assert!(got.items.len() <= 2);
            seen.extend(got.items.into_iter().map(|member| member.user.email));
            page.cursor = got.next_cursor;
            if page.cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, ["admin@acme.example", "bob@example.com", "eve@example.com", "zoe@example.com"]);
        let bad = PageQuery { limit: 2, cursor: Some("nonsense".into()) };
        let refusal = refused(members::list(&new.services, &acme.access, &bad).await);
        assert_eq!(refusal, (400, "invalid_cursor".to_owned()));
    }

    async fn a_changed_or_ended_membership_counts_from_the_next_request(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let ada = new.user("ada@example.com", Some("acme"), Role::Operator).await;
        let (_, token) = new.login("ada@example.com", PASSWORD).await.unwrap();
        let changed = members::change(&new.services, &acme.access, &ada.id, to(Role::Viewer)).await.unwrap();
        assert_eq!(changed.role, Role::Viewer);
        assert_eq!(new.whose(&token).await.unwrap().memberships, [(acme.organization.id.clone(), Role::Viewer)]);
        members::remove(&new.services, &acme.access, &ada.id).await.unwrap();
        assert_eq!(new.whose(&token).await.unwrap().memberships, []);
        assert_eq!(refused(members::remove(&new.services, &acme.access, &ada.id).await), not_found());
    }

    async fn the_last_administrator_stays(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let admin = &acme.admin.id;
        let last = (409, "last_admin".to_owned());
        assert_eq!(refused(members::change(&new.services, &acme.access, admin, to(Role::Viewer)).await), last);
        assert_eq!(refused(members::remove(&new.services, &acme.access, admin).await), last);
        // One who cannot sign in does not count.
        new.user("off@example.com", Some("acme"), Role::Admin).await;
        gateway::accounts::users::set_active(&new.services, "off@example.com", false).await.unwrap();
        assert_eq!(refused(members::remove(&new.services, &acme.access, admin).await), last);
        new.user("second@example.com", Some("acme"), Role::Admin).await;
        members::change(&new.services, &acme.access, admin, to(Role::Viewer)).await.unwrap();
    }

    async fn two_administrators_who_demote_each_other_leave_one(db: TestStore) {
        let new = Installation::new(db).await;
        let acme = new.organization("acme").await;
        let second = new.user("second@example.com", Some("acme"), Role::Admin).await;
        let demote = |id: UserId| {
            let (services, access) = (new.services.clone(), acme.access.clone());
            tokio::spawn(async move { members::change(&services, &access, &id, to(Role::Viewer)).await.is_ok() })
        };
        for _ in 0..8 {
            let (one, two) = (demote(acme.admin.id.clone()), demote(second.id.clone()));
            assert_eq!(u8::from(one.await.unwrap()) + u8::from(two.await.unwrap()), 1);
            for id in [&acme.admin.id, &second.id] {
                members::change(&new.services, &acme.access, id, to(Role::Admin)).await.unwrap();
            }
        }
    }

    async fn people_of_other_organizations_are_not_there(db: TestStore) {
        let new = Installation::new(db).await;
        let (acme, globex) = (new.organization("acme").await, new.organization("globex").await);
        for id in [globex.admin.id.clone(), UserId::new(new.clock.now())] {
            let changed = members::change(&new.services, &acme.access, &id, to(Role::Viewer)).await;
            assert_eq!(refused(changed), not_found());
            assert_eq!(refused(members::remove(&new.services, &acme.access, &id).await), not_found());
        }
    }

    async fn global_administrators_make_organizations_and_administrate_them(db: TestStore) {
        let (new, info, token) = Installation::set_up(db).await;
        let root = new.whose(&token).await.unwrap();
        let wish = |slug: &str| NewOrganization { name: " Globex ".into(), slug: slug.into() };
        new.clock.advance(SECOND);
        let made = organizations::create(&new.services, &root, wish("globex")).await.unwrap();
        assert_eq!(made.name, "Globex");
        let root = new.whose(&token).await.unwrap();
        assert!(root.memberships.contains(&(made.id.clone(), Role::Admin)));
        let found = organizations::by_slug(&new.services, "globex").await.unwrap();
        assert_eq!(found, made);
        assert_eq!(refused(organizations::by_slug(&new.services, "nope").await), not_found());

        let taken = organizations::create(&new.services, &root, wish("globex")).await;
        assert_eq!(refused(taken), (409, "slug_taken".to_owned()));
        let bad = NewOrganization { name: String::new(), slug: "No".into() };
        assert_eq!(fields(organizations::create(&new.services, &root, bad).await), ["/name", "/slug"]);

        new.user("ada@example.com", Some("harbourline"), Role::Admin).await;
        let (_, token) = new.login("ada@example.com", PASSWORD).await.unwrap();
        let ada = new.whose(&token).await.unwrap();
        assert_eq!(refused(organizations::create(&new.services, &ada, wish("other")).await).0, 403);
        assert_eq!(info.organizations.len(), 2, "before that there were two");
    }
}
