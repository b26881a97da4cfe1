//! The orderly end of a node.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::node::Engine;
use crate::policy::Policy;

impl<P: Policy> Engine<P> {
    /// Accepts nobody any more, has the other nodes send nobody here, commits what is queued, tells every client to come back (`bye` 4000, each at its own moment), closes the
    /// connections and ends the tasks. Returns after `grace` at the latest, but for the time the last commit takes to give up.
    pub async fn drain(&self, grace: Duration) {
        let deadline = Instant::now() + grace;
        self.0.draining.cancel();
        self.say_leaving();
        tracing::info!(node.id = %self.0.id, "draining");
        if timeout_at(deadline, self.0.writer.close()).await.is_err() {
            tracing::error!(node.id = %self.0.id, "the log did not finish in time; its callers were not answered");
        }
        self.dismiss_all();
        self.say_farewell(Duration::from_secs(1).min(grace)).await;
        if timeout_at(deadline, self.0.tasks.guests_gone()).await.is_err() {
            tracing::warn!(node.id = %self.0.id, "some connections did not end in time");
        }
        self.0.tasks.stop().await;
        tracing::info!(node.id = %self.0.id, "drained");
    }

    fn dismiss_all(&self) {
        let mut hub = self.hub();
        let now = Instant::now();
        // What was committed last reaches its receivers before they are told to go.
        hub.flush_all(now);
        for id in hub.connections.ids() {
            hub.dismiss(id, self.leaving(), now);
        }
    }
}
