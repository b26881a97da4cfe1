//! Which node a new session goes to: a pure decision. Members of a channel are gathered on one node, because a fan-out within a node is the
//! cheapest, until that node has its share; then the channel spills to the next. Where nobody is yet, a hash of the channel chooses among the
//! nodes that are below their share, the more the further below they are. Times are passed in.
//!
//! A node may exceed its share a little to keep a channel together, as long as no other is in need: a node that joined late, or lost much, would
//! otherwise wait for new channels while those that live go on filling the others. While one is, who comes to a channel whose node has its share
//! goes there instead.
//!
//! Busyness counts in levels, with hysteresis, and for new channels only: a channel that lives stays where it is when a level changes.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::channel::ChannelId;
use crate::registry::{NodeId, NodeRecord};
use crate::roster::chance;

#[cfg(test)]
mod tests;

/// The thresholds of an [`Allocation`].
#[derive(Clone, Debug)]
pub struct AllocationOptions {
    /// From which load (0 to 1) a level holds and what weight it leaves a node, in ascending order; below the first the weight is whole.
    pub levels: Vec<Level>,
    /// A level is left only when the load is this far below where it begins. 0.05.
    pub hysteresis: f64,
    /// By how much of its share a node may exceed it to keep the members of a channel together, and how far below it another one is in need,
    /// which ends that. 0.05.
    pub slack: f64,
    /// A node is never full, and never in need, with fewer sessions than this part of its weight: few people are not worth to be divided. 0.01.
    pub floor: f64,
    /// How long a channel is remembered where it was sent, until its members are seen there. 30 s.
    pub remembered: Duration,
}

/// One level of load.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    /// Where it begins.
    pub from: f64,
    /// What part of a node's weight is left.
    pub weight: f64,
}

impl Default for AllocationOptions {
    fn default() -> Self {
        let level = |from, weight| Level { from, weight };
        Self {
            levels: vec![level(0.5, 0.75), level(0.7, 0.5), level(0.85, 0.25), level(0.95, 0.0)],
            hysteresis: 0.05,
            slack: 0.05,
            floor: 0.01,
            remembered: Duration::from_secs(30),
        }
    }
}

struct Node {
    weight: f64,
    /// How many of the levels it has reached.
    level: usize,
    load: f64,
    sessions: f64,
    alive_until: Instant,
}

/// Where new sessions go. Every node keeps one of its own; fed with the same, they decide the same.
pub struct Allocation {
    options: AllocationOptions,
    nodes: BTreeMap<NodeId, Node>,
    /// Where channels were sent lately.
    sent: HashMap<ChannelId, (NodeId, Instant)>,
    forgetting: VecDeque<(Instant, ChannelId)>,
}

impl Allocation {
    /// Knows no node.
    pub fn new(options: AllocationOptions) -> Self {
        Self { options, nodes: BTreeMap::new(), sent: HashMap::new(), forgetting: VecDeque::new() }
    }

    /// Takes the nodes that the registry knows, and until when at least. Others are not handed out any more.
    pub fn observe(&mut self, records: &[NodeRecord], alive_until: Instant) {
        let mut before = std::mem::take(&mut self.nodes);
        for record in records {
            let level = self.options.level(before.remove(&record.id).map_or(0, |node| node.level), record.load);
            let sessions = f64::from(u32::try_from(record.connections).unwrap_or(u32::MAX));
            let node = Node { weight: f64::from(record.weight), level, load: record.load, sessions, alive_until };
            self.nodes.insert(record.id, node);
        }
    }

    /// The node for a new session of a channel, whose members are on `live` (nodes and how many); `None` when no node is alive. Counts the
    /// session, until the next `observe`.
    pub fn place(&mut self, channel: &ChannelId, live: &[(NodeId, usize)], now: Instant) -> Option<NodeId> {
        self.forget(now);
        let chosen = self.gathered(channel, live, now).or_else(|| self.fresh(channel, now))?;
        if let Some(node) = self.nodes.get_mut(&chosen) {
            node.sessions += 1.0;
        }
        let until = now + self.options.remembered;
        self.sent.insert(channel.clone(), (chosen, until));
        self.forgetting.push_back((until, channel.clone()));
        Some(chosen)
    }

