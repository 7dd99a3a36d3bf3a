//! Logarithms: `x = 2^k m` with `m` from the root of 1/2 to that of 2, and `ln x = k ln 2 + ln m`.
//!
//! With `f = m - 1` and `s = f / (2 + f)`, `ln m` is `2 atanh(s)`: 2s and a polynomial in `s * s`.

use super::exp::LN_2;
use crate::kernel::math::{
    parts::{UNIT, fast_sum, high, sum},
    poly,
};
use std::f64::consts::{FRAC_1_SQRT_2, LOG2_E, LOG10_E};

/// `log2 e` in two parts of which the first has 26 bits.
const LOG2_E_PARTS: (f64, f64) = (f64::from_bits(0x3ff7_1547_6000_0000), f64::from_bits(0x3e54_ae0b_f85d_df44));
/// `log10 e` in two parts of which the first has 26 bits.
const LOG10_E_PARTS: (f64, f64) = (f64::from_bits(0x3fdb_cb7b_1000_0000), f64::from_bits(0x3e34_9b94_38ca_9aae));
/// `log10 2` in two parts; the first has 41 bits, so that a product with an exponent is exact.
const LOG10_2_PARTS: (f64, f64) = (f64::from_bits(0x3fd3_4413_509f_7000), f64::from_bits(0x3d43_fde6_23e2_566b));
/// 2/3 in two parts.
const TWO_THIRDS: (f64, f64) = (f64::from_bits(0x3fe5_5555_5555_5555), f64::from_bits(0x3c85_5555_5555_5555));

/// 2^54, which makes every float a normal one.
const LIFT: f64 = 18014398509481984.0;

/// `k` and `m` of a positive number that is not infinite.
#[inline(always)]
pub(super) fn split(x: f64) -> (f64, f64) {
    let tiny = x < f64::MIN_POSITIVE;
    let lifted = if tiny { x * LIFT } else { x };
    let offset = FRAC_1_SQRT_2.to_bits();
    let moved = lifted.to_bits().wrapping_add(0x3ff0_0000_0000_0000 - offset);
    let biased = f64::from_bits((moved >> 52) | UNIT.to_bits()) - UNIT;
    let k = biased - if tiny { 1077.0 } else { 1023.0 };
    (k, f64::from_bits((moved & 0x000f_ffff_ffff_ffff).wrapping_add(offset)))
}

/// What the standard wants of a logarithm, where `y` is that of a positive finite number.
#[inline(always)]
fn special(x: f64, y: f64) -> f64 {
    let y = if x == f64::INFINITY { x } else { y };
    let y = if x == 0.0 { f64::NEG_INFINITY } else { y };
    if x >= 0.0 { y } else { f64::NAN }
}

/// `k ln 2 + ln (1 + f) + low`, where the last is a correction.
#[inline(always)]
fn assemble(k: f64, f: f64, low: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let p = poly!(z: 0.6666666666666666, 0.4000000000000088, 0.2857142857080285, 0.22222222391887064, 0.18181795621632782,
        0.15386240708969665, 0.13268746195596595, 0.13086907887965027);
    let half = 0.5 * f * f;
    let tail = s * (half + z * p) + (k * LN_2.1 + low);
    k * LN_2.0 + (f - (half - tail))
}

/// The natural logarithm.
#[inline(always)]
pub(crate) fn log(x: f64) -> f64 {
    let (k, m) = split(x);
    special(x, assemble(k, m - 1.0, 0.0))
}

/// The natural logarithm of `1 + u + low` times `2^more`, with `u + low` above -1 and below infinity.
#[inline(always)]
pub(super) fn log1p_sum(u: f64, low: f64, more: f64) -> f64 {
    let (w, lost) = sum(1.0, u);
    let (k, m) = split(w);
    // Near one, `u` has digits that `w` has not.
    let near = k == 0.0;
    let f = if near { u } else { m - 1.0 };
    let lost = if near { low } else { lost + low };
    assemble(k + more, f, lost / w)
}

/// The natural logarithm of one more.
#[inline(always)]
pub(crate) fn log1p(x: f64) -> f64 {
    let y = special(1.0 + x, log1p_sum(x, 0.0, 0.0));
    if x == 0.0 { x } else { y }
}

/// `ln m` as a sum, right to 65 bits.
#[inline(always)]
pub(super) fn precise(m: f64) -> (f64, f64) {
    let f = m - 1.0;
    // All products of parts named `high` are exact.
    let d = 2.0 + f;
    let d_high = high(d);
    let d_low = f - (d_high - 2.0);
    let inverse = 1.0 / d;
    let s = f * inverse;
    let s_high = high(s);
    let s_low = inverse * ((f - s_high * d_high) - s_high * d_low);
    // z = s * s
    let square = s_high * s_high;
    let square_low = s_low * (2.0 * s_high + s_low);
    let z = square + square_low;
    let z_high = high(z);
    let z_low = (square - z_high) + square_low;
    // c = 2/3 + z * (2/5 + ..)
    let p = poly!(z: 0.4, 0.28571428571428564, 0.22222222222228435, 0.181818181796556, 0.1538461576136298, 0.13333296519287247,
        0.11766813776159434, 0.10456312590395662, 0.10762557435735054);
    let (c, c_rest) = fast_sum(TWO_THIRDS.0, z * p);
    let c_high = high(c);
    let c_low = (c - c_high) + (c_rest + TWO_THIRDS.1);
    // t = z * c
    let first = z_high * c_high;
    let second = z_high * c_low + z_low * c;
    let t = first + second;
    let t_high = high(t);
    let t_low = (first - t_high) + second;
    // 2 s + s * t
    let (y, rest) = fast_sum(2.0 * s_high, s_high * t_high);
    fast_sum(y, rest + (2.0 * s_low + (s_high * t_low + s_low * t)))
}

/// The natural logarithm of a positive finite number as a sum.
#[inline(always)]
pub(super) fn log_parts(x: f64) -> (f64, f64) {
    let (k, m) = split(x);
    let (y, low) = precise(m);
    let (y, rest) = fast_sum(k * LN_2.0, y);
    fast_sum(y, rest + (low + k * LN_2.1))
}

/// A sum times a constant in two parts, plus a larger number.
#[inline(always)]
fn rebased(y: f64, low: f64, base: (f64, f64), whole: f64, plus: f64, plus_low: f64) -> f64 {
    let y_high = high(y);
    let rest = (y - y_high) + low;
    let (s, lost) = fast_sum(plus, y_high * base.0);
    s + (lost + (y_high * base.1 + rest * whole + plus_low))
}

/// The logarithm to base 2.
#[inline(always)]
pub(crate) fn log2(x: f64) -> f64 {
    let (k, m) = split(x);
    let (y, low) = precise(m);
    special(x, rebased(y, low, LOG2_E_PARTS, LOG2_E, k, 0.0))
}

/// The logarithm to base 10.
#[inline(always)]
pub(crate) fn log10(x: f64) -> f64 {
    let (k, m) = split(x);
    let (y, low) = precise(m);
    special(x, rebased(y, low, LOG10_E_PARTS, LOG10_E, k * LOG10_2_PARTS.0, k * LOG10_2_PARTS.1))
}
