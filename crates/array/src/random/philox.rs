//! Philox4x32-10, a counter-based generator: J. K. Salmon and others, "Parallel random numbers: as easy as 1, 2, 3", SC11.
//!
//! A counter and a key give 128 bits, which look random whatever the counters are. The counter is a place in an array, the
//! number of the draw there, and the distribution; the key is the seed. So any element is made anywhere, in any order.

use crate::kernel::wide;

/// Blocks that are made side by side.
const LANES: usize = 8;
/// Multipliers, and what is added to the key after each round, as published.
const M: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const W: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// What numbers are drawn for, and with which seed: streams of different purposes have nothing in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    seed: [u32; 2],
    purpose: u32,
}

impl Key {
    pub(super) fn new(seed: u64, purpose: u32) -> Self {
        Key { seed: [seed as u32, (seed >> 32) as u32], purpose }
    }
}

/// Ten rounds, on several counters side by side.
#[inline(always)]
fn rounds<const N: usize>(mut counter: [[u32; N]; 4], mut key: [u32; 2]) -> [[u32; N]; 4] {
    for _ in 0..ROUNDS {
        let mut next = [[0; N]; 4];
        for lane in 0..N {
            let (a, b) = (u64::from(M[0]) * u64::from(counter[0][lane]), u64::from(M[1]) * u64::from(counter[2][lane]));
            next[0][lane] = (b >> 32) as u32 ^ counter[1][lane] ^ key[0];
            next[1][lane] = b as u32;
            next[2][lane] = (a >> 32) as u32 ^ counter[3][lane] ^ key[1];
            next[3][lane] = a as u32;
        }
        counter = next;
        key = [key[0].wrapping_add(W[0]), key[1].wrapping_add(W[1])];
    }
    counter
}

#[inline(always)]
fn joined(low: u32, high: u32) -> u64 {
    u64::from(low) | (u64::from(high) << 32)
}

/// The 128 bits of one counter.
pub(super) fn block(key: Key, at: u64, draw: u32) -> [u64; 2] {
    let [a, b, c, d] = rounds([[at as u32], [(at >> 32) as u32], [draw], [key.purpose]], key.seed);
    [joined(a[0], b[0]), joined(c[0], d[0])]
}

/// One word for each place from `first` on. Two places share a block.
pub(super) fn words(key: Key, first: u64, out: &mut [u64]) {
    wide(
        #[inline(always)]
        move || {
            let (mut at, mut rest) = (first, out);
            while !rest.is_empty() {
                let pairs: [u64; LANES] = std::array::from_fn(|lane| (at / 2).wrapping_add(lane as u64));
                let counter = [pairs.map(|pair| pair as u32), pairs.map(|pair| (pair >> 32) as u32), [0; LANES], [key.purpose; LANES]];
                let made = rounds(counter, key.seed);
                let mut batch = [0; 2 * LANES];
                for lane in 0..LANES {
                    batch[2 * lane] = joined(made[0][lane], made[1][lane]);
                    batch[2 * lane + 1] = joined(made[2][lane], made[3][lane]);
                }
                let skip = (at % 2) as usize;
                let many = rest.len().min(2 * LANES - skip);
                let (here, after) = std::mem::take(&mut rest).split_at_mut(many);
                here.copy_from_slice(&batch[skip..skip + many]);
                (rest, at) = (after, at + many as u64);
            }
        },
    );
}

/// The words of one place, as many as are asked for: what is rejected is drawn again, and no other place notices.
pub(super) struct Stream {
    key: Key,
    at: u64,
    draw: u32,
    spare: Option<u64>,
}

impl Stream {
    pub(super) fn new(key: Key, at: u64) -> Self {
        // Draw 0 is that of pairs of places.
        Stream { key, at, draw: 1, spare: None }
    }

    pub(super) fn word(&mut self) -> u64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let [word, spare] = block(self.key, self.at, self.draw);
        (self.spare, self.draw) = (Some(spare), self.draw.wrapping_add(1));
        word
    }

    /// A number between 0 and 1, and neither of them.
    pub(super) fn open(&mut self) -> f64 {
        open(self.word())
    }
}

/// A number from 0 on, below 1: a multiple of 2^-53.
#[inline(always)]
pub(super) fn unit(word: u64) -> f64 {
    (word >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

/// A number between 0 and 1, and neither of them: the middle of one of 2^52 equal parts.
#[inline(always)]
pub(super) fn open(word: u64) -> f64 {
    ((word >> 12) as f64 + 0.5) * (1.0 / (1u64 << 52) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_answers_come_out() {
        let known = [
            ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
            ([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ];
        for (counter, key, expected) in known {
            assert_eq!(rounds(counter.map(|word| [word]), key).map(|[word]| word), expected);
            assert_eq!(rounds(counter.map(|word| [word; 5]), key).map(|lanes| lanes[4]), expected);
        }
    }

    #[test]
    fn words_are_those_of_their_places_wherever_one_begins() {
        let key = Key::new(42, 1);
        let mut all = [0; 100];
        words(key, 0, &mut all);
        for first in 0..40 {
            let mut some = [0; 37];
            words(key, first as u64, &mut some);
            assert_eq!(some, all[first..first + 37], "{first}");
        }
        assert_eq!([all[6], all[7]], block(key, 3, 0));
        assert_ne!(block(key, 3, 0), block(Key::new(42, 2), 3, 0));
        let mut far = [0; 3];
        words(key, (1 << 40) + 1, &mut far);
        assert_eq!(far[0], block(key, 1 << 39, 0)[1]);
    }

    #[test]
    fn numbers_are_in_their_range() {
        assert_eq!((unit(0), open(0) > 0.0, open(u64::MAX) < 1.0, unit(u64::MAX) < 1.0), (0.0, true, true, true));
        let mut stream = Stream::new(Key::new(1, 1), 5);
        let drawn: Vec<u64> = (0..4).map(|_| stream.word()).collect();
        assert_eq!(drawn, [block(Key::new(1, 1), 5, 1), block(Key::new(1, 1), 5, 2)].concat());
    }
}
