//! Node to node: what one node publishes reaches the others that have members. Lossy by contract: what gets lost is healed by sequence
//! numbers, so an implementation never blocks a publisher for long. Knows channels and bytes, nothing of what is in them.

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::channel::ChannelId;

pub mod memory;

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

/// One node's end of the bus. Messages of one publisher to one channel arrive in order. A node may receive its own.
/// Subscriptions hold until they are ended: an implementation renews them by itself when it loses its connection.
pub trait Bus: Send + Sync + 'static {
    /// Sends to every node that is subscribed to the channel.
    fn publish<'a>(&'a self, channel: &'a ChannelId, bytes: Bytes) -> BoxFuture<'a, Result<(), BusError>>;

    /// From now on `receive` returns messages of this channel. Repeating it changes nothing.
    fn subscribe<'a>(&'a self, channel: &'a ChannelId) -> BoxFuture<'a, Result<(), BusError>>;

    /// Ends a subscription, where there is one.
    fn unsubscribe<'a>(&'a self, channel: &'a ChannelId) -> BoxFuture<'a, Result<(), BusError>>;

    /// The next message; `None` when the bus has ended. Has one caller at a time; dropping the future loses nothing.
    fn receive(&self) -> BoxFuture<'_, Option<BusMessage>>;
}
