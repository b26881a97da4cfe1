//! What everybody in a run shares: the simulated time since its beginning, the trace, and what was found broken.

use std::fmt::{self, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::time::Instant;

/// Everything that happened, as a hash, and as lines when somebody wants to read them.
struct Trace {
    hash: u64,
    events: u64,
    lines: Option<Vec<String>>,
}

impl Write for Trace {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.hash = text.bytes().fold(self.hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        if let Some(line) = self.lines.as_mut().and_then(|lines| lines.last_mut()) {
            line.push_str(text);
        }
        Ok(())
    }
}

pub(crate) struct World {
    start: Instant,
    trace: Mutex<Trace>,
    broken: Mutex<Vec<String>>,
}

/// What a run leaves behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) hash: u64,
    pub(crate) events: u64,
    pub(crate) lines: Vec<String>,
    pub(crate) broken: Vec<String>,
}

impl World {
    pub(crate) fn new(keeps_lines: bool) -> Self {
        let trace = Trace { hash: 0xcbf2_9ce4_8422_2325, events: 0, lines: keeps_lines.then(Vec::new) };
        Self { start: Instant::now(), trace: Mutex::new(trace), broken: Mutex::default() }
    }

    pub(crate) fn start(&self) -> Instant {
        self.start
    }

    /// Whether somebody will read the trace.
    pub(crate) fn is_read(&self) -> bool {
        self.trace.lock().unwrap().lines.is_some()
    }

    /// Adds a line to the trace.
    pub(crate) fn note(&self, what: fmt::Arguments<'_>) {
        let at = self.start.elapsed();
        let mut trace = self.trace.lock().unwrap();
        trace.events += 1;
        if let Some(lines) = &mut trace.lines {
            lines.push(String::new());
        }
        write!(trace, "{:>7}.{:03} {what}", at.as_millis(), at.subsec_micros() % 1000).unwrap();
    }

    /// A promise does not hold.
    pub(crate) fn broke(&self, what: String) {
        self.note(format_args!("BROKEN {what}"));
        self.broken.lock().unwrap().push(what);
    }

    pub(crate) fn account(&self) -> Account {
        let trace = self.trace.lock().unwrap();
        let (hash, events, lines) = (trace.hash, trace.events, trace.lines.clone().unwrap_or_default());
        Account { hash, events, lines, broken: self.broken.lock().unwrap().clone() }
    }
}

/// Adds a line to the trace of a world.
macro_rules! note {
    ($world:expr, $($what:tt)*) => { $world.note(format_args!($($what)*)) };
}
pub(crate) use note;

/// Whether a process lives. One that does not reaches nothing any more: what it asks is never answered, and nobody hears what it says.
#[derive(Default)]
pub(crate) struct Life {
    over: AtomicBool,
}

impl Life {
    pub(crate) fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Returns at once, or never.
    pub(crate) async fn hold(&self) {
        if self.is_over() {
            std::future::pending::<()>().await;
        }
    }
}
