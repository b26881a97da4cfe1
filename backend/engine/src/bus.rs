//! Node to node: what one node publishes reaches the others that have members. Lossy by contract: what gets lost is healed by sequence
//! numbers, so an implementation never blocks a publisher for long. Knows channels and bytes, nothing of what is in them.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::channel::ChannelId;

pub mod memory;
pub mod redis;

/// The bus could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("bus: {0}")]
pub struct BusError(pub String);

/// What arrives on a channel that was subscribed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusMessage {
    /// The channel it was published to.
    pub channel: ChannelId,
    /// What was published.
    pub bytes: Bytes,
}

/// What a node hears from its bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BusEvent {
    /// A message of a channel.
    Message(BusMessage),
    /// The bus was away, or messages were dropped, and it works again with every subscription in force: whatever was published meanwhile, here
    /// or elsewhere, may be lost.
    Resumed,
}

/// Whether a bus has its connection, and since when it is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkState {
    /// Messages reach the other nodes.
    pub connected: bool,
    /// The last change.
    pub since: Instant,
}

/// One node's end of the bus. Messages of one publisher to one channel arrive in order. A node may receive its own.
/// Subscriptions hold until they are ended: an implementation renews them by itself when it loses its connection.
pub trait Bus: Send + Sync + 'static {
    /// Sends to every node that is subscribed to the channel. `Ok` says that the message is on its way, not that it arrived.
    fn publish<'a>(&'a self, channel: &'a ChannelId, bytes: Bytes) -> BoxFuture<'a, Result<(), BusError>>;

    /// When it returns `Ok`, `receive` returns what is published to these channels from then on. Repeating it changes nothing. With an
    /// error the subscriptions take effect before the next [`BusEvent::Resumed`].
    fn subscribe<'a>(&'a self, channels: &'a [ChannelId]) -> BoxFuture<'a, Result<(), BusError>>;

    /// Ends subscriptions, where there are any.
    fn unsubscribe<'a>(&'a self, channels: &'a [ChannelId]) -> BoxFuture<'a, Result<(), BusError>>;

    /// The next event; `None` when the bus has ended. Has one caller at a time; dropping the future loses nothing.
    fn receive(&self) -> BoxFuture<'_, Option<BusEvent>>;

    /// How the connection is.
    fn state(&self) -> LinkState;
}
