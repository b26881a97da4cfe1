//! The WebSocket transport: hello, channels, publications, heartbeats.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use xpush::{Coalesce, CoalesceStep, Options};

use crate::hall::{ephemeral, open, options, soon};
use crate::websocket_client::Client;

fn seqs(frames: &Value) -> Vec<u64> {
    frames.as_array().unwrap().iter().filter_map(|entry| entry["seq"].as_u64()).collect()
}

#[tokio::test]
async fn a_hello_is_welcomed_with_the_products_part_and_the_engines() {
    let hall = open(Options { heartbeat: Duration::from_secs(25), ..options() }).await;
    let (_client, welcome) = Client::hello(hall.address, json!({"name": "ann"})).await;
    assert_eq!((&welcome["v"], &welcome["heartbeat"], &welcome["hall"]), (&json!(1), &json!(25_000), &json!("great")));
    assert_eq!((&welcome["listener"], &welcome["peer"]), (&json!("front"), &json!("127.0.0.1")));
    assert!(uuid::Uuid::parse_str(welcome["connection"].as_str().unwrap()).is_ok());
    assert_eq!(hall.engine.counts().websocket, 1);
}

#[tokio::test]
async fn a_refused_hello_hears_why_and_what_to_do() {
    let hall = open(options()).await;
    for (hello, code, name) in [
        (json!({}), 4100, "credential_refused"),
        (json!({"name": "banned"}), 4101, "login_ended"),
        (json!({"name": "ann", "v": 0}), 4202, "version_refused"),
        (json!({"name": "ann", "v": 2}), 4202, "version_refused"),
        (json!({"name": "ann", "v": "one"}), 4203, "protocol_error"),
    ] {
        let mut client = Client::connect(hall.address).await;
        client.say_hello(hello.clone()).await;
        let bye = client.bye().await;
        assert_eq!((&bye["code"], &bye["name"]), (&json!(code), &json!(name)), "{hello}");
        assert_eq!(bye["retry_after_ms"], if code == 4101 { json!(700) } else { Value::Null });
    }
    assert_eq!(hall.engine.counts().websocket, 0);
}

#[tokio::test]
async fn a_client_that_says_no_hello_is_told_so() {
    let hall = open(Options { hello_timeout: Duration::from_millis(50), ..options() }).await;
    let bye = Client::connect(hall.address).await.bye().await;
    assert_eq!(bye["code"], 4203);
    assert!(bye["message"].as_str().unwrap().contains("no hello within 0.05 s"), "{bye}");
}

#[tokio::test]
async fn a_frame_out_of_the_protocol_ends_the_connection_by_name() {
    let hall = open(options()).await;
    for frame in ["nonsense", "{}", r#"{"t":"dance"}"#, r#"{"t":"req","id":"x","m":"echo"}"#, r#"{"t":"hello","v":1}"#] {
        let mut client = Client::come(hall.address, "ann", &[]).await;
        client.send_text(frame.to_owned()).await;
        assert_eq!(client.bye().await["code"], 4203, "{frame}");
    }
    let mut early = Client::connect(hall.address).await;
    early.send(&json!({"t": "hb"})).await;
    assert_eq!(early.bye().await["message"], "the first frame is a hello");
    hall.counts_until(|counts| counts.websocket == 0).await;
}

#[tokio::test]
async fn requests_are_answered_in_order_with_their_numbers() {
    let hall = open(options()).await;
    let mut client = Client::come(hall.address, "ann", &[]).await;
    for n in 1..=20 {
        client.ask("echo", json!({"n": n})).await;
    }
    for n in 1..=20 {
        assert_eq!(client.next_of("res").await, json!({"t": "res", "id": n, "ok": {"n": n}}));
    }
    let refused = client.request("dance", json!({})).await;
    assert_eq!(refused["err"], json!({"code": "invalid", "message": "dance?"}));
}

#[tokio::test]
async fn a_request_that_panics_is_internal_and_the_connection_lives() {
    let hall = open(options()).await;
    let mut client = Client::come(hall.address, "ann", &[]).await;
    assert_eq!(client.request("panic", json!({})).await["err"]["code"], "internal");
    assert_eq!(client.request("echo", json!({})).await["ok"], json!({}));
}

