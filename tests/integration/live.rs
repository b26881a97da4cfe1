//! The live board: who is there, told to those who watch it, and saying hello.

use serde_json::{Value, json};

use crate::app::{Shop, hello, text};
use crate::operator::fresh_id;
use crate::socket::Socket;

/// An operator's socket that watches the board, and who was there.
async fn watching(shop: &Shop) -> (Socket, Vec<Value>) {
    let mut socket = shop.socket_of(&shop.owner).await;
    socket.request("channel.join", json!({"channel": format!("b/{}", shop.tenant)})).await.unwrap();
    let board = socket.request("board.watch", json!({})).await.unwrap();
    assert_eq!(board["channel"], format!("b/{}", shop.tenant));
    let items = board["items"].as_array().unwrap().clone();
    (socket, items)
}

fn put(frame: &Value, of: &Value, wanted: impl Fn(&Value) -> bool) -> bool {
    let board = frame["t"] == "pub" && frame["d"]["type"] == "board.changed";
    board && frame["d"]["data"]["put"].as_array().unwrap().iter().any(|row| row["id"] == *of && wanted(row))
}

fn gone(frame: &Value, of: &Value) -> bool {
    frame["d"]["type"] == "board.changed" && frame["d"]["data"]["gone"].as_array().unwrap().contains(of)
}

fn event(visit: &Value, kind: &str, more: &Value) -> Value {
    let mut event = json!({"v": 1, "id": fresh_id(), "at": 9_000_000_000_000_i64, "visit": visit, "kind": kind});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"events": [event]})
}

#[tokio::test]
async fn who_comes_moves_buys_and_leaves_is_seen_by_those_who_watch() {
    let shop = Shop::open().await;
    let first = shop.visitor().await;
    let (mut board, there) = watching(&shop).await;
    assert_eq!(there.len(), 1);
    assert_eq!((&there[0]["id"], &there[0]["page"]["title"]), (&first.welcome["visitor"]["id"], &json!("Socks")));

    let says = hello(&shop.site, None);
    let visit = says["visit"].clone();
    let mut second = Socket::open(&shop.widget, Some(&shop.site.origin)).await.hello(says).await;
    let id = second.welcome["visitor"]["id"].clone();
    board
        .wait("the second visitor", |frame| {
            put(frame, &id, |row| row["page"]["url"] == "http://shop.test/socks" && row["connected"] == true)
        })
        .await;
    let product =
        json!({"id": "7", "name": "Jar", "price": "9", "currency": "EUR", "image": null, "url": "http://shop.test/jar", "in_stock": true});
    let page = json!({"url": "http://shop.test/jar", "title": "Jar", "product": product});
    second.request("event.track", event(&visit, "page.entered", &json!({"page": page}))).await.unwrap();
    board
        .wait("their next page", |frame| put(frame, &id, |row| row["product"]["name"] == "Jar" && row["trail"][0]["title"] == "Socks"))
        .await;
    let cart = json!({"value": 9, "currency": "EUR", "items": [{"id": 7, "name": "Jar", "price": 9, "quantity": 1}]});
    second.request("event.track", event(&visit, "cart.changed", &json!({"props": cart}))).await.unwrap();
    board.wait("their cart", |frame| put(frame, &id, |row| row["cart"]["items"][0]["name"] == "Jar")).await;
    let order = json!({"order_id": "1", "value": 9, "currency": "EUR"});
    second.request("event.track", event(&visit, "order.placed", &json!({"props": order}))).await.unwrap();
    board.wait("their order", |frame| put(frame, &id, |row| row["order"]["value"] == 9.0 && row["cart"].is_null())).await;
    second.post(None, "thanks").await;
    board.wait("their conversation", |frame| put(frame, &id, |row| row["conversation"]["status"] == "open")).await;

    board.wait("how often they came", |frame| put(frame, &id, |row| row["visits"] == 1)).await;
    let listed = shop.owner.get("/api/v1/live-visitors").await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    assert_eq!(shop.owner.get("/api/v1/statistics").await.ok()["live_now"], 2);
    second.leave().await;
    board.wait("them leaving", |frame| gone(frame, &id)).await;
    // A line that is lost is not somebody who left.
    let lost = first.welcome["visitor"]["id"].clone();
    drop(first);
    board.wait("the lost line", |frame| put(frame, &lost, |row| row["connected"] == false)).await;
    let other = shop.other_tenant().await;
    assert_eq!(other.owner.get("/api/v1/live-visitors").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn an_operator_says_hello_to_somebody_who_has_said_nothing() {
    let shop = Shop::open().await;
    let operator = shop.operator().await;
    let mut visitor = shop.visitor().await;
    let id = text(&visitor.welcome["visitor"]["id"]);
    let path = format!("/api/v1/visitors/{id}/greetings");
    let greeting = json!({"client_message_id": fresh_id(), "text": "May I help?"});
    let made = operator.post(&path, &greeting).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    // The connection is told that there is a conversation, and has what was said.
    visitor.event("conversation.changed").await;
    let said = visitor.event("message.posted").await;
    assert_eq!((&said["ch"], &said["d"]["data"]["text"]), (&made["channel"], &json!("May I help?")));
    let again = operator.post(&path, &greeting).await.json();
    assert_eq!(again["message"], made["message"]);
    let row = shop.owner.get(&format!("/api/v1/conversations/{}", text(&made["conversation"]))).await.ok();
    let me = operator.get("/api/v1/me").await.ok();
    assert_eq!((&row["assignee"]["id"], &row["visitor"]["id"]), (&me["operator"]["id"], &json!(id)));
    let back = shop.returning(&shop.site, visitor.ticket(), json!({})).await;
    assert_eq!((&back.welcome["unread"], &back.welcome["conversation"]["id"]), (&json!(1), &made["conversation"]));

    // The next one goes into the same conversation, also over a socket.
    let mut socket = shop.socket_of(&operator).await;
    let next = json!({"visitor": id, "client_message_id": fresh_id(), "text": "Still here."});
    let posted = socket.request("visitor.greet", next).await.unwrap();
    assert_eq!(posted["conversation"]["id"], made["conversation"]);
    operator.post(&path, &json!({"client_message_id": fresh_id(), "text": " "})).await.refused(422, "invalid");
    operator.post(&path, &json!({"client_message_id": fresh_id(), "text": "a", "more": 1})).await.refused(422, "invalid");
    let nobody = format!("/api/v1/visitors/{}/greetings", fresh_id());
    operator.post(&nobody, &json!({"client_message_id": fresh_id(), "text": "a"})).await.refused(404, "not_found");

    // Who has left is told so by the board, and cannot be greeted.
    let (mut board, _) = watching(&shop).await;
    visitor.leave().await;
    back.leave().await;
    board.wait("them leaving", |frame| gone(frame, &json!(id))).await;
    operator.post(&path, &json!({"client_message_id": fresh_id(), "text": "gone?"})).await.refused(409, "conflict");
}
