//! Simulated sessions over nodes that come and go.

use std::collections::HashSet;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const LEASE: Duration = Duration::from_secs(10);

fn record(number: u128, weight: u32, connections: usize, load: f64) -> NodeRecord {
    NodeRecord { id: NodeId(Uuid::from_u128(number)), address: None, connections, weight, load, about: serde_json::Value::Null }
}

struct World {
    allocation: Allocation,
    weights: BTreeMap<NodeId, u32>,
    sessions: BTreeMap<NodeId, usize>,
    /// Members of each channel on each node.
    channels: HashMap<u64, BTreeMap<NodeId, usize>>,
    /// Every session: channel and node.
    all: Vec<(u64, NodeId)>,
    now: Instant,
    random: u64,
    next_node: u128,
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            allocation: Allocation::new(AllocationOptions::default()),
            weights: BTreeMap::new(),
            sessions: BTreeMap::new(),
            channels: HashMap::new(),
            all: Vec::new(),
            now: Instant::now(),
            random: seed | 1,
            next_node: 1,
        }
    }

    fn random(&mut self, below: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random % below as u64).unwrap()
    }

    fn observe(&mut self) {
        let records: Vec<_> = self
            .weights
            .iter()
            .map(|(id, weight)| record(id.0.as_u128(), *weight, self.sessions.get(id).copied().unwrap_or(0), 0.2))
            .collect();
        self.allocation.observe(&records, self.now + LEASE);
    }

    fn add_node(&mut self) {
        let weight = [50, 100, 100, 200][self.random(4)];
        self.weights.insert(NodeId(Uuid::from_u128(self.next_node)), weight);
        self.next_node += 1;
        self.observe();
    }

    /// A node dies; its sessions ask again.
    fn kill_node(&mut self) {
        let nodes: Vec<NodeId> = self.weights.keys().copied().collect();
        let dead = nodes[self.random(nodes.len())];
        self.weights.remove(&dead);
        self.sessions.remove(&dead);
        self.observe();
        for nodes in self.channels.values_mut() {
            nodes.remove(&dead);
        }
        let (again, stay): (Vec<_>, Vec<_>) = std::mem::take(&mut self.all).into_iter().partition(|(_, node)| *node == dead);
        self.all = stay;
        for (channel, _) in again {
            self.come(channel);
        }
    }

    fn come(&mut self, channel: u64) {
        let live: Vec<_> = self.channels.get(&channel).into_iter().flatten().map(|(node, count)| (*node, *count)).collect();
        let node = self.allocation.place(&channel.to_string().into(), &live, self.now).unwrap();
        assert!(self.weights.contains_key(&node), "a node that is gone was handed out");
        *self.sessions.entry(node).or_default() += 1;
        *self.channels.entry(channel).or_default().entry(node).or_default() += 1;
        self.all.push((channel, node));
        if self.all.len().is_multiple_of(100) {
            self.now += Duration::from_millis(100);
            self.observe();
        }
    }

    fn go(&mut self) {
        let gone = self.random(self.all.len());
        let (channel, node) = self.all.swap_remove(gone);
        *self.sessions.get_mut(&node).unwrap() -= 1;
        let members = self.channels.get_mut(&channel).unwrap();
        *members.get_mut(&node).unwrap() -= 1;
        members.retain(|_, count| *count > 0);
        if members.is_empty() {
            self.channels.remove(&channel);
        }
    }

    fn spread(&self) -> Vec<f64> {
        let weights: f64 = self.weights.values().map(|weight| f64::from(*weight)).sum();
        let all = f64::from(u32::try_from(self.all.len()).unwrap());
        let sessions = |id| f64::from(u32::try_from(self.sessions.get(id).copied().unwrap_or(0)).unwrap());
        self.weights.iter().map(|(id, weight)| sessions(id) / (all * f64::from(*weight) / weights)).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3))]

    #[test]
    fn a_hundred_thousand_sessions_are_spread_by_weight_while_nodes_come_and_go(
        seed in any::<u64>(),
        nodes in 2..=50usize,
        events in prop::collection::vec(any::<bool>(), 0..4),
    ) {
        let mut world = World::new(seed);
        (0..nodes).for_each(|_| world.add_node());
        let channel = |world: &mut World| u64::try_from(world.random(20_000)).unwrap();
        for _ in 0..60_000 {
            let channel = channel(&mut world);
            world.come(channel);
        }
        for add in events {
            if add && world.weights.len() < 50 || world.weights.len() <= 2 { world.add_node() } else { world.kill_node() }
        }
        for _ in 0..40_000 {
            let channel = channel(&mut world);
            world.come(channel);
            world.go();
        }
        for _ in 0..40_000 {
            let channel = channel(&mut world);
            world.come(channel);
        }
        prop_assert_eq!(world.all.len(), 100_000);
        let spread = world.spread();
        prop_assert!(spread.iter().all(|part| (0.9..=1.1).contains(part)), "{:?}", spread);
    }
}

/// Whoever comes while a node is in need comes to it, unless their channel's own node is below its share too: so three times its share of
/// comers are enough, on nodes where as many go as come.
#[test]
fn a_node_that_joins_has_its_share_when_three_times_as_many_have_come() {
    for nodes in [2, 5, 20, 49] {
        let mut world = World::new(nodes);
        (0..nodes).for_each(|_| world.add_node());
        let channel = |world: &mut World| u64::try_from(world.random(4_000)).unwrap();
        for _ in 0..20_000 {
            let channel = channel(&mut world);
            world.come(channel);
        }
        world.add_node();
        let weights: u32 = world.weights.values().sum();
        let newest = *world.weights.values().last().unwrap();
        for _ in 0..20_000 * 3 * newest / weights {
            let channel = channel(&mut world);
            world.come(channel);
            world.go();
        }
        let spread = world.spread();
        assert!(spread.iter().all(|part| (0.9..=1.1).contains(part)), "{nodes} nodes and one more: {spread:?}");
    }
}

