//! Random numbers by their place: any part of a table is made without the parts before it.

/// A column's worth of numbers: the finalizer of SplitMix64 (Steele, Lea, Flood 2014) of seed and place.
#[derive(Clone, Copy)]
pub(super) struct Random(u64);

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Random {
    /// Numbers of a seed.
    pub(super) const fn new(seed: u64) -> Self {
        Random(mixed(seed.wrapping_mul(GOLDEN)))
    }

    /// Any 64 bits.
    pub(super) fn bits(self, at: u64) -> u64 {
        mixed(self.0.wrapping_add(at.wrapping_mul(GOLDEN)))
    }

    /// Less than `end`, which is not zero.
    pub(super) fn below(self, at: u64, end: u64) -> u64 {
        ((u128::from(self.bits(at)) * u128::from(end)) >> 64) as u64
    }

    /// The numbers below `end` in another order (Fisher and Yates).
    pub(super) fn shuffled(self, end: u64) -> Vec<i64> {
        let mut numbers: Vec<i64> = (0..end as i64).collect();
        for at in (1..end).rev() {
            numbers.swap(at as usize, self.below(at, at + 1) as usize);
        }
        numbers
    }
}

const fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spread_evenly_below_their_end() {
        let random = Random::new(1);
        let mut counts = [0; 10];
        (0..100_000).for_each(|at| counts[random.below(at, 10) as usize] += 1);
        assert!(counts.iter().all(|count| (9_600..10_400).contains(count)), "{counts:?}");
    }

    #[test]
    fn the_same_place_has_the_same_number_and_another_seed_another() {
        let bits = |seed| (0..100).map(|at| Random::new(seed).bits(at)).collect::<Vec<_>>();
        assert_eq!(bits(1), bits(1));
        assert_ne!(bits(1), bits(2));
    }

    #[test]
    fn shuffled_numbers_are_all_there() {
        let mut numbers = Random::new(3).shuffled(1000);
        assert_ne!(numbers[..10], (0..10).collect::<Vec<_>>()[..]);
        numbers.sort_unstable();
        assert_eq!(numbers, (0..1000).collect::<Vec<_>>());
    }
}
