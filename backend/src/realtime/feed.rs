//! The operators' channel: what changed in the inbox, read after the commit and told beside the message path: at once,
//! and while it goes on changing a few times a second.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::api::v1::model;
use crate::error::Result;
use crate::events::{Event, Listener};
use crate::ids::{ConversationId, OperatorId, TenantId, VisitorId};
use crate::scope::TenantScope;
use crate::{conversations, drafts, offline, operators, sites, visits};

use super::principal::{operator_key, visitor_key};
use super::turns::{Gap, Turns};
use super::wire::{operators_channel, own_channel, publication, soft_event};
use super::{Engine, availability, board};

/// A row is read and told at once when it changes, and again after a gap while it goes on changing: a wider one the more rows do, because nobody
/// reads hundreds of them a second, and every console is sent each.
const GAP: Gap = Gap { least: Duration::from_millis(50), most: Duration::from_secs(1), per_second: 250 };
/// That somebody turned a page is told at most so often.
const VISITOR_GAP: Duration = Duration::from_secs(1);
/// Rows that are told again when their visitor's name changes.
pub(super) const ROWS_OF_VISITOR: i64 = 20;
/// Rows read by one statement.
const ROWS: usize = 100;

pub(super) async fn run(engine: Engine, mut events: Listener, stop: CancellationToken) {
    let (mut rows, mut visitors) = (Turns::new(Duration::ZERO, GAP), Turns::new(Duration::ZERO, VISITOR_GAP));
    loop {
        let next = rows.next().into_iter().chain(visitors.next()).min();
        let first = tokio::select! {
            event = events.recv() => Some(event),
            () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => None,
            () = stop.cancelled() => return,
        };
        let mut burst = Vec::new();
        match first {
            Some(Ok(event)) => burst.push(event),
            // Too far behind: what was missed is seen at the clients' next refetch.
            Some(Err(RecvError::Lagged(missed))) => tracing::warn!(missed, "the inbox feed fell behind"),
            Some(Err(RecvError::Closed)) => return,
            None => {}
        }
        while let Some(event) = events.try_recv() {
            burst.push(event);
        }
        for event in burst {
            match event {
                Event::ConversationChanged(tenant, id) => rows.note((tenant, id), Instant::now()),
                // What the live board knows of it is the same; without consoles nobody has its row.
                Event::ConversationGrown(tenant, id) if engine.members(&operators_channel(tenant)) > 0 => {
                    rows.note((tenant, id), Instant::now());
                }
                // Most visitors only look; operators have those with a conversation on their screens.
                Event::VisitorChanged(tenant, id) if engine.policy().is_talking(tenant, id) == Some(true) => {
                    visitors.note((tenant, id), Instant::now());
                }
                event => {
                    if let Err(error) = tell_other(&engine, event).await {
                        tracing::warn!(error = %error, "the inbox feed could not read what changed");
                    }
                }
            }
        }
        for (tenant, id) in visitors.take(Instant::now()) {
            tell_visitor(&engine, tenant, id).await;
        }
        tell_rows(&engine, rows.take(Instant::now())).await;
    }
}

/// That a visitor is not what they were: who shows them asks again.
pub(super) async fn tell_visitor(engine: &Engine, tenant: TenantId, id: VisitorId) {
    publish(engine, tenant, "visitor.changed", None, json!({"visitor_id": id})).await;
}

async fn tell_rows(engine: &Engine, changed: Vec<(TenantId, ConversationId)>) {
    let mut by_tenant: HashMap<TenantId, Vec<ConversationId>> = HashMap::new();
    for (tenant, id) in changed {
        by_tenant.entry(tenant).or_default().push(id);
    }
    for (tenant, ids) in by_tenant {
        for ids in ids.chunks(ROWS) {
            if let Err(error) = tell_conversations(engine, tenant, ids).await {
                tracing::warn!(error = %error, "the inbox feed could not read conversations");
            }
        }
    }
}