#[test]
fn few_people_stay_together_however_many_nodes_there_are() {
    let now = Instant::now();
    let mut allocation = Allocation::new(AllocationOptions::default());
    let records: Vec<_> = (1..=10).map(|n| record(n, 10_000, 0, 0.0)).collect();
    allocation.observe(&records, now + LEASE);
    let first = allocation.place(&"a".into(), &[], now);
    assert!((1..90).all(|members| allocation.place(&"a".into(), &[(first.unwrap(), members)], now) == first));
}

#[test]
fn members_of_a_channel_are_together_until_the_share_is_full_then_the_next_node_gathers_them() {
    let mut world = World::new(7);
    (0..4).for_each(|_| world.add_node());
    world.weights.values_mut().for_each(|weight| *weight = 100);
    world.observe();
    for channel in 1..4_000 {
        world.come(channel);
    }
    let before: HashMap<NodeId, usize> = world.sessions.iter().map(|(id, count)| (*id, *count)).collect();
    for _ in 0..1_000 {
        world.come(0);
    }
    let on = &world.channels[&0];
    assert!(on.len() > 1, "a quarter more than all there was does not fit on one node");
    let all = 5_000.0 / 4.0 * 1.05;
    let full = |id: &NodeId| f64::from(u32::try_from(world.sessions[id]).unwrap()) >= all * 0.9;
    let mut gathered: Vec<_> = on.iter().map(|(id, count)| (*count, *id)).collect();
    gathered.sort_unstable();
    assert!(gathered.iter().skip(1).all(|(_, id)| full(id)), "only the last one has room left: {gathered:?} {before:?}");

    let mut small = World::new(9);
    (0..10).for_each(|_| small.add_node());
    for _ in 0..20_000 {
        let channel = u64::try_from(small.random(4_000)).unwrap();
        small.come(channel);
    }
    let together = small.channels.values().filter(|nodes| nodes.len() == 1).count();
    assert!(together * 100 >= small.channels.len() * 60, "{together} of {} channels are on one node", small.channels.len());
}

#[test]
fn levels_hold_until_the_load_is_clearly_lower() {
    let options = AllocationOptions::default();
    assert_eq!([0.0, 0.49, 0.5, 0.7, 0.9, 1.0].map(|load| options.level(0, load)), [0, 0, 1, 2, 3, 4]);
    assert_eq!([0.51, 0.49, 0.46, 0.44].map(|load| options.level(1, load)), [1, 1, 1, 0]);
    assert_eq!(options.level(4, 0.72), 2);
    let left = [0, 1, 2, 3, 4].map(|level| format!("{:.2}", options.left(level)));
    assert_eq!(left, ["1.00", "0.75", "0.50", "0.25", "0.00"]);
}

#[test]
fn a_living_channel_stays_when_a_level_changes_and_new_ones_go_elsewhere() {
    let now = Instant::now();
    let mut allocation = Allocation::new(AllocationOptions::default());
    let nodes = |load| [record(1, 100, 10, load), record(2, 100, 10, 0.1)];
    allocation.observe(&nodes(0.1), now + LEASE);
    let names: Vec<ChannelId> = (0..200).map(|n| n.to_string().into()).collect();
    let busy = NodeId(Uuid::from_u128(1));
    let living: Vec<_> = names.iter().take(10).collect();
    allocation.observe(&nodes(0.96), now + LEASE);
    for channel in living {
        assert_eq!(allocation.place(channel, &[(busy, 1)], now), Some(busy));
        allocation.observe(&nodes(0.96), now + LEASE);
    }
    for channel in names.iter().skip(10) {
        assert_ne!(allocation.place(channel, &[], now), Some(busy), "its weight is nothing");
        allocation.observe(&nodes(0.96), now + LEASE);
    }
    allocation.observe(&nodes(1.0), now + LEASE);
    assert_ne!(allocation.place(&names[0], &[(busy, 1)], now), Some(busy), "a full node takes nobody");
}

#[test]
fn a_node_is_handed_out_as_long_as_its_lease_runs_and_a_channel_goes_where_it_was_sent_before() {
    let now = Instant::now();
    let mut allocation = Allocation::new(AllocationOptions::default());
    assert_eq!(allocation.place(&"a".into(), &[], now), None);
    let records: Vec<_> = (1..=3).map(|n| record(n, 100, 1_000, 0.1)).collect();
    allocation.observe(&records, now + LEASE);
    let chosen = allocation.place(&"a".into(), &[], now).unwrap();
    assert!((0..20).all(|_| allocation.place(&"a".into(), &[], now) == Some(chosen)), "its members may not be seen there yet");
    let others: HashSet<_> = (0..50).filter_map(|n| allocation.place(&n.to_string().into(), &[], now)).collect();
    assert_eq!(others.len(), 3);
    let left: Vec<_> = records.into_iter().filter(|record| record.id != chosen).collect();
    allocation.observe(&left, now + LEASE);
    assert_ne!(allocation.place(&"a".into(), &[(chosen, 5)], now), Some(chosen), "it left");
    assert_eq!(allocation.place(&"b".into(), &[], now + LEASE), None, "all leases are over");
}
