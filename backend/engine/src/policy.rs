//! The trait by which a product plugs into the engine, and the types it is asked with.
//! The engine never looks into a principal or a payload; the product never sees a socket.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::channel::{ChannelId, Membership};
use crate::connections::ConnectionId;
use crate::log::ChannelLog;
use crate::node::Engine;
use crate::refusal::Refusal;

/// Who a connection speaks for, in the engine's eyes: opaque keys. One principal may have several devices, a device several connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The key of presence, follow and kick.
    pub principal: Arc<str>,
    /// Narrows a kick.
    pub device: Arc<str>,
}

/// How a client reaches the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransportKind {
    /// The engine's own JSON text frames.
    WebSocket,
    /// Socket.IO 5.
    SocketIo,
    /// Single requests, without a connection.
    Http,
    /// XPUSH's own namespaces; such connections ask the policy nothing (`xpush_wire`).
    Xpush,
}

/// What a transport knows when a client says hello.
#[derive(Clone, Debug)]
pub struct Handshake {
    /// The name the router was made with.
    pub listener: &'static str,
    /// How the client came.
    pub transport: TransportKind,
    /// The client's address.
    pub peer: IpAddr,
    /// The `Origin` header.
    pub origin: Option<String>,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// The hello object, without `t`.
    pub payload: Value,
}

/// A handshake that the policy agreed to.
#[derive(Debug)]
pub struct Accepted<P> {
    /// What the product wants to know about the caller of each later request.
    pub principal: P,
    /// The keys the engine knows it by.
    pub identity: Identity,
    /// The product's part of the welcome; the engine adds `v`, `connection` and `heartbeat`.
    pub welcome: Map<String, Value>,
    /// Channels the connection is a member of from the first moment.
    pub join: Vec<Membership>,
}

/// Who asks: over a connection, or over HTTP (`connection` is `None`).
pub struct Caller<P> {
    /// What the policy returned when it accepted the handshake.
    pub principal: Arc<P>,
    /// The keys of the same.
    pub identity: Identity,
    /// The connection that asks.
    pub connection: Option<ConnectionId>,
    /// The name of the router it came through.
    pub listener: &'static str,
    /// How it came.
    pub transport: TransportKind,
    /// The client's address.
    pub peer: IpAddr,
}

impl<P> Clone for Caller<P> {
    fn clone(&self) -> Self {
        Self {
            principal: Arc::clone(&self.principal),
            identity: self.identity.clone(),
            connection: self.connection,
            listener: self.listener,
            transport: self.transport,
            peer: self.peer,
        }
    }
}

impl<P> fmt::Debug for Caller<P> {
    // Without the principal, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("identity", &self.identity).field("connection", &self.connection).finish_non_exhaustive()
    }
}

/// The product's side of the boundary.
pub trait Policy: Send + Sync + Sized + 'static {
    /// What the product keeps of whoever was authenticated.
    type Principal: Send + Sync + 'static;
    /// Where logged channels are kept.
    type Log: ChannelLog;

    /// Judges a hello. Called before the connection is known to anybody; a refusal ends it with the refusal's disconnect.
    fn authenticate(
        &self,
        engine: &Engine<Self>,
        handshake: Handshake,
    ) -> impl Future<Output = Result<Accepted<Self::Principal>, Refusal>> + Send;

    /// The connection is known and has its welcome. What changed between `authenticate` and now is told here, for `follow` and `publish` reach it
    /// from now on. Requests of the connection wait until it returns.
    fn connected(&self, _engine: &Engine<Self>, _caller: &Caller<Self::Principal>) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// Whether the caller may be a member of a channel (and so read its log).
    fn authorize_join(
        &self,
        engine: &Engine<Self>,
        caller: &Caller<Self::Principal>,
        channel: &ChannelId,
    ) -> impl Future<Output = Result<Membership, Refusal>> + Send;

    /// Answers every request that is not one of the engine's own (`channel.join`, `channel.leave`, `channel.since`).
    fn request(
        &self,
        engine: &Engine<Self>,
        caller: &Caller<Self::Principal>,
        method: &str,
        params: Value,
    ) -> impl Future<Output = Result<Value, Refusal>> + Send;

    /// A client ended its connection itself, by the closing handshake of its WebSocket; said before presence is. A lost connection ends without.
    fn left(&self, _engine: &Engine<Self>, _caller: &Caller<Self::Principal>) {}

    /// Another node said this to all (`Engine::tell_nodes`). In order for each node; what it takes to act on it must not be awaited here.
    fn told(&self, _engine: &Engine<Self>, _data: &RawValue) {}

    /// What other nodes said may have been lost: whatever was believed for having heard nothing is to be looked up.
    fn missed(&self, _engine: &Engine<Self>) {}

    /// What this node says of itself in the registry, beside what the engine says. Asked three times in a lease.
    fn about(&self, _engine: &Engine<Self>) -> Value {
        Value::Null
    }

    /// The first connection of a principal came, or the last has been gone for `Options::presence_ttl`. In order for each principal.
    fn presence_changed(&self, engine: &Engine<Self>, identity: &Identity, present: bool) -> impl Future<Output = ()> + Send;
}
