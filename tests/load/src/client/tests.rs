//! The rules of sections 5 and 6, on a clock that the tests move.

use std::time::Duration;

use serde_json::{Value, json};

use super::{ANSWER_TIMEOUT, Applied, Client};
use crate::clock::Instant;
use crate::dice::Dice;
use crate::link::Refusal;

const CHANNEL: &str = "c/t/1";

fn client() -> Client {
    Client::new("visitor 1".to_owned(), Dice::new(1))
}

fn message(seq: u64) -> Value {
    json!({"v": 1, "id": format!("id-{seq}"), "type": "message.posted", "conversation": "talk", "seq": seq,
        "sender": {"kind": "visitor", "id": "v"}, "client_message_id": format!("m-{seq}"), "data": {"text": "t"}})
}

fn acknowledgement(seq: u64) -> Value {
    json!({"message": {"id": format!("id-{seq}"), "seq": seq, "at": 0}, "conversation": {"id": "talk"}, "channel": CHANNEL})
}

#[test]
fn one_message_is_in_flight_and_the_next_waits_for_its_answer() {
    let (mut client, now) = (client(), Instant::now());
    client.write("one".to_owned(), None);
    client.write("two".to_owned(), None);
    let first = client.due(now);
    assert_eq!((first.len(), first[0].params["text"].as_str()), (1, Some("one")));
    assert!(client.due(now).is_empty());
    client.answer(first[0].id, &Ok(acknowledgement(1)), now);
    let second = client.due(now);
    assert_eq!(second[0].params["text"], "two");
    assert_eq!(second[0].params["conversation"], "talk");
    assert_eq!(client.deadline(), Some(now + ANSWER_TIMEOUT));
}

#[test]
fn a_resent_message_has_the_same_body_although_the_conversation_is_known_meanwhile() {
    let (mut client, now) = (client(), Instant::now());
    client.write("one".to_owned(), None);
    let first = client.due(now);
    client.reconnected();
    client.welcome(&json!({"id": "talk", "channel": CHANNEL, "last_seq": 1}), &[message(1)]);
    let again = client.due(now);
    assert_eq!(first[0].params, again[0].params);
    assert_eq!(again[0].params["conversation"], Value::Null);
}

#[test]
fn a_refusal_that_may_pass_is_retried_after_the_time_told_and_any_other_is_noted() {
    let (mut client, now) = (client(), Instant::now());
    client.write("one".to_owned(), None);
    let first = client.due(now);
    let busy = Refusal { code: "unavailable".to_owned(), retry_after_ms: Some(700), ..Refusal::default() };
    client.answer(first[0].id, &Err(busy), now);
    assert!(client.due(now).is_empty());
    let again = client.due(now + Duration::from_millis(700));
    assert_eq!(again[0].params, first[0].params);
    let never = Refusal { code: "conflict".to_owned(), ..Refusal::default() };
    client.answer(again[0].id, &Err(never), now);
    assert_eq!((client.unsent(), client.history.notes.len()), (0, 1));
}

#[test]
fn a_hole_is_fetched_and_applied_in_order() {
    let (mut client, now) = (client(), Instant::now());
    assert_eq!(client.publication(CHANNEL, &message(1)), Applied::Next);
    assert_eq!(client.publication(CHANNEL, &message(4)), Applied::Hole);
    assert_eq!(client.publication(CHANNEL, &message(1)), Applied::Dropped);
    let fetch = client.due(now);
    assert_eq!((fetch[0].method, fetch[0].params["after"].as_u64()), ("channel.since", Some(1)));
    assert!(client.due(now).is_empty());
    let entries = json!({"entries": [message(2), message(3)], "top": 4, "more": true});
    client.answer(fetch[0].id, &Ok(entries), now);
    let rest = client.due(now);
    assert_eq!(rest[0].params["after"], 3);
    client.answer(rest[0].id, &Ok(json!({"entries": [message(4)], "top": 4, "more": false})), now);
    assert!(client.is_caught_up() && client.due(now).is_empty());
    let seqs: Vec<u64> = client.history.received["talk"].iter().map(|entry| entry.seq).collect();
    assert_eq!(seqs, [1, 2, 3, 4]);
}

#[test]
fn a_heartbeat_that_tells_a_higher_top_makes_it_fetch() {
    let (mut client, now) = (client(), Instant::now());
    client.publication(CHANNEL, &message(1));
    client.heartbeat(&[(CHANNEL.to_owned(), 2)].into());
    assert_eq!(client.due(now)[0].method, "channel.since");
}

#[test]
fn an_operator_joins_again_on_every_connection() {
    let (mut client, now) = (client(), Instant::now());
    client.follow(CHANNEL, "talk", 1);
    let join = client.due(now);
    assert_eq!(join[0].method, "channel.join");
    client.answer(join[0].id, &Ok(json!({"top": 1, "entries": [message(1)], "more": false})), now);
    assert!(client.is_caught_up());
    client.reconnected();
    assert_eq!(client.due(now)[0].params, json!({"channel": CHANNEL, "after": 1}));
}

#[test]
fn whoever_follows_many_conversations_comes_back_within_the_bounds_of_the_protocol() {
    let (mut client, mut now) = (client(), Instant::now());
    for number in 0..300 {
        client.follow(&format!("c/t/{number}"), &format!("talk {number}"), 1);
    }
    client.write("one".to_owned(), Some("talk 7"));
    let (mut waiting, mut asked, mut most) = (client.due(now), Vec::new(), 0);
    assert_eq!(waiting[0].method, "message.post");
    while !client.is_caught_up() {
        most = most.max(waiting.len());
        if waiting.is_empty() {
            now = client.not_before().unwrap();
        } else {
            let answered = waiting.remove(0);
            asked.push((now, answered.id));
            let answer = if answered.method == "message.post" { acknowledgement(2) } else { json!({"top": 1, "entries": [message(1)]}) };
            client.answer(answered.id, &Ok(answer), now);
        }
        waiting.extend(client.due(now));
    }
    assert!(most <= 40, "{most} waited");
    let began = asked[0].0;
    for (index, (at, _)) in asked.iter().enumerate() {
        assert!(index as u128 <= 200 + 50 * (*at - began).as_millis() / 1000, "{index} after {:?}", *at - began);
    }
    assert!(client.history.notes.is_empty(), "{:?}", client.history.notes);
}
