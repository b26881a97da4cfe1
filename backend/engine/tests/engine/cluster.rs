//! Several nodes on one bus, in memory and on a real Redis.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;
use xpush::bus::Bus;
use xpush::bus::memory::{MemoryBus, MemoryExchange};
use xpush::bus::redis::RedisBus;
use xpush::registry::memory::MemoryRegistry;
use xpush::registry::redis::RedisRegistry;
use xpush::registry::{NodeId, NodeRecord, Registry};
use xpush::{ChannelLog, Cluster, Disconnect, Membership, Options};

use crate::hall::{HallLog, Open, ephemeral, open_on, options, soon, spawn};
use crate::redis_server::Server;
use crate::websocket_client::Client;

/// Nodes that share a log, as nodes on one database do.
pub(crate) struct Nodes {
    pub(crate) open: Vec<Arc<Open>>,
    buses: Vec<Arc<MemoryBus>>,
    registry: Arc<dyn Registry>,
    redis: Option<Server>,
}

pub(crate) fn quick() -> Options {
    Options { presence_ttl: Duration::from_millis(300), lease: Duration::from_secs(3), ..options() }
}

impl Nodes {
    pub(crate) async fn in_memory(count: usize, options: Options) -> Self {
        let (exchange, registry, log) = (MemoryExchange::new(), Arc::new(MemoryRegistry::new()), HallLog::default());
        let (mut open, mut buses) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let bus = Arc::new(exchange.attach());
            let cluster =
                Cluster { bus: Arc::clone(&bus) as Arc<dyn Bus>, registry: Arc::clone(&registry) as Arc<dyn Registry>, address: None };
            open.push(open_on(log.clone(), options.clone(), Some(cluster)).await);
            buses.push(bus);
        }
        let nodes = Self { open, buses, registry, redis: None };
        nodes.settled().await;
        nodes
    }

    pub(crate) async fn on_redis(count: usize, options: Options) -> Self {
        let redis = Server::start().await;
        let registry = Arc::new(RedisRegistry::new(redis.config())) as Arc<dyn Registry>;
        let log = HallLog::default();
        let mut open = Vec::new();
        for _ in 0..count {
            let cluster = Cluster { bus: Arc::new(RedisBus::new(redis.config())), registry: Arc::clone(&registry), address: None };
            open.push(open_on(log.clone(), options.clone(), Some(cluster)).await);
        }
        let nodes = Self { open, buses: Vec::new(), registry, redis: Some(redis) };
        nodes.settled().await;
        nodes
    }

    /// Every node has its bus and its lease, hears every other, and tells its part of presence.
    async fn settled(&self) {
        let count = self.open.len();
        let mut probes = Vec::new();
        for (number, node) in self.open.iter().enumerate() {
            probes.push(Client::come(node.address, &format!("probe {number}"), &["probes"]).await);
        }
        self.until("every node hears every other", |node| {
            let health = node.engine.cluster_health().unwrap();
            health.bus.connected && health.lease.held && node.engine.members(&"probes".into()) == count
        })
        .await;
        // Nodes that have just met leave telling to one another for a moment.
        let mut told = 0;
        while told < count {
            for node in &self.open {
                let mut changes = node.presence.lock().await;
                told += std::iter::from_fn(|| changes.try_recv().ok()).filter(|(_, present)| *present).count();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        drop(probes);
        self.until("the probes are gone", |node| node.engine.members(&"probes".into()) == 0 && node.engine.counts().websocket == 0).await;
    }

    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Open) -> bool) {
        let looking = async {
            while !self.open.iter().all(|node| holds(node)) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), looking).await.unwrap_or_else(|_| panic!("{what}: not in time"));
    }

    pub(crate) fn address(&self, node: usize) -> SocketAddr {
        self.open[node].address
    }
}

/// Comes in, and waits until its node listens to the channel: then it is told the top.
async fn listen(address: SocketAddr, name: &str, channel: &str) -> Client {
    let mut client = Client::come(address, name, &[channel]).await;
    client.next_of("hb").await;
    client
}

