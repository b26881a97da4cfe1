//! Thousands of connections in one loop on one core: dials, speaks the handshakes, answers heartbeats, and hands every other text to whoever
//! plays the scenario. Readiness comes from epoll; a frame is looked at where it was read, without a copy.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use rustix::event::{PollFd, PollFlags, Timespec};
use socket2::SockRef;

use super::wire::{self, Dialect};
use crate::fault::{Result, fault};

const SCRATCH: usize = 256 * 1024;
/// Waiting for less than this is counted in nanoseconds.
const WHOLE: Duration = Duration::from_millis(1);
/// Reasons of lost connections that are kept for a message.
const REASONS: usize = 5;

/// Where and how to come.
#[derive(Debug, Clone)]
pub struct Call {
    pub address: SocketAddr,
    pub dialect: Dialect,
    pub origin: String,
    /// The hello as JSON, of a Socket.IO connection its auth payload; in both cases without `t`.
    pub hello: String,
}

/// What a member heard.
#[derive(Debug, Clone, Copy)]
pub enum Heard<'a> {
    /// Its welcome: it is live.
    Welcome(&'a [u8]),
    /// Anything else that is not a heartbeat.
    Text(&'a [u8]),
    /// The connection is gone.
    Gone,
}

/// Counts microseconds since the fleet began.
#[derive(Debug, Clone, Copy)]
pub struct Clock(Instant);

impl Clock {
    /// Now.
    pub fn micros(self) -> u64 {
        u64::try_from(self.0.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// A connection's number for its whole life, also over redials.
pub type Id = usize;

enum Stage {
    Dialing,
    Upgrading,
    Greeting,
    Live,
    Over,
}

struct Member {
    stream: TcpStream,
    dialect: Dialect,
    stage: Stage,
    /// What was read of a frame that is not whole yet.
    rest: Vec<u8>,
    unsent: Vec<u8>,
    /// The request, then the hello; each is forgotten when it was sent.
    opening: String,
    hello: String,
}

/// See the module.
pub struct Fleet {
    poll: Poll,
    events: Events,
    members: Vec<Member>,
    scratch: Vec<u8>,
    live: usize,
    /// Dialed and not live yet.
    coming: usize,
    lost: u64,
    reasons: Vec<String>,
    began: Instant,
}

impl Fleet {
    /// Nobody yet.
    pub fn new() -> Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(4096),
            members: Vec::new(),
            scratch: vec![0; SCRATCH],
            live: 0,
            coming: 0,
            lost: 0,
            reasons: Vec::new(),
            began: Instant::now(),
        })
    }

    /// The clock that sending and hearing are timed by.
    pub fn clock(&self) -> Clock {
        Clock(self.began)
    }

    /// Members that were welcomed and are there.
    pub fn live(&self) -> usize {
        self.live
    }

    /// Connections that ended without having been hung up, since the start.
    pub fn lost(&self) -> u64 {
        self.lost
    }

    /// Why, of the first of them.
    pub fn reasons(&self) -> String {
        self.reasons.join("; ")
    }

    /// Begins a new connection.
    pub fn dial(&mut self, call: &Call) -> Result<Id> {
        let id = self.members.len();
        let member = connect(call)?;
        self.members.push(member);
        self.register(id)?;
        Ok(id)
    }

    /// Begins a connection of a member whose last one is over.
    pub fn redial(&mut self, id: Id, call: &Call) -> Result<()> {
        self.hang_up(id);
        self.members[id] = connect(call)?;
        self.register(id)
    }

    fn register(&mut self, id: Id) -> Result<()> {
        self.coming += 1;
        let stream = &mut self.members[id].stream;
        Ok(self.poll.registry().register(stream, Token(id), Interest::READABLE | Interest::WRITABLE)?)
    }

    /// Ends a connection at once, as a lost network does: with a reset.
    pub fn hang_up(&mut self, id: Id) {
        let member = &mut self.members[id];
        match member.stage {
            Stage::Over => return,
            Stage::Live => self.live -= 1,
            Stage::Dialing | Stage::Upgrading | Stage::Greeting => self.coming -= 1,
        }
        member.stage = Stage::Over;
        member.rest = Vec::new();
        // Without a lingering end no port waits. What fails here is over already.
        SockRef::from(&member.stream).set_linger(Some(Duration::ZERO)).ok();
        member.stream.shutdown(std::net::Shutdown::Both).ok();
        self.poll.registry().deregister(&mut member.stream).ok();
    }

    /// Sends a text of a live member; what the socket does not take waits.
    pub fn send(&mut self, id: Id, text: &str) {
        self.members[id].send(wire::TEXT, text.as_bytes());
    }

    /// Sends a request of a live member.
    pub fn request(&mut self, id: Id, number: u64, method: &str, params: &str) {
        let text = wire::request(self.members[id].dialect, number, method, params);
        self.send(id, &text);
    }

    /// Dials all calls, at most `window` at a time, and returns their ids when all of them were welcomed.
    pub fn gather(
        &mut self,
        calls: impl IntoIterator<Item = Call>,
        window: usize,
        patience: Duration,
        heard: &mut impl FnMut(Id, Heard<'_>),
    ) -> Result<Vec<Id>> {
        let deadline = Instant::now() + patience;
        let (lost, mut ids) = (self.lost, Vec::new());
        let mut calls = calls.into_iter().peekable();
        while calls.peek().is_some() || self.coming > 0 {
            while self.coming < window
                && let Some(call) = calls.next()
            {
                ids.push(self.dial(&call)?);
            }
            self.turn(Duration::from_millis(100), heard)?;
            if self.lost > lost {
                return fault(format!("{} connections were lost while they came: {}", self.lost - lost, self.reasons()));
            }
            if Instant::now() > deadline {
                return fault(format!("{} of {} were welcomed within {} s", self.live, ids.len(), patience.as_secs()));
            }
        }
        Ok(ids)
    }

    /// Turns until `done` says so, or for at most so long; returns what `done` said last.
    pub fn until(
        &mut self,
        patience: Duration,
        mut done: impl FnMut(&Self) -> bool,
        heard: &mut impl FnMut(Id, Heard<'_>),
    ) -> Result<bool> {
        let deadline = Instant::now() + patience;
        while !done(self) {
            if Instant::now() > deadline {
                return Ok(false);
            }
            self.turn(Duration::from_millis(5), heard)?;
        }
        Ok(true)
    }

    /// Handles what is ready, waiting at most so long for anything.
    pub fn turn(&mut self, mut wait: Duration, heard: &mut impl FnMut(Id, Heard<'_>)) -> Result<()> {
        if wait < WHOLE {
            // The events' own way to wait counts whole milliseconds and would round up.
            let exactly = Timespec { tv_sec: 0, tv_nsec: wait.subsec_nanos().into() };
            rustix::event::poll(&mut [PollFd::new(self.poll.registry(), PollFlags::IN)], Some(&exactly)).ok();
            wait = Duration::ZERO;
        }
        match self.poll.poll(&mut self.events, Some(wait)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            polled => polled?,
        }
        let ready: Vec<(Id, bool)> = self.events.iter().map(|event| (event.token().0, event.is_writable())).collect();
        for (id, writable) in ready {
            let member = &mut self.members[id];
            if matches!(member.stage, Stage::Over) {
                continue;
            }
            let was_live = matches!(member.stage, Stage::Live);
            let served = member.serve(writable, &mut self.scratch, &mut |text| heard(id, text));
            if !was_live && matches!(member.stage, Stage::Live) {
                self.coming -= 1;
                self.live += 1;
            }
            if let Err(reason) = served {
                self.hang_up(id);
                self.lost += 1;
                if self.reasons.len() < REASONS {
                    self.reasons.push(reason);
                }
                heard(id, Heard::Gone);
            }
        }
        Ok(())
    }
}

fn connect(call: &Call) -> Result<Member> {
    let stream = TcpStream::connect(call.address)?;
    stream.set_nodelay(true)?;
    Ok(Member {
        stream,
        dialect: call.dialect,
        stage: Stage::Dialing,
        rest: Vec::new(),
        unsent: Vec::new(),
        opening: wire::upgrade(call.dialect, &call.address.to_string(), &call.origin),
        hello: call.hello.clone(),
    })
}

impl Member {
    /// Writes and reads what can be. An error is why the connection is over.
    fn serve(&mut self, writable: bool, scratch: &mut [u8], heard: &mut impl FnMut(Heard<'_>)) -> std::result::Result<(), String> {
        if matches!(self.stage, Stage::Dialing) {
            if let Ok(Some(error)) | Err(error) = self.stream.take_error() {
                return Err(format!("not connected: {error}"));
            }
            if self.stream.peer_addr().is_err() {
                return Ok(());
            }
            self.stage = Stage::Upgrading;
            let opening = std::mem::take(&mut self.opening);
            self.put(opening.as_bytes());
        }
        if writable {
            self.put(&[]);
        }
        loop {
            match self.stream.read(scratch) {
                Ok(0) => return Err(format!("closed by the server{}", self.last_words())),
                Ok(count) => {
                    self.take(&scratch[..count], heard)?;
                    // Less than there was room for: what comes later is told by a new event.
                    if count < scratch.len() {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(format!("not readable: {error}")),
            }
        }
    }

    fn last_words(&self) -> String {
        let words = String::from_utf8_lossy(&self.rest);
        if words.is_empty() { String::new() } else { format!(" after {words:.200}") }
    }

    fn take(&mut self, read: &[u8], heard: &mut impl FnMut(Heard<'_>)) -> std::result::Result<(), String> {
        if self.rest.is_empty() {
            let used = self.consume(read, heard)?;
            self.rest.extend_from_slice(&read[used..]);
        } else {
            let mut whole = std::mem::take(&mut self.rest);
            whole.extend_from_slice(read);
            let used = self.consume(&whole, heard)?;
            whole.drain(..used);
            if !whole.is_empty() {
                self.rest = whole;
            }
        }
        Ok(())
    }

    /// Handles all that is whole in `bytes` and returns how many bytes that was.
    fn consume(&mut self, bytes: &[u8], heard: &mut impl FnMut(Heard<'_>)) -> std::result::Result<usize, String> {
        let mut used = 0;
        if matches!(self.stage, Stage::Upgrading) {
            let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(0) };
            if !bytes.starts_with(b"HTTP/1.1 101") {
                return Err(format!("not upgraded: {:.120}", String::from_utf8_lossy(bytes)));
            }
            used = end + 4;
            self.stage = Stage::Greeting;
            if self.dialect == Dialect::Frames {
                let hello = std::mem::take(&mut self.hello);
                self.send(wire::TEXT, format!(r#"{{"t":"hello",{}"#, hello.trim_start_matches('{')).as_bytes());
            }
        }
        while let Some(frame) = wire::read(&bytes[used..])? {
            used += frame.length;
            match frame.opcode {
                wire::TEXT => self.text(frame.payload, heard)?,
                wire::PING => self.send(wire::PONG, frame.payload),
                wire::CLOSE => return Err("closed with a farewell".to_owned()),
                _ => {}
            }
        }
        Ok(used)
    }

    fn text(&mut self, text: &[u8], heard: &mut impl FnMut(Heard<'_>)) -> std::result::Result<(), String> {
        match (self.dialect, text) {
            (Dialect::Frames, text) if text.starts_with(br#"{"t":"hb""#) => self.send(wire::TEXT, br#"{"t":"hb"}"#),
            (Dialect::SocketIo, b"2") => self.send(wire::TEXT, b"3"),
            (Dialect::SocketIo, text) if text.starts_with(br#"42["hb""#) => self.send(wire::TEXT, br#"42["hb"]"#),
            (_, text) if matches!(self.stage, Stage::Live) => heard(Heard::Text(text)),
            (_, text) => self.greeting(text, heard)?,
        }
        Ok(())
    }

    fn greeting(&mut self, text: &[u8], heard: &mut impl FnMut(Heard<'_>)) -> std::result::Result<(), String> {
        let (welcome, bye): (&[u8], &[u8]) = match self.dialect {
            Dialect::Frames => (br#""t":"welcome""#, br#""t":"bye""#),
            Dialect::SocketIo => (br#"42["welcome""#, br#"42["bye""#),
        };
        let says = |words: &[u8]| text.windows(words.len()).any(|window| window == words);
        if text.starts_with(b"0{") && self.dialect == Dialect::SocketIo {
            let hello = std::mem::take(&mut self.hello);
            self.send(wire::TEXT, format!("40{hello}").as_bytes());
        } else if says(welcome) {
            self.stage = Stage::Live;
            heard(Heard::Welcome(text));
        } else if text.starts_with(b"44") || says(bye) {
            return Err(format!("refused: {:.300}", String::from_utf8_lossy(text)));
        }
        Ok(())
    }

    fn send(&mut self, opcode: u8, payload: &[u8]) {
        let mut frame = Vec::with_capacity(payload.len() + 14);
        wire::write(opcode, payload, &mut frame);
        self.put(&frame);
    }

    /// Writes what waits and then this; the rest waits. A failed write is seen by the next read.
    fn put(&mut self, bytes: &[u8]) {
        if !self.unsent.is_empty() {
            self.unsent.extend_from_slice(bytes);
            let waiting = std::mem::take(&mut self.unsent);
            let written = write_some(&mut self.stream, &waiting);
            self.unsent.extend_from_slice(&waiting[written..]);
        } else if !bytes.is_empty() {
            let written = write_some(&mut self.stream, bytes);
            self.unsent.extend_from_slice(&bytes[written..]);
        }
    }
}

fn write_some(stream: &mut impl Write, bytes: &[u8]) -> usize {
    let mut written = 0;
    while written < bytes.len() {
        match stream.write(&bytes[written..]) {
            Ok(0) => break,
            Ok(count) => written += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    written
}
