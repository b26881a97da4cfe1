//! What a client asks with `send`, and what is delivered of it. Pure.

use serde_json::{Map, Value, json};

use super::packet::json as text;

/// Names that clients of some generation never hand to who listens, or that the server says itself.
const RESERVED_NAMES: [&str; 17] = [
    "_event",
    "connect",
    "connect_error",
    "connect_timeout",
    "connecting",
    "disconnect",
    "disconnecting",
    "error",
    "newListener",
    "ping",
    "pong",
    "reconnect",
    "reconnect_attempt",
    "reconnect_error",
    "reconnect_failed",
    "reconnecting",
    "removeListener",
];

/// A `send` that is understood.
#[derive(Debug, PartialEq)]
pub(super) struct Call {
    name: String,
    params: Map<String, Value>,
    /// The id of the one connection it is for.
    pub(super) to: Option<String>,
}

/// Reads the first argument of `send`: an object, or one written as a JSON string. The error is what the acknowledgement says.
pub(super) fn read(argument: Option<Value>) -> Result<Call, Value> {
    let mut params = match argument {
        Some(Value::Object(params)) => params,
        Some(Value::String(text)) => match serde_json::from_str(&text) {
            Ok(Value::Object(params)) => params,
            _ => return Err(bad_param("a string must be the JSON of an object")),
        },
        _ => Map::new(),
    };
    let name = match params.get("NM") {
        Some(Value::String(name)) if !name.is_empty() => name.clone(),
        Some(value) if is_truthy(value) => return Err(bad_param("[NM] must be a string")),
        _ => return Err(bad_param("[NM] must be supplied")),
    };
    if name.len() > super::NAME_MAX {
        return Err(bad_param("[NM] is too long"));
    }
    if RESERVED_NAMES.contains(&name.as_str()) {
        return Err(bad_param("[NM] is reserved"));
    }
    if !params.get("DT").is_some_and(is_truthy) {
        return Err(bad_param("[DT] must be supplied"));
    }
    let to = match params.remove("SS") {
        Some(Value::String(to)) if !to.is_empty() && to.len() <= super::NAME_MAX => Some(to),
        Some(value) if is_truthy(&value) => return Err(bad_param("[SS] must be the id of a connection")),
        _ => None,
    };
    if let Some(to) = &to {
        params.insert("SS".to_owned(), to.as_str().into());
    }
    Ok(Call { name, params, to })
}

impl Call {
    /// The event as its receivers get it, and the answer to the sender. Objects carry channel and time in them; what cannot is followed by an
    /// argument that does.
    pub(super) fn deliver(mut self, channel: &str, now: i64) -> (String, Value) {
        let mut facts = Map::new();
        // A private message does not say where it was sent from.
        if self.to.is_none() {
            facts.insert("C".to_owned(), channel.into());
        }
        facts.insert("TS".to_owned(), now.into());
        let event = match self.params.get_mut("DT") {
            Some(Value::Object(data)) => {
                data.extend(facts);
                text(&json!([self.name, data]))
            }
            data => text(&json!([self.name, data, facts])),
        };
        (event, json!({"status": "ok", "params": self.params}))
    }
}

/// The id behind what a client knows as one: `/channel#ID`, or `ID`.
pub(super) fn bare_id(id: &str) -> &str {
    id.rsplit_once('#').map_or(id, |(_, bare)| bare)
}

pub(super) fn bad_param(detail: &str) -> Value {
    json!({"status": "ERR-PARAM", "message": {"status": "error", "message": "", "detail": detail}})
}

fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64().is_none_or(|number| number != 0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivered(argument: Value) -> (Value, Value) {
        let (event, answer) = read(Some(argument)).unwrap().deliver("c9", 1_795_291_782_431);
        (serde_json::from_str(&event).unwrap(), answer)
    }

    #[test]
    fn an_object_carries_channel_and_time_and_so_does_its_acknowledgement() {
        let (event, answer) = delivered(json!({"NM": "message", "DT": {"a": 1, "TS": "forged"}}));
        assert_eq!(event, json!(["message", {"a": 1, "C": "c9", "TS": 1_795_291_782_431_i64}]));
        assert_eq!(answer, json!({"status": "ok", "params": {"NM": "message", "DT": {"a": 1, "C": "c9", "TS": 1_795_291_782_431_i64}}}));
        assert_eq!(delivered(json!(r#"{"NM":"message","DT":{"a":1}}"#)).0[1]["C"], "c9", "Java's client writes a string");
    }

    #[test]
    fn what_cannot_carry_them_is_followed_by_them() {
        assert_eq!(delivered(json!({"NM": "m", "DT": "hi"})).0, json!(["m", "hi", {"C": "c9", "TS": 1_795_291_782_431_i64}]));
        assert_eq!(delivered(json!({"NM": "m", "DT": [1]})).0[2]["C"], "c9");
    }

    #[test]
    fn a_private_message_names_its_receiver_in_either_form_and_carries_no_channel() {
        let call = read(Some(json!({"NM": "m", "DT": {"a": 1}, "SS": "/channel#abc", "S": "10"}))).unwrap();
        assert_eq!(call.to.as_deref().map(bare_id), Some("abc"));
        assert_eq!(bare_id("abc"), "abc");
        let (event, _) = call.deliver("c9", 5);
        assert_eq!(serde_json::from_str::<Value>(&event).unwrap(), json!(["m", {"a": 1, "TS": 5}]));
    }

    #[test]
    fn what_is_missing_or_reserved_is_said() {
        let detail = |argument: Option<Value>| read(argument).unwrap_err()["message"]["detail"].as_str().unwrap().to_owned();
        assert_eq!(detail(Some(json!({}))), "[NM] must be supplied");
        assert_eq!(detail(None), "[NM] must be supplied");
        assert_eq!(detail(Some(json!({"NM": "m"}))), "[DT] must be supplied");
        assert_eq!(detail(Some(json!({"NM": "m", "DT": ""}))), "[DT] must be supplied");
        assert_eq!(detail(Some(json!({"NM": 5, "DT": 1}))), "[NM] must be a string");
        assert_eq!(detail(Some(json!({"NM": "m", "DT": 1, "SS": {}}))), "[SS] must be the id of a connection");
        assert_eq!(detail(Some(json!("["))), "a string must be the JSON of an object");
        assert_eq!(detail(Some(json!({"NM": "n".repeat(300), "DT": 1}))), "[NM] is too long");
        for reserved in ["connect", "error", "_event"] {
            assert_eq!(detail(Some(json!({"NM": reserved, "DT": 1}))), "[NM] is reserved");
        }
    }
}
