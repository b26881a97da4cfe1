//! Who is present: a pure state machine. A principal is present from its first connection until its last has been gone for the TTL,
//! so that a reload is not an absence. Times are passed in; `node::presence` drives it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::policy::Identity;

struct Present {
    identity: Identity,
    connections: usize,
    /// Counts departures, so that only the newest one's deadline holds.
    departure: u64,
}

/// The principals that are present.
pub(crate) struct Presence {
    ttl: Duration,
    present: HashMap<Arc<str>, Present>,
    /// In the order of time, because the TTL is the same for all.
    deadlines: VecDeque<(Instant, Arc<str>, u64)>,
}

impl Presence {
    /// Nobody is present.
    pub(crate) fn new(ttl: Duration) -> Self {
        Self { ttl, present: HashMap::new(), deadlines: VecDeque::new() }
    }

    /// A connection came. `true` when the principal was absent.
    pub(crate) fn came(&mut self, identity: &Identity) -> bool {
        if let Some(present) = self.present.get_mut(&identity.principal) {
            present.connections += 1;
            return false;
        }
        let present = Present { identity: identity.clone(), connections: 1, departure: 0 };
        self.present.insert(Arc::clone(&identity.principal), present);
        true
    }

    /// A connection went. `true` when it was the last and a new deadline runs.
    pub(crate) fn went(&mut self, principal: &str, now: Instant) -> bool {
        let Some(present) = self.present.get_mut(principal) else { return false };
        present.connections = present.connections.saturating_sub(1);
        if present.connections > 0 {
            return false;
        }
        present.departure += 1;
        self.deadlines.push_back((now + self.ttl, Arc::clone(&present.identity.principal), present.departure));
        true
    }

    /// When to ask `expired` next.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.front().map(|(deadline, ..)| *deadline)
    }

    /// Those whose deadline has passed without a new connection; they are absent now.
    pub(crate) fn expired(&mut self, now: Instant) -> Vec<Identity> {
        let mut gone = Vec::new();
        while let Some((deadline, principal, departure)) = self.deadlines.front() {
            if *deadline > now {
                break;
            }
            let over = self.present.get(principal).is_some_and(|present| present.connections == 0 && present.departure == *departure);
            if over && let Some(present) = self.present.remove(principal) {
                gone.push(present.identity);
            }
            self.deadlines.pop_front();
        }
        gone
    }

    /// Whether a principal is present.
    pub(crate) fn is_present(&self, principal: &str) -> bool {
        self.present.contains_key(principal)
    }

    /// How many are present.
    pub(crate) fn count(&self) -> usize {
        self.present.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_secs(5);

    fn identity(principal: &str) -> Identity {
        Identity { principal: principal.into(), device: "d".into() }
    }

    #[test]
    fn a_reload_is_not_an_absence() {
        let start = Instant::now();
        let mut presence = Presence::new(TTL);
        assert!(presence.came(&identity("ann")));
        assert!(presence.went("ann", start));
        assert!(!presence.came(&identity("ann")), "she never was absent");
        assert_eq!(presence.expired(start + TTL * 2), []);
        assert!(presence.is_present("ann"));
    }

    #[test]
    fn the_last_connection_gone_for_the_ttl_is_an_absence_once() {
        let start = Instant::now();
        let mut presence = Presence::new(TTL);
        presence.came(&identity("ann"));
        presence.came(&identity("ann"));
        assert!(!presence.went("ann", start), "another connection is left");
        assert!(presence.went("ann", start));
        assert_eq!(presence.next_deadline(), Some(start + TTL));
        assert_eq!(presence.expired(start + TTL - Duration::from_millis(1)), []);
        assert_eq!(presence.expired(start + TTL), [identity("ann")]);
        assert_eq!(presence.expired(start + TTL * 9), []);
        assert!(presence.came(&identity("ann")), "she was absent");
    }

    #[test]
    fn only_the_newest_departure_counts() {
        let start = Instant::now();
        let second = start + Duration::from_secs(3);
        let mut presence = Presence::new(TTL);
        presence.came(&identity("ann"));
        presence.went("ann", start);
        presence.came(&identity("ann"));
        presence.went("ann", second);
        assert_eq!(presence.expired(start + TTL), [], "the first departure was undone");
        assert_eq!(presence.expired(second + TTL), [identity("ann")]);
    }

    #[test]
    fn a_departure_of_somebody_unknown_is_nothing() {
        assert!(!Presence::new(TTL).went("nobody", Instant::now()));
    }
}
