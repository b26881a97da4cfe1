//! The virtual agent: answers, misses, hands over with the context, asks for an address, and says nothing twice.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::app::{Shop, text};
use crate::operator::fresh_id;
use crate::socket::Socket;

/// Longer than anything here takes, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(20);

async fn pair(shop: &Shop, ko: &str, en: &str, answers: (&str, &str)) {
    let new = json!({"phrases": {"ko": [ko], "en": [en]}, "answers": {"ko": answers.0, "en": answers.1}});
    assert_eq!(shop.owner.post("/api/v1/faq", &new).await.status, 201);
}

/// A shop whose virtual agent is on; `suggests` leaves visitors to operators who are there.
async fn with_agent(suggests: bool) -> Shop {
    let shop = Shop::open().await;
    employ(&shop, suggests).await;
    shop
}

/// Turns the virtual agent of a shop on, with two answers.
pub(crate) async fn employ(shop: &Shop, suggests: bool) {
    pair(shop, "배송 언제|며칠", "delivery|shipping when|long", ("이틀 걸려요.", "It takes two days.")).await;
    pair(shop, "반품|환불", "return|refund", ("7일 안에 돼요.", "Within 7 days.")).await;
    let path = format!("/api/v1/virtual-agent/{}", shop.site.id);
    let mut settings = shop.owner.get("/api/v1/virtual-agent").await.ok()["items"][0]["settings"].clone();
    settings["suggest_when_online"] = suggests.into();
    shop.owner.patch(&path, &json!({"enabled": true, "settings": settings})).await.ok();
}

pub(crate) async fn told(visitor: &mut Socket, wanted: &str) -> Value {
    let says = |frame: &Value| {
        frame["d"]["type"] == "message.posted" && frame["d"]["data"]["text"].as_str().is_some_and(|text| text.contains(wanted))
    };
    visitor.wait(wanted, says).await["d"].clone()
}

async fn log(shop: &Shop, conversation: &str) -> Vec<Value> {
    shop.owner.log(conversation).await
}

fn said(log: &[Value]) -> Vec<(String, String)> {
    let posted = log.iter().filter(|entry| entry["type"] == "message.posted");
    posted.map(|entry| (text(&entry["sender"]["kind"]), text(&entry["data"]["text"]))).collect()
}

#[tokio::test]
async fn it_greets_answers_and_is_marked_and_not_queued() {
    let shop = with_agent(true).await;
    let mut visitor = shop.visitor().await;
    let id = text(&visitor.post(None, "when will my delivery come?").await["conversation"]["id"]);
    let answer = told(&mut visitor, "two days").await;
    assert_eq!((&answer["sender"]["kind"], &answer["sender"]["name"]), (&json!("virtual_agent"), &json!("Assistant")));
    let row = shop.owner.get(&format!("/api/v1/conversations/{id}")).await.ok();
    assert_eq!((&row["queue_position"], &row["waiting_since"], &row["status"]), (&Value::Null, &Value::Null, &json!("open")));
    visitor.post(Some(&id), "환불 되나요?").await;
    told(&mut visitor, "7일").await;
    let senders: Vec<String> = said(&log(&shop, &id).await).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(senders, ["visitor", "virtual_agent", "virtual_agent", "visitor", "virtual_agent"]);
    // Counted after it was said.
    let since = Instant::now();
    loop {
        let pairs = shop.owner.get("/api/v1/faq").await.ok();
        if (&pairs["items"][0]["answered"], &pairs["items"][1]["answered"]) == (&json!(1), &json!(1)) {
            break;
        }
        assert!(since.elapsed() < PATIENCE, "{pairs}");
    }
}

#[tokio::test]
async fn two_misses_hand_over_with_the_reason_and_become_pairs() {
    let shop = with_agent(false).await;
    let mut desk = shop.socket_of(&shop.owner).await;
    let mut visitor = shop.visitor().await;
    let id = text(&visitor.post(None, "Do you like cats?").await["conversation"]["id"]);
    told(&mut visitor, "another way").await;
    visitor.post(Some(&id), "Do you like dogs?").await;
    told(&mut visitor, "passing this on").await;
    desk.wait("the row in the queue", |frame| frame["d"]["data"]["conversation"]["queue_position"] == 1).await;
    let entries = log(&shop, &id).await;
    let handed = entries.iter().find(|entry| entry["type"] == "conversation.handed_over").unwrap();
    assert_eq!((&handed["data"]["reason"], &handed["sender"]["kind"]), (&json!("misses"), &json!("virtual_agent")));
    let notes = shop.owner.get(&format!("/api/v1/conversations/{id}/notes")).await.ok();
    assert!(text(&notes["items"][0]["data"]["text"]).contains("Do you like dogs?"), "{notes}");
    // A person has it now: nothing is answered by rules any more.
    visitor.post(Some(&id), "refund?").await;
    shop.owner.answers(&id, "I am here").await;
    let senders: Vec<String> = said(&log(&shop, &id).await).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(senders.last().map(String::as_str), Some("operator"));
    assert_eq!(senders[senders.len() - 2], "visitor");
    let missed = shop.owner.get("/api/v1/unanswered").await.ok();
    let texts: Vec<String> = missed["items"].as_array().unwrap().iter().map(|item| text(&item["text"])).collect();
    assert_eq!(texts.len(), 2, "{missed}");
    let first = text(&missed["items"][0]["id"]);
    let new = json!({"phrases": {"en": ["dogs"]}, "answers": {"en": "We do."}});
    let path = format!("/api/v1/unanswered/{first}/faq");
    shop.owner.post(&path, &json!({"phrases": {}, "answers": {"en": "x"}})).await.refused(422, "invalid");
    assert_eq!(shop.owner.post(&path, &new).await.status, 201);
    shop.owner.post(&path, &new).await.refused(404, "not_found");
    let left = shop.owner.get("/api/v1/unanswered").await.ok()["items"].as_array().unwrap().clone();
    assert_eq!(left.len(), 1);
    // What is not worth a pair is put aside.
    let path = format!("/api/v1/unanswered/{}", text(&left[0]["id"]));
    assert_eq!(shop.owner.call(reqwest::Method::DELETE, &path, &[], None).await.status, 204);
    assert_eq!(shop.owner.get("/api/v1/unanswered").await.ok()["items"], json!([]));
    let tried = shop.owner.post("/api/v1/virtual-agent/tries", &json!({"site_id": shop.site.id, "text": "have you dogs"})).await.ok();
    assert_eq!(tried["text"], "We do.");
}

