//! The first administrator comes in once, by a link.

use domain::time::{HOUR, SECOND};
use domain::user::{Role, SetupRequest};
use gateway::accounts;
use gateway::on_both_databases;

use crate::installation::{Installation, fields, peer, refused, setup_request};

on_both_databases! {
    async fn a_link_makes_the_first_administrator_and_nothing_after(db: TestStore) {
        let new = Installation::new(db).await;
        let services = &new.services;
        let link = accounts::create_setup_link(services).await.unwrap();
        assert!(!format!("{link:?}").contains(&link.token), "the link does not print");
        accounts::check_setup(services, &link.token).await.unwrap();

        let (info, token) = accounts::setup(services, setup_request(&link.token), &peer()).await.unwrap();
        assert_eq!(info.user.email, "priya@harbourline.example");
        assert!(info.user.global_admin && info.user.active);
        let own = info.organizations.iter().find(|at| at.organization.slug == "harbourline").unwrap();
        assert_eq!(own.role, Role::Admin);
        assert_eq!(info.public_url, services.settings.public_url);
        assert_eq!(info.version, services.settings.version);
        assert_eq!(info.realtime_key, services.realtime_app.key());

        let principal = new.whose(&token).await.unwrap();
        assert!(principal.global_admin);
        assert_eq!(principal.memberships, [(own.organization.id.clone(), Role::Admin)]);

        let done = (409, "already_set_up".to_owned());
        assert_eq!(refused(accounts::check_setup(services, &link.token).await), done);
        assert_eq!(refused(accounts::create_setup_link(services).await), done);
        assert_eq!(refused(accounts::setup(services, setup_request(&link.token), &peer()).await), done);
    }

    async fn a_new_link_ends_the_one_before_and_an_hour_ends_any(db: TestStore) {
        let new = Installation::new(db).await;
        let services = &new.services;
        let first = accounts::create_setup_link(services).await.unwrap();
        new.clock.advance(SECOND);
        let second = accounts::create_setup_link(services).await.unwrap();
        let unknown = (404, "setup_link_unknown".to_owned());
        assert_eq!(refused(accounts::check_setup(services, &first.token).await), unknown);
        for garbage in ["", "x", "ä".repeat(43).as_str()] {
            assert_eq!(refused(accounts::check_setup(services, garbage).await), unknown);
        }
        new.clock.advance(HOUR - 1);
        accounts::check_setup(services, &second.token).await.unwrap();
        new.clock.advance(1);
        assert_eq!(second.expires_at, gateway::clock::Clock::now(&*new.clock));
        let over = (410, "setup_link_expired".to_owned());
        assert_eq!(refused(accounts::check_setup(services, &second.token).await), over);
        assert_eq!(refused(accounts::setup(services, setup_request(&second.token), &peer()).await), over);
    }

    async fn bad_input_names_every_field_and_leaves_the_link_usable(db: TestStore) {
        let new = Installation::new(db).await;
        let services = &new.services;
        let link = accounts::create_setup_link(services).await.unwrap();
        let bad = SetupRequest {
            token: link.token.clone(),
            name: " ".into(),
            email: "priya".into(),
            password: "eleven char".into(),
            organization: String::new(),
            slug: "Harbour Line".into(),
        };
        assert_eq!(
            fields(accounts::setup(services, bad, &peer()).await),
            ["/name", "/email", "/password", "/organization", "/slug"]
        );
        accounts::setup(services, setup_request(&link.token), &peer()).await.unwrap();
    }

    async fn of_several_at_once_exactly_one_wins(db: TestStore) {
        let new = Installation::new(db).await;
        let link = accounts::create_setup_link(&new.services).await.unwrap();
        let attempts: Vec<_> = (0..6)
            .map(|n| {
                let services = new.services.clone();
                let request = SetupRequest {
                    email: format!("admin{n}@example.com"),
                    slug: format!("org-{n}"),
                    ..setup_request(&link.token)
                };
                tokio::spawn(async move { accounts::setup(&services, request, &peer()).await })
            })
            .collect();
        let mut winners = 0;
        for attempt in attempts {
            match attempt.await.unwrap() {
                Ok(_) => winners += 1,
                Err(problem) => assert_eq!(problem.code, "already_set_up"),
            }
        }
        assert_eq!(winners, 1);
        let mut tx = new.services.store.read().await.unwrap();
        let organizations = gateway::store::organizations::list_all(&mut tx).await.unwrap();
        assert_eq!(organizations.len(), 2, "the one that was there and the winner's");
        assert_eq!(gateway::store::users::lock_global_admins(&mut new.services.store.write().await.unwrap()).await.unwrap(), 1);
    }

    async fn making_links_at_once_leaves_one(db: TestStore) {
        let new = Installation::new(db).await;
        let makers: Vec<_> = (0..6)
            .map(|_| {
                let services = new.services.clone();
                tokio::spawn(async move { accounts::create_setup_link(&services).await })
            })
            .collect();
        let mut links = Vec::new();
        for maker in makers {
            links.push(maker.await.unwrap().unwrap());
        }
        let mut usable = 0;
        for link in &links {
            usable += usize::from(accounts::check_setup(&new.services, &link.token).await.is_ok());
        }
        assert_eq!(usable, 1);
    }

    async fn an_account_from_the_command_line_ends_set_up(db: TestStore) {
        let new = Installation::new(db).await;
        let link = accounts::create_setup_link(&new.services).await.unwrap();
        new.user("ada@example.com", None, Role::Viewer).await;
        let done = (409, "already_set_up".to_owned());
        assert_eq!(refused(accounts::setup(&new.services, setup_request(&link.token), &peer()).await), done);
    }
}
