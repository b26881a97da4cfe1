//! Random histories against a naive model: whatever happens, the derived maps say what the entries say.

use std::net::{IpAddr, Ipv4Addr};

use proptest::prelude::*;

use super::*;

impl<T: Clone> Connections<T> {
    /// Compares every derived map with the entries it is derived from.
    pub(crate) fn check_invariants(&self) -> Result<(), String> {
        let mut memberships = 0;
        for (id, entry) in &self.entries {
            let known = self.by_principal.get(&entry.identity.principal).is_some_and(|ids| ids.contains(id));
            check(known, || format!("{id} is missing from its principal"))?;
            check(self.by_slice[id.slice(SLICES)].contains(id), || format!("{id} is missing from its slice"))?;
            for channel in entry.channels.keys() {
                memberships += 1;
                let member = self.by_channel.get(channel).is_some_and(|members| members.contains_key(id));
                check(member, || format!("{id} is missing from {channel}"))?;
            }
        }
        let listed: usize = self.by_channel.values().map(BTreeMap::len).sum();
        check(memberships == listed && listed == self.members, || format!("{memberships} memberships, {listed} listed"))?;
        check(self.by_channel.values().all(|members| !members.is_empty()), || "an empty channel is kept".to_owned())?;
        let principals: usize = self.by_principal.values().map(BTreeSet::len).sum();
        check(principals == self.entries.len(), || "a principal lists a connection that is gone".to_owned())?;
        check(self.by_principal.values().all(|ids| !ids.is_empty()), || "an absent principal is kept".to_owned())?;
        let slices: usize = self.by_slice.iter().map(BTreeSet::len).sum();
        check(slices == self.entries.len(), || "a slice lists a connection that is gone".to_owned())?;
        check(self.by_address.values().all(|count| *count > 0), || "an address without sockets is kept".to_owned())
    }
}

fn check(holds: bool, says: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(says()) }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Insert { principal: u8, device: u8 },
    Remove { nth: usize },
    Join { nth: usize, channel: u8, logged: bool },
    Leave { nth: usize, channel: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..4u8, 0..3u8).prop_map(|(principal, device)| Step::Insert { principal, device }),
        any::<usize>().prop_map(|nth| Step::Remove { nth }),
        (any::<usize>(), 0..5u8, any::<bool>()).prop_map(|(nth, channel, logged)| Step::Join { nth, channel, logged }),
        (any::<usize>(), 0..5u8).prop_map(|(nth, channel)| Step::Leave { nth, channel }),
    ]
}

fn identity(principal: u8, device: u8) -> Identity {
    Identity { principal: principal.to_string().into(), device: device.to_string().into() }
}

fn channel(number: u8) -> ChannelId {
    ChannelId::from(number.to_string())
}

#[derive(Default)]
struct Model {
    connections: Vec<(ConnectionId, u8, u8)>,
    members: BTreeSet<(u8, ConnectionId)>,
}

impl Model {
    fn nth(&self, nth: usize) -> Option<ConnectionId> {
        (!self.connections.is_empty()).then(|| self.connections[nth % self.connections.len()].0)
    }

    fn count(&self, channel: u8) -> usize {
        self.members.iter().filter(|(member_of, _)| *member_of == channel).count()
    }

    fn take(&mut self, index: &mut Connections<ConnectionId>, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Insert { principal, device } => {
                let id = ConnectionId::new(&Entropy::system());
                index.insert(id, identity(principal, device), id);
                self.connections.push((id, principal, device));
            }
            Step::Remove { nth } => {
                let Some(id) = self.nth(nth) else { return Ok(()) };
                let before: Vec<u8> = (0..5).filter(|c| self.count(*c) > 0).collect();
                self.connections.retain(|(other, ..)| *other != id);
                self.members.retain(|(_, member)| *member != id);
                let mut expected: Vec<ChannelId> = before.into_iter().filter(|c| self.count(*c) == 0).map(channel).collect();
                expected.sort();
                let emptied = index.remove(id).map(|(_, left)| {
                    left.into_iter().filter(|(_, change)| *change == Change::Last).map(|(channel, _)| channel).collect::<Vec<_>>()
                });
                prop_assert_eq!(emptied, Some(expected));
            }
            Step::Join { nth, channel: number, logged } => {
                let Some(id) = self.nth(nth) else { return Ok(()) };
                let first = self.count(number) == 0;
                let change = index.join(id, &Membership { channel: channel(number), logged });
                self.members.insert((number, id));
                prop_assert_eq!(change == Change::First, first);
            }
            Step::Leave { nth, channel: number } => {
                let Some(id) = self.nth(nth) else { return Ok(()) };
                let was = self.members.remove(&(number, id));
                let change = index.leave(id, &channel(number));
                prop_assert_eq!(change == Change::Last, was && self.count(number) == 0);
            }
        }
        Ok(())
    }

    fn compare(&self, index: &Connections<ConnectionId>) -> Result<(), TestCaseError> {
        for number in 0..5 {
            let found: BTreeSet<_> = index.members(&channel(number)).map(|(id, handle)| (id, *handle)).collect();
            let expected: BTreeSet<_> = self.members.iter().filter(|(c, _)| *c == number).map(|(_, id)| (*id, *id)).collect();
            prop_assert_eq!(&found, &expected);
            prop_assert_eq!(index.member_count(&channel(number)), expected.len());
        }
        for principal in 0..4 {
            for device in 0..3 {
                let found: BTreeSet<_> = index.of_principal(&principal.to_string(), Some(&device.to_string())).into_iter().collect();
                let expected: BTreeSet<_> =
                    self.connections.iter().filter(|(_, p, d)| (*p, *d) == (principal, device)).map(|(id, ..)| *id).collect();
                prop_assert_eq!(found, expected);
            }
        }
        let sliced: BTreeSet<_> = (0..SLICES).flat_map(|slice| index.slice(slice)).collect();
        prop_assert_eq!(sliced, self.connections.iter().map(|(id, ..)| *id).collect::<BTreeSet<_>>());
        Ok(())
    }
}

proptest! {
    #[test]
    fn every_history_leaves_the_index_consistent(steps in prop::collection::vec(step(), 0..80)) {
        let mut index = Connections::new();
        let mut model = Model::default();
        for step in steps {
            model.take(&mut index, step)?;
            index.check_invariants().map_err(TestCaseError::fail)?;
        }
        model.compare(&index)?;
    }
}

#[test]
fn an_address_is_refused_at_its_limit_and_admitted_again_after_a_release() {
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let mut index: Connections<()> = Connections::new();
    assert!(index.admit("a", peer, 2) && index.admit("a", peer, 2));
    assert!(!index.admit("a", peer, 2));
    assert!(index.admit("b", peer, 2), "another listener counts for itself");
    index.release("a", peer);
    assert!(index.admit("a", peer, 2));
    assert!(index.admit("a", peer, 0), "zero is no limit");
    index.check_invariants().unwrap();
}

#[test]
fn a_second_join_of_a_channel_changes_nothing() {
    let mut index = Connections::new();
    let id = ConnectionId::new(&Entropy::system());
    let membership = Membership { channel: channel(1), logged: true };
    index.insert(id, identity(1, 1), ());
    assert_eq!(index.join(id, &membership), Change::First);
    assert_eq!(index.join(id, &membership), Change::None);
    assert_eq!(index.logged_channels(id), vec![channel(1)]);
    assert_eq!(index.join(ConnectionId::new(&Entropy::system()), &membership), Change::None, "an unknown connection joins nothing");
    index.check_invariants().unwrap();
}
