//! A client as docs/PROTOCOL.md wants it: keeps what it has of each room, fetches what is missing, sends its outbox one at a time, and takes
//! an answer that does not come within 4 s for a lost connection.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use xpush::ChannelId;

use crate::cluster::Nodes;
use crate::dice::Dice;
use crate::line::{End, Line};
use crate::world::note;

const ANSWER: Duration = Duration::from_secs(4);
const CONNECT: Duration = Duration::from_secs(5);

/// What a client is told to do.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    /// Say something in a room, and perhaps invite somebody to it.
    Say { room: ChannelId, invites: Option<Arc<str>> },
    /// The connection breaks.
    Cut,
    /// The client goes elsewhere, and the node does not hear that it has.
    Vanish,
    /// Nothing is read for so long.
    Doze(Duration),
    /// Close, and do not come back until told.
    Away(bool),
    /// Be a member of a room, or not.
    Join(ChannelId, bool),
}

/// What a client knows, for whoever checks it.
#[derive(Default)]
pub(crate) struct Story {
    pub(crate) name: Arc<str>,
    /// Says with its hello how far it has read, instead of joining room by room.
    pub(crate) resumes: bool,
    /// The rooms it joins.
    pub(crate) rooms: BTreeSet<ChannelId>,
    pub(crate) away: bool,
    /// Where it is welcome now.
    pub(crate) at: Option<usize>,
    pub(crate) line: Option<Arc<Line>>,
    /// Who said what in each room, as it was received.
    pub(crate) heard: BTreeMap<ChannelId, Vec<(Arc<str>, u64)>>,
    pub(crate) acknowledged: Vec<(u64, ChannelId, u64)>,
    pub(crate) unsent: usize,
    pub(crate) said: u64,
}

impl Story {
    fn have(&self, room: &ChannelId) -> u64 {
        self.heard.get(room).map_or(0, |heard| heard.len() as u64)
    }
}

enum Asked {
    Say,
    Since(ChannelId),
    Join(ChannelId),
}

struct Saying {
    room: ChannelId,
    id: u64,
    invites: Option<Arc<str>>,
}

/// See the module.
pub(crate) struct Client {
    nodes: Arc<Nodes>,
    story: Arc<Mutex<Story>>,
    orders: mpsc::UnboundedReceiver<Order>,
    dice: Dice,
    silence: Duration,
    outbox: VecDeque<Saying>,
    failures: u32,
}

/// What holds for one connection.
struct Session {
    socket: WebSocketStream<End>,
    line: Arc<Line>,
    pending: BTreeMap<u64, (Asked, Instant)>,
    asked: u64,
    heard: Instant,
    /// The highest number seen of each room.
    tops: BTreeMap<ChannelId, u64>,
    /// What is to be asked, and when.
    later: Vec<(Instant, Asked)>,
    /// A heartbeat is to be answered.
    owes_beat: bool,
}

type Flow = ControlFlow<&'static str>;

impl Client {
    pub(crate) fn new(
        nodes: &Arc<Nodes>,
        story: &Arc<Mutex<Story>>,
        orders: mpsc::UnboundedReceiver<Order>,
        dice: Dice,
        heartbeat: Duration,
    ) -> Self {
        let (nodes, story) = (Arc::clone(nodes), Arc::clone(story));
        Self { nodes, story, orders, dice, silence: heartbeat.mul_f64(2.5), outbox: VecDeque::new(), failures: 0 }
    }

    fn story<T>(&self, work: impl FnOnce(&mut Story) -> T) -> T {
        work(&mut self.story.lock().unwrap())
    }

    fn name(&self) -> Arc<str> {
        self.story(|story| Arc::clone(&story.name))
    }

    /// Lives until the run ends.
    pub(crate) async fn run(mut self) {
        loop {
            while self.story(|story| story.away) {
                let Some(order) = self.orders.recv().await else { return };
                self.obey_without_connection(order);
            }
            let why = self.connect().await;
            self.story(|story| (story.at, story.line) = (None, None));
            note!(self.nodes.world, "{} is out: {why}", self.name());
            let longest = 1000 << self.failures.saturating_sub(1).min(2);
            self.failures += 1;
            let pause = sleep(self.dice.millis(0, longest));
            tokio::pin!(pause);
            loop {
                tokio::select! {
                    biased;
                    () = &mut pause => break,
                    order = self.orders.recv() => match order {
                        Some(order) => self.obey_without_connection(order),
                        None => return,
                    },
                }
            }
        }
    }

    fn obey_without_connection(&mut self, order: Order) {
        match order {
            Order::Say { room, invites } => self.put(room, invites),
            Order::Away(away) => self.story(|story| story.away = away),
            Order::Join(room, member) => {
                self.story(|story| if member { story.rooms.insert(room) } else { story.rooms.remove(&room) });
            }
            Order::Cut | Order::Vanish | Order::Doze(_) => {}
        }
    }

