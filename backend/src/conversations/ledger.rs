//! Decides what a batch of commands does to the logs: seq, reopening, linking, assignment, exactly-once. Pure: the rows a batch may touch are
//! loaded before, and what changed is stored after, by [`super::log_store`], in one transaction.

mod change;
mod desk;
mod post;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use crate::clock::{Clock, Millis};
use crate::ids::{ClientMessageId, ConversationId, FileId, OperatorId, ParticipantId, SiteId, TenantId, VisitorId};

use super::command::{Command, Done, Queued, Refused, Reply, Told, What};
use super::model::{Conversation, Entry, Receipts, Sender, SenderKind, Side, Watermark};

/// An entry that a client id already names.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// Fingerprint of the body it came with.
    pub(super) body_hash: Vec<u8>,
    /// The entry.
    pub(super) entry: Arc<Entry>,
}

/// A participant's stored receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReceiptRow {
    /// Conversation.
    pub(super) conversation: ConversationId,
    /// Participant.
    pub(super) participant: ParticipantId,
    /// Their side.
    pub(super) side: Side,
    /// Their watermark.
    pub(super) watermark: Watermark,
}

/// A new log entry together with the fingerprint that guards its client id.
#[derive(Clone, Debug)]
pub(super) struct NewEntry {
    /// The row.
    pub(super) entry: Arc<Entry>,
    /// Absent for entries that nobody typed.
    pub(super) body_hash: Option<Vec<u8>>,
}

/// Which log a client id belongs to: a note and a message may not answer for one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Log {
    /// What the visitor can see.
    Messages,
    /// What operators see.
    Notes,
}

/// The rows a batch works on, of whatever tenants it concerns, and what it adds.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    conversations: HashMap<ConversationId, Conversation>,
    current: HashMap<VisitorId, ConversationId>,
    known: HashMap<(Log, ParticipantId, ClientMessageId), Known>,
    /// Who became part of whom.
    merged: HashMap<ParticipantId, ParticipantId>,
    entries: HashMap<(ConversationId, i64), Arc<Entry>>,
    receipts: HashMap<ConversationId, Vec<ReceiptRow>>,
    reopen_days: HashMap<SiteId, i64>,
    /// Sites whose virtual agent answers first.
    agents: HashSet<SiteId>,
    operators: HashMap<OperatorId, (String, Option<String>)>,
    /// Files that nobody has sent yet, with their senders.
    files: HashMap<FileId, (ParticipantId, Value)>,
    /// Conversations as they are stored.
    stored: HashMap<ConversationId, Conversation>,
    /// Conversations to write back.
    pub(super) dirty: HashSet<ConversationId>,
    /// Rows to insert into `messages`.
    pub(super) new_entries: Vec<NewEntry>,
    /// Rows to insert into `notes`.
    pub(super) new_notes: Vec<NewEntry>,
    /// Receipts to write.
    pub(super) new_receipts: HashSet<(ConversationId, ParticipantId)>,
    /// Files that a new entry carries.
    pub(super) sent: Vec<(FileId, ConversationId, i64)>,
    /// Ratings to write.
    pub(super) ratings: Vec<(ConversationId, i64, Option<String>)>,
    /// Entries whose text goes, with the edits of them.
    pub(super) erased: Vec<(ConversationId, i64)>,
}

/// What is being decided: who, when, and where fresh ids come from.
pub(super) struct Act<'a> {
    pub(super) tenant: TenantId,
    pub(super) sender: &'a Sender,
    pub(super) also: &'a [ParticipantId],
    pub(super) now: Millis,
    pub(super) clock: &'a Clock,
}

impl Act<'_> {
    /// True for the sender, and for whoever became part of them.
    pub(super) fn is(&self, participant: ParticipantId) -> bool {
        self.sender.id == participant || self.also.contains(&participant)
    }

    /// The sender, and whoever became part of them.
    pub(super) fn selves(&self) -> impl Iterator<Item = ParticipantId> {
        std::iter::once(self.sender.id).chain(self.also.iter().copied())
    }
}

impl Ledger {
    /// Adds a loaded conversation.
    pub(super) fn know_conversation(&mut self, conversation: Conversation) {
        self.stored.entry(conversation.id).or_insert_with(|| conversation.clone());
        self.conversations.entry(conversation.id).or_insert(conversation);
    }

    /// Whether a stored conversation has grown and is otherwise as it was.
    pub(super) fn has_only_grown(&self, conversation: &Conversation) -> bool {
        self.stored.get(&conversation.id).is_some_and(|stored| {
            let Conversation { last_seq, last_note_seq, last_message_seq, updated_at, .. } = *conversation;
            Conversation { last_seq, last_note_seq, last_message_seq, updated_at, ..stored.clone() } == *conversation
        })
    }

