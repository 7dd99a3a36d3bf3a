//! Distributions of whole numbers by rejection: W. Hörmann, "The transformed rejection method for generating Poisson random
//! variables", Insurance: Mathematics and Economics 12 (1993), PTRS; and "The generation of binomial random variates", Journal
//! of Statistical Computation and Simulation 46 (1993), BTRS. Small means are counted out.

use super::philox::Stream;

/// Means below this are counted out.
const SMALL: f64 = 10.0;
/// Half the logarithm of 2 pi.
const HALF_LN_TAU: f64 = 0.918_938_533_204_672_8;

/// What Stirling's formula for `ln(k!)` leaves: `ln(k!) - ((k + 1/2) ln(k + 1) - (k + 1) + ln(2 pi) / 2)`.
fn stirling_rest(k: f64) -> f64 {
    let x = k + 1.0;
    if k < 16.0 {
        // Exact: 15! has less than 53 bits.
        let factorial: f64 = (2..=k as u32).map(f64::from).product();
        return factorial.ln() - ((k + 0.5) * x.ln() - x + HALF_LN_TAU);
    }
    let r = 1.0 / (x * x);
    (1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r / 1680.0))) / x
}

fn ln_factorial(k: f64) -> f64 {
    let x = k + 1.0;
    (k + 0.5) * x.ln() - x + HALF_LN_TAU + stirling_rest(k)
}

/// One number of the Poisson distribution with this mean, which is not negative.
pub(super) fn poisson(stream: &mut Stream, mean: f64) -> i64 {
    if mean < SMALL {
        // Events, until their waiting times are one unit of time.
        let (end, mut product, mut count) = ((-mean).exp(), stream.open(), 0);
        while product > end {
            product *= stream.open();
            count += 1;
        }
        return count;
    }
    let b = 0.931 + 2.53 * mean.sqrt();
    let a = -0.059 + 0.024_83 * b;
    let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    let sure = 0.9277 - 3.6224 / (b - 2.0);
    loop {
        let (u, v) = (stream.open() - 0.5, stream.open());
        let us = 0.5 - u.abs();
        let k = ((2.0 * a / us + b) * u + mean + 0.43).floor();
        if us >= 0.07 && v <= sure {
            return k as i64;
        }
        if k < 0.0 || (us < 0.013 && v > us) {
            continue;
        }
        if (v * inverse_alpha / (a / (us * us) + b)).ln() <= k * mean.ln() - mean - ln_factorial(k) {
            return k as i64;
        }
    }
}

/// One number of the binomial distribution: of `n` tries, each with probability `p`, how many succeed.
pub(super) fn binomial(stream: &mut Stream, n: u64, p: f64) -> i64 {
    if p > 0.5 {
        return n as i64 - binomial(stream, n, 1.0 - p);
    }
    let tries = n as f64;
    let odds = p / (1.0 - p);
    if tries * p < SMALL {
        let none = (tries * (-p).ln_1p()).exp();
        // The probabilities of 0, 1, 2 … successes are taken off a number until it is used up.
        loop {
            let (mut left, mut here, mut count) = (stream.open(), none, 0u64);
            while left > here && count < n {
                left -= here;
                count += 1;
                here *= odds * ((tries + 1.0) / count as f64 - 1.0);
                if here == 0.0 {
                    break;
                }
            }
            if here > 0.0 {
                return count as i64;
            }
        }
    }
    let spread = (tries * p * (1.0 - p)).sqrt();
    let b = 1.15 + 2.53 * spread;
    let a = -0.0873 + 0.0248 * b + 0.01 * p;
    let c = tries * p + 0.5;
    let sure = 0.92 - 4.2 / b;
    let alpha = (2.83 + 5.1 / b) * spread;
    let likeliest = ((tries + 1.0) * p).floor();
    let rests = stirling_rest(likeliest) + stirling_rest(tries - likeliest);
    loop {
        let (u, v) = (stream.open() - 0.5, stream.open());
        let us = 0.5 - u.abs();
        let k = ((2.0 * a / us + b) * u + c).floor();
        if k < 0.0 || k > tries {
            continue;
        }
        if us >= 0.07 && v <= sure {
            return k as i64;
        }
        let (misses, others) = (tries - likeliest + 1.0, tries - k + 1.0);
        let bound = (likeliest + 0.5) * ((likeliest + 1.0) / (odds * misses)).ln()
            + (tries + 1.0) * (misses / others).ln()
            + (k + 0.5) * (others * odds / (k + 1.0)).ln()
            + rests
            - stirling_rest(k)
            - stirling_rest(tries - k);
        if (v * alpha / (a / (us * us) + b)).ln() <= bound {
            return k as i64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::philox::Key;

    #[test]
    fn factorials_are_right_where_the_formulas_meet() {
        let mut sum = 0.0;
        for k in 0..200u32 {
            sum += f64::from(k.max(1)).ln();
            assert!((ln_factorial(f64::from(k)) - sum).abs() <= 1e-13 * (1.0 + sum), "{k}");
        }
    }

    /// How far the shares of outcomes are from their probabilities, as a sum that is about the number of outcomes.
    fn misfit(counts: &[u32], total: u32, probability: impl Fn(usize) -> f64) -> (f64, usize) {
        let (mut sum, mut outcomes) = (0.0, 0);
        for (k, count) in counts.iter().enumerate() {
            let expected = probability(k) * f64::from(total);
            if expected > 5.0 {
                sum += (f64::from(*count) - expected).powi(2) / expected;
                outcomes += 1;
            }
        }
        (sum, outcomes)
    }

    #[test]
    fn every_outcome_is_as_likely_as_it_should_be() {
        const DRAWS: u32 = 40_000;
        for mean in [0.3, 4.0, 9.9, 10.1, 45.0] {
            let mut counts = vec![0u32; 200];
            (0..DRAWS).for_each(|at| counts[poisson(&mut Stream::new(Key::new(7, 1), at.into()), mean) as usize] += 1);
            let (sum, outcomes) = misfit(&counts, DRAWS, |k| (k as f64 * mean.ln() - mean - ln_factorial(k as f64)).exp());
            assert!(sum < outcomes as f64 + 5.0 * (2.0 * outcomes as f64).sqrt(), "{mean}: {sum} over {outcomes}");
        }
        for (n, p) in [(5u64, 0.5), (20, 0.05), (100, 0.3), (100, 0.92), (1, 0.25)] {
            let mut counts = vec![0u32; n as usize + 1];
            (0..DRAWS).for_each(|at| counts[binomial(&mut Stream::new(Key::new(7, 2), at.into()), n, p) as usize] += 1);
            let choose = |k: f64| ln_factorial(n as f64) - ln_factorial(k) - ln_factorial(n as f64 - k);
            let (sum, outcomes) =
                misfit(&counts, DRAWS, |k| (choose(k as f64) + k as f64 * p.ln() + (n as f64 - k as f64) * (1.0 - p).ln()).exp());
            assert!(sum < outcomes as f64 + 5.0 * (2.0 * outcomes as f64).sqrt(), "{n} {p}: {sum} over {outcomes}");
        }
    }

    #[test]
    fn the_ends_of_the_parameters_are_certain() {
        let mut stream = Stream::new(Key::new(1, 1), 0);
        assert_eq!(
            (poisson(&mut stream, 0.0), binomial(&mut stream, 9, 0.0), binomial(&mut stream, 9, 1.0), binomial(&mut stream, 0, 0.5)),
            (0, 0, 9, 0)
        );
    }
}