    fn put(&mut self, room: ChannelId, invites: Option<Arc<str>>) {
        let id = self.story(|story| {
            (story.said, story.unsent) = (story.said + 1, story.unsent + 1);
            story.said
        });
        self.outbox.push_back(Saying { room, id, invites });
    }

    async fn connect(&mut self) -> &'static str {
        let latency = self.dice.millis(0, 20);
        let place = self.dice.index(self.nodes.count());
        let Some((line, end)) = self.nodes.dial(place, latency).await else { return "nobody there" };
        let Ok(Ok((socket, _))) = timeout(CONNECT, tokio_tungstenite::client_async("ws://node/ws", end)).await else { return "no answer" };
        let (pending, tops, later) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        let mut session =
            Session { socket, line: Arc::clone(&line), pending, asked: 0, heard: Instant::now(), tops, later, owes_beat: false };
        let hello = self.story(|story| {
            let after: BTreeMap<String, u64> = story.heard.keys().map(|room| (room.to_string(), story.have(room))).collect();
            json!({"t": "hello", "v": 1, "name": *story.name, "after": story.resumes.then_some(after)})
        });
        if !session.send(&hello).await {
            return "hello not sent";
        }
        let Ok(Some(welcome)) = timeout(CONNECT, session.next()).await else { return "no welcome" };
        self.story(|story| story.line = Some(line));
        for frame in welcome {
            if let ControlFlow::Break(why) = self.take(&mut session, place, &frame) {
                return why;
            }
        }
        self.talk(&mut session, place).await
    }

    async fn talk(&mut self, session: &mut Session, place: usize) -> &'static str {
        loop {
            if let Some(why) = self.ask_what_is_due(session).await {
                return why;
            }
            let answers = session.pending.values().map(|(_, asked)| *asked + ANSWER);
            let again = session.later.iter().map(|(at, _)| *at);
            let alarm = answers.chain(again).min().unwrap_or(session.heard + self.silence).min(session.heard + self.silence);
            let step = tokio::select! {
                biased;
                frames = session.next() => match frames {
                    Some(frames) => frames.iter().try_for_each(|frame| self.take(session, place, frame)),
                    None => Flow::Break("connection lost"),
                },
                Some(order) = self.orders.recv() => self.obey(session, order).await,
                () = sleep_until(alarm) => Flow::Continue(()),
            };
            if let ControlFlow::Break(why) = step {
                return why;
            }
            let now = Instant::now();
            if session.pending.values().any(|(_, asked)| *asked + ANSWER <= now) {
                return "no answer in time";
            }
            if session.heard + self.silence <= now {
                return "silence";
            }
        }
    }

    async fn obey(&mut self, session: &mut Session, order: Order) -> Flow {
        match order {
            Order::Cut => {
                session.line.cut();
                return Flow::Break("cut");
            }
            Order::Vanish => {
                session.line.lose();
                return Flow::Break("vanished");
            }
            Order::Doze(time) => sleep(time).await,
            Order::Join(room, member) => {
                let changed = self.story(|story| if member { story.rooms.insert(room.clone()) } else { story.rooms.remove(&room) });
                if changed && member {
                    session.later.push((Instant::now(), Asked::Join(room)));
                } else if changed {
                    session.later.retain(|(_, asked)| !matches!(asked, Asked::Join(of) if *of == room));
                    let leaving = json!({"t": "req", "id": 0, "m": "channel.leave", "p": {"channel": room}});
                    if !session.send(&leaving).await {
                        return Flow::Break("not sent");
                    }
                }
            }
            Order::Away(true) => {
                self.story(|story| story.away = true);
                session.socket.close(None).await.ok();
                return Flow::Break("goes away");
            }
            Order::Say { .. } | Order::Away(false) => self.obey_without_connection(order),
        }
        Flow::Continue(())
    }

    /// Sends the oldest of the outbox, and what is to be asked again.
    async fn ask_what_is_due(&mut self, session: &mut Session) -> Option<&'static str> {
        if std::mem::take(&mut session.owes_beat) && !session.send(&json!({"t": "hb"})).await {
            return Some("not sent");
        }
        let now = Instant::now();
        let idle = |session: &Session| !session.pending.values().any(|(asked, _)| matches!(asked, Asked::Say));
        let waits = session.later.iter().any(|(_, asked)| matches!(asked, Asked::Say));
        if !self.outbox.is_empty() && idle(session) && !waits {
            session.later.push((now, Asked::Say));
        }
        let (due, later) = std::mem::take(&mut session.later).into_iter().partition(|(at, _)| *at <= now);
        session.later = later;
        for (_, asked) in due {
            let (method, params) = match &asked {
                Asked::Say => {
                    let Some(Saying { room, id, invites }) = self.outbox.front() else { continue };
                    ("say", json!({"room": room, "id": id, "invites": invites.as_deref()}))
                }
                Asked::Since(room) => ("channel.since", json!({"channel": room, "after": self.story(|story| story.have(room))})),
                Asked::Join(room) => ("channel.join", json!({"channel": room, "after": self.story(|story| story.have(room))})),
            };
            session.asked += 1;
            let request = json!({"t": "req", "id": session.asked, "m": method, "p": params});
            session.pending.insert(session.asked, (asked, now));
            if !session.send(&request).await {
                return Some("not sent");
            }
        }
        None
    }

    fn take(&mut self, session: &mut Session, place: usize, frame: &Value) -> Flow {
        session.heard = Instant::now();
        match frame["t"].as_str().unwrap_or_default() {
            "welcome" => self.come_in(session, place, frame),
            "pub" => {
                let (room, seq) = (ChannelId::from(frame["ch"].as_str().unwrap()), frame["seq"].as_u64().unwrap());
                if seq == self.story(|story| story.have(&room)) + 1 {
                    self.hear(&room, &frame["d"]);
                }
                self.see(session, room, seq);
            }
            "hb" => {
                session.owes_beat = true;
                for (room, top) in frame["top"].as_object().into_iter().flatten() {
                    self.see(session, ChannelId::from(room.as_str()), top.as_u64().unwrap());
                }
            }
            "res" => self.answered(session, frame),
            _ => return self.dismissed(frame),
        }
        Flow::Continue(())
    }

    fn come_in(&mut self, session: &mut Session, place: usize, welcome: &Value) {
        self.failures = 0;
        let joins = self.story(|story| {
            story.at = Some(place);
            if story.resumes { BTreeSet::new() } else { story.rooms.clone() }
        });
        note!(self.nodes.world, "{} is in at {place}", self.name());
        session.later.extend(joins.into_iter().map(|room| (Instant::now(), Asked::Join(room))));
        for (room, entries) in welcome["entries"].as_object().into_iter().flatten() {
            let room = ChannelId::from(room.as_str());
            entries.as_array().into_iter().flatten().for_each(|entry| self.hear(&room, entry));
        }
    }

    /// Applies an entry that is the next; drops one that is known.
    fn hear(&mut self, room: &ChannelId, entry: &Value) {
        let (by, id, seq) = (entry["by"].as_str().unwrap(), entry["id"].as_u64().unwrap(), entry["seq"].as_u64().unwrap());
        let next = self.story(|story| {
            let heard = story.heard.entry(room.clone()).or_default();
            let next = seq == heard.len() as u64 + 1;
            if next {
                heard.push((by.into(), id));
            }
            next
        });
        if next {
            note!(self.nodes.world, "{} has {room} {seq}", self.name());
        }
    }

    /// There is something up to this number; what is missing is fetched.
    fn see(&mut self, session: &mut Session, room: ChannelId, seq: u64) {
        let top = session.tops.entry(room.clone()).or_default();
        *top = seq.max(*top);
        let of_room = |asked: &Asked| matches!(asked, Asked::Since(of) | Asked::Join(of) if *of == room);
        let asks = session.pending.values().any(|(asked, _)| of_room(asked)) || session.later.iter().any(|(_, asked)| of_room(asked));
        if *top > self.story(|story| story.have(&room)) && !asks {
            session.later.push((Instant::now(), Asked::Since(room)));
        }
    }

    fn answered(&mut self, session: &mut Session, answer: &Value) {
        let Some((asked, _)) = session.pending.remove(&answer["id"].as_u64().unwrap()) else { return };
        let ok = &answer["ok"];
        if ok.is_null() {
            let code = answer["err"]["code"].as_str().unwrap_or_default();
            if code != "unavailable" {
                self.nodes.world.broke(format!("{} is refused: {answer}", self.name()));
            }
            session.later.push((Instant::now() + self.dice.millis(100, 1000), asked));
            return;
        }
        match asked {
            Asked::Say => {
                let Some(Saying { room, id, .. }) = self.outbox.pop_front() else { return };
                let seq = ok["seq"].as_u64().unwrap();
                note!(self.nodes.world, "{} knows that {id} is {room} {seq}", self.name());
                self.story(|story| {
                    story.unsent -= 1;
                    story.acknowledged.push((id, room, seq));
                });
            }
            Asked::Since(room) | Asked::Join(room) => {
                ok["entries"].as_array().into_iter().flatten().for_each(|entry| self.hear(&room, entry));
                let top = session.tops.get(&room).copied().unwrap_or(0).max(ok["top"].as_u64().unwrap());
                self.see(session, room, top);
            }
        }
    }

    fn dismissed(&mut self, bye: &Value) -> Flow {
        if bye["code"].as_u64().is_none_or(|code| code >= 4004) {
            self.nodes.world.broke(format!("{} is dismissed: {bye}", self.name()));
        }
        Flow::Break("dismissed")
    }
}

impl Session {
    async fn send(&mut self, frame: &Value) -> bool {
        matches!(timeout(ANSWER, self.socket.send(Message::text(frame.to_string()))).await, Ok(Ok(())))
    }

    /// The next message: one frame, or several. Heartbeats are answered.
    async fn next(&mut self) -> Option<Vec<Value>> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    let frames = match serde_json::from_str(&text).ok()? {
                        Value::Array(frames) => frames,
                        frame => vec![frame],
                    };
                    return Some(frames);
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }
}
