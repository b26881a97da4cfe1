//! SQL of backups: made from the list of tables, the same rows in and out of either engine.

use futures_util::StreamExt as _;
use serde_json::Value;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Row as _};

use super::tables::{EVENT_TABLES, Kind, TABLES, Table};
use crate::app::StartError;
use crate::db::{DbError, DbResult, Tx, execute, fetch_one};
use crate::scope::SystemScope;

/// Gives every row of a table, as JSON text, to `write`.
pub(super) async fn read(
    tx: &mut Tx,
    _: SystemScope,
    table: &Table,
    write: &mut impl FnMut(String) -> Result<(), StartError>,
) -> Result<(), StartError> {
    let failed = |error: sqlx::Error| StartError(format!("{}: {}", table.name, DbError::from(error)));
    // Made from names in our own source, never from input.
    match tx {
        Tx::Sqlite(tx) => {
            let mut rows = sqlx::query(AssertSqlSafe(select_sqlite(table))).fetch(&mut **tx);
            while let Some(row) = rows.next().await {
                write(row.and_then(|row| row.try_get(0)).map_err(failed)?)?;
            }
        }
        Tx::Postgres(tx) => {
            let mut rows = sqlx::query(AssertSqlSafe(select_postgres(table))).fetch(&mut **tx);
            while let Some(row) = rows.next().await {
                write(row.and_then(|row| row.try_get(0)).map_err(failed)?)?;
            }
        }
    }
    Ok(())
}

fn joined(table: &Table, column: impl Fn(&str, Kind) -> String) -> String {
    of_columns(table.columns, column)
}

fn of_columns(columns: &[(&str, Kind)], column: impl Fn(&str, Kind) -> String) -> String {
    columns.iter().map(|(name, kind)| column(name, *kind)).collect::<Vec<_>>().join(", ")
}

fn select_sqlite(table: &Table) -> String {
    let pairs = joined(table, |name, kind| match kind {
        Kind::Id | Kind::Bytes => format!("'{name}', CASE WHEN {name} IS NULL THEN NULL ELSE lower(hex({name})) END"),
        Kind::Json => format!("'{name}', json({name})"),
        Kind::Int | Kind::Text => format!("'{name}', {name}"),
    });
    format!("SELECT json_object({pairs}) FROM {}", table.name)
}

fn select_postgres(table: &Table) -> String {
    let pairs = joined(table, |name, kind| match kind {
        Kind::Id => format!("'{name}', replace({name}::text, '-', '')"),
        Kind::Bytes => format!("'{name}', encode({name}, 'hex')"),
        Kind::Json | Kind::Int | Kind::Text => format!("'{name}', {name}"),
    });
    format!("SELECT jsonb_build_object({pairs})::text FROM {}", table.name)
}

fn insert_sqlite(table: &Table, columns: &[(&str, Kind)]) -> String {
    let values = of_columns(columns, |name, kind| match kind {
        Kind::Id | Kind::Bytes => format!("unhex(r.value ->> '{name}')"),
        // A column without a document is NULL, not the document `null`.
        Kind::Json => format!("CASE WHEN r.value ->> '{name}' IS NULL THEN NULL ELSE r.value -> '{name}' END"),
        Kind::Int | Kind::Text => format!("r.value ->> '{name}'"),
    });
    format!("INSERT INTO {} ({}) SELECT {values} FROM jsonb_each($1) r", table.name, of_columns(columns, |name, _| name.to_owned()))
}

fn insert_postgres(table: &Table, columns: &[(&str, Kind)]) -> String {
    let values = of_columns(columns, |name, kind| match kind {
        Kind::Id => format!("(r ->> '{name}')::uuid"),
        Kind::Bytes => format!("decode(r ->> '{name}', 'hex')"),
        Kind::Json => format!("NULLIF(r -> '{name}', 'null'::jsonb)"),
        Kind::Int => format!("(r ->> '{name}')::bigint"),
        Kind::Text => format!("r ->> '{name}'"),
    });
    format!(
        "INSERT INTO {} ({}) SELECT {values} FROM jsonb_array_elements($1) r",
        table.name,
        of_columns(columns, |name, _| name.to_owned())
    )
}

