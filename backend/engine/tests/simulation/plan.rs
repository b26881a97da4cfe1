//! What a seed stands for: who takes part, with which numbers, what is said, and what goes wrong when. Plain data, drawn before the run.

use std::sync::Arc;
use std::time::Duration;

use xpush::{ChannelId, Coalesce, CoalesceStep, Options};

use crate::bus::Noise;
use crate::client::Order;
use crate::dice::Dice;
use crate::door::Trouble;

/// When the last fault is over, at the latest.
pub(crate) const QUIET: Duration = Duration::from_secs(22);

/// What goes wrong, where, and for how long.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// A process dies, another begins in its place later.
    Kill { place: usize, silently: bool },
    /// A process stops in an orderly way, another begins in its place later.
    Drain { place: usize },
    /// A node's messages are lost, in one direction or both; in the end it notices and is away, or it never does.
    BusLossy { place: usize, hears: bool, speaks: bool, notices: bool },
    /// A node has no connection to the bus.
    BusAway { place: usize },
    /// Nobody has; perhaps the registry is gone and empty too.
    BusDown { empties: bool },
    /// Messages suffer.
    Noise(Noise),
    /// A node's way to the log.
    Log { place: usize, trouble: Trouble },
    /// Everybody's way to the log.
    LogDown(Trouble),
    /// A node's way to the registry.
    Registry { place: usize, trouble: Trouble },
    /// Something happens to a client.
    Client { client: usize, order: Order },
    /// A client's connection stands still.
    Hiccup { client: usize },
}

impl Fault {
    /// What it is counted as.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Kill { .. } => "node killed",
            Self::Drain { .. } => "node drained",
            Self::BusLossy { .. } => "bus connection lossy",
            Self::BusAway { .. } => "bus connection away",
            Self::BusDown { .. } => "bus down for all",
            Self::Noise(_) => "bus loses, doubles, reorders, delays",
            Self::Log { .. } | Self::LogDown(_) => "log slow, away, refusing or losing answers",
            Self::Registry { .. } => "registry slow, away or losing answers",
            Self::Client { .. } => "client cut, gone silently, dozing, away",
            Self::Hiccup { .. } => "client's network stands still",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Timed<T> {
    pub(crate) at: Duration,
    pub(crate) lasts: Duration,
    pub(crate) what: T,
}

#[derive(Clone, Debug)]
pub(crate) struct Guest {
    pub(crate) name: Arc<str>,
    pub(crate) resumes: bool,
    pub(crate) rooms: Vec<ChannelId>,
    pub(crate) orders: Vec<(Duration, Order)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) places: usize,
    pub(crate) rooms: Vec<ChannelId>,
    pub(crate) guests: Vec<Guest>,
    pub(crate) faults: Vec<Timed<Fault>>,
    pub(crate) options: Options,
    /// When all is well again a node dies, and presence is looked at 10 s later.
    pub(crate) ends_with_a_death: Option<usize>,
}

impl Plan {
    pub(crate) fn of(seed: u64) -> Self {
        let mut dice = Dice::of(seed, "plan");
        let places = 2 + dice.index(3);
        let rooms: Vec<ChannelId> = (0..=dice.index(3)).map(|n| format!("room/{n}").into()).collect();
        let names: Vec<Arc<str>> = (0..3 + dice.index(6)).map(|n| format!("guest {n}").into()).collect();
        let guests = names.iter().map(|name| guest(name, &names, &rooms, &mut dice)).collect();
        let faults = (0..5 + dice.index(6)).map(|_| fault(places, names.len(), &mut dice)).collect();
        let options = options(&mut dice);
        let ends_with_a_death = dice.hits(500).then(|| dice.index(places));
        Self { seed, places, rooms, guests, faults, options, ends_with_a_death }
    }
}

