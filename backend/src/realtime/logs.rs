//! The engine's one log on the product's two kinds of logs: conversations with their notes ([`super::log`]), and crowds ([`super::crowd_log`]). A batch
//! is split, each part is one transaction, and one that fails says nothing of the other. Where the database takes several transactions at a time, crowds
//! have a lane of their own, and conversations are spread over the others by who is their visitor.

use uuid::Uuid;
use xpush::{Appended, ChannelId, ChannelLog, Committed, Publication, Refusal, Turn, Unappended};

use crate::conversations::{self, SenderKind};
use crate::crowds;
use crate::error::Error;
use crate::ids::{CrowdId, TenantId};

use super::Engine;
use super::crowd_log::CrowdLog;
use super::log::ConversationLog;

/// What is asked of a log.
pub enum Write {
    /// Of a conversation's.
    Conversation(Box<conversations::Queued>),
    /// Of a crowd's.
    Crowd(Box<crowds::Queued>),
}

/// What is answered.
pub enum Written {
    /// Of a conversation's log.
    Conversation(conversations::Reply),
    /// Of a crowd's.
    Crowd(crowds::Reply),
}

/// All logged channels.
pub struct Logs {
    conversations: ConversationLog,
    crowds: CrowdLog,
    lanes: usize,
}

/// The crowd whose log the channel is: `g/<tenant>/<crowd>`.
pub(super) fn crowd_of(channel: &ChannelId) -> Option<(TenantId, CrowdId)> {
    let (tenant, crowd) = channel.as_str().strip_prefix("g/")?.split_once('/')?;
    Some((TenantId(tenant.parse().ok()?), CrowdId(crowd.parse().ok()?)))
}

/// Changes the log of a conversation; answers after the commit.
pub(super) async fn change(engine: &Engine, queued: conversations::Queued) -> Result<conversations::Reply, Refusal> {
    match engine.append(Write::Conversation(Box::new(queued))).await? {
        Written::Conversation(reply) => Ok(reply),
        Written::Crowd(_) => Err(answered_for_another()),
    }
}

/// The same of a crowd.
pub(super) async fn say(engine: &Engine, queued: crowds::Queued) -> Result<crowds::Reply, Refusal> {
    match engine.append(Write::Crowd(Box::new(queued))).await? {
        Written::Crowd(reply) => Ok(reply),
        Written::Conversation(_) => Err(answered_for_another()),
    }
}

fn answered_for_another() -> Refusal {
    Error::internal(&"a log answered for another").into()
}

impl Logs {
    pub(super) fn new(conversations: ConversationLog, crowds: CrowdLog, lanes: usize) -> Self {
        Self { conversations, crowds, lanes }
    }
}

/// Whose command it is: all that one visitor does under one id is done in its order, and all that others do to one conversation.
fn whose(queued: &conversations::Queued) -> Uuid {
    let command = &queued.command;
    match (&queued.visitor, command.sender.kind) {
        (Some(acting), _) => acting.visitor.0,
        (None, SenderKind::Visitor) => command.sender.id.0,
        (None, _) => command.what.conversation().map_or(command.tenant.0, |id| id.0),
    }
}

/// Answers in the form that the engine wants, with what was refused as a whole refused one by one.
fn each<R, Q>(
    count: usize,
    answers: Result<Committed<R, Q>, Refusal>,
    written: fn(R) -> Written,
    write: fn(Box<Q>) -> Write,
) -> Committed<Written, Write> {
    let answers = match answers {
        Err(refusal) => return (0..count).map(|_| Err(refusal.clone().into())).collect(),
        Ok(answers) => answers,
    };
    let answered = |answer| match answer {
        Ok(Appended { reply, publications, follow }) => Ok(Appended { reply: written(reply), publications, follow }),
        Err(Unappended::Refused(refusal)) => Err(refusal.into()),
        Err(Unappended::Alone(queued)) => Err(Unappended::Alone(Box::new(write(queued)))),
    };
    answers.into_iter().map(answered).collect()
}

impl ChannelLog for Logs {
    type Entry = Write;
    type Reply = Written;

    fn lanes(&self) -> usize {
        self.lanes
    }

    fn lane(&self, entry: &Write) -> usize {
        match (entry, self.lanes) {
            (_, 0 | 1) => 0,
            (Write::Crowd(_), lanes) => lanes - 1,
            // Ids end in what was drawn by lot.
            (Write::Conversation(queued), lanes) => usize::from(whose(queued).as_bytes()[15]) % (lanes - 1),
        }
    }

    async fn append(&self, batch: Vec<Write>, turn: &mut Turn) -> Result<Committed<Written, Write>, Refusal> {
        let (mut conversations, mut crowds, mut order) = (Vec::new(), Vec::new(), Vec::with_capacity(batch.len()));
        for write in batch {
            order.push(matches!(write, Write::Crowd(_)));
            match write {
                Write::Conversation(queued) => conversations.push(*queued),
                Write::Crowd(queued) => crowds.push(*queued),
            }
        }
        let counts = (conversations.len(), crowds.len());
        let of_conversations = async { if counts.0 == 0 { Ok(Vec::new()) } else { self.conversations.append(conversations, turn).await } };
        let of_crowds = async { if counts.1 == 0 { Ok(Vec::new()) } else { self.crowds.append(crowds).await } };
        let (of_conversations, of_crowds) = tokio::join!(of_conversations, of_crowds);
        let mut of_conversations = each(counts.0, of_conversations, Written::Conversation, Write::Conversation).into_iter();
        let mut of_crowds = each(counts.1, of_crowds, Written::Crowd, Write::Crowd).into_iter();
        let next = |is_crowd| if is_crowd { of_crowds.next() } else { of_conversations.next() };
        Ok(order.into_iter().map(next).map(|answer| answer.unwrap_or_else(|| Err(answered_for_another().into()))).collect())
    }

    async fn since(&self, channel: &ChannelId, after: u64, limit: usize) -> Result<Vec<Publication>, Refusal> {
        match crowd_of(channel) {
            Some(crowd) => self.crowds.since(channel, crowd, after, limit).await,
            None => self.conversations.since(channel, after, limit).await,
        }
    }

    async fn tops(&self, channels: &[ChannelId]) -> Result<Vec<(ChannelId, u64)>, Refusal> {
        let (crowds, others): (Vec<ChannelId>, Vec<ChannelId>) = channels.iter().cloned().partition(|channel| crowd_of(channel).is_some());
        let mut tops = if others.is_empty() { Vec::new() } else { self.conversations.tops(&others).await? };
        if !crowds.is_empty() {
            tops.extend(self.crowds.tops(&crowds).await?);
        }
        Ok(tops)
    }
}
