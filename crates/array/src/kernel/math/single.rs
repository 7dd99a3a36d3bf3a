//! Functions of `f32`, computed in `f64`: its range holds every step, and short polynomials are enough.

use super::{
    parts::{UNIT, nearest_axis, power, whole},
    poly,
};
use std::f64::consts::{FRAC_2_PI, FRAC_PI_2, FRAC_PI_4, LN_2, LOG2_E, LOG10_2, LOG10_E, PI, SQRT_2};

/// Above this magnitude `sin`, `cos` and `tan` here are wrong: more digits of pi are needed.
pub(crate) const LARGE: f32 = 1048576.0;

/// `pi / 2` in two parts; the first has 33 bits, so that products with whole numbers are exact.
const FRAC_PI_2_PARTS: (f64, f64) = (f64::from_bits(0x3ff9_21fb_5440_0000), f64::from_bits(0x3dd0_b461_1a62_6331));

/// `tan(pi / 8)` and `tan(3 pi / 8)`.
const EIGHTH: f64 = SQRT_2 - 1.0;
const THREE_EIGHTHS: f64 = SQRT_2 + 1.0;

/// `e^r - 1` and `2^k` of `x = k ln 2 + r`.
#[inline(always)]
fn grown(x: f64) -> (f64, f64) {
    let (k, bits) = whole(x * LOG2_E);
    let r = x - k * LN_2;
    let p = poly!(r: 0.500000001346581, 0.16666666681623232, 0.041666464925285904, 0.0083333109254809, 0.0013933649996309251,
        0.00019890990824673654);
    (r + r * r * p, power(bits))
}

/// The exponential, where neither it nor its inverse is too large.
#[inline(always)]
fn exponential(x: f64) -> f64 {
    let (y, unit) = grown(x.clamp(-200.0, 200.0));
    unit + unit * y
}

/// The exponential.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    exponential(x as f64) as f32
}

/// The exponential less one.
#[inline(always)]
pub(crate) fn expm1(x: f32) -> f32 {
    let (y, unit) = grown((x as f64).clamp(-200.0, 200.0));
    let y = (unit * y + (unit - 1.0)) as f32;
    if x == 0.0 { x } else { y }
}

/// `k` and `m` of a positive number that is not infinite.
#[inline(always)]
fn split(x: f64) -> (f64, f64) {
    let offset = (0.5 * SQRT_2).to_bits();
    let moved = x.to_bits().wrapping_add(0x3ff0_0000_0000_0000 - offset);
    let k = f64::from_bits((moved >> 52) | UNIT.to_bits()) - UNIT;
    (k - 1023.0, f64::from_bits((moved & 0x000f_ffff_ffff_ffff).wrapping_add(offset)))
}

/// `ln(1 + f)` for `1 + f` from the root of 1/2 to that of 2.
#[inline(always)]
fn near_one(f: f64) -> f64 {
    let s = f / (2.0 + f);
    let z = s * s;
    let p = poly!(z: 0.6666666666737581, 0.39999998796359565, 0.285717547355818, 0.22191388154720976, 0.1936289997264935);
    2.0 * s + s * z * p
}

/// What the standard wants of a logarithm, where `y` is that of a positive finite number.
#[inline(always)]
fn special(x: f64, y: f64) -> f64 {
    let y = if x == f64::INFINITY { x } else { y };
    let y = if x == 0.0 { f64::NEG_INFINITY } else { y };
    if x >= 0.0 { y } else { f64::NAN }
}

/// The natural logarithm of a positive finite number.
#[inline(always)]
fn logarithm(x: f64) -> f64 {
    let (k, m) = split(x);
    k * LN_2 + near_one(m - 1.0)
}

/// The natural logarithm of one more, of a number above -1.
#[inline(always)]
fn logarithm_plus(x: f64) -> f64 {
    let (k, m) = split(1.0 + x);
    // Near one, `x` has digits that the sum has not.
    k * LN_2 + near_one(if k == 0.0 { x } else { m - 1.0 })
}

/// The natural logarithm.
#[inline(always)]
pub(crate) fn log(x: f32) -> f32 {
    let x = x as f64;
    special(x, logarithm(x)) as f32
}

/// The logarithm to base 2.
#[inline(always)]
pub(crate) fn log2(x: f32) -> f32 {
    let x = x as f64;
    let (k, m) = split(x);
    special(x, k + near_one(m - 1.0) * LOG2_E) as f32
}

/// The logarithm to base 10.
#[inline(always)]
pub(crate) fn log10(x: f32) -> f32 {
    let x = x as f64;
    let (k, m) = split(x);
    special(x, k * LOG10_2 + near_one(m - 1.0) * LOG10_E) as f32
}