#[tokio::test]
async fn where_nobody_is_there_an_address_is_kept() {
    let shop = with_agent(true).await;
    let mut visitor = shop.visitor().await;
    let id = text(&visitor.post(None, "I need a human").await["conversation"]["id"]);
    told(&mut visitor, "e-mail address").await;
    visitor.post(Some(&id), "It is Mina@Example.com.").await;
    told(&mut visitor, "Thank you").await;
    visitor.event("conversation.handed_over").await;
    let stored = shop.owner.get(&format!("/api/v1/visitors/{}", text(&visitor.welcome["visitor"]["id"]))).await.ok();
    assert_eq!(stored["email"], "mina@example.com");
    let row = shop.owner.get(&format!("/api/v1/conversations/{id}")).await.ok();
    assert_eq!(row["queue_position"], 1);
}

#[tokio::test]
async fn while_operators_are_there_it_only_suggests() {
    let shop = with_agent(true).await;
    let mut desk = shop.socket_of(&shop.owner).await;
    let mut visitor = shop.visitor().await;
    let id = text(&visitor.post(None, "배송은 언제 되나요").await["conversation"]["id"]);
    desk.wait("the row in the queue", |frame| frame["d"]["data"]["conversation"]["queue_position"] == 1).await;
    let suggestion = shop.owner.get(&format!("/api/v1/conversations/{id}/suggestion")).await.ok();
    assert_eq!(suggestion["text"], "이틀 걸려요.");
    assert_eq!(said(&log(&shop, &id).await).len(), 1);
    shop.owner.answers(&id, "이틀이요").await;
    let answered = shop.owner.get(&format!("/api/v1/conversations/{id}/suggestion")).await.ok();
    assert_eq!(answered["text"], Value::Null, "what was answered needs no suggestion");
}

#[tokio::test]
async fn killed_between_its_answer_and_its_memory_it_says_nothing_twice_and_loses_nothing() {
    let mut shop = with_agent(true).await;
    let mut visitor = shop.visitor().await;
    let id = text(&visitor.post(None, "refund please").await["conversation"]["id"]);
    told(&mut visitor, "Within 7 days").await;
    let seen = |shop: &Shop| {
        let sql = "SELECT COUNT(*) FROM virtual_agent_turns WHERE seen_seq > 0".to_owned();
        let database = shop.database.clone();
        async move { database.number(&sql).await }
    };
    let since = Instant::now();
    while seen(&shop).await == 0 {
        assert!(since.elapsed() < PATIENCE);
    }
    let before = log(&shop, &id).await;
    // As if it had died right after it spoke, and before it knew that it had.
    shop.database.run("DELETE FROM virtual_agent_turns").await;
    shop.app.stopped().await;
    // And a question that nobody was there to hear.
    shop.app.start_again().await;
    let since = Instant::now();
    while seen(&shop).await == 0 {
        assert!(since.elapsed() < PATIENCE, "it did not look at what it had");
    }
    let owner = crate::operator::Operator::signed_in(&shop.console, crate::app::OWNER, crate::app::PASSWORD).await;
    let after = owner.log(&id).await;
    assert_eq!(after, before);
}

#[tokio::test]
async fn what_it_cannot_be_taught_is_refused_by_field_and_bound() {
    let shop = with_agent(true).await;
    for (bad, field, bound) in [
        (json!({"phrases": {}, "answers": {"en": "x"}}), "phrases", "one language"),
        (json!({"phrases": {"en": ["-only"]}, "answers": {"en": "x"}}), "phrases.en[0]", "at least one word"),
        (json!({"phrases": {"en": vec!["a"; 21]}, "answers": {"en": "x"}}), "phrases.en", "20"),
        (json!({"phrases": {"en": ["a"]}, "answers": {}}), "answers", "one language"),
        (json!({"phrases": {"en": ["a"]}, "answers": {"en": "x".repeat(2001)}}), "answers", "2000"),
    ] {
        let refused = shop.owner.post("/api/v1/faq", &bad).await.refused(422, "invalid");
        assert!(refused["fields"][field].as_str().is_some_and(|why| why.contains(bound)), "{field}: {refused}");
    }
    let path = format!("/api/v1/virtual-agent/{}", shop.site.id);
    let settings = json!({"name": {"en": "x".repeat(41)}, "greeting": {}, "misses": 6, "suggest_when_online": true, "ask_contact": true});
    let refused = shop.owner.patch(&path, &json!({"settings": settings})).await.refused(422, "invalid");
    assert!(
        refused["fields"]["settings.misses"].as_str().unwrap().contains('5')
            && refused["fields"]["settings.name"].as_str().unwrap().contains("40")
    );
    shop.owner.post("/api/v1/virtual-agent/tries", &json!({"site_id": fresh_id(), "text": "x"})).await.refused(404, "not_found");
    shop.owner.post("/api/v1/virtual-agent/tries", &json!({"site_id": shop.site.id, "text": " "})).await.refused(422, "invalid");
}
