//! Which requests to `/socket.io/` are of this wire, and what happens to their connections before a namespace is connected. The path is shared
//! with the engine's own Socket.IO: ours are those of Engine.IO 3, and those whose query names an app (`A`) or a token of `/admin`.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Query, Request};
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use bytes::Bytes;
use engineioxide::config::EngineIoConfig;
use engineioxide::handler::EngineIoHandler;
use engineioxide::service::EngineIoService;
use engineioxide::{DisconnectReason, ProtocolVersion, Socket, Str, TransportType};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tower_service::Service;

use super::packet::{self, Dialect};
use super::session::Session;
use super::{Apps, ServerInfo};
use crate::node::Engine;
use crate::policy::{Policy, TransportKind};
use crate::transport::socketio::slim;
use crate::transport::{Arrival, peer};

/// What is shared by all connections.
pub(super) struct Door<P: Policy, A> {
    pub(super) engine: Engine<P>,
    pub(super) apps: A,
    pub(super) server: ServerInfo,
    listener: &'static str,
    /// Whose sessions there are, by their ids. Channels hear the ids of old clients, and an id is all that polling needs to speak for a session: it
    /// has to come from the same address.
    owners: Mutex<HashMap<String, IpAddr>>,
}

/// Packets that may wait for the one being worked on; a client that goes on sending then is cut.
const WAITING: usize = 64;
/// Room beside a connection's frames for pings and answers.
const SPARE: usize = 16;
/// What clients of the first XPUSH are told, and expect.
const PING_INTERVAL: Duration = Duration::from_secs(25);
const PING_TIMEOUT: Duration = Duration::from_mins(1);
/// Allocated for each connection; larger messages make it grow.
const READ_BUFFER: usize = 1024;

/// Serves `/socket.io/` to clients of this wire, and leaves everything else to `others`.
pub fn beside<P: Policy, A: Apps>(others: Router, engine: Engine<P>, apps: A, server: ServerInfo, listener: &'static str) -> Router {
    let options = engine.options();
    let limit = options.max_message_bytes;
    let config = EngineIoConfig::builder()
        .req_path("/socket.io")
        .ping_interval(PING_INTERVAL)
        .ping_timeout(PING_TIMEOUT)
        .max_buffer_size(options.queue_frames.max(1) + SPARE)
        .max_payload(u64::try_from(limit).unwrap_or(u64::MAX))
        .ws_max_message_size(limit)
        .ws_max_frame_size(limit)
        .ws_read_buffer_size(READ_BUFFER)
        .build();
    let door = Arc::new(Door { engine, apps, server, listener, owners: Mutex::default() });
    let service = EngineIoService::with_config(Arc::clone(&door), config);
    others.layer(from_fn(move |request: Request, next: Next| {
        let (service, door) = (service.clone(), Arc::clone(&door));
        async move {
            if !is_ours(request.uri()) {
                return next.run(request).await;
            }
            let origin = request.headers().get(header::ORIGIN).cloned();
            let answer = if request.method() == Method::OPTIONS {
                StatusCode::NO_CONTENT.into_response()
            } else if !door.is_own(&request) {
                // As for one that does not exist.
                (StatusCode::BAD_REQUEST, Json(json!({"code": 1, "message": "Session ID unknown"}))).into_response()
            } else {
                answer(service, request).await
            };
            allow(answer, origin)
        }
    }))
}

async fn answer<P: Policy, A: Apps>(mut service: EngineIoService<Door<P, A>>, request: Request) -> Response {
    // Its answer never fails, and it is always ready.
    let answered = Service::call(&mut service, slim(request)).await;
    answered.map_or_else(|never: Infallible| match never {}, |answer| answer.map(Body::new))
}

fn is_ours(uri: &Uri) -> bool {
    let under = uri.path().strip_prefix("/socket.io").is_some_and(|rest| rest.is_empty() || rest == "/");
    let names = |field: &str| field == "EIO=3" || field.starts_with("A=") || field.starts_with("token=");
    under && uri.query().is_some_and(|query| query.split('&').any(names))
}

/// Pages of any origin may connect, as they could: nothing here is proven by a cookie. What an app asks of its clients is a token.
fn allow(mut answer: Response, origin: Option<HeaderValue>) -> Response {
    let headers = answer.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        // Old libraries ask with credentials, whether or not there are any.
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
    }
    answer
}

/// What a connection keeps between its packets.
#[derive(Default)]
pub(super) struct Slot {
    packets: OnceLock<mpsc::Sender<Str>>,
    pub(super) gone: CancellationToken,
}

/// A connection of Engine.IO.
pub(super) type Wire = Socket<Slot>;

pub(super) fn dialect(socket: &Wire) -> Dialect {
    if socket.protocol == ProtocolVersion::V3 { Dialect::Old } else { Dialect::New }
}

