//! Parquet files on every executor, read by real worker processes, against sums computed here.

use crate::clusters::by_each_engine;
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use parquet::{arrow::ArrowWriter, file::properties::WriterProperties};
use std::{collections::BTreeMap, fs::File, path::Path, sync::Arc};
use stratal::prelude::*;

const ROWS: i64 = 10_000;

/// Row `id`: a city, an amount that is null now and then, and a share.
fn row(id: i64) -> (String, Option<i64>, f64) {
    (format!("city {:03}", id * 7919 % 101), (id % 13 != 5).then_some(id % 997), (id % 10) as f64 / 10.0)
}

/// Eight files of several row groups.
fn write(directory: &Path) {
    for part in 0..8 {
        let ids = part * ROWS / 8..(part + 1) * ROWS / 8;
        let columns: [(&str, ArrayRef); 4] = [
            ("id", Arc::new(Int64Array::from_iter_values(ids.clone()))),
            ("city", Arc::new(StringArray::from_iter_values(ids.clone().map(|id| row(id).0)))),
            ("amount", Arc::new(Int64Array::from_iter(ids.clone().map(|id| row(id).1)))),
            ("share", Arc::new(Float64Array::from_iter_values(ids.map(|id| row(id).2)))),
        ];
        let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap();
        let properties = WriterProperties::builder().set_max_row_group_row_count(Some(300)).build();
        let file = File::create(directory.join(format!("part-{part:05}.parquet"))).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }
}

fn totals(keep: impl Fn(i64) -> bool) -> BTreeMap<String, (i64, i64)> {
    let mut totals: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for id in (0..ROWS).filter(|id| keep(*id)) {
        let (city, amount, _) = row(id);
        let total = totals.entry(city).or_default();
        *total = (total.0 + amount.unwrap_or_default(), total.1 + 1);
    }
    totals
}

fn grouped(frame: &Frame) -> BTreeMap<String, (i64, i64)> {
    let (cities, sums, counts) = (frame.column::<String>("city"), frame.column::<Option<i64>>("sum"), frame.column::<i64>("n"));
    let rows = cities.unwrap().into_iter().zip(sums.unwrap()).zip(counts.unwrap());
    rows.map(|((city, sum), n)| (city, (sum.unwrap_or_default(), n))).collect()
}

#[test]
fn filters_groups_and_joins_over_files_agree_with_maps() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path());
    let path = directory.path().to_str().unwrap();
    by_each_engine(|name| {
        let all = DFrame::read_parquet(path);
        let sums = |frame: &DFrame| frame.group_by("city").agg((col("amount").sum().alias("sum"), count().alias("n")));
        assert_eq!(all.count().unwrap() as i64, ROWS, "{name}");
        assert_eq!(grouped(&sums(&all).collect().unwrap()), totals(|_| true), "{name}");

        let filtered = all.filter(col("id").gt_eq(1234).and(col("share").lt(0.5)).and(col("city").not_eq("city 007")));
        let expected = totals(|id| id >= 1234 && id % 10 < 5 && row(id).0 != "city 007");
        assert_eq!(grouped(&sums(&filtered).collect().unwrap()), expected, "{name}");
        let ids = filtered.select("id").head(100).collect().unwrap().column::<i64>("id").unwrap();
        let first: Vec<i64> = (1234..ROWS).filter(|id| id % 10 < 5 && row(*id).0 != "city 007").take(100).collect();
        assert_eq!(ids, first, "{name}: rows come in the order of the files");

        let large = sums(&all).filter(col("sum").gt(50_000));
        let joined = all.join(&large, on("city")).filter(col("amount").is_null()).count().unwrap();
        let large: Vec<String> = totals(|_| true).into_iter().filter(|(_, (sum, _))| *sum > 50_000).map(|(city, _)| city).collect();
        let expected = (0..ROWS).map(row).filter(|(city, amount, _)| amount.is_none() && large.contains(city)).count();
        assert_eq!(joined as usize, expected, "{name}");
    });
}

#[test]
fn a_worker_that_finds_another_file_says_so() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path());
    by_each_engine(|name| {
        let all = DFrame::read_parquet(directory.path().to_str().unwrap());
        all.check().unwrap();
        let path = directory.path().join("part-00003.parquet");
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        let error = all.agg(col("share").mean()).collect().unwrap_err();
        assert!(error.message().contains("changed"), "{name}: {error}");
        assert_eq!(error.file(), path.to_str(), "{name}");
        std::fs::write(&path, whole).unwrap();
    });
}
