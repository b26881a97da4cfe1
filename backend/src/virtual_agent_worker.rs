//! Carries the virtual agent out: hears that a conversation it has changed, looks what its visitor wrote since, asks [`crate::virtual_agent`] what
//! follows, and posts it through the one writer. Every post has an id derived from the message it answers, and how far it has come is written
//! after the post: killed in between, it says the same again under the same id, which is the same message.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::clock::Clock;
use crate::conversations::{self, Command, Content, Conversation, Entry, Queued, Sender, SenderKind, Status, Target, What};
use crate::db::Db;
use crate::error::{ErrorCode, Result};
use crate::events::{Event, Events, Listener};
use crate::ids::{ClientMessageId, ConversationId, ParticipantId, SiteId, TenantId};
use crate::realtime::Realtime;
use crate::rules::rule::said_in;
use crate::scope::{SiteScope, SystemScope, TenantScope};
use crate::sites::{self, Site};
use crate::text;
use crate::virtual_agent::{self, Heard, Next, Ready, Reason, Settings, Stage, Turn, Unanswered};
use crate::visitors::{self, VisitorUpdate};

/// Entries looked at in one turn.
const ENTRIES: i64 = 200;

/// What the worker works with.
pub struct AgentWorker {
    /// Database.
    pub db: Db,
    /// Clock.
    pub clock: Clock,
    /// Who is there, and the writer.
    pub realtime: Realtime,
    /// To tell that a list changed.
    pub events: Events,
}

/// A tenant's agents that are on, with what they know.
struct Known {
    agents: HashMap<SiteId, (Settings, Site)>,
    pairs: Vec<Ready>,
}

/// Runs until `stop`.
pub async fn run(worker: AgentWorker, mut events: Listener, stop: CancellationToken) {
    let mut known: HashMap<TenantId, Arc<Known>> = HashMap::new();
    let mut open = worker.waiting().await;
    loop {
        for (tenant, id) in open.drain() {
            if let Err(error) = worker.attend(&mut known, tenant, id).await {
                tracing::warn!(error = %error, "the virtual agent could not answer; it tries again with the next message or start");
            }
        }
        let first = tokio::select! {
            event = events.recv() => event,
            () = stop.cancelled() => return,
        };
        match first {
            Ok(event) => note(&mut known, &mut open, &event),
            Err(RecvError::Lagged(_)) => {
                known.clear();
                open = worker.waiting().await;
            }
            Err(RecvError::Closed) => return,
        }
        while let Some(event) = events.try_recv() {
            note(&mut known, &mut open, &event);
        }
    }
}

fn note(known: &mut HashMap<TenantId, Arc<Known>>, open: &mut HashSet<(TenantId, ConversationId)>, event: &Event) {
    match event {
        Event::VirtualAgentConcerned(tenant, id) => drop(open.insert((*tenant, *id))),
        Event::VirtualAgentChanged(tenant) | Event::SiteChanged(tenant, _) => drop(known.remove(tenant)),
        _ => {}
    }
}

impl AgentWorker {
    /// What a process before this one may have left in the middle.
    async fn waiting(&self) -> HashSet<(TenantId, ConversationId)> {
        let found = virtual_agent::list_waiting(&self.db, SystemScope::of_the_system()).await;
        let found = found.inspect_err(|error| tracing::warn!(error = %error, "the virtual agent cannot read what it has"));
        found.into_iter().flatten().map(|waiting| (waiting.tenant_id, waiting.id)).collect()
    }

    async fn known(&self, known: &mut HashMap<TenantId, Arc<Known>>, tenant: TenantId) -> Result<Arc<Known>> {
        if let Some(found) = known.get(&tenant) {
            return Ok(found.clone());
        }
        let scope = TenantScope::proven(tenant);
        let mut agents = HashMap::new();
        for agent in virtual_agent::list_agents(&self.db, scope).await?.into_iter().filter(|agent| agent.enabled != 0) {
            if let Some(site) = sites::find(&self.db, scope, agent.site_id).await? {
                agents.insert(agent.site_id, (agent.settings.0, site));
            }
        }
        let pairs = if agents.is_empty() { Vec::new() } else { virtual_agent::ready(virtual_agent::list_pairs(&self.db, scope).await?) };
        let read = Arc::new(Known { agents, pairs });
        known.insert(tenant, read.clone());
        Ok(read)
    }

