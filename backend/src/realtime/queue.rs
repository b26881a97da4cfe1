//! Tells visitors who wait in the queue where they stand, once somebody before them has left it. Beside the message path; what was told is
//! remembered, so that the answers to their own requests say the same.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::conversations::{self, Conversation, Place};
use crate::error::Result;
use crate::events::{Event, Listener};
use crate::ids::{ConversationId, TenantId};
use crate::scope::TenantScope;

use super::Engine;
use super::principal::visitor_key;
use super::turns::Turns;
use super::wire::{publication, soft_event, visitor_channel, visitor_view};

/// Routing is given this long before a new conversation counts as waiting.
const LEAD: Duration = Duration::from_millis(150);
/// A tenant's visitors are told at most once in this time.
const GAP: Duration = Duration::from_secs(1);
/// So many of a queue are told; whoever is behind them waits for long in any case.
const TOLD: i64 = 500;

/// Where whoever waits stands, as it was told last.
#[derive(Default)]
pub(super) struct QueuePositions(Mutex<HashMap<ConversationId, (TenantId, i64)>>);

impl QueuePositions {
    /// Where this conversation stands; nowhere, unless it is queued.
    pub(super) fn of(&self, conversation: &Conversation) -> Option<i64> {
        let id = conversation.queued_since.map(|_| conversation.id)?;
        self.0.lock().ok().and_then(|known| known.get(&id).map(|(_, position)| *position))
    }

    /// Remembers a tenant's queue and answers which of it stand elsewhere than before.
    fn replace(&self, tenant: TenantId, queue: Vec<Place>) -> Vec<Place> {
        let Ok(mut known) = self.0.lock() else { return Vec::new() };
        let before: HashMap<_, _> = known.extract_if(|_, (of, _)| *of == tenant).map(|(id, (_, position))| (id, position)).collect();
        known.extend(queue.iter().map(|place| (place.conversation.id, (tenant, place.position))));
        queue.into_iter().filter(|place| before.get(&place.conversation.id) != Some(&place.position)).collect()
    }
}

pub(super) async fn run(engine: Engine, mut events: Listener, stop: CancellationToken) {
    let mut turns = Turns::new(LEAD, GAP);
    loop {
        let next = turns.next();
        let event = tokio::select! {
            event = events.recv() => Some(event),
            () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => None,
            () = stop.cancelled() => return,
        };
        match event {
            Some(Ok(Event::ConversationMoved(tenant, _))) => turns.note(tenant, Instant::now()),
            // Missed changes are told with the next one.
            Some(Ok(_) | Err(RecvError::Lagged(_))) => {}
            Some(Err(RecvError::Closed)) => return,
            None => {
                for tenant in turns.take(Instant::now()) {
                    if let Err(error) = tell(&engine, tenant).await {
                        tracing::warn!(error = %error, "visitors could not be told where they stand in the queue");
                    }
                }
            }
        }
    }
}

async fn tell(engine: &Engine, tenant: TenantId) -> Result<()> {
    let live = engine.policy();
    let queue = conversations::list_places(&live.db, TenantScope::proven(tenant), TOLD).await?;
    for place in live.queue_positions.replace(tenant, queue) {
        let (receipts, Place { conversation, person_id, position, .. }) = (place.receipts(), place);
        if !engine.is_present(&visitor_key(tenant, person_id)) {
            continue;
        }
        let data = json!({"conversation": visitor_view(&live.widget_origin, &conversation, receipts, Some(position))});
        let event = soft_event(&live.clock, "conversation.changed", Some(conversation.id), data);
        if let Some(publication) = publication(visitor_channel(tenant, conversation.visitor_id), None, &event) {
            // Every node tells its own.
            engine.publish_here(publication);
        }
    }
    Ok(())
}
