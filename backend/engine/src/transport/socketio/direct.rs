//! The adapter under socketioxide's namespace. It keeps no rooms: who is a member of what is the engine's matter. It is there because an adapter may send
//! data that is encoded already, where `emit` would encode it again for every socket.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use serde::Serialize;
use socketioxide::adapter::Emitter;
use socketioxide_core::adapter::errors::SocketError;
use socketioxide_core::adapter::{BroadcastOptions, CoreAdapter, CoreLocalAdapter, DefinedAdapter, SocketEmitter};
use socketioxide_core::packet::Packet;
use socketioxide_core::{Sid, Value};

use crate::transport::Undelivered;

/// An event with its data, encoded once and shared.
pub(crate) struct Event(Value);

impl Event {
    pub(crate) fn new(name: &str, data: &impl Serialize) -> Self {
        // Values that are JSON already cannot fail to encode; an event without data is what a client drops.
        let text = serde_json::to_string(&(name, data)).unwrap_or_else(|_| format!("[\"{name}\"]"));
        Self(Value::Str(text.into(), None))
    }
}

/// See the module.
pub(super) struct Direct {
    local: CoreLocalAdapter<Emitter>,
    way: Way,
}

/// Leads to the adapter of the namespace, as soon as there is one.
#[derive(Clone, Default)]
pub(super) struct Way(Arc<OnceLock<Weak<Direct>>>);

impl Way {
    /// Queues an event for one socket.
    pub(super) fn send(&self, to: Sid, event: &Event) -> Result<(), Undelivered> {
        let adapter = self.0.get().and_then(Weak::upgrade).ok_or(Undelivered::Gone)?;
        let sent = adapter.local.broadcast(Packet::event("/", event.0.clone()), BroadcastOptions::new(to));
        sent.map_err(
            |errors| if matches!(errors[..], [SocketError::InternalChannelFull, ..]) { Undelivered::Full } else { Undelivered::Gone },
        )
    }
}

impl CoreAdapter<Emitter> for Direct {
    type Error = Infallible;
    type State = Way;
    type AckStream = <Emitter as SocketEmitter>::AckStream;
    type InitRes = ();

    fn new(way: &Way, local: CoreLocalAdapter<Emitter>) -> Self {
        Self { local, way: way.clone() }
    }

    fn init(self: Arc<Self>, on_success: impl FnOnce() + Send + 'static) {
        // One namespace, one adapter.
        self.way.0.set(Arc::downgrade(&self)).ok();
        on_success();
    }

    async fn broadcast_with_ack(
        &self,
        packet: Packet,
        to: BroadcastOptions,
        timeout: Option<Duration>,
    ) -> Result<Self::AckStream, Infallible> {
        Ok(self.local.broadcast_with_ack(packet, to, timeout).0)
    }

    fn get_local(&self) -> &CoreLocalAdapter<Emitter> {
        &self.local
    }
}

impl DefinedAdapter for Direct {}
