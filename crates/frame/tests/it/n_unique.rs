//! Counts of different values by group, against sets in plain Rust: of many types, for few groups and for many.

use super::{Files, chance::Numbers, everywhere, join_expr::travels, local, measures::as_written, parted};
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array, Float64Array, Int8Array, Int64Array, ListArray,
    RecordBatch, StringArray, StructArray, TimestampMicrosecondArray, UInt64Array,
    types::{Int32Type, Int64Type},
};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field, Fields};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use stratal_core::Client;
use stratal_frame::{DFrame, Expr, Window, col, count, frame};

/// A key, and which of several values the row has.
type Row = (Option<i64>, Option<u8>);

/// Rows that look like chance. Null is a key, and one row in six has no value; nor has any row of key 2.
fn rows(seed: u64, length: usize, keys: u64, values: u64) -> Vec<Row> {
    let mut numbers = Numbers::new(seed);
    let mut next = |below: u64| numbers.next(below);
    let mut row = || {
        let (key, value) = (next(keys) as i64, next(values) as u8);
        (Some(key).filter(|key| *key != 1), Some(value).filter(|_| key != 2 && next(6) > 0))
    };
    (0..length).map(|_| row()).collect()
}

/// How many different values each key has, where those that are equal `modulo` a number are one.
fn counts(rows: &[Row], modulo: u8) -> Vec<(Option<i64>, i64)> {
    let mut sets: BTreeMap<Option<i64>, BTreeSet<u8>> = BTreeMap::new();
    for (key, value) in rows {
        sets.entry(*key).or_default().extend(value.map(|value| value % modulo));
    }
    sets.into_iter().map(|(key, values)| (key, values.len() as i64)).collect()
}

/// The values as columns of many types. Each is called by its type, and says `modulo` what its values are equal.
fn columns(rows: &[Row]) -> [(&'static str, ArrayRef, u8); 13] {
    let values = || rows.iter().map(|(_, value)| *value);
    // Value 0 is zero, with either sign, and value 1 is one or another NaN.
    let float = |(row, value): (usize, Option<u8>)| match (value?, row % 2) {
        (0, 0) => Some(-0.0),
        (1, 0) => Some(f64::NAN),
        (1, _) => Some(-f64::NAN),
        (value, _) => Some(f64::from(value) / 8.0),
    };
    let texts: Vec<Option<String>> = values().map(|value| value.map(|value| format!("the value {value}"))).collect();
    let lists = values().map(|value| value.map(|value| [Some(i64::from(value / 3)), None, Some(i64::from(value % 3))]));
    let parts: Vec<ArrayRef> = vec![
        Arc::new(values().map(|value| value.map(|value| i64::from(value / 5))).collect::<Int64Array>()),
        Arc::new(values().map(|value| value.map(|value| (value % 5).to_string())).collect::<StringArray>()),
    ];
    let fields = Fields::from(vec![Field::new("a", DataType::Int64, true), Field::new("b", DataType::Utf8, true)]);
    let is_there: Vec<bool> = values().map(|value| value.is_some()).collect();
    let decimals = values().map(|value| value.map(|value| i128::from(value) * 1_000_000_007)).collect::<Decimal128Array>();
    [
        ("i64", Arc::new(values().map(|value| value.map(|value| i64::MIN + i64::from(value) * 1_000_003)).collect::<Int64Array>()), 255),
        ("i8", Arc::new(values().map(|value| value.map(|value| value as i8)).collect::<Int8Array>()), 255),
        ("u64", Arc::new(values().map(|value| value.map(|value| u64::MAX - u64::from(value))).collect::<UInt64Array>()), 255),
        ("date", Arc::new(values().map(|value| value.map(i32::from)).collect::<Date32Array>()), 255),
        ("time", Arc::new(values().map(|value| value.map(i64::from)).collect::<TimestampMicrosecondArray>()), 255),
        ("f64", Arc::new(values().enumerate().map(float).collect::<Float64Array>()), 255),
        ("f32", Arc::new(values().enumerate().map(|row| float(row).map(|x| x as f32)).collect::<Float32Array>()), 255),
        ("truth", Arc::new(values().map(|value| value.map(|value| value % 2 == 0)).collect::<BooleanArray>()), 2),
        ("decimal", Arc::new(decimals.with_precision_and_scale(30, 2).unwrap()), 255),
        ("text", Arc::new(texts.iter().cloned().collect::<StringArray>()), 255),
        ("dictionary", Arc::new(texts.iter().map(Option::as_deref).collect::<DictionaryArray<Int32Type>>()), 255),
        ("list", Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists)), 255),
        ("struct", Arc::new(StructArray::try_new(fields, parts, Some(NullBuffer::from(is_there))).unwrap()), 255),
    ]
}

