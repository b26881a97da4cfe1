//! Bytes on the wire: WebSocket frames (RFC 6455, as a client without extensions) and the two dialects that are spoken in them.
//! Written by hand because a client library costs more per frame than a server does, and the client must not be the bottleneck.

/// Text, close, ping and pong; nothing else is expected.
pub const TEXT: u8 = 1;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;

/// How a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The engine's own JSON frames.
    Frames,
    /// Socket.IO 5 over Engine.IO 4.
    SocketIo,
}

/// A frame found at the beginning of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    pub opcode: u8,
    pub payload: &'a [u8],
    /// How many bytes it took.
    pub length: usize,
}

/// The frame at the beginning of `bytes`: `Ok(None)` while it is not whole, `Err` for what these servers never send.
pub fn read(bytes: &[u8]) -> Result<Option<Frame<'_>>, &'static str> {
    let [first, second, ..] = *bytes else { return Ok(None) };
    if first & 0xf0 != 0x80 {
        return Err("a fragment, or a frame with reserved bits");
    }
    let (from, length): (usize, usize) = match second {
        126 => match bytes.get(2..4).and_then(|bytes| <[u8; 2]>::try_from(bytes).ok()) {
            Some(length) => (4, u16::from_be_bytes(length).into()),
            None => return Ok(None),
        },
        127 => match bytes.get(2..10).and_then(|bytes| <[u8; 8]>::try_from(bytes).ok()) {
            Some(length) => (10, usize::try_from(u64::from_be_bytes(length)).map_err(|_| "a frame beyond memory")?),
            None => return Ok(None),
        },
        short if short < 126 => (2, usize::from(short)),
        _ => return Err("a masked frame from a server"),
    };
    let Some(payload) = bytes.get(from..from.saturating_add(length)) else { return Ok(None) };
    Ok(Some(Frame { opcode: first & 0x0f, payload, length: from + length }))
}

/// Appends a client's frame. Its mask is zero, which is allowed and leaves the payload as it is.
pub fn write(opcode: u8, payload: &[u8], out: &mut Vec<u8>) {
    // The high bit of the second byte says that there is a mask.
    out.push(0x80 | opcode);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(short), _) if short < 126 => out.push(0x80 | short),
        (_, Ok(medium)) => {
            out.push(0xfe);
            out.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            out.push(0xff);
            out.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(payload);
}

/// The request that opens a WebSocket.
pub fn upgrade(dialect: Dialect, host: &str, origin: &str) -> String {
    let path = match dialect {
        Dialect::Frames => "/ws",
        Dialect::SocketIo => "/socket.io/?EIO=4&transport=websocket",
    };
    let key = "c3RhbGstbG9hZC1iZW5jaA==";
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nUser-Agent: stalk-load\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    )
}

/// A request of the protocol; `params` is JSON.
pub fn request(dialect: Dialect, id: u64, method: &str, params: &str) -> String {
    match dialect {
        Dialect::Frames => format!(r#"{{"t":"req","id":{id},"m":"{method}","p":{params}}}"#),
        Dialect::SocketIo => format!(r#"42{id}["request",{{"m":"{method}","p":{params}}}]"#),
    }
}

/// The number of the request that this text answers, and whether the answer is `ok`.
pub fn answer(dialect: Dialect, text: &[u8]) -> Option<(u64, bool)> {
    let before: &[u8] = match dialect {
        Dialect::Frames => br#"{"t":"res","id":"#,
        Dialect::SocketIo => b"43",
    };
    let rest = text.strip_prefix(before)?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let id = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
    let body = &rest[digits..];
    let is_ok = body.starts_with(br#","ok":"#) || body.starts_with(br#"[{"ok":"#);
    Some((id, is_ok))
}

/// The text of a field that holds no escapes, such as a ticket.
pub fn field<'a>(text: &'a [u8], name: &str) -> Option<&'a str> {
    let text = std::str::from_utf8(text).ok()?;
    let from = text.find(&format!(r#""{name}":""#))? + name.len() + 4;
    let length = text[from..].find('"')?;
    Some(&text[from..from + length])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_every_length_are_read_and_a_part_of_one_is_waited_for() {
        for length in [0, 125, 126, 65_535, 65_536] {
            let payload = vec![b'x'; length];
            let mut sent = Vec::new();
            write(TEXT, &payload, &mut sent);
            // As a server would send it: without mask.
            let head = sent.len() - length - 4;
            sent.drain(head..head + 4);
            sent[1] &= 0x7f;
            assert_eq!(read(&sent), Ok(Some(Frame { opcode: TEXT, payload: &payload, length: sent.len() })));
            assert_eq!(read(&sent[..sent.len() - 1]), Ok(None));
        }
        assert!(read(&[0x01, 0]).is_err(), "a fragment");
    }

    #[test]
    fn answers_carry_the_number_of_their_request_in_both_dialects() {
        assert_eq!(answer(Dialect::Frames, br#"{"t":"res","id":17,"ok":{}}"#), Some((17, true)));
        assert_eq!(answer(Dialect::Frames, br#"{"t":"res","id":3,"err":{}}"#), Some((3, false)));
        assert_eq!(answer(Dialect::SocketIo, br#"435[{"ok":{}}]"#), Some((5, true)));
        assert_eq!(answer(Dialect::Frames, br#"{"t":"pub"}"#), None);
    }

    #[test]
    fn a_field_is_found_by_its_name() {
        assert_eq!(field(br#"{"v":1,"ticket":"abc.def","x":1}"#, "ticket"), Some("abc.def"));
        assert_eq!(field(br#"{"ticket":null}"#, "ticket"), None);
    }
}
