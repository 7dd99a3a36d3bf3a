//! Parquet: row groups that are left alone, counts from footers, files of several schemas, every type.

use super::{
    Case, Files,
    Is::{Rows, Set},
    batch, numbers, people_in_columns, spoil, texts,
};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, DurationMicrosecondArray, Float32Array,
    Float64Array, Int8Array, Int32Array, Int64Array, LargeStringArray, ListArray, NullArray, RecordBatch, StringArray, StructArray,
    Time64MicrosecondArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray, UInt16Array, UInt32Array,
    UInt64Array,
    types::{Int32Type, Int64Type},
};
use std::{path::Path, sync::Arc};
use stratal::prelude::*;

/// x = 0..9 and y = aabbccddee in five files, a row group a row.
fn pairs(at: &Files) -> DFrame {
    for (part, y) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
        let x = part as i64 * 2;
        at.parquet(&format!("pairs/{part}.parquet"), &batch(vec![("x", numbers(x..x + 2)), ("y", texts([y, y]))]), 1);
    }
    DFrame::read_parquet(at.path("pairs"))
}

/// Two files, of which each has a column that the other has not.
fn differing(at: &Files) -> DFrame {
    at.parquet("1.parquet", &batch(vec![("a", numbers([1, 2])), ("b", texts(["x", "y"]))]), 1);
    at.parquet("2.parquet", &batch(vec![("c", texts(["z"])), ("a", numbers([3]))]), 1);
    DFrame::read_parquet(ParquetOptions::new(at.path("*.parquet")).union_by_name(true))
}

/// Three rows, of which the second is null in every column.
fn every_type() -> RecordBatch {
    let lists = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), None]), None, Some(vec![])]);
    let inner = batch(vec![
        ("a", Arc::new(Int64Array::from(vec![Some(1), None, Some(3)]))),
        ("b", Arc::new(StringArray::from(vec![Some("x"), None, None]))),
    ]);
    batch(vec![
        ("n", numbers([1, 2, 3])),
        ("null", Arc::new(NullArray::new(3))),
        ("bool", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
        ("i8", Arc::new(Int8Array::from(vec![Some(-1), None, Some(i8::MAX)]))),
        ("i32", Arc::new(Int32Array::from(vec![Some(1), None, Some(3)]))),
        ("i64", Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some(i64::MAX)]))),
        ("u16", Arc::new(UInt16Array::from(vec![Some(0), None, Some(u16::MAX)]))),
        ("u32", Arc::new(UInt32Array::from(vec![Some(0), None, Some(u32::MAX)]))),
        ("u64", Arc::new(UInt64Array::from(vec![Some(0), None, Some(u64::MAX)]))),
        ("f32", Arc::new(Float32Array::from(vec![Some(0.1), None, Some(f32::NAN)]))),
        ("f64", Arc::new(Float64Array::from(vec![Some(-0.0), None, Some(f64::INFINITY)]))),
        ("str", Arc::new(StringArray::from(vec![Some(""), None, Some("a text that does not fit a view")]))),
        ("large", Arc::new(LargeStringArray::from(vec![Some("ä"), None, Some("b")]))),
        ("binary", Arc::new(BinaryArray::from(vec![Some(&[0u8, 255][..]), None, Some(&[][..])]))),
        ("date", Arc::new(Date32Array::from(vec![Some(-1), None, Some(19_753)]))),
        ("time", Arc::new(Time64MicrosecondArray::from(vec![Some(0), None, Some(86_399_999_999)]))),
        ("ms", Arc::new(TimestampMillisecondArray::from(vec![Some(-1), None, Some(1_700_000_000_000)]))),
        ("us", Arc::new(TimestampMicrosecondArray::from(vec![Some(-1), None, Some(1)]).with_timezone("UTC"))),
        ("ns", Arc::new(TimestampNanosecondArray::from(vec![Some(i64::MIN + 1), None, Some(1)]))),
        ("duration", Arc::new(DurationMicrosecondArray::from(vec![Some(-5), None, Some(5)]))),
        ("decimal", Arc::new(Decimal128Array::from(vec![Some(-150), None, Some(99)]).with_precision_and_scale(10, 2).unwrap())),
        ("list", Arc::new(lists)),
        ("struct", Arc::new(StructArray::from(inner))),
    ])
}

/// The same in two files, a row group a row.
fn types(at: &Files) -> DFrame {
    (0..2).for_each(|part| at.parquet(&format!("types/{part}.parquet"), &every_type(), 1));
    DFrame::read_parquet(at.path("types"))
}

fn floats(at: &Files) -> DFrame {
    for (part, values) in [[1.0, f64::NAN], [2.0, 2.0], [7.0, 8.0]].into_iter().enumerate() {
        at.parquet(&format!("floats/{part}.parquet"), &batch(vec![("x", Arc::new(Float64Array::from(values.to_vec())))]), 10);
    }
    DFrame::read_parquet(at.path("floats"))
}

fn apart(low: i64, high: i64) -> Expr {
    col("x").gt(low).and(col("x").lt(high))
}

