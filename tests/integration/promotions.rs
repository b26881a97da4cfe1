//! What visitors are offered, by rule and by hand: to whom, to whom not, and what is counted.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use stalk::rules::decide::bucket;
use uuid::Uuid;

use crate::app::{Shop, Site, hello, text};
use crate::operator::{Operator, fresh_id};
use crate::socket::Socket;

/// Longer than anything here takes, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(20);

fn definition(on: &Value, when: &Value) -> Value {
    json!({
        "offer": {"look": "card", "title": {"ko": "가을 할인", "en": "Autumn sale"}, "text": {"en": "10 % off"}, "button": {"ko": "보기", "en": "See it"},
                  "url": "https://shop.test/sale", "coupon": "AUTUMN"},
        "on": on, "when": when, "limits": {"per_visit": 1}, "holdout": 0,
        "goal": {"kind": "page", "value": "/done*", "within_hours": 24},
    })
}

/// On opening a page below `path`.
pub(crate) fn on_page(path: &str) -> Value {
    definition(&json!({"event": "page.enter"}), &json!({"fact": "page.path", "is": "starts_with", "value": path}))
}

/// An active promotion.
pub(crate) async fn promote(shop: &Shop, definition: Value) -> String {
    let made = shop.owner.post("/api/v1/promotions", &json!({"name": "Autumn", "active": true, "definition": definition})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    text(&made.json()["id"])
}

pub(crate) fn on(site: &Site, path: &str, ticket: Option<&str>) -> Value {
    let mut hello = hello(site, ticket);
    hello["lite"] = true.into();
    hello["page"]["url"] = format!("{}{path}", site.origin).into();
    hello
}

/// A loader on this page.
async fn visitor_on(shop: &Shop, path: &str) -> Socket {
    Socket::open(&shop.widget, Some(&shop.site.origin)).await.hello(on(&shop.site, path, None)).await
}

fn id_of(visitor: &Socket) -> String {
    text(&visitor.welcome["visitor"]["id"])
}

async fn enter(visitor: &mut Socket, visit: &Value, url: &str) {
    let event =
        json!({"event_id": fresh_id(), "name": "page.enter", "at": 0, "visit": visit, "page": {"url": url, "title": "", "referrer": null}});
    visitor.request("event.post", json!({"events": [event]})).await.unwrap();
}

async fn report(visitor: &mut Socket, offer: &Value, what: &str) {
    visitor.request("promotion.report", json!({"offer": offer["id"], "what": what})).await.unwrap();
}

/// Asks until it is so: what is counted follows what happened.
async fn until(owner: &Operator, path: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let since = Instant::now();
    loop {
        let answer = owner.get(path).await.ok();
        if wanted(&answer) {
            return answer;
        }
        assert!(since.elapsed() < PATIENCE, "{what}: {answer}");
    }
}

async fn audience(shop: &Shop, people: usize) {
    until(&shop.owner, "/api/v1/promotions/audience", "everybody is there", |answer| answer["live"] == people).await;
}

pub(crate) async fn offers(visitor: &mut Socket) -> usize {
    visitor.settle().await.iter().filter(|frame| frame["d"]["type"] == "promotion.offered").count()
}

#[tokio::test]
async fn a_page_offers_once_and_everything_is_counted_once() {
    let shop = Shop::open().await;
    let id = promote(&shop, on_page("/products/")).await;
    let path = format!("/api/v1/promotions/{id}");
    let first = on(&shop.site, "/products/jar?b=1", None);
    let visit = first["visit"].clone();
    let mut visitor = Socket::open(&shop.widget, Some(&shop.site.origin)).await.hello(first.clone()).await;
    let offered = visitor.event("promotion.offered").await;
    let offer = &offered["d"]["data"]["offer"];
    assert!(text(&offered["ch"]).starts_with("v/"));
    assert_eq!((&offer["title"], &offer["look"], &offer["coupon"]), (&json!("Autumn sale"), &json!("card"), &json!("AUTUMN")));
    assert_eq!((&offer["promotion"], &offer["page"]), (&json!(id), &first["page"]["url"]));
    for _ in 0..2 {
        report(&mut visitor, offer, "shown").await;
        report(&mut visitor, offer, "clicked").await;
    }
    let mut stranger = visitor_on(&shop, "/other").await;
    let refused = stranger.request("promotion.report", json!({"offer": offer["id"], "what": "shown"})).await.unwrap_err();
    assert_eq!(refused["code"], "not_found", "an offer is its visitor's");
    // The same page again, after a reconnect and after another page: this visit has had its offer.
    let mut again = first;
    again["ticket"] = visitor.ticket().into();
    let mut reconnected = Socket::open(&shop.widget, Some(&shop.site.origin)).await.hello(again).await;
    enter(&mut reconnected, &visit, "http://shop.test/").await;
    enter(&mut reconnected, &visit, "http://shop.test/products/jar?b=1").await;
    enter(&mut reconnected, &visit, "http://shop.test/done/7").await;
    until(&shop.owner, &path, "the goal", |answer| answer["seen"]["goals"] == 1).await;
    assert_eq!(offers(&mut reconnected).await, 0);
    for _ in 0..2 {
        let order = json!({"order_id": "A-1", "value": 19.99, "currency": "EUR"});
        let event = json!({"v": 1, "id": fresh_id(), "at": 0, "visit": visit, "kind": "order.placed", "props": order});
        reconnected.request("event.track", json!({"events": [event]})).await.unwrap();
    }
    let counted = until(&shop.owner, &path, "the order", |answer| answer["seen"]["orders"] == 1).await;
    assert_eq!(counted["seen"]["goals"], 1);
    let seen = json!({"visitors": 1, "shown": 1, "clicked": 1, "dismissed": 0, "goals": 1, "orders": 1,
        "revenue": [{"currency": "EUR", "orders": 1, "value": 19.99}]});
    assert_eq!(counted["seen"], seen);
    assert_eq!(counted["held_out"]["visitors"], 0);
    let order = json!({"order_id": "A-2", "value": 42000, "currency": "KRW"});
    let event = json!({"v": 1, "id": fresh_id(), "at": 0, "visit": visit, "kind": "order.placed", "props": order});
    reconnected.request("event.track", json!({"events": [event]})).await.unwrap();
    let counted = until(&shop.owner, &path, "the order in another currency", |answer| answer["seen"]["orders"] == 2).await;
    let apart = json!([{"currency": "EUR", "orders": 1, "value": 19.99}, {"currency": "KRW", "orders": 1, "value": 42000.0}]);
    assert_eq!(counted["seen"]["revenue"], apart, "currencies are not added together");
}

#[tokio::test]
async fn a_send_reaches_whoever_is_on_the_page_at_once_and_nobody_else() {
    let shop = Shop::open().await;
    let mut by_hand = on_page("/never");
    by_hand["on"] = Value::Null;
    let id = promote(&shop, by_hand).await;
    let mut here = vec![visitor_on(&shop, "/products/a").await, visitor_on(&shop, "/products/b?x=1").await];
    let mut elsewhere = visitor_on(&shop, "/cart").await;
    let mut talking = visitor_on(&shop, "/products/c").await;
    talking.post(None, "a question").await;
    audience(&shop, 4).await;
    let named = shop.owner.get("/api/v1/promotions/audience?pages=%2Fproducts%2F*").await.ok();
    assert_eq!((&named["live"], named["people"].as_array().unwrap().len()), (&json!(3), 3));
    let path = format!("/api/v1/promotions/{id}/sends");
    let press = json!({"send_id": fresh_id(), "pages": ["/products/*"]});
    let since = Instant::now();
    let sent = shop.owner.post(&path, &press).await.ok();
    for visitor in &mut here {
        visitor.event("promotion.offered").await;
    }
    println!("a send is on the sockets after {:?}", since.elapsed());
    assert!(since.elapsed() < Duration::from_secs(3), "{:?}", since.elapsed());
    assert_eq!(sent, json!({"offered": 2, "held_out": 0, "in_conversation": 1, "repeated": 0}));
    let again = shop.owner.post(&path, &press).await.ok();
    assert_eq!(again, json!({"offered": 0, "held_out": 0, "in_conversation": 1, "repeated": 2}));
    let one = json!({"send_id": fresh_id(), "visitor_id": id_of(&elsewhere)});
    assert_eq!(shop.operator().await.post(&path, &one).await.ok()["offered"], 1, "every operator may");
    assert_eq!(offers(&mut elsewhere).await, 1);
    assert_eq!((offers(&mut here[0]).await, offers(&mut talking).await), (0, 0));
}

#[tokio::test]
async fn the_holdout_sees_nothing_and_is_counted() {
    let shop = Shop::open().await;
    let mut half = on_page("/products/");
    half["holdout"] = 50.into();
    let id = promote(&shop, half).await;
    let mut expected = [0, 0];
    let mut people = Vec::new();
    for _ in 0..12 {
        let visitor = visitor_on(&shop, "/products/jar").await;
        let held_out = bucket(id.parse::<Uuid>().unwrap(), id_of(&visitor).parse().unwrap()) < 5000;
        expected[usize::from(held_out)] += 1;
        people.push((visitor, held_out));
    }
    let path = format!("/api/v1/promotions/{id}");
    let all = |answer: &Value| answer["seen"]["visitors"] == expected[0] && answer["held_out"]["visitors"] == expected[1];
    until(&shop.owner, &path, "both groups", all).await;
    for (visitor, held_out) in &mut people {
        assert_eq!(offers(visitor).await, usize::from(!*held_out));
    }
    // By hand it is the same people.
    let sent = shop.owner.post(&format!("{path}/sends"), &json!({"send_id": fresh_id()})).await.ok();
    assert_eq!((&sent["offered"], &sent["held_out"]), (&json!(expected[0]), &json!(expected[1])));
    for (visitor, held_out) in &mut people {
        assert_eq!(offers(visitor).await, 2 * usize::from(!*held_out));
    }
    assert!(all(&shop.owner.get(&path).await.ok()), "each visitor is counted once");
}

#[tokio::test]
async fn a_pause_takes_effect_at_once_also_on_screens() {
    let shop = Shop::open().await;
    let id = promote(&shop, on_page("/products/")).await;
    let path = format!("/api/v1/promotions/{id}");
    let mut visitor = visitor_on(&shop, "/products/jar").await;
    let offer = visitor.event("promotion.offered").await["d"]["data"]["offer"]["id"].clone();
    let paused = shop.owner.patch(&path, &json!({"active": false})).await.ok();
    assert_eq!((&paused["active"], &paused["version"]), (&json!(false), &json!(1)));
    let gone = visitor.event("promotion.withdrawn").await;
    assert_eq!(gone["d"]["data"]["withdrawn"], json!({"offer": offer, "promotion": id}));
    let mut late = visitor_on(&shop, "/products/jar").await;
    audience(&shop, 2).await;
    assert_eq!(offers(&mut late).await, 0);
    shop.owner.post(&format!("{path}/sends"), &json!({"send_id": fresh_id()})).await.refused(409, "conflict");
    shop.owner.patch(&path, &json!({"active": true, "starts_at": 4_000_000_000_000_i64})).await.ok();
    shop.owner.post(&format!("{path}/sends"), &json!({"send_id": fresh_id()})).await.refused(409, "conflict");
}

#[tokio::test]
async fn whoever_stays_is_offered_and_whoever_talks_or_has_the_panel_open_is_not() {
    let shop = Shop::open().await;
    promote(&shop, definition(&json!({"event": "page.stay", "seconds": 1}), &json!({"all": []}))).await;
    let mut panel = Socket::open(&shop.widget, Some(&shop.site.origin)).await.hello(hello(&shop.site, None)).await;
    let mut talking = visitor_on(&shop, "/a").await;
    talking.post(None, "a question").await;
    let mut leaving = on(&shop.site, "/a", None);
    let visit = leaving["visit"].take();
    leaving["visit"] = visit.clone();
    let mut moving = Socket::open(&shop.widget, Some(&shop.site.origin)).await.hello(leaving).await;
    enter(&mut moving, &visit, "http://shop.test/b").await;
    let mut staying = visitor_on(&shop, "/a").await;
    staying.event("promotion.offered").await;
    let offered = moving.event("promotion.offered").await;
    assert_eq!(offered["d"]["data"]["offer"]["page"], "http://shop.test/b", "the page that was left has no timer any more");
    assert_eq!((offers(&mut panel).await, offers(&mut talking).await, offers(&mut moving).await), (0, 0, 0));
}

#[tokio::test]
async fn a_dry_run_says_why_not() {
    let shop = Shop::open().await;
    let visitor = visitor_on(&shop, "/cart").await;
    audience(&shop, 1).await;
    let who = id_of(&visitor);
    let path = "/api/v1/promotions/dry-runs";
    let told = shop.owner.post(path, &json!({"visitor_id": who, "definition": on_page("/products/")})).await.ok();
    assert_eq!((&told["shown"], &told["why"], &told["at"]), (&json!(false), &json!("condition"), &json!("when")));
    assert_eq!(told["test"], json!({"fact": "page.path", "is": "starts_with", "value": "/products/"}));
    assert_eq!((&told["facts"]["page.path"], &told["facts"]["visitor.returning"]), (&json!("/cart"), &json!(false)));
    let told = shop.owner.post(path, &json!({"visitor_id": who, "definition": on_page("/cart")})).await.ok();
    assert_eq!((&told["shown"], &told["why"]), (&json!(true), &json!("fires")));
    let id = promote(&shop, on_page("/cart")).await;
    let paused = shop.owner.patch(&format!("/api/v1/promotions/{id}"), &json!({"active": false})).await.ok();
    assert_eq!(shop.owner.post(path, &json!({"visitor_id": who, "promotion_id": paused["id"]})).await.ok()["why"], "paused");
    assert_eq!(shop.owner.post(path, &json!({"visitor_id": fresh_id(), "promotion_id": id})).await.ok()["why"], "away");
    shop.owner.post(path, &json!({"visitor_id": who})).await.refused(422, "invalid");
    shop.owner.post(path, &json!({"visitor_id": who, "promotion_id": fresh_id()})).await.refused(404, "not_found");
}

#[tokio::test]
async fn what_cannot_be_a_promotion_is_refused_by_field_and_bound() {
    let shop = Shop::open().await;
    let wrong = |change: fn(&mut Value)| {
        let mut definition = on_page("/");
        change(&mut definition);
        json!({"name": "x", "definition": definition})
    };
    for (bad, field, bound) in [
        (wrong(|d| d["offer"]["title"] = json!({})), "definition.offer.title", "at least one language"),
        (wrong(|d| d["offer"]["title"]["en"] = "x".repeat(121).into()), "definition.offer.title", "120"),
        (wrong(|d| d["offer"]["url"] = "javascript:alert(1)".into()), "definition.offer.url", "https://"),
        (wrong(|d| d["offer"]["image_url"] = "//x".into()), "definition.offer.image_url", "2048"),
        (wrong(|d| d["offer"]["coupon"] = "x".repeat(65).into()), "definition.offer.coupon", "64"),
        (wrong(|d| d["holdout"] = 51.into()), "definition.holdout", "50"),
        (wrong(|d| d["limits"]["per_visit"] = 0.into()), "definition.limits.per_visit", "1000"),
        (wrong(|d| d["on"] = json!({"event": "page.stay", "seconds": 0})), "definition.on.seconds", "3600"),
        (wrong(|d| d["on"] = json!({"event": "message.from_visitor"})), "definition.on.event", "conversation"),
        (wrong(|d| d["goal"]["within_hours"] = 0.into()), "definition.goal.within_hours", "720"),
        (wrong(|d| d["goal"]["value"] = "done".into()), "definition.goal.value", "path"),
        (wrong(|d| d["when"] = json!({"all": [{"fact": "page.path", "is": "regex", "value": "("}]})), "definition.when.all[0]", "regular"),
    ] {
        let refused = shop.owner.post("/api/v1/promotions", &bad).await.refused(422, "invalid");
        assert!(refused["fields"][field].as_str().is_some_and(|why| why.contains(bound)), "{field}: {refused}");
    }
    let unknown = wrong(|d| d["when"] = json!({"fact": "moon.phase", "is": "equals", "value": "full"}));
    shop.owner.post("/api/v1/promotions", &unknown).await.refused(422, "invalid");
    let other = json!({"name": "x", "site_id": fresh_id(), "definition": on_page("/")});
    shop.owner.post("/api/v1/promotions", &other).await.refused(404, "not_found");
    shop.owner.get("/api/v1/promotions/audience?pages=products").await.refused(422, "invalid");
    let id = promote(&shop, on_page("/")).await;
    let both = json!({"send_id": fresh_id(), "visitor_id": fresh_id(), "pages": ["/"]});
    let path = format!("/api/v1/promotions/{id}/sends");
    shop.owner.post(&path, &both).await.refused(422, "invalid");
    let named = json!({"send_id": fresh_id(), "visitor_ids": [fresh_id()], "pages": ["/"]});
    assert!(shop.owner.post(&path, &named).await.refused(422, "invalid")["fields"]["visitor_ids"].is_string());
    let many: Vec<Uuid> = (0..1001).map(|_| fresh_id()).collect();
    let refused = shop.owner.post(&path, &json!({"send_id": fresh_id(), "visitor_ids": many})).await.refused(422, "invalid");
    assert!(refused["fields"]["visitor_ids"].as_str().is_some_and(|why| why.contains("1000")), "{refused}");
    let schema = shop.owner.get("/api/v1/promotions/schema").await.ok();
    assert!(schema["$defs"]["ConditionTest"]["properties"]["is"].is_object(), "{schema}");
    assert!(!schema.to_string().contains("#/components"));
    let changed = shop.owner.patch(&format!("/api/v1/promotions/{id}"), &json!({"definition": on_page("/new")})).await.ok();
    assert_eq!(changed["version"], 2);
}

#[tokio::test]
async fn a_cart_that_grows_is_offered_something() {
    let shop = Shop::open().await;
    let wanted =
        json!({"all": [{"fact": "cart.value", "is": "at_least", "value": 50000}, {"fact": "cart.items", "is": "below", "value": 4}]});
    promote(&shop, definition(&json!({"event": "cart.changed"}), &wanted)).await;
    let mut visitor = visitor_on(&shop, "/cart").await;
    audience(&shop, 1).await;
    let visit = fresh_id();
    for (value, quantity) in [(20000, 1), (60000, 5), (60000, 2)] {
        let cart = json!({"value": value, "currency": "KRW", "items": [{"id": "1", "name": "Jar", "price": 1, "quantity": quantity}]});
        let event = json!({"v": 1, "id": fresh_id(), "at": 0, "visit": visit, "kind": "cart.changed", "props": cart});
        visitor.request("event.track", json!({"events": [event]})).await.unwrap();
    }
    visitor.event("promotion.offered").await;
    assert_eq!(offers(&mut visitor).await, 0, "the first that fits, and no other");
}

#[tokio::test]
async fn it_is_sent_to_those_who_were_chosen_and_to_nobody_else() {
    let shop = Shop::open().await;
    let id = promote(&shop, definition(&Value::Null, &json!({"all": []}))).await;
    let mut chosen = visitor_on(&shop, "/a").await;
    let mut second = visitor_on(&shop, "/a").await;
    let mut other = visitor_on(&shop, "/a").await;
    audience(&shop, 3).await;
    let to = json!({"send_id": fresh_id(), "visitor_ids": [id_of(&chosen), id_of(&second), fresh_id()]});
    let sent = shop.owner.post(&format!("/api/v1/promotions/{id}/sends"), &to).await.ok();
    assert_eq!((&sent["offered"], &sent["held_out"]), (&json!(2), &json!(0)));
    chosen.event("promotion.offered").await;
    second.event("promotion.offered").await;
    assert_eq!(offers(&mut other).await, 0);
}

#[tokio::test]
async fn every_version_is_kept_and_one_goes_back_to_it() {
    let shop = Shop::open().await;
    let id = promote(&shop, on_page("/first")).await;
    let path = format!("/api/v1/promotions/{id}");
    shop.owner.patch(&path, &json!({"definition": on_page("/second")})).await.ok();
    shop.owner.patch(&path, &json!({"name": "Another name is no version"})).await.ok();
    let versions = shop.owner.get(&format!("{path}/versions")).await.ok()["items"].clone();
    let told: Vec<(i64, &str)> = versions
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["version"].as_i64().unwrap(), one["definition"]["when"]["value"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [(2, "/second"), (1, "/first")]);
    assert!(versions[0]["changed_by"]["name"].as_str().is_some_and(|name| !name.is_empty()));
    let back = shop.owner.patch(&path, &json!({"definition": versions[1]["definition"]})).await.ok();
    assert_eq!((&back["version"], &back["definition"]["when"]["value"]), (&json!(3), &json!("/first")));
}