fn options(dice: &mut Dice) -> Options {
    let small = CoalesceStep { members_below: 3, tick: Duration::ZERO };
    let gathering = Coalesce { steps: vec![small], beyond: Duration::from_millis(20), ..Coalesce::default() };
    Options {
        heartbeat: Duration::from_secs(4),
        hello_timeout: Duration::from_secs(3),
        presence_ttl: dice.pick(&[Duration::from_secs(1), Duration::from_secs(5)]),
        queue_frames: dice.pick(&[6, 24, 256]),
        connections_per_address: 0,
        commit_max: dice.pick(&[1, 4, 512]),
        lease: dice.pick(&[Duration::from_secs(5), Duration::from_secs(10)]),
        coalesce: dice.pick(&[Coalesce::default(), gathering]),
        ..Options::default()
    }
}

fn guest(name: &Arc<str>, names: &[Arc<str>], rooms: &[ChannelId], dice: &mut Dice) -> Guest {
    let resumes = dice.hits(500);
    let mut own: Vec<ChannelId> = rooms.iter().filter(|_| dice.hits(700)).cloned().collect();
    if own.is_empty() {
        own.push(dice.pick(rooms));
    }
    let mut orders = Vec::new();
    let mut at = dice.millis(0, 2000);
    let pace = dice.pick(&[300, 800, 2500]);
    let most = 5 + dice.index(26);
    while at < QUIET && orders.len() < most {
        let invites = dice.hits(100).then(|| dice.pick(names));
        orders.push((at, Order::Say { room: dice.pick(&own), invites }));
        if !resumes && dice.hits(60) {
            let room = dice.pick(&own);
            orders.push((at, Order::Join(room.clone(), false)));
            orders.push((at + dice.millis(0, 3000), Order::Join(room, true)));
        }
        at += dice.millis(0, 2 * pace);
    }
    orders.sort_by_key(|(at, _)| *at);
    Guest { name: Arc::clone(name), resumes, rooms: own, orders }
}

fn fault(places: usize, guests: usize, dice: &mut Dice) -> Timed<Fault> {
    let at = dice.millis(500, 16_000);
    let longest = dice.pick(&[300, 1500, 6000]);
    let lasts = dice.millis(20, longest);
    let (place, client) = (dice.index(places), dice.index(guests));
    let what = match dice.between(0, 100) {
        0..12 => Fault::Kill { place, silently: dice.hits(300) },
        12..18 => Fault::Drain { place },
        18..28 => {
            let (hears, speaks) = dice.pick(&[(false, false), (true, false), (false, true)]);
            Fault::BusLossy { place, hears, speaks, notices: dice.hits(600) }
        }
        28..34 => Fault::BusAway { place },
        34..39 => Fault::BusDown { empties: dice.hits(500) },
        39..52 => Fault::Noise(Noise {
            lost: dice.pick(&[0, 30, 200]),
            doubled: dice.pick(&[0, 50, 300]),
            overtaking: dice.pick(&[0, 100, 500]),
            slow: dice.pick(&[5, 40, 400]),
        }),
        52..64 => Fault::Log { place, trouble: trouble(dice) },
        64..69 => Fault::LogDown(trouble(dice)),
        69..75 => Fault::Registry { place, trouble: trouble(dice) },
        75..82 => Fault::Hiccup { client },
        _ => {
            let doze = Order::Doze(lasts);
            Fault::Client { client, order: dice.pick(&[Order::Cut, Order::Cut, Order::Vanish, doze, Order::Away(true)]) }
        }
    };
    Timed { at, lasts, what }
}

fn trouble(dice: &mut Dice) -> Trouble {
    let nothing = Trouble::default();
    let slow = dice.pick(&[30, 300, 2000]);
    let share = dice.pick(&[100, 500, 1000]);
    dice.pick(&[
        Trouble { slow, ..nothing },
        Trouble { slow, refuses: share, ..nothing },
        Trouble { slow, loses: share, ..nothing },
        Trouble { refuses: 1000, ..nothing },
        Trouble { hangs: true, ..nothing },
    ])
}
