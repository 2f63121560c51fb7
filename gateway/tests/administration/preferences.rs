//! Preferences: everybody has their own, and a change keeps what it does not name.

use domain::id::UserId;
use domain::preferences::{GridColumn, GridColumns, Preferences, PreferencesPatch, Theme, Times};
use gateway::access::{Actor, Principal};
use gateway::accounts::{preferences, session_info};
use gateway::on_both_databases;
use gateway::store;
use serde_json::json;

use crate::installation::{Installation, PASSWORD, fields, refused};

fn theme(theme: Theme) -> PreferencesPatch {
    PreferencesPatch { theme: Some(theme), ..PreferencesPatch::default() }
}

fn columns(keys: &[&str]) -> PreferencesPatch {
    let columns = keys.iter().map(|key| GridColumn { key: (*key).into(), width: Some(100) }).collect();
    let grids = [("deliveries".to_owned(), Some(GridColumns { columns }))].into();
    PreferencesPatch { grids, ..PreferencesPatch::default() }
}

async fn signed_in(new: &Installation, email: &str) -> Principal {
    let (_, token) = new.login(email, PASSWORD).await.unwrap();
    new.whose(&token).await.unwrap()
}

on_both_databases! {
    async fn the_store_keeps_one_object_for_each_person(db: TestStore) {
        let new = Installation::new(db).await;
        let (ada, bob) = (new.organization("acme").await.admin.id, new.organization("other").await.admin.id);
        let mut tx = new.services.store.write().await.unwrap();
        assert_eq!(store::preferences::find(&mut tx, &ada).await.unwrap(), None);
        let now = new.services.clock.now();
        assert_eq!(store::preferences::lock(&mut tx, &ada, now).await.unwrap(), json!({}));
        let value = json!({ "theme": "dark", "later": { "n": 9007199254740993_i64 } });
        store::preferences::replace(&mut tx, &ada, &value).await.unwrap();
        assert_eq!(store::preferences::find(&mut tx, &ada).await.unwrap(), Some(value.clone()));
        assert_eq!(store::preferences::lock(&mut tx, &ada, now).await.unwrap(), value);
        assert_eq!(store::preferences::find(&mut tx, &bob).await.unwrap(), None, "another person's");
        let nobody = UserId::new(now);
        store::preferences::replace(&mut tx, &nobody, &value).await.unwrap();
        assert_eq!(store::preferences::find(&mut tx, &nobody).await.unwrap(), None);
    }

    async fn they_come_with_the_session_and_are_nobody_elses(db: TestStore) {
        let new = Installation::new(db).await;
        new.organization("acme").await;
        new.organization("other").await;
        let ada = signed_in(&new, "admin@acme.example").await;
        let bob = signed_in(&new, "admin@other.example").await;
        preferences::save(&new.services, &ada, &theme(Theme::Dark)).await.unwrap();
        let saved = preferences::save(&new.services, &ada, &columns(&["time", "status"])).await.unwrap();
        assert_eq!((saved.theme, saved.times), (Theme::Dark, Times::Local));
        assert_eq!(saved.grids["deliveries"].columns.len(), 2);
        assert_eq!(session_info(&new.services, &ada).await.unwrap().preferences, saved);
        assert_eq!(session_info(&new.services, &bob).await.unwrap().preferences, Preferences::default());
        let (again, _) = new.login("admin@acme.example", PASSWORD).await.unwrap();
        assert_eq!(again.preferences, saved, "in another browser");
    }

    async fn what_a_newer_console_keeps_survives_an_older_one(db: TestStore) {
        let new = Installation::new(db).await;
        let admin = new.organization("acme").await.admin.id;
        let ada = signed_in(&new, "admin@acme.example").await;
        let newer = json!({ "theme": "sepia", "density": "touch", "grids": { "health": { "columns": [], "sort": "time" } } });
        let mut tx = new.services.store.write().await.unwrap();
        store::preferences::lock(&mut tx, &admin, new.services.clock.now()).await.unwrap();
        store::preferences::replace(&mut tx, &admin, &newer).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(session_info(&new.services, &ada).await.unwrap().preferences.theme, Theme::System);
        preferences::save(&new.services, &ada, &columns(&["time"])).await.unwrap();
        let mut tx = new.services.store.read().await.unwrap();
        let kept = store::preferences::find(&mut tx, &admin).await.unwrap().unwrap();
        assert_eq!((&kept["theme"], &kept["density"]), (&json!("sepia"), &json!("touch")));
        assert_eq!(kept["grids"]["health"]["sort"], "time");
        assert_eq!(kept["grids"]["deliveries"]["columns"], json!([{ "key": "time", "width": 100 }]));
    }

    async fn of_two_changes_at_once_neither_is_lost(db: TestStore) {
        let new = Installation::new(db).await;
        new.organization("acme").await;
        let ada = signed_in(&new, "admin@acme.example").await;
        let times = PreferencesPatch { times: Some(Times::Utc), ..PreferencesPatch::default() };
        let (dark, grid) = (theme(Theme::Dark), columns(&["time"]));
        let (one, two, three) = tokio::join!(
            preferences::save(&new.services, &ada, &dark),
            preferences::save(&new.services, &ada, &times),
            preferences::save(&new.services, &ada, &grid),
        );
        for saved in [one, two, three] {
            saved.unwrap();
        }
        let all = session_info(&new.services, &ada).await.unwrap().preferences;
        assert_eq!((all.theme, all.times, all.grids.len()), (Theme::Dark, Times::Utc, 1));
    }

    async fn they_are_bounded_and_for_people(db: TestStore) {
        let new = Installation::new(db).await;
        new.organization("acme").await;
        let ada = signed_in(&new, "admin@acme.example").await;
        assert_eq!(fields(preferences::save(&new.services, &ada, &columns(&["No such"])).await), ["/grids/deliveries/columns/0/key"]);
        let wide: Vec<String> = (0..64).map(|n| format!("{n:064}")).collect();
        let wide: Vec<&str> = wide.iter().map(String::as_str).collect();
        let patch = columns(&wide).grids.remove("deliveries").unwrap();
        let grids = (0..16).map(|n| (format!("grid_{n}"), patch.clone())).collect();
        let much = PreferencesPatch { grids, ..PreferencesPatch::default() };
        assert_eq!(refused(preferences::save(&new.services, &ada, &much).await), (422, "invalid_input".into()));
        assert_eq!(session_info(&new.services, &ada).await.unwrap().preferences, Preferences::default());
        let program = Principal { actor: Actor::CommandLine, global_admin: true, memberships: Vec::new() };
        let refusal = preferences::save(&new.services, &program, &theme(Theme::Dark)).await;
        assert_eq!(refused(refusal), (403, "not_a_person".into()));
    }
}
