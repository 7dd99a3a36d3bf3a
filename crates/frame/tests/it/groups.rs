//! Groups: the first rows of each, null keys, all numbers at once, windows in keys and in aggregates.

use super::{
    everywhere,
    measures::{Row, as_written, close, groups, plain, rows, spread, xs},
};
use std::collections::BTreeMap;
use stratal_core::{Client, ErrorKind};
use stratal_frame::{DFrame, SortKey, Window, col, count, frame, row_number};

fn ids(frame: &DFrame) -> Vec<i64> {
    frame.sort("id").collect().unwrap().column("id").unwrap()
}

/// The first rows of each group, by their numbers.
fn firsts(rows: &[Row], wanted: usize, key: impl Fn(&Row) -> i64) -> Vec<i64> {
    let mut ids: Vec<i64> = Vec::new();
    for mut part in groups(rows).into_values() {
        part.sort_by_key(|row| key(row));
        ids.extend(part.iter().take(wanted).map(|row| row.id));
    }
    ids.sort_unstable();
    ids
}

#[test]
fn the_first_rows_of_each_group_are_whole() {
    everywhere(|place| {
        for parts in [1, 3, 7] {
            let rows = rows(91, 90);
            let df = spread(&rows, parts);
            for wanted in [0, 1, 3, 100] {
                let context = format!("{place} {parts} {wanted}");
                let cases: [(Vec<SortKey>, Vec<i64>); 4] = [
                    (vec![col("u").asc()], firsts(&rows, wanted, |row| row.u)),
                    (vec![col("u").desc()], firsts(&rows, wanted, |row| -row.u)),
                    (vec![(col("u") % 100).asc(), col("u").asc()], firsts(&rows, wanted, |row| row.u % 100 * 100_000 + row.u)),
                    (Vec::new(), firsts(&rows, wanted, |row| row.id)),
                ];
                for (order, expected) in cases {
                    let top = df.group_by("k").top(wanted, order.clone());
                    assert_eq!(ids(&top), expected, "{context} {order:?}");
                    assert_eq!(ids(&as_written(&top, "top")), expected, "as written {context} {order:?}");
                    let whole = df.filter(col("id").is_in(expected)).sort("id").collect().unwrap();
                    assert!(top.sort("id").collect().unwrap().equals(&whole), "{context} {order:?}");
                }
            }
        }
    });
}

#[test]
fn equal_rows_are_taken_as_often_as_is_asked_for() {
    everywhere(|place| {
        let rows = rows(92, 90);
        let top = spread(&rows, 3).group_by("k").top(2, "n").collect().unwrap();
        let mut found: BTreeMap<Option<i64>, Vec<Option<i64>>> = BTreeMap::new();
        for (key, n) in top.column("k").unwrap().into_iter().zip(top.column::<Option<i64>>("n").unwrap()) {
            found.entry(key).or_default().push(n);
        }
        for (key, part) in groups(&rows) {
            let mut expected: Vec<Option<i64>> = part.iter().map(|row| row.n).collect();
            expected.sort_by_key(|n| (n.is_none(), *n));
            expected.truncate(2);
            let found = found.get_mut(&key).unwrap();
            found.sort_by_key(|n| (n.is_none(), *n));
            assert_eq!(*found, expected, "{place} {key:?}");
        }
    });
}

#[test]
fn groups_and_orders_may_be_computed() {
    everywhere(|place| {
        let df = frame! { "id" => [1i64, 2, 3, 4, 5], "s" => ["a", "bb", "c", "dd", "eee"] }.with_client(&Client::current());
        let longest = df.group_by(col("id") % 2).top(1, col("s").str().len_bytes().desc());
        assert_eq!(ids(&longest)[1..], [5], "{place}");
        assert_eq!(longest.columns().unwrap(), ["id", "s"], "{place}");
        // Of both, the group decides first.
        let of_window = df.group_by(col("id").gt(3)).top(1, (count().over(Window::by(col("s").str().len_bytes())), col("id").desc()));
        assert_eq!(ids(&of_window), [3, 5], "{place}");
        let counts = df.group_by(row_number().over(Window::ordered(col("id").desc())).gt(2).alias("late")).agg(count());
        let counts = counts.sort("late").collect().unwrap();
        assert_eq!(
            (counts.column::<bool>("late").unwrap(), counts.column::<i64>("count").unwrap()),
            (vec![false, true], vec![2, 3]),
            "{place}"
        );
    });
}

