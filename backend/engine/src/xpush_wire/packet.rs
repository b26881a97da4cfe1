//! The text of Socket.IO packets, as all generations of clients write and read it; what Engine.IO puts in front is not here. Pure.

use serde::Serialize;

/// Which Socket.IO a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Over Engine.IO 3: libraries 1.x and 2.x. The server connects the namespace `/` unasked.
    Old,
    /// Over Engine.IO 4: libraries 3.x and 4.x.
    New,
}

/// What a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Connect,
    Disconnect,
    Event,
    /// An answer to a question that the server never asks.
    Ack,
    /// A client's error, which means nothing here.
    Error,
    /// Carries attachments, which are not taken.
    Binary,
}

/// A packet of a client.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Packet<'a> {
    pub(super) kind: Kind,
    pub(super) namespace: &'a str,
    /// Behind the namespace's `?`.
    pub(super) query: &'a str,
    /// The number of the acknowledgement that is waited for.
    pub(super) id: Option<u64>,
    /// JSON, or nothing.
    pub(super) data: &'a str,
}

/// Reads a packet; `None` where it is none.
pub(super) fn parse(text: &str) -> Option<Packet<'_>> {
    let kind = match text.bytes().next()? {
        b'0' => Kind::Connect,
        b'1' => Kind::Disconnect,
        b'2' => Kind::Event,
        b'3' => Kind::Ack,
        b'4' => Kind::Error,
        b'5' | b'6' => Kind::Binary,
        _ => return None,
    };
    let rest = text.get(1..)?;
    if kind == Kind::Binary {
        return Some(Packet { kind, namespace: "/", query: "", id: None, data: "" });
    }
    let (address, rest) = if rest.starts_with('/') { rest.split_once(',').unwrap_or((rest, "")) } else { ("/", rest) };
    let (namespace, query) = address.split_once('?').unwrap_or((address, ""));
    let digits = rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let (id, data) = rest.split_at(digits);
    let id = if id.is_empty() { None } else { Some(id.parse().ok()?) };
    Some(Packet { kind, namespace, query, id, data })
}

/// The namespace as it stands in a packet that goes on after it.
fn prefix(namespace: &str) -> String {
    if namespace == "/" { String::new() } else { format!("{namespace},") }
}

/// A namespace is connected. New clients take their id from it.
pub(super) fn connected(dialect: Dialect, namespace: &str, id: &str) -> String {
    match dialect {
        Dialect::Old if namespace == "/" => "0".to_owned(),
        Dialect::Old => format!("0{namespace}"),
        Dialect::New => format!("0{}{}", prefix(namespace), json(&serde_json::json!({ "sid": id }))),
    }
}

/// A namespace is refused.
pub(super) fn refused(dialect: Dialect, namespace: &str, why: &str) -> String {
    let why = match dialect {
        Dialect::Old => json(&why),
        Dialect::New => json(&serde_json::json!({ "message": why })),
    };
    format!("4{}{why}", prefix(namespace))
}

/// A namespace is disconnected by the server.
pub(super) fn disconnected(namespace: &str) -> String {
    format!("1{namespace}")
}

/// An event; `array` is its name and its arguments, as JSON.
pub(super) fn event(namespace: &str, array: &str) -> String {
    format!("2{}{array}", prefix(namespace))
}

/// The answer to an event that waits for one.
pub(super) fn ack(namespace: &str, id: u64, answer: &impl Serialize) -> String {
    format!("3{}{id}{}", prefix(namespace), json(&[answer]))
}

/// JSON in ASCII. Libraries before 2.0 take what is polled for UTF-8 that was encoded twice, and garble everything else.
pub(super) fn ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len() * 2);
    for letter in text.chars() {
        if letter.is_ascii() {
            plain.push(letter);
        } else {
            let mut units = [0; 2];
            plain.extend(letter.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    plain
}

/// What such a library has polled was encoded twice; `None` where it was not.
pub(super) fn encoded_once(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> = text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect();
    String::from_utf8(bytes?).ok()
}

pub(super) fn json(value: &impl Serialize) -> String {
    // Values that are JSON already cannot fail to encode.
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn packets_of_every_generation_are_read() {
        let packet = |kind, namespace, query, id, data| Some(Packet { kind, namespace, query, id, data });
        assert_eq!(parse("0/channel"), packet(Kind::Connect, "/channel", "", None, ""));
        assert_eq!(parse("0/channel?A=demo&C=a%2Cb"), packet(Kind::Connect, "/channel", "A=demo&C=a%2Cb", None, ""));
        assert_eq!(parse("0/channel,{\"TK\":\"x\"}"), packet(Kind::Connect, "/channel", "", None, "{\"TK\":\"x\"}"));
        assert_eq!(parse("0"), packet(Kind::Connect, "/", "", None, ""));
        assert_eq!(parse("2/channel,17[\"send\",{}]"), packet(Kind::Event, "/channel", "", Some(17), "[\"send\",{}]"));
        assert_eq!(parse("2[\"x\"]"), packet(Kind::Event, "/", "", None, "[\"x\"]"));
        assert_eq!(parse("1/channel"), packet(Kind::Disconnect, "/channel", "", None, ""));
        assert_eq!(parse("51-/channel,[\"send\"]").unwrap().kind, Kind::Binary);
        for none in ["", "9", "x", "2/channel,99999999999999999999[]", "방"] {
            assert_eq!(parse(none), None, "{none}");
        }
    }

    #[test]
    fn what_old_libraries_poll_survives() {
        assert_eq!(ascii(r#"2/channel,["방😀",1]"#), r#"2/channel,["\ubc29\ud83d\ude00",1]"#);
        assert_eq!(encoded_once("\u{eb}\u{b0}\u{a9}").as_deref(), Some("방"));
        for once in ["plain", "방", "caf\u{e9}"] {
            assert_eq!(encoded_once(once), None, "{once}");
        }
    }

    #[test]
    fn packets_are_written_as_each_generation_reads_them() {
        assert_eq!(connected(Dialect::Old, "/", "s"), "0");
        assert_eq!(connected(Dialect::Old, "/channel", "s"), "0/channel");
        assert_eq!(connected(Dialect::New, "/channel", "/channel#s"), "0/channel,{\"sid\":\"/channel#s\"}");
        assert_eq!(connected(Dialect::New, "/", "s"), "0{\"sid\":\"s\"}");
        assert_eq!(refused(Dialect::Old, "/nosuch", "Invalid namespace"), "4/nosuch,\"Invalid namespace\"");
        assert_eq!(refused(Dialect::New, "/nosuch", "Invalid namespace"), "4/nosuch,{\"message\":\"Invalid namespace\"}");
        assert_eq!(event("/channel", "[\"message\",1]"), "2/channel,[\"message\",1]");
        assert_eq!(ack("/channel", 3, &json!({"status": "ok"})), "3/channel,3[{\"status\":\"ok\"}]");
        assert_eq!(disconnected("/channel"), "1/channel");
    }
}
