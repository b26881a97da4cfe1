//! What is stored: statements that the engine understands, two schemas that are one, and backups that lose nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};
use stalk::clock::Clock;
use stalk::{backup, check};
use tempfile::TempDir;

use crate::app::{Shop, TestApp, serve_args, text};
use crate::database::{Database, is_postgres, postgres_server};
use crate::operator::fresh_id;
use crate::socket::Socket;
use crate::tree;

/// Features whose tables are in the database of events.
fn is_about_events(path: &str) -> bool {
    path.starts_with("backend/src/visitor_events/") || path.starts_with("backend/src/statistics/counted/")
}

/// Statements of the sources for one engine and one of its databases, each with its file.
fn statements(engine: &str, events: bool) -> Vec<String> {
    let mut found = Vec::new();
    for (path, source) in tree::rust_files("backend/src") {
        if path == "backend/src/db.rs" || is_about_events(&path) != events {
            continue;
        }
        let inbox = source.find("macro_rules! inbox_columns").map(|place| tree::quoted(&source[place..]));
        for name in ["fetch_all!(", "fetch_optional!(", "fetch_one!(", "execute!(", "fetch_rows!("] {
            for (place, _) in source.match_indices(name) {
                let call = tree::parenthesised(&source[place + name.len() - 1..]);
                if call.contains("$db") {
                    continue;
                }
                found.push(statement(call, engine, inbox.as_deref()).unwrap_or_else(|| panic!("no statement is seen in {path}: {call}")));
            }
        }
    }
    found
}

fn statement(call: &str, engine: &str, inbox: Option<&[String]>) -> Option<String> {
    if let Some((_, rows)) = call.split_once(&format!("{engine}: inbox_rows!")) {
        return inbox_statement(engine, tree::parenthesised(rows), inbox?);
    }
    // A call of `fetch_rows!`.
    if inbox.is_some() && call.contains("\"ORDER BY") && call.contains("\"LIMIT") {
        return inbox_statement(engine, call, inbox?);
    }
    let own = call.find(&format!("{engine}: \"")).map(|place| &call[place..]);
    tree::quoted(own.unwrap_or(call)).into_iter().next()
}

/// As the macros put it together: `pieces` are the literals of their definitions, in order.
fn inbox_statement(engine: &str, arguments: &str, pieces: &[String]) -> Option<String> {
    let [columns, joined, _, _, of_tenant, _, _, from, looked_up, ..] = pieces else { return None };
    let mut literals = tree::quoted(arguments).into_iter().peekable();
    let (first, mut order) = (literals.next()?, literals.next()?);
    // One order for each engine, SQLite's first.
    let other = literals.next_if(|literal| literal.starts_with("ORDER BY"));
    if engine == "postgres" {
        order = other.unwrap_or(order);
    }
    let limit = literals.next().unwrap_or_default();
    Some(match (engine, arguments.contains("chosen:")) {
        ("sqlite", _) => format!("{columns}{joined}{first} {order} {limit}"),
        (_, true) => format!("{columns}{from}{first}{looked_up}{order}"),
        (_, false) => format!("{columns}{from}{of_tenant}{first} {order} {limit}{looked_up}{order}"),
    })
}

