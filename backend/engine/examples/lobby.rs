//! A game lobby on the engine: players come in with a name, meet at tables (logged channels `table/…`), say things and throw dice.
//! Run it with `cargo run -p xpush --example lobby -- --port 3000`; it prints its address. `/ws` and `/socket.io/` speak docs/PROTOCOL.md.

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use serde_json::{Map, Value, json, value::to_raw_value};
use xpush::memory::MemoryLog;
use xpush::transport::{socketio, websocket};
use xpush::{Accepted, Caller, ChannelId, Code, Engine, Handshake, Identity, Membership, Options, Policy, Publication, Refusal};

struct Lobby;

const HALL: &str = "hall";

impl Policy for Lobby {
    type Principal = String;
    type Log = MemoryLog;

    async fn authenticate(&self, _: &Engine<Self>, handshake: Handshake) -> Result<Accepted<String>, Refusal> {
        let Some(name) = handshake.payload["name"].as_str().filter(|name| !name.is_empty()) else {
            return Err(Refusal::new(Code::Unauthenticated, "a player needs a name").field("name", "required"));
        };
        let device = handshake.payload["device"].as_str().unwrap_or("table top");
        Ok(Accepted {
            principal: name.to_owned(),
            identity: Identity { principal: name.into(), device: device.into() },
            welcome: Map::from_iter([("player".to_owned(), Value::from(name))]),
            join: vec![Membership { channel: HALL.into(), logged: false }],
        })
    }

    async fn authorize_join(&self, _: &Engine<Self>, _: &Caller<String>, channel: &ChannelId) -> Result<Membership, Refusal> {
        match channel.as_str() {
            name if name.starts_with("table/") => Ok(Membership { channel: channel.clone(), logged: true }),
            _ => Err(Refusal::new(Code::NotFound, "there is no such table")),
        }
    }

    async fn request(&self, engine: &Engine<Self>, caller: &Caller<String>, method: &str, params: Value) -> Result<Value, Refusal> {
        let table = params["table"].as_str().unwrap_or("table/1").into();
        let entry = match method {
            "table.say" => json!({"type": "said", "player": *caller.principal, "text": params["text"]}),
            "dice.throw" => json!({"type": "thrown", "player": *caller.principal, "eyes": uuid::Uuid::new_v4().as_u128() % 6 + 1}),
            _ => return Err(Refusal::new(Code::Invalid, format!("{method} is not a request of this lobby"))),
        };
        engine.append((table, entry)).await.map(|seq| json!({"seq": seq}))
    }

    async fn presence_changed(&self, engine: &Engine<Self>, identity: &Identity, present: bool) {
        let news = json!({"type": if present { "came" } else { "went" }, "player": *identity.principal});
        if let Ok(data) = to_raw_value(&news) {
            engine.publish(Publication { channel: HALL.into(), seq: None, data: data.into() }).await;
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--port").skip(1);
    let port: u16 = arguments.next().map_or(Ok(3000), |port| port.parse())?;
    let engine = Engine::new(Lobby, MemoryLog::new(), Options::default());
    let routes = Router::new().merge(websocket::router(engine.clone(), "lobby")).merge(socketio::router(engine.clone(), "lobby"));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    writeln!(std::io::stdout(), "http://{}", listener.local_addr()?)?;
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    tokio::select! {
        served = axum::serve(listener, service) => served?,
        _ = tokio::signal::ctrl_c() => engine.drain(Duration::from_secs(5)).await,
    }
    Ok(())
}
