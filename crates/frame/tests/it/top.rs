//! The first rows of each group, against sorted vectors: keys and orders of many types, few groups and many.

use super::{chance::Numbers, everywhere, join_expr::travels, local, measures::as_written};
use arrow_array::{ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use std::{cmp::Ordering, collections::BTreeMap, sync::Arc};
use stratal_core::Client;
use stratal_frame::{DFrame, SortKey, col};

#[derive(Clone, Debug)]
struct Row {
    id: i64,
    k: Option<i64>,
    f: Option<f64>,
    s: Option<String>,
    b: Option<bool>,
    x: Option<f64>,
    n: Option<i64>,
    t: Option<String>,
    day: Option<i32>,
}

/// Rows that look like chance. A value in eight is null; floats are NaN, infinite and of both zeros too.
fn rows(seed: u64, length: usize, keys: u64) -> Vec<Row> {
    let mut numbers = Numbers::new(seed);
    let mut next = |below: u64| numbers.next(below);
    let row = |id: i64| {
        let x = match next(30) {
            0 => f64::NAN,
            1 => -f64::NAN,
            2 => f64::NEG_INFINITY,
            3 => -0.0,
            4 => 0.0,
            number => number as f64 / 4.0 - 5.0,
        };
        let f = [f64::NAN, 0.0, 1.5, f64::INFINITY][next(4) as usize];
        let (k, s, n, day) = (next(keys) as i64, format!("key {}", next(keys)), next(6) as i64 - 3, 19_000 + next(9) as i32);
        // Most texts are equal in their first sixteen bytes, and some begin others.
        let t = ["", "short", "a text that is long", "a text that is long, a", "a text that is long, b"][next(5) as usize];
        let b = next(2) > 0;
        let mut is_there = || next(8) > 0;
        Row {
            id,
            k: is_there().then_some(k),
            f: is_there().then_some(f),
            s: is_there().then_some(s),
            b: is_there().then_some(b),
            x: is_there().then_some(x),
            n: is_there().then_some(n),
            t: is_there().then_some(t.to_owned()),
            day: is_there().then_some(day),
        }
    };
    (0..length as i64).map(row).collect()
}

fn batch(rows: &[Row]) -> RecordBatch {
    let columns: [(&str, ArrayRef); 9] = [
        ("id", Arc::new(rows.iter().map(|row| Some(row.id)).collect::<Int64Array>())),
        ("k", Arc::new(rows.iter().map(|row| row.k).collect::<Int64Array>())),
        ("f", Arc::new(rows.iter().map(|row| row.f).collect::<Float64Array>())),
        ("s", Arc::new(rows.iter().map(|row| row.s.clone()).collect::<StringArray>())),
        ("b", Arc::new(rows.iter().map(|row| row.b).collect::<BooleanArray>())),
        ("x", Arc::new(rows.iter().map(|row| row.x).collect::<Float64Array>())),
        ("n", Arc::new(rows.iter().map(|row| row.n).collect::<Int64Array>())),
        ("t", Arc::new(rows.iter().map(|row| row.t.clone()).collect::<StringArray>())),
        ("day", Arc::new(rows.iter().map(|row| row.day).collect::<Date32Array>())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
}

/// The rows in so many partitions; of three and more, the second is empty.
fn spread(rows: &[Row], parts: usize) -> DFrame {
    let starts = (0..=parts).map(|part| if part == 2 && parts > 2 { rows.len() / parts } else { rows.len() * part / parts });
    let starts: Vec<usize> = starts.collect();
    let batches: Vec<RecordBatch> = starts.windows(2).map(|ends| batch(&rows[ends[0]..ends[1]])).collect();
    DFrame::from_batches(batches[0].schema(), batches).with_client(&Client::current())
}

/// Which of two comes first; nulls last.
fn by<T>(one: Option<T>, two: Option<T>, compare: impl Fn(&T, &T) -> Ordering) -> Ordering {
    match (&one, &two) {
        (Some(one), Some(two)) => compare(one, two),
        _ => one.is_none().cmp(&two.is_none()),
    }
}

/// An order without equals, and the same in plain Rust.
type Order = (Vec<SortKey>, fn(&Row, &Row) -> Ordering);

fn orders() -> [Order; 4] {
    let id = || col("id").asc();
    [
        (vec![col("x").desc(), id()], |one, two| by(one.x, two.x, |one, two| two.total_cmp(one)).then(one.id.cmp(&two.id))),
        (vec![col("t").asc(), col("x").asc().nulls_first(), col("id").desc()], |one, two| {
            let texts = by(one.t.as_ref(), two.t.as_ref(), |one, two| one.cmp(two));
            let numbers = two.x.is_none().cmp(&one.x.is_none()).then(by(one.x, two.x, f64::total_cmp));
            texts.then(numbers).then(two.id.cmp(&one.id))
        }),
        (vec![col("n").asc(), col("t").desc(), col("day").desc(), id()], |one, two| {
            let texts = by(one.t.as_ref(), two.t.as_ref(), |one, two| two.cmp(one));
            let days = by(one.day, two.day, |one, two| two.cmp(one));
            by(one.n, two.n, i64::cmp).then(texts).then(days).then(one.id.cmp(&two.id))
        }),
        (Vec::new(), |one, two| one.id.cmp(&two.id)),
    ]
}

/// Columns of keys, and the key of a row as text.
type Keys = (&'static [&'static str], fn(&Row) -> String);

const KEYS: [Keys; 4] = [
    (&["k"], |row| format!("{:?}", row.k)),
    (&["s"], |row| format!("{:?}", row.s)),
    (&["f"], |row| format!("{:?}", row.f)),
    (&["b", "f", "k"], |row| format!("{:?} {:?} {:?}", row.b, row.f, row.k)),
];

/// The numbers of the first rows of each group.
fn firsts(rows: &[Row], key: fn(&Row) -> String, order: fn(&Row, &Row) -> Ordering, wanted: usize) -> Vec<i64> {
    let mut groups: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
    rows.iter().for_each(|row| groups.entry(key(row)).or_default().push(row));
    let mut ids: Vec<i64> = Vec::new();
    for mut group in groups.into_values() {
        group.sort_by(|one, two| order(one, two));
        ids.extend(group.iter().take(wanted).map(|row| row.id));
    }
    ids.sort_unstable();
    ids
}

fn ids(frame: &DFrame) -> Vec<i64> {
    frame.sort("id").collect().unwrap().column("id").unwrap()
}

#[test]
fn the_first_rows_are_those_of_sorted_groups_whatever_keys_and_orders_are() {
    let sizes = [0, 1, 3, 1000];
    everywhere(|place| {
        for (nth, parts) in [1, 3, 7].into_iter().enumerate() {
            let rows = rows(nth as u64 + 11, 400, 20);
            let df = spread(&rows, parts);
            for (at, (keys, key)) in KEYS.into_iter().enumerate() {
                for (of, (order, plain)) in orders().into_iter().enumerate() {
                    let wanted = sizes[(nth + at + of) % sizes.len()];
                    let top = df.group_by(keys.to_vec()).top(wanted, order.clone());
                    let (context, expected) = (format!("{place} {parts} {keys:?} {order:?} {wanted}"), firsts(&rows, key, plain, wanted));
                    assert_eq!(ids(&top), expected, "{context}");
                    let whole = df.filter(col("id").is_in(expected)).sort("id").collect().unwrap();
                    assert!(top.sort("id").collect().unwrap().equals(&whole), "{context}");
                }
            }
        }
    });
}

#[test]
fn few_groups_of_many_rows_and_many_of_few_come_to_the_same() {
    let client = local("store");
    let _entered = client.enter();
    for keys in [5, 3000, 1 << 40] {
        let rows = rows(keys, 20_000, keys);
        let [(order, plain), ..] = orders();
        for wanted in [1, 3] {
            let top = spread(&rows, 3).group_by("k").top(wanted, order.clone());
            let expected = firsts(&rows, KEYS[0].1, plain, wanted);
            assert_eq!(ids(&top), expected, "{keys} {wanted}");
            assert_eq!(ids(&as_written(&top, "top")), expected, "as written {keys} {wanted}");
        }
    }
}

#[test]
fn of_equal_rows_as_many_come_as_are_asked_for() {
    everywhere(|place| {
        let rows = rows(21, 500, 10);
        for parts in [1, 3] {
            let top = spread(&rows, parts).group_by("k").top(4, col("n").desc()).collect().unwrap();
            let found = top.column::<Option<i64>>("k").unwrap().into_iter().zip(top.column::<Option<i64>>("n").unwrap());
            let mut found: Vec<(Option<i64>, Option<i64>)> = found.collect();
            let mut groups: BTreeMap<Option<i64>, Vec<Option<i64>>> = BTreeMap::new();
            rows.iter().for_each(|row| groups.entry(row.k).or_default().push(row.n));
            let expected = groups.into_iter().flat_map(|(key, mut values)| {
                values.sort_by(|one, two| by(*one, *two, |one, two| two.cmp(one)));
                values.into_iter().take(4).map(move |value| (key, value))
            });
            let mut expected: Vec<(Option<i64>, Option<i64>)> = expected.collect();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{place} {parts}");
        }
    });
}

#[test]
fn rows_are_dropped_in_the_layer_that_reads_them() {
    let rows = rows(31, 60, 5);
    for (exchange, first, then) in
        [("pipe", "from-memory+partial-top+shuffle+sort+top", ""), ("store", "from-memory+partial-top[", "] -> sort+top[")]
    {
        let client = local(exchange);
        let _entered = client.enter();
        let top = spread(&rows, 3).group_by(["k", "s"]).top(2, (col("x").desc(), "id"));
        let graph = top.graph_optimized().unwrap().summary();
        assert!(graph.starts_with(first) && graph.contains(then), "{graph}");
        travels(&top);
    }
}
