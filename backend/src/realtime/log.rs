//! The logs of conversations and of their notes: commands in, publications out. Which of the product's logs a channel has is known in [`super::logs`].

use std::sync::Arc;
use std::time::Duration;

use xpush::{Appended, ChannelId, Committed, Follow, Membership, Publication, Refusal, Turn, Unappended};

use crate::clock::Clock;
use crate::conversations::{self, Done, Queued, Reply, Told};
use crate::db::{Db, DbError, DbResult};
use crate::error::Error;
use crate::events::{Event, Events};
use crate::ids::{ConversationId, TenantId};
use crate::scope::TenantScope;
use crate::visitors::Lately;

use super::principal::visitor_key;
use super::queue::QueuePositions;
use super::wire::{publication, soft_event, visitor_channel, visitor_view};

/// A commit takes milliseconds; one that takes this long has lost its database.
pub(super) const COMMIT_TIMEOUT: Duration = Duration::from_secs(9);

/// What comes of a batch whose transaction failed: one bad row must not refuse its neighbours, so each is to be tried by itself.
pub(super) fn failed<R, E>(error: DbError, batch: Vec<E>) -> Result<Committed<R, E>, Refusal> {
    // None of them can be stored now: to find that out for each would keep all of them waiting, one after the other.
    if batch.len() == 1 || matches!(error, DbError::Unreachable(_) | DbError::DiskFull) {
        return Err(Error::from(error).into());
    }
    tracing::warn!(error = %error, batch.size = batch.len(), "a batch failed; its commands are tried one by one");
    Ok(batch.into_iter().map(|queued| Err(Unappended::Alone(Box::new(queued)))).collect())
}

/// Conversations (`c/…`) and notes (`n/…`).
pub(super) struct ConversationLog {
    db: Db,
    clock: Clock,
    events: Events,
    queue_positions: Arc<QueuePositions>,
    widget_origin: String,
    lately: Lately,
}

/// A logged channel, taken apart.
pub(super) enum Logged {
    /// `c/<tenant>/<conversation>`
    Messages(TenantId, ConversationId),
    /// `n/<tenant>/<conversation>`
    Notes(TenantId, ConversationId),
}

impl Logged {
    pub(super) fn parse(channel: &ChannelId) -> Option<Self> {
        let mut parts = channel.as_str().split('/');
        let (kind, tenant, conversation) = (parts.next()?, parts.next()?, parts.next()?);
        let tenant = TenantId(tenant.parse().ok()?);
        let conversation = ConversationId(conversation.parse().ok()?);
        match (kind, parts.next()) {
            ("c", None) => Some(Self::Messages(tenant, conversation)),
            ("n", None) => Some(Self::Notes(tenant, conversation)),
            _ => None,
        }
    }

    fn key(&self) -> (TenantId, ConversationId) {
        match self {
            Self::Messages(tenant, id) | Self::Notes(tenant, id) => (*tenant, *id),
        }
    }
}

impl ConversationLog {
    pub(super) fn new(db: Db, clock: Clock, events: Events, queue_positions: Arc<QueuePositions>, widget_origin: String) -> Self {
        Self { db, clock, events, queue_positions, widget_origin, lately: Lately::default() }
    }

    async fn commit(&self, batch: &[Queued], turn: &mut Turn) -> DbResult<Vec<Result<Done, conversations::Refused>>> {
        // A database that vanished without a word must not hold every writer: a commit that was done all the same is found by the retry's client id.
        tokio::time::timeout(COMMIT_TIMEOUT, conversations::commit(&self.db, &self.clock, &self.lately, batch, turn.come()))
            .await
            .unwrap_or_else(|_| Err(DbError::Unreachable("the commit took too long".to_owned())))
    }

    fn appended(&self, queued: &Queued, done: Done) -> Appended<Reply> {
        let tenant = queued.command.tenant;
        if let Some(id) = done.changed {
            if done.moved {
                self.events.publish(Event::ConversationChanged(tenant, id));
                self.events.publish(Event::ConversationMoved(tenant, id));
            } else {
                self.events.publish(Event::ConversationGrown(tenant, id));
            }
            if done.with_agent {
                self.events.publish(Event::VirtualAgentConcerned(tenant, id));
            }
        }
        let follow = done.follow.map(|(visitor, id)| Follow {
            principal: visitor_key(tenant, visitor).into(),
            membership: Membership { channel: conversations::log_channel(tenant, id).into(), logged: true },
        });
        let publications = done.told.iter().filter_map(|told| self.publication(tenant, told)).collect();
        Appended { reply: done.reply, publications, follow: follow.into_iter().collect() }
    }

