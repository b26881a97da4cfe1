//! The engine's own transport: JSON text frames on axum's WebSocket, at `GET /ws`. Each connection is one task; `session` is its loop.

use std::time::Duration;

use axum::Router;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::get;
use futures_util::SinkExt;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::timeout;

use super::frame::{Frame, bye};
use super::{Arrival, Outbound, Undelivered};
use crate::node::Engine;
use crate::policy::{Policy, TransportKind};
use crate::refusal::Disconnect;
use crate::wire::{ClientFrame, Farewell};

mod session;

use session::Session;

/// How long a parting client may take to read what is left for it.
const PARTING: Duration = Duration::from_secs(2);
/// How long it may then take to close its side.
const LINGER: Duration = Duration::from_millis(500);
/// Allocated for each connection, idle ones are most of them; larger messages make it grow.
const READ_BUFFER: usize = 1024;
/// How much is gathered before it is written; allocated only when needed.
const WRITE_BUFFER: usize = 4 * 1024;

struct Door<P: Policy> {
    engine: Engine<P>,
    listener: &'static str,
}

impl<P: Policy> Clone for Door<P> {
    fn clone(&self) -> Self {
        Self { engine: self.engine.clone(), listener: self.listener }
    }
}

/// `GET /ws`. `listener` is what handshakes and callers are told they came through, and what connections per address count for.
pub fn router<P: Policy>(engine: Engine<P>, listener: &'static str) -> Router {
    Router::new().route("/ws", get(accept::<P>)).with_state(Door { engine, listener })
}

async fn accept<P: Policy>(State(door): State<Door<P>>, upgrade: WebSocketUpgrade, request: Request) -> Response {
    let arrival = Arrival::new(door.listener, TransportKind::WebSocket, request.headers(), request.extensions());
    let limit = door.engine.options().max_message_bytes;
    let upgrade = upgrade.max_message_size(limit).max_frame_size(limit).read_buffer_size(READ_BUFFER).write_buffer_size(WRITE_BUFFER);
    upgrade.on_upgrade(move |socket| {
        let tasks = door.engine.tasks().clone();
        tasks.track_guest(serve(door.engine, socket, arrival))
    })
}

async fn serve<P: Policy>(engine: Engine<P>, mut socket: WebSocket, arrival: Arrival) {
    let admission = match engine.admit(arrival.listener, arrival.peer) {
        Ok(admission) => admission,
        Err(farewell) => return part(socket, &farewell).await,
    };
    match welcome(&engine, &mut socket, arrival).await {
        Ok(Some((guest, frames))) => Session::new(&engine, socket, guest, frames).run().await,
        Ok(None) => {}
        Err(farewell) => part(socket, &farewell).await,
    }
    drop(admission);
}

type Welcomed<P> = (crate::node::Guest<P>, mpsc::Receiver<Utf8Bytes>);

/// `None` when the client left before it said hello.
async fn welcome<P: Policy>(engine: &Engine<P>, socket: &mut WebSocket, arrival: Arrival) -> Result<Option<Welcomed<P>>, Farewell> {
    let options = engine.options();
    let patience = options.hello_timeout;
    let late = |_| Farewell::new(Disconnect::ProtocolError, format!("no hello within {} s", patience.as_secs_f32()));
    let Some(hello) = timeout(patience, hello(socket, options.max_message_bytes)).await.map_err(late)?? else { return Ok(None) };
    let (queue, frames) = mpsc::channel(options.queue_frames.max(1));
    let guest = engine.greet(arrival.handshake(hello), Box::new(Queue(queue))).await?;
    Ok(Some((guest, frames)))
}

async fn hello(socket: &mut WebSocket, limit: usize) -> Result<Option<Value>, Farewell> {
    while let Some(received) = socket.recv().await {
        match received {
            Ok(Message::Text(text)) => {
                return match ClientFrame::parse(&text) {
                    Ok(ClientFrame::Hello(hello)) => Ok(Some(hello)),
                    Ok(_) => Err(Farewell::new(Disconnect::ProtocolError, "the first frame is a hello")),
                    Err(message) => Err(Farewell::new(Disconnect::ProtocolError, message)),
                };
            }
            Ok(Message::Binary(_)) => return Err(binary()),
            Ok(Message::Ping(_) | Message::Pong(_)) => {}
            Ok(Message::Close(_)) => return Ok(None),
            Err(error) => return too_large(&error, limit).map_or(Ok(None), Err),
        }
    }
    Ok(None)
}

fn binary() -> Farewell {
    Farewell::new(Disconnect::ProtocolError, "frames are JSON text, not binary")
}

/// The farewell for a message over the limit; `None` for every other failure of a socket, after which nothing can be said.
fn too_large(error: &axum::Error, limit: usize) -> Option<Farewell> {
    // axum does not show the type of the error, only its words.
    let over = error.to_string().contains("too long");
    over.then(|| Farewell::new(Disconnect::ProtocolError, format!("a message may have {limit} bytes; this one is larger")))
}

/// Says farewell and closes, waiting a moment for the client to close its side: a connection that is dropped with unread input is reset,
/// and a reset may overtake the farewell.
async fn part(mut socket: WebSocket, farewell: &Farewell) {
    let close = CloseFrame { code: farewell.why.code(), reason: farewell.why.name().into() };
    let saying = async {
        socket.feed(Message::Text(bye(farewell))).await?;
        socket.feed(Message::Close(Some(close))).await?;
        socket.flush().await
    };
    if !matches!(timeout(PARTING, saying).await, Ok(Ok(()))) {
        return;
    }
    let closing = async {
        while let Some(received) = socket.recv().await {
            if received.is_err() {
                // Nothing can be read any more; the time is the client's to read.
                return std::future::pending().await;
            }
        }
    };
    timeout(LINGER, closing).await.ok();
}

/// The way out: a bounded queue that the session writes from.
struct Queue(mpsc::Sender<Utf8Bytes>);

impl Outbound for Queue {
    fn send(&self, frame: &Frame) -> Result<(), Undelivered> {
        self.0.try_send(frame.text()).map_err(|error| match error {
            TrySendError::Full(_) => Undelivered::Full,
            TrySendError::Closed(_) => Undelivered::Gone,
        })
    }
}