/// The rows in so many partitions: the key as a number and as a text, and all columns of values.
fn spread(rows: &[Row], parts: usize) -> DFrame {
    let keys: [(&str, ArrayRef, bool); 2] = [
        ("k", Arc::new(rows.iter().map(|(key, _)| *key).collect::<Int64Array>()), true),
        ("t", Arc::new(rows.iter().map(|(key, _)| key.map(|key| format!("key {key}"))).collect::<StringArray>()), true),
    ];
    let values = columns(rows).into_iter().map(|(name, values, _)| (name, values, true));
    let all = RecordBatch::try_from_iter_with_nullable(keys.into_iter().chain(values)).unwrap();
    let cut = |part: usize| rows.len() * part / parts;
    let batches = (0..parts).map(|part| all.slice(cut(part), cut(part + 1) - cut(part)));
    DFrame::from_batches(all.schema(), batches.collect::<Vec<_>>()).with_client(&Client::current())
}

/// The keys with their counts.
fn answer(groups: &DFrame) -> Vec<(Option<i64>, i64)> {
    let groups = groups.sort(col("k").asc().nulls_first()).collect().unwrap();
    groups.column::<Option<i64>>("k").unwrap().into_iter().zip(groups.column::<i64>("n").unwrap()).collect()
}

fn n(column: &str) -> Expr {
    col(column).n_unique().alias("n")
}

#[test]
fn values_of_every_type_are_counted_as_a_set_counts_them() {
    everywhere(|place| {
        for (seed, length, keys, parts) in [(1, 400, 5, 3), (2, 700, 90, 7), (3, 60, 60, 1), (4, 1, 1, 2)] {
            let rows = rows(seed, length, keys, 45);
            let frame = spread(&rows, parts);
            for (column, _, modulo) in columns(&rows) {
                let found = answer(&frame.group_by("k").agg(n(column)));
                assert_eq!(found, counts(&rows, modulo), "{column} {place} {seed} {parts}");
            }
        }
    });
}

#[test]
fn many_groups_of_few_values_and_few_groups_of_many_are_counted_alike() {
    everywhere(|place| {
        for (length, keys, values) in [(20_000, 12_000, 250), (20_000, 4, 250), (20_000, 300, 250), (20_000, 2_000, 3)] {
            let rows = rows(length as u64 + keys, length, keys, values);
            let expected = counts(&rows, 255);
            for parts in [1, 4] {
                let frame = spread(&rows, parts);
                for column in ["i64", "f64", "text"] {
                    assert_eq!(answer(&frame.group_by("k").agg(n(column))), expected, "{column} {place} {keys} {parts}");
                }
            }
        }
    });
}

#[test]
fn keys_of_several_columns_and_computed_ones_are_keys_too() {
    everywhere(|place| {
        let rows = rows(7, 900, 40, 30);
        let frame = spread(&rows, 3);
        let expected = counts(&rows, 255);
        assert_eq!(answer(&frame.group_by(["t", "k"]).agg(n("i64"))), expected, "{place}");
        let halved: Vec<Row> = rows.iter().map(|(key, value)| (key.map(|key| key % 20), *value)).collect();
        let found = answer(&frame.group_by((col("k") % 20).alias("k")).agg(n("text")));
        assert_eq!(found, counts(&halved, 255), "{place}");
        // Values that are keys themselves.
        let ones: Vec<(Option<i64>, i64)> = expected.iter().map(|(key, _)| (*key, i64::from(key.is_some()))).collect();
        assert_eq!(answer(&frame.group_by("k").agg(n("t"))), ones, "{place}");
        assert_eq!(answer(&frame.group_by("k").agg(n("k"))), ones, "{place}");
        let sql = DFrame::sql("SELECT k, count(DISTINCT u64) AS n FROM rows GROUP BY k", [("rows", &frame)]);
        assert_eq!(answer(&sql.with_client(&Client::current())), expected, "{place}");
        assert_eq!(answer(&as_written(&frame.group_by("k").agg(n("i64")), "group-by")), expected, "{place}");
    });
}

