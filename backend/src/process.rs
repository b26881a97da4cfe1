//! What this process takes of its machine, as Linux tells it; elsewhere nothing is known.

use std::fs::read_to_string;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Ticks of a second: what Linux shows to programs is always in hundredths.
const TICKS: f64 = 100.0;

/// Measures between two looks.
#[derive(Debug, Default)]
pub struct Meter {
    before: Mutex<Option<(Instant, f64)>>,
}

impl Meter {
    /// Processors that were busy with us since the last look, on average; nothing at the first.
    pub fn processors(&self) -> Option<f64> {
        let (now, used) = (Instant::now(), used_seconds()?);
        let (at, before) = self.before.lock().unwrap_or_else(PoisonError::into_inner).replace((now, used))?;
        let passed = now.duration_since(at).as_secs_f64();
        (passed > 0.0).then(|| (used - before) / passed)
    }
}

/// Bytes of memory in use.
pub fn memory() -> Option<u64> {
    let status = read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? * 1024)
}

/// The machine's name.
pub fn machine() -> Option<String> {
    let name = read_to_string("/proc/sys/kernel/hostname").ok()?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

fn used_seconds() -> Option<f64> {
    let stat = read_to_string("/proc/self/stat").ok()?;
    // The name, in parentheses, may have spaces.
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let ticks = |place: usize| fields.get(place)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_knows_its_memory_its_machine_and_how_busy_it_was() {
        assert!(memory().unwrap() > 1_000_000);
        assert!(machine().is_some());
        let meter = Meter::default();
        assert_eq!(meter.processors(), None, "there is nothing to compare with");
        std::hint::black_box((0..1_000_000_u64).fold(0, |sum, n| sum ^ n.wrapping_mul(n)));
        assert!(meter.processors().unwrap() >= 0.0);
    }
}
