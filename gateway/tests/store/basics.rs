//! The store itself: both databases open, migrate, agree on their tables, and refuse what a newer version wrote.

use domain::time::Timestamp;
use gateway::on_both_databases;
use gateway::store::settings;

on_both_databases! {
    async fn settings_keep_the_first_value(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        assert_eq!(settings::find(&mut tx, "a").await.unwrap(), None);
        assert_eq!(settings::find_or_insert(&mut tx, "a", b"1", Timestamp(1)).await.unwrap(), b"1");
        assert_eq!(settings::find_or_insert(&mut tx, "a", b"2", Timestamp(2)).await.unwrap(), b"1");
        tx.commit().await.unwrap();
    }

    async fn a_dropped_transaction_leaves_nothing(db: TestStore) {
        let mut tx = db.store.write().await.unwrap();
        settings::find_or_insert(&mut tx, "a", b"1", Timestamp(1)).await.unwrap();
        drop(tx);
        let mut tx = db.store.read().await.unwrap();
        assert_eq!(settings::find(&mut tx, "a").await.unwrap(), None);
    }

    async fn migrating_twice_changes_nothing(db: TestStore) {
        db.store.migrate().await.unwrap();
    }
}
