//! Random numbers: their distributions, and that nothing but the seed decides them.

use crate::everywhere;
use stratal_array::{DArray, RandomArrays, ndarray::arr1, s};
use stratal_core::ErrorKind;

const N: usize = 20_000;

fn drawn(array: &DArray) -> Vec<f64> {
    array.cast(stratal_array::DType::F64).compute::<f64>().unwrap().iter().copied().collect()
}

/// The largest distance between how many numbers are below `x` and how many should be, in units in which 1.63 is passed once in
/// a hundred times (Kolmogorov and Smirnov).
fn misfit(mut numbers: Vec<f64>, below: impl Fn(f64) -> f64) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let n = numbers.len() as f64;
    let far = |(nth, x): (usize, &f64)| (below(*x) - nth as f64 / n).abs().max((below(*x) - (nth + 1) as f64 / n).abs());
    numbers.iter().enumerate().map(far).fold(0.0, f64::max) * n.sqrt()
}

/// Mean and variance are within five of their own standard deviations.
fn moments(name: &str, numbers: &[f64], mean: f64, variance: f64) {
    let n = numbers.len() as f64;
    let found = numbers.iter().sum::<f64>() / n;
    let squares: Vec<f64> = numbers.iter().map(|x| (x - found).powi(2)).collect();
    let spread = squares.iter().sum::<f64>() / n;
    let fourth = squares.iter().map(|square| square * square).sum::<f64>() / n;
    assert!((found - mean).abs() < 5.0 * (variance / n).sqrt() + 1e-12, "{name}: mean {found}, not {mean}");
    assert!(
        (spread - variance).abs() < 5.0 * ((fourth - spread * spread).max(0.0) / n).sqrt() + 1e-12,
        "{name}: variance {spread}, not {variance}"
    );
}

