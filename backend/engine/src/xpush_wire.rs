//! The namespaces of the first XPUSH (`/channel`, `/admin`), for its own client libraries, unmodified: Socket.IO of all generations over
//! Engine.IO 3 and 4, polling and WebSocket (docs/PROTOCOL.md). A small codec of our own stands on `engineioxide`: clients of that time put
//! their query into the namespace.
//!
//! * `packet`: the text of Socket.IO packets; `call`: what `send` is asked, and what is delivered of it. Both pure.
//! * `door`: which requests are ours; `session`: the loop of one connection; `usage`: what `/admin` tells.
//!
//! An *app* is a realm of channels. Who may come into one is judged by [`Apps`], not by the product's policy: its channels live apart from
//! all others, and nobody there is known to the policy. They are not logged: what is published reaches who is there.

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;

use crate::channel::ChannelId;
use crate::node::{Engine, RESERVED};
use crate::policy::Policy;
use crate::refusal::Disconnect;

mod call;
mod door;
mod packet;
mod session;
mod usage;

pub use door::beside;

/// Longest name of an app, a channel, a user or a device, in bytes.
pub const NAME_MAX: usize = 256;
/// Longest credential.
const TOKEN_MAX: usize = 4096;

/// Who may come into the channels of an app: the product's side.
pub trait Apps: Send + Sync + 'static {
    /// Judges who wants to come into a channel. An error is told to the client.
    fn admit(&self, knock: &Knock) -> impl Future<Output = Result<Admitted, String>> + Send;

    /// Whether a token opens `/admin`.
    fn admits_monitor(&self, token: &str) -> bool;

    /// Milliseconds since 1970, which messages carry as `TS`.
    fn now(&self) -> i64;
}

/// Who wants to come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Knock {
    /// `A`.
    pub app: String,
    /// `C`.
    pub channel: String,
    /// `U`, as the client says.
    pub user: Option<String>,
    /// `D`.
    pub device: String,
    /// `TK`.
    pub token: Option<String>,
    /// The client's address.
    pub peer: IpAddr,
    /// The `Origin` header.
    pub origin: Option<String>,
}

/// Somebody who may come in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admitted {
    /// Who they are, where that is proven: it stands in place of what the client says.
    pub user: Option<String>,
}

/// What `/admin` says of this server beside what it measures.
#[derive(Clone, Debug, Default)]
pub struct ServerInfo {
    /// Where clients reach it.
    pub host: String,
    /// See above.
    pub port: u16,
}

/// The name by which the engine knows a channel of an app: for [`Engine::node_for`].
pub fn channel(app: &str, channel: &str) -> ChannelId {
    format!("{RESERVED}xpush{RESERVED}{app}{RESERVED}{channel}").into()
}

/// True for what [`channel`] makes.
fn is_channel(channel: &ChannelId) -> bool {
    channel.as_str().strip_prefix(RESERVED).and_then(|rest| rest.strip_prefix("xpush")).is_some_and(|rest| rest.starts_with(RESERVED))
}

/// The channel of one connection, by which it is reached from any node.
fn own_channel(app: &str, sid: &str) -> ChannelId {
    format!("{RESERVED}xsid{RESERVED}{app}{RESERVED}{sid}").into()
}

/// The key of everybody in an app.
fn principal(app: &str) -> Arc<str> {
    format!("{RESERVED}xpush{RESERVED}{app}").into()
}

/// Disconnects everybody who is in an app, here at once and on the other nodes soon. Returns how many were here.
pub fn end<P: Policy>(engine: &Engine<P>, app: &str) -> usize {
    engine.kick(&principal(app), None, Disconnect::Forbidden, "this app is not served any more, or asks for another token")
}

/// Whether a name may be an app's, a channel's, a user's or a device's.
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= NAME_MAX && !text.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_one_kind_are_never_those_of_another() {
        let room = channel("demo", "a^b");
        assert!(is_channel(&room) && !is_channel(&own_channel("demo", "a^b")) && !is_channel(&"xpush".into()));
        assert_ne!(channel("a", "b^c"), channel("a^b", "c"), "no letter of a name divides names");
        assert!(is_name("http://shop.test/?a=1") && is_name("방") && !is_name("") && !is_name("a\u{1}b") && !is_name(&"x".repeat(257)));
    }
}