#[tokio::test]
async fn every_statement_of_the_sources_is_understood() {
    let app = TestApp::empty(&[], Clock::system()).await;
    let engine = if is_postgres() { "postgres" } else { "sqlite" };
    let (chat, counting) = (statements(engine, false), statements(engine, true));
    assert!(chat.len() > 40 && counting.len() > 10, "{} and {} statements are seen", chat.len(), counting.len());
    let mut wrong = app.database.misunderstands(&chat).await;
    wrong.extend(app.database.events().misunderstands(&counting).await);
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What is PostgreSQL's alone: an index of ten seconds instead of the last change, and no second look at a message's conversation.
const POSTGRES_ALONE: &str = "0014_rows_in_place.sql";

/// Columns and keys of one engine's migrations, in portable words.
fn schema(engine: &str) -> BTreeMap<String, Vec<String>> {
    let folder = format!("migrations/{engine}");
    let mut files: Vec<_> =
        std::fs::read_dir(tree::root().join(&folder)).unwrap().map(|file| file.unwrap().file_name().display().to_string()).collect();
    files.sort();
    let mut tables = BTreeMap::new();
    for file in files.iter().filter(|file| *file != POSTGRES_ALONE) {
        let source = tree::read(&format!("{folder}/{file}"));
        let source: String = source.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n");
        for create in source.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
            let portable = create.split_whitespace().collect::<Vec<_>>().join(" ").replace(") STRICT", ")").replace(") WITHOUT ROWID", ")");
            if let Some(table) = portable.strip_prefix("CREATE TABLE ") {
                let (name, body) = table.split_once(" (").unwrap();
                let lines = create.lines().skip(1).map(|line| line.trim().trim_end_matches(',').to_owned());
                assert!(!body.is_empty());
                tables.insert(name.to_owned(), lines.filter(|line| !line.starts_with(')')).map(|line| portable_column(&line)).collect());
            } else {
                let words: Vec<&str> = portable.split(' ').map(portable_type).collect();
                tables.insert(words.join(" "), Vec::new());
            }
        }
    }
    tables
}

fn portable_column(line: &str) -> String {
    let mut words: Vec<&str> = line.split_whitespace().collect();
    if let Some(kind) = words.get_mut(1) {
        *kind = portable_type(kind);
    }
    words.join(" ")
}

fn portable_type(word: &str) -> &str {
    match word {
        "UUID" | "BYTEA" => "BLOB",
        "BIGINT" => "INTEGER",
        "JSONB" => "TEXT",
        other => other,
    }
}

#[test]
fn both_engines_have_the_same_tables_columns_keys_and_indexes() {
    assert_eq!(schema("sqlite"), schema("postgres"));
    assert_eq!(schema("events/sqlite"), schema("events/postgres"));
}

/// `table → columns` as the engine under test has them.
async fn migrated(database: &Database) -> BTreeMap<String, BTreeSet<String>> {
    let sql = match database {
        Database::Sqlite(_) => {
            "SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '_sqlx%'"
        }
        Database::Postgres { .. } => {
            "SELECT table_name || '.' || column_name FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%' AND is_generated = 'NEVER'"
        }
    };
    let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in database.texts(sql).await {
        let (table, column) = row.split_once('.').unwrap();
        tables.entry(table.to_owned()).or_default().insert(column.to_owned());
    }
    tables
}

/// Something in every table.
async fn talked_in_a_crowd(shop: &Shop, visitor: &mut Socket) {
    let made = json!({"key": "live", "name": "Live", "slow_mode_s": 5});
    let crowd = shop.owner.post(&format!("/api/v1/sites/{}/crowds", shop.site.id), &made).await.ok()["id"].clone();
    visitor.request("crowd.rename", json!({"crowd": crowd, "name": "Vi"})).await.unwrap();
    visitor.request("crowd.post", json!({"crowd": crowd, "client_message_id": fresh_id(), "text": "hello all"})).await.unwrap();
    let mut operator = shop.socket_of(&shop.owner).await;
    let who = visitor.welcome["visitor"]["id"].clone();
    operator.request("crowd.mute", json!({"crowd": crowd, "visitor": who, "muted": true, "minutes": 5})).await.unwrap();
}

