//! Files on an object store that is reached by settings of the frame: every worker needs them, whatever part of a plan it runs.

use super::{
    Case, Files,
    Is::{Fails, Rows, Set},
};
use stratal::{ErrorKind, prelude::*};

/// Six rows in three objects.
fn sales(at: &Files) -> DFrame {
    let bucket = at.bucket();
    bucket.put("sales/year=2023/1.csv", b"id,city,amount\n1,Oslo,10\n2,Bergen,20\n3,\"New\nYork\",30\n");
    bucket.put("sales/year=2023/2.csv", b"amount,id,city\n40,4,Oslo\n");
    bucket.put("sales/year=2024/3.csv", b"id,city,amount\n5,Oslo,50\n6,Rome,\n");
    DFrame::read_csv(CsvOptions::new("s3://lake/sales/").storage(bucket.storage()))
}

/// 120 rows in Parquet, copied to the store.
fn columns(at: &Files) -> DFrame {
    let _ = super::people_in_columns(at);
    for part in 0..5 {
        at.bucket().put(&format!("columns/{part}.parquet"), &std::fs::read(at.path(&format!("columns/{part}.parquet"))).unwrap());
    }
    DFrame::read_parquet(ParquetOptions::new("s3://lake/columns/").storage(at.bucket().storage()))
}

pub(super) const CASES: &[Case] = &[
    ("objects of a directory", Rows(6), sales),
    ("the first rows", Rows(4), |at| sales(at).head(4)),
    ("groups", Set(4), |at| sales(at).group_by("city").agg(col("amount").sum())),
    ("a filter on a key", Rows(2), |at| sales(at).filter(col("year").gt(2023))),
    ("row groups", Rows(120), columns),
    ("a filter of row groups", Rows(20), |at| columns(at).filter(col("id").gt_eq(100))),
    ("text and columns joined", Set(6), |at| sales(at).join(&columns(at).select(["id", "name"]), on("id"))),
    ("lines and a file of this machine", Rows(4), |at| {
        at.bucket().put("a.ndjson", b"{\"n\": 1}\n{\"n\": 2}\n");
        at.texts(&[("b.csv", "n\n3\n4\n")]);
        let elsewhere = DFrame::read_json(JsonOptions::new("s3://lake/a.ndjson").storage(at.bucket().storage()));
        DFrame::concat(&[&elsewhere, &DFrame::read_csv(at.path("b.csv"))], How::ByName)
    }),
    ("an object that vanished", Fails(ErrorKind::NotFound, ""), |at| {
        let all = sales(at);
        all.check().unwrap();
        at.bucket().remove("sales/year=2023/2.csv");
        all.group_by("city").agg(col("amount").sum())
    }),
];
