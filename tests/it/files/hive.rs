//! Keys in the names of directories, and files that a filter on them leaves alone.

use super::{
    Case, Files,
    Is::{Rows, Set},
    batch, numbers, ten,
};
use stratal::prelude::*;

/// Six rows in four files of two years; one city is null.
fn sales(at: &Files) -> DFrame {
    at.texts(&[
        ("sales/year=2023/city=Oslo/a.csv", "id,amount\n1,10\n2,20\n"),
        ("sales/year=2023/city=New%20York/a.csv", "id,amount\n3,30\n"),
        ("sales/year=2024/city=Oslo/a.csv", "amount,id\n40,4\n"),
        ("sales/year=2024/city=__HIVE_DEFAULT_PARTITION__/a.csv", "id,amount\n5,50\n6,60\n"),
        ("sales/_manifest/x.csv", "nothing\n"),
    ]);
    DFrame::read_csv(at.path("sales"))
}

/// The same frame, of which the files of 2023 are gone.
fn without_2023(at: &Files) -> DFrame {
    let frame = sales(at);
    frame.check().unwrap();
    std::fs::remove_dir_all(at.path("sales/year=2023")).unwrap();
    frame
}

/// Two rows of each of three years, a row group each.
fn columns(at: &Files) -> DFrame {
    for year in 2023..2026i64 {
        at.parquet(&format!("t/year={year}/city=Rome/a.parquet"), &batch(vec![("x", numbers([year * 10, year * 10 + 1]))]), 1);
    }
    DFrame::read_parquet(ParquetOptions::new(at.path("t")).path_column("path"))
}

pub(super) const CASES: &[Case] = &[
    ("keys as columns", Rows(6), sales),
    ("keys alone", Rows(6), |at| sales(at).select(["city", "year"])),
    ("groups by a key", Set(3), |at| sales(at).group_by("city").agg((col("amount").sum(), count().alias("n")))),
    ("a filter on a key", Rows(3), |at| without_2023(at).filter(col("year").gt(2023))),
    ("a filter on a key that is null", Rows(2), |at| without_2023(at).filter(col("city").is_null())),
    ("a filter on a key and a column", Rows(1), |at| without_2023(at).filter(col("year").eq(2024).and(col("amount").gt(50)))),
    ("a filter on either", Rows(4), |at| sales(at).filter(col("year").eq(2023).or(col("id").eq(6)))),
    ("a filter over both", Rows(3), |at| sales(at).filter((col("year") + col("id")).gt(2027))),
    ("no file left", Rows(0), |at| without_2023(at).filter(col("year").eq(1999))),
    ("groups of no file", Rows(0), |at| without_2023(at).filter(col("year").eq(1999)).group_by("city").agg(col("amount").sum())),
    ("totals of no file", Rows(1), |at| without_2023(at).filter(col("year").eq(1999)).agg((col("amount").sum(), count().alias("n")))),
    ("the first rows of no file", Rows(0), |at| without_2023(at).filter(col("year").eq(1999)).head(3)),
    ("no file left beside some", Rows(6), |at| {
        let all = sales(at);
        DFrame::concat(&[&all.filter(col("year").eq(1999)), &all], How::ByName)
    }),
    ("groups of no file beside some", Set(3), |at| {
        let all = sales(at);
        DFrame::concat(&[&all, &all.filter(col("year").eq(1999))], How::ByName).group_by("city").agg(count().alias("n"))
    }),
    ("no file left to join", Rows(0), |at| {
        let all = sales(at);
        all.join(&all.filter(col("year").eq(1999)), on("id"))
    }),
    ("no file left to join, and every row kept", Set(6), |at| {
        let all = sales(at);
        all.join(&all.filter(col("year").eq(1999)).select(["id", "amount"]), on("id").left())
    }),
    ("no key wanted", Rows(6), |at| {
        let _ = sales(at);
        DFrame::read_csv(CsvOptions::new(at.path("sales/year=*/*/a.csv")).hive(false))
    }),
    ("keys below a glob", Rows(3), |at| {
        let _ = sales(at);
        DFrame::read_csv(at.path("sales/year=2023/*/a.csv"))
    }),
    ("a key as text", Rows(2), |at| {
        at.texts(&[("t/zip=01234/a.csv", "x\n1\n"), ("t/zip=98765/a.csv", "x\n2\n")]);
        DFrame::read_csv(CsvOptions::new(at.path("t")).dtype("zip", "str"))
    }),
    ("a key of numbers that are widened", Rows(2), |at| {
        at.texts(&[("t/k=1/a.csv", "x\n1\n"), ("t/k=1.5/a.csv", "x\n2\n")]);
        DFrame::read_csv(at.path("t"))
    }),
    ("keys of columnar files", Rows(6), columns),
    ("a filter on keys of columnar files", Rows(3), |at| columns(at).filter(col("year").gt(2023).and(col("x").gt(20_240)))),
    ("no columnar file left", Rows(0), |at| columns(at).filter(col("year").eq(1999))),
    ("groups of no columnar file", Rows(0), |at| columns(at).filter(col("year").eq(1999)).group_by("city").agg(col("x").max())),
    ("no columnar file left beside some", Set(1), |at| {
        let all = columns(at);
        DFrame::concat(&[&all.filter(col("year").eq(1999)), &all], How::ByName).group_by("city").agg(col("x").sum())
    }),
    ("the extremes of a key", Rows(1), |at| columns(at).agg((col("year").min().alias("low"), col("year").max().alias("high")))),
    ("a key beside a column", Rows(3), |at| columns(at).filter((col("year") * 10).eq(col("x")))),
    ("keys of Arrow files", Rows(20), |at| {
        (2023..2025).for_each(|year| at.arrow(&format!("t/year={year}/a.arrow"), &ten(year), 4, "none"));
        DFrame::read_ipc(IpcOptions::new(at.path("t")).path_column("path"))
    }),
    ("no Arrow file left", Rows(0), |at| {
        (2023..2025).for_each(|year| at.arrow(&format!("t/year={year}/a.arrow"), &ten(year), 4, "none"));
        DFrame::read_ipc(at.path("t")).filter(col("year").eq(1999))
    }),
    ("keys of JSON files", Rows(2), |at| {
        at.texts(&[("t/k=a/1.ndjson", "{\"x\": 1}\n"), ("t/k=b/2.json", "[{\"x\": 2}, {\"x\": 3}]")]);
        DFrame::read_json(JsonOptions::new(at.path("t")).path_column("path")).filter(col("k").eq("b"))
    }),
    ("no JSON file left", Rows(0), |at| {
        at.texts(&[("t/k=a/1.ndjson", "{\"x\": 1}\n"), ("t/k=b/2.ndjson", "{\"x\": 2}\n")]);
        DFrame::read_json(at.path("t")).filter(col("k").eq("c"))
    }),
    ("what was written by keys", Set(120), |at| {
        let people = super::people(at).with_column("parity", col("id") % 2);
        people.write_parquet(ParquetWrite::new(format!("{}/", at.path("out"))).partition_by(["name", "parity"])).unwrap();
        DFrame::read_parquet(at.path("out"))
    }),
];
