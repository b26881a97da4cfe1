//! What operators do to keep order in a crowd. The tables decide, in the transaction of every message, so that it holds on all nodes from the
//! moment it is answered; what is told here is for the screens.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::logs;
use super::super::principal::OperatorPrincipal;
use super::super::wire::{publication, soft_event, visitor_channel};
use super::super::{Engine, Live, Principal};
use super::{none, tell_changed, tell_operators};
use crate::crowds::{self, Command, Crowd, CrowdUpdate, MINUTES_MAX, Queued, What};
use crate::error::{Error, Result};
use crate::ids::{CrowdId, VisitorId};
use crate::scope::SiteScope;
use crate::text::Fields;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct FreezeIn {
    crowd: CrowdId,
    frozen: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct SlowModeIn {
    crowd: CrowdId,
    seconds: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct MuteIn {
    crowd: CrowdId,
    visitor: VisitorId,
    muted: bool,
    minutes: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct RetractIn {
    crowd: CrowdId,
    seq: i64,
}

async fn change(live: &Live, engine: &Engine, operator: &OperatorPrincipal, id: CrowdId, update: CrowdUpdate) -> Result<Value> {
    let mut fields = Fields::new();
    let update = update.check(&mut fields);
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let mut tx = live.db.begin().await?;
    if !crowds::update(&mut tx, operator.scope, id, &update, live.clock.now()).await? {
        return Err(none());
    }
    tx.commit().await?;
    let crowd = find(live, operator, id).await?;
    tell_changed(live, engine, &crowd).await;
    Ok(json!({"crowd": crowd.view()}))
}

async fn find(live: &Live, operator: &OperatorPrincipal, id: CrowdId) -> Result<Crowd> {
    crowds::find(&live.db, operator.scope, id).await?.ok_or_else(none)
}

/// Visitors only read, or write again.
pub(in super::super) async fn freeze(live: &Live, engine: &Engine, operator: &OperatorPrincipal, asked: FreezeIn) -> Result<Value> {
    change(live, engine, operator, asked.crowd, CrowdUpdate { frozen: Some(asked.frozen), ..CrowdUpdate::default() }).await
}

/// So many seconds between two messages of one visitor.
pub(in super::super) async fn slow_mode(live: &Live, engine: &Engine, operator: &OperatorPrincipal, asked: SlowModeIn) -> Result<Value> {
    change(live, engine, operator, asked.crowd, CrowdUpdate { slow_mode_s: Some(asked.seconds), ..CrowdUpdate::default() }).await
}

/// One visitor only reads, for so many minutes or until it is lifted; or writes again.
pub(in super::super) async fn mute(live: &Live, engine: &Engine, operator: &OperatorPrincipal, asked: MuteIn) -> Result<Value> {
    let MuteIn { crowd: id, visitor, muted, minutes } = asked;
    if minutes.is_some_and(|minutes| !muted || !(1..=MINUTES_MAX).contains(&minutes)) {
        let what = format!("goes with muting only, and is 1 to {MINUTES_MAX}; leave it out to mute until it is lifted");
        return Err(Error::fields(Fields::from([("minutes".to_owned(), what)])));
    }
    let crowd = find(live, operator, id).await?;
    let scope = SiteScope::proven(crowd.tenant_id, crowd.site_id);
    let now = live.clock.now();
    let until = minutes.map(|minutes| now + minutes * 60_000);
    let mut tx = live.db.begin().await?;
    if !muted {
        crowds::unmute(&mut tx, scope, id, visitor).await?;
    } else if !crowds::mute(&mut tx, scope, (id, visitor), operator.id, (now, until)).await? {
        return Err(Error::not_found("visitor"));
    }
    tx.commit().await?;
    // The clock of a phone may be wrong: how long is told beside until when.
    let data = json!({"crowd": id, "muted": muted.then(|| json!({"until": until, "left_ms": until.map(|until| until - now)}))});
    let event = soft_event(&live.clock, "crowd.muted", None, data.clone());
    if let Some(publication) = publication(visitor_channel(crowd.tenant_id, visitor), None, &event) {
        engine.publish(publication).await;
    }
    tell_operators(live, engine, &crowd).await;
    Ok(json!({"muted": data["muted"]}))
}

/// Takes a message out of the log, whoever said it.
pub(in super::super) async fn retract(engine: &Engine, principal: &Principal, asked: RetractIn) -> Result<Value> {
    let what = What::Retract { target: asked.seq };
    let command = Command { tenant: principal.tenant().tenant(), sender: principal.sender(), crowd: asked.crowd, what };
    logs::say(engine, Queued { command, visitor: None }).await?;
    Ok(json!({}))
}
