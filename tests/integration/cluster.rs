//! Several nodes on one PostgreSQL and one Redis: the stage, how nodes find their place, and that it does not matter on which of them somebody is.
//! Where the tests run on SQLite there is nothing to do: several nodes are refused there, which has a test in [`crate::refusals`].

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use stalk::clock::Clock;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::app::{ROOMY, Shop, TestApp, serve_args, text};
use crate::database::is_postgres;
use crate::operator::Operator;
use crate::redis_server::Redis;
use crate::socket::Socket;

/// Longer than anything here takes, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// A shop that several nodes serve.
pub(crate) struct Nodes {
    /// On the first node.
    pub(crate) shop: Shop,
    /// The other nodes.
    pub(crate) others: Vec<TestApp>,
    pub(crate) redis: Redis,
    files: TempDir,
}

/// Waits for something that nobody tells of.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("{what}: not in time"))
}

impl Nodes {
    /// So many nodes that know one another; nothing where the tests run on SQLite.
    pub(crate) async fn open(count: usize, more: &[&str]) -> Option<Self> {
        if !is_postgres() {
            println!("several nodes need PostgreSQL: nothing to test on SQLite");
            return None;
        }
        let (redis, files) = (Redis::start().await, TempDir::new().unwrap());
        let (url, folder) = (redis.url(), files.path().display().to_string());
        let mut args = vec!["--redis-url", &url, "--files", &folder];
        args.extend(more);
        let mut first = args.clone();
        first.extend(["--node-name", "node 1"]);
        let shop = Shop::open_with(&first, Clock::system()).await;
        let mut nodes = Self { shop, others: Vec::new(), redis, files };
        for number in 2..=count {
            nodes.join(&format!("node {number}"), more).await;
        }
        nodes.settled().await;
        Some(nodes)
    }

    /// What every node is started with.
    pub(crate) fn args(&self, name: &str, more: &[&str]) -> Vec<String> {
        let (url, folder) = (self.redis.url(), self.files.path().display().to_string());
        let mut args = vec!["--redis-url", &url, "--files", &folder, "--node-name", name];
        args.extend(more);
        for pair in ROOMY.chunks(2).filter(|pair| !more.contains(&pair[0])) {
            args.extend(pair);
        }
        args.into_iter().map(str::to_owned).collect()
    }

    /// One more node.
    pub(crate) async fn join(&mut self, name: &str, more: &[&str]) {
        let args = self.args(name, more);
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let node = TestApp::on(TempDir::new().unwrap(), self.shop.database.clone(), &args, Clock::system()).await;
        self.others.push(node);
    }

    fn all(&self) -> impl Iterator<Item = &TestApp> {
        std::iter::once(&self.shop.app).chain(&self.others)
    }

    /// Every node reaches the others, and knows how many there are.
    pub(crate) async fn settled(&self) {
        let count = self.all().count();
        for node in self.all() {
            until("every node knows every other", async || {
                let said = node.nobody().get("/readyz").await.ok();
                (said["redis"] == "up" && said["nodes"] == count).then_some(())
            })
            .await;
        }
    }

    /// The owner's browser, at another node.
    pub(crate) fn owner_at(&self, node: usize) -> Operator {
        self.shop.owner.at(&self.others[node].console)
    }

    /// The owner's socket, at another node.
    pub(crate) async fn socket_at(&self, node: usize) -> Socket {
        self.others[node].socket_of(&self.owner_at(node)).await
    }
}

/// The texts of a log, in order.
pub(crate) fn texts(log: &[Value]) -> Vec<String> {
    log.iter().filter(|entry| entry["type"] == "message.posted").map(|entry| text(&entry["data"]["text"])).collect()
}

