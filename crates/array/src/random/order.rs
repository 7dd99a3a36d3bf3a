//! [`Order`]: the numbers below some number in a random order, any of them alone.
//!
//! A Feistel network over as many bits as the largest number has maps numbers of so many bits one to one, with Philox as what
//! mixes; a number that leaves the range goes through again until it is back, which is one to one on the range. Few numbers
//! are shuffled instead, so that every order is as likely as every other.

use super::philox::{Key, Stream, block};

/// So few are shuffled.
const FEW: u64 = 4096;
/// Rounds of the network; even, so that both halves have the bits again that they began with.
const ROUNDS: u32 = 8;

/// A random order of the numbers below `len`.
pub(super) enum Order {
    Shuffled(Vec<u64>),
    Mixed { key: Key, len: u64, left: u32, right: u32 },
}

impl Order {
    pub(super) fn new(key: Key, len: u64) -> Self {
        if len > FEW {
            let bits = u64::BITS - (len - 1).leading_zeros();
            return Order::Mixed { key, len, left: bits / 2, right: bits - bits / 2 };
        }
        let mut all: Vec<u64> = (0..len).collect();
        for last in (1..all.len()).rev() {
            all.swap(last, below(&mut Stream::new(key, last as u64), last as u64 + 1) as usize);
        }
        Order::Shuffled(all)
    }

    /// The number in a place, which is below `len`.
    pub(super) fn at(&self, place: u64) -> u64 {
        match self {
            Order::Shuffled(all) => all[place as usize],
            Order::Mixed { key, len, left, right } => {
                let mut number = mixed(*key, place, *left, *right);
                while number >= *len {
                    number = mixed(*key, number, *left, *right);
                }
                number
            }
        }
    }
}

fn mixed(key: Key, number: u64, left: u32, right: u32) -> u64 {
    let (mut high, mut low) = (number >> right, number & ((1 << right) - 1));
    // The bits of the high half, which are those of the next low one.
    let (mut bits, mut others) = (left, right);
    for round in 0..ROUNDS {
        let next = high ^ (block(key, low, round)[0] & ((1 << bits) - 1));
        (high, low) = (low, next);
        (bits, others) = (others, bits);
    }
    (high << right) | low
}

/// A number below `span`, which is not 0, each as likely as every other: D. Lemire, "Fast random integer generation in an
/// interval", ACM Transactions on Modeling and Computer Simulation 29 (2019).
pub(super) fn below(stream: &mut Stream, span: u64) -> u64 {
    loop {
        let wide = u128::from(stream.word()) * u128::from(span);
        if wide as u64 >= span.wrapping_neg() % span {
            return (wide >> 64) as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_once() {
        for len in [0, 1, 2, 3, 100, 4096, 4097, 8191, 8192, 8193, 20_000] {
            let order = Order::new(Key::new(3, 1), len);
            let mut seen = vec![false; len as usize];
            (0..len).for_each(|place| assert!(!std::mem::replace(&mut seen[order.at(place) as usize], true), "{len}"));
        }
    }

    #[test]
    fn large_orders_look_random() {
        let len = 1 << 40;
        let order = Order::new(Key::new(3, 1), len);
        let all: Vec<f64> = (0..2000).map(|place| order.at(place) as f64 / len as f64).collect();
        let mean = all.iter().sum::<f64>() / 2000.0;
        let lag: f64 = all.windows(2).map(|pair| (pair[0] - 0.5) * (pair[1] - 0.5)).sum::<f64>() / 1999.0 * 12.0;
        // Five standard deviations.
        assert!((mean - 0.5).abs() < 0.033 && lag.abs() < 0.112, "{mean} {lag}");
        assert_ne!(order.at(0), Order::new(Key::new(4, 1), len).at(0));
    }

    #[test]
    fn numbers_below_a_span_are_equally_likely() {
        let mut counts = [0u32; 6];
        (0..60_000).for_each(|at| counts[below(&mut Stream::new(Key::new(5, 1), at), 6) as usize] += 1);
        // Five standard deviations.
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 460), "{counts:?}");
    }
}
