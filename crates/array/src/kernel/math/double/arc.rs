//! Inverse trigonometric functions.

use crate::kernel::math::{
    parts::{fast_sum, high, nearest_axis, quotient, sum},
    poly,
};
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI, SQRT_2};

/// What the constants lack.
const FRAC_PI_2_LOW: f64 = f64::from_bits(0x3c91_a626_3314_5c07);
const FRAC_PI_4_LOW: f64 = f64::from_bits(0x3c81_a626_3314_5c07);
const PI_LOW: f64 = f64::from_bits(0x3ca1_a626_3314_5c07);

/// `tan(pi / 8)` and `tan(3 pi / 8)`: between them the tangent of the angle less a quarter of pi is the smaller one.
const EIGHTH: f64 = SQRT_2 - 1.0;
const THREE_EIGHTHS: f64 = SQRT_2 + 1.0;

/// `atan(t) - t` for a magnitude below `tan(pi / 8)`.
#[inline(always)]
fn arc(t: f64) -> f64 {
    let z = t * t;
    let p = poly!(z: -0.3333333333333333, 0.19999999999999993, -0.14285714285711512, 0.11111111110754082, -0.09090909066971314,
        0.07692306734642303, -0.06666641989928918, 0.058819248144534424, -0.052580373028164366, 0.04719367881728647,
        -0.0410432655905283, 0.03063316224194981, -0.013915657148793118);
    t * z * p
}

/// The inverse tangent.
#[inline(always)]
pub(crate) fn atan(x: f64) -> f64 {
    // Far out it is half of pi, and an infinity would be divided by itself.
    let a = if x.abs() > 1e18 { 1e18 } else { x.abs() };
    let (far, middle) = (a > THREE_EIGHTHS, a > EIGHTH);
    // atan(a) = pi/4 + atan((a - 1) / (a + 1)) = pi/2 + atan(-1 / a)
    let (less, less_low) = sum(a, -1.0);
    let (more, more_low) = sum(a, 1.0);
    let n = if far {
        -1.0
    } else if middle {
        less
    } else {
        a
    };
    let n_low = if !far & middle { less_low } else { 0.0 };
    let d = if far {
        a
    } else if middle {
        more
    } else {
        1.0
    };
    let d_low = if !far & middle { more_low } else { 0.0 };
    let base = if far {
        FRAC_PI_2
    } else if middle {
        FRAC_PI_4
    } else {
        0.0
    };
    let base_low = if far {
        FRAC_PI_2_LOW
    } else if middle {
        FRAC_PI_4_LOW
    } else {
        0.0
    };
    let (q, rest) = quotient(n, n_low, d, d_low);
    let (y, lost) = fast_sum(base, q);
    (y + (lost + (rest + arc(q + rest) + base_low))).copysign(x)
}