/// The probability that a standard normal number is below `x`, by Simpson's rule.
fn normal_below(x: f64) -> f64 {
    let (steps, density) = (400, |x: f64| (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt());
    let h = x / steps as f64;
    let weight = |i: usize| {
        if i == 0 || i == steps {
            1.0
        } else if i % 2 == 1 {
            4.0
        } else {
            2.0
        }
    };
    0.5 + (0..=steps).map(|i| weight(i) * density(i as f64 * h)).sum::<f64>() * h / 3.0
}

#[test]
fn distributions_are_what_they_are_called() {
    let seed = DArray::random(2024);
    let fits = |name: &str, array: DArray, below: &dyn Fn(f64) -> f64| {
        let found = misfit(drawn(&array), below);
        assert!(found < 1.63, "{name}: {found}");
    };
    fits("uniform", seed.uniform(N), &|x| x);
    fits("normal", seed.normal(N, 3.0, 2.0), &|x| normal_below((x - 3.0) / 2.0));
    fits("exponential", seed.exponential(N, 2.0), &|x| 1.0 - (-x / 2.0).exp());
    // With a whole shape parameter, the number of events of a Poisson process decides.
    fits("gamma", seed.gamma(N, 3.0, 0.5), &|x| 1.0 - (-2.0 * x).exp() * (1.0 + 2.0 * x + 2.0 * x * x));
    fits("gamma of shape 1", seed.gamma(N, 1.0, 1.0), &|x| 1.0 - (-x).exp());
    // The square of a normal number has shape 1/2 and scale 2.
    fits("gamma of shape 1/2", seed.gamma(N, 0.5, 2.0), &|x| 2.0 * normal_below(x.sqrt()) - 1.0);
    moments("uniform", &drawn(&seed.uniform(N)), 0.5, 1.0 / 12.0);
    moments("normal", &drawn(&seed.normal(N, -1.0, 0.5)), -1.0, 0.25);
    moments("integers", &drawn(&seed.integers(N, -3..7)), 1.5, 99.0 / 12.0);
    moments("gamma", &drawn(&seed.gamma(N, 7.5, 2.0)), 15.0, 30.0);
    moments("small poisson", &drawn(&seed.poisson(N, 3.5)), 3.5, 3.5);
    moments("large poisson", &drawn(&seed.poisson(N, 1e6)), 1e6, 1e6);
    moments("small binomial", &drawn(&seed.binomial(N, 40, 0.1)), 4.0, 3.6);
    moments("binomial", &drawn(&seed.binomial(N, 1000, 0.7)), 700.0, 210.0);
    moments("large binomial", &drawn(&seed.binomial(N, 1_000_000_000_000, 0.25)), 2.5e11, 1.875e11);
    moments("choice", &drawn(&seed.choice(N, vec![1i32, 2, 6])), 3.0, 14.0 / 3.0);
}

#[test]
fn neighbours_and_streams_have_nothing_in_common() {
    let correlation = |a: &[f64], b: &[f64]| {
        let n = a.len() as f64;
        let (ma, mb) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
        let product = |x: &[f64], mx: f64, y: &[f64], my: f64| x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>();
        product(a, ma, b, mb) / (product(a, ma, a, ma) * product(b, mb, b, mb)).sqrt()
    };
    let limit = 5.0 / (N as f64).sqrt();
    let x = drawn(&DArray::random(5).uniform(N));
    for lag in [1, 2, 16] {
        assert!(correlation(&x[lag..], &x[..N - lag]).abs() < limit, "{lag}");
    }
    for other in [DArray::random(6).uniform(N), DArray::random(5).normal(N, 0.0, 1.0), DArray::random(5 + (1 << 32)).uniform(N)] {
        assert!(correlation(&x, &drawn(&other)).abs() < limit);
    }
    assert_eq!(x, drawn(&DArray::random(5).uniform(N)));
}

#[test]
fn chunks_slices_and_executors_do_not_change_a_number() {
    let make: [(&str, fn(RandomArrays) -> DArray); 9] = [
        ("uniform", |seed| seed.uniform((7, 30))),
        ("normal", |seed| seed.normal((7, 30), 0.0, 1.0)),
        ("integers", |seed| seed.integers((7, 30), 0..10)),
        ("exponential", |seed| seed.exponential((7, 30), 1.0)),
        ("poisson", |seed| seed.poisson((7, 30), 40.0)),
        ("gamma", |seed| seed.gamma((7, 30), 0.7, 1.0)),
        ("binomial", |seed| seed.binomial((7, 30), 100, 0.4)),
        ("choice", |seed| seed.choice((7, 30), vec![2u8, 3, 5])),
        ("permutation", |seed| seed.permutation(10_000)),
    ];
    for (name, make) in make {
        let whole = drawn(&make(DArray::random(11)));
        everywhere(|| {
            let array = make(DArray::random(11));
            for chunk in [1i64, 4, 13] {
                let chunk = if name == "permutation" { 1000 * chunk } else { chunk };
                assert_eq!(drawn(&array.rechunk(chunk)), whole, "{name} {chunk}");
                assert_eq!(drawn(&(array.rechunk(chunk) + 0)), whole, "{name} {chunk}");
            }
            let last: Vec<f64> = whole[whole.len() - 3..].to_vec();
            let part = if name == "permutation" { array.slice(s![-3..]) } else { array.slice(s![-1, -3..]) };
            assert_eq!(drawn(&part), last, "{name}");
        });
    }
}

#[test]
fn the_first_numbers_stay_what_they_are() {
    // From another implementation of the generator: seed 42, purpose 1, places 0 to 3.
    let first = DArray::random(42).uniform(4).compute::<f64>().unwrap();
    assert_eq!(first, arr1(&[0.593870170909453, 0.7850700722375236, 0.353812215179934, 0.5736904589340346]).into_dyn());
}

#[test]
fn a_permutation_has_every_number_once() {
    for n in [0usize, 1, 5, 4096, 5000] {
        let mut numbers = drawn(&DArray::random(3).permutation(n).rechunk(700));
        assert!(n < 5 || !numbers.is_sorted(), "{n}");
        numbers.sort_by(f64::total_cmp);
        assert!(numbers.iter().enumerate().all(|(nth, x)| *x == nth as f64) && numbers.len() == n, "{n}");
    }
    // Of a huge one, a part is made alone.
    let few = DArray::random(3).permutation(1 << 40).slice(s![1_000_000..1_000_010]).compute::<i64>().unwrap();
    assert!(few.iter().all(|x| (0..1 << 40).contains(x)) && few.len() == 10);
}

#[test]
fn parameters_that_no_distribution_has_poison() {
    let seed = DArray::random(1);
    for wrong in [
        seed.normal(3, 0.0, -1.0),
        seed.normal(3, f64::NAN, 1.0),
        seed.integers(3, 5..5),
        seed.exponential(3, 0.0),
        seed.poisson(3, -1.0),
        seed.poisson(3, 1e13),
        seed.gamma(3, 0.0, 1.0),
        seed.gamma(3, 1.0, f64::INFINITY),
        seed.binomial(3, 10, 1.5),
        seed.binomial(3, u64::MAX, 0.5),
        seed.choice(3, Vec::<i64>::new()),
    ] {
        let error = wrong.sum(..).check().map(|_| ()).unwrap_err();
        assert!(error.kind() == ErrorKind::BadValue && error.help().is_some(), "{error}");
        assert!(error.location().is_some(), "{error}");
    }
}
