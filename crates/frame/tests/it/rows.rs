//! Steps that keep some of the rows, count values, or mend what is missing.

use super::everywhere;
use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use std::{collections::BTreeMap, sync::Arc};
use stratal_core::ErrorKind;
use stratal_frame::{DFrame, Frame, How, col, count, frame};

/// `x` from 0 on, and its remainder by 7 as `k`, null where it is 6, in `parts` partitions.
fn numbers(rows: i64, parts: i64) -> DFrame {
    let batches = (0..parts).map(|part| {
        let of_part = || rows * part / parts..rows * (part + 1) / parts;
        let keys: ArrayRef = Arc::new(of_part().map(key).collect::<Int64Array>());
        let values: ArrayRef = Arc::new(of_part().map(Some).collect::<Int64Array>());
        RecordBatch::try_from_iter_with_nullable([("k", keys, true), ("x", values, true)]).unwrap()
    });
    let batches: Vec<RecordBatch> = batches.collect();
    DFrame::from_batches(batches[0].schema(), batches)
}

fn key(x: i64) -> Option<i64> {
    Some(x % 7).filter(|key| *key < 6)
}

fn x(frame: &DFrame) -> Vec<i64> {
    frame.collect().unwrap().column::<i64>("x").unwrap()
}

/// What the steps as they were written give.
fn oracle(frame: &DFrame, layer: &str) -> Frame {
    let parts = frame.graph().unwrap().get_all::<Frame>(layer).unwrap();
    Frame::new(parts[0].schema().clone(), parts.iter().flat_map(|part| part.batches().to_vec())).unwrap()
}

#[test]
fn tail_and_slice_take_rows_in_partition_order() {
    everywhere(|place| {
        for (rows, parts) in [(20, 1), (20, 3), (5, 8), (0, 2)] {
            let all: Vec<i64> = (0..rows).collect();
            let frame = numbers(rows, parts);
            for n in [0, 1, 5, 20, 50] {
                let last = frame.tail(n);
                assert_eq!(x(&last), all[all.len().saturating_sub(n)..], "{place} {rows} {parts} {n}");
                assert!(oracle(&last, "tail").equals(&last.collect().unwrap()), "{place} {rows} {parts} {n}");
            }
            for offset in [-50i64, -20, -7, -1, 0, 1, 4, 19, 20, 30] {
                for n in [0, 1, 6, 40] {
                    let from = if offset < 0 { rows + offset } else { offset };
                    let (start, end) = (from.clamp(0, rows), from.saturating_add(n as i64).clamp(0, rows));
                    let part = frame.slice(offset, n);
                    assert_eq!(x(&part), all[start as usize..end as usize], "{place} {rows} {parts} {offset} {n}");
                }
            }
            let part = frame.slice(2, 6);
            assert!(oracle(&part, "slice").equals(&part.collect().unwrap()), "{place} {rows} {parts}");
        }
    });
}

#[test]
fn a_sort_below_a_tail_decides_what_the_last_rows_are() {
    everywhere(|place| {
        for parts in [1, 4] {
            let smallest = numbers(30, parts).sort(col("x").desc()).tail(3);
            assert_eq!(x(&smallest), [2, 1, 0], "{place} {parts}");
            // The aggregate does not care for an order, the tail below it does.
            assert_eq!(smallest.agg(col("x").sum()).collect().unwrap().item::<i64>().unwrap(), 3, "{place} {parts}");
            assert_eq!(smallest.filter(col("x").gt(0)).count().unwrap(), 2, "{place} {parts}");
            assert_eq!(smallest.select("k").columns().unwrap(), ["k"], "{place} {parts}");
            assert_eq!(
                numbers(30, parts).sort(col("x").desc()).slice(-5, 2).agg(col("x").max()).collect().unwrap().item::<i64>().unwrap(),
                4
            );
        }
    });
}