async fn lived_in() -> Shop {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let conversation = text(&visitor.post(None, "\"quotes\", \\ and 한국어 \u{1f9e6}").await["conversation"]["id"]);
    let page = json!({"url": "http://shop.test/", "title": "Shop", "referrer": "http://search.test/?q=socks"});
    let event = json!({"event_id": fresh_id(), "name": "page.enter", "at": 0, "visit": fresh_id(), "page": page});
    visitor.request("event.post", json!({"events": [event]})).await.unwrap();
    let left = json!({"client_message_id": fresh_id(), "name": "Vi", "email": "vi@mail.test", "text": "call me", "page": page});
    visitor.request("offline.post", left).await.unwrap();
    visitor.request("receipt.put", json!({"conversation": conversation, "read": 1})).await.unwrap();
    shop.owner.answers(&conversation, "with pleasure").await;
    talked_in_a_crowd(&shop, &mut visitor).await;
    let note = json!({"client_message_id": fresh_id(), "text": "a note"});
    shop.owner.post(&format!("/api/v1/conversations/{conversation}/notes"), &note).await.ok();
    let site = json!({"name": "Second", "domains": ["*.second.test"], "language": "ko"});
    shop.owner.call(reqwest::Method::POST, "/api/v1/sites", &[("idempotency-key", "made-by-a-test")], Some(&site)).await.ok();
    let path = format!("/api/v1/conversations/{conversation}");
    shop.owner.put(&format!("{path}/tags"), &json!({"tags": ["Refund"]})).await.ok();
    shop.owner.put(&format!("{path}/draft"), &json!({"text": "half a"})).await.ok();
    shop.owner.post("/api/v1/canned-responses", &json!({"shortcut": "hi", "text": "Hello!"})).await.ok();
    shop.owner.api_key(&["conversations:read"]).await;
    shop.owner.post("/api/v1/apps", &json!({"name": "Channels"})).await.ok();
    let webhook =
        shop.owner.post("/api/v1/webhooks", &json!({"name": "W", "url": "https://1.1.1.1/", "events": ["rating.given"]})).await.ok();
    let webhook = shop.database.id(text(&webhook["id"]).parse().unwrap());
    // Tables that no feature fills yet, and rows that nobody changes while they are compared.
    let (tenant, other) = (shop.database.id(shop.tenant.parse().unwrap()), shop.database.id(fresh_id()));
    let conversation = shop.database.id(conversation.parse().unwrap());
    let (site_id, code) = (shop.database.id(shop.site.id.parse().unwrap()), if is_postgres() { "'\\x01'" } else { "X'01'" });
    let (owner, hash) = (text(&shop.owner.get("/api/v1/me").await.ok()["operator"]["id"]), shop.database.bytes("00ff7f"));
    let owner = shop.database.id(owner.parse().unwrap());
    shop.database
        .run(&format!(
            "INSERT INTO sign_ups (token_hash, email, name, shop, language, time_zone, password_hash, created_at, expires_at)
             VALUES ({hash}, 'a@b.test', 'A', 'Shop', 'en', 'UTC', 'hash', 1, 2);
             INSERT INTO password_resets (token_hash, tenant_id, operator_id, created_at, expires_at) VALUES ({hash}, NULL, NULL, 1, 2);
             INSERT INTO invitations (tenant_id, id, email, role, language, invited_by, token_hash, created_at, expires_at)
             VALUES ({tenant}, {other}, 'c@d.test', 'admin', 'ko', {owner}, {hash}, 1, 2);
             INSERT INTO anonymous_letters (id, email, created_at) VALUES ({other}, 'a@b.test', 1);
             INSERT INTO page_views (tenant_id, visitor_id, id, site_id, visit_id, at, url, title)
             SELECT {tenant}, {other}, {other}, id, {other}, 1, 'http://shop.test/', 'Shop' FROM sites ORDER BY created_at LIMIT 1;
             INSERT INTO devices (tenant_id, participant_id, id, user_agent, first_seen_at, last_seen_at) VALUES ({tenant}, {other}, {other}, NULL, 1, 2);
             INSERT INTO ratings (tenant_id, conversation_id, score, comment, at) VALUES ({tenant}, {conversation}, 5, NULL, 9007199254740993);
             INSERT INTO files (tenant_id, id, site_id, uploader_id, name, media_type, size_bytes, thumbnail_bytes, conversation_id, seq, created_at)
             VALUES ({tenant}, {other}, {site_id}, {other}, 'a.pdf', 'application/pdf', 7, 0, {conversation}, 1, 3);
             INSERT INTO webhook_deliveries (tenant_id, webhook_id, id, event, body, created_at, run_at, attempts, delivered_at)
             VALUES ({tenant}, {webhook}, {other}, 'ping', '{{}}', 1, 2, 1, 3);
             INSERT INTO email_codes (tenant_id, visitor_id, email, code_hash, attempts, expires_at)
             SELECT tenant_id, id, 'vi@mail.test', {code}, 0, 3 FROM visitors"
        ))
        .await;
    engaged(&shop, (&tenant, &site_id, &conversation, &other)).await;
    // The last of what is counted: with its answer everything before it is stored as well.
    let order = json!({"order_id": "\u{1f9e6}-1", "value": 19.99, "currency": "EUR", "items": [{"id": "s1", "name": "양말", "price": 9.995, "quantity": 2}]});
    let event = json!({"v": 1, "id": fresh_id(), "at": 0, "visit": fresh_id(), "kind": "order.placed", "props": order});
    visitor.request("event.track", json!({"events": [event]})).await.unwrap();
    shop
}

