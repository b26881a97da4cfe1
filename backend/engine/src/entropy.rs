//! Where a node's random numbers come from: the names of nodes and connections, and jitter. The system's randomness; or a seed, so that a
//! whole run of several nodes can be repeated to the letter. Nothing here is a secret: credentials are the product's.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

/// See the module. Clones of a seeded one draw from the same numbers.
#[derive(Clone, Default)]
pub struct Entropy(Option<Arc<AtomicU64>>);

impl Entropy {
    /// The system's randomness.
    pub fn system() -> Self {
        Self(None)
    }

    /// The same numbers for the same seed: for tests that repeat a run.
    pub fn seeded(seed: u64) -> Self {
        Self(Some(Arc::new(AtomicU64::new(seed))))
    }

    /// A name for a node.
    pub(crate) fn node(&self) -> Uuid {
        self.drawn().unwrap_or_else(Uuid::new_v4)
    }

    /// A name for a connection; of the system's, later ones are mostly greater.
    #[expect(clippy::disallowed_methods, reason = "connections are the engine's own; nothing is read out of the time in their ids")]
    pub(crate) fn connection(&self) -> Uuid {
        self.drawn().unwrap_or_else(Uuid::now_v7)
    }

    /// A random number from `low` up to, not including, `high`.
    pub(crate) fn between(&self, low: u64, high: u64) -> u64 {
        let (random, _) = self.node().as_u64_pair();
        low + random % high.saturating_sub(low).max(1)
    }

    fn drawn(&self) -> Option<Uuid> {
        let state = self.0.as_ref()?;
        // SplitMix64 (Steele, Lea and Flood, 2014).
        let next = || {
            const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
            let z = state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
            let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        Some(Uuid::from_u64_pair(next(), next()))
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Entropy(seeded)" } else { "Entropy(system)" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_names_and_the_system_never_twice_the_same() {
        let [one, two] = [1, 1].map(Entropy::seeded);
        let names = |entropy: &Entropy| [entropy.node(), entropy.connection(), entropy.node()];
        assert_eq!(names(&one), names(&two));
        assert_ne!(one.node(), one.node());
        assert_ne!(names(&Entropy::seeded(1)), names(&Entropy::seeded(2)));
        assert_ne!(Entropy::system().node(), Entropy::system().node());
    }

    #[test]
    fn jitter_stays_within_its_bounds() {
        for entropy in [Entropy::system(), Entropy::seeded(7)] {
            assert!((0..100).all(|_| (5..9).contains(&entropy.between(5, 9))));
            assert_eq!(entropy.between(3, 3), 3);
        }
    }
}
