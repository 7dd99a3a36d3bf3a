//! Sine, cosine and tangent: `x = k pi / 2 + r` with `|r| <= pi / 4`, and `k` modulo 4 says what is made of `r`.

use crate::kernel::math::{
    parts::{fast_sum, quotient, sum, whole},
    poly,
};
use std::f64::consts::FRAC_2_PI;

/// Above this magnitude the functions here are wrong: more digits of pi are needed.
pub(crate) const LARGE: f64 = 1048576.0;

/// `pi / 2` in four parts; the first three have 33 bits, so that products with `k` are exact.
const FRAC_PI_2_PARTS: (f64, f64, f64, f64) = (
    f64::from_bits(0x3ff9_21fb_5440_0000),
    f64::from_bits(0x3dd0_b461_1a60_0000),
    f64::from_bits(0x3ba3_198a_2e00_0000),
    f64::from_bits(0x397b_839a_2520_49c1),
);

/// `r` as a sum, and `k`.
#[inline(always)]
fn reduce(x: f64) -> (f64, f64, u64) {
    let (k, bits) = whole(x * FRAC_2_PI);
    let first = x - k * FRAC_PI_2_PARTS.0;
    let (second, lost) = sum(first, -(k * FRAC_PI_2_PARTS.1));
    let (third, lost_then) = sum(second, -(k * FRAC_PI_2_PARTS.2));
    let (r, low) = fast_sum(third, lost + (lost_then - k * FRAC_PI_2_PARTS.3));
    (r, low, bits)
}

/// The sine of a sum, as what is to be added to its first part.
#[inline(always)]
fn sine(r: f64, low: f64) -> f64 {
    let z = r * r;
    let p = poly!(z: -0.16666666666666666, 0.008333333333333331, -0.0001984126984126506, 2.7557319219335453e-6,
        -2.5052106231157904e-8, 1.605853141458901e-10, -7.586685070091267e-13);
    r * z * p + low * (1.0 - 0.5 * z)
}

/// The cosine of a sum, as two floats to add.
#[inline(always)]
fn cosine(r: f64, low: f64) -> (f64, f64) {
    let z = r * r;
    let p = poly!(z: 0.041666666666666664, -0.0013888888888887395, 2.4801587298763433e-5, -2.7557317270560326e-7,
        2.0876146024689747e-9, -1.1382614868556325e-11);
    let half = 0.5 * z;
    let (y, lost) = fast_sum(1.0, -half);
    (y, lost + (z * z * p - r * low))
}

/// The sine where `k` is even and the cosine where it is odd, negative where `k` is 2 or 3.
#[inline(always)]
fn quarter(r: f64, low: f64, k: u64) -> f64 {
    let (c, c_low) = cosine(r, low);
    let (s, c) = (r + sine(r, low), c + c_low);
    let y = if k & 1 == 0 { s } else { c };
    f64::from_bits(y.to_bits() ^ ((k & 2) << 62))
}

/// The sine.
#[inline(always)]
pub(crate) fn sin(x: f64) -> f64 {
    let (r, low, k) = reduce(x);
    let y = quarter(r, low, k);
    if x == 0.0 { x } else { y }
}

/// The cosine.
#[inline(always)]
pub(crate) fn cos(x: f64) -> f64 {
    let (r, low, k) = reduce(x);
    quarter(r, low, k.wrapping_add(1))
}

/// The tangent.
#[inline(always)]
pub(crate) fn tan(x: f64) -> f64 {
    let (r, low, k) = reduce(x);
    let (s, s_low) = fast_sum(r, sine(r, low));
    let (c, c_rest) = cosine(r, low);
    let (c, c_low) = fast_sum(c, c_rest);
    let even = k & 1 == 0;
    let (n, n_low) = (if even { s } else { -c }, if even { s_low } else { -c_low });
    let (d, d_low) = (if even { c } else { s }, if even { c_low } else { s_low });
    let (q, rest) = quotient(n, n_low, d, d_low);
    let y = q + rest;
    if x == 0.0 { x } else { y }
}