#[test]
fn a_sort_above_a_limit_sorts_what_the_limit_took() {
    everywhere(|place| {
        for parts in [1, 4] {
            let rows = numbers(30, parts);
            assert_eq!(x(&rows.head(3).sort(col("x").desc())), [2, 1, 0], "{place} {parts}");
            assert_eq!(x(&rows.slice(4, 3).sort(col("x").desc())), [6, 5, 4], "{place} {parts}");
            assert_eq!(x(&rows.tail(3).sort(col("x").desc())), [29, 28, 27], "{place} {parts}");
            assert_eq!(x(&rows.sort(col("x").desc()).tail(3).sort("x")), [0, 1, 2], "{place} {parts}");
        }
    });
}

#[test]
fn a_sort_by_a_column_that_is_dropped_is_a_sort() {
    everywhere(|place| {
        for parts in [1, 4] {
            let sorted = numbers(30, parts).with_column("y", 0 - col("x")).sort("y").filter(col("x").lt(25)).drop("y");
            let sum = |frame: DFrame| frame.agg(col("x").sum()).collect().unwrap().item::<i64>().unwrap();
            assert_eq!(sum(sorted.tail(3)), 1 + 2, "{place} {parts}");
            assert_eq!(sum(sorted.head(2)), 24 + 23, "{place} {parts}");
            let twice = DFrame::concat(&[&sorted, &numbers(3, 2), &sorted.head(1)], How::ByName);
            let expected: Vec<i64> = (0..25).rev().chain(0..3).chain([24]).collect();
            assert_eq!(x(&twice), expected, "{place} {parts}");
        }
    });
}

#[test]
fn the_largest_slice_is_everything() {
    assert_eq!(x(&numbers(5, 2).slice(1, usize::MAX)), [1, 2, 3, 4]);
    assert_eq!(x(&numbers(5, 2).slice(i64::MIN, usize::MAX)), [0, 1, 2, 3, 4]);
    assert_eq!(x(&numbers(5, 2).tail(usize::MAX)), [0, 1, 2, 3, 4]);
}

#[test]
fn unique_keeps_one_whole_row_of_each() {
    everywhere(|place| {
        for parts in [1, 3, 9] {
            let rows = numbers(40, parts).with_column("y", col("x") * 10);
            let kept = rows.unique("k").sort("k").collect().unwrap();
            assert_eq!(kept.columns(), ["k", "x", "y"], "{place} {parts}");
            assert_eq!(kept.column::<Option<i64>>("k").unwrap(), [Some(0), Some(1), Some(2), Some(3), Some(4), Some(5), None]);
            for row in 0..kept.len() {
                let (k, x) = (kept.value::<Option<i64>>(row, "k").unwrap(), kept.value::<i64>(row, "x").unwrap());
                assert_eq!((k, kept.value::<i64>(row, "y").unwrap()), (key(x), x * 10), "{place} {parts}");
            }
            let twice = DFrame::concat(&[&rows, &rows], How::ByName);
            let all = twice.unique(()).sort("x").collect().unwrap();
            assert!(all.equals(&rows.sort("x").collect().unwrap()), "{place} {parts}");
            assert!(oracle(&twice.unique(()), "unique").equals_unordered(&all), "{place} {parts}");
            assert_eq!(rows.unique(["k", "x"]).count().unwrap(), 40, "{place} {parts}");
        }
    });
    assert_eq!(numbers(3, 1).unique(col("x") + 1).check().unwrap_err().kind(), ErrorKind::BadValue);
}

