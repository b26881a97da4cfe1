//! A client of the WebSocket transport.

use std::collections::VecDeque;
use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::hall::soon;

pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    frames: VecDeque<Value>,
    asked: u64,
}

impl Client {
    /// Connects without a word.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let (socket, _) = soon(connect_async(format!("ws://{address}/ws"))).await.unwrap();
        Self { socket, frames: VecDeque::new(), asked: 0 }
    }

    /// Says hello and returns the welcome too.
    pub(crate) async fn hello(address: SocketAddr, hello: Value) -> (Self, Value) {
        let mut client = Self::connect(address).await;
        client.say_hello(hello).await;
        let welcome = client.next().await;
        assert_eq!(welcome["t"], "welcome", "{welcome}");
        (client, welcome)
    }

    /// Comes in as somebody, with rooms.
    pub(crate) async fn come(address: SocketAddr, name: &str, rooms: &[&str]) -> Self {
        Self::hello(address, json!({"name": name, "rooms": rooms})).await.0
    }

    pub(crate) async fn say_hello(&mut self, mut hello: Value) {
        hello["t"] = "hello".into();
        if hello.get("v").is_none() {
            hello["v"] = 1.into();
        }
        self.send(&hello).await;
    }

    pub(crate) async fn send(&mut self, frame: &Value) {
        self.send_text(frame.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: String) {
        soon(self.socket.send(Message::text(text))).await.unwrap();
    }

    /// The next message as it came: an object, or a batch.
    pub(crate) async fn next_message(&mut self) -> Value {
        loop {
            match soon(self.socket.next()).await.expect("the connection ended").unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Close(close) => panic!("closed: {close:?}"),
                _ => {}
            }
        }
    }

    /// The next frame, out of a batch or not.
    pub(crate) async fn next(&mut self) -> Value {
        while self.frames.is_empty() {
            match self.next_message().await {
                Value::Array(batch) => self.frames.extend(batch),
                frame => self.frames.push_back(frame),
            }
        }
        self.frames.pop_front().unwrap()
    }

    /// The next frame of a kind; the others are dropped.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["t"] == kind {
                return frame;
            }
        }
    }

    /// Asks without waiting; returns the number of the request.
    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> u64 {
        self.asked += 1;
        self.send(&json!({"t": "req", "id": self.asked, "m": method, "p": params})).await;
        self.asked
    }

    /// Asks and returns the answer; what comes before it is dropped.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params).await;
        let answer = self.next_of("res").await;
        assert_eq!(answer["id"], id);
        answer
    }

    /// The `bye` and the close code that follows; what comes before is dropped.
    pub(crate) async fn bye(&mut self) -> Value {
        let bye = self.next_of("bye").await;
        let closing = async {
            loop {
                if let Message::Close(close) = self.socket.next().await.expect("no close frame").unwrap() {
                    return close.unwrap();
                }
            }
        };
        let close = soon(closing).await;
        assert_eq!(u64::from(u16::from(close.code)), bye["code"], "{bye}");
        assert_eq!(close.reason.as_str(), bye["name"]);
        bye
    }
}
