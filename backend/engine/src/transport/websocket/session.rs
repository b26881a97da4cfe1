//! The loop of one WebSocket connection: writes what is queued, reads what comes, and answers requests one after the other. Reading goes on
//! while a request is worked on, so that a slow answer never makes a living client look silent.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::{Number, Value};
use tokio::time::{Instant, timeout};

use super::{Frames, Message, PARTING, Received, Socket, binary, part, strange};
use crate::node::{Engine, Guest};
use crate::policy::Policy;
use crate::rate::Bucket;
use crate::refusal::Disconnect;
use crate::transport::frame::answer;
use crate::transport::too_fast;
use crate::wire::{ClientFrame, Farewell};

/// Requests that may wait before the socket is read no further.
const WAITING: usize = 64;

/// See the module.
pub(super) struct Session<P: Policy> {
    engine: Engine<P>,
    socket: Socket,
    guest: Guest<P>,
    frames: Frames,
    bucket: Bucket,
    working: Option<BoxFuture<'static, Bytes>>,
    waiting: VecDeque<(Number, String, Value)>,
}

/// How the loop ended.
enum End {
    /// The server says farewell.
    Farewell(Farewell),
    /// The client closes.
    Left,
    /// The client is gone.
    Gone,
}

impl<P: Policy> Session<P> {
    pub(super) fn new(engine: &Engine<P>, socket: Socket, guest: Guest<P>, frames: Frames) -> Self {
        let options = engine.options();
        let bucket = Bucket::new(options.request_burst, options.requests_per_second, Instant::now());
        Self { engine: engine.clone(), socket, guest, frames, bucket, working: None, waiting: VecDeque::new() }
    }

    /// Serves the connection until it ends.
    pub(super) async fn run(mut self) {
        let end = loop {
            if let ControlFlow::Break(end) = self.step().await {
                break end;
            }
        };
        if let Some(working) = self.working.take() {
            // What was begun is finished, whether or not somebody waits for the answer.
            self.engine.tasks().spawn_guest(async move { drop(working.await) });
        }
        let Self { engine, socket, guest, frames, .. } = self;
        if let (End::Left, Some(caller)) = (&end, &guest.connection().caller) {
            engine.policy().left(&engine, caller);
        }
        drop(guest);
        if let End::Farewell(farewell) = end {
            Box::pin(dismiss(socket, frames, &farewell)).await;
        }
    }

    // In this order: an answer is not overtaken by publications that were queued while it was made, so that whoever joins a channel hears
    // of what is new after the answer; they go with it, in one write. What is read is bounded by the bucket, so it cannot keep frames from being written.
    async fn step(&mut self) -> ControlFlow<End> {
        tokio::select! {
            biased;
            farewell = self.guest.exit.asked() => ControlFlow::Break(End::Farewell(farewell.clone())),
            Some(answer) = work(&mut self.working) => {
                self.working = None;
                self.begin_next();
                let queued = self.frames.ready();
                self.write(std::iter::once(answer).chain(queued)).await
            }
            received = self.socket.receive(), if self.waiting.len() < WAITING => self.receive(received),
            frames = self.frames.all() => self.write(frames).await,
        }
    }

    /// Writes what is given, all of it. A cut does not wait for a client that does not read.
    async fn write(&mut self, frames: impl IntoIterator<Item = Bytes>) -> ControlFlow<End> {
        let Self { socket, guest, .. } = self;
        let writing = socket.send(frames);
        tokio::pin!(writing);
        let written = tokio::select! {
            biased;
            written = &mut writing => written,
            farewell = guest.exit.asked() => {
                if farewell.why != Disconnect::SlowConsumer {
                    timeout(PARTING, writing).await.ok();
                }
                return ControlFlow::Break(End::Farewell(farewell.clone()));
            }
        };
        // A client whose answers cannot be written is a client that cannot be served.
        written.map_or(ControlFlow::Break(End::Gone), ControlFlow::Continue)
    }

    fn receive(&mut self, received: Received) -> ControlFlow<End> {
        self.guest.touch();
        if !self.bucket.take(Instant::now()) {
            return ControlFlow::Break(End::Farewell(too_fast(self.engine.options())));
        }
        let farewell = match received {
            Received::Message(Message::Text(text)) => match self.frame(&text) {
                Ok(()) => return ControlFlow::Continue(()),
                Err(message) => Farewell::new(Disconnect::ProtocolError, message),
            },
            Received::Message(Message::Ping(_) | Message::Pong) => return ControlFlow::Continue(()),
            Received::Message(Message::Close) => return ControlFlow::Break(End::Left),
            Received::Gone => return ControlFlow::Break(End::Gone),
            Received::Message(Message::Binary) => binary(),
            Received::Broken(broken) => strange(broken, self.engine.options().max_message_bytes),
        };
        ControlFlow::Break(End::Farewell(farewell))
    }

    fn frame(&mut self, text: &str) -> Result<(), String> {
        match ClientFrame::parse(text)? {
            ClientFrame::Heartbeat => {}
            ClientFrame::Hello(_) => return Err("hello was said already".to_owned()),
            ClientFrame::Request { id, method, params } => {
                self.waiting.push_back((id, method, params));
                if self.working.is_none() {
                    self.begin_next();
                }
            }
        }
        Ok(())
    }

    fn begin_next(&mut self) {
        let Some((id, method, params)) = self.waiting.pop_front() else { return };
        let answering = self.guest.answer(method, params);
        self.working = Some(Box::pin(async move { answer(&id, &answering.await) }));
    }
}

/// Writes what is queued, but for a client that does not read, and says farewell.
async fn dismiss(mut socket: Socket, frames: Frames, farewell: &Farewell) {
    if farewell.why != Disconnect::SlowConsumer {
        timeout(PARTING, socket.send(frames.close())).await.ok();
    }
    part(socket, farewell).await;
}

/// `None`, for ever, while there is nothing to work on.
async fn work(working: &mut Option<BoxFuture<'static, Bytes>>) -> Option<Bytes> {
    match working {
        Some(working) => Some(working.await),
        None => std::future::pending().await,
    }
}