#[tokio::test]
async fn what_one_node_publishes_reaches_members_on_the_other_once_and_no_node_without_members() {
    for nodes in [Nodes::in_memory(3, quick()).await, Nodes::on_redis(3, quick()).await] {
        let mut near = listen(nodes.address(0), "near", "log/a").await;
        let mut far = listen(nodes.address(1), "far", "log/a").await;
        nodes.until("both are counted", |node| node.engine.members(&"log/a".into()) == 2).await;
        // The heartbeat may come before the subscription: the first entry is found in the log then.
        nodes.open[0].say("log/a", "first").await;
        for client in [&mut near, &mut far] {
            assert_eq!(client.next_of("pub").await["seq"], 1);
        }
        for n in 2..=100 {
            nodes.open[n % 3].say("log/a", "more").await;
        }
        for client in [&mut near, &mut far] {
            for n in 2..=100 {
                assert_eq!(client.next_of("pub").await["seq"], n, "in the order of the log, once each");
            }
        }
        assert_eq!(nodes.open[2].engine.counts().relayed_in, 0, "nobody is a member there");
        assert!(nodes.open[1].engine.counts().relayed_in > 0);
        nodes.open[0].engine.publish(ephemeral("log/a", &json!("not logged"))).await;
        assert_eq!(far.next_of("pub").await["d"], "not logged");
    }
}

#[tokio::test]
async fn what_a_node_tells_the_product_of_the_others_arrives_and_what_lasts_is_said_again_to_whoever_was_away() {
    let nodes = Nodes::in_memory(2, quick()).await;
    let heard = |node: &Open, said: &str| node.engine.policy().told.lock().unwrap().iter().any(|told| told == said);
    let raw = |said: &str| serde_json::value::to_raw_value(said).unwrap();
    nodes.open[0].engine.tell_nodes(raw("once"), false);
    nodes.until("the other hears it", |node| node.engine.node_id() == nodes.open[0].engine.node_id() || heard(node, "\"once\"")).await;
    assert!(!heard(&nodes.open[0], "\"once\""), "whoever said it knows");
    nodes.buses[1].set_connected(false);
    nodes.open[0].engine.tell_nodes(raw("lost"), false);
    nodes.open[0].engine.tell_nodes(raw("lasting"), true);
    nodes.until("both are on the bus", |node| node.engine.counts().relay_waiting == 0).await;
    nodes.open[1].engine.policy().told.lock().unwrap().clear();
    nodes.buses[1].set_connected(true);
    let away = |node: &Open| node.engine.node_id() == nodes.open[1].engine.node_id();
    nodes
        .until("it hears that it may have missed something, and what lasts", |node| {
            !away(node) || (heard(node, "missed") && heard(node, "\"lasting\""))
        })
        .await;
    assert!(!heard(&nodes.open[1], "\"lost\""));
    nodes
        .until("each knows what the others say of themselves", |node| {
            let nodes = node.engine.nodes();
            nodes.len() == 2 && nodes.iter().all(|node| node.about == json!({"hall": node.id}))
        })
        .await;
}

