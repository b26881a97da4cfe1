//! What can be asked of a conversation's log, and what comes of it. Pure data: [`super::ledger`] decides, [`super::log_store`] stores.

use std::sync::Arc;

use crate::clock::Millis;
use crate::ids::{ClientMessageId, ConversationId, MessageId, OperatorId, ParticipantId, TenantId, VisitorId};
use crate::visitors::Acting;

use super::content::Content;
use super::model::{Conversation, Entry, Receipts, Sender, Side, Status, Watermark};

/// One change of a conversation. Everything that moves a log goes through here, so that one writer gives every seq.
#[derive(Clone, Debug)]
pub struct Command {
    /// Whose rows.
    pub tenant: TenantId,
    /// Who asks.
    pub sender: Sender,
    /// Visitors who became part of the sender: what was theirs is the sender's.
    pub also: Vec<ParticipantId>,
    /// What.
    pub what: What,
}

/// The kinds of change.
#[derive(Clone, Debug)]
pub enum What {
    /// A message, to an existing conversation or to "my current one, or a new one".
    Post {
        /// Where to.
        target: Target,
        /// Names it for ever.
        client_message_id: ClientMessageId,
        /// What it carries, checked.
        content: Content,
        /// Fingerprint of the whole request, to tell a retry from another body.
        body_hash: Vec<u8>,
    },
    /// Another text for an earlier entry of the same sender.
    Edit {
        /// Which conversation.
        conversation: ConversationId,
        /// Which entry.
        target: i64,
        /// Names the edit.
        client_message_id: ClientMessageId,
        /// The new text, or `None` to take the entry back.
        text: Option<String>,
        /// Fingerprint.
        body_hash: Vec<u8>,
    },
    /// A text only operators see.
    Note {
        /// Which conversation.
        conversation: ConversationId,
        /// Names it.
        client_message_id: ClientMessageId,
        /// Text.
        text: String,
        /// Fingerprint.
        body_hash: Vec<u8>,
    },
    /// Resolve, snooze or reopen.
    SetStatus {
        /// Which.
        conversation: ConversationId,
        /// To what.
        status: Status,
        /// Of a snooze: when it is over; unset: when the visitor writes.
        until: Option<Millis>,
    },
    /// Open what was snoozed until now; what was woken or snoozed again meanwhile stays as it is.
    Wake {
        /// Which.
        conversation: ConversationId,
    },
    /// Give to an operator, or back to the queue.
    SetAssignee {
        /// Which.
        conversation: ConversationId,
        /// To whom.
        assignee: Option<OperatorId>,
        /// What the one who gives it away tells the other, in the same transaction.
        note: Option<Handing>,
        /// Only while it still stands so.
        only_if: OnlyIf,
    },
    /// From the virtual agent to people; of one that they have already, nothing happens.
    HandOver {
        /// Which.
        conversation: ConversationId,
        /// Why, for the log: `requested`, `misses`, `contact`, `attachment` or `operators_online`.
        reason: &'static str,
    },
    /// What the visitor thinks of it; again replaces.
    Rate {
        /// Which.
        conversation: ConversationId,
        /// 1 to 5.
        score: i64,
        /// In words.
        comment: Option<String>,
    },
    /// Move the sender's watermark forward.
    Receipt {
        /// Which.
        conversation: ConversationId,
        /// Up to here delivered.
        delivered: i64,
        /// Up to here read.
        read: i64,
    },
}

impl What {
    /// The conversation that is named; a post may go to whichever is the visitor's.
    pub fn conversation(&self) -> Option<ConversationId> {
        match self {
            Self::Post { target: Target::Current, .. } => None,
            Self::Post { target: Target::Conversation(id), .. } => Some(*id),
            Self::Edit { conversation, .. }
            | Self::Note { conversation, .. }
            | Self::SetStatus { conversation, .. }
            | Self::Wake { conversation }
            | Self::SetAssignee { conversation, .. }
            | Self::HandOver { conversation, .. }
            | Self::Rate { conversation, .. }
            | Self::Receipt { conversation, .. } => Some(*conversation),
        }
    }
}

/// The note of a transfer.
#[derive(Clone, Debug)]
pub struct Handing {
    /// Names the note.
    pub client_message_id: ClientMessageId,
    /// Its text.
    pub text: String,
    /// Fingerprint.
    pub body_hash: Vec<u8>,
}

/// What must still be true when an assignment is decided: routing plans on rows that it read a moment ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnlyIf {
    /// Nothing: a person decided.
    Anyway,
    /// Open, and this one's (or nobody's).
    StillOf(Option<OperatorId>),
}

/// Where a post goes.
#[derive(Clone, Debug)]
pub enum Target {
    /// This one.
    Conversation(ConversationId),
    /// The visitor's latest, or a new one.
    Current,
}

/// A command as it waits for the writer.
#[derive(Clone, Debug)]
pub struct Queued {
    /// What is asked.
    pub command: Command,
    /// A visitor who posts: their row is made or refreshed in the same transaction.
    pub visitor: Option<Acting>,
}

/// The answer to the one who asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// Stored, now or by an earlier try.
    Entry {
        /// Its id.
        id: MessageId,
        /// Its place.
        seq: i64,
        /// Its time.
        at: Millis,
        /// Where it went.
        conversation: Box<Conversation>,
        /// Both watermarks then.
        receipts: Receipts,
    },
    /// Status or assignee as they are now.
    Conversation(Box<Conversation>, Receipts),
    /// The watermark as it is now.
    Watermark(Watermark),
}

/// What others are told after the commit.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// A new entry of the log.
    Entry(Arc<Entry>),
    /// A new note.
    Note(Arc<Entry>),
    /// A watermark moved.
    Receipt {
        /// Where.
        conversation: ConversationId,
        /// Whose side.
        side: Side,
        /// Whose.
        participant: ParticipantId,
        /// To where.
        watermark: Watermark,
    },
    /// The visitor's view of it changed: status, assignee, or that it exists.
    Visitor(Box<Conversation>, Receipts),
}

/// All that comes of one command.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// For the one who asked.
    pub reply: Reply,
    /// For the others, in order.
    pub told: Vec<Told>,
    /// The row of the inbox that is no longer what it was.
    pub changed: Option<ConversationId>,
    /// True when it came, went, or moved between queue, operators and statuses: others may now be next, or have room.
    pub moved: bool,
    /// The virtual agent has it, and may have to answer.
    pub with_agent: bool,
    /// A visitor's connections that now belong to this conversation.
    pub follow: Option<(VisitorId, ConversationId)>,
}

/// Why a command is refused; nothing of it was stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No such conversation or entry for this sender.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The same client id came before with another body.
    #[error("client_message_id {0} was used before with another body; make a new id for a new message")]
    Conflict(ClientMessageId),
    /// Not theirs to change.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The state does not allow it.
    #[error("{0}")]
    State(&'static str),
}