#[test]
fn value_counts_are_sorted_by_how_frequent_and_then_by_value() {
    everywhere(|place| {
        for parts in [1, 3] {
            let query = numbers(40, parts).value_counts("k");
            let counts = query.collect().unwrap();
            let mut expected: BTreeMap<i64, i64> = BTreeMap::new();
            for x in 0..40 {
                *expected.entry(key(x).unwrap_or(i64::MAX)).or_default() += 1;
            }
            let mut expected: Vec<(i64, i64)> = expected.into_iter().map(|(key, count)| (-count, key)).collect();
            expected.sort_unstable();
            let keys: Vec<Option<i64>> = expected.iter().map(|(_, key)| Some(*key).filter(|key| *key != i64::MAX)).collect();
            assert_eq!(counts.columns(), ["k", "count"], "{place}");
            assert_eq!(counts.column::<Option<i64>>("k").unwrap(), keys, "{place} {parts}");
            assert_eq!(counts.column::<i64>("count").unwrap(), expected.iter().map(|(count, _)| -count).collect::<Vec<_>>(), "{place}");
            assert!(oracle(&query, "value-counts").equals(&counts), "{place} {parts}");
        }
    });
    let named = frame! { "count" => [1i64] }.value_counts("count");
    assert_eq!(named.check().unwrap_err().message(), "two columns are named \"count\"");
}

#[test]
fn nulls_are_counted_dropped_and_filled() {
    everywhere(|place| {
        for parts in [1, 4] {
            let rows = numbers(40, parts);
            let missing = (0..40).filter(|x| key(*x).is_none()).count();
            let nulls = rows.null_count().collect().unwrap();
            assert_eq!((nulls.value::<i64>(0, "k").unwrap(), nulls.value::<i64>(0, "x").unwrap()), (missing as i64, 0), "{place}");
            let there: Vec<i64> = (0..40).filter(|x| key(*x).is_some()).collect();
            assert_eq!((x(&rows.drop_nulls(())), x(&rows.drop_nulls("k"))), (there.clone(), there), "{place} {parts}");
            assert_eq!(x(&rows.drop_nulls("x")).len(), 40, "{place}");
            let filled = rows.fill_null(-1).collect().unwrap().column::<i64>("k").unwrap();
            assert_eq!(filled, (0..40).map(|x| key(x).unwrap_or(-1)).collect::<Vec<_>>(), "{place} {parts}");
        }
    });
}

#[test]
fn a_value_fills_the_columns_that_it_fits() {
    everywhere(|place| {
        let day = chrono::NaiveDate::from_ymd_opt(2024, 1, 31).unwrap();
        let rows = frame! {
            "i" => [Some(1i64), None],
            "small" => [Some(1i8), None],
            "f" => [Some(0.5), None],
            "s" => [Some("a"), None],
            "b" => [Some(true), None],
            "d" => [Some(day), None],
        };
        let nulls = |frame: &DFrame| {
            let counts = frame.null_count().collect().unwrap();
            let left = counts.columns().into_iter().filter(|name| counts.value::<i64>(0, name).unwrap() > 0);
            left.map(str::to_owned).collect::<Vec<String>>()
        };
        assert_eq!(nulls(&rows.fill_null(0)), ["s", "b", "d"], "{place}");
        assert_eq!(nulls(&rows.fill_null(300)), ["small", "s", "b", "d"], "{place}");
        assert_eq!(nulls(&rows.fill_null(0.5)), ["i", "small", "s", "b", "d"], "{place}");
        assert_eq!(nulls(&rows.fill_null("x").fill_null(false).fill_null(day)), ["i", "small", "f"], "{place}");
        assert_eq!(nulls(&rows.fill_null(col("i").fill_null(7))), ["small", "f", "s", "b", "d"], "{place}");
        let types = |frame: &DFrame| frame.schema().unwrap().fields().iter().map(|field| field.data_type().clone()).collect::<Vec<_>>();
        assert_eq!(types(&rows.fill_null(0)), types(&rows), "{place}");
    });
}