#[test]
fn counts_beside_other_aggregates_and_filtered_ones_are_the_same() {
    everywhere(|place| {
        let rows = rows(9, 800, 30, 40);
        let frame = spread(&rows, 4);
        let all = frame.group_by("k").agg([
            n("i64"),
            col("text").n_unique().alias("texts"),
            col("date").n_unique().filter(col("truth")).alias("even"),
            col("i8").cast("i64").sum().alias("sum"),
            col("i8").cast("i64").sum().distinct().alias("different"),
        ]);
        let all = all.sort(col("k").asc().nulls_first()).collect().unwrap();
        let of = |is_counted: &dyn Fn(u8) -> bool| -> Vec<i64> {
            let kept: Vec<Row> = rows.iter().map(|(key, value)| (*key, value.filter(|value| is_counted(*value)))).collect();
            counts(&kept, 255).into_iter().map(|(_, count)| count).collect()
        };
        let mut sums: BTreeMap<Option<i64>, (Vec<i64>, BTreeSet<i64>)> = BTreeMap::new();
        for (key, value) in &rows {
            let (all, different) = sums.entry(*key).or_default();
            all.extend(value.map(i64::from));
            different.extend(value.map(i64::from));
        }
        assert_eq!(all.column::<i64>("n").unwrap(), of(&|_| true), "{place}");
        assert_eq!(all.column::<i64>("texts").unwrap(), of(&|_| true), "{place}");
        assert_eq!(all.column::<i64>("even").unwrap(), of(&|value| value % 2 == 0), "{place}");
        let sum = |values: &mut dyn Iterator<Item = i64>| values.reduce(|one, two| one + two);
        let (plain, different): (Vec<Option<i64>>, Vec<Option<i64>>) =
            sums.values().map(|(all, different)| (sum(&mut all.iter().copied()), sum(&mut different.iter().copied()))).unzip();
        assert_eq!(all.column::<Option<i64>>("sum").unwrap(), plain, "{place}");
        assert_eq!(all.column::<Option<i64>>("different").unwrap(), different, "{place}");
    });
}

#[test]
fn floats_that_are_equal_are_one_wherever_they_are_counted() {
    everywhere(|place| {
        let floats = [Some(0.0), Some(-0.0), Some(f64::NAN), Some(-f64::NAN), None];
        let rows = frame! { "k" => [7i64, 7, 7, 7, 7], "b" => [true, true, true, true, true], "f" => floats };
        for parts in [1, 3] {
            let rows = parted(&rows, parts);
            let f = || col("f").n_unique().alias("n");
            let narrow = || col("f").cast("f32").n_unique().alias("n");
            let filtered = || col("f").n_unique().filter(col("b")).alias("n");
            let counts = [
                rows.agg(f()),
                rows.agg(narrow()),
                rows.agg(filtered()),
                rows.agg([f(), count().alias("all")]),
                rows.agg([f(), col("k").sum().alias("sum")]),
                rows.agg([f(), col("k").n_unique().alias("keys")]),
                rows.agg(col("f").count().distinct().alias("n")),
                rows.group_by("k").agg(f()),
                rows.group_by("k").agg(narrow()),
                rows.group_by("k").agg(filtered()),
                rows.group_by("k").agg([f(), col("f").max().alias("last"), count().alias("all")]),
                rows.group_by("b").agg(f()),
                rows.group_by(["b", "k"]).agg(f()),
                as_written(&rows.group_by("b").agg(f()), "group-by"),
                // Null is in lists.
                rows.agg(col("f").collect_list().distinct().alias("l")).select((col("l").list().len() - 1).alias("n")),
                rows.agg(col("f").approx_n_unique().alias("n")),
                rows.select(col("f").n_unique().over(Window::by("k")).alias("n")).head(1),
            ];
            for (at, counts) in counts.iter().enumerate() {
                assert_eq!(counts.collect().unwrap().column::<i64>("n").unwrap(), [2], "{place} {parts} {at}");
            }
        }
        let zeros = parted(&frame! { "f" => [1.0, 0.0, -0.0] }, 2);
        assert_eq!(zeros.agg(col("f").mean().distinct()).collect().unwrap().item::<f64>().unwrap(), 0.5, "{place}");
    });
}

