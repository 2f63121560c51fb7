//! Deliveries as a file for spreadsheets.

use std::collections::BTreeSet;

use domain::user::Role;
use gateway::on_both_databases;
use reqwest::Method;
use serde_json::json;

use crate::app::TestApp;

const API: &str = "/api/v1/integration";
/// More than a page of the store.
const MANY: usize = 620;

on_both_databases! {
    async fn it_has_every_row_of_the_list_and_no_formula(db: TestStore) {
        let app = TestApp::start(db).await;
        let acme = app.organization("acme").await;
        let admin = app.key(&acme, Role::Admin).await;
        let connector = json!({ "code": "door", "name": "Door", "environment": "sandbox" });
        let connector = app.post(&admin, &format!("{API}/connectors"), connector).await.json();
        let receiver = json!({
            "connector_id": connector["id"], "name": "Door", "event_type": "a.b", "scheme": { "type": "none" },
            "sources": { "source_record_id": { "type": "pointer", "pointer": "/id" } },
            "limits": { "requests_per_minute": 10_000 },
        });
        let answer = app.post(&admin, &format!("{API}/receivers"), receiver).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        for number in 0..MANY {
            let id = if number == 7 { "=1+1,\"x\"".to_owned() } else { format!("order-{number}") };
            let answer = app.post(&admin, &format!("{API}/webhooks/door/receive"), json!({ "id": id })).await;
            assert_eq!(answer.status, 202, "{}", answer.text);
        }

        let export = format!("{API}/deliveries/export");
        let answer = app.get(&admin, &export).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.header("content-disposition"), "attachment; filename=\"deliveries.csv\"");
        assert!(answer.header("content-type").starts_with("text/csv"));
        let lines: Vec<_> = answer.text.split_terminator("\r\n").collect();
        assert!(lines[0].starts_with("id,created_at,"));
        assert_eq!(lines.len(), MANY + 1);
        assert!(answer.text.contains(",\"'=1+1,\"\"x\"\"\","));
        let ids = |lines: &[&str]| lines.iter().map(|line| line.split(',').next().unwrap().to_owned()).collect::<Vec<_>>();
        let newest_first = ids(&lines[1..]);
        assert_eq!(newest_first.iter().collect::<BTreeSet<_>>().len(), MANY);

        // As the list is narrowed and ordered.
        let answer = app.get(&admin, &format!("{export}?sort=oldest")).await;
        let lines: Vec<_> = answer.text.split_terminator("\r\n").collect();
        let oldest_first = ids(&lines[1..]);
        assert!(oldest_first.iter().eq(newest_first.iter().rev()));
        let answer = app.get(&admin, &format!("{export}?source_record_id=order-9")).await;
        assert_eq!(answer.text.lines().count(), 2);
        let answer = app.ask(&admin, Method::GET, &format!("{export}?state=failed"), None).await;
        answer.expect_problem(400, "invalid_query");
        app.stop().await;
    }
}
