//! THE table: every route × everybody who may ask. A route that is missing from it fails the test.
//!
//! What is checked for each: nobody without proof, nobody with too small a role, and nobody of another organization
//! gets through; and no secret that was planted anywhere comes back to anybody.

mod table;
mod world;

use std::collections::BTreeSet;

use gateway::on_both_databases;
use reqwest::Method;

use self::table::{Row, Rule, TABLE};
use self::world::{Subjects, World};
use crate::app::{Answer, Caller, TestApp};

/// What must become of a request, as far as authorization goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// It passes; whether it then makes sense is not this test's business.
    Pass,
    /// 401.
    Unauthenticated,
    /// 403.
    Forbidden,
    /// 404, the same as for something that does not exist.
    Hidden,
}

fn expected(rule: Rule, who: &str) -> Expected {
    use Expected::{Forbidden, Hidden, Pass, Unauthenticated};
    match (rule, who) {
        (Rule::Visitor, "key") => Forbidden,
        (Rule::Public | Rule::Visitor, _) => Pass,
        (Rule::Signed, _) => Unauthenticated,
        (_, "anonymous") => Unauthenticated,
        (Rule::Person, "key") => Forbidden,
        (Rule::SignedIn | Rule::Person, _) => Pass,
        (_, "global admin") => Pass,
        (Rule::Global, _) => Forbidden,
        (Rule::Channel, "foreign admin") => Forbidden,
        (_, "foreign admin") => Hidden,
        (Rule::Viewer | Rule::Channel, _) => Pass,
        (Rule::Operator, "operator" | "admin") => Pass,
        (Rule::Admin, "admin") => Pass,
        (Rule::Operator | Rule::Admin, _) => Forbidden,
    }
}

fn became(answer: &Answer) -> Expected {
    match answer.status.as_u16() {
        // The way to sign in says 429 when it was wrong too often.
        401 | 429 => Expected::Unauthenticated,
        403 => Expected::Forbidden,
        404 => Expected::Hidden,
        _ => Expected::Pass,
    }
}

on_both_databases! {
    async fn every_route_lets_through_only_whom_it_may(db: TestStore) {
        let app = TestApp::start(db).await;
        let world = World::build(&app).await;
        let mut wrong = Vec::new();
        for row in TABLE {
            let mut subjects = world.subjects(&app).await;
            for (who, caller) in world.callers() {
                if row.ends_something() {
                    subjects = world.subjects(&app).await;
                }
                let answer = row.ask(&app, &subjects, caller).await;
                world.check_for_secrets(row, who, &answer);
                if became(&answer) != expected(row.rule, who) || answer.status == 500 {
                    wrong.push(format!("{} {} as {who}: {} {}", row.method, row.path, answer.status, answer.text));
                }
            }
        }
        assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
        app.stop().await;
    }

    async fn a_foreign_admin_finds_nothing_from_their_own_organization(db: TestStore) {
        let app = TestApp::start(db).await;
        let world = World::build(&app).await;
        let subjects = world.subjects(&app).await;
        // In their own organization, where they may do everything.
        let foreign = Caller { organization: Some(world.foreign.clone()), ..world.foreign_admin.clone() };
        for row in TABLE.iter().filter(|row| row.path.starts_with("/api/v1/integration/")) {
            let names_a_thing = row.path.contains("{id}");
            if row.rule == Rule::Signed || (row.method != "GET" && !names_a_thing) {
                continue;
            }
            let answer = row.ask_as_is(&app, &subjects, &foreign).await;
            let expected = if names_a_thing { 404 } else { 200 };
            assert_eq!(answer.status.as_u16(), expected, "{} {}: {}", row.method, row.path, answer.text);
            for id in subjects.ids() {
                // The path of the request, and with it the id, is no answer's business either.
                assert!(!answer.text.contains(&id), "{} {} answers with {id}", row.method, row.path);
            }
        }
        app.stop().await;
    }
}

#[tokio::test]
async fn the_table_has_every_route_of_the_server() {
    let (_, document) = server::http::api::router_and_document();
    let mut routes: BTreeSet<(String, String)> = BTreeSet::new();
    let document = serde_json::to_value(&document).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in
            item.as_object().unwrap().keys().filter(|key| !matches!(key.as_str(), "parameters" | "summary"))
        {
            routes.insert((method.to_uppercase(), path.clone()));
        }
    }
    routes.extend(server::http::rpc::paths().into_iter().map(|path| ("POST".to_owned(), path.to_owned())));
    let others = server::http::OTHER_ROUTES.iter();
    routes.extend(others.map(|(method, path)| ((*method).to_owned(), (*path).to_owned())));
    let table: BTreeSet<_> = TABLE.iter().map(|row| (row.method.to_owned(), row.path.to_owned())).collect();
    assert_eq!(table.len(), TABLE.len(), "a route stands twice in the table");
    let missing: Vec<_> = routes.difference(&table).collect();
    let gone: Vec<_> = table.difference(&routes).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "not in the table: {missing:?}\nnot on the server: {gone:?}"
    );
}

impl Row {
    /// Asks about the organization that the subjects belong to.
    async fn ask(&self, app: &TestApp, subjects: &Subjects, caller: &Caller) -> Answer {
        let caller = Caller { organization: Some(subjects.organization.clone()), ..caller.clone() };
        self.ask_as_is(app, subjects, &caller).await
    }

    async fn ask_as_is(&self, app: &TestApp, subjects: &Subjects, caller: &Caller) -> Answer {
        let path = subjects.fill(self.path);
        let method: Method = self.method.parse().unwrap();
        let body = (self.body)(subjects);
        if self.rule == Rule::Channel {
            let form = format!("socket_id=1.1&channel_name=private-org-{}", subjects.organization);
            let request = app.request(caller, method, &path, None);
            let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
            return crate::app::send(request).await;
        }
        // As a browser asks, which for the console's page makes the difference.
        crate::app::send(app.request(caller, method, &path, body.as_ref()).header("accept", "text/html, */*"))
            .await
    }

    /// Whether what was asked about may be gone afterwards.
    fn ends_something(&self) -> bool {
        self.method == "DELETE"
            || ["/rpc/delete_", "/rpc/remove_", "/rpc/revoke_"]
                .iter()
                .any(|start| self.path.starts_with(start))
    }
}
