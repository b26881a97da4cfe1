//! The database: the only file that knows that there are two engines.
//!
//! [`Db`] is SQLite (the embedded default) or PostgreSQL; [`Tx`] is a transaction on either. The macros [`fetch_all!`], [`fetch_optional!`],
//! [`fetch_one!`] and [`execute!`] run one statement with `$1` placeholders on whichever it is; where an engine deserves a text of its own,
//! `sqlite: "…", postgres: "…"` stand side by side. Used by the features' `store.rs` files only; next: any of those.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};
use tokio::time::timeout;

mod upkeep;

/// Which schema a database has. That of events may share a PostgreSQL database with the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// Everything but events.
    Main,
    /// Visitor events and what is counted of them.
    Events,
}

impl Schema {
    fn sqlite(self) -> Migrator {
        match self {
            Self::Main => sqlx::migrate!("migrations/sqlite"),
            Self::Events => sqlx::migrate!("migrations/events/sqlite"),
        }
    }

    fn postgres(self) -> Migrator {
        match self {
            Self::Main => sqlx::migrate!("migrations/postgres"),
            Self::Events => {
                let mut migrator = sqlx::migrate!("migrations/events/postgres");
                migrator.dangerous_set_table_name("_sqlx_events_migrations");
                migrator
            }
        }
    }

    /// Connections to PostgreSQL: what counts may wait, what chats may not.
    fn connections(self) -> u32 {
        match self {
            Self::Main => 16,
            Self::Events => 6,
        }
    }
}

/// How long a statement waits for a connection before it is refused as unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(8);
/// The same of PostgreSQL, which may be away: sooner than the 4 s after which clients take a connection without an answer for dead. So they keep
/// theirs, and go on within a second of its return.
const POSTGRES_ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// So often it is tried at the start, when PostgreSQL may be starting too.
const FIRST_TRIES: usize = 3;

/// Pages of SQLite's log at which the writer itself moves them on: 32 MB.
const WAL_PAGES: &str = "8000";
/// Memory for pages of the writing connection, in KiB below zero, as SQLite wants it: a batch of hundreds touches more than the usual 2 MB.
const WRITE_CACHE: &str = "-16384";

/// Transactions of the log that a PostgreSQL database works on at a time: while one is prepared another is committed and told. The last is that of crowds.
const LOG_LANES: u32 = 3;
/// So many rows SQLite's thread reads before it waits for whoever takes them: a batch's, so that the two do not wake one another in between.
const ROWS_AHEAD: usize = 1_000;

/// A connection to PostgreSQL that was used so lately is taken for alive: to ask costs as much as a statement.
const TRUSTED: Duration = Duration::from_secs(1);
/// So long a connection of the log may take to answer when it is given back: the host of one may have vanished without a word, and its place is wanted.
const GIVEN_BACK: Duration = Duration::from_secs(3);

/// A database, shared by everything that stores.
#[derive(Clone, Debug)]
pub enum Db {
    /// The embedded default: one writer, many readers.
    Sqlite {
        /// Exactly one connection: whoever holds it is the writer.
        write: SqlitePool,
        /// Read-only connections.
        read: SqlitePool,
        /// One that moves what was written from the log of SQLite into the file.
        move_on: SqlitePool,
        /// Transactions begun.
        begun: Arc<AtomicU64>,
    },
    /// A server, for several nodes.
    Postgres {
        /// For everything but the log.
        pool: PgPool,
        /// For the log's writer, which never waits for others and finds its statements prepared.
        log: PgPool,
        /// Transactions begun.
        begun: Arc<AtomicU64>,
    },
}

/// A write transaction; dropped without [`Tx::commit`] it rolls back.
#[derive(Debug)]
pub enum Tx {
    /// On the single SQLite writer.
    Sqlite(Transaction<'static, Sqlite>),
    /// On a PostgreSQL connection.
    Postgres(Transaction<'static, Postgres>),
}

/// Why a statement failed, in the words a caller branches on.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A unique key says no.
    #[error("already exists")]
    Duplicate,
    /// No room to write: refused, nothing lost, goes on when there is space again.
    #[error("the disk is full")]
    DiskFull,
    /// The server or file cannot be reached now.
    #[error("the database is not reachable: {0}")]
    Unreachable(String),
    /// Anything else: a defect of ours.
    #[error("database: {0}")]
    Other(sqlx::Error),
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(inner) if inner.is_unique_violation() => Self::Duplicate,
            sqlx::Error::Database(inner) => match inner.code().as_deref() {
                // SQLITE_FULL, and SQLITE_IOERR_WRITE / _FSYNC / _SHMSIZE, which a full disk under a WAL also answers; disk_full of PostgreSQL.
                Some("13" | "778" | "1034" | "4874" | "53100") => Self::DiskFull,
                // SQLITE_BUSY, SQLITE_CANTOPEN; connection and shutdown classes of PostgreSQL, and a standby that has not taken over yet.
                Some("5" | "14" | "57P01" | "57P02" | "57P03" | "53300" | "08001" | "08003" | "08004" | "08006" | "25006") => {
                    Self::Unreachable(inner.message().to_owned())
                }
                _ => Self::Other(error),
            },
            // The last is what a balancer answers whose server has just gone: no PostgreSQL, or the middle of a word of it.
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
                Self::Unreachable(error.to_string())
            }
            _ => Self::Other(error),
        }
    }
}

