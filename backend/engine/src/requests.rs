//! The engine's own requests: `channel.join`, `channel.leave`, `channel.since`. All others are the policy's.

use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::channel::{ChannelId, Membership, Publication};
use crate::connections::ConnectionId;
use crate::log::ChannelLog;
use crate::node::{ALL_NODES, Engine};
use crate::policy::{Caller, Policy};
use crate::refusal::{Code, Refusal};

mod params;

use params::Params;

/// Entries of one answer.
const PAGE: u64 = 200;

/// Answers one request.
pub(crate) async fn answer<P: Policy>(
    engine: &Engine<P>,
    caller: &Caller<P::Principal>,
    method: &str,
    params: Value,
) -> Result<Value, Refusal> {
    match method {
        "channel.join" => Box::pin(join(engine, caller, params)).await,
        "channel.leave" => leave(engine, caller, params),
        "channel.since" => Box::pin(since(engine, caller, params)).await,
        _ => engine.policy().request(engine, caller, method, params).await,
    }
}

async fn join<P: Policy>(engine: &Engine<P>, caller: &Caller<P::Principal>, params: Value) -> Result<Value, Refusal> {
    let id = connection(caller, "channel.join")?;
    let mut params = Params::new(params)?;
    let channel = ChannelId::from(params.text("channel")?);
    let after = params.optional_number("after")?;
    params.finish()?;
    if channel.as_str() == ALL_NODES {
        return Err(Refusal::new(Code::NotFound, "there is no such channel"));
    }
    let membership = engine.policy().authorize_join(engine, caller, &channel).await?;
    let page = enter(engine, Some(id), &membership, (after, PAGE)).await?;
    Ok(json!({"channel": channel, "top": page.top, "entries": page.entries, "more": page.more}))
}

/// Makes a connection a member and reads the log for it: what comes after a number, or the newest so many. Without a connection it only reads.
pub(crate) async fn enter<P: Policy>(
    engine: &Engine<P>,
    connection: Option<ConnectionId>,
    membership: &Membership,
    (after, newest): (Option<u64>, u64),
) -> Result<Page, Refusal> {
    let limit = if after.is_some() { PAGE } else { newest.min(PAGE) };
    let Some(id) = connection else { return read(engine, membership, after, limit).await };
    // A member first, then a reader: what is committed in between is published to the member.
    let was_member = engine.hub().join(id, membership);
    let page = read(engine, membership, after, limit).await.inspect_err(|_| {
        if !was_member {
            engine.hub().leave(id, &membership.channel);
        }
    })?;
    if membership.logged {
        engine.hub().anchor(&membership.channel, page.top);
    }
    Ok(page)
}

fn leave<P: Policy>(engine: &Engine<P>, caller: &Caller<P::Principal>, params: Value) -> Result<Value, Refusal> {
    let id = connection(caller, "channel.leave")?;
    let mut params = Params::new(params)?;
    let channel = ChannelId::from(params.text("channel")?);
    params.finish()?;
    engine.hub().leave(id, &channel);
    Ok(json!({}))
}

async fn since<P: Policy>(engine: &Engine<P>, caller: &Caller<P::Principal>, params: Value) -> Result<Value, Refusal> {
    let mut params = Params::new(params)?;
    let channel = ChannelId::from(params.text("channel")?);
    let after = params.number("after")?;
    let limit = params.optional_number("limit")?.unwrap_or(PAGE);
    params.finish()?;
    if !(1..=PAGE).contains(&limit) {
        return Err(Refusal::new(Code::Invalid, "limit is out of range").field("limit", format!("from 1 to {PAGE}")));
    }
    let membership = engine.policy().authorize_join(engine, caller, &channel).await?;
    if !membership.logged {
        return Err(Refusal::new(Code::Invalid, "this channel is not logged; there is nothing to read").field("channel", "not logged"));
    }
    let page = read(engine, &membership, Some(after), limit).await?;
    Ok(json!({"entries": page.entries, "top": page.top, "more": page.more}))
}

fn connection<P>(caller: &Caller<P>, method: &str) -> Result<ConnectionId, Refusal> {
    caller.connection.ok_or_else(|| Refusal::new(Code::Invalid, format!("{method} needs a connection; ask channel.since instead")))
}

/// Entries of a log, as members are sent them.
#[derive(Debug, Default)]
pub struct Page {
    /// The highest number of the log.
    pub top: u64,
    /// Ascending.
    pub entries: Vec<Value>,
    /// There are others between the last of these and the top.
    pub more: bool,
}

/// Entries after a number, or the newest ones. The top is read before them: what is committed in between may be among them and reaches members
/// in any case, but nothing is said to be missing that an answer to the same question a moment later would not have.
async fn read<P: Policy>(engine: &Engine<P>, of: &Membership, after: Option<u64>, limit: u64) -> Result<Page, Refusal> {
    if !of.logged {
        return Ok(Page::default());
    }
    let top = top(engine, &of.channel).await?;
    let after = after.unwrap_or(top.saturating_sub(limit));
    let found = engine.log().since(&of.channel, after, usize::try_from(limit).unwrap_or(usize::MAX)).await?;
    let last = found.last().and_then(|publication| publication.seq).unwrap_or(after);
    let top = top.max(found.last().map_or(0, |_| last));
    let entries = found.iter().map(entry).collect::<Result<_, _>>()?;
    Ok(Page { top, entries, more: top > last })
}

async fn top<P: Policy>(engine: &Engine<P>, channel: &ChannelId) -> Result<u64, Refusal> {
    let tops = engine.log().tops(std::slice::from_ref(channel)).await?;
    Ok(tops.into_iter().find(|(of, _)| of == channel).map_or(0, |(_, top)| top))
}

fn entry(publication: &Publication) -> Result<Value, Refusal> {
    let data: &RawValue = &publication.data;
    serde_json::from_str(data.get()).map_err(|error| Refusal::new(Code::Internal, format!("an entry of the log is not JSON: {error}")))
}
