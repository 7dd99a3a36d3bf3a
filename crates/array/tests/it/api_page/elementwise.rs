//! Functions of elements.

use super::{Entry, but, done, given, is, near};
use std::f64::consts::{FRAC_PI_3, FRAC_PI_6, LN_2, SQRT_2};
use stratal_array::{Complex64, DArray, ndarray::arr1};

/// A function of one float, by one value of it.
fn one(name: &'static str, ours: &'static str, function: fn(&DArray) -> DArray, x: f64, expected: f64) -> Entry {
    done(name, ours, move || near(&function(&given(&[x, x, x])), &[expected; 3]))
}

/// A function of two floats, by one value of it.
fn two(name: &'static str, ours: &'static str, function: fn(&DArray, &DArray) -> DArray, (a, b): (f64, f64), expected: f64) -> Entry {
    done(name, ours, move || near(&function(&given(&[a, a, a]), &given(&[b])), &[expected; 3]))
}

/// A comparison, by what it says of -1, 0 and 1 beside 0.
fn compare(name: &'static str, ours: &'static str, function: fn(&DArray, &DArray) -> DArray, expected: [bool; 3]) -> Entry {
    done(name, ours, move || is(&function(&given(&[-1i64, 0, 1]), &given(&[0i64])), arr1(&expected)))
}

/// A function of bits or of truths, by its table.
fn truth(name: &'static str, ours: &'static str, function: fn(&DArray, &DArray) -> DArray, expected: [bool; 4]) -> Entry {
    done(name, ours, move || {
        is(&function(&given(&[false, false, true, true]), &given(&[false, true, false, true])), arr1(&expected));
    })
}

pub(super) fn entries() -> Vec<Entry> {
    [elementary(), rounded(), arithmetic(), compared(), bits(), parts()].into_iter().flatten().collect()
}

fn elementary() -> Vec<Entry> {
    vec![
        one("acos", "`x.acos()`", DArray::acos, 0.5, FRAC_PI_3),
        one("acosh", "`x.acosh()`", DArray::acosh, 2.0, 1.3169578969248166),
        one("asin", "`x.asin()`", DArray::asin, 0.5, FRAC_PI_6),
        one("asinh", "`x.asinh()`", DArray::asinh, 2.0, 1.4436354751788103),
        one("atan", "`x.atan()`", DArray::atan, 2.0, 1.1071487177940904),
        two("atan2", "`y.atan2(&x)`", |y, x| y.atan2(x), (1.0, -1.0), 2.356194490192345),
        one("atanh", "`x.atanh()`", DArray::atanh, 0.5, 0.5493061443340549),
        one("cos", "`x.cos()`", DArray::cos, 2.0, -0.4161468365471424),
        one("cosh", "`x.cosh()`", DArray::cosh, 2.0, 3.7621956910836314),
        one("exp", "`x.exp()`", DArray::exp, 2.0, 7.38905609893065),
        one("expm1", "`x.expm1()`", DArray::expm1, 1e-10, 1.00000000005e-10),
        two("hypot", "`x.hypot(&y)`", |a, b| a.hypot(b), (3.0, -4.0), 5.0),
        one("log", "`x.log()`", DArray::log, 2.0, LN_2),
        one("log1p", "`x.log1p()`", DArray::log1p, 1e-10, 9.9999999995e-11),
        one("log2", "`x.log2()`", DArray::log2, 8.0, 3.0),
        one("log10", "`x.log10()`", DArray::log10, 1000.0, 3.0),
        two("logaddexp", "`x.logaddexp(&y)`", |a, b| a.logaddexp(b), (1000.0, 1000.0), 1000.6931471805599),
        one("sin", "`x.sin()`", DArray::sin, 2.0, 0.9092974268256817),
        one("sinh", "`x.sinh()`", DArray::sinh, 2.0, 3.626860407847019),
        one("sqrt", "`x.sqrt()`", DArray::sqrt, 2.0, SQRT_2),
        one("tan", "`x.tan()`", DArray::tan, 2.0, -2.185039863261519),
        one("tanh", "`x.tanh()`", DArray::tanh, 0.5, 0.46211715726000973),
    ]
}

fn rounded() -> Vec<Entry> {
    const X: [f64; 3] = [-1.5, 0.5, 2.5];
    vec![
        done("ceil", "`x.ceil()`", || is(&given(&X).ceil(), arr1(&[-1.0, 1.0, 3.0]))),
        done("floor", "`x.floor()`", || is(&given(&X).floor(), arr1(&[-2.0, 0.0, 2.0]))),
        done("round", "`x.round()`", || is(&given(&X).round(), arr1(&[-2.0, 0.0, 2.0]))),
        done("trunc", "`x.trunc()`", || is(&given(&X).trunc(), arr1(&[-1.0, 0.0, 2.0]))),
    ]
}

