//! Tenants' programs: what an API key opens and what ends it, and what webhooks are told.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use stalk::clock::Clock;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::app::{Shop, text};
use crate::operator::{Answer, fresh_id};
use crate::ports::free_port;

/// No delivery takes so long.
const PATIENCE: Duration = Duration::from_mins(1);
/// When a clock stands.
const NOON: i64 = 1_795_298_351_000;
const LOOPBACK: [&str; 2] = ["--webhook-networks", "127.0.0.0/8"];

async fn by_key(shop: &Shop, key: &str, method: Method, path: &str, body: Option<&Value>) -> Answer {
    let bearer = format!("Bearer {key}");
    let mut headers = vec![("authorization", bearer.as_str())];
    if body.is_some() {
        headers.push(("content-type", "application/json"));
    }
    shop.nobody().bare(method, path, &headers, body.map(|body| body.to_string().into_bytes())).await
}

#[tokio::test]
async fn a_program_asks_by_key_without_origin_or_cookie_in_its_operators_name() {
    let shop = Shop::open().await;
    let asked = text(&shop.visitor().await.post(None, "when do you ship?").await["conversation"]["id"]);
    let (_, key) = shop.owner.api_key(&["conversations:write"]).await;
    assert!(key.starts_with("stalk_"));
    let list = by_key(&shop, &key, Method::GET, "/api/v1/conversations", None).await;
    assert_eq!(list.ok()["items"][0]["id"], json!(asked));
    let path = format!("/api/v1/conversations/{asked}/messages");
    let said = json!({"client_message_id": fresh_id(), "text": "tomorrow"});
    by_key(&shop, &key, Method::POST, &path, Some(&said)).await.ok();
    let log = shop.owner.get(&path).await.ok();
    let newest = log["items"].as_array().unwrap().iter().rfind(|entry| entry["type"] == "message.posted").unwrap().clone();
    assert_eq!((&newest["data"]["text"], &newest["sender"]["name"]), (&json!("tomorrow"), &json!("Olive Owner")));
    // A cookie beside the key is not looked at: the key is of another tenant.
    let other = shop.other_tenant().await;
    let bearer = format!("Bearer {}", other.owner.api_key(&["conversations:read"]).await.1);
    let answer = shop.owner.bare(Method::GET, "/api/v1/conversations", &[("authorization", bearer.as_str())], None).await;
    assert_eq!(answer.ok()["items"], json!([]));
}

