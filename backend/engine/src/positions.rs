//! How far each logged channel was delivered to the members of this node: a pure decision. Publications of several nodes may overtake one
//! another or get lost on the bus; members here get them in the order of the log, each once, the missing ones out of the log. A node that
//! is alone does not need this: its writer publishes in the order of the log.
//!
//! Members know more than was delivered: what they read before they joined. So a number that is lower than all that was delivered is let
//! through, and the client's own rule (drop what you have) decides.

use std::collections::{BTreeMap, HashMap};

use crate::channel::{ChannelId, Publication};

/// Publications that are kept behind a hole; what is beyond is read from the log.
const HELD: usize = 256;

/// What to do with a publication.
#[derive(Debug)]
pub(crate) enum Offer {
    /// Send these, in this order.
    Deliver(Vec<Publication>),
    /// It stands behind a hole that somebody is asked to fill.
    Hole,
    /// It waits behind a hole that is known, or was delivered before.
    Nothing,
}

#[derive(Debug, Default)]
struct Position {
    /// Delivered is what is above this …
    from: u64,
    /// … up to and including this.
    have: u64,
    /// The log has entries up to this, as far as is known.
    top: u64,
    held: BTreeMap<u64, Publication>,
    /// Somebody was asked to fill the hole.
    asked: bool,
}

impl Position {
    /// What is held and follows without a hole.
    fn follow_up(&mut self, deliver: &mut Vec<Publication>) {
        while let Some(next) = self.held.remove(&(self.have + 1)) {
            self.have += 1;
            deliver.push(next);
        }
        self.held = self.held.split_off(&(self.have + 1));
        self.top = self.top.max(self.have);
    }
}

/// The positions of the logged channels that have members here.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    channels: HashMap<ChannelId, Position>,
}

impl Positions {
    /// Decides about a publication with a number.
    pub(crate) fn offer(&mut self, publication: Publication, seq: u64) -> Offer {
        let Some(position) = self.channels.get_mut(&publication.channel) else {
            let position = Position { from: seq.saturating_sub(1), have: seq, top: seq, ..Position::default() };
            self.channels.insert(publication.channel.clone(), position);
            return Offer::Deliver(vec![publication]);
        };
        if seq <= position.from {
            return Offer::Deliver(vec![publication]);
        }
        if seq <= position.have {
            return Offer::Nothing;
        }
        if seq > position.have + 1 {
            position.top = position.top.max(seq);
            if position.held.len() < HELD {
                position.held.insert(seq, publication);
            }
            return if std::mem::replace(&mut position.asked, true) { Offer::Nothing } else { Offer::Hole };
        }
        position.have = seq;
        let mut deliver = vec![publication];
        position.follow_up(&mut deliver);
        Offer::Deliver(deliver)
    }

    /// Members here were told this top, or have read up to it. Where nothing is known yet, delivery counts from here.
    pub(crate) fn anchor(&mut self, channel: &ChannelId, top: u64) {
        if !self.channels.contains_key(channel) {
            self.channels.insert(channel.clone(), Position { from: top, have: top, top, ..Position::default() });
        }
    }

    /// The log has this top. `true` when members here lack something of it; then `fill` it.
    pub(crate) fn behind(&mut self, channel: &ChannelId, top: u64) -> bool {
        self.anchor(channel, top);
        self.channels.get_mut(channel).is_some_and(|position| {
            position.top = position.top.max(top);
            position.asked = position.top > position.have;
            position.asked
        })
    }

    /// After which number members here lack something; `None` when they do not, and a later hole is asked for anew.
    pub(crate) fn hole(&mut self, channel: &ChannelId) -> Option<u64> {
        let position = self.channels.get_mut(channel)?;
        position.asked = position.top > position.have;
        position.asked.then_some(position.have)
    }

    /// What to send of entries that the log has after the hole's beginning. When it has none, what is held goes out as it is: entries that
    /// the log gave up are not waited for.
    pub(crate) fn fill(&mut self, channel: &ChannelId, entries: Vec<Publication>) -> Vec<Publication> {
        let Some(position) = self.channels.get_mut(channel) else { return Vec::new() };
        let mut deliver = Vec::with_capacity(entries.len());
        if entries.is_empty() {
            for (seq, held) in std::mem::take(&mut position.held) {
                position.have = seq;
                deliver.push(held);
            }
            position.have = position.have.max(position.top);
        }
        for entry in entries {
            let Some(seq) = entry.seq.filter(|seq| *seq > position.have) else { continue };
            position.have = seq;
            deliver.push(entry);
        }
        position.follow_up(&mut deliver);
        deliver
    }

