//! A TCP proxy that misbehaves on command: it stands between clients and nodes, and between nodes and what they need. With several targets it is
//! the balancer in front of them: each new connection goes to the next one that takes it.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::clock::Instant;
use crate::dice::Dice;
use crate::fault::Result;

/// What a slow reader takes at once, and how often.
const SIP: usize = 256;
const SIP_EVERY: Duration = Duration::from_millis(100);

/// Something that happens to many connections at a time.
#[derive(Debug, Clone, Copy)]
enum Blow {
    /// This percentage is reset.
    Reset(u64),
    /// This percentage of the clients reads slowly until then.
    Slow(u64, Instant),
}

#[derive(Debug, Clone, Copy)]
struct Target {
    port: u16,
    /// Nothing passes, and nothing says so: the other side seems to be silent.
    is_cut: bool,
}

/// A running proxy; it ends when dropped.
#[derive(Debug)]
pub struct Proxy {
    /// Where it listens on the loopback.
    pub port: u16,
    targets: watch::Sender<Vec<Target>>,
    blows: broadcast::Sender<Blow>,
    _tasks: JoinSet<()>,
}

impl Proxy {
    /// Listens, and connects to these ports in turn.
    pub async fn start(targets: &[u16], dice: Dice) -> Result<Self> {
        let port = crate::server::free_port()?;
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let targets = watch::Sender::new(targets.iter().map(|&port| Target { port, is_cut: false }).collect::<Vec<_>>());
        let blows = broadcast::Sender::new(16);
        let mut tasks = JoinSet::new();
        tasks.spawn(listen(listener, targets.subscribe(), blows.clone(), dice));
        Ok(Self { port, targets, blows, _tasks: tasks })
    }

    /// Nothing passes to and from this target, or everything again, also on connections that are open.
    pub fn cut(&self, index: usize, is_cut: bool) {
        self.targets.send_modify(|targets| targets[index].is_cut = is_cut);
    }

    /// Another server takes this target's place for new connections; those that are open are reset.
    pub fn lead_to(&self, index: usize, port: u16) {
        self.targets.send_modify(|targets| targets[index].port = port);
        self.reset(100);
    }

    /// Resets this percentage of the open connections.
    pub fn reset(&self, percent: u64) {
        // Nobody may be connected.
        self.blows.send(Blow::Reset(percent)).unwrap_or_default();
    }

    /// Lets this percentage of the clients read slowly for a while.
    pub fn slow(&self, percent: u64, during: Duration) {
        self.blows.send(Blow::Slow(percent, Instant::now() + during)).unwrap_or_default();
    }
}

async fn listen(listener: TcpListener, targets: watch::Receiver<Vec<Target>>, blows: broadcast::Sender<Blow>, mut dice: Dice) {
    let turn = Arc::new(AtomicUsize::new(0));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((client, _)) = listener.accept().await else {
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        dice.roll();
        connections.spawn(carry(client, targets.clone(), Arc::clone(&turn), blows.subscribe(), dice.fork(1)));
    }
}

/// One connection, from the choice of its target to its end.
async fn carry(
    mut client: TcpStream,
    targets: watch::Receiver<Vec<Target>>,
    turn: Arc<AtomicUsize>,
    mut blows: broadcast::Receiver<Blow>,
    mut dice: Dice,
) {
    let Some((index, mut server)) = choose(&targets, &turn).await else {
        client.set_zero_linger().unwrap_or_default();
        return;
    };
    client.set_nodelay(true).unwrap_or_default();
    server.set_nodelay(true).unwrap_or_default();
    let (slow_until, never) = (watch::Sender::new(None), watch::Sender::new(None));
    let was_reset = {
        let (from_client, to_client) = client.split();
        let (from_server, to_server) = server.split();
        let mut up = pin!(pump(from_client, to_server, targets.clone(), index, never.subscribe()));
        let mut down = pin!(pump(from_server, to_client, targets, index, slow_until.subscribe()));
        let (mut up_done, mut down_done) = (false, false);
        loop {
            tokio::select! {
                () = &mut up, if !up_done => up_done = true,
                () = &mut down, if !down_done => down_done = true,
                blow = blows.recv() => match blow {
                    Ok(Blow::Reset(percent)) if dice.below(100) < percent => break true,
                    Ok(Blow::Slow(percent, until)) if dice.below(100) < percent => { slow_until.send_replace(Some(until)); }
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => break true,
                },
            }
            if up_done && down_done {
                break false;
            }
        }
    };
    if was_reset {
        client.set_zero_linger().unwrap_or_default();
        server.set_zero_linger().unwrap_or_default();
    }
}

