//! Decides what a batch of commands does to the logs of crowds: seq, exactly-once, and who may write when. Pure: what the batch may touch is
//! loaded before, and what changed is stored after, by [`super::log_store`], in one transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::json;

use crate::clock::{Clock, Millis};
use crate::ids::{ClientMessageId, CrowdId, ParticipantId, TenantId, VisitorId};

use super::command::{Asking, Command, Done, Queued, Refused, Reply, What};
use super::model::{Crowd, Entry, Writers};

/// An entry that a client id already names.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) body_hash: Vec<u8>,
    pub(super) entry: Entry,
}

/// What a crowd knows of one visitor.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Standing {
    pub(super) posted_at: Option<Millis>,
    pub(super) muted_at: Option<Millis>,
    pub(super) muted_until: Option<Millis>,
}

/// A new entry together with the fingerprint that guards its client id.
#[derive(Clone, Debug)]
pub(super) struct NewEntry {
    pub(super) entry: Entry,
    pub(super) body_hash: Option<Vec<u8>>,
}

/// Keys name the tenant: what a batch loaded for one is not there for another.
type Key<T> = (TenantId, T);

/// The rows a batch works on, and what it adds.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) crowds: HashMap<Key<CrowdId>, Crowd>,
    pub(super) known: HashMap<Key<(ParticipantId, ClientMessageId)>, Known>,
    pub(super) names: HashMap<Key<VisitorId>, String>,
    pub(super) standings: HashMap<Key<(CrowdId, VisitorId)>, Standing>,
    /// Entries that are to be taken back.
    pub(super) entries: HashMap<Key<(CrowdId, i64)>, Entry>,
    pub(super) new_entries: Vec<NewEntry>,
    pub(super) grown: BTreeSet<Key<CrowdId>>,
    pub(super) retracted: BTreeSet<Key<(CrowdId, i64)>>,
    /// When visitors posted last, in crowds that are slow.
    pub(super) posted: BTreeMap<Key<(CrowdId, VisitorId)>, Millis>,
}

impl Ledger {
    /// Decides one command on what those before it left.
    pub(super) fn apply(&mut self, queued: &Queued, clock: &Clock) -> Result<Done, Refused> {
        let Queued { command, visitor } = queued;
        let crowd = self.crowds.get(&(command.tenant, command.crowd)).ok_or(Refused::NotFound("crowd"))?;
        if visitor.as_ref().is_some_and(|visitor| visitor.site != crowd.site_id) {
            return Err(Refused::NotFound("crowd"));
        }
        match &command.what {
            What::Post { client_message_id, text, body_hash } => {
                self.post(command, visitor.as_ref(), (*client_message_id, text, body_hash), clock)
            }
            What::Retract { target } => self.retract(command, *target, clock),
        }
    }

    fn post(
        &mut self,
        command: &Command,
        visitor: Option<&Asking>,
        (id, text, body_hash): (ClientMessageId, &str, &[u8]),
        clock: &Clock,
    ) -> Result<Done, Refused> {
        let selves = visitor.map(|visitor| visitor.selves.iter().map(|id| (*id).into()).collect::<Vec<ParticipantId>>());
        let selves = selves.unwrap_or_else(|| vec![command.sender.id]);
        // What is known counts whatever has changed since: a retry is told what the first try did.
        if let Some(known) = selves.iter().find_map(|sender| self.known.get(&(command.tenant, (*sender, id)))) {
            if known.body_hash != body_hash {
                return Err(Refused::Conflict(id));
            }
            let entry = &known.entry;
            let reply = Reply { id: entry.id, seq: entry.seq, at: entry.at, next_at: None };
            // The first try may have died between its commit and telling anybody; whoever has the entry drops it by its seq.
            return Ok(Done { reply, told: Some(entry.clone()) });
        }
        let now = clock.now();
        let slow = visitor.map_or(Ok(None), |visitor| self.may_post(command, visitor, now))?;
        let name = match visitor {
            Some(visitor) => self.name(command.tenant, visitor).map(Some).ok_or(Refused::Nameless)?,
            None => command.sender.name.clone(),
        };
        let entry = self.add(command, ("message.posted", json!({"kind": "text", "text": text})), (name, Some(id)), clock)?;
        self.known.insert((command.tenant, (entry.sender_id, id)), Known { body_hash: body_hash.to_vec(), entry: entry.clone() });
        self.new_entries.push(NewEntry { entry: entry.clone(), body_hash: Some(body_hash.to_vec()) });
        if let (Some(visitor), Some(_)) = (visitor.and_then(|visitor| visitor.selves.first()), slow) {
            let key = (command.tenant, (command.crowd, *visitor));
            self.standings.entry(key).or_default().posted_at = Some(now);
            self.posted.insert(key, now);
        }
        let reply = Reply { id: entry.id, seq: entry.seq, at: entry.at, next_at: slow.map(|wait| now + wait) };
        Ok(Done { reply, told: Some(entry) })
    }

