//! The receiver's rule of section 5 for one logged channel.

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It was the next one.
    Next,
    /// It was known already.
    Dropped,
    /// Something before it is missing, and wanted now.
    Hole,
}

/// How far a client has read one log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    pub conversation: String,
    /// The highest seq up to which it has everything.
    pub have: u64,
    /// The highest seq known to exist.
    pub wanted: u64,
    /// A member on this connection.
    pub joined: bool,
    /// A join or a fetch is on its way.
    pub fetching: bool,
    /// The last fetch brought nothing although something is wanted.
    pub barren: bool,
}

impl Feed {
    /// A log of which nothing is known.
    pub fn new(conversation: &str) -> Self {
        Self { conversation: conversation.to_owned(), have: 0, wanted: 0, joined: false, fetching: false, barren: false }
    }

    /// A log of which one is a member already, as visitors are of theirs.
    pub fn of_member(conversation: &str) -> Self {
        Self { joined: true, ..Self::new(conversation) }
    }

    /// Takes the entry with this seq, if it is the next.
    pub fn apply(&mut self, seq: u64) -> Applied {
        self.barren = false;
        self.want(seq);
        if seq <= self.have {
            return Applied::Dropped;
        }
        if seq > self.have + 1 {
            return Applied::Hole;
        }
        self.have = seq;
        Applied::Next
    }

    /// Whether something is to be asked for now.
    pub fn is_behind(&self) -> bool {
        let has_all = self.joined && self.have >= self.wanted;
        !(has_all || self.fetching || self.barren)
    }

    /// Learns that the log reaches this far.
    pub fn want(&mut self, top: u64) {
        self.wanted = self.wanted.max(top);
    }
}
