//! The engine's own transport: JSON text frames on axum's WebSocket, at `GET /ws`. Each connection is one task; `session` is its loop.

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::get;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::time::timeout;

use super::Arrival;
use super::frame::bye;
use crate::node::Engine;
use crate::policy::{Policy, TransportKind};
use crate::refusal::Disconnect;
use crate::wire::{ClientFrame, Farewell};

mod codec;
mod handshake;
mod queue;
mod session;
mod wire;

pub(super) use codec::json;
use codec::{Broken, Message};
use queue::{Frames, queue};
use session::Session;
use wire::Received;

/// How long a parting client may take to read what is left for it.
const PARTING: Duration = Duration::from_secs(2);
/// How long it may then take to close its side.
const LINGER: Duration = Duration::from_millis(500);

type Socket = wire::Wire<TokioIo<Upgraded>>;

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

async fn accept<P: Policy>(State(door): State<Door<P>>, mut request: Request) -> Response {
    let (response, upgrade) = match handshake::agree(&mut request) {
        Ok(agreed) => agreed,
        Err(refusal) => return *refusal,
    };
    let arrival = Arrival::new(door.listener, TransportKind::WebSocket, request.headers(), request.extensions());
    door.engine.tasks().spawn_guest(serve(door.engine.clone(), upgrade, arrival));
    response
}

async fn serve<P: Policy>(engine: Engine<P>, upgrade: OnUpgrade, arrival: Arrival) {
    // A client that left before it heard the answer.
    let Ok(stream) = upgrade.await else { return };
    let mut socket = Socket::new(TokioIo::new(stream), engine.options().max_message_bytes);
    let admission = match engine.admit(arrival.listener, arrival.peer) {
        Ok(admission) => admission,
        Err(farewell) => return Box::pin(part(socket, &farewell)).await,
    };
    // A connection's task is as large as its largest moment: what comes before it idles, and after, is boxed.
    match Box::pin(welcome(&engine, &mut socket, arrival)).await {
        Ok(Some((guest, frames))) => Session::new(&engine, socket, guest, frames).run().await,
        Ok(None) => {}
        Err(farewell) => Box::pin(part(socket, &farewell)).await,
    }
    drop(admission);
}

type Welcomed<P> = (crate::node::Guest<P>, Frames);

/// `None` when the client left before it said hello.
async fn welcome<P: Policy>(engine: &Engine<P>, socket: &mut Socket, arrival: Arrival) -> Result<Option<Welcomed<P>>, Farewell> {
    let options = engine.options();
    let patience = options.hello_timeout;
    let late = |_| Farewell::new(Disconnect::ProtocolError, format!("no hello within {} s", patience.as_secs_f32()));
    let Some(hello) = timeout(patience, hello(socket, options.max_message_bytes)).await.map_err(late)?? else { return Ok(None) };
    let (queue, frames) = queue(options.queue_frames);
    let guest = engine.greet(arrival.handshake(hello), Box::new(queue)).await?;
    Ok(Some((guest, frames)))
}

async fn hello(socket: &mut Socket, limit: usize) -> Result<Option<Value>, Farewell> {
    loop {
        match socket.receive().await {
            Received::Message(Message::Text(text)) => {
                return match ClientFrame::parse(&text) {
                    Ok(ClientFrame::Hello(hello)) => Ok(Some(hello)),
                    Ok(_) => Err(Farewell::new(Disconnect::ProtocolError, "the first frame is a hello")),
                    Err(message) => Err(Farewell::new(Disconnect::ProtocolError, message)),
                };
            }
            Received::Message(Message::Binary) => return Err(binary()),
            Received::Message(Message::Ping(_) | Message::Pong) => {}
            Received::Message(Message::Close) | Received::Gone => return Ok(None),
            Received::Broken(broken) => return Err(strange(broken, limit)),
        }
    }
}

fn binary() -> Farewell {
    Farewell::new(Disconnect::ProtocolError, "frames are JSON text, not binary")
}

/// The farewell for what cannot be understood.
fn strange(broken: Broken, limit: usize) -> Farewell {
    let message = match broken {
        Broken::TooLarge => format!("a message may have {limit} bytes; this one is larger"),
        Broken::Protocol(what) => format!("not a WebSocket frame of a client: {what}"),
    };
    Farewell::new(Disconnect::ProtocolError, message)
}

/// Says farewell and closes, waiting a moment for the client to close its side: a connection that is dropped with unread input is reset,
/// and a reset may overtake the farewell.
async fn part(mut socket: Socket, farewell: &Farewell) {
    let last = [bye(farewell), codec::close(farewell.why.code(), farewell.why.name())];
    if !matches!(timeout(PARTING, socket.send_last(last)).await, Ok(Ok(()))) {
        return;
    }
    let closing = async {
        loop {
            match socket.receive().await {
                Received::Message(Message::Close) | Received::Gone => return,
                Received::Message(_) => {}
                // Nothing can be read any more; the time is the client's to read.
                Received::Broken(_) => std::future::pending().await,
            }
        }
    };
    timeout(LINGER, closing).await.ok();
}
