//! When a site is staffed: business hours on its own wall clock, and its members.

use serde_json::{Value, json};
use stalk::clock::{Clock, Millis};

use crate::app::Shop;

/// Monday 2026-11-23, 08:59:30 in Seoul.
const BEFORE_NINE: Millis = 1_795_391_970_000;

fn path(shop: &Shop) -> String {
    format!("/api/v1/sites/{}", shop.site.id)
}

fn weekdays() -> Value {
    let day = json!([["09:00", "12:00"], ["13:00", "18:00"]]);
    json!({"always": false, "week": {"mon": day, "tue": day, "wed": day, "thu": day, "fri": day, "sat": [], "sun": []}, "closed": ["2026-12-25"]})
}

/// What the next change says.
async fn told(visitor: &mut crate::socket::Socket) -> bool {
    visitor.event("site.availability_changed").await["d"]["data"]["available"].as_bool().unwrap()
}

#[tokio::test]
async fn visitors_are_told_when_the_hours_begin_and_end() {
    let shop = Shop::open_with(&[], Clock::fixed(BEFORE_NINE)).await;
    let mut there = shop.socket_of(&shop.owner).await;
    let hours = weekdays();
    let site = shop.owner.patch(&path(&shop), &json!({"time_zone": "Asia/Seoul", "business_hours": hours})).await.ok();
    assert_eq!((&site["open_now"], &site["business_hours"], &site["time_zone"]), (&json!(false), &hours, &json!("Asia/Seoul")));

    // Told once the change is in force; a clock that jumps before that would leave nothing to tell.
    there.event("site.changed").await;
    let mut visitor = shop.visitor().await;
    while visitor.request("site.status", json!({})).await.unwrap()["available"] != json!(false) {}
    for (after, open) in [(60_000, true), (3 * 3_600_000, false), (3_600_000, true), (5 * 3_600_000, false)] {
        visitor.settle().await;
        shop.clock.advance(after);
        while told(&mut visitor).await != open {}
        assert_eq!(visitor.request("site.status", json!({})).await.unwrap()["available"], open);
        assert_eq!(shop.owner.get(&path(&shop)).await.ok()["open_now"], open);
        assert_eq!(shop.visitor().await.welcome["site"]["available"], open);
    }
    shop.owner.patch(&path(&shop), &json!({"business_hours": {"always": true}})).await.ok();
    while !told(&mut visitor).await {}
}

#[tokio::test]
async fn visitors_of_a_closed_shop_are_told_when_it_opens_again() {
    // Monday 2026-11-23, 08:59:30 in Seoul.
    const TUESDAY_NINE: Millis = BEFORE_NINE + 30_000 + 24 * 3_600_000;
    let shop = Shop::open_with(&[], Clock::fixed(BEFORE_NINE)).await;
    let _there = shop.socket_of(&shop.owner).await;
    let mut visitor = shop.visitor().await;
    assert_eq!(visitor.welcome["site"]["opens_at"], Value::Null);
    let mut hours = weekdays();
    shop.owner.patch(&path(&shop), &json!({"time_zone": "Asia/Seoul", "business_hours": hours})).await.ok();
    let expected = json!({"available": false, "opens_at": BEFORE_NINE + 30_000});
    while visitor.event("site.availability_changed").await["d"]["data"] != expected {}
    assert_eq!(shop.visitor().await.welcome["site"]["opens_at"], BEFORE_NINE + 30_000);
    // The owner closes for today: who has the panel open is told the other time.
    hours["closed"] = json!(["2026-11-23"]);
    shop.owner.patch(&path(&shop), &json!({"business_hours": hours})).await.ok();
    let expected = json!({"available": false, "opens_at": TUESDAY_NINE});
    while visitor.event("site.availability_changed").await["d"]["data"] != expected {}
    shop.clock.advance(24 * 3_600_000 + 30_000);
    while visitor.event("site.availability_changed").await["d"]["data"] != json!({"available": true, "opens_at": null}) {}
    assert_eq!(shop.visitor().await.welcome["site"]["opens_at"], Value::Null);
}

#[tokio::test]
async fn a_site_is_available_while_one_of_its_members_is() {
    let shop = Shop::open().await;
    let (member, other) = (shop.operator().await, shop.operator().await);
    let id = member.get("/api/v1/me").await.ok()["operator"]["id"].clone();
    let second = shop.second_site().await;
    let (mut here, mut there) = (shop.visitor().await, shop.visitor_of(&second).await);
    assert_eq!(shop.owner.get(&path(&shop)).await.ok()["members"], Value::Null);
    let site = shop.owner.patch(&path(&shop), &json!({"members": [id, id]})).await.ok();
    assert_eq!(site["members"], json!([id]));

    let _other_comes = shop.socket_of(&other).await;
    while !told(&mut there).await {}
    here.settle().await;
    assert_eq!(here.request("site.status", json!({})).await.unwrap()["available"], false);
    let member_comes = shop.socket_of(&member).await;
    while !told(&mut here).await {}
    member.patch("/api/v1/me", &json!({"availability": "away"})).await.ok();
    while told(&mut here).await {}
    shop.owner.patch(&path(&shop), &json!({"members": null})).await.ok();
    while !told(&mut here).await {}
    drop(member_comes);
}

#[tokio::test]
async fn hours_zones_and_members_that_make_no_sense_are_refused_by_field() {
    let shop = Shop::open().await;
    let other = shop.other_tenant().await;
    let foreign = other.owner.get("/api/v1/me").await.ok()["operator"]["id"].clone();
    for (change, field) in [
        (json!({"time_zone": "Seoul"}), "time_zone"),
        (json!({"business_hours": {"always": false}}), "business_hours"),
        (json!({"business_hours": {"always": false, "week": {"mon": [["18:00", "09:00"]]}}}), "business_hours"),
        (json!({"business_hours": {"always": true, "closed": ["soon"]}}), "business_hours"),
        (json!({"members": []}), "members"),
        (json!({"members": [foreign]}), "members"),
    ] {
        let refused = shop.owner.patch(&path(&shop), &change).await.refused(422, "invalid");
        assert!(refused["fields"][field].is_string(), "{change}: {refused}");
    }
    for change in [
        json!({"business_hours": {"always": false, "week": {"mo": []}}}),
        json!({"business_hours": {"always": false, "week": {"mon": [["09:00"]]}}}),
        json!({"members": "all"}),
    ] {
        shop.owner.patch(&path(&shop), &change).await.refused(422, "invalid");
    }
    assert_eq!(shop.owner.get(&path(&shop)).await.ok()["business_hours"], json!({"always": true}));
}
