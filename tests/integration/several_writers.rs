//! What several writers of one PostgreSQL do to one another at the worst moment. The moment is made by a lock that the test holds.

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use stalk::clock::Clock;
use uuid::Uuid;

use crate::app::{Shop, hello, text};
use crate::cluster::{Nodes, texts, until};
use crate::database::{Database, is_postgres};
use crate::identity::{secret_of, token};
use crate::operator::fresh_id;
use crate::socket::Socket;

/// Conversations of one node are written by so many writers; whose, tells the last byte of the visitor's id.
const LANES: u8 = 2;

/// A transaction of another writer, which stands still.
struct Writer(PgConnection);

impl Writer {
    async fn begin(database: &Database) -> Self {
        let mut writer = Self(PgConnection::connect(&database.url().unwrap()).await.unwrap());
        writer.run("BEGIN").await;
        writer
    }

    async fn run(&mut self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.0).await.unwrap();
    }

    async fn commit(mut self) {
        self.run("COMMIT").await;
    }
}

/// Until a writer of the server waits for a lock.
async fn blocked(database: &Database) {
    let waiting = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    until("a writer that waits for a lock", async || (database.number(waiting).await == 1).then_some(())).await;
}

fn visitor_id(socket: &Socket) -> Uuid {
    text(&socket.welcome["visitor"]["id"]).parse().unwrap()
}

