//! XPUSH's own namespaces, packet by packet; alone and on several nodes.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use xpush::{Options, xpush_wire};

use crate::cluster::{Nodes, quick};
use crate::hall::{ephemeral, open, options, soon};
use crate::websocket_client::Client as OwnClient;

/// A client that speaks text packets over Engine.IO.
struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    sid: String,
}

impl Client {
    async fn open(address: SocketAddr, version: u8, query: &str) -> Self {
        let url = format!("ws://{address}/socket.io/?{query}&EIO={version}&transport=websocket");
        let (socket, _) = soon(connect_async(url)).await.unwrap();
        let mut client = Self { socket, sid: String::new() };
        let hello = client.next().await;
        let hello: Value = serde_json::from_str(hello.strip_prefix('0').unwrap()).unwrap();
        assert_eq!((&hello["pingInterval"], &hello["pingTimeout"]), (&json!(25_000), &json!(60_000)));
        hello["sid"].as_str().unwrap().clone_into(&mut client.sid);
        client
    }

    /// Of Engine.IO 3, in a channel of `demo`, after its own arrival was said.
    async fn come(address: SocketAddr, channel: &str, user: &str) -> Self {
        let mut client = Self::open(address, 3, &format!("A=demo&C={channel}&U={user}&D=WEB&S=10&MD=CHANNEL_ONLY")).await;
        assert_eq!(client.next().await, "40");
        client.say("40/channel").await;
        assert_eq!(client.next().await, "40/channel");
        while client.event("_event").await["U"] != user {}
        client
    }

    async fn say(&mut self, packet: &str) {
        soon(self.socket.send(Message::text(packet))).await.unwrap();
    }

    async fn next(&mut self) -> String {
        loop {
            match soon(self.socket.next()).await.expect("the socket ended").unwrap() {
                Message::Text(text) if text.as_str() != "2" => return text.to_string(),
                _ => {}
            }
        }
    }

    /// True when the connection ends without another packet than its beginning and its end.
    async fn ends(&mut self) -> bool {
        loop {
            match soon(self.socket.next()).await {
                Some(Ok(Message::Text(text))) if matches!(text.as_str(), "1" | "40") => {}
                Some(Ok(Message::Text(_))) => return false,
                None | Some(Err(_) | Ok(Message::Close(_))) => return true,
                Some(Ok(_)) => {}
            }
        }
    }

    /// The first argument of the next event of this name.
    async fn event(&mut self, name: &str) -> Value {
        loop {
            if let Some(event) = self.next().await.strip_prefix("42/channel,") {
                let mut event: Vec<Value> = serde_json::from_str(event).unwrap();
                if event[0] == name {
                    return event.swap_remove(1);
                }
            }
        }
    }

    /// Whether an event of this name comes within a moment after something was done.
    async fn hears(&mut self, name: &str, done: impl Future<Output = ()>) -> bool {
        done.await;
        tokio::time::timeout(Duration::from_millis(200), self.event(name)).await.is_ok()
    }

    async fn send(&mut self, params: &Value) {
        self.say(&format!("42/channel,{}", json!(["send", params]))).await;
    }
}

