//! Socket.IO 5 over WebSocket and polling: the same hello, requests and publications as events. The only file tree that knows
//! socketioxide; `session` is the loop of one connection.
//!
//! A publication's JSON is encoded once and shared (`Frame::events`, `Frame::batch`, `direct`); what is left for each socket is to put it into a packet.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde::Serialize;
use serde_json::json;
use socketioxide::handler::ConnectHandler;
use socketioxide::{SendError, SocketError, SocketIo};

use super::frame::{Body, Frame, HeartbeatOut};
use super::{Arrival, Outbound, Undelivered};
use crate::node::Engine;
use crate::policy::Policy;
use crate::wire::Farewell;

mod direct;
mod session;

pub(crate) use direct::Event;
use direct::{Direct, Way};
use session::Door;

/// Room beside a connection's frames for pings, the farewell and the disconnect.
const SPARE: usize = 4;
/// Allocated for each connection, idle ones are most of them; larger messages make it grow.
const READ_BUFFER: usize = 1024;

/// `/socket.io/`, namespace `/`, WebSocket and polling. `listener` is what handshakes and callers are told they came through, and what
/// connections per address count for.
pub fn router<P: Policy>(engine: Engine<P>, listener: &'static str) -> Router {
    let options = engine.options();
    let limit = options.max_message_bytes;
    let way = Way::default();
    let (service, io) = SocketIo::builder()
        .with_adapter::<Direct>(way.clone())
        .req_path("/socket.io")
        .connect_timeout(options.hello_timeout)
        .max_buffer_size(options.queue_frames.max(1) + SPARE)
        .max_payload(u64::try_from(limit).unwrap_or(u64::MAX))
        .ws_max_message_size(limit)
        .ws_max_frame_size(limit)
        .ws_read_buffer_size(READ_BUFFER)
        .build_svc();
    let door = Door::new(engine, listener, way);
    let preparing = door.clone();
    let prepare = move |socket: SocketRef| {
        preparing.prepare(&socket);
        std::future::ready(Ok::<(), std::convert::Infallible>(()))
    };
    let serve = move |socket: SocketRef, hello| {
        door.serve(socket, hello);
        std::future::ready(())
    };
    io.ns("/", serve.with(prepare));
    Router::new().route_service("/socket.io/", service).layer(from_fn(release_buffers))
}

/// Keeps an address counted as long as the Engine.IO connection lives: it stands in the head of the request that opened it. A client that
/// was told to go and stays connected goes on using up its address.
#[derive(Clone, Default)]
struct Place(Arc<Mutex<Option<Box<dyn Any + Send>>>>);

impl Place {
    /// Takes the place when it is not taken already: a client may connect to the namespace again.
    fn take<P: Policy>(&self, engine: &Engine<P>, arrival: &Arrival) -> Result<(), Farewell> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.is_none() {
            *taken = Some(Box::new(engine.admit(arrival.listener, arrival.peer)?));
        }
        Ok(())
    }
}

/// What Engine.IO and the handshake look at.
const KEPT: [HeaderName; 7] = [
    header::CONNECTION,
    header::UPGRADE,
    header::SEC_WEBSOCKET_KEY,
    header::SEC_WEBSOCKET_VERSION,
    header::CONTENT_TYPE,
    header::ORIGIN,
    header::USER_AGENT,
];

/// Rebuilds the head of a request from copies: socketioxide keeps it as long as the connection, and each header and the URI would keep
/// hyper's whole read buffer.
async fn release_buffers(request: Request, next: Next) -> Response {
    // Engine.IO below would take version 3 too, which has no hello.
    if request.uri().query().is_some_and(|query| query.split('&').any(|field| field == "EIO=3")) {
        return (StatusCode::BAD_REQUEST, Json(json!({"code": 5, "message": "Unsupported protocol version"}))).into_response();
    }
    let mut copy = slim(request);
    copy.extensions_mut().insert(Place::default());
    next.run(copy).await
}

/// A request whose head is copied, without what nobody here looks at.
pub(crate) fn slim(request: Request) -> Request {
    let (head, body) = request.into_parts();
    let mut copy = Request::new(body);
    *copy.method_mut() = head.method;
    *copy.uri_mut() = copy_uri(&head.uri);
    *copy.version_mut() = head.version;
    *copy.headers_mut() = copy_headers(&head.headers);
    *copy.extensions_mut() = head.extensions;
    copy
}

fn copy_uri(uri: &Uri) -> Uri {
    uri.to_string().parse().unwrap_or_else(|_| uri.clone())
}

fn copy_headers(headers: &HeaderMap) -> HeaderMap {
    let mut copies = HeaderMap::with_capacity(KEPT.len());
    for name in KEPT {
        if let Some(copy) = headers.get(&name).and_then(|value| HeaderValue::from_bytes(value.as_bytes()).ok()) {
            copies.insert(name, copy);
        }
    }
    copies
}

type SocketRef = socketioxide::extract::SocketRef<Direct>;
type AckSender = socketioxide::extract::AckSender<Direct>;

/// The way out: emits into the queue that socketioxide keeps for the connection.
struct Emitter {
    socket: SocketRef,
    way: Way,
    /// Several publications at once come as one event: stock clients know nothing of that, ours ask for it.
    takes_batches: bool,
}

fn emit(socket: &SocketRef, event: &str, data: &(impl Serialize + ?Sized)) -> Result<(), Undelivered> {
    socket.emit(event, data).map_err(|error| match error {
        SendError::Socket(SocketError::InternalChannelFull) => Undelivered::Full,
        SendError::Socket(SocketError::Closed) | SendError::Serialize(_) => Undelivered::Gone,
    })
}

impl Outbound for Emitter {
    fn send(&self, frame: &Frame) -> Result<(), Undelivered> {
        match &frame.body {
            Body::Welcome(fields) => emit(&self.socket, "welcome", fields),
            Body::Heartbeat(top) => emit(&self.socket, "hb", &HeartbeatOut::from(top)),
            Body::Publications(_) if !self.socket.connected() => Err(Undelivered::Gone),
            Body::Publications(several) if self.takes_batches && several.len() > 1 => self.way.send(self.socket.id, frame.batch()),
            Body::Publications(_) => frame.events().iter().try_for_each(|event| self.way.send(self.socket.id, event)),
        }
    }
}