    /// Answers how long the visitor then waits with the next one, in a slow crowd.
    fn may_post(&self, command: &Command, visitor: &Asking, now: Millis) -> Result<Option<Millis>, Refused> {
        let crowd = self.crowds.get(&(command.tenant, command.crowd)).ok_or(Refused::NotFound("crowd"))?;
        let standings = || visitor.selves.iter().filter_map(|own| self.standings.get(&(command.tenant, (command.crowd, *own))));
        if let Some(muted) = standings().filter_map(|standing| muted(*standing, now)).max_by_key(|left| left.unwrap_or(Millis::MAX)) {
            return Err(Refused::Muted(muted));
        }
        if crowd.frozen_at.is_some() {
            return Err(Refused::Frozen);
        }
        if crowd.writers == Writers::Identified && !visitor.identified {
            return Err(Refused::IdentifiedOnly);
        }
        let wait = crowd.slow_mode_s * 1_000;
        if wait == 0 {
            return Ok(None);
        }
        match standings().filter_map(|standing| standing.posted_at).max().map(|last| last + wait - now) {
            Some(left) if left > 0 => Err(Refused::Slow(left.min(wait))),
            _ => Ok(Some(wait)),
        }
    }

    fn name(&self, tenant: TenantId, visitor: &Asking) -> Option<String> {
        visitor.selves.iter().find_map(|own| self.names.get(&(tenant, *own))).cloned()
    }

    fn retract(&mut self, command: &Command, target: i64, clock: &Clock) -> Result<Done, Refused> {
        let key = (command.tenant, (command.crowd, target));
        let entry = self.entries.get_mut(&key).ok_or(Refused::NotFound("message"))?;
        if entry.kind != "message.posted" {
            return Err(Refused::NotAMessage);
        }
        let done = Reply { id: entry.id, seq: entry.seq, at: entry.at, next_at: None };
        if entry.data["kind"] == "retracted" {
            return Ok(Done { reply: done, told: None });
        }
        entry.data = json!({"kind": "retracted"});
        // Also where it was posted by the same batch.
        for new in &mut self.new_entries {
            if new.entry.crowd_id == command.crowd && new.entry.seq == target && new.entry.tenant_id == command.tenant {
                new.entry.data = json!({"kind": "retracted"});
            }
        }
        self.retracted.insert(key);
        let entry = self.add(command, ("message.retracted", json!({"target": target})), (command.sender.name.clone(), None), clock)?;
        self.new_entries.push(NewEntry { entry: entry.clone(), body_hash: None });
        Ok(Done { reply: done, told: Some(entry) })
    }

