//! When publications of a channel go out: a pure decision with a leading edge. The first publication of a quiet channel goes at once;
//! what follows within the tick is held and goes as one batch. Times are passed in; `node::delivery` drives it.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use crate::channel::{ChannelId, Publication};
use crate::options::Coalesce;

/// Deliveries within one tick (publications × members) that make a channel a busy one: then what a tick costs is what the node does …
const BUSY: usize = 4_000;
/// … and those that make it a crowded one, whose writes alone fill a good part of a core.
const CROWDED: usize = 15_000;

impl Coalesce {
    /// How long a channel of so many members gathers; zero does not gather.
    pub(crate) fn tick(&self, members: usize) -> Duration {
        self.steps.iter().find(|step| members < step.members_below).map_or(self.beyond, |step| step.tick)
    }

    /// The tick after one in which so many publications were held: half as long again in a busy channel, the longest in a crowded one.
    fn next_tick(&self, members: usize, held: usize) -> Duration {
        let tick = self.tick(members);
        match members.saturating_mul(held) {
            _ if tick.is_zero() => tick,
            ..BUSY => tick,
            BUSY..CROWDED => (tick * 3 / 2).min(self.beyond.max(tick)),
            CROWDED.. => self.beyond.max(tick),
        }
    }
}

/// What to do with a publication.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Send it now.
    Send(Publication),
    /// Held until the channel's tick is over.
    Held,
}

/// The channels that have published within their tick.
pub(crate) struct Coalescer {
    rule: Coalesce,
    /// What each channel within its tick holds.
    windows: HashMap<ChannelId, Vec<Publication>>,
    /// When each of them ends.
    ends: BTreeSet<(Instant, ChannelId)>,
}

impl Coalescer {
    /// Every channel is quiet.
    pub(crate) fn new(rule: Coalesce) -> Self {
        Self { rule, windows: HashMap::new(), ends: BTreeSet::new() }
    }

    /// Decides about a publication of a channel with so many members.
    pub(crate) fn offer(&mut self, publication: Publication, members: usize, now: Instant) -> Verdict {
        if let Some(held) = self.windows.get_mut(&publication.channel) {
            // Even when the channel has shrunk since: a later publication never overtakes a held one.
            held.push(publication);
            return Verdict::Held;
        }
        let tick = self.rule.tick(members);
        if !tick.is_zero() {
            self.open(publication.channel.clone(), now + tick);
        }
        Verdict::Send(publication)
    }

