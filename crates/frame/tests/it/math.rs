//! Arithmetic of single values, against Rust's.

use super::{everywhere, parted};
use stratal_core::ErrorKind;
use stratal_frame::{DFrame, Expr, col, frame, lit};

const FLOATS: [Option<f64>; 10] =
    [Some(0.0), Some(-1.5), Some(2.5), None, Some(0.345), Some(f64::NAN), Some(f64::INFINITY), Some(-0.25), Some(1e300), Some(1.0)];
const INTEGERS: [Option<i64>; 10] =
    [Some(0), Some(-7), Some(7), None, Some(1250), Some(-1250), Some(i64::MAX), Some(i64::MIN + 1), Some(3), Some(-1)];

fn numbers() -> DFrame {
    frame! { "f" => FLOATS, "i" => INTEGERS }
}

fn floats(expr: &Expr, parts: usize) -> Vec<Option<f64>> {
    parted(&numbers(), parts).select(expr.alias("out")).collect().unwrap().column("out").unwrap()
}

fn integers(expr: &Expr, parts: usize) -> Vec<Option<i64>> {
    parted(&numbers(), parts).select(expr.alias("out")).collect().unwrap().column("out").unwrap()
}

/// Equal but for the last bits; NaN equals itself.
fn close(one: &[Option<f64>], two: &[Option<f64>]) -> bool {
    let near = |one: f64, two: f64| one == two || (one.is_nan() && two.is_nan()) || (one - two).abs() <= 1e-12 * two.abs();
    one.len() == two.len()
        && one.iter().zip(two).all(|pair| match pair {
            (Some(one), Some(two)) => near(*one, *two),
            (one, two) => one.is_none() && two.is_none(),
        })
}

#[test]
fn functions_of_floats_are_those_of_rust_and_nulls_stay() {
    type Case = (Expr, fn(f64) -> f64);
    let f = col("f");
    let cases: [Case; 16] = [
        (f.cbrt(), f64::cbrt),
        (f.exp(), f64::exp),
        (f.ln(), f64::ln),
        (f.log10(), f64::log10),
        (f.log2(), f64::log2),
        (f.sin(), f64::sin),
        (f.cos(), f64::cos),
        (f.tan(), f64::tan),
        (f.asin(), f64::asin),
        (f.acos(), f64::acos),
        (f.atan(), f64::atan),
        (f.abs(), f64::abs),
        (f.floor(), f64::floor),
        (f.ceil(), f64::ceil),
        (f.trunc(), f64::trunc),
        (f.abs().sqrt(), |x| x.abs().sqrt()),
    ];
    everywhere(|place| {
        for parts in [1, 3] {
            for (expr, of) in &cases {
                let expected: Vec<Option<f64>> = FLOATS.iter().map(|x| x.map(of)).collect();
                let made = floats(expr, parts);
                assert!(close(&made, &expected), "{place} {parts} {expr:?}: {made:?}");
            }
            let squares: Vec<Option<f64>> = FLOATS.iter().map(|x| x.map(|x| x.powf(2.0))).collect();
            assert!(close(&floats(&col("f").pow(2), parts), &squares), "{place} {parts}");
            let halves: Vec<Option<f64>> = FLOATS.iter().map(|x| x.map(|x| (x * 10.0).round() / 10.0)).collect();
            assert!(close(&floats(&col("f").round(1), parts), &halves), "{place} {parts}");
        }
    });
}

