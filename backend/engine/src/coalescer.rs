//! When publications of a channel go out: a pure decision with a leading edge. The first publication of a quiet channel goes at once;
//! what follows within the tick is held and goes as one batch. The members of a large channel get theirs in shares, one after the other within
//! the tick, so that the last of them does not wait until all others were written to. Times are passed in; `node::hub` drives it.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use crate::channel::{ChannelId, Publication};
use crate::connections::ConnectionId;
use crate::options::Coalesce;

/// Deliveries within one tick (publications × members) that make a channel a busy one: then what a tick costs is what the node does …
const BUSY: usize = 4_000;
/// … and those that make it a crowded one, whose writes alone fill a good part of a core.
const CROWDED: usize = 15_000;
/// Members of a share, about; writing to so many takes some ten milliseconds of a core.
const SHARE: usize = 1_000;
/// More shares than this would be more ticks than a timer is good for.
const SHARES: u32 = 10;

impl Coalesce {
    /// How long a channel of so many members gathers; zero does not gather.
    pub(crate) fn tick(&self, members: usize) -> Duration {
        self.steps.iter().find(|step| members < step.members_below).map_or(self.beyond, |step| step.tick)
    }

    /// How many shares the members have: one, unless their channel always gathers for as long as any.
    fn shares(&self, members: usize) -> u32 {
        if self.tick(members) < self.beyond { 1 } else { u32::try_from(members / SHARE).unwrap_or(SHARES).clamp(1, SHARES) }
    }

    /// The tick after one in which so many publications were held: half as long again in a busy channel, longer in a crowded one.
    fn next_tick(&self, members: usize, held: usize) -> Duration {
        let tick = self.tick(members);
        match members.saturating_mul(held) {
            _ if tick.is_zero() => tick,
            ..BUSY => tick,
            BUSY..CROWDED => (tick * 3 / 2).min(self.crowded).max(tick),
            CROWDED.. => self.crowded.max(tick),
        }
    }
}

/// A share of a channel's members. Which one a connection is of depends on its name only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    number: usize,
    of: usize,
}

impl Share {
    /// All members.
    pub(crate) const WHOLE: Self = Self { number: 0, of: 1 };

    /// Whether a connection is of this share.
    pub(crate) fn has(self, id: ConnectionId) -> bool {
        self.of == 1 || id.slice(self.of) == self.number
    }
}

/// What a share of a channel's members is to get.
pub(crate) struct Batch {
    pub(crate) channel: ChannelId,
    pub(crate) share: Share,
    pub(crate) held: Vec<Publication>,
}

/// What to do with a publication.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Send it now.
    Send(Publication),
    /// Held until the channel's tick is over.
    Held,
}

/// What a share of a channel's members holds.
struct Held {
    publications: Vec<Publication>,
    /// When its tick is over.
    ends: Instant,
    /// Nothing was held when its last tick was over.
    was_empty: bool,
}

/// A channel within its tick.
struct Window(Vec<Held>);

impl Window {
    /// Everything held, share by share.
    fn release(&mut self) -> Vec<(Share, Vec<Publication>)> {
        let of = self.0.len();
        let shares = self.0.iter_mut().enumerate();
        shares.map(|(number, held)| (Share { number, of }, std::mem::take(&mut held.publications))).collect()
    }

    fn is_quiet(&self) -> bool {
        self.0.iter().all(|held| held.was_empty && held.publications.is_empty())
    }
}

/// The channels that have published within their tick.
pub(crate) struct Coalescer {
    rule: Coalesce,
    windows: HashMap<ChannelId, Window>,
    /// When the tick of each share ends.
    ends: BTreeSet<(Instant, ChannelId, usize)>,
}

impl Coalescer {
    /// Every channel is quiet.
    pub(crate) fn new(rule: Coalesce) -> Self {
        Self { rule, windows: HashMap::new(), ends: BTreeSet::new() }
    }

    /// Decides about a publication of a channel with so many members.
    pub(crate) fn offer(&mut self, publication: Publication, members: usize, now: Instant) -> Verdict {
        if let Some(window) = self.windows.get_mut(&publication.channel) {
            // Even when the channel has shrunk since: a later publication never overtakes a held one.
            for share in &mut window.0 {
                share.publications.push(publication.clone());
            }
            return Verdict::Held;
        }
        let tick = self.rule.tick(members);
        if !tick.is_zero() {
            self.open(&publication.channel, self.rule.shares(members), tick, now);
        }
        Verdict::Send(publication)
    }