#[test]
fn null_keys_are_a_group_unless_they_are_dropped() {
    everywhere(|place| {
        for parts in [1, 3] {
            let rows = rows(93, 60);
            let groups = groups(&rows);
            let by_key = spread(&rows, parts).group_by("k");
            let keys = |frame: &DFrame| frame.sort("k").collect().unwrap().column::<Option<i64>>("k").unwrap();
            let there: Vec<Option<i64>> = groups.keys().copied().filter(Option::is_some).collect();
            let mut all = there.clone();
            all.push(None);
            assert_eq!(keys(&by_key.count()), all, "{place} {parts}");
            assert_eq!(keys(&by_key.drop_null_keys().count()), there, "{place} {parts}");
            assert_eq!(keys(&by_key.drop_null_keys().top(1, "u")), there, "{place} {parts}");
            let counts = by_key.count().sort(col("k").asc().nulls_first()).collect().unwrap();
            let expected: Vec<i64> = groups.values().map(|rows| rows.len() as i64).collect();
            assert_eq!(counts.column::<i64>("count").unwrap(), expected, "{place} {parts}");
        }
        let two = frame! { "a" => [Some(1i64), None, Some(2)], "b" => [None, Some(1i64), Some(2)] }.with_client(&Client::current());
        assert_eq!(two.group_by(["a", "b"]).drop_null_keys().count().count().unwrap(), 1, "{place}");
        assert_eq!(two.group_by(col("a").is_null()).drop_null_keys().count().count().unwrap(), 2, "{place}");
    });
}

#[test]
fn all_numbers_are_aggregated_but_the_keys() {
    everywhere(|place| {
        let rows = rows(94, 60);
        let by_key = spread(&rows, 3).select(["k", "x", "n", "s", "day", "b"]).group_by("k");
        let cases: [(DFrame, fn(&[f64]) -> Option<f64>); 4] = [
            (by_key.sum(), plain::sum),
            (by_key.mean(), plain::mean),
            (by_key.min(), |values| values.iter().copied().min_by(f64::total_cmp)),
            (by_key.max(), |values| values.iter().copied().max_by(f64::total_cmp)),
        ];
        for (frame, of) in cases {
            assert_eq!(frame.columns().unwrap(), ["k", "x", "n"], "{place}");
            let answer = frame.with_column("n", col("n").cast("f64")).sort(col("k").asc().nulls_first()).collect().unwrap();
            let columns = ["x", "n"].map(|name| answer.column::<Option<f64>>(name).unwrap());
            for (at, part) in groups(&rows).values().enumerate() {
                let numbers: Vec<f64> = part.iter().filter_map(|row| row.n.map(|n| n as f64)).collect();
                assert!(close(columns[0][at], of(&xs(part))), "{place} {at}: {:?}", columns[0][at]);
                assert!(close(columns[1][at], of(&numbers)), "{place} {at}: {:?}", columns[1][at]);
            }
        }
    });
}

#[test]
fn an_aggregate_may_be_taken_of_a_window() {
    everywhere(|place| {
        for parts in [1, 7] {
            let rows = rows(95, 70);
            let w = Window::by("k").order_by("u");
            let steps = spread(&rows, parts).group_by("k").agg([
                col("u").diff(1).over(&w).max().alias("step"),
                col("x").sum().filter(row_number().over(&w).lt_eq(3)).alias("first_three"),
                count(),
            ]);
            let answer = steps.sort(col("k").asc().nulls_first()).collect().unwrap();
            for (at, (_, mut part)) in groups(&rows).into_iter().enumerate() {
                part.sort_by_key(|row| row.u);
                let step = part.windows(2).map(|pair| pair[1].u - pair[0].u).max();
                assert_eq!(answer.value::<Option<i64>>(at, "step").unwrap(), step, "{place} {parts} {at}");
                let sum = plain::sum(&xs(&part[..part.len().min(3)]));
                assert!(close(answer.value::<Option<f64>>(at, "first_three").unwrap(), sum), "{place} {parts} {at}");
                assert_eq!(answer.value::<i64>(at, "count").unwrap(), part.len() as i64, "{place} {parts}");
            }
        }
    });
}

#[test]
fn groups_without_keys_are_refused() {
    let df = frame! { "k" => ["a"], "x" => [1i64] };
    for frame in [df.group_by(()).count(), df.group_by(()).top(1, "x"), df.group_by(()).drop_null_keys().count()] {
        let error = frame.check().unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::BadValue, "there is nothing to group by"));
        assert!(error.help().is_some());
    }
    let message = |frame: DFrame| frame.check().unwrap_err().message().to_owned();
    assert_eq!(message(df.group_by("k").top(1, col("x").sum())), "sum(x) is one value for many rows and cannot stand here");
    assert_eq!(message(df.group_by(col("x").sum()).count()), "sum(x) is one value for many rows and cannot stand here");
    assert_eq!(message(df.group_by("k").agg("x")), "column \"x\" in x is neither a key nor aggregated");
}