    /// The node of a channel's members that has room, the one with most members first.
    fn gathered(&self, channel: &ChannelId, live: &[(NodeId, usize)], now: Instant) -> Option<NodeId> {
        let sent = self.sent.get(channel).map(|(node, _)| (*node, 0));
        let mut candidates: Vec<_> = live.iter().copied().chain(sent).collect();
        candidates.sort_by_key(|(node, members)| (std::cmp::Reverse(*members), std::cmp::Reverse(chance(channel.as_str(), *node))));
        // Levels do not count here: a living channel is not moved because its node got busier, only because the node is full.
        let of_weight = self.sessions_of_weight(now, |node| node.weight);
        let slack = if self.is_one_in_need(of_weight, now) { 0.0 } else { self.options.slack };
        let has_room = |id: &NodeId| {
            self.nodes.get(id).is_some_and(|node| {
                let full = (of_weight * node.weight * (1.0 + slack)).max(self.few(node));
                node.alive_until > now && node.load < 1.0 && node.sessions < full
            })
        };
        candidates.into_iter().map(|(node, _)| node).find(has_room)
    }

    /// Whether a node is far below its share. One that is held back because it is busy is not.
    fn is_one_in_need(&self, of_weight: f64, now: Instant) -> bool {
        self.nodes.values().any(|node| {
            let enough = of_weight * node.weight * (1.0 - self.options.slack);
            node.alive_until > now && node.level == 0 && enough > self.few(node) && node.sessions < enough
        })
    }

    /// How many sessions are few for a node.
    fn few(&self, node: &Node) -> f64 {
        (node.weight * self.options.floor).max(1.0)
    }

    /// The first in the channel's own order of the nodes that are below their share.
    fn fresh(&self, channel: &ChannelId, now: Instant) -> Option<NodeId> {
        let by_level = |node: &Node| node.weight * self.options.left(node.level);
        // All may be full: better a full node than none.
        self.first_below(channel, now, by_level).or_else(|| self.first_below(channel, now, |node| node.weight))
    }

    fn first_below(&self, channel: &ChannelId, now: Instant, weight: impl Fn(&Node) -> f64) -> Option<NodeId> {
        let of_weight = self.sessions_of_weight(now, &weight);
        let usable = |node: &Node| node.alive_until > now && weight(node) > 0.0;
        // How much of its share it lacks.
        let lack = |node: &Node| 1.0 - node.sessions / (of_weight * weight(node));
        // Weighted rendezvous hashing (Schindelhauer and Schomaker, 2005): the smallest -ln(u)/weight wins.
        let draw = |id: &NodeId, node: &Node| -unit(chance(channel.as_str(), *id)).ln() / (weight(node) * lack(node));
        let candidates = self.nodes.iter().filter(|(_, node)| usable(node) && lack(node) > 0.0).map(|(id, node)| (draw(id, node), *id));
        candidates.min_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, id)| id)
    }

    /// How many of all sessions, with the one to come, belong to one of weight on the nodes that are alive.
    fn sessions_of_weight(&self, now: Instant, weight: impl Fn(&Node) -> f64) -> f64 {
        let alive = self.nodes.values().filter(|node| node.alive_until > now);
        let (sessions, weights) = alive.fold((1.0, 0.0), |(sessions, weights), node| (sessions + node.sessions, weights + weight(node)));
        if weights > 0.0 { sessions / weights } else { 0.0 }
    }

    fn forget(&mut self, now: Instant) {
        while let Some((until, channel)) = self.forgetting.pop_front_if(|(until, _)| *until <= now) {
            // Sent again since, it is remembered longer.
            if self.sent.get(&channel).is_some_and(|(_, newest)| *newest <= until) {
                self.sent.remove(&channel);
            }
        }
    }
}

impl AllocationOptions {
    /// The level of a load, coming from another level.
    fn level(&self, before: usize, load: f64) -> usize {
        let reached = self.levels.iter().take_while(|level| load >= level.from).count();
        let held = self.levels.iter().take(before).take_while(|level| load >= level.from - self.hysteresis).count();
        reached.max(held)
    }

    fn left(&self, level: usize) -> f64 {
        level.checked_sub(1).and_then(|index| self.levels.get(index)).map_or(1.0, |level| level.weight)
    }
}

/// A hash as a number between 0 and 1, neither included.
fn unit(hash: u64) -> f64 {
    let [high, _] = [hash >> 32, hash & u64::from(u32::MAX)].map(|half| u32::try_from(half).unwrap_or(u32::MAX));
    (f64::from(high) + 0.5) / (f64::from(u32::MAX) + 1.0)
}