    /// Whether something of a channel with so many members may wait.
    pub(crate) fn gathers(&self, channel: &ChannelId, members: usize) -> bool {
        self.windows.contains_key(channel) || !self.rule.tick(members).is_zero()
    }

    /// When to ask `due` next.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.ends.first().map(|(ends, ..)| *ends)
    }

    /// The batches whose tick is over. Channels that had something held stay within a new tick, the others are quiet again.
    pub(crate) fn due(&mut self, now: Instant, members: impl Fn(&ChannelId) -> usize) -> Vec<Batch> {
        let mut batches = Vec::new();
        while let Some((ends, channel, number)) = self.ends.pop_first() {
            if ends > now {
                self.ends.insert((ends, channel, number));
                break;
            }
            let Some(window) = self.windows.get_mut(&channel) else { continue };
            let of = window.0.len();
            let Some(share) = window.0.get_mut(number) else { continue };
            let held = std::mem::take(&mut share.publications);
            share.was_empty = held.is_empty();
            let (members, count) = (members(&channel), held.len());
            if !held.is_empty() {
                batches.push(Batch { channel: channel.clone(), share: Share { number, of }, held });
            }
            let (tick, shares) = (self.rule.next_tick(members, count), self.rule.shares(members));
            if !tick.is_zero() && shares as usize == of {
                // One that comes late keeps its turn.
                let next = next(ends, tick, now);
                share.ends = next;
                if !window.is_quiet() {
                    self.ends.insert((next, channel, number));
                    continue;
                }
            }
            let rest = self.close(&channel);
            if !tick.is_zero() && (count > 0 || !rest.is_empty()) {
                self.open(&channel, shares, tick, now);
            }
            batches.extend(rest);
        }
        batches
    }

    /// What a channel holds for each share of its members, to be sent before something that is sent now; its tick goes on.
    pub(crate) fn release(&mut self, channel: &ChannelId) -> Vec<(Share, Vec<Publication>)> {
        self.windows.get_mut(channel).map_or_else(|| vec![(Share::WHOLE, Vec::new())], Window::release)
    }

    /// Everything that is held, at once.
    pub(crate) fn flush(&mut self) -> Vec<Batch> {
        let mut channels: Vec<_> = self.windows.keys().cloned().collect();
        channels.sort_unstable();
        channels.iter().flat_map(|channel| self.close(channel)).collect()
    }

    fn open(&mut self, channel: &ChannelId, shares: u32, tick: Duration, now: Instant) {
        // The turn of the last share is at the end of the tick.
        let ends = (1..=shares).map(|turn| now + tick * turn / shares);
        let held: Vec<Held> = ends.map(|ends| Held { publications: Vec::new(), ends, was_empty: false }).collect();
        self.ends.extend(held.iter().enumerate().map(|(number, share)| (share.ends, channel.clone(), number)));
        self.windows.insert(channel.clone(), Window(held));
    }

    /// Ends a channel's ticks; gives what it held.
    fn close(&mut self, channel: &ChannelId) -> Vec<Batch> {
        let Some(mut window) = self.windows.remove(channel) else { return Vec::new() };
        for (number, share) in window.0.iter().enumerate() {
            self.ends.remove(&(share.ends, channel.clone(), number));
        }
        let held = window.release().into_iter().filter(|(_, held)| !held.is_empty());
        held.map(|(share, held)| Batch { channel: channel.clone(), share, held }).collect()
    }
}

