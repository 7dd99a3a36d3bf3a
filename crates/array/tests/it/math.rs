//! Elementary functions: against std, against goldens computed with many digits, and the special cases of the standard.
//!
//! `math/goldens.tsv` is written by `math/goldens.py`, next to it; `math/specials.tsv` is the standard's tables. Environment
//! variable `ULP_POINTS` sets at how many points functions are compared with std, else 100,000.

use stratal_array::{DArray, DType};
use stratal_core::Client;

type One = fn(&DArray) -> DArray;
type Two = fn(&DArray, &DArray) -> DArray;

/// Points that are computed at once.
const BATCH: usize = 100_000;

fn batches() -> usize {
    let points = std::env::var("ULP_POINTS").ok().and_then(|points| points.parse::<usize>().ok()).unwrap_or(BATCH);
    points.div_ceil(BATCH)
}

fn alone(test: impl FnOnce()) {
    let client = Client::builder().detached().synchronous().unwrap();
    let _entered = client.enter();
    test();
}

/// Numbers without any pattern (splitmix64).
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to 1.
    fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A point between two bounds, of which each third is even, small, and any float.
    fn point(&mut self, low: f64, high: f64) -> f64 {
        loop {
            let x = match self.bits() % 3 {
                0 => self.between(low, high),
                1 => 2f64.powf(self.between(-60.0, 0.0)) * if self.bits().is_multiple_of(2) { 1.0 } else { -1.0 },
                _ => f64::from_bits(self.bits()),
            };
            if (low..=high).contains(&x) {
                return x;
            }
        }
    }
}

/// How many floats apart two floats are.
fn apart(a: f64, b: f64) -> u64 {
    let order = |x: f64| if x.is_sign_negative() { -((x.to_bits() & !(1 << 63)) as i128) } else { x.to_bits() as i128 };
    match (a.is_nan(), b.is_nan()) {
        (true, true) => 0,
        (false, false) => (order(a) - order(b)).unsigned_abs() as u64,
        _ => u64::MAX,
    }
}

/// How many units in the last place of an `f32` lie between one and the right value.
fn apart_single(a: f32, b: f64) -> f64 {
    let nearest = b as f32;
    if a.is_nan() && nearest.is_nan() || a == nearest {
        return 0.0;
    }
    let unit = (nearest.abs().next_up() - nearest.abs()) as f64;
    // NaN and infinite ones compare as they must: not below any bound.
    if a.is_finite() { (a as f64 - b).abs() / unit } else { f64::INFINITY }
}

fn column(values: &[f64]) -> DArray {
    DArray::from_vec(values.to_vec(), values.len())
}

fn floats(a: &DArray) -> Vec<f64> {
    a.compute::<f64>().unwrap().iter().copied().collect()
}

fn one(name: &str) -> Option<One> {
    Some(match name {
        "acos" => DArray::acos,
        "acosh" => DArray::acosh,
        "asin" => DArray::asin,
        "asinh" => DArray::asinh,
        "atan" => DArray::atan,
        "atanh" => DArray::atanh,
        "ceil" => DArray::ceil,
        "cos" => DArray::cos,
        "cosh" => DArray::cosh,
        "exp" => DArray::exp,
        "expm1" => DArray::expm1,
        "floor" => DArray::floor,
        "log" => DArray::log,
        "log10" => DArray::log10,
        "log1p" => DArray::log1p,
        "log2" => DArray::log2,
        "reciprocal" => DArray::reciprocal,
        "round" => DArray::round,
        "sign" => DArray::sign,
        "sin" => DArray::sin,
        "sinh" => DArray::sinh,
        "sqrt" => DArray::sqrt,
        "tan" => DArray::tan,
        "tanh" => DArray::tanh,
        "trunc" => DArray::trunc,
        _ => return None,
    })
}

