//! Functions of elements: special values, integers that wrap, choices and casts.

use super::{
    Case, Given, One,
    Rule::{self, Equal, Exact, Ulps},
    Two, case,
};
use stratal_array::{DArray, DType, s};

/// Functions that are rounded in one way, if at all.
const EXACT: [(&str, One); 13] = [
    ("abs", DArray::abs),
    ("ceil", DArray::ceil),
    ("floor", DArray::floor),
    ("trunc", DArray::trunc),
    ("round", DArray::round),
    ("signbit", DArray::signbit),
    ("sqrt", DArray::sqrt),
    ("square", DArray::square),
    ("reciprocal", DArray::reciprocal),
    ("negative", DArray::negative),
    ("is_nan", DArray::is_nan),
    ("is_inf", DArray::is_inf),
    ("is_finite", DArray::is_finite),
];

/// Elementary functions: ours and numpy's may err by a few units in the last place, each to its side.
const NEAR: [(&str, One); 18] = [
    ("exp", DArray::exp),
    ("expm1", DArray::expm1),
    ("log", DArray::log),
    ("log1p", DArray::log1p),
    ("log2", DArray::log2),
    ("log10", DArray::log10),
    ("sin", DArray::sin),
    ("cos", DArray::cos),
    ("tan", DArray::tan),
    ("asin", DArray::asin),
    ("acos", DArray::acos),
    ("atan", DArray::atan),
    ("sinh", DArray::sinh),
    ("cosh", DArray::cosh),
    ("tanh", DArray::tanh),
    ("asinh", DArray::asinh),
    ("acosh", DArray::acosh),
    ("atanh", DArray::atanh),
];

/// Functions of each pair of a few floats.
const FEW: [(&str, Two, Rule); 19] = [
    ("add", |a, b| a + b, Exact),
    ("subtract", |a, b| a - b, Exact),
    ("multiply", |a, b| a * b, Exact),
    ("divide", |a, b| a / b, Exact),
    ("floor_divide", |a, b| a.floor_divide(b), Exact),
    ("remainder", |a, b| a.remainder(b), Exact),
    ("rem", |a, b| a % b, Exact),
    ("copysign", |a, b| a.copysign(b), Exact),
    ("nextafter", |a, b| a.nextafter(b), Exact),
    ("pow", |a, b| a.pow(b), Ulps(6)),
    ("atan2", |a, b| a.atan2(b), Ulps(6)),
    ("hypot", |a, b| a.hypot(b), Ulps(6)),
    ("logaddexp", |a, b| a.logaddexp(b), Ulps(16)),
    ("eq", |a, b| a.eq(b), Exact),
    ("not_eq", |a, b| a.not_eq(b), Exact),
    ("lt", |a, b| a.lt(b), Exact),
    ("lt_eq", |a, b| a.lt_eq(b), Exact),
    ("gt", |a, b| a.gt(b), Exact),
    ("gt_eq", |a, b| a.gt_eq(b), Exact),
];

/// Functions of each pair of some integers.
const INTEGERS: [(&str, Two); 14] = [
    ("add", |a, b| a + b),
    ("subtract", |a, b| a - b),
    ("multiply", |a, b| a * b),
    ("divide", |a, b| a / b),
    ("floor_divide", |a, b| a.floor_divide(b)),
    ("remainder", |a, b| a.remainder(b)),
    ("rem", |a, b| a % b),
    ("bitwise_and", |a, b| a & b),
    ("bitwise_or", |a, b| a | b),
    ("bitwise_xor", |a, b| a ^ b),
    ("maximum", |a, b| a.maximum(b)),
    ("minimum", |a, b| a.minimum(b)),
    ("lt", |a, b| a.lt(b)),
    ("eq", |a, b| a.eq(b)),
];

/// Functions of some integers with numbers that are not negative.
const BY: [(&str, Two); 3] = [("left_shift", |a, b| a << b), ("right_shift", |a, b| a >> b), ("pow", |a, b| a.pow(b))];

const OF_INTEGERS: [(&str, One); 6] = [
    ("abs", DArray::abs),
    ("negative", DArray::negative),
    ("sign", DArray::sign),
    ("square", DArray::square),
    ("invert", DArray::bitwise_invert),
    ("sqrt", DArray::sqrt),
];

/// Every element of one with every element of another.
fn pairs(function: Two, a: &str, b: &str) -> impl Fn(&Given) -> DArray + use<> {
    let (a, b) = (a.to_owned(), b.to_owned());
    move |given| function(&given.get(&a).expand_dims(1), &given.get(&b))
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (dtype, most) in [("f64", 6), ("f32", 8)] {
        let one = |name: &str, function: One, rule| case(format!("{name} {dtype}"), rule, move |given| function(&given.get(dtype)));
        cases.extend(EXACT.map(|(name, function)| one(name, function, Exact)));
        cases.extend(NEAR.map(|(name, function)| one(name, function, Ulps(most))));
        cases.push(one("sign", DArray::sign, Equal));
    }
    cases.extend(FEW.map(|(name, function, rule)| case(format!("{name} few"), rule, pairs(function, "few", "few"))));
    let extremes: [(&str, Two); 2] = [("maximum", |a, b| a.maximum(b)), ("minimum", |a, b| a.minimum(b))];
    cases.extend(extremes.map(|(name, function)| case(format!("{name} some"), Exact, pairs(function, "some", "some"))));
    for dtype in ["i8", "u8"] {
        let name = |name: &str| format!("{name} {dtype}");
        cases.extend(INTEGERS.map(|(called, function)| case(name(called), Exact, pairs(function, dtype, dtype))));
        cases.extend(BY.map(|(called, function)| case(name(called), Exact, pairs(function, dtype, &name("by")))));
        cases.extend(OF_INTEGERS.map(|(called, function)| case(name(called), Exact, move |given| function(&given.get(dtype)))));
    }
    cases.extend(chosen());
    cases.extend(cast());
    cases
}

/// Choices, and bounds.
fn chosen() -> Vec<Case> {
    vec![
        case("where", Exact, |given| given.get("box").gt(0).where_(given.get("box"), -1.0)),
        case("where of rows", Exact, |given| {
            let x = given.get("box");
            x.slice(s![.., ..1]).lt(0).where_(x.slice(s![0]), given.get("nans"))
        }),
        case("where with small", Exact, |given| given.get("flags").where_(given.get("small"), given.get("unsigned"))),
        case("clip", Exact, |given| given.get("nans").clip(-2, 3)),
        case("clip wrong way", Exact, |given| given.get("box").clip(3, -2)),
        case("clip by arrays", Exact, |given| {
            let x = given.get("box");
            x.clip(x.slice(s![0]), x.slice(s![1]))
        }),
        case("clip small", Exact, |given| given.get("small").clip(-10, 20)),
    ]
}

fn cast() -> Vec<Case> {
    let to = [DType::Bool, DType::I8, DType::I64, DType::F32, DType::C64];
    let mut cases: Vec<Case> =
        to.map(|dtype| case(format!("cast {dtype}"), Exact, move |given| given.get("castable").cast(dtype))).into_iter().collect();
    cases.push(case("cast unsigned small", Exact, |given| given.get("unsigned").cast(DType::I8)));
    cases.push(case("cast small unsigned", Exact, |given| given.get("small").cast(DType::U64)));
    cases
}
