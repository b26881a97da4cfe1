//! One connection: connects namespaces, takes events in their order at the rate that is allowed, says who came and who went.

use std::ops::ControlFlow;
use std::sync::Arc;

use engineioxide::{DisconnectReason, Str};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use super::call::{self, bad_param, bare_id};
use super::door::{Door, Wire, dialect, emit, fields};
use super::packet::{self, Dialect, Kind, Packet};
use super::{Apps, Knock, TOKEN_MAX, channel, is_name, own_channel, principal, usage};
use crate::channel::{ChannelId, Membership, Publication};
use crate::node::Guest;
use crate::policy::{Identity, Policy, TransportKind};
use crate::rate::Bucket;
use crate::refusal::Disconnect;
use crate::transport::frame::{Body, Frame};
use crate::transport::{Arrival, Outbound, Undelivered};
use crate::wire::Farewell;

const CHANNEL: &str = "/channel";
const ADMIN: &str = "/admin";

/// See the module.
pub(super) struct Session<P: Policy, A> {
    door: Arc<Door<P, A>>,
    socket: Arc<Wire>,
    arrival: Arrival,
    /// By which others know the connection. Old clients take the id of their Engine.IO session for it, which `door` therefore guards; new ones
    /// are told one that opens nothing.
    id: String,
    /// Of the address that the client connected to.
    query: Vec<(String, String)>,
    bucket: Bucket,
    member: Option<Member<P>>,
    monitors: bool,
}

/// A connection that is in a channel.
struct Member<P: Policy> {
    guest: Guest<P>,
    room: ChannelId,
    app: String,
    channel: String,
    user: Option<String>,
    device: String,
}

/// Why the loop ended.
enum End {
    /// The client is gone.
    Gone,
    /// The server ends it.
    Farewell(Farewell),
}

impl<P: Policy, A: Apps> Session<P, A> {
    pub(super) fn new(door: Arc<Door<P, A>>, socket: Arc<Wire>, arrival: Arrival, query: Vec<(String, String)>) -> Self {
        let options = door.engine.options();
        let bucket = Bucket::new(options.request_burst, options.requests_per_second, Instant::now());
        let id = match dialect(&socket) {
            Dialect::Old => socket.id.to_string(),
            Dialect::New => door.engine.options().entropy.node().simple().to_string(),
        };
        Self { door, socket, arrival, id, query, bucket, member: None, monitors: false }
    }

    /// Serves the connection until it ends.
    pub(super) async fn run(mut self, mut packets: mpsc::Receiver<Str>) {
        let place = self.door.engine.admit(self.arrival.listener, self.arrival.peer);
        let end = match &place {
            Ok(_) => self.serve(&mut packets).await,
            Err(farewell) => End::Farewell(farewell.clone()),
        };
        self.leave();
        if let End::Farewell(farewell) = end {
            self.part(&farewell).await;
        }
        drop(place);
    }

    async fn serve(&mut self, packets: &mut mpsc::Receiver<Str>) -> End {
        let patience = sleep(self.door.engine.options().hello_timeout);
        tokio::pin!(patience);
        let gone = self.socket.data.gone.clone();
        let draining = self.door.engine.draining().clone();
        loop {
            let idle = self.member.is_none() && !self.monitors;
            // What came before the client went is still its word.
            tokio::select! {
                biased;
                farewell = dismissed(self.member.as_ref()) => return End::Farewell(farewell),
                Some(packet) = packets.recv() => {
                    self.pace().await;
                    if let ControlFlow::Break(end) = self.take(&packet).await {
                        return end;
                    }
                }
                () = gone.cancelled() => return End::Gone,
                () = draining.cancelled(), if self.member.is_none() => return End::Farewell(self.door.engine.leaving()),
                () = &mut patience, if idle => return End::Farewell(Farewell::new(Disconnect::ProtocolError, "no namespace was connected")),
            }
        }
    }

    /// A client that asks faster than it may waits; what it sends meanwhile is bounded by its queue.
    async fn pace(&mut self) {
        while let Err(wait) = self.bucket.draw(1, Instant::now()).result {
            sleep(wait).await;
        }
    }

    async fn take(&mut self, text: &str) -> ControlFlow<End> {
        let Some(packet) = packet::parse(text) else {
            return ControlFlow::Break(End::Farewell(Farewell::new(Disconnect::ProtocolError, "not a packet of Socket.IO")));
        };
        match packet.kind {
            Kind::Connect => self.connect(&packet).await,
            Kind::Disconnect => {
                match packet.namespace {
                    CHANNEL => self.leave(),
                    ADMIN => self.monitors = false,
                    _ => {}
                }
                ControlFlow::Continue(())
            }
            Kind::Event => self.event(&packet),
            Kind::Ack | Kind::Error => ControlFlow::Continue(()),
            Kind::Binary => ControlFlow::Break(End::Farewell(Farewell::new(Disconnect::ProtocolError, "attachments are not taken here"))),
        }
    }

