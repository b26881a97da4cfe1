//! What a client may not do, on the WebSocket transport: too slow, too large, too fast, too many.

use serde_json::{Value, json};
use xpush::Options;

use crate::hall::{ephemeral, open, options, soon};
use crate::websocket_client::Client;

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_and_told_to_resume() {
    let hall = open(Options { queue_frames: 8, ..options() }).await;
    let mut slow = Client::come(hall.address, "ann", &["eph"]).await;
    let large = Value::from("x".repeat(60_000));
    let flooding = async {
        while hall.engine.counts().slow_consumers_cut == 0 {
            hall.engine.publish(ephemeral("eph", &large)).await;
            tokio::task::yield_now().await;
        }
    };
    soon(flooding).await;
    assert_eq!(hall.engine.counts().websocket, 0, "nothing more is queued to it");
    assert_eq!(slow.bye().await["name"], "slow_consumer");
}

#[tokio::test]
async fn a_message_over_the_limit_is_refused_by_the_limits_name() {
    let hall = open(Options { max_message_bytes: 10_000, ..options() }).await;
    let mut client = Client::come(hall.address, "ann", &[]).await;
    let fits = client.request("echo", json!({"text": "x".repeat(9_000)})).await;
    assert_eq!(fits["ok"]["text"].as_str().unwrap().len(), 9_000);
    client.send_text("x".repeat(50_000)).await;
    let bye = client.bye().await;
    assert_eq!(bye["code"], 4203);
    assert!(bye["message"].as_str().unwrap().contains("10000 bytes"), "{bye}");
    let mut early = Client::connect(hall.address).await;
    early.send_text("x".repeat(50_000)).await;
    assert_eq!(early.bye().await["code"], 4203);
}

#[tokio::test]
async fn binary_frames_are_refused() {
    let hall = open(options()).await;
    let mut client = Client::come(hall.address, "ann", &[]).await;
    let binary = tokio_tungstenite::tungstenite::Message::binary(vec![1, 2, 3]);
    soon(futures_util::SinkExt::send(&mut client.socket, binary)).await.unwrap();
    assert_eq!(client.bye().await["code"], 4203);
}

#[tokio::test]
async fn a_client_that_asks_too_fast_is_cut() {
    let hall = open(Options { requests_per_second: 1, request_burst: 3, ..options() }).await;
    let mut client = Client::come(hall.address, "ann", &[]).await;
    for _ in 0..5 {
        client.ask("echo", json!({})).await;
    }
    let bye = client.bye().await;
    assert_eq!((&bye["code"], bye["retry_after_ms"].is_u64()), (&json!(4301), true));
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_gets_a_place_back() {
    let hall = open(Options { connections_per_address: 2, ..options() }).await;
    let _first = Client::come(hall.address, "ann", &[]).await;
    let second = Client::connect(hall.address).await;
    let full = async {
        loop {
            let mut third = Client::connect(hall.address).await;
            let bye = third.bye().await;
            if bye["code"] == 4300 {
                return bye;
            }
        }
    };
    let bye = soon(full).await;
    assert!(bye["retry_after_ms"].as_u64().unwrap() >= 5_000);
    drop(second);
    let room_again = async {
        loop {
            let mut client = Client::connect(hall.address).await;
            client.say_hello(json!({"name": "bea"})).await;
            if client.next().await["t"] == "welcome" {
                return;
            }
        }
    };
    soon(room_again).await;
}
