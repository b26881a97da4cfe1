//! What operators put on a conversation and see beside it: tags, canned responses, drafts, the visitor and where they went.

use serde_json::{Value, json};
use stalk::clock::Clock;

use crate::app::{Shop, hello, text};
use crate::operator::fresh_id;
use crate::socket::Socket;

async fn started(visitor: &mut Socket) -> String {
    text(&visitor.post(None, "hello").await["conversation"]["id"])
}

fn names(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|item| text(&item["name"])).collect()
}

#[tokio::test]
async fn a_tag_is_made_by_whoever_names_it_and_is_one_word_in_any_case() {
    let shop = Shop::open().await;
    let operator = shop.operator().await;
    let (mut desk, mut visitor) = (shop.socket_of(&operator).await, shop.visitor().await);
    let (id, other) = (started(&mut visitor).await, started(&mut shop.visitor().await).await);
    let put = |id: &str, tags: Value| {
        let (operator, path) = (operator.clone(), format!("/api/v1/conversations/{id}/tags"));
        async move { operator.put(&path, &json!({"tags": tags})).await }
    };
    // The second is what a Mac sends for the first.
    let tagged = put(&id, json!(["환불", "\u{1112}\u{116a}\u{11ab}\u{1107}\u{116e}\u{11af}", " Refund ", "refund"])).await.ok();
    assert_eq!(tagged["tags"], json!(["Refund", "환불"]));
    desk.event("tag.changed").await;
    let wanted = |frame: &Value| frame["d"]["data"]["conversation"]["tags"] == json!(["Refund", "환불"]);
    desk.wait("the row with its tags", wanted).await;
    put(&other, json!(["REFUND"])).await.ok();
    let list = operator.get("/api/v1/tags").await.ok();
    assert_eq!(names(&list), ["Refund", "환불"]);
    assert_eq!((&list["items"][0]["conversations"], &list["items"][0]["color"]), (&json!(2), &json!(1)));
    let found = operator.get("/api/v1/conversations?tag=refund&status=open").await.ok();
    assert_eq!(found["items"].as_array().unwrap().len(), 2);
    assert_eq!(operator.get("/api/v1/conversations?tag=%ED%99%98%EB%B6%88").await.ok()["items"][0]["id"], json!(id));

    let tag = format!("/api/v1/tags/{}", text(&list["items"][0]["id"]));
    operator.patch(&tag, &json!({"name": "Money back"})).await.refused(403, "forbidden");
    shop.owner.patch(&tag, &json!({"name": "환불"})).await.refused(409, "conflict");
    assert_eq!(shop.owner.patch(&tag, &json!({"name": "Money back", "color": 11})).await.ok()["color"], 11);
    desk.wait("the renamed tag", |frame| frame["d"]["data"]["conversation"]["tags"] == json!(["Money back", "환불"])).await;
    assert_eq!(shop.owner.call(reqwest::Method::DELETE, &tag, &[], None).await.status, 204);
    desk.wait("the row without it", |frame| frame["d"]["data"]["conversation"]["tags"] == json!(["환불"])).await;
    shop.owner.post("/api/v1/tags", &json!({"name": "환불"})).await.refused(409, "conflict");
    for (name, color) in [("", 0), (&*"x".repeat(41), 0), ("fine", 12), ("fine", -1)] {
        shop.owner.post("/api/v1/tags", &json!({"name": name, "color": color})).await.refused(422, "invalid");
    }
    put(&id, json!((0..21).map(|number| number.to_string()).collect::<Vec<_>>())).await.refused(422, "invalid");
    put(&id, json!(["ok", "x".repeat(41)])).await.refused(422, "invalid");
    put(&fresh_id().to_string(), json!(["ok"])).await.refused(404, "not_found");
}

