//! The live board on the wire: what hellos, events and conversations say goes into [`crate::board`], and what changed goes to those who watch,
//! a few times a second and only while somebody does.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use xpush::ChannelId;

use crate::board::{Arrival, Board, Greeting, LiveConversation, LiveVisitor};
use crate::clock::Millis;
use crate::conversations::{self, Command, Content, Conversation, InboxRow, Queued, Reply, Sender, Target, What};
use crate::error::{Error, ErrorCode, Result};
use crate::ids::{OperatorId, SiteId, TenantId, VisitorId};
use crate::scope::TenantScope;
use crate::visitors::{self, Acting, Visitor};
use crate::visits;

use super::logs;
use super::principal::visitor_key;
use super::share::{self, Said};
use super::wire::{publication, soft_event};
use super::{Engine, Live, Principal, Realtime, VisitorPrincipal};

/// Changes wait at most this long for company.
const TICK: Duration = Duration::from_millis(300);
/// So many ticks without a watcher, and changes are gathered no longer: whoever asked for the board joins its channel in the meantime.
const PATIENCE: u32 = 20;
/// Ticks between two looks for who has been away long enough.
const SWEEP: u32 = 15;
/// A page view is stored within so long.
const SETTLED: Millis = 1_500;
/// Sweeps between two looks whether those who are shown with a connection have one: of other nodes that may not have been heard.
const DOUBTS: u32 = 13;
/// Visitors whose visits are counted by one statement.
const COUNTED: usize = 200;

/// The channel of a tenant's board.
pub(super) fn board_channel(tenant: TenantId) -> ChannelId {
    format!("b/{tenant}").into()
}

impl Live {
    /// Does something with the board. A panic of another holder must not hide visitors: each change is complete in itself.
    pub(super) fn on_board<T>(&self, act: impl FnOnce(&mut Board) -> T) -> T {
        let mut board = self.board.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        act(&mut board)
    }
}

/// Tells watchers what changed, until `stop`.
pub(super) async fn run(engine: Engine, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(TICK);
    let (mut alone, mut turn, mut sweeps) = (HashMap::<TenantId, u32>::new(), 0_u32, 0_u32);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => return,
        }
        let live = engine.policy();
        turn = (turn + 1) % SWEEP;
        if turn == 0 {
            let now = live.clock.now();
            live.on_board(|board| board.sweep(now));
            sweeps = (sweeps + 1) % DOUBTS;
            if sweeps == 0 && engine.cluster_health().is_some() {
                doubt(&engine);
            }
        }
        share_news(&engine);
        for tenant in live.on_board(|board| board.watched()) {
            if engine.members_here(&board_channel(tenant)) > 0 {
                alone.remove(&tenant);
                count(live, tenant).await;
                tell(&engine, tenant);
                continue;
            }
            let ticks = alone.entry(tenant).or_default();
            *ticks += 1;
            if *ticks > PATIENCE {
                alone.remove(&tenant);
                live.on_board(|board| board.unwatch(tenant));
            }
        }
    }
}

/// Tells the other nodes what changed here; one of them may have asked for everything.
fn share_news(engine: &Engine) {
    let live = engine.policy();
    let asked = live.asked.swap(false, Ordering::Relaxed);
    let news = live.on_board(|board| if asked { board.everything() } else { board.news() });
    for piece in news {
        share::tell(engine, &[Said::Board(piece)], false);
    }
}

/// Takes the connection from those who have none.
fn doubt(engine: &Engine) {
    let live = engine.policy();
    let shown = live.on_board(|board| board.connected());
    let away: Vec<_> = shown.into_iter().filter(|(tenant, visitor)| !engine.is_present(&visitor_key(*tenant, *visitor))).collect();
    let now = live.clock.now();
    live.on_board(|board| {
        for (tenant, visitor) in away {
            board.disconnected(tenant, visitor, now);
        }
    });
}

/// Watchers of this node: the numbers of deltas are its own.
fn tell(engine: &Engine, tenant: TenantId) {
    let live = engine.policy();
    let Some(delta) = live.on_board(|board| board.delta(tenant)) else { return };
    let data = json!({"version": delta.version, "put": delta.put, "gone": delta.gone});
    if let Some(publication) = publication(board_channel(tenant), None, &soft_event(&live.clock, "board.changed", None, data)) {
        engine.publish_here(publication);
    }
}

/// How often those came who are new on a watched board.
async fn count(live: &Live, tenant: TenantId) {
    // The present visit is among the stored ones by then.
    let before = live.clock.now() - SETTLED;
    let ids = live.on_board(|board| board.uncounted(tenant, before, COUNTED));
    if ids.is_empty() {
        return;
    }
    // Without an answer they stay as they are, and are asked for again.
    if let Ok(counts) = visits::count(&live.db, TenantScope::proven(tenant), &ids).await {
        live.on_board(|board| {
            for id in ids {
                board.counted(tenant, id, counts.get(&id).copied().unwrap_or(1).max(1));
            }
        });
    }
}