    async fn connect(&mut self, packet: &Packet<'_>) -> ControlFlow<End> {
        let answer = match packet.namespace {
            "/" => Ok(()),
            CHANNEL if self.member.is_some() => Ok(()),
            CHANNEL => match self.enter(packet).await {
                // The answer was said when the engine let it in.
                Ok(()) => return ControlFlow::Continue(()),
                Err(refused) => Err(refused),
            },
            ADMIN => {
                self.monitors = self.field(packet, "token").is_some_and(|token| self.door.apps.admits_monitor(&token));
                if self.monitors { Ok(()) } else { Err(Refused::Why("this token does not open /admin".to_owned())) }
            }
            _ => Err(Refused::Why("Invalid namespace".to_owned())),
        };
        match answer {
            Ok(()) => self.emit(packet::connected(self.dialect(), packet.namespace, &self.id_in(packet.namespace))),
            Err(Refused::Why(why)) => self.emit(packet::refused(self.dialect(), packet.namespace, &why)),
            Err(Refused::End(farewell)) => ControlFlow::Break(End::Farewell(farewell)),
        }
    }

    /// Comes into a channel: judged by the product, answered and counted by the engine, said to everybody there.
    async fn enter(&mut self, packet: &Packet<'_>) -> Result<(), Refused> {
        let knock = self.knock(packet).map_err(Refused::Why)?;
        let patience = self.door.engine.options().hello_timeout;
        let judged = timeout(patience, self.door.apps.admit(&knock)).await;
        let admitted = judged.map_err(|_| Refused::Why("the channel could not be judged in time".to_owned()))?.map_err(Refused::Why)?;
        let Knock { app, channel: name, user, device, .. } = knock;
        let room = channel(&app, &name);
        let join = [room.clone(), own_channel(&app, &self.id)].map(|channel| Membership { channel, logged: false });
        let identity = Identity { principal: principal(&app), device: self.id.as_str().into() };
        let emitter = Box::new(Emitter { socket: Arc::clone(&self.socket), id: self.id_in(CHANNEL) });
        let guest = self.door.engine.greet_apart(identity, TransportKind::Xpush, &join, emitter).map_err(Refused::End)?;
        let user = admitted.user.or(user);
        let id = self.id_in(CHANNEL);
        let member = self.member.insert(Member { guest, room, app, channel: name, user, device });
        let count = self.door.engine.members(&member.room);
        let came = json!({
            "event": "CONNECTION",
            "id": id,
            "count": count,
            "S": self.door.engine.node_id().to_string(),
            "D": member.device,
        });
        let (room, came) = (member.room.clone(), member.facts(came));
        self.publish(room, &packet::json(&json!(["_event", came])));
        Ok(())
    }

    fn knock(&self, packet: &Packet<'_>) -> Result<Knock, String> {
        let fields = self.fields(packet);
        let given = |name: &str| fields.iter().rev().find(|(field, _)| field == name).map(|(_, value)| value.clone());
        let name = |name: &str| {
            given(name).filter(|value| !value.is_empty()).map_or(Ok(None), |value| {
                if is_name(&value) { Ok(Some(value)) } else { Err(format!("[{name}] is too long, or holds control characters")) }
            })
        };
        let needed = |field: &str| name(field)?.ok_or_else(|| format!("[{field}] must be supplied"));
        let (app, channel) = (needed("A")?, needed("C")?);
        let (user, device) = (name("U")?, name("D")?.unwrap_or_else(|| "N".to_owned()));
        let token = given("TK").filter(|token| !token.is_empty() && token.len() <= TOKEN_MAX);
        Ok(Knock { app, channel, user, device, token, peer: self.arrival.peer, origin: self.arrival.origin.clone() })
    }

    /// What the client says of itself: in the address, in the namespace, and new clients in the packet; the last word holds.
    fn fields(&self, packet: &Packet<'_>) -> Vec<(String, String)> {
        let mut said = self.query.clone();
        said.extend(fields(packet.query));
        if let Ok(object) = serde_json::from_str::<Map<String, Value>>(packet.data) {
            said.extend(object.into_iter().filter_map(|(name, value)| value.as_str().map(|value| (name, value.to_owned()))));
        }
        said
    }

    fn field(&self, packet: &Packet<'_>, name: &str) -> Option<String> {
        self.fields(packet).into_iter().rev().find(|(field, _)| field == name).map(|(_, value)| value)
    }

    fn event(&mut self, packet: &Packet<'_>) -> ControlFlow<End> {
        let Ok(mut arguments) = serde_json::from_str::<Vec<Value>>(packet.data) else {
            return ControlFlow::Break(End::Farewell(Farewell::new(
                Disconnect::ProtocolError,
                "an event is an array that begins with its name",
            )));
        };
        let name = if arguments.is_empty() { Value::Null } else { arguments.remove(0) };
        let answer = match (packet.namespace, name.as_str()) {
            (CHANNEL, Some("send")) => self.send(arguments.into_iter().next()),
            (ADMIN, Some("info")) if self.monitors => usage::info(&self.door.engine, &self.door.server),
            (ADMIN, Some("usage")) if self.monitors => usage::usage(&self.door.engine, &self.door.server),
            // Unknown events were never answered.
            _ => return ControlFlow::Continue(()),
        };
        match packet.id {
            Some(id) => self.emit(packet::ack(packet.namespace, id, &answer)),
            None => ControlFlow::Continue(()),
        }
    }

