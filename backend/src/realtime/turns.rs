//! How often something is told: a change at once, further ones of the same thing together after a gap. Pure; time is passed in.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use tokio::time::Instant;

/// Keys that wait for their turn.
#[derive(Debug)]
pub(super) struct Turns<K> {
    /// Before the first telling, so that what follows at once is told with it.
    lead: Duration,
    /// Between two tellings of one key.
    gap: Duration,
    told: HashMap<K, Instant>,
    due: HashMap<K, Instant>,
}

impl<K: Clone + Eq + Hash> Turns<K> {
    pub(super) fn new(lead: Duration, gap: Duration) -> Self {
        Self { lead, gap, told: HashMap::new(), due: HashMap::new() }
    }

    /// Something about `key` changed.
    pub(super) fn note(&mut self, key: K, now: Instant) {
        let earliest = self.told.get(&key).map(|told| *told + self.gap);
        self.due.entry(key).or_insert_with(|| earliest.map_or(now + self.lead, |earliest| earliest.max(now + self.lead)));
    }

    /// What is to be told now.
    pub(super) fn take(&mut self, now: Instant) -> Vec<K> {
        self.told.retain(|_, told| *told + self.gap > now);
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
}
