//! How connections end: kicks, presence, drain.

use std::time::Duration;

use serde_json::{Value, json};
use xpush::{Code, Disconnect, Handshake, Options, TransportKind};

use crate::hall::{open, options, soon, spawn};
use crate::websocket_client::Client;

#[tokio::test]
async fn a_kick_reaches_one_device_or_all() {
    let hall = open(options()).await;
    let device = |device: &str| json!({"name": "ann", "device": device});
    let (mut phone, _) = Client::hello(hall.address, device("phone")).await;
    let (mut desk, _) = Client::hello(hall.address, device("desk")).await;
    let mut bea = Client::come(hall.address, "bea", &[]).await;
    assert_eq!(hall.engine.kick("ann", Some("phone"), Disconnect::LoginEnded, "signed out here"), 1);
    let bye = phone.bye().await;
    assert_eq!((&bye["code"], &bye["message"]), (&json!(4101), &json!("signed out here")));
    assert_eq!(desk.request("echo", json!({})).await["ok"], json!({}));
    assert_eq!(hall.engine.kick("ann", None, Disconnect::LoginEnded, "signed out everywhere"), 1);
    assert_eq!(desk.bye().await["code"], 4101);
    assert_eq!(bea.request("echo", json!({})).await["ok"], json!({}));
    assert_eq!(hall.engine.kick("ann", None, Disconnect::LoginEnded, "again"), 0);
}

#[tokio::test]
async fn presence_is_told_once_and_a_reload_is_not_an_absence() {
    let hall = open(Options { presence_ttl: Duration::from_millis(300), ..options() }).await;
    let first = Client::come(hall.address, "ann", &[]).await;
    let second = Client::come(hall.address, "ann", &[]).await;
    assert_eq!(hall.presence_change().await, ("ann".to_owned(), true));
    drop((first, second));
    hall.counts_until(|counts| counts.websocket == 0).await;
    assert!(hall.engine.is_present("ann"), "gone for a moment only");
    let back = Client::come(hall.address, "ann", &[]).await;
    drop(back);
    assert_eq!(hall.presence_change().await, ("ann".to_owned(), false), "absent once, without a second arrival");
    assert!(!hall.engine.is_present("ann"));
}

#[tokio::test]
async fn a_drain_says_when_to_come_back_and_takes_nobody_any_more() {
    let hall = open(options()).await;
    let mut clients = Vec::new();
    for n in 0..5 {
        clients.push(Client::come(hall.address, &n.to_string(), &["log/a"]).await);
    }
    hall.say("log/a", "the last word").await;
    let draining = spawn({
        let engine = hall.engine.clone();
        async move { engine.drain(Duration::from_secs(10)).await }
    });
    for mut client in clients {
        assert_eq!(client.next_of("pub").await["d"]["text"], "the last word");
        let bye = client.bye().await;
        assert_eq!((&bye["code"], &bye["name"]), (&json!(4000), &json!("going_away")));
        assert!(bye["retry_after_ms"].as_u64().unwrap() < 1_500);
    }
    soon(draining).await.unwrap();
    let mut late = Client::connect(hall.address).await;
    late.say_hello(json!({"name": "late"})).await;
    assert_eq!(late.bye().await["code"], 4000);
    let refused = hall.engine.append(("log/a".into(), json!({}))).await.unwrap_err();
    assert_eq!(refused.code, Code::Unavailable);
}

#[tokio::test]
async fn a_request_that_was_begun_is_finished_when_its_client_has_gone() {
    let hall = open(options()).await;
    let mut client = Client::come(hall.address, "ann", &[]).await;
    client.ask("slow", json!({})).await;
    soon(hall.begun.lock().await.recv()).await.unwrap();
    drop(client);
    hall.counts_until(|counts| counts.websocket == 0).await;
    let draining = spawn({
        let engine = hall.engine.clone();
        async move { engine.drain(Duration::from_secs(10)).await }
    });
    hall.engine.policy().gate.add_permits(1);
    soon(draining).await.unwrap();
    assert_eq!(hall.engine.policy().gate.available_permits(), 0, "the permit was taken by the request");
}

#[tokio::test]
async fn http_says_hello_and_asks_without_a_connection() {
    let hall = open(options()).await;
    let handshake = |payload: Value| Handshake {
        listener: "front",
        transport: TransportKind::Http,
        peer: [127, 0, 0, 1].into(),
        origin: None,
        user_agent: None,
        payload,
    };
    let accepted = hall.engine.hello(handshake(json!({"v": 1, "name": "ann"}))).await.unwrap();
    assert_eq!((&accepted.welcome["v"], accepted.welcome.get("connection")), (&json!(1), None));
    let refused = hall.engine.hello(handshake(json!({"v": 9, "name": "ann"}))).await.unwrap_err();
    assert_eq!(refused.disconnect, Some(Disconnect::VersionRefused));
    let caller = xpush::Caller {
        principal: accepted.principal.into(),
        identity: accepted.identity,
        connection: None,
        listener: "front",
        transport: TransportKind::Http,
        peer: [127, 0, 0, 1].into(),
    };
    hall.say("log/a", "one").await;
    let page = hall.engine.handle(&caller, "channel.since", json!({"channel": "log/a", "after": 0})).await.unwrap();
    assert_eq!(page["entries"][0]["text"], "one");
    for method in ["channel.join", "channel.leave"] {
        let refused = hall.engine.handle(&caller, method, json!({"channel": "log/a"})).await.unwrap_err();
        assert_eq!(refused.code, Code::Invalid);
    }
}
