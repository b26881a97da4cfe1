//! A product for the tests: whoever has a name comes in; rooms that begin with `log/` are logged, others not, `log/closed` is closed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};
use tokio::sync::{Mutex, Semaphore, mpsc};
use xpush::memory::MemoryLog;
use xpush::transport::{socketio, websocket};
use xpush::xpush_wire::{self, Admitted, Apps, Knock, ServerInfo};
use xpush::{
    Accepted, Caller, ChannelId, ChannelLog, Cluster, Code, Committed, Disconnect, Engine, Follow, Handshake, Identity, Membership,
    Options, Policy, Publication, Refusal, Turn,
};

/// How long an event may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for an event, not for ever.
pub(crate) async fn soon<T>(event: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, event).await.expect("the event did not come")
}

/// A memory log that can be told to fail.
#[derive(Clone, Default)]
pub(crate) struct HallLog {
    kept: Arc<MemoryLog>,
    pub(crate) tops_fail: Arc<AtomicBool>,
}

impl ChannelLog for HallLog {
    type Entry = (ChannelId, Value);
    type Reply = u64;

    async fn append(&self, batch: Vec<Self::Entry>, turn: &mut Turn) -> Result<Committed<u64, Self::Entry>, Refusal> {
        let invited: Vec<Option<Follow>> = batch.iter().map(|(channel, entry)| invitation(channel, entry)).collect();
        let mut results = self.kept.append(batch, turn).await?;
        for (result, invited) in results.iter_mut().zip(invited) {
            if let Ok(appended) = result {
                appended.follow.extend(invited);
            }
        }
        Ok(results)
    }

    async fn since(&self, channel: &ChannelId, after: u64, limit: usize) -> Result<Vec<Publication>, Refusal> {
        self.kept.since(channel, after, limit).await
    }

    async fn tops(&self, channels: &[ChannelId]) -> Result<Vec<(ChannelId, u64)>, Refusal> {
        if self.tops_fail.load(Ordering::Relaxed) {
            return Err(Refusal::new(Code::Unavailable, "the log is away"));
        }
        self.kept.tops(channels).await
    }
}

/// An entry with `invite` makes that principal follow.
fn invitation(channel: &ChannelId, entry: &Value) -> Option<Follow> {
    let principal = entry["invite"].as_str()?.into();
    Some(Follow { principal, membership: membership(channel) })
}

fn membership(channel: &ChannelId) -> Membership {
    Membership { channel: channel.clone(), logged: channel.as_str().starts_with("log/") }
}

/// The product.
pub(crate) struct Hall {
    presence: mpsc::UnboundedSender<(String, bool)>,
    /// `slow` waits for a permit.
    pub(crate) gate: Semaphore,
    /// Requests that `slow` has begun.
    begun: mpsc::UnboundedSender<()>,
    /// What other nodes said, and `missed` where it may be lost.
    pub(crate) told: std::sync::Mutex<Vec<String>>,
}

impl Policy for Hall {
    type Principal = String;
    type Log = HallLog;

    async fn authenticate(&self, engine: &Engine<Self>, handshake: Handshake) -> Result<Accepted<String>, Refusal> {
        let hello = &handshake.payload;
        let name = hello["name"].as_str().ok_or_else(|| Refusal::new(Code::Unauthenticated, "who are you?"))?;
        if name == "banned" {
            let refusal = Refusal::new(Code::Forbidden, "you know why").disconnect(Disconnect::LoginEnded);
            return Err(refusal.retry_after(Duration::from_millis(700)));
        }
        let rooms = hello["rooms"].as_array().into_iter().flatten().filter_map(Value::as_str).map(ChannelId::from);
        let join: Vec<Membership> = rooms.map(|room| membership(&room)).collect();
        if let Some(room) = hello["commit_meanwhile"].as_str() {
            // After this the welcome is already wrong: what the first heartbeat is for.
            engine.log().append(vec![(room.into(), json!({"text": "meanwhile"}))], &mut Turn::default()).await?;
        }
        let welcome = json!({"hall": "great", "listener": handshake.listener, "origin": handshake.origin, "peer": handshake.peer});
        let Value::Object(welcome) = welcome else { return Err(Refusal::new(Code::Internal, "not an object")) };
        let identity = Identity { principal: name.into(), device: hello["device"].as_str().unwrap_or("one").into() };
        Ok(Accepted { principal: name.to_owned(), identity, welcome, join })
    }

    async fn authorize_join(&self, _: &Engine<Self>, _: &Caller<String>, channel: &ChannelId) -> Result<Membership, Refusal> {
        match channel.as_str() {
            "log/closed" => Err(Refusal::new(Code::NotFound, "there is no such room")),
            _ => Ok(membership(channel)),
        }
    }

