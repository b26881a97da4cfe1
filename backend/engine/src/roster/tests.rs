//! Rosters that speak with one another directly, over a bus that loses what it likes.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const BEAT: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(8);

fn node(number: u128) -> NodeId {
    NodeId(Uuid::from_u128(number + 1))
}

fn identity(principal: &str) -> Identity {
    Identity { principal: principal.into(), device: "d".into() }
}

/// Some nodes, their clocks, and what their policies were told.
struct Nodes {
    rosters: Vec<Option<Roster>>,
    members: Vec<HashMap<ChannelId, usize>>,
    told: Vec<(String, bool)>,
    now: Instant,
}

impl Nodes {
    fn new(count: usize) -> Self {
        let now = Instant::now();
        let rosters = (0..count).map(|number| Some(Roster::new(node(number as u128), BEAT, now))).collect();
        let mut nodes = Self { rosters, members: vec![HashMap::new(); count], told: Vec::new(), now };
        nodes.pass(Duration::from_millis(1_200));
        nodes
    }

    fn local(&mut self, at: usize, principal: &str, present: bool) {
        let now = self.now;
        let told = self.rosters[at].as_mut().and_then(|roster| roster.local(&identity(principal), present, now));
        self.note(told);
    }

    fn note(&mut self, tells: impl IntoIterator<Item = Tell>) {
        self.told.extend(tells.into_iter().map(|tell| (tell.identity.principal.to_string(), tell.present)));
    }

    fn seat(&mut self, at: usize, channel: &str, count: usize) {
        self.members[at].insert(channel.into(), count);
        self.rosters[at].as_mut().unwrap().touched(&channel.into());
    }

    /// Everybody says what changed; `lost` says which pieces do not arrive where.
    fn exchange(&mut self, mut lost: impl FnMut() -> bool) {
        for from in 0..self.rosters.len() {
            let (members, now) = (self.members[from].clone(), self.now);
            let Some(roster) = self.rosters[from].as_mut() else { continue };
            let mut news = roster.changes(|channel| members.get(channel).copied().unwrap_or(0), now);
            news.push(roster.beat(now));
            self.spread(from, &news, &mut lost);
        }
    }

    fn spread(&mut self, from: usize, news: &[Numbered], lost: &mut dyn FnMut() -> bool) {
        let mut asked = false;
        for piece in news {
            for to in (0..self.rosters.len()).filter(|to| *to != from) {
                let piece: Numbered = serde_json::from_str(&serde_json::to_string(piece).unwrap()).unwrap();
                let now = self.now;
                if lost() {
                    continue;
                }
                match self.rosters[to].as_mut().map(|roster| roster.hear(node(from as u128), piece, now)) {
                    Some(Ok(tells)) => self.note(tells),
                    Some(Err(())) => asked = true,
                    None => {}
                }
            }
        }
        if asked {
            let members = self.members[from].clone();
            let now = self.now;
            let all = self.rosters[from].as_mut().unwrap().snapshot(members.iter().map(|(channel, count)| (channel, *count)), now);
            self.spread(from, &all, &mut || false);
        }
    }

    fn pass(&mut self, time: Duration) {
        self.pass_losing(time, false);
    }

    /// Time in which nobody hears anybody, or everybody hears all.
    fn pass_losing(&mut self, time: Duration, lost: bool) {
        let until = self.now + time;
        while self.now < until {
            self.now += Duration::from_millis(200);
            self.exchange(|| lost);
            for at in 0..self.rosters.len() {
                let now = self.now;
                let tells = self.rosters[at].as_mut().map(|roster| roster.sweep(PATIENCE, now));
                self.note(tells.into_iter().flatten());
            }
        }
    }

    fn told(&mut self) -> Vec<(String, bool)> {
        std::mem::take(&mut self.told)
    }

    fn everywhere(&self, principal: &str) -> Vec<bool> {
        self.rosters.iter().flatten().map(|roster| roster.is_present(principal)).collect()
    }
}

