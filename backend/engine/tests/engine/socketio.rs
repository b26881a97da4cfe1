//! The Socket.IO transport: the same as over WebSocket, spoken as events.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use xpush::{Coalesce, Disconnect, Options};

use crate::hall::{ephemeral, open, options, soon, spawn};
use crate::socketio_client::Client;

#[tokio::test]
async fn the_auth_payload_is_the_hello_and_requests_are_acknowledged() {
    let hall = open(options()).await;
    let (mut client, welcome) = Client::come(hall.address, "ann", &["log/a"]).await;
    assert_eq!((&welcome["v"], &welcome["hall"], &welcome["peer"]), (&json!(1), &json!("great"), &json!("127.0.0.1")));
    assert_eq!(client.next().await, ("hb".to_owned(), json!({"top": {}})));
    assert_eq!(client.request("echo", json!({"n": 1})).await, json!({"ok": {"n": 1}}));
    assert_eq!(client.request("dance", json!({})).await, json!({"err": {"code": "invalid", "message": "dance?"}}));
    client.ask("say", json!({"room": "log/a", "text": "hi"})).await;
    let expected = json!({"ch": "log/a", "seq": 1, "d": {"by": "ann", "room": "log/a", "seq": 1, "text": "hi"}});
    assert_eq!(client.next().await, ("pub".to_owned(), expected));
    let joined = client.request("channel.join", json!({"channel": "log/a", "after": 0})).await;
    assert_eq!(joined["ok"]["entries"][0]["text"], "hi");
    assert_eq!(hall.engine.counts().socketio, 1);
}

#[tokio::test]
async fn a_refused_handshake_is_answered_by_bye_and_a_disconnect() {
    let hall = open(options()).await;
    for (auth, code) in [(json!({"v": 1}), 4100), (json!({"v": 1, "name": "banned"}), 4101), (json!({"name": "ann"}), 4203)] {
        let mut client = Client::connect(hall.address, &auth).await;
        assert_eq!(client.bye().await["code"], code, "{auth}");
    }
    assert_eq!(hall.engine.counts().socketio, 0);
}

