//! Compressed files, each of which is one partition.

use super::{
    Case, Files,
    Is::{Rows, Set},
};
use stratal::prelude::*;

/// Two files of 2,000 rows each, whose texts are of two lines.
fn packed(at: &Files, ending: &str) -> DFrame {
    for part in 0..2i64 {
        let ids = part * 2000..part * 2000 + 2000;
        let text: Vec<String> = ids.clone().map(|id| format!("line\n{id}")).collect();
        let path = at.made(&format!("packed/{part}.csv.{ending}"));
        frame! { "id" => ids.collect::<Vec<_>>(), "text" => text }.write_csv(path).unwrap();
    }
    DFrame::read_csv(at.path("packed"))
}

pub(super) const CASES: &[Case] = &[
    ("gzip", Rows(4000), |at| packed(at, "gz")),
    ("zstd", Rows(4000), |at| packed(at, "zst")),
    ("bzip2", Rows(4000), |at| packed(at, "bz2")),
    ("xz", Rows(4000), |at| packed(at, "xz")),
    ("groups", Set(7), |at| packed(at, "gz").group_by((col("id") % 7).alias("k")).agg((col("id").sum().alias("sum"), count().alias("n")))),
    ("the last rows", Rows(2100), |at| packed(at, "zst").tail(2100)),
    ("rows at the border of two files", Rows(20), |at| packed(at, "xz").filter(col("id").between(1990, 2009))),
    ("compressed files among others", Rows(4003), |at| {
        let _ = packed(at, "gz");
        at.texts(&[("packed/2.csv", "id,text\n4000,\"line\n4000\"\n4001,a\n4002,b\n")]);
        DFrame::read_csv(at.path("packed"))
    }),
    ("the compression as told", Rows(2000), |at| {
        let _ = packed(at, "bz2");
        std::fs::rename(at.path("packed/0.csv.bz2"), at.path("download")).unwrap();
        DFrame::read_csv(CsvOptions::new(at.path("download")).compression("bz2"))
    }),
    ("an empty one", Rows(2), |at| {
        at.texts(&[("a.csv", "n\n1\n2\n"), ("b.csv.gz", "")]);
        DFrame::read_csv([at.path("a.csv"), at.path("b.csv.gz")])
    }),
    ("objects a line", Rows(300), |at| {
        let ids: Vec<i64> = (0..300).collect();
        frame! { "id" => ids }.write_json(at.made("json/a.ndjson.zst")).unwrap();
        DFrame::read_json(at.path("json"))
    }),
    ("an array of objects", Rows(300), |at| {
        let ids: Vec<i64> = (0..300).collect();
        frame! { "id" => ids }.write_json(at.made("json/a.json.gz")).unwrap();
        DFrame::read_json(at.path("json"))
    }),
];
