//! The way from a node to what it depends on, the log or the registry: it can be slow, stand still, refuse, or let a question through and
//! lose the answer.

use std::sync::{Arc, Mutex};

use tokio::sync::Notify;
use tokio::time::sleep;

use crate::dice::Dice;
use crate::world::Life;

/// What is wrong with a door; nothing by default.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Trouble {
    /// Each way takes up to so many milliseconds, instead of 3.
    pub(crate) slow: u64,
    /// Of a thousand questions so many are refused; nothing was done.
    pub(crate) refuses: u64,
    /// Of a thousand answers so many are lost; what was asked was done.
    pub(crate) loses: u64,
    /// Nobody gets through, in either direction, until it is over.
    pub(crate) hangs: bool,
}

pub(crate) struct Door {
    life: Arc<Life>,
    dice: Mutex<Dice>,
    trouble: Mutex<Trouble>,
    changed: Notify,
}

impl Door {
    pub(crate) fn new(life: Arc<Life>, dice: Dice) -> Self {
        Self { life, dice: Mutex::new(dice), trouble: Mutex::default(), changed: Notify::new() }
    }

    pub(crate) fn set(&self, trouble: Trouble) {
        *self.trouble.lock().unwrap() = trouble;
        self.changed.notify_waiters();
    }

    /// On the way there; `false` when it is refused.
    pub(crate) async fn enter(&self) -> bool {
        self.pass().await;
        let Trouble { refuses, .. } = self.trouble();
        !self.dice.lock().unwrap().hits(refuses)
    }

    /// On the way back; `false` when the answer is lost.
    pub(crate) async fn leave(&self) -> bool {
        self.pass().await;
        let Trouble { loses, .. } = self.trouble();
        !self.dice.lock().unwrap().hits(loses)
    }

    fn trouble(&self) -> Trouble {
        *self.trouble.lock().unwrap()
    }

    async fn pass(&self) {
        let time = self.dice.lock().unwrap().millis(0, self.trouble().slow.max(3) + 1);
        if !time.is_zero() {
            sleep(time).await;
        }
        while self.trouble().hangs {
            self.changed.notified().await;
        }
        self.life.hold().await;
    }
}
