//! What every implementation of a log, a bus and a registry must do. The memory twins pass here; others call the same functions.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;
use xpush::bus::memory::MemoryExchange;
use xpush::bus::redis::RedisBus;
use xpush::bus::{Bus, BusEvent, BusMessage};
use xpush::limits::memory::MemoryLimits;
use xpush::limits::redis::RedisLimits;
use xpush::limits::{Limits, Rate};
use xpush::memory::MemoryLog;
use xpush::registry::memory::MemoryRegistry;
use xpush::registry::redis::RedisRegistry;
use xpush::registry::{NodeId, NodeRecord, Registry, RegistryError};
use xpush::{ChannelId, ChannelLog, Publication, RedisConfig, Turn};

use crate::hall::soon;
use crate::redis_server;

async fn log_contract<L: ChannelLog<Reply = u64>>(log: &L, entry: impl Fn(&str, u64) -> L::Entry) {
    let [a, b, empty]: [ChannelId; 3] = ["a".into(), "b".into(), "empty".into()];
    let numbers = |found: &[Publication]| found.iter().filter_map(|publication| publication.seq).collect::<Vec<_>>();

    let committed = log.append(vec![entry("a", 1), entry("b", 2), entry("a", 3)], &mut Turn::default()).await.unwrap();
    let committed: Vec<_> = committed.into_iter().map(|answer| answer.unwrap_or_else(|_| panic!("an entry was refused"))).collect();
    assert_eq!(committed.iter().map(|appended| appended.reply).collect::<Vec<_>>(), [1, 1, 2], "numbers are of the channel, from 1");
    for appended in &committed {
        assert_eq!(numbers(&appended.publications), [appended.reply], "what is published is what was committed");
    }
    log.append((4..=9).map(|n| entry("a", n)).collect(), &mut Turn::default()).await.unwrap();

    let found = log.since(&a, 0, 100).await.unwrap();
    assert_eq!(numbers(&found), (1..=8).collect::<Vec<_>>(), "ascending, without holes");
    assert!(found.iter().all(|publication| publication.channel == a));
    assert_eq!(numbers(&log.since(&a, 6, 100).await.unwrap()), [7, 8], "after is exclusive");
    assert_eq!(numbers(&log.since(&a, 2, 3).await.unwrap()), [3, 4, 5], "the limit takes the oldest");
    assert_eq!(numbers(&log.since(&a, 99, 3).await.unwrap()), [0; 0]);
    assert_eq!(numbers(&log.since(&empty, 0, 3).await.unwrap()), [0; 0]);
    let again = log.since(&a, 0, 1).await.unwrap();
    assert_eq!(again[0].data.get(), committed[0].publications[0].data.get(), "read as it was published");

    let mut tops = log.tops(&[b.clone(), empty, a.clone()]).await.unwrap();
    tops.retain(|(_, top)| *top > 0);
    tops.sort();
    assert_eq!(tops, [(a, 8), (b, 1)]);
    assert_eq!(log.tops(&[]).await.unwrap(), []);
    assert!(log.append(Vec::new(), &mut Turn::default()).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_memory_log_keeps_the_contract_of_logs() {
    let entry = |channel: &str, n| -> (ChannelId, Value) { (channel.into(), json!({"n": n})) };
    log_contract(&MemoryLog::new(), entry).await;
}

async fn bus_contract(one: &impl Bus, two: &impl Bus) {
    let [a, b]: [ChannelId; 2] = ["a".into(), "b".into()];
    let (only_a, only_b) = (std::slice::from_ref(&a), std::slice::from_ref(&b));
    let message = |channel: &ChannelId, text: &'static str| {
        Some(BusEvent::Message(BusMessage { channel: channel.clone(), bytes: Bytes::from_static(text.as_bytes()) }))
    };

    two.subscribe(only_a).await.unwrap();
    two.subscribe(only_a).await.unwrap();
    one.publish(&b, Bytes::from_static(b"nobody listens")).await.unwrap();
    one.publish(&a, Bytes::from_static(b"1")).await.unwrap();
    one.publish(&a, Bytes::from_static(b"2")).await.unwrap();
    assert_eq!(soon(two.receive()).await, message(&a, "1"), "subscribed channels only, once each");
    assert_eq!(soon(two.receive()).await, message(&a, "2"), "in order");

    two.unsubscribe(only_a).await.unwrap();
    two.unsubscribe(only_a).await.unwrap();
    two.subscribe(only_b).await.unwrap();
    one.publish(&a, Bytes::from_static(b"3")).await.unwrap();
    one.publish(&b, Bytes::from_static(b"4")).await.unwrap();
    assert_eq!(soon(two.receive()).await, message(&b, "4"), "nothing after an unsubscribe");

    let mut receiving = two.receive();
    assert!(futures_util::FutureExt::now_or_never(&mut receiving).is_none());
    drop(receiving);
    one.publish(&b, Bytes::from_static(b"5")).await.unwrap();
    assert_eq!(soon(two.receive()).await, message(&b, "5"), "a receive that was dropped loses nothing");

    let many: Vec<ChannelId> = (0..300).map(|n| format!("many/{n}").into()).collect();
    two.subscribe(&many).await.unwrap();
    for channel in &many {
        one.publish(channel, Bytes::from_static(b"each")).await.unwrap();
    }
    let mut heard = Vec::new();
    while heard.len() < many.len() {
        if let Some(BusEvent::Message(message)) = soon(two.receive()).await {
            heard.push(message.channel);
        }
    }
    heard.sort();
    let mut many = many;
    many.sort();
    assert_eq!(heard, many, "any number of channels");
    assert!(one.state().connected && two.state().connected);
}

#[tokio::test]
async fn the_memory_bus_keeps_the_contract_of_buses() {
    let exchange = MemoryExchange::new();
    bus_contract(&exchange.attach(), &exchange.attach()).await;
}

async fn redis_bus_contract(config: RedisConfig) {
    let (one, two) = (RedisBus::new(config.clone()), RedisBus::new(config));
    for bus in [&one, &two] {
        assert_eq!(soon(bus.receive()).await, Some(BusEvent::Resumed), "it says when it has its connection");
    }
    bus_contract(&one, &two).await;
}

#[tokio::test]
async fn the_redis_bus_keeps_the_contract_of_buses() {
    let server = redis_server::Server::start().await;
    redis_bus_contract(server.config()).await;
}

#[tokio::test]
async fn the_redis_bus_keeps_the_contract_of_buses_on_a_cluster_too() {
    let cluster = redis_server::Cluster::start().await;
    redis_bus_contract(cluster.config()).await;
}

#[tokio::test]
async fn a_redis_bus_says_that_it_is_away_and_subscribes_again_by_itself() {
    let mut server = redis_server::Server::start().await;
    let (one, two) = (RedisBus::new(server.config()), RedisBus::new(server.config()));
    for bus in [&one, &two] {
        assert_eq!(soon(bus.receive()).await, Some(BusEvent::Resumed));
    }
    let [a, b]: [ChannelId; 2] = ["a".into(), "b".into()];
    two.subscribe(std::slice::from_ref(&a)).await.unwrap();
    server.kill().await;
    soon(async {
        while one.state().connected || two.state().connected {
            tokio::task::yield_now().await;
        }
    })
    .await;
    one.publish(&a, Bytes::from_static(b"lost")).await.unwrap_err();
    soon(two.subscribe(std::slice::from_ref(&b))).await.unwrap_err();
    server.restart().await;
    for bus in [&one, &two] {
        assert_eq!(soon(bus.receive()).await, Some(BusEvent::Resumed));
    }
    for channel in [a, b] {
        one.publish(&channel, Bytes::from_static(b"back")).await.unwrap();
        assert_eq!(soon(two.receive()).await, Some(BusEvent::Message(BusMessage { channel, bytes: Bytes::from_static(b"back") })));
    }
}

/// The nodes that hold a lease, which runs that long for each.
async fn listed(registry: &impl Registry, left: std::ops::Range<Duration>) -> Vec<NodeRecord> {
    let listed = registry.list().await.unwrap();
    assert!(listed.iter().all(|leased| left.contains(&leased.left)), "{listed:?}");
    listed.into_iter().map(|leased| leased.node).collect()
}

/// `pass` lets time go by for the registry.
async fn registry_contract<F: Future<Output = ()>>(registry: &impl Registry, lease: Duration, pass: impl Fn(Duration) -> F) {
    let node = |number| {
        let address = Some("ws://node".to_owned());
        NodeRecord {
            id: NodeId(Uuid::from_u128(number)),
            address,
            connections: 0,
            weight: 100,
            load: 0.25,
            about: serde_json::json!({"name": "a"}),
        }
    };
    let lost = |result: Result<(), RegistryError>| matches!(result, Err(RegistryError::Lost));
    let (mut one, two) = (node(1), node(2));
    let first = registry.register(one.clone(), lease).await.unwrap();
    let second = registry.register(two.clone(), lease).await.unwrap();
    assert!(second > first, "epochs grow over all nodes");
    let whole = lease + Duration::from_millis(1);
    assert_eq!(listed(registry, Duration::ZERO..whole).await, [one.clone(), two.clone()]);

    pass(lease / 2).await;
    assert_eq!(listed(registry, Duration::ZERO..lease / 2 + Duration::from_millis(1)).await, [one.clone(), two.clone()]);
    one.connections = 7;
    registry.heartbeat(one.clone(), first, lease).await.unwrap();
    pass(lease / 2 + Duration::from_millis(1)).await;
    assert_eq!(listed(registry, Duration::ZERO..whole).await, [one.clone()], "a lease that is not renewed ends");
    assert!(lost(registry.heartbeat(two.clone(), second, lease).await), "and cannot be renewed any more");
    assert!(lost(registry.leave(two.id, second).await));
    let third = registry.register(two.clone(), lease).await.unwrap();
    assert!(third > second, "a new lease has a new epoch");
    assert!(lost(registry.heartbeat(two.clone(), second, lease).await), "a stale epoch writes nothing");
    assert!(lost(registry.leave(two.id, second).await));
    registry.heartbeat(two.clone(), third, lease).await.unwrap();
    registry.heartbeat(one.clone(), first, lease).await.unwrap();
    assert_eq!(listed(registry, Duration::ZERO..whole).await, [one.clone(), two.clone()]);

    registry.leave(one.id, first).await.unwrap();
    assert!(lost(registry.leave(one.id, first).await));
    assert_eq!(listed(registry, Duration::ZERO..whole).await, [two]);
}

#[tokio::test(start_paused = true)]
async fn the_memory_registry_keeps_the_contract_of_registries() {
    registry_contract(&MemoryRegistry::new(), Duration::from_secs(10), tokio::time::advance).await;
}

#[tokio::test]
async fn the_redis_registry_keeps_the_contract_of_registries() {
    let server = redis_server::Server::start().await;
    registry_contract(&RedisRegistry::new(server.config()), Duration::from_secs(1), tokio::time::sleep).await;
}

#[tokio::test]
async fn the_redis_registry_keeps_the_contract_of_registries_on_a_cluster_too() {
    let cluster = redis_server::Cluster::start().await;
    registry_contract(&RedisRegistry::new(cluster.config()), Duration::from_secs(1), tokio::time::sleep).await;
}

#[tokio::test]
async fn a_redis_registry_that_was_emptied_gives_higher_epochs_still() {
    let mut server = redis_server::Server::start().await;
    let registry = RedisRegistry::new(server.config());
    let node = NodeRecord { id: NodeId(Uuid::from_u128(1)), address: None, connections: 0, weight: 100, load: 0.0, about: Value::Null };
    let lease = Duration::from_secs(10);
    let before = registry.register(node.clone(), lease).await.unwrap();
    server.kill().await;
    assert!(matches!(registry.list().await, Err(RegistryError::Away(_))));
    server.restart().await;
    assert!(matches!(registry.heartbeat(node.clone(), before, lease).await, Err(RegistryError::Lost)));
    assert!(registry.register(node, lease).await.unwrap() > before);
}

/// Two ends of the same limits, or one twice.
async fn limits_contract(one: &impl Limits, two: &impl Limits) {
    let rate = Rate { burst: 3, per_second: 5.0 };
    for limits in [0, 1, 0] {
        let taken = if limits == 0 { one.take("ann", rate).await } else { two.take("ann", rate).await };
        assert_eq!(taken, Ok(()), "a bucket that nobody used is full");
    }
    let wait = two.take("ann", rate).await.unwrap_err();
    assert!(wait > Duration::ZERO && wait <= Duration::from_millis(200), "{wait:?}");
    assert_eq!(one.take("bea", rate).await, Ok(()), "keys do not share");
    tokio::time::sleep(wait + Duration::from_millis(2)).await;
    assert_eq!(one.take("ann", rate).await, Ok(()), "it is there when it was said to be");
    let still = Rate { burst: 5, per_second: 0.001 };
    let drawn = one.draw("dee", still, 4).await;
    assert_eq!((drawn.result, drawn.left), (Ok(()), 1), "several go together …");
    assert!(drawn.full_after > Duration::from_mins(65), "{drawn:?}");
    assert!(two.draw("dee", still, 2).await.result.is_err(), "… or none of them");
    assert_eq!((one.draw("dee", still, -3).await.left, two.draw("dee", still, 0).await.left), (4, 4), "what is put back is there again");
    assert_eq!(two.draw("dee", still, -9).await.left, 5, "but never more than fit");
    let slow = Rate { burst: 1, per_second: 0.01 };
    assert_eq!(one.take("cid", slow).await, Ok(()));
    assert!(two.take("cid", slow).await.unwrap_err() > Duration::from_secs(90));
}

#[tokio::test]
async fn the_memory_limits_keep_the_contract_of_limits() {
    let limits = MemoryLimits::new();
    limits_contract(&limits, &limits).await;
}

#[tokio::test]
async fn the_redis_limits_keep_the_contract_of_limits_over_nodes() {
    let server = redis_server::Server::start().await;
    limits_contract(&RedisLimits::new(server.config()), &RedisLimits::new(server.config())).await;
}

#[tokio::test]
async fn limits_hold_on_each_node_while_redis_is_away_and_over_all_again_after() {
    let mut server = redis_server::Server::start().await;
    let (one, two) = (RedisLimits::new(server.config()), RedisLimits::new(server.config()));
    let rate = Rate { burst: 2, per_second: 0.001 };
    assert_eq!(one.take("ann", rate).await, Ok(()));
    server.kill().await;
    for limits in [&one, &two] {
        assert_eq!([limits.take("ann", rate).await.is_ok(), limits.take("ann", rate).await.is_ok()], [true; 2]);
        assert!(limits.take("ann", rate).await.is_err(), "a node keeps the rate by itself");
        assert!(!limits.shared());
    }
    server.restart().await;
    soon(async {
        while !(one.shared() && two.shared()) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert_eq!(
        [one.take("bea", rate).await.is_ok(), two.take("bea", rate).await.is_ok(), one.take("bea", rate).await.is_ok()],
        [true, true, false]
    );
}
