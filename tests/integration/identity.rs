//! Visitors whom the shop signs: who is believed, who becomes whom, and what nobody else sees of them. And what visitors say of themselves.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use stalk::clock::{Clock, DAY};

use crate::app::{Shop, Site, hello, text};
use crate::operator::fresh_id;
use crate::socket::Socket;

const NOW: i64 = 1_795_298_351_000;
const MERGED: &str = "SELECT COUNT(*) FROM visitors WHERE merged_into IS NOT NULL";

pub(crate) fn token(header: &Value, claims: &Value, secret: &str) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = format!("{}.{}", encode(header), encode(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(head.as_bytes());
    format!("{head}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn claims(who: &str) -> Value {
    json!({"sub": who, "exp": NOW / 1000 + 3600, "name": "Mina Kim", "email": "mina@mail.test", "attributes": {"plan": "gold"}})
}

fn signed(who: &str, secret: &str) -> String {
    token(&json!({"alg": "HS256", "typ": "JWT"}), &claims(who), secret)
}

pub(crate) async fn secret_of(shop: &Shop, site: &Site) -> String {
    text(&shop.owner.get(&format!("/api/v1/sites/{}/identity-secret", site.id)).await.ok()["secret"])
}

async fn open() -> (Shop, String, Clock) {
    let clock = Clock::fixed(NOW);
    let shop = Shop::open_with(&[], clock.clone()).await;
    let secret = secret_of(&shop, &shop.site).await;
    (shop, secret, clock)
}

fn hello_as(site: &Site, ticket: Option<&str>, identity: &str) -> Value {
    let mut says = hello(site, ticket);
    says["identity"] = identity.into();
    says
}

async fn comes(shop: &Shop, ticket: Option<&str>, identity: &str) -> Socket {
    Socket::open(&shop.widget, Some(&shop.site.origin)).await.hello(hello_as(&shop.site, ticket, identity)).await
}

/// Every identity that must not be believed.
async fn forgeries(shop: &Shop, secret: &str) -> Vec<(&'static str, String)> {
    let second = shop.second_site().await;
    let hs256 = json!({"alg": "HS256"});
    let none = token(&json!({"alg": "none"}), &claims("7"), "");
    let expired = json!({"sub": "7", "exp": NOW / 1000 - 1});
    vec![
        ("another secret", signed("7", "made up")),
        ("another site's secret", signed("7", &secret_of(shop, &second).await)),
        ("expired", token(&hs256, &expired, secret)),
        ("no expiry", token(&hs256, &json!({"sub": "7"}), secret)),
        ("no subject", token(&hs256, &json!({"exp": NOW}), secret)),
        ("an empty subject", token(&hs256, &json!({"sub": " ", "exp": NOW}), secret)),
        ("alg none", none.clone()),
        ("unsigned", format!("{}.", none.rsplit_once('.').unwrap().0)),
        ("another algorithm", token(&json!({"alg": "HS512"}), &claims("7"), secret)),
        ("not a token", "hello".to_owned()),
        ("a ticket", shop.visitor().await.ticket().to_owned()),
    ]
}

#[tokio::test]
async fn an_identity_that_is_not_proven_is_refused_on_every_way_in() {
    let (shop, secret, _) = open().await;
    let mut visitor = shop.visitor().await;
    for (what, forged) in forgeries(&shop, &secret).await {
        let says = hello_as(&shop.site, None, &forged);
        let mut socket = Socket::open(&shop.widget, Some(&shop.site.origin)).await;
        let mut frame = says.clone();
        frame["t"] = "hello".into();
        socket.send(&frame).await;
        let bye = socket.bye().await;
        assert_eq!((&bye["code"], &bye["name"]), (&json!(4102), &json!("identity_refused")), "{what}");
        let mut panel = Socket::open_socketio(&shop.widget, Some(&shop.widget), &says).await;
        assert_eq!(panel.bye().await["code"], 4102, "{what}");
        let headers = [("origin", shop.site.origin.as_str()), ("content-type", "application/json")];
        let address = format!("{}/widget/v1/hello", shop.widget);
        let answer = shop.nobody().bare(Method::POST, &address, &headers, Some(says.to_string().into_bytes())).await;
        let error = answer.refused(401, "unauthenticated");
        assert!(error["fields"]["identity"].is_string(), "{what}: {error}");
        let error = visitor.request("visitor.identify", json!({"token": forged})).await.unwrap_err();
        assert_eq!(error["code"], "unauthenticated", "{what}");
        let by_http = shop.fallback(&shop.site, visitor.ticket(), "visitor.identify", &json!({"token": forged})).await;
        assert_eq!(by_http.status, 401, "{what}");
    }
    assert_eq!(shop.database.number("SELECT COUNT(*) FROM visitors WHERE external_id IS NOT NULL OR merged_into IS NOT NULL").await, 0);
}

#[tokio::test]
async fn a_signed_visitor_is_the_same_everywhere_and_operators_see_who_it_is() {
    let (shop, secret, _) = open().await;
    let mut here = comes(&shop, None, &signed("7", &secret)).await;
    let there = comes(&shop, None, &signed("7", &secret)).await;
    assert_eq!(here.welcome["visitor"]["id"], there.welcome["visitor"]["id"]);
    let seen = &here.welcome["visitor"];
    assert_eq!((&seen["identified"], &seen["name"], &seen["prechat_done"]), (&json!(true), &json!("Mina Kim"), &json!(true)));
    assert_ne!(comes(&shop, None, &signed("8", &secret)).await.welcome["visitor"]["id"], here.welcome["visitor"]["id"]);
    let conversation = text(&here.post(None, "me").await["conversation"]["id"]);
    let row = shop.owner.get(&format!("/api/v1/conversations/{conversation}")).await.ok();
    assert_eq!(row["visitor"]["email"], "mina@mail.test");
    // The ticket that was given for it is proof enough later.
    let back = shop.returning(&shop.site, here.ticket(), json!({})).await;
    assert_eq!(back.welcome["visitor"]["identified"], true);
}

#[tokio::test]
async fn an_anonymous_visitor_becomes_part_of_the_signed_one_once_and_only_once() {
    let (shop, secret, _) = open().await;
    let mut anonymous = shop.visitor().await;
    let asked = json!({"client_message_id": fresh_id(), "conversation": null, "text": "who am I?"});
    let first = anonymous.request("message.post", asked.clone()).await.unwrap();
    let conversation = text(&first["conversation"]["id"]);
    let answer = anonymous.request("visitor.identify", json!({"token": signed("7", &secret)})).await.unwrap();
    assert_eq!((&answer["visitor"]["identified"], &answer["conversation"]["id"]), (&json!(true), &json!(conversation)));

    let mut known = shop.returning(&shop.site, answer["ticket"].as_str().unwrap(), json!({})).await;
    assert_eq!(known.welcome["conversation"]["id"], conversation);
    assert_eq!(known.welcome["entries"][0]["data"]["text"], "who am I?");
    // A retry is the same message: by the new ticket, by the old one, and over HTTP.
    assert_eq!(known.request("message.post", asked.clone()).await.unwrap()["message"], first["message"]);
    assert_eq!(anonymous.request("message.post", asked.clone()).await.unwrap()["message"], first["message"]);
    let by_http = shop.fallback(&shop.site, answer["ticket"].as_str().unwrap(), "message.post", &asked).await.ok();
    assert_eq!(by_http["ok"]["message"], first["message"]);
    // It goes on in the same conversation, and what the shop answers arrives.
    let next = known.post(None, "and on").await;
    assert_eq!(next["conversation"]["id"], conversation);
    known.request("receipt.put", json!({"conversation": conversation, "read": 2})).await.unwrap();
    shop.owner.answers(&conversation, "welcome, Mina").await;
    known.wait("the answer", |frame| frame["d"]["data"]["text"] == "welcome, Mina").await;
    assert_eq!(shop.database.number("SELECT COUNT(*) FROM messages WHERE type = 'message.posted'").await, 3);
    assert_eq!(known.request("conversations.list", json!({})).await.unwrap()["items"].as_array().unwrap().len(), 1);

    // Somebody else who signs in on the same browser gets none of it, whichever ticket they bring.
    for ticket in [anonymous.ticket().to_owned(), text(&answer["ticket"])] {
        let other = comes(&shop, Some(&ticket), &signed("8", &secret)).await;
        assert_eq!(other.welcome["conversation"], Value::Null);
    }
    assert_eq!(shop.database.number(MERGED).await, 1);
    assert_eq!(comes(&shop, Some(anonymous.ticket()), &signed("7", &secret)).await.welcome["conversation"]["id"], conversation);
    assert_eq!(shop.database.number(MERGED).await, 1);
}

#[tokio::test]
async fn a_merged_visitor_is_on_the_page_where_they_are_now_and_has_the_trail_of_both() {
    let (shop, secret, clock) = open().await;
    let (earlier, now) = (fresh_id(), fresh_id());
    let enters = |page: &str, visit: uuid::Uuid| {
        let page = json!({"url": format!("http://shop.test/{page}"), "title": page, "referrer": null, "product": null});
        json!({"events": [{"event_id": fresh_id(), "name": "page.enter", "at": clock.now(), "visit": visit, "page": page}]})
    };
    let signed_in = signed("7", &secret);
    // A hello's own page is stored when there is time for it; here every page is said.
    let come = async |mut says: Value| {
        says["page"] = Value::Null;
        Socket::open(&shop.widget, Some(&shop.site.origin)).await.hello(says).await
    };
    let mut before = come(hello_as(&shop.site, None, &signed_in)).await;
    before.request("event.post", enters("home", earlier)).await.unwrap();
    let id = text(&before.welcome["visitor"]["id"]);
    clock.advance(60_000);
    let mut anonymous = come(hello(&shop.site, None)).await;
    anonymous.post(None, "who am I?").await;
    anonymous.request("event.post", enters("jar", now)).await.unwrap();
    clock.advance(60_000);
    let ticket = text(&anonymous.request("visitor.identify", json!({"token": signed_in})).await.unwrap()["ticket"]);

    let address = format!("/api/v1/visitors/{id}");
    let shown = shop.owner.get(&address).await.ok();
    assert_eq!((&shown["page"]["url"], &shown["visits"]), (&json!("http://shop.test/jar"), &json!(2)), "before another page is opened");
    let mut known = come(hello(&shop.site, Some(&ticket))).await;
    assert_eq!(text(&known.welcome["visitor"]["id"]), id);
    known.request("event.post", enters("cart", now)).await.unwrap();
    let shown = shop.owner.get(&address).await.ok();
    assert_eq!((&shown["page"]["url"], &shown["visits"]), (&json!("http://shop.test/cart"), &json!(2)), "the visit of both is one");

    let trail = shop.owner.get(&format!("{address}/page-views")).await.ok();
    let titles: Vec<&Value> = trail["items"].as_array().unwrap().iter().map(|view| &view["title"]).collect();
    assert_eq!(titles, ["cart", "jar", "home"]);
    let first = shop.owner.get(&format!("{address}/page-views?limit=2")).await.ok();
    let rest = shop.owner.get(&format!("{address}/page-views?limit=2&cursor={}", text(&first["next_cursor"]))).await.ok();
    assert_eq!((first["items"].as_array().unwrap().len(), &rest["items"][0]["title"]), (2, &json!("home")));
}

#[tokio::test]
async fn who_never_wrote_before_signing_in_is_one_person_all_the_same() {
    let (shop, secret, clock) = open().await;
    let enter = |page: &str| {
        let page = json!({"url": format!("http://shop.test/{page}"), "title": page, "referrer": null, "product": null});
        json!({"events": [{"event_id": fresh_id(), "name": "page.enter", "at": clock.now(), "visit": fresh_id(), "page": page}]})
    };
    let mut says = hello(&shop.site, None);
    says["page"] = Value::Null;
    let mut anonymous = Socket::open(&shop.widget, Some(&shop.site.origin)).await.hello(says).await;
    anonymous.request("event.post", enter("jar")).await.unwrap();
    let mut known = comes(&shop, Some(anonymous.ticket()), &signed("7", &secret)).await;

    // Sent before they signed in, stored after it, and sent again by their page meanwhile.
    let once = json!({"client_message_id": fresh_id(), "conversation": null, "text": "once"});
    let late = anonymous.request("message.post", once.clone()).await.unwrap();
    let again = known.request("message.post", once).await.unwrap();
    assert_eq!((&late["message"], &late["conversation"]["id"]), (&again["message"], &again["conversation"]["id"]));
    assert_eq!(known.request("conversations.list", json!({})).await.unwrap()["items"].as_array().unwrap().len(), 1);

    // Nobody else gets any of it.
    let mut other = comes(&shop, Some(anonymous.ticket()), &signed("8", &secret)).await;
    assert_eq!((&other.welcome["conversation"], shop.database.number(MERGED).await), (&Value::Null, 1));
    assert_eq!(other.request("conversations.list", json!({})).await.unwrap()["items"], json!([]));

    // The operator sees what they looked at, and it goes when they go.
    let trail = format!("/api/v1/visitors/{}/page-views", text(&known.welcome["visitor"]["id"]));
    let seen = async || {
        let views = shop.owner.get(&trail).await.ok();
        views["items"].as_array().unwrap().iter().map(|view| text(&view["title"])).collect::<Vec<_>>()
    };
    assert!(seen().await.contains(&"jar".to_owned()), "{:?}", seen().await);
    known.request("visitor.delete", json!({})).await.unwrap();
    assert_eq!(seen().await, Vec::<String>::new());
    assert_eq!(shop.database.number("SELECT COUNT(*) FROM visitors WHERE erased_at IS NULL AND merged_into IS NOT NULL").await, 0);
}

#[tokio::test]
async fn who_never_wrote_before_signing_in_is_listened_to_for_a_day_and_from_their_first_message_on() {
    let (shop, secret, clock) = open().await;
    let claims = json!({"sub": "7", "exp": NOW / 1000 + 200_000});
    let identity = token(&json!({"alg": "HS256"}), &claims, &secret);
    let (mut soon, mut late) = (shop.visitor().await, shop.visitor().await);
    comes(&shop, Some(late.ticket()), &identity).await;
    let own = |socket: &Socket| json!(format!("v/{}/{}", shop.tenant, text(&socket.welcome["visitor"]["id"])));
    let (of_soon, of_late) = (own(&soon), own(&late));
    let mut known = comes(&shop, Some(soon.ticket()), &identity).await;
    soon.post(None, "one").await;
    known.wait("what has begun in another tab", |frame| frame["ch"] == of_soon).await;

    clock.advance(DAY + 1);
    let mut known = comes(&shop, None, &identity).await;
    let conversation = text(&late.post(None, "two").await["conversation"]["id"]);
    let told = known.settle().await;
    assert!(!told.iter().any(|frame| frame["ch"] == of_late), "{told:?}");
    let mut known = comes(&shop, None, &identity).await;
    shop.owner.put(&format!("/api/v1/conversations/{conversation}/status"), &json!({"status": "resolved"})).await.ok();
    known.wait("what became of it", |frame| frame["ch"] == of_late).await;
}

#[tokio::test]
async fn the_inbox_shows_who_an_anonymous_visitor_has_become() {
    let (shop, secret, _) = open().await;
    let mut anonymous = shop.visitor().await;
    let conversation = text(&anonymous.post(None, "who am I?").await["conversation"]["id"]);
    let path = format!("/api/v1/conversations/{conversation}");
    let before = shop.owner.get(&path).await.ok()["visitor"].clone();
    assert_eq!((&before["name"], &before["id"]), (&Value::Null, &anonymous.welcome["visitor"]["id"]));
    let known = comes(&shop, Some(anonymous.ticket()), &signed("7", &secret)).await;
    let listed = shop.owner.get("/api/v1/conversations").await.ok()["items"].clone();
    for row in [shop.owner.get(&path).await.ok(), listed[0].clone()] {
        let shown = &row["visitor"];
        assert_eq!((&shown["name"], &shown["email"]), (&json!("Mina Kim"), &json!("mina@mail.test")));
        assert_eq!((&shown["id"], &shown["present"]), (&known.welcome["visitor"]["id"], &json!(true)));
    }
    assert_eq!(listed.as_array().unwrap().len(), 1, "one row, though the visit is both visitors'");
    let found = shop.owner.get("/api/v1/search?q=Mina").await.ok();
    assert_eq!((&found["items"][0]["conversation"]["id"], &found["items"][0]["visitor_match"]), (&json!(conversation), &json!(true)));
}

#[tokio::test]
async fn another_visitors_everything_is_not_there() {
    let (shop, secret, _) = open().await;
    let mut mine = comes(&shop, None, &signed("7", &secret)).await;
    let mut other = comes(&shop, None, &signed("8", &secret)).await;
    let conversation = text(&mine.post(None, "mine").await["conversation"]["id"]);
    for (method, params) in [
        ("message.post", json!({"client_message_id": fresh_id(), "conversation": conversation, "text": "x"})),
        ("conversation.resolve", json!({"conversation": conversation})),
        ("rating.put", json!({"conversation": conversation, "score": 1})),
        ("transcript.mail", json!({"conversation": conversation})),
        ("attachment.links", json!({"conversation": conversation, "ids": []})),
        ("receipt.put", json!({"conversation": conversation, "read": 1})),
        ("channel.since", json!({"channel": format!("c/{}/{conversation}", shop.tenant), "after": 0})),
    ] {
        assert_eq!(other.request(method, params).await.unwrap_err()["code"], "not_found", "{method}");
    }
    assert_eq!(other.request("conversations.list", json!({})).await.unwrap()["items"], json!([]));
    let exported = other.request("visitor.export", json!({})).await.unwrap();
    assert_eq!(exported["conversations"], json!([]));
}

#[tokio::test]
async fn a_rotated_secret_is_good_for_a_day_more() {
    let (shop, old, clock) = open().await;
    let path = format!("/api/v1/sites/{}/identity-secret", shop.site.id);
    let rotated = shop.owner.post(&path, &json!({})).await.ok();
    assert_eq!(rotated["rotated_at"], NOW);
    let new = text(&rotated["secret"]);
    assert_ne!(new, old);
    let id = comes(&shop, None, &signed("7", &old)).await.welcome["visitor"]["id"].clone();
    assert_eq!(comes(&shop, None, &signed("7", &new)).await.welcome["visitor"]["id"], id);
    clock.advance(DAY);
    let late = |secret: &str| token(&json!({"alg": "HS256"}), &json!({"sub": "7", "exp": NOW / 1000 + 200_000}), secret);
    assert_eq!(comes(&shop, None, &late(&new)).await.welcome["visitor"]["id"], id);
    let mut refused = Socket::open_socketio(&shop.widget, Some(&shop.widget), &hello_as(&shop.site, None, &late(&old))).await;
    assert_eq!(refused.bye().await["code"], 4102);
}

#[tokio::test]
async fn a_name_that_nobody_signed_counts_only_where_the_shop_signs_none() {
    let (shop, secret, _) = open().await;
    let mut visitor = shop.visitor().await;
    assert_eq!(visitor.welcome["visitor"]["prechat_done"], false);
    let told = visitor.request("visitor.put", json!({"attributes": {"size": "L"}})).await.unwrap();
    assert_eq!(told["visitor"]["prechat_done"], false);
    let told = visitor.request("visitor.put", json!({"name": " Vi ", "email": "VI@mail.test"})).await.unwrap();
    assert_eq!((&told["visitor"]["name"], &told["visitor"]["email"]), (&json!("Vi"), &json!("vi@mail.test")));
    assert_eq!(told["visitor"]["prechat_done"], true);
    for (bad, field) in [(json!({"email": "nonsense"}), "email"), (json!({"attributes": {"list": [1]}}), "attributes.list")] {
        let error = visitor.request("visitor.put", bad).await.unwrap_err();
        assert!(error["fields"][field].is_string(), "{error}");
    }
    let mut known = comes(&shop, None, &signed("7", &secret)).await;
    assert_eq!(known.request("visitor.put", json!({"name": "Other"})).await.unwrap_err()["code"], "forbidden");
    let required = json!({"settings": {"identity_required": true}});
    shop.owner.patch(&format!("/api/v1/sites/{}", shop.site.id), &required).await.ok();
    assert_eq!(visitor.request("visitor.put", json!({"name": "Other"})).await.unwrap_err()["code"], "forbidden");
    assert_eq!(visitor.request("email.confirm", json!({"email": "x@mail.test"})).await.unwrap_err()["code"], "forbidden");
    visitor.request("visitor.put", json!({"attributes": {"size": "M"}})).await.unwrap();
}

#[tokio::test]
async fn a_visitor_resolves_rates_and_writes_again() {
    let (shop, ..) = open().await;
    let mut visitor = shop.visitor().await;
    let conversation = text(&visitor.post(None, "done?").await["conversation"]["id"]);
    let resolved = visitor.request("conversation.resolve", json!({"conversation": conversation})).await.unwrap();
    assert_eq!(resolved["conversation"]["status"], "resolved");
    visitor.request("rating.put", json!({"conversation": conversation, "score": 2, "comment": "slow"})).await.unwrap();
    visitor.request("rating.put", json!({"conversation": conversation, "score": 5})).await.unwrap();
    let row = shop.owner.get(&format!("/api/v1/conversations/{conversation}")).await.ok();
    assert_eq!(row["rating"], json!({"score": 5, "comment": null}));
    let kinds: Vec<String> = shop.owner.log(&conversation).await.iter().map(|entry| text(&entry["type"])).collect();
    assert_eq!(kinds, ["message.posted", "conversation.resolved", "rating.given", "rating.given"]);
    for score in [0, 6] {
        let error = visitor.request("rating.put", json!({"conversation": conversation, "score": score})).await.unwrap_err();
        assert!(error["fields"]["score"].is_string(), "{error}");
    }
    let items = visitor.request("conversations.list", json!({})).await.unwrap()["items"].clone();
    assert_eq!((&items[0]["id"], &items[0]["last_message"]["text"]), (&json!(conversation), &json!("done?")));
    assert_eq!(visitor.post(None, "one more thing").await["conversation"]["status"], "open");
}

/// A letter that waits in the outbox, by a part of its subject.
async fn letter_about(shop: &Shop, subject: &str) -> Value {
    let payloads = shop.database.texts("SELECT CAST(payload AS TEXT) FROM outbox").await;
    let mut letters = payloads.iter().map(|payload| serde_json::from_str::<Value>(payload).unwrap());
    letters.find(|letter| text(&letter["subject"]).contains(subject)).unwrap()
}

/// The six digits of a letter's subject.
fn code_of(letter: &Value) -> String {
    let subject = text(&letter["subject"]);
    subject.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 6).unwrap().to_owned()
}

#[tokio::test]
async fn a_conversation_is_mailed_to_an_address_that_was_proven_and_to_no_other() {
    let (shop, _, clock) = open().await;
    let mut visitor = shop.visitor().await;
    let conversation = text(&visitor.post(None, "<b>keep</b> this").await["conversation"]["id"]);
    shop.owner.patch(&format!("/api/v1/sites/{}", shop.site.id), &json!({"time_zone": "Asia/Seoul"})).await.ok();
    let said = |text: &str| json!({"client_message_id": fresh_id(), "text": text});
    let messages = format!("/api/v1/conversations/{conversation}/messages");
    for typed in ["a word too mcuh", "a price that is wrong"] {
        shop.owner.answers(&conversation, typed).await;
    }
    let log = shop.owner.log(&conversation).await;
    let seq = |text: &str| log.iter().find(|entry| entry["data"]["text"] == text).unwrap()["seq"].clone();
    shop.owner.put(&format!("{messages}/{}", seq("a word too mcuh")), &said("a word too much")).await.ok();
    let taken_back = format!("{messages}/{}", seq("a price that is wrong"));
    let key = fresh_id().to_string();
    shop.owner.call(Method::DELETE, &taken_back, &[("idempotency-key", &key)], None).await.ok();
    let mail = json!({"conversation": conversation});
    assert_eq!(visitor.request("transcript.mail", mail.clone()).await.unwrap_err()["code"], "conflict");
    visitor.request("email.confirm", json!({"email": "vi@mail.test"})).await.unwrap();
    let code = code_of(&letter_about(&shop, "Your code").await);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let with = |code: &str| json!({"email": "vi@mail.test", "code": code});
    assert_eq!(visitor.request("email.confirm", with(wrong)).await.unwrap_err()["code"], "invalid");
    let elsewhere = json!({"email": "other@mail.test", "code": code});
    assert_eq!(visitor.request("email.confirm", elsewhere).await.unwrap_err()["code"], "invalid");
    assert_eq!(visitor.request("email.confirm", with(&code)).await.unwrap()["confirmed"], true);
    assert_eq!(visitor.request("email.confirm", with(&code)).await.unwrap_err()["code"], "invalid", "a code is good once");
    // Another address that is only claimed does not move the letters.
    visitor.request("visitor.put", json!({"email": "victim@mail.test"})).await.unwrap();
    assert_eq!(visitor.request("transcript.mail", mail).await.unwrap()["email"], "vi@mail.test");
    let letter = letter_about(&shop, "Your conversation").await.to_string();
    assert!(letter.contains("&#60;b&#62;keep") || letter.contains("&lt;b&gt;keep"), "{letter}");
    assert!(letter.contains("a word too much") && !letter.contains("mcuh") && !letter.contains("price that"), "{letter}");
    assert!(letter.contains("Times are those of Asia/Seoul") && letter.contains("2026-11-22 06:59"), "{letter}");

    let mut guesser = shop.visitor().await;
    guesser.request("email.confirm", json!({"email": "vi@mail.test"})).await.unwrap();
    let code = code_of(&letter_about(&shop, "Your code").await);
    clock.advance(16 * 60 * 1000);
    assert_eq!(guesser.request("email.confirm", with(&code)).await.unwrap_err()["code"], "invalid", "too late");
    for _ in 0..2 {
        guesser.request("email.confirm", json!({"email": "vi@mail.test"})).await.unwrap();
    }
    assert_eq!(guesser.request("email.confirm", json!({"email": "vi@mail.test"})).await.unwrap_err()["code"], "rate_limited");
}

#[tokio::test]
async fn a_visitor_takes_their_data_along_and_erases_it() {
    let (shop, ..) = open().await;
    let mut visitor = shop.visitor().await;
    visitor.request("visitor.put", json!({"name": "Vi", "email": "vi@mail.test"})).await.unwrap();
    let conversation = text(&visitor.post(None, "a secret").await["conversation"]["id"]);
    shop.owner.answers(&conversation, "noted").await;
    let exported = visitor.request("visitor.export", json!({})).await.unwrap();
    assert_eq!(exported["visitors"][0]["email"], "vi@mail.test");
    assert_eq!(exported["conversations"][0]["entries"][0]["data"]["text"], "a secret");
    visitor.request("visitor.delete", json!({})).await.unwrap();
    let row = shop.owner.get(&format!("/api/v1/conversations/{conversation}")).await.ok();
    assert_eq!((&row["visitor"]["name"], &row["visitor"]["email"]), (&Value::Null, &Value::Null));
    let texts: Vec<Value> = shop.owner.log(&conversation).await.iter().map(|entry| entry["data"]["text"].clone()).collect();
    assert!(!texts.contains(&json!("a secret")) && texts.contains(&json!("noted")), "{texts:?}");
    let mut late = Socket::open_socketio(&shop.widget, Some(&shop.widget), &hello(&shop.site, Some(visitor.ticket()))).await;
    assert_eq!(late.bye().await["code"], 4100);
    assert_eq!(shop.fallback(&shop.site, visitor.ticket(), "site.status", &json!({})).await.status, 401);
    assert_eq!(visitor.request("site.status", json!({})).await.unwrap_err()["code"], "unauthenticated", "an open connection");
    let off = json!({"settings": {"visitor_data": false}});
    shop.owner.patch(&format!("/api/v1/sites/{}", shop.site.id), &off).await.ok();
    let mut other = shop.visitor().await;
    assert_eq!(other.request("visitor.export", json!({})).await.unwrap_err()["code"], "forbidden");
}

#[tokio::test]
async fn the_chat_has_a_page_of_its_own_that_nobody_frames() {
    let (shop, ..) = open().await;
    let page = reqwest::get(format!("{}/chat/{}", shop.widget, shop.site.key)).await.unwrap();
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let html = page.text().await.unwrap();
    assert!(html.contains("data-stalk-full") && html.contains(&format!("data-site=\"{}\"", shop.site.key)), "{html}");
    assert_eq!(reqwest::get(format!("{}/chat/nothing", shop.widget)).await.unwrap().status(), 404);
}
