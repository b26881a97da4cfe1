//! The nodes: each a real engine with its real WebSocket listener, behind simulated ends. A node is killed by cutting all of them at once: a
//! process that reaches nothing, and that nothing reaches, is dead to everybody else.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use xpush::bus::Bus;
use xpush::registry::Registry;
use xpush::transport::websocket;
use xpush::{ChannelId, Cluster, Engine, Entropy, Options};

use crate::bus::{Exchange, Link};
use crate::dice::Dice;
use crate::door::Door;
use crate::house::{House, Told};
use crate::line::{End, Line};
use crate::registry::{Desk, Office};
use crate::store::{SharedLog, Store};
use crate::world::{Life, World, note};

#[expect(clippy::disallowed_methods, reason = "a test has no task set; what is left ends with the run")]
pub(crate) fn spawn<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> tokio::task::JoinHandle<T> {
    tokio::spawn(work)
}

/// One process.
pub(crate) struct Host {
    /// Its number among all processes of the run.
    pub(crate) number: usize,
    pub(crate) life: Arc<Life>,
    pub(crate) engine: Engine<House>,
    pub(crate) log_door: Arc<Door>,
    pub(crate) registry_door: Arc<Door>,
    entrance: mpsc::UnboundedSender<End>,
    lines: Mutex<Vec<Arc<Line>>>,
}

struct Entrance(mpsc::UnboundedReceiver<End>);

impl Listener for Entrance {
    type Io = End;
    type Addr = ();

    async fn accept(&mut self) -> (End, ()) {
        match self.0.recv().await {
            Some(end) => (end, ()),
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}

/// The places for nodes, and what they share.
pub(crate) struct Nodes {
    pub(crate) world: Arc<World>,
    pub(crate) store: Store,
    pub(crate) exchange: Exchange,
    pub(crate) office: Office,
    pub(crate) told: Arc<Mutex<Told>>,
    options: Options,
    seed: u64,
    places: Mutex<Vec<Option<Arc<Host>>>>,
    /// Every process that ever was.
    born: Mutex<Vec<Arc<Host>>>,
}

impl Nodes {
    pub(crate) fn new(world: &Arc<World>, seed: u64, places: usize, options: Options) -> Arc<Self> {
        Arc::new(Self {
            world: Arc::clone(world),
            store: Store::new(world),
            exchange: Exchange::new(world, Dice::of(seed, "bus")),
            office: Office::new(world),
            told: Arc::default(),
            options: Options { entropy: Entropy::seeded(seed), ..options },
            seed,
            places: Mutex::new(vec![None; places]),
            born: Mutex::default(),
        })
    }

    /// Starts a process in a place that has none.
    pub(crate) fn start(&self, place: usize) {
        if self.at(place).is_some() {
            return;
        }
        let number = self.born.lock().unwrap().len();
        let life = Arc::new(Life::default());
        let door = |what: &str| Arc::new(Door::new(Arc::clone(&life), Dice::of(self.seed, &format!("{what} of {number}"))));
        let (log_door, registry_door) = (door("log"), door("registry"));
        let house = House { world: Arc::clone(&self.world), node: number, life: Arc::clone(&life), told: Arc::clone(&self.told) };
        let log = SharedLog { store: self.store.clone(), door: Arc::clone(&log_door) };
        let bus: Arc<dyn Bus> = Arc::new(self.exchange.attach(number, &life));
        let registry: Arc<dyn Registry> = Arc::new(Desk { office: self.office.clone(), door: Arc::clone(&registry_door) });
        let engine = Engine::in_cluster(house, log, self.options.clone(), Cluster { bus, registry, address: None });
        self.exchange.set_link(number, Link::Works);
        let (entrance, arriving) = mpsc::unbounded_channel();
        let routes = Router::new().merge(websocket::router(engine.clone(), "front"));
        spawn(async move { axum::serve(Entrance(arriving), routes).await });
        note!(self.world, "node {number} starts at {place} as {}", engine.node_id());
        let host = Host { number, life, engine, log_door, registry_door, entrance, lines: Mutex::default() };
        let host = Arc::new(host);
        self.born.lock().unwrap().push(Arc::clone(&host));
        self.places.lock().unwrap()[place] = Some(host);
    }

    /// Ends a process without a word. `silently`: its machine went with it, and clients hear nothing of it.
    pub(crate) fn kill(&self, place: usize, silently: bool) -> Option<Arc<Host>> {
        let host = self.places.lock().unwrap()[place].take()?;
        note!(self.world, "node {} is killed{}", host.number, if silently { " silently" } else { "" });
        self.bury(&host, silently);
        Some(host)
    }

    /// Ends a process as an orderly stop does.
    pub(crate) async fn drain(&self, place: usize) {
        let Some(host) = self.at(place) else { return };
        note!(self.world, "node {} drains", host.number);
        host.engine.drain(Duration::from_secs(3)).await;
        if host.life.is_over() {
            return;
        }
        note!(self.world, "node {} has drained", host.number);
        self.bury(&host, false);
        let mut places = self.places.lock().unwrap();
        places[place].take_if(|there| there.number == host.number);
    }

    fn bury(&self, host: &Host, silently: bool) {
        host.life.end();
        self.exchange.set_link(host.number, Link::Away);
        for line in std::mem::take(&mut *host.lines.lock().unwrap()) {
            if silently { line.lose() } else { line.cut() }
        }
    }

    /// Has a process that lives connected to the bus.
    pub(crate) fn reconnect(&self, host: &Host) {
        if !host.life.is_over() {
            self.exchange.set_link(host.number, Link::Works);
        }
    }

    pub(crate) fn at(&self, place: usize) -> Option<Arc<Host>> {
        self.places.lock().unwrap()[place].clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.places.lock().unwrap().len()
    }

    /// The processes that live, by place.
    pub(crate) fn live(&self) -> BTreeMap<usize, Arc<Host>> {
        let places = self.places.lock().unwrap();
        places.iter().enumerate().filter_map(|(place, host)| Some((place, Arc::clone(host.as_ref()?)))).collect()
    }

    pub(crate) fn born(&self) -> Vec<Arc<Host>> {
        self.born.lock().unwrap().clone()
    }

    /// Opens a connection to whoever serves at a place; `None` when nobody does.
    pub(crate) async fn dial(&self, place: usize, latency: Duration) -> Option<(Arc<Line>, End)> {
        sleep(latency).await;
        let host = self.at(place)?;
        let (line, near, far) = Line::new(latency);
        host.entrance.send(far).ok()?;
        host.lines.lock().unwrap().push(Arc::clone(&line));
        Some((line, near))
    }

    /// Nobody is sent to a dead node after its lease.
    pub(crate) fn check_leases(&self, rooms: &[ChannelId]) {
        for (_, host) in self.live() {
            for room in rooms {
                let Some(record) = host.engine.node_for(room) else { continue };
                let over = self.office.ends(record.id).is_none_or(|ends| ends < Instant::now());
                let dead = self.born().into_iter().find(|host| host.engine.node_id() == record.id && host.life.is_over());
                if let Some(dead) = dead.filter(|_| over) {
                    self.world.broke(format!("node {} sends to node {}, which is dead and whose lease is over", host.number, dead.number));
                }
            }
        }
    }
}
