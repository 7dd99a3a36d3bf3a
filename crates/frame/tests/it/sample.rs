//! Some rows, by chance.

use super::{everywhere, join_expr::travels, local};
use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};
use stratal_core::{ErrorKind, graph::Slicing};
use stratal_frame::{DFrame, Frame, How, col, count, frame};

/// `x` from 0 on, in `parts` partitions, some of which may be empty.
fn numbers(rows: i64, parts: i64) -> DFrame {
    let batches = (0..parts).map(|part| {
        let of_part = rows * part / parts..rows * (part + 1) / parts;
        let values: ArrayRef = Arc::new(of_part.map(Some).collect::<Int64Array>());
        RecordBatch::try_from_iter_with_nullable([("x", values, true)]).unwrap()
    });
    let batches: Vec<RecordBatch> = batches.collect();
    DFrame::from_batches(batches[0].schema(), batches)
}

fn x(frame: &DFrame) -> Vec<i64> {
    frame.collect().unwrap().column::<i64>("x").unwrap()
}

/// What the steps as they were written give.
fn oracle(frame: &DFrame, layer: &str) -> Vec<i64> {
    let parts = frame.graph().unwrap().get_all::<Frame>(layer).unwrap();
    parts.iter().flat_map(|part| part.column::<i64>("x").unwrap()).collect()
}

/// Whether these are rows of `rows`, in order, each at most once.
fn is_in_order(taken: &[i64], rows: i64) -> bool {
    taken.windows(2).all(|pair| pair[0] < pair[1]) && taken.iter().all(|row| (0..rows).contains(row))
}

#[test]
fn a_sample_has_about_its_part_of_the_rows_and_the_same_ones_again() {
    let seen: Mutex<BTreeSet<(i64, Vec<i64>)>> = Mutex::default();
    everywhere(|place| {
        for parts in [1, 3, 7] {
            let rows = 20_000;
            let sample = numbers(rows, parts).sample(0.25, 7);
            let taken = x(&sample);
            // Six standard deviations of the number of rows.
            let spread = 6.0 * (rows as f64 * 0.25 * 0.75).sqrt();
            assert!((taken.len() as f64 - rows as f64 * 0.25).abs() < spread, "{place} {parts} {}", taken.len());
            assert!(is_in_order(&taken, rows), "{place} {parts}");
            assert_eq!(x(&sample), taken, "{place} {parts}");
            assert_eq!(x(&numbers(rows, parts).sample(0.25, 7)), taken, "{place} {parts}");
            assert_ne!(x(&numbers(rows, parts).sample(0.25, 8)), taken, "{place} {parts}");
            assert_eq!(oracle(&sample, "sample"), taken, "{place} {parts}");
            assert_eq!(sample.count().unwrap(), taken.len() as u64, "{place} {parts}");
            seen.lock().unwrap().insert((parts, taken));
        }
    });
    assert_eq!(seen.into_inner().unwrap().len(), 3, "the same partitions give the same rows, wherever they run");
}

#[test]
fn all_rows_none_and_those_of_few() {
    everywhere(|place| {
        for (rows, parts) in [(0, 2), (3, 1), (3, 7), (100, 4)] {
            let all: Vec<i64> = (0..rows).collect();
            assert_eq!(x(&numbers(rows, parts).sample(1.0, 1)), all, "{place} {rows} {parts}");
            assert_eq!(x(&numbers(rows, parts).sample(0.0, 1)), [0i64; 0], "{place} {rows} {parts}");
            for wanted in [0, 1, 2, 50, 99, 100, 101, usize::MAX] {
                let sample = numbers(rows, parts).sample_n(wanted, 3);
                let taken = x(&sample);
                assert_eq!(taken.len(), wanted.min(rows as usize), "{place} {rows} {parts} {wanted}");
                assert!(is_in_order(&taken, rows), "{place} {rows} {parts} {wanted}");
                assert_eq!(oracle(&sample, "sample-n"), taken, "{place} {rows} {parts} {wanted}");
            }
        }
    });
}

#[test]
fn so_many_rows_of_many_are_the_same_ones_again() {
    everywhere(|place| {
        for parts in [1, 3, 7] {
            let sample = numbers(30_000, parts).sample_n(1000, 11);
            let taken = x(&sample);
            assert_eq!((taken.len(), is_in_order(&taken, 30_000)), (1000, true), "{place} {parts}");
            assert_eq!(x(&sample), taken, "{place} {parts}");
            assert_ne!(x(&numbers(30_000, parts).sample_n(1000, 12)), taken, "{place} {parts}");
            // Six standard deviations of how many come from the first third.
            let first = taken.iter().filter(|row| **row < 10_000).count() as f64;
            assert!((first - 1000.0 / 3.0).abs() < 6.0 * (1000.0f64 * 2.0 / 9.0).sqrt(), "{place} {parts} {first}");
            assert_eq!(sample.count().unwrap(), 1000, "{place} {parts}");
        }
    });
}