/// The next target that takes a connection. One that is cut takes it, and says nothing.
async fn choose(targets: &watch::Receiver<Vec<Target>>, turn: &AtomicUsize) -> Option<(usize, TcpStream)> {
    let many = targets.borrow().len();
    for _ in 0..many {
        let index = turn.fetch_add(1, Ordering::Relaxed) % many;
        let port = targets.borrow()[index].port;
        if let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await {
            return Some((index, server));
        }
    }
    None
}

/// Carries one direction until its end.
async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    mut targets: watch::Receiver<Vec<Target>>,
    index: usize,
    slow_until: watch::Receiver<Option<Instant>>,
) {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let is_slow = slow_until.borrow().is_some_and(|until| until > Instant::now());
        let most = if is_slow { SIP } else { bytes.len() };
        let read = from.read(&mut bytes[..most]).await.unwrap_or(0);
        // What was under way when the cut came waits with the rest. The guard that the wait returns must not be held while writing.
        let passes = targets.wait_for(|targets| !targets[index].is_cut).await.is_ok();
        if !passes || read == 0 || to.write_all(&bytes[..read]).await.is_err() {
            break;
        }
        if is_slow {
            sleep(SIP_EVERY).await;
        }
    }
    to.shutdown().await.unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::time::timeout;

    use super::Proxy;
    use crate::dice::Dice;

    /// Answers every byte with this one.
    async fn answers(byte: u8) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        #[expect(clippy::disallowed_methods, reason = "ends with the test")]
        tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                open.push(tokio::spawn(echo(stream, byte)));
            }
        });
        port
    }

    async fn echo(mut stream: TcpStream, byte: u8) {
        while stream.read_u8().await.is_ok() && stream.write_u8(byte).await.is_ok() {}
    }

    async fn ask(stream: &mut TcpStream) -> std::io::Result<u8> {
        stream.write_u8(0).await?;
        stream.read_u8().await
    }

    #[tokio::test]
    async fn connections_go_to_targets_in_turn_and_a_dead_one_is_passed_over() {
        let (one, two) = (answers(1).await, answers(2).await);
        let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let proxy = Proxy::start(&[one, gone, two], Dice::new(1)).await.unwrap();
        let mut heard = Vec::new();
        for _ in 0..6 {
            heard.push(ask(&mut TcpStream::connect(("127.0.0.1", proxy.port)).await.unwrap()).await.unwrap());
        }
        assert!(heard.contains(&1) && heard.contains(&2), "{heard:?}");
    }

    #[tokio::test]
    async fn what_is_cut_is_silent_and_goes_on_afterwards() {
        let proxy = Proxy::start(&[answers(7).await], Dice::new(1)).await.unwrap();
        let mut stream = TcpStream::connect(("127.0.0.1", proxy.port)).await.unwrap();
        assert_eq!(ask(&mut stream).await.unwrap(), 7);
        proxy.cut(0, true);
        assert!(timeout(Duration::from_millis(100), ask(&mut stream)).await.is_err());
        proxy.cut(0, false);
        assert_eq!(timeout(Duration::from_secs(5), stream.read_u8()).await.unwrap().unwrap(), 7);
    }

    #[tokio::test]
    async fn a_reset_ends_connections_and_new_ones_are_made() {
        let proxy = Proxy::start(&[answers(7).await], Dice::new(1)).await.unwrap();
        let mut stream = TcpStream::connect(("127.0.0.1", proxy.port)).await.unwrap();
        assert_eq!(ask(&mut stream).await.unwrap(), 7);
        proxy.reset(100);
        let ended = timeout(Duration::from_secs(5), async { while ask(&mut stream).await.is_ok() {} }).await;
        assert!(ended.is_ok());
        assert_eq!(ask(&mut TcpStream::connect(("127.0.0.1", proxy.port)).await.unwrap()).await.unwrap(), 7);
    }
}