    async fn attend(&self, known: &mut HashMap<TenantId, Arc<Known>>, tenant: TenantId, id: ConversationId) -> Result<()> {
        let known = self.known(known, tenant).await?;
        let scope = TenantScope::proven(tenant);
        // Most tenants have none; but what one had when it was turned off must go to people.
        let Some(conversation) = conversations::find(&self.db, scope, id).await? else { return Ok(()) };
        if conversation.agent_since.is_none() || conversation.status != Status::Open {
            return Ok(());
        }
        let Some((settings, site)) = known.agents.get(&conversation.site_id) else {
            return self.hand_over(&conversation, "operators_online").await;
        };
        let site_scope = SiteScope::proven(tenant, conversation.site_id);
        let available = self.realtime.is_available(site_scope).await?;
        if available && settings.suggest_when_online {
            return self.hand_over(&conversation, "operators_online").await;
        }
        let turn = virtual_agent::find_turn(&self.db, scope, id).await?;
        // Killed after it had said so, and before it did.
        if turn.stage == Stage::HandingOver && conversation.agent_since.is_some_and(|since| since <= turn.updated_at) {
            return self.hand_over(&conversation, Reason::Requested.name()).await;
        }
        self.answer(&conversation, (settings, site, &known.pairs), (turn, available)).await
    }

    async fn answer(
        &self,
        conversation: &Conversation,
        (settings, site, pairs): (&Settings, &Site, &[Ready]),
        (mut turn, available): (Turn, bool),
    ) -> Result<()> {
        let scope = TenantScope::proven(conversation.tenant_id);
        // Of a conversation that was taken up again, everything begins anew.
        if turn.stage == Stage::HandingOver {
            (turn.stage, turn.misses) = (Stage::Talking, 0);
        }
        let visitor = visitors::find(&self.db, scope, conversation.visitor_id).await?;
        let asked = visitor.and_then(|visitor| visitor.language);
        let language = site.reader(asked.as_deref());
        let entries = conversations::since(&self.db, scope, conversation.id, turn.seen_seq, ENTRIES).await?;
        for entry in entries.iter().filter(|entry| entry.kind == "message.posted" && entry.sender_kind == SenderKind::Visitor) {
            let said = entry.data["text"].as_str();
            if said.is_none() && entry.data["kind"] == "retracted" {
                continue;
            }
            let heard = Heard {
                text: said,
                language,
                site_language: &site.language,
                site: site.id,
                available,
                first: turn.seen_seq == 0,
                stage: turn.stage,
                misses: turn.misses,
            };
            let next = virtual_agent::next(&heard, settings, pairs);
            let name =
                said_in(&settings.name, if said.is_some_and(virtual_agent::speaks_korean) { "ko" } else { language }, &site.language);
            let sender = sender_of(site.id, name);
            for (tag, text) in &next.say {
                self.post(conversation, &sender, derived(entry.id.0, tag), text).await?;
            }
            turn = Turn { seen_seq: entry.seq, misses: next.misses, stage: next.stage, updated_at: self.clock.now() };
            self.keep(conversation, entry, &next, &turn, language).await?;
            if let Some(reason) = next.reason {
                self.tell_why(conversation, &sender, (entry, reason), site).await?;
                return self.hand_over(conversation, reason.name()).await;
            }
        }
        Ok(())
    }

