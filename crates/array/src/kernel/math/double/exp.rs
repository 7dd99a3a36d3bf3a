//! Exponentials: `x = k ln 2 + r` with `|r| <= ln 2 / 2`, and `e^x = 2^k e^r`.

use crate::kernel::math::{
    parts::{fast_sum, scale, whole},
    poly,
};
use std::f64::consts::LOG2_E;

/// `ln 2` in two parts; the first has 21 bits, so that a product with an exponent is exact.
pub(super) const LN_2: (f64, f64) = (f64::from_bits(0x3fe6_2e42_0000_0000), f64::from_bits(0x3e9f_df47_3de6_af28));

/// `r` and what it lacks, and `k` as a float and as an integer, for a magnitude below 2^20.
#[inline(always)]
pub(super) fn reduce(x: f64) -> (f64, f64, f64, u64) {
    let (k, bits) = whole(x * LOG2_E);
    let first = x - k * LN_2.0;
    let second = k * LN_2.1;
    let r = first - second;
    (r, (first - r) - second, k, bits)
}

/// `e^r - 1 - r`.
#[inline(always)]
pub(super) fn curve(r: f64) -> f64 {
    let p = poly!(r: 0.5, 0.1666666666666667, 0.04166666666666667, 0.008333333333326136, 0.0013888888888883748,
        0.00019841269874820627, 2.4801587325547743e-5, 2.7557255400206422e-6, 2.75572736431103e-7, 2.5105217004720745e-8,
        2.0914686968086876e-9);
    r * r * p
}

/// The exponential.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    let (r, lost, _, k) = reduce(x.clamp(-746.0, 710.0));
    scale(1.0 + (r + (curve(r) + lost)), k)
}

/// The exponential of a sum.
#[inline(always)]
pub(super) fn exp_sum(x: f64, low: f64) -> f64 {
    let (r, lost, _, k) = reduce(x.clamp(-746.0, 710.0));
    let (r, lost) = fast_sum(r, lost + low);
    scale(1.0 + (r + (curve(r) + lost)), k)
}

/// The exponential less one: `2^k ((1 - 2^-k) + (e^r - 1))`.
#[inline(always)]
pub(crate) fn expm1(x: f64) -> f64 {
    // Below, it is -1; above, one less is nothing.
    let (r, lost, k, bits) = reduce(x.clamp(-40.0, 710.0));
    let inverse = f64::from_bits(1023u64.wrapping_sub(bits) << 52);
    let one = 1.0 - if k > 60.0 { 0.0 } else { inverse };
    let (s, rest) = fast_sum(one, r);
    let y = scale(s + (rest + (curve(r) + lost)), bits);
    if x == 0.0 { x } else { y }
}