/// Promotions and a virtual agent with everything that can come of them.
async fn engaged(shop: &Shop, (tenant, site, conversation, other): (&str, &str, &str, &str)) {
    shop.database
        .run(&format!(
            "INSERT INTO promotions (tenant_id, id, site_id, name, status, version, definition, starts_at, ends_at, created_by, created_at, updated_at)
             SELECT {tenant}, {other}, {site}, 'P', 'paused', 2, '{{\"a\":1}}', 1, NULL, id, 1, 2 FROM operators WHERE tenant_id = {tenant} LIMIT 1;
             INSERT INTO promotion_versions (tenant_id, promotion_id, version, definition, changed_by, at) VALUES ({tenant}, {other}, 2, '{{}}', {other}, 1);
             INSERT INTO promotion_offers (tenant_id, visitor_id, id, promotion_id, site_id, version, occasion, visit_id, page_view_id, held_out, by_hand, at, shown_at)
             VALUES ({tenant}, {other}, {other}, {other}, {site}, 2, {other}, {other}, {other}, 0, 1, 3, 4);
             INSERT INTO promotion_assignments (tenant_id, promotion_id, visitor_id, held_out, first_at, last_at, goal_at) VALUES ({tenant}, {other}, {other}, 0, 1, 2, 3);
             INSERT INTO promotion_orders (tenant_id, promotion_id, visitor_id, order_id, amount, currency, at) VALUES ({tenant}, {other}, {other}, 'A-1', 12000, 'KRW', 3);
             INSERT INTO promotion_counters (tenant_id, promotion_id, held_out, visitors, shown, clicked, dismissed, goals, orders)
             VALUES ({tenant}, {other}, 0, 1, 1, 0, 0, 1, 1);
             INSERT INTO promotion_revenue (tenant_id, promotion_id, held_out, currency, orders, value_milli) VALUES ({tenant}, {other}, 0, 'KRW', 1, 12000);
             INSERT INTO virtual_agents (tenant_id, site_id, enabled, settings, updated_at) VALUES ({tenant}, {site}, 1, '{{}}', 1);
             INSERT INTO faq_pairs (tenant_id, id, site_id, enabled, phrases, answers, answered, created_by, created_at, updated_at)
             SELECT {tenant}, {other}, NULL, 1, '{{}}', '{{}}', 3, id, 1, 2 FROM operators WHERE tenant_id = {tenant} LIMIT 1;
             INSERT INTO unanswered_questions (tenant_id, id, site_id, question_key, text, language, times, conversation_id, visitor_id, first_at, last_at)
             VALUES ({tenant}, {other}, {site}, 'what', 'What?', 'en', 2, {conversation}, {other}, 1, 2);
             INSERT INTO virtual_agent_turns (tenant_id, conversation_id, seen_seq, misses, asked_contact, updated_at) VALUES ({tenant}, {conversation}, 1, 1, 0, 2)"
        ))
        .await;
}

/// Rows of a backup by table; each row as JSON text with its keys in order.
fn rows_of(file: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if let Some(row) = line.get("row") {
            let sorted: BTreeMap<String, Value> = serde_json::from_value(row[1].clone()).unwrap();
            assert!(tables.entry(text(&row[0])).or_default().insert(json!(sorted).to_string()), "a row stands twice: {row}");
        }
    }
    tables
}

/// An empty place to restore into.
struct Empty {
    folder: TempDir,
    database: Database,
}

