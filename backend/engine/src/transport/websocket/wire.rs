//! A WebSocket over a byte stream: messages in, frames out. It keeps no buffer for reading, and one for writing only while the client is behind.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::codec::{self, Broken, Message, Reader};

/// Read at once, on the stack.
const SIP: usize = 4 * 1024;
/// Frames handed to the system at once.
const VECTOR: usize = 32;

/// What was received.
#[derive(Debug)]
pub(super) enum Received {
    Message(Message),
    /// Nothing more can be understood.
    Broken(Broken),
    /// The stream is over.
    Gone,
}

/// See the module.
pub(super) struct Wire<S> {
    stream: S,
    reader: Reader,
    unsent: VecDeque<Bytes>,
    /// What answers the last ping or the goodbye; only the last counts. It goes before the next frame that is not begun.
    answer: Option<Bytes>,
    /// A part of the first of `unsent` is written.
    is_begun: bool,
    /// The last frame was given: nothing is answered behind it.
    is_over: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// A connection whose handshake is done.
    pub(super) fn new(stream: S, limit: usize) -> Self {
        Self { stream, reader: Reader::new(limit), unsent: VecDeque::new(), answer: None, is_begun: false, is_over: false }
    }

    /// The next message. Pings and goodbyes are answered, and told too. Nothing is lost when this is dropped.
    pub(super) async fn receive(&mut self) -> Received {
        poll_fn(|context| self.poll_receive(context)).await
    }

    /// Writes these behind what is not written yet, and returns when all of it is. When this is dropped, the rest waits for the next.
    pub(super) async fn send(&mut self, frames: impl IntoIterator<Item = Bytes>) -> io::Result<()> {
        self.unsent.extend(frames);
        poll_fn(|context| self.poll_send(context)).await
    }