impl DbError {
    /// True where the same asked again may find what was in its way: a row that another writer made meanwhile, or the lock of one.
    pub fn worth_another_try(&self) -> bool {
        match self {
            Self::Duplicate => true,
            // deadlock_detected. Neither comes of a COMMIT: no key is deferred, and no transaction is serializable.
            Self::Other(sqlx::Error::Database(inner)) => inner.code().as_deref() == Some("40P01"),
            _ => false,
        }
    }
}

/// What every store function answers.
pub type DbResult<T> = Result<T, DbError>;

impl Db {
    /// Opens (and creates) the SQLite file and brings its schema up to date.
    pub async fn open_sqlite(file: &Path, schema: Schema) -> DbResult<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .foreign_keys(true)
            .statement_cache_capacity(200)
            .row_buffer_size(ROWS_AHEAD);
        // The writer's own checkpoint is for when [`Self::keep_up`] does not keep up: whoever commits then waits for it.
        let writes = options.clone().pragma("wal_autocheckpoint", WAL_PAGES).pragma("cache_size", WRITE_CACHE);
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false)
            .before_acquire(|connection, _| Box::pin(is_fit(connection)))
            .connect_with(writes)
            .await?;
        schema.sqlite().run(&write).await.map_err(sqlx::Error::from)?;
        // A file does not hang up: to ask whether it is there before each statement would cost as much as the statement.
        let lazy =
            |connections| SqlitePoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT).test_before_acquire(false);
        let move_on = lazy(1).connect_lazy_with(options.clone().create_if_missing(false));
        let read = lazy(4).connect_lazy_with(options.read_only(true).create_if_missing(false));
        Ok(Self::Sqlite { write, read, move_on, begun: Arc::default() })
    }

    /// Connects to PostgreSQL and brings its schema up to date.
    pub async fn open_postgres(url: &str, schema: Schema) -> DbResult<Self> {
        let options = PgConnectOptions::from_str(url)?.application_name("stalk").statement_cache_capacity(200);
        let pool_of = |connections| {
            PgPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(POSTGRES_ACQUIRE_TIMEOUT)
                .test_before_acquire(false)
                .before_acquire(|connection, about| Box::pin(is_there(connection, about.idle_for)))
        };
        let pool = pool_of(schema.connections()).connect_lazy_with(options.clone());
        // As many again as there are lanes: some may be on their way back.
        let log = pool_of(2 * LOG_LANES).after_release(|connection, _| Box::pin(still_there(connection))).connect_lazy_with(options);
        let mut tries = 1;
        while let Err(error) = pool.acquire().await {
            if tries == FIRST_TRIES || !matches!(error, sqlx::Error::PoolTimedOut) {
                return Err(error.into());
            }
            tries += 1;
        }
        schema.postgres().run(&pool).await.map_err(sqlx::Error::from)?;
        Ok(Self::Postgres { pool, log, begun: Arc::default() })
    }

    /// Begins a write transaction. On SQLite it takes the write lock at once, so that it cannot fail later for having read first.
    pub async fn begin(&self) -> DbResult<Tx> {
        self.begun().fetch_add(1, Ordering::Relaxed);
        Ok(match self {
            Self::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres { pool, .. } => Tx::Postgres(pool.begin().await?),
        })
    }

    /// The same for the writer of the log, of which [`Self::log_lanes`] may be begun at a time.
    pub async fn begin_log(&self) -> DbResult<Tx> {
        let Self::Postgres { log, begun, .. } = self else { return self.begin().await };
        begun.fetch_add(1, Ordering::Relaxed);
        Ok(Tx::Postgres(log.begin().await?))
    }

    fn begun(&self) -> &AtomicU64 {
        match self {
            Self::Sqlite { begun, .. } | Self::Postgres { begun, .. } => begun,
        }
    }

    /// How many transactions of the log are worked on at a time: SQLite has one writer.
    pub fn log_lanes(&self) -> usize {
        match self {
            Self::Sqlite { .. } => 1,
            Self::Postgres { .. } => LOG_LANES as usize,
        }
    }

    /// Begins a read transaction that sees one moment of the database, for backups.
    pub async fn begin_snapshot(&self) -> DbResult<Tx> {
        Ok(match self {
            Self::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            Self::Postgres { pool, .. } => Tx::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?),
        })
    }

    /// Ok when the database answers.
    pub async fn ping(&self) -> DbResult<()> {
        match self {
            Self::Sqlite { read, .. } => sqlx::query("SELECT 1").execute(read).await.map(drop)?,
            Self::Postgres { pool, .. } => sqlx::query("SELECT 1").execute(pool).await.map(drop)?,
        }
        Ok(())
    }

    /// Closes every connection; a SQLite file is left without a write-ahead log.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { write, read, move_on, .. } => {
                move_on.close().await;
                read.close().await;
                write.close().await;
            }
            Self::Postgres { pool, log, .. } => {
                log.close().await;
                pool.close().await;
            }
        }
    }

    /// `sqlite` or `postgres`, for logs.
    pub fn engine(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "sqlite",
            Self::Postgres { .. } => "postgres",
        }
    }
}