#[test]
fn integers_stay_integers() {
    everywhere(|place| {
        for parts in [1, 4] {
            let same: Vec<Option<i64>> = INTEGERS.to_vec();
            for expr in [col("i").floor(), col("i").ceil(), col("i").trunc(), col("i").round(2), col("i").fill_nan(0)] {
                assert_eq!(integers(&expr, parts), same, "{place} {parts} {expr:?}");
            }
            let of = |of: fn(i64) -> i64| INTEGERS.iter().map(|x| x.map(of)).collect::<Vec<_>>();
            assert_eq!(integers(&col("i").abs(), parts), of(i64::abs), "{place}");
            assert_eq!(integers(&col("i").sign(), parts), of(i64::signum), "{place}");
            assert_eq!(integers(&col("i").clip(-5, 5), parts), of(|x| x.clamp(-5, 5)), "{place}");
            assert_eq!(integers(&(col("i") ^ 5), parts), of(|x| x ^ 5), "{place}");
        }
        let rounded = frame! { "i" => [1250i64, -1250, 49] }.select(col("i").round(-2)).collect().unwrap();
        assert_eq!(rounded.column::<i64>("i").unwrap(), [1300, -1300, 0], "{place}");
        let small = frame! { "i" => [300i32, -7] }.select((col("i").clip(0, 100), col("i").abs().alias("abs"))).collect().unwrap();
        assert_eq!((small.column::<i32>("i").unwrap(), small.column::<i32>("abs").unwrap()), (vec![100, 0], vec![300, 7]), "{place}");
    });
    assert!(frame! { "i" => [i64::MIN] }.select(col("i").abs()).collect().is_err());
}

#[test]
fn nan_equals_itself_and_is_above_every_number() {
    everywhere(|place| {
        let df = parted(&frame! { "f" => [Some(1.0), Some(f64::NAN), None, Some(f64::INFINITY)] }, 2);
        let truths = |expr: Expr| df.select(expr.alias("out")).collect().unwrap().column::<Option<bool>>("out").unwrap();
        assert_eq!(truths(col("f").is_nan()), [Some(false), Some(true), None, Some(false)], "{place}");
        assert_eq!(truths(col("f").eq(col("f"))), [Some(true), Some(true), None, Some(true)], "{place}");
        assert_eq!(truths(col("f").gt(f64::INFINITY)), [Some(false), Some(true), None, Some(false)], "{place}");
        let sorted = df.sort("f").collect().unwrap().column::<Option<f64>>("f").unwrap();
        assert!(sorted[0] == Some(1.0) && sorted[1] == Some(f64::INFINITY) && sorted[3].is_none(), "{place} {sorted:?}");
        assert!(sorted[2].is_some_and(f64::is_nan), "{place} {sorted:?}");
        let filled = df.select(col("f").fill_nan(-1)).collect().unwrap().column::<Option<f64>>("f").unwrap();
        assert_eq!(filled, [Some(1.0), Some(-1.0), None, Some(f64::INFINITY)], "{place}");
        let clipped = df.select(col("f").clip(lit(2.0), 10)).collect().unwrap().column::<Option<f64>>("f").unwrap();
        assert_eq!(clipped, [Some(2.0), Some(10.0), None, Some(10.0)], "{place}");
    });
}

#[test]
fn a_bound_that_is_null_does_not_bind() {
    let df = frame! { "x" => [1i64, 50, 99], "high" => [None, Some(10i64), Some(100)] };
    let clipped = df.select(col("x").clip(stratal_frame::null(), col("high"))).collect().unwrap();
    assert_eq!(clipped.column::<i64>("x").unwrap(), [1, 10, 99]);
}

#[test]
fn what_sql_does_not_define_is_an_error_when_it_runs() {
    assert!(frame! { "x" => [-1.0] }.select(col("x").sqrt()).collect().unwrap_err().message().contains("square root"));
    assert!(frame! { "x" => [0.0] }.select(col("x").pow(-1)).collect().is_err());
}

#[test]
fn what_is_no_number_is_refused_with_its_type() {
    let df = frame! { "s" => ["a"], "b" => [true], "x" => [1i64] };
    let error = df.select(col("s").abs()).check().unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::TypeMismatch, "s.abs() takes a number, and s is str"));
    assert_eq!(error.help(), Some("cast it: col(\"s\").cast(\"f64\")"));
    assert_eq!(df.select(col("x").pow(col("b"))).check().unwrap_err().message(), "x.pow(b) takes a number, and b is bool");
    assert_eq!(df.select(col("x").clip("a", "b")).check().unwrap_err().message(), "i64 and str do not go together in x.clip(\"a\", \"b\")");
}
