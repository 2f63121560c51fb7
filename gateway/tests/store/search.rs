//! Search: what is found by what, whose it is, and that every question stands on an index.

use domain::delivery::Delivery;
use domain::id::OrganizationId;
use domain::search::{Needle, SearchResults};
use domain::time::{SECOND, Timestamp};
use gateway::on_both_databases;
use gateway::store::connectors::{self, StoredConnector};
use gateway::store::schema::{Bind, plan};
use gateway::store::{Store, Tx, alerts, deliveries, organizations, queue, rejections, search};

use super::fixture::{self, Place};

const NOW: Timestamp = Timestamp(1_790_000_000 * SECOND);

/// An organization with one connector.
pub async fn place_with_connector(tx: &mut Tx, code: &str, name: &str) -> Place {
    let place = Place::new(NOW);
    let organization = domain::user::Organization {
        id: place.organization.clone(),
        name: code.into(),
        slug: code.into(),
        created_at: NOW,
    };
    organizations::insert(tx, &organization).await.unwrap();
    let connector =
        domain::connector::Connector { name: name.into(), ..fixture::connector(&place, code, NOW) };
    connectors::insert(tx, &StoredConnector { connector, sealed_credentials: None }).await.unwrap();
    place
}

/// One delivery a second for each source record.
async fn put(tx: &mut Tx, place: &Place, records: &[&str]) -> Vec<Delivery> {
    let new: Vec<_> = (0_i64..)
        .zip(records)
        .map(|(n, record)| {
            let mut new = place.delivery(&place.event(NOW.plus(n * SECOND), record), "lane");
            new.delivery.source_record_id = Some((*record).to_owned());
            new
        })
        .collect();
    deliveries::insert_many(tx, &new).await.unwrap();
    new.into_iter().map(|new| new.delivery).collect()
}

/// Gives deliveries their records at the destination, as a worker does.
async fn deliver(store: &Store, place: &Place, records: &[&str]) {
    let node = domain::id::NodeId::new(NOW);
    let at = NOW.plus(100 * SECOND);
    let mut tx = store.write().await.unwrap();
    let claims = queue::claim(&mut tx, "lane", 100, &node, at, at.plus(SECOND)).await.unwrap();
    assert_eq!(claims.claimed.len(), records.len());
    let done = |(claimed, record): (&queue::Claimed, &&str)| queue::Finished {
        organization_id: place.organization.clone(),
        id: claimed.delivery.id.clone(),
        attempt: claimed.delivery.attempts,
        status: domain::status::DeliveryStatus::Delivered,
        due_at: None,
        response_code: Some(200),
        duration_us: 1,
        destination_record_id: Some((*record).to_owned()),
        error_class: None,
        error: None,
    };
    let finished: Vec<_> = claims.claimed.iter().zip(records).map(done).collect();
    assert_eq!(queue::finish(&mut tx, &finished, &node, at).await.unwrap().len(), records.len());
    tx.commit().await.unwrap();
}

async fn found(store: &Store, organization: &OrganizationId, text: &str) -> SearchResults {
    let mut tx = store.read().await.unwrap();
    search::find(&mut tx, organization, &Needle::parse(text).unwrap()).await.unwrap()
}

fn sources(found: &[domain::search::FoundDelivery]) -> Vec<&str> {
    found.iter().filter_map(|found| found.source_record_id.as_deref()).collect()
}