    fn send(&self, argument: Option<Value>) -> Value {
        let Some(member) = &self.member else { return bad_param("connect to a channel first") };
        let call = match call::read(argument) {
            Ok(call) => call,
            Err(answer) => return answer,
        };
        let room = call.to.as_deref().map_or_else(|| member.room.clone(), |id| own_channel(&member.app, bare_id(id)));
        let (event, answer) = call.deliver(&member.channel, self.door.apps.now());
        self.publish(room, &event);
        answer
    }

    fn publish(&self, room: ChannelId, event: &str) {
        if let Ok(data) = serde_json::value::RawValue::from_string(event.to_owned()) {
            self.door.engine.publish_now(Publication { channel: room, seq: None, data: data.into() });
        }
    }

    /// Leaves the channel, where the client is in one, and says so to whoever is left.
    fn leave(&mut self) {
        let Some(member) = self.member.take() else { return };
        let (room, gone) = (member.room.clone(), member.facts(json!({"event": "DISCONNECT"})));
        drop(member);
        let count = self.door.engine.members(&room);
        if let (true, Value::Object(mut gone)) = (count > 0, gone) {
            gone.insert("count".to_owned(), count.into());
            self.publish(room, &packet::json(&json!(["_event", gone])));
        }
    }

    /// Ends a connection from this side. A client comes back by itself when its transport ends, but not when it is told to leave a namespace.
    async fn part(&self, farewell: &Farewell) {
        tracing::debug!(connection.sid = %self.socket.id, why = %farewell.message, "a connection of the wire ends");
        let gone = self.socket.data.gone.cancelled();
        match farewell.why {
            Disconnect::GoingAway => {
                // They would all come back at once: each goes at its own moment.
                let wait = std::time::Duration::from_millis(farewell.retry_after_ms.unwrap_or(0));
                timeout(wait, gone).await.ok();
            }
            Disconnect::Forbidden => {
                self.socket.emit(packet::disconnected(CHANNEL)).ok();
            }
            _ => {}
        }
        self.socket.close(DisconnectReason::ClosingServer);
    }

    fn dialect(&self) -> Dialect {
        dialect(&self.socket)
    }

    /// As Socket.IO 1.4 to 2.x name a connection in a namespace.
    fn id_in(&self, namespace: &str) -> String {
        if namespace == "/" { self.id.clone() } else { format!("{namespace}#{}", self.id) }
    }

    /// Queues a packet. A client that does not read its answers is gone.
    fn emit(&self, packet: String) -> ControlFlow<End> {
        if emit(&self.socket, packet) {
            return ControlFlow::Continue(());
        }
        ControlFlow::Break(End::Farewell(Farewell::new(Disconnect::SlowConsumer, "an answer could not be queued")))
    }
}

impl<P: Policy> Member<P> {
    /// An event with who and where.
    fn facts(&self, event: Value) -> Value {
        let Value::Object(mut facts) = event else { return event };
        facts.insert("A".to_owned(), self.app.as_str().into());
        facts.insert("C".to_owned(), self.channel.as_str().into());
        if let Some(user) = &self.user {
            facts.insert("U".to_owned(), user.as_str().into());
        }
        Value::Object(facts)
    }
}

enum Refused {
    /// The client is told, and may try again.
    Why(String),
    End(Farewell),
}

/// Returns when the engine asks the connection to end; never, while it is in no channel.
async fn dismissed<P: Policy>(member: Option<&Member<P>>) -> Farewell {
    match member {
        Some(member) => member.guest.exit.asked().await.clone(),
        None => std::future::pending().await,
    }
}

/// The way out of a connection that is in a channel.
struct Emitter {
    socket: Arc<Wire>,
    /// The connection's name in the namespace.
    id: String,
}

impl Emitter {
    fn emit(&self, packet: String) -> Result<(), Undelivered> {
        if emit(&self.socket, packet) { Ok(()) } else { Err(if self.socket.is_closed() { Undelivered::Gone } else { Undelivered::Full }) }
    }
}

impl Outbound for Emitter {
    fn send(&self, frame: &Frame) -> Result<(), Undelivered> {
        match &frame.body {
            Body::Welcome(_) => self.emit(packet::connected(dialect(&self.socket), CHANNEL, &self.id)),
            // Its channels are not logged, and Engine.IO has heartbeats of its own.
            Body::Heartbeat(_) => Ok(()),
            Body::Publications(batch) => batch.iter().try_for_each(|publication| self.emit(packet::event(CHANNEL, publication.data.get()))),
        }
    }
}