/// The end of the tick that follows one which ended at `last`, and is not over.
fn next(last: Instant, tick: Duration, now: Instant) -> Instant {
    let mut ends = last + tick;
    while ends <= now {
        ends += tick;
    }
    ends
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::value::to_raw_value;

    use super::*;
    use crate::entropy::Entropy;

    const TICK: Duration = Duration::from_millis(20);

    fn publication(seq: u64) -> Publication {
        Publication { channel: "room".into(), seq: Some(seq), data: Arc::from(to_raw_value(&seq).unwrap()) }
    }

    fn numbers(batches: &[Batch]) -> Vec<u64> {
        batches.iter().flat_map(|batch| batch.held.iter().filter_map(|publication| publication.seq)).collect()
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
        assert_eq!([19, 20, 99, 100, 499, 500, 4_999, 5_000].map(millis), [0, 5, 5, 10, 10, 20, 20, 70]);
    }

    #[test]
    fn a_busy_channel_gathers_half_as_long_again_and_a_crowded_one_longer() {
        let rule = Coalesce::default();
        let millis = |members, held| rule.next_tick(members, held).as_millis();
        assert_eq!(
            [(500, 7), (500, 8), (1_000, 14), (1_000, 15), (5_000, 20), (19, 1_000)].map(|(members, held)| millis(members, held)),
            [20, 30, 30, 50, 70, 0]
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
        let released = coalescer.release(&"room".into());
        assert_eq!(released.iter().map(|(share, held)| (*share, held.len())).collect::<Vec<_>>(), [(Share::WHOLE, 1)]);
        assert!(!sent(&coalescer.offer(publication(3), 1_000, now)));
        assert_eq!(numbers(&coalescer.due(now + TICK, |_| 1_000)), [3]);
        let nothing = coalescer.release(&"elsewhere".into());
        assert!(matches!(nothing.as_slice(), [(Share::WHOLE, held)] if held.is_empty()), "whoever is there gets what follows");
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

    #[test]
    fn every_connection_is_of_one_share() {
        let ids: Vec<_> = (0..500).map(|_| ConnectionId::new(&Entropy::system())).collect();
        let of_shares = (0..5).map(|number| ids.iter().filter(|id| Share { number, of: 5 }.has(**id)).count()).collect::<Vec<_>>();
        assert_eq!(of_shares.iter().sum::<usize>(), ids.len());
        assert!(of_shares.iter().all(|count| *count > 50), "{of_shares:?}");
        assert!(ids.iter().all(|id| Share::WHOLE.has(*id)));
    }

    #[test]
    fn shares_of_a_large_channel_take_turns_and_each_gets_everything_once_and_in_order() {
        let (start, turn) = (Instant::now(), Duration::from_millis(14));
        let mut coalescer = Coalescer::new(Coalesce::default());
        assert!(sent(&coalescer.offer(publication(0), 5_000, start)));
        let mut heard = vec![Vec::new(); 5];
        for step in 0..40_u32 {
            let now = start + turn * step;
            let batches = coalescer.due(now, |_| 5_000);
            assert!(batches.len() <= 1, "one share at a time");
            for batch in &batches {
                assert_eq!(batch.share.of, 5);
                heard[batch.share.number].extend(numbers(std::slice::from_ref(batch)));
            }
            if step < 30 {
                assert!(!sent(&coalescer.offer(publication(u64::from(step) + 1), 5_000, now)));
            }
        }
        assert!(heard.iter().all(|all| *all == (1..=30).collect::<Vec<_>>()), "{heard:?}");
        assert_eq!(coalescer.next_deadline(), None, "quiet again");
        assert!(sent(&coalescer.offer(publication(31), 5_000, start + turn * 41)));
    }

    #[test]
    fn a_channel_that_outgrows_its_shares_is_shared_out_anew_and_loses_nothing() {
        let start = Instant::now();
        let mut coalescer = Coalescer::new(Coalesce::default());
        let mut heard = Vec::new();
        let mut hear = |batches: Vec<Batch>, share: usize| {
            heard.extend(
                batches
                    .iter()
                    .filter(|batch| batch.share.number == share || batch.share.of == 1)
                    .flat_map(|batch| numbers(std::slice::from_ref(batch))),
            );
        };
        coalescer.offer(publication(0), 4_000, start);
        for step in 1..=60_u32 {
            let members = if (20..40).contains(&step) { 9_000 } else { 4_000 };
            let now = start + Duration::from_millis(7) * step;
            hear(coalescer.due(now, |_| members), 0);
            assert!(!sent(&coalescer.offer(publication(u64::from(step)), members, now)));
        }
        hear(coalescer.flush(), 0);
        assert_eq!(heard, (1..=60).collect::<Vec<_>>());
        assert_eq!(coalescer.next_deadline(), None);
    }
}
