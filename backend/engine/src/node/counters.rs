//! What the node counts, for metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::connections::Connections;
use crate::policy::TransportKind;
use crate::transport::Connection;

/// A reading of a node's counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections over WebSocket.
    pub websocket: usize,
    /// Connections over Socket.IO.
    pub socketio: usize,
    /// Connections over XPUSH's namespaces.
    pub xpush: usize,
    /// Channels with local members.
    pub channels: usize,
    /// Those of them that have members on other nodes, too.
    pub spread: usize,
    /// Memberships of local connections.
    pub members: usize,
    /// Principals that are present on this node.
    pub present: usize,
    /// Frames queued to connections, since the start.
    pub frames_out: u64,
    /// Connections cut because they did not read fast enough, since the start.
    pub slow_consumers_cut: u64,
    /// Entries committed, since the start.
    pub appended: u64,
    /// Commits, since the start.
    pub batches: u64,
    /// Messages to other nodes that were given up because the bus was behind, since the start.
    pub relay_lost: u64,
    /// Publications that arrived from other nodes, since the start.
    pub relayed_in: u64,
    /// Entries that were read from the log because the bus did not bring them, since the start.
    pub healed: u64,
    /// How long the last message of this node to all took to come back to it over the bus, in microseconds; 0 when it is alone.
    pub bus_lag: u64,
    /// Messages that wait for the bus.
    pub relay_waiting: usize,
}

/// The counters that only grow.
#[derive(Default)]
pub(super) struct Counters {
    pub(super) frames_out: AtomicU64,
    pub(super) slow_consumers_cut: AtomicU64,
    appended: AtomicU64,
    batches: AtomicU64,
    pub(super) relay_lost: AtomicU64,
    pub(super) relayed_in: AtomicU64,
    pub(super) healed: AtomicU64,
    pub(super) bus_lag: AtomicU64,
}

impl Counters {
    pub(super) fn committed(&self, entries: usize) {
        self.appended.fetch_add(u64::try_from(entries).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.batches.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read<P>(&self, connections: &Connections<Arc<Connection<P>>>, present: usize) -> Counts {
        let over = |kind| connections.handles().filter(|connection| connection.transport == kind).count();
        let (channels, members) = connections.channel_counts();
        Counts {
            websocket: over(TransportKind::WebSocket),
            socketio: over(TransportKind::SocketIo),
            xpush: over(TransportKind::Xpush),
            channels,
            spread: 0,
            members,
            present,
            frames_out: self.frames_out.load(Ordering::Relaxed),
            slow_consumers_cut: self.slow_consumers_cut.load(Ordering::Relaxed),
            appended: self.appended.load(Ordering::Relaxed),
            batches: self.batches.load(Ordering::Relaxed),
            relay_lost: self.relay_lost.load(Ordering::Relaxed),
            relayed_in: self.relayed_in.load(Ordering::Relaxed),
            healed: self.healed.load(Ordering::Relaxed),
            bus_lag: self.bus_lag.load(Ordering::Relaxed),
            relay_waiting: 0,
        }
    }
}