    /// The last frames.
    pub(super) async fn send_last(&mut self, frames: impl IntoIterator<Item = Bytes>) -> io::Result<()> {
        (self.is_over, self.answer) = (true, None);
        self.send(frames).await
    }

    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<Received> {
        loop {
            if self.answer.is_some() {
                // Whether it goes out or not: what was said before the stream broke is still told.
                let _gone_or_later = self.poll_send(context);
            }
            match self.reader.next() {
                Ok(Some(message)) => {
                    match &message {
                        Message::Ping(payload) if !self.is_over => self.answer = Some(codec::pong(payload)),
                        Message::Close if !self.is_over => self.answer = Some(codec::close(1000, "")),
                        _ => {}
                    }
                    if self.answer.is_some() {
                        let _gone_or_later = self.poll_send(context);
                    }
                    return Poll::Ready(Received::Message(message));
                }
                Ok(None) => {}
                Err(broken) => return Poll::Ready(Received::Broken(broken)),
            }
            let mut sip = [MaybeUninit::uninit(); SIP];
            let mut read = ReadBuf::uninit(&mut sip);
            match ready!(Pin::new(&mut self.stream).poll_read(context, &mut read)) {
                Ok(()) if !read.filled().is_empty() => self.reader.push(read.filled()),
                Ok(()) | Err(_) => return Poll::Ready(Received::Gone),
            }
        }
    }

    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            if !self.is_begun
                && let Some(answer) = self.answer.take()
            {
                self.unsent.push_front(answer);
            }
            if self.unsent.is_empty() {
                // The memory of a client that was behind goes too.
                self.unsent = VecDeque::new();
                return Pin::new(&mut self.stream).poll_flush(context);
            }
            let mut slices = [IoSlice::new(&[]); VECTOR];
            for (slice, frame) in slices.iter_mut().zip(&self.unsent) {
                *slice = IoSlice::new(frame);
            }
            let many = self.unsent.len().min(VECTOR);
            let stream = Pin::new(&mut self.stream);
            let written = match &slices[..many] {
                [one] => ready!(stream.poll_write(context, one))?,
                several => ready!(stream.poll_write_vectored(context, several))?,
            };
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.forget(written);
        }
    }

    /// Forgets what is written.
    fn forget(&mut self, mut written: usize) {
        while let Some(first) = self.unsent.front_mut() {
            if written < first.len() {
                first.advance(written);
                self.is_begun |= written > 0;
                return;
            }
            written -= first.len();
            self.is_begun = false;
            self.unsent.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{SinkExt, StreamExt};
    use tokio::io::{DuplexStream, duplex};
    use tokio_tungstenite::WebSocketStream;
    use tokio_tungstenite::tungstenite::Message as Theirs;
    use tokio_tungstenite::tungstenite::protocol::Role;

    use super::*;

    /// Ours, and a client that others wrote; between them are pipes of this size.
    async fn pair(size: usize) -> (Wire<DuplexStream>, WebSocketStream<DuplexStream>) {
        let (ours, theirs) = duplex(size);
        (Wire::new(ours, 100_000), WebSocketStream::from_raw_socket(theirs, Role::Client, None).await)
    }

    fn text(frame: &str) -> Bytes {
        codec::json(&frame)
    }

    #[tokio::test]
    async fn frames_of_every_size_arrive_whole_and_in_order_through_a_narrow_pipe() {
        let (mut ours, mut theirs) = pair(100).await;
        let said: Vec<String> = [0, 1, 90, 500, 70_000, 3].into_iter().map(|length| "x".repeat(length)).collect();
        let frames: Vec<Bytes> = said.iter().map(|one| text(one)).collect();
        let hearing = async {
            let mut heard = Vec::new();
            for _ in 0..said.len() {
                heard.push(theirs.next().await.unwrap().unwrap().into_text().unwrap().trim_matches('"').to_owned());
            }
            heard
        };
        let (sent, heard) = tokio::join!(ours.send(frames), hearing);
        sent.unwrap();
        assert_eq!(heard, said);
        assert_eq!(ours.unsent.capacity(), 0);
    }

    #[tokio::test]
    async fn a_ping_is_answered_while_a_frame_is_half_written_but_not_within_it() {
        let (mut ours, mut theirs) = pair(100).await;
        theirs.send(Theirs::Ping("?".into())).await.unwrap();
        let long = "x".repeat(1_000);
        // The pipe is full after a part of it.
        assert!(futures_util::poll!(std::pin::pin!(ours.send([text(&long)]))).is_pending());
        assert!(matches!(ours.receive().await, Received::Message(Message::Ping(payload)) if payload == b"?"));
        let hearing = async { (theirs.next().await.unwrap().unwrap(), theirs.next().await.unwrap().unwrap()) };
        let (sent, (first, second)) = tokio::join!(ours.send([]), hearing);
        sent.unwrap();
        assert_eq!(first.into_text().unwrap().len(), long.len() + 2);
        assert_eq!(second, Theirs::Pong("?".into()));
    }

    #[tokio::test]
    async fn a_goodbye_is_told_although_nobody_is_there_for_the_answer() {
        let (mut ours, mut theirs) = pair(1_000).await;
        theirs.send(Theirs::Close(None)).await.unwrap();
        drop(theirs);
        assert!(matches!(ours.receive().await, Received::Message(Message::Close)));
        assert!(matches!(ours.receive().await, Received::Gone));
    }

    #[tokio::test]
    async fn a_goodbye_is_told_and_answered() {
        let (mut ours, mut theirs) = pair(1_000).await;
        theirs.send(Theirs::Text("one".into())).await.unwrap();
        theirs.close(None).await.unwrap();
        assert!(matches!(ours.receive().await, Received::Message(Message::Text(text)) if text == "one"));
        assert!(matches!(ours.receive().await, Received::Message(Message::Close)));
        assert!(theirs.next().await.unwrap().unwrap().is_close());
        drop(theirs);
        assert!(matches!(ours.receive().await, Received::Gone));
    }
}
