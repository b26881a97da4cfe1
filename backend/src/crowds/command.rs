//! What can be asked of a crowd's log, and what comes of it. Pure data: [`super::ledger`] decides, [`super::log_store`] stores.

use crate::clock::Millis;
use crate::conversations::Sender;
use crate::ids::{ClientMessageId, CrowdId, MessageId, SiteId, TenantId, VisitorId};

use super::model::Entry;

/// One change of a crowd's log.
#[derive(Clone, Debug)]
pub struct Command {
    /// Whose rows.
    pub tenant: TenantId,
    /// Who asks. A visitor's name is found where the batch is.
    pub sender: Sender,
    /// Which crowd.
    pub crowd: CrowdId,
    /// What.
    pub what: What,
}

/// The kinds of change.
#[derive(Clone, Debug)]
pub enum What {
    /// Something said.
    Post {
        /// Names it for ever.
        client_message_id: ClientMessageId,
        /// Text, checked.
        text: String,
        /// Fingerprint of the whole request, to tell a retry from another body.
        body_hash: Vec<u8>,
    },
    /// Takes the text of an earlier entry out of the log.
    Retract {
        /// Which entry.
        target: i64,
    },
}

/// A command, and who asks where a visitor does.
#[derive(Clone, Debug)]
pub struct Queued {
    /// What is asked.
    pub command: Command,
    /// The visitor who asks; unset of an operator.
    pub visitor: Option<Asking>,
}

/// A visitor who asks.
#[derive(Clone, Debug)]
pub struct Asking {
    /// Their site.
    pub site: SiteId,
    /// They themselves, then whoever became part of them.
    pub selves: Vec<VisitorId>,
    /// The shop's server has said who they are.
    pub identified: bool,
}

/// The answer to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The entry's id.
    pub id: MessageId,
    /// Its place.
    pub seq: i64,
    /// When it was said.
    pub at: Millis,
    /// Until then the visitor waits with the next one.
    pub next_at: Option<Millis>,
}

/// What a command did.
#[derive(Clone, Debug)]
pub struct Done {
    /// For whoever asked.
    pub reply: Reply,
    /// For the members; unset where there is nothing new.
    pub told: Option<Entry>,
}

/// Why a command did nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Does not exist, or is another tenant's or site's.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The id has another body.
    #[error("message {0} was sent before with another text; make a new id for a new message")]
    Conflict(ClientMessageId),
    /// Only messages can be taken back.
    #[error("this entry is not a message; only messages can be deleted")]
    NotAMessage,
    /// Nobody but operators writes now.
    #[error("this chat is frozen: everybody can read, and only the shop writes until it is opened again")]
    Frozen,
    /// Muted, for so many milliseconds yet or until it is lifted.
    #[error("you are muted in this chat{}; you can go on reading", .0.map(|left| format!(" for {} more", duration(left))).unwrap_or_default())]
    Muted(Option<Millis>),
    /// Too soon, by so many milliseconds.
    #[error("this chat is in slow mode; write again in {}", duration(*.0))]
    Slow(Millis),
    /// Guests read only.
    #[error("only visitors who are signed in at the shop can write here; everybody can read")]
    IdentifiedOnly,
    /// Nobody knows what to call them.
    #[error("choose a name first (crowd.rename): everybody here sees it")]
    Nameless,
}

fn duration(left: Millis) -> String {
    let seconds = (left + 999) / 1_000;
    if seconds < 120 { format!("{seconds} s") } else { format!("{} min", (seconds + 59) / 60) }
}
