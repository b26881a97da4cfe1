//! Rates that hold over all nodes: a bucket of tokens per key. In memory for a node that is alone, in Redis for several; with Redis away
//! every node keeps the rate by itself, so that a limit is looser for that time, never gone and never in the way.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

pub mod memory;
pub mod redis;

/// How many are allowed at once, and how many a second in the long run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Tokens that a full bucket holds; at least 1 counts.
    pub burst: u32,
    /// Tokens that it gains each second; more than 0.
    pub per_second: f64,
}

/// What became of a try to take tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// Taken, or how long it takes until there are as many.
    pub result: Result<(), Duration>,
    /// How many are left.
    pub left: u32,
    /// After so long without taking, the bucket is full again.
    pub full_after: Duration,
}

/// Buckets by key. A key is used with one rate only.
pub trait Limits: Send + Sync + 'static {
    /// Takes `count` tokens of a key together, or none; with a negative number puts them back. A bucket that nobody used is full.
    fn draw<'a>(&'a self, key: &'a str, rate: Rate, count: i32) -> BoxFuture<'a, Drawn>;

    /// Takes a token of a key, or says how long it takes until there is one.
    fn take<'a>(&'a self, key: &'a str, rate: Rate) -> BoxFuture<'a, Result<(), Duration>> {
        self.draw(key, rate, 1).map(|drawn| drawn.result).boxed()
    }
}
