//! The operators' channel: what changed in the inbox, read after the commit and told once per burst, beside the message path.

use std::collections::HashSet;

use serde_json::{Value, json};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::api::v1::model;
use crate::error::Result;
use crate::events::Event;
use crate::ids::{ConversationId, OperatorId, TenantId};
use crate::scope::TenantScope;
use crate::{conversations, offline, operators, sites};

use super::principal::{operator_key, visitor_key};
use super::wire::{operators_channel, publication, soft_event};
use super::{Engine, availability};

pub(super) async fn run(engine: Engine, mut events: broadcast::Receiver<Event>, stop: CancellationToken) {
    loop {
        let first = tokio::select! {
            event = events.recv() => event,
            () = stop.cancelled() => return,
        };
        let mut burst = Vec::new();
        match first {
            Ok(event) => burst.push(event),
            // Too far behind: what was missed is seen at the clients' next refetch.
            Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "the inbox feed fell behind"),
            Err(RecvError::Closed) => return,
        }
        while let Ok(event) = events.try_recv() {
            burst.push(event);
        }
        tell(&engine, burst).await;
    }
}

async fn tell(engine: &Engine, burst: Vec<Event>) {
    let mut conversations: HashSet<(TenantId, ConversationId)> = HashSet::new();
    for event in burst {
        if let Event::ConversationChanged(tenant, id) = event {
            // Many messages of one conversation in a burst are one change of its row.
            conversations.insert((tenant, id));
            continue;
        }
        if let Err(error) = tell_other(engine, event).await {
            tracing::warn!(error = %error, "the inbox feed could not read what changed");
        }
    }
    for (tenant, id) in conversations {
        if let Err(error) = tell_conversation(engine, tenant, id).await {
            tracing::warn!(error = %error, "the inbox feed could not read a conversation");
        }
    }
}

async fn tell_conversation(engine: &Engine, tenant: TenantId, id: ConversationId) -> Result<()> {
    let live = engine.policy();
    let Some(row) = conversations::find_row(&live.db, TenantScope::proven(tenant), id).await? else { return Ok(()) };
    let present = engine.is_present(&visitor_key(tenant, row.conversation.visitor_id));
    let data = json!({"conversation": model::ConversationOut::new(row, present)});
    publish(engine, tenant, "conversation.changed", Some(id), data).await;
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
            publish(engine, tenant, "visitor.presence_changed", None, json!({"visitor": id, "present": present})).await;
        }
        Event::SiteSeen(scope, url) => sites::update_last_seen(&live.db, scope, live.clock.now(), url.as_deref()).await?,
        Event::SiteChanged(tenant, id) => {
            live.sites.forget_all();
            availability::refresh(engine, tenant).await;
            publish(engine, tenant, "site.changed", None, json!({"site_id": id})).await;
        }
        Event::ConversationChanged(..) => {}
    }
    Ok(())
}

async fn tell_operator(engine: &Engine, tenant: TenantId, id: OperatorId, kind: &str) -> Result<()> {
    if let Some(operator) = operators::find(&engine.policy().db, TenantScope::proven(tenant), id).await? {
        let present = engine.is_present(&operator_key(tenant, id));
        publish(engine, tenant, kind, None, json!({"operator": model::OperatorOut::new(operator, present)})).await;
    }
    Ok(())
}

async fn publish(engine: &Engine, tenant: TenantId, kind: &str, conversation: Option<ConversationId>, data: Value) {
    let event = soft_event(&engine.policy().clock, kind, conversation, data);
    if let Some(publication) = publication(operators_channel(tenant), None, &event) {
        engine.publish(publication).await;
    }
}
