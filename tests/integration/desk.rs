//! Who gets which conversation: routing, the queue a visitor stands in, transfers, snoozes.

use serde_json::{Value, json};
use stalk::clock::Clock;

use crate::app::{Shop, text};
use crate::operator::{Operator, fresh_id};
use crate::socket::Socket;

async fn id_of(operator: &Operator) -> String {
    text(&operator.get("/api/v1/me").await.ok()["operator"]["id"])
}

fn path(conversation: &str, rest: &str) -> String {
    format!("/api/v1/conversations/{conversation}{rest}")
}

/// A row of the inbox that says so.
async fn row(socket: &mut Socket, conversation: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let of = |frame: &Value| {
        let row = &frame["d"]["data"]["conversation"];
        frame["d"]["type"] == "conversation.changed" && row["id"] == conversation && wanted(row)
    };
    socket.wait(what, of).await["d"]["data"]["conversation"].clone()
}

async fn started(visitor: &mut Socket) -> String {
    text(&visitor.post(None, "hello").await["conversation"]["id"])
}

/// A shop that gives out its queue, with the owner and a colleague at their desks.
struct Desks {
    shop: Shop,
    owner: Socket,
    colleague: (Operator, Socket),
}

impl Desks {
    async fn open(routing: Value, clock: Clock) -> Self {
        let shop = Shop::open_with(&[], clock).await;
        let operator = shop.operator().await;
        let owner = shop.socket_of(&shop.owner).await;
        let colleague = shop.socket_of(&operator).await;
        shop.routes(&routing).await;
        Self { shop, owner, colleague: (operator, colleague) }
    }
}

#[tokio::test]
async fn new_conversations_go_to_who_has_the_fewest() {
    let mut desks = Desks::open(json!({"mode": "least_busy"}), Clock::system()).await;
    let mut names = Vec::new();
    for _ in 0..4 {
        let mut visitor = desks.shop.visitor().await;
        let id = started(&mut visitor).await;
        let assigned = visitor.event("conversation.assigned").await;
        let data = &assigned["d"]["data"];
        assert_eq!((&data["reason"], &data["by"], &assigned["d"]["sender"]["kind"]), (&json!("routing"), &Value::Null, &json!("system")));
        let row = row(&mut desks.owner, &id, "the row with its assignee", |row| !row["assignee"].is_null()).await;
        assert_eq!((&row["assignee"], &row["queue_position"]), (&data["assignee"], &Value::Null));
        assert!(row["assigned_at"].is_i64());
        names.push(text(&data["assignee"]["name"]));
    }
    names.sort();
    assert_eq!(names, ["Olive Owner", "Olive Owner", "Some operator", "Some operator"]);
}

#[tokio::test]
async fn a_full_house_makes_a_queue_that_moves_up_when_somebody_is_free() {
    let shop = Shop::open().await;
    let mut owner = shop.socket_of(&shop.owner).await;
    shop.routes(&json!({"mode": "round_robin"})).await;
    let mut first = Vec::new();
    for _ in 0..5 {
        let mut visitor = shop.visitor().await;
        first.push(started(&mut visitor).await);
        visitor.event("conversation.assigned").await;
    }
    let (mut next, mut last) = (shop.visitor().await, shop.visitor().await);
    let stands = |place: i64| move |frame: &Value| frame["d"]["data"]["conversation"]["queue_position"] == place;
    let waiting = [started(&mut next).await, started(&mut last).await];
    next.wait("the first place", stands(1)).await;
    last.wait("the second place", stands(2)).await;
    let again = last.post(None, "anyone?").await;
    assert_eq!(again["conversation"]["queue_position"], 2, "an answer says what was told");
    let welcome = shop.returning(&shop.site, last.ticket(), json!({})).await.welcome;
    assert_eq!(welcome["conversation"]["queue_position"], 2);
    row(&mut owner, &waiting[1], "the row with its place", |row| row["queue_position"] == 2).await;
    shop.owner.put(&path(&first[0], "/status"), &json!({"status": "resolved"})).await.ok();
    let assigned = next.event("conversation.assigned").await;
    assert_eq!(assigned["d"]["data"]["assignee"]["name"], "Olive Owner");
    last.wait("to be next", stands(1)).await;
    shop.owner.put(&path(&first[1], "/status"), &json!({"status": "snoozed"})).await.ok();
    last.event("conversation.assigned").await;
}