fn two(name: &str) -> Two {
    match name {
        "atan2" => |a, b| a.atan2(b),
        "copysign" => |a, b| a.copysign(b),
        "floor_divide" => |a, b| a.floor_divide(b),
        "hypot" => |a, b| a.hypot(b),
        "logaddexp" => |a, b| a.logaddexp(b),
        "maximum" => |a, b| a.maximum(b),
        "minimum" => |a, b| a.minimum(b),
        "nextafter" => |a, b| a.nextafter(b),
        "pow" => |a, b| a.pow(b),
        "rem" => |a, b| a % b,
        "remainder" => |a, b| a.remainder(b),
        other => panic!("there is no function {other}"),
    }
}

/// A function of std, from where to where it is compared, and how far apart both may be: 2 for ours, and what std has.
type Case = (&'static str, fn(f64) -> f64, f64, f64, u64);

const CASES: [Case; 18] = [
    ("acos", f64::acos, -1.0, 1.0, 3),
    // Elsewhere what std has of these three is too rough, or overflows: goldens are compared there.
    ("acosh", f64::acosh, 2.0, 1e300, 5),
    ("asin", f64::asin, -1.0, 1.0, 3),
    ("asinh", f64::asinh, -1e300, 1e300, 5),
    ("atan", f64::atan, f64::MIN, f64::MAX, 3),
    ("atanh", f64::atanh, 0.0, 1.0, 5),
    ("cos", f64::cos, f64::MIN, f64::MAX, 3),
    ("cosh", f64::cosh, -720.0, 720.0, 4),
    ("exp", f64::exp, -750.0, 720.0, 3),
    ("expm1", f64::exp_m1, -50.0, 720.0, 3),
    ("log", f64::ln, -1.0, f64::MAX, 3),
    ("log10", f64::log10, -1.0, f64::MAX, 4),
    ("log1p", f64::ln_1p, -1.5, f64::MAX, 3),
    ("log2", f64::log2, -1.0, f64::MAX, 3),
    ("sin", f64::sin, f64::MIN, f64::MAX, 3),
    ("sinh", f64::sinh, -720.0, 720.0, 4),
    ("tan", f64::tan, f64::MIN, f64::MAX, 3),
    ("tanh", f64::tanh, -30.0, 30.0, 4),
];

/// Where the even points lie for a function that takes all numbers.
fn middle(low: f64, high: f64) -> (f64, f64) {
    (low.max(-1000.0), high.min(1000.0))
}

#[test]
fn functions_of_f64_are_within_two_units_of_what_they_should_be() {
    alone(|| {
        let mut random = Random(1);
        for (name, std, low, high, bound) in CASES {
            for _ in 0..batches() {
                let (from, to) = middle(low, high);
                let points: Vec<f64> =
                    (0..BATCH).map(|nth| if nth % 2 == 0 { random.point(low, high) } else { random.between(from, to) }).collect();
                for (x, y) in points.iter().zip(floats(&one(name).unwrap()(&column(&points)))) {
                    assert!(apart(y, std(*x)) <= bound, "{name}({x:?}) is {y:?}, and std says {:?}", std(*x));
                }
            }
        }
    });
}

#[test]
fn functions_of_f32_are_within_one_unit_of_those_of_f64() {
    alone(|| {
        let mut random = Random(2);
        for (name, std, low, high, _) in CASES {
            for _ in 0..batches() {
                let (from, to) = middle(low, high);
                let points: Vec<f32> = (0..BATCH)
                    .map(|nth| match nth % 3 {
                        0 => random.point(low, high) as f32,
                        1 => f32::from_bits(random.bits() as u32),
                        _ => random.between(from, to) as f32,
                    })
                    .collect();
                let out = one(name).unwrap()(&DArray::from_vec(points.clone(), BATCH));
                assert_eq!(out.dtype().unwrap(), DType::F32);
                for (x, y) in points.iter().zip(out.compute::<f32>().unwrap()) {
                    let right = std(*x as f64);
                    assert!(apart_single(y, right) <= 1.0, "{name}({x:?}f32) is {y:?}, and not {right:?}");
                }
            }
        }
    });
}

#[test]
fn powers_angles_and_lengths_are_within_two_units_of_std() {
    alone(|| {
        let mut random = Random(3);
        for _ in 0..batches() {
            let any = |random: &mut Random| (0..BATCH).map(|_| f64::from_bits(random.bits())).collect::<Vec<f64>>();
            let near = |random: &mut Random| (0..BATCH).map(|_| random.between(-3.0, 3.0)).collect::<Vec<f64>>();
            let bases: Vec<f64> = (0..BATCH).map(|_| 2f64.powf(random.between(-100.0, 100.0))).collect();
            let powers: Vec<f64> = bases.iter().map(|base| random.between(-745.0, 710.0) / base.ln()).collect();
            let pairs = [(any(&mut random), any(&mut random)), (near(&mut random), near(&mut random)), (bases, powers)];
            for (xs, ys) in &pairs {
                let cases: [(&str, fn(f64, f64) -> f64, u64); 3] =
                    [("pow", f64::powf, 3), ("atan2", f64::atan2, 3), ("hypot", f64::hypot, 3)];
                for (name, std, bound) in cases {
                    let out = floats(&two(name)(&column(xs), &column(ys)));
                    for ((x, y), z) in xs.iter().zip(ys).zip(out) {
                        assert!(apart(z, std(*x, *y)) <= bound, "{name}({x:?}, {y:?}) is {z:?}, and std says {:?}", std(*x, *y));
                    }
                    let (xs, ys): (Vec<f32>, Vec<f32>) = xs.iter().zip(ys).map(|(x, y)| (*x as f32, *y as f32)).unzip();
                    let out = two(name)(&DArray::from_vec(xs.clone(), BATCH), &DArray::from_vec(ys.clone(), BATCH));
                    for ((x, y), z) in xs.iter().zip(&ys).zip(out.compute::<f32>().unwrap()) {
                        let right = std(*x as f64, *y as f64);
                        assert!(apart_single(z, right) <= 1.0, "{name}({x:?}f32, {y:?}) is {z:?}, and not {right:?}");
                    }
                }
            }
        }
    });
}

#[test]
fn what_division_leaves_over_is_exact_for_any_quotient() {
    alone(|| {
        let mut random = Random(4);
        let pairs: Vec<(f64, f64)> = (0..BATCH)
            .map(|_| {
                let by = f64::from_bits(random.bits());
                let by = if by.is_finite() { by } else { 1.0 };
                (by * random.between(-1.0, 1.0) * 2f64.powf(random.between(-3.0, 60.0)), by)
            })
            .collect();
        let (xs, ys): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
        let (a, b) = (column(&xs), column(&ys));
        let (rests, floored, left) = (floats(&(&a % &b)), floats(&a.floor_divide(&b)), floats(&a.remainder(&b)));
        for (at, (x, y)) in pairs.iter().enumerate() {
            assert!(apart(rests[at], x % y) == 0, "{x:?} % {y:?} is {:?}", rests[at]);
            if x.is_finite() {
                assert!(left[at] == 0.0 || (left[at] < 0.0) == (*y < 0.0), "{x:?} leaves {:?} over {y:?}", left[at]);
                let moved = x.rem_euclid(y.abs()) + if *y < 0.0 && x % y != 0.0 { *y } else { 0.0 };
                assert!((left[at] - moved).abs() <= y.abs() * 1e-15, "{x:?} leaves {:?} over {y:?}", left[at]);
                let ratio = x / y;
                if ratio.abs() < 1e15 {
                    assert!(floored[at] == ratio.floor() || (ratio - floored[at]).abs() <= 1.0 + 1e-9, "{x:?} over {y:?}");
                }
            }
        }
    });
}

#[test]
fn goldens_are_met_within_two_units() {
    let parse = |text: &str| f64::from_bits(u64::from_str_radix(text, 16).unwrap());
    let mut lines: Vec<(&str, Vec<f64>)> = Vec::new();
    for line in include_str!("math/goldens.tsv").lines() {
        let (name, numbers) = line.split_once('\t').unwrap();
        lines.push((name, numbers.split('\t').map(parse).collect()));
    }
    let groups: Vec<&[(&str, Vec<f64>)]> = lines.chunk_by(|a, b| a.0 == b.0).collect();
    assert_eq!((groups.len(), lines.len()), (21, 4200));
    alone(|| {
        for group in groups {
            let name = group[0].0;
            let of = |nth: usize| column(&group.iter().map(|(_, numbers)| numbers[nth]).collect::<Vec<f64>>());
            let out = match one(name) {
                Some(function) => function(&of(0)),
                None => two(name)(&of(0), &of(1)),
            };
            for ((_, numbers), y) in group.iter().zip(floats(&out)) {
                let right = numbers[numbers.len() - 1];
                assert!(apart(y, right) <= 2, "{name}{numbers:?} is {y:?}");
            }
        }
    });
}

#[test]
fn special_cases_are_those_of_the_standard() {
    alone(|| {
        for line in include_str!("math/specials.tsv").lines() {
            let mut words = line.split('\t');
            let name = words.next().unwrap();
            let numbers: Vec<f64> = words.map(|word| word.parse().unwrap()).collect();
            let right = numbers[numbers.len() - 1];
            for dtype in [DType::F64, DType::F32] {
                // Every lane of a register, and what is left over.
                let of = |nth: usize| column(&[numbers[nth]; 37]).cast(dtype);
                let out = match one(name) {
                    Some(function) => function(&of(0)),
                    None => two(name)(&of(0), &of(1)),
                };
                for y in floats(&out.cast(DType::F64)) {
                    let close = dtype == DType::F32 && right.fract() != 0.0 && (y - right).abs() <= right.abs() * 2e-7;
                    let same = apart(y, right) == 0 || right.fract() != 0.0 && apart(y, right) <= 1;
                    let sign = y.is_nan() || y.is_sign_negative() == right.is_sign_negative();
                    assert!((close || same) && sign, "{line} of {dtype} is {y:?}");
                }
            }
        }
    });
}

#[test]
fn whole_powers_and_logarithms_of_powers_are_exact() {
    alone(|| {
        let mut cases = Vec::new();
        for base in 1..100u64 {
            for power in 0..40u32 {
                cases.extend(base.checked_pow(power).filter(|y| *y < 1 << 53).map(|y| (base as f64, power as f64, y as f64)));
            }
        }
        let of = |part: fn(&(f64, f64, f64)) -> f64| cases.iter().map(part).collect::<Vec<f64>>();
        let (bases, powers, right) = (of(|case| case.0), of(|case| case.1), of(|case| case.2));
        assert_eq!(floats(&column(&bases).pow(column(&powers))), right);
        let twos: Vec<f64> = (-1074..1024).map(|k| if k < -1022 { f64::from_bits(1 << (k + 1074)) } else { 2f64.powi(k) }).collect();
        assert_eq!(floats(&column(&twos).log2()), (-1074..1024).map(f64::from).collect::<Vec<f64>>());
        let tens: Vec<f64> = (0..23).map(|k| format!("1e{k}").parse().unwrap()).collect();
        assert_eq!(floats(&column(&tens).log10()), (0..23).map(f64::from).collect::<Vec<f64>>());
    });
}

#[test]
fn extremes_and_places_of_many_elements_are_the_first_of_the_best() {
    alone(|| {
        let mut random = Random(5);
        for len in [1usize, 15, 16, 17, 1000, 5000] {
            let mut values: Vec<f64> = (0..len).map(|_| (random.bits() % 100) as f64).collect();
            let least = values.iter().copied().fold(f64::INFINITY, f64::min);
            let x = column(&values);
            assert_eq!(x.min(..).scalar::<f64>().unwrap(), least);
            assert_eq!(x.argmin(..).scalar::<i64>().unwrap() as usize, values.iter().position(|value| *value == least).unwrap());
            let middle = len / 2;
            values[middle] = f64::NAN;
            let x = column(&values);
            assert!(x.max(..).scalar::<f64>().unwrap().is_nan() && x.min(..).scalar::<f64>().unwrap().is_nan());
            assert_eq!(x.argmax(..).scalar::<i64>().unwrap() as usize, middle);
            let sum: f64 = values.iter().filter(|value| !value.is_nan()).sum();
            assert_eq!(x.nan_sum(..).scalar::<f64>().unwrap(), sum);
        }
        // The variance of equal elements is nothing, not less.
        assert_eq!(column(&[0.1; 5000]).std(..).scalar::<f64>().unwrap(), 0.0);
    });
}
