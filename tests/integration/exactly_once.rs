//! A message is stored once however often it is sent, gets the next number, and two tabs do not start two conversations.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::app::{Shop, text};
use crate::operator::fresh_id;
use crate::socket::Socket;

fn seqs(entries: &[Value]) -> Vec<i64> {
    entries.iter().map(|entry| entry["seq"].as_i64().unwrap()).collect()
}

/// The texts of a log, in its order.
fn texts(entries: &[Value]) -> Vec<String> {
    entries.iter().filter_map(|entry| entry["data"]["text"].as_str().map(str::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_post_repeated_at_once_over_ten_connections_is_one_message_with_ten_equal_answers() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let conversation = text(&visitor.post(None, "first").await["conversation"]["id"]);
    let mut tabs = Vec::new();
    for _ in 0..10 {
        tabs.push(shop.returning(&shop.site, visitor.ticket(), json!({})).await);
    }
    let post = json!({"client_message_id": fresh_id(), "conversation": conversation, "text": "once"});
    let answers = join_all(tabs.iter_mut().map(|tab| tab.request("message.post", post.clone()))).await;
    let messages: BTreeSet<String> = answers.iter().map(|answer| answer.as_ref().unwrap()["message"].to_string()).collect();
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert_eq!(texts(&shop.owner.log(&conversation).await), ["first", "once"]);

    let other = json!({"client_message_id": post["client_message_id"], "conversation": conversation, "text": "another"});
    assert_eq!(tabs[0].request("message.post", other).await.unwrap_err()["code"], "conflict");
    let unchanged = tabs[1].request("message.post", post).await.unwrap();
    assert_eq!(unchanged["message"], answers[0].as_ref().unwrap()["message"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_post_and_a_note_repeated_at_once_over_the_api_are_stored_once() {
    let shop = Shop::open().await;
    let conversation = text(&shop.visitor().await.post(None, "hello").await["conversation"]["id"]);
    for log in ["messages", "notes"] {
        let path = format!("/api/v1/conversations/{conversation}/{log}");
        let new = json!({"client_message_id": fresh_id(), "text": "once"});
        let answers = join_all((0..10).map(|_| shop.owner.post(&path, &new))).await;
        let distinct: BTreeSet<String> = answers.iter().map(|answer| answer.ok().to_string()).collect();
        assert_eq!(distinct.len(), 1, "{distinct:?}");
        let stored = shop.owner.get(&path).await.ok();
        assert_eq!(texts(stored["items"].as_array().unwrap()).iter().filter(|text| *text == "once").count(), 1);
        let other = json!({"client_message_id": new["client_message_id"], "text": "another"});
        shop.owner.post(&path, &other).await.refused(409, "conflict");
    }
}

#[tokio::test]
async fn the_same_client_id_of_two_senders_is_two_messages() {
    let shop = Shop::open().await;
    let (mut one, mut two) = (shop.visitor().await, shop.visitor().await);
    let post = json!({"client_message_id": fresh_id(), "conversation": null, "text": "hi"});
    let first = one.request("message.post", post.clone()).await.unwrap();
    let second = two.request("message.post", post).await.unwrap();
    assert_ne!(first["message"]["id"], second["message"]["id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_left_offline_five_times_at_once_is_left_once() {
    let shop = Shop::open().await;
    let first = shop.visitor().await;
    let mut tabs = vec![];
    for _ in 0..5 {
        tabs.push(shop.returning(&shop.site, first.ticket(), json!({})).await);
    }
    let left = json!({"client_message_id": fresh_id(), "name": "Vi", "email": "vi@mail.test", "text": "call me"});
    let answers = join_all(tabs.iter_mut().map(|tab| tab.request("offline.post", left.clone()))).await;
    let distinct: BTreeSet<String> =
        answers.iter().map(|answer| answer.as_ref().unwrap_or_else(|error| panic!("{error}")).to_string()).collect();
    assert_eq!(distinct.len(), 1, "{distinct:?}");
    assert_eq!(shop.database.number("SELECT COUNT(*) FROM offline_messages").await, 1);
    assert_eq!(shop.database.number("SELECT COUNT(*) FROM outbox").await, 1);
}

#[tokio::test]
async fn an_offline_message_with_a_used_id_and_another_body_is_a_conflict() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let id = fresh_id();
    let left = |text: &str| json!({"client_message_id": id, "name": "Vi", "email": "vi@mail.test", "text": text});
    visitor.request("offline.post", left("one")).await.unwrap();
    assert_eq!(visitor.request("offline.post", left("two")).await.unwrap_err()["code"], "conflict");
}

async fn talk(visitor: &mut Socket, name: usize, messages: usize) -> (String, String) {
    let mut asked = Vec::new();
    let first = visitor.post(None, &format!("{name}:0")).await;
    for number in 1..messages {
        let post = json!({"client_message_id": fresh_id(), "conversation": null, "text": format!("{name}:{number}")});
        asked.push(visitor.ask("message.post", &post).await);
    }
    for (place, id) in asked.into_iter().enumerate() {
        let answer = visitor.answer(id).await.unwrap();
        assert_eq!(answer["message"]["seq"], place + 2, "answers come in the order of the questions");
    }
    (text(&first["conversation"]["id"]), text(&first["channel"]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_visitors_at_once_each_get_a_log_without_holes_in_the_order_they_wrote() {
    const MESSAGES: usize = 50;
    let shop = Shop::open().await;
    let mut visitors = Vec::new();
    for _ in 0..20 {
        visitors.push(shop.visitor().await);
    }
    let logs = join_all(visitors.iter_mut().enumerate().map(|(name, visitor)| talk(visitor, name, MESSAGES))).await;
    assert_eq!(logs.iter().map(|(id, _)| id).collect::<BTreeSet<_>>().len(), 20, "one conversation each");
    for (name, (conversation, _)) in logs.iter().enumerate() {
        let log = shop.owner.log(conversation).await;
        assert_eq!(seqs(&log), (1..=50).collect::<Vec<i64>>());
        assert_eq!(texts(&log), (0..MESSAGES).map(|number| format!("{name}:{number}")).collect::<Vec<_>>());
    }
    assert!(stalk::check::run(&shop.storage()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_sides_writing_at_once_leave_no_hole_and_keep_each_ones_order() {
    let shop = Shop::open().await;
    let mut visitor = shop.visitor().await;
    let first = visitor.post(None, "v0").await;
    let (conversation, channel) = (text(&first["conversation"]["id"]), text(&first["channel"]));
    let mut operators = vec![shop.socket_of(&shop.owner).await, shop.socket_of(&shop.operator().await).await];
    for operator in &mut operators {
        operator.request("channel.join", json!({"channel": channel})).await.unwrap();
    }
    let write = |socket: Socket, name: &'static str| {
        let conversation = conversation.clone();
        async move {
            let mut socket = socket;
            for number in 1..=30 {
                socket.post(Some(&conversation), &format!("{name}{number}")).await;
            }
            socket
        }
    };
    let (second, first) = (operators.pop().unwrap(), operators.pop().unwrap());
    let (mut visitor, ..) = tokio::join!(write(visitor, "v"), write(first, "a"), write(second, "b"));

    let log = shop.owner.log(&conversation).await;
    assert_eq!(seqs(&log), (1..=i64::try_from(log.len()).unwrap()).collect::<Vec<_>>());
    for name in ["v", "a", "b"] {
        let numbers: Vec<String> = texts(&log).into_iter().filter(|text| text.starts_with(name) && text != "v0").collect();
        assert_eq!(numbers, (1..=30).map(|number| format!("{name}{number}")).collect::<Vec<_>>());
    }
    // The visitor's connection was told every entry, each once, in the order of the log.
    let told: Vec<i64> = visitor.settle().await.iter().filter_map(|frame| frame["seq"].as_i64()).collect();
    assert_eq!(told, seqs(&log));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn visitors_and_operators_who_write_at_once_are_heard_in_the_order_of_the_log() {
    const ROUNDS: usize = 15;
    let shop = Shop::open().await;
    let (mut visitors, mut conversations) = (Vec::new(), Vec::new());
    for _ in 0..6 {
        let mut visitor = shop.visitor().await;
        conversations.push(text(&visitor.post(None, "hello").await["conversation"]["id"]));
        visitors.push(visitor);
    }
    // Each goes through them in another order: their batches and those of the visitors wait for the same conversations.
    let operators = [shop.socket_of(&shop.owner).await, shop.socket_of(&shop.operator().await).await];
    let desk = operators.into_iter().enumerate().map(|(nth, mut operator)| {
        let mut order = conversations.clone();
        order.rotate_left(nth * 3);
        async move {
            for conversation in (0..ROUNDS).flat_map(|_| &order) {
                operator.post(Some(conversation), "from the desk").await;
            }
        }
    });
    let shoppers = visitors.iter_mut().map(async |visitor| {
        for _ in 0..3 * ROUNDS {
            visitor.post(None, "from the shop").await;
        }
    });
    tokio::join!(join_all(desk), join_all(shoppers));
    for (visitor, conversation) in visitors.iter_mut().zip(&conversations) {
        let log = shop.owner.log(conversation).await;
        assert_eq!(texts(&log).len(), 1 + 5 * ROUNDS);
        let told: Vec<i64> = visitor.settle().await.iter().filter_map(|frame| frame["seq"].as_i64()).collect();
        assert_eq!(told, (1..=i64::try_from(log.len()).unwrap()).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tabs_that_write_the_first_message_at_once_start_one_conversation() {
    let shop = Shop::open().await;
    for _ in 0..5 {
        let mut one = shop.visitor().await;
        let mut two = shop.returning(&shop.site, one.ticket(), json!({})).await;
        let (first, second) = tokio::join!(one.post(None, "from one tab"), two.post(None, "from the other"));
        assert_eq!(first["conversation"]["id"], second["conversation"]["id"]);
        let seqs: BTreeSet<i64> = [&first, &second].into_iter().map(|answer| answer["message"]["seq"].as_i64().unwrap()).collect();
        assert_eq!(seqs, BTreeSet::from([1, 2]));
        // Each hears what the other wrote.
        one.wait("the other tab's message", |frame| frame["d"]["data"]["text"] == "from the other").await;
        two.wait("the other tab's message", |frame| frame["d"]["data"]["text"] == "from one tab").await;
    }
    assert_eq!(shop.database.number("SELECT COUNT(*) FROM conversations").await, 5);
}

#[tokio::test]
async fn loader_panel_and_fallback_with_one_ticket_are_one_sender() {
    let shop = Shop::open().await;
    let mut loader = shop.visitor().await;
    let mut panel = shop.panel(&shop.site, Some(loader.ticket())).await;
    let post = json!({"client_message_id": fresh_id(), "conversation": null, "text": "once"});
    let by_panel = panel.request("message.post", post.clone()).await.unwrap();
    let by_loader = loader.request("message.post", post.clone()).await.unwrap();
    let by_http = shop.fallback(&shop.site, loader.ticket(), "message.post", &post).await.ok()["ok"].clone();
    assert_eq!(by_panel["message"], by_loader["message"]);
    assert_eq!(by_panel["message"], by_http["message"]);
    assert_eq!(loader.event("message.posted").await["seq"], 1);
}
