//! Functions of elements, against std's.

use super::{arrays, close, cut, floats, parts, slice_of};
use crate::cuts::entered;
use proptest::prelude::*;
use stratal_array::{
    DArray, DType,
    ndarray::{ArrayD, IxDyn},
};

type One = (&'static str, fn(&DArray) -> DArray, fn(f64) -> f64);
type Two = (&'static str, fn(&DArray, &DArray) -> DArray, fn(f64, f64) -> f64);
type Whole = (&'static str, fn(&DArray, &DArray) -> DArray, fn(i64, i64) -> i64);

fn truth(is: bool) -> f64 {
    f64::from(u8::from(is))
}

const ONE: [One; 38] = [
    ("abs", |a| a.abs(), f64::abs),
    ("acos", |a| (a / 8).acos(), |x| (x / 8.0).acos()),
    ("acosh", |a| (a.abs() + 1).acosh(), |x| (x.abs() + 1.0).acosh()),
    ("asin", |a| (a / 8).asin(), |x| (x / 8.0).asin()),
    ("asinh", |a| a.asinh(), f64::asinh),
    ("atan", |a| a.atan(), f64::atan),
    ("atanh", |a| (a / 8).atanh(), |x| (x / 8.0).atanh()),
    ("ceil", |a| a.ceil(), f64::ceil),
    ("conj", |a| a.conj(), |x| x),
    ("cos", |a| a.cos(), f64::cos),
    ("cosh", |a| a.cosh(), f64::cosh),
    ("exp", |a| a.exp(), f64::exp),
    ("expm1", |a| a.expm1(), f64::exp_m1),
    ("floor", |a| a.floor(), f64::floor),
    ("imag", |a| a.imag(), |_| 0.0),
    ("imaginary part", |a| (a.cast(DType::C128) * stratal_array::Complex64::new(0.0, 2.0)).imag(), |x| 2.0 * x),
    ("is_finite", |a| a.is_finite(), |x| truth(x.is_finite())),
    ("is_inf", |a| (1.0 / a).is_inf(), |x| truth((1.0 / x).is_infinite())),
    ("is_nan", |a| a.is_nan(), |x| truth(x.is_nan())),
    ("log", |a| (a.abs() + 1).log(), |x| (x.abs() + 1.0).ln()),
    ("log10", |a| (a.abs() + 1).log10(), |x| (x.abs() + 1.0).log10()),
    ("log1p", |a| a.abs().log1p(), |x| x.abs().ln_1p()),
    ("log2", |a| (a.abs() + 1).log2(), |x| (x.abs() + 1.0).log2()),
    ("logical_not", |a| a.gt(1).logical_not(), |x| truth(x.is_nan() || x <= 1.0)),
    ("negative", |a| -a, |x| -x),
    ("positive", |a| a.positive(), |x| x),
    ("real", |a| a.real(), |x| x),
    ("reciprocal", |a| a.reciprocal(), |x| 1.0 / x),
    ("round", |a| a.round(), f64::round_ties_even),
    ("sign", |a| a.sign(), |x| if x == 0.0 || x.is_nan() { x } else { x.signum() }),
    ("sin", |a| a.sin(), f64::sin),
    ("sinh", |a| a.sinh(), f64::sinh),
    ("sqrt", |a| a.abs().sqrt(), |x| x.abs().sqrt()),
    ("square", |a| a.square(), |x| x * x),
    ("tan", |a| (a / 8).tan(), |x| (x / 8.0).tan()),
    ("tanh", |a| a.tanh(), f64::tanh),
    ("trunc", |a| a.trunc(), f64::trunc),
    ("cast", |a| a.cast(DType::I32), |x| f64::from(x as i32)),
];

/// Both operands are numbers that are not 0: of zeros there are other tests.
const TWO: [Two; 24] = [
    ("add", |a, b| a + b, |x, y| x + y),
    ("subtract", |a, b| a - b, |x, y| x - y),
    ("multiply", |a, b| a * b, |x, y| x * y),
    ("divide", |a, b| a / b, |x, y| x / y),
    ("rem", |a, b| a % b, |x, y| x % y),
    ("floor_divide", |a, b| a.floor_divide(b), |x, y| (x / y).floor()),
    ("remainder", |a, b| a.remainder(b), |x, y| x - y * (x / y).floor()),
    ("atan2", |a, b| a.atan2(b), f64::atan2),
    ("copysign", |a, b| a.copysign(b), f64::copysign),
    ("hypot", |a, b| a.hypot(b), f64::hypot),
    ("logaddexp", |a, b| a.logaddexp(b), |x, y| (x.exp() + y.exp()).ln()),
    ("maximum", |a, b| a.maximum(b), |x, y| if x.is_nan() || x > y { x } else { y }),
    ("minimum", |a, b| a.minimum(b), |x, y| if x.is_nan() || x < y { x } else { y }),
    ("nextafter", |a, b| (a.nextafter(b) - a).sign(), |x, y| if x.is_nan() { x } else { truth(x < y) - truth(x > y) }),
    ("pow", |a, b| a.abs().pow(b), |x, y| x.abs().powf(y)),
    ("eq", |a, b| a.eq(b), |x, y| truth(x == y)),
    ("not_eq", |a, b| a.not_eq(b), |x, y| truth(x != y)),
    ("lt", |a, b| a.lt(b), |x, y| truth(x < y)),
    ("lt_eq", |a, b| a.lt_eq(b), |x, y| truth(x <= y)),
    ("gt", |a, b| a.gt(b), |x, y| truth(x > y)),
    ("gt_eq", |a, b| a.gt_eq(b), |x, y| truth(x >= y)),
    ("logical_and", |a, b| a.gt(0).logical_and(b.gt(0)), |x, y| truth(x > 0.0 && y > 0.0)),
    ("logical_or", |a, b| a.gt(0).logical_or(b.gt(0)), |x, y| truth(x > 0.0 || y > 0.0)),
    ("logical_xor", |a, b| a.gt(0).logical_xor(b.gt(0)), |x, y| truth((x > 0.0) != (y > 0.0))),
];

/// The same of integers, which wrap; shifts are by less than the number of bits.
const WHOLE: [Whole; 9] = [
    ("wrapping multiply", |a, b| a * b * i64::MAX, |x, y| (x * y).wrapping_mul(i64::MAX)),
    ("bitwise_and", |a, b| a & b, |x, y| x & y),
    ("bitwise_or", |a, b| a | b, |x, y| x | y),
    ("bitwise_xor", |a, b| a ^ b, |x, y| x ^ y),
    ("bitwise_invert", |a, b| !(a + b), |x, y| !(x + y)),
    ("bitwise_left_shift", |a, b| a << b.abs(), |x, y| x << y.abs()),
    ("bitwise_right_shift", |a, b| a >> b.abs(), |x, y| x >> y.abs()),
    ("floor_divide", |a, b| a.floor_divide(b), |x, y| (x as f64 / y as f64).floor() as i64),
    ("remainder", |a, b| a.remainder(b), |x, y| x - y * (x as f64 / y as f64).floor() as i64),
];

/// An operand that broadcasts against a shape: without its first axes, and with some of length 1.
fn beside(shape: &[usize], gone: usize, flat: u8) -> ArrayD<f64> {
    let lens = shape.iter().skip(gone.min(shape.len())).enumerate().map(|(axis, len)| if flat >> axis & 1 == 1 { 1 } else { *len });
    let lens: Vec<usize> = lens.collect();
    let count = lens.iter().product::<usize>();
    let value = |i: usize| [1.5, -2.0, 0.25, 3.0, -0.5, 4.0, -3.5][i % 7];
    ArrayD::from_shape_vec(IxDyn(&lens), (0..count).map(value).collect()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn functions_of_one_are_those_of_std((array, one, two) in arrays(), parts in parts()) {
        entered(|| {
            let slice = slice_of(array.shape(), &parts);
            for a in cut(&array, &one, &two) {
                for (name, ours, theirs) in ONE {
                    let expected = array.mapv(theirs);
                    prop_assert!(close(&floats(&ours(&a)), &expected), "{}", name);
                    let part = expected.slice(&slice[..]).to_owned();
                    prop_assert!(close(&floats(&ours(&a).slice(&slice[..])), &part), "a slice of {}", name);
                    prop_assert!(close(&floats(&ours(&a.slice(&slice[..]))), &part), "{} of a slice", name);
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn functions_of_two_broadcast((array, one, two) in arrays(), gone in 0usize..3, flat in 0u8..8, chunk in 1i64..4) {
        entered(|| {
            let array = array.mapv(|x| if x == 0.0 { 0.125 } else { x });
            let other = beside(array.shape(), gone, flat);
            let b = DArray::from_ndarray(other.clone()).rechunk(chunk);
            let with = |theirs: fn(f64, f64) -> f64| {
                let other = other.broadcast(array.raw_dim()).unwrap();
                ArrayD::from_shape_vec(array.raw_dim(), array.iter().zip(&other).map(|(x, y)| theirs(*x, *y)).collect()).unwrap()
            };
            for a in cut(&array, &one, &two) {
                for (name, ours, theirs) in TWO {
                    prop_assert!(close(&floats(&ours(&a, &b)), &with(theirs)), "{}", name);
                }
                let chosen = with(|x, y| if y > 0.0 { x } else { y });
                prop_assert!(close(&floats(&b.gt(0).where_(&a, &b)), &chosen));
                let bounded = with(|x, y| if x.is_nan() { x } else { x.clamp(y.min(0.0), y.max(0.0)) });
                prop_assert!(close(&floats(&a.clip(b.minimum(0), b.maximum(0))), &bounded));
            }
            Ok(())
        })?;
    }

    #[test]
    fn functions_of_integers_wrap((array, one, two) in arrays(), gone in 0usize..3, flat in 0u8..8) {
        entered(|| {
            let other = beside(array.shape(), gone, flat).mapv(|y| if y < 0.0 { -2 } else { 1 + y as i64 });
            let array = array.mapv(|x| (x * 8.0) as i64);
            let b = DArray::from_ndarray(other.clone()).rechunk(2);
            let other = other.broadcast(array.raw_dim()).unwrap();
            let source = DArray::from_ndarray(array.clone());
            for a in [source.rechunk(one), source.rechunk(two) + 0] {
                for (name, ours, theirs) in WHOLE {
                    let expected: Vec<i64> = array.iter().zip(&other).map(|(x, y)| theirs(*x, *y)).collect();
                    let expected = ArrayD::from_shape_vec(array.raw_dim(), expected).unwrap();
                    prop_assert_eq!(ours(&a, &b).compute::<i64>().unwrap(), expected, "{}", name);
                }
            }
            Ok(())
        })?;
    }
}
