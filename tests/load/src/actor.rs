//! The life of one client over many connections: connect, be welcomed, serve, lose it, wait, resume. What a visitor and
//! an operator do differently is behind [`Role`].

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{sleep, sleep_until, timeout};

use crate::client::{Client, backoff};
use crate::clock::Instant;
use crate::dice::Dice;
use crate::fault::Result;
use crate::history::History;
use crate::link::{Bye, Inbound, Link};
use crate::stage::Stage;

/// How often the server says something, where its welcome does not tell.
const HEARTBEAT_MS: u64 = 25_000;

/// What differs between the two kinds of clients.
pub trait Role: Send {
    /// Whether its messages count as the scenario's progress.
    const COUNTS: bool;

    /// Opens a connection and says hello.
    fn connect(&mut self, client: &Client) -> impl Future<Output = Result<Link>> + Send;

    /// Takes in the welcome.
    fn welcomed(&mut self, client: &mut Client, welcome: &Value) -> impl Future<Output = Result<()>> + Send;

    /// Takes in an event of a channel that is not logged.
    fn told(&mut self, client: &mut Client, event: &Value);

    /// Writes what is due; returns when it wants to be asked again although nothing arrives.
    fn write(&mut self, client: &mut Client, now: Instant) -> Option<Instant>;

    /// Whether it hangs up instead of waiting for the answer to the message just sent, and how soon.
    fn hangs_up(&mut self) -> Option<Duration>;

    /// Whether it will write nothing more unless something arrives.
    fn is_finished(&self) -> bool;
}

enum Ending {
    Stopped,
    Lost(Option<Bye>),
}

/// Acts until the stage ends; returns everything that was done and seen.
pub async fn run<R: Role>(mut role: R, mut client: Client, stage: Arc<Stage>, mut dice: Dice) -> History {
    let mut ending = stage.ending();
    let mut wait = Duration::ZERO;
    let mut failures = 0;
    let mut lost = None;
    while !ends_within(&mut ending, wait).await {
        let connected = connect(&mut role, &mut client).await;
        let Ok((mut link, heard, silence)) = connected else {
            failures += 1;
            wait = backoff(failures, &mut dice);
            client.happened(format!("not connected, wait {} ms", wait.as_millis()));
            continue;
        };
        failures = 0;
        let welcomed = Instant::now();
        client.happened("welcomed".to_owned());
        let mut connection = Connection { role: &mut role, client: &mut client, stage: &stage, lost: lost.take(), welcomed, silence };
        match connection.serve(&mut link, heard, &mut ending).await {
            Ending::Stopped => break,
            Ending::Lost(bye) => {
                lost = Some(Instant::now());
                client.history.losses += 1;
                let why = bye.as_ref().map_or_else(|| "lost".to_owned(), |bye| format!("bye {}", bye.code));
                wait = wait_after(bye, &mut client, &mut dice);
                client.happened(format!("{why}, wait {} ms", wait.as_millis()));
            }
        }
    }
    client.history
}

/// Connects and takes in the welcome; returns with the connection what came with it, and after which silence it is dead: 2.5 heartbeats.
async fn connect<R: Role>(role: &mut R, client: &mut Client) -> Result<(Link, Vec<Inbound>, Duration)> {
    let mut link = role.connect(client).await?;
    let mut heard = link.welcomed().await?;
    let mut heartbeat = HEARTBEAT_MS;
    let welcome = heard.iter().position(|inbound| matches!(inbound, Inbound::Welcome(_)));
    if let Some(Inbound::Welcome(welcome)) = welcome.map(|index| heard.remove(index)) {
        heartbeat = welcome["heartbeat"].as_u64().unwrap_or(heartbeat);
        client.reconnected();
        role.welcomed(client, &welcome).await?;
    }
    Ok((link, heard, Duration::from_millis(heartbeat * 5 / 2)))
}

/// Waits, unless the stage ends first; true if it does.
async fn ends_within(ending: &mut watch::Receiver<bool>, wait: Duration) -> bool {
    *ending.borrow() || timeout(wait, ending.changed()).await.is_ok()
}

