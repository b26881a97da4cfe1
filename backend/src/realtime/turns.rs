//! How often something is told: a change at once, further ones of the same thing together after a gap. Pure; time is passed in.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use tokio::time::Instant;

/// How far apart two tellings of one key are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    /// While few keys change.
    pub(super) least: Duration,
    /// However many change.
    pub(super) most: Duration,
    /// Tellings a second, of all keys together, from which on the gap widens; 0 for any number.
    pub(super) per_second: u32,
}

impl From<Duration> for Gap {
    fn from(gap: Duration) -> Self {
        Self { least: gap, most: gap, per_second: 0 }
    }
}

impl Gap {
    /// With so many keys that go on changing.
    fn among(self, changing: usize) -> Duration {
        if self.per_second == 0 {
            return self.least;
        }
        let changing = u32::try_from(changing).unwrap_or(u32::MAX);
        (Duration::from_secs(1).saturating_mul(changing) / self.per_second).clamp(self.least, self.most)
    }
}

/// Keys that wait for their turn.
#[derive(Debug)]
pub(super) struct Turns<K> {
    /// Before the first telling, so that what follows at once is told with it.
    lead: Duration,
    /// Between two tellings of one key.
    gap: Gap,
    told: HashMap<K, Instant>,
    due: HashMap<K, Instant>,
    /// While the gap is wide: a moment for which several keys wait, to be told together.
    together: Option<Instant>,
}

impl<K: Clone + Eq + Hash> Turns<K> {
    pub(super) fn new(lead: Duration, gap: impl Into<Gap>) -> Self {
        Self { lead, gap: gap.into(), told: HashMap::new(), due: HashMap::new(), together: None }
    }

    /// Something about `key` changed.
    pub(super) fn note(&mut self, key: K, now: Instant) {
        let (told, lead, least, gap) = (&self.told, self.lead, self.gap.least, self.gap.among(self.told.len()));
        let together = &mut self.together;
        self.due.entry(key).or_insert_with_key(|key| {
            let earliest = told.get(key).map_or(now + lead, |last| (*last + gap).max(now + lead));
            if gap <= least {
                return earliest;
            }
            match together {
                Some(moment) if *moment >= earliest && *moment < earliest + least => *moment,
                _ => *together.insert(earliest),
            }
        });
    }

    /// What is to be told now.
    pub(super) fn take(&mut self, now: Instant) -> Vec<K> {
        self.told.retain(|_, told| *told + self.gap.most > now);
        let due: Vec<K> = self.due.extract_if(|_, at| *at <= now).map(|(key, _)| key).collect();
        self.told.extend(due.iter().map(|key| (key.clone(), now)));
        due
    }

    /// When there is something to tell.
    pub(super) fn next(&self) -> Option<Instant> {
        self.due.values().min().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_change_is_told_at_once_and_the_next_ones_together() {
        let (start, ms) = (Instant::now(), Duration::from_millis);
        let mut turns = Turns::new(Duration::ZERO, ms(50));
        turns.note('a', start);
        assert_eq!(turns.take(start), ['a']);
        for later in [1, 10, 40] {
            turns.note('a', start + ms(later));
            assert!(turns.take(start + ms(later)).is_empty());
        }
        turns.note('b', start + ms(40));
        assert_eq!(turns.take(start + ms(40)), ['b'], "one key does not wait for another");
        assert_eq!(turns.next(), Some(start + ms(50)));
        assert_eq!(turns.take(start + ms(50)), ['a']);
        assert_eq!(turns.next(), None);
        turns.note('a', start + ms(500));
        assert_eq!(turns.take(start + ms(500)), ['a'], "after a pause it is the first again");
    }

    #[test]
    fn with_a_lead_even_the_first_waits_for_company() {
        let (start, ms) = (Instant::now(), Duration::from_millis);
        let mut turns = Turns::new(ms(100), ms(1000));
        turns.note('a', start);
        turns.note('a', start + ms(90));
        assert!(turns.take(start + ms(99)).is_empty());
        assert_eq!(turns.take(start + ms(100)), ['a']);
    }

    #[test]
    fn the_more_keys_change_the_further_apart_each_is_told() {
        let (start, ms) = (Instant::now(), Duration::from_millis);
        let gap = Gap { least: ms(50), most: ms(1000), per_second: 100 };
        assert_eq!([0, 5, 20, 100, 5000].map(|changing| gap.among(changing)), [50, 50, 200, 1000, 1000].map(ms));
        let mut turns = Turns::new(Duration::ZERO, gap);
        (0..20).for_each(|key| turns.note(key, start));
        assert_eq!(turns.take(start).len(), 20, "each at once the first time");
        turns.note(7, start + ms(10));
        assert_eq!(turns.next(), Some(start + ms(200)));
        turns.note(99, start + ms(10));
        assert_eq!(turns.take(start + ms(10)), [99], "also a new one among many");
        assert_eq!(turns.take(start + ms(200)), [7]);
        turns.note(7, start + ms(2000));
        assert_eq!(turns.take(start + ms(2000)), [7]);
        turns.note(7, start + ms(2010));
        assert_eq!(turns.next(), Some(start + ms(2050)), "alone again");
    }
}