#[tokio::test]
async fn a_slow_request_does_not_make_a_living_client_silent() {
    let hall = open(Options { heartbeat: Duration::from_millis(100), ..options() }).await;
    let mut client = Client::come(hall.address, "ann", &[]).await;
    let slow = client.ask("slow", json!({})).await;
    soon(hall.begun.lock().await.recv()).await.unwrap();
    for _ in 0..6 {
        client.next_of("hb").await;
        client.send(&json!({"t": "hb"})).await;
    }
    hall.engine.policy().gate.add_permits(1);
    assert_eq!(client.next_of("res").await, json!({"t": "res", "id": slow, "ok": "at last"}));
}

#[tokio::test]
async fn joining_answers_the_newest_entries_and_what_follows_is_published() {
    let hall = open(options()).await;
    for n in 1..=250 {
        hall.say("log/a", &n.to_string()).await;
    }
    let mut client = Client::come(hall.address, "ann", &[]).await;
    let joined = client.request("channel.join", json!({"channel": "log/a"})).await["ok"].take();
    assert_eq!((&joined["channel"], &joined["top"], &joined["more"]), (&json!("log/a"), &json!(250), &json!(false)));
    assert_eq!(seqs(&joined["entries"]), (51..=250).collect::<Vec<_>>());
    hall.say("log/a", "new").await;
    let expected = json!({"t": "pub", "ch": "log/a", "seq": 251, "d": {"text": "new", "seq": 251}});
    assert_eq!(client.next_of("pub").await, expected);
    client.request("channel.leave", json!({"channel": "log/a"})).await;
    hall.say("log/a", "unheard").await;
    client.request("channel.join", json!({"channel": "log/a", "after": 252})).await;
    hall.say("log/a", "heard").await;
    assert_eq!(client.next_of("pub").await["seq"], 253);
}

#[tokio::test]
async fn a_hole_is_filled_page_by_page() {
    let hall = open(options()).await;
    for n in 1..=5 {
        hall.say("log/a", &n.to_string()).await;
    }
    let mut client = Client::come(hall.address, "ann", &[]).await;
    let joined = client.request("channel.join", json!({"channel": "log/a", "after": 2})).await;
    assert_eq!(seqs(&joined["ok"]["entries"]), [3, 4, 5]);
    let page = client.request("channel.since", json!({"channel": "log/a", "after": 1, "limit": 2})).await["ok"].take();
    assert_eq!((seqs(&page["entries"]), &page["top"], &page["more"]), (vec![2, 3], &json!(5), &json!(true)));
    let page = client.request("channel.since", json!({"channel": "log/a", "after": 3})).await["ok"].take();
    assert_eq!((seqs(&page["entries"]), &page["more"]), (vec![4, 5], &json!(false)));
    let page = client.request("channel.since", json!({"channel": "log/a", "after": 9})).await["ok"].take();
    assert_eq!((seqs(&page["entries"]), &page["top"], &page["more"]), (vec![], &json!(5), &json!(false)));
}

#[tokio::test]
async fn params_of_channel_requests_are_read_strictly() {
    let hall = open(options()).await;
    let mut client = Client::come(hall.address, "ann", &[]).await;
    for (method, params, field) in [
        ("channel.join", json!({}), "channel"),
        ("channel.join", json!({"channel": 1}), "channel"),
        ("channel.join", json!({"channel": "log/a", "colour": 1}), "colour"),
        ("channel.leave", json!({"channel": "log/a", "after": 1}), "after"),
        ("channel.since", json!({"channel": "log/a"}), "after"),
        ("channel.since", json!({"channel": "log/a", "after": -1}), "after"),
        ("channel.since", json!({"channel": "log/a", "after": 1, "limit": 201}), "limit"),
        ("channel.since", json!({"channel": "eph", "after": 1}), "channel"),
    ] {
        let err = client.request(method, params.clone()).await["err"].take();
        assert_eq!(err["code"], "invalid", "{method} {params}");
        assert!(err["fields"][field].is_string(), "{method} {params}: {err}");
    }
    let closed = client.request("channel.join", json!({"channel": "log/closed"})).await;
    assert_eq!(closed["err"]["code"], "not_found");
    let closed = client.request("channel.since", json!({"channel": "log/closed", "after": 0})).await;
    assert_eq!(closed["err"]["code"], "not_found");
    assert_eq!(hall.engine.counts().members, 0);
}

