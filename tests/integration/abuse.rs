//! What one client or one address may cost everybody else, and gaps that only a race would find.

use std::collections::HashSet;

use reqwest::Method;
use serde_json::{Value, json};
use stalk::clock::{Clock, DAY};

use crate::app::{Shop, hello, text};
use crate::identity::{secret_of, token};
use crate::operator::fresh_id;
use crate::socket::Socket;

#[tokio::test]
async fn a_socket_token_is_worth_nothing_after_signing_out() {
    let shop = Shop::open().await;
    let token = shop.owner.call(Method::POST, "/api/v1/me/socket-tokens", &[], None).await.ok();
    let gone = shop.owner.call(Method::DELETE, "/api/v1/me/login-session", &[], None).await;
    assert_eq!(gone.status, 204);
    let mut late = Socket::open_socketio(&shop.console, Some(&shop.console), &json!({"v": 1, "token": token["token"]})).await;
    assert_eq!(late.bye().await["code"], 4100);
}

#[tokio::test]
async fn one_address_cannot_leave_messages_without_end_by_being_many_visitors() {
    let shop = Shop::open_with(&["--connections-per-address", "0", "--offline-messages-per-hour", "7"], Clock::system()).await;
    let mut taken = 0;
    for number in 0..10 {
        let mut visitor = shop.visitor().await;
        let left = json!({"client_message_id": fresh_id(), "name": "Many", "email": format!("many{number}@example.com"), "text": "hello"});
        match visitor.request("offline.post", left).await {
            Ok(_) => taken += 1,
            Err(refused) => assert_eq!((refused["code"].as_str(), refused["retry_after_ms"].is_u64()), (Some("rate_limited"), true)),
        }
    }
    assert_eq!(taken, 7);
}

#[tokio::test]
async fn one_address_cannot_become_visitors_without_end() {
    let shop = Shop::open_with(&["--connections-per-address", "0", "--new-visitors-per-minute", "5"], Clock::system()).await;
    let mut tickets = HashSet::new();
    for _ in 0..5 {
        tickets.insert(shop.visitor().await.ticket().to_owned());
    }
    let mut sixth = Socket::open(&shop.widget, Some(&shop.site.origin)).await;
    let mut said = hello(&shop.site, None);
    said["t"] = "hello".into();
    sixth.send(&said).await;
    assert_eq!(sixth.bye().await["code"], 4301);
    // Whoever has a ticket already is not concerned.
    let ticket = tickets.iter().next().unwrap();
    assert!(shop.returning(&shop.site, ticket, json!({})).await.welcome["visitor"]["id"].is_string());
}

#[tokio::test]
async fn fifty_page_views_in_one_request_are_one_wait() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let page = |number: u32| json!({"url": format!("http://shop.test/p/{number}"), "title": "p", "referrer": null});
    let visit = fresh_id();
    let events: Vec<Value> = (0..50)
        .map(|number| json!({"event_id": fresh_id(), "name": "page.enter", "at": 0, "visit": visit, "page": page(number), "props": {}}))
        .collect();
    let began = std::time::Instant::now();
    assert_eq!(visitor.request("event.post", json!({"events": events})).await.unwrap()["accepted"], 50);
    assert!(began.elapsed().as_secs() < 4, "a client waits 4 s for an answer; this took {:?}", began.elapsed());
}

/// A shop, its clock, a visitor, and their conversation: resolved so long ago that a message begins another.
async fn long_resolved() -> (Shop, Clock, Socket, String) {
    let clock = Clock::fixed(1_795_000_000_000);
    let shop = Shop::open_with(&[], clock.clone()).await;
    let mut visitor = shop.visitor().await;
    let old = text(&visitor.post(None, "hello").await["conversation"]["id"]);
    shop.owner.put(&format!("/api/v1/conversations/{old}/status"), &json!({"status": "resolved"})).await.ok();
    clock.advance(15 * DAY);
    (shop, clock, visitor, old)
}

async fn is_told_of_a_newer_one(shop: &Shop, old: &str) {
    let late = json!({"client_message_id": fresh_id(), "text": "about your old question"});
    let refused = shop.owner.post(&format!("/api/v1/conversations/{old}/messages"), &late).await.refused(409, "conflict");
    assert!(text(&refused["message"]).contains("newer conversation"), "{refused}");
}

#[tokio::test]
async fn an_operator_is_told_when_the_visitor_has_gone_on_in_a_newer_conversation() {
    let (shop, _, mut visitor, old) = long_resolved().await;
    let new = text(&visitor.post(None, "me again").await["conversation"]["id"]);
    assert_ne!(old, new);
    is_told_of_a_newer_one(&shop, &old).await;
    shop.owner.answers(&new, "hello again").await;
}

#[tokio::test]
async fn an_operator_is_told_so_also_when_the_visitor_signed_in_between() {
    let (shop, clock, visitor, old) = long_resolved().await;
    let claims = json!({"sub": "7", "exp": clock.now() / 1000 + 3600});
    let mut says = hello(&shop.site, Some(visitor.ticket()));
    says["identity"] = token(&json!({"alg": "HS256"}), &claims, &secret_of(&shop, &shop.site).await).into();
    let mut known = Socket::open(&shop.widget, Some(&shop.site.origin)).await.hello(says).await;
    let new = text(&known.post(None, "me again").await["conversation"]["id"]);
    assert_ne!(old, new);
    is_told_of_a_newer_one(&shop, &old).await;
    shop.owner.answers(&new, "hello again").await;
}

#[tokio::test]
async fn whoever_says_hello_while_the_first_message_is_stored_hears_of_the_conversation() {
    let shop = Shop::open().await;
    for _ in 0..12 {
        let mut first = shop.visitor().await;
        let ticket = first.ticket().to_owned();
        let posting = first.ask("message.post", &json!({"client_message_id": fresh_id(), "conversation": null, "text": "hello"})).await;
        let tabs = futures_util::future::join_all((0..6).map(|_| shop.returning(&shop.site, &ticket, json!({})))).await;
        let id = text(&first.answer(posting).await.unwrap()["conversation"]["id"]);
        for tab in tabs {
            knows(tab, &id).await;
        }
    }
}

/// The tab has the conversation from its welcome, or is told of it.
async fn knows(mut tab: Socket, id: &str) {
    if tab.welcome["conversation"].is_null() {
        tab.wait("the conversation", |frame| frame["d"]["conversation"] == id).await;
    } else {
        assert_eq!(tab.welcome["conversation"]["id"], id);
    }
}

#[tokio::test]
async fn a_post_by_rest_may_be_repeated_by_socket() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let id = text(&visitor.post(None, "hello").await["conversation"]["id"]);
    let client_message_id = fresh_id();
    let body = json!({"client_message_id": client_message_id, "text": "hi"});
    let by_rest = shop.owner.post(&format!("/api/v1/conversations/{id}/messages"), &body).await.ok();
    let mut socket = shop.socket_of(&shop.owner).await;
    let body = json!({"client_message_id": client_message_id, "conversation": id, "text": "hi"});
    let by_socket = socket.request("message.post", body).await.unwrap();
    assert_eq!(by_rest["message"], by_socket["message"]);
}