pub(super) const CASES: &[Case] = &[
    ("files of a directory", Rows(120), people_in_columns),
    ("the first rows", Rows(45), |at| people_in_columns(at).head(45)),
    ("the last rows", Rows(45), |at| people_in_columns(at).tail(45)),
    ("rows from the middle", Rows(31), |at| people_in_columns(at).slice(50, 31)),
    ("the first that pass", Rows(11), |at| people_in_columns(at).filter(col("amount").gt(50)).head(11)),
    ("groups", Set(5), |at| people_in_columns(at).group_by("name").agg((col("amount").sum().alias("sum"), count().alias("n")))),
    ("row groups in order", Rows(10), pairs),
    ("a filter that leaves files alone", Rows(5), |at| {
        let some = pairs(at).filter(col("x").gt(4));
        some.check().unwrap();
        (0..2).for_each(|part| std::fs::remove_file(at.path(&format!("pairs/{part}.parquet"))).unwrap());
        some
    }),
    ("either of two ranges", Rows(6), |at| pairs(at).filter(apart(1, 6).or(apart(3, 8)))),
    ("a filter on a column that is not wanted", Rows(2), |at| pairs(at).filter(col("y").eq("c")).select((col("x") + 1).alias("z"))),
    ("a filter that no row group passes", Rows(0), |at| pairs(at).filter(col("x").eq(100))),
    ("totals of no row group", Rows(1), |at| pairs(at).filter(col("x").eq(100)).agg((col("x").sum(), count().alias("n")))),
    ("a filter on a list", Rows(3), |at| pairs(at).filter(col("y").is_in(["a", "e"]).and(col("x").gt(0)))),
    ("a pattern", Rows(2), |at| pairs(at).filter(col("y").like("%d%"))),
    ("counts and extremes from footers", Rows(1), |at| {
        let all = pairs(at);
        (0..5).for_each(|part| spoil(Path::new(&at.path(&format!("pairs/{part}.parquet")))));
        all.agg((count(), col("x").min().alias("low"), col("x").max().alias("high"), col("y").max().alias("last")))
    }),
    ("every type", Rows(6), types),
    ("every type through an exchange", Set(3), |at| types(at).unique("n")),
    ("nested columns behind a filter", Rows(2), |at| types(at).filter(col("i32").eq(3)).select(["list", "struct"])),
    ("a list that is null", Rows(2), |at| types(at).filter(col("list").is_null()).select(["n", "struct"])),
    ("dictionaries", Rows(4), |at| {
        let cities: DictionaryArray<Int32Type> = [Some("Rome"), None, Some("Oslo"), Some("Rome")].into_iter().collect();
        at.parquet("a.parquet", &batch(vec![("city", Arc::new(cities))]), 2);
        DFrame::read_parquet(at.path("a.parquet"))
    }),
    ("groups of dictionaries", Set(3), |at| {
        let cities: DictionaryArray<Int32Type> = [Some("Rome"), None, Some("Oslo"), Some("Rome")].into_iter().collect();
        at.parquet("a.parquet", &batch(vec![("city", Arc::new(cities))]), 1);
        DFrame::read_parquet(at.path("a.parquet")).group_by("city").agg(count().alias("n"))
    }),
    ("what is no number is larger", Rows(3), |at| floats(at).filter(col("x").gt(5))),
    ("extremes with what is no number", Rows(1), |at| floats(at).agg((col("x").min().alias("low"), col("x").max().alias("high")))),
    ("files without rows", Rows(2), |at| {
        let rows = batch(vec![("x", numbers([1, 2])), ("y", texts(["a", "b"]))]);
        at.parquet("a.parquet", &rows.slice(0, 0), 10);
        at.parquet("b.parquet", &rows, 1);
        at.parquet("c.parquet", &rows.slice(0, 0), 10);
        DFrame::read_parquet(at.path("*.parquet"))
    }),
    ("nothing but files without rows", Rows(0), |at| {
        let rows = batch(vec![("x", numbers([1, 2])), ("y", texts(["a", "b"]))]);
        ["a", "b"].iter().for_each(|name| at.parquet(&format!("{name}.parquet"), &rows.slice(0, 0), 10));
        DFrame::read_parquet(at.path("*.parquet"))
    }),
    ("groups of files without rows", Rows(0), |at| {
        at.parquet("a.parquet", &batch(vec![("x", numbers([])), ("y", texts([]))]), 10);
        DFrame::read_parquet(at.path("a.parquet")).group_by("y").agg(col("x").max())
    }),
    ("columns matched by name and widened", Rows(3), |at| {
        at.parquet("1.parquet", &batch(vec![("a", Arc::new(Int32Array::from(vec![1, 2]))), ("b", texts(["x", "y"]))]), 1);
        at.parquet("2.parquet", &batch(vec![("b", texts(["z"])), ("a", numbers([1 << 40]))]), 1);
        DFrame::read_parquet(at.path("*.parquet"))
    }),
    ("columns that only some files have", Rows(3), differing),
    ("a filter on a column that some files lack", Rows(1), |at| differing(at).filter(col("b").is_null())),
    ("groups by a column that some files lack", Set(3), |at| differing(at).group_by("b").agg(col("a").sum())),
    ("a schema given", Rows(2), |at| {
        at.parquet("1.parquet", &batch(vec![("a", numbers([1])), ("b", texts(["x"]))]), 1);
        at.parquet("2.parquet", &batch(vec![("a", texts(["2"])), ("b", texts(["y"]))]), 1);
        let schema = frame! { "b" => ["x"], "a" => [1i64] }.schema().unwrap();
        DFrame::read_parquet(ParquetOptions::new(at.path("*.parquet")).schema(schema))
    }),
    ("columns without nulls", Set(4), |at| {
        let columns: [(&str, ArrayRef); 2] = [("k", numbers([0, 1, 2, 3, 0, 1, 2, 3])), ("v", texts(["v"; 8]))];
        at.parquet("a.parquet", &RecordBatch::try_from_iter(columns).unwrap(), 1);
        DFrame::read_parquet(at.path("a.parquet")).unique("k")
    }),
    ("a hundred files share partitions", Rows(100), |at| {
        (0..100i64).for_each(|part| at.parquet(&format!("{part:03}.parquet"), &batch(vec![("x", numbers([part]))]), 1));
        DFrame::read_parquet(at.path("*.parquet"))
    }),
];
