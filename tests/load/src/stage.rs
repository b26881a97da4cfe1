//! What a scenario and its actors tell each other: how far things are, when the server came back, when to stop.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use crate::client::Client;
use crate::clock::{Instant, millis_between};

/// Counts over all visitors.
#[derive(Debug, Clone, Copy, Default)]
pub struct Progress {
    pub sent: u64,
    pub acknowledged: u64,
}

/// Where one actor stands.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Conversation → applied up to.
    pub watermarks: BTreeMap<String, u64>,
    /// Messages written and not acknowledged.
    pub unsent: usize,
    /// Messages acknowledged.
    pub acknowledged: usize,
    /// Its messages are the scenario's progress: a visitor.
    pub is_source: bool,
    /// Nothing more will be written unless something is received.
    pub finished: bool,
}

/// One scenario's shared state.
#[derive(Debug)]
pub struct Stage {
    progress: watch::Sender<Progress>,
    stop: watch::Sender<bool>,
    ready_at: Mutex<Instant>,
    /// Coming back is counted from the welcome, because there is no one server that was away.
    from_welcome: bool,
    standings: Mutex<BTreeMap<String, Standing>>,
}

impl Default for Stage {
    fn default() -> Self {
        Self {
            progress: watch::Sender::default(),
            stop: watch::Sender::default(),
            ready_at: Mutex::new(Instant::now()),
            from_welcome: false,
            standings: Mutex::default(),
        }
    }
}

impl Stage {
    /// A stage of several servers.
    pub fn of_many() -> Self {
        Self { from_welcome: true, ..Self::default() }
    }

    /// A visitor sent messages, or had them acknowledged.
    pub fn count(&self, sent: u64, acknowledged: u64) {
        if sent + acknowledged > 0 {
            self.progress.send_modify(|progress| {
                progress.sent += sent;
                progress.acknowledged += acknowledged;
            });
        }
    }

    /// How far all visitors are.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Tells every actor to end.
    pub fn end(&self) {
        self.stop.send_replace(true);
    }

    /// Turns true when actors should end.
    pub fn ending(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// The server is ready (again) as of now.
    pub fn server_is_ready(&self) {
        *self.ready_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// The time it took to resume: since the server became ready, or the connection was lost, whichever is later; among many servers since
    /// one of them welcomed the client.
    pub fn resumed_after(&self, lost: Instant, welcomed: Instant) -> u64 {
        let ready = *self.ready_at.lock().unwrap_or_else(PoisonError::into_inner);
        millis_between(if self.from_welcome { welcomed } else { ready.max(lost) }, Instant::now())
    }

    /// An actor tells where it stands.
    pub fn stands(&self, client: &Client, is_source: bool, finished: bool) {
        let mut standings = self.standings.lock().unwrap_or_else(PoisonError::into_inner);
        let actor = &client.history.actor;
        if !standings.contains_key(actor) {
            standings.insert(actor.clone(), Standing::default());
        }
        let Some(standing) = standings.get_mut(actor) else { return };
        (standing.unsent, standing.finished) = (client.unsent(), finished);
        (standing.acknowledged, standing.is_source) = (client.history.acknowledged.len(), is_source);
        // Told with every message: what is known already is not copied again.
        for (conversation, have) in client.watermarks() {
            match standing.watermarks.get_mut(conversation) {
                Some(known) => *known = have,
                None => drop(standing.watermarks.insert(conversation.to_owned(), have)),
            }
        }
    }

    /// Where every actor stands.
    pub fn standings(&self) -> BTreeMap<String, Standing> {
        self.standings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
