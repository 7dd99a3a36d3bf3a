//! Random frames through random steps, against a reference that does the same over vectors, one row at a time.
//!
//! A frame has a text `k` and two integers `a` and `b`, with nulls. Every step keeps these columns, so that any step can
//! follow any other. Where no order of rows is promised, rows are compared as a multiset, and a step that takes rows by
//! their place sorts by everything first.

use crate::{
    join_sides::{Kind, of_kind},
    local,
};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use proptest::prelude::*;
use std::{cmp::Ordering, collections::BTreeMap, sync::Arc};
use stratal_core::Client;
use stratal_frame::{DFrame, Frame, How, col, count, on};

type Row = (Option<String>, Option<i64>, Option<i64>);

/// A step, with what it needs.
#[derive(Clone, Debug)]
enum Step {
    Greater(Column, i64),
    IsNull(Column),
    Add(Column, i64),
    Swap,
    FillNull(i64),
    DropNulls(Column),
    Sort { ascending: [bool; 3], nulls_first: bool },
    Head(usize),
    Tail(usize),
    Slice(i64, usize),
    Unique,
    Groups,
    Join(Kind, Vec<Row>),
    Concat(Vec<Row>),
}

#[derive(Clone, Copy, Debug)]
enum Column {
    A,
    B,
}

impl Column {
    fn name(self) -> &'static str {
        match self {
            Column::A => "a",
            Column::B => "b",
        }
    }

    fn of(self, row: &mut Row) -> &mut Option<i64> {
        match self {
            Column::A => &mut row.1,
            Column::B => &mut row.2,
        }
    }
}

/// Rows of one frame.
fn batch(rows: &[Row]) -> RecordBatch {
    let k: ArrayRef = Arc::new(rows.iter().map(|row| row.0.clone()).collect::<StringArray>());
    let a: ArrayRef = Arc::new(rows.iter().map(|row| row.1).collect::<Int64Array>());
    let b: ArrayRef = Arc::new(rows.iter().map(|row| row.2).collect::<Int64Array>());
    RecordBatch::try_from_iter_with_nullable([("k", k, true), ("a", a, true), ("b", b, true)]).unwrap()
}

/// Rows as a frame of so many partitions, some of them empty.
fn frame(rows: &[Row], parts: usize) -> DFrame {
    let share = rows.len().div_ceil(parts).max(1);
    let mut batches: Vec<RecordBatch> = rows.chunks(share).map(batch).collect();
    batches.resize_with(parts.max(batches.len()), || batch(&[]));
    DFrame::from_batches(batches[0].schema(), batches)
}

fn rows(frame: &Frame) -> Vec<Row> {
    let k = frame.column::<Option<String>>("k").unwrap();
    let a = frame.column::<Option<i64>>("a").unwrap();
    let b = frame.column::<Option<i64>>("b").unwrap();
    k.into_iter().zip(a).zip(b).map(|((k, a), b)| (k, a, b)).collect()
}

