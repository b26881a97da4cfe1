//! What browsers tell of their visitors: pages, events of the shop's own, carts and orders. Read strictly and one by one, so that an event the
//! server will never take does not hold up the others in the browser's outbox.

use std::collections::HashMap;
use std::sync::Mutex;

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::clock::Millis;
use crate::error::{Error, Result};
use crate::ids::{MessageId, VisitId, VisitorId};
use crate::text::{self, Fields};
use crate::visitor_events::{Act, NewEvent, OnPage, What, moment};
use crate::visits::PageView;

use super::hello::{PageIn, page_view, tell_page};
use super::{Live, VisitorPrincipal};

/// Visitor events in one request at most.
const EVENTS_MAX: usize = 50;

/// That somebody chats is told again so long after the last time, but for who went to another page meanwhile: a visit counts as one with a chat
/// by its first message, and its end is known this exactly.
const CHATS_GAP: Millis = 20_000;
/// More visitors than this, and those of whom it would be told again are forgotten.
const CHATS_SWEEP: usize = 10_000;

/// Of whom it was told that they chat, and when: counting every message of a lively chat would cost as much as keeping it.
#[derive(Default)]
pub(super) struct Chats(Mutex<HashMap<VisitorId, Millis>>);

impl Chats {
    /// Whether it is to be told now.
    fn wrote(&self, visitor: VisitorId, at: Millis) -> bool {
        let Ok(mut told) = self.0.lock() else { return true };
        if told.get(&visitor).is_some_and(|last| (0..CHATS_GAP).contains(&(at - last))) {
            return false;
        }
        if told.len() >= CHATS_SWEEP {
            told.retain(|_, last| at - *last < CHATS_GAP);
        }
        told.insert(visitor, at);
        true
    }

    /// Another page, and perhaps another visit.
    fn went_on(&self, visitor: VisitorId) {
        self.0.lock().map(|mut told| told.remove(&visitor)).ok();
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventsIn<T> {
    events: Vec<T>,
}

impl<T> EventsIn<T> {
    fn checked(self) -> Result<Vec<T>> {
        let count = self.events.len();
        if count > EVENTS_MAX {
            return Err(Error::invalid(format!(
                "{count} events in one request; at most {EVENTS_MAX} are taken, send the rest in the next"
            )));
        }
        Ok(self.events)
    }
}

/// The envelope of the first loaders, which knew page views only.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FirstEventIn {
    event_id: Uuid,
    name: String,
    at: i64,
    visit: Uuid,
    page: Option<PageIn>,
    #[serde(default)]
    #[expect(dead_code, reason = "part of the envelope; page.enter carries none")]
    props: Value,
}

/// The envelope of docs/PROTOCOL.md, section 6.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventIn {
    v: u32,
    id: Uuid,
    at: i64,
    visit: Uuid,
    kind: String,
    name: Option<String>,
    page: Option<PageIn>,
    #[serde(default)]
    props: Value,
}

/// What a batch comes to.
#[derive(Default)]
struct Read {
    views: Vec<PageView>,
    events: Vec<NewEvent>,
    refused: Vec<Value>,
}

/// `event.post`, of loaders that pages still hold.
pub(super) async fn post(live: &Live, visitor: &VisitorPrincipal, posted: EventsIn<FirstEventIn>) -> Result<Value> {
    let (posted, zone, now) = (posted.checked()?, zone_of(live, visitor).await?, live.clock.now());
    let mut read = Read::default();
    for event in posted {
        if event.name != "page.enter" {
            return Err(Error::invalid(format!("there is no visitor event {:?} in event.post; event.track takes more", event.name)));
        }
        let Some(page) = event.page else { return Err(Error::invalid("page.enter needs a page")) };
        let view = page_view(visitor, VisitId(event.visit), page, moment(event.at, now));
        read.events.push(entered(visitor, &zone, event.event_id, &view));
        read.views.push(view);
    }
    let accepted = read.views.len();
    store(live, visitor, read).await?;
    Ok(json!({"accepted": accepted}))
}

/// `event.track`: answers how many are stored, and which will never be, with the reason.
pub(super) async fn track(live: &Live, visitor: &VisitorPrincipal, tracked: EventsIn<Value>) -> Result<Value> {
    let (tracked, zone, now) = (tracked.checked()?, zone_of(live, visitor).await?, live.clock.now());
    let mut read = Read::default();
    for event in tracked {
        let id = event.get("id").cloned().unwrap_or_default();
        if let Err(fields) = read_one(&mut read, (visitor, &zone, now), event) {
            read.refused.push(json!({"id": id, "code": "invalid", "message": "this event is not kept", "fields": fields}));
        }
    }
    let (accepted, refused) = (read.events.len(), std::mem::take(&mut read.refused));
    store(live, visitor, read).await?;
    Ok(json!({"accepted": accepted, "refused": refused}))
}