#[tokio::test]
async fn a_session_runs_as_it_ran_on_the_first_xpush() {
    let hall = open(options()).await;
    let mut one = Client::open(hall.address, 3, "A=demo&C=channel01&U=alice&D=WEB&S=10&MD=CHANNEL_ONLY").await;
    assert_eq!(one.next().await, "40");
    one.say("40/channel").await;
    assert_eq!(one.next().await, "40/channel");
    let came = one.event("_event").await;
    let server = hall.engine.node_id().to_string();
    assert_eq!(
        came,
        json!({"event": "CONNECTION", "id": format!("/channel#{}", one.sid), "count": 1, "A": "demo", "C": "channel01", "S": server, "U": "alice", "D": "WEB"})
    );
    one.say(r#"42/channel,1["send",{"NM":"message","DT":{"a":1}}]"#).await;
    assert_eq!(one.next().await, r#"42/channel,["message",{"C":"channel01","TS":1795291782431,"a":1}]"#);
    let (head, answer) = one.next().await.split_once('[').map(|(head, answer)| (head.to_owned(), format!("[{answer}"))).unwrap();
    assert_eq!(head, "43/channel,1");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(
        answer,
        json!([{"status": "ok", "params": {"NM": "message", "DT": {"a": 1, "C": "channel01", "TS": 1_795_291_782_431_i64}}}])
    );
    one.say(r#"42/channel,2["send",{}]"#).await;
    assert!(one.next().await.contains("[NM] must be supplied"));
    one.say("40/nosuch").await;
    assert_eq!(one.next().await, r#"44/nosuch,"Invalid namespace""#);
    hall.counts_until(|counts| counts.xpush == 1 && counts.websocket == 0).await;

    let mut stranger = Client::open(hall.address, 3, "A=demo").await;
    assert_eq!(stranger.next().await, "40");
    stranger.say("40/channel").await;
    assert_eq!(stranger.next().await, r#"44/channel,"[C] must be supplied""#);
    stranger.say("40/channel?C=channel01&U=later").await;
    assert_eq!(stranger.next().await, "40/channel", "a client may try again, with what it put into the namespace");
    assert_eq!(one.event("_event").await["count"], 2);
    stranger.say("41/channel").await;
    assert_eq!(one.event("_event").await, json!({"event": "DISCONNECT", "count": 1, "A": "demo", "C": "channel01", "U": "later"}));
}

#[tokio::test]
async fn a_new_client_says_its_fields_in_the_packet_and_is_whom_its_token_says() {
    let hall = open(options()).await;
    let mut one = Client::open(hall.address, 4, "A=named").await;
    one.say(r#"40/channel,{"C":"a","U":"somebody else"}"#).await;
    assert_eq!(one.next().await, r#"44/channel,{"message":"no such app"}"#);
    one.say(r#"40/channel,{"C":"a","U":"somebody else","TK":"alice"}"#).await;
    let told: Value = serde_json::from_str(one.next().await.strip_prefix("40/channel,").unwrap()).unwrap();
    let came = one.event("_event").await;
    assert_eq!((&came["U"], &came["id"]), (&json!("alice"), &told["sid"]));
    assert!(!told["sid"].as_str().unwrap().contains(&one.sid), "what others hear is not what polling would need to speak for the session");
    assert_eq!(xpush_wire::end(&hall.engine, "named"), 1);
    assert_eq!(one.next().await, "41/channel");
    assert!(one.ends().await);
}

#[tokio::test]
async fn what_is_no_packet_ends_the_connection_and_an_idle_one_ends_by_itself() {
    let hall = open(Options { hello_timeout: Duration::from_millis(300), ..options() }).await;
    for bad in ["4x", "451-/channel,[\"send\",{\"_placeholder\":true,\"num\":0}]", "42/channel,{"] {
        let mut client = Client::come(hall.address, "a", "u").await;
        client.say(bad).await;
        assert!(client.ends().await, "{bad}");
    }
    let mut idle = Client::open(hall.address, 3, "A=demo").await;
    assert_eq!(idle.next().await, "40");
    assert!(idle.ends().await);
    hall.counts_until(|counts| counts.xpush == 0).await;
}

#[tokio::test]
async fn a_client_that_does_not_wait_is_slowed_and_then_cut() {
    let hall = open(Options { request_burst: 5, requests_per_second: 10, ..options() }).await;
    let mut quiet = Client::come(hall.address, "flood", "quiet").await;
    let mut loud = Client::come(hall.address, "flood", "loud").await;
    for number in 0..400 {
        let text = format!("42/channel,{}", json!(["send", {"NM": "message", "DT": {"n": number}}]));
        if loud.socket.send(Message::text(text)).await.is_err() {
            break;
        }
    }
    let mut received = 0;
    loop {
        let packet = quiet.next().await;
        if packet.contains("DISCONNECT") && packet.contains("loud") {
            break;
        }
        received += usize::from(packet.contains("\"message\""));
    }
    assert!(received < 200, "{received} came through");
}

#[tokio::test]
async fn connections_of_one_address_are_counted_with_all_others() {
    let hall = open(Options { connections_per_address: 2, ..options() }).await;
    let _one = Client::come(hall.address, "a", "one").await;
    let _two = OwnClient::come(hall.address, "two", &["a"]).await;
    let mut three = Client::open(hall.address, 3, "A=demo&C=a").await;
    assert!(three.ends().await);
}

#[tokio::test]
async fn the_engines_own_clients_cannot_join_a_channel_of_an_app_nor_hear_of_who_is_there() {
    let hall = open(options()).await;
    let mut client = Client::come(hall.address, "a", "alice").await;
    let _own = OwnClient::come(hall.address, "ann", &["a"]).await;
    assert_eq!(hall.presence_change().await, ("ann".to_owned(), true), "of the app's people the policy hears nothing");
    client.send(&json!({"NM": "message", "DT": {"n": 1}})).await;
    assert_eq!(client.event("message").await["n"], 1);
    assert_eq!(hall.engine.members(&xpush_wire::channel("demo", "a")), 1);
    assert_eq!(hall.engine.members(&"a".into()), 1);
}

#[tokio::test]
async fn nodes_count_together_and_a_private_message_finds_its_connection_on_any_node() {
    for nodes in [Nodes::in_memory(2, quick()).await, Nodes::on_redis(2, quick()).await] {
        let room = xpush_wire::channel("demo", "big");
        let counted = |count: usize| {
            let room = room.clone();
            move |node: &crate::hall::Open| node.engine.members(&room) == count
        };
        let mut near = Client::come(nodes.address(0), "big", "near").await;
        nodes.until("one is counted", counted(1)).await;
        // Its node listens to the channel as soon as one of these arrives.
        while !near.hears("probe", nodes.open[1].engine.publish(ephemeral(room.clone(), &json!(["probe", {}])))).await {}
        let mut far = Client::open(nodes.address(1), 3, "A=demo&C=big&U=far").await;
        assert_eq!(far.next().await, "40");
        far.say("40/channel").await;
        assert_eq!(far.event("_event").await["count"], 2, "with those on the other node");
        let came = near.event("_event").await;
        assert_eq!((&came["event"], &came["U"], &came["count"]), (&json!("CONNECTION"), &json!("far"), &json!(2)));
        nodes.until("both are counted", counted(2)).await;

        far.send(&json!({"NM": "message", "DT": {"n": 1}})).await;
        let (here, there) = (near.event("message").await, far.event("message").await);
        assert_eq!(here, there, "the same time on both nodes");
        let id = came["id"].as_str().unwrap();
        // Its node may listen to the connection's own channel a moment later than to the room.
        let private = json!({"NM": "private", "DT": {"n": 2}, "SS": id, "S": came["S"]});
        while !far.hears("private", near.send(&private)).await {}

        drop(far);
        let gone = near.event("_event").await;
        assert_eq!((&gone["event"], &gone["U"], &gone["count"]), (&json!("DISCONNECT"), &json!("far"), &json!(1)));
        assert_eq!(xpush_wire::end(&nodes.open[1].engine, "demo"), 0);
        assert_eq!(near.next().await, "41/channel", "an app that ends ends on every node");
    }
}
