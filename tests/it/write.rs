//! Files that several processes write together, and what a process that is killed leaves of them.

use crate::clusters::{cluster, everywhere, wait_until};
use std::{fmt::Write, fs, path::Path, thread};
use stratal::{ErrorKind, Result, prelude::*, testing::assert_frames_eq};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data");

/// The rows of four files, of which each is a partition.
fn people() -> DFrame {
    DFrame::read_csv(format!("{DATA}/myfile.*.csv"))
}

/// Their text, read without any of Stratal.
fn lines() -> String {
    (0..4)
        .map(|part| {
            fs::read_to_string(format!("{DATA}/myfile.{part}.csv"))
                .unwrap()
                .lines()
                .skip(1)
                .fold(String::new(), |all, line| all + line + "\n")
        })
        .collect()
}

/// Names in a directory, sorted.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn every_format_is_written_by_whoever_works_and_read_back() {
    everywhere(|place| {
        let files = tempfile::tempdir().unwrap();
        let path = |name: &str| format!("{}/{name}", files.path().display());
        let all = people().collect().unwrap();
        let summary = people().write_csv(path("people.csv")).unwrap();
        assert_eq!((summary.files, summary.rows), (1, all.len() as u64), "{place}");
        assert_eq!(fs::read_to_string(path("people.csv")).unwrap(), format!("id,name,amount\n{}", lines()), "{place}");
        people().write_csv(path("csv/")).unwrap();
        people().write_json(path("people.json")).unwrap();
        people().write_parquet(path("parquet/")).unwrap();
        people().write_ipc(path("people.arrow")).unwrap();
        assert_eq!(
            names(&files.path().join("csv")),
            ["_manifest.json", "part-00000.csv", "part-00001.csv", "part-00002.csv", "part-00003.csv"]
        );
        let texts = |frame: DFrame| frame.with_column("name", col("name").cast("str")).select(["id", "name", "amount"]).collect().unwrap();
        for read in [
            DFrame::read_csv(path("csv/")),
            DFrame::read_json(path("people.json")),
            DFrame::read_parquet(path("parquet/")),
            DFrame::read_ipc(path("people.arrow")),
        ] {
            assert_frames_eq!(texts(read), all);
        }
        assert_eq!(names(files.path()), ["csv", "parquet", "people.arrow", "people.csv", "people.json"], "{place}");
    });
}

#[test]
fn sums_over_a_shuffle_are_written_by_keys() {
    everywhere(|place| {
        let files = tempfile::tempdir().unwrap();
        let path = format!("{}/sums/", files.path().display());
        let sums = people().group_by("name").agg(col("amount").sum());
        let summary = sums.write_parquet(ParquetWrite::new(&path).partition_by("name")).unwrap();
        let expected = sums.sort("name").collect().unwrap();
        assert_eq!((summary.files, summary.rows), (expected.len() as u64, expected.len() as u64), "{place}");
        let read = DFrame::read_parquet(&path).with_column("name", col("name").cast("str")).select(["name", "amount"]).collect().unwrap();
        assert_frames_eq!(read, expected, unordered);
    });
}

/// Files with rows enough that writing them takes a while, and the sum of their values.
fn many(directory: &Path) -> (DFrame, i64) {
    let mut sum = 0;
    for file in 0..24i64 {
        let mut text = "k,v\n".to_owned();
        for row in 0..20_000i64 {
            let (k, v) = ((file * 7919 + row * 104_729) % 5_003, row % 97);
            writeln!(text, "{k},{v}").unwrap();
            sum += v + 1;
        }
        fs::write(directory.join(format!("source-{file:02}.csv")), text).unwrap();
    }
    let source = DFrame::read_csv(format!("{}/source-*.csv", directory.display()));
    (source.with_column("v", col("v") + 1), sum)
}

/// Files of a write that is not committed.
fn hidden(out: &Path) -> usize {
    let scratch = names(out).into_iter().find(|name| name.starts_with(".tmp-"));
    scratch.map_or(0, |scratch| names(&out.join(scratch)).len())
}

/// Writes over what is there, and kills a worker when it is at work.
fn killed_in_the_middle(retries: &str, check: impl FnOnce(&Path, Result<stratal::frame::WriteSummary>, i64)) {
    let files = tempfile::tempdir().unwrap();
    let out = files.path().join("out");
    frame! { "k" => [1i64, 2], "v" => [10i64, 20] }.write_csv(CsvWrite::new(format!("{}/", out.display()))).unwrap();
    let (frame, sum) = many(files.path());
    let cluster = cluster(2);
    let client = Client::builder().set("tasks.retries", retries).detached().connect(&cluster.scheduler_addr()).unwrap();
    let writing = thread::spawn({
        let (frame, out) = (frame.with_client(&client), out.clone());
        move || frame.write_csv(CsvWrite::new(format!("{}/", out.display())).mode(Mode::Overwrite))
    });
    wait_until("a write by both workers", || hidden(&out) >= 5);
    cluster.kill_worker(0).unwrap();
    let result = writing.join().unwrap();
    check(&out, result, sum);
}

fn sum_of(out: &Path) -> (u64, i64) {
    let read = DFrame::read_csv(format!("{}/", out.display()));
    (read.count().unwrap(), read.agg(col("v").sum()).collect().unwrap().item().unwrap())
}

#[test]
fn a_worker_killed_in_the_middle_of_a_write_costs_no_row_and_leaves_no_file() {
    killed_in_the_middle("3", |out, result, sum| {
        let summary = result.unwrap();
        assert_eq!((summary.files, summary.rows), (24, 480_000));
        assert_eq!(sum_of(out), (480_000, sum));
        wait_until("the end of what was hidden", || names(out).len() == 25);
    });
}

#[test]
fn a_write_that_dies_with_its_worker_leaves_the_old_data_readable() {
    killed_in_the_middle("0", |out, result, _| {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::WorkerLost);
        assert_eq!(sum_of(out), (2, 30));
        wait_until("the end of what was hidden", || names(out) == ["_manifest.json", "part-00000.csv"]);
    });
}
