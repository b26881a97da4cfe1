//! A client of a socket: the loader's WebSocket protocol, or Engine.IO 4 by hand. Both show the same frames: `{"t": …}` of docs/PROTOCOL.md, and
//! `{"t": "closed"}` with the close code when it is over.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::operator::fresh_id;

/// Longer than anything here takes, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Speaks {
    Frames,
    SocketIo,
}

/// An open socket.
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    speaks: Speaks,
    asked: u64,
    /// The rest of a batch that was received.
    batch: VecDeque<Value>,
    /// Answers no heartbeat any more.
    silent: bool,
    /// Frames nobody has asked for yet.
    heard: VecDeque<Value>,
    /// The welcome, once said.
    pub(crate) welcome: Value,
}

impl Socket {
    /// A WebSocket of the widget's listener from a page of `origin`, before the hello.
    pub(crate) async fn open(widget: &str, origin: Option<&str>) -> Self {
        Self::connect(&format!("{}/ws", widget.replace("http", "ws")), origin, Speaks::Frames).await
    }

    /// Engine.IO of either listener, connected to the namespace with this hello.
    pub(crate) async fn open_socketio(listener: &str, origin: Option<&str>, hello: &Value) -> Self {
        let address = format!("{}/socket.io/?EIO=4&transport=websocket", listener.replace("http", "ws"));
        let mut socket = Self::connect(&address, origin, Speaks::SocketIo).await;
        assert_eq!(socket.frame().await["t"], "open");
        socket.send_text(format!("40{hello}")).await;
        socket
    }

    async fn connect(address: &str, origin: Option<&str>, speaks: Speaks) -> Self {
        let mut request = address.into_client_request().unwrap();
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        let (stream, _) = timeout(PATIENCE, connect_async(request)).await.unwrap().unwrap();
        Self { stream, speaks, asked: 0, batch: VecDeque::new(), silent: false, heard: VecDeque::new(), welcome: Value::Null }
    }

    /// Says hello and waits for the welcome.
    pub(crate) async fn hello(mut self, mut hello: Value) -> Self {
        hello["t"] = "hello".into();
        self.send(&hello).await;
        self.welcomed().await
    }

    /// Waits for the welcome.
    pub(crate) async fn welcomed(mut self) -> Self {
        self.welcome = self.wait("the welcome", |frame| frame["t"] == "welcome").await;
        self
    }

    /// The ticket to keep.
    pub(crate) fn ticket(&self) -> &str {
        self.welcome["ticket"].as_str().unwrap()
    }

    pub(crate) async fn send(&mut self, frame: &Value) {
        self.send_text(frame.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: String) {
        timeout(PATIENCE, self.stream.send(Message::text(text))).await.unwrap().unwrap();
    }

    pub(crate) async fn send_bytes(&mut self, bytes: Vec<u8>) {
        timeout(PATIENCE, self.stream.send(Message::binary(Bytes::from(bytes)))).await.unwrap().unwrap();
    }

    /// Asks without waiting for the answer.
    pub(crate) async fn ask(&mut self, method: &str, params: &Value) -> u64 {
        self.asked += 1;
        let id = self.asked;
        match self.speaks {
            Speaks::Frames => self.send(&json!({"t": "req", "id": id, "m": method, "p": params})).await,
            Speaks::SocketIo => self.send_text(format!("42{id}{}", json!(["request", {"m": method, "p": params}]))).await,
        }
        id
    }

    /// The answer to an earlier question.
    pub(crate) async fn answer(&mut self, id: u64) -> Result<Value, Value> {
        let answer = self.wait("an answer", |frame| frame["t"] == "res" && frame["id"] == id).await;
        match answer.get("ok") {
            Some(ok) => Ok(ok.clone()),
            None => Err(answer["err"].clone()),
        }
    }

    /// Asks and waits.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.ask(method, &params).await;
        self.answer(id).await
    }

    /// Posts a text to a conversation or to the current one.
    pub(crate) async fn post(&mut self, conversation: Option<&str>, text: &str) -> Value {
        let params = json!({"client_message_id": fresh_id(), "conversation": conversation, "text": text});
        self.request("message.post", params).await.unwrap()
    }

    /// The next publication of this type.
    pub(crate) async fn event(&mut self, kind: &str) -> Value {
        self.wait(kind, |frame| frame["t"] == "pub" && frame["d"]["type"] == kind).await
    }

