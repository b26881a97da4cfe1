//! What nodes remember is the same on all of them: tokens, rates, sites, who is there, who answers, and who gets which conversation.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::app::{OWNER, PASSWORD, hello, text};
use crate::cluster::{Nodes, texts, until};
use crate::operator::{Operator, fresh_id};
use crate::socket::Socket;

/// The nodes' widget listeners.
fn widgets(nodes: &Nodes) -> [String; 2] {
    [nodes.shop.widget.clone(), nodes.others[0].widget.clone()]
}

async fn visitor_at(nodes: &Nodes, widget: &str) -> Socket {
    let site = &nodes.shop.site;
    Socket::open(widget, Some(&site.origin)).await.hello(hello(site, None)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_token_is_good_once_over_all_nodes_and_tries_count_together() {
    let Some(nodes) = Nodes::open(2, &["--sign-in-failures", "4"]).await else { return };
    let token = nodes.shop.owner.post("/api/v1/me/socket-tokens", &json!({})).await.ok();
    let hello = json!({"v": 1, "token": token["token"]});
    let [here, there] = [nodes.shop.console.clone(), nodes.others[0].console.clone()];
    let first = Socket::open_socketio(&there, Some(&there), &hello).await.welcomed().await;
    let mut again = Socket::open_socketio(&here, Some(&here), &hello).await;
    assert_eq!(again.bye().await["code"], 4100, "used on the other node");
    drop(first);

    // The first sign-in of the stage was right, and does not count.
    for origin in [&here, &there, &here, &there] {
        let wrong = Operator::nobody(origin).form("/sign-in", &[("email", OWNER), ("password", "not this one")]).await;
        assert_eq!(wrong.status, 401, "{}", wrong.text);
    }
    for origin in [&here, &there] {
        let refused = Operator::nobody(origin).form("/sign-in", &[("email", OWNER), ("password", PASSWORD)]).await;
        assert_eq!(refused.status, 429, "{}", refused.text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_site_and_a_new_name_show_on_the_other_node_at_once() {
    let Some(nodes) = Nodes::open(2, &[]).await else { return };
    let [_, there] = widgets(&nodes);
    let mut operator = nodes.socket_at(0).await;
    // Both nodes have looked at the site.
    for widget in widgets(&nodes) {
        visitor_at(&nodes, &widget).await;
    }
    let began = Instant::now();
    nodes.shop.owner.patch(&format!("/api/v1/sites/{}", nodes.shop.site.id), &json!({"name": "Renamed"})).await.ok();
    until("the other node shows the site's new name", async || {
        let visitor = visitor_at(&nodes, &there).await;
        (visitor.welcome["site"]["name"] == "Renamed").then_some(())
    })
    .await;
    println!("a site's change shows on the other node after {:?}", began.elapsed());
    let mut visitor = visitor_at(&nodes, &there).await;
    let id = text(&visitor.post(None, "who is there?").await["conversation"]["id"]);
    nodes.shop.owner.patch("/api/v1/me", &json!({"name": "Olive Renamed"})).await.ok();
    until("what is said over an older socket of the other node has the new name", async || {
        let said = json!({"client_message_id": fresh_id(), "conversation": id, "text": "me"});
        operator.request("message.post", said).await.unwrap();
        let log = nodes.shop.owner.log(&id).await;
        (log.last().unwrap()["sender"]["name"] == "Olive Renamed").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_live_board_shows_the_visitors_of_all_nodes_on_each() {
    let Some(nodes) = Nodes::open(2, &[]).await else { return };
    let mut operator = nodes.socket_at(0).await;
    let channel = format!("b/{}", nodes.shop.tenant);
    operator.request("channel.join", json!({"channel": channel})).await.unwrap();
    operator.request("board.watch", json!({})).await.unwrap();
    let [here, there] = widgets(&nodes);
    let (first, second) = (visitor_at(&nodes, &here).await, visitor_at(&nodes, &there).await);
    let ids: HashSet<String> = [&first, &second].iter().map(|visitor| text(&visitor.welcome["visitor"]["id"])).collect();
    let mut put = HashSet::new();
    while !ids.is_subset(&put) {
        let changed = operator.event("board.changed").await;
        put.extend(changed["d"]["data"]["put"].as_array().unwrap().iter().map(|row| text(&row["id"])));
    }
    for owner in [nodes.shop.owner.clone(), nodes.owner_at(0)] {
        until("both are on the list of each node", async || {
            let list = owner.get("/api/v1/live-visitors").await.ok();
            let shown: HashSet<String> = list["items"].as_array().unwrap().iter().map(|row| text(&row["id"])).collect();
            (shown == ids).then_some(())
        })
        .await;
    }
    // Somebody on the first node is greeted from the second.
    let id = text(&first.welcome["visitor"]["id"]);
    let greeting = json!({"client_message_id": fresh_id(), "text": "good day"});
    let mut first = first;
    nodes.owner_at(0).post(&format!("/api/v1/visitors/{id}/greetings"), &greeting).await.ok();
    first.wait("the greeting", |frame| frame["d"]["data"]["text"] == "good day" || !frame["d"]["data"]["conversation"].is_null()).await;
    // Whoever leaves one node is off the board of the other.
    let left = text(&second.welcome["visitor"]["id"]);
    second.leave().await;
    until("who left is gone on both", async || {
        let here = nodes.shop.owner.get("/api/v1/live-visitors").await.ok();
        let there = nodes.owner_at(0).get("/api/v1/live-visitors").await.ok();
        let on = |list: &Value| list["items"].as_array().unwrap().iter().any(|row| row["id"] == json!(left));
        (!on(&here) && !on(&there)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn visitors_of_one_node_are_told_when_somebody_comes_and_goes_on_the_other() {
    let Some(nodes) = Nodes::open(2, &[]).await else { return };
    let [here, _] = widgets(&nodes);
    let mut visitor = visitor_at(&nodes, &here).await;
    assert_eq!(visitor.welcome["site"]["available"], false);
    let operator = nodes.socket_at(0).await;
    assert_eq!(visitor.event("site.availability_changed").await["d"]["data"]["available"], true);
    nodes.owner_at(0).patch("/api/v1/me", &json!({"availability": "away"})).await.ok();
    assert_eq!(visitor.event("site.availability_changed").await["d"]["data"]["available"], false);
    nodes.owner_at(0).patch("/api/v1/me", &json!({"availability": "online"})).await.ok();
    assert_eq!(visitor.event("site.availability_changed").await["d"]["data"]["available"], true);
    operator.leave().await;
    assert_eq!(visitor.event("site.availability_changed").await["d"]["data"]["available"], false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conversations_that_begin_on_every_node_are_each_given_to_one_operator_once() {
    let Some(nodes) = Nodes::open(2, &[]).await else { return };
    let colleague = nodes.shop.operator().await;
    let _desks = (nodes.shop.socket_of(&nodes.shop.owner).await, nodes.others[0].socket_of(&colleague.at(&nodes.others[0].console)).await);
    until("both are there", async || {
        let list = nodes.shop.owner.get("/api/v1/operators").await.ok();
        (list["items"].as_array().unwrap().iter().filter(|operator| operator["present"] == true).count() == 2).then_some(())
    })
    .await;
    nodes.shop.routes(&json!({"mode": "least_busy"})).await;
    let widgets = widgets(&nodes);
    let beginning = (0..10).map(|number| {
        let (widget, nodes) = (&widgets[number % 2], &nodes);
        async move {
            let mut visitor = visitor_at(nodes, widget).await;
            let id = text(&visitor.post(None, "hello").await["conversation"]["id"]);
            (visitor, id)
        }
    });
    let begun = futures_util::future::join_all(beginning).await;
    let mut loads = BTreeMap::<String, usize>::new();
    for (_, id) in &begun {
        let assignee = until("everybody has somebody", async || {
            let row = nodes.shop.owner.get(&format!("/api/v1/conversations/{id}")).await.ok();
            row["assignee"]["id"].as_str().map(str::to_owned)
        })
        .await;
        *loads.entry(assignee).or_default() += 1;
    }
    for (_, id) in &begun {
        let log = nodes.shop.owner.log(id).await;
        let assigned = log.iter().filter(|entry| entry["type"] == "conversation.assigned").count();
        assert_eq!(assigned, 1, "{log:?}");
    }
    assert_eq!(loads.values().copied().collect::<Vec<_>>(), [5, 5]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_is_taken_out_under_traffic_and_no_post_is_lost() {
    let Some(mut nodes) = Nodes::open(2, &[]).await else { return };
    let site = nodes.shop.site.clone();
    let (leaving, staying) = (nodes.others[0].widget.clone(), nodes.shop.widget.clone());
    let mut visitor = visitor_at(&nodes, &leaving).await;
    let ticket = visitor.ticket().to_owned();
    let id = text(&visitor.post(None, "0").await["conversation"]["id"]);
    let mut posts = Vec::new();
    for number in 1..=60 {
        let post = json!({"client_message_id": fresh_id(), "conversation": id, "text": number.to_string()});
        visitor.ask("message.post", &post).await;
        posts.push(post);
    }
    nodes.others[0].ask_to_stop();
    let bye = visitor.bye().await;
    assert_eq!(bye["code"], 4000);
    let acknowledged = visitor.heard().filter(|frame| frame["t"] == "res" && frame["ok"].is_object()).count();
    let began = Instant::now();
    let mut again = hello(&site, Some(&ticket));
    again["after"] = json!({ (id.clone()): 0 });
    let mut visitor = Socket::open(&staying, Some(&site.origin)).await.hello(again).await;
    for post in posts {
        visitor.request("message.post", post).await.unwrap();
    }
    println!("{acknowledged} of 60 posts were acknowledged before the node went; the rest took {:?}", began.elapsed());
    nodes.others[0].stopped().await;
    let expected: Vec<String> = (0..=60).map(|number| number.to_string()).collect();
    let mut stored = texts(&nodes.shop.owner.log(&id).await);
    stored.sort_by_key(|text| text.parse::<usize>().unwrap());
    assert_eq!(stored, expected, "each once");
    until("the node that goes on is alone", async || (nodes.shop.nobody().get("/readyz").await.ok()["nodes"] == 1).then_some(())).await;
    assert!(began.elapsed() < Duration::from_mins(1));
}
