//! What is written into the messages of a bench, so that whoever receives one knows which it is and when it was sent: `@number:microseconds@`,
//! then filling. The same bytes reach thousands of members, so what stands in them is read once and recognised afterwards.

/// Payloads that are remembered. A few are under way at a time.
const REMEMBERED: usize = 8;

/// One message found in a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub number: u64,
    /// On the generator's clock.
    pub sent_us: u64,
}

/// A message's text of `length` bytes.
pub fn text(mark: Mark, length: usize) -> String {
    let mut text = format!("@{}:{}@", mark.number, mark.sent_us);
    text.extend(std::iter::repeat_n('x', length.saturating_sub(text.len())));
    text
}

#[derive(Debug, Default)]
struct Seen {
    payload: Vec<u8>,
    marks: Vec<Mark>,
}

/// Finds marks in payloads.
#[derive(Debug)]
pub struct Reader {
    seen: Vec<Seen>,
    next: usize,
}

impl Default for Reader {
    fn default() -> Self {
        Self { seen: (0..REMEMBERED).map(|_| Seen::default()).collect(), next: 0 }
    }
}

impl Reader {
    /// The marks of a payload, in order.
    pub fn marks(&mut self, payload: &[u8]) -> &[Mark] {
        let known = self.seen.iter().position(|seen| seen.payload == payload);
        let index = known.unwrap_or_else(|| {
            self.next = (self.next + 1) % self.seen.len();
            let seen = &mut self.seen[self.next];
            seen.payload.clear();
            seen.payload.extend_from_slice(payload);
            find(payload, &mut seen.marks);
            self.next
        });
        &self.seen[index].marks
    }
}

fn find(payload: &[u8], marks: &mut Vec<Mark>) {
    marks.clear();
    let mut rest = payload;
    while let Some(at) = rest.iter().position(|byte| *byte == b'@') {
        rest = &rest[at + 1..];
        let Some((number, after)) = number(rest, b':') else { continue };
        let Some((sent_us, after)) = self::number(after, b'@') else { continue };
        marks.push(Mark { number, sent_us });
        rest = after;
    }
}

/// The digits before `end`, and what follows it.
fn number(bytes: &[u8], end: u8) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().enumerate().take(20) {
        match byte {
            b'0'..=b'9' => value = value.wrapping_mul(10).wrapping_add(u64::from(byte - b'0')),
            byte if *byte == end && index > 0 => return Some((value, &bytes[index + 1..])),
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_marked_is_found_in_any_wrapping_and_again() {
        let marks = [Mark { number: 1, sent_us: 20 }, Mark { number: 2, sent_us: 30 }];
        let payload = format!(r#"["a@b.example","{}","{}"]"#, text(marks[0], 50), text(marks[1], 50));
        let mut reader = Reader::default();
        assert_eq!(reader.marks(payload.as_bytes()), marks);
        assert_eq!(reader.marks(b"nothing @ here@1:@"), []);
        assert_eq!(reader.marks(payload.as_bytes()), marks);
        assert_eq!(text(marks[0], 50).len(), 50);
    }
}
