//! What a database looks like, read from its catalogue: for the test that compares the two kinds.

use domain::id::OrganizationId;
use sqlx::AssertSqlSafe;

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

/// How the database would go about a question, line by line. `binds` are its parameters after the organization.
///
/// A test's tables are so small that PostgreSQL would read them whole, so it is told not to when it can.
pub async fn plan(
    tx: &mut Tx,
    question: &str,
    organization: &OrganizationId,
    binds: &[Bind],
) -> Result<Vec<String>> {
    macro_rules! bound {
        ($query:expr) => {
            binds.iter().fold($query.bind(organization), |query, bind| match bind {
                Bind::Text(text) => query.bind(text),
                Bind::Number(number) => query.bind(number),
            })
        };
    }
    Ok(match tx {
        Tx::Sqlite(conn) => {
            let sql = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {question}"));
            let query = sqlx::query_as::<_, (i64, i64, i64, String)>(sql);
            let rows = bound!(query).fetch_all(&mut **conn).await?;
            rows.into_iter().map(|(_, _, _, line)| line).collect()
        }
        Tx::Postgres(conn) => {
            sqlx::query("SET LOCAL enable_seqscan = off").execute(&mut **conn).await?;
            let query = sqlx::query_scalar::<_, String>(AssertSqlSafe(format!("EXPLAIN {question}")));
            bound!(query).fetch_all(&mut **conn).await?
        }
    })
}

/// A parameter of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bind {
    /// Some text.
    Text(String),
    /// A whole number.
    Number(i64),
}