/// The natural logarithm of one more.
#[inline(always)]
pub(crate) fn log1p(x: f32) -> f32 {
    let wide = x as f64;
    let y = special(1.0 + wide, logarithm_plus(wide)) as f32;
    if x == 0.0 { x } else { y }
}

/// Sine and cosine of `r`, and `k`, of `x = k pi / 2 + r`.
#[inline(always)]
fn turned(x: f64) -> (f64, f64, u64) {
    let (k, bits) = whole(x * FRAC_2_PI);
    let r = (x - k * FRAC_PI_2_PARTS.0) - k * FRAC_PI_2_PARTS.1;
    let z = r * r;
    let odd = poly!(z: -0.16666666663853044, 0.008333331873837089, -0.00019840086263755443, 2.7249864655139585e-6);
    let even = poly!(z: 0.04166666465830042, -0.0013888302802309161, 2.454789161981386e-5);
    (r + r * z * odd, 1.0 - 0.5 * z + z * z * even, bits)
}

/// The sine where `k` is even and the cosine where it is odd, negative where `k` is 2 or 3.
#[inline(always)]
fn quarter(s: f64, c: f64, k: u64) -> f64 {
    let y = if k & 1 == 0 { s } else { c };
    f64::from_bits(y.to_bits() ^ ((k & 2) << 62))
}

/// The sine.
#[inline(always)]
pub(crate) fn sin(x: f32) -> f32 {
    let (s, c, k) = turned(x as f64);
    let y = quarter(s, c, k) as f32;
    if x == 0.0 { x } else { y }
}

/// The cosine.
#[inline(always)]
pub(crate) fn cos(x: f32) -> f32 {
    let (s, c, k) = turned(x as f64);
    quarter(s, c, k.wrapping_add(1)) as f32
}

/// The tangent.
#[inline(always)]
pub(crate) fn tan(x: f32) -> f32 {
    let (s, c, k) = turned(x as f64);
    let even = k & 1 == 0;
    let y = ((if even { s } else { -c }) / (if even { c } else { s })) as f32;
    if x == 0.0 { x } else { y }
}

/// `atan(t)` for a magnitude below `tan(pi / 8)`.
#[inline(always)]
fn arc(t: f64) -> f64 {
    let z = t * t;
    let p = poly!(z: -0.33333333331438264, 0.19999998916092215, -0.14285612419143023, 0.11107492570710824, -0.09028951620001278,
        0.07135144159715383, -0.04042842558364086);
    t + t * z * p
}

/// The inverse tangent.
#[inline(always)]
pub(crate) fn atan(x: f32) -> f32 {
    let a = x.abs() as f64;
    let (far, middle) = (a > THREE_EIGHTHS, a > EIGHTH);
    let n = if far {
        -1.0
    } else if middle {
        a - 1.0
    } else {
        a
    };
    let d = if far {
        a
    } else if middle {
        a + 1.0
    } else {
        1.0
    };
    let base = if far {
        FRAC_PI_2
    } else if middle {
        FRAC_PI_4
    } else {
        0.0
    };
    ((base + arc(n / d)) as f32).copysign(x)
}

/// The angle of the point `(x, y)`.
#[inline(always)]
pub(crate) fn atan2(y: f32, x: f32) -> f32 {
    let (rise, run) = (y.abs() as f64, x.abs() as f64);
    let steep = rise > run;
    let (a, b) = (if steep { run } else { rise }, if steep { rise } else { run });
    // Two infinities are alike, an infinity is far from all else, and the angle of zeros is none.
    let (endless, nothing) = (b == f64::INFINITY, b == 0.0);
    let near = if a == b { 1.0 } else { 0.0 };
    let a = if endless { near } else { a };
    let b = if endless | nothing { 1.0 } else { b };
    let middle = a > EIGHTH * b;
    let t = (if middle { a - b } else { a }) / (if middle { a + b } else { b });
    let angle = (if middle { FRAC_PI_4 } else { 0.0 }) + arc(t);
    let left = x.is_sign_negative();
    // Seen from the vertical axis, it grows to the left; from the horizontal one, it shrinks there.
    let turn = nearest_axis(steep, left, FRAC_PI_2, PI);
    let angle = (turn + if steep ^ left { -angle } else { angle }) as f32;
    if x.is_nan() | y.is_nan() { f32::NAN } else { angle.copysign(y) }
}

/// `asin(t) / t - 1` for a magnitude up to 1/2, by the square.
#[inline(always)]
fn bend(z: f64) -> f64 {
    let p = poly!(z: 0.16666666686085704, 0.07499992404380881, 0.04464766389945236, 0.030269138509140727, 0.02361181890493337,
        0.010574408052348048, 0.03097455128897286);
    z * p
}

