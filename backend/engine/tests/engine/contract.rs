//! What every implementation of a log, a bus and a registry must do. The memory twins pass here; others call the same functions.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use uuid::Uuid;
use xpush::bus::memory::MemoryExchange;
use xpush::bus::{Bus, BusMessage};
use xpush::memory::MemoryLog;
use xpush::registry::memory::MemoryRegistry;
use xpush::registry::{NodeId, NodeRecord, Registry};
use xpush::{ChannelId, ChannelLog, Publication};

use crate::hall::soon;

async fn log_contract<L: ChannelLog<Reply = u64>>(log: &L, entry: impl Fn(&str, u64) -> L::Entry) {
    let [a, b, empty]: [ChannelId; 3] = ["a".into(), "b".into(), "empty".into()];
    let numbers = |found: &[Publication]| found.iter().filter_map(|publication| publication.seq).collect::<Vec<_>>();

    let committed = log.append(vec![entry("a", 1), entry("b", 2), entry("a", 3)]).await.unwrap();
    let committed: Vec<_> = committed.into_iter().map(Result::unwrap).collect();
    assert_eq!(committed.iter().map(|appended| appended.reply).collect::<Vec<_>>(), [1, 1, 2], "numbers are of the channel, from 1");
    for appended in &committed {
        assert_eq!(numbers(&appended.publications), [appended.reply], "what is published is what was committed");
    }
    log.append((4..=9).map(|n| entry("a", n)).collect()).await.unwrap();

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
    assert!(log.append(Vec::new()).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_memory_log_keeps_the_contract_of_logs() {
    let entry = |channel: &str, n| -> (ChannelId, Value) { (channel.into(), json!({"n": n})) };
    log_contract(&MemoryLog::new(), entry).await;
}

async fn bus_contract(one: &impl Bus, two: &impl Bus) {
    let [a, b]: [ChannelId; 2] = ["a".into(), "b".into()];
    let message =
        |channel: &ChannelId, text: &'static str| BusMessage { channel: channel.clone(), bytes: Bytes::from_static(text.as_bytes()) };

    two.subscribe(&a).await.unwrap();
    two.subscribe(&a).await.unwrap();
    one.publish(&b, Bytes::from_static(b"nobody listens")).await.unwrap();
    one.publish(&a, Bytes::from_static(b"1")).await.unwrap();
    one.publish(&a, Bytes::from_static(b"2")).await.unwrap();
    assert_eq!(soon(two.receive()).await, Some(message(&a, "1")), "subscribed channels only, once each");
    assert_eq!(soon(two.receive()).await, Some(message(&a, "2")), "in order");

    two.unsubscribe(&a).await.unwrap();
    two.unsubscribe(&a).await.unwrap();
    two.subscribe(&b).await.unwrap();
    one.publish(&a, Bytes::from_static(b"3")).await.unwrap();
    one.publish(&b, Bytes::from_static(b"4")).await.unwrap();
    assert_eq!(soon(two.receive()).await, Some(message(&b, "4")), "nothing after an unsubscribe");

    let mut receiving = two.receive();
    assert!(futures_util::FutureExt::now_or_never(&mut receiving).is_none());
    drop(receiving);
    one.publish(&b, Bytes::from_static(b"5")).await.unwrap();
    assert_eq!(soon(two.receive()).await, Some(message(&b, "5")), "a receive that was dropped loses nothing");
}

#[tokio::test]
async fn the_memory_bus_keeps_the_contract_of_buses() {
    let exchange = MemoryExchange::new();
    bus_contract(&exchange.attach(), &exchange.attach()).await;
}

/// `pass` lets time go by for the registry.
async fn registry_contract<F: Future<Output = ()>>(registry: &impl Registry, pass: impl Fn(Duration) -> F) {
    let lease = Duration::from_secs(10);
    let node = |connections| NodeRecord { id: NodeId(Uuid::from_u128(connections)), address: Some("ws://node".to_owned()), connections: 0 };
    let (mut one, two) = (node(1), node(2));
    registry.register(one.clone(), lease).await.unwrap();
    registry.register(two.clone(), lease).await.unwrap();
    assert_eq!(registry.list().await.unwrap(), [one.clone(), two.clone()]);

    pass(lease / 2).await;
    one.connections = 7;
    registry.heartbeat(one.clone(), lease).await.unwrap();
    pass(lease / 2 + Duration::from_millis(1)).await;
    assert_eq!(registry.list().await.unwrap(), [one.clone()], "a lease that is not renewed ends");

    registry.leave(one.id).await.unwrap();
    registry.leave(one.id).await.unwrap();
    assert_eq!(registry.list().await.unwrap(), []);
    registry.heartbeat(two.clone(), lease).await.unwrap();
    assert_eq!(registry.list().await.unwrap(), [two], "a forgotten node comes back by its heartbeat");
}

#[tokio::test(start_paused = true)]
async fn the_memory_registry_keeps_the_contract_of_registries() {
    registry_contract(&MemoryRegistry::new(), tokio::time::advance).await;
}