/// SQLite itself rolls back a commit that found the disk full, and the driver still counts a transaction: such a connection is replaced.
async fn is_fit(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    // The ping comes after a roll-back that is still on its way.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}

/// A connection is asked whether its server is still there when it has been idle for a while; one that was used a moment ago is not.
async fn is_there(connection: &mut PgConnection, idle: Duration) -> sqlx::Result<bool> {
    if idle >= TRUSTED {
        connection.ping().await?;
    }
    Ok(true)
}

/// A connection that does not answer in time is not kept.
async fn still_there(connection: &mut PgConnection) -> sqlx::Result<bool> {
    timeout(GIVEN_BACK, connection.ping()).await.map_err(|_| sqlx::Error::PoolTimedOut)??;
    Ok(true)
}

impl Tx {
    /// Durable when this returns: fsynced on both engines.
    pub async fn commit(self) -> DbResult<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Lets go of everything done in this transaction.
    pub async fn rollback(self) -> DbResult<()> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await?,
            Self::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }
}

/// Runs a statement: `run_sql!(method, query, (tx: tx | db), sql, binds…)`. The other macros are this one with names.
macro_rules! run_sql {
    ($query:expr, $method:ident, (tx: $tx:expr), (sqlite: $lite:expr, postgres: $pg:expr) $(, $bind:expr)*) => {
        match &mut *$tx {
            $crate::db::Tx::Sqlite(tx) => $query($lite)$(.bind($bind))*.$method(&mut **tx).await.map_err($crate::db::DbError::from),
            $crate::db::Tx::Postgres(tx) => $query($pg)$(.bind($bind))*.$method(&mut **tx).await.map_err($crate::db::DbError::from),
        }
    };
    ($query:expr, $method:ident, (db: $db:expr), (sqlite: $lite:expr, postgres: $pg:expr) $(, $bind:expr)*) => {
        match $db {
            $crate::db::Db::Sqlite { read, .. } => $query($lite)$(.bind($bind))*.$method(read).await.map_err($crate::db::DbError::from),
            $crate::db::Db::Postgres { pool, .. } => $query($pg)$(.bind($bind))*.$method(pool).await.map_err($crate::db::DbError::from),
        }
    };
}

/// All rows of a SELECT: `fetch_all!(db: &db, Row, "SELECT …", bind…)`, `fetch_all!(tx: tx, Row, …)`.
macro_rules! fetch_all {
    ($on:ident: $target:expr, $row:ty, sqlite: $lite:expr, postgres: $pg:expr $(, $bind:expr)* $(,)?) => {
        $crate::db::run_sql!(sqlx::query_as::<_, $row>, fetch_all, ($on: $target), (sqlite: $lite, postgres: $pg) $(, $bind)*)
    };
    ($on:ident: $target:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::db::run_sql!(sqlx::query_as::<_, $row>, fetch_all, ($on: $target), (sqlite: $sql, postgres: $sql) $(, $bind)*)
    };
}

/// The row of a SELECT that may have none.
macro_rules! fetch_optional {
    ($on:ident: $target:expr, $row:ty, sqlite: $lite:expr, postgres: $pg:expr $(, $bind:expr)* $(,)?) => {
        $crate::db::run_sql!(sqlx::query_as::<_, $row>, fetch_optional, ($on: $target), (sqlite: $lite, postgres: $pg) $(, $bind)*)
    };
    ($on:ident: $target:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::db::run_sql!(sqlx::query_as::<_, $row>, fetch_optional, ($on: $target), (sqlite: $sql, postgres: $sql) $(, $bind)*)
    };
}

/// The row of a SELECT that always has one (an aggregate).
macro_rules! fetch_one {
    ($on:ident: $target:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::db::run_sql!(sqlx::query_as::<_, $row>, fetch_one, ($on: $target), (sqlite: $sql, postgres: $sql) $(, $bind)*)
    };
}

/// Runs a write in a transaction and answers the number of rows: `execute!(tx, "UPDATE …", bind…)`.
macro_rules! execute {
    ($tx:expr, sqlite: $lite:expr, postgres: $pg:expr $(, $bind:expr)* $(,)?) => {
        match &mut *$tx {
            $crate::db::Tx::Sqlite(tx) => {
                sqlx::query($lite)$(.bind($bind))*.execute(&mut **tx).await.map(|done| done.rows_affected()).map_err($crate::db::DbError::from)
            }
            $crate::db::Tx::Postgres(tx) => {
                sqlx::query($pg)$(.bind($bind))*.execute(&mut **tx).await.map(|done| done.rows_affected()).map_err($crate::db::DbError::from)
            }
        }
    };
    ($tx:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        $crate::db::execute!($tx, sqlite: $sql, postgres: $sql $(, $bind)*)
    };
}

pub(crate) use {execute, fetch_all, fetch_one, fetch_optional, run_sql};