#[tokio::test]
async fn canned_responses_are_found_by_a_shortcut_that_is_theirs_alone() {
    let shop = Shop::open().await;
    let operator = shop.operator().await;
    let mut desk = shop.socket_of(&shop.owner).await;
    let new = json!({"shortcut": "배송-1", "text": "안녕하세요 {{visitor.name|고객}}님", "site_id": shop.site.id});
    let made = operator.post("/api/v1/canned-responses", &new).await.ok();
    assert_eq!((&made["shortcut"], &made["created_by"]["name"]), (&json!("배송-1"), &json!("Some operator")));
    desk.event("canned_response.changed").await;
    operator.post("/api/v1/canned-responses", &new).await.refused(409, "conflict");
    let path = format!("/api/v1/canned-responses/{}", text(&made["id"]));
    let changed = shop.owner.patch(&path, &json!({"site_id": null, "shortcut": "Hello_2"})).await.ok();
    assert_eq!((&changed["site_id"], &changed["shortcut"], &changed["text"]), (&Value::Null, &json!("hello_2"), &made["text"]));
    for (bad, status, code) in [
        (json!({"shortcut": "two words", "text": "x"}), 422, "invalid"),
        (json!({"shortcut": "ok", "text": " "}), 422, "invalid"),
        (json!({"shortcut": "ok", "text": "x".repeat(4001)}), 422, "invalid"),
        (json!({"shortcut": "ok", "text": "x", "site_id": fresh_id()}), 404, "not_found"),
        (json!({"shortcut": "ok", "text": "x", "loud": true}), 422, "invalid"),
    ] {
        operator.post("/api/v1/canned-responses", &bad).await.refused(status, code);
    }
    assert_eq!(operator.call(reqwest::Method::DELETE, &path, &[], None).await.status, 204);
    assert_eq!(operator.get("/api/v1/canned-responses").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn a_draft_follows_its_operator_to_another_desk_and_nobody_else_sees_it() {
    let shop = Shop::open().await;
    let (mut visitor, colleague) = (shop.visitor().await, shop.operator().await);
    let id = started(&mut visitor).await;
    let (mut elsewhere, mut other) = (shop.socket_of(&shop.owner).await, shop.socket_of(&colleague).await);
    let path = format!("/api/v1/conversations/{id}/draft");
    assert_eq!(shop.owner.get(&path).await.ok()["text"], "");
    assert_eq!(shop.owner.put(&path, &json!({"text": "I think ", "note": true})).await.status, 204);
    let told = elsewhere.event("draft.changed").await;
    assert_eq!(
        (&told["d"]["data"]["text"], &told["d"]["data"]["note"], &told["d"]["conversation"]),
        (&json!("I think "), &json!(true), &json!(id))
    );
    let mine = shop.owner.get("/api/v1/me/drafts").await.ok();
    assert_eq!((&mine["items"][0]["conversation_id"], &mine["items"][0]["text"]), (&json!(id), &json!("I think ")));
    assert_eq!(colleague.get(&path).await.ok()["text"], "");
    assert_eq!(colleague.get("/api/v1/me/drafts").await.ok()["items"], json!([]));
    let heard = other.settle().await;
    assert!(heard.iter().all(|frame| frame["d"]["type"] != "draft.changed"), "{heard:?}");
    shop.owner.put(&path, &json!({"text": "x".repeat(8001)})).await.refused(422, "invalid");
    shop.owner.put(&path, &json!({"text": ""})).await.ok();
    assert_eq!(shop.owner.get("/api/v1/me/drafts").await.ok()["items"], json!([]));
}

fn page(path: &str, product: &Value) -> Value {
    json!({"url": format!("http://shop.test/{path}"), "title": path, "referrer": "http://search.test/", "product": product})
}

#[tokio::test]
async fn the_panel_shows_who_the_visitor_is_and_where_they_went() {
    let clock = Clock::fixed(1_795_000_000_000);
    let shop = Shop::open_with(&[], clock.clone()).await;
    let mut desk = shop.socket_of(&shop.owner).await;
    let mut first = hello(&shop.site, None);
    first["time_zone"] = "Asia/Seoul".into();
    first["page"] = page("?utm_source=naver", &Value::Null);
    let visit = first["visit"].clone();
    let mut visitor = Socket::open(&shop.widget, Some(&shop.site.origin)).await.hello(first).await;
    started(&mut visitor).await;
    let enter =
        |page: Value| json!({"events": [{"event_id": fresh_id(), "name": "page.enter", "at": clock.now(), "visit": visit, "page": page}]});
    let jar = json!({"id": "7", "name": "Moon jar", "price": "12000", "currency": "KRW", "image": "javascript:alert(1)", "url": "http://shop.test/jar",
                     "in_stock": true});
    clock.advance(5_000);
    for _ in 0..2 {
        visitor.request("event.post", enter(page("jar", &jar))).await.unwrap();
    }
    let id = text(&visitor.welcome["visitor"]["id"]);
    let changed = desk.event("visitor.changed").await;
    assert_eq!(changed["d"]["data"], json!({"visitor_id": id}));
    let shown = shop.owner.get(&format!("/api/v1/visitors/{id}")).await.ok();
    assert_eq!((&shown["time_zone"], &shown["identified"], &shown["visits"]), (&json!("Asia/Seoul"), &json!(false), &json!(1)));
    assert_eq!(shown["page"], json!({"url": "http://shop.test/jar", "title": "jar", "since": clock.now()}));
    assert_eq!((&shown["product"]["name"], &shown["product"]["image"]), (&json!("Moon jar"), &Value::Null));
    assert_eq!((&shown["campaign"]["source"], &shown["referrer"]), (&json!("naver"), &json!("http://search.test/")));
    let trail = shop.owner.get(&format!("/api/v1/visitors/{id}/page-views?limit=1")).await.ok();
    assert_eq!((&trail["items"][0]["url"], &trail["items"][0]["left_at"]), (&json!("http://shop.test/jar"), &Value::Null));
    let cursor = text(&trail["next_cursor"]);
    let rest = shop.owner.get(&format!("/api/v1/visitors/{id}/page-views?limit=1&cursor={cursor}")).await.ok();
    assert_eq!((&rest["items"][0]["left_at"], &rest["next_cursor"]), (&json!(clock.now()), &Value::Null));
    assert_eq!(rest["items"].as_array().unwrap().len(), 1, "a page named twice in a row is one");
    let odd = json!({"events": [{"event_id": fresh_id(), "name": "page.enter", "at": 0, "visit": visit, "page": page("jar", &json!({"loud": true}))}]});
    assert_eq!(visitor.request("event.post", odd).await.unwrap_err()["code"], "invalid");
}

#[tokio::test]
async fn the_page_a_visitor_was_on_last_was_left_when_they_went_and_not_if_they_came_back() {
    let shop = Shop::open().await;
    let mut desk = shop.socket_of(&shop.owner).await;
    let mut first = hello(&shop.site, None);
    first["page"] = page("jar", &Value::Null);
    let visit = first["visit"].clone();
    let mut visitor = Socket::open(&shop.widget, Some(&shop.site.origin)).await.hello(first).await;
    started(&mut visitor).await;
    let (id, ticket) = (text(&visitor.welcome["visitor"]["id"]), visitor.ticket().to_owned());
    let address = format!("/api/v1/visitors/{id}/page-views");
    desk.event("visitor.changed").await;
    drop(visitor);
    desk.wait("the visitor is gone", |frame| frame["d"]["type"] == "visitor.presence_changed" && frame["d"]["data"]["present"] == false)
        .await;
    desk.event("visitor.changed").await;
    let trail = shop.owner.get(&address).await.ok();
    assert!(trail["items"][0]["left_at"].is_i64(), "{trail}");

    let mut again = hello(&shop.site, Some(&ticket));
    (again["page"], again["visit"]) = (page("jar", &Value::Null), visit);
    let _back = Socket::open(&shop.widget, Some(&shop.site.origin)).await.hello(again).await;
    desk.event("visitor.changed").await;
    let trail = shop.owner.get(&address).await.ok();
    assert_eq!((&trail["items"][0]["left_at"], trail["items"].as_array().unwrap().len()), (&Value::Null, 1), "{trail}");
}

#[tokio::test]
async fn operators_write_down_what_they_learn_of_a_visitor() {
    let shop = Shop::open().await;
    let (mut desk, mut visitor) = (shop.socket_of(&shop.owner).await, shop.visitor().await);
    started(&mut visitor).await;
    let path = format!("/api/v1/visitors/{}", text(&visitor.welcome["visitor"]["id"]));
    let change = json!({"name": "Mina", "email": "Mina@Example.com", "attributes": {"size": "M", "age": 7, "vip": true}});
    let changed = shop.owner.patch(&path, &change).await.ok();
    assert_eq!(
        (&changed["name"], &changed["email"], &changed["attributes"]),
        (&json!("Mina"), &json!("mina@example.com"), &change["attributes"])
    );
    desk.wait("the row with the name", |frame| frame["d"]["data"]["conversation"]["visitor"]["name"] == "Mina").await;
    let changed = shop.owner.patch(&path, &json!({"email": null, "attributes": {"size": null}})).await.ok();
    assert_eq!(
        (&changed["name"], &changed["email"], &changed["attributes"]),
        (&json!("Mina"), &Value::Null, &json!({"age": 7, "vip": true}))
    );
    let many: serde_json::Map<String, Value> = (0..49).map(|number| (number.to_string(), json!(1))).collect();
    for bad in [
        json!({"attributes": many}),
        json!({"attributes": {"list": []}}),
        json!({"attributes": {"long": "x".repeat(501)}}),
        json!({"name": "x".repeat(121)}),
        json!({"email": "nobody"}),
        json!({"phone": "1"}),
    ] {
        shop.owner.patch(&path, &bad).await.refused(422, "invalid");
    }
    assert_eq!(shop.owner.get(&path).await.ok()["attributes"], json!({"age": 7, "vip": true}));
}

#[tokio::test]
async fn words_are_found_as_they_stand_in_messages_notes_and_names() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let id = text(&visitor.post(None, "\u{1f9e6} 환불해 주세요 100%").await["conversation"]["id"]);
    let other = started(&mut shop.visitor().await).await;
    shop.owner.answers(&id, "Une ÉCLAIR, s'il vous plaît").await;
    let wrong = shop.owner.answers(&other, "teh wrong wrods").await["message"]["seq"].clone();
    shop.owner
        .put(
            &format!("/api/v1/conversations/{other}/messages/{wrong}"),
            &json!({"client_message_id": fresh_id(), "text": "the right words"}),
        )
        .await
        .ok();
    shop.owner
        .post(&format!("/api/v1/conversations/{other}/notes"), &json!({"client_message_id": fresh_id(), "text": "환불 안 됨"}))
        .await
        .ok();
    shop.owner.patch(&format!("/api/v1/visitors/{}", text(&visitor.welcome["visitor"]["id"])), &json!({"name": "김미나"})).await.ok();
    let search = |q: &'static str| {
        let owner = shop.owner.clone();
        async move {
            let q: String = url::form_urlencoded::byte_serialize(q.as_bytes()).collect();
            owner.get(&format!("/api/v1/search?q={q}")).await.ok()
        }
    };
    let ids = |found: &Value| found["items"].as_array().unwrap().iter().map(|item| text(&item["conversation"]["id"])).collect::<Vec<_>>();
    let found = search("환불").await;
    assert_eq!(ids(&found), [other.clone(), id.clone()]);
    let hit = &found["items"][1]["hits"][0];
    assert_eq!(
        (&hit["text"], &hit["ranges"], &hit["seq"], &hit["note"]),
        (&json!("\u{1f9e6} 환불해 주세요 100%"), &json!([[3, 2]]), &json!(1), &json!(false))
    );
    assert_eq!((&hit["sender_name"], &found["items"][0]["hits"][0]["note"]), (&json!("김미나"), &json!(true)));
    // A Mac sends the syllable in pieces.
    for one in ["\u{1112}\u{116a}\u{11ab}", "éclair", "00%", "미나"] {
        assert!(ids(&search(one).await).contains(&id), "{one} is not found");
    }
    let named = search("미나").await;
    assert_eq!((&named["items"][0]["visitor_match"], &named["items"][0]["hits"]), (&json!(true), &json!([])));
    for nowhere in ["불환", "1%0", "환.해", "teh", "_"] {
        assert_eq!(ids(&search(nowhere).await), Vec::<String>::new(), "{nowhere}");
    }
    assert_eq!(search("right").await["items"][0]["hits"][0]["seq"], wrong);
    let first = shop.owner.get("/api/v1/search?q=%ED%99%98&limit=1").await.ok();
    let next = shop.owner.get(&format!("/api/v1/search?q=%ED%99%98&limit=1&cursor={}", text(&first["next_cursor"]))).await.ok();
    assert_eq!((ids(&first), ids(&next), &next["next_cursor"]), (vec![other], vec![id.clone()], &Value::Null));
    let card = json!({"client_message_id": fresh_id(), "card": {"title": "달항아리 도자기", "buttons": []}});
    shop.owner.post(&format!("/api/v1/conversations/{id}/messages"), &card).await.ok();
    let titled = search("항아리").await;
    assert_eq!((ids(&titled), &titled["items"][0]["hits"][0]["text"]), (vec![id], &json!("달항아리 도자기")));
    for bad in ["q=", "q=%20", "", "q=x&limit=0", "q=x&loud=1", "q=x&cursor=x"] {
        shop.owner.get(&format!("/api/v1/search?{bad}")).await.refused(422, "invalid");
    }
    shop.owner.get(&format!("/api/v1/search?q={}", "x".repeat(101))).await.refused(422, "invalid");
    assert_eq!(shop.other_tenant().await.owner.get("/api/v1/search?q=%ED%99%98").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn what_is_typed_and_not_sent_is_shown_to_operators_where_the_site_wants_it() {
    let shop = Shop::open().await;
    let (mut visitor, mut other) = (shop.visitor().await, shop.socket_of(&shop.owner).await);
    let id = started(&mut visitor).await;
    let mut elsewhere = shop.returning(&shop.site, visitor.ticket(), json!({})).await;
    other.request("channel.join", json!({"channel": format!("n/{}/{id}", shop.tenant)})).await.unwrap();
    let typed = |text: String| json!({"conversation": id, "active": true, "text": text});
    visitor.request("typing.put", typed("secret-thought".to_owned())).await.unwrap();
    assert!(!json!(other.settle().await).to_string().contains("secret-thought"), "the site has not asked for it");
    shop.owner.patch(&format!("/api/v1/sites/{}", shop.site.id), &json!({"settings": {"typing_preview": true}})).await.ok();
    other.event("site.changed").await;
    visitor.request("typing.put", typed(format!("half a {}", "x".repeat(2000)))).await.unwrap();
    let told = other.event("typing.changed").await;
    let preview = text(&told["d"]["data"]["text"]);
    assert!(preview.starts_with("half a ") && preview.chars().count() == 1000, "{preview}");
    assert!(text(&told["ch"]).starts_with("n/"));
    assert!(!json!(elsewhere.settle().await).to_string().contains("half a"), "not even the visitor's own tabs are told");
    assert_eq!(other.request("typing.put", typed("x".to_owned())).await.unwrap_err()["code"], "invalid");
}
