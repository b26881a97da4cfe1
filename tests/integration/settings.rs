//! What a shop decides about its widget, and what visitors are welcomed with because of it.

use serde_json::{Value, json};

use crate::app::{Shop, hello, text};
use crate::socket::Socket;

async fn site_of(shop: &Shop) -> Value {
    shop.owner.get(&format!("/api/v1/sites/{}", shop.site.id)).await.ok()
}

async fn change(shop: &Shop, settings: Value) -> Value {
    shop.owner.patch(&format!("/api/v1/sites/{}", shop.site.id), &json!({"settings": settings})).await.ok()
}

/// The site of a welcome, for a hello with more in it.
async fn welcomed(shop: &Shop, more: Value) -> Value {
    let mut says = hello(&shop.site, None);
    says.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Socket::open(&shop.widget, Some(&shop.site.origin)).await.hello(says).await.welcome["site"].clone()
}

#[tokio::test]
async fn settings_have_defaults_and_a_change_touches_what_it_names() {
    let shop = Shop::open().await;
    let before = site_of(&shop).await["settings"].clone();
    assert_eq!(before["launcher"], "circle");
    assert_eq!(before["files"], json!({"enabled": true, "max_mib": 10, "types": "all"}));
    assert_eq!(before["prechat"], json!({"enabled": false, "name": "optional", "email": "optional", "question": true}));
    let changed = change(&shop, json!({"launcher": "pill", "texts": {"ko": {"title": "가게"}}, "prechat": {"email": "required"}})).await;
    let mut expected = before.clone();
    expected["launcher"] = "pill".into();
    expected["texts"]["ko"]["title"] = "가게".into();
    expected["prechat"]["email"] = "required".into();
    assert_eq!(changed["settings"], expected);
    // Other fields of the site do not reset them, and they do not reset the site's.
    let renamed = shop.owner.patch(&format!("/api/v1/sites/{}", shop.site.id), &json!({"side": "left"})).await.ok();
    assert_eq!((&renamed["settings"], &renamed["side"]), (&expected, &json!("left")));
    assert_eq!(site_of(&shop).await["settings"], expected);
}

#[tokio::test]
async fn a_setting_that_is_wrong_is_named_and_nothing_is_stored() {
    let shop = Shop::open().await;
    let before = site_of(&shop).await;
    for (settings, field) in [
        (json!({"offset_x": 401}), "settings.offset_x"),
        (json!({"texts": {"en": {"title": "x".repeat(61)}}}), "settings.texts.en.title"),
        (json!({"files": {"max_mib": 0}}), "settings.files.max_mib"),
        (json!({"launcher": "square"}), "settings"),
        (json!({"burnt": true}), "settings.burnt"),
        (json!({"cookie_domain": "evil.test"}), "settings.cookie_domain"),
        (json!("dark"), "settings"),
    ] {
        let path = format!("/api/v1/sites/{}", shop.site.id);
        let error = shop.owner.patch(&path, &json!({"settings": settings, "name": "Other"})).await.refused(422, "invalid");
        assert!(error["fields"][field].is_string(), "{settings}: {error}");
    }
    assert_eq!(site_of(&shop).await, before);
}

#[tokio::test]
async fn a_site_has_a_goal_for_its_answers_which_its_operators_read_and_its_admins_set() {
    let shop = Shop::open().await;
    let path = format!("/api/v1/sites/{}", shop.site.id);
    assert_eq!(site_of(&shop).await["answer_goal_min"], 2);
    for minutes in [0, 1441, -5] {
        let error = shop.owner.patch(&path, &json!({"answer_goal_min": minutes, "name": "Other"})).await.refused(422, "invalid");
        assert_eq!(error["fields"]["answer_goal_min"], format!("is {minutes}; 1 to 1440 minutes are allowed"));
    }
    for minutes in [1, 1440, 10] {
        assert_eq!(shop.owner.patch(&path, &json!({"answer_goal_min": minutes})).await.ok()["answer_goal_min"], minutes);
    }
    // Other changes leave it alone, and the list that the inbox reads says it too.
    shop.owner.patch(&path, &json!({"side": "left"})).await.ok();
    let listed = shop.owner.get("/api/v1/sites").await.ok();
    assert_eq!(listed["items"][0]["answer_goal_min"], 10);
}

#[tokio::test]
async fn a_panel_is_welcomed_with_all_of_it_in_its_language_and_a_loader_with_little() {
    let shop = Shop::open().await;
    let texts = json!({"ko": {"title": "가게", "away": "곧 올게요"}, "en": {"title": "Shop"}});
    change(&shop, json!({"theme": "dark", "launcher_label": {"ko": "물어보기", "en": "Ask us"}, "offset_y": 90, "texts": texts})).await;
    let site = welcomed(&shop, json!({"language": "ko-KR"})).await;
    assert_eq!((&site["theme"], &site["offset_y"], &site["launcher_label"]), (&json!("dark"), &json!(90), &json!("물어보기")));
    assert_eq!(site["texts"], json!({"title": "가게", "away": "곧 올게요"}));
    assert_eq!(site["files"]["max_mib"], 10);
    assert_eq!((&site["operators"], &site["reply_time_s"], &site["identity_required"]), (&json!([]), &Value::Null, &json!(false)));
    let other = welcomed(&shop, json!({"language": "de"})).await;
    assert_eq!((&other["texts"], &other["launcher_label"]), (&json!({"title": "Shop"}), &json!("Ask us")), "the site's language");

    assert_eq!((&site["language"], &other["language"]), (&json!("ko"), &json!("en")), "what the widget speaks");

    change(&shop, json!({"follow_language": false})).await;
    let fixed = welcomed(&shop, json!({"language": "ko-KR"})).await;
    assert_eq!((&fixed["language"], &fixed["texts"]["title"], &fixed["launcher_label"]), (&json!("en"), &json!("Shop"), &json!("Ask us")));

    let lite = welcomed(&shop, json!({"lite": true})).await;
    let names: Vec<&String> = lite.as_object().unwrap().keys().collect();
    let expected = ["available", "color", "language", "launcher", "launcher_label", "name", "offset_x", "offset_y", "side", "theme"];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn a_panel_shows_who_is_there_and_how_fast_they_answer() {
    let shop = Shop::open().await;
    let _online = shop.socket_of(&shop.owner).await;
    let site = welcomed(&shop, json!({})).await;
    assert_eq!(site["operators"], json!([{"name": "Olive Owner", "photo_url": null}]));
    change(&shop, json!({"show_operators": false})).await;
    assert_eq!(welcomed(&shop, json!({})).await["operators"], json!([]));

    let busy = Shop::open().await;
    for _ in 0..5 {
        let asked = text(&busy.visitor().await.post(None, "?").await["conversation"]["id"]);
        busy.owner.answers(&asked, "!").await;
    }
    // Said after the cached answer of the visitors above has been forgotten: another site has none.
    let second = busy.second_site().await;
    assert_eq!(busy.visitor_of(&second).await.welcome["site"]["reply_time_s"], Value::Null);
}

#[tokio::test]
async fn the_owner_sees_on_which_page_the_widget_was_seen() {
    let shop = Shop::open().await;
    let mut watching = shop.socket_of(&shop.owner).await;
    assert_eq!(site_of(&shop).await["last_seen_url"], Value::Null);
    let mut visitor = shop.visitor().await;
    // The feed writes what it is told in order, so that a later change seen means an earlier one stored.
    visitor.post(None, "hello").await;
    watching.event("conversation.changed").await;
    assert_eq!(site_of(&shop).await["last_seen_url"], format!("{}/socks", shop.site.origin));
}