/// The angle of the point `(x, y)`.
#[inline(always)]
pub(crate) fn atan2(y: f64, x: f64) -> f64 {
    let (rise, run) = (y.abs(), x.abs());
    let steep = rise > run;
    let (a, b) = (if steep { run } else { rise }, if steep { rise } else { run });
    // Two infinities are alike, an infinity is far from all else, and the angle of zeros is none.
    let (endless, nothing) = (b == f64::INFINITY, b == 0.0);
    let near = if a == b { 1.0 } else { 0.0 };
    let a = if endless { near } else { a };
    let b = if endless | nothing { 1.0 } else { b };
    let straight = a / b;
    // Neither do sums overflow nor are parts of products lost: by 2^-600 and 2^600.
    let (down, up) = (f64::from_bits(0x1a70_0000_0000_0000), f64::from_bits(0x6570_0000_0000_0000));
    let lift = if b > 1e150 {
        down
    } else if b < 1e-140 {
        up
    } else {
        1.0
    };
    let (a, b) = (a * lift, b * lift);
    let middle = a > EIGHTH * b;
    let (less, less_low) = sum(a, -b);
    let (more, more_low) = sum(b, a);
    let (n, n_low) = (if middle { less } else { a }, if middle { less_low } else { 0.0 });
    let (d, d_low) = (if middle { more } else { b }, if middle { more_low } else { 0.0 });
    let (q, rest) = quotient(n, n_low, d, d_low);
    let t = q + rest;
    // The angle from the nearer axis in three parts, the largest first, then from the right axis.
    let base = if middle { FRAC_PI_4 } else { 0.0 };
    let base_low = if middle { FRAC_PI_4_LOW } else { 0.0 };
    let (first, lost) = fast_sum(base, q);
    let second = lost + (rest + arc(t) + base_low);
    let left = x.is_sign_negative();
    // Seen from the vertical axis, it grows to the left; from the horizontal one, it shrinks there.
    let turn = nearest_axis(steep, left, FRAC_PI_2, PI);
    let turn_low = nearest_axis(steep, left, FRAC_PI_2_LOW, PI_LOW);
    let negative = steep ^ left;
    let (turned, turned_lost) = fast_sum(turn, if negative { -first } else { first });
    let angle = turned + (turned_lost + (turn_low + if negative { -second } else { second }));
    // So small that no part of it may be set aside.
    let flat = !steep & !left & !middle & (t < 1e-9);
    let angle = if flat { straight } else { angle };
    if x.is_nan() | y.is_nan() { f64::NAN } else { angle.copysign(y) }
}

/// `asin(t) / t - 1` for a magnitude up to 1/2, by the square.
#[inline(always)]
fn bend(z: f64) -> f64 {
    let p = poly!(z: 0.16666666666666666, 0.07500000000000118, 0.04464285714255189, 0.0303819444755325, 0.022372157443499355,
        0.017352816540553255, 0.01396378000798693, 0.011566459664246437, 0.009621842530506778, 0.009319563332347104,
        0.003044870046905273, 0.019554538003846208, -0.019241707598188187, 0.029612034269949298);
    z * p
}

/// For `a` above 1/2: `asin(sqrt((1 - a) / 2))` as a sum; the angle whose cosine is `a` is twice that.
#[inline(always)]
fn half_angle(z: f64, bent: f64) -> (f64, f64) {
    let s = z.sqrt();
    let s_high = high(s);
    let lost = (z - s_high * s_high) / (s + s_high);
    let lost = if z > 0.0 { lost } else { 0.0 };
    (s_high, lost + s * bent)
}

/// The inverse sine.
#[inline(always)]
pub(crate) fn asin(x: f64) -> f64 {
    let a = x.abs();
    let far = a > 0.5;
    let z = if far { 0.5 * (1.0 - a) } else { a * a };
    let bent = bend(z);
    let (half, half_low) = half_angle(z, bent);
    let (first, lost) = fast_sum(FRAC_PI_2, -2.0 * half);
    let (outer, inner) = (first + (lost + (FRAC_PI_2_LOW - 2.0 * half_low)), a + a * bent);
    (if far { outer } else { inner }).copysign(x)
}

/// The inverse cosine.
#[inline(always)]
pub(crate) fn acos(x: f64) -> f64 {
    let a = x.abs();
    let far = a > 0.5;
    let z = if far { 0.5 * (1.0 - a) } else { a * a };
    let bent = bend(z);
    let (half, half_low) = half_angle(z, bent);
    let left = x < 0.0;
    let base = if !far {
        FRAC_PI_2
    } else if left {
        PI
    } else {
        0.0
    };
    let base_low = if !far {
        FRAC_PI_2_LOW
    } else if left {
        PI_LOW
    } else {
        0.0
    };
    let (twice, twice_low, bent) = (2.0 * half, 2.0 * half_low, x * bent);
    let step = if !far {
        -x
    } else if left {
        -twice
    } else {
        twice
    };
    let step_low = if !far {
        -bent
    } else if left {
        -twice_low
    } else {
        twice_low
    };
    let (first, lost) = fast_sum(base, step);
    first + (lost + (base_low + step_low))
}