#[test]
fn names_and_errors_are_as_they_were_written() {
    let rows = frame! { "k" => [1i64], "f" => [0.5], "g" => [0.5] };
    assert_eq!(rows.agg(col("f").n_unique()).columns().unwrap(), ["f"]);
    let error = rows.group_by("k").agg(col("f").n_unique() + col("g")).check().unwrap_err();
    assert_eq!(error.message(), "column \"g\" in n_unique(f) + g is neither a key nor aggregated");
}

#[test]
fn of_nothing_there_are_no_groups_and_of_nulls_there_are_groups_of_none() {
    everywhere(|place| {
        for parts in [1, 3] {
            let none = spread(&[], parts);
            assert!(answer(&none.group_by("k").agg(n("i64"))).is_empty(), "{place}");
            assert_eq!(none.group_by("k").agg(n("i64")).columns().unwrap(), ["k", "n"], "{place}");
            let nulls: Vec<Row> = (0..20).map(|row| (Some(row % 4), None)).collect();
            for column in ["i64", "text", "list"] {
                let found = answer(&spread(&nulls, parts).group_by("k").agg(n(column)));
                assert_eq!(found, [(Some(0), 0), (Some(1), 0), (Some(2), 0), (Some(3), 0)], "{column} {place}");
            }
        }
    });
}

#[test]
fn groups_are_read_on_as_any_others_are() {
    everywhere(|place| {
        let rows = rows(11, 500, 50, 20);
        let frame = spread(&rows, 4);
        let several = frame.group_by("k").agg(n("i64")).filter(col("n").gt(5));
        let many: BTreeSet<Option<i64>> = counts(&rows, 255).into_iter().filter(|(_, count)| *count > 5).map(|(key, _)| key).collect();
        let kept = frame.join(&several, stratal_frame::on("k").semi()).count().unwrap();
        // Null is equal to nothing.
        let expected = rows.iter().filter(|(key, _)| key.is_some() && many.contains(key)).count();
        assert!(expected > 0 && expected < rows.len());
        assert_eq!(kept as usize, expected, "{place}");
        let first = frame.group_by("k").agg(n("i64")).sort((col("n").desc(), "k")).head(3).collect().unwrap();
        let mut largest: Vec<(i64, bool, Option<i64>)> =
            counts(&rows, 255).into_iter().map(|(key, count)| (-count, key.is_none(), key)).collect();
        largest.sort_unstable();
        let largest: Vec<Option<i64>> = largest.into_iter().take(3).map(|(_, _, key)| key).collect();
        assert_eq!(first.column::<Option<i64>>("k").unwrap(), largest, "{place}");
    });
}

#[test]
fn rows_are_sent_once() {
    let files = Files::people();
    for (exchange, layers) in [("pipe", 1), ("store", 2)] {
        let client = local(exchange);
        let _entered = client.enter();
        let graph = files.read("myfile.*.csv").group_by("name").agg(n("amount")).graph_optimized().unwrap();
        let summary = graph.summary();
        assert_eq!(graph.layers.len(), layers, "{summary}");
        assert!(summary.starts_with("read-csv+partial-aggregate"), "{summary}");
        let parts: Vec<&String> = graph.layers.iter().flat_map(|layer| &layer.spec.parts).collect();
        for part in ["partial-aggregate", "aggregate"] {
            assert_eq!(parts.iter().filter(|own| **own == part).count(), 1, "{summary}");
        }
    }
}

#[test]
fn what_counts_has_a_wire_form() {
    let client = local("store");
    let _entered = client.enter();
    let files = Files::people();
    travels(&files.read("myfile.*.csv").group_by("name").agg(n("amount")));
    travels(&files.read("myfile.*.csv").group_by(["name", "id"]).agg(n("amount")).sort("n"));
    let memory = frame! { "k" => ["a", "b"], "x" => [Some(1.5), None] };
    travels(&memory.group_by("k").agg(n("x")).filter(col("n").gt(0)));
}