on_both_databases! {
    async fn ids_records_and_names_find_what_they_belong_to_and_nothing_foreign(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        let place = place_with_connector(&mut tx, "netsuite", "NetSuite").await;
        let other = place_with_connector(&mut tx, "other", "NetSuite too").await;
        let rows = put(&mut tx, &place, &["INV-1", "INV-10", "inv-1", "INV_1"]).await;
        let rejection = place.rejection(NOW);
        rejections::insert_many(&mut tx, std::slice::from_ref(&rejection)).await.unwrap();
        tx.commit().await.unwrap();

        let id = &rows[1].id;
        for text in [id.as_str(), &id.as_str()[..30], rows[1].event_id.as_str(), &id.as_str().to_uppercase().replace("DLV", "dlv")] {
            let all = found(&db.store, &place.organization, text).await;
            assert!(all.deliveries.iter().any(|found| found.id == *id), "{text}");
            assert!(all.deliveries.iter().all(|found| found.connector_name.as_deref() == Some("NetSuite")));
            assert!(found(&db.store, &other.organization, text).await.is_empty(), "{text}");
        }
        let one = found(&db.store, &place.organization, id.as_str()).await.deliveries;
        assert_eq!((one.len(), &one[0].event_type, one[0].created_at), (1, &rows[1].event_type, rows[1].created_at));
        let refused = found(&db.store, &place.organization, rejection.id.as_str()).await.rejections;
        assert_eq!((refused.len(), &refused[0].id, refused[0].reason), (1, &rejection.id, rejection.reason));

        // Exact first, then longer ones; other letters, also those that a language sorts alike, are other records.
        let records = found(&db.store, &place.organization, "INV-1").await;
        assert_eq!(sources(&records.source_records), ["INV-1", "INV-10"]);
        assert!(records.deliveries.is_empty() && records.rejections.is_empty() && records.connectors.is_empty());
        assert!(found(&db.store, &other.organization, "INV-1").await.is_empty());

        for (text, finds) in [("net", true), ("SUITE", true), ("NetSuite", true), ("n%t", false), ("net_", false)] {
            let connectors = found(&db.store, &place.organization, text).await.connectors;
            assert_eq!(connectors.iter().any(|found| found.id == place.connector), finds, "{text}");
            assert!(connectors.iter().all(|found| found.id != other.connector));
        }
    }

    async fn records_at_the_destination_are_found_and_listed(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        let place = place_with_connector(&mut tx, "netsuite", "NetSuite").await;
        let other = place_with_connector(&mut tx, "other", "Other").await;
        put(&mut tx, &place, &["a", "b", "c"]).await;
        tx.commit().await.unwrap();
        deliver(&db.store, &place, &["900417", "9004", "é-1"]).await;

        let ids = |found: &SearchResults| -> Vec<String> {
            found.destination_records.iter().filter_map(|found| found.destination_record_id.clone()).collect()
        };
        assert_eq!(ids(&found(&db.store, &place.organization, "9004").await), ["9004", "900417"]);
        assert_eq!(ids(&found(&db.store, &place.organization, "é").await), ["é-1"]);
        assert!(found(&db.store, &other.organization, "9004").await.is_empty());

        let mut tx = db.store.read().await.unwrap();
        let filter = domain::filter::DeliveryFilter {
            destination_record_id: Some("900417".into()),
            ..Default::default()
        };
        let listed = deliveries::list(&mut tx, &place.organization, &filter, &Default::default()).await.unwrap();
        assert_eq!(listed.items.len(), 1);
        assert!(filter.admits(&listed.items[0]));
        assert!(deliveries::list(&mut tx, &other.organization, &filter, &Default::default()).await.unwrap().items.is_empty());
    }

    async fn no_more_than_eight_of_a_kind_are_found_newest_first(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        let place = place_with_connector(&mut tx, "netsuite", "NetSuite").await;
        let same = put(&mut tx, &place, &["INV-1"; 12]).await;
        put(&mut tx, &place, &["INV-2"; 12]).await;
        tx.commit().await.unwrap();
        let exact = found(&db.store, &place.organization, "INV-1").await.source_records;
        let newest: Vec<_> = same.iter().rev().take(8).map(|row| &row.id).collect();
        assert_eq!(exact.iter().map(|found| &found.id).collect::<Vec<_>>(), newest);
        assert_eq!(found(&db.store, &place.organization, "INV-").await.source_records.len(), 8);
        assert_eq!(found(&db.store, &place.organization, "dlv_").await.deliveries.len(), 8);
        assert_eq!(found(&db.store, &place.organization, "evt_").await.deliveries.len(), 8);
    }

    async fn every_question_stands_on_its_index(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        let place = place_with_connector(&mut tx, "netsuite", "NetSuite").await;
        let text = |text: &str| Bind::Text(text.into());
        let both = [text("a"), text("b")];
        let counts = [text("minute"), Bind::Number(1), Bind::Number(2)];
        let dead = [Bind::Number(1)];
        let searched = search::QUESTIONS.iter().map(|(question, index, condition)| {
            let parameters = if question.contains("$3") { 2 } else { 1 };
            (question, index, condition, &both[..parameters])
        });
        let [counted, newly_dead] = &alerts::QUESTIONS;
        let others = [(counted, &counts[..]), (newly_dead, &dead[..])];
        let others = others.map(|((question, index, condition), binds)| (question, index, condition, binds));
        for (question, index, condition, binds) in searched.chain(others) {
            let plan = plan(&mut tx, question, &place.organization, binds).await.unwrap().join("\n");
            assert!(stands_on(&tx, &plan, index, condition), "{question}\nneeds {index} for {condition}:\n{plan}");
        }
        // The check can fail: nothing has an index on what went wrong.
        let scan = "SELECT id FROM deliveries WHERE organization_id = $1 AND error = $2";
        let plan = plan(&mut tx, scan, &place.organization, &both[..1]).await.unwrap().join("\n");
        assert!(!stands_on(&tx, &plan, "deliveries", "error=?"), "{plan}");
    }
}

/// Whether a plan looks its rows up in the index (a table's name stands for its primary key) by this condition, as
/// SQLite writes it, and reads nothing whole.
fn stands_on(tx: &Tx, plan: &str, index: &str, condition: &str) -> bool {
    match tx {
        Tx::Sqlite(_) => {
            let key = format!("sqlite_autoindex_{index}_1");
            let by =
                |line: &str| line.contains(&format!(" {index} (")) || line.contains(&format!(" {key} ("));
            let served =
                plan.lines().any(|line| line.contains("SEARCH") && by(line) && line.contains(condition));
            // Reading the ten thousand rows of a subquery that ended there is no scan of a table.
            served && !plan.lines().any(|line| line.contains("SCAN") && !line.contains("newest"))
        }
        Tx::Postgres(_) => {
            let key = format!("{index}_pkey");
            let by = |line: &str| line.contains(&format!(" {index} ")) || line.contains(&format!(" {key} "));
            let columns: Vec<&str> =
                condition.split(" AND ").filter_map(|part| part.split(['<', '>', '=']).next()).collect();
            let condition =
                plan.lines().find(|line| line.contains("Index Cond:") && line.contains("organization_id"));
            let served = condition.is_some_and(|line| columns.iter().all(|column| line.contains(column)));
            served
                && plan.lines().any(|line| line.contains("Index") && by(line))
                && !plan.contains("Seq Scan")
        }
    }
}
