//! What nodes tell one another of the product: events that others act on, changes of the live board, and what has to be forgotten at once. It
//! may get lost while the bus is away; whoever may have missed something looks it up.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Duration, sleep};
use tokio_util::sync::CancellationToken;
use xpush::Disconnect;

use super::{Engine, Live};
use crate::api_keys;
use crate::board::Piece;
use crate::error::Result;
use crate::events::{Event, Listener, PageEntered};
use crate::ids::{ConversationId, OperatorId, SiteId, TenantId, VisitorId};
use crate::operators::login_sessions;
use crate::scope::TenantScope;
use crate::visitor_events::{Act, Acted, Cart};

/// Events gather so long after the first, which goes at once.
const GATHER: Duration = Duration::from_millis(5);
/// Events of one message.
const MOST: usize = 500;
/// So long passes before a question is asked (again).
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// One thing that a node tells the others.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Said {
    VirtualAgentConcerned(TenantId, ConversationId),
    ConversationMoved(TenantId, ConversationId),
    Availability(TenantId, OperatorId),
    Operator(TenantId, OperatorId),
    Site(TenantId, SiteId),
    VirtualAgent(TenantId),
    Promotion(TenantId),
    Page(Box<PageEntered>),
    Cart(TenantId, VisitorId, Cart),
    Board(Piece),
    /// Everything of the board, please.
    Wanted,
    /// Tokens of these logins are good for nothing any more.
    LoginsEnded(Vec<String>),
    Renamed(OperatorId, String),
    Erased(Vec<VisitorId>),
}

impl Said {
    /// What other nodes act on. Whatever only tells operators and visitors is published to them wherever they are.
    fn of(event: Event) -> Option<Self> {
        Some(match event {
            Event::VirtualAgentConcerned(tenant, id) => Self::VirtualAgentConcerned(tenant, id),
            Event::ConversationMoved(tenant, id) => Self::ConversationMoved(tenant, id),
            Event::OperatorAvailabilityChanged(tenant, id) => Self::Availability(tenant, id),
            Event::OperatorChanged(tenant, id) => Self::Operator(tenant, id),
            Event::SiteChanged(tenant, id) => Self::Site(tenant, id),
            Event::VirtualAgentChanged(tenant) => Self::VirtualAgent(tenant),
            Event::PromotionChanged(tenant) => Self::Promotion(tenant),
            Event::PageEntered(entered) => Self::Page(Box::new((*entered).clone())),
            Event::VisitorActed(acted) => {
                let Acted { scope, visitor, act: Act::CartChanged(cart), .. } = &*acted else { return None };
                Self::Cart(scope.tenant(), *visitor, cart.clone())
            }
            _ => return None,
        })
    }
}

/// Tells the other nodes what happens here, until `stop`.
pub(super) async fn run(engine: Engine, mut events: Listener, stop: CancellationToken) {
    if engine.cluster_health().is_none() {
        return;
    }
    loop {
        let first = tokio::select! {
            event = events.recv() => event,
            () = stop.cancelled() => return,
        };
        let mut all = Vec::new();
        match first {
            Ok(event) => all.extend(Said::of(event)),
            Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "other nodes were not told of some events"),
            Err(RecvError::Closed) => return,
        }
        while all.len() < MOST
            && let Some(event) = events.try_recv()
        {
            all.extend(Said::of(event));
        }
        if !all.is_empty() {
            tell(&engine, &all, false);
            sleep(GATHER).await;
        }
    }
}

/// Asks the others who is where, when this node begins and whenever it may have missed something, until `stop`.
pub(super) async fn ask(engine: Engine, stop: CancellationToken) {
    if engine.cluster_health().is_none() {
        return;
    }
    let asking = async {
        loop {
            // Others have the same reason to ask, and one answer is for all; a node that begins hears nothing at first.
            sleep(ASK_AGAIN).await;
            tell(&engine, &[Said::Wanted], false);
            engine.policy().asking.notified().await;
        }
    };
    stop.run_until_cancelled(asking).await;
}

/// Tells all other nodes; what is `lasting` is repeated to those that were not listening.
pub(super) fn tell(engine: &Engine, all: &[Said], lasting: bool) {
    match to_raw_value(all) {
        Ok(data) => engine.tell_nodes(data, lasting),
        Err(error) => tracing::error!(error = %error, "other nodes could not be told"),
    }
}

