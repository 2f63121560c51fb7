//! What tests stand on: real databases of both kinds, each test with one of its own, and a clock that stands still.
//!
//! PostgreSQL is started once per test process from the installed binaries, on a Unix socket in a temporary folder,
//! as a user that is not root. A small shell that waits for the end of its standard input stops it when the test
//! process is gone, however it went.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::time::{SECOND, Timestamp};

use crate::clock::Clock;
use crate::store::Store;

mod gate;
mod postgres;

pub use gate::TestGate;
pub use postgres::{TestPostgres, durable_postgres, test_postgres};

/// A clock that moves only when told to.
#[derive(Debug)]
pub struct MockClock {
    now: AtomicI64,
}

impl Default for MockClock {
    fn default() -> Self {
        Self { now: AtomicI64::new(1_790_000_000 * SECOND) }
    }
}

impl MockClock {
    /// A shared clock at a fixed time in 2026.
    pub fn shared() -> Arc<Self> {
        Arc::default()
    }
    /// Moves on by microseconds.
    pub fn advance(&self, micros: i64) {
        self.now.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for MockClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::SeqCst))
    }
    fn random_unit(&self) -> f64 {
        0.5
    }
}

/// A migrated database of a test's own, gone when dropped.
#[derive(Debug)]
pub struct TestStore {
    /// The store.
    pub store: Store,
    /// Its address, for a second process.
    pub address: String,
    _folder: Option<tempfile::TempDir>,
}

impl TestStore {
    /// A SQLite file in a temporary folder.
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let address = format!("sqlite://{}", folder.path().join("test.db").display());
        Self { _folder: Some(folder), ..Self::at(address).await }
    }

    /// A schema of its own on the test process's PostgreSQL.
    pub async fn postgres() -> Self {
        Self::at(test_postgres().fresh_address().await).await
    }

    /// A schema of its own on a PostgreSQL that loses nothing it acknowledged.
    pub async fn durable_postgres() -> Self {
        Self::at(durable_postgres().fresh_address().await).await
    }

    async fn at(address: String) -> Self {
        let store = Store::open(&address).await.expect("the test database opens");
        store.migrate().await.expect("the migrations apply");
        Self { store, address, _folder: None }
    }
}

/// Writes a test once and runs it on both databases: `name::sqlite` and `name::postgres`.
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: TestStore) $body:block)*) => {$(
        mod $name {
            use super::*;
            $(#[$meta])*
            async fn check($db: $crate::testing::TestStore) $body
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                check($crate::testing::TestStore::sqlite().await).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                check($crate::testing::TestStore::postgres().await).await;
            }
        }
    )*};
}
