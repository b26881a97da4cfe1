//! The numbers of an engine. Defaults are what a production node runs with; tests shorten the times.

use std::time::Duration;

use crate::allocation::AllocationOptions;
use crate::entropy::Entropy;

/// Times and limits of a node.
#[derive(Clone, Debug)]
pub struct Options {
    /// Each connection hears the tops of its logged channels this often; one that is silent for 2.5 of these is closed. 25 s.
    pub heartbeat: Duration,
    /// The first frame must come, and be judged, within this time. 10 s.
    pub hello_timeout: Duration,
    /// A principal is absent when its last connection has been gone this long, so that a reload is not an absence. 5 s.
    pub presence_ttl: Duration,
    /// Frames that may wait for one connection; a connection that needs more is cut. 256.
    pub queue_frames: usize,
    /// Largest frame or message a client may send, in bytes. 64 KiB.
    pub max_message_bytes: usize,
    /// Connections of one peer on one listener; 0 means unlimited. 20.
    pub connections_per_address: usize,
    /// Requests a connection may make per second in the long run. 50.
    pub requests_per_second: u32,
    /// Requests a connection may make at once. 200.
    pub request_burst: u32,
    /// How long the writer gathers when several entries are waiting, or were a moment ago. 3 ms.
    pub commit_linger: Duration,
    /// Most entries of one commit. 512.
    pub commit_max: usize,
    /// Connections at which a node calls itself full; also its weight among others. 10,000.
    pub capacity: usize,
    /// How long a node is taken for alive without a sign of it; it gives one three times as often. 10 s.
    pub lease: Duration,
    /// How new sessions are spread over the nodes.
    pub allocation: AllocationOptions,
    /// When publications of a channel are gathered into batches.
    pub coalesce: Coalesce,
    /// Where names and jitter come from. The system.
    pub entropy: Entropy,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(25),
            hello_timeout: Duration::from_secs(10),
            presence_ttl: Duration::from_secs(5),
            queue_frames: 256,
            max_message_bytes: 64 * 1024,
            connections_per_address: 20,
            requests_per_second: 50,
            request_burst: 200,
            commit_linger: Duration::from_millis(3),
            commit_max: 512,
            capacity: 10_000,
            lease: Duration::from_secs(10),
            allocation: AllocationOptions::default(),
            coalesce: Coalesce::default(),
            entropy: Entropy::system(),
        }
    }
}

/// How long publications of a channel wait for one another, by the number of local members: the cost of a fan-out is frames × members.
#[derive(Clone, Debug)]
pub struct Coalesce {
    /// In ascending order; the first step whose bound is above the number of members holds.
    pub steps: Vec<CoalesceStep>,
    /// The tick of channels larger than every step. Their members are written to in shares, in turn within the tick.
    pub beyond: Duration,
    /// The tick of smaller ones that keep a core busy.
    pub crowded: Duration,
}

/// One step of [`Coalesce`].
#[derive(Clone, Copy, Debug)]
pub struct CoalesceStep {
    /// Holds for channels with fewer members than this.
    pub members_below: usize,
    /// How long to gather; zero sends everything at once.
    pub tick: Duration,
}

impl Default for Coalesce {
    fn default() -> Self {
        let step = |members_below, millis| CoalesceStep { members_below, tick: Duration::from_millis(millis) };
        let [beyond, crowded] = [70, 50].map(Duration::from_millis);
        Self { steps: vec![step(20, 0), step(100, 5), step(500, 10), step(5_000, 20)], beyond, crowded }
    }
}
