//! Numbers as sums of two floats, whole numbers in floats, and powers of two.

/// Added to a small float, it leaves the nearest whole number in the lowest bits: 3 * 2^51.
const ROUND: f64 = 6755399441055744.0;

/// A float that whole numbers of 52 bits are the lowest bits of: 2^52.
pub(super) const UNIT: f64 = 4503599627370496.0;

/// The nearest whole number to a float of a magnitude below 2^51, and as an integer in two's complement.
#[inline(always)]
pub(super) fn whole(x: f64) -> (f64, u64) {
    let moved = x + ROUND;
    (moved - ROUND, moved.to_bits().wrapping_sub(ROUND.to_bits()))
}

/// The leading 26 bits: products of two such numbers are exact.
#[inline(always)]
pub(super) fn high(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & 0xffff_ffff_f800_0000)
}

/// A sum and its rounding error (Knuth).
#[inline(always)]
pub(super) fn sum(a: f64, b: f64) -> (f64, f64) {
    let s = a + b;
    let t = s - a;
    (s, (a - (s - t)) + (b - t))
}

/// A sum and its rounding error, where the first is the larger or zero (Dekker).
#[inline(always)]
pub(super) fn fast_sum(a: f64, b: f64) -> (f64, f64) {
    let s = a + b;
    (s, b - (s - a))
}

/// A quotient of two sums: its leading 26 bits and the rest.
#[inline(always)]
pub(super) fn quotient(n: f64, n_low: f64, d: f64, d_low: f64) -> (f64, f64) {
    let inverse = 1.0 / d;
    let q = high(n * inverse);
    let d_high = high(d);
    let rest = ((n - q * d_high) - q * (d - d_high)) + (n_low - q * d_low);
    (q, rest * inverse)
}

/// The axis that an angle is measured from: upright, to the left, or to the right, where it is none.
#[inline(always)]
pub(super) fn nearest_axis(steep: bool, left: bool, upright: f64, leftward: f64) -> f64 {
    if steep {
        upright
    } else if left {
        leftward
    } else {
        0.0
    }
}

/// `2^k` for `k` from -1022 to 1023.
#[inline(always)]
pub(super) fn power(k: u64) -> f64 {
    f64::from_bits(k.wrapping_add(1023) << 52)
}

/// `x * 2^k`, rounded once, for `k` from -2000 to 2000.
#[inline(always)]
pub(super) fn scale(x: f64, k: u64) -> f64 {
    // In two steps, since 2^k may be no float where the result is one. Halved as a positive number: shifts of these are cheap.
    let moved = k.wrapping_add(4096);
    let half = moved >> 1;
    x * power(half.wrapping_sub(2048)) * power(moved.wrapping_sub(half).wrapping_sub(2048))
}
