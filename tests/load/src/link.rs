//! One live connection: a WebSocket that speaks our own frames (visitors) or Socket.IO 5 over Engine.IO 4 (operators).
//! Knows how things are written on the wire, not what they mean; that is `client`.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::fault::{Result, fault};

mod frames;
mod socket_io;

/// How long a connection may take to be made, and then to be welcomed.
const PATIENCE: Duration = Duration::from_secs(4);

/// The `err` of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Refusal {
    pub code: String,
    pub message: String,
    pub retry_after_ms: Option<u64>,
}

/// Why the server closes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Bye {
    pub code: u16,
    pub name: String,
    pub message: String,
    pub retry_after_ms: Option<u64>,
}

/// What the server says, whichever way it is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Inbound {
    Welcome(Value),
    Answer {
        id: u64,
        answer: std::result::Result<Value, Refusal>,
    },
    Publication {
        channel: String,
        seq: Option<u64>,
        event: Value,
    },
    Heartbeat {
        top: BTreeMap<String, u64>,
    },
    Bye(Bye),
    /// Engine.IO's ping, to be answered by [`Link::pong`].
    Ping,
    /// Something that is not in the protocol.
    Strange(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Codec {
    Frames,
    SocketIo,
}

/// A connection that the server has not refused yet.
#[derive(Debug)]
pub struct Link {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    codec: Codec,
}

impl Link {
    /// Connects to a `/ws` endpoint as a page of `origin` and says hello.
    pub async fn frames(url: &str, origin: &str, hello: &Value) -> Result<Self> {
        let socket = connect(url, origin).await?;
        let mut link = Self { socket, codec: Codec::Frames };
        link.send(frames::hello(hello)).await?;
        Ok(link)
    }

    /// Connects to a `/socket.io/` endpoint as a page of `origin`; `hello` is the auth payload.
    pub async fn socket_io(url: &str, origin: &str, hello: &Value) -> Result<Self> {
        let socket = connect(&format!("{url}?EIO=4&transport=websocket"), origin).await?;
        let mut link = Self { socket, codec: Codec::SocketIo };
        link.send(socket_io::connect(hello)).await?;
        Ok(link)
    }

    /// What the server says next, in order; `None` when the connection is gone. Safe to cancel.
    pub async fn next(&mut self) -> Option<Vec<Inbound>> {
        loop {
            return match self.socket.next().await? {
                Ok(Message::Text(text)) => Some(match self.codec {
                    Codec::Frames => frames::decode(&text),
                    Codec::SocketIo => socket_io::decode(&text),
                }),
                Ok(Message::Binary(_)) => Some(vec![Inbound::Strange("a binary frame".to_owned())]),
                Ok(Message::Close(_)) | Err(_) => None,
                Ok(_) => continue,
            };
        }
    }

    /// Waits for the welcome, and returns with it what came with or right after it in the same frame.
    pub async fn welcomed(&mut self) -> Result<Vec<Inbound>> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let Ok(heard) = tokio::time::timeout_at(deadline, self.next()).await else {
                return fault("no welcome within 4 s");
            };
            let Some(heard) = heard else { return fault("closed before the welcome") };
            if heard.contains(&Inbound::Ping) {
                self.pong().await?;
            }
            if heard.iter().any(|inbound| matches!(inbound, Inbound::Welcome(_) | Inbound::Bye(_))) {
                return Ok(heard);
            }
        }
    }

    /// Sends a request; its answer comes back with the same id.
    pub async fn request(&mut self, id: u64, method: &str, params: &Value) -> Result<()> {
        let text = match self.codec {
            Codec::Frames => json!({"t": "req", "id": id, "m": method, "p": params}).to_string(),
            Codec::SocketIo => socket_io::request(id, method, params),
        };
        self.send(text).await
    }

    /// Answers a heartbeat.
    pub async fn heartbeat(&mut self) -> Result<()> {
        let text = match self.codec {
            Codec::Frames => json!({"t": "hb"}).to_string(),
            Codec::SocketIo => socket_io::heartbeat(),
        };
        self.send(text).await
    }

    /// Answers Engine.IO's ping.
    pub async fn pong(&mut self) -> Result<()> {
        self.send("3".to_owned()).await
    }

    async fn send(&mut self, text: String) -> Result<()> {
        match timeout(PATIENCE, self.socket.send(Message::text(text))).await {
            Ok(sent) => Ok(sent?),
            Err(_) => fault("a frame could not be sent within 4 s"),
        }
    }
}

async fn connect(url: &str, origin: &str) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>> {
    let mut request = url.into_client_request()?;
    request.headers_mut().insert("Origin", origin.parse()?);
    match timeout(PATIENCE, connect_async(request)).await {
        Ok(connected) => Ok(connected?.0),
        Err(_) => fault(format!("no connection to {url} within 4 s")),
    }
}