fn lane(socket: &Socket) -> u8 {
    visitor_id(socket).as_bytes()[15] % LANES
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_while_its_visitor_signs_in_elsewhere_and_sends_it_again_is_one_message() {
    let Some(nodes) = Nodes::open(2, &[]).await else { return };
    let (shop, database) = (&nodes.shop, &nodes.shop.database);
    let mut visitor = shop.visitor().await;
    let conversation = text(&visitor.post(None, "first").await["conversation"]["id"]);
    let mut before = loop {
        let other = shop.visitor().await;
        if lane(&other) == lane(&visitor) {
            break other;
        }
    };
    before.post(None, "of another").await;

    let mut writer = Writer::begin(database).await;
    writer.run(&format!("SELECT 1 FROM visitors WHERE id = '{}' FOR UPDATE", visitor_id(&before))).await;
    let held = before.ask("message.post", &json!({"client_message_id": fresh_id(), "conversation": null, "text": "held"})).await;
    blocked(database).await;
    let once = json!({"client_message_id": fresh_id(), "conversation": conversation, "text": "once"});
    let waits = visitor.ask("message.post", &once).await;

    let claims = json!({"sub": "7", "exp": Clock::system().now() / 1000 + 3600});
    let mut says = hello(&shop.site, Some(visitor.ticket()));
    says["identity"] = token(&json!({"alg": "HS256"}), &claims, &secret_of(shop, &shop.site).await).into();
    let mut known = Socket::open(&nodes.others[0].widget, Some(&shop.site.origin)).await.hello(says).await;
    let again = known.request("message.post", once).await.unwrap();
    let by_the_first = format!("SELECT COUNT(*) FROM messages WHERE sender_id = '{}'", visitor_id(&visitor));
    assert_eq!(database.number(&by_the_first).await, 1, "the first try still waits");

    writer.commit().await;
    before.answer(held).await.unwrap();
    assert_eq!(visitor.answer(waits).await.unwrap()["message"], again["message"]);
    assert_eq!(texts(&shop.owner.log(&conversation).await), ["first", "once"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_message_that_waits_while_its_visitor_signs_in_elsewhere_is_one_as_well() {
    let Some(nodes) = Nodes::open(2, &[]).await else { return };
    let (shop, database) = (&nodes.shop, &nodes.shop.database);
    let mut visitor = shop.visitor().await;
    let mut others = Vec::new();
    while others.len() < 2 {
        let mut other = shop.visitor().await;
        if lane(&other) == lane(&visitor) {
            other.post(None, "of another").await;
            others.push(other);
        }
    }
    let of_another = || json!({"client_message_id": fresh_id(), "conversation": null, "text": "held"});
    let mut writers = Vec::new();
    for other in &others {
        let mut writer = Writer::begin(database).await;
        writer.run(&format!("SELECT 1 FROM visitors WHERE id = '{}' FOR UPDATE", visitor_id(other))).await;
        writers.push(writer);
    }
    let first = others[0].ask("message.post", &of_another()).await;
    blocked(database).await;
    let second = others[1].ask("message.post", &of_another()).await;
    let once = json!({"client_message_id": fresh_id(), "conversation": null, "text": "once"});
    let waits = visitor.ask("message.post", &once).await;
    // The batch of the first is stored; that of the others has looked whom it must lock, and there is no row of the visitor yet.
    writers.remove(0).commit().await;
    others[0].answer(first).await.unwrap();
    blocked(database).await;

    let claims = json!({"sub": "7", "exp": Clock::system().now() / 1000 + 3600});
    let mut says = hello(&shop.site, Some(visitor.ticket()));
    says["identity"] = token(&json!({"alg": "HS256"}), &claims, &secret_of(shop, &shop.site).await).into();
    let mut known = Socket::open(&nodes.others[0].widget, Some(&shop.site.origin)).await.hello(says).await;
    let again = known.request("message.post", once).await.unwrap();

    writers.remove(0).commit().await;
    others[1].answer(second).await.unwrap();
    assert_eq!(visitor.answer(waits).await.unwrap()["message"], again["message"]);
    assert_eq!(texts(&shop.owner.log(&text(&again["conversation"]["id"])).await), ["once"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_refused_when_the_visitor_begins_anew_in_that_moment() {
    if !is_postgres() {
        println!("there is one writer: nothing to test on SQLite");
        return;
    }
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let old = text(&visitor.post(None, "long ago").await["conversation"]["id"]);
    shop.owner.put(&format!("/api/v1/conversations/{old}/status"), &json!({"status": "resolved"})).await.ok();

    let mut writer = Writer::begin(&shop.database).await;
    writer.run(&format!("SELECT 1 FROM conversations WHERE id = '{old}' FOR UPDATE")).await;
    let (path, answer) =
        (format!("/api/v1/conversations/{old}/messages"), json!({"client_message_id": fresh_id(), "text": "still there?"}));
    let begins = async {
        blocked(&shop.database).await;
        let new = format!(
            "INSERT INTO conversations (tenant_id, id, site_id, visitor_id, status, last_seq, last_note_seq, last_message_seq, created_at, updated_at)
             SELECT tenant_id, '{}', site_id, visitor_id, 'open', 0, 0, 0, created_at + 1, updated_at FROM conversations WHERE id = '{old}'",
            fresh_id()
        );
        writer.run(&new).await;
        writer.commit().await;
    };
    let (answered, ()) = tokio::join!(shop.owner.post(&path, &answer), begins);
    let refused: Value = answered.refused(409, "conflict");
    assert!(refused["message"].as_str().unwrap().contains("newer conversation"), "{refused}");
    assert_eq!(texts(&shop.owner.log(&old).await), ["long ago"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_another_writer_stores_in_that_moment_is_answered_as_it_was_stored() {
    if !is_postgres() {
        println!("there is one writer: nothing to test on SQLite");
        return;
    }
    let shop = Shop::open().await;
    let conversation = text(&shop.visitor().await.post(None, "hello").await["conversation"]["id"]);
    let (path, once) = (format!("/api/v1/conversations/{conversation}/messages"), json!({"client_message_id": fresh_id(), "text": "once"}));
    let first = shop.owner.post(&path, &once).await.ok();

    // Stored by another, as it was stored now.
    let (message, seq) = (format!("id = '{}'", text(&first["message"]["id"])), &first["message"]["seq"]);
    let mut writer = Writer::begin(&shop.database).await;
    writer.run(&format!("CREATE TEMPORARY TABLE kept ON COMMIT DROP AS SELECT * FROM messages WHERE {message}")).await;
    let grown = |seq: &str| format!("UPDATE conversations SET last_seq = {seq}, last_message_seq = {seq} WHERE id = '{conversation}'");
    shop.database.run(&format!("DELETE FROM messages WHERE {message}; {}", grown("last_seq - 1"))).await;
    writer.run(&grown(&seq.to_string())).await;
    let stores = async {
        blocked(&shop.database).await;
        writer.run("INSERT INTO messages SELECT * FROM kept").await;
        writer.commit().await;
    };
    let (answered, ()) = tokio::join!(shop.owner.post(&path, &once), stores);
    assert_eq!(answered.ok()["message"], first["message"]);
    assert_eq!(texts(&shop.owner.log(&conversation).await), ["hello", "once"]);
}