    /// What was learned from a message, and that it was heard: one transaction, after everything was said.
    async fn keep(&self, conversation: &Conversation, entry: &Entry, next: &Next, turn: &Turn, language: &str) -> Result<()> {
        let (scope, now) = (TenantScope::proven(conversation.tenant_id), self.clock.now());
        let mut tx = self.db.begin().await?;
        if let Some(id) = next.answered {
            virtual_agent::count_answer(&mut tx, scope, id).await?;
        }
        if next.missed {
            let question = Unanswered {
                id: self.clock.new_id(),
                site_id: conversation.site_id,
                text: text::clean_line(entry.data["text"].as_str().unwrap_or_default()),
                language: Some(language.to_owned()),
                times: 1,
                conversation_id: conversation.id,
                visitor_id: conversation.visitor_id,
                first_at: entry.at,
                last_at: entry.at,
            };
            virtual_agent::miss(&mut tx, scope, conversation.site_id, &question).await?;
        }
        if let Some(email) = &next.email {
            let update = VisitorUpdate { email: Some(Some(email.clone())), ..VisitorUpdate::default() };
            visitors::update(&mut tx, scope, conversation.visitor_id, &update).await?;
        }
        virtual_agent::put_turn(&mut tx, scope, conversation.id, turn, now).await?;
        tx.commit().await?;
        if next.missed || next.answered.is_some() {
            self.events.publish(Event::VirtualAgentChanged(conversation.tenant_id));
        }
        if next.email.is_some() {
            self.realtime.visitor_changed(scope, conversation.visitor_id).await?;
        }
        Ok(())
    }

    async fn post(&self, conversation: &Conversation, sender: &Sender, id: ClientMessageId, said: &str) -> Result<()> {
        let what = What::Post {
            target: Target::Conversation(conversation.id),
            client_message_id: id,
            content: Content::Text(said.to_owned(), Vec::new()),
            body_hash: text::sha256(said.as_bytes()),
        };
        self.change(conversation, sender, what).await
    }

    /// A note for whoever takes it: why, and what was asked last.
    async fn tell_why(&self, conversation: &Conversation, sender: &Sender, (entry, reason): (&Entry, Reason), site: &Site) -> Result<()> {
        let korean = site.language == "ko";
        let why = match (reason, korean) {
            (Reason::Requested, true) => "방문자가 상담원을 원해요.",
            (Reason::Requested, false) => "The visitor asked for a person.",
            (Reason::Misses, true) => "자동 응답이 답하지 못한 질문이 있어요.",
            (Reason::Misses, false) => "The virtual agent could not answer.",
            (Reason::Contact, true) => "아무도 없을 때 이메일 주소를 남겼어요.",
            (Reason::Contact, false) => "Nobody was there, and the visitor left an e-mail address.",
            (Reason::Attachment, true) => "자동 응답이 읽을 수 없는 파일을 보냈어요.",
            (Reason::Attachment, false) => "The visitor sent a file, which the virtual agent cannot read.",
        };
        let asked = conversations::summary(&entry.data).1;
        let label = if korean { "마지막 메시지" } else { "Last message" };
        let said = text::cut(&format!("{why}\n{label}: {asked}"), text::MESSAGE_MAX);
        let (id, body_hash) = (derived(entry.id.0, "why"), text::sha256(said.as_bytes()));
        let what = What::Note { conversation: conversation.id, client_message_id: id, text: said, body_hash };
        self.change(conversation, sender, what).await
    }

    async fn hand_over(&self, conversation: &Conversation, reason: &'static str) -> Result<()> {
        let what = What::HandOver { conversation: conversation.id, reason };
        self.change(conversation, &sender_of(conversation.site_id, None), what).await
    }

    /// What was said before in other words, or has no reader any more, is done.
    async fn change(&self, conversation: &Conversation, sender: &Sender, what: What) -> Result<()> {
        let command = Command { tenant: conversation.tenant_id, sender: sender.clone(), also: Vec::new(), what };
        match self.realtime.change(Queued { command, visitor: None }).await {
            Ok(_) => Ok(()),
            Err(error) if error.code == ErrorCode::Conflict => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// The virtual agent of a site, as the log names it.
fn sender_of(site: SiteId, name: Option<&str>) -> Sender {
    Sender { kind: SenderKind::VirtualAgent, id: ParticipantId(site.0), name: name.map(ToOwned::to_owned) }
}

/// The id of what is said to a message: the same for ever, and as old as the message.
fn derived(message: Uuid, tag: &str) -> ClientMessageId {
    let hash = text::sha256(&[message.as_bytes().as_slice(), tag.as_bytes()].concat());
    let mut bytes = *message.as_bytes();
    bytes[6..].copy_from_slice(&hash[..10]);
    bytes[6] = (bytes[6] & 0x0f) | 0x70;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    ClientMessageId(Uuid::from_bytes(bytes))
}
