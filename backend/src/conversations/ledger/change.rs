//! What is said beside posting, and how far it was read: edits and retractions, notes, receipts.

use std::sync::Arc;

use serde_json::json;

use crate::ids::{ClientMessageId, ConversationId};

use super::super::command::{Done, Refused, Reply, Told};
use super::super::model::{Entry, SenderKind, Side, Watermark};
use super::{Act, Ledger, Log, NewEntry, ReceiptRow};

impl Ledger {
    pub(super) fn edit(
        &mut self,
        act: &Act<'_>,
        id: ConversationId,
        target: i64,
        (client_id, hash, text): (ClientMessageId, &[u8], Option<&str>),
    ) -> Result<Done, Refused> {
        self.visible(act, id)?;
        let entry = self.entries.get(&(id, target)).filter(|entry| entry.kind == "message.posted").ok_or(Refused::NotFound("message"))?;
        if !act.is(entry.sender_id) {
            return Err(Refused::Forbidden("only the sender can change a message"));
        }
        if entry.data["kind"] == "retracted" {
            return Err(Refused::State("the message was taken back already"));
        }
        if text.is_some() && entry.data["kind"] != "text" {
            return Err(Refused::State("only a text can be changed; take the message back and send another"));
        }
        let (kind, data) = match text {
            Some(text) => ("message.edited", json!({"target": target, "text": text})),
            None => ("message.retracted", json!({"target": target})),
        };
        if text.is_none() {
            self.erase(id, target);
        }
        let entry = self.push(act, id, kind, Some((client_id, hash)), data).ok_or(Refused::NotFound("conversation"))?;
        let conversation = self.visible(act, id)?;
        let reply = self.entry_reply(&entry, conversation);
        Ok(Done { reply, told: vec![Told::Entry(entry)], changed: Some(id), moved: false, with_agent: false, follow: None })
    }

    /// The text goes from the entry, and from edits of it made in this batch; stored edits are erased by the store.
    fn erase(&mut self, id: ConversationId, target: i64) {
        let gone = json!({"kind": "retracted"});
        if let Some(entry) = self.entries.get_mut(&(id, target)) {
            Arc::make_mut(entry).data = gone.clone();
        }
        for new in self.new_entries.iter_mut().filter(|new| new.entry.conversation_id == id) {
            if new.entry.seq == target {
                Arc::make_mut(&mut new.entry).data = gone.clone();
            } else if new.entry.kind == "message.edited" && new.entry.data["target"] == target {
                Arc::make_mut(&mut new.entry).data = json!({"target": target});
            }
        }
        self.erased.push((id, target));
    }

    pub(super) fn note(
        &mut self,
        act: &Act<'_>,
        id: ConversationId,
        (client_id, hash, text): (ClientMessageId, &[u8], &str),
    ) -> Result<Done, Refused> {
        operators_only(act)?;
        self.visible(act, id)?;
        let conversation = self.conversations.get_mut(&id).ok_or(Refused::NotFound("conversation"))?;
        conversation.last_note_seq += 1;
        let entry = Arc::new(Entry {
            tenant_id: act.tenant,
            conversation_id: id,
            seq: conversation.last_note_seq,
            id: act.clock.new_id(),
            kind: "note.posted".to_owned(),
            sender_kind: act.sender.kind,
            sender_id: act.sender.id,
            sender_name: act.sender.name.clone(),
            client_message_id: Some(client_id),
            data: json!({"text": text}),
            at: act.now,
        });
        self.dirty.insert(id);
        self.remember(Log::Notes, &entry, Some((client_id, hash)));
        self.new_notes.push(NewEntry { entry: Arc::clone(&entry), body_hash: Some(hash.to_vec()) });
        let reply = self.entry_reply(&entry, self.visible(act, id)?);
        Ok(Done { reply, told: vec![Told::Note(entry)], changed: Some(id), moved: false, with_agent: false, follow: None })
    }

    pub(super) fn rate(&mut self, act: &Act<'_>, id: ConversationId, score: i64, comment: Option<&str>) -> Result<Done, Refused> {
        if act.sender.kind != SenderKind::Visitor {
            return Err(Refused::Forbidden("only the visitor can rate a conversation"));
        }
        self.visible(act, id)?;
        self.ratings.push((id, score, comment.map(ToOwned::to_owned)));
        let entry = self.push(act, id, "rating.given", None, json!({"score": score, "comment": comment}));
        let reply = Reply::Conversation(Box::new(self.visible(act, id)?.clone()), self.receipts_of(id));
        let told = entry.map(Told::Entry).into_iter().chain(self.told_visitor(id)).collect();
        Ok(Done { reply, told, changed: Some(id), moved: false, with_agent: false, follow: None })
    }

    pub(super) fn advance_receipt(&mut self, act: &Act<'_>, id: ConversationId, delivered: i64, read: i64) -> Result<Done, Refused> {
        let top = self.visible(act, id)?.last_seq;
        let side = if act.sender.kind == SenderKind::Visitor { Side::Visitor } else { Side::Operator };
        let key = (id, act.sender.id);
        let before = self.receipt(key).map_or(Watermark::default(), |row| row.watermark);
        // What a client claims to have seen beyond the top does not exist yet.
        let read = read.clamp(0, top);
        let after = before.max(Watermark { delivered: delivered.clamp(0, top).max(read), read });
        let mut told = Vec::new();
        if after != before {
            self.put_receipt(ReceiptRow { conversation: id, participant: act.sender.id, side, watermark: after });
            self.new_receipts.insert(key);
            told.push(Told::Receipt { conversation: id, side, participant: act.sender.id, watermark: after });
        }
        // An operator who has read it takes the unread count away for all; the inbox must know.
        let changed = (side == Side::Operator && after.read != before.read).then_some(id);
        Ok(Done { reply: Reply::Watermark(after), told, changed, moved: false, with_agent: false, follow: None })
    }
}

pub(super) fn operators_only(act: &Act<'_>) -> Result<(), Refused> {
    if act.sender.kind == SenderKind::Visitor { Err(Refused::Forbidden("only operators can do this")) } else { Ok(()) }
}