/// The inverse sine.
#[inline(always)]
pub(crate) fn asin(x: f32) -> f32 {
    let a = x.abs() as f64;
    let far = a > 0.5;
    let z = if far { 0.5 * (1.0 - a) } else { a * a };
    let t = if far { z.sqrt() } else { a };
    let y = t + t * bend(z);
    ((if far { FRAC_PI_2 - 2.0 * y } else { y }) as f32).copysign(x)
}

/// The inverse cosine.
#[inline(always)]
pub(crate) fn acos(x: f32) -> f32 {
    let wide = x as f64;
    let a = wide.abs();
    let far = a > 0.5;
    let z = if far { 0.5 * (1.0 - a) } else { a * a };
    let t = if far { z.sqrt() } else { wide };
    let y = t + t * bend(z);
    let twice = if wide < 0.0 { PI - 2.0 * y } else { 2.0 * y };
    (if far { twice } else { FRAC_PI_2 - y }) as f32
}

/// The hyperbolic sine.
#[inline(always)]
pub(crate) fn sinh(x: f32) -> f32 {
    // With `y = e^a - 1`, exact for small `a`: (y + y / (y + 1)) / 2.
    let (y, unit) = grown((x.abs() as f64).clamp(0.0, 200.0));
    let y = unit * y + (unit - 1.0);
    ((0.5 * (y + y / (y + 1.0))) as f32).copysign(x)
}

/// The hyperbolic cosine.
#[inline(always)]
pub(crate) fn cosh(x: f32) -> f32 {
    let y = exponential(x.abs() as f64);
    (0.5 * (y + 1.0 / y)) as f32
}

/// The hyperbolic tangent.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    let (y, unit) = grown((2.0 * x.abs() as f64).clamp(0.0, 200.0));
    let y = unit * y + (unit - 1.0);
    ((y / (y + 2.0)) as f32).copysign(x)
}

/// The inverse hyperbolic sine.
#[inline(always)]
pub(crate) fn asinh(x: f32) -> f32 {
    let a = x.abs() as f64;
    let square = a * a;
    let y = logarithm_plus(a + square / (1.0 + (1.0 + square).sqrt()));
    (if a < f64::INFINITY { y as f32 } else { x.abs() }).copysign(x)
}

/// The inverse hyperbolic cosine.
#[inline(always)]
pub(crate) fn acosh(x: f32) -> f32 {
    let t = x as f64 - 1.0;
    let y = logarithm_plus(t + (t * (t + 2.0)).sqrt());
    let y = if t == f64::INFINITY { t } else { y };
    (if t >= 0.0 { y } else { f64::NAN }) as f32
}

/// The inverse hyperbolic tangent.
#[inline(always)]
pub(crate) fn atanh(x: f32) -> f32 {
    let a = x.abs() as f64;
    let y = 0.5 * logarithm_plus(2.0 * a / (1.0 - a));
    let y = if a == 1.0 { f64::INFINITY } else { y };
    ((if a <= 1.0 { y } else { f64::NAN }) as f32).copysign(x)
}

/// The power.
#[inline(always)]
pub(crate) fn pow(x: f32, y: f32) -> f32 {
    let (base, by) = (x.abs() as f64, y as f64);
    let l = if base == 0.0 { f64::NEG_INFINITY } else { logarithm(base) };
    let l = if base < f64::INFINITY { l } else { base };
    let size = exponential(by * l);
    // Every whole number fits 2^52, and is even from 2^24 on.
    let a = by.abs();
    let moved = a + UNIT;
    let small = a < 16777216.0;
    let integer = !small | (moved - UNIT == a);
    let odd = integer & small & (moved.to_bits() & 1 == 1);
    let signed = if odd & x.is_sign_negative() { -size } else { size };
    let wrong = (x < 0.0) & (x > f32::NEG_INFINITY) & !integer;
    let signed = if wrong | x.is_nan() { f64::NAN } else { signed };
    let one = (x == 1.0) | (y == 0.0) | ((x == -1.0) & (a == f64::INFINITY));
    (if one { 1.0 } else { signed }) as f32
}

/// The length of the hypotenuse.
#[inline(always)]
pub(crate) fn hypot(x: f32, y: f32) -> f32 {
    let (a, b) = (x.abs() as f64, y.abs() as f64);
    let endless = (a == f64::INFINITY) | (b == f64::INFINITY);
    (if endless { f64::INFINITY } else { (a * a + b * b).sqrt() }) as f32
}

/// The logarithm of the sum of two exponentials.
#[inline(always)]
pub(crate) fn log_add_exp(x: f32, y: f32) -> f32 {
    let (x, y) = (x as f64, y as f64);
    let (most, least) = (if y > x { y } else { x }, if y > x { x } else { y });
    // Equal ones may be infinite, and then their difference is none.
    let apart = if most == least { 0.0 } else { least - most };
    (if apart.is_nan() { apart } else { most + logarithm_plus(exponential(apart)) }) as f32
}