fn read_one(read: &mut Read, (visitor, zone, now): (&VisitorPrincipal, &str, Millis), event: Value) -> std::result::Result<(), Fields> {
    let wrong = |field: &str, why: String| Fields::from([(field.to_owned(), why)]);
    let event: EventIn = serde_json::from_value(event).map_err(|error| wrong("event", error.to_string()))?;
    if event.v != 1 {
        return Err(wrong("v", format!("is {}; this server speaks version 1", event.v)));
    }
    if event.id.get_version_num() != 7 {
        return Err(wrong("id", "must be a UUID of version 7".to_owned()));
    }
    let (visit, at) = (VisitId(event.visit), moment(event.at, now));
    if event.kind == "page.entered" {
        let page = event.page.ok_or_else(|| wrong("page", "page.entered needs a page".to_owned()))?;
        let view = page_view(visitor, visit, page, at);
        read.events.push(entered(visitor, zone, event.id, &view));
        read.views.push(view);
        return Ok(());
    }
    let act = Act::read(&event.kind, event.name.as_deref(), event.props)?;
    let page = event.page.map(|page| on_page(&page_view(visitor, visit, page, at)));
    read.events.push(new_event(visitor, zone, (event.id, at), What::Act(visit, Box::new(act), page)));
    Ok(())
}

async fn store(live: &Live, visitor: &VisitorPrincipal, read: Read) -> Result<()> {
    if !read.events.is_empty() {
        let paced = live.acts_pace.take_all(visitor.visitor, read.events.len()).await;
        paced.map_err(|wait| Error::rate_limited("too many events in a short time; send them again later", wait))?;
    }
    let now = live.clock.now();
    if !read.views.is_empty() {
        live.chats.went_on(visitor.visitor);
    }
    live.on_board(|board| {
        for view in &read.views {
            board.entered(view, now);
        }
        for event in &read.events {
            if let What::Act(_, act, _) = &event.what {
                board.acted(event.scope.tenant(), event.visitor, (act, event.at));
            }
        }
    });
    let (trail, counted) = tokio::join!(live.visits.record(read.views.clone()), live.acts.record(read.events));
    for view in &read.views {
        tell_page(live, visitor, view);
    }
    trail.and(counted)
}

/// The page a hello names. Nobody waits for it.
pub(super) fn note_page(live: &Live, visitor: &VisitorPrincipal, zone: &str, view: PageView) {
    live.on_board(|board| board.entered(&view, view.at));
    live.chats.went_on(visitor.visitor);
    live.acts.note(entered(visitor, zone, live.clock.new_id(), &view));
    live.visits.note(view);
}

/// A visitor's message, under its own id: a repeat of it counts once as well.
pub(super) async fn note_chatted(live: &Live, visitor: &VisitorPrincipal, id: MessageId, at: Millis) {
    if !live.chats.wrote(visitor.visitor, at) {
        return;
    }
    // A site that cannot be read now was read a moment ago for this very post; its visit then counts as one without a chat.
    if let Ok(zone) = zone_of(live, visitor).await {
        live.acts.note(new_event(visitor, &zone, (id.0, at), What::Chatted));
    }
}

async fn zone_of(live: &Live, visitor: &VisitorPrincipal) -> Result<String> {
    let site = live.sites.find(&visitor.site_key).await?.ok_or_else(|| Error::not_found("site"))?;
    Ok(site.time_zone.clone())
}

fn entered(visitor: &VisitorPrincipal, zone: &str, id: Uuid, view: &PageView) -> NewEvent {
    let act = Act::PageEntered { referrer: view.referrer.clone(), product: view.product.clone() };
    new_event(visitor, zone, (id, view.at), What::Act(view.visit, Box::new(act), Some(on_page(view))))
}

fn on_page(view: &PageView) -> OnPage {
    OnPage { url: text::cut(&view.url, text::URL_MAX), title: view.title.clone() }
}

fn new_event(visitor: &VisitorPrincipal, zone: &str, (id, at): (Uuid, Millis), what: What) -> NewEvent {
    NewEvent { scope: visitor.scope, visitor: visitor.visitor, merged: visitor.merged.clone(), zone: zone.to_owned(), id, at, what }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_is_told_once_in_a_while_and_again_on_another_page() {
        let (chats, who) = (Chats::default(), VisitorId(Uuid::from_u128(1)));
        let told = |at| chats.wrote(who, at);
        assert_eq!([0, 10, CHATS_GAP - 1, CHATS_GAP, CHATS_GAP + 1].map(told), [true, false, false, true, false]);
        chats.went_on(who);
        assert!(told(CHATS_GAP + 2) && !told(CHATS_GAP + 3));
        assert!(chats.wrote(VisitorId(Uuid::from_u128(2)), CHATS_GAP + 3), "each for themselves");
    }
}
