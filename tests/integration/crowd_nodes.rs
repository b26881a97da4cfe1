//! A crowd whose members are on three nodes: all of them hear the same, what keeps order holds everywhere at once, and every node counts the same.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::app::{hello, text};
use crate::cluster::{Nodes, until};
use crate::operator::fresh_id;
use crate::socket::Socket;

/// Members of each node; all of them together are fewer than one address may bring in a minute.
const EACH: usize = 80;
/// What is promised within a second; a machine that runs every other test as well is given more.
const SOON: Duration = Duration::from_secs(5);
/// Members are read when the test asks them: nobody is to be found silent meanwhile.
const HEARTBEAT: [&str; 2] = ["--heartbeat-ms", "120000"];

struct Crowd {
    nodes: Nodes,
    id: String,
}

impl Crowd {
    async fn open() -> Option<Self> {
        let nodes = Nodes::open(3, &HEARTBEAT).await?;
        let path = format!("/api/v1/sites/{}/crowds", nodes.shop.site.id);
        let made = nodes.shop.owner.post(&path, &json!({"key": "live-1", "name": "Autumn sale live"})).await;
        let id = text(&made.ok()["id"]);
        Some(Self { nodes, id })
    }

    fn widget(&self, node: usize) -> &str {
        node.checked_sub(1).map_or(&self.nodes.shop.widget, |other| &self.nodes.others[other].widget)
    }

    async fn visitor(&self, node: usize, ticket: Option<&str>) -> Socket {
        let site = &self.nodes.shop.site;
        let mut visitor = Socket::open(self.widget(node), Some(&site.origin)).await.hello(hello(site, ticket)).await;
        visitor.request("crowd.join", json!({"key": "live-1"})).await.unwrap();
        visitor
    }

    async fn rename(&self, member: &mut Socket, name: &str) {
        member.request("crowd.rename", json!({"crowd": self.id, "name": name})).await.unwrap();
    }

    /// So many members on each node, the nodes at the same time.
    async fn fill(&self) -> [Vec<Socket>; 3] {
        let fill = |node| async move {
            let mut members = Vec::new();
            for _ in 0..EACH {
                members.push(self.visitor(node, None).await);
            }
            members
        };
        let (first, second, third) = tokio::join!(fill(0), fill(1), fill(2));
        [first, second, third]
    }

    /// How many members each node says there are.
    async fn counts(&self) -> Vec<Value> {
        let path = format!("/api/v1/sites/{}/crowds", self.nodes.shop.site.id);
        let (second, third) = (self.nodes.owner_at(0), self.nodes.owner_at(1));
        let mut counts = Vec::new();
        for owner in [&self.nodes.shop.owner, &second, &third] {
            counts.push(owner.get(&path).await.ok()["items"][0]["members"].clone());
        }
        counts
    }

    /// Every node counts so many; says how long that took.
    async fn counted(&self, members: usize) -> Duration {
        let began = Instant::now();
        until("every node counts the same", async || self.counts().await.iter().all(|count| *count == members).then_some(())).await;
        began.elapsed()
    }
}

async fn say(member: &mut Socket, crowd: &str, said: &str) -> Result<Value, Value> {
    member.request("crowd.post", json!({"crowd": crowd, "client_message_id": fresh_id(), "text": said})).await
}

/// What each of them hears of this kind, and when the last heard it.
async fn all_hear(members: &mut [Vec<Socket>; 3], kind: &str, since: Instant) -> (Vec<Value>, Duration) {
    let hearing = members.iter_mut().flatten().map(|member| async move { (member.event(kind).await["d"].clone(), since.elapsed()) });
    let heard = join_all(hearing).await;
    let last = heard.iter().map(|(_, at)| *at).max().unwrap();
    (heard.into_iter().map(|(event, _)| event).collect(), last)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_on_three_nodes_is_frozen_and_muted_everywhere_at_once_and_counted_alike() {
    let Some(crowd) = Crowd::open().await else { return };
    let mut members = crowd.fill().await;
    println!("{} members are counted by all nodes {:?} after the last came", 3 * EACH, crowd.counted(3 * EACH).await);
    for (node, members) in members.iter_mut().enumerate() {
        crowd.rename(&mut members[0], &format!("Member of node {node}")).await;
    }
    let mut operator = crowd.nodes.shop.socket_of(&crowd.nodes.shop.owner).await;

    for (node, name) in ["first", "second", "third"].into_iter().enumerate() {
        let began = Instant::now();
        say(&mut members[node][0], &crowd.id, name).await.unwrap();
        let (heard, took) = all_hear(&mut members, "message.posted", began).await;
        assert!(heard.iter().all(|entry| entry["data"]["text"] == name && entry["seq"] == node + 1));
        println!("what a member of node {node} says is heard by all {} within {took:?}", heard.len());
    }

    for frozen in [true, false] {
        let began = Instant::now();
        operator.request("crowd.freeze", json!({"crowd": crowd.id, "frozen": frozen})).await.unwrap();
        for members in &mut members {
            // From the answer on, wherever one is; each says so once only, for posts have a rate.
            let said = say(&mut members[0], &crowd.id, "and I?").await;
            assert_eq!(said.is_err(), frozen, "{said:?}");
            assert!(said.err().is_none_or(|refused| refused["reason"] == "crowd_frozen"));
        }
        let (heard, took) = all_hear(&mut members, "crowd.changed", began).await;
        assert!(heard.iter().all(|event| event["data"]["crowd"]["frozen"] == frozen));
        println!("frozen {frozen}: told to all {} within {took:?}", heard.len());
        assert!(took < SOON, "{took:?}");
    }

    // One visitor, who is here on two nodes.
    let mut second = crowd.visitor(1, Some(members[2][0].ticket())).await;
    let who = text(&members[2][0].welcome["visitor"]["id"]);
    let began = Instant::now();
    operator.request("crowd.mute", json!({"crowd": crowd.id, "visitor": who, "muted": true, "minutes": 5})).await.unwrap();
    for tab in [&mut members[2][0], &mut second] {
        assert_eq!(say(tab, &crowd.id, "but").await.unwrap_err()["reason"], "crowd_muted");
        assert_eq!(tab.event("crowd.muted").await["d"]["data"]["crowd"], json!(crowd.id));
    }
    let took = began.elapsed();
    println!("muted on two nodes within {took:?}");
    assert!(took < SOON, "{took:?}");
    say(&mut members[1][0], &crowd.id, "I may").await.unwrap();

    println!("one more is counted {:?} after it came", crowd.counted(3 * EACH + 1).await);
    second.leave().await;
    for member in std::mem::take(&mut members[1]) {
        member.leave().await;
    }
    println!("{} are counted {:?} after the last of the others left", 2 * EACH, crowd.counted(2 * EACH).await);
}
