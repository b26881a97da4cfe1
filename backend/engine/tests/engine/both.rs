//! One channel, members on both transports.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use xpush::{Coalesce, Options};

use crate::hall::{open, options, spawn};
use crate::{socketio_client, websocket_client};

const WRITERS: usize = 4;
const EACH: u64 = 50;
const ALL: u64 = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_member_receives_everything_in_the_same_order_whatever_its_transport() {
    for coalesce in [Coalesce::default(), Coalesce { steps: Vec::new(), beyond: Duration::from_millis(5), ..Coalesce::default() }] {
        let hall = open(Options { coalesce, ..options() }).await;
        let mut plain = websocket_client::Client::come(hall.address, "plain", &["log/a"]).await;
        let (mut events, _) = socketio_client::Client::come(hall.address, "events", &["log/a"]).await;
        let writers: Vec<_> = (0..WRITERS).map(|writer| spawn(write(hall.address, writer))).collect();
        let mut of_writer = [0; WRITERS];
        for seq in 1..=ALL {
            let publication = plain.next_of("pub").await;
            assert_eq!(publication["seq"], seq);
            let same = events.next_of("pub").await;
            assert_eq!((&same["ch"], &same["seq"], &same["d"]), (&publication["ch"], &publication["seq"], &publication["d"]));
            let writer: usize = publication["d"]["by"].as_str().unwrap().parse().unwrap();
            assert_eq!(publication["d"]["n"], of_writer[writer], "a writer's order is kept");
            of_writer[writer] += 1;
        }
        for writer in writers {
            writer.await.unwrap();
        }
        let counts = hall.engine.counts();
        assert_eq!(counts.appended, ALL);
        assert!(counts.batches <= counts.appended);
    }
}

async fn write(address: SocketAddr, writer: usize) {
    let mut client = websocket_client::Client::come(address, &writer.to_string(), &[]).await;
    for n in 0..EACH {
        client.request("say", json!({"room": "log/a", "n": n})).await;
    }
}
