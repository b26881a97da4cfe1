//! The database of one test, seen past the product: what is really stored, and rows that no API makes yet.

use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use uuid::Uuid;

/// One installation's database, empty at first.
#[derive(Clone, Debug)]
pub(crate) enum Database {
    /// A file in the data folder.
    Sqlite(PathBuf),
    /// A database of its own on the server of `STALK_TEST_POSTGRES`.
    Postgres { server: String, name: String },
}

#[expect(clippy::disallowed_methods, reason = "tests are steered by the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The server that PostgreSQL tests use, where there is one.
pub(crate) fn postgres_server() -> Option<String> {
    variable("STALK_TEST_POSTGRES")
}

/// True when this run is about PostgreSQL.
pub(crate) fn is_postgres() -> bool {
    match variable("STALK_TEST_DATABASE").as_deref() {
        None | Some("sqlite") => false,
        Some("postgres") => true,
        Some(other) => panic!("STALK_TEST_DATABASE is {other:?}; sqlite and postgres are known"),
    }
}

impl Database {
    /// A new one of the engine under test.
    pub(crate) async fn create(folder: &Path) -> Self {
        if is_postgres() { Self::create_postgres().await } else { Self::sqlite(folder) }
    }

    /// The file that the product makes in this folder.
    pub(crate) fn sqlite(folder: &Path) -> Self {
        Self::Sqlite(folder.join("stalk.db"))
    }

    /// A new database on the server.
    pub(crate) async fn create_postgres() -> Self {
        let server = postgres_server().expect("STALK_TEST_POSTGRES names a server; scripts/with-postgres.sh starts one");
        let name = format!("stalk_test_{}", Uuid::new_v4().simple());
        let mut connection = PgConnection::connect(&server).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await.unwrap();
        connection.close().await.ok();
        Self::Postgres { server, name }
    }

    /// Where the same installation keeps events: another file, or the same database of the server.
    pub(crate) fn events(&self) -> Self {
        match self {
            Self::Sqlite(file) => Self::Sqlite(file.with_file_name("events.db")),
            Self::Postgres { .. } => self.clone(),
        }
    }

    /// What goes into DATABASE_URL.
    pub(crate) fn url(&self) -> Option<String> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres { server, name } => server.rsplit_once('/').map(|(before, _)| format!("{before}/{name}")),
        }
    }

    /// Runs statements.
    pub(crate) async fn run(&self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(file) => sqlx::raw_sql(sql).execute(&mut sqlite(file).await).await.map(drop).unwrap(),
            Self::Postgres { .. } => sqlx::raw_sql(sql).execute(&mut self.postgres().await).await.map(drop).unwrap(),
        }
    }

    /// The one number that a query answers.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let query = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()));
        match self {
            Self::Sqlite(file) => query.fetch_one(&mut sqlite(file).await).await.unwrap(),
            Self::Postgres { .. } => sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut self.postgres().await).await.unwrap(),
        }
    }

    /// The first column of all rows, as text.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        match self {
            Self::Sqlite(file) => sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(&mut sqlite(file).await).await.unwrap(),
            Self::Postgres { .. } => sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(&mut self.postgres().await).await.unwrap(),
        }
    }

    /// Why this engine does not understand a statement, if it does not.
    pub(crate) async fn misunderstands(&self, statements: &[String]) -> Vec<String> {
        use sqlx::{Executor as _, SqlSafeStr as _};
        let mut wrong = Vec::new();
        match self {
            Self::Sqlite(file) => {
                let mut connection = sqlite(file).await;
                for sql in statements {
                    let prepared = (&mut connection).prepare(AssertSqlSafe(sql.clone()).into_sql_str()).await;
                    wrong.extend(prepared.err().map(|error| format!("{error}: {sql}")));
                }
            }
            Self::Postgres { .. } => {
                let mut connection = self.postgres().await;
                // Where only the value tells the type of a placeholder, it is a number.
                let numbers = vec![sqlx::postgres::PgTypeInfo::with_name("INT8"); 12];
                for sql in statements {
                    // Without a value, the type of a placeholder is told by its other use.
                    let untyped = (1..=9).fold(sql.clone(), |sql, number| sql.replace(&format!("${number} IS NULL OR"), "FALSE OR"));
                    let mut prepared = (&mut connection).prepare(AssertSqlSafe(untyped).into_sql_str()).await.map(drop);
                    if prepared.as_ref().is_err_and(|error| error.to_string().contains("is not unique: unknown")) {
                        let count = (1..=12).rev().find(|number| sql.contains(&format!("${number}"))).unwrap_or(0);
                        prepared =
                            (&mut connection).prepare_with(AssertSqlSafe(sql.clone()).into_sql_str(), &numbers[..count]).await.map(drop);
                    }
                    wrong.extend(prepared.err().map(|error| format!("{error}: {sql}")));
                }
            }
        }
        wrong
    }

    /// An id as a literal of this engine.
    pub(crate) fn id(&self, id: Uuid) -> String {
        match self {
            Self::Sqlite(_) => format!("X'{}'", id.simple()),
            Self::Postgres { .. } => format!("'{id}'"),
        }
    }

    /// Bytes as a literal of this engine.
    pub(crate) fn bytes(&self, hex: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("X'{hex}'"),
            Self::Postgres { .. } => format!("'\\x{hex}'"),
        }
    }

    async fn postgres(&self) -> PgConnection {
        PgConnection::connect(&self.url().unwrap()).await.unwrap()
    }

    /// Drops a database of the server, as far as it can; a folder goes by itself.
    pub(crate) fn forget(&self) {
        let Self::Postgres { server, name } = self.clone() else { return };
        // A thread of its own: this runs in destructors, where nothing can be awaited.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(async {
                let mut connection = PgConnection::connect(&server).await.ok()?;
                let sql = AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
                sqlx::raw_sql(sql).execute(&mut connection).await.ok()
            })
        });
        dropping.join().ok();
    }
}

async fn sqlite(file: &Path) -> SqliteConnection {
    use sqlx::ConnectOptions as _;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).busy_timeout(std::time::Duration::from_secs(10));
    options.connect().await.unwrap()
}
