//! Sessions: how long they last, and what ends them.

use domain::time::{DAY, HOUR, MINUTE, SECOND};
use domain::user::Role;
use gateway::access::{Actor, Principal};
use gateway::accounts::{self, SessionToken, users};
use gateway::clock::Clock;
use gateway::on_both_databases;
use gateway::store;

use crate::installation::{Installation, PASSWORD, refused};

async fn last_seen(new: &Installation, token: &SessionToken) -> i64 {
    use sha2::Digest;
    let hash = hex::encode(sha2::Sha256::digest(token.expose()));
    let mut tx = new.services.store.read().await.unwrap();
    let session = store::sessions::find_live(&mut tx, &hash, new.clock.now()).await.unwrap().unwrap();
    new.clock.now().since(session.last_seen_at)
}

on_both_databases! {
    async fn unused_for_twelve_hours_it_ends(db: TestStore) {
        let new = Installation::new(db).await;
        new.organization("acme").await;
        let (_, token) = new.login("admin@acme.example", PASSWORD).await.unwrap();
        new.clock.advance(12 * HOUR - 1);
        assert!(new.whose(&token).await.is_some());
        new.clock.advance(12 * HOUR - 1);
        assert!(new.whose(&token).await.is_some(), "use keeps it alive");
        new.clock.advance(12 * HOUR);
        assert_eq!(new.whose(&token).await, None);
    }

    async fn after_seven_days_it_ends_however_much_it_is_used(db: TestStore) {
        let new = Installation::new(db).await;
        new.organization("acme").await;
        let (_, token) = new.login("admin@acme.example", PASSWORD).await.unwrap();
        for _ in 0..27 {
            new.clock.advance(6 * HOUR);
            assert!(new.whose(&token).await.is_some());
        }
        new.clock.advance(6 * HOUR);
        assert_eq!(new.whose(&token).await, None);
        assert_eq!(accounts::sessions::LONGEST, 7 * DAY);
    }

    async fn its_use_is_noted_once_a_minute(db: TestStore) {
        let new = Installation::new(db).await;
        new.organization("acme").await;
        let (_, token) = new.login("admin@acme.example", PASSWORD).await.unwrap();
        new.clock.advance(59 * SECOND);
        new.whose(&token).await.unwrap();
        assert_eq!(last_seen(&new, &token).await, 59 * SECOND);
        new.clock.advance(SECOND);
        new.whose(&token).await.unwrap();
        assert_eq!(last_seen(&new, &token).await, 0);
        new.clock.advance(MINUTE - 1);
        new.whose(&token).await.unwrap();
        assert_eq!(last_seen(&new, &token).await, MINUTE - 1);
    }

    async fn signing_out_ends_this_session_and_no_other(db: TestStore) {
        let new = Installation::new(db).await;
        new.organization("acme").await;
        let (_, one) = new.login("admin@acme.example", PASSWORD).await.unwrap();
        let (_, two) = new.login("admin@acme.example", PASSWORD).await.unwrap();
        let principal = new.whose(&one).await.unwrap();
        accounts::logout(&new.services, &principal).await.unwrap();
        accounts::logout(&new.services, &principal).await.unwrap();
        assert_eq!(new.whose(&one).await, None);
        assert!(new.whose(&two).await.is_some());
        for garbage in ["", "x", &"A".repeat(43), &"A".repeat(10_000)] {
            assert_eq!(accounts::resolve_session(&new.services, garbage).await.unwrap(), None);
        }
    }

    async fn switching_an_account_off_ends_its_sessions_for_good(db: TestStore) {
        let new = Installation::new(db).await;
        new.organization("acme").await;
        let (_, token) = new.login("admin@acme.example", PASSWORD).await.unwrap();
        let off = users::set_active(&new.services, "admin@acme.example", false).await.unwrap();
        assert!(!off.active);
        assert_eq!(new.whose(&token).await, None);
        assert!(users::set_active(&new.services, "admin@acme.example", true).await.unwrap().active);
        assert_eq!(new.whose(&token).await, None, "it does not come back to life");
        new.login("admin@acme.example", PASSWORD).await.unwrap();
        assert_eq!(refused(users::set_active(&new.services, "no@acme.example", true).await).0, 404);
    }

    async fn the_last_account_that_administrates_everything_stays(db: TestStore) {
        let (new, info, token) = Installation::set_up(db).await;
        let last = (409, "last_admin".to_owned());
        assert_eq!(refused(users::set_active(&new.services, &info.user.email, false).await), last);
        assert!(new.whose(&token).await.is_some());
        let second = users::NewUser {
            email: "second@example.com".into(),
            name: "Second".into(),
            password: PASSWORD.into(),
            organization: None,
            role: Role::Viewer,
            global_admin: true,
        };
        assert!(!format!("{second:?}").contains(PASSWORD));
        users::create(&new.services, second.clone()).await.unwrap();
        assert_eq!(refused(users::create(&new.services, second).await), (409, "email_taken".to_owned()));
        // Both at once would leave nobody.
        let off = |email: &'static str| {
            let services = new.services.clone();
            tokio::spawn(async move { users::set_active(&services, email, false).await.is_ok() })
        };
        for _ in 0..8 {
            let (one, two) = (off("second@example.com"), off("priya@harbourline.example"));
            assert_eq!(u8::from(one.await.unwrap()) + u8::from(two.await.unwrap()), 1);
            for email in ["second@example.com", "priya@harbourline.example"] {
                users::set_active(&new.services, email, true).await.unwrap();
            }
        }
    }

    async fn expired_sessions_go_when_somebody_signs_in(db: TestStore) {
        let new = Installation::new(db).await;
        new.organization("acme").await;
        new.login("admin@acme.example", PASSWORD).await.unwrap();
        new.clock.advance(13 * HOUR);
        new.login("admin@acme.example", PASSWORD).await.unwrap();
        let mut tx = new.services.store.write().await.unwrap();
        assert_eq!(store::sessions::delete_expired(&mut tx, new.clock.now()).await.unwrap(), 0);
        assert_eq!(store::sessions::delete_expired(&mut tx, new.clock.now().plus(DAY)).await.unwrap(), 1);
    }

    async fn the_console_is_for_people(db: TestStore) {
        let (new, info, token) = Installation::set_up(db).await;
        new.clock.advance(SECOND);
        let other = new.organization("acme").await;
        let principal = new.whose(&token).await.unwrap();
        let again = accounts::session_info(&new.services, &principal).await.unwrap();
        assert_eq!(again.user.id, info.user.id);
        let slugs: Vec<_> = again.organizations.iter().map(|at| at.organization.slug.as_str()).collect();
        assert_eq!(slugs, ["acme", "first", "harbourline"], "a global administrator sees all");
        let program = Principal { actor: Actor::CommandLine, global_admin: false, memberships: vec![] };
        assert_eq!(refused(accounts::session_info(&new.services, &program).await), (403, "not_a_person".to_owned()));
        let (own, _) = new.login(&other.admin.email, PASSWORD).await.unwrap();
        assert_eq!(own.organizations.len(), 1, "others see their own");
    }
}
