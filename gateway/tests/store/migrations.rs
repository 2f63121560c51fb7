//! The two databases have the same tables, columns, keys and indexes, and a newer database is refused.

use std::collections::BTreeMap;

use gateway::store::{Store, StoreError};
use gateway::testing::TestStore;

/// Types that mean the same on both sides.
fn common_type(declared: &str) -> String {
    match declared.to_ascii_lowercase().as_str() {
        "blob" | "bytea" => "bytes".into(),
        // JSON is TEXT on SQLite, which has no type for it.
        "jsonb" | "text" => "text".into(),
        other => other.to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_databases_have_the_same_tables_columns_and_indexes() {
    let (sqlite, postgres) = (TestStore::sqlite().await, TestStore::postgres().await);
    let (left, right) = (shape(&sqlite.store).await, shape(&postgres.store).await);
    assert!(left.len() > 15, "the comparison sees tables: {left:?}");
    let tables = |shape: &BTreeMap<String, Vec<String>>| shape.keys().cloned().collect::<Vec<_>>();
    assert_eq!(tables(&left), tables(&right));
    for (table, columns) in &left {
        assert_eq!(columns, &right[table], "{table}");
    }
    assert_eq!(indexes(&sqlite.store).await, indexes(&postgres.store).await);
}

/// Columns by table: name, type, whether it may be null.
async fn shape(store: &Store) -> BTreeMap<String, Vec<String>> {
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut tx = store.read().await.unwrap();
    for column in gateway::store::schema::columns(&mut tx).await.unwrap() {
        let null = if column.nullable { "" } else { " NOT NULL" };
        let text = format!("{} {}{null}", column.name, common_type(&column.kind));
        tables.entry(column.table).or_default().push(text);
    }
    for columns in tables.values_mut() {
        columns.sort();
    }
    tables
}

async fn indexes(store: &Store) -> Vec<String> {
    let mut tx = store.read().await.unwrap();
    let mut names = gateway::store::schema::index_names(&mut tx).await.unwrap();
    names.sort();
    assert!(names.len() > 15, "the comparison sees indexes: {names:?}");
    names
}

gateway::on_both_databases! {
    async fn a_database_of_a_newer_version_is_refused(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        gateway::store::schema::pretend_newer(&mut tx, 9_999).await.unwrap();
        tx.commit().await.unwrap();
        let refused = db.store.migrate().await.unwrap_err();
        assert!(matches!(refused, StoreError::NewerDatabase { version: 9_999 }), "{refused}");
        assert!(refused.to_string().contains("newer version"));
    }
}
