//! The store: SQL lives here and nowhere else, written once for SQLite and PostgreSQL.
//!
//! A [`Store`] hands out transactions, [`Store::read`] or [`Store::write`]; the caller says which out loud and
//! commits. One file per aggregate holds its queries as functions over `&mut Tx`. The portable subset of SQL is
//! described in the design, section 5; only `queue.rs` needs two dialects.
//!
//! Invariants: the organization is a parameter of every function over tenant data; no transaction is held across
//! network I/O; times are bound, never taken from the database.

#[macro_use]
mod tx;

pub mod alerts;
pub mod api_keys;
pub mod audit;
pub mod connectors;
pub mod deliveries;
pub mod events;
pub mod latencies;
pub mod members;
pub mod organizations;
pub mod preferences;
pub mod queue;
pub mod receivers;
pub mod records;
pub mod rejections;
pub mod retry_jobs;
pub mod rollups;
pub mod routes;
#[cfg(feature = "testing")]
pub mod schema;
pub mod search;
pub mod sessions;
pub mod settings;
pub mod setup_links;
pub mod usage;
pub mod users;
mod values;

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use domain::error::Problem;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};

pub use tx::Tx;

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("../migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("../migrations/postgres");

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database said no.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("migration: {0}")]
    Migration(MigrateError),
    /// The database was written by a newer Signalbox.
    #[error(
        "the database has migration {version}, which this signalbox does not know: it was written by a newer version. \
         Start that version, or restore a backup made before the upgrade"
    )]
    NewerDatabase {
        /// The unknown migration.
        version: i64,
    },
    /// Something that others asked for as well could not be read; says why.
    #[error("{0}")]
    Unreadable(String),
    /// The address is not one of a database.
    #[error("database address: {0}")]
    Address(String),
}

/// What store functions return.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Turns a failure of the store into the answer for the outside, and logs what it was.
pub fn problem(error: StoreError) -> Problem {
    match &error {
        StoreError::Database(sqlx::Error::PoolTimedOut) => {
            tracing::warn!(%error, "no database connection was free in time");
            Problem::unavailable("The database is busy. Try again in a moment.")
        }
        _ => {
            tracing::error!(%error, "store failed");
            Problem::internal()
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        problem(error)
    }
}

/// Whether a failure is a value that must be unique and is not.
pub fn is_unique_violation(error: &StoreError) -> bool {
    matches!(error, StoreError::Database(sqlx::Error::Database(inner)) if inner.is_unique_violation())
}

/// Whether a failure may be due to the values that were to be stored: the database answered, and not that it is gone,
/// full or overloaded. Then others of the same group may well succeed.
pub fn may_be_about_values(error: &StoreError) -> bool {
    /// SQLite's primary codes of what has nothing to do with values: busy, locked, no memory, read-only, interrupted,
    /// I/O, corrupt, full, cannot open, protocol, no database.
    const SQLITE: [i32; 11] = [5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26];
    /// PostgreSQL's classes of the same: connection, resources, operators' intervention, the machine.
    const POSTGRES: [&str; 4] = ["08", "53", "57", "58"];
    database_said(error, |code| !SQLITE.contains(&code), |class| !POSTGRES.contains(&class))
}

/// Whether a failure is due to the values that were to be stored: trying again with the same ones cannot help.
pub fn is_about_values(error: &StoreError) -> bool {
    /// SQLite: too big, constraint, mismatch, out of range.
    const SQLITE: [i32; 4] = [18, 19, 20, 25];
    /// PostgreSQL: data exception, integrity constraint, program limit.
    const POSTGRES: [&str; 3] = ["22", "23", "54"];
    database_said(error, |code| SQLITE.contains(&code), |class| POSTGRES.contains(&class))
}

/// Judges a refusal of the database by SQLite's primary code or PostgreSQL's class. What could not even be encoded is
/// about values; what never reached a database is not.
fn database_said(error: &StoreError, sqlite: impl Fn(i32) -> bool, postgres: impl Fn(&str) -> bool) -> bool {
    let inner = match error {
        StoreError::Database(sqlx::Error::Encode(_)) => return true,
        StoreError::Database(sqlx::Error::Database(inner)) => inner,
        _ => return false,
    };
    let code = inner.code().unwrap_or_default();
    match inner.try_downcast_ref::<sqlx::sqlite::SqliteError>() {
        // The extended code has the primary one in its low byte.
        Some(_) => code.parse::<i32>().is_ok_and(|code| sqlite(code & 0xff)),
        None => code.get(..2).is_some_and(postgres),
    }
}

/// A database of either kind.
#[derive(Debug, Clone)]
pub struct Store {
    pools: Pools,
}

#[derive(Debug, Clone)]
enum Pools {
    Sqlite { writer: SqlitePool, reader: SqlitePool },
    Postgres(PgPool),
}

/// The versions that have been applied, by sqlx's own table.
const APPLIED_MIGRATIONS: &str = "SELECT version FROM _sqlx_migrations ORDER BY version";

/// How a database's schema stands to this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MigrationState {
    /// It is what this program needs.
    Current,
    /// Migrations are to be applied.
    Behind {
        /// How many.
        missing: usize,
    },
}