    fn publication(&self, tenant: TenantId, told: &Told) -> Option<Publication> {
        match told {
            Told::Entry(entry) => {
                publication(conversations::log_channel(tenant, entry.conversation_id).into(), Some(entry.seq), &entry.envelope())
            }
            Told::Note(entry) => {
                publication(conversations::notes_channel(tenant, entry.conversation_id).into(), Some(entry.seq), &entry.envelope())
            }
            Told::Receipt { conversation, side, participant, watermark } => {
                let data =
                    serde_json::json!({"side": side, "participant": participant, "delivered": watermark.delivered, "read": watermark.read});
                let event = soft_event(&self.clock, "receipt.advanced", Some(*conversation), data);
                publication(conversations::log_channel(tenant, *conversation).into(), None, &event)
            }
            Told::Visitor(conversation, receipts) => {
                let data = serde_json::json!({"conversation": visitor_view(&self.widget_origin, conversation, *receipts, self.queue_positions.of(conversation))});
                let event = soft_event(&self.clock, "conversation.changed", Some(conversation.id), data);
                publication(visitor_channel(tenant, conversation.visitor_id), None, &event)
            }
        }
    }
}

impl ConversationLog {
    pub(super) async fn append(&self, batch: Vec<Queued>, turn: &mut Turn) -> Result<Committed<Reply, Queued>, Refusal> {
        let mut done = self.commit(&batch, turn).await;
        if batch.len() == 1 && done.as_ref().is_err_and(DbError::worth_another_try) {
            done = self.commit(&batch, turn).await;
        }
        match done {
            Ok(answers) => {
                let answered = |(queued, answer): (&Queued, Result<Done, conversations::Refused>)| match answer {
                    Ok(done) => Ok(self.appended(queued, done)),
                    Err(refused) => Err(Refusal::from(Error::from(refused)).into()),
                };
                Ok(batch.iter().zip(answers).map(answered).collect())
            }
            Err(error) => failed(error, batch),
        }
    }

    pub(super) async fn since(&self, channel: &ChannelId, after: u64, limit: usize) -> Result<Vec<Publication>, Refusal> {
        let logged = Logged::parse(channel).ok_or_else(|| Refusal::from(Error::not_found("channel")))?;
        let (tenant, id) = logged.key();
        let (scope, after, limit) =
            (TenantScope::proven(tenant), i64::try_from(after).unwrap_or(i64::MAX), i64::try_from(limit).unwrap_or(200));
        let entries = match logged {
            Logged::Messages(..) => conversations::since(&self.db, scope, id, after, limit).await,
            Logged::Notes(..) => conversations::notes_since(&self.db, scope, id, after, limit).await,
        };
        let entries = entries.map_err(Error::from)?;
        Ok(entries.iter().filter_map(|entry| publication(channel.clone(), Some(entry.seq), &entry.envelope())).collect())
    }

    pub(super) async fn tops(&self, channels: &[ChannelId]) -> Result<Vec<(ChannelId, u64)>, Refusal> {
        let logged: Vec<(&ChannelId, Logged)> = channels.iter().filter_map(|channel| Some((channel, Logged::parse(channel)?))).collect();
        let mut keys: Vec<_> = logged.iter().map(|(_, logged)| logged.key()).collect();
        keys.sort_unstable();
        keys.dedup();
        let tops = conversations::tops(&self.db, &keys).await.map_err(Error::from)?;
        let by_id: std::collections::HashMap<_, _> = tops.into_iter().map(|(id, messages, notes)| (id, (messages, notes))).collect();
        Ok(logged
            .into_iter()
            .filter_map(|(channel, logged)| {
                let (messages, notes) = by_id.get(&logged.key().1)?;
                let top = if matches!(logged, Logged::Messages(..)) { messages } else { notes };
                Some((channel.clone(), u64::try_from(*top).ok()?))
            })
            .collect())
    }
}
