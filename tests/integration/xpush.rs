//! XPUSH's own protocol on the widget's listener: which apps there are, who comes in as whom, and what ends it. What the wire says packet by packet
//! is tested in the engine, and with the libraries of that time in tests/xpush.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::Method;
use serde_json::{Value, json};
use stalk::clock::Clock;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::app::{Shop, TestApp, text};
use crate::identity::token;
use crate::operator::Operator;
use crate::tree;

const NOW: i64 = 1_795_298_351_000;
const PATIENCE: Duration = Duration::from_secs(30);

/// A client of Engine.IO 3 in `/channel`.
struct Client(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Client {
    /// Asks to come in; what the server answers is the next packet.
    async fn knock(widget: &str, namespace: &str, query: &str) -> Self {
        let url = format!("{}/socket.io/?{query}&EIO=3&transport=websocket", widget.replace("http", "ws"));
        let (stream, _) = timeout(PATIENCE, connect_async(url)).await.unwrap().unwrap();
        let mut client = Self(stream);
        assert!(client.next().await.unwrap().starts_with("0{"));
        assert_eq!(client.next().await.unwrap(), "40");
        client.say(&format!("40{namespace}")).await;
        client
    }

    async fn come(widget: &str, app: &str, more: &str) -> Result<(Self, Value), String> {
        let mut client = Self::knock(widget, "/channel", &format!("A={app}&C=room{more}")).await;
        let answer = client.next().await.unwrap();
        if let Some(why) = answer.strip_prefix("44/channel,") {
            return Err(serde_json::from_str(why).unwrap());
        }
        assert_eq!(answer, "40/channel");
        let came = client.event().await;
        Ok((client, came))
    }

    async fn say(&mut self, packet: &str) {
        timeout(PATIENCE, self.0.send(Message::text(packet))).await.unwrap().unwrap();
    }

    /// The next packet; `None` when the connection has ended.
    async fn next(&mut self) -> Option<String> {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("a packet") {
                Some(Ok(Message::Text(text))) if text.as_str() != "1" => return Some(text.to_string()),
                None | Some(Err(_) | Ok(Message::Close(_))) => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Whether an event is answered, and not by a refusal.
    async fn may(&mut self, namespace: &str, event: &str) -> bool {
        self.say(&format!(r#"42{namespace},1["{event}",{{"NM":"message","DT":{{"a":1}}}}]"#)).await;
        // Something that is always answered comes behind whatever is answered before it.
        self.say("40/end").await;
        let mut answered = false;
        loop {
            let packet = self.next().await.unwrap();
            if packet.starts_with("44/end") {
                return answered;
            }
            answered |= packet.starts_with(&format!("43{namespace},1")) && !packet.contains("ERR-");
        }
    }

    /// What the next `_event` says.
    async fn event(&mut self) -> Value {
        loop {
            let packet = self.next().await.expect("an event");
            if let Some(said) = packet.strip_prefix("42/channel,[\"_event\",") {
                return serde_json::from_str(said.trim_end_matches(']')).unwrap();
            }
        }
    }
}

fn signed(app: &Value, claims: &Value) -> String {
    token(&json!({"alg": "HS256", "typ": "JWT"}), claims, &text(&app["secret"]))
}

fn claims(app: &Value) -> Value {
    json!({"aud": app["key"], "sub": "alice", "channels": ["room"], "exp": NOW / 1000 + 60})
}

#[tokio::test]
async fn a_tenants_app_asks_for_tokens_of_its_own_secret_until_it_is_opened() {
    let shop = Shop::open_with(&[], Clock::fixed(NOW)).await;
    let app = shop.owner.post("/api/v1/apps", &json!({"name": "Game"})).await.ok();
    assert_eq!((app["mode"].as_str(), app["name"].as_str()), (Some("token"), Some("Game")));
    let (key, path) = (text(&app["key"]), format!("/api/v1/apps/{}", text(&app["id"])));
    let widget = &shop.widget;

    assert!(Client::come(widget, &key, "&U=alice").await.err().unwrap().contains("[TK]"));
    let good = signed(&app, &claims(&app));
    let (mut alice, came) = Client::come(widget, &key, &format!("&TK={good}")).await.unwrap();
    assert_eq!((came["U"].as_str(), came["count"].as_u64()), (Some("alice"), Some(1)), "who the token names");
    assert!(Client::come(widget, &key, &format!("&U=bob&TK={good}")).await.err().unwrap().contains("another user"));
    let mut elsewhere = claims(&app);
    elsewhere["channels"] = json!(["other"]);
    assert!(Client::come(widget, &key, &format!("&TK={}", signed(&app, &elsewhere))).await.err().unwrap().contains("this channel"));

    // Another secret ends who came by the old one, and old tokens.
    let rotated = shop.owner.post(&format!("{path}/secret"), &json!({})).await.ok();
    assert_ne!(rotated["secret"], app["secret"]);
    assert_eq!(alice.next().await.as_deref(), Some("41/channel"));
    assert_eq!(alice.next().await, None);
    assert!(Client::come(widget, &key, &format!("&TK={good}")).await.err().unwrap().contains("signature"));
    let (mut alice, _) = Client::come(widget, &key, &format!("&TK={}", signed(&rotated, &claims(&app)))).await.unwrap();

    // Opened, it takes everybody as whom they say; who was there comes again.
    assert_eq!(shop.owner.patch(&path, &json!({"mode": "open"})).await.ok()["mode"], "open");
    assert_eq!(alice.next().await.as_deref(), Some("41/channel"));
    let (mut bob, came) = Client::come(widget, &key, "&U=bob").await.unwrap();
    assert_eq!(came["U"], "bob");
    assert_eq!(shop.owner.patch(&path, &json!({"name": "Another name"})).await.ok()["name"], "Another name");
    bob.say(r#"42/channel,7["send",{"NM":"message","DT":{"a":1}}]"#).await;
    assert!(bob.next().await.unwrap().starts_with(r#"42/channel,["message",{"#), "a name ends nobody");

    assert_eq!(shop.owner.call(Method::DELETE, &path, &[], None).await.status, 204);
    assert!(bob.next().await.unwrap().starts_with("43/channel,7"));
    assert_eq!(bob.next().await.as_deref(), Some("41/channel"));
    assert_eq!(Client::come(widget, &key, "&U=bob").await.err().as_deref(), Some("there is no such app"));
    let gone: Value = shop.nobody().get(&format!("{widget}/node/{key}/room")).await.json();
    assert_eq!(gone["status"], "ERR-NOTEXIST");
}

#[tokio::test]
async fn no_app_is_open_unless_it_was_chosen_and_what_an_app_is_called_is_checked() {
    let shop = Shop::open_with(&[], Clock::fixed(NOW)).await;
    assert_eq!(Client::come(&shop.widget, "demo", "&U=a").await.err().as_deref(), Some("there is no such app"));
    for (body, field) in [(json!({"name": ""}), "name"), (json!({"name": "x".repeat(61)}), "name")] {
        let error = shop.owner.post("/api/v1/apps", &body).await.refused(422, "invalid");
        assert!(error["fields"][field].is_string(), "{error}");
    }
    shop.owner.post("/api/v1/apps", &json!({"name": "N", "mode": "closed"})).await.refused(422, "invalid");
    for number in 0..20 {
        assert_eq!(shop.owner.post("/api/v1/apps", &json!({"name": format!("App {number}")})).await.status, 201);
    }
    shop.owner.post("/api/v1/apps", &json!({"name": "One more"})).await.refused(409, "conflict");
    assert_eq!(shop.owner.get("/api/v1/apps").await.ok()["items"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn an_address_asks_for_so_many_sessions_a_minute() {
    let app = TestApp::empty(&["--xpush-open-app", "demo,other", "--sessions-per-minute", "3"], Clock::system()).await;
    let ask = async |name: &str| text(&Operator::nobody(&app.widget).get(&format!("/node/{name}/room")).await.json()["status"]);
    assert_eq!([ask("demo").await, ask("other").await, ask("demo").await, ask("demo").await], ["ok", "ok", "ok", "ERR-LIMIT"]);
}

/// Who may what, beside the routes: every event that the wire knows, by everybody there is. `true` is an answer that is no refusal.
#[tokio::test]
async fn every_event_of_the_wire_answers_each_client_as_the_table_says() {
    let shop = Shop::open_with(&["--xpush-open-app", "demo", "--xpush-admin-token", "secret"], Clock::fixed(NOW)).await;
    let app = shop.owner.post("/api/v1/apps", &json!({"name": "Game"})).await.ok();
    let (key, good) = (text(&app["key"]), signed(&app, &claims(&app)));
    let foreign = shop.owner.post("/api/v1/apps", &json!({"name": "Other"})).await.ok();
    let foreign = signed(&foreign, &claims(&foreign));
    let open = "A=demo&C=room&U=u".to_owned();
    let named = |token: &str| format!("A={key}&C=room&TK={token}");
    // Nobody, whoever comes to an open app, with a good token, with another app's, with the monitor's, with a wrong one.
    let who = [String::new(), open, named(&good), named(&foreign), "token=secret".to_owned(), "token=guess".to_owned()];
    let table = [
        ("/channel", "send", [false, true, true, false, false, false]),
        ("/admin", "info", [false, false, false, false, true, false]),
        ("/admin", "usage", [false, false, false, false, true, false]),
    ];
    let source = tree::read("backend/engine/src/xpush_wire/session.rs");
    let known: BTreeSet<&str> = source.split("Some(\"").skip(1).filter_map(|rest| rest.split_once("\"))").map(|(name, _)| name)).collect();
    assert_eq!(known, table.iter().map(|(_, event, _)| *event).collect(), "an event without a row, or a row without an event");
    for (namespace, event, expected) in table {
        for (query, may) in who.iter().zip(expected) {
            let mut client = Client::knock(&shop.widget, namespace, query).await;
            assert_eq!(client.may(namespace, event).await, may, "{namespace} {event} as {query}");
        }
    }
}

#[tokio::test]
async fn an_app_and_its_secret_are_in_a_backup() {
    let shop = Shop::open_with(&[], Clock::fixed(NOW)).await;
    let app = shop.owner.post("/api/v1/apps", &json!({"name": "Game"})).await.ok();
    let file = shop.folder().join("backup.jsonl");
    stalk::backup::run(&shop.storage(), &file, true).await.unwrap();
    let rows = std::fs::read_to_string(file).unwrap();
    assert!(rows.contains(app["key"].as_str().unwrap()) && rows.contains(app["secret"].as_str().unwrap()));
}
