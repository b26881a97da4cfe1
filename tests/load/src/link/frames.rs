//! Section 1 of the protocol: JSON text frames with a `t`, or an array of them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Bye, Inbound, Refusal};

#[derive(Deserialize)]
#[serde(tag = "t", rename_all = "lowercase")]
enum Frame {
    Res {
        id: u64,
        ok: Option<Value>,
        err: Option<Refusal>,
    },
    Pub {
        ch: String,
        seq: Option<u64>,
        d: Value,
    },
    Hb {
        #[serde(default)]
        top: BTreeMap<String, u64>,
    },
    Bye(Bye),
}

/// The first frame.
pub(super) fn hello(fields: &Value) -> String {
    let mut frame = fields.clone();
    frame["t"] = json!("hello");
    frame.to_string()
}

/// Everything one text message says.
pub(super) fn decode(text: &str) -> Vec<Inbound> {
    match serde_json::from_str(text) {
        Ok(Value::Array(frames)) => frames.into_iter().map(decode_one).collect(),
        Ok(frame) => vec![decode_one(frame)],
        Err(error) => vec![Inbound::Strange(format!("not JSON ({error}): {text}"))],
    }
}

fn decode_one(frame: Value) -> Inbound {
    if frame["t"] == "welcome" {
        return Inbound::Welcome(frame);
    }
    match serde_json::from_value(frame.clone()) {
        Ok(Frame::Res { id, ok: Some(ok), err: None }) => Inbound::Answer { id, answer: Ok(ok) },
        Ok(Frame::Res { id, ok: None, err: Some(err) }) => Inbound::Answer { id, answer: Err(err) },
        Ok(Frame::Pub { ch, seq, d }) => Inbound::Publication { channel: ch, seq, event: d },
        Ok(Frame::Hb { top }) => Inbound::Heartbeat { top },
        Ok(Frame::Bye(bye)) => Inbound::Bye(bye),
        Ok(Frame::Res { .. }) => Inbound::Strange(format!("an answer needs ok or err: {frame}")),
        Err(error) => Inbound::Strange(format!("unknown frame ({error}): {frame}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Inbound, decode};

    #[test]
    fn a_batch_is_decoded_in_order() {
        let batch = json!([
            {"t": "res", "id": 7, "ok": {}},
            {"t": "pub", "ch": "c/1", "seq": 3, "d": {"type": "message.posted"}},
            {"t": "hb", "top": {"c/1": 3}},
        ]);
        let heard = decode(&batch.to_string());
        assert!(matches!(heard[0], Inbound::Answer { id: 7, answer: Ok(_) }));
        assert!(matches!(&heard[1], Inbound::Publication { seq: Some(3), .. }));
        assert!(matches!(&heard[2], Inbound::Heartbeat { top } if top["c/1"] == 3));
    }

    #[test]
    fn a_frame_that_is_not_in_the_protocol_is_strange() {
        assert!(matches!(decode("{")[0], Inbound::Strange(_)));
        assert!(matches!(decode(r#"{"t":"res","id":1}"#)[0], Inbound::Strange(_)));
    }
}