    /// The next heartbeat that this is true of.
    pub(crate) async fn heartbeat(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        self.wait("a heartbeat", |frame| frame["t"] == "hb" && wanted(frame)).await
    }

    /// What was received and nobody has asked for.
    pub(crate) fn heard(&self) -> impl Iterator<Item = &Value> {
        self.heard.iter()
    }

    /// Leaves heartbeats unanswered from now on.
    pub(crate) fn fall_silent(&mut self) {
        self.silent = true;
    }

    /// Closes as a browser does whose page goes.
    pub(crate) async fn leave(mut self) {
        self.stream.close(None).await.ok();
    }

    /// The `bye`, and the close that follows it with the same number.
    pub(crate) async fn bye(&mut self) -> Value {
        let bye = self.wait("a bye", |frame| frame["t"] == "bye").await;
        let closed = self.wait("the close", |frame| frame["t"] == "closed").await;
        if self.speaks == Speaks::Frames {
            assert_eq!(closed["code"], bye["code"], "{closed} after {bye}");
        }
        bye
    }

    /// Everything that was published to this connection before now has been heard after this; returns what nobody asked for.
    pub(crate) async fn settle(&mut self) -> Vec<Value> {
        // Twice: the first answer may overtake what is queued, and takes all of that along.
        for _ in 0..2 {
            self.request("channel.leave", json!({"channel": "nothing"})).await.unwrap();
        }
        self.heard.iter().filter(|frame| frame["t"] == "pub").cloned().collect()
    }

    /// The first frame that is wanted; the others are kept.
    pub(crate) async fn wait(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(place) = self.heard.iter().position(&wanted) {
            return self.heard.remove(place).unwrap();
        }
        loop {
            let frame = timeout(PATIENCE, self.frame()).await.unwrap_or_else(|_| {
                panic!("{what} did not come; heard {} other frames, the last {:?}", self.heard.len(), self.heard.back())
            });
            if wanted(&frame) {
                return frame;
            }
            assert_ne!(frame["t"], "closed", "closed before {what} came: {frame}; heard last {:?}", self.heard.back());
            self.heard.push_back(frame);
        }
    }

    async fn frame(&mut self) -> Value {
        loop {
            if let Some(frame) = self.batch.pop_front() {
                return frame;
            }
            let message = match self.stream.next().await {
                Some(Ok(message)) => message,
                Some(Err(error)) => return json!({"t": "closed", "error": error.to_string()}),
                None => return json!({"t": "closed"}),
            };
            let frame = match message {
                Message::Text(text) if self.speaks == Speaks::Frames => self.take_batch(serde_json::from_str(&text).unwrap()),
                Message::Text(text) => self.take_packet(&text).await,
                Message::Close(close) => Some(json!({"t": "closed", "code": close.map(|close| u16::from(close.code))})),
                _ => None,
            };
            let Some(frame) = frame else { continue };
            if frame["t"] == "hb" && !self.silent {
                let beat = if self.speaks == Speaks::Frames { json!({"t": "hb"}).to_string() } else { "42[\"hb\"]".to_owned() };
                // Fails when the server has gone, which the next frame tells.
                self.stream.send(Message::text(beat)).await.ok();
            }
            return frame;
        }
    }

    /// The frame of a message; those of a batch wait their turn.
    fn take_batch(&mut self, message: Value) -> Option<Value> {
        match message {
            Value::Array(batch) => {
                self.batch.extend(batch);
                None
            }
            frame => Some(frame),
        }
    }

    async fn take_packet(&mut self, packet: &str) -> Option<Value> {
        if packet == "2" {
            self.stream.send(Message::text("3")).await.ok();
            return None;
        }
        if let Some(event) = packet.strip_prefix("42") {
            let (name, mut data): (String, Value) = serde_json::from_str(event).unwrap();
            data["t"] = name.into();
            return Some(data);
        }
        if let Some(answer) = packet.strip_prefix("43") {
            let (id, answer) = answer.split_at(answer.find('[').unwrap());
            let [mut answer]: [Value; 1] = serde_json::from_str(answer).unwrap();
            answer["t"] = "res".into();
            answer["id"] = id.parse::<u64>().unwrap().into();
            return Some(answer);
        }
        match packet {
            "41" => Some(json!({"t": "closed"})),
            packet if packet.starts_with("0{") => Some(json!({"t": "open"})),
            packet if packet.starts_with("40") => None,
            packet => panic!("a packet that is not known: {packet}"),
        }
    }
}
