//! The frames that wait for one connection: bounded, and without memory while nobody says anything. Many send, one receives.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use bytes::Bytes;

use crate::transport::frame::Frame;
use crate::transport::{Outbound, Undelivered};

struct Inner {
    frames: VecDeque<Bytes>,
    room: usize,
    /// Nobody receives any more.
    is_closed: bool,
    waiting: Option<Waker>,
}

/// The way in, for the engine.
pub(super) struct Queue(Arc<Mutex<Inner>>);

/// The way out, for the connection's task. What is sent after its end is not delivered.
pub(super) struct Frames(Arc<Mutex<Inner>>);

/// A queue with room for so many frames.
pub(super) fn queue(room: usize) -> (Queue, Frames) {
    let inner = Arc::new(Mutex::new(Inner { frames: VecDeque::new(), room: room.max(1), is_closed: false, waiting: None }));
    (Queue(Arc::clone(&inner)), Frames(inner))
}

fn locked(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Outbound for Queue {
    fn send(&self, frame: &Frame) -> Result<(), Undelivered> {
        let mut inner = locked(&self.0);
        if inner.is_closed {
            return Err(Undelivered::Gone);
        }
        if inner.frames.len() >= inner.room {
            return Err(Undelivered::Full);
        }
        inner.frames.push_back(frame.websocket());
        if let Some(waker) = inner.waiting.take() {
            drop(inner);
            waker.wake();
        }
        Ok(())
    }
}

impl Frames {
    /// What waits, as soon as something does.
    pub(super) async fn all(&self) -> VecDeque<Bytes> {
        poll_fn(|context| {
            let mut inner = locked(&self.0);
            if !inner.frames.is_empty() {
                // The memory goes with the frames.
                return Poll::Ready(std::mem::take(&mut inner.frames));
            }
            match &inner.waiting {
                Some(waker) if waker.will_wake(context.waker()) => {}
                _ => inner.waiting = Some(context.waker().clone()),
            }
            Poll::Pending
        })
        .await
    }

    /// What waits now.
    pub(super) fn ready(&self) -> VecDeque<Bytes> {
        std::mem::take(&mut locked(&self.0).frames)
    }

    /// Takes no more; returns what waited.
    pub(super) fn close(&self) -> VecDeque<Bytes> {
        let mut inner = locked(&self.0);
        inner.is_closed = true;
        std::mem::take(&mut inner.frames)
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::pin::pin;
    use std::task::Context;

    use super::*;
    use crate::transport::frame::Body;

    fn frame() -> Frame {
        Frame::new(Body::Heartbeat(BTreeMap::new()))
    }

    #[test]
    fn a_full_queue_says_so_and_has_room_again_when_it_was_read() {
        let (queue, frames) = queue(2);
        assert_eq!([queue.send(&frame()), queue.send(&frame()), queue.send(&frame())], [Ok(()), Ok(()), Err(Undelivered::Full)]);
        let mut context = Context::from_waker(Waker::noop());
        assert!(matches!(pin!(frames.all()).poll(&mut context), Poll::Ready(all) if all.len() == 2));
        assert!(pin!(frames.all()).poll(&mut context).is_pending());
        assert_eq!(queue.send(&frame()), Ok(()));
        drop(frames);
        assert_eq!(queue.send(&frame()), Err(Undelivered::Gone));
    }

    #[tokio::test]
    async fn who_waits_is_woken() {
        let (queue, frames) = queue(2);
        let (all, sent) = tokio::join!(frames.all(), async { queue.send(&frame()) });
        assert_eq!((all.len(), sent), (1, Ok(())));
    }
}
