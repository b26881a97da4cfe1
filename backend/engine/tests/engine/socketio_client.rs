//! A client of the Socket.IO transport that speaks Engine.IO 4 by hand.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::hall::soon;

pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    asked: u64,
}

impl Client {
    /// Connects to the namespace with the auth payload.
    pub(crate) async fn connect(address: SocketAddr, auth: &Value) -> Self {
        let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
        let (socket, _) = soon(connect_async(url)).await.unwrap();
        let mut client = Self { socket, asked: 0 };
        let open = client.next_packet().await;
        assert!(open.starts_with("0{"), "{open}");
        client.send(format!("40{auth}")).await;
        let connected = client.next_packet().await;
        assert!(connected.starts_with("40{"), "{connected}");
        client
    }

    /// Comes in as somebody, with rooms, and is welcomed.
    pub(crate) async fn come(address: SocketAddr, name: &str, rooms: &[&str]) -> (Self, Value) {
        let mut client = Self::connect(address, &json!({"v": 1, "name": name, "rooms": rooms})).await;
        let (event, welcome) = client.next().await;
        assert_eq!(event, "welcome");
        (client, welcome)
    }

    pub(crate) async fn send(&mut self, packet: String) {
        soon(self.socket.send(Message::text(packet))).await.unwrap();
    }

    pub(crate) async fn emit(&mut self, event: &str, data: &Value) {
        self.send(format!("42{}", json!([event, data]))).await;
    }

    /// The next packet; pings are answered.
    pub(crate) async fn next_packet(&mut self) -> String {
        loop {
            match soon(self.socket.next()).await.expect("the connection ended").unwrap() {
                Message::Text(text) if text.as_str() == "2" => self.send("3".to_owned()).await,
                Message::Text(text) => return text.as_str().to_owned(),
                Message::Close(close) => panic!("closed: {close:?}"),
                _ => {}
            }
        }
    }

    /// The next event; acknowledgements are dropped.
    pub(crate) async fn next(&mut self) -> (String, Value) {
        loop {
            let packet = self.next_packet().await;
            if let Some(event) = packet.strip_prefix("42") {
                return serde_json::from_str(event).unwrap();
            }
            assert!(packet.starts_with("43"), "{packet}");
        }
    }

    /// The next event of a name; the others are dropped.
    pub(crate) async fn next_of(&mut self, name: &str) -> Value {
        loop {
            let (event, data) = self.next().await;
            if event == name {
                return data;
            }
        }
    }

    /// Emits `request` without waiting; returns the number of its acknowledgement.
    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> u64 {
        self.asked += 1;
        let asked = json!(["request", {"m": method, "p": params}]);
        self.send(format!("42{}{asked}", self.asked)).await;
        self.asked
    }

    /// Emits `request` and returns what the acknowledgement says; what comes before is dropped.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Value {
        let asked = format!("43{}", self.ask(method, params).await);
        loop {
            let packet = self.next_packet().await;
            if let Some(answer) = packet.strip_prefix(&asked) {
                let [answer]: [Value; 1] = serde_json::from_str(answer).unwrap();
                return answer;
            }
        }
    }

    /// The `bye`, which is followed by the disconnect; what comes before is dropped.
    pub(crate) async fn bye(&mut self) -> Value {
        let bye = self.next_of("bye").await;
        assert_eq!(self.next_packet().await, "41");
        bye
    }
}
