//! WebSocket frames (RFC 6455) of a server without extensions: what clients send, taken apart, and what they are sent, put together. Pure: bytes in, bytes out.
//!
//! Of our own because a frame for a thousand members is put together once and its bytes are shared, which libraries copy for each of them, and because a
//! connection that is silent keeps no buffer.

use bytes::{BufMut, Bytes};
use serde::Serialize;

/// The longest head of a server's frame.
const HEAD: usize = 10;
/// The longest payload of a control frame.
const CONTROL: usize = 125;

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// What a client said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// A whole text.
    Text(String),
    /// Something that is not text.
    Binary,
    /// Wants this back.
    Ping(Vec<u8>),
    /// Is there.
    Pong,
    /// Says goodbye; nothing follows.
    Close,
}

/// Why nothing more can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// A message beyond the limit.
    TooLarge,
    /// This is not a client's WebSocket.
    Protocol(&'static str),
}

/// Takes apart what a client sends, in pieces of any size.
#[derive(Debug)]
pub(crate) struct Reader {
    limit: usize,
    /// What was read and not taken apart; empty, without memory, while nothing is under way.
    bytes: Vec<u8>,
    /// Fragments of a message: what it is, and its bytes so far.
    begun: Option<(u8, Vec<u8>)>,
}

struct Head {
    last: bool,
    opcode: u8,
    mask: [u8; 4],
    /// Where the payload begins and ends.
    from: usize,
    to: usize,
}

impl Reader {
    /// Nothing read; a message may have `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, bytes: Vec::new(), begun: None }
    }

    /// Takes what was read.
    pub(crate) fn push(&mut self, read: &[u8]) {
        self.bytes.extend_from_slice(read);
    }

    /// The next whole message.
    pub(crate) fn next(&mut self) -> Result<Option<Message>, Broken> {
        while let Some(head) = self.head()? {
            let mut payload = self.bytes[head.from..head.to].to_vec();
            for (byte, mask) in payload.iter_mut().zip(head.mask.iter().cycle()) {
                *byte ^= mask;
            }
            if head.to == self.bytes.len() {
                self.bytes = Vec::new();
            } else {
                self.bytes.drain(..head.to);
            }
            if let Some(message) = self.take(&head, payload)? {
                return Ok(Some(message));
            }
        }
        Ok(None)
    }

    /// The head of a frame that is there as a whole.
    fn head(&self) -> Result<Option<Head>, Broken> {
        let [first, second, ref rest @ ..] = self.bytes[..] else { return Ok(None) };
        let (last, opcode) = (first & 0x80 != 0, first & 0x0f);
        if first & 0x70 != 0 {
            return Err(Broken::Protocol("a frame of an extension that was not agreed on"));
        }
        if second & 0x80 == 0 {
            return Err(Broken::Protocol("a client's frame is masked"));
        }
        let (extra, length) = match second & 0x7f {
            126 => (2, rest.first_chunk().map(|length| u64::from(u16::from_be_bytes(*length)))),
            127 => (8, rest.first_chunk().map(|length| u64::from_be_bytes(*length))),
            short => (0, Some(u64::from(short))),
        };
        let Some(length) = length else { return Ok(None) };
        // Beyond memory is beyond every limit.
        let length = usize::try_from(length).map_err(|_| Broken::TooLarge)?;
        match opcode {
            CONTINUATION | TEXT | BINARY => {
                let before = self.begun.as_ref().map_or(0, |(_, begun)| begun.len());
                if length > self.limit.saturating_sub(before) {
                    return Err(Broken::TooLarge);
                }
                if (opcode == CONTINUATION) != self.begun.is_some() {
                    return Err(Broken::Protocol("a fragment out of order"));
                }
            }
            CLOSE | PING | PONG if last && length <= CONTROL => {}
            _ => return Err(Broken::Protocol("a control frame that is unknown, long or in fragments")),
        }
        let from = 2 + extra + 4;
        let Some(mask) = rest.get(extra..).and_then(<[u8]>::first_chunk).copied() else { return Ok(None) };
        let to = from + length;
        Ok((self.bytes.len() >= to).then_some(Head { last, opcode, mask, from, to }))
    }

    fn take(&mut self, head: &Head, payload: Vec<u8>) -> Result<Option<Message>, Broken> {
        match head.opcode {
            CLOSE => return Ok(Some(Message::Close)),
            PING => return Ok(Some(Message::Ping(payload))),
            PONG => return Ok(Some(Message::Pong)),
            _ => {}
        }
        let (opcode, whole) = match self.begun.take() {
            None => (head.opcode, payload),
            Some((opcode, mut begun)) => {
                begun.extend_from_slice(&payload);
                (opcode, begun)
            }
        };
        if !head.last {
            self.begun = Some((opcode, whole));
            return Ok(None);
        }
        if opcode == BINARY {
            return Ok(Some(Message::Binary));
        }
        String::from_utf8(whole).map(|text| Some(Message::Text(text))).map_err(|_| Broken::Protocol("a text that is not UTF-8"))
    }
}

/// A text frame with this as JSON.
pub(crate) fn json(data: &impl Serialize) -> Bytes {
    let mut bytes = vec![0; HEAD];
    if serde_json::to_writer(&mut bytes, data).is_err() {
        // Maps with text keys and values that are JSON already cannot fail to encode; an empty array is what a client drops.
        bytes.truncate(HEAD);
        bytes.extend_from_slice(b"[]");
    }
    behind_head(TEXT, bytes)
}

/// What answers a ping.
pub(crate) fn pong(payload: &[u8]) -> Bytes {
    control(PONG, payload)
}

/// Says goodbye, and why.
pub(crate) fn close(code: u16, reason: &str) -> Bytes {
    let mut payload = code.to_be_bytes().to_vec();
    payload.extend_from_slice(reason.as_bytes());
    control(CLOSE, &payload)
}

fn control(opcode: u8, payload: &[u8]) -> Bytes {
    let mut bytes = vec![0; HEAD];
    bytes.extend_from_slice(&payload[..payload.len().min(CONTROL)]);
    behind_head(opcode, bytes)
}

/// Writes the head of a frame in front of its payload, which begins behind the room for the longest.
fn behind_head(opcode: u8, mut bytes: Vec<u8>) -> Bytes {
    let length = bytes.len() - HEAD;
    let mut head = Vec::with_capacity(HEAD);
    head.put_u8(0x80 | opcode);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if usize::from(short) <= CONTROL => head.put_u8(short),
        (_, Ok(medium)) => {
            head.put_u8(126);
            head.put_u16(medium);
        }
        _ => {
            head.put_u8(127);
            head.put_u64(length as u64);
        }
    }
    let from = HEAD - head.len();
    bytes[from..HEAD].copy_from_slice(&head);
    Bytes::from(bytes).slice(from..)
}

#[cfg(test)]
#[path = "codec_tests.rs"]
mod tests;
