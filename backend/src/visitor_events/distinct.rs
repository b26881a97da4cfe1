//! How many different things were seen, in 16 KiB whatever their number: HyperLogLog with 2^14 registers (standard error 0.8 %) and the
//! estimator of O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), which needs no tables of corrections. Pure.

use uuid::Uuid;

const BITS: u32 = 14;
const REGISTERS: usize = 1 << BITS;
/// Bits of the hash behind the register's number.
const REST: u32 = 64 - BITS;

/// A sketch of a set of ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch(Vec<u8>);

impl Default for Sketch {
    fn default() -> Self {
        Self(vec![0; REGISTERS])
    }
}

impl Sketch {
    /// As it was stored; `None` for what is no sketch.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() == REGISTERS && bytes.iter().all(|rank| u32::from(*rank) <= REST + 1)).then_some(Self(bytes))
    }

    /// To be stored.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Adds an id; adding it again changes nothing.
    pub fn add(&mut self, id: Uuid) {
        let hash = hash(id);
        let Ok(register) = usize::try_from(hash >> REST) else { return };
        // The first one bit of the rest; a rest of zeros is one longer than it.
        let rank = ((hash << BITS) | (1 << (BITS - 1))).leading_zeros() + 1;
        if let (Some(kept), Ok(rank)) = (self.0.get_mut(register), u8::try_from(rank)) {
            *kept = (*kept).max(rank);
        }
    }

    /// Adds all that is in another.
    pub fn merge(&mut self, other: &Self) {
        for (kept, rank) in self.0.iter_mut().zip(&other.0) {
            *kept = (*kept).max(*rank);
        }
    }

    /// About how many are in it.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate of at most some billions"
    )]
    pub fn estimate(&self) -> u64 {
        let mut counts = [0_u32; REST as usize + 2];
        for rank in &self.0 {
            if let Some(count) = counts.get_mut(usize::from(*rank)) {
                *count += 1;
            }
        }
        let registers = REGISTERS as f64;
        let full = f64::from(counts[REST as usize + 1]);
        let mut sum = registers * tau(1.0 - full / registers);
        for count in counts[1..=REST as usize].iter().rev() {
            sum = 0.5 * (sum + f64::from(*count));
        }
        sum += registers * sigma(f64::from(counts[0]) / registers);
        (registers * registers / (2.0 * std::f64::consts::LN_2 * sum)).round() as u64
    }
}

/// What the empty registers say.
fn sigma(mut share: f64) -> f64 {
    if share >= 1.0 {
        return f64::INFINITY;
    }
    let (mut step, mut sum) = (1.0, share);
    loop {
        share *= share;
        let before = sum;
        sum += share * step;
        step += step;
        if sum <= before {
            return sum;
        }
    }
}

/// What the registers say that could hold no more.
fn tau(mut share: f64) -> f64 {
    if share <= 0.0 || share >= 1.0 {
        return 0.0;
    }
    let (mut step, mut sum) = (1.0, 1.0 - share);
    loop {
        share = share.sqrt();
        let before = sum;
        step *= 0.5;
        sum -= (1.0 - share).powi(2) * step;
        if sum >= before {
            return sum / 3.0;
        }
    }
}

/// Ids hold their time in the front: mixed (splitmix64), so that every bit depends on every other.
fn hash(id: Uuid) -> u64 {
    let (high, low) = id.as_u64_pair();
    let mix = |mut bits: u64| {
        bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    };
    mix(mix(high) ^ low)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ids as browsers get them: made one after another, with the time in front.
    fn ids(from: u64, count: u64) -> impl Iterator<Item = Uuid> {
        (from..from + count)
            .map(|number| Uuid::from_u64_pair(0x0190_0000_0000_7000 + (number << 16), 0x8000_0000_0000_0000 | (number * 7919)))
    }

    #[test]
    fn the_estimate_is_within_two_percent() {
        for count in [4_097, 10_000, 40_000, 65_000, 100_000, 400_000] {
            let mut sketch = Sketch::default();
            for id in ids(0, count) {
                sketch.add(id);
            }
            let off = (f64::from(u32::try_from(sketch.estimate()).unwrap()) / f64::from(u32::try_from(count).unwrap()) - 1.0).abs();
            assert!(off <= 0.02, "{count}: {} is off by {off}", sketch.estimate());
        }
        assert_eq!(Sketch::default().estimate(), 0);
    }

    #[test]
    fn what_is_in_both_counts_once() {
        let (mut one, mut two, mut all) = (Sketch::default(), Sketch::default(), Sketch::default());
        for id in ids(0, 20_000) {
            one.add(id);
        }
        for id in ids(10_000, 20_000) {
            two.add(id);
        }
        for id in ids(0, 30_000) {
            all.add(id);
        }
        one.merge(&two);
        assert_eq!(one, all);
        let again = Sketch::from_bytes(one.bytes().to_vec()).unwrap();
        assert_eq!(again, one);
        assert_eq!(Sketch::from_bytes(vec![0; 5]), None);
        assert_eq!(Sketch::from_bytes(vec![60; REGISTERS]), None);
    }
}
