//! The JSON that both transports speak (docs/PROTOCOL.md): what a client may send, and the parts of what it is sent.
//! Knows no socket; `transport::frame` turns publications into frames.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Map, Number, Value};

use crate::refusal::{Disconnect, Refusal};

/// The version of the protocol that is spoken.
pub(crate) const VERSION: u64 = 1;

/// One frame of a WebSocket client.
#[derive(Debug)]
pub(crate) enum ClientFrame {
    /// The first frame: what the client says of itself.
    Hello(Value),
    /// A request.
    Request { id: Number, method: String, params: Value },
    /// A sign of life.
    Heartbeat,
}

impl ClientFrame {
    /// Reads a text frame. The error says what breaks the protocol.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut frame: Map<String, Value> = serde_json::from_str(text).map_err(|error| format!("frame is not a JSON object: {error}"))?;
        match frame.remove("t") {
            Some(Value::String(kind)) => match kind.as_str() {
                "hello" => Ok(Self::Hello(Value::Object(frame))),
                "hb" => Ok(Self::Heartbeat),
                "req" => Self::request(frame),
                _ => Err("frame has an unknown `t`; it is one of hello, req, hb".to_owned()),
            },
            _ => Err("frame has no `t`".to_owned()),
        }
    }

    fn request(mut frame: Map<String, Value>) -> Result<Self, String> {
        let Some(Value::Number(id)) = frame.remove("id") else { return Err("req needs a number `id`".to_owned()) };
        let (method, params) = method_and_params(&mut frame)?;
        Ok(Self::Request { id, method, params })
    }
}

/// Takes `m` and `p` out of a request; `p` may be missing.
pub(crate) fn method_and_params(request: &mut Map<String, Value>) -> Result<(String, Value), String> {
    let Some(Value::String(method)) = request.remove("m") else { return Err("a request needs a text `m`".to_owned()) };
    match request.remove("p") {
        None | Some(Value::Null) => Ok((method, Value::Object(Map::new()))),
        Some(params @ Value::Object(_)) => Ok((method, params)),
        Some(_) => Err("`p` of a request is an object".to_owned()),
    }
}

/// The answer to a request: `{"ok"}` or `{"err"}`.
pub(crate) struct Answer<'a>(pub(crate) &'a Result<Value, Refusal>);

impl Serialize for Answer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self.0 {
            Ok(value) => map.serialize_entry("ok", value)?,
            Err(refusal) => map.serialize_entry("err", refusal)?,
        }
        map.end()
    }
}

/// The last thing a client hears. Serialises as `{"code","name","message","retry_after_ms"?}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Farewell {
    pub(crate) why: Disconnect,
    pub(crate) message: String,
    pub(crate) retry_after_ms: Option<u64>,
}

impl Farewell {
    /// A farewell without a time to come back.
    pub(crate) fn new(why: Disconnect, message: impl Into<String>) -> Self {
        Self { why, message: message.into(), retry_after_ms: None }
    }
}

impl From<Refusal> for Farewell {
    fn from(refusal: Refusal) -> Self {
        let why = refusal.disconnect.unwrap_or_else(|| refusal.code.disconnect());
        Self { why, message: refusal.message, retry_after_ms: refusal.retry_after_ms }
    }
}

impl Serialize for Farewell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", &self.why.code())?;
        map.serialize_entry("name", self.why.name())?;
        map.serialize_entry("message", &self.message)?;
        if let Some(retry_after_ms) = self.retry_after_ms {
            map.serialize_entry("retry_after_ms", &retry_after_ms)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::refusal::Code;

    #[test]
    fn a_frame_that_is_not_of_the_protocol_is_named() {
        for (text, says) in [
            ("[1]", "not a JSON object"),
            ("{", "not a JSON object"),
            (r#"{"id":1}"#, "no `t`"),
            (r#"{"t":"dance"}"#, "unknown `t`"),
            (r#"{"t":"req","m":"a"}"#, "number `id`"),
            (r#"{"t":"req","id":1}"#, "text `m`"),
            (r#"{"t":"req","id":1,"m":"a","p":[]}"#, "is an object"),
        ] {
            let error = ClientFrame::parse(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn a_refusal_is_written_without_its_empty_parts() {
        let refused = Err(Refusal::new(Code::TooLarge, "too long").field("text", "at most 8,000"));
        let written = serde_json::to_value(Answer(&refused)).unwrap();
        assert_eq!(written, json!({"err": {"code": "too_large", "message": "too long", "fields": {"text": "at most 8,000"}}}));
    }

    #[test]
    fn a_farewell_takes_its_number_from_the_refusal_or_from_its_code() {
        let by_code = Farewell::from(Refusal::new(Code::Unauthenticated, "expired"));
        assert_eq!(serde_json::to_value(by_code).unwrap(), json!({"code": 4100, "name": "credential_refused", "message": "expired"}));
        let named = Farewell::from(Refusal::new(Code::Unauthenticated, "signed out").disconnect(Disconnect::LoginEnded));
        assert_eq!(named.why, Disconnect::LoginEnded);
    }
}
