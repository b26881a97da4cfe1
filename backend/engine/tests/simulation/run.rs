//! One run: the plan of a seed on a runtime of its own whose time is simulated, then the checks.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{set_hook, take_hook};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use crate::bus::Noise;
use crate::checks;
use crate::client::{Client, Order, Story};
use crate::cluster::{Nodes, spawn};
use crate::dice::Dice;
use crate::door::Trouble;
use crate::plan::{Guest, Plan, QUIET};
use crate::world::{Account, World, note};

/// How long after the last fault everybody has everything.
const CONVERGES: Duration = Duration::from_secs(40);
/// How often it is looked where nodes send clients, and which of them hear one another.
const LOOK: Duration = Duration::from_millis(250);

/// What a run did, for the report.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) faults: BTreeMap<&'static str, u64>,
    pub(crate) said: u64,
    pub(crate) healed: u64,
    pub(crate) cut_as_slow: u64,
    /// How long after the last fault everybody had everything.
    pub(crate) converged: Duration,
    pub(crate) simulated: Duration,
}

pub(crate) struct Run {
    pub(crate) nodes: Arc<Nodes>,
    pub(crate) stories: Vec<Arc<Mutex<Story>>>,
    pub(crate) orders: Vec<mpsc::UnboundedSender<Order>>,
    pub(crate) plan: Plan,
}

/// How many tasks of this thread have panicked so far: a task that does takes nobody along, and would not be missed.
fn count_panics() -> u64 {
    thread_local! {
        static PANICS: Cell<u64> = const { Cell::new(0) };
    }
    static COUNTS: Once = Once::new();
    COUNTS.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            PANICS.with(|panics| panics.set(panics.get() + 1));
            before(info);
        }));
    });
    PANICS.with(Cell::get)
}

/// Runs a plan from beginning to end.
pub(crate) fn run(plan: Plan, keeps_lines: bool) -> (Account, Tally) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async move {
        let world = Arc::new(World::new(keeps_lines));
        let panics = count_panics();
        let run = Run::new(plan, &world);
        let tally = run.play().await;
        if count_panics() > panics {
            world.broke("something panicked; see above".to_owned());
        }
        (world.account(), tally)
    })
}

impl Run {
    fn new(plan: Plan, world: &Arc<World>) -> Arc<Self> {
        let nodes = Nodes::new(world, plan.seed, plan.places, plan.options.clone());
        (0..plan.places).for_each(|place| nodes.start(place));
        let (mut stories, mut orders) = (Vec::new(), Vec::new());
        for Guest { name, resumes, rooms, .. } in &plan.guests {
            let mut story = Story { name: Arc::clone(name), resumes: *resumes, ..Story::default() };
            if *resumes {
                nodes.store.rows().members.insert(Arc::clone(name), rooms.iter().cloned().collect());
            } else {
                story.rooms.extend(rooms.iter().cloned());
            }
            let story = Arc::new(Mutex::new(story));
            let (order, ordered) = mpsc::unbounded_channel();
            let dice = Dice::of(plan.seed, name);
            spawn(Client::new(&nodes, &story, ordered, dice, plan.options.heartbeat).run());
            stories.push(story);
            orders.push(order);
        }
        Arc::new(Self { nodes, stories, orders, plan })
    }

    pub(crate) fn world(&self) -> &World {
        &self.nodes.world
    }

    async fn play(self: &Arc<Self>) -> Tally {
        for (guest, order) in self.plan.guests.iter().zip(&self.orders) {
            let (guest, order, start) = (guest.clone(), order.clone(), self.world().start());
            spawn(async move {
                for (at, what) in guest.orders {
                    sleep_until(start + at).await;
                    order.send(what).ok();
                }
            });
        }
        for (number, fault) in self.plan.faults.iter().enumerate() {
            let (run, fault) = (Arc::clone(self), fault.clone());
            spawn(async move { run.inflict(number, fault).await });
        }
        let watching = Arc::clone(self);
        spawn(async move { watching.watch_nodes().await });
        sleep_until(self.world().start() + QUIET).await;
        self.mend();
        let quiet = Instant::now();
        let converged = self.settle(quiet).await;
        if converged.is_some() {
            checks::check_logs(self);
            checks::settles(self, quiet + self.plan.options.heartbeat * 4 + self.plan.options.lease).await;
            if let Some(place) = self.plan.ends_with_a_death {
                self.die_quietly(place).await;
            }
        }
        self.tally(converged.unwrap_or(CONVERGES))
    }

    fn tally(&self, converged: Duration) -> Tally {
        let mut tally = Tally { converged, simulated: self.world().start().elapsed(), ..Tally::default() };
        for fault in &self.plan.faults {
            *tally.faults.entry(fault.what.kind()).or_default() += 1;
        }
        tally.said = self.stories.iter().map(|story| story.lock().unwrap().said).sum();
        for host in self.nodes.born() {
            let counts = host.engine.counts();
            tally.healed += counts.healed;
            tally.cut_as_slow += counts.slow_consumers_cut;
        }
        tally
    }

    async fn watch_nodes(&self) {
        loop {
            self.nodes.check_leases(&self.plan.rooms);
            sleep(LOOK).await;
            self.nodes.told.lock().unwrap().spread(LOOK, &self.nodes.exchange);
        }
    }

    /// Every fault is over: all nodes run, everything works, every client wants to be in.
    fn mend(&self) {
        note!(self.world(), "faults end");
        self.nodes.exchange.set_noise(Noise::default());
        (0..self.plan.places).for_each(|place| self.nodes.start(place));
        for host in self.nodes.live().values() {
            self.nodes.reconnect(host);
            host.log_door.set(Trouble::default());
            host.registry_door.set(Trouble::default());
        }
        for (story, order) in self.stories.iter().zip(&self.orders) {
            order.send(Order::Away(false)).ok();
            if let Some(line) = story.lock().unwrap().line.clone() {
                line.hold(false);
            }
        }
    }

    /// Waits until every client has everything; how long that took.
    async fn settle(&self, since: Instant) -> Option<Duration> {
        loop {
            let behind = checks::behind(self);
            if behind.is_empty() {
                note!(self.world(), "everybody has everything");
                return Some(since.elapsed());
            }
            if since.elapsed() > CONVERGES {
                for what in behind {
                    self.world().broke(format!("{CONVERGES:?} after the last fault: {what}"));
                }
                return None;
            }
            sleep(Duration::from_millis(200)).await;
        }
    }

    /// A node dies while all else is well; half of its clients do not come back. What others say of presence is right within 10 s.
    async fn die_quietly(&self, place: usize) {
        let Some(host) = self.nodes.at(place) else { return };
        for (number, (story, order)) in self.stories.iter().zip(&self.orders).enumerate() {
            if number % 2 == 0 && story.lock().unwrap().at == Some(place) {
                story.lock().unwrap().away = true;
                order.send(Order::Cut).ok();
            }
        }
        self.nodes.kill(place, host.number % 2 == 0);
        checks::settles(self, Instant::now() + Duration::from_secs(10)).await;
    }
}
