//! Hyperbolic functions and their inverses.
//!
//! With `x = k ln 2 + r` and `q = 4^-k`, the sine is `2^(k-1) ((1 - q) cosh r + (1 + q) sinh r)` and the cosine the same with the
//! signs of `q` turned: neither is divided, and what cancels is exact.

use super::{exp::reduce, log::log1p_sum};
use crate::kernel::math::{
    parts::{fast_sum, high, quotient, scale, sum},
    poly,
};

/// Sine and cosine as sums, both over `2^(k-1)`, and `k - 1`; for `a` from 0 to 711.
#[inline(always)]
fn both(a: f64) -> (f64, f64, f64, f64, u64) {
    let (r, lost, k, bits) = reduce(a);
    // Past 2^30 it is nothing beside one.
    let q = if k > 30.0 { 0.0 } else { f64::from_bits(1023u64.wrapping_sub(bits << 1) << 52) };
    let z = r * r;
    let odd = poly!(z: 0.16666666666666669, 0.008333333333330062, 0.00019841269863053618, 2.7557268459997064e-6,
        2.510038549551032e-8);
    let even = poly!(z: 0.041666666666666664, 0.0013888888888886552, 2.4801587317144498e-5, 2.755728296954995e-7,
        2.0911236630261545e-9);
    let sine = r * z * odd + lost;
    let cosine = 0.5 * z + z * z * even;
    let (less, less_low) = fast_sum(1.0, -q);
    let (more, more_low) = fast_sum(1.0, q);
    let (s, s_lost) = fast_sum(less, r);
    let (c, c_lost) = fast_sum(more, r);
    let s_low = (s_lost + less_low) + (q * r + (more * sine + less * cosine));
    let c_low = (c_lost + (more_low - q * r)) + (less * sine + more * cosine);
    (s, s_low, c, c_low, bits.wrapping_sub(1))
}

/// The magnitude, where functions still grow.
#[inline(always)]
fn within(x: f64, limit: f64) -> f64 {
    let a = x.abs();
    if a > limit { limit } else { a }
}

/// The hyperbolic sine.
#[inline(always)]
pub(crate) fn sinh(x: f64) -> f64 {
    let (s, s_low, _, _, k) = both(within(x, 711.0));
    scale(s + s_low, k).copysign(x)
}

/// The hyperbolic cosine.
#[inline(always)]
pub(crate) fn cosh(x: f64) -> f64 {
    let (_, _, c, c_low, k) = both(within(x, 711.0));
    scale(c + c_low, k)
}

/// The hyperbolic tangent.
#[inline(always)]
pub(crate) fn tanh(x: f64) -> f64 {
    let (s, s_low, c, c_low, _) = both(within(x, 22.0));
    let (n, n_low) = fast_sum(s, s_low);
    let (d, d_low) = fast_sum(c, c_low);
    let (q, rest) = quotient(n, n_low, d, d_low);
    (q + rest).copysign(x)
}

/// From here on a square and one more is the square: 2^28.
const FAR: f64 = 268435456.0;

/// The inverse hyperbolic sine: `ln(1 + a + a^2 / (1 + sqrt(1 + a^2)))`.
#[inline(always)]
pub(crate) fn asinh(x: f64) -> f64 {
    let a = x.abs();
    let far = a > FAR;
    let near = if far { 1.0 } else { a };
    let square = near * near;
    let (u, low) = sum(near, square / (1.0 + (1.0 + square).sqrt()));
    // ln(2 a) where it is far.
    let (u, low) = (if far { a - 1.0 } else { u }, if far { 0.0 } else { low });
    let y = log1p_sum(u, low, if far { 1.0 } else { 0.0 });
    (if a < f64::INFINITY { y } else { a }).copysign(x)
}

/// The inverse hyperbolic cosine: `ln(1 + t + sqrt(t (t + 2)))` with `t = x - 1`.
#[inline(always)]
pub(crate) fn acosh(x: f64) -> f64 {
    let far = x > FAR;
    let near = if far { 2.0 } else { x };
    let t = near - 1.0;
    // What is under the root as a sum, and then the root.
    let t_high = high(t);
    let (p, p_low) = sum(2.0 * t, t_high * t_high);
    let rest = p_low + (t - t_high) * (t + t_high);
    let root = (p + rest).sqrt();
    let root_high = high(root);
    let root_low = ((p - root_high * root_high) + rest) / (root + root_high);
    // Of one there is no root to divide by; below, it is not a number.
    let root_low = if root > 0.0 { root_low } else { root };
    let (u, low) = sum(t, root_high);
    let (u, low) = fast_sum(u, low + root_low);
    let (u, low) = (if far { x - 1.0 } else { u }, if far { 0.0 } else { low });
    let y = log1p_sum(u, low, if far { 1.0 } else { 0.0 });
    let y = if x == f64::INFINITY { x } else { y };
    if x >= 1.0 { y } else { f64::NAN }
}

/// The inverse hyperbolic tangent: `ln(1 + 2 a / (1 - a)) / 2`.
#[inline(always)]
pub(crate) fn atanh(x: f64) -> f64 {
    let a = x.abs();
    let (d, d_low) = sum(1.0, -a);
    let (q, rest) = quotient(2.0 * a, 0.0, d, d_low);
    let (u, low) = fast_sum(q, rest);
    let y = 0.5 * log1p_sum(u, low, 0.0);
    let y = if a == 1.0 { f64::INFINITY } else { y };
    (if a <= 1.0 { y } else { f64::NAN }).copysign(x)
}