    /// Adds a visitor's latest conversation.
    pub(super) fn know_current(&mut self, conversation: Conversation) {
        self.current.insert(conversation.visitor_id, conversation.id);
        self.know_conversation(conversation);
    }

    /// Adds that this is the latest of a visitor who writes nothing in this batch.
    pub(super) fn know_latest(&mut self, visitor: VisitorId, conversation: ConversationId) {
        self.current.insert(visitor, conversation);
    }

    /// Adds a conversation that this batch begins.
    fn begin(&mut self, conversation: Conversation) {
        self.current.insert(conversation.visitor_id, conversation.id);
        self.dirty.insert(conversation.id);
        self.conversations.insert(conversation.id, conversation);
    }

    /// Adds an entry that a client id of the batch already names.
    pub(super) fn know_client_id(&mut self, log: Log, id: ClientMessageId, known: Known) {
        self.known.insert((log, known.entry.sender_id, id), known);
    }

    /// Adds who became part of whom: what the one said may have been said by the other before it came here.
    pub(super) fn know_merged(&mut self, from: ParticipantId, into: ParticipantId) {
        self.merged.insert(from, into);
    }

    /// Whom a participant became part of.
    pub(super) fn merged(&self, from: ParticipantId) -> Option<ParticipantId> {
        self.merged.get(&from).copied()
    }

    /// Adds an entry that the batch edits.
    pub(super) fn know_entry(&mut self, entry: Entry) {
        self.entries.insert((entry.conversation_id, entry.seq), Arc::new(entry));
    }

    /// Adds a stored receipt.
    pub(super) fn know_receipt(&mut self, row: ReceiptRow) {
        self.put_receipt(row);
    }

    fn put_receipt(&mut self, row: ReceiptRow) {
        let rows = self.receipts.entry(row.conversation).or_default();
        match rows.iter_mut().find(|known| known.participant == row.participant) {
            Some(known) => *known = row,
            None => rows.push(row),
        }
    }

    /// Adds a site's setting.
    pub(super) fn know_reopen_days(&mut self, site: SiteId, days: i64) {
        self.reopen_days.insert(site, days);
    }

    /// Adds a site whose virtual agent answers first.
    pub(super) fn know_agent(&mut self, site: SiteId) {
        self.agents.insert(site);
    }

    /// Adds an operator who may be assigned.
    pub(super) fn know_operator(&mut self, id: OperatorId, name: String, photo: Option<String>) {
        self.operators.insert(id, (name, photo));
    }

    /// Adds a file that waits for a message, as messages show it.
    pub(super) fn know_file(&mut self, id: FileId, uploader: ParticipantId, attachment: Value) {
        self.files.insert(id, (uploader, attachment));
    }

    /// A conversation as it stands in this batch.
    pub(super) fn conversation(&self, id: ConversationId) -> Option<&Conversation> {
        self.conversations.get(&id)
    }

    /// A receipt as it stands in this batch.
    pub(super) fn receipt(&self, key: (ConversationId, ParticipantId)) -> Option<&ReceiptRow> {
        self.receipts.get(&key.0)?.iter().find(|row| row.participant == key.1)
    }

    /// Decides one command. On `Err` nothing of the ledger has changed.
    pub(super) fn apply(&mut self, queued: &Queued, clock: &Clock) -> Result<Done, Refused> {
        let done = self.decide(queued, clock)?;
        let with_agent = done.changed.and_then(|id| self.conversations.get(&id)).is_some_and(|found| found.agent_since.is_some());
        Ok(Done { with_agent, ..done })
    }

    fn decide(&mut self, queued: &Queued, clock: &Clock) -> Result<Done, Refused> {
        let Command { tenant, sender, also, what } = &queued.command;
        let act = Act { tenant: *tenant, sender, also, now: clock.now(), clock };
        match what {
            What::Post { target, client_message_id, content, body_hash } => self
                .repeated(Log::Messages, &act, *client_message_id, body_hash)?
                .map_or_else(|| self.post(&act, target, queued.visitor.as_ref(), (*client_message_id, body_hash, content)), Ok),
            What::Edit { conversation, target, client_message_id, text, body_hash } => self
                .repeated(Log::Messages, &act, *client_message_id, body_hash)?
                .map_or_else(|| self.edit(&act, *conversation, *target, (*client_message_id, body_hash, text.as_deref())), Ok),
            What::Note { conversation, client_message_id, text, body_hash } => self
                .repeated(Log::Notes, &act, *client_message_id, body_hash)?
                .map_or_else(|| self.note(&act, *conversation, (*client_message_id, body_hash, text)), Ok),
            What::SetStatus { conversation, status, until } => self.set_status(&act, *conversation, *status, *until),
            What::Wake { conversation } => self.wake(&act, *conversation),
            What::SetAssignee { conversation, assignee, note, only_if } => {
                self.set_assignee(&act, *conversation, *assignee, (note.as_ref(), *only_if))
            }
            What::HandOver { conversation, reason } => self.hand_over(&act, *conversation, reason),
            What::Rate { conversation, score, comment } => self.rate(&act, *conversation, *score, comment.as_deref()),
            What::Receipt { conversation, delivered, read } => self.advance_receipt(&act, *conversation, *delivered, *read),
        }
    }