#[tokio::test]
async fn a_follow_and_a_kick_reach_connections_on_every_node() {
    for nodes in [Nodes::in_memory(3, quick()).await, Nodes::on_redis(3, quick()).await] {
        let mut clients = Vec::new();
        for node in 0..3 {
            clients.push(Client::come(nodes.address(node), "ann", &[]).await);
        }
        let bea = Client::come(nodes.address(1), "bea", &[]).await;
        nodes.open[0].engine.append(("log/new".into(), json!({"invite": "ann", "text": "one"}))).await.unwrap();
        nodes.until("all of ann's are members", |node| node.engine.members(&"log/new".into()) == 3).await;
        // Whether it came as a publication or shows as a top depends on which was faster; the log has both.
        for client in &mut clients[1..] {
            let first = client.next().await;
            assert!(first["seq"] == 1 || first["top"]["log/new"] == 1, "{first}");
        }
        nodes.open[2].engine.unfollow("ann", &"log/new".into());
        nodes.until("nobody is a member", |node| node.engine.members(&"log/new".into()) == 0).await;
        nodes.open[1].engine.follow("ann", Membership { channel: "eph".into(), logged: false });
        nodes.until("all of ann's are members again", |node| node.engine.members(&"eph".into()) == 3).await;
        assert_eq!(nodes.open[0].engine.kick("ann", None, Disconnect::LoginEnded, "everywhere"), 1);
        for mut client in clients {
            assert_eq!(client.bye().await["message"], "everywhere");
        }
        nodes.until("ann is gone", |node| !node.engine.is_present("ann") && node.engine.is_present("bea")).await;
        drop(bea);
    }
}

