//! What the engine needs of a transport: a bounded way out per connection, and a way to ask it to end. Two transports exist.

use std::future::poll_fn;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::task::Poll;

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap, HeaderName, header};
use futures_util::task::AtomicWaker;
use serde_json::Value;

use crate::connections::ConnectionId;
use crate::options::Options;
use crate::policy::{Caller, Handshake, Identity, TransportKind};
use crate::refusal::Disconnect;
use crate::wire::Farewell;

pub(crate) mod frame;
pub mod socketio;
pub mod websocket;

use frame::Frame;

/// Inserted into request extensions by the product's middleware: the client's address after trusted proxies. Without it the
/// transports use axum's `ConnectInfo<SocketAddr>`, and without that 0.0.0.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// Why a frame did not find its way into a connection's queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undelivered {
    /// The queue is full: the client does not read fast enough.
    Full,
    /// The connection is ending.
    Gone,
}

/// The way out of one connection. Called under the node's lock: it must neither wait nor call back.
pub(crate) trait Outbound: Send + Sync {
    /// Queues a frame.
    fn send(&self, frame: &Frame) -> Result<(), Undelivered>;
}

/// A client that has said hello and was accepted.
pub(crate) struct Connection<P> {
    pub(crate) id: ConnectionId,
    pub(crate) identity: Identity,
    pub(crate) transport: TransportKind,
    /// `None` for who speaks to no policy.
    pub(crate) caller: Option<Caller<P>>,
    pub(crate) exit: Exit,
    outbound: Box<dyn Outbound>,
    /// Milliseconds since the node started, as the next.
    since: u64,
    seen: AtomicU64,
    /// Heartbeats sent since.
    unanswered: AtomicU32,
}

impl<P> Connection<P> {
    pub(crate) fn new(id: ConnectionId, caller: Caller<P>, outbound: Box<dyn Outbound>, now: u64) -> Self {
        let (identity, transport) = (caller.identity.clone(), caller.transport);
        Self { caller: Some(caller), ..Self::apart(id, identity, transport, outbound, now) }
    }

    /// One that the policy does not know. Its transport finds out by itself when it is silent.
    pub(crate) fn apart(id: ConnectionId, identity: Identity, transport: TransportKind, outbound: Box<dyn Outbound>, now: u64) -> Self {
        let (seen, unanswered) = (AtomicU64::new(now), AtomicU32::new(0));
        Self { id, identity, transport, caller: None, exit: Exit::default(), outbound, since: now, seen, unanswered }
    }

    /// Queues a frame.
    pub(crate) fn send(&self, frame: &Frame) -> Result<(), Undelivered> {
        self.outbound.send(frame)
    }

    /// When it came, on the node's clock.
    pub(crate) fn since(&self) -> u64 {
        self.since
    }

    /// Something was heard from the client.
    pub(crate) fn touch(&self, now: u64) {
        self.seen.fetch_max(now, Ordering::Relaxed);
        self.unanswered.store(0, Ordering::Relaxed);
    }

    /// A heartbeat was sent.
    pub(crate) fn beaten(&self) {
        if self.caller.is_some() {
            self.unanswered.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many heartbeats were sent since something was heard.
    pub(crate) fn unanswered(&self) -> u32 {
        self.unanswered.load(Ordering::Relaxed)
    }

    /// When something was last heard.
    pub(crate) fn seen(&self) -> u64 {
        self.seen.load(Ordering::Relaxed)
    }
}

/// Asks a connection's task to say farewell and end. The first farewell holds.
#[derive(Default)]
pub(crate) struct Exit {
    farewell: OnceLock<Farewell>,
    waiting: AtomicWaker,
}

impl Exit {
    /// Asks. `false` when somebody did before.
    pub(crate) fn ask(&self, farewell: Farewell) -> bool {
        let first = self.farewell.set(farewell).is_ok();
        self.waiting.wake();
        first
    }

    /// Returns when asked. For the one task that serves the connection.
    pub(crate) async fn asked(&self) -> &Farewell {
        poll_fn(|context| {
            self.waiting.register(context.waker());
            self.farewell.get().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}

/// What a transport knows of a client before its hello.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) listener: &'static str,
    pub(crate) transport: TransportKind,
    pub(crate) peer: IpAddr,
    pub(crate) origin: Option<String>,
    user_agent: Option<String>,
}

impl Arrival {
    /// Copies what is needed, so that no request buffer is kept alive.
    pub(crate) fn new(listener: &'static str, transport: TransportKind, headers: &HeaderMap, extensions: &Extensions) -> Self {
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        Self { listener, transport, peer: peer(extensions), origin: text(header::ORIGIN), user_agent: text(header::USER_AGENT) }
    }

    /// The handshake that a hello makes of it.
    pub(crate) fn handshake(self, payload: Value) -> Handshake {
        let Self { listener, transport, peer, origin, user_agent } = self;
        Handshake { listener, transport, peer, origin, user_agent, payload }
    }
}

/// The client's address.
pub(crate) fn peer(extensions: &Extensions) -> IpAddr {
    let given = extensions.get::<Peer>().map(|peer| peer.0);
    let connected = || extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    given.or_else(connected).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

/// What a client that makes too many requests hears.
pub(crate) fn too_fast(options: &Options) -> Farewell {
    let (burst, per_second) = (options.request_burst, options.requests_per_second);
    let message = format!("more than {burst} requests at once and {per_second} a second");
    Farewell { why: Disconnect::TooFast, message, retry_after_ms: Some(2_000) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_is_whom_the_middleware_says_else_whom_the_socket_says() {
        let mut extensions = Extensions::new();
        assert_eq!(peer(&extensions).to_string(), "0.0.0.0");
        extensions.insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 80))));
        assert_eq!(peer(&extensions).to_string(), "10.0.0.1");
        extensions.insert(Peer([192, 0, 2, 7].into()));
        assert_eq!(peer(&extensions).to_string(), "192.0.2.7");
    }

    #[tokio::test]
    async fn the_first_farewell_holds_and_is_heard_by_who_waits_later() {
        let exit = Exit::default();
        assert!(exit.ask(Farewell::new(Disconnect::Forbidden, "first")));
        assert!(!exit.ask(Farewell::new(Disconnect::GoingAway, "second")));
        assert_eq!(exit.asked().await.message, "first");
        assert_eq!(exit.asked().await.message, "first");
    }
}
