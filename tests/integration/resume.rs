//! What a client that was away gets to know, and what the log keeps: entries in order, receipts that never go back, texts that are really gone.

use serde_json::{Value, json};
use stalk::clock::{Clock, DAY};

use crate::app::{Shop, text};
use crate::operator::fresh_id;
use crate::socket::Socket;

/// A day in 2026.
const NOW: i64 = 1_795_298_351_000;

/// A shop, a visitor who has said something, and the operator on it.
struct Talk {
    shop: Shop,
    visitor: Socket,
    operator: Socket,
    id: String,
    channel: String,
}

impl Talk {
    async fn begin(shop: Shop) -> Self {
        let mut visitor = shop.visitor().await;
        let posted = visitor.post(None, "one").await;
        let (id, channel) = (text(&posted["conversation"]["id"]), text(&posted["channel"]));
        let mut operator = shop.socket_of(&shop.owner).await;
        operator.request("channel.join", json!({"channel": channel})).await.unwrap();
        Self { shop, visitor, operator, id, channel }
    }

    fn path(&self, what: &str) -> String {
        format!("/api/v1/conversations/{}{what}", self.id)
    }

    async fn resolve(&self) {
        self.shop.owner.put(&self.path("/status"), &json!({"status": "resolved"})).await.ok();
    }

    async fn since(&mut self, after: i64, limit: i64) -> Value {
        self.visitor.request("channel.since", json!({"channel": self.channel, "after": after, "limit": limit})).await.unwrap()
    }
}