impl Empty {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let database = Database::create(folder.path()).await;
        Self { folder, database }
    }

    fn storage(&self) -> stalk::config::Storage {
        serve_args(self.folder.path(), &self.database, &[]).storage
    }
}

impl Drop for Empty {
    fn drop(&mut self) {
        self.database.forget();
    }
}

#[tokio::test]
async fn a_backup_holds_every_row_and_column_and_restores_into_the_same() {
    let shop = lived_in().await;
    let files = TempDir::new().unwrap();
    let (first, second) = (files.path().join("first"), files.path().join("second"));
    // While it serves.
    backup::run(&shop.storage(), &first, true).await.unwrap();
    let saved = rows_of(&first);
    for database in [shop.database.clone(), shop.database.events()] {
        for (table, columns) in migrated(&database).await {
            let rows = saved.get(&table).unwrap_or_else(|| panic!("the table {table} is not in the backup"));
            let counted = database.number(&format!("SELECT COUNT(*) FROM {table}")).await;
            assert_eq!(i64::try_from(rows.len()).unwrap(), counted, "{table}");
            let row: BTreeMap<String, Value> = serde_json::from_str(rows.first().unwrap()).unwrap();
            assert_eq!(row.into_keys().collect::<BTreeSet<_>>(), columns, "{table}");
        }
    }
    let empty = Empty::new().await;
    backup::restore(&empty.storage(), &first).await.unwrap();
    backup::run(&empty.storage(), &second, true).await.unwrap();
    assert_eq!(rows_of(&second), saved);
    check::run(&empty.storage()).await.unwrap();

    let again = backup::restore(&empty.storage(), &first).await.unwrap_err();
    assert!(again.to_string().contains("not empty"), "{again}");
    let exists = backup::run(&shop.storage(), &first, true).await.unwrap_err();
    assert!(exists.to_string().contains("exists already"), "{exists}");
}

#[tokio::test]
async fn a_restored_installation_knows_its_visitors_and_its_logins() {
    let mut shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    visitor.post(None, "remember me").await;
    let file = shop.folder().join("backup");
    backup::run(&shop.storage(), &file, true).await.unwrap();
    let folder = TempDir::new().unwrap();
    let database = Database::create(folder.path()).await;
    backup::restore(&serve_args(folder.path(), &database, &[]).storage, &file).await.unwrap();
    shop.app.stopped().await;
    let restored = TestApp::on(folder, database, &[], Clock::system()).await;
    let back = restored.returning(&shop.site, visitor.ticket(), json!({})).await;
    assert_eq!(back.welcome["visitor"]["id"], visitor.welcome["visitor"]["id"]);
    assert_eq!(back.welcome["entries"][0]["data"]["text"], "remember me");
    shop.owner.at(&restored.console).get("/api/v1/me").await.ok();
}

