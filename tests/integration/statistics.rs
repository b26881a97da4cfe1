//! Statistics: a small story in two time zones, with a change of day and somebody who is recognised on the way, counted by hand.

use serde_json::{Value, json};
use stalk::clock::Clock;

use crate::app::{Shop, Site, hello, text};
use crate::identity::{secret_of, token};
use crate::operator::fresh_id;
use crate::socket::Socket;

/// 31 January 2026, 14:50 UTC: 23:50 in Seoul, 09:50 in New York.
const BEGIN: i64 = 1_769_871_000_000;
const MINUTE: i64 = 60_000;

struct Story {
    shop: Shop,
    second: Site,
    clock: Clock,
}

async fn comes(shop: &Shop, site: &Site, visit: &Value, (path, title): (&str, &str), more: &Value) -> Socket {
    let mut says = hello(site, None);
    says["visit"] = visit.clone();
    says["page"] = json!({"url": format!("{}{path}", site.origin), "title": title, "referrer": "https://search.test/?q=jar"});
    says.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Socket::open(&shop.widget, Some(&site.origin)).await.hello(says).await
}

async fn does(visitor: &mut Socket, visit: &Value, kind: &str, more: &Value) {
    let mut event = json!({"v": 1, "id": fresh_id(), "at": 9_000_000_000_000_i64, "visit": visit, "kind": kind});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = visitor.request("event.track", json!({"events": [event]})).await.unwrap();
    assert_eq!(answer, json!({"accepted": 1, "refused": []}));
}

/// What docs/STATISTICS.md tells as its example.
async fn story() -> Story {
    let clock = Clock::fixed(BEGIN);
    let shop = Shop::open_with(&[], clock.clone()).await;
    let second = shop.second_site().await;
    for (site, zone) in [(&shop.site, "Asia/Seoul"), (&second, "America/New_York")] {
        shop.owner.patch(&format!("/api/v1/sites/{}", site.id), &json!({"time_zone": zone})).await.ok();
    }
    // 23:50 and 23:55 in Seoul: somebody looks at two pages.
    let visit = json!(fresh_id());
    let mut anonymous = comes(&shop, &shop.site, &visit, ("/jar", "=Moon jar"), &json!({})).await;
    clock.advance(5 * MINUTE);
    let page = |path: &str| json!({"page": {"url": format!("{}{path}", shop.site.origin), "title": path}});
    does(&mut anonymous, &visit, "page.entered", &page("/cart")).await;
    // 00:05: the next day, the same visit. They sign in, and order; the thank-you page is opened twice.
    clock.advance(10 * MINUTE);
    does(&mut anonymous, &visit, "page.entered", &page("/checkout")).await;
    let claims = json!({"sub": "mina", "exp": BEGIN / 1000 + 7200});
    let identity = token(&json!({"alg": "HS256"}), &claims, &secret_of(&shop, &shop.site).await);
    let ticket = anonymous.ticket().to_owned();
    let mut mina = comes(&shop, &shop.site, &visit, ("/checkout", "/checkout"), &json!({"ticket": ticket, "identity": identity})).await;
    let order = json!({"props": {"order_id": "K-1", "value": 20000, "currency": "KRW", "items": [{"id": "jar", "name": "Moon jar", "price": 10000, "quantity": 2}]}});
    does(&mut mina, &visit, "order.placed", &order).await;
    does(&mut mina, &visit, "order.placed", &order).await;
    // 00:05: a second visitor asks, is answered after two minutes, and is content.
    let asking = json!(fresh_id());
    let mut second_visitor = comes(&shop, &shop.site, &asking, ("/jar", "Moon jar"), &json!({})).await;
    let conversation = text(&second_visitor.post(None, "Is it in stock?").await["conversation"]["id"]);
    clock.advance(2 * MINUTE);
    shop.owner.answers(&conversation, "It is.").await;
    second_visitor.request("rating.put", json!({"conversation": conversation, "score": 5})).await.unwrap();
    // 00:07: a third one asks, and nobody answers for 31 minutes.
    let waiting = json!(fresh_id());
    let mut third = comes(&shop, &shop.site, &waiting, ("/jar", "Moon jar"), &json!({})).await;
    third.post(None, "Hello?").await;
    does(&mut third, &waiting, "custom", &json!({"name": "waited"})).await;
    clock.advance(31 * MINUTE);
    // 10:38 in New York, still the 31st: somebody buys on the other site.
    let abroad = json!(fresh_id());
    let mut fourth = comes(&shop, &second, &abroad, ("/socks", "Socks"), &json!({})).await;
    does(&mut fourth, &abroad, "order.placed", &json!({"props": {"order_id": "K-1", "value": 10.5, "currency": "USD"}})).await;
    Story { shop, second, clock }
}

async fn ask(story: &Story, query: &str) -> Value {
    story.shop.owner.get(&format!("/api/v1/statistics{query}")).await.ok()
}

