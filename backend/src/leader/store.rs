//! The sessions behind places, and the advisory locks that they hold. PostgreSQL alone has such things.

use sqlx::{Connection as _, PgConnection};

use crate::db::{Db, DbError, DbResult};

/// The server ends a session that says nothing for 10 s, and finds out in about as long that the other end is gone.
const SETTLE: &str = "SELECT set_config('idle_session_timeout', '10s', false), set_config('tcp_keepalives_idle', '3', false),
     set_config('tcp_keepalives_interval', '2', false), set_config('tcp_keepalives_count', '3', false)";
// Installations may share a database in schemas of their own.
const SERVE: &str = "SELECT pg_try_advisory_lock(hashtextextended('stalk serve ' || current_schema()::text, 0))";
const SERVE_SHARED: &str = "SELECT pg_try_advisory_lock_shared(hashtextextended('stalk serve ' || current_schema()::text, 0))";
const LEAD: &str = "SELECT pg_try_advisory_lock(hashtextextended('stalk lead ' || current_schema()::text, 0))";
const RESIGN: &str = "SELECT pg_advisory_unlock(hashtextextended('stalk lead ' || current_schema()::text, 0))";

/// A connection beside the pool.
pub(super) struct Session(PgConnection);

/// A new session; the embedded database has none.
pub(super) async fn open(db: &Db) -> DbResult<Option<Session>> {
    let Db::Postgres { pool, .. } = db else { return Ok(None) };
    let options = pool.connect_options().as_ref().clone().application_name("stalk place");
    let mut connection = PgConnection::connect_with(&options).await?;
    sqlx::query(SETTLE).execute(&mut connection).await?;
    Ok(Some(Session(connection)))
}

impl Session {
    async fn says(&mut self, statement: &'static str) -> DbResult<bool> {
        sqlx::query_scalar(statement).fetch_one(&mut self.0).await.map_err(DbError::from)
    }

    /// Takes a place, alone or beside others; false where the others do not allow it.
    pub(super) async fn serve(&mut self, alone: bool) -> DbResult<bool> {
        self.says(if alone { SERVE } else { SERVE_SHARED }).await
    }

    /// Takes the lead, unless another has it.
    pub(super) async fn lead(&mut self) -> DbResult<bool> {
        self.says(LEAD).await
    }

    /// Gives the lead back.
    pub(super) async fn resign(&mut self) -> DbResult<bool> {
        self.says(RESIGN).await
    }

    /// Says that this process is still there.
    pub(super) async fn ping(&mut self) -> DbResult<()> {
        Ok(self.0.ping().await?)
    }

    /// Lets go of everything.
    pub(super) async fn close(self) -> DbResult<()> {
        Ok(self.0.close().await?)
    }
}
