//! A connection between a client and a node: two pipes of bytes with a latency and little room, that can stand still or break. What is under
//! way when a line stands still arrives when it goes on; what is under way when it breaks is lost.

use std::collections::VecDeque;
use std::io::{Error, ErrorKind, Result};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// Bytes that may be under way in one direction.
const ROOM: usize = 4 * 1024;

#[derive(Default)]
struct Pipe {
    chunks: VecDeque<(Instant, Bytes)>,
    queued: usize,
    /// The writing side has closed it.
    closed: bool,
    /// The reading side is gone.
    abandoned: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

#[derive(Default)]
struct State {
    /// To the node, and from it.
    pipes: [Pipe; 2],
    still: bool,
    broken: bool,
    /// It stands still for ever.
    lost: bool,
}

impl State {
    fn wake(&mut self) {
        for pipe in &mut self.pipes {
            pipe.reader.take().into_iter().chain(pipe.writer.take()).for_each(Waker::wake);
        }
    }
}

/// What the network can do to a connection.
pub(crate) struct Line {
    state: Mutex<State>,
    latency: Duration,
}

/// One side of a line.
pub(crate) struct End {
    line: Arc<Line>,
    /// 0 is the client's, 1 the node's.
    side: usize,
    due: Pin<Box<Sleep>>,
}

impl Line {
    /// A line, the client's end and the node's.
    pub(crate) fn new(latency: Duration) -> (Arc<Self>, End, End) {
        let line = Arc::new(Self { state: Mutex::default(), latency });
        let [client, node] = [0, 1].map(|side| End { line: Arc::clone(&line), side, due: Box::pin(sleep_until(Instant::now())) });
        (line, client, node)
    }

    /// Both sides hear that the connection is reset.
    pub(crate) fn cut(&self) {
        let mut state = self.state.lock().unwrap();
        state.broken = true;
        state.wake();
    }

    /// Nothing arrives any more, and neither side hears why.
    pub(crate) fn lose(&self) {
        let mut state = self.state.lock().unwrap();
        (state.still, state.lost) = (true, true);
    }

    /// Nothing arrives, not even that the other side is gone, while it stands still.
    pub(crate) fn hold(&self, still: bool) {
        let mut state = self.state.lock().unwrap();
        state.still = still || state.lost;
        state.wake();
    }
}

impl AsyncRead for End {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        let line = Arc::clone(&self.line);
        let mut state = line.state.lock().unwrap();
        if state.broken {
            return Poll::Ready(Err(Error::from(ErrorKind::ConnectionReset)));
        }
        let still = state.still;
        let pipe = &mut state.pipes[1 - self.side];
        pipe.reader = Some(context.waker().clone());
        if still {
            return Poll::Pending;
        }
        let Some((due, chunk)) = pipe.chunks.front_mut() else {
            return if pipe.closed { Poll::Ready(Ok(())) } else { Poll::Pending };
        };
        if *due > Instant::now() {
            self.due.as_mut().reset(*due);
            if self.due.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
        }
        let taken = chunk.len().min(buffer.remaining());
        buffer.put_slice(&chunk[..taken]);
        chunk.advance(taken);
        if chunk.is_empty() {
            pipe.chunks.pop_front();
        }
        pipe.queued -= taken;
        if let Some(writer) = pipe.writer.take() {
            writer.wake();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for End {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let mut state = self.line.state.lock().unwrap();
        let (broken, still) = (state.broken, state.still);
        let pipe = &mut state.pipes[self.side];
        if broken || pipe.closed || (pipe.abandoned && !still) {
            return Poll::Ready(Err(Error::from(ErrorKind::BrokenPipe)));
        }
        if pipe.queued >= ROOM {
            pipe.writer = Some(context.waker().clone());
            return Poll::Pending;
        }
        let taken = bytes.len().min(ROOM - pipe.queued);
        pipe.queued += taken;
        pipe.chunks.push_back((Instant::now() + self.line.latency, Bytes::copy_from_slice(&bytes[..taken])));
        if let Some(reader) = pipe.reader.take() {
            reader.wake();
        }
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<()>> {
        let mut state = self.line.state.lock().unwrap();
        state.pipes[self.side].closed = true;
        state.wake();
        Poll::Ready(Ok(()))
    }
}

impl Drop for End {
    fn drop(&mut self) {
        let mut state = self.line.state.lock().unwrap();
        state.pipes[self.side].closed = true;
        state.pipes[1 - self.side].abandoned = true;
        state.wake();
    }
}