#[test]
fn who_comes_to_one_node_is_present_on_all_and_told_once() {
    let mut nodes = Nodes::new(3);
    for principal in ["ann", "bea", "cid", "dan"] {
        nodes.local(0, principal, true);
        nodes.exchange(|| false);
        nodes.local(1, principal, true);
        nodes.pass(Duration::from_secs(2));
        assert_eq!(nodes.everywhere(principal), [true; 3]);
        assert_eq!(nodes.told(), [(principal.to_owned(), true)]);
        nodes.local(0, principal, false);
        nodes.pass(Duration::from_secs(2));
        assert_eq!((nodes.everywhere(principal), nodes.told()), (vec![true; 3], vec![]));
        nodes.local(1, principal, false);
        nodes.pass(Duration::from_secs(2));
        assert_eq!((nodes.everywhere(principal), nodes.told()), (vec![false; 3], vec![(principal.to_owned(), false)]));
    }
    assert!(
        nodes.rosters.iter().flatten().all(|roster| roster.seats.is_empty() && roster.untold.is_empty()),
        "nothing is kept of who went"
    );
}

#[test]
fn members_of_a_channel_are_counted_over_all_nodes() {
    let mut nodes = Nodes::new(3);
    nodes.seat(0, "room", 2);
    nodes.seat(1, "room", 3);
    nodes.exchange(|| false);
    let remote = |nodes: &Nodes| nodes.rosters.iter().flatten().map(|roster| roster.remote_members(&"room".into())).collect::<Vec<_>>();
    assert_eq!(remote(&nodes), [3, 2, 5]);
    nodes.seat(1, "room", 0);
    nodes.exchange(|| false);
    assert_eq!(remote(&nodes), [0, 2, 2]);
}

#[test]
fn a_dead_node_is_forgotten_with_who_was_there_and_another_tells() {
    let mut nodes = Nodes::new(3);
    for principal in ["ann", "bea", "cid", "dan", "eve", "fay"] {
        nodes.local(2, principal, true);
    }
    nodes.seat(2, "room", 6);
    nodes.pass(Duration::from_secs(2));
    assert_eq!(nodes.told().len(), 6);
    nodes.rosters[2] = None;
    nodes.pass(Duration::from_secs(7));
    assert_eq!(nodes.told(), [], "it may be a pause only");
    nodes.pass(Duration::from_secs(2));
    let mut told = nodes.told();
    told.sort();
    assert_eq!(told.len(), 6, "{told:?}");
    assert!(told.iter().all(|(_, present)| !present));
    assert_eq!(nodes.rosters[0].as_ref().unwrap().remote_members(&"room".into()), 0);
}

#[test]
fn who_came_too_late_to_know_who_was_there_tells_all_the_same_that_they_are_gone() {
    let mut nodes = Nodes::new(2);
    let mut principals = ["ann", "bea", "cid", "dan", "eve", "fay"].map(|principal| (principal.to_owned(), false));
    for (principal, _) in &principals {
        nodes.local(0, principal, true);
    }
    nodes.pass(Duration::from_secs(2));
    nodes.told();
    nodes.rosters[0] = None;
    nodes.rosters.push(Some(Roster::new(node(2), BEAT, nodes.now)));
    nodes.members.push(HashMap::new());
    nodes.pass(PATIENCE + Duration::from_secs(3));
    let late = nodes.rosters[2].as_ref().unwrap();
    assert!(principals.iter().any(|(principal, _)| late.teller(principal, nodes.now) == Some(node(2))), "it has some to tell");
    let mut told = nodes.told();
    told.sort();
    principals.sort();
    assert_eq!(told, principals);
}

#[test]
fn who_was_on_a_node_that_goes_may_come_back_elsewhere_without_having_been_absent() {
    let mut nodes = Nodes::new(3);
    nodes.local(2, "ann", true);
    nodes.local(2, "bea", true);
    nodes.pass(Duration::from_secs(2));
    nodes.told();
    let now = nodes.now;
    let farewell = nodes.rosters[2].as_mut().unwrap().farewell(Duration::from_secs(5), now);
    nodes.spread(2, &[farewell], &mut || false);
    nodes.rosters[2] = None;
    nodes.local(0, "ann", true);
    nodes.pass(Duration::from_secs(7));
    assert_eq!(nodes.told(), [("bea".to_owned(), false)]);
    assert_eq!((nodes.everywhere("ann"), nodes.everywhere("bea")), (vec![true; 2], vec![false; 2]));
}