#[tokio::test]
async fn a_key_that_is_wrong_ended_expired_or_of_somebody_who_left_opens_nothing() {
    let clock = Clock::fixed(NOON);
    let shop = Shop::open_with(&[], clock.clone()).await;
    let me = "/api/v1/me";
    for wrong in ["stalk_made-up", "other", ""] {
        by_key(&shop, wrong, Method::GET, me, None).await.refused(401, "unauthenticated");
    }
    let (id, key) = shop.owner.api_key(&["sockets"]).await;
    by_key(&shop, &key, Method::GET, me, None).await.ok();
    let listed = shop.owner.get("/api/v1/api-keys").await.ok()["items"][0].clone();
    assert_eq!((&listed["hint"], listed["last_used_at"].is_i64()), (&json!(key[key.len() - 4..]), true));
    assert!(listed.get("secret").is_none());
    // Its socket ends with it.
    let token = by_key(&shop, &key, Method::POST, "/api/v1/me/socket-tokens", Some(&json!({}))).await.ok();
    let hello = json!({"v": 1, "token": token["token"]});
    let mut socket = crate::socket::Socket::open_socketio(&shop.console, None, &hello).await.welcomed().await;
    assert_eq!(shop.owner.call(Method::DELETE, &format!("/api/v1/api-keys/{id}"), &[], None).await.status, 204);
    assert_eq!(socket.bye().await["code"], 4101);
    by_key(&shop, &key, Method::GET, me, None).await.refused(401, "unauthenticated");

    let admin = shop.admin().await;
    let soon = json!({"name": "Short", "scopes": ["conversations:read"], "expires_at": clock.now() + 60_000});
    let short = text(&admin.post("/api/v1/api-keys", &soon).await.ok()["secret"]);
    let (_, long) = admin.api_key(&["conversations:read"]).await;
    by_key(&shop, &short, Method::GET, me, None).await.ok();
    clock.advance(60_001);
    by_key(&shop, &short, Method::GET, me, None).await.refused(401, "unauthenticated");
    by_key(&shop, &long, Method::GET, me, None).await.ok();
    shop.deactivate(&admin).await;
    by_key(&shop, &long, Method::GET, me, None).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_key_is_told_how_often_it_may_ask_and_what_it_lacks() {
    let shop = Shop::open_with(&["--api-requests-per-minute", "3"], Clock::system()).await;
    let (_, key) = shop.owner.api_key(&["visitors:read"]).await;
    let first = by_key(&shop, &key, Method::GET, "/api/v1/me", None).await;
    assert_eq!((first.header("ratelimit-limit"), first.header("ratelimit-remaining")), (Some("3"), Some("2")));
    let error = by_key(&shop, &key, Method::GET, "/api/v1/conversations", None).await.refused(403, "forbidden");
    assert!(text(&error["message"]).contains("conversations:read"));
    by_key(&shop, &key, Method::GET, "/api/v1/me", None).await.ok();
    let error = by_key(&shop, &key, Method::GET, "/api/v1/me", None).await.refused(429, "rate_limited");
    assert!(error["retry_after_ms"].as_i64().unwrap() > 0 && text(&error["message"]).contains("3 times a minute"));
}

#[tokio::test]
async fn a_key_or_webhook_that_makes_no_sense_is_refused_by_field() {
    let shop = Shop::open().await;
    for (body, field) in [
        (json!({"name": "", "scopes": ["sockets"]}), "name"),
        (json!({"name": "N", "scopes": []}), "scopes"),
        (json!({"name": "N", "scopes": ["sockets"], "expires_at": 1}), "expires_at"),
    ] {
        let error = shop.owner.post("/api/v1/api-keys", &body).await.refused(422, "invalid");
        assert!(error["fields"][field].is_string(), "{error}");
    }
    shop.owner.post("/api/v1/api-keys", &json!({"name": "N", "scopes": ["everything"]})).await.refused(422, "invalid");
    for (body, field) in [
        (json!({"name": "N", "url": "http://127.0.0.1:9/"}), "url"),
        (json!({"name": "N", "url": "http://169.254.169.254/latest"}), "url"),
        (json!({"name": "N", "url": "http://localhost:9/"}), "url"),
        (json!({"name": "N", "url": "ftp://shop.test/"}), "url"),
        (json!({"name": "N", "url": "https://1.1.1.1/", "events": ["ping"]}), "events"),
        (json!({"name": "N", "url": "https://1.1.1.1/", "site_id": fresh_id()}), "site_id"),
        (json!({"name": "x".repeat(61), "url": "https://1.1.1.1/"}), "name"),
    ] {
        let error = shop.owner.post("/api/v1/webhooks", &body).await.refused(422, "invalid");
        assert!(error["fields"][field].is_string(), "{error}");
    }
    assert_eq!(shop.owner.get("/api/v1/webhooks").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn a_post_that_is_repeated_with_its_idempotency_key_makes_one_thing() {
    let shop = Shop::open().await;
    let key = fresh_id().to_string();
    let body = json!({"name": "Refunds"});
    let headers = [("idempotency-key", key.as_str())];
    let first = shop.owner.call(Method::POST, "/api/v1/tags", &headers, Some(&body)).await;
    let again = shop.owner.call(Method::POST, "/api/v1/tags", &headers, Some(&body)).await;
    assert_eq!((again.ok(), again.header("idempotent-replayed")), (first.ok(), Some("true")));
    shop.owner.call(Method::POST, "/api/v1/tags", &headers, Some(&json!({"name": "Other"}))).await.refused(409, "conflict");
    // What is told once is not kept for a repeat.
    let body = json!({"name": "K", "scopes": ["sockets"]});
    let first = shop.owner.call(Method::POST, "/api/v1/api-keys", &headers, Some(&body)).await.ok();
    let again = shop.owner.call(Method::POST, "/api/v1/api-keys", &headers, Some(&body)).await.ok();
    assert_ne!(first["secret"], again["secret"]);
}

/// A tenant's program: an HTTP server that answers with the statuses it is told, and hands over what it got.
struct Program {
    url: String,
    got: mpsc::UnboundedReceiver<Told>,
}

struct Told {
    headers: HashMap<String, String>,
    body: String,
}

impl Told {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Program {
    /// Answers each request with the next of these statuses, the last one for ever.
    async fn answering(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (told, got) = mpsc::unbounded_channel();
        #[expect(clippy::disallowed_methods, reason = "a peer of the test's own, which ends with it")]
        tokio::spawn(async move {
            let mut answered = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let status = statuses[answered.min(statuses.len() - 1)];
                answered += 1;
                let _ = told.send(serve(stream, status).await);
            }
        });
        Self { url, got }
    }

    async fn next(&mut self) -> Told {
        let waited = tokio::time::timeout(PATIENCE, self.got.recv()).await;
        waited.expect("no delivery came in time").unwrap()
    }
}

async fn serve(mut stream: TcpStream, status: u16) -> Told {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let headers: HashMap<String, String> = head
                .lines()
                .skip(1)
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect();
            if body.len() >= headers["content-length"].parse::<usize>().unwrap() {
                let answer = format!("HTTP/1.1 {status} Status\r\nContent-Length: 0\r\nLocation: http://10.0.0.1/\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
                return Told { headers, body: body.to_owned() };
            }
        }
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0, "the request was cut: {text}");
        bytes.extend_from_slice(&buffer[..read]);
    }
}

async fn webhook(shop: &Shop, url: &str, events: &[&str]) -> Value {
    shop.owner.post("/api/v1/webhooks", &json!({"name": "Orders", "url": url, "events": events})).await.ok()
}

async fn deliveries(shop: &Shop, webhook: &Value) -> Vec<Value> {
    let path = format!("/api/v1/webhooks/{}/deliveries", text(&webhook["id"]));
    shop.owner.get(&path).await.ok()["items"].as_array().unwrap().clone()
}

/// Asks until the newest delivery stands so; what became of a try is stored after the program answered.
async fn settled(shop: &Shop, webhook: &Value, state: &str, attempts: i64) -> Value {
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        let newest = deliveries(shop, webhook).await[0].clone();
        if newest["state"] == state && newest["attempts"] == attempts {
            return newest;
        }
    }
    panic!("never {state} after {attempts}: {:?}", deliveries(shop, webhook).await);
}

