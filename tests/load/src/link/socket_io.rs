//! Section 2 of the protocol: the few packets of Engine.IO 4 and Socket.IO 5 that our server uses, default namespace,
//! text only.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Bye, Inbound, Refusal};

#[derive(Deserialize)]
struct Publication {
    ch: String,
    seq: Option<u64>,
    d: Value,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Heartbeat {
    top: BTreeMap<String, u64>,
}

/// The packet that joins the default namespace.
pub(super) fn connect(auth: &Value) -> String {
    format!("40{auth}")
}

/// A `request` event that wants an acknowledgement.
pub(super) fn request(id: u64, method: &str, params: &Value) -> String {
    format!("42{id}{}", json!(["request", {"m": method, "p": params}]))
}

/// The answer to an `hb` event.
pub(super) fn heartbeat() -> String {
    format!("42{}", json!(["hb"]))
}

/// What one packet says; nothing for those that only keep the transport going.
pub(super) fn decode(packet: &str) -> Vec<Inbound> {
    if let Some(event) = packet.strip_prefix("42") {
        return vec![decode_event(event)];
    }
    if let Some(answer) = packet.strip_prefix("43") {
        return vec![decode_answer(answer)];
    }
    if let Some(refusal) = packet.strip_prefix("44") {
        return vec![Inbound::Strange(format!("the namespace was refused: {refusal}"))];
    }
    match packet {
        "2" => vec![Inbound::Ping],
        "41" | "1" | "6" => Vec::new(),
        open if open.starts_with('0') || open.starts_with("40") => Vec::new(),
        other => vec![Inbound::Strange(format!("unknown packet: {other}"))],
    }
}

fn decode_event(text: &str) -> Inbound {
    let Ok(Value::Array(mut arguments)) = serde_json::from_str(text) else {
        return Inbound::Strange(format!("an event is an array: {text}"));
    };
    let payload = if arguments.len() > 1 { arguments.swap_remove(1) } else { Value::Null };
    match arguments.first().and_then(Value::as_str) {
        Some("welcome") => Inbound::Welcome(payload),
        Some("pub") => read(payload, |it: Publication| Inbound::Publication { channel: it.ch, seq: it.seq, event: it.d }),
        Some("hb") => read(payload, |it: Heartbeat| Inbound::Heartbeat { top: it.top }),
        Some("bye") => read(payload, |bye: Bye| Inbound::Bye(bye)),
        other => Inbound::Strange(format!("unknown event: {other:?}")),
    }
}

fn decode_answer(text: &str) -> Inbound {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (id, body) = text.split_at(digits);
    let (Ok(id), Ok(Value::Array(mut arguments))) = (id.parse(), serde_json::from_str(body)) else {
        return Inbound::Strange(format!("an answer has an id and an array: {text}"));
    };
    let mut answer = arguments.pop().unwrap_or_default();
    match (answer.get("ok").is_some(), answer.get("err").is_some()) {
        (true, false) => Inbound::Answer { id, answer: Ok(answer["ok"].take()) },
        (false, true) => read(answer["err"].take(), |err: Refusal| Inbound::Answer { id, answer: Err(err) }),
        _ => Inbound::Strange(format!("an answer needs ok or err: {text}")),
    }
}

fn read<T: serde::de::DeserializeOwned>(payload: Value, make: impl FnOnce(T) -> Inbound) -> Inbound {
    match serde_json::from_value(payload) {
        Ok(known) => make(known),
        Err(error) => Inbound::Strange(format!("a payload of another shape: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Inbound, decode, request};

    #[test]
    fn events_and_answers_are_told_apart() {
        assert_eq!(decode("2"), vec![Inbound::Ping]);
        assert!(decode(r#"0{"sid":"x"}"#).is_empty() && decode(r#"40{"sid":"y"}"#).is_empty());
        let publication = decode(r#"42["pub",{"ch":"c/1","seq":2,"d":{}}]"#);
        assert!(matches!(&publication[0], Inbound::Publication { seq: Some(2), .. }));
        assert_eq!(decode(r#"4312[{"ok":{"top":3}}]"#), vec![Inbound::Answer { id: 12, answer: Ok(json!({"top": 3})) }]);
        let refused = decode(r#"4313[{"err":{"code":"conflict","message":"no"}}]"#);
        assert!(matches!(&refused[0], Inbound::Answer { id: 13, answer: Err(err) } if err.code == "conflict"));
    }

    #[test]
    fn a_request_carries_its_acknowledgement_id() {
        assert_eq!(request(5, "channel.leave", &json!({})), r#"425["request",{"m":"channel.leave","p":{}}]"#);
    }
}
