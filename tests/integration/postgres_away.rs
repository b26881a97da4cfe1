//! PostgreSQL that takes no connections: everybody is answered in time, however many ask at once, and what was refused is stored once and in
//! order when it is back.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;
use stalk::clock::Clock;
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::app::{ROOMY, Shop, TestApp, text};
use crate::cluster::{texts, until};
use crate::database::{Database, is_postgres};
use crate::operator::fresh_id;
use crate::ports::free_port;
use crate::socket::Socket;

/// Visitors who write in the same moment, so that their messages are one batch or two.
const VISITORS: usize = 12;
/// An answer may take the wait for a connection, and that of the batch before; three times that on a busy machine.
const ANSWERED: Duration = Duration::from_secs(18);

/// The way from the server to PostgreSQL. While it is shut nobody listens there.
struct Way {
    port: u16,
    shut: watch::Sender<bool>,
    _tasks: JoinSet<()>,
}

impl Way {
    fn to(server: String) -> Self {
        let (port, shut) = (free_port(), watch::Sender::new(false));
        let mut tasks = JoinSet::new();
        tasks.spawn(lead(port, server, shut.subscribe()));
        Self { port, shut, _tasks: tasks }
    }
}

async fn lead(port: u16, server: String, mut shut: watch::Receiver<bool>) {
    loop {
        if shut.wait_for(|shut| !shut).await.is_err() {
            return;
        }
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let mut carried = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                _ = shut.wait_for(|shut| *shut) => break,
                accepted = listener.accept() => accepted,
            };
            let Ok((mut client, _)) = accepted else { continue };
            let server = server.clone();
            carried.spawn(async move {
                if let Ok(mut behind) = TcpStream::connect(server).await {
                    copy_bidirectional(&mut client, &mut behind).await.ok();
                }
            });
        }
    }
}

#[tokio::test]
async fn while_postgres_takes_no_connections_everybody_is_answered_in_time_and_nothing_is_lost() {
    if !is_postgres() {
        println!("the embedded database is never away: nothing to test on SQLite");
        return;
    }
    let folder = TempDir::new().unwrap();
    let database = Database::create(folder.path()).await;
    let direct = database.url().unwrap();
    let (server, name) = direct.rsplit_once('@').unwrap().1.split_once('/').unwrap();
    let way = Way::to(server.to_owned());
    let url = format!("postgres://postgres@127.0.0.1:{}/{name}", way.port);
    let args = [&["--database-url", url.as_str()][..], &ROOMY[..]].concat();
    // Asked for until it listens.
    until("the way", async || TcpStream::connect(("127.0.0.1", way.port)).await.ok()).await;
    let shop = Shop::of(TestApp::on(folder, database, &args, Clock::system()).await).await;
    let mut visitors = Vec::new();
    for _ in 0..VISITORS {
        let mut visitor = shop.visitor().await;
        let id = text(&visitor.post(None, "before").await["conversation"]["id"]);
        visitors.push((visitor, id, json!({"client_message_id": fresh_id(), "text": "while it was away"})));
    }

    way.shut.send_replace(true);
    let asked = Instant::now();
    let refused = join_all(visitors.iter_mut().map(|(visitor, id, post)| ask(visitor, id, post))).await;
    println!("{VISITORS} posts were answered within {} ms of being asked", asked.elapsed().as_millis());
    for refused in refused {
        let refusal = refused.unwrap_err();
        assert_eq!((&refusal["code"], &refusal["retry_after_ms"]), (&json!("unavailable"), &json!(1000)), "{refusal}");
    }
    assert!(asked.elapsed() < ANSWERED, "answered after {:?}", asked.elapsed());
    let began = Instant::now();
    let answer = shop.owner.get("/api/v1/conversations").await;
    assert_eq!(answer.status, 503, "{}", answer.text);
    println!("a request was answered after {} ms", began.elapsed().as_millis());
    assert!(began.elapsed() < ANSWERED, "answered after {:?}", began.elapsed());

    way.shut.send_replace(false);
    let back = Instant::now();
    for (visitor, id, post) in &mut visitors {
        until("a message that waited", async || ask(visitor, id, post).await.ok()).await;
    }
    println!("everything was stored {} ms after PostgreSQL was back", back.elapsed().as_millis());
    for (_, id, _) in &visitors {
        assert_eq!(texts(&shop.owner.log(id).await), ["before", "while it was away"]);
    }
}

async fn ask(visitor: &mut Socket, conversation: &str, post: &serde_json::Value) -> Result<serde_json::Value, serde_json::Value> {
    let mut params = post.clone();
    params["conversation"] = json!(conversation);
    visitor.request("message.post", params).await
}
