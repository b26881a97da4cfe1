//! Where a conversation stands and whose it is: status and snooze, assignment and transfer.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::clock::Millis;
use crate::ids::{ConversationId, OperatorId};

use super::super::command::{Done, Handing, OnlyIf, Refused, Reply, Told};
use super::super::model::{Conversation, Entry, SenderKind, Status};
use super::change::operators_only;
use super::{Act, Ledger, Log};

impl Conversation {
    /// Gives it this status, with the times that hang on it.
    pub(super) fn stand(&mut self, status: Status, now: Millis) {
        self.status = status;
        self.resolved_at = (status == Status::Resolved).then_some(now);
        self.snoozed_until = None;
        if status == Status::Resolved {
            self.waiting_since = None;
        }
        self.queue(now);
    }

    /// Keeps its place while it is queued. Who came back to the queue stands where their waiting puts them, not at its end.
    pub(super) fn queue(&mut self, now: Millis) {
        if self.status != Status::Open || self.assignee_id.is_some() {
            self.agent_since = None;
        }
        let queued = self.status == Status::Open && self.assignee_id.is_none() && self.agent_since.is_none();
        self.queued_since = queued.then(|| self.queued_since.or(self.waiting_since).unwrap_or(now));
    }
}

impl Ledger {
    pub(super) fn set_status(&mut self, act: &Act<'_>, id: ConversationId, status: Status, until: Option<Millis>) -> Result<Done, Refused> {
        // A visitor may say that it is done, and reopens by writing.
        if status != Status::Resolved {
            operators_only(act)?;
        }
        let conversation = self.visible(act, id)?;
        if conversation.status == status && conversation.snoozed_until == until {
            return self.unchanged(act, id);
        }
        let (kind, data) = match status {
            Status::Resolved => ("conversation.resolved", json!({})),
            Status::Open => ("conversation.reopened", json!({})),
            Status::Snoozed => ("conversation.snoozed", json!({"until": until})),
        };
        self.stand(act, id, (status, until), (kind, data))
    }

    /// The virtual agent lets go; the log tells why, but where people were there from the beginning.
    pub(super) fn hand_over(&mut self, act: &Act<'_>, id: ConversationId, reason: &str) -> Result<Done, Refused> {
        operators_only(act)?;
        if self.visible(act, id)?.agent_since.is_none() {
            return self.unchanged(act, id);
        }
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.agent_since = None;
            conversation.waiting_since = conversation.waiting_since.or(Some(act.now));
            conversation.queue(act.now);
        }
        self.dirty.insert(id);
        let told = if reason == "operators_online" {
            None
        } else {
            self.push(act, id, "conversation.handed_over", None, json!({"reason": reason}))
        };
        self.moved(act, id, told.map(Told::Entry).into_iter().collect())
    }

    pub(super) fn wake(&mut self, act: &Act<'_>, id: ConversationId) -> Result<Done, Refused> {
        operators_only(act)?;
        let conversation = self.visible(act, id)?;
        let over = conversation.status == Status::Snoozed && conversation.snoozed_until.is_some_and(|until| until <= act.now);
        if !over {
            return self.unchanged(act, id);
        }
        self.stand(act, id, (Status::Open, None), ("conversation.reopened", json!({"reason": "snooze_over"})))
    }

    fn stand(
        &mut self,
        act: &Act<'_>,
        id: ConversationId,
        (status, until): (Status, Option<Millis>),
        (kind, data): (&str, Value),
    ) -> Result<Done, Refused> {
        if let Some(conversation) = self.conversations.get_mut(&id) {
            conversation.stand(status, act.now);
            conversation.snoozed_until = until;
        }
        let entry = self.push(act, id, kind, None, data);
        self.moved(act, id, entry.map(Told::Entry).into_iter().collect())
    }

    pub(super) fn set_assignee(
        &mut self,
        act: &Act<'_>,
        id: ConversationId,
        assignee: Option<OperatorId>,
        (note, only_if): (Option<&Handing>, OnlyIf),
    ) -> Result<Done, Refused> {
        operators_only(act)?;
        let conversation = self.visible(act, id)?;
        let held = conversation.assignee_id;
        if let OnlyIf::StillOf(operator) = only_if
            && (conversation.status != Status::Open || held != operator)
        {
            return self.unchanged(act, id);
        }
        let to = match assignee {
            Some(operator) => {
                Some((operator, Some(self.operators.get(&operator).map(|(name, _)| name.clone()).ok_or(Refused::NotFound("operator"))?)))
            }
            None => None,
        };
        let mut told = Vec::new();
        if let Some(Handing { client_message_id, text, body_hash }) = note {
            // A repeat of a transfer that was done: whose it is by now may be another matter, and is left alone.
            if self.repeated(Log::Notes, act, *client_message_id, body_hash)?.is_some() {
                return self.unchanged(act, id);
            }
            told.extend(self.note(act, id, (*client_message_id, body_hash, text))?.told);
        }
        if held != assignee {
            let reason = reason(act, assignee);
            told.extend(self.assign(act, id, to, reason).map(Told::Entry));
        } else if told.is_empty() {
            return self.unchanged(act, id);
        }
        self.moved(act, id, told)
    }

    /// Writes the assignee and the entry that tells of it.
    pub(super) fn assign(
        &mut self,
        act: &Act<'_>,
        id: ConversationId,
        to: Option<(OperatorId, Option<String>)>,
        reason: &str,
    ) -> Option<Arc<Entry>> {
        let by = (act.sender.kind == SenderKind::Operator).then(|| json!({"id": act.sender.id, "name": act.sender.name}));
        let assignee = to.as_ref().map(|(id, name)| json!({"id": id, "name": name}));
        let photo = to.as_ref().and_then(|(id, _)| self.operators.get(id)?.1.clone());
        let conversation = self.conversations.get_mut(&id)?;
        conversation.assigned_at = to.is_some().then_some(act.now);
        (conversation.assignee_id, conversation.assignee_name) = to.map_or((None, None), |(id, name)| (Some(id), name));
        conversation.assignee_photo = photo;
        conversation.queue(act.now);
        self.push(act, id, "conversation.assigned", None, json!({"assignee": assignee, "by": by, "reason": reason}))
    }

    fn unchanged(&self, act: &Act<'_>, id: ConversationId) -> Result<Done, Refused> {
        let reply = Reply::Conversation(Box::new(self.visible(act, id)?.clone()), self.receipts_of(id));
        Ok(Done { reply, told: Vec::new(), changed: None, moved: false, with_agent: false, follow: None })
    }

    fn moved(&self, act: &Act<'_>, id: ConversationId, told: Vec<Told>) -> Result<Done, Refused> {
        let reply = Reply::Conversation(Box::new(self.visible(act, id)?.clone()), self.receipts_of(id));
        let told = told.into_iter().chain(self.told_visitor(id)).collect();
        Ok(Done { reply, told, changed: Some(id), moved: true, with_agent: false, follow: None })
    }
}

/// Why an assignment happened, as its entry says.
fn reason(act: &Act<'_>, assignee: Option<OperatorId>) -> &'static str {
    match (act.sender.kind, assignee) {
        (_, None) => "returned",
        (SenderKind::Operator, Some(operator)) if operator.0 == act.sender.id.0 => "taken",
        (SenderKind::Operator, Some(_)) => "transfer",
        (_, Some(_)) => "routing",
    }
}
