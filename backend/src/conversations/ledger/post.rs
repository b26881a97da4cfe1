//! Posting: which conversation a text goes to, and what else that does (reopen, link, assign, start or stop the waiting time).

use serde_json::{Value, json};

use crate::clock::DAY;
use crate::ids::{ClientMessageId, ConversationId, OperatorId, VisitorId};

use super::super::command::{Done, Refused, Target, Told};
use super::super::content::{Content, text_data};
use super::super::model::{Conversation, SenderKind, Status};
use super::{Act, Ledger};
use crate::visitors::Acting;

/// Days within which a late post reopens, for a site whose setting was not loaded.
const REOPEN_DAYS: i64 = 14;

impl Ledger {
    pub(super) fn post(
        &mut self,
        act: &Act<'_>,
        target: &Target,
        visitor: Option<&Acting>,
        (client_id, hash, content): (ClientMessageId, &[u8], &Content),
    ) -> Result<Done, Refused> {
        // Before anything changes: a file that is not there refuses the whole post.
        let data = self.data_of(act, content)?;
        let (id, is_new) = self.destination(act, target, visitor)?;
        let before = self.conversations.get(&id).map(|conversation| (conversation.status, conversation.assignee_id));
        let mut told = Vec::new();
        self.prepare(act, id, &mut told);
        let entry = self.push(act, id, "message.posted", Some((client_id, hash)), data).ok_or(Refused::NotFound("conversation"))?;
        if let Content::Attachment(file) = content {
            self.files.remove(file);
            self.sent.push((*file, id, entry.seq));
        }
        let conversation = self.conversations.get_mut(&id).ok_or(Refused::NotFound("conversation"))?;
        conversation.last_message_seq = entry.seq;
        conversation.waiting_since = match act.sender.kind {
            SenderKind::Visitor => conversation.waiting_since.or(Some(act.now)),
            _ => None,
        };
        let conversation = conversation.clone();
        let reply = self.entry_reply(&entry, &conversation);
        told.push(Told::Entry(entry));
        let moved = is_new || before != Some((conversation.status, conversation.assignee_id));
        if moved {
            told.extend(self.told_visitor(id));
        }
        // Whoever became part of the sender has no connections any more.
        let visitor = if act.sender.kind == SenderKind::Visitor { VisitorId(act.sender.id.0) } else { conversation.visitor_id };
        let follow = Some((visitor, id));
        Ok(Done { reply, told, changed: Some(id), moved, with_agent: false, follow })
    }

    /// What the entry will say.
    fn data_of(&self, act: &Act<'_>, content: &Content) -> Result<Value, Refused> {
        match content {
            Content::Text(text, quick_replies) => Ok(text_data(text, quick_replies)),
            Content::Card(card) => Ok(json!({"kind": "card", "card": card})),
            Content::Attachment(id) => {
                let found = self.files.get(id).filter(|(uploader, _)| act.is(*uploader));
                found.map(|(_, attachment)| json!({"kind": "attachment", "attachment": attachment})).ok_or(Refused::NotFound("unsent file"))
            }
        }
    }

    /// Where the post goes, and whether that conversation is made by it.
    fn destination(&mut self, act: &Act<'_>, target: &Target, visitor: Option<&Acting>) -> Result<(ConversationId, bool), Refused> {
        let asked = match target {
            Target::Conversation(id) => Some(self.visible(act, *id)?.id),
            Target::Current => None,
        };
        let Some(visitor) = visitor else { return self.answered(asked) };
        // An operator who says hello writes where the visitor would.
        let latest = if act.sender.kind == SenderKind::Visitor { self.latest_of(act) } else { self.current.get(&visitor.visitor).copied() };
        let open = |ledger: &Self, id: ConversationId| ledger.conversations.get(&id).is_some_and(|found| ledger.takes_posts(act, found));
        if let Some(id) = asked.into_iter().chain(latest).find(|id| open(self, *id)) {
            return Ok((id, false));
        }
        Ok((self.start(act, visitor, asked.or(latest)), true))
    }

    /// The newest conversation of the sender and of whoever became part of them.
    fn latest_of(&self, act: &Act<'_>) -> Option<ConversationId> {
        let all = act.selves().filter_map(|id| self.current.get(&VisitorId(id.0)));
        all.filter_map(|id| self.conversations.get(id)).max_by_key(|found| (found.created_at, found.id)).map(|found| found.id)
    }

    /// An operator's text goes where it was sent, unless the visitor has gone on in a newer conversation and would never see it.
    fn answered(&self, asked: Option<ConversationId>) -> Result<(ConversationId, bool), Refused> {
        let id = asked.ok_or(Refused::NotFound("conversation"))?;
        let latest = self.conversations.get(&id).and_then(|conversation| self.current.get(&conversation.visitor_id));
        if latest.is_some_and(|latest| *latest != id) {
            return Err(Refused::State("this visitor has a newer conversation and no longer sees this one; write there"));
        }
        Ok((id, false))
    }

    /// Open, or resolved so lately that a post reopens it.
    fn takes_posts(&self, act: &Act<'_>, conversation: &Conversation) -> bool {
        let days = self.reopen_days.get(&conversation.site_id).copied().unwrap_or(REOPEN_DAYS);
        match (conversation.status, conversation.resolved_at) {
            (Status::Resolved, Some(at)) => act.now - at <= days * DAY,
            _ => true,
        }
    }

    fn start(&mut self, act: &Act<'_>, visitor: &Acting, previous_id: Option<ConversationId>) -> ConversationId {
        let id: ConversationId = act.clock.new_id();
        let agent_since = self.agents.contains(&visitor.scope.site()).then_some(act.now);
        self.begin(Conversation {
            tenant_id: act.tenant,
            id,
            site_id: visitor.scope.site(),
            visitor_id: visitor.visitor,
            status: Status::Open,
            assignee_id: None,
            assignee_name: None,
            assignee_photo: None,
            last_seq: 0,
            last_note_seq: 0,
            last_message_seq: 0,
            waiting_since: None,
            resolved_at: None,
            previous_id,
            snoozed_until: None,
            assigned_at: None,
            queued_since: agent_since.is_none().then_some(act.now),
            agent_since,
            created_at: act.now,
            updated_at: act.now,
        });
        id
    }

    /// What a post does to the conversation before it: reopens it, and makes the first operator who answers its assignee.
    fn prepare(&mut self, act: &Act<'_>, id: ConversationId, told: &mut Vec<Told>) {
        let Some(conversation) = self.conversations.get_mut(&id) else { return };
        // An operator may add a word to what is snoozed; it still comes back when the visitor writes, or in time.
        let wakes = conversation.status == Status::Resolved || act.sender.kind == SenderKind::Visitor;
        if conversation.status != Status::Open && wakes {
            // What nobody has, and is taken up again by its visitor, begins anew with the virtual agent.
            let anew =
                conversation.assignee_id.is_none() && act.sender.kind == SenderKind::Visitor && self.agents.contains(&conversation.site_id);
            conversation.agent_since = anew.then_some(act.now);
            conversation.stand(Status::Open, act.now);
            told.extend(self.push(act, id, "conversation.reopened", None, json!({})).map(Told::Entry));
        }
        let unassigned = self.conversations.get(&id).is_some_and(|conversation| conversation.assignee_id.is_none());
        if act.sender.kind == SenderKind::Operator && unassigned {
            let operator = OperatorId(act.sender.id.0);
            told.extend(self.assign(act, id, Some((operator, act.sender.name.clone())), "answered").map(Told::Entry));
        }
    }
}