/// What the policies of all nodes are told of guests, until it is so much.
async fn told_of_guests(nodes: &Nodes, count: usize) -> Vec<(String, bool)> {
    let mut told = Vec::new();
    let all = async {
        while told.len() < count {
            for node in &nodes.open {
                let mut changes = node.presence.lock().await;
                told.extend(std::iter::from_fn(|| changes.try_recv().ok()).filter(|(name, _)| name.starts_with("guest")));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    soon(all).await;
    told
}

#[tokio::test]
async fn presence_is_known_on_every_node_and_told_once() {
    for nodes in [Nodes::in_memory(3, quick()).await, Nodes::on_redis(3, quick()).await] {
        for node in &nodes.open {
            while node.presence.lock().await.try_recv().is_ok() {}
        }
        let come = Instant::now();
        let names: Vec<String> = (0..9).map(|n| format!("guest {n}")).collect();
        let mut clients = Vec::new();
        for (n, name) in names.iter().enumerate() {
            clients.push(Client::come(nodes.address(n % 3), name, &["hall"]).await);
            clients.push(Client::come(nodes.address((n + 1) % 3), name, &["hall"]).await);
        }
        let everybody = |node: &Open| names.iter().all(|name| node.engine.is_present(name)) && node.engine.members(&"hall".into()) == 18;
        nodes.until("everybody is present everywhere", everybody).await;
        assert!(come.elapsed() < Duration::from_secs(2), "{:?}", come.elapsed());
        let mut told = told_of_guests(&nodes, names.len()).await;
        drop(clients);
        let nobody = |node: &Open| !names.iter().any(|name| node.engine.is_present(name)) && node.engine.members(&"hall".into()) == 0;
        nodes.until("nobody is present anywhere", nobody).await;
        told.extend(told_of_guests(&nodes, names.len()).await);
        told.sort();
        let each: Vec<_> = names.iter().flat_map(|name| [(name.clone(), false), (name.clone(), true)]).collect();
        assert_eq!(told, each);
    }
}

#[tokio::test]
async fn members_of_a_dead_node_are_gone_when_its_lease_is_over() {
    let nodes = Nodes::in_memory(2, quick()).await;
    let _there = Client::come(nodes.address(1), "ann", &["hall"]).await;
    nodes.until("ann is everywhere", |node| node.engine.is_present("ann")).await;
    // Nothing is heard of the node any more.
    nodes.buses[1].set_connected(false);
    let cut = Instant::now();
    let gone = async {
        while nodes.open[0].engine.is_present("ann") || nodes.open[0].engine.members(&"hall".into()) > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    soon(gone).await;
    assert!(cut.elapsed() < quick().lease, "{:?}", cut.elapsed());
    assert!(nodes.open[1].engine.is_present("ann"), "the node itself serves its own");
    let health = nodes.open[1].engine.cluster_health().unwrap();
    assert!(!health.bus.connected && nodes.open[0].engine.cluster_health().unwrap().bus.connected);
    nodes.buses[1].set_connected(true);
    nodes.until("ann is back everywhere", |node| node.engine.is_present("ann") && node.engine.members(&"hall".into()) == 1).await;
}

#[tokio::test]
async fn what_was_missed_while_the_bus_was_away_comes_out_of_the_log_once_and_in_order() {
    let nodes = Nodes::in_memory(2, quick()).await;
    let mut far = listen(nodes.address(1), "far", "log/a").await;
    let mut quiet = listen(nodes.address(1), "quiet", "log/quiet").await;
    nodes.open[0].say("log/a", "before").await;
    nodes.buses[1].set_connected(false);
    for n in 0..450 {
        nodes.open[0].say(if n % 9 == 0 { "log/quiet" } else { "log/a" }, "meanwhile").await;
    }
    // What was gathered last has gone out as well, and was not heard.
    tokio::time::sleep(Duration::from_millis(50)).await;
    nodes.buses[1].set_connected(true);
    nodes.open[0].say("log/a", "after").await;
    for seq in 1..=402 {
        assert_eq!(far.next_of("pub").await["seq"], seq);
    }
    for seq in 1..=50 {
        assert_eq!(quiet.next_of("pub").await["seq"], seq, "nothing has to be published for it");
    }
    assert!(nodes.open[1].engine.counts().healed >= 449);
}

#[tokio::test]
async fn sessions_are_sent_where_the_channel_lives_and_to_no_node_that_went() {
    let nodes = Nodes::in_memory(3, quick()).await;
    nodes.until("every node knows three", |node| node.engine.cluster_health().unwrap().nodes == 3).await;
    let _member = Client::come(nodes.address(1), "ann", &["room"]).await;
    let there = nodes.open[1].engine.node_id();
    let sent = |node: &Open| node.engine.node_for(&"room".into()).map(|record| record.id);
    nodes.until("every node sends to where the channel lives", |node| sent(node) == Some(there)).await;
    soon(nodes.open[1].engine.drain(Duration::from_secs(5))).await;
    let sends_elsewhere = |node: usize| sent(&nodes.open[node]).is_some_and(|id| id != there);
    let elsewhere = async {
        while !(sends_elsewhere(0) && sends_elsewhere(2)) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    soon(elsewhere).await;

    // A registry that did not hear of it goes on naming it, beside one that has just come.
    let record = |id| NodeRecord { id, address: None, connections: 0, weight: 100, load: 0.0, about: Value::Null };
    let new = NodeId(Uuid::from_u128(7));
    for id in [there, new] {
        nodes.registry.register(record(id), Duration::from_secs(20)).await.unwrap();
    }
    let known = |node: usize| nodes.open[node].engine.nodes().into_iter().map(|record| record.id).collect::<Vec<_>>();
    let asked_again = async {
        while ![0, 2].iter().all(|node| known(*node).contains(&new)) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    soon(asked_again).await;
    for node in [0, 2] {
        assert!(!known(node).contains(&there) && sends_elsewhere(node), "whoever said that it goes is sent nobody");
    }
}

/// Hears a channel until it has so many entries; what came twice or too early is a failure.
async fn hear(mut client: Client, all: u64, have: watch::Sender<u64>) {
    for seq in 1..=all {
        let publication = client.next_of("pub").await;
        assert_eq!(publication["seq"], seq, "lost or doubled");
        have.send_replace(seq);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_killed_under_load_and_nothing_is_lost_or_doubled() {
    const ALL: u64 = 3_000;
    let mut nodes = Nodes::on_redis(3, quick()).await;
    let (mut hearing, mut heard) = (Vec::new(), Vec::new());
    for node in 0..3 {
        let client = listen(nodes.address(node), &format!("hears {node}"), "log/a").await;
        let (have, has) = watch::channel(0);
        hearing.push(spawn(hear(client, ALL, have)));
        heard.push(has);
    }
    let engines: Vec<_> = nodes.open.iter().map(|node| node.engine.clone()).collect();
    let (told, mut written) = watch::channel(0);
    let writing = spawn(async move {
        for n in 0..ALL {
            let engine = &engines[usize::try_from(n % 3).unwrap()];
            told.send_replace(engine.append(("log/a".into(), json!({"n": n}))).await.unwrap());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    soon(written.wait_for(|seq| *seq >= ALL / 4)).await.unwrap();
    nodes.redis.as_mut().unwrap().kill().await;
    nodes.until("every node says that the bus is away", |node| !node.engine.cluster_health().unwrap().bus.connected).await;
    let mut live = Client::come(nodes.address(1), "live", &["eph"]).await;
    let at = *written.borrow();
    soon(written.wait_for(|seq| *seq >= at + 200)).await.unwrap();
    let back = Instant::now();
    nodes.redis.as_mut().unwrap().restart().await;
    let goal = *written.borrow() + 1;
    for has in &mut heard {
        soon(has.wait_for(|seq| *seq >= goal)).await.unwrap();
    }
    let crossing = async {
        loop {
            nodes.open[0].engine.publish(ephemeral("eph", &json!("live"))).await;
            tokio::select! {
                biased;
                frame = live.next_of("pub") => return frame,
                () = tokio::time::sleep(Duration::from_millis(50)) => {}
            }
        }
    };
    assert_eq!(soon(crossing).await["d"], "live", "what is in no log crosses again too");
    assert!(back.elapsed() < Duration::from_secs(5), "live again after {:?}", back.elapsed());
    writing.await.unwrap();
    for hearing in hearing {
        tokio::time::timeout(Duration::from_mins(1), hearing).await.expect("all is heard").unwrap();
    }
    nodes.until("every node has its lease again", |node| node.engine.cluster_health().unwrap().lease.held).await;
}

#[tokio::test]
async fn nodes_drain_one_after_another_and_their_clients_lose_nothing() {
    let nodes = Nodes::in_memory(3, Options { presence_ttl: Duration::from_secs(5), ..quick() }).await;
    let mut client = listen(nodes.address(0), "ann", "log/a").await;
    let mut have = 0;
    for leaving in 0..2 {
        nodes.open[2].say("log/a", "more").await;
        let draining = spawn({
            let engine = nodes.open[leaving].engine.clone();
            async move { engine.drain(Duration::from_secs(10)).await }
        });
        have += 1;
        // What she read when she joined may come to her again, from a node that said it to others a moment later.
        let mut heard = client.next_of("pub").await["seq"].as_u64();
        while heard.is_some_and(|seq| seq < have) {
            heard = client.next_of("pub").await["seq"].as_u64();
        }
        assert_eq!(heard, Some(have));
        assert_eq!(client.bye().await["code"], 4000);
        nodes.open[2].say("log/a", "while nobody is there").await;
        client = Client::come(nodes.address(leaving + 1), "ann", &["log/a"]).await;
        let joined = client.request("channel.join", json!({"channel": "log/a", "after": have})).await;
        have += 1;
        assert_eq!(joined["ok"]["entries"].as_array().map(Vec::len), Some(1), "{joined}");
        soon(draining).await.unwrap();
        assert!(nodes.open[2].engine.is_present("ann"), "she was not absent");
        let registered = async {
            while nodes.registry.list().await.unwrap().len() != 2 - leaving {
                tokio::task::yield_now().await;
            }
        };
        soon(registered).await;
    }
    let told: Vec<(String, bool)> = {
        let mut changes = nodes.open[2].presence.lock().await;
        std::iter::from_fn(|| changes.try_recv().ok()).filter(|(name, _)| name == "ann").collect()
    };
    assert!(told.iter().all(|(_, present)| *present), "{told:?}");
    let _: Value = client.request("echo", json!({})).await;
    assert_eq!(nodes.open[2].engine.log().tops(&["log/a".into()]).await.unwrap()[0].1, 4);
}
