//! What is published where: channel names, memberships and publications. Plain data; who is a member of what is in `connections`.

use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// The name of a channel. Opaque to the engine and to clients; cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelId(Arc<str>);

impl ChannelId {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for ChannelId {
    fn from(name: &str) -> Self {
        Self(Arc::from(name))
    }
}

impl From<String> for ChannelId {
    fn from(name: String) -> Self {
        Self(Arc::from(name))
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &self.0)
    }
}

impl Serialize for ChannelId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// That somebody belongs to a channel, and whether the channel is kept in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Which channel.
    pub channel: ChannelId,
    /// Whether its publications have sequence numbers and can be read again.
    pub logged: bool,
}

/// One publication of a channel. `data` is encoded once and shared by everybody who receives it.
#[derive(Clone, Debug)]
pub struct Publication {
    /// Where it goes.
    pub channel: ChannelId,
    /// Its number in the log; `None` for what is not logged.
    pub seq: Option<u64>,
    /// The JSON that receivers get as `d`.
    pub data: Arc<RawValue>,
}