#[test]
fn a_node_that_hears_nobody_keeps_what_it_knew_and_tells_for_itself() {
    let mut nodes = Nodes::new(2);
    nodes.local(1, "far", true);
    nodes.pass(Duration::from_secs(2));
    nodes.told();
    let mut now = nodes.now;
    let alone = nodes.rosters[0].as_mut().unwrap();
    alone.hearing(false, now);
    now += Duration::from_mins(1);
    assert_eq!(alone.sweep(PATIENCE, now), []);
    assert!(alone.is_present("far"));
    assert!((0..20).all(|n| alone.local(&identity(&n.to_string()), true, now).is_some()));
    alone.hearing(true, now);
    assert_eq!(alone.sweep(PATIENCE, now + Duration::from_secs(7)), [], "who could not be heard has its whole patience again");
}

#[test]
fn an_absence_that_was_told_across_a_cut_is_taken_back_afterwards() {
    let mut nodes = Nodes::new(3);
    let names = ["ann", "bea", "cid", "dan", "eve", "fay"];
    for (number, name) in names.iter().enumerate() {
        nodes.local(number % 3, name, true);
    }
    nodes.pass(Duration::from_secs(2));
    assert_eq!(nodes.told().len(), names.len());
    // No node knows that it is cut off: each takes the others for dead.
    nodes.pass_losing(PATIENCE + Duration::from_secs(2), true);
    assert!(nodes.told().iter().any(|(_, present)| !present));
    nodes.pass(Duration::from_secs(5));
    let told = nodes.told();
    for name in names {
        assert_eq!(nodes.everywhere(name), [true; 3]);
        let last = told.iter().rev().find(|(who, _)| who == name);
        assert_eq!(last.map(|(_, present)| *present), Some(true), "{name}: {told:?}");
    }
    nodes.pass(Duration::from_mins(1));
    assert_eq!(nodes.told(), [], "and that is the end of it");
}

#[test]
fn who_is_elsewhere_when_a_node_dies_is_told_again_for_the_node_may_have_told_otherwise() {
    let mut nodes = Nodes::new(3);
    nodes.local(2, "ann", true);
    nodes.local(0, "ann", true);
    nodes.pass(Duration::from_secs(2));
    assert_eq!(nodes.told().len(), 1);
    nodes.rosters[2] = None;
    nodes.pass(PATIENCE + Duration::from_secs(2));
    assert_eq!(nodes.told(), [("ann".to_owned(), true)]);
}

proptest! {
    #[test]
    fn whatever_is_lost_all_nodes_agree_in_the_end_and_the_last_that_was_told_is_true(
        steps in prop::collection::vec((0..3usize, 0..4u8, any::<bool>(), 0..3usize), 1..60),
        seed in any::<u64>(),
    ) {
        let mut nodes = Nodes::new(3);
        let mut here: HashMap<(usize, u8), bool> = HashMap::new();
        let mut random = seed | 1;
        for (at, principal, present, count) in steps {
            if here.insert((at, principal), present).unwrap_or(false) != present {
                nodes.local(at, &principal.to_string(), present);
            }
            nodes.seat(at, &principal.to_string(), count);
            nodes.now += Duration::from_millis(70);
            nodes.exchange(|| {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                random.is_multiple_of(3)
            });
        }
        nodes.pass(Duration::from_secs(5));
        let told = nodes.told();
        for principal in 0..4u8 {
            let present = (0..3).any(|at| here.get(&(at, principal)).copied().unwrap_or(false));
            let name = principal.to_string();
            prop_assert_eq!(nodes.everywhere(&name), vec![present; 3]);
            let last = told.iter().rfind(|(told, _)| *told == name).is_some_and(|(_, present)| *present);
            prop_assert_eq!(last, present, "{:?}", told);
            for at in 0..3 {
                let elsewhere: usize = (0..3).filter(|other| *other != at).map(|other| nodes.members[other].get(&ChannelId::from(name.as_str())).copied().unwrap_or(0)).sum();
                prop_assert_eq!(nodes.rosters[at].as_ref().unwrap().remote_members(&name.as_str().into()), elsewhere);
            }
        }
    }
}