/// Another node said something.
pub(super) fn told(live: &Live, data: &RawValue) {
    // Of another version, perhaps: each by itself, so that one that is not known does not take the others along.
    let Ok(all) = serde_json::from_str::<Vec<&RawValue>>(data.get()) else { return };
    for said in all.into_iter().filter_map(|said| serde_json::from_str(said.get()).ok()) {
        hear(live, said);
    }
}

fn hear(live: &Live, said: Said) {
    let event = match said {
        Said::VirtualAgentConcerned(tenant, id) => Event::VirtualAgentConcerned(tenant, id),
        Said::ConversationMoved(tenant, id) => Event::ConversationMoved(tenant, id),
        Said::Availability(tenant, id) => Event::OperatorAvailabilityChanged(tenant, id),
        Said::Operator(tenant, id) => Event::OperatorChanged(tenant, id),
        Said::Site(tenant, id) => {
            live.sites.forget_all();
            Event::SiteChanged(tenant, id)
        }
        Said::VirtualAgent(tenant) => Event::VirtualAgentChanged(tenant),
        Said::Promotion(tenant) => Event::PromotionChanged(tenant),
        Said::Page(entered) => Event::PageEntered(Arc::new(*entered)),
        Said::Cart(tenant, visitor, cart) => Event::CartSeen(tenant, visitor, Arc::new(cart)),
        Said::Board(piece) => return live.on_board(|board| board.merge(piece)),
        Said::Wanted => {
            live.asked.store(true, Ordering::Relaxed);
            Event::NodeAsked
        }
        Said::LoginsEnded(logins) => {
            let now = live.clock.now();
            return logins.iter().for_each(|login| live.ended_logins.add(login, now));
        }
        Said::Renamed(operator, name) => return live.names.set(operator, &name),
        Said::Erased(visitors) => return live.erase(visitors),
    };
    live.events.publish_from_afar(event);
}

/// What others said may be lost: what is remembered is forgotten, and what is believed is asked for.
pub(super) fn missed(live: &Live) {
    live.sites.forget_all();
    live.events.publish_from_afar(Event::NodesMissed);
    live.doubted.notify_one();
    live.asking.notify_one();
}

/// After something may have been missed, looks whether the logins behind open sockets are still good, until `stop`.
pub(super) async fn doubt(engine: Engine, stop: CancellationToken) {
    while stop.run_until_cancelled(engine.policy().doubted.notified()).await.is_some() {
        if let Err(error) = end_what_is_over(&engine).await {
            tracing::warn!(error = %error, "the logins of open sockets could not be looked up; it is tried again");
            engine.policy().doubted.notify_one();
            sleep(ASK_AGAIN).await;
        }
    }
}

/// The names of an operator's logins and keys.
async fn logins_of(live: &Live, scope: TenantScope, operator: OperatorId) -> Result<Vec<String>> {
    let logins = login_sessions::list(&live.db, scope, operator, live.clock.now()).await?;
    let keys = api_keys::list(&live.db, scope).await?;
    let names = logins.into_iter().map(|login| login_sessions::name(&login.id));
    Ok(names.chain(keys.into_iter().map(|key| api_keys::login_name(key.id))).collect())
}

async fn end_what_is_over(engine: &Engine) -> Result<()> {
    let (live, mut known) = (engine.policy(), HashMap::new());
    for identity in engine.identities("operator/") {
        let mut parts = identity.principal.split('/');
        let (Some("operator"), Some(Ok(tenant)), Some(Ok(operator))) =
            (parts.next(), parts.next().map(str::parse), parts.next().map(str::parse))
        else {
            continue;
        };
        let (scope, operator) = (TenantScope::proven(TenantId(tenant)), OperatorId(operator));
        let names = match known.entry(operator) {
            Entry::Occupied(names) => names.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(logins_of(live, scope, operator).await?),
        };
        if !names.iter().any(|name| **name == *identity.device) {
            engine.kick(&identity.principal, Some(&identity.device), Disconnect::LoginEnded, "this login has ended; sign in again");
        }
    }
    Ok(())
}
