//! What visitors do: stored once, counted once, refused one by one, and not lost while the database is away.

use serde_json::{Value, json};

use crate::app::Shop;
use crate::operator::fresh_id;
use crate::socket::Socket;

fn event(kind: &str, more: &Value) -> Value {
    let mut event = json!({"v": 1, "id": fresh_id(), "at": 9_000_000_000_000_i64, "visit": fresh_id(), "kind": kind});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

async fn track(visitor: &mut Socket, events: &[Value]) -> Value {
    visitor.request("event.track", json!({"events": events})).await.unwrap()
}

async fn count(shop: &Shop, sql: &str) -> i64 {
    shop.database.events().number(sql).await
}

#[tokio::test]
async fn what_a_visitor_does_is_stored_and_counted_once() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let visit = fresh_id();
    let page = |path: &str| json!({"visit": visit, "page": {"url": format!("http://shop.test{path}"), "title": path, "referrer": "https://search.test/"}});
    let order = json!({"visit": visit, "props": {"order_id": "A-1", "value": 12000, "currency": "KRW", "items": [{"id": 7, "name": "Jar", "quantity": 2}]}});
    let events = [
        event("page.entered", &page("/a")),
        event("page.entered", &page("/b")),
        event("custom", &json!({"visit": visit, "name": "size_chart.opened", "props": {"size": "L"}})),
        event("cart.changed", &json!({"visit": visit, "props": {"value": 12000, "currency": "KRW"}})),
        event("order.placed", &order),
    ];
    assert_eq!(track(&mut visitor, &events).await, json!({"accepted": 5, "refused": []}));
    // The answer was lost: all of it again. Then the thank-you page is opened again, and the page they are on is named again.
    assert_eq!(track(&mut visitor, &events).await, json!({"accepted": 5, "refused": []}));
    track(&mut visitor, &[event("order.placed", &order), event("page.entered", &page("/b"))]).await;
    // The page of the hello is one more, in a visit of its own.
    assert_eq!(count(&shop, "SELECT page_views FROM site_days").await, 3);
    assert_eq!(count(&shop, "SELECT visits FROM site_days").await, 2);
    assert_eq!(count(&shop, "SELECT visitors FROM site_days").await, 1);
    assert_eq!(count(&shop, "SELECT orders FROM site_days").await, 1);
    assert_eq!(count(&shop, "SELECT value_milli FROM day_revenue").await, 12_000_000);
    assert_eq!(count(&shop, "SELECT quantity FROM day_tops WHERE kind = 'product'").await, 2);
    assert_eq!(count(&shop, "SELECT count FROM day_tops WHERE kind = 'referrer' AND name = 'search.test'").await, 1);
    assert_eq!(count(&shop, "SELECT CAST(SUM(page_views) AS BIGINT) FROM site_minutes").await, 3);

    // A message makes it a visit in which somebody chatted; a repeat of it changes nothing.
    let post = json!({"client_message_id": fresh_id(), "conversation": null, "text": "hello"});
    visitor.request("message.post", post.clone()).await.unwrap();
    visitor.request("message.post", post).await.unwrap();
    track(&mut visitor, &[event("custom", &json!({"visit": visit, "name": "last"}))]).await;
    assert_eq!(count(&shop, "SELECT visits_chatted FROM site_days").await, 1);
    assert_eq!(count(&shop, "SELECT visits_ordered FROM site_days").await, 1);
    assert_eq!(count(&shop, "SELECT visits_chatted_ordered FROM site_days").await, 1);
}

