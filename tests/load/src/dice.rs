//! Randomness that can be replayed: SplitMix64 (Steele, Lea, Flood 2014), forked per actor so that one actor's luck
//! does not depend on how the others were scheduled.

use std::time::Duration;

use uuid::{Builder, Uuid};

use crate::clock;

/// A stream of random numbers that a seed determines.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The stream of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// An independent stream for the actor or purpose with this number.
    #[must_use]
    pub fn fork(&self, number: u64) -> Self {
        let mut child = Self(self.0 ^ number.wrapping_mul(0xd6e8_feb8_6659_fd93));
        child.roll();
        child
    }

    /// The next 64 bits.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `0..bound` (0 when `bound` is 0).
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.roll() % bound }
    }

    /// A duration in `0..most`, in whole milliseconds.
    pub fn up_to(&mut self, most: Duration) -> Duration {
        Duration::from_millis(self.below(u64::try_from(most.as_millis()).unwrap_or(u64::MAX)))
    }

    /// A UUIDv7 of now, its random bits from this stream.
    pub fn uuid(&mut self) -> Uuid {
        let (high, low) = (self.roll().to_be_bytes(), self.roll().to_be_bytes());
        let random = [high[0], high[1], high[2], high[3], high[4], high[5], high[6], high[7], low[0], low[1]];
        Builder::from_unix_timestamp_millis(clock::unix_millis(), &random).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn one_seed_gives_one_stream_and_forks_differ() {
        let (mut one, mut two) = (Dice::new(7), Dice::new(7));
        assert!((0..100).all(|_| one.roll() == two.roll()));
        assert_ne!(Dice::new(7).fork(1).roll(), Dice::new(7).fork(2).roll());
    }
}
