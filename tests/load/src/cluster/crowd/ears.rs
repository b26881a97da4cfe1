//! The members of the crowd: thousands of connections in one loop, straight to the nodes, for a balancer would need two more descriptors for each.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bench::fleet::{Call, Fleet, Heard, Id};
use crate::bench::marks::{self, Mark, Reader};
use crate::bench::meter::Latencies;
use crate::bench::rooms::{Numbers, due};
use crate::bench::wire::{self, Dialect};
use crate::cluster::Plan;
use crate::cluster::crowd::{KEY, PATIENCE};
use crate::cluster::hall::{Hall, NODES};
use crate::dice::Dice;
use crate::fault::{Result, fault};
use crate::rest::Console;

/// Members who come, or ask, at the same time.
const WINDOW: usize = 64;
/// Of each node.
const WRITERS: usize = 10;
const TEXT: usize = 100;
const TURN: Duration = Duration::from_millis(2);

/// What is waited for.
#[derive(Debug)]
pub enum Wanted {
    /// Every member heard that the crowd is frozen, or is no more.
    Frozen(bool),
    /// This member heard that it is muted.
    Muted(Id),
}

/// What a window of talk came to.
#[derive(Debug)]
pub struct Said {
    pub delivered: u64,
    pub lost: u64,
    pub twice: u64,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

#[derive(Debug, Default, Clone)]
struct Member {
    ticket: String,
    visitor: String,
    frozen: Option<bool>,
    muted: bool,
    numbers: Numbers,
}

/// What is heard.
struct Ears {
    members: Vec<Member>,
    answers: Vec<(Id, bool, String)>,
    reader: Reader,
    latencies: Latencies,
    clock: crate::bench::fleet::Clock,
    delivered: u64,
    twice: u64,
    frozen: usize,
    last: Instant,
}

impl Ears {
    fn hear(&mut self, id: Id, heard: Heard<'_>) {
        let (Heard::Text(text) | Heard::Welcome(text)) = heard else { return };
        let Some(member) = self.members.get_mut(id) else { return };
        if let Heard::Welcome(text) = heard {
            let said: Value = serde_json::from_slice(text).unwrap_or_default();
            said["ticket"].as_str().unwrap_or_default().clone_into(&mut member.ticket);
            said["visitor"]["id"].as_str().unwrap_or_default().clone_into(&mut member.visitor);
            return;
        }
        let dialect = if text.starts_with(b"43") { Dialect::SocketIo } else { Dialect::Frames };
        if let Some((_, is_ok)) = wire::answer(dialect, text) {
            // What a member missed stands in the answer to its join.
            Self::count(&mut self.reader, member, text, &mut self.delivered, &mut self.twice, |_| {});
            return self.answers.push((id, is_ok, String::from_utf8_lossy(text).into_owned()));
        }
        let (now, latencies) = (self.clock.micros(), &mut self.latencies);
        Self::count(&mut self.reader, member, text, &mut self.delivered, &mut self.twice, |sent| {
            latencies.record(now.saturating_sub(sent));
        });
        let Ok(text) = std::str::from_utf8(text) else { return };
        if text.contains(r#""type":"crowd.changed""#) {
            member.frozen = Some(text.contains(r#""frozen":true"#));
            (self.frozen, self.last) = (self.frozen + 1, Instant::now());
        }
        if text.contains(r#""type":"crowd.muted""#) {
            (member.muted, self.last) = (true, Instant::now());
        }
    }

    fn count(reader: &mut Reader, member: &mut Member, text: &[u8], delivered: &mut u64, twice: &mut u64, took: impl FnMut(u64)) {
        let marks = reader.marks(text);
        for mark in marks {
            if member.numbers.take(mark.number) { *delivered += 1 } else { *twice += 1 }
        }
        marks.iter().map(|mark| mark.sent_us).for_each(took);
    }
}

/// See the module.
pub struct Company {
    fleet: Fleet,
    ears: Ears,
    places: Vec<SocketAddr>,
    origin: String,
    site: String,
    crowd: String,
    /// Of each member.
    nodes: Vec<usize>,
    gone: Vec<bool>,
    dice: Dice,
    said: u64,
    /// How many entries the log has.
    logged: u64,
    /// Deliveries that there must have been.
    owed: u64,
    /// Connections that ended because a node was killed.
    expected: u64,
}

impl Company {
    /// Nobody yet.
    pub fn new(plan: &Plan, hall: &Hall, site: &str) -> Result<Self> {
        let place = |url: String| Ok(url.trim_start_matches("http://").parse()?);
        let fleet = Fleet::new()?;
        let ears = Ears {
            members: Vec::new(),
            answers: Vec::new(),
            reader: Reader::default(),
            latencies: Latencies::new()?,
            clock: fleet.clock(),
            delivered: 0,
            twice: 0,
            frozen: 0,
            last: Instant::now(),
        };
        Ok(Self {
            fleet,
            ears,
            places: hall.nodes.iter().map(|node| place(node.server.widget_url())).collect::<Result<_>>()?,
            origin: hall.shop_origin(),
            site: site.to_owned(),
            crowd: String::new(),
            nodes: Vec::new(),
            gone: Vec::new(),
            dice: Dice::new(plan.seed).fork(6_000_000),
            said: 0,
            logged: 0,
            owed: 0,
            expected: 0,
        })
    }

    fn call(&mut self, node: usize, ticket: Option<&str>) -> Call {
        let hello = json!({
            "v": 1, "site": self.site, "ticket": ticket, "device": self.dice.uuid(), "language": "en", "visit": self.dice.uuid(),
            "page": {"url": format!("{}/", self.origin), "title": "Shop", "referrer": ""}, "after": {}, "lite": true,
        });
        Call { address: self.places[node], dialect: Dialect::Frames, origin: self.origin.clone(), hello: hello.to_string() }
    }

    /// So many members come, to the nodes in turn, and join.
    pub fn come(&mut self, count: usize) -> Result<()> {
        self.nodes = (0..count).map(|id| id % NODES).collect();
        (self.ears.members, self.gone) = (vec![Member::default(); count], vec![false; count]);
        let calls: Vec<Call> = (0..count).map(|id| self.call(id % NODES, None)).collect();
        let ears = &mut self.ears;
        self.fleet.gather(calls, WINDOW, PATIENCE * 3, &mut |id, heard| ears.hear(id, heard))?;
        let all: Vec<Id> = (0..count).collect();
        let answers = self.ask_all(&all, "crowd.join", |_, _| json!({"key": KEY}))?;
        let first = answers.first().and_then(|(_, _, text)| wire::field(text.as_bytes(), "id").map(ToOwned::to_owned));
        self.crowd = first.ok_or("crowd.join did not name the crowd")?;
        Ok(())
    }

    /// Asks for many, a few at a time; every answer must be ok.
    fn ask_all(&mut self, ids: &[Id], method: &str, params: impl Fn(&Self, Id) -> Value) -> Result<Vec<(Id, bool, String)>> {
        self.ears.answers.clear();
        let deadline = Instant::now() + PATIENCE * 3;
        let mut asked = 0;
        while self.ears.answers.len() < ids.len() {
            while asked < ids.len() && asked < self.ears.answers.len() + WINDOW {
                let params = params(self, ids[asked]).to_string();
                self.fleet.request(ids[asked], 0, method, &params);
                asked += 1;
            }
            self.turn()?;
            if Instant::now() > deadline {
                let reasons = self.fleet.reasons();
                return fault(format!("{method}: {} of {} were answered; {reasons}", self.ears.answers.len(), ids.len()));
            }
        }
        let answers = std::mem::take(&mut self.ears.answers);
        match answers.iter().find(|(_, is_ok, _)| !is_ok) {
            Some((_, _, text)) => fault(format!("{method} was refused: {text:.300}")),
            None => Ok(answers),
        }
    }

    /// Handles what is ready.
    pub fn turn(&mut self) -> Result<()> {
        let ears = &mut self.ears;
        self.fleet.turn(TURN, &mut |id, heard| ears.hear(id, heard))
    }

    /// Whoever will write gets a name.
    pub fn name_writers(&mut self) -> Result<()> {
        let writers: Vec<Id> = (0..WRITERS * NODES).collect();
        self.ask_all(&writers, "crowd.rename", |company, id| json!({"crowd": company.crowd, "name": format!("Member {id}")}))?;
        Ok(())
    }

    /// One on each node.
    pub fn writers(&self) -> Vec<Id> {
        (0..NODES).collect()
    }

    /// The crowd's id.
    pub fn crowd(&self) -> &str {
        &self.crowd
    }

    /// A member's visitor.
    pub fn visitor_of(&self, id: Id) -> &str {
        &self.ears.members[id].visitor
    }

    fn post(&mut self, id: Id) {
        self.said += 1;
        let mark = Mark { number: self.said, sent_us: self.ears.clock.micros() };
        let post = json!({"crowd": self.crowd, "client_message_id": self.dice.uuid(), "text": marks::text(mark, TEXT)});
        self.fleet.request(id, self.said, "crowd.post", &post.to_string());
    }

    fn there(&self) -> u64 {
        self.gone.iter().filter(|gone| !**gone).count() as u64
    }

    /// So much is said, by the writers of all nodes in turn, and heard by all.
    pub fn talk(&mut self, count: u64, per_second: u64) -> Result<Said> {
        let before = self.ears.delivered;
        self.ears.latencies.clear();
        self.ears.answers.clear();
        let writers: Vec<Id> = (0..WRITERS * NODES).filter(|id| !self.gone[*id]).collect();
        let (began, mut sent) = (Instant::now(), 0);
        let deadline = began + Duration::from_secs(count / per_second) + PATIENCE;
        while (sent < count || self.ears.delivered < self.owed) && Instant::now() < deadline {
            while sent < count.min(due(per_second, began.elapsed())) {
                self.post(writers[usize::try_from(sent)? % writers.len()]);
                self.is_logged();
                sent += 1;
            }
            self.turn()?;
        }
        if let Some((_, _, text)) = self.ears.answers.iter().find(|(_, is_ok, _)| !is_ok) {
            return fault(format!("a post was refused: {text:.300}"));
        }
        Ok(Said {
            delivered: self.ears.delivered - before,
            lost: self.owed.saturating_sub(self.ears.delivered),
            twice: self.ears.twice,
            p50_ms: self.ears.latencies.millis(50.0),
            p99_ms: self.ears.latencies.millis(99.0),
        })
    }

    fn is_logged(&mut self) {
        self.logged += 1;
        self.owed += self.there();
    }

    /// Says so much at once, and waits until whoever is there has heard it.
    pub fn speak(&mut self, count: u64) -> Result<()> {
        let said = self.talk(count, count * 10)?;
        if said.lost + said.twice > 0 { fault(format!("while a node was away: {said:?}")) } else { Ok(()) }
    }

    /// A member says something; the reason why it may not.
    pub fn say_once(&mut self, id: Id) -> Result<Option<String>> {
        self.ears.answers.clear();
        self.post(id);
        let text = self.answered(id)?;
        let reason = wire::field(text.as_bytes(), "reason").map(ToOwned::to_owned);
        if reason.is_none() {
            self.is_logged();
        }
        Ok(reason)
    }

    fn answered(&mut self, id: Id) -> Result<String> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some((_, _, text)) = self.ears.answers.iter().find(|(of, _, _)| *of == id) {
                return Ok(text.clone());
            }
            self.turn()?;
        }
        fault("a request was not answered")
    }

