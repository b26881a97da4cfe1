//! What a database needs beside its statements: SQLite's log is moved into the file, PostgreSQL counts young tables.

use std::sync::atomic::Ordering;
use std::time::Duration;

use sqlx::{AssertSqlSafe, PgPool};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::{Db, DbResult};

/// How often it is looked whether there is enough to move on, and after how many transactions there is.
const MOVE: (Duration, u64) = (Duration::from_millis(200), 50);
/// How often it is looked whether a table is worth counting.
const COUNT: (Duration, u64) = (Duration::from_millis(250), 1);
/// Tables that are young, and twice as large as when they were counted. PostgreSQL itself looks once a minute.
const YOUNG: &str =
    "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                     WHERE n.nspname = current_schema() AND c.relkind = 'r' AND pg_has_role(c.relowner, 'USAGE') AND c.reltuples < 50000
                       AND pg_relation_size(c.oid) / current_setting('block_size')::bigint > 3 + 2 * c.relpages";
/// One node at a time.
const ALONE: &str = "SELECT pg_try_advisory_xact_lock(hashtextextended('stalk count ' || current_schema()::text, 0))";

impl Db {
    /// Until `stop`: moves what was written from SQLite's log into its file, beside the writer and without holding it up; has PostgreSQL count tables
    /// that grow from nothing, because it makes plans for the few rows that it knows of and keeps them while there are ten thousand.
    pub async fn keep_up(self, stop: CancellationToken) {
        let (every, enough) = if matches!(self, Self::Sqlite { .. }) { MOVE } else { COUNT };
        let (mut looks, mut done) = (tokio::time::interval(every), 0);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(looks.tick()).await.is_some() {
            let until = self.begun().load(Ordering::Relaxed);
            if until - done < enough {
                continue;
            }
            done = until;
            let kept = match &self {
                // What fails is done by the writer when its log is long.
                Self::Sqlite { move_on, .. } => {
                    sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(move_on).await.map(drop).map_err(Into::into)
                }
                Self::Postgres { pool, .. } => count_young(pool).await,
            };
            if let Err(error) = kept {
                tracing::debug!(error = %error, "the database was not kept up");
            }
        }
    }
}

async fn count_young(pool: &PgPool) -> DbResult<()> {
    let young: Vec<String> = sqlx::query_scalar(YOUNG).fetch_all(pool).await?;
    if young.is_empty() {
        return Ok(());
    }
    let mut tx = pool.begin().await?;
    if sqlx::query_scalar(ALONE).fetch_one(&mut *tx).await? {
        // Names that the database has quoted.
        sqlx::query(AssertSqlSafe(format!("ANALYZE {}", young.join(", ")))).execute(&mut *tx).await?;
    }
    Ok(tx.commit().await?)
}
