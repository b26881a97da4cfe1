//! What the server sends, before a transport writes it. A frame is encoded at most once per transport, and its bytes are shared.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use super::socketio::Event;
use super::websocket::json;
use crate::channel::{ChannelId, Publication};
use crate::refusal::Refusal;
use crate::wire::Farewell;

/// Batches are kept below the 64 KiB that every client can take.
const BATCH_BYTES: usize = 60 * 1024;

/// A frame, encoded when first needed.
pub(crate) struct Frame {
    pub(crate) body: Body,
    websocket: OnceLock<Bytes>,
    events: OnceLock<Vec<Event>>,
    batch: OnceLock<Event>,
}

/// What a frame says.
#[derive(Debug)]
pub(crate) enum Body {
    /// The hello was accepted.
    Welcome(Map<String, Value>),
    /// One publication, or several of one channel as a batch.
    Publications(Vec<Publication>),
    /// The tops of a connection's logged channels.
    Heartbeat(BTreeMap<ChannelId, u64>),
}

/// A publication as clients get it.
#[derive(Serialize)]
pub(crate) struct PublicationOut<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    t: Option<&'static str>,
    ch: &'a ChannelId,
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    d: &'a RawValue,
}

/// A heartbeat as clients get it.
#[derive(Serialize)]
pub(crate) struct HeartbeatOut<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    t: Option<&'static str>,
    top: &'a BTreeMap<ChannelId, u64>,
}

impl<'a> From<&'a Publication> for PublicationOut<'a> {
    fn from(publication: &'a Publication) -> Self {
        Self { t: None, ch: &publication.channel, seq: publication.seq, d: &publication.data }
    }
}

impl<'a> From<&'a BTreeMap<ChannelId, u64>> for HeartbeatOut<'a> {
    fn from(top: &'a BTreeMap<ChannelId, u64>) -> Self {
        Self { t: None, top }
    }
}

impl Frame {
    pub(crate) fn new(body: Body) -> Self {
        Self { body, websocket: OnceLock::new(), events: OnceLock::new(), batch: OnceLock::new() }
    }

    /// Frames for publications of one channel: as few as the size of a batch allows.
    pub(crate) fn batches(publications: Vec<Publication>) -> Vec<Self> {
        let mut frames = Vec::with_capacity(1);
        let (mut batch, mut bytes) = (Vec::new(), 0);
        for publication in publications {
            let size = publication.data.get().len() + publication.channel.as_str().len() + 64;
            if bytes + size > BATCH_BYTES && !batch.is_empty() {
                frames.push(Self::new(Body::Publications(std::mem::take(&mut batch))));
                bytes = 0;
            }
            bytes += size;
            batch.push(publication);
        }
        if !batch.is_empty() {
            frames.push(Self::new(Body::Publications(batch)));
        }
        frames
    }

    /// The frame of the WebSocket transport, head and all; every call shares the same bytes.
    pub(crate) fn websocket(&self) -> Bytes {
        self.websocket.get_or_init(|| encode(&self.body)).clone()
    }

    /// The publications as Socket.IO events carry them, one by one; encoded once, whoever asks.
    pub(crate) fn events(&self) -> &[Event] {
        self.events.get_or_init(|| self.publications().iter().map(|one| Event::new("pub", &PublicationOut::from(one))).collect())
    }

    /// The publications as one array, for Socket.IO clients that take batches.
    pub(crate) fn batch(&self) -> &Event {
        self.batch.get_or_init(|| Event::new("pubs", &self.publications().iter().map(PublicationOut::from).collect::<Vec<_>>()))
    }

    fn publications(&self) -> &[Publication] {
        match &self.body {
            Body::Publications(publications) => publications,
            Body::Welcome(_) | Body::Heartbeat(_) => &[],
        }
    }
}

fn encode(body: &Body) -> Bytes {
    match body {
        Body::Welcome(fields) => tagged("welcome", fields),
        Body::Heartbeat(top) => json(&HeartbeatOut { t: Some("hb"), ..top.into() }),
        Body::Publications(publications) => match publications.as_slice() {
            [one] => json(&tagged_publication(one)),
            several => json(&several.iter().map(tagged_publication).collect::<Vec<_>>()),
        },
    }
}

fn tagged_publication(publication: &Publication) -> PublicationOut<'_> {
    PublicationOut { t: Some("pub"), ..publication.into() }
}

/// The `bye` of the WebSocket transport.
pub(crate) fn bye(farewell: &Farewell) -> Bytes {
    #[derive(Serialize)]
    struct Bye<'a> {
        t: &'static str,
        #[serde(flatten)]
        farewell: &'a Farewell,
    }
    json(&Bye { t: "bye", farewell })
}

/// The `res` of the WebSocket transport.
pub(crate) fn answer(id: &Number, answer: &Result<Value, Refusal>) -> Bytes {
    #[derive(Serialize)]
    struct Res<'a> {
        t: &'static str,
        id: &'a Number,
        #[serde(flatten)]
        answer: crate::wire::Answer<'a>,
    }
    json(&Res { t: "res", id, answer: crate::wire::Answer(answer) })
}

fn tagged(t: &'static str, fields: &Map<String, Value>) -> Bytes {
    #[derive(Serialize)]
    struct Tagged<'a> {
        t: &'static str,
        #[serde(flatten)]
        fields: &'a Map<String, Value>,
    }
    json(&Tagged { t, fields })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::value::to_raw_value;

    use super::*;

    /// Its JSON, behind a head of two bytes or of four.
    fn text(frame: &Bytes) -> &str {
        std::str::from_utf8(&frame[if frame[1] < 126 { 2 } else { 4 }..]).unwrap()
    }

    fn publication(seq: u64, data: &Value) -> Publication {
        Publication { channel: "room".into(), seq: Some(seq), data: Arc::from(to_raw_value(data).unwrap()) }
    }

    #[test]
    fn one_publication_is_an_object_and_several_are_an_array() {
        let one = Frame::batches(vec![publication(1, &Value::from("a"))]);
        assert_eq!(text(&one[0].websocket()), r#"{"t":"pub","ch":"room","seq":1,"d":"a"}"#);
        let two = Frame::batches(vec![publication(1, &Value::from("a")), publication(2, &Value::Null)]);
        assert_eq!(two.len(), 1);
        assert_eq!(text(&two[0].websocket()), r#"[{"t":"pub","ch":"room","seq":1,"d":"a"},{"t":"pub","ch":"room","seq":2,"d":null}]"#);
    }

    #[test]
    fn a_batch_never_grows_beyond_what_a_client_takes() {
        let large = Value::from("x".repeat(20_000));
        let frames = Frame::batches((1..=7).map(|seq| publication(seq, &large)).collect());
        assert!(frames.len() > 1 && frames.iter().all(|frame| frame.websocket().len() <= 64 * 1024));
    }

    #[test]
    fn what_is_not_logged_has_no_number() {
        let ephemeral = Publication { seq: None, ..publication(0, &Value::from(true)) };
        assert_eq!(text(&Frame::batches(vec![ephemeral])[0].websocket()), r#"{"t":"pub","ch":"room","d":true}"#);
    }

    #[test]
    fn an_answer_carries_the_number_of_its_request() {
        let frame = answer(&Number::from(7), &Ok(Value::from("yes")));
        assert_eq!(text(&frame), r#"{"t":"res","id":7,"ok":"yes"}"#);
    }
}
