//! What a process used, from `/proc`, and how latencies are spread.

use std::fs;
use std::time::Instant;

use hdrhistogram::Histogram;

use crate::fault::Result;

/// Linux counts processor time for user space in hundredths of a second, whatever the kernel does inside.
const TICKS_PER_SECOND: u64 = 100;

/// A number as a real one. Everything measured here is far below 2^52.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
pub fn real(number: u64) -> f64 {
    number as f64
}

/// The same of a count.
pub fn real_count(number: usize) -> f64 {
    real(number as u64)
}

/// Processor seconds used so far by these processes.
pub fn cpu_seconds(pids: &[u32]) -> Result<f64> {
    let mut ticks = 0;
    for pid in pids {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The name before it may contain anything, also parentheses.
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        // utime and stime are fields 14 and 15; the first after the name is 3.
        ticks += after_name.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().unwrap_or(0)).sum::<u64>();
    }
    Ok(real(ticks) / real(TICKS_PER_SECOND))
}

/// The processor time of some processes, and of the generator itself, from now on.
#[derive(Debug)]
pub struct Meter {
    pids: Vec<u32>,
    server: f64,
    generator: f64,
    began: Instant,
}

/// What a [`Meter`] read.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    pub server_s: f64,
    pub seconds: f64,
    /// The part of its core that the generator used: near 1 it is the generator that was measured.
    pub generator_share: f64,
}

impl Meter {
    /// Begins.
    pub fn start(pids: &[u32]) -> Result<Self> {
        let generator = cpu_seconds(&[std::process::id()])?;
        Ok(Self { pids: pids.to_vec(), server: cpu_seconds(pids)?, generator, began: Instant::now() })
    }

    /// What was used since.
    pub fn read(&self) -> Result<Used> {
        let seconds = self.began.elapsed().as_secs_f64();
        let generator = cpu_seconds(&[std::process::id()])? - self.generator;
        Ok(Used { server_s: cpu_seconds(&self.pids)? - self.server, seconds, generator_share: generator / seconds })
    }
}

/// What the host of a virtual machine gives to others of a core's time, from now on: where it is much, every figure that is not a ratio is too low.
#[derive(Debug)]
pub struct Stolen {
    core: usize,
    before: (u64, u64),
}

impl Stolen {
    /// Begins.
    pub fn start(core: usize) -> Result<Self> {
        Ok(Self { core, before: stolen(&fs::read_to_string("/proc/stat")?, core) })
    }

    /// Its part of the time since.
    pub fn share(&self) -> Result<f64> {
        let (taken, all) = stolen(&fs::read_to_string("/proc/stat")?, self.core);
        Ok(real(taken - self.before.0) / real(all - self.before.1).max(1.0))
    }
}

/// Ticks of a core that others had, and all of them.
fn stolen(stat: &str, core: usize) -> (u64, u64) {
    let name = format!("cpu{core} ");
    let fields = stat.lines().find_map(|line| line.strip_prefix(&name)).unwrap_or_default();
    // The eighth is what others had; what guests of this machine used comes behind it and is counted before.
    let ticks: Vec<u64> = fields.split_whitespace().take(8).map(|field| field.parse().unwrap_or(0)).collect();
    (ticks.get(7).copied().unwrap_or(0), ticks.iter().sum())
}

/// Latencies in microseconds, to three digits, up to two minutes.
#[derive(Debug, Clone)]
pub struct Latencies(Histogram<u64>);

impl Latencies {
    /// None yet.
    pub fn new() -> Result<Self> {
        Ok(Self(Histogram::new_with_bounds(1, 120_000_000, 3)?))
    }

    /// Notes one.
    pub fn record(&mut self, micros: u64) {
        self.0.saturating_record(micros.max(1));
    }

    /// The value in milliseconds below which this percentage lies; 0 when there are none.
    pub fn millis(&self, percentile: f64) -> f64 {
        if self.0.is_empty() { 0.0 } else { real(self.0.value_at_percentile(percentile)) / 1000.0 }
    }

    /// How many were noted.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.0.reset();
    }
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_had_of_a_core_is_read_from_its_own_line() {
        let stat = "cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 1 1 1 1 1 1 1 1 0 0\ncpu1 40 1 20 30 2 3 1 5 7 7\nintr 9";
        assert_eq!([stolen(stat, 1), stolen(stat, 0), stolen(stat, 2)], [(5, 102), (1, 8), (0, 0)]);
    }

    #[test]
    fn the_median_is_the_middle_one() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!(median(Vec::new()).abs() < f64::EPSILON);
    }

    #[test]
    fn percentiles_are_in_milliseconds() {
        let mut latencies = Latencies::new().unwrap();
        (1..=100).for_each(|millis| latencies.record(millis * 1000));
        assert!((latencies.millis(99.0) - 99.0).abs() < 0.2);
        assert!(latencies.millis(50.0) < 51.0);
    }

    #[test]
    fn ones_own_processor_time_is_read() {
        assert!(cpu_seconds(&[std::process::id()]).unwrap() >= 0.0);
        assert!(cpu_seconds(&[u32::MAX]).is_err());
    }
}
