//! What the actors of a scenario saw, and what the server says at the end. Plain data, no judgement.

use std::collections::BTreeMap;

/// A message an actor decided to send, in the order it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub client_message_id: String,
    pub text: String,
}

/// An answer that promised a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledged {
    pub client_message_id: String,
    pub conversation: String,
    pub seq: u64,
    pub id: String,
}

/// One row of a conversation's log, as a receiver was told it or as the server tells it at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub seq: u64,
    pub id: String,
    /// The event type, `message.posted` for a message.
    pub kind: String,
    pub sender: String,
    pub client_message_id: Option<String>,
    pub text: Option<String>,
}

/// All that one actor did and saw.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// A name for the reader of the report.
    pub actor: String,
    /// The participant id the server gave the actor; the `sender` of its messages.
    pub participant: String,
    pub asked: Vec<Asked>,
    pub acknowledged: Vec<Acknowledged>,
    /// Per conversation, the entries in the order the actor applied them.
    pub received: BTreeMap<String, Vec<Entry>>,
    /// Per conversation, everything it was told, the dropped repeats too.
    pub told: BTreeMap<String, Vec<Entry>>,
    /// What the protocol does not allow, noticed on the way.
    pub notes: Vec<String>,
    /// For each kill it lived through: from readiness (or the loss, if later) to being caught up again.
    pub resumed_ms: Vec<u64>,
    /// For each message: from the first time it was sent to its acknowledgement, over as many connections as it took.
    pub acknowledged_ms: Vec<u64>,
    /// What happened to its connections during a send that took long, in the words of a report.
    pub slow: Vec<String>,
    /// How often its connection was lost.
    pub losses: u64,
}

/// The logs of all conversations, as the server tells them after the last restart.
pub type Truth = BTreeMap<String, Vec<Entry>>;
