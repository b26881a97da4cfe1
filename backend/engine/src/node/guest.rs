//! A connection as its own task holds it: when the task ends, however it ends, the node forgets the connection.

use std::ops::Deref;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use serde_json::Value;

use crate::node::Engine;
use crate::policy::Policy;
use crate::refusal::{Code, Refusal};
use crate::transport::Connection;

/// See the module.
pub(crate) struct Guest<P: Policy> {
    engine: Engine<P>,
    connection: Arc<Connection<P::Principal>>,
}

impl<P: Policy> Guest<P> {
    pub(super) fn new(engine: &Engine<P>, connection: Arc<Connection<P::Principal>>) -> Self {
        Self { engine: engine.clone(), connection }
    }

    /// The connection, for those that may outlive its task.
    pub(crate) fn connection(&self) -> &Arc<Connection<P::Principal>> {
        &self.connection
    }

    /// Notes a sign of life.
    pub(crate) fn touch(&self) {
        self.connection.touch(self.engine.clock());
    }

    /// The answer to a request; independent of the task, so that it can be finished when the connection has gone.
    pub(crate) fn answer(&self, method: String, params: Value) -> impl Future<Output = Result<Value, Refusal>> + Send + 'static {
        let (engine, connection) = (self.engine.clone(), Arc::clone(&self.connection));
        async move {
            let Some(caller) = &connection.caller else {
                return Err(Refusal::new(Code::Forbidden, "this connection asks nothing"));
            };
            let answer = AssertUnwindSafe(engine.handle(caller, &method, params)).catch_unwind().await;
            answer.unwrap_or_else(|_| {
                tracing::error!(connection.id = %connection.id, method, "a request panicked");
                Err(Refusal::new(Code::Internal, "the request failed"))
            })
        }
    }
}

impl<P: Policy> Deref for Guest<P> {
    type Target = Connection<P::Principal>;

    fn deref(&self) -> &Self::Target {
        &self.connection
    }
}

impl<P: Policy> Drop for Guest<P> {
    fn drop(&mut self) {
        self.engine.detach(self.connection.id);
        tracing::debug!(connection.id = %self.connection.id, "disconnected");
    }
}