#[test]
fn columns_are_cast_in_their_places() {
    everywhere(|place| {
        let rows = numbers(10, 3).cast([("k", "f64"), ("x", "str")]);
        let answer = rows.collect().unwrap();
        assert_eq!(answer.columns(), ["k", "x"], "{place}");
        assert_eq!(answer.column::<Option<f64>>("k").unwrap(), (0..10).map(|x| key(x).map(|k| k as f64)).collect::<Vec<_>>(), "{place}");
        assert_eq!(answer.column::<String>("x").unwrap(), (0..10).map(|x: i64| x.to_string()).collect::<Vec<_>>(), "{place}");
        assert_eq!(rows.cast([("x", "i32")]).agg(count()).collect().unwrap().item::<i64>().unwrap(), 10, "{place}");
    });
    let error = frame! { "x" => [1i64] }.cast([("y", "f64")]).check().unwrap_err();
    assert_eq!((error.step(), error.message()), (Some((2, "cast")), "no column \"y\" in [x]"));
    assert_eq!(frame! { "x" => [1i64] }.cast([("x", "number")]).check().unwrap_err().message(), "\"number\" is no type");
    assert!(frame! { "x" => ["a"] }.cast([("x", "i64")]).collect().is_err());
}

#[test]
fn row_by_row_steps_stay_in_their_partitions() {
    let frame = numbers(10, 3).cast([("x", "f64")]).fill_null(0).drop_nulls("k");
    assert_eq!(frame.graph().unwrap().summary(), "from-memory[3] -> cast[3] -> fill-null[3] -> drop-nulls[3]");
    let frame = numbers(10, 3).unique("k").slice(0, 5).tail(3).null_count();
    assert_eq!(frame.graph().unwrap().summary(), "from-memory[3] -> unique[1] -> slice[1] -> tail[1] -> null-count[1]");
    let text = "1. from_batches([k, x], 10 rows)\n2. cast(x: f64)\n3. fill_null(0)\n4. drop_nulls(k)\n5. slice(-2, 1)";
    assert_eq!(numbers(10, 3).cast([("x", "f64")]).fill_null(0).drop_nulls("k").slice(-2, 1).to_string(), text);
}

#[test]
fn the_same_step_three_times_is_done_three_times() {
    everywhere(|name| {
        let mut swapped = frame! { "a" => [1i64], "b" => [2i64] };
        let mut counted = frame! { "n" => [0i64] };
        for times in 1..7i64 {
            swapped = swapped.select((col("b").alias("a"), col("a").alias("b")));
            counted = counted.with_column("n", col("n") + 1);
            let row = swapped.collect().unwrap();
            let expected = if times % 2 == 1 { (2, 1) } else { (1, 2) };
            assert_eq!((row.value::<i64>(0, "a").unwrap(), row.value::<i64>(0, "b").unwrap()), expected, "{name}, {times}");
            assert_eq!(counted.collect().unwrap().item::<i64>().unwrap(), times, "{name}");
        }
    });
}

#[test]
fn rows_of_equal_keys_stay_in_their_order() {
    let k: Vec<i64> = (0..5000).map(|row| row * 7919 % 5).collect();
    let batches: Vec<RecordBatch> = [0..1000, 1000..1000, 1000..3500, 3500..5000]
        .map(|rows: std::ops::Range<usize>| {
            let keys: ArrayRef = Arc::new(Int64Array::from(k[rows.clone()].to_vec()));
            let at: ArrayRef = Arc::new(Int64Array::from_iter_values(rows.map(|row| row as i64)));
            RecordBatch::try_from_iter([("k", keys), ("at", at)]).unwrap()
        })
        .to_vec();
    let mut expected: Vec<i64> = (0..5000).collect();
    expected.sort_by_key(|row| std::cmp::Reverse(k[*row as usize]));
    everywhere(|name| {
        let df = DFrame::from_batches(batches[0].schema(), batches.clone()).sort(col("k").desc());
        assert_eq!(df.columns().unwrap(), ["k", "at"], "{name}");
        assert_eq!(df.collect().unwrap().column::<i64>("at").unwrap(), expected, "{name}");
        assert_eq!(df.head(1500).collect().unwrap().column::<i64>("at").unwrap(), expected[..1500], "{name}");
        assert_eq!(df.tail(7).collect().unwrap().column::<i64>("at").unwrap(), expected[4993..], "{name}");
    });
}
