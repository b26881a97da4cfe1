//! The slots of a Redis Cluster: which one a key is in, and who serves it. Pure.

use redis::Value;

/// How many slots a Cluster has.
pub(super) const SLOTS: u16 = 16_384;

/// Slots in a row that one node serves.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) first: u16,
    pub(super) last: u16,
    /// Empty when the node does not know its own name.
    pub(super) host: String,
    pub(super) port: u16,
}

/// The slot of a key or channel: CRC16 of its hash tag, else of the whole (Redis Cluster Specification, "Hash tags").
pub(super) fn slot_of(key: &[u8]) -> u16 {
    let tag = key.iter().position(|byte| *byte == b'{').and_then(|open| {
        let inner = key.get(open + 1..)?;
        let close = inner.iter().position(|byte| *byte == b'}')?;
        inner.get(..close).filter(|tag| !tag.is_empty())
    });
    crc16(tag.unwrap_or(key)) % SLOTS
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        let mixed = crc ^ (u16::from(*byte) << 8);
        (0..8).fold(mixed, |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 })
    })
}

/// Reads the answer to `CLUSTER SLOTS`: the first node of each range is the one that takes writes.
pub(super) fn ranges(answer: &Value) -> Option<Vec<Range>> {
    let Value::Array(ranges) = answer else { return None };
    ranges.iter().map(range).collect()
}

fn range(of: &Value) -> Option<Range> {
    let Value::Array(fields) = of else { return None };
    let Value::Array(node) = fields.get(2)? else { return None };
    let host = match node.first()? {
        Value::BulkString(host) => String::from_utf8_lossy(host).replace('?', ""),
        _ => String::new(),
    };
    Some(Range { first: number(fields.first()?)?, last: number(fields.get(1)?)?, host, port: number(node.get(1)?)? })
}

fn number(of: &Value) -> Option<u16> {
    match of {
        Value::Int(number) => u16::try_from(*number).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_those_of_the_specification() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
        assert_eq!(slot_of(b"foo"), 12_182);
        assert_eq!(slot_of(b"{user1000}.following"), slot_of(b"user1000"));
        assert_eq!(slot_of(b"foo{}{bar}"), crc16(b"foo{}{bar}") % SLOTS, "an empty tag is none");
    }

    #[test]
    fn ranges_are_read_with_the_node_that_takes_writes() {
        let node =
            |host: &str, port| Value::Array(vec![Value::BulkString(host.into()), Value::Int(port), Value::BulkString(b"id".to_vec())]);
        let answer = Value::Array(vec![Value::Array(vec![Value::Int(0), Value::Int(99), node("10.0.0.1", 7000), node("10.0.0.2", 7001)])]);
        assert_eq!(ranges(&answer), Some(vec![Range { first: 0, last: 99, host: "10.0.0.1".to_owned(), port: 7000 }]));
        assert_eq!(ranges(&Value::Okay), None);
    }
}
