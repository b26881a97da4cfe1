//! One Socket.IO connection: its events are taken where they arrive (so that a sign of life counts at once and the order is kept), its
//! requests are answered one after the other by its task.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::Value;
use socketioxide::extract::TryData;
use tokio::sync::Notify;
use tokio::time::{Instant, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::{AckSender, Emitter, Place, SocketRef, Way, emit};
use crate::node::{Engine, Guest};
use crate::policy::{Policy, TransportKind};
use crate::rate::Bucket;
use crate::refusal::Disconnect;
use crate::transport::{Arrival, Connection, Undelivered, too_fast};
use crate::wire::{Answer, Farewell, method_and_params};

/// How long a farewell may wait for room in the queue.
const PARTING: Duration = Duration::from_secs(2);

/// Makes sessions of sockets.
pub(super) struct Door<P: Policy> {
    engine: Engine<P>,
    listener: &'static str,
    way: Way,
}

impl<P: Policy> Clone for Door<P> {
    fn clone(&self) -> Self {
        Self { engine: self.engine.clone(), listener: self.listener, way: self.way.clone() }
    }
}

/// Requests that may wait for the one being answered; a client that asks for more without waiting is cut, so that it cannot fill the memory.
const WAITING: usize = 64;

struct Asked {
    method: String,
    params: Value,
    ack: AckSender,
}

struct Inbox {
    requests: VecDeque<Asked>,
    bucket: Bucket,
}

/// What a socket's event handlers and its task share.
struct Shared<P> {
    inbox: Mutex<Inbox>,
    arrived: Notify,
    gone: CancellationToken,
    /// What the client did wrong, for the task to act on.
    fault: OnceLock<Farewell>,
    // Weak: the connection holds the socket, the socket its handlers, the handlers this.
    connection: OnceLock<Weak<Connection<P>>>,
}

impl<P> Shared<P> {
    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn accuse(&self, farewell: Farewell) {
        self.fault.set(farewell).ok();
        self.arrived.notify_one();
    }
}

/// Passed from the preparation of a socket to its service.
type Prepared<P> = Arc<Shared<P>>;

impl<P: Policy> Door<P> {
    pub(super) fn new(engine: Engine<P>, listener: &'static str, way: Way) -> Self {
        Self { engine, listener, way }
    }

    /// Listens to a socket's events. Runs before the client hears that it is connected, so that no event of it is missed. The handlers do
    /// their work when called and return a future that is ready: asynchronous ones would run in any order.
    pub(super) fn prepare(&self, socket: &SocketRef) {
        let options = self.engine.options();
        let bucket = Bucket::new(options.request_burst, options.requests_per_second, Instant::now());
        let shared: Prepared<P::Principal> = Arc::new(Shared {
            inbox: Mutex::new(Inbox { requests: VecDeque::new(), bucket }),
            arrived: Notify::new(),
            gone: CancellationToken::new(),
            fault: OnceLock::new(),
            connection: OnceLock::new(),
        });
        let (door, of) = (self.clone(), Arc::clone(&shared));
        socket.on("request", move |TryData(data): TryData<Value>, ack: AckSender| {
            door.heard(&of, Some((data.unwrap_or(Value::Null), ack)));
            std::future::ready(())
        });
        let (door, of) = (self.clone(), Arc::clone(&shared));
        socket.on("hb", move || {
            door.heard(&of, None);
            std::future::ready(())
        });
        let of = Arc::clone(&shared);
        socket.on_fallback(move || {
            of.accuse(Farewell::new(Disconnect::ProtocolError, "an unknown event; a client emits request and hb"));
            std::future::ready(())
        });
        let gone = shared.gone.clone();
        socket.on_disconnect(move || {
            gone.cancel();
            std::future::ready(())
        });
        socket.extensions.insert(shared);
    }

    fn heard(&self, shared: &Shared<P::Principal>, request: Option<(Value, AckSender)>) {
        if let Some(connection) = shared.connection.get().and_then(Weak::upgrade) {
            connection.touch(self.engine.clock());
        }
        let mut inbox = shared.inbox();
        if !inbox.bucket.take(Instant::now()) {
            drop(inbox);
            return shared.accuse(too_fast(self.engine.options()));
        }
        let Some((data, ack)) = request else { return };
        if inbox.requests.len() >= WAITING {
            drop(inbox);
            return shared
                .accuse(Farewell::new(Disconnect::TooFast, "too many requests wait for their answers; wait for some before asking more"));
        }
        match read(data) {
            Ok((method, params)) => {
                inbox.requests.push_back(Asked { method, params, ack });
                drop(inbox);
                shared.arrived.notify_one();
            }
            Err(message) => {
                drop(inbox);
                shared.accuse(Farewell::new(Disconnect::ProtocolError, message));
            }
        }
    }

    /// Spawns the task of a connected socket.
    pub(super) fn serve(&self, socket: SocketRef, TryData(hello): TryData<Value>) {
        let Some(shared) = socket.extensions.remove::<Prepared<P::Principal>>() else { return };
        let door = self.clone();
        self.engine.tasks().spawn_guest(async move {
            let hello = hello.unwrap_or(Value::Null);
            if let Err(farewell) = serve(&door, &socket, &shared, hello).await {
                part(socket, &shared, &farewell).await;
            }
        });
    }
}

fn read(data: Value) -> Result<(String, Value), String> {
    match data {
        Value::Object(mut request) => method_and_params(&mut request),
        _ => Err("a request is an object".to_owned()),
    }
}

/// Serves a socket until the client is gone (`Ok`) or is to be told farewell.
async fn serve<P: Policy>(door: &Door<P>, socket: &SocketRef, shared: &Shared<P::Principal>, mut hello: Value) -> Result<(), Farewell> {
    let Door { engine, listener, way } = door;
    let head = socket.req_parts();
    let arrival = Arrival::new(listener, TransportKind::SocketIo, &head.headers, &head.extensions);
    if let Some(place) = head.extensions.get::<Place>() {
        place.take(engine, &arrival)?;
    }
    // A matter of this transport alone; the policy need not know of it.
    let takes_batches = hello.as_object_mut().and_then(|fields| fields.remove("batch")) == Some(Value::Bool(true));
    let emitter = Emitter { socket: socket.clone(), way: way.clone(), takes_batches };
    let guest = engine.greet(arrival.handshake(hello), Box::new(emitter)).await?;
    shared.connection.set(Arc::downgrade(guest.connection())).ok();
    let mut working: Option<BoxFuture<'static, ()>> = None;
    let end = loop {
        if let Some(fault) = shared.fault.get() {
            break Err(fault.clone());
        }
        if working.is_none() {
            working = shared.inbox().requests.pop_front().map(|asked| answer(&guest, asked));
        }
        tokio::select! {
            farewell = guest.exit.asked() => break Err(farewell.clone()),
            () = shared.gone.cancelled() => break Ok(()),
            () = work(&mut working) => working = None,
            () = shared.arrived.notified() => {}
        }
    };
    if let Some(working) = working {
        // What was begun is finished, whether or not somebody waits for the answer.
        engine.tasks().spawn_guest(working);
    }
    end
}

fn answer<P: Policy>(guest: &Guest<P>, asked: Asked) -> BoxFuture<'static, ()> {
    let Asked { method, params, ack } = asked;
    let answering = guest.answer(method, params);
    let connection = Arc::clone(guest.connection());
    Box::pin(async move {
        let answer = answering.await;
        if ack.send(&Answer(&answer)).is_err() {
            // An answer that is lost would leave the client waiting on a connection that looks well.
            connection.exit.ask(Farewell::new(Disconnect::SlowConsumer, "an answer could not be queued; reconnect and resume"));
        }
    })
}

/// Pending, for ever, while there is nothing to work on.
async fn work(working: &mut Option<BoxFuture<'static, ()>>) {
    match working {
        Some(working) => working.await,
        None => std::future::pending().await,
    }
}

/// Says farewell behind what is queued and disconnects. A client that does not read is given up after a while: Engine.IO closes it when
/// its next ping finds no room.
async fn part<P>(socket: SocketRef, shared: &Shared<P>, farewell: &Farewell) {
    let saying = async {
        let mut attempts = interval(Duration::from_millis(50));
        loop {
            attempts.tick().await;
            if emit(&socket, "bye", farewell) != Err(Undelivered::Full) {
                break;
            }
        }
    };
    tokio::select! {
        said = timeout(PARTING, saying) => { said.ok(); }
        () = shared.gone.cancelled() => return,
    }
    socket.disconnect().ok();
}
