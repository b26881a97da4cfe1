//! The engine with nothing behind it, to be measured: rooms of any name, whose publications are kept nowhere unless the name begins with `log/`.
//! `cargo run --release -p xpush --example fanout -- --port 3000 [--plain] [--redis redis://…]`; `--plain` gathers nothing.
//! A hello names its `rooms`; the requests are `say {room, text}` and `counts {}`.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use serde_json::{Map, Value, json, value::to_raw_value};
use tokio::net::TcpSocket;
use xpush::bus::redis::RedisBus;
use xpush::memory::MemoryLog;
use xpush::registry::redis::RedisRegistry;
use xpush::transport::{socketio, websocket};
use xpush::{
    Accepted, Caller, ChannelId, Cluster, Coalesce, Code, Engine, Handshake, Identity, Membership, Options, Policy, Publication,
    RedisConfig, Refusal,
};

struct Rooms;

fn membership(room: &str) -> Membership {
    Membership { channel: room.into(), logged: room.starts_with("log/") }
}

impl Policy for Rooms {
    type Principal = ();
    type Log = MemoryLog;

    async fn authenticate(&self, _: &Engine<Self>, handshake: Handshake) -> Result<Accepted<()>, Refusal> {
        let name = handshake.payload["name"].as_str().unwrap_or("somebody");
        let rooms = handshake.payload["rooms"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(Accepted {
            principal: (),
            identity: Identity { principal: name.into(), device: "bench".into() },
            welcome: Map::new(),
            join: rooms.iter().filter_map(Value::as_str).map(membership).collect(),
        })
    }

    async fn authorize_join(&self, _: &Engine<Self>, _: &Caller<()>, channel: &ChannelId) -> Result<Membership, Refusal> {
        Ok(membership(channel.as_str()))
    }

    async fn request(&self, engine: &Engine<Self>, _: &Caller<()>, method: &str, mut params: Value) -> Result<Value, Refusal> {
        match method {
            "say" => {
                let channel = ChannelId::from(params["room"].as_str().unwrap_or_default());
                let data = json!({"text": params["text"].take()});
                if membership(channel.as_str()).logged {
                    return engine.append((channel, data)).await.map(|seq| json!({"seq": seq}));
                }
                let data = to_raw_value(&data).map_err(|error| Refusal::new(Code::Internal, error.to_string()))?;
                engine.publish(Publication { channel, seq: None, data: data.into() }).await;
                Ok(json!({}))
            }
            "counts" => {
                let counts = engine.counts();
                Ok(
                    json!({"members": counts.members, "relayed_in": counts.relayed_in, "nodes": engine.cluster_health().map(|health| health.nodes)}),
                )
            }
            _ => Err(Refusal::new(Code::Invalid, format!("{method} is not a request of these rooms"))),
        }
    }

    async fn presence_changed(&self, _: &Engine<Self>, _: &Identity, _: bool) {}
}

fn argument(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = argument("--port").map_or(Ok(3000), |port| port.parse())?;
    // What bounds one client must not bound one that speaks for hundreds.
    let mut options =
        Options { connections_per_address: 0, requests_per_second: 1_000_000, request_burst: 1_000_000, ..Options::default() };
    if std::env::args().any(|argument| argument == "--plain") {
        options.coalesce = Coalesce { steps: Vec::new(), beyond: Duration::ZERO, crowded: Duration::ZERO };
    }
    let engine = match argument("--redis").map(RedisConfig::new) {
        None => Engine::new(Rooms, MemoryLog::new(), options),
        Some(redis) => {
            let (bus, registry) = (Arc::new(RedisBus::new(redis.clone())), Arc::new(RedisRegistry::new(redis)));
            Engine::in_cluster(Rooms, MemoryLog::new(), options, Cluster { bus, registry, address: None })
        }
    };
    let routes = Router::new().merge(websocket::router(engine.clone(), "rooms")).merge(socketio::router(engine.clone(), "rooms"));
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(([127, 0, 0, 1], port).into())?;
    let listener = socket.listen(4096)?;
    writeln!(std::io::stdout(), "http://{}", listener.local_addr()?)?;
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, routes.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
