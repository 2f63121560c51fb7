//! Signing in with a password: what it tells, and what it does not.

use domain::time::{MINUTE, SECOND};
use domain::user::Role;
use gateway::accounts::{Peer, users};
use gateway::clock::Clock;
use gateway::on_both_databases;

use crate::installation::{Installation, PASSWORD, refused};

fn wrong() -> (u16, String) {
    (401, "wrong_credentials".into())
}

on_both_databases! {
    async fn the_right_password_opens_a_session(db: TestStore) {
        let new = Installation::new(db).await;
        let tenant = new.organization("acme").await;
        new.clock.advance(SECOND);
        let (info, token) = new.login(" Admin@Acme.Example ", PASSWORD).await.unwrap();
        assert_eq!(info.user.email, "admin@acme.example");
        assert_eq!(info.user.last_login_at, Some(new.clock.now()));
        assert_eq!(info.organizations.len(), 1);
        assert!(!format!("{token:?}").contains(token.expose()), "the token does not print");
        let principal = new.whose(&token).await.unwrap();
        assert!(!principal.global_admin);
        assert_eq!(principal.memberships, [(tenant.organization.id.clone(), Role::Admin)]);
        assert!(principal.access(&tenant.organization.id, Role::Admin).is_ok());
    }

    async fn wrong_unknown_and_switched_off_sound_the_same(db: TestStore) {
        let new = Installation::new(db).await;
        new.organization("acme").await;
        new.user("off@acme.example", Some("acme"), Role::Viewer).await;
        users::set_active(&new.services, "off@acme.example", false).await.unwrap();
        let answers = [
            new.login("admin@acme.example", "wrong password").await.unwrap_err(),
            new.login("nobody@acme.example", PASSWORD).await.unwrap_err(),
            new.login("off@acme.example", PASSWORD).await.unwrap_err(),
        ];
        assert_eq!((answers[0].status, answers[0].code.as_str()), (401, "wrong_credentials"));
        assert_eq!(answers[0].detail, "Email and password do not match.");
        assert!(answers.iter().all(|answer| *answer == answers[0]));
        assert_eq!(refused(new.login("not an address", PASSWORD).await), wrong());
        assert_eq!(refused(new.login("", "").await), wrong());
    }

    async fn guessing_brings_a_pause_that_says_how_long(db: TestStore) {
        let new = Installation::new(db).await;
        new.organization("acme").await;
        let mut details = Vec::new();
        for _ in 0..5 {
            details.push(new.login("admin@acme.example", "guess guess guess").await.unwrap_err().detail);
        }
        assert_eq!(details[1], "Email and password do not match. 3 tries left, then a pause of 15 min.");
        assert_eq!(details[3], "Email and password do not match. 1 try left, then a pause of 15 min.");
        let pause = new.login("admin@acme.example", PASSWORD).await.unwrap_err();
        assert_eq!((pause.status, pause.code.as_str()), (429, "too_many_attempts"));
        assert!(pause.detail.contains("900 seconds"), "{}", pause.detail);
        // Somebody else, from somewhere else, is not kept out.
        let elsewhere = Peer { address: Some("198.51.100.4".parse().unwrap()), user_agent: None };
        let request =
            domain::user::LoginRequest { email: "admin@acme.example".into(), password: PASSWORD.into() };
        gateway::accounts::login(&new.services, request, &elsewhere).await.unwrap();
        new.clock.advance(15 * MINUTE);
        new.login("admin@acme.example", PASSWORD).await.unwrap();
    }

    async fn signing_in_forgives_earlier_failures(db: TestStore) {
        let new = Installation::new(db).await;
        new.organization("acme").await;
        for _ in 0..3 {
            for _ in 0..4 {
                assert_eq!(refused(new.login("admin@acme.example", "guess guess guess").await), wrong());
            }
            new.login("admin@acme.example", PASSWORD).await.unwrap();
        }
    }

    async fn a_hundred_guesses_at_once_are_not_a_hundred_tries(db: TestStore) {
        let new = std::sync::Arc::new(Installation::new(db).await);
        new.organization("acme").await;
        let guesses: Vec<_> = (0..100)
            .map(|n| {
                let new = new.clone();
                tokio::spawn(async move { refused(new.login("admin@acme.example", &format!("guess {n}")).await) })
            })
            .collect();
        let mut heard = 0;
        for guess in guesses {
            heard += usize::from(guess.await.unwrap() == wrong());
        }
        assert_eq!(heard, 5, "only so many passwords were looked at");
    }

    async fn a_replaced_password_is_the_only_one(db: TestStore) {
        let new = Installation::new(db).await;
        new.organization("acme").await;
        let (_, token) = new.login("admin@acme.example", PASSWORD).await.unwrap();
        users::set_password(&new.services, "admin@acme.example", "another long password".into()).await.unwrap();
        assert_eq!(new.whose(&token).await, None, "sessions of the old password end");
        assert_eq!(refused(new.login("admin@acme.example", PASSWORD).await), wrong());
        new.login("admin@acme.example", "another long password").await.unwrap();
        assert_eq!(refused(users::set_password(&new.services, "admin@acme.example", "short".into()).await).0, 422);
        assert_eq!(refused(users::set_password(&new.services, "no@acme.example", PASSWORD.into()).await).0, 404);
    }
}