/// Inserts rows that [`read`] gave, of either engine.
pub(super) async fn insert(tx: &mut Tx, _: SystemScope, name: &str, rows: Vec<Value>) -> Result<(), StartError> {
    let table = TABLES
        .iter()
        .chain(EVENT_TABLES)
        .find(|table| table.name == name)
        .ok_or_else(|| StartError(format!("the backup has a table {name:?} that is not ours")))?;
    let failed = |error: sqlx::Error| StartError(format!("{name}: {}", DbError::from(error)));
    // A backup of an older version lacks newer columns: those have their defaults.
    let known = |(column, _): &&(&str, Kind)| rows.first().is_none_or(|row| row.get(column).is_some());
    let columns: Vec<(&str, Kind)> = table.columns.iter().filter(known).copied().collect();
    match tx {
        Tx::Sqlite(tx) => {
            sqlx::query(AssertSqlSafe(insert_sqlite(table, &columns))).bind(Json(rows)).execute(&mut **tx).await.map_err(failed)?;
        }
        Tx::Postgres(tx) => {
            sqlx::query(AssertSqlSafe(insert_postgres(table, &columns))).bind(Json(rows)).execute(&mut **tx).await.map_err(failed)?;
        }
    }
    Ok(())
}

pub(super) async fn count_tenants(tx: &mut Tx, _: SystemScope) -> DbResult<i64> {
    let (count,): (i64,) = fetch_one!(tx: tx, (i64,), "SELECT COUNT(*) FROM tenants")?;
    Ok(count)
}

pub(super) async fn clear_keys(tx: &mut Tx, _: SystemScope) -> DbResult<()> {
    execute!(tx, "DELETE FROM signing_keys").map(drop)
}

/// Empties the database of events: what is there without a tenant counts nothing.
pub(super) async fn clear_events(tx: &mut Tx, _: SystemScope) -> Result<(), StartError> {
    for table in EVENT_TABLES {
        let failed = |error: sqlx::Error| StartError(format!("{}: {}", table.name, DbError::from(error)));
        let sql = AssertSqlSafe(format!("DELETE FROM {}", table.name));
        match tx {
            Tx::Sqlite(tx) => sqlx::query(sql).execute(&mut **tx).await.map(|_| ()),
            Tx::Postgres(tx) => sqlx::query(sql).execute(&mut **tx).await.map(|_| ()),
        }
        .map_err(failed)?;
    }
    Ok(())
}

/// What a migration would have filled in, for the rows of a backup that is older than it.
pub(super) async fn complete(tx: &mut Tx, _: SystemScope) -> DbResult<()> {
    execute!(
        tx,
        "UPDATE conversations SET queued_since = COALESCE(waiting_since, updated_at)
         WHERE status = 'open' AND assignee_id IS NULL AND queued_since IS NULL"
    )?;
    execute!(tx, "UPDATE conversations SET assigned_at = updated_at WHERE assignee_id IS NOT NULL AND assigned_at IS NULL")?;
    execute!(
        tx,
        "INSERT INTO promotion_revenue (tenant_id, promotion_id, held_out, currency, orders, value_milli)
         SELECT o.tenant_id, o.promotion_id, a.held_out, o.currency, COUNT(*), CAST(SUM(o.amount) AS BIGINT) FROM promotion_orders o
         JOIN promotion_assignments a ON a.tenant_id = o.tenant_id AND a.promotion_id = o.promotion_id AND a.visitor_id = o.visitor_id
         GROUP BY o.tenant_id, o.promotion_id, a.held_out, o.currency
         ON CONFLICT (tenant_id, promotion_id, held_out, currency) DO NOTHING"
    )
    .map(drop)
}
