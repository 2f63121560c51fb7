//! What a database looks like, read from its catalogue: for the test that compares the two kinds.

use super::{Result, Tx};

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Column {
    /// The table.
    pub table: String,
    /// The column.
    pub name: String,
    /// Its type, as the database calls it.
    pub kind: String,
    /// Whether it may be null.
    pub nullable: bool,
}

/// All columns of our tables.
pub async fn columns(tx: &mut Tx) -> Result<Vec<Column>> {
    Ok(match tx {
        Tx::Sqlite(conn) => {
            sqlx::query_as(
                "SELECT t.name AS \"table\", c.name AS name, c.type AS kind, c.\"notnull\" = 0 AS nullable
                   FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
                  WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '_sqlx_%'
                  ORDER BY t.name, c.name",
            )
            .fetch_all(&mut **conn)
            .await?
        }
        Tx::Postgres(conn) => {
            sqlx::query_as(
                "SELECT CAST(table_name AS TEXT) AS \"table\", CAST(column_name AS TEXT) AS name,
                        CAST(data_type AS TEXT) AS kind, is_nullable = 'YES' AS nullable
                   FROM information_schema.columns
                  WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_sqlx%'
                  ORDER BY table_name, column_name",
            )
            .fetch_all(&mut **conn)
            .await?
        }
    })
}

/// The names of the indexes that the migrations name.
pub async fn index_names(tx: &mut Tx) -> Result<Vec<String>> {
    Ok(match tx {
        Tx::Sqlite(conn) => {
            sqlx::query_scalar(
                "SELECT name FROM sqlite_schema WHERE type = 'index' AND name NOT LIKE 'sqlite_%'",
            )
            .fetch_all(&mut **conn)
            .await?
        }
        Tx::Postgres(conn) => {
            sqlx::query_scalar(
                "SELECT CAST(indexname AS TEXT)
                   FROM pg_indexes
                  WHERE schemaname = current_schema()
                    AND indexname NOT LIKE '%\\_pkey' AND indexname NOT LIKE '%\\_key'",
            )
            .fetch_all(&mut **conn)
            .await?
        }
    })
}

/// Notes a migration that this version does not have, as a newer one would.
pub async fn pretend_newer(tx: &mut Tx, version: i64) -> Result<()> {
    Ok(on!(tx, |conn| sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
              SELECT $1, description, installed_on, success, checksum, execution_time
                FROM _sqlx_migrations
               LIMIT 1"
    )
    .bind(version)
    .execute(conn)
    .await
    .map(|_| ()))?)
}

/// Makes the database refuse a second delivery with the same record id at the destination: an outcome that nobody
/// foresaw to be impossible.
pub async fn refuse_equal_record_ids(tx: &mut Tx) -> Result<()> {
    Ok(on!(tx, |conn| sqlx::query("CREATE UNIQUE INDEX one_of_each ON deliveries (destination_record_id)")
        .execute(conn)
        .await
        .map(|_| ()))?)
}
