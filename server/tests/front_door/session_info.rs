//! What the console learns about the person and the installation when it begins.

use domain::user::Role;
use gateway::on_both_databases;
use gateway::testing::TestStore;
use serde_json::{Value, json};

use crate::app::{Caller, Options, TestApp};

async fn info(app: &TestApp, caller: &Caller) -> Value {
    app.post(caller, "/rpc/session_info", json!({})).await.json()
}

on_both_databases! {
    async fn preferences_come_with_it_and_are_changed_by_their_person_only(db: TestStore) {
        let app = TestApp::start(db).await;
        app.organization("acme").await;
        let ada = app.signed_in("ada", "acme", Role::Viewer).await;
        let bob = app.signed_in("bob", "acme", Role::Admin).await;
        let columns = json!({ "columns": [{ "key": "time", "width": 90 }, { "key": "status" }] });
        let patch = json!({ "theme": "dark", "grids": { "deliveries": columns } });
        let saved = app.post(&ada, "/rpc/save_preferences", json!({ "patch": patch })).await;
        assert_eq!((saved.status.as_u16(), &saved.json()["grids"]["deliveries"]), (200, &columns));
        let expected = json!({ "theme": "dark", "times": "local", "grids": { "deliveries": columns } });
        assert_eq!(info(&app, &ada).await["preferences"], expected);
        assert_eq!(info(&app, &bob).await["preferences"]["theme"], "system");

        let wrong = json!({ "patch": { "grids": { "deliveries": { "columns": [] } } } });
        let problem = app.post(&ada, "/rpc/save_preferences", wrong).await.expect_problem(422, "invalid_input");
        assert_eq!(problem["fields"][0]["pointer"], "/grids/deliveries/columns");
        let unknown = json!({ "patch": { "density": "touch" } });
        app.post(&ada, "/rpc/save_preferences", unknown).await.expect_problem(400, "malformed_request");
        assert_eq!(info(&app, &ada).await["preferences"], expected, "refused as a whole");
        app.stop().await;
    }
}

#[tokio::test]
async fn the_installation_says_what_it_is_for_when_it_was_told() {
    for (told, expected) in [
        (None, Value::Null),
        (Some("sandbox: Staging EU"), json!({ "kind": "sandbox", "label": "Staging EU" })),
        (Some("production"), json!({ "kind": "production", "label": "Production" })),
    ] {
        let environment = told.map(|text| text.parse().unwrap());
        let app =
            TestApp::with(TestStore::sqlite().await, Options { environment, ..Options::default() }).await;
        app.organization("acme").await;
        let ada = app.signed_in("ada", "acme", Role::Viewer).await;
        assert_eq!(info(&app, &ada).await["environment"], expected);
        app.stop().await;
    }
}