#[tokio::test]
async fn requests_of_one_connection_are_answered_in_order() {
    let hall = open(options()).await;
    let (mut client, _) = Client::come(hall.address, "ann", &[]).await;
    for n in 1..=50 {
        client.ask("echo", json!({"n": n})).await;
    }
    for n in 1..=50 {
        assert_eq!(client.next_packet().await, format!(r#"43{n}[{{"ok":{{"n":{n}}}}}]"#));
    }
}

#[tokio::test]
async fn a_batch_is_events_back_to_back() {
    let coalesce = Coalesce { steps: Vec::new(), beyond: Duration::from_millis(20), ..Coalesce::default() };
    let hall = open(Options { coalesce, ..options() }).await;
    let (mut client, _) = Client::come(hall.address, "ann", &["eph"]).await;
    for n in 1..=5 {
        hall.engine.publish(ephemeral("eph", &json!(n))).await;
    }
    for n in 1..=5 {
        assert_eq!(client.next().await, ("pub".to_owned(), json!({"ch": "eph", "d": n})));
    }
}

#[tokio::test]
async fn a_client_that_takes_batches_gets_one_event_for_many() {
    let coalesce = Coalesce { steps: Vec::new(), beyond: Duration::from_secs(1), ..Coalesce::default() };
    let hall = open(Options { coalesce, ..options() }).await;
    let mut client = Client::connect(hall.address, &json!({"v": 1, "name": "ann", "rooms": ["eph"], "batch": true})).await;
    assert_eq!(client.next().await.0, "welcome");
    for n in 1..=4 {
        hall.engine.publish(ephemeral("eph", &json!(n))).await;
    }
    assert_eq!(client.next().await, ("pub".to_owned(), json!({"ch": "eph", "d": 1})), "the first does not wait");
    let several = json!([{"ch": "eph", "d": 2}, {"ch": "eph", "d": 3}, {"ch": "eph", "d": 4}]);
    assert_eq!(client.next().await, ("pubs".to_owned(), several));
}

#[tokio::test]
async fn heartbeats_are_events_and_a_silent_client_is_closed() {
    let hall = open(Options { heartbeat: Duration::from_millis(100), ..options() }).await;
    hall.say("log/a", "one").await;
    let (mut client, _) = Client::come(hall.address, "ann", &["log/a"]).await;
    for _ in 0..6 {
        assert_eq!(client.next_of("hb").await, json!({"top": {"log/a": 1}}));
        client.emit("hb", &json!({})).await;
    }
    assert_eq!(client.bye().await["code"], 4002);
}

#[tokio::test]
async fn what_a_client_may_not_do_ends_its_connection_by_name() {
    let hall = open(Options { requests_per_second: 1, request_burst: 3, ..options() }).await;
    let (mut strange, _) = Client::come(hall.address, "ann", &[]).await;
    strange.emit("dance", &json!({})).await;
    assert_eq!(strange.bye().await["code"], 4203);
    let (mut malformed, _) = Client::come(hall.address, "ann", &[]).await;
    malformed.emit("request", &json!("echo")).await;
    assert_eq!(malformed.bye().await["code"], 4203);
    let (mut fast, _) = Client::come(hall.address, "ann", &[]).await;
    for _ in 0..4 {
        fast.ask("echo", json!({})).await;
    }
    assert_eq!(fast.bye().await["code"], 4301);
    hall.counts_until(|counts| counts.socketio == 0).await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_and_told_to_resume() {
    let hall = open(Options { queue_frames: 8, ..options() }).await;
    let (mut slow, _) = Client::come(hall.address, "ann", &["eph"]).await;
    let large = Value::from("x".repeat(60_000));
    let flooding = async {
        while hall.engine.counts().slow_consumers_cut == 0 {
            hall.engine.publish(ephemeral("eph", &large)).await;
            tokio::task::yield_now().await;
        }
    };
    soon(flooding).await;
    assert_eq!(slow.bye().await["name"], "slow_consumer");
}

#[tokio::test]
async fn kicks_limits_and_drain_hold_for_socketio_too() {
    let hall = open(Options { connections_per_address: 2, ..options() }).await;
    let (mut ann, _) = Client::come(hall.address, "ann", &[]).await;
    let (mut bea, _) = Client::come(hall.address, "bea", &[]).await;
    let mut third = Client::connect(hall.address, &json!({"v": 1, "name": "cleo"})).await;
    assert_eq!(third.bye().await["code"], 4300);
    assert_eq!(hall.engine.kick("ann", None, Disconnect::Forbidden, "out"), 1);
    assert_eq!(ann.bye().await["code"], 4200);
    let mut fourth = Client::connect(hall.address, &json!({"v": 1, "name": "dora"})).await;
    assert_eq!(fourth.bye().await["code"], 4300, "who was told to go counts until the connection is closed");
    drop(ann);
    let place_again =
        Box::pin(async { while Client::connect(hall.address, &json!({"v": 1, "name": "dora"})).await.next().await.0 != "welcome" {} });
    soon(place_again).await;
    let draining = spawn({
        let engine = hall.engine.clone();
        async move { engine.drain(Duration::from_secs(10)).await }
    });
    assert_eq!(bea.bye().await["code"], 4000);
    soon(draining).await.unwrap();
}

async fn http(address: SocketAddr, method: &str, query: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "{method} /socket.io/?EIO=4&transport=polling{query} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: text/plain;charset=UTF-8\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    soon(stream.read_to_string(&mut answer)).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    body.to_owned()
}

#[tokio::test]
async fn polling_works_where_websocket_does_not() {
    let hall = open(options()).await;
    let open = http(hall.address, "GET", "", "").await;
    let opened: Value = serde_json::from_str(open.strip_prefix('0').unwrap()).unwrap();
    assert_eq!(opened["maxPayload"], 65_536);
    let sid = format!("&sid={}", opened["sid"].as_str().unwrap());
    assert_eq!(http(hall.address, "POST", &sid, r#"40{"v":1,"name":"ann","rooms":["eph"]}"#).await, "ok");
    let mut heard = String::new();
    while !heard.contains(r#"42["welcome""#) {
        heard += &http(hall.address, "GET", &sid, "").await;
    }
    assert_eq!(http(hall.address, "POST", &sid, r#"427["request",{"m":"echo","p":{"n":1}}]"#).await, "ok");
    while !heard.contains(r#"437[{"ok":{"n":1}}]"#) {
        heard += &http(hall.address, "GET", &sid, "").await;
    }
}