async fn tell_conversations(engine: &Engine, tenant: TenantId, ids: &[ConversationId]) -> Result<()> {
    let live = engine.policy();
    for row in conversations::list_rows(&live.db, TenantScope::proven(tenant), ids).await? {
        let id = row.conversation.id;
        board::talked(live, tenant, &row);
        let present = engine.is_present(&visitor_key(tenant, row.person_id));
        let data = json!({"conversation": model::ConversationOut::new(row, present)});
        publish(engine, tenant, "conversation.changed", Some(id), data).await;
    }
    Ok(())
}

async fn tell_other(engine: &Engine, event: Event) -> Result<()> {
    let live = engine.policy();
    match event {
        Event::OfflineMessageReceived(tenant, id) => {
            if let Some(message) = offline::find(&live.db, TenantScope::proven(tenant), id).await? {
                let data = json!({"offline_message": model::OfflineMessageOut::from(message)});
                publish(engine, tenant, "offline_message.received", None, data).await;
            }
        }
        Event::OperatorAvailabilityChanged(tenant, id) => tell_operator(engine, tenant, id, "operator.availability_changed").await?,
        Event::OperatorChanged(tenant, id) => tell_operator(engine, tenant, id, "operator.changed").await?,
        Event::VisitorPresenceChanged(tenant, id, present) => {
            if !present {
                visits::end(&live.db, TenantScope::proven(tenant), id, live.clock.now()).await?;
                tell_visitor(engine, tenant, id).await;
            }
            publish(engine, tenant, "visitor.presence_changed", None, json!({"visitor": id, "present": present})).await;
        }
        Event::SiteSeen(scope, url) => sites::update_last_seen(&live.db, scope, live.clock.now(), url.as_deref()).await?,
        Event::SiteChanged(tenant, id) => {
            availability::refresh(engine, tenant).await;
            publish(engine, tenant, "site.changed", None, json!({"site_id": id})).await;
        }
        Event::TagChanged(tenant) => publish(engine, tenant, "tag.changed", None, json!({})).await,
        Event::CannedResponseChanged(tenant) => publish(engine, tenant, "canned_response.changed", None, json!({})).await,
        Event::DraftChanged(tenant, operator, id) => {
            let found = drafts::find(&live.db, TenantScope::proven(tenant), operator, id).await?;
            let event = soft_event(&live.clock, "draft.changed", Some(id), json!(model::DraftOut::new(id, found)));
            if let Some(publication) = publication(own_channel(tenant, operator), None, &event) {
                engine.publish(publication).await;
            }
        }
        Event::VirtualAgentChanged(tenant) => publish(engine, tenant, "virtual_agent.changed", None, json!({})).await,
        Event::PromotionChanged(tenant) => publish(engine, tenant, "promotion.changed", None, json!({})).await,
        // Those that come in numbers, and are told in turns or not at all.
        Event::VisitorChanged(..)
        | Event::ConversationChanged(..)
        | Event::ConversationGrown(..)
        | Event::VirtualAgentConcerned(..)
        | Event::ConversationMoved(..)
        | Event::PageEntered(_)
        | Event::VisitorActed(_)
        // Of other nodes.
        | Event::CartSeen(..)
        | Event::NodeAsked
        | Event::NodesMissed => {}
    }
    Ok(())
}

async fn tell_operator(engine: &Engine, tenant: TenantId, id: OperatorId, kind: &str) -> Result<()> {
    if let Some(operator) = operators::find(&engine.policy().db, TenantScope::proven(tenant), id).await? {
        let present = engine.is_present(&operator_key(tenant, id));
        publish(
            engine,
            tenant,
            kind,
            None,
            json!({"operator": model::OperatorOut::new(operator, present, &engine.policy().widget_origin)}),
        )
        .await;
    }
    Ok(())
}

async fn publish(engine: &Engine, tenant: TenantId, kind: &str, conversation: Option<ConversationId>, data: Value) {
    let event = soft_event(&engine.policy().clock, kind, conversation, data);
    if let Some(publication) = publication(operators_channel(tenant), None, &event) {
        engine.publish(publication).await;
    }
}
