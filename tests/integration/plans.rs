//! How SQLite reads what it is given keys of: key by key, through an index. Without statistics it may choose to read all rows of a tenant and to
//! look through the keys for each of them, which nobody notices while there are few. And that PostgreSQL, which keeps a plan that it made for an empty
//! table, is made to count the table when it grows.

use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{AssertSqlSafe, Row as _};

use crate::app::Shop;
use crate::cluster::until;
use crate::database::is_postgres;
use crate::tree;

/// A statement of the sources that is given keys, or a visitor and whoever became part of them, with the place where it stands.
fn statements() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (path, source) in tree::rust_files("backend/src").into_iter().filter(|(path, _)| path.contains("store")) {
        for text in tree::quoted(&source) {
            let joins = text.contains("FROM jsonb_each($") && text.contains(" JOIN ") && !text.contains("UNION ALL");
            let of_visitor = text.contains("visitor_id IN (SELECT") && !text.contains("::");
            if text.starts_with("SELECT") && (joins || of_visitor) {
                found.push((path.clone(), text));
            }
        }
    }
    found
}

#[tokio::test]
async fn what_is_given_keys_reads_key_by_key() {
    // One connection each: every further one would have a memory of its own.
    let memory = || SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:");
    let (main, events) = (memory().await.unwrap(), memory().await.unwrap());
    sqlx::migrate!("migrations/sqlite").run(&main).await.unwrap();
    sqlx::migrate!("migrations/events/sqlite").run(&events).await.unwrap();
    let (mut seen, mut wrong) = (0, Vec::new());
    for (path, statement) in statements() {
        // Statistics read the events through the same kind of pool.
        let database = if path.contains("visitor_events/") || path.contains("statistics/counted") { &events } else { &main };
        let plan = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"))).fetch_all(database).await;
        let plan = plan.unwrap_or_else(|error| panic!("{path}: {error}\n{statement}"));
        let steps: Vec<String> = plan.iter().map(|step| step.get::<String, _>("detail")).collect();
        let first = steps.iter().find(|step| step.starts_with("SCAN") || step.starts_with("SEARCH"));
        let by_keys = !statement.contains("jsonb_each($") || first.is_some_and(|step| step.contains("VIRTUAL TABLE"));
        if !by_keys || steps.iter().any(|step| is_whole(step)) {
            wrong.push(format!("{path}: {statement}\n  {}", steps.join("\n  ")));
        }
        seen += 1;
    }
    assert!(seen > 20, "{seen} statements were found; they are written otherwise by now, and this test looks at nothing");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Reads all rows of a table, or all of a tenant.
fn is_whole(step: &str) -> bool {
    (step.starts_with("SCAN") && !step.contains("VIRTUAL TABLE") && !step.contains("(subquery") && step != "SCAN CONSTANT ROW")
        || step.ends_with("(tenant_id=?)")
        || step.ends_with("(tenant_id=? AND site_id=?)")
}

#[tokio::test]
async fn a_table_that_grows_from_nothing_is_counted_within_seconds() {
    if !is_postgres() {
        return;
    }
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let counted = async || shop.database.number("SELECT reltuples::bigint FROM pg_class WHERE oid = 'messages'::regclass").await;
    assert!(counted().await <= 0, "an empty table was counted before anybody wrote");
    for number in 0..200 {
        visitor.post(None, &format!("{number}: {}", "a text of some length ".repeat(20))).await;
    }
    // The server itself would look after a minute. What came since the last doubling is not counted yet.
    until("the messages are counted", async || (counted().await >= 40).then_some(())).await;
}