#[tokio::test]
async fn an_event_that_is_refused_does_not_hold_up_the_others() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let good = event("custom", &json!({"name": "good"}));
    let mut old_id = event("custom", &json!({"name": "a"}));
    old_id["id"] = json!(uuid::Uuid::new_v4());
    let mut newer = event("custom", &json!({"name": "a"}));
    newer["v"] = json!(2);
    let bad = [
        ("id", old_id),
        ("v", newer),
        ("name", event("custom", &json!({"name": "x".repeat(61)}))),
        ("props", event("custom", &json!({"name": "a", "props": {"a": "x".repeat(2100)}}))),
        ("props.items", event("cart.changed", &json!({"props": {"value": 1, "currency": "KRW", "items": vec![json!({"name": "a"}); 51]}}))),
        ("props.currency", event("order.placed", &json!({"props": {"order_id": 1, "value": 1, "currency": "won ₩"}}))),
        ("kind", event("page.left", &json!({}))),
        ("page", event("page.entered", &json!({}))),
        ("event", json!({"v": 1})),
        ("event", event("custom", &json!({"name": "a", "more": 1}))),
    ];
    let mut all: Vec<Value> = bad.iter().map(|(_, event)| event.clone()).collect();
    all.push(good);
    let answer = track(&mut visitor, &all).await;
    assert_eq!(answer["accepted"], 1);
    for ((field, event), refused) in bad.iter().zip(answer["refused"].as_array().unwrap()) {
        assert_eq!(refused["id"], event["id"]);
        assert!(refused["fields"][field].is_string(), "{field}: {refused}");
    }
    let many = visitor.request("event.track", json!({"events": vec![event("custom", &json!({"name": "a"})); 51]})).await.unwrap_err();
    assert_eq!((&many["code"], many["message"].as_str().unwrap().contains("at most 50")), (&json!("invalid"), true));
    let strict = visitor.request("event.track", json!({"events": [], "more": 1})).await.unwrap_err();
    assert_eq!(strict["code"], "invalid");
    assert_eq!(count(&shop, "SELECT COUNT(*) FROM visitor_events WHERE kind = 'custom'").await, 1);
}

#[tokio::test]
async fn a_database_that_is_away_loses_no_event() {
    let shop = Shop::open().await;
    let events = shop.database.events();
    events.run("ALTER TABLE site_days RENAME TO site_days_away").await;
    // The page of this hello is told by nobody again, and a message neither.
    let mut visitor = shop.visitor().await;
    visitor.post(None, "hello").await;
    let one = event("custom", &json!({"name": "one"}));
    let away = visitor.request("event.track", json!({"events": [one.clone()]})).await.unwrap_err();
    assert_eq!(away["code"], "unavailable");
    let over_http = shop.fallback(&shop.site, visitor.ticket(), "event.track", &json!({"events": [one.clone()]})).await;
    assert_eq!((over_http.status, &over_http.json()["err"]["code"]), (503, &json!("unavailable")));
    events.run("ALTER TABLE site_days_away RENAME TO site_days").await;
    assert_eq!(track(&mut visitor, std::slice::from_ref(&one)).await["accepted"], 1);
    let again = shop.fallback(&shop.site, visitor.ticket(), "event.track", &json!({"events": [one]})).await;
    assert_eq!(again.json()["ok"]["accepted"], 1);
    assert_eq!(count(&shop, "SELECT page_views FROM site_days").await, 1);
    assert_eq!(count(&shop, "SELECT visits_chatted FROM site_days").await, 1);
    assert_eq!(count(&shop, "SELECT COUNT(*) FROM visitor_events WHERE name = 'one'").await, 1);
}

#[tokio::test]
async fn who_has_their_data_sees_what_they_did_and_may_have_it_deleted() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    track(&mut visitor, &[event("custom", &json!({"name": "looked", "props": {"at": "socks"}}))]).await;
    let all = visitor.request("visitor.export", json!({})).await.unwrap();
    let found = all["events"].as_array().unwrap().iter().find(|event| event["name"] == "looked").unwrap();
    assert_eq!(found["props"], json!({"at": "socks"}));
    visitor.request("visitor.delete", json!({})).await.unwrap();
    assert_eq!(count(&shop, "SELECT COUNT(*) FROM visitor_events").await, 0);
    assert_eq!(count(&shop, "SELECT page_views FROM site_days").await, 1);
}