fn seqs(entries: &Value) -> Vec<i64> {
    entries.as_array().unwrap().iter().map(|entry| entry["seq"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn a_visitor_who_comes_back_gets_exactly_what_was_missed() {
    let mut talk = Talk::begin(Shop::open().await).await;
    let ticket = talk.visitor.ticket().to_owned();
    talk.visitor.post(None, "two").await;
    drop(talk.visitor);
    talk.operator.post(Some(&talk.id), "three").await;
    talk.shop.owner.answers(&talk.id, "four").await;
    let back = talk.shop.returning(&talk.shop.site, &ticket, json!({(talk.id.clone()): 2})).await;
    // 3 tells that the conversation was assigned by the first answer.
    assert_eq!(seqs(&back.welcome["entries"]), [3, 4, 5]);
    assert_eq!(back.welcome["entries"][0]["type"], "conversation.assigned");
    assert_eq!(back.welcome["entries"][2]["data"]["text"], "four");
    assert_eq!(back.welcome["unread"], 2);
    assert_eq!(back.welcome["conversation"]["last_seq"], 5);
    let new = talk.shop.returning(&talk.shop.site, &ticket, json!({})).await;
    assert_eq!(seqs(&new.welcome["entries"]), [1, 2, 3, 4, 5]);
    let nothing = talk.shop.returning(&talk.shop.site, &ticket, json!({(talk.id.clone()): 5})).await;
    assert_eq!(nothing.welcome["entries"], json!([]));
    // Being ahead of the log is no reason to get it twice.
    let ahead = talk.shop.returning(&talk.shop.site, &ticket, json!({(talk.id.clone()): 500})).await;
    assert_eq!(ahead.welcome["entries"], json!([]));
}

#[tokio::test]
async fn a_long_log_comes_in_pages_that_join() {
    let mut talk = Talk::begin(Shop::open().await).await;
    // Two tabs share the posts: more than 200 requests at once would end a connection.
    let mut other_tab = talk.shop.returning(&talk.shop.site, talk.visitor.ticket(), json!({})).await;
    for number in 2..=230 {
        let tab = if number <= 115 { &mut talk.visitor } else { &mut other_tab };
        let post = json!({"client_message_id": fresh_id(), "conversation": null, "text": format!("{number}")});
        if number == 115 {
            tab.request("message.post", post).await.unwrap();
        } else {
            tab.ask("message.post", &post).await;
        }
        if number % 50 == 0 {
            talk.shop.owner.answers(&talk.id, "go on").await;
        }
    }
    talk.visitor.wait("the last message", |frame| frame["d"]["data"]["text"] == "230").await;
    let top = talk.since(0, 1).await["top"].as_i64().unwrap();
    let (mut have, mut all) = (0, Vec::new());
    loop {
        let page = talk.since(have, 70).await;
        all.extend(seqs(&page["entries"]));
        have = *all.last().unwrap();
        if page["more"] == false {
            break;
        }
    }
    assert_eq!(all, (1..=top).collect::<Vec<_>>());
    let welcome = talk.shop.returning(&talk.shop.site, talk.visitor.ticket(), json!({})).await.welcome;
    assert_eq!(seqs(&welcome["entries"]), (top - 199..=top).collect::<Vec<_>>(), "the newest 200");
    for limit in [0, 201] {
        let error = talk.visitor.request("channel.since", json!({"channel": talk.channel, "after": 0, "limit": limit})).await.unwrap_err();
        assert_eq!(error["code"], "invalid");
    }
    let before = talk.shop.owner.get(&talk.path("/messages?before=11&limit=5")).await.ok();
    assert_eq!(seqs(&before["items"]), [6, 7, 8, 9, 10]);
    let newest = talk.shop.owner.get(&talk.path("/messages?limit=3")).await.ok();
    assert_eq!(seqs(&newest["items"]), [top - 2, top - 1, top]);
}

#[tokio::test]
async fn a_heartbeat_tells_the_top_of_the_log() {
    let mut talk = Talk::begin(Shop::open_with(&["--heartbeat-ms", "200"], Clock::system()).await).await;
    let channel = talk.channel.clone();
    talk.visitor.heartbeat(|beat| beat["top"][&channel] == 1).await;
    talk.operator.heartbeat(|beat| beat["top"][&channel] == 1).await;
    // A row that no publication told of, as after a lost one.
    talk.shop.owner.answers(&talk.id, "two").await;
    talk.visitor.heartbeat(|beat| beat["top"][&channel] == 3).await;
    talk.operator.heartbeat(|beat| beat["top"][&channel] == 3).await;
    assert_eq!(seqs(&talk.since(1, 200).await["entries"]), [2, 3]);
}

#[tokio::test]
async fn a_client_that_answers_no_heartbeat_is_told_4002() {
    let shop = Shop::open_with(&["--heartbeat-ms", "200"], Clock::system()).await;
    let mut visitor = shop.visitor().await;
    visitor.fall_silent();
    let bye = visitor.bye().await;
    assert_eq!((bye["code"].as_u64(), bye["name"].as_str()), (Some(4002), Some("heartbeat_missed")));
}

#[tokio::test]
async fn a_post_within_the_days_of_the_site_reopens_the_conversation() {
    let clock = Clock::fixed(NOW);
    let mut talk = Talk::begin(Shop::open_with(&[], clock.clone()).await).await;
    talk.resolve().await;
    assert_eq!(talk.visitor.event("conversation.resolved").await["seq"], 2);
    talk.visitor.wait("the new status", |frame| frame["d"]["data"]["conversation"]["status"] == "resolved").await;
    clock.advance(14 * DAY);
    let late = talk.visitor.post(Some(&talk.id), "still there?").await;
    assert_eq!(late["conversation"]["id"], talk.id);
    assert_eq!((late["conversation"]["status"].as_str(), late["message"]["seq"].as_i64()), (Some("open"), Some(4)));
    assert_eq!(talk.visitor.event("conversation.reopened").await["seq"], 3);
    assert_eq!(talk.operator.event("conversation.reopened").await["seq"], 3);
}

#[tokio::test]
async fn a_post_after_the_days_of_the_site_starts_a_conversation_that_continues_the_old_one() {
    let clock = Clock::fixed(NOW);
    let mut talk = Talk::begin(Shop::open_with(&[], clock.clone()).await).await;
    talk.resolve().await;
    clock.advance(14 * DAY + 1);
    let post = json!({"client_message_id": fresh_id(), "conversation": talk.id, "text": "hello again"});
    let late = talk.visitor.request("message.post", post.clone()).await.unwrap();
    let next = text(&late["conversation"]["id"]);
    assert_ne!(next, talk.id);
    assert_eq!(late["message"]["seq"], 1);
    assert_eq!(talk.visitor.wait("the message in the new log", |frame| frame["ch"] == late["channel"]).await["seq"], 1);
    let shown = talk.shop.owner.get(&format!("/api/v1/conversations/{next}")).await.ok();
    assert_eq!(shown["previous_id"], talk.id);
    assert_eq!(talk.shop.owner.get(&talk.path("")).await.ok()["status"], "resolved", "the old one stays as it is");
    let again = talk.visitor.request("message.post", post).await.unwrap();
    assert_eq!((&again["message"], &again["conversation"]["id"]), (&late["message"], &late["conversation"]["id"]));
    let by_null = talk.visitor.post(None, "and on").await;
    assert_eq!(by_null["conversation"]["id"], next);
    let latest = talk.shop.returning(&talk.shop.site, talk.visitor.ticket(), json!({})).await.welcome;
    assert_eq!(latest["conversation"]["id"], next);
    let visitor = text(&latest["visitor"]["id"]);
    let both = talk.shop.owner.get(&format!("/api/v1/visitors/{visitor}/conversations")).await.ok();
    let ids: Vec<&Value> = both["items"].as_array().unwrap().iter().map(|row| &row["id"]).collect();
    assert_eq!(ids, [&json!(next), &json!(talk.id)]);
}

#[tokio::test]
async fn a_retry_from_before_the_days_passed_still_gets_its_first_answer() {
    let clock = Clock::fixed(NOW);
    let mut talk = Talk::begin(Shop::open_with(&[], clock.clone()).await).await;
    let post = json!({"client_message_id": fresh_id(), "conversation": talk.id, "text": "sent once"});
    let first = talk.visitor.request("message.post", post.clone()).await.unwrap();
    talk.resolve().await;
    clock.advance(30 * DAY);
    talk.shop.owner_signs_in_again().await;
    let again = talk.visitor.request("message.post", post).await.unwrap();
    assert_eq!((&again["message"], &again["conversation"]["id"]), (&first["message"], &first["conversation"]["id"]));
    assert_eq!(talk.shop.owner.get(&talk.path("")).await.ok()["status"], "resolved", "a retry reopens nothing");
}

#[tokio::test]
async fn an_operator_reopens_however_late_and_the_days_of_the_site_can_be_changed() {
    let clock = Clock::fixed(NOW);
    let mut talk = Talk::begin(Shop::open_with(&[], clock.clone()).await).await;
    talk.resolve().await;
    clock.advance(100 * DAY);
    talk.shop.owner_signs_in_again().await;
    let answered = talk.shop.owner.answers(&talk.id, "one more thing").await;
    assert_eq!(answered["conversation"], talk.id);
    assert_eq!(talk.shop.owner.get(&talk.path("")).await.ok()["status"], "open");
    let site = format!("/api/v1/sites/{}", talk.shop.site.id);
    talk.shop.owner.patch(&site, &json!({"reopen_days": 0})).await.ok();
    talk.resolve().await;
    clock.advance(1);
    let late = talk.visitor.post(None, "oh").await;
    assert_ne!(late["conversation"]["id"], talk.id);
}

#[tokio::test]
async fn watermarks_only_go_forward_and_not_beyond_the_log() {
    let mut talk = Talk::begin(Shop::open().await).await;
    for number in 2..=5 {
        talk.visitor.post(None, &format!("{number}")).await;
    }
    let put = |delivered: Value, read: Value| json!({"conversation": talk.id, "delivered": delivered, "read": read});
    let told = talk.operator.request("receipt.put", put(json!(3), json!(2))).await.unwrap();
    assert_eq!(told, json!({"delivered": 3, "read": 2}));
    let event = talk.visitor.event("receipt.advanced").await;
    assert_eq!((event["seq"].as_i64(), &event["d"]["data"]["side"]), (None, &json!("operator")));
    assert_eq!((&event["d"]["data"]["delivered"], &event["d"]["data"]["read"]), (&json!(3), &json!(2)));
    let cases = [((1, 1), (3, 2)), ((-7, -7), (3, 2)), ((3, 4), (4, 4)), ((99, 1), (5, 4)), ((0, 1_000_000), (5, 5))];
    for ((delivered, read), (to, seen)) in cases {
        let moved = talk.operator.request("receipt.put", put(json!(delivered), json!(read))).await.unwrap();
        assert_eq!(moved, json!({"delivered": to, "read": seen}), "after {delivered}, {read}");
    }
    let shown = talk.shop.owner.get(&talk.path("")).await.ok();
    assert_eq!((&shown["unread"], &shown["receipts"]["operator"]), (&json!(0), &json!({"delivered": 5, "read": 5})));
    // Of several operators the furthest counts; each has their own.
    let second = talk.shop.operator().await;
    assert_eq!(second.put(&talk.path("/receipt"), &json!({"read": 1})).await.ok(), json!({"delivered": 1, "read": 1}));
    assert_eq!(talk.shop.owner.get(&talk.path("")).await.ok()["receipts"]["operator"]["read"], 5);
    // The visitor's own watermark is another.
    let own = talk.visitor.request("receipt.put", json!({"conversation": talk.id, "read": 2})).await.unwrap();
    assert_eq!(own, json!({"delivered": 2, "read": 2}));
    assert_eq!(talk.shop.returning(&talk.shop.site, talk.visitor.ticket(), json!({})).await.welcome["unread"], 0);
}

#[tokio::test]
async fn an_edit_is_an_entry_and_only_its_author_may_make_it() {
    let mut talk = Talk::begin(Shop::open().await).await;
    let seq = talk.shop.owner.answers(&talk.id, "tpyo").await["message"]["seq"].as_i64().unwrap();
    let path = talk.path(&format!("/messages/{seq}"));
    let edit = json!({"client_message_id": fresh_id(), "text": "typo"});
    let answer = talk.shop.owner.put(&path, &edit).await.ok();
    let event = talk.visitor.event("message.edited").await;
    assert_eq!((&event["seq"], &event["d"]["data"]), (&answer["message"]["seq"], &json!({"target": seq, "text": "typo"})));
    assert_eq!(talk.shop.owner.put(&path, &edit).await.ok(), answer, "a repeat is the first answer");
    let other = json!({"client_message_id": edit["client_message_id"], "text": "else"});
    talk.shop.owner.put(&path, &other).await.refused(409, "conflict");
    let again = json!({"client_message_id": fresh_id(), "text": "mine now"});
    talk.shop.operator().await.put(&path, &again).await.refused(403, "forbidden");
    talk.shop.owner.put(&talk.path("/messages/1"), &again).await.refused(403, "forbidden");
    talk.shop.owner.put(&talk.path("/messages/99"), &again).await.refused(404, "not_found");
    talk.shop.owner.put(&talk.path("/messages/2"), &again).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_message_taken_back_is_gone_from_every_place() {
    const SECRET: &str = "the-key-is-under-the-mat";
    let mut talk = Talk::begin(Shop::open().await).await;
    let seq = talk.shop.owner.answers(&talk.id, SECRET).await["message"]["seq"].as_i64().unwrap();
    let path = talk.path(&format!("/messages/{seq}"));
    talk.shop.owner.put(&path, &json!({"client_message_id": fresh_id(), "text": format!("{SECRET} indeed")})).await.ok();
    let key = fresh_id().to_string();
    let retract = || async { talk.shop.owner.call(reqwest::Method::DELETE, &path, &[("idempotency-key", &key)], None).await };
    let first = retract().await.ok();
    assert_eq!(retract().await.ok(), first);
    let event = talk.visitor.event("message.retracted").await;
    assert_eq!((&event["seq"], &event["d"]["data"]), (&first["message"]["seq"], &json!({"target": seq})));

    let since = talk.since(0, 200).await;
    assert_eq!(seqs(&since["entries"]), [1, 2, 3, 4, 5], "the log keeps its numbers");
    let reads = [
        since.to_string(),
        json!(talk.shop.owner.log(&talk.id).await).to_string(),
        talk.shop.owner.get("/api/v1/conversations").await.text,
        talk.shop.returning(&talk.shop.site, talk.visitor.ticket(), json!({})).await.welcome.to_string(),
        talk.shop.database.texts("SELECT CAST(data AS TEXT) FROM messages").await.join("\n"),
    ];
    for read in reads {
        assert!(!read.contains(SECRET), "{read}");
    }
    let after = json!({"client_message_id": fresh_id(), "text": "x"});
    talk.shop.owner.put(&path, &after).await.refused(409, "conflict");
    let other = fresh_id().to_string();
    talk.shop.owner.call(reqwest::Method::DELETE, &path, &[("idempotency-key", &other)], None).await.refused(409, "conflict");
    talk.shop.owner.call(reqwest::Method::DELETE, &path, &[], None).await.refused(422, "invalid");
}

#[tokio::test]
async fn a_post_that_was_taken_back_and_is_sent_again_stays_gone() {
    let talk = Talk::begin(Shop::open().await).await;
    let new = json!({"client_message_id": fresh_id(), "text": "regrets"});
    let seq = talk.shop.owner.post(&talk.path("/messages"), &new).await.ok()["message"]["seq"].as_i64().unwrap();
    let key = fresh_id().to_string();
    let path = talk.path(&format!("/messages/{seq}"));
    talk.shop.owner.call(reqwest::Method::DELETE, &path, &[("idempotency-key", &key)], None).await.ok();
    let again = talk.shop.owner.post(&talk.path("/messages"), &new).await.ok();
    assert_eq!(again["message"]["seq"], seq);
    assert!(!json!(talk.shop.owner.log(&talk.id).await).to_string().contains("regrets"));
}

#[tokio::test]
async fn a_note_is_never_told_to_the_visitor() {
    let mut talk = Talk::begin(Shop::open().await).await;
    let notes = talk.channel.replacen('c', "n", 1);
    talk.operator.request("channel.join", json!({"channel": notes})).await.unwrap();
    // The last thing that a visitor in the queue is told by itself.
    talk.visitor.wait("the place in the queue", |frame| frame["d"]["data"]["conversation"]["queue_position"] == 1).await;
    let before = talk.visitor.settle().await.len();
    let note = json!({"client_message_id": fresh_id(), "text": "smells-of-fraud"});
    talk.shop.owner.post(&talk.path("/notes"), &note).await.ok();
    let told = talk.operator.event("note.posted").await;
    assert_eq!((&told["ch"], &told["seq"], &told["d"]["data"]["text"]), (&json!(notes), &json!(1), &json!("smells-of-fraud")));
    let heard = talk.visitor.settle().await;
    assert!(!json!(heard).to_string().contains("smells-of-fraud"), "{heard:?}");
    assert_eq!(heard.len(), before, "{heard:?}");
    let reads = [talk.since(0, 200).await, talk.shop.returning(&talk.shop.site, talk.visitor.ticket(), json!({})).await.welcome];
    assert!(!json!(reads).to_string().contains("smells-of-fraud"));
    assert_eq!(seqs(&talk.shop.owner.get(&talk.path("/notes")).await.ok()["items"]), [1]);
    assert_eq!(talk.shop.owner.log(&talk.id).await.len(), 1, "a note takes no number of the log");
}

#[tokio::test]
async fn typing_reaches_the_conversation_and_nobody_else_and_is_stored_nowhere() {
    let mut talk = Talk::begin(Shop::open().await).await;
    let mut bystander = talk.shop.visitor().await;
    bystander.post(None, "me too").await;
    let mut colleague = talk.shop.socket_of(&talk.shop.operator().await).await;
    talk.visitor.request("typing.put", json!({"conversation": talk.id, "active": true})).await.unwrap();
    let event = talk.operator.event("typing.changed").await;
    assert_eq!((&event["ch"], &event["d"]["data"]["active"]), (&json!(talk.channel), &json!(true)));
    assert_eq!(event["d"]["data"]["participant"]["kind"], "visitor");
    assert!(event["seq"].is_null());
    talk.operator.request("typing.put", json!({"conversation": talk.id, "active": true})).await.unwrap();
    let wanted = |frame: &Value| frame["d"]["type"] == "typing.changed" && frame["d"]["data"]["participant"]["kind"] == "operator";
    talk.visitor.wait("the operator's typing", wanted).await;
    for outsider in [&mut bystander, &mut colleague] {
        let heard = outsider.settle().await;
        assert!(heard.iter().all(|frame| frame["d"]["type"] != "typing.changed"), "{heard:?}");
    }
    assert_eq!(talk.shop.owner.log(&talk.id).await.len(), 1);
}

#[tokio::test]
async fn the_first_operator_who_answers_gets_the_conversation_and_all_are_told() {
    let mut talk = Talk::begin(Shop::open().await).await;
    let mut colleague = talk.shop.socket_of(&talk.shop.operator().await).await;
    let first = talk.operator.post(Some(&talk.id), "hello").await;
    assert_eq!(first["conversation"]["assignee"]["name"], "Olive Owner");
    let assigned = talk.visitor.event("conversation.assigned").await;
    assert_eq!(assigned["d"]["data"]["assignee"]["name"], "Olive Owner");
    // Whoever looks at the inbox hears of it without having joined the conversation.
    let wanted = |frame: &Value| {
        frame["d"]["type"] == "conversation.changed" && frame["d"]["data"]["conversation"]["assignee"]["name"] == "Olive Owner"
    };
    let row = colleague.wait("the row of the inbox", wanted).await;
    assert_eq!(row["d"]["data"]["conversation"]["last_message"]["text"], "hello");
    // But for the page, which is stored beside the message path and may come later.
    let (mut told, mut shown) = (row["d"]["data"]["conversation"].clone(), talk.shop.owner.get(&talk.path("")).await.ok());
    (told["page"], shown["page"]) = (Value::Null, Value::Null);
    assert_eq!(told, shown);
    colleague.post(Some(&talk.id), "me too").await;
    assert_eq!(talk.shop.owner.get(&talk.path("")).await.ok()["assignee"]["name"], "Olive Owner", "a second answer takes nothing over");
    let counts = talk.shop.owner.get("/api/v1/conversations/counts").await.ok();
    assert_eq!((&counts["queued"], &counts["mine"], &counts["open"]), (&json!(0), &json!(1), &json!(1)));
}

#[tokio::test]
async fn a_visitor_is_told_whether_somebody_is_there() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    assert_eq!(visitor.welcome["site"]["available"], false);
    let mut operator = shop.socket_of(&shop.owner).await;
    let wanted = |available: bool| {
        move |frame: &Value| frame["d"]["type"] == "site.availability_changed" && frame["d"]["data"]["available"] == available
    };
    visitor.wait("somebody to come", wanted(true)).await;
    assert_eq!(visitor.request("site.status", json!({})).await.unwrap(), json!({"available": true}));
    shop.owner.patch("/api/v1/me", &json!({"availability": "away"})).await.ok();
    visitor.wait("them to be away", wanted(false)).await;
    operator.event("operator.availability_changed").await;
    shop.owner.patch("/api/v1/me", &json!({"availability": "online"})).await.ok();
    visitor.wait("them to be back", wanted(true)).await;
    assert_eq!(shop.visitor().await.welcome["site"]["available"], true);
}