#[tokio::test]
async fn a_backup_from_before_there_were_queues_keeps_who_waits() {
    let shop = Shop::open().await;
    shop.visitor().await.post(None, "still waiting").await;
    let (file, older) = (shop.folder().join("backup"), shop.folder().join("older"));
    backup::run(&shop.storage(), &file, false).await.unwrap();
    let lines = std::fs::read_to_string(&file).unwrap();
    let without = lines.lines().map(|line| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        if line["row"][0] == "conversations" {
            for column in ["queued_since", "assigned_at", "snoozed_until"] {
                line["row"][1].as_object_mut().unwrap().remove(column);
            }
        }
        line.to_string()
    });
    std::fs::write(&older, without.collect::<Vec<_>>().join("\n")).unwrap();
    let empty = Empty::new().await;
    backup::restore(&empty.storage(), &older).await.unwrap();
    assert_eq!(empty.database.number("SELECT COUNT(*) FROM conversations WHERE queued_since = waiting_since").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_taken_while_messages_come_is_one_whole_moment() {
    let shop = Shop::open().await;
    let mut visitors = Vec::new();
    for _ in 0..5 {
        let mut visitor = shop.visitor().await;
        visitor.post(None, "first").await;
        visitors.push(visitor);
    }
    let enough = tokio_util::sync::CancellationToken::new();
    let writing = visitors.into_iter().map(|mut visitor| {
        let enough = enough.clone();
        async move {
            // At a pace that the connection may go on with.
            let mut pace = tokio::time::interval(std::time::Duration::from_millis(25));
            while !enough.is_cancelled() {
                pace.tick().await;
                visitor.post(None, "and on").await;
            }
        }
    });
    let saving = async {
        let mut files = Vec::new();
        for number in 0..5 {
            let file = shop.folder().join(format!("backup-{number}"));
            backup::run(&shop.storage(), &file, true).await.unwrap();
            files.push(file);
        }
        enough.cancel();
        files
    };
    let (files, _) = tokio::join!(saving, futures_util::future::join_all(writing));
    let mut before = 0;
    for file in files {
        let empty = Empty::new().await;
        backup::restore(&empty.storage(), &file).await.unwrap();
        check::run(&empty.storage()).await.unwrap();
        let messages = empty.database.number("SELECT COUNT(*) FROM messages").await;
        assert!(messages >= before, "{messages} after {before}");
        before = messages;
    }
    check::run(&shop.storage()).await.unwrap();
}

#[tokio::test]
async fn a_backup_of_one_engine_restores_into_the_other_and_back() {
    if postgres_server().is_none() {
        println!("STALK_TEST_POSTGRES is not set: there is no other engine to restore into");
        return;
    }
    let shop = lived_in().await;
    let files = TempDir::new().unwrap();
    let names: Vec<_> = ["here", "there", "back"].iter().map(|name| files.path().join(name)).collect();
    backup::run(&shop.storage(), &names[0], true).await.unwrap();
    let mut places = Vec::new();
    for (from, to) in [(0, 1), (1, 2)] {
        let folder = TempDir::new().unwrap();
        let to_postgres = is_postgres() == (to == 2);
        let database = if to_postgres { Database::create_postgres().await } else { Database::sqlite(folder.path()) };
        let place = Empty { folder, database };
        backup::restore(&place.storage(), &names[from]).await.unwrap();
        backup::run(&place.storage(), &names[to], true).await.unwrap();
        check::run(&place.storage()).await.unwrap();
        places.push(place);
    }
    assert_eq!(rows_of(&names[0]), rows_of(&names[1]));
    assert_eq!(rows_of(&names[0]), rows_of(&names[2]));
}

#[tokio::test]
async fn a_backup_that_was_cut_or_touched_is_refused_and_nothing_of_it_stays() {
    let shop = lived_in().await;
    let file = shop.folder().join("backup");
    backup::run(&shop.storage(), &file, true).await.unwrap();
    let whole = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let without_one = [&lines[..4], &lines[5..]].concat().join("\n");
    let cases = [
        ("cut off", lines[..lines.len() - 1].join("\n")),
        ("its number of rows", without_one),
        ("not a backup", "hello".to_owned()),
        ("format 99", whole.replacen("\"format\":2", "\"format\":99", 1)),
    ];
    for (why, content) in cases {
        let empty = Empty::new().await;
        std::fs::write(&file, content).unwrap();
        let refused = backup::restore(&empty.storage(), &file).await.unwrap_err();
        assert!(refused.to_string().contains(why), "{refused}");
        assert_eq!(
            empty.database.number("SELECT COUNT(*) FROM messages").await + empty.database.number("SELECT COUNT(*) FROM tenants").await,
            0
        );
    }
}

#[tokio::test]
async fn the_check_finds_what_is_broken() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    for number in 0..4 {
        visitor.post(None, &format!("{number}")).await;
    }
    let told = check::run(&shop.storage()).await.unwrap();
    assert!(told.contains("1 conversations"), "{told}");
    let breaks = [
        ("DELETE FROM messages WHERE seq = 2", "the log is not 1..n"),
        ("UPDATE conversations SET last_note_seq = 7", "the notes are not 1..n"),
        ("UPDATE conversations SET last_message_seq = 9", "the last message is not one"),
    ];
    for (break_it, finding) in breaks {
        shop.database.run(break_it).await;
        let found = check::run(&shop.storage()).await.unwrap_err().to_string();
        assert!(found.contains(finding), "{found}");
    }
}
