//! The loop of one WebSocket connection: writes what is queued, reads what comes, and answers requests one after the other. Reading goes on
//! while a request is worked on, so that a slow answer never makes a living client look silent.

use std::collections::VecDeque;
use std::ops::ControlFlow;

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use futures_util::SinkExt;
use futures_util::future::BoxFuture;
use serde_json::{Number, Value};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::{PARTING, binary, part, too_large};
use crate::node::{Engine, Guest};
use crate::policy::Policy;
use crate::rate::Bucket;
use crate::refusal::Disconnect;
use crate::transport::frame::answer;
use crate::transport::too_fast;
use crate::wire::{ClientFrame, Farewell};

/// Requests that may wait before the socket is read no further.
const WAITING: usize = 64;
/// Frames written before the socket is flushed.
const BURST: usize = 64;

/// See the module.
pub(super) struct Session<P: Policy> {
    engine: Engine<P>,
    socket: WebSocket,
    guest: Guest<P>,
    frames: mpsc::Receiver<Utf8Bytes>,
    bucket: Bucket,
    working: Option<BoxFuture<'static, Utf8Bytes>>,
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
    pub(super) fn new(engine: &Engine<P>, socket: WebSocket, guest: Guest<P>, frames: mpsc::Receiver<Utf8Bytes>) -> Self {
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
            dismiss(socket, frames, &farewell).await;
        }
    }

    // In this order: an answer is not overtaken by publications that were queued while it was made, so that whoever joins a channel hears
    // of what is new after the answer. What is read is bounded by the bucket, so it cannot keep frames from being written.
    async fn step(&mut self) -> ControlFlow<End> {
        tokio::select! {
            biased;
            farewell = self.guest.exit.asked() => ControlFlow::Break(End::Farewell(farewell.clone())),
            Some(answer) = work(&mut self.working) => {
                self.working = None;
                self.begin_next();
                self.write(answer).await
            }
            received = self.socket.recv(), if self.waiting.len() < WAITING => self.receive(received),
            Some(frame) = self.frames.recv() => self.write(frame).await,
        }
    }

    /// Writes a frame and those that are queued behind it. A cut does not wait for a client that does not read.
    async fn write(&mut self, first: Utf8Bytes) -> ControlFlow<End> {
        let Self { socket, frames, guest, .. } = self;
        let writing = async {
            socket.feed(Message::Text(first)).await?;
            for _ in 1..BURST {
                let Ok(next) = frames.try_recv() else { break };
                socket.feed(Message::Text(next)).await?;
            }
            socket.flush().await
        };
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

    fn receive(&mut self, received: Option<Result<Message, axum::Error>>) -> ControlFlow<End> {
        self.guest.touch();
        if !self.bucket.take(Instant::now()) {
            return ControlFlow::Break(End::Farewell(too_fast(self.engine.options())));
        }
        match received {
            Some(Ok(Message::Text(text))) => match self.frame(&text) {
                Ok(()) => ControlFlow::Continue(()),
                Err(message) => ControlFlow::Break(End::Farewell(Farewell::new(Disconnect::ProtocolError, message))),
            },
            Some(Ok(Message::Binary(_))) => ControlFlow::Break(End::Farewell(binary())),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => ControlFlow::Continue(()),
            Some(Ok(Message::Close(_))) => ControlFlow::Break(End::Left),
            None => ControlFlow::Break(End::Gone),
            Some(Err(error)) => {
                let limit = self.engine.options().max_message_bytes;
                ControlFlow::Break(too_large(&error, limit).map_or(End::Gone, End::Farewell))
            }
        }
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
async fn dismiss(mut socket: WebSocket, frames: mpsc::Receiver<Utf8Bytes>, farewell: &Farewell) {
    if farewell.why != Disconnect::SlowConsumer {
        timeout(PARTING, write_all(&mut socket, frames)).await.ok();
    }
    part(socket, farewell).await;
}

async fn write_all(socket: &mut WebSocket, mut frames: mpsc::Receiver<Utf8Bytes>) -> Result<(), axum::Error> {
    frames.close();
    while let Some(frame) = frames.recv().await {
        socket.feed(Message::Text(frame)).await?;
    }
    socket.flush().await
}

/// `None`, for ever, while there is nothing to work on.
async fn work(working: &mut Option<BoxFuture<'static, Utf8Bytes>>) -> Option<Utf8Bytes> {
    match working {
        Some(working) => Some(working.await),
        None => std::future::pending().await,
    }
}