fn arithmetic() -> Vec<Entry> {
    vec![
        done("abs", "`x.abs()`", || {
            is(&given(&[-1.5, 2.0, -0.0]).abs(), arr1(&[1.5, 2.0, 0.0]));
            is(&given(&[Complex64::new(3.0, -4.0)]).abs(), arr1(&[5.0]));
        }),
        two("add", "`&x + &y`", |a, b| a + b, (1.5, 2.0), 3.5),
        but("clip", "`x.clip(a, b)`", "with both bounds: `x.maximum(a)` and `x.minimum(b)` are one", || {
            is(&given(&[0i64, 5, 9]).clip(1, 6), arr1(&[1i64, 5, 6]));
        }),
        two("copysign", "`x.copysign(&y)`", |a, b| a.copysign(b), (1.5, -0.0), -1.5),
        two("divide", "`&x / &y`", |a, b| a / b, (1.0, 4.0), 0.25),
        two("floor_divide", "`x.floor_divide(&y)`", |a, b| a.floor_divide(b), (-7.0, 2.0), -4.0),
        two("maximum", "`x.maximum(&y)`", |a, b| a.maximum(b), (1.0, 4.0), 4.0),
        two("minimum", "`x.minimum(&y)`", |a, b| a.minimum(b), (1.0, 4.0), 1.0),
        two("multiply", "`&x * &y`", |a, b| a * b, (1.5, 4.0), 6.0),
        one("negative", "`-&x`, `x.negative()`", DArray::negative, 1.5, -1.5),
        done("nextafter", "`x.nextafter(&y)`", || {
            is(&given(&[1.0, 0.0]).nextafter(given(&[2.0, -1.0])), arr1(&[1.0 + f64::EPSILON, -5e-324]));
        }),
        one("positive", "`x.positive()`", DArray::positive, 1.5, 1.5),
        two("pow", "`x.pow(&y)`", |a, b| a.pow(b), (2.0, -2.0), 0.25),
        one("reciprocal", "`x.reciprocal()`", DArray::reciprocal, 4.0, 0.25),
        but("remainder", "`x.remainder(&y)`", "`%` is Rust's, with the sign of the left", || {
            is(&given(&[-7i64, 7]).remainder(given(&[2i64, -2])), arr1(&[1i64, -1]));
        }),
        done("sign", "`x.sign()`", || is(&given(&[-7i64, 0, 7]).sign(), arr1(&[-1i64, 0, 1]))),
        one("square", "`x.square()`", DArray::square, -1.5, 2.25),
        two("subtract", "`&x - &y`", |a, b| a - b, (1.5, 2.0), -0.5),
    ]
}

fn compared() -> Vec<Entry> {
    const X: [f64; 3] = [f64::NAN, -f64::INFINITY, -0.0];
    vec![
        compare("equal", "`x.eq(&y)`", |a, b| a.eq(b), [false, true, false]),
        compare("greater", "`x.gt(&y)`", |a, b| a.gt(b), [false, false, true]),
        compare("greater_equal", "`x.gt_eq(&y)`", |a, b| a.gt_eq(b), [false, true, true]),
        compare("less", "`x.lt(&y)`", |a, b| a.lt(b), [true, false, false]),
        compare("less_equal", "`x.lt_eq(&y)`", |a, b| a.lt_eq(b), [true, true, false]),
        compare("not_equal", "`x.not_eq(&y)`", |a, b| a.not_eq(b), [true, false, true]),
        done("isfinite", "`x.is_finite()`", || is(&given(&X).is_finite(), arr1(&[false, false, true]))),
        done("isinf", "`x.is_inf()`", || is(&given(&X).is_inf(), arr1(&[false, true, false]))),
        done("isnan", "`x.is_nan()`", || is(&given(&X).is_nan(), arr1(&[true, false, false]))),
        done("signbit", "`x.signbit()`", || is(&given(&[-0.0, 0.0, -1.0]).signbit(), arr1(&[true, false, true]))),
    ]
}

fn bits() -> Vec<Entry> {
    vec![
        truth("bitwise_and", "`&x & &y`", |a, b| a & b, [false, false, false, true]),
        truth("bitwise_or", "`&x | &y`", |a, b| a | b, [false, true, true, true]),
        truth("bitwise_xor", "`&x ^ &y`", |a, b| a ^ b, [false, true, true, false]),
        done("bitwise_invert", "`!&x`, `x.bitwise_invert()`", || is(&given(&[0i8, 5]).bitwise_invert(), arr1(&[-1i8, -6]))),
        done("bitwise_left_shift", "`&x << &y`", || is(&(given(&[1u8, 3]) << 2), arr1(&[4u8, 12]))),
        done("bitwise_right_shift", "`&x >> &y`", || is(&(given(&[-8i32, 9]) >> 1), arr1(&[-4i32, 4]))),
        truth("logical_and", "`x.logical_and(&y)`", |a, b| a.logical_and(b), [false, false, false, true]),
        done("logical_not", "`x.logical_not()`", || is(&given(&[true, false]).logical_not(), arr1(&[false, true]))),
        truth("logical_or", "`x.logical_or(&y)`", |a, b| a.logical_or(b), [false, true, true, true]),
        truth("logical_xor", "`x.logical_xor(&y)`", |a, b| a.logical_xor(b), [false, true, true, false]),
    ]
}

fn parts() -> Vec<Entry> {
    fn z() -> DArray {
        given(&[Complex64::new(1.0, -2.0); 3])
    }
    vec![
        done("conj", "`x.conj()`", || is(&z().conj(), arr1(&[Complex64::new(1.0, 2.0); 3]))),
        done("imag", "`x.imag()`", || is(&z().imag(), arr1(&[-2.0; 3]))),
        done("real", "`x.real()`", || is(&z().real(), arr1(&[1.0; 3]))),
    ]
}