    /// The next entry of the crowd's log.
    fn add(
        &mut self,
        command: &Command,
        (kind, data): (&str, serde_json::Value),
        (sender_name, client_message_id): (Option<String>, Option<ClientMessageId>),
        clock: &Clock,
    ) -> Result<Entry, Refused> {
        let key = (command.tenant, command.crowd);
        let crowd = self.crowds.get_mut(&key).ok_or(Refused::NotFound("crowd"))?;
        crowd.last_seq += 1;
        if kind == "message.posted" {
            crowd.posted_at = Some(clock.now());
        }
        self.grown.insert(key);
        Ok(Entry {
            tenant_id: command.tenant,
            crowd_id: command.crowd,
            seq: crowd.last_seq,
            id: clock.new_id(),
            kind: kind.to_owned(),
            sender_kind: command.sender.kind,
            sender_id: command.sender.id,
            sender_name,
            client_message_id,
            data,
            at: clock.now(),
        })
    }
}

/// Muted now: for how long yet, or until it is lifted.
#[expect(clippy::option_option, reason = "not muted, muted without an end, muted for so long")]
pub(super) fn muted(standing: Standing, now: Millis) -> Option<Option<Millis>> {
    standing.muted_at?;
    match standing.muted_until {
        None => Some(None),
        Some(until) => (until > now).then_some(Some(until - now)),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::conversations::{Sender, SenderKind};
    use crate::ids::SiteId;

    const NOW: Millis = 1_700_000_000_000;

    struct Scene {
        ledger: Ledger,
        clock: Clock,
    }

    fn id<T: From<Uuid>>(number: u128) -> T {
        T::from(Uuid::from_u128(number))
    }

    impl Scene {
        fn new(change: impl FnOnce(&mut Crowd)) -> Self {
            let mut crowd = Crowd {
                tenant_id: id(1),
                id: id(2),
                site_id: id(3),
                key: "live".to_owned(),
                page_url: None,
                name: "Live".to_owned(),
                history: 30,
                writers: Writers::Everybody,
                slow_mode_s: 0,
                frozen_at: None,
                last_seq: 7,
                posted_at: None,
                created_at: NOW,
                updated_at: NOW,
            };
            change(&mut crowd);
            let mut ledger = Ledger::default();
            ledger.crowds.insert((id(1), id(2)), crowd);
            ledger.names.insert((id(1), id(10)), "Mina".to_owned());
            Self { ledger, clock: Clock::fixed(NOW) }
        }

        fn post_as(&mut self, tenant: TenantId, visitor: Option<Asking>, number: u128, text: &str) -> Result<Done, Refused> {
            let kind = if visitor.is_some() { SenderKind::Visitor } else { SenderKind::Operator };
            let sender = visitor.as_ref().map_or(id(99), |visitor| visitor.selves[0].into());
            let what = What::Post { client_message_id: id(number), text: text.to_owned(), body_hash: text.as_bytes().to_vec() };
            let name = visitor.is_none().then(|| "Olive".to_owned());
            let command = Command { tenant, sender: Sender { kind, id: sender, name }, crowd: id(2), what };
            self.ledger.apply(&Queued { command, visitor }, &self.clock)
        }

        fn post(&mut self, number: u128, text: &str) -> Result<Done, Refused> {
            self.post_as(id(1), Some(mina()), number, text)
        }
    }

    fn mina() -> Asking {
        Asking { site: id(3), selves: vec![id(10)], identified: false }
    }

    #[test]
    fn what_is_said_gets_the_next_place_once_and_for_ever() {
        let mut scene = Scene::new(|_| {});
        let first = scene.post(1, "hello").unwrap();
        assert_eq!((first.reply.seq, first.told.unwrap().sender_name.as_deref()), (8, Some("Mina")));
        assert_eq!(scene.post(2, "again").unwrap().reply.seq, 9);
        assert_eq!(scene.post(1, "hello").unwrap().reply, first.reply);
        assert_eq!(scene.post(1, "another").unwrap_err(), Refused::Conflict(id(1)));
        assert_eq!(scene.ledger.new_entries.len(), 2);
    }

    #[test]
    fn another_tenant_and_another_site_find_nothing() {
        let mut scene = Scene::new(|_| {});
        let elsewhere = Asking { site: id::<SiteId>(4), ..mina() };
        assert_eq!(scene.post_as(id(1), Some(elsewhere), 1, "x").unwrap_err(), Refused::NotFound("crowd"));
        assert_eq!(scene.post_as(id(5), Some(mina()), 1, "x").unwrap_err(), Refused::NotFound("crowd"));
        assert_eq!(scene.post_as(id(5), None, 1, "x").unwrap_err(), Refused::NotFound("crowd"));
    }

    #[test]
    fn visitors_wait_in_a_slow_crowd_and_operators_do_not() {
        let mut scene = Scene::new(|crowd| crowd.slow_mode_s = 10);
        assert_eq!(scene.post(1, "one").unwrap().reply.next_at, Some(NOW + 10_000));
        scene.clock.advance(4_000);
        assert_eq!(scene.post(2, "two").unwrap_err(), Refused::Slow(6_000));
        assert_eq!(scene.post(1, "one").unwrap().reply.seq, 8, "a retry does not wait");
        let merged = Asking { selves: vec![id(11), id(10)], ..mina() };
        assert_eq!(scene.post_as(id(1), Some(merged), 3, "three").unwrap_err(), Refused::Slow(6_000), "nor does another self help");
        for number in [4, 5] {
            assert_eq!(scene.post_as(id(1), None, number, "staff").unwrap().reply.next_at, None);
        }
        scene.clock.advance(6_000);
        scene.post(2, "two").unwrap();
    }

    #[test]
    fn who_may_not_write_is_told_why_and_how_long() {
        let mut frozen = Scene::new(|crowd| crowd.frozen_at = Some(NOW));
        assert_eq!(frozen.post(1, "x").unwrap_err(), Refused::Frozen);
        frozen.post_as(id(1), None, 2, "staff goes on").unwrap();
        let mut closed = Scene::new(|crowd| crowd.writers = Writers::Identified);
        assert_eq!(closed.post(1, "x").unwrap_err(), Refused::IdentifiedOnly);
        closed.post_as(id(1), Some(Asking { identified: true, ..mina() }), 2, "signed").unwrap();
        let mut nameless = Scene::new(|_| {});
        nameless.ledger.names.clear();
        assert_eq!(nameless.post(1, "x").unwrap_err(), Refused::Nameless);
        let mut muted = Scene::new(|_| {});
        let standing = Standing { muted_at: Some(NOW), muted_until: Some(NOW + 60_000), posted_at: None };
        muted.ledger.standings.insert((id(1), (id(2), id(10))), standing);
        assert_eq!(muted.post(1, "x").unwrap_err(), Refused::Muted(Some(60_000)));
        muted.clock.advance(60_000);
        muted.post(1, "x").unwrap();
        muted.ledger.standings.insert((id(1), (id(2), id(10))), Standing { muted_until: None, ..standing });
        assert_eq!(muted.post(2, "x").unwrap_err().to_string(), "you are muted in this chat; you can go on reading");
    }

    #[test]
    fn what_is_taken_back_is_gone_from_the_log_and_told_once() {
        let mut scene = Scene::new(|_| {});
        let posted = scene.post(1, "bad").unwrap().told.unwrap();
        scene.ledger.entries.insert((id(1), (id(2), posted.seq)), posted);
        let sender = Sender { kind: SenderKind::Operator, id: id(99), name: Some("Olive".to_owned()) };
        let command = Command { tenant: id(1), sender, crowd: id(2), what: What::Retract { target: 8 } };
        let queued = Queued { command, visitor: None };
        assert_eq!(scene.ledger.apply(&queued, &scene.clock).unwrap().told.unwrap().seq, 9);
        assert!(scene.ledger.apply(&queued, &scene.clock).unwrap().told.is_none());
        assert_eq!(scene.ledger.new_entries[0].entry.data, json!({"kind": "retracted"}));
    }
}
