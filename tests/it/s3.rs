//! Files in a bucket, read from a server that speaks S3, by every executor.

use crate::{bucket::Bucket, clusters::everywhere};
use stratal::{ErrorKind, prelude::*};

fn csv(bucket: &Bucket, path: &str) -> CsvOptions {
    CsvOptions::new(format!("s3://lake/{path}")).storage(bucket.storage())
}

fn sales() -> Bucket {
    Bucket::with(&[
        ("sales/1.csv", b"id,city,amount\n1,Oslo,10\n2,Bergen,20\n"),
        ("sales/2.csv", b"id,city,amount\n3,Oslo,30\n"),
        ("sales/10.csv", b"amount,id,city\n40,4,\"New\nYork\"\n"),
        ("sales/_tmp.csv", b"nothing"),
        ("sales/notes.txt", b"nothing"),
        ("sales/old/0.csv", b"id,city,amount\n0,Rome,0\n"),
    ])
}

#[test]
fn objects_globs_and_directories_are_read() {
    let bucket = sales();
    everywhere(|place| {
        let ids = |options: CsvOptions| DFrame::read_csv(options).collect().unwrap().column::<i64>("id").unwrap();
        assert_eq!(ids(csv(&bucket, "sales/2.csv")), [3], "{place}");
        assert_eq!(ids(csv(&bucket, "sales/[12]*.csv")), [1, 2, 4, 3], "{place}");
        assert_eq!(ids(csv(&bucket, "sales/[12].csv")), [1, 2, 3], "{place}");
        assert_eq!(ids(csv(&bucket, "sales/?.csv")), [1, 2, 3], "{place}");
        assert_eq!(ids(csv(&bucket, "sales/**/0.csv")), [0], "{place}");
        assert_eq!(ids(csv(&bucket, "sales/").hive(false)), [1, 2, 4, 3], "{place}");
        assert_eq!(ids(csv(&bucket, "sales")), [1, 2, 4, 3, 0], "{place}");
        let both = CsvOptions::new(["s3://lake/sales/2.csv", "s3://lake/sales/1.csv"]).storage(bucket.storage());
        assert_eq!(ids(both), [3, 1, 2], "{place}");
        let groups = DFrame::read_csv(csv(&bucket, "sales/")).group_by("city").agg(col("amount").sum()).sort("city").collect().unwrap();
        assert_eq!(groups.column::<String>("city").unwrap(), ["Bergen", "New\nYork", "Oslo", "Rome"], "{place}");
        assert_eq!(groups.column::<i64>("amount").unwrap(), [20, 40, 40, 0], "{place}");
    });
}

#[test]
fn keys_of_directories_are_columns_and_choose_what_is_fetched() {
    let bucket = Bucket::with(&[
        ("t/year=2023/city=Oslo/a.csv", b"x\n1\n"),
        ("t/year=2024/city=Oslo/a.csv", b"x\n2\n"),
        ("t/year=2024/city=__HIVE_DEFAULT_PARTITION__/a.csv", b"x\n3\n"),
    ]);
    let frame = |place: &str| {
        let frame = DFrame::read_csv(csv(&bucket, "t"));
        assert_eq!(frame.columns().unwrap(), ["x", "year", "city"], "{place}");
        frame
    };
    everywhere(|place| {
        bucket.put("t/year=2023/city=Oslo/a.csv", b"x\n1\n");
        let frame = frame(place);
        let rows = frame.sort("x").collect().unwrap();
        assert_eq!(rows.column::<i64>("year").unwrap(), [2023, 2024, 2024], "{place}");
        assert_eq!(rows.column::<Option<String>>("city").unwrap()[2], None, "{place}");
        bucket.remove("t/year=2023/city=Oslo/a.csv");
        assert_eq!(frame.filter(col("year").gt(2023)).collect().unwrap().column::<i64>("x").unwrap(), [2, 3], "{place}");
        let error = frame.collect().unwrap_err();
        assert_eq!((error.kind(), error.file()), (ErrorKind::NotFound, Some("s3://lake/t/year=2023/city=Oslo/a.csv")), "{place}");
    });
}

#[test]
fn json_and_compressed_files_are_read() {
    // Two members: `id,text`, 1 and 2; then 3.
    let members: &[u8] = &[
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 76, 209, 41, 73, 173, 40, 225, 50, 212, 73, 228, 50, 210, 73, 226, 2, 0, 121, 187, 138, 215,
        16, 0, 0, 0, 31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 51, 214, 73, 230, 2, 0, 173, 230, 136, 92, 4, 0, 0, 0,
    ];
    let bucket = Bucket::with(&[
        ("events/1.ndjson", b"{\"id\": 1, \"tags\": [\"a\"]}\n{\"id\": 2}\n"),
        ("events/2.json", b"[{\"id\": 3, \"tags\": []},\n {\"id\": 4.5, \"tags\": null}]"),
        ("z/a.csv.gz", members),
    ]);
    everywhere(|place| {
        let events = DFrame::read_json(JsonOptions::new("s3://lake/events/").storage(bucket.storage())).collect().unwrap();
        assert_eq!(events.column::<f64>("id").unwrap(), [1.0, 2.0, 3.0, 4.5], "{place}");
        let rows = DFrame::read_csv(csv(&bucket, "z/*.csv.gz")).collect().unwrap();
        assert_eq!(rows.column::<i64>("id").unwrap(), [1, 2, 3], "{place}");
        assert_eq!(rows.column::<String>("text").unwrap(), ["a", "b", "c"], "{place}");
    });
}