/// `board.watch`: everybody who is there. Who asks has joined the channel before, so that nothing is missed in between.
pub(super) fn watch(live: &Live, tenant: TenantId) -> Value {
    let (version, items) = live.on_board(|board| board.watch(tenant));
    json!({"channel": board_channel(tenant), "version": version, "items": items})
}

/// A visitor said hello.
pub(super) fn arrived(
    live: &Live,
    principal: &VisitorPrincipal,
    stored: Option<&Visitor>,
    conversation: Option<&Conversation>,
    now: Millis,
) {
    let arrival = Arrival {
        acting: principal.acting(),
        merged: principal.merged.to_vec(),
        name: stored.and_then(|visitor| visitor.name.clone()),
        email: stored.and_then(|visitor| visitor.email.clone()),
        identified: principal.identified,
        conversation: conversation.map(live_conversation),
    };
    live.on_board(|board| board.arrived(arrival, now));
}

/// A visitor posted, and may have begun a conversation by it.
pub(super) fn began_to_talk(live: &Live, visitor: &VisitorPrincipal, conversation: &Conversation) {
    let conversation = live_conversation(conversation);
    live.on_board(|board| board.began_to_talk(visitor.scope.tenant(), visitor.visitor, conversation));
}

/// A conversation is not what it was.
pub(super) fn talked(live: &Live, tenant: TenantId, row: &InboxRow) {
    let conversation = live_conversation(&row.conversation);
    let known = (row.visitor_name.as_deref(), row.visitor_email.as_deref());
    live.on_board(|board| board.talked(tenant, row.person_id, known, conversation));
}

fn live_conversation(conversation: &Conversation) -> LiveConversation {
    LiveConversation {
        id: conversation.id,
        status: conversation.status,
        assignee_id: conversation.assignee_id,
        assignee_name: conversation.assignee_name.clone(),
    }
}

/// Posts into the visitor's present conversation, or into a new one that is then the operator's.
pub(super) async fn greet(live: &Live, engine: &Engine, scope: TenantScope, sender: Sender, greeting: Greeting) -> Result<Reply> {
    let Greeting { visitor, client_message_id, text, body_hash } = greeting;
    let acting = acting(live, scope, visitor).await?;
    let latest = conversations::find_latest(&live.db, acting.scope, visitor).await?;
    // Of somebody whose latest conversation is an anonymous browser's: it is theirs, and goes on.
    let theirs =
        latest.filter(|latest| latest.conversation.visitor_id != visitor).map(|latest| Target::Conversation(latest.conversation.id));
    let (target, acting) = theirs.map_or((Target::Current, Some(acting)), |target| (target, None));
    let what = What::Post { target, client_message_id, content: Content::Text(text, Vec::new()), body_hash };
    let command = Command { tenant: scope.tenant(), sender, also: Vec::new(), what };
    Ok(logs::change(engine, Queued { command, visitor: acting }).await?)
}

async fn acting(live: &Live, scope: TenantScope, visitor: VisitorId) -> Result<Acting> {
    if let Some(acting) = live.on_board(|board| board.acting(scope.tenant(), visitor)) {
        return Ok(acting);
    }
    visitors::find(&live.db, scope, visitor).await?.ok_or_else(|| Error::not_found("visitor"))?;
    Err(Error::new(ErrorCode::Conflict, "this visitor is not on the site any more; write into their conversation"))
}

impl Realtime {
    /// Says hello to a visitor in the name of an operator.
    pub async fn greet(&self, scope: TenantScope, (operator, name): (OperatorId, &str), greeting: Greeting) -> Result<Reply> {
        let sender = Sender { kind: conversations::SenderKind::Operator, id: operator.into(), name: Some(name.to_owned()) };
        greet(self.engine.policy(), &self.engine, scope, sender, greeting).await
    }

    /// Who is on the tenant's sites now, the newest first.
    pub fn live_visitors(&self, tenant: TenantId) -> Vec<LiveVisitor> {
        self.engine.policy().on_board(|board| board.list(tenant))
    }

    /// How many are on one site, or on all of the tenant's, now.
    pub fn live_count(&self, tenant: TenantId, site: Option<SiteId>) -> usize {
        self.engine.policy().on_board(|board| board.count(tenant, site))
    }
}

/// The visitor behind a connection that its client ended.
pub(super) fn leaving(live: &Live, principal: &Principal) {
    if let Principal::Visitor(visitor) = principal {
        let now = live.clock.now();
        live.on_board(|board| board.leaving(visitor.scope.tenant(), visitor.visitor, now));
    }
}
