//! Powers, and other functions of two floats.

use super::{
    exp::{exp, exp_sum},
    log::{log_parts, log1p},
};
use crate::kernel::math::parts::{UNIT, high};

/// The power: `e^(y ln |x|)` with a logarithm in two parts, and the sign that whole powers have.
#[inline(always)]
pub(crate) fn pow(x: f64, y: f64) -> f64 {
    let base = x.abs();
    let (l, l_low) = log_parts(base);
    let l = if base == 0.0 { f64::NEG_INFINITY } else { l };
    let l = if base < f64::INFINITY { l } else { base };
    let p = y * l;
    let (y_high, l_high) = (high(y), high(l));
    let p_low = ((y_high * l_high - p) + (y_high * (l - l_high) + (y - y_high) * l)) + y * l_low;
    // Past these the result is zero or infinite, and the rest may be anything.
    let p_low = if p.abs() < 800.0 { p_low } else { 0.0 };
    let size = exp_sum(p, p_low);
    // Whole numbers are even from 2^53 on; up to 2^52 one more bit shows whether they are.
    let a = y.abs();
    let moved = a + UNIT;
    let small = a < UNIT;
    let integer = !small | (moved - UNIT == a);
    let last = if small { moved.to_bits() } else { a.to_bits() };
    let odd = integer & (a < 2.0 * UNIT) & (last & 1 == 1);
    let signed = if odd & x.is_sign_negative() { -size } else { size };
    let wrong = (x < 0.0) & (x > f64::NEG_INFINITY) & !integer;
    let signed = if wrong | x.is_nan() { f64::NAN } else { signed };
    let one = (x == 1.0) | (y == 0.0) | ((x == -1.0) & (a == f64::INFINITY));
    if one { 1.0 } else { signed }
}

/// The length of the hypotenuse.
#[inline(always)]
pub(crate) fn hypot(x: f64, y: f64) -> f64 {
    let (a, b) = (x.abs(), y.abs());
    let largest = if b > a { b } else { a };
    // Powers of two between which squares neither overflow nor vanish: 2^-600, 2^600.
    let (down, up) = (f64::from_bits(0x1a70_0000_0000_0000), f64::from_bits(0x6570_0000_0000_0000));
    let lift = if largest > 1e150 {
        down
    } else if largest < 1e-140 {
        up
    } else {
        1.0
    };
    let back = if largest > 1e150 {
        up
    } else if largest < 1e-140 {
        down
    } else {
        1.0
    };
    let (a, b) = (a * lift, b * lift);
    let y = (a * a + b * b).sqrt() * back;
    let endless = (a == f64::INFINITY) | (b == f64::INFINITY);
    if endless { f64::INFINITY } else { y }
}

/// The logarithm of the sum of two exponentials.
#[inline(always)]
pub(crate) fn log_add_exp(x: f64, y: f64) -> f64 {
    let (most, least) = (if y > x { y } else { x }, if y > x { x } else { y });
    // Equal ones may be infinite, and then their difference is none.
    let apart = if most == least { 0.0 } else { least - most };
    most + log1p(exp(apart))
}