#[test]
fn files_that_no_sample_sees_are_read_by_their_own_headers() {
    let bucket = Bucket::start();
    for file in 0..50 {
        let text = if file % 2 == 0 { format!("n,s\n{file},x\n") } else { format!("\u{feff}s,n\ny,{file}\n") };
        bucket.put(&format!("many/{file:02}.csv"), text.as_bytes());
    }
    everywhere(|place| {
        let frame = DFrame::read_csv(csv(&bucket, "many/*.csv")).collect().unwrap();
        assert_eq!(frame.column::<i64>("n").unwrap(), (0..50).collect::<Vec<i64>>(), "{place}");
    });
    // Neither the first nor the last, and so between two that are sampled or sampled itself.
    bucket.put("many/25.csv", b"n,t\n1,x\n");
    let error = DFrame::read_csv(csv(&bucket, "many/*.csv")).collect().unwrap_err();
    assert_eq!((error.kind(), error.file()), (ErrorKind::TypeMismatch, Some("s3://lake/many/25.csv")));
    assert!(error.message().ends_with("missing \"s\"; extra \"t\""), "{error}");
}

#[test]
fn a_large_file_is_cut_and_every_mistake_has_its_line() {
    let rows = |late: &str| -> String {
        let row = |at: usize| format!("{at},\"a text\nof two lines\",{}\n", if at == 100_000 { late } else { "1" });
        format!("n,text,one\n{}", (0..300_000).map(row).collect::<String>())
    };
    let bucket = Bucket::with(&[("large.csv", rows("1").as_bytes())]);
    let frame = DFrame::read_csv(csv(&bucket, "large.csv").block_bytes("3MiB"));
    assert!(frame.npartitions().unwrap() > 1);
    let sums = frame.agg((col("n").sum(), col("one").sum())).collect().unwrap();
    assert_eq!((sums.value::<i64>(0, "n").unwrap(), sums.value::<i64>(0, "one").unwrap()), (299_999 * 300_000 / 2, 300_000));
    bucket.put("large.csv", rows("one").as_bytes());
    let error = DFrame::read_csv(csv(&bucket, "large.csv").block_bytes("3MiB")).collect().unwrap_err();
    assert_eq!((error.file(), error.line(), error.column()), (Some("s3://lake/large.csv"), Some(200_003), Some("one")), "{error}");
}

#[test]
fn what_is_refused_or_missing_is_told() {
    let bucket = sales();
    let mut wrong = bucket.storage();
    wrong[4].1 = "something else".to_owned();
    everywhere(|place| {
        for path in ["s3://lake/sales/1.csv", "s3://lake/sales/*.csv"] {
            let error = DFrame::read_csv(CsvOptions::new(path).storage(wrong.clone())).collect().unwrap_err();
            assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Auth, false), "{place} {path}: {error}");
            assert!(!error.to_string().contains("something else"), "{error}");
        }
        let error = |path: &str| DFrame::read_csv(CsvOptions::new(path).storage(bucket.storage())).collect().unwrap_err();
        let missing = error("s3://lake/sales/none.csv");
        assert_eq!((missing.kind(), missing.message()), (ErrorKind::NotFound, "no file matches \"s3://lake/sales/none.csv\""), "{place}");
        assert_eq!(missing.help(), Some("s3://lake/sales/ holds 4 files *.csv"), "{place}");
        assert_eq!(error("s3://lake/sales/*.tsv").kind(), ErrorKind::NotFound, "{place}");
        for path in ["s3://nowhere/x.csv", "s3://nowhere/*.csv"] {
            let error = error(path);
            assert_eq!((error.kind(), error.message()), (ErrorKind::NotFound, "there is no such bucket"), "{place} {path}");
        }
    });
    let mut short = bucket.storage().to_vec();
    short.retain(|(key, _)| *key != "allow_http");
    let error = DFrame::read_csv(CsvOptions::new("s3://lake/sales/1.csv").storage(short)).check().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    let error = DFrame::read_csv(CsvOptions::new("s3://lake/x.csv").storage([("regoin", "eu")])).check().unwrap_err();
    assert_eq!((error.kind(), error.help()), (ErrorKind::Config, Some("did you mean \"region\"?")));
}

#[test]
fn a_file_that_changed_after_it_was_bound_is_not_read() {
    let bucket = sales();
    let frame = DFrame::read_csv(csv(&bucket, "sales/1.csv"));
    frame.check().unwrap();
    bucket.put("sales/1.csv", b"id,city,amount\n1,Oslo,x\n2,Oslo,y\n3,Oslo,z\n");
    let error = frame.collect().unwrap_err();
    assert!(error.message().contains("changed") && error.file() == Some("s3://lake/sales/1.csv"), "{error}");
}

#[test]
fn a_connection_that_is_cut_in_the_middle_costs_no_row() {
    let rows: String = (0..300_000).map(|row| format!("{row},{}\n", row % 7)).collect();
    let text = format!("n,k\n{rows}");
    assert!(text.len() > 2 << 20);
    let bucket = Bucket::with(&[("long.csv", text.as_bytes())]);
    everywhere(|place| {
        // Within the first megabyte and the following blocks: what a sample reads, and what the scan does.
        for after in [100_000, 1_500_000, 4_000_000] {
            let way = bucket.way_that_breaks_after(after);
            let options = CsvOptions::new("s3://lake/long.csv").storage(bucket.storage_by(way.address));
            let groups = DFrame::read_csv(options).group_by("k").agg((col("n").sum(), count().alias("rows"))).sort("k").collect().unwrap();
            let expected: Vec<i64> = (0..7).map(|k| (0..300_000i64).filter(|row| row % 7 == k).sum()).collect();
            assert_eq!(groups.column::<i64>("n").unwrap(), expected, "{place} {after}");
            assert_eq!(groups.column::<i64>("rows").unwrap().iter().sum::<i64>(), 300_000, "{place} {after}");
            assert_eq!(way.cuts(), 1, "{place} {after}");
        }
    });
}