/// The table of disconnect codes.
fn wait_after(bye: Option<Bye>, client: &mut Client, dice: &mut Dice) -> Duration {
    let Some(bye) = bye else { return backoff(0, dice) };
    if !(4000..4100).contains(&bye.code) {
        client.history.notes.push(format!("was sent away: {bye:?}"));
    }
    match bye.retry_after_ms {
        Some(wait) => Duration::from_millis(wait),
        None => backoff(0, dice),
    }
}

/// One connection's life.
struct Connection<'a, R> {
    role: &'a mut R,
    client: &'a mut Client,
    stage: &'a Stage,
    /// When the one before was lost, until everything that was missed is here.
    lost: Option<Instant>,
    /// When this one was welcomed.
    welcomed: Instant,
    /// Nothing heard for this long: it is dead.
    silence: Duration,
}

impl<R: Role> Connection<'_, R> {
    async fn serve(&mut self, link: &mut Link, heard: Vec<Inbound>, ending: &mut watch::Receiver<bool>) -> Ending {
        let mut silent_since = Instant::now();
        if let Some(end) = self.hear(link, heard).await {
            return end;
        }
        loop {
            let now = Instant::now();
            let again = self.role.write(self.client, now);
            match self.send_due(link, now).await {
                Ok(false) => {}
                Ok(true) | Err(_) => return Ending::Lost(None),
            }
            self.report();
            let dead = self.client.deadline().unwrap_or(silent_since + self.silence);
            let wake = [again, self.client.not_before(), Some(dead)].into_iter().flatten().min().unwrap_or(dead);
            tokio::select! {
                heard = link.next() => {
                    silent_since = Instant::now();
                    let Some(heard) = heard else { return Ending::Lost(None) };
                    if let Some(end) = self.hear(link, heard).await {
                        return end;
                    }
                }
                () = sleep_until(wake) => {
                    if dead <= Instant::now() {
                        return Ending::Lost(None);
                    }
                }
                _ = ending.changed() => return Ending::Stopped,
            }
        }
    }

    /// Sends what is due; true when the connection is to be dropped now.
    async fn send_due(&mut self, link: &mut Link, now: Instant) -> Result<bool> {
        for due in self.client.due(now) {
            link.request(due.id, due.method, &due.params).await?;
            if due.method != "message.post" {
                continue;
            }
            self.stage.count(u64::from(R::COUNTS), 0);
            if let Some(soon) = self.role.hangs_up() {
                sleep(soon).await;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn report(&mut self) {
        if let Some(lost) = self.lost
            && self.client.is_caught_up()
        {
            self.lost = None;
            self.client.history.resumed_ms.push(self.stage.resumed_after(lost, self.welcomed));
        }
        self.stage.stands(self.client, R::COUNTS, self.role.is_finished());
    }

    async fn hear(&mut self, link: &mut Link, heard: Vec<Inbound>) -> Option<Ending> {
        for inbound in heard {
            let answered = match inbound {
                Inbound::Heartbeat { top } => {
                    self.client.heartbeat(&top);
                    link.heartbeat().await
                }
                Inbound::Ping => link.pong().await,
                Inbound::Bye(bye) => return Some(Ending::Lost(Some(bye))),
                other => {
                    self.take_in(other);
                    Ok(())
                }
            };
            if answered.is_err() {
                return Some(Ending::Lost(None));
            }
        }
        None
    }

    /// What needs no answer.
    fn take_in(&mut self, inbound: Inbound) {
        match inbound {
            Inbound::Answer { id, answer } => {
                let acknowledged = self.client.answer(id, &answer, Instant::now());
                self.stage.count(0, if R::COUNTS { acknowledged } else { 0 });
            }
            Inbound::Publication { channel, seq: Some(_), event } => {
                self.client.publication(&channel, &event);
            }
            Inbound::Publication { event, .. } => self.role.told(self.client, &event),
            strange => self.client.history.notes.push(format!("unexpected: {strange:?}")),
        }
    }
}