    /// Nobody is a member here any more.
    pub(crate) fn forget(&mut self, channel: &ChannelId) {
        self.channels.remove(channel);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::value::to_raw_value;

    use super::*;

    fn publication(seq: u64) -> Publication {
        Publication { channel: "room".into(), seq: Some(seq), data: to_raw_value(&seq).unwrap().into() }
    }

    fn numbers(publications: &[Publication]) -> Vec<u64> {
        publications.iter().filter_map(|publication| publication.seq).collect()
    }

    fn offer(positions: &mut Positions, seq: u64) -> Vec<u64> {
        match positions.offer(publication(seq), seq) {
            Offer::Deliver(publications) => numbers(&publications),
            Offer::Hole | Offer::Nothing => Vec::new(),
        }
    }

    #[test]
    fn what_comes_in_order_passes_and_what_comes_twice_does_not() {
        let mut positions = Positions::default();
        assert_eq!([5, 6, 6, 5, 7].map(|seq| offer(&mut positions, seq)), [vec![5], vec![6], vec![], vec![], vec![7]]);
    }

    #[test]
    fn what_overtook_waits_for_the_straggler() {
        let mut positions = Positions::default();
        positions.anchor(&"room".into(), 4);
        assert!(matches!(positions.offer(publication(6), 6), Offer::Hole));
        assert!(matches!(positions.offer(publication(7), 7), Offer::Nothing), "one is enough to fill it");
        assert_eq!(positions.hole(&"room".into()), Some(4));
        assert_eq!(offer(&mut positions, 5), [5, 6, 7]);
        assert_eq!(positions.hole(&"room".into()), None);
        assert!(matches!(positions.offer(publication(9), 9), Offer::Hole), "the next hole is asked for again");
    }

    #[test]
    fn a_hole_is_filled_from_the_log_and_what_was_held_is_not_sent_twice() {
        let mut positions = Positions::default();
        positions.anchor(&"room".into(), 4);
        offer(&mut positions, 8);
        let entries = |numbers: std::ops::RangeInclusive<u64>| numbers.map(publication).collect::<Vec<_>>();
        assert_eq!(numbers(&positions.fill(&"room".into(), entries(5..=6))), [5, 6]);
        assert_eq!(positions.hole(&"room".into()), Some(6));
        assert_eq!(numbers(&positions.fill(&"room".into(), entries(7..=9))), [7, 8, 9]);
        assert_eq!(positions.hole(&"room".into()), None);
        assert_eq!(offer(&mut positions, 9), [0; 0], "it was in the log already");
    }

    #[test]
    fn entries_that_the_log_gave_up_are_not_waited_for() {
        let mut positions = Positions::default();
        positions.anchor(&"room".into(), 4);
        offer(&mut positions, 8);
        assert_eq!(numbers(&positions.fill(&"room".into(), Vec::new())), [8]);
        assert_eq!(positions.hole(&"room".into()), None);
    }

    #[test]
    fn a_higher_top_is_a_hole_only_where_something_was_delivered_before() {
        let mut positions = Positions::default();
        assert!(!positions.behind(&"room".into(), 7), "members were told this top");
        assert!(positions.behind(&"room".into(), 9));
        assert_eq!(positions.hole(&"room".into()), Some(7));
        assert_eq!(offer(&mut positions, 3), [3], "older than all that was delivered: the client decides");
        positions.forget(&"room".into());
        assert_eq!(positions.hole(&"room".into()), None);
    }

    proptest! {
        #[test]
        fn whatever_is_lost_doubled_or_overtaken_members_get_everything_once_in_order(
            order in Just((1..=40u64).collect::<Vec<_>>()).prop_shuffle(),
            lost in prop::collection::hash_set(1..=40u64, 0..20),
            doubled in prop::collection::hash_set(1..=40u64, 0..20),
            page in 1..10u64,
        ) {
            let (mut positions, mut sent) = (Positions::default(), Vec::new());
            positions.anchor(&"room".into(), 0);
            for seq in order.into_iter().filter(|seq| !lost.contains(seq)).flat_map(|seq| vec![seq; 1 + usize::from(doubled.contains(&seq))]) {
                sent.extend(offer(&mut positions, seq));
                if seq.is_multiple_of(3) && let Some(after) = positions.hole(&"room".into()) {
                    let entries = (after + 1..=(after + page).min(40)).map(publication).collect();
                    sent.extend(numbers(&positions.fill(&"room".into(), entries)));
                }
            }
            positions.behind(&"room".into(), 40);
            while let Some(after) = positions.hole(&"room".into()) {
                let entries = (after + 1..=(after + page).min(40)).map(publication).collect();
                sent.extend(numbers(&positions.fill(&"room".into(), entries)));
            }
            prop_assert_eq!(sent, (1..=40).collect::<Vec<_>>());
        }
    }
}