#[tokio::test]
async fn the_queue_is_given_out_when_somebody_comes_and_taken_over_when_they_go() {
    let shop = Shop::open().await;
    let colleague = shop.operator().await;
    shop.routes(&json!({"mode": "fewest_today"})).await;
    let mut visitor = shop.visitor().await;
    let id = started(&mut visitor).await;
    visitor.wait("a place in the queue", |frame| frame["d"]["data"]["conversation"]["queue_position"] == 1).await;
    let mut here = shop.socket_of(&colleague).await;
    let assigned = visitor.event("conversation.assigned").await;
    assert_eq!(assigned["d"]["data"]["assignee"]["name"], "Some operator");
    let _owner = shop.socket_of(&shop.owner).await;
    colleague.patch("/api/v1/me", &json!({"availability": "offline"})).await.ok();
    let assigned = visitor.event("conversation.assigned").await;
    assert_eq!(assigned["d"]["data"]["assignee"]["name"], "Olive Owner");
    row(&mut here, &id, "the row of the new assignee", |row| row["assignee"]["name"] == "Olive Owner").await;
    shop.owner.patch("/api/v1/me", &json!({"availability": "offline"})).await.ok();
    let returned = visitor.event("conversation.assigned").await;
    assert_eq!((&returned["d"]["data"]["assignee"], &returned["d"]["data"]["reason"]), (&Value::Null, &json!("returned")));
}

#[tokio::test]
async fn an_assignee_who_vanishes_or_keeps_silent_loses_the_conversation() {
    let clock = Clock::fixed(1_795_000_000_000);
    let mut desks = Desks::open(json!({"mode": "least_busy", "reassign_after_s": 30}), clock.clone()).await;
    let mut visitor = desks.shop.visitor().await;
    let id = started(&mut visitor).await;
    let first = text(&visitor.event("conversation.assigned").await["d"]["data"]["assignee"]["name"]);
    clock.advance(29_000);
    desks.owner.settle().await;
    clock.advance(1_000);
    let second = text(&visitor.event("conversation.assigned").await["d"]["data"]["assignee"]["name"]);
    assert_ne!(first, second);
    // Whoever has it now answers, and then their connection is gone for good.
    let (holder, other) =
        if second == "Olive Owner" { (&desks.shop.owner, &desks.colleague.0) } else { (&desks.colleague.0, &desks.shop.owner) };
    holder.answers(&id, "hello").await;
    holder.call(reqwest::Method::DELETE, "/api/v1/me/login-session", &[], None).await;
    let gone = |frame: &Value| frame["d"]["type"] == "operator.availability_changed" && frame["d"]["data"]["operator"]["present"] == false;
    let left = if second == "Olive Owner" { &mut desks.colleague.1 } else { &mut desks.owner };
    left.wait("them to be gone", gone).await;
    clock.advance(61_000);
    let third = visitor.event("conversation.assigned").await;
    assert_eq!(third["d"]["data"]["assignee"]["id"], id_of(other).await);
}

#[tokio::test]
async fn only_members_get_a_sites_conversations_and_no_more_than_they_can_have() {
    let mut desks = Desks::open(json!({"mode": "least_busy"}), Clock::system()).await;
    let colleague = id_of(&desks.colleague.0).await;
    desks.shop.owner.patch(&format!("/api/v1/operators/{colleague}"), &json!({"capacity": 1})).await.ok();
    desks.shop.owner.patch(&format!("/api/v1/sites/{}", desks.shop.site.id), &json!({"members": [colleague]})).await.ok();
    let (mut first, mut second) = (desks.shop.visitor().await, desks.shop.visitor().await);
    let id = started(&mut first).await;
    assert_eq!(first.event("conversation.assigned").await["d"]["data"]["assignee"]["id"], json!(colleague));
    started(&mut second).await;
    second.wait("a place in the queue", |frame| frame["d"]["data"]["conversation"]["queue_position"] == 1).await;
    desks.shop.owner.patch(&format!("/api/v1/operators/{colleague}"), &json!({"capacity": 2})).await.ok();
    assert_eq!(second.event("conversation.assigned").await["d"]["data"]["assignee"]["id"], json!(colleague));
    desks.shop.owner.patch(&format!("/api/v1/sites/{}", desks.shop.site.id), &json!({"members": null})).await.ok();
    desks.shop.owner.patch(&format!("/api/v1/operators/{colleague}"), &json!({"deactivated": true})).await.ok();
    let moved = first.event("conversation.assigned").await;
    assert_eq!(moved["d"]["data"]["assignee"]["name"], "Olive Owner");
    row(&mut desks.owner, &id, "the row of the new assignee", |row| row["assignee"]["name"] == "Olive Owner").await;
}