/// Libraries before 2.0 and those after it disagree about letters beyond ASCII in what is polled, and nothing tells one from the other.
fn may_be_polled_twice_encoded(socket: &Wire) -> bool {
    dialect(socket) == Dialect::Old && socket.transport_type() == TransportType::Polling
}

/// Queues a packet; `false` where it finds no room.
pub(super) fn emit(socket: &Wire, packet: String) -> bool {
    let packet = if packet.is_ascii() || !may_be_polled_twice_encoded(socket) { packet } else { packet::ascii(&packet) };
    socket.emit(packet).is_ok()
}

/// The fields of a query, as they are written in addresses and in namespaces.
pub(super) fn fields(query: &str) -> Vec<(String, String)> {
    let uri = Uri::builder().path_and_query(format!("/?{query}")).build();
    uri.ok().and_then(|uri| Query::try_from_uri(&uri).ok()).map(|Query(fields)| fields).unwrap_or_default()
}

impl<P: Policy, A> Door<P, A> {
    fn owners(&self) -> MutexGuard<'_, HashMap<String, IpAddr>> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a request names no session, or one that its own address opened.
    fn is_own(&self, request: &Request) -> bool {
        let query = request.uri().query().unwrap_or_default();
        let Some(sid) = query.split('&').find_map(|field| field.strip_prefix("sid=")) else { return true };
        self.owners().get(sid).is_some_and(|owner| *owner == peer(request.extensions()))
    }
}

impl<P: Policy, A> fmt::Debug for Door<P, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").field("listener", &self.listener).finish_non_exhaustive()
    }
}

impl<P: Policy, A: Apps> EngineIoHandler for Door<P, A> {
    type Data = Slot;

    fn on_connect(self: Arc<Self>, socket: Arc<Wire>) {
        let (sender, packets) = mpsc::channel(WAITING);
        socket.data.packets.set(sender).ok();
        if dialect(&socket) == Dialect::Old {
            socket.emit(packet::connected(Dialect::Old, "/", "")).ok();
        }
        let head = &socket.req_parts;
        let arrival = Arrival::new(self.listener, TransportKind::Xpush, &head.headers, &head.extensions);
        let query = fields(head.uri.query().unwrap_or_default());
        self.owners().insert(socket.id.to_string(), arrival.peer);
        let tasks = self.engine.tasks().clone();
        tasks.spawn_guest(Session::new(self, socket, arrival, query).run(packets));
    }

    fn on_disconnect(&self, socket: Arc<Wire>, _: DisconnectReason) {
        self.owners().remove(&socket.id.to_string());
        socket.data.gone.cancel();
    }

    // Taken in the order in which they came, and worked on by the connection's task, which is slowed by its rate.
    fn on_message(self: &Arc<Self>, packet: Str, socket: Arc<Wire>) {
        let once = if may_be_polled_twice_encoded(&socket) { packet::encoded_once(&packet) } else { None };
        let packet = once.map_or(packet, Str::from);
        let queued = socket.data.packets.get().is_some_and(|packets| packets.try_send(packet).is_ok());
        if !queued && !socket.data.gone.is_cancelled() {
            tracing::info!(connection.sid = %socket.id, "a client that does not wait was cut");
            socket.close(DisconnectReason::ClosingServer);
        }
    }

    fn on_binary(self: &Arc<Self>, _: Bytes, socket: Arc<Wire>) {
        socket.close(DisconnectReason::ClosingServer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_of_this_wire_are_told_from_others() {
        let ours = |address: &str| is_ours(&address.parse().unwrap());
        assert!(ours("/socket.io/?A=demo&C=a&EIO=3&transport=websocket"));
        assert!(ours("/socket.io/?EIO=3&transport=polling"));
        assert!(ours("/socket.io/?A=demo&EIO=4&transport=polling&sid=x"));
        assert!(ours("/socket.io/?token=t&EIO=4&transport=polling"));
        assert!(!ours("/socket.io/?EIO=4&transport=polling"));
        assert!(!ours("/socket.io/?EIO=4&DATA=1"));
        assert!(!ours("/ws?A=demo&EIO=3"));
        assert!(!ours("/socket.iox/?A=demo"));
    }

    #[test]
    fn a_query_is_read_as_browsers_write_it() {
        let pair = |one: &str, two: &str| (one.to_owned(), two.to_owned());
        assert_eq!(fields("A=demo&C=a%2Cb%20c&U=%EB%B0%A9"), [pair("A", "demo"), pair("C", "a,b c"), pair("U", "방")]);
        assert_eq!(fields(""), []);
        assert_eq!(fields("A=%FF"), [pair("A", "\u{fffd}")]);
    }
}