/// Signed as Standard Webhooks says, with the secret that the API shows.
fn verify(webhook: &Value, told: &Told) {
    let secret = text(&webhook["secret"]);
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let signed = format!("{}.{}.{}", told.headers["webhook-id"], told.headers["webhook-timestamp"], told.body);
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(signed.as_bytes());
    assert_eq!(told.headers["webhook-signature"], format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
}

#[tokio::test]
async fn a_program_is_told_what_happens_signed_and_once() {
    let shop = Shop::open_with(&LOOPBACK, Clock::system()).await;
    let mut program = Program::answering(&[200]).await;
    let hook = webhook(&shop, &program.url, &[]).await;
    let mut visitor = shop.visitor().await;
    let conversation = text(&visitor.post(None, "안녕하세요").await["conversation"]["id"]);
    let mut kinds = Vec::new();
    for _ in 0..2 {
        let told = program.next().await;
        verify(&hook, &told);
        let body = told.json();
        assert_eq!(body["id"], told.headers["webhook-id"]);
        assert_eq!((&body["site_id"], &body["tenant_id"]), (&json!(shop.site.id), &json!(shop.tenant)));
        assert_eq!(body["data"]["conversation"]["id"], json!(conversation));
        if body["type"] == "message.posted" {
            assert_eq!(body["data"]["entry"]["data"]["text"], "안녕하세요");
        }
        kinds.push(text(&body["type"]));
    }
    kinds.sort();
    assert_eq!(kinds, ["conversation.opened", "message.posted"]);
    shop.owner.put(&format!("/api/v1/conversations/{conversation}/status"), &json!({"status": "resolved"})).await.ok();
    assert_eq!(program.next().await.json()["type"], "conversation.resolved");
    let newest = settled(&shop, &hook, "delivered", 1).await;
    assert_eq!((&newest["response_status"], &newest["error"]), (&json!(200), &Value::Null));
}

#[tokio::test]
async fn a_webhook_hears_what_it_chose_of_its_own_tenant_and_nothing_while_it_is_paused() {
    let shop = Shop::open_with(&LOOPBACK, Clock::system()).await;
    let mut program = Program::answering(&[200]).await;
    let hook = webhook(&shop, &program.url, &["rating.given", "offline_message.received"]).await;
    let other = shop.other_tenant().await;
    let mut foreign = shop.visitor_of(&other.site).await;
    let mut visitor = shop.visitor().await;
    let left = |name: &str| json!({"client_message_id": fresh_id(), "name": name, "email": "vi@mail.test", "text": "call me"});
    foreign.request("offline.post", left("Foreign")).await.unwrap();
    let path = format!("/api/v1/webhooks/{}", text(&hook["id"]));
    assert_eq!(shop.owner.patch(&path, &json!({"paused": true})).await.ok()["paused"], true);
    visitor.request("offline.post", left("Paused")).await.unwrap();
    assert_eq!(shop.owner.patch(&path, &json!({"paused": false})).await.ok()["paused"], false);
    visitor.post(None, "not asked for").await;
    visitor.request("offline.post", left("Vi")).await.unwrap();
    let told = program.next().await.json();
    assert_eq!((&told["type"], &told["data"]["name"]), (&json!("offline_message.received"), &json!("Vi")));
    assert_eq!(deliveries(&shop, &hook).await.len(), 1);
}

#[tokio::test]
async fn a_program_that_is_down_for_an_hour_is_told_afterwards_and_once_more_by_hand() {
    let clock = Clock::fixed(NOON);
    let shop = Shop::open_with(&LOOPBACK, clock.clone()).await;
    let mut program = Program::answering(&[500, 503, 302, 500, 500, 500, 500, 500, 500, 500, 204]).await;
    let hook = webhook(&shop, &program.url, &["message.posted"]).await;
    shop.visitor().await.post(None, "are you there?").await;
    let first = program.next().await;
    let began = clock.now();
    for attempt in 1..=10 {
        let waiting = settled(&shop, &hook, "waiting", attempt).await;
        assert!(waiting["error"].is_string() && waiting["next_attempt_at"].as_i64().unwrap() > clock.now(), "{waiting}");
        clock.advance(waiting["next_attempt_at"].as_i64().unwrap() - clock.now());
        let told = program.next().await;
        assert_eq!((&told.body, &told.headers["webhook-id"]), (&first.body, &first.headers["webhook-id"]));
        verify(&hook, &told);
    }
    assert!(clock.now() - began > 60 * 60 * 1000, "an hour of failures");
    let arrived = settled(&shop, &hook, "delivered", 11).await;
    assert_eq!(arrived["response_status"], 204);
    let replay = format!("/api/v1/webhooks/{}/deliveries/{}/replay", text(&hook["id"]), text(&arrived["id"]));
    assert_eq!(shop.owner.post(&replay, &json!({})).await.status, 204);
    assert_eq!(program.next().await.body, first.body);
}

#[tokio::test]
async fn what_is_taken_back_or_erased_leaves_the_log_of_deliveries() {
    let shop = Shop::open_with(&LOOPBACK, Clock::system()).await;
    let mut program = Program::answering(&[200]).await;
    let hook = webhook(&shop, &program.url, &["message.posted", "message.edited"]).await;
    let conversation = text(&shop.visitor().await.post(None, "hello").await["conversation"]["id"]);
    program.next().await;
    let seq = shop.owner.answers(&conversation, "the code is 4111").await["message"]["seq"].clone();
    program.next().await;
    let path = format!("/api/v1/conversations/{conversation}/messages/{seq}");
    shop.owner.put(&path, &json!({"client_message_id": fresh_id(), "text": "the code is 4112"})).await.ok();
    program.next().await;
    let key = fresh_id().to_string();
    shop.owner.call(Method::DELETE, &path, &[("idempotency-key", key.as_str())], None).await.ok();
    let log = deliveries(&shop, &hook).await;
    assert_eq!(log.len(), 3);
    assert!(log.iter().all(|delivery| !text(&delivery["body"]).contains("411")), "{log:?}");
    assert!(log.iter().any(|delivery| text(&delivery["body"]).contains("hello")), "{log:?}");
}

#[tokio::test]
async fn events_of_a_server_that_was_killed_are_told_after_its_restart() {
    let mut shop = Shop::open_with(&LOOPBACK, Clock::fixed(NOON)).await;
    // Nobody listens there yet.
    let address = format!("127.0.0.1:{}", free_port());
    let hook = webhook(&shop, &format!("http://{address}/hook"), &["message.posted"]).await;
    shop.visitor().await.post(None, "before").await;
    settled(&shop, &hook, "waiting", 1).await;
    shop.app.stopped().await;
    shop.app.clock.advance(3_600_000);
    let listener = TcpListener::bind(&address).await.unwrap();
    shop.app.start_again().await;
    let (stream, _) = listener.accept().await.unwrap();
    assert_eq!(serve(stream, 200).await.json()["data"]["entry"]["data"]["text"], "before");
}