    /// The operator's socket at a node.
    pub async fn operator(&mut self, console: &Console, node: &str, origin: &str) -> Result<Id> {
        let hello = json!({"v": 1, "token": console.socket_token().await?}).to_string();
        let address = node.trim_start_matches("http://").parse()?;
        let call = Call { address, dialect: Dialect::SocketIo, origin: origin.to_owned(), hello };
        let ears = &mut self.ears;
        let ids = self.fleet.gather([call], 1, PATIENCE, &mut |id, heard| ears.hear(id, heard))?;
        self.ears.members.push(Member::default());
        self.gone.push(true);
        ids.first().copied().ok_or_else(|| "the operator did not come".into())
    }

    /// Asks for the operator; the answer must be ok.
    pub fn ask(&mut self, operator: Id, method: &str, params: &Value) -> Result<()> {
        self.ears.answers.clear();
        self.ears.frozen = 0;
        self.fleet.request(operator, 1, method, &params.to_string());
        let text = self.answered(operator)?;
        if text.contains(r#"{"ok""#) { Ok(()) } else { fault(format!("{method}: {text}")) }
    }

    /// Turns until it is so.
    pub fn wait_for(&mut self, wanted: &Wanted, patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        loop {
            let held = match wanted {
                Wanted::Frozen(frozen) => {
                    let all = self.there();
                    self.ears.frozen as u64 >= all
                        && self.ears.members.iter().zip(&self.gone).all(|(it, gone)| *gone || it.frozen == Some(*frozen))
                }
                Wanted::Muted(id) => self.ears.members[*id].muted,
            };
            if held {
                return Ok(());
            }
            if Instant::now() > deadline {
                return fault(format!("{wanted:?} was not heard by all"));
            }
            self.turn()?;
        }
    }

    /// When the last of them heard what was waited for.
    pub fn last_heard(&self, since: Instant) -> u64 {
        u64::try_from(self.ears.last.saturating_duration_since(since).as_millis()).unwrap_or(u64::MAX)
    }

    /// Members who are on a node now.
    pub fn of_node(&self, node: usize) -> impl Iterator<Item = Id> {
        (0..self.nodes.len()).filter(move |id| self.nodes[*id] == node && !self.gone[*id])
    }

    /// Those of them who only read.
    pub fn readers_of_node(&self, node: usize) -> impl Iterator<Item = Id> {
        self.of_node(node).filter(|id| *id >= WRITERS * NODES)
    }

    /// Ends a connection.
    pub fn hang_up(&mut self, id: Id) {
        self.fleet.hang_up(id);
        self.gone[id] = true;
    }

    /// These were on a node that was killed.
    pub fn lose(&mut self, ids: &[Id]) {
        self.expected += ids.len() as u64;
        for id in ids {
            self.gone[*id] = true;
        }
    }

    /// They come back to the other nodes, and get what was said meanwhile; the last so many entries of the log.
    pub fn come_back(&mut self, ids: &[Id], dead: usize, missed: u64) -> Result<()> {
        for some in ids.chunks(WINDOW) {
            for id in some {
                let node = (0..NODES).filter(|node| *node != dead).nth(id / NODES % (NODES - 1)).unwrap_or(0);
                let ticket = self.ears.members[*id].ticket.clone();
                let call = self.call(node, Some(&ticket));
                self.fleet.redial(*id, &call)?;
                (self.nodes[*id], self.gone[*id]) = (node, false);
            }
            let (mut coming, ears) = (some.to_vec(), &mut self.ears);
            for id in some {
                ears.members[*id].visitor.clear();
            }
            let deadline = Instant::now() + PATIENCE;
            while !coming.is_empty() {
                self.fleet.turn(TURN, &mut |id, heard| ears.hear(id, heard))?;
                coming.retain(|id| ears.members[*id].visitor.is_empty());
                if Instant::now() > deadline {
                    return fault(format!("{} were not welcomed: {}", coming.len(), self.fleet.reasons()));
                }
            }
        }
        self.owed += missed * ids.len() as u64;
        self.ask_all(ids, "crowd.join", |company, _| json!({"key": KEY, "after": company.logged - missed}))?;
        let (owed, heard, twice) = (self.owed, self.ears.delivered, self.ears.twice);
        if heard == owed && twice == 0 {
            Ok(())
        } else {
            fault(format!("{heard} of {owed} deliveries, {twice} twice, after all came back"))
        }
    }

    /// Connections that ended although their node lived.
    pub fn cut_off(&self) -> u64 {
        self.fleet.lost().saturating_sub(self.expected)
    }

    /// Why, of the first.
    pub fn reasons(&self) -> String {
        self.fleet.reasons()
    }
}