async fn refused(args: &[String], node: &TestApp) -> String {
    let folder = TempDir::new().unwrap();
    let args = serve_args(folder.path(), &node.database, args);
    match stalk::app::serve(args, Clock::system(), CancellationToken::new()).await {
        Ok(_) => panic!("it started"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_goes_on_whatever_nodes_its_people_are_on() {
    let Some(nodes) = Nodes::open(2, &[]).await else { return };
    let mut operator = nodes.socket_at(0).await;
    let mut visitor = nodes.shop.visitor().await;
    let id = text(&visitor.post(None, "from the first node").await["conversation"]["id"]);
    let changed = operator.event("conversation.changed").await;
    assert_eq!(changed["d"]["conversation"], json!(id));
    let channel = format!("c/{}/{id}", nodes.shop.tenant);
    operator.request("channel.join", json!({"channel": channel, "after": 0})).await.unwrap();
    nodes.owner_at(0).answers(&id, "from the second").await;
    let heard = visitor.wait("the answer", |frame| frame["t"] == "pub" && frame["d"]["data"]["text"] == "from the second").await;
    assert_eq!(heard["ch"], json!(channel));
    for number in 0..20 {
        visitor.post(Some(&id), &format!("visitor {number}")).await;
        nodes.owner_at(0).answers(&id, &format!("operator {number}")).await;
    }
    let last = |frame: &Value| frame["t"] == "pub" && frame["d"]["data"]["text"] == "operator 19";
    visitor.wait("the last answer", last).await;
    operator.wait("the last answer", last).await;
    // What a subscription was too late for is in the log; what was heard is in order, and once.
    for socket in [&visitor, &operator] {
        let seqs: Vec<u64> =
            socket.heard().filter(|frame| frame["ch"] == json!(channel)).filter_map(|frame| frame["seq"].as_u64()).collect();
        assert!(seqs.is_sorted_by(|one, two| one < two), "{seqs:?}");
        assert!(seqs.len() >= 30, "{seqs:?}");
    }
    let (here, there) = (nodes.shop.owner.log(&id).await, nodes.owner_at(0).log(&id).await);
    assert_eq!(texts(&here), texts(&there));
    assert_eq!(texts(&here).len(), 42);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_ends_on_one_node_is_over_on_the_other() {
    let Some(nodes) = Nodes::open(2, &[]).await else { return };
    let colleague = nodes.shop.operator().await;
    let there = colleague.at(&nodes.others[0].console);
    let mut socket = nodes.others[0].socket_of(&there).await;
    let began = Instant::now();
    colleague.call(reqwest::Method::DELETE, "/api/v1/me/login-session", &[], None).await.ok();
    assert_eq!(socket.bye().await["code"], 4101);
    let took = began.elapsed();
    println!("a login ended on one node closes a socket on the other after {took:?}");
    assert!(took < Duration::from_secs(3), "{took:?}");
    assert_eq!(there.get("/api/v1/me").await.status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_does_not_fit_to_those_who_serve_is_refused_in_words() {
    let Some(nodes) = Nodes::open(1, &[]).await else { return };
    let refusal = refused(&[], &nodes.shop.app).await;
    assert!(refusal.contains("another stalk process serves this database") && refusal.contains("REDIS_URL"), "{refusal}");
    let elsewhere = TempDir::new().unwrap();
    let mut args = nodes.args("elsewhere", &[]);
    args[3] = elsewhere.path().display().to_string();
    let refusal = refused(&args, &nodes.shop.app).await;
    assert!(refusal.contains("node 1 keeps files in another folder") && refusal.contains("STALK_FILES"), "{refusal}");

    let alone = TestApp::empty(&[], Clock::system()).await;
    let refusal = refused(&nodes.args("late", &[]), &alone).await;
    assert!(refusal.contains("without REDIS_URL"), "{refusal}");
    let refusal = refused(&[], &alone).await;
    assert!(refusal.contains("give every node the same REDIS_URL"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_redis_is_emptied_or_stopped_and_what_was_missed_is_brought_after() {
    let Some(mut nodes) = Nodes::open(2, &[]).await else { return };
    let mut visitor = nodes.shop.visitor().await;
    let id = text(&visitor.post(None, "first").await["conversation"]["id"]);
    let channel = format!("c/{}/{id}", nodes.shop.tenant);
    let (mut here, mut there) = (nodes.shop.socket_of(&nodes.shop.owner).await, nodes.socket_at(0).await);
    for socket in [&mut here, &mut there] {
        socket.request("channel.join", json!({"channel": channel, "after": 0})).await.unwrap();
    }
    let heard = |said: &str| {
        let said = json!(said);
        move |frame: &Value| frame["t"] == "pub" && frame["d"]["data"]["text"] == said
    };
    nodes.redis.flush().await;
    for number in 0..5 {
        visitor.post(Some(&id), &format!("emptied {number}")).await;
    }
    nodes.redis.flush().await;
    for socket in [&mut here, &mut there] {
        socket.wait("what was said over an empty Redis", heard("emptied 4")).await;
    }
    nodes.redis.kill().await;
    for node in [&nodes.shop.app, &nodes.others[0]] {
        until("the node says that Redis is away, and is ready", async || {
            let answer = node.nobody().get("/readyz").await;
            (answer.status == 200 && answer.json()["redis"] == "away").then_some(())
        })
        .await;
    }
    visitor.post(Some(&id), "while it was away").await;
    here.wait("what is said on the same node", heard("while it was away")).await;
    assert_eq!(texts(&nodes.owner_at(0).log(&id).await).last().unwrap(), "while it was away");
    let signed_in = Operator::signed_in(&nodes.others[0].console, crate::app::OWNER, crate::app::PASSWORD).await;
    assert_eq!(signed_in.get("/api/v1/me").await.status, 200, "logins are in the database");
    nodes.redis.restart().await;
    let back = Instant::now();
    there.wait("what was missed", heard("while it was away")).await;
    println!("what was missed while Redis was away came {:?} after its return", back.elapsed());
    nodes.settled().await;
    visitor.post(Some(&id), "as before").await;
    there.wait("what is said now", heard("as before")).await;
    assert_eq!(texts(&nodes.owner_at(0).log(&id).await).len(), 8);
}