#[tokio::test]
async fn a_transfer_with_a_note_is_one_change_that_both_sides_can_tell() {
    let shop = Shop::open().await;
    let (colleague, mut visitor) = (shop.operator().await, shop.visitor().await);
    let (id, other) = (started(&mut visitor).await, id_of(&colleague).await);
    shop.owner.answers(&id, "one moment").await;
    let answered = visitor.event("conversation.assigned").await;
    assert_eq!((&answered["d"]["data"]["reason"], &answered["d"]["data"]["by"]["name"]), (&json!("answered"), &json!("Olive Owner")));
    let give = json!({"operator_id": other, "note": {"client_message_id": fresh_id(), "text": "knows about sizes"}});
    for _ in 0..2 {
        let given = shop.owner.put(&path(&id, "/assignee"), &give).await.ok();
        assert_eq!((&given["assignee"]["id"], &given["last_note_seq"]), (&json!(other), &json!(1)));
    }
    let moved = visitor.event("conversation.assigned").await;
    assert_eq!((&moved["d"]["data"]["reason"], &moved["d"]["data"]["assignee"]["id"]), (&json!("transfer"), &json!(other)));
    assert!(!json!(visitor.settle().await).to_string().contains("sizes"));
    let mut changed = give.clone();
    changed["note"]["text"] = "knows nothing".into();
    shop.owner.put(&path(&id, "/assignee"), &changed).await.refused(409, "conflict");
    let nobody = json!({"operator_id": fresh_id(), "note": {"client_message_id": fresh_id(), "text": "gone"}});
    shop.owner.put(&path(&id, "/assignee"), &nobody).await.refused(404, "not_found");
    assert_eq!(shop.owner.get(&path(&id, "/notes")).await.ok()["items"].as_array().unwrap().len(), 1);
    let me = id_of(&shop.owner).await;
    shop.owner.put(&path(&id, "/assignee"), &json!({"operator_id": me})).await.ok();
    assert_eq!(visitor.event("conversation.assigned").await["d"]["data"]["reason"], "taken");
    shop.owner.put(&path(&id, "/assignee"), &json!({"operator_id": null})).await.ok();
    assert_eq!(visitor.event("conversation.assigned").await["d"]["data"]["reason"], "returned");
}

#[tokio::test]
async fn a_snooze_ends_in_time_or_when_the_visitor_writes() {
    let clock = Clock::fixed(1_795_000_000_000);
    let shop = Shop::open_with(&[], clock.clone()).await;
    let (mut visitor, mut desk) = (shop.visitor().await, shop.socket_of(&shop.owner).await);
    let id = started(&mut visitor).await;
    let until = clock.now() + 3_600_000;
    let snoozed = shop.owner.put(&path(&id, "/status"), &json!({"status": "snoozed", "snoozed_until": until})).await.ok();
    assert_eq!((&snoozed["status"], &snoozed["snoozed_until"]), (&json!("snoozed"), &json!(until)));
    assert_eq!(visitor.event("conversation.snoozed").await["d"]["data"], json!({"until": until}));
    assert_eq!(shop.owner.get("/api/v1/conversations/counts").await.ok()["snoozed"], 1);
    let list = shop.owner.get("/api/v1/conversations?status=snoozed").await.ok();
    assert_eq!(list["items"][0]["id"], json!(id));
    clock.advance(3_600_000);
    let woken = visitor.event("conversation.reopened").await;
    assert_eq!((&woken["d"]["data"]["reason"], &woken["d"]["sender"]["kind"]), (&json!("snooze_over"), &json!("system")));
    row(&mut desk, &id, "the row, open again", |row| row["status"] == "open" && row["queue_position"] == 1).await;
    shop.owner.put(&path(&id, "/status"), &json!({"status": "snoozed"})).await.ok();
    visitor.post(Some(&id), "still there?").await;
    visitor.event("conversation.reopened").await;
    for (body, field) in [
        (json!({"status": "snoozed", "snoozed_until": clock.now()}), "future"),
        (json!({"status": "snoozed", "snoozed_until": clock.now() + 400 * 86_400_000_i64}), "366 days"),
        (json!({"status": "open", "snoozed_until": clock.now() + 1000}), "snoozed only"),
    ] {
        let refused = shop.owner.put(&path(&id, "/status"), &body).await.refused(422, "invalid");
        assert!(text(&refused["fields"]["snoozed_until"]).contains(field), "{refused}");
    }
}

#[tokio::test]
async fn lists_are_sorted_by_waiting_and_refuse_what_they_do_not_know() {
    let clock = Clock::fixed(1_795_000_000_000);
    let shop = Shop::open_with(&[], clock.clone()).await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(started(&mut shop.visitor().await).await);
        clock.advance(1_000);
    }
    shop.owner.answers(&ids[0], "hello").await;
    let mut found = Vec::new();
    let mut cursor = String::new();
    for _ in 0..3 {
        let page = shop.owner.get(&format!("/api/v1/conversations?sort=waiting&limit=1{cursor}")).await.ok();
        found.push(text(&page["items"][0]["id"]));
        cursor = page["next_cursor"].as_str().map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
    }
    assert_eq!((found, cursor.as_str()), (vec![ids[1].clone(), ids[2].clone(), ids[0].clone()], ""));
    shop.owner.get("/api/v1/conversations?sort=oldest").await.refused(422, "invalid");
    for routing in [json!({"mode": "loudest"}), json!({"reassign_after_s": 5}), json!({"reassign_after_s": 3601}), json!({"speed": 1})] {
        shop.owner.patch(&format!("/api/v1/sites/{}", shop.site.id), &json!({"routing": routing})).await.refused(422, "invalid");
    }
}
