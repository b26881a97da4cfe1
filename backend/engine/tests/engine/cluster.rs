//! Two nodes on one bus.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use xpush::Cluster;
use xpush::bus::memory::MemoryExchange;
use xpush::registry::Registry;
use xpush::registry::memory::MemoryRegistry;

use crate::hall::{Open, ephemeral, open_in, options, soon};
use crate::websocket_client::Client;

async fn two() -> ([Arc<Open>; 2], Arc<MemoryRegistry>) {
    let (exchange, registry) = (MemoryExchange::new(), Arc::new(MemoryRegistry::new()));
    let cluster = || Cluster { bus: Arc::new(exchange.attach()), registry: Arc::clone(&registry) as Arc<dyn Registry>, address: None };
    let nodes = [open_in(options(), Some(cluster())).await, open_in(options(), Some(cluster())).await];
    (nodes, registry)
}

#[tokio::test]
async fn what_one_node_publishes_reaches_members_on_the_other_once() {
    let ([here, there], _) = two().await;
    let mut near = Client::come(here.address, "near", &["log/a", "eph"]).await;
    let mut far = Client::come(there.address, "far", &["log/a", "eph"]).await;
    // A subscription takes effect behind the join: publish until it is heard.
    let subscribed = async {
        loop {
            here.engine.publish(ephemeral("eph", &json!("ping"))).await;
            tokio::select! {
                biased;
                frame = far.next_of("pub") => return frame,
                () = tokio::task::yield_now() => {}
            }
        }
    };
    assert_eq!(soon(subscribed).await["d"], "ping");
    here.say("log/a", "both hear").await;
    for client in [&mut near, &mut far] {
        while client.next_of("pub").await != json!({"t": "pub", "ch": "log/a", "seq": 1, "d": {"text": "both hear", "seq": 1}}) {}
    }
    here.say("log/a", "once").await;
    assert_eq!(near.next_of("pub").await["seq"], 2);
    assert_eq!(far.next_of("pub").await["seq"], 2);
}

#[tokio::test]
async fn nodes_are_registered_and_give_their_lease_back_when_they_drain() {
    let ([here, there], registry) = two().await;
    let registered = |count: usize| {
        let registry = Arc::clone(&registry);
        async move {
            while registry.list().await.unwrap().len() != count {
                tokio::task::yield_now().await;
            }
        }
    };
    soon(registered(2)).await;
    here.engine.drain(Duration::from_secs(1)).await;
    soon(registered(1)).await;
    assert_eq!(registry.list().await.unwrap()[0].id, there.engine.node_id());
}