#[tokio::test]
async fn what_is_not_logged_reaches_members_without_a_number() {
    let hall = open(options()).await;
    let mut client = Client::come(hall.address, "ann", &["eph"]).await;
    client.request("wave", json!({"room": "eph"})).await;
    assert_eq!(client.next().await, json!({"t": "pub", "ch": "eph", "d": {"by": "ann"}}));
}

#[tokio::test]
async fn a_follow_makes_connections_members_before_the_publication_goes_out() {
    let hall = open(options()).await;
    let mut bea = Client::come(hall.address, "bea", &[]).await;
    soon(hall.engine.append(("log/party".into(), json!({"invite": "bea"})))).await.unwrap();
    assert_eq!(bea.next_of("pub").await["seq"], 1);
    hall.engine.unfollow("bea", &"log/party".into());
    assert_eq!(hall.engine.counts().members, 0);
}

#[tokio::test]
async fn a_busy_channel_sends_batches_behind_the_first() {
    let step = CoalesceStep { members_below: 2, tick: Duration::ZERO };
    let coalesce = Coalesce { steps: vec![step], beyond: Duration::from_millis(100), ..Coalesce::default() };
    let hall = open(Options { coalesce, ..options() }).await;
    let mut ann = Client::come(hall.address, "ann", &["eph"]).await;
    let mut bea = Client::come(hall.address, "bea", &["eph"]).await;
    for n in 1..=5 {
        hall.engine.publish(ephemeral("eph", &json!(n))).await;
    }
    for client in [&mut ann, &mut bea] {
        assert_eq!(client.next_message().await, json!({"t": "pub", "ch": "eph", "d": 1}));
        let batch = client.next_message().await;
        let numbers: Vec<_> = batch.as_array().unwrap().iter().map(|frame| frame["d"].clone()).collect();
        assert_eq!(numbers, [2, 3, 4, 5]);
    }
}

#[tokio::test]
async fn heartbeats_tell_the_tops_of_logged_channels_as_the_log_has_them() {
    let hall = open(Options { heartbeat: Duration::from_millis(400), ..options() }).await;
    hall.say("log/a", "one").await;
    let mut client = Client::come(hall.address, "ann", &["log/a", "log/b", "eph"]).await;
    assert_eq!(client.next_of("hb").await, json!({"t": "hb", "top": {"log/a": 1}}));
    hall.engine.log().tops_fail.store(true, Ordering::Relaxed);
    while client.next_of("hb").await["top"] != json!({}) {
        client.send(&json!({"t": "hb"})).await;
    }
    hall.engine.log().tops_fail.store(false, Ordering::Relaxed);
    hall.say("log/a", "two").await;
    while client.next_of("hb").await["top"] != json!({"log/a": 2}) {
        client.send(&json!({"t": "hb"})).await;
    }
}

#[tokio::test]
async fn what_was_committed_during_the_hello_shows_at_once_in_a_heartbeat() {
    let hall = open(options()).await;
    let hello = json!({"name": "ann", "rooms": ["log/a"], "commit_meanwhile": "log/a"});
    let (mut client, _) = Client::hello(hall.address, hello).await;
    assert_eq!(client.next().await, json!({"t": "hb", "top": {"log/a": 1}}));
}

#[tokio::test]
async fn a_silent_client_is_closed_and_one_that_answers_is_not() {
    let hall = open(Options { heartbeat: Duration::from_millis(100), ..options() }).await;
    let mut silent = Client::come(hall.address, "ann", &[]).await;
    let mut living = Client::come(hall.address, "bea", &[]).await;
    let answering = async {
        loop {
            living.next_of("hb").await;
            living.send(&json!({"t": "hb"})).await;
        }
    };
    tokio::select! {
        bye = silent.bye() => assert_eq!((&bye["code"], &bye["name"]), (&json!(4002), &json!("heartbeat_missed"))),
        () = answering => {}
    }
    hall.counts_until(|counts| counts.websocket == 1).await;
}
