//! What the product does over three nodes: a promotion sent on one reaches visitors of the others once, the virtual agent answers once, and the
//! session service hands out the nodes that are there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::app::{hello, text};
use crate::cluster::{Nodes, texts, until};
use crate::operator::fresh_id;
use crate::promotions::{offers, on, on_page, promote};
use crate::socket::Socket;
use crate::virtual_agent::{employ, told};

/// What is promised within two seconds; a machine that runs every other test as well is given more.
const SOON: Duration = Duration::from_secs(15);
/// Channels that are placed, to see every node.
const CHANNELS: usize = 60;
/// All of this comes from one address.
const SESSIONS: [&str; 4] = ["--xpush-open-app", "demo", "--sessions-per-minute", "1000000"];

fn widget(nodes: &Nodes, node: usize) -> &str {
    node.checked_sub(1).map_or(&nodes.shop.widget, |other| &nodes.others[other].widget)
}

async fn visitor_on(nodes: &Nodes, node: usize, path: &str) -> Socket {
    let site = &nodes.shop.site;
    Socket::open(widget(nodes, node), Some(&site.origin)).await.hello(on(site, path, None)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promotion_sent_on_one_node_reaches_the_visitors_of_all_once() {
    let Some(nodes) = Nodes::open(3, &[]).await else { return };
    let mut by_hand = on_page("/never");
    by_hand["on"] = Value::Null;
    let id = promote(&nodes.shop, by_hand).await;
    let mut visitors = Vec::new();
    for node in 0..3 {
        visitors.push(visitor_on(&nodes, node, "/products/a").await);
    }
    // The node that sends knows whom the others have.
    until("everybody is on the second node's board", async || {
        let audience = nodes.owner_at(0).get("/api/v1/promotions/audience").await.ok();
        (audience["live"] == 3).then_some(())
    })
    .await;
    let (path, press) = (format!("/api/v1/promotions/{id}/sends"), json!({"send_id": fresh_id(), "pages": ["/products/*"]}));
    let since = Instant::now();
    let sent = nodes.owner_at(0).post(&path, &press).await.ok();
    for visitor in &mut visitors {
        visitor.event("promotion.offered").await;
    }
    println!("a promotion sent on one of three nodes was on all screens after {:?}", since.elapsed());
    assert_eq!((&sent["offered"], &sent["repeated"]), (&json!(3), &json!(0)), "{sent}");
    let again = nodes.owner_at(1).post(&path, &press).await.ok();
    assert_eq!((&again["offered"], &again["repeated"]), (&json!(0), &json!(3)), "{again}");
    for visitor in &mut visitors {
        assert_eq!(offers(visitor).await, 0, "once");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_virtual_agent_answers_once_whatever_node_the_visitor_is_on() {
    let Some(nodes) = Nodes::open(3, &[]).await else { return };
    employ(&nodes.shop, false).await;
    for node in 0..3 {
        let site = &nodes.shop.site;
        let mut visitor = Socket::open(widget(&nodes, node), Some(&site.origin)).await.hello(hello(site, None)).await;
        let id = text(&visitor.post(None, "when will my delivery come?").await["conversation"]["id"]);
        told(&mut visitor, "two days").await;
        visitor.post(Some(&id), "환불 되나요?").await;
        told(&mut visitor, "7일").await;
        let is_answer = |said: &str| said.contains("two days") || said.contains("7일");
        let more = visitor.settle().await;
        let again = more.iter().filter(|frame| frame["d"]["data"]["text"].as_str().is_some_and(is_answer)).count();
        assert_eq!(again, 0, "nothing is said twice");
        // As every node has it.
        for said in [nodes.shop.owner.log(&id).await, nodes.owner_at(0).log(&id).await, nodes.owner_at(1).log(&id).await] {
            let answers = texts(&said).into_iter().filter(|said| is_answer(said)).count();
            assert_eq!(answers, 2, "{said:?}");
        }
    }
}

/// The node that a node names for each of many channels; nothing while it knows of none, as at its start.
async fn handed_out(widget: &str) -> Option<BTreeMap<String, usize>> {
    let mut names = BTreeMap::new();
    for channel in 0..CHANNELS {
        let answer: Value = reqwest::get(format!("{widget}/node/demo/room-{channel}")).await.unwrap().json().await.unwrap();
        if answer["status"] != "ok" {
            return None;
        }
        *names.entry(text(&answer["result"]["server"]["name"])).or_default() += 1;
    }
    Some(names)
}

/// Waits until each of these nodes hands out so many, and all of them the same; how long that took.
async fn all_hand_out(widgets: &[String], count: usize) -> Duration {
    let since = Instant::now();
    until("the nodes that are there are handed out", async || {
        let mut named = BTreeSet::new();
        for widget in widgets {
            named.insert(handed_out(widget).await?.into_keys().collect::<Vec<_>>());
        }
        (named.len() == 1 && named.first().is_some_and(|names| names.len() == count)).then_some(())
    })
    .await;
    since.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_go_to_the_nodes_that_are_there() {
    let Some(mut nodes) = Nodes::open(2, &SESSIONS).await else { return };
    let widgets = |nodes: &Nodes, of: &[usize]| -> Vec<String> { of.iter().map(|node| widget(nodes, *node).to_owned()).collect() };
    all_hand_out(&widgets(&nodes, &[0, 1]), 2).await;

    nodes.join("node 3", &SESSIONS).await;
    let joined = all_hand_out(&widgets(&nodes, &[0, 1, 2]), 3).await;
    println!("a node that joined was handed out by all three after {joined:?}");
    assert!(joined < SOON, "{joined:?}");

    nodes.others[0].ask_to_stop();
    let left = all_hand_out(&widgets(&nodes, &[0, 2]), 2).await;
    println!("a node that left was handed out by nobody after {left:?}");
    assert!(left < SOON, "{left:?}");
    let shares = handed_out(&nodes.shop.widget).await.unwrap();
    assert!(shares.values().all(|share| *share >= CHANNELS / 6), "both have their part: {shares:?}");
}
