//! A message left while nobody is there: stored, shown, counted and mailed, and whatever it holds stays text.

use serde_json::{Value, json};
use stalk::clock::Clock;

use crate::app::{OWNER, Shop};
use crate::operator::fresh_id;
use crate::post_office::PostOffice;

fn left(name: &str, email: &str, text: &str) -> Value {
    json!({
        "client_message_id": fresh_id(), "name": name, "email": email, "text": text,
        "page": {"url": "http://shop.test/socks", "title": "Socks", "referrer": null},
    })
}

async fn letters(shop: &Shop) -> Vec<Value> {
    let payloads = shop.database.texts("SELECT CAST(payload AS TEXT) FROM outbox ORDER BY created_at, id").await;
    payloads.iter().map(|payload| serde_json::from_str(payload).unwrap()).collect()
}

#[tokio::test]
async fn a_message_left_is_told_listed_counted_mailed_and_can_be_marked_as_read() {
    let shop = Shop::open().await;
    let mut operator = shop.socket_of(&shop.owner).await;
    let mut visitor = shop.visitor().await;
    let id = visitor.request("offline.post", left("Vi", "Vi@Mail.test", "Do you have\nblue ones?")).await.unwrap()["id"].clone();

    let told = operator.event("offline_message.received").await["d"]["data"]["offline_message"].clone();
    let listed = shop.owner.get("/api/v1/offline-messages").await.ok();
    assert_eq!(listed["items"], json!([told]));
    assert_eq!((&told["id"], &told["name"], &told["email"]), (&id, &json!("Vi"), &json!("vi@mail.test")));
    assert_eq!((&told["text"], &told["page"]["title"]), (&json!("Do you have\nblue ones?"), &json!("Socks")));
    assert_eq!((&told["read_at"], &told["site"]["name"]), (&Value::Null, &json!("Shop")));
    let unread = || async { shop.owner.get("/api/v1/conversations/counts").await.ok()["offline_unread"].clone() };
    assert_eq!(unread().await, 1);
    let path = format!("/api/v1/offline-messages/{}/read", id.as_str().unwrap());
    assert!(shop.owner.put(&path, &json!({"read": true})).await.ok()["read_at"].as_i64().unwrap() > 0);
    assert_eq!(unread().await, 0);
    assert_eq!(shop.owner.put(&path, &json!({"read": false})).await.ok()["read_at"], Value::Null);

    let letters = letters(&shop).await;
    assert_eq!(letters.len(), 1);
    assert_eq!((&letters[0]["to"], &letters[0]["reply_to"]), (&json!(OWNER), &json!("vi@mail.test")));
    assert!(
        letters[0]["text"].as_str().unwrap().contains("blue ones?") && letters[0]["text"].as_str().unwrap().contains("/console/offline")
    );
    // From now on the visitor has a name.
    assert_eq!(shop.returning(&shop.site, visitor.ticket(), json!({})).await.welcome["visitor"]["name"], "Vi");
}

#[tokio::test]
async fn the_letter_goes_to_the_address_of_the_site_where_it_has_one() {
    let shop = Shop::open().await;
    shop.owner.patch(&format!("/api/v1/sites/{}", shop.site.id), &json!({"offline_email": "desk@shop.test"})).await.ok();
    // The site is read anew when its change has been told.
    let mut visitor = shop.visitor().await;
    loop {
        visitor.request("offline.post", left("Vi", "vi@mail.test", "hello")).await.unwrap();
        if letters(&shop).await.last().unwrap()["to"] == "desk@shop.test" {
            break;
        }
    }
}

#[tokio::test]
async fn pages_of_the_list_join_without_repeats() {
    let shop = Shop::open().await;
    for number in 0..7 {
        shop.visitor().await.request("offline.post", left("Vi", "vi@mail.test", &format!("{number}"))).await.unwrap();
    }
    let (mut texts, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = shop.owner.get(&format!("/api/v1/offline-messages?limit=3{cursor}")).await.ok();
        texts.extend(page["items"].as_array().unwrap().iter().map(|item| item["text"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(texts, ["6", "5", "4", "3", "2", "1", "0"]);
}

#[tokio::test]
async fn markup_in_a_message_is_text_in_the_letter() {
    const PAYLOAD: &str = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'&{{7*7}}";
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let mut post = left(PAYLOAD, "vi@mail.test", PAYLOAD);
    post["page"] = json!({"url": "javascript:alert(3)//<script>", "title": PAYLOAD, "referrer": null});
    visitor.request("offline.post", post).await.unwrap();
    let letter = letters(&shop).await.remove(0);
    let html = letter["html"].as_str().unwrap();
    assert!(!html.contains("<img src=x") && !html.contains("<script") && !html.contains("href=\"javascript"), "{html}");
    assert!(html.contains("&#60;script&#62;") || html.contains("&lt;script&gt;"), "{html}");
    assert!(letter["text"].as_str().unwrap().contains(PAYLOAD), "the plain text is as it was written");
    assert_eq!(shop.owner.get("/api/v1/offline-messages").await.ok()["items"][0]["text"], PAYLOAD);
}

#[tokio::test]
async fn what_is_missing_or_too_long_is_named_by_field_and_stored_nowhere() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let error = visitor.request("offline.post", left(" ", "nowhere", &"x".repeat(8001))).await.unwrap_err();
    assert_eq!(error["code"], "invalid");
    assert_eq!(error["fields"].as_object().unwrap().keys().collect::<Vec<_>>(), ["email", "name", "text"]);
    for email in ["a@b.test\r\nBcc: c@d.test", "a@b.test, c@d.test", "<a@b.test>", "a b@c.test"] {
        let error = shop.visitor().await.request("offline.post", left("Vi", email, "hello")).await.unwrap_err();
        assert_eq!(error["fields"].as_object().unwrap().keys().collect::<Vec<_>>(), ["email"], "{email:?}");
    }
    assert_eq!(shop.database.number("SELECT COUNT(*) FROM offline_messages").await, 0);
    assert_eq!(shop.database.number("SELECT COUNT(*) FROM outbox").await, 0);
}

#[tokio::test]
async fn a_name_cannot_put_a_header_into_the_letter() {
    let office = PostOffice::open().await;
    let shop = Shop::open_with(&["--smtp-url", &office.url()], Clock::system()).await;
    let name = "Vi\r\nBcc: evil@mail.test\r\n\r\n<b>body</b>";
    let title = "Socks\r\nX-Evil: 1";
    let mut post = left(name, "vi@mail.test", "hello\r\n.\r\nMAIL FROM:<evil@mail.test>");
    post["page"]["title"] = title.into();
    shop.visitor().await.request("offline.post", post).await.unwrap();
    let letters = office.delivered(&shop, 1).await;
    letters[0].is_whole();
    let head = letters[0].head();
    assert!(head.contains("Reply-To: vi@mail.test"), "{head}");
    // What was sent is forgotten.
    assert_eq!(shop.database.texts("SELECT CAST(payload AS TEXT) FROM outbox").await, ["{}"]);
}