#[tokio::test]
async fn the_story_gives_the_numbers_that_are_counted_by_hand() {
    let story = story().await;
    let site = &story.shop.site.id;
    let today = ask(&story, &format!("?site_id={site}")).await;
    assert_eq!((&today["from"], &today["to"], &today["time_zone"]), (&json!("2026-02-01"), &json!("2026-02-01"), &json!("Asia/Seoul")));
    let expected = json!({"page_views": 3, "visitors": 3, "visits": 2, "orders": 1, "conversations": 2, "answered": 1, "missed": 1,
        "first_response_median_s": 120, "first_response_p90_s": 120, "ratings": 1, "rating_average": 5.0});
    assert_eq!(today["totals"], expected);
    assert_eq!(today["revenue"], json!([{"currency": "KRW", "orders": 1, "value": 20000.0}]));
    assert_eq!(today["chatted"], json!({"visits": 2, "ordered": 0, "conversion": 0.0}));
    assert_eq!(today["not_chatted"], json!({"visits": 0, "ordered": 0, "conversion": null}));
    assert_eq!(today["hours"][0], json!({"hour": 0, "page_views": 3, "visits": 2, "orders": 1}));

    let month = ask(&story, &format!("?site_id={site}&period=30d")).await;
    let totals = &month["totals"];
    assert_eq!(
        (&month["from"], &totals["page_views"], &totals["visitors"], &totals["visits"]),
        (&json!("2026-01-03"), &json!(5), &json!(3), &json!(3))
    );
    assert_eq!(month["chatted"], json!({"visits": 2, "ordered": 0, "conversion": 0.0}));
    assert_eq!(month["not_chatted"], json!({"visits": 1, "ordered": 1, "conversion": 1.0}));
    assert_eq!(month["days"].as_array().unwrap().len(), 30);
    let day = |place: usize| {
        (month["days"][place]["page_views"].clone(), month["days"][place]["visitors"].clone(), month["days"][place]["missed"].clone())
    };
    assert_eq!(day(28), (json!(2), json!(1), json!(0)));
    assert_eq!(day(29), (json!(3), json!(3), json!(1)));

    let abroad = ask(&story, &format!("?site_id={}", story.second.id)).await;
    assert_eq!((&abroad["to"], &abroad["totals"]["orders"], &abroad["hours"][10]["orders"]), (&json!("2026-01-31"), &json!(1), &json!(1)));
    let all = ask(&story, "").await;
    let totals = &all["totals"];
    assert_eq!(
        (&totals["page_views"], &totals["visitors"], &totals["visits"], &totals["orders"]),
        (&json!(4), &json!(4), &json!(3), &json!(2))
    );
    assert_eq!(
        all["revenue"],
        json!([{"currency": "KRW", "orders": 1, "value": 20000.0}, {"currency": "USD", "orders": 1, "value": 10.5}])
    );
    // A day later nothing of it is today's.
    story.clock.advance(24 * 60 * MINUTE);
    assert_eq!(ask(&story, &format!("?site_id={site}")).await["totals"]["page_views"], 0);
    assert_eq!(ask(&story, &format!("?site_id={site}&period=7d")).await["totals"]["page_views"], 5);
}

#[tokio::test]
async fn lists_and_files_say_the_same_and_no_cell_is_a_formula() {
    let story = story().await;
    let owner = &story.shop.owner;
    let site = &story.shop.site.id;
    let pages = ask(&story, &format!("/tops?period=7d&site_id={site}")).await;
    assert_eq!(pages["items"][0], json!({"name": "shop.test/jar", "label": "Moon jar", "count": 3, "quantity": 0}));
    let products = ask(&story, "/tops?period=7d&kind=products").await;
    assert_eq!(products["items"], json!([{"name": "jar", "label": "Moon jar", "count": 0, "quantity": 2}]));
    let referrers = ask(&story, "/tops?period=7d&kind=referrers&limit=1").await;
    assert_eq!(referrers["items"], json!([{"name": "search.test", "label": "search.test", "count": 4, "quantity": 0}]));

    let file = owner.get(&format!("/api/v1/statistics/export?period=7d&site_id={site}")).await;
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"statistics-days.csv\""));
    let lines: Vec<&str> = file.text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "\"day\",\"page_views\",\"visitors\",\"visits\",\"conversations\",\"missed\",\"orders\",\"revenue_KRW\"");
    assert_eq!(lines[6..], ["\"2026-01-31\",2,1,1,0,0,0,0", "\"2026-02-01\",3,3,2,2,1,1,20000"]);
    story.clock.advance(MINUTE);
    let mut odd = comes(&story.shop, &story.shop.site, &json!(fresh_id()), ("/=1+1", "=HYPERLINK(\"http://evil.test\")"), &json!({})).await;
    odd.request("event.track", json!({"events": []})).await.unwrap();
    does(&mut odd, &json!(fresh_id()), "custom", &json!({"name": "flushed"})).await;
    let file = owner.get("/api/v1/statistics/export?report=pages&period=7d").await;
    assert!(file.text.contains("\"shop.test/=1+1\",\"'=HYPERLINK(\"\"http://evil.test\"\")\",1"), "{}", file.text);

    owner.get("/api/v1/statistics?period=year").await.refused(422, "invalid");
    owner.get("/api/v1/statistics?perod=today").await.refused(422, "invalid");
    owner.get("/api/v1/statistics/tops?limit=0").await.refused(422, "invalid");
    let other = story.shop.other_tenant().await;
    other.owner.get(&format!("/api/v1/statistics?site_id={site}")).await.refused(404, "not_found");
    other.owner.get(&format!("/api/v1/statistics/export?site_id={site}")).await.refused(404, "not_found");
    assert_eq!(other.owner.get("/api/v1/statistics?period=30d").await.ok()["totals"]["page_views"], 0);
}