    async fn request(&self, engine: &Engine<Self>, caller: &Caller<String>, method: &str, mut params: Value) -> Result<Value, Refusal> {
        let room = ChannelId::from(params["room"].as_str().unwrap_or("log/hall"));
        match method {
            "echo" => Ok(params),
            "say" => {
                params["by"] = Value::from(caller.principal.as_str());
                Ok(json!({"seq": engine.append((room, params)).await?}))
            }
            "wave" => {
                engine.publish(ephemeral(room, &json!({"by": *caller.principal}))).await;
                Ok(Value::Object(Map::new()))
            }
            "slow" => {
                self.begun.send(()).ok();
                self.gate.acquire().await.map_err(|error| Refusal::new(Code::Internal, error.to_string()))?.forget();
                Ok(json!("at last"))
            }
            "panic" => panic!("the product breaks"),
            _ => Err(Refusal::new(Code::Invalid, format!("{method}?"))),
        }
    }

    fn told(&self, _: &Engine<Self>, data: &RawValue) {
        self.told.lock().unwrap().push(data.get().to_owned());
    }

    fn missed(&self, _: &Engine<Self>) {
        self.told.lock().unwrap().push("missed".to_owned());
    }

    fn about(&self, engine: &Engine<Self>) -> Value {
        json!({"hall": engine.node_id()})
    }

    async fn presence_changed(&self, _: &Engine<Self>, identity: &Identity, present: bool) {
        self.presence.send((identity.principal.to_string(), present)).ok();
    }
}

/// A publication without a number.
pub(crate) fn ephemeral(room: impl Into<ChannelId>, data: &Value) -> Publication {
    Publication { channel: room.into(), seq: None, data: to_raw_value(data).unwrap().into() }
}

/// Who may use the wire: everybody in `demo`; in `named` who says their name as their token.
struct Lobby;

impl Apps for Lobby {
    async fn admit(&self, knock: &Knock) -> Result<Admitted, String> {
        match (knock.app.as_str(), &knock.token) {
            ("demo", _) => Ok(Admitted::default()),
            ("named", Some(token)) => Ok(Admitted { user: Some(token.clone()) }),
            _ => Err("no such app".to_owned()),
        }
    }

    fn admits_monitor(&self, token: &str) -> bool {
        token == "monitor"
    }

    fn now(&self) -> i64 {
        1_795_291_782_431
    }
}

/// A running hall.
pub(crate) struct Open {
    pub(crate) engine: Engine<Hall>,
    pub(crate) address: SocketAddr,
    pub(crate) presence: Mutex<mpsc::UnboundedReceiver<(String, bool)>>,
    pub(crate) begun: Mutex<mpsc::UnboundedReceiver<()>>,
}

/// Options for tests: nobody is refused for coming from one address, and no heartbeat comes in between unless a test wants it.
pub(crate) fn options() -> Options {
    Options { connections_per_address: 0, heartbeat: Duration::from_hours(1), ..Options::default() }
}

pub(crate) async fn open(options: Options) -> Arc<Open> {
    open_on(HallLog::default(), options, None).await
}

/// A hall on a log that others may share, as one of several nodes or alone.
pub(crate) async fn open_on(log: HallLog, options: Options, cluster: Option<Cluster>) -> Arc<Open> {
    let (presence, changes) = mpsc::unbounded_channel();
    let (begun, beginnings) = mpsc::unbounded_channel();
    let hall = Hall { presence, gate: Semaphore::new(0), begun, told: std::sync::Mutex::default() };
    let engine = match cluster {
        None => Engine::new(hall, log, options),
        Some(cluster) => Engine::in_cluster(hall, log, options, cluster),
    };
    let sockets = Router::new().merge(websocket::router(engine.clone(), "front")).merge(socketio::router(engine.clone(), "front"));
    let server = ServerInfo { host: "hall".to_owned(), port: 1 };
    let routes = xpush_wire::beside(sockets, engine.clone(), Lobby, server, "front");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    spawn(async move { axum::serve(listener, service).await.unwrap() });
    Arc::new(Open { engine, address, presence: Mutex::new(changes), begun: Mutex::new(beginnings) })
}

#[expect(clippy::disallowed_methods, reason = "a test has no task set")]
pub(crate) fn spawn<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> tokio::task::JoinHandle<T> {
    tokio::spawn(work)
}

impl Open {
    /// Commits an entry of a room.
    pub(crate) async fn say(&self, room: &str, text: &str) -> u64 {
        soon(self.engine.append((room.into(), json!({"text": text})))).await.unwrap()
    }

    /// The next change of presence.
    pub(crate) async fn presence_change(&self) -> (String, bool) {
        soon(self.presence.lock().await.recv()).await.unwrap()
    }

    /// Waits until the engine's numbers are as wished.
    pub(crate) async fn counts_until(&self, wished: impl Fn(xpush::Counts) -> bool) -> xpush::Counts {
        let looking = async {
            loop {
                let counts = self.engine.counts();
                if wished(counts) {
                    return counts;
                }
                tokio::task::yield_now().await;
            }
        };
        soon(looking).await
    }
}