/// The order of two values when nulls stand at one end.
fn order<T: Ord>(one: &Option<T>, two: &Option<T>, ascending: bool, nulls_first: bool) -> Ordering {
    match (one, two) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => {
            if nulls_first {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (Some(_), None) => {
            if nulls_first {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        (Some(one), Some(two)) => {
            if ascending {
                one.cmp(two)
            } else {
                two.cmp(one)
            }
        }
    }
}

fn sort_rows(rows: &mut [Row], ascending: [bool; 3], nulls_first: bool) {
    rows.sort_by(|one, two| {
        order(&one.0, &two.0, ascending[0], nulls_first).then(order(&one.1, &two.1, ascending[1], nulls_first)).then(order(
            &one.2,
            &two.2,
            ascending[2],
            nulls_first,
        ))
    });
}

fn sorted(df: &DFrame, ascending: [bool; 3], nulls_first: bool) -> DFrame {
    let key = |(name, ascending): (&str, bool)| {
        let key = if ascending { col(name).asc() } else { col(name).desc() };
        if nulls_first { key.nulls_first() } else { key }
    };
    df.sort(["k", "a", "b"].into_iter().zip(ascending).map(key).collect::<Vec<_>>())
}

/// The frame after the steps.
fn recorded(start: DFrame, steps: &[Step], parts: usize) -> DFrame {
    let mut is_ordered = true;
    steps.iter().fold(start, |df, step| {
        let placed = |is_ordered: &mut bool| match std::mem::replace(is_ordered, true) {
            true => df.clone(),
            false => sorted(&df, [true; 3], false),
        };
        match step {
            Step::Greater(column, least) => df.filter(col(column.name()).gt(*least)),
            Step::IsNull(column) => df.filter(col(column.name()).is_null() | col("k").is_null()),
            Step::Add(column, value) => df.with_column(column.name(), col(column.name()) + *value),
            Step::Swap => df.select((col("k"), col("b").alias("a"), col("a").alias("b"))),
            Step::FillNull(value) => df.fill_null(*value),
            Step::DropNulls(column) => df.drop_nulls(column.name()),
            Step::Sort { ascending, nulls_first } => {
                is_ordered = true;
                sorted(&df, *ascending, *nulls_first)
            }
            Step::Head(rows) => placed(&mut is_ordered).head(*rows),
            Step::Tail(rows) => placed(&mut is_ordered).tail(*rows),
            Step::Slice(offset, rows) => placed(&mut is_ordered).slice(*offset, *rows),
            Step::Unique => {
                is_ordered = false;
                df.unique(())
            }
            Step::Groups => {
                is_ordered = false;
                df.group_by("k").agg([col("a").sum(), (col("b").max() + count()).alias("b")])
            }
            Step::Join(kind, right) => {
                is_ordered = false;
                let right = frame(right, parts).select((col("k"), col("a").alias("c")));
                let joined = df.join(&right, of_kind(on("k"), *kind));
                match kind {
                    Kind::Semi | Kind::Anti => joined,
                    _ => joined.select((col("k"), col("a"), col("c").alias("b"))),
                }
            }
            Step::Concat(other) => {
                let other = frame(other, parts);
                // By name, whatever the order of the columns.
                DFrame::concat(&[&df, &other.select(["b", "k", "a"])], How::ByName)
            }
        }
    })
}

/// What must come out, and whether in this order.
fn expected(mut rows: Vec<Row>, steps: &[Step]) -> (Vec<Row>, bool) {
    let mut is_ordered = true;
    for step in steps {
        let place = |rows: &mut Vec<Row>, is_ordered: &mut bool| {
            if !std::mem::replace(is_ordered, true) {
                sort_rows(rows, [true; 3], false);
            }
        };
        match step {
            Step::Greater(column, least) => rows.retain_mut(|row| column.of(row).is_some_and(|value| value > *least)),
            Step::IsNull(column) => rows.retain_mut(|row| row.0.is_none() || column.of(row).is_none()),
            Step::Add(column, value) => rows.iter_mut().for_each(|row| {
                let cell = column.of(row);
                *cell = cell.map(|old| old + value);
            }),
            Step::Swap => rows.iter_mut().for_each(|row| (row.1, row.2) = (row.2, row.1)),
            Step::FillNull(value) => rows.iter_mut().for_each(|row| (row.1, row.2) = (row.1.or(Some(*value)), row.2.or(Some(*value)))),
            Step::DropNulls(column) => rows.retain_mut(|row| column.of(row).is_some()),
            Step::Sort { ascending, nulls_first } => {
                is_ordered = true;
                sort_rows(&mut rows, *ascending, *nulls_first);
            }
            Step::Head(count) => {
                place(&mut rows, &mut is_ordered);
                rows.truncate(*count);
            }
            Step::Tail(count) => {
                place(&mut rows, &mut is_ordered);
                rows.drain(..rows.len().saturating_sub(*count));
            }
            Step::Slice(offset, count) => {
                place(&mut rows, &mut is_ordered);
                let length = rows.len() as i64;
                let start = if *offset < 0 { length + offset } else { *offset };
                let end = (start + *count as i64).clamp(0, length);
                let start = start.clamp(0, end);
                rows = rows[start as usize..end as usize].to_vec();
            }
            Step::Unique => {
                is_ordered = false;
                rows.sort();
                rows.dedup();
            }
            Step::Groups => {
                is_ordered = false;
                let mut groups: BTreeMap<Option<String>, (Option<i64>, Option<i64>, i64)> = BTreeMap::new();
                for (k, a, b) in rows {
                    let group = groups.entry(k).or_default();
                    group.0 = match (group.0, a) {
                        (Some(sum), Some(a)) => Some(sum + a),
                        (sum, a) => sum.or(a),
                    };
                    group.1 = group.1.max(b);
                    group.2 += 1;
                }
                rows = groups.into_iter().map(|(k, (sum, max, count))| (k, sum, max.map(|max| max + count))).collect();
            }
            Step::Join(kind, right) => {
                is_ordered = false;
                rows = joined(rows, right, *kind);
            }
            Step::Concat(other) => rows.extend(other.iter().cloned()),
        }
    }
    (rows, is_ordered)
}

fn joined(left: Vec<Row>, right: &[Row], kind: Kind) -> Vec<Row> {
    let same = |one: &Row, two: &Row| one.0.is_some() && one.0 == two.0;
    let has = |row: &Row, others: &[Row]| others.iter().any(|other| same(row, other));
    let inner = || left.iter().flat_map(|one| right.iter().filter(move |two| same(one, two)).map(move |two| (one.0.clone(), one.1, two.1)));
    let only_left = || left.iter().filter(|row| !has(row, right)).map(|row| (row.0.clone(), row.1, None));
    let only_right = || right.iter().filter(|row| !has(row, &left)).map(|row| (row.0.clone(), None, row.1));
    match kind {
        Kind::Inner => inner().collect(),
        Kind::Left => inner().chain(only_left()).collect(),
        Kind::Right => inner().chain(only_right()).collect(),
        Kind::Full => inner().chain(only_left()).chain(only_right()).collect(),
        Kind::Semi => left.into_iter().filter(|row| has(row, right)).collect(),
        Kind::Anti => left.into_iter().filter(|row| !has(row, right)).collect(),
    }
}

fn row() -> impl Strategy<Value = Row> {
    let key = prop_oneof![1 => Just(None), 4 => "[xyz]".prop_map(Some)];
    let number = || prop_oneof![1 => Just(None), 4 => (-3i64..4).prop_map(Some)];
    (key, number(), number())
}

fn step() -> impl Strategy<Value = Step> {
    let column = || prop_oneof![Just(Column::A), Just(Column::B)];
    let kind = prop_oneof![Just(Kind::Inner), Just(Kind::Left), Just(Kind::Right), Just(Kind::Full), Just(Kind::Semi), Just(Kind::Anti)];
    let others = || prop::collection::vec(row(), 0..5);
    prop_oneof![
        (column(), -2i64..2).prop_map(|(column, least)| Step::Greater(column, least)),
        column().prop_map(Step::IsNull),
        (column(), -2i64..3).prop_map(|(column, value)| Step::Add(column, value)),
        Just(Step::Swap),
        (-1i64..2).prop_map(Step::FillNull),
        column().prop_map(Step::DropNulls),
        (any::<[bool; 3]>(), any::<bool>()).prop_map(|(ascending, nulls_first)| Step::Sort { ascending, nulls_first }),
        (0usize..6).prop_map(Step::Head),
        (0usize..6).prop_map(Step::Tail),
        (-6i64..6, 0usize..6).prop_map(|(offset, rows)| Step::Slice(offset, rows)),
        Just(Step::Unique),
        Just(Step::Groups),
        (kind, others()).prop_map(|(kind, right)| Step::Join(kind, right)),
        others().prop_map(Step::Concat),
    ]
}

fn check(client: &Client, way: &str, rows_in: &[Row], steps: &[Step], parts: usize) {
    let _entered = client.enter();
    let df = recorded(frame(rows_in, parts), steps, parts);
    let (mut expected, is_ordered) = expected(rows_in.to_vec(), steps);
    let mut given = rows(&df.collect().unwrap_or_else(|error| panic!("{way}, {parts} partitions: {error}\n{df}")));
    if !is_ordered {
        given.sort();
        expected.sort();
    }
    assert_eq!(given, expected, "{way}, {parts} partitions\n{df}");
}

#[test]
fn random_steps_over_random_frames_equal_a_naive_reference() {
    let clients = [("pipe", local("pipe")), ("store", local("store"))];
    let strategy = (prop::collection::vec(row(), 0..12), prop::collection::vec(step(), 1..6), 1usize..5);
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() });
    runner
        .run(&strategy, |(rows, steps, parts)| {
            for (way, client) in &clients {
                check(client, way, &rows, &steps, parts);
            }
            Ok(())
        })
        .unwrap();
}

/// How many plays: `PROPTEST_CASES`, else a few.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(96)
}