    /// The first answer, when this client id was seen before with the same body.
    fn repeated(&self, log: Log, act: &Act<'_>, id: ClientMessageId, body_hash: &[u8]) -> Result<Option<Done>, Refused> {
        let mut names = act.selves().chain(self.merged(act.sender.id));
        let Some(known) = names.find_map(|sender| self.known.get(&(log, sender, id))) else { return Ok(None) };
        if known.body_hash != body_hash {
            return Err(Refused::Conflict(id));
        }
        let conversation = self.conversations.get(&known.entry.conversation_id).ok_or(Refused::NotFound("conversation"))?;
        // As it stands now: what was taken back meanwhile is not told again.
        let stored = if log == Log::Messages { self.entries.get(&(known.entry.conversation_id, known.entry.seq)) } else { None };
        let entry = stored.unwrap_or(&known.entry);
        let reply = self.entry_reply(entry, conversation);
        // The first try may have died between its commit and telling anybody; whoever has the entry already drops it by its seq.
        let told = vec![if log == Log::Messages { Told::Entry(Arc::clone(entry)) } else { Told::Note(Arc::clone(entry)) }];
        let follows = act.sender.kind == SenderKind::Visitor && act.is(known.entry.sender_id);
        let follow = follows.then_some((VisitorId(act.sender.id.0), conversation.id));
        Ok(Some(Done { reply, told, changed: Some(conversation.id), moved: false, with_agent: false, follow }))
    }

    fn entry_reply(&self, entry: &Entry, conversation: &Conversation) -> Reply {
        let receipts = self.receipts_of(conversation.id);
        Reply::Entry { id: entry.id, seq: entry.seq, at: entry.at, conversation: Box::new(conversation.clone()), receipts }
    }

    /// Both sides' furthest watermarks.
    fn receipts_of(&self, conversation: ConversationId) -> Receipts {
        let mut receipts = Receipts::default();
        for row in self.receipts.get(&conversation).into_iter().flatten() {
            let side = receipts.side_mut(row.side);
            *side = side.max(row.watermark);
        }
        receipts
    }

    /// The conversation, if this sender may see it.
    fn visible(&self, act: &Act<'_>, id: ConversationId) -> Result<&Conversation, Refused> {
        let conversation = self.conversations.get(&id).filter(|conversation| conversation.tenant_id == act.tenant);
        let own = |conversation: &&Conversation| match act.sender.kind {
            SenderKind::Visitor => act.is(conversation.visitor_id.into()),
            _ => true,
        };
        conversation.filter(own).ok_or(Refused::NotFound("conversation"))
    }

    /// Adds the next entry of a conversation's log. `typed` is the client id and fingerprint of what a person wrote.
    fn push(
        &mut self,
        act: &Act<'_>,
        id: ConversationId,
        kind: &str,
        typed: Option<(ClientMessageId, &[u8])>,
        data: Value,
    ) -> Option<Arc<Entry>> {
        let conversation = self.conversations.get_mut(&id)?;
        conversation.last_seq += 1;
        conversation.updated_at = act.now;
        let entry = Arc::new(Entry {
            tenant_id: act.tenant,
            conversation_id: id,
            seq: conversation.last_seq,
            id: act.clock.new_id(),
            kind: kind.to_owned(),
            sender_kind: act.sender.kind,
            sender_id: act.sender.id,
            sender_name: act.sender.name.clone(),
            client_message_id: typed.map(|(id, _)| id),
            data,
            at: act.now,
        });
        self.remember(Log::Messages, &entry, typed);
        self.new_entries.push(NewEntry { entry: Arc::clone(&entry), body_hash: typed.map(|(_, hash)| hash.to_vec()) });
        self.entries.insert((id, entry.seq), Arc::clone(&entry));
        self.dirty.insert(id);
        Some(entry)
    }

    fn remember(&mut self, log: Log, entry: &Arc<Entry>, typed: Option<(ClientMessageId, &[u8])>) {
        if let Some((id, hash)) = typed {
            self.known.insert((log, entry.sender_id, id), Known { body_hash: hash.to_vec(), entry: Arc::clone(entry) });
        }
    }

    fn told_visitor(&self, id: ConversationId) -> Option<Told> {
        let conversation = self.conversations.get(&id)?;
        Some(Told::Visitor(Box::new(conversation.clone()), self.receipts_of(id)))
    }
}

#[cfg(test)]
mod tests;
