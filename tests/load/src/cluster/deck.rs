//! Which faults come, and for how long. Pure: a seed gives the same ones in the same order.

use std::time::Duration;

use crate::dice::Dice;

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// `kill -9`, and started again at once.
    NodeKilled,
    /// SIGTERM, and started again.
    NodeStopped,
    /// SIGSTOP for a while: it holds its connections and says nothing.
    NodeFrozen,
    /// Two nodes killed together.
    TwoNodesKilled,
    /// Killed, away for a while, back without a memory.
    RedisKilled,
    /// Emptied while everybody is connected.
    RedisEmptied,
    /// Stopped in time for a while.
    RedisFrozen,
    /// Stopped at once, away for a while, started again.
    PostgresStopped,
    /// A synchronous standby takes over from a primary that was stopped at once.
    StandbyPromoted,
    /// A node does not reach PostgreSQL.
    CutFromPostgres,
    /// A node does not reach Redis.
    CutFromRedis,
    /// A node's clients do not reach it, and it not them.
    CutFromClients,
    /// Every 200 ms 5 % of the clients' connections are reset.
    Resets,
    /// A third of the clients reads a few bytes at a time.
    SlowConsumers,
    /// One node's clock is an hour fast for a while, then an hour slow, then right.
    ClockJumps,
    /// PostgreSQL's disk has no room for a while.
    DiskFull,
}

/// All of them.
pub const KINDS: [Trouble; 16] = [
    Trouble::NodeKilled,
    Trouble::NodeStopped,
    Trouble::NodeFrozen,
    Trouble::TwoNodesKilled,
    Trouble::RedisKilled,
    Trouble::RedisEmptied,
    Trouble::RedisFrozen,
    Trouble::PostgresStopped,
    Trouble::StandbyPromoted,
    Trouble::CutFromPostgres,
    Trouble::CutFromRedis,
    Trouble::CutFromClients,
    Trouble::Resets,
    Trouble::SlowConsumers,
    Trouble::ClockJumps,
    Trouble::DiskFull,
];

/// How long what is away stays away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lengths {
    pub node: Duration,
    pub redis: Duration,
    pub postgres: Duration,
}

impl Lengths {
    /// In the suite.
    pub const SHORT: Self = Self { node: Duration::from_secs(6), redis: Duration::from_secs(6), postgres: Duration::from_secs(5) };
    /// In the long run, where something is away for less than promised: there are many.
    pub const BRIEF: Self = Self { node: Duration::from_secs(4), redis: Duration::from_secs(4), postgres: Duration::from_secs(4) };
    /// As promised.
    pub const LONG: Self = Self { node: Duration::from_secs(15), redis: Duration::from_secs(30), postgres: Duration::from_mins(1) };
}

impl Lengths {
    /// Of the fault with this number, from 0. In the long run each kind comes once for as long as is promised.
    pub fn of(number: usize, long: bool) -> Self {
        if !long {
            Self::SHORT
        } else if number < KINDS.len() {
            Self::LONG
        } else {
            Self::BRIEF
        }
    }
}

/// What a fault takes away, as far as something is promised of its return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    Redis,
    Postgres,
}

impl Trouble {
    /// The store that all nodes or one of them are without.
    pub fn store(self) -> Option<Store> {
        match self {
            Self::RedisKilled | Self::RedisEmptied | Self::RedisFrozen | Self::CutFromRedis => Some(Store::Redis),
            Self::PostgresStopped | Self::StandbyPromoted | Self::CutFromPostgres | Self::DiskFull => Some(Store::Postgres),
            _ => None,
        }
    }
}

/// So many faults: every kind before any comes again, each time in another order.
pub fn deck(many: usize, dice: &mut Dice) -> Vec<Trouble> {
    let mut deck = Vec::new();
    while deck.len() < many {
        let mut kinds = KINDS.to_vec();
        while !kinds.is_empty() {
            let index = usize::try_from(dice.below(kinds.len() as u64)).unwrap_or(0);
            deck.push(kinds.swap_remove(index));
        }
    }
    deck.truncate(many);
    deck
}

#[cfg(test)]
mod tests {
    use super::{KINDS, Lengths, deck};
    use crate::dice::Dice;

    #[test]
    fn every_kind_comes_before_any_comes_again() {
        let drawn = deck(20, &mut Dice::new(4));
        assert_eq!(drawn.len(), 20);
        assert!(KINDS.iter().all(|kind| drawn[..KINDS.len()].contains(kind)));
        assert_eq!(drawn, deck(20, &mut Dice::new(4)), "replayed");
        assert_ne!(drawn, deck(20, &mut Dice::new(5)));
    }

    #[test]
    fn in_a_long_run_every_kind_lasts_once_as_long_as_is_promised() {
        let of = |long| (0..40).map(|number| Lengths::of(number, long)).collect::<Vec<_>>();
        assert!(of(true)[..KINDS.len()].iter().all(|lengths| *lengths == Lengths::LONG));
        assert!(of(true)[KINDS.len()..].iter().all(|lengths| *lengths == Lengths::BRIEF));
        assert!(of(false).iter().all(|lengths| *lengths == Lengths::SHORT));
    }
}