#[test]
fn every_row_is_as_likely_as_any_other() {
    let client = local("pipe");
    let _entered = client.enter();
    // 3 of 12 rows in 4 partitions, by 400 seeds: each is taken about 100 times.
    let rows = numbers(12, 4);
    let mut taken = [0i32; 12];
    for seed in 0..400 {
        x(&rows.sample_n(3, seed)).into_iter().for_each(|row| taken[row as usize] += 1);
    }
    let expected = 400.0 * 3.0 / 12.0;
    let spread = 5.0 * (400.0f64 * 0.25 * 0.75).sqrt();
    assert!(taken.iter().all(|times| (f64::from(*times) - expected).abs() < spread), "{taken:?}");
}

#[test]
fn a_sample_is_of_what_is_below_it_and_not_of_what_is_above() {
    everywhere(|place| {
        for parts in [1, 4] {
            let all = numbers(2000, parts);
            let taken = x(&all.sample(0.5, 1));
            // A filter above it is not done below it, where other rows would draw other numbers.
            let even: Vec<i64> = taken.iter().copied().filter(|row| row % 2 == 0).collect();
            assert_eq!(x(&all.sample(0.5, 1).filter((col("x") % 2).eq(0))), even, "{place} {parts}");
            let ten = x(&all.sample_n(10, 1));
            assert_eq!(x(&all.sample_n(10, 1).filter(col("x").gt(999))), ten.iter().copied().filter(|row| *row > 999).collect::<Vec<_>>());
            // A sort below it stays, and one above it sorts what was taken.
            let down = x(&all.sort(col("x").desc()).sample(0.5, 1));
            assert!(down.windows(2).all(|pair| pair[0] > pair[1]) && down != taken, "{place} {parts}");
            let mut sorted = taken.clone();
            sorted.reverse();
            assert_eq!(x(&all.sample(0.5, 1).sort(col("x").desc())), sorted, "{place} {parts}");
            let down = x(&all.sort(col("x").desc()).sample_n(10, 1));
            assert!(down.len() == 10 && down.windows(2).all(|pair| pair[0] > pair[1]), "{place} {parts}");
            assert_eq!(x(&all.sample(0.5, 1).head(5)), taken[..5], "{place} {parts}");
            assert_eq!(x(&all.sample(0.5, 1).tail(5)), taken[taken.len() - 5..], "{place} {parts}");
            let sum = all.sample(0.5, 1).agg((col("x").sum(), count())).collect().unwrap();
            assert_eq!(sum.value::<i64>(0, "x").unwrap(), taken.iter().sum::<i64>(), "{place} {parts}");
            let twice = DFrame::concat(&[&all.sample(0.5, 1), &all.sample_n(10, 1)], How::ByName);
            assert_eq!(x(&twice), taken.iter().chain(&ten).copied().collect::<Vec<_>>(), "{place} {parts}");
        }
    });
}

#[test]
fn a_sample_stays_in_its_tasks_and_travels() {
    let client = local("store");
    let _entered = client.enter();
    let rows = numbers(100, 4);
    assert_eq!(rows.sample(0.5, 1).graph_optimized().unwrap().summary(), "from-memory+sample[4]");
    assert_eq!(rows.sample_n(5, 1).graph_optimized().unwrap().summary(), "from-memory+sample-n[4] -> gather+sample-n[1]");
    assert_eq!(rows.sample(0.5, 1).graph().unwrap().summary(), "from-memory[4] -> sample[4]");
    for query in [rows.sample(0.5, 1), rows.sample_n(5, 1), rows.sample_n(5, 1).agg(count())] {
        assert!(query.graph_optimized().unwrap().layers.iter().all(|layer| layer.spec.slicing == Slicing::Any));
        travels(&query);
    }
}

#[test]
fn a_fraction_is_from_0_to_1() {
    let rows = frame! { "x" => [1i64] };
    for fraction in [-0.1, 1.5, f64::NAN, f64::INFINITY] {
        let error = rows.sample(fraction, 1).check().unwrap_err();
        assert_eq!((error.kind(), error.step()), (ErrorKind::BadValue, Some((2, "sample"))));
        assert_eq!(error.message(), format!("a fraction of {fraction} is not from 0 to 1"));
    }
    assert_eq!(
        rows.sample(0.5, 7).sample_n(3, 8).to_string().lines().skip(1).collect::<Vec<_>>(),
        ["2. sample(0.5, 7)", "3. sample_n(3, 8)"]
    );
}
