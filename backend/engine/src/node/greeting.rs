//! From hello to welcome: judges a handshake and makes a connection of it.

use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::time::timeout;

use super::guest::Guest;
use crate::channel::Membership;
use crate::connections::ConnectionId;
use crate::node::Engine;
use crate::policy::{Accepted, Caller, Handshake, Identity, Policy, TransportKind};
use crate::refusal::{Code, Disconnect, Refusal, millis};
use crate::transport::frame::{Body, Frame};
use crate::transport::{Connection, Outbound};
use crate::wire::{Farewell, VERSION};

/// Clients of a draining node come back spread over this time, to another node or to this one restarted.
pub(super) const RETURN_SPREAD_MS: u64 = 1_500;
/// Who is sent here all the same, by a balancer that has not looked yet, was spread already and tries again at once.
const RETURN_SOON_MS: u64 = 200;

impl<P: Policy> Engine<P> {
    /// Judges a hello without making a connection: for the HTTP fallback. The welcome has `v` and `heartbeat`, no `connection`.
    pub async fn hello(&self, handshake: Handshake) -> Result<Accepted<P::Principal>, Refusal> {
        let mut accepted = self.judge(handshake).await?;
        self.complete(&mut accepted.welcome, None);
        Ok(accepted)
    }

    /// Judges a hello and makes a connection whose first frame is the welcome.
    pub(crate) async fn greet(&self, handshake: Handshake, outbound: Box<dyn Outbound>) -> Result<Guest<P>, Farewell> {
        let Handshake { listener, transport, peer, .. } = handshake;
        let Accepted { principal, identity, mut welcome, join } = self.judge(handshake).await?;
        let id = ConnectionId::new(&self.0.options.entropy);
        self.complete(&mut welcome, Some(id));
        let caller = Caller { principal: Arc::new(principal), identity, connection: Some(id), listener, transport, peer };
        let connection = Arc::new(Connection::new(id, caller, outbound, self.clock()));
        let attached = self.hub().attach(&connection, &join, &Frame::new(Body::Welcome(welcome)));
        attached.map_err(|_| Farewell::new(Disconnect::Internal, "the connection ended before its welcome"))?;
        let guest = Guest::new(self, connection);
        if self.0.draining.is_cancelled() {
            // The farewell of `drain` may have looked at the index just before this connection was there.
            return Err(self.leaving());
        }
        tracing::debug!(connection.id = %id, node.id = %self.0.id, "connected");
        if join.iter().any(|membership| membership.logged) {
            // What was committed after `authenticate` read the log, and before the connection was a member, shows in the tops.
            self.beat_soon(id);
        }
        if let Some(caller) = &guest.connection().caller {
            // Boxed, as the judging above: a connection's task is as large as its largest moment, and this one is over when it begins to idle.
            Box::pin(self.policy().connected(self, caller)).await;
        }
        Ok(guest)
    }

    /// Makes a connection that the policy does not know, a member of `join` from its first frame on.
    pub(crate) fn greet_apart(
        &self,
        identity: Identity,
        transport: TransportKind,
        join: &[Membership],
        outbound: Box<dyn Outbound>,
    ) -> Result<Guest<P>, Farewell> {
        let id = ConnectionId::new(&self.0.options.entropy);
        let connection = Arc::new(Connection::apart(id, identity, transport, outbound, self.clock()));
        let attached = self.hub().attach(&connection, join, &Frame::new(Body::Welcome(Map::new())));
        attached.map_err(|_| Farewell::new(Disconnect::Internal, "the connection ended before its welcome"))?;
        let guest = Guest::new(self, connection);
        // As above.
        if self.0.draining.is_cancelled() { Err(self.leaving()) } else { Ok(guest) }
    }

    async fn judge(&self, handshake: Handshake) -> Result<Accepted<P::Principal>, Refusal> {
        if self.0.draining.is_cancelled() {
            let Farewell { why, message, .. } = self.leaving();
            let retry_after_ms = Some(self.0.options.entropy.between(RETURN_SOON_MS / 4, RETURN_SOON_MS));
            return Err(Refusal { retry_after_ms, ..Refusal::new(Code::Unavailable, message).disconnect(why) });
        }
        check_version(&handshake.payload)?;
        let patience = self.0.options.hello_timeout;
        let judged = timeout(patience, Box::pin(self.0.policy.authenticate(self, handshake))).await;
        judged.unwrap_or_else(|_| {
            Err(Refusal::new(Code::Unavailable, "the hello could not be judged in time").disconnect(Disconnect::Internal))
        })
    }

    fn complete(&self, welcome: &mut Map<String, Value>, id: Option<ConnectionId>) {
        welcome.insert("v".to_owned(), Value::from(VERSION));
        welcome.insert("heartbeat".to_owned(), Value::from(millis(self.0.options.heartbeat)));
        if let Some(id) = id {
            welcome.insert("connection".to_owned(), Value::from(id.to_string()));
        }
    }

    /// What clients of a draining node hear.
    pub(crate) fn leaving(&self) -> Farewell {
        let message = "this node is shutting down; reconnect".to_owned();
        let retry_after_ms = Some(self.0.options.entropy.between(0, RETURN_SPREAD_MS));
        Farewell { why: Disconnect::GoingAway, message, retry_after_ms }
    }
}

fn check_version(hello: &Value) -> Result<(), Refusal> {
    let invalid = |message| Refusal::new(Code::Invalid, message).disconnect(Disconnect::ProtocolError);
    let fields = hello.as_object().ok_or_else(|| invalid("a hello is an object"))?;
    match fields.get("v").and_then(Value::as_u64) {
        Some(VERSION) => Ok(()),
        Some(other) => {
            let message = format!("version {other} is not spoken here; this server speaks {VERSION}");
            Err(Refusal::new(Code::Invalid, message).disconnect(Disconnect::VersionRefused))
        }
        None => Err(invalid("a hello needs `v`, the version of the protocol").field("v", "a whole number")),
    }
}