/// Which kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// Embedded.
    Sqlite,
    /// A service.
    Postgres,
}

impl Store {
    /// Opens `address` (`sqlite://path` or `postgres://…`) without touching its schema.
    pub async fn open(address: &str) -> Result<Self> {
        if let Some(path) = address.strip_prefix("sqlite://") {
            Self::open_sqlite(Path::new(path)).await
        } else if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(address)?.application_name("signalbox");
            Self::open_postgres(options, 16).await
        } else {
            Err(StoreError::Address("use sqlite://path/to/file or postgres://user@host/database".into()))
        }
    }

    /// Opens the SQLite file at `path`, creating it when it is not there.
    pub async fn open_sqlite(path: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A 2xx promises that the commit is on disk.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .statement_cache_capacity(512)
            .pragma("cache_size", "-65536")
            .pragma("temp_store", "memory")
            .pragma("journal_size_limit", "67108864");
        // One writer: SQLite has one anyway, and a queue in front of it is fairer than its busy handler.
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(30))
            .connect_with(options.clone())
            .await?;
        let reader = SqlitePoolOptions::new()
            .max_connections(8)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options.read_only(true))
            .await?;
        Ok(Self { pools: Pools::Sqlite { writer, reader } })
    }

    /// Opens a PostgreSQL database with at most `connections` connections.
    pub async fn open_postgres(options: PgConnectOptions, connections: u32) -> Result<Self> {
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(10))
            .connect_with(options)
            .await?;
        Ok(Self { pools: Pools::Postgres(pool) })
    }

    /// Which kind of database this is.
    pub fn backend(&self) -> Backend {
        match self.pools {
            Pools::Sqlite { .. } => Backend::Sqlite,
            Pools::Postgres(_) => Backend::Postgres,
        }
    }

    /// Brings the schema up to date. Refuses a database that a newer version has written.
    pub async fn migrate(&self) -> Result<()> {
        let outcome = match &self.pools {
            Pools::Sqlite { writer, .. } => SQLITE_MIGRATIONS.run(writer).await,
            Pools::Postgres(pool) => POSTGRES_MIGRATIONS.run(pool).await,
        };
        outcome.map_err(|error| match error {
            MigrateError::VersionMissing(version) => StoreError::NewerDatabase { version },
            other => StoreError::Migration(other),
        })
    }

    /// How the schema stands, without touching it. An error when a newer version has written it.
    pub async fn migration_state(&self) -> Result<MigrationState> {
        let migrator = match &self.pools {
            Pools::Sqlite { .. } => &SQLITE_MIGRATIONS,
            Pools::Postgres(_) => &POSTGRES_MIGRATIONS,
        };
        let applied: Vec<i64> = match &self.pools {
            Pools::Sqlite { reader, .. } => {
                let table = "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'";
                let tables: i64 = sqlx::query_scalar(table).fetch_one(reader).await?;
                match tables {
                    0 => Vec::new(),
                    _ => sqlx::query_scalar(APPLIED_MIGRATIONS).fetch_all(reader).await?,
                }
            }
            Pools::Postgres(pool) => {
                let table = "SELECT to_regclass('_sqlx_migrations') IS NOT NULL";
                match sqlx::query_scalar(table).fetch_one(pool).await? {
                    false => Vec::new(),
                    true => sqlx::query_scalar(APPLIED_MIGRATIONS).fetch_all(pool).await?,
                }
            }
        };
        if let Some(&version) = applied.iter().find(|version| !migrator.version_exists(**version)) {
            return Err(StoreError::NewerDatabase { version });
        }
        match migrator.iter().filter(|known| !applied.contains(&known.version)).count() {
            0 => Ok(MigrationState::Current),
            missing => Ok(MigrationState::Behind { missing }),
        }
    }

    /// Begins a transaction that only reads, and sees one moment of the database throughout.
    pub async fn read(&self) -> Result<Tx> {
        Ok(match &self.pools {
            Pools::Sqlite { reader, .. } => Tx::Sqlite(reader.begin().await?),
            Pools::Postgres(pool) => {
                Tx::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        })
    }

    /// Begins a transaction that may write. On SQLite it has the write lock from the start.
    pub async fn write(&self) -> Result<Tx> {
        Ok(match &self.pools {
            Pools::Sqlite { writer, .. } => Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Pools::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Notes a migration that no version of this program has, as a newer one would.
    #[cfg(feature = "testing")]
    pub async fn pretend_newer(&self) -> Result<()> {
        let mut tx = self.write().await?;
        on!(&mut tx, |conn| sqlx::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (99999999999999, 'from the future', TRUE, $1, 0)"
        )
        .bind(vec![0_u8; 4])
        .execute(conn)
        .await
        .map(|_| ()))?;
        tx.commit().await
    }

    /// Makes a schema that is empty, for a test of its own.
    #[cfg(feature = "testing")]
    pub async fn create_schema(&self, name: &str) -> Result<()> {
        if let Pools::Postgres(pool) = &self.pools {
            sqlx::query(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {name}"))).execute(pool).await?;
        }
        Ok(())
    }

    /// Closes all connections; the SQLite log is folded into the file.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { writer, reader } => {
                reader.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}
