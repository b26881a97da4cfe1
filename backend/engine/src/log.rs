//! The trait by which the product keeps logged channels. Who calls `append` is `writer`; who reads is `requests` and `heartbeat`.

use std::future::Future;
use std::sync::Arc;

use crate::channel::{ChannelId, Membership, Publication};
use crate::refusal::Refusal;
use crate::writer::Turn;

pub mod memory;

/// What one committed entry means for the outside.
#[derive(Debug)]
pub struct Appended<R> {
    /// Goes to the caller of `Engine::append`.
    pub reply: R,
    /// Go out after the commit, in order.
    pub publications: Vec<Publication>,
    /// Applied before the publications go out. An entry that is repeated and recognised says it again: the answer to the first may be lost.
    pub follow: Vec<Follow>,
}

/// Why an entry was not committed with its batch.
#[derive(Debug)]
pub enum Unappended<E> {
    /// It will not be.
    Refused(Refusal),
    /// Its batch failed, perhaps because of another: it is to be given again by itself. The writer does that once.
    Alone(Box<E>),
}

impl<E> From<Refusal> for Unappended<E> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// The answers to a batch: one for each entry, in the order of the entries.
pub type Committed<R, E> = Vec<Result<Appended<R>, Unappended<E>>>;

/// Every local connection of `principal` becomes a member.
#[derive(Clone, Debug)]
pub struct Follow {
    /// Whose connections.
    pub principal: Arc<str>,
    /// Of which channel.
    pub membership: Membership,
}

/// The durable log behind logged channels. Sequence numbers of a channel start at 1 and have no holes.
pub trait ChannelLog: Send + Sync + 'static {
    /// What the product asks to have committed.
    type Entry: Send + 'static;
    /// What it learns about it.
    type Reply: Send + 'static;

    /// How many batches may be prepared at the same time. Asked once.
    fn lanes(&self) -> usize {
        1
    }

    /// Whose turn it is: entries of one lane (counted round [`Self::lanes`]) are committed in the order in which they came.
    fn lane(&self, _entry: &Self::Entry) -> usize {
        0
    }

    /// Commits a batch of one lane durably, in order; answer `i` belongs to entry `i`. `Err`: nothing of the batch was committed. A log of several
    /// lanes comes to its turn before each commit, and to nothing that waits for other batches after that.
    fn append(
        &self,
        batch: Vec<Self::Entry>,
        turn: &mut Turn,
    ) -> impl Future<Output = Result<Committed<Self::Reply, Self::Entry>, Refusal>> + Send;

    /// Entries with a number above `after`, ascending, at most `limit`.
    fn since(&self, channel: &ChannelId, after: u64, limit: usize) -> impl Future<Output = Result<Vec<Publication>, Refusal>> + Send;

    /// The highest number of each channel, read from the log in one query. Channels without entries may be left out.
    fn tops(&self, channels: &[ChannelId]) -> impl Future<Output = Result<Vec<(ChannelId, u64)>, Refusal>> + Send;
}