    /// When to ask `due` next.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.ends.first().map(|(ends, _)| *ends)
    }

    /// The batches whose tick is over. Channels that had something held stay within a new tick, the others are quiet again.
    pub(crate) fn due(&mut self, now: Instant, members: impl Fn(&ChannelId) -> usize) -> Vec<(ChannelId, Vec<Publication>)> {
        let mut batches = Vec::new();
        while let Some((ends, channel)) = self.ends.pop_first() {
            if ends > now {
                self.ends.insert((ends, channel));
                break;
            }
            let Some(held) = self.windows.remove(&channel).filter(|held| !held.is_empty()) else { continue };
            let tick = self.rule.next_tick(members(&channel), held.len());
            if !tick.is_zero() {
                self.open(channel.clone(), now + tick);
            }
            batches.push((channel, held));
        }
        batches
    }

    /// What a channel holds, to be sent before something that is sent now; its tick goes on.
    pub(crate) fn release(&mut self, channel: &ChannelId) -> Vec<Publication> {
        self.windows.get_mut(channel).map(std::mem::take).unwrap_or_default()
    }

    /// Everything that is held, at once.
    pub(crate) fn flush(&mut self) -> Vec<(ChannelId, Vec<Publication>)> {
        self.ends.clear();
        let mut held: Vec<_> = self.windows.drain().filter(|(_, held)| !held.is_empty()).collect();
        held.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        held
    }

    fn open(&mut self, channel: ChannelId, ends: Instant) {
        self.ends.insert((ends, channel.clone()));
        self.windows.insert(channel, Vec::new());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::value::to_raw_value;

    use super::*;

    const TICK: Duration = Duration::from_millis(20);

    fn publication(seq: u64) -> Publication {
        Publication { channel: "room".into(), seq: Some(seq), data: Arc::from(to_raw_value(&seq).unwrap()) }
    }

    fn numbers(batches: &[(ChannelId, Vec<Publication>)]) -> Vec<u64> {
        batches.iter().flat_map(|(_, held)| held.iter().filter_map(|publication| publication.seq)).collect()
    }

    fn sent(verdict: &Verdict) -> bool {
        matches!(verdict, Verdict::Send(_))
    }

    #[test]
    fn a_small_channel_never_waits() {
        let now = Instant::now();
        let mut coalescer = Coalescer::new(Coalesce::default());
        assert!((1..9).all(|seq| sent(&coalescer.offer(publication(seq), 19, now))));
        assert_eq!(coalescer.next_deadline(), None);
    }

    #[test]
    fn the_tick_grows_with_the_number_of_members() {
        let rule = Coalesce::default();
        let millis = |members| rule.tick(members).as_millis();
        assert_eq!([19, 20, 99, 100, 499, 500, 4_999, 5_000].map(millis), [0, 5, 5, 10, 10, 20, 20, 50]);
    }

    #[test]
    fn a_busy_channel_gathers_half_as_long_again_and_a_crowded_one_as_long_as_any() {
        let rule = Coalesce::default();
        let millis = |members, held| rule.next_tick(members, held).as_millis();
        assert_eq!(
            [(500, 7), (500, 8), (1_000, 14), (1_000, 15), (5_000, 20), (19, 1_000)].map(|(members, held)| millis(members, held)),
            [20, 30, 30, 50, 50, 0]
        );
        let now = Instant::now();
        let mut coalescer = Coalescer::new(rule);
        for seq in 1..10 {
            coalescer.offer(publication(seq), 1_000, now);
        }
        assert_eq!(coalescer.due(now + TICK, |_| 1_000).len(), 1);
        assert_eq!(coalescer.next_deadline(), Some(now + TICK + TICK * 3 / 2));
    }

    #[test]
    fn the_first_goes_at_once_and_what_follows_goes_as_one_batch_in_order() {
        let now = Instant::now();
        let mut coalescer = Coalescer::new(Coalesce::default());
        assert!(sent(&coalescer.offer(publication(1), 1_000, now)));
        assert!((2..5).all(|seq| !sent(&coalescer.offer(publication(seq), 1_000, now))));
        assert_eq!(coalescer.next_deadline(), Some(now + TICK));
        assert!(coalescer.due(now + TICK / 2, |_| 1_000).is_empty());
        assert_eq!(numbers(&coalescer.due(now + TICK, |_| 1_000)), [2, 3, 4]);
        assert!(!sent(&coalescer.offer(publication(5), 1_000, now + TICK)), "a busy channel stays within a tick");
    }

    #[test]
    fn a_channel_that_was_quiet_for_a_tick_sends_at_once_again() {
        let now = Instant::now();
        let mut coalescer = Coalescer::new(Coalesce::default());
        coalescer.offer(publication(1), 1_000, now);
        assert!(coalescer.due(now + TICK, |_| 1_000).is_empty());
        assert_eq!(coalescer.next_deadline(), None);
        assert!(sent(&coalescer.offer(publication(2), 1_000, now + TICK)));
    }

    #[test]
    fn nothing_overtakes_what_is_held_when_the_channel_shrinks() {
        let now = Instant::now();
        let mut coalescer = Coalescer::new(Coalesce::default());
        coalescer.offer(publication(1), 1_000, now);
        coalescer.offer(publication(2), 1_000, now);
        assert!(!sent(&coalescer.offer(publication(3), 2, now)));
        assert_eq!(numbers(&coalescer.due(now + TICK, |_| 2)), [2, 3]);
        assert!(sent(&coalescer.offer(publication(4), 2, now + TICK)), "small channels do not wait");
    }

    #[test]
    fn what_is_released_is_not_sent_again_and_the_tick_goes_on() {
        let now = Instant::now();
        let mut coalescer = Coalescer::new(Coalesce::default());
        coalescer.offer(publication(1), 1_000, now);
        coalescer.offer(publication(2), 1_000, now);
        assert_eq!(coalescer.release(&"room".into()).len(), 1);
        assert!(!sent(&coalescer.offer(publication(3), 1_000, now)));
        assert_eq!(numbers(&coalescer.due(now + TICK, |_| 1_000)), [3]);
        assert!(coalescer.release(&"elsewhere".into()).is_empty());
    }

    #[test]
    fn a_flush_gives_back_everything_that_is_held() {
        let now = Instant::now();
        let mut coalescer = Coalescer::new(Coalesce::default());
        coalescer.offer(publication(1), 1_000, now);
        coalescer.offer(publication(2), 1_000, now);
        assert_eq!(numbers(&coalescer.flush()), [2]);
        assert_eq!(coalescer.next_deadline(), None);
    }
}
