//! Every history of frames is read alike, however it is cut; what is not a client's frame is refused by name.

use proptest::prelude::*;

use super::*;

const LIMIT: usize = 70_000;

/// As a client sends it.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [7, 0, 255, 31];
    let mut bytes = vec![first];
    match payload.len() {
        short if short < 126 => bytes.push(0x80 | u8::try_from(short).unwrap()),
        medium if medium <= 0xffff => {
            bytes.push(0xfe);
            bytes.put_u16(medium.try_into().unwrap());
        }
        long => {
            bytes.push(0xff);
            bytes.put_u64(long as u64);
        }
    }
    bytes.extend_from_slice(&mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

fn read_all(bytes: &[u8], cuts: &[usize]) -> Result<Vec<Message>, Broken> {
    let (mut reader, mut messages, mut rest) = (Reader::new(LIMIT), Vec::new(), bytes);
    let mut cuts = cuts.iter().copied().cycle();
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(cuts.next().unwrap_or(1).clamp(1, rest.len()));
        rest = behind;
        reader.push(piece);
        while let Some(message) = reader.next()? {
            messages.push(message);
        }
    }
    assert!(reader.bytes.is_empty() && reader.bytes.capacity() == 0, "a silent connection keeps no buffer");
    Ok(messages)
}

fn read(bytes: &[u8]) -> Result<Vec<Message>, Broken> {
    read_all(bytes, &[bytes.len()])
}

/// What a client says, and its frames.
fn spoken() -> impl Strategy<Value = (Message, Vec<u8>)> {
    let fragments = (".{0,200}", 1..60_usize).prop_map(|(text, size)| {
        let pieces: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
        let mut bytes = Vec::new();
        for (index, piece) in pieces.iter().enumerate() {
            let opcode = if index == 0 { TEXT } else { CONTINUATION };
            bytes.extend(frame(if index + 1 == pieces.len() { 0x80 | opcode } else { opcode }, piece));
        }
        if pieces.is_empty() {
            bytes = frame(0x80 | TEXT, b"");
        }
        (Message::Text(text), bytes)
    });
    prop_oneof![
        fragments,
        (0..LIMIT).prop_map(|length| {
            let text = "x".repeat(length);
            let bytes = frame(0x80 | TEXT, text.as_bytes());
            (Message::Text(text), bytes)
        }),
        prop::collection::vec(any::<u8>(), 0..126).prop_map(|payload| {
            let bytes = frame(0x80 | PING, &payload);
            (Message::Ping(payload), bytes)
        }),
        any::<bool>().prop_map(|is_pong| {
            if is_pong { (Message::Pong, frame(0x80 | PONG, b"x")) } else { (Message::Binary, frame(0x80 | BINARY, &[0, 159])) }
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn however_it_is_cut_the_same_is_read(said in prop::collection::vec(spoken(), 1..6), cuts in prop::collection::vec(1..5_000_usize, 1..8)) {
        let bytes: Vec<u8> = said.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
        let messages: Vec<Message> = said.into_iter().map(|(message, _)| message).collect();
        prop_assert_eq!(read_all(&bytes, &cuts), Ok(messages));
    }

    #[test]
    fn whatever_comes_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut reader = Reader::new(LIMIT);
        reader.push(&bytes);
        while let Ok(Some(_)) = reader.next() {}
    }
}

#[test]
fn a_ping_may_stand_between_fragments() {
    let bytes = [frame(TEXT, b"to"), frame(0x80 | PING, b"?"), frame(0x80, b"gether")].concat();
    assert_eq!(read(&bytes), Ok(vec![Message::Ping(b"?".to_vec()), Message::Text("together".to_owned())]));
}

#[test]
fn what_is_no_clients_frame_is_refused() {
    let refused = |bytes: &[u8]| matches!(read(bytes), Err(Broken::Protocol(_)));
    assert!(refused(&[0x81, 0x01, b'x']), "not masked");
    assert!(refused(&frame(0xc1, b"x")), "a reserved bit");
    assert!(refused(&frame(0x80, b"x")), "a fragment of nothing");
    assert!(refused(&[frame(TEXT, b"x"), frame(0x80 | TEXT, b"y")].concat()), "a text within another");
    assert!(refused(&frame(PING, b"")), "a ping in fragments");
    assert!(refused(&frame(0x80 | PING, &[0; 126])), "a long ping");
    assert!(refused(&frame(0x80 | 3, b"")), "an unknown kind");
    assert!(refused(&frame(0x80 | TEXT, &[0xff])), "no UTF-8");
}

#[test]
fn a_message_over_the_limit_is_refused_by_its_head() {
    let whole = frame(0x80 | TEXT, &vec![b'x'; LIMIT + 1]);
    let mut reader = Reader::new(LIMIT);
    reader.push(&whole[..10]);
    assert_eq!(reader.next(), Err(Broken::TooLarge));
    let fragments = [frame(TEXT, &vec![b'x'; LIMIT]), frame(0x80, b"x")].concat();
    assert_eq!(read(&fragments), Err(Broken::TooLarge));
    let mut endless = vec![0x81, 0xff];
    endless.extend_from_slice(&[0xff; 12]);
    assert_eq!(read(&endless), Err(Broken::TooLarge));
}

#[test]
fn what_is_sent_has_the_shortest_head() {
    for (length, head) in [(0, 2), (123, 2), (124, 4), (65_533, 4), (65_534, 10)] {
        // With its quotation marks.
        assert_eq!(json(&"x".repeat(length)).len(), head + length + 2);
    }
    assert_eq!(&json(&true)[..], b"\x81\x04true");
    assert_eq!(&close(4004, "bye")[..], b"\x88\x05\x0f\xa4bye");
    assert_eq!(&pong(b"?")[..], b"\x8a\x01?");
}
