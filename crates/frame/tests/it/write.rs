//! Files that are written: what they hold, what becomes of what was there, and what a failure leaves.

use super::{Files, everywhere, local};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use std::{
    fs,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use stratal_core::{Error, ErrorKind};
use stratal_frame::{
    CsvOptions, CsvWrite, DFrame, Frame, IpcWrite, JsonWrite, Mode, ParquetWrite, SameSchema, WriteSummary, assert_frames_eq, col, frame,
};

type Row = (Option<i64>, Option<&'static str>);

/// A frame of these partitions.
fn frame_of(partitions: &[&[Row]]) -> DFrame {
    let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, true), Field::new("s", DataType::Utf8, true)]));
    let batch = |rows: &&[Row]| {
        let numbers: ArrayRef = Arc::new(rows.iter().map(|(n, _)| *n).collect::<Int64Array>());
        let texts: ArrayRef = Arc::new(rows.iter().map(|(_, s)| *s).collect::<StringArray>());
        RecordBatch::try_new(schema.clone(), vec![numbers, texts]).unwrap()
    };
    DFrame::from_batches(schema.clone(), partitions.iter().map(batch).collect::<Vec<_>>())
}

const ROWS: [&[Row]; 4] = [
    &[(Some(1), Some("plain")), (None, Some(""))],
    &[],
    &[(Some(-3), None), (Some(4), Some("a,b \"c\"")), (Some(5), Some("two\nlines\r\n"))],
    &[(Some(6), Some(" blanks ")), (Some(7), Some("é"))],
];

fn all_rows() -> Vec<(Option<i64>, Option<String>)> {
    ROWS.concat().into_iter().map(|(n, s)| (n, s.map(str::to_owned))).collect()
}

fn rows(frame: &Frame) -> Vec<(Option<i64>, Option<String>)> {
    frame.column("n").unwrap().into_iter().zip(frame.column("s").unwrap()).collect()
}

/// Everything below a directory, what is hidden too, without the insides of files.
fn tree(root: &Path) -> Vec<String> {
    fn walk(directory: &Path, below: &str, all: &mut Vec<String>) {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            let name = format!("{below}{}", entry.file_name().to_string_lossy());
            match entry.path().is_dir() {
                true => {
                    let inside = format!("{name}/");
                    walk(&entry.path(), &inside, all);
                    all.push(inside);
                }
                false => all.push(name),
            }
        }
    }
    let mut all = Vec::new();
    walk(root, "", &mut all);
    all.sort();
    all
}

/// A failed write is cleared away while its last tasks are still being told.
fn becomes(root: &Path, expected: &[String]) {
    let started = Instant::now();
    while tree(root) != expected {
        assert!(started.elapsed() < Duration::from_secs(30), "{:?} is left, and not {expected:?}", tree(root));
        thread::sleep(Duration::from_millis(10));
    }
}

fn text(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn one_csv_file_holds_all_partitions_in_order_under_one_header() {
    let expected = "n,s\n1,plain\n,\"\"\n-3,\n4,\"a,b \"\"c\"\"\"\n5,\"two\nlines\r\n\"\n6, blanks \n7,é\n";
    everywhere(|place| {
        let files = Files::new([]);
        let summary = frame_of(&ROWS).write_csv(files.path("out.csv")).unwrap();
        assert_eq!(text(files.path("out.csv")), expected, "{place}");
        assert_eq!(summary, WriteSummary { files: 1, rows: 7, bytes: expected.len() as u64 }, "{place}");
        assert_eq!(tree(files.root()), ["out.csv"], "{place}");
        let bare = CsvWrite::new(files.path("bare.tsv")).header(false);
        frame_of(&ROWS[2..]).write_csv(bare).unwrap();
        assert_eq!(text(files.path("bare.tsv")), "-3\t\n4\t\"a,b \"\"c\"\"\"\n5\t\"two\nlines\r\n\"\n6\t blanks \n7\té\n", "{place}");
    });
}

#[test]
fn what_is_written_is_read_back_from_files_and_directories_of_every_format() {
    everywhere(|place| {
        let files = Files::new([]);
        let frame = frame_of(&ROWS);
        for name in ["a.csv", "a.csv.gz", "a.csv.zst", "a.csv.bz2", "a.csv.xz", "csv/", "deep/down/csv/"] {
            frame.write_csv(files.path(name)).unwrap();
            assert_eq!(rows(&DFrame::read_csv(files.path(name)).collect().unwrap()), all_rows(), "{place} {name}");
        }
        for name in ["a.json", "a.ndjson", "a.json.gz", "a.jsonl.zst", "json/"] {
            frame.write_json(files.path(name)).unwrap();
            assert_eq!(rows(&DFrame::read_json(files.path(name)).collect().unwrap()), all_rows(), "{place} {name}");
        }
        for name in ["a.parquet", "parquet/"] {
            frame.write_parquet(files.path(name)).unwrap();
            assert_eq!(rows(&DFrame::read_parquet(files.path(name)).collect().unwrap()), all_rows(), "{place} {name}");
        }
        for name in ["a.arrow", "ipc/"] {
            frame.write_ipc(files.path(name)).unwrap();
            assert_eq!(rows(&DFrame::read_ipc(files.path(name)).collect().unwrap()), all_rows(), "{place} {name}");
        }
        assert!(!tree(files.root()).iter().any(|name| name.contains(".tmp-")), "{place}: {:?}", tree(files.root()));
    });
}

#[test]
fn compressed_files_are_smaller_and_names_of_compressions_are_heeded() {
    let files = Files::new([]);
    let many = frame! { "x" => (0..20_000i64).map(|x| x % 100).collect::<Vec<_>>() };
    let bytes = |path: &str| fs::metadata(files.path(path)).unwrap().len();
    let plain = many.write_csv(files.path("plain.csv")).unwrap().bytes;
    for (name, ending) in [("gzip", "gz"), ("zstd", "zst"), ("bzip2", "bz2"), ("xz", "xz")] {
        let summary = many.write_csv(CsvWrite::new(files.path(name)).compression(name)).unwrap();
        let written = bytes(&format!("{name}/part-00000.csv.{ending}"));
        assert!(summary.bytes == written && written < plain / 4, "{name}: {written} of {plain}");
    }
    many.write_parquet(ParquetWrite::new(files.path("none.parquet")).compression("none")).unwrap();
    for name in ["zstd", "snappy", "gzip", "lz4", "brotli"] {
        let path = format!("{name}.parquet");
        many.write_parquet(ParquetWrite::new(files.path(&path)).compression(name)).unwrap();
        assert_eq!(
            DFrame::read_parquet(files.path(&path)).agg(col("x").sum()).collect().unwrap().item::<i64>().unwrap(),
            990_000,
            "{name}"
        );
    }
    for name in ["zstd", "lz4"] {
        let path = format!("{name}.arrow");
        many.write_ipc(IpcWrite::new(files.path(&path)).compression(name)).unwrap();
        assert_eq!(DFrame::read_ipc(files.path(&path)).count().unwrap(), 20_000, "{name}");
    }
}

#[test]
fn a_directory_has_a_file_a_partition_and_a_manifest_that_lists_them() {
    everywhere(|place| {
        let files = Files::new([]);
        let summary = frame_of(&ROWS).write_csv(files.path("out/")).unwrap();
        let names = ["_manifest.json", "part-00000.csv", "part-00001.csv", "part-00002.csv", "part-00003.csv"];
        assert_eq!(tree(&files.root().join("out")), names, "{place}");
        assert_eq!(text(files.path("out/part-00000.csv")), "n,s\n1,plain\n,\"\"\n", "{place}");
        assert_eq!(text(files.path("out/part-00001.csv")), "n,s\n", "{place}");
        let bytes = names[1..].iter().map(|name| fs::metadata(files.path(&format!("out/{name}"))).unwrap().len()).sum();
        assert_eq!(summary, WriteSummary { files: 4, rows: 7, bytes }, "{place}");
        let manifest: serde_json::Value = serde_json::from_str(&text(files.path("out/_manifest.json"))).unwrap();
        let listed: Vec<(&str, u64)> = manifest["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|file| (file["path"].as_str().unwrap(), file["rows"].as_u64().unwrap()))
            .collect();
        assert_eq!(listed, [("part-00000.csv", 2), ("part-00001.csv", 0), ("part-00002.csv", 3), ("part-00003.csv", 2)], "{place}");
        assert_eq!((manifest["rows"].as_u64(), manifest["bytes"].as_u64()), (Some(7), Some(bytes)), "{place}");
        assert_eq!(manifest["columns"][1], serde_json::json!({ "name": "s", "type": "str" }), "{place}");
    });
}

#[test]
fn rows_stand_in_directories_named_after_their_keys_and_null_comes_back() {
    everywhere(|place| {
        let files = Files::new([]);
        let year = |n: Option<i64>, s: Option<&'static str>| (n, s);
        let frame = frame_of(&[
            &[year(Some(2023), Some("a")), year(None, Some("b")), year(Some(2023), Some("c"))],
            &[],
            &[year(Some(2024), Some("d")), year(None, Some("e"))],
        ]);
        let summary = frame.write_csv(CsvWrite::new(files.path("out")).partition_by("n")).unwrap();
        assert_eq!((summary.files, summary.rows), (4, 5), "{place}");
        let names = [
            "_manifest.json",
            "n=2023/",
            "n=2023/part-00000.csv",
            "n=2024/",
            "n=2024/part-00002.csv",
            "n=__HIVE_DEFAULT_PARTITION__/",
            "n=__HIVE_DEFAULT_PARTITION__/part-00000.csv",
            "n=__HIVE_DEFAULT_PARTITION__/part-00002.csv",
        ];
        assert_eq!(tree(&files.root().join("out")), names, "{place}");
        assert_eq!(text(files.path("out/n=2023/part-00000.csv")), "s\na\nc\n", "{place}");
        let read = DFrame::read_csv(files.path("out/")).sort("s").select(["n", "s"]).collect().unwrap();
        let expected = [(Some(2023i64), "a"), (None, "b"), (Some(2023), "c"), (Some(2024), "d"), (None, "e")];
        assert_eq!(rows(&read), expected.map(|(n, s)| (n, Some(s.to_owned()))), "{place}");
        let parquet = ParquetWrite::new(files.path("columns")).partition_by(("n", "s"));
        let wide = frame.with_column("x", col("n") * 2);
        wide.write_parquet(parquet).unwrap();
        let read = DFrame::read_parquet(files.path("columns/")).sort("s").collect().unwrap();
        assert_eq!(read.column::<Option<i64>>("x").unwrap(), [Some(4046), None, Some(4046), Some(4048), None], "{place}");
        assert_eq!(read.column::<Option<i64>>("n").unwrap(), [Some(2023), None, Some(2023), Some(2024), None], "{place}");
    });
}

#[test]
fn keys_of_any_text_make_directories_that_read_back() {
    let files = Files::new([]);
    let keys = ["New York", "a/b", "100%", "k=v", "..", "é", "x.csv"];
    let frame = frame! { "k" => keys, "x" => [0i64, 1, 2, 3, 4, 5, 6] };
    frame.write_json(JsonWrite::new(files.path("out/")).partition_by("k")).unwrap();
    assert!(tree(files.root()).contains(&"out/k=a%2Fb/part-00000.ndjson".to_owned()), "{:?}", tree(files.root()));
    let read = DFrame::read_json(files.path("out/")).sort("x").collect().unwrap();
    assert_eq!(read.column::<String>("k").unwrap(), keys);
}

/// The numbers from 0 on, in one partition of batches of so many rows, and their remainders as `k`.
fn numbered(rows: i64, batch: i64, groups: i64) -> DFrame {
    let batches = (0..rows / batch).map(|at| {
        let numbers: Vec<i64> = (at * batch..(at + 1) * batch).collect();
        frame! { "k" => numbers.iter().map(|x| x % groups).collect::<Vec<_>>(), "x" => numbers }.collect().unwrap().batches()[0].clone()
    });
    let batches: Vec<RecordBatch> = batches.collect();
    Frame::new(batches[0].schema(), batches).unwrap().lazy()
}

#[test]
fn more_directories_than_files_may_be_open_keep_every_row_in_order() {
    let files = Files::new([]);
    // Every batch has rows of every directory, so that files are closed and begun again.
    let frame = numbered(2_000, 500, 100);
    let summary = frame.write_csv(CsvWrite::new(files.path("out/")).partition_by("k")).unwrap();
    assert!(summary.files > 100 && summary.rows == 2_000, "{summary:?}");
    let seven = DFrame::read_csv(files.path("out/k=7/")).collect().unwrap().column::<i64>("x").unwrap();
    assert_eq!(seven, (0..20).map(|at| at * 100 + 7).collect::<Vec<_>>());
    assert_eq!(DFrame::read_csv(files.path("out/")).count().unwrap(), 2_000);
}

#[test]
fn empty_frames_keep_their_columns() {
    everywhere(|place| {
        let files = Files::new([]);
        let empty = frame_of(&[&[]]);
        let none = frame_of(&ROWS).filter(col("n").gt(1000));
        for (nth, frame) in [empty, none].into_iter().enumerate() {
            let name = |name: &str| files.path(&format!("{nth}-{name}"));
            assert_eq!(frame.write_csv(name("a.csv")).unwrap().rows, 0, "{place}");
            assert_eq!(text(name("a.csv")), "n,s\n", "{place}");
            frame.write_json(name("a.json")).unwrap();
            assert_eq!(text(name("a.json")), "[\n]\n", "{place}");
            frame.write_parquet(name("a.parquet")).unwrap();
            frame.write_ipc(name("a.arrow")).unwrap();
            frame.write_parquet(name("dir/")).unwrap();
            frame.write_parquet(ParquetWrite::new(name("hive/")).partition_by("n")).unwrap();
            let reads = [
                DFrame::read_csv(name("a.csv")),
                DFrame::read_parquet(name("a.parquet")),
                DFrame::read_ipc(name("a.arrow")),
                DFrame::read_parquet(name("dir/")),
            ];
            for read in reads {
                let read = read.collect().unwrap();
                assert_eq!((read.len(), read.columns()), (0, vec!["n", "s"]), "{place}");
            }
            let hive = DFrame::read_parquet(name("hive/")).collect().unwrap();
            assert_eq!((hive.len(), hive.columns()), (0, vec!["s", "n"]), "{place}");
        }
    });
}

#[test]
fn files_are_begun_anew_at_a_size_and_stay_in_row_order() {
    let files = Files::new([]);
    let (frame, numbers) = (numbered(100_000, 1000, 1).select("x"), (0..100_000).collect::<Vec<i64>>());
    let summary = frame.write_csv(CsvWrite::new(files.path("csv/")).file_bytes("100KB")).unwrap();
    assert!(summary.files > 3 && summary.rows == 100_000, "{summary:?}");
    let names = tree(&files.root().join("csv"));
    assert_eq!(names[..3], ["_manifest.json", "part-00000.csv", "part-00000_00001.csv"]);
    for name in &names[1..names.len() - 1] {
        let bytes = fs::metadata(files.path(&format!("csv/{name}"))).unwrap().len();
        assert!((100_000..200_000).contains(&bytes), "{name} has {bytes} bytes");
    }
    assert_eq!(DFrame::read_csv(files.path("csv/")).collect().unwrap().column::<i64>("x").unwrap(), numbers);
    let summary = frame.write_parquet(ParquetWrite::new(files.path("parquet/")).file_bytes("50KB").row_group_rows(10_000)).unwrap();
    assert!(summary.files > 1, "{summary:?}");
    assert_eq!(DFrame::read_parquet(files.path("parquet/")).collect().unwrap().column::<i64>("x").unwrap(), numbers);
}

#[test]
fn what_is_there_is_not_touched_unless_told() {
    everywhere(|place| {
        let files = Files::new([("a.csv", "old\n")]);
        fs::create_dir(files.path("full")).unwrap();
        fs::write(files.path("full/notes.txt"), "mine").unwrap();
        let before = tree(files.root());
        for (path, message) in [("a.csv", "the file exists already"), ("full/", "the directory holds a file already")] {
            let error = frame_of(&ROWS).write_csv(files.path(path)).unwrap_err();
            assert_eq!((error.kind(), error.message()), (ErrorKind::Exists, message), "{place}");
            assert!(error.help().unwrap().contains("Mode::Overwrite"), "{place}: {error}");
        }
        assert_eq!((tree(files.root()), text(files.path("a.csv"))), (before, "old\n".to_owned()), "{place}");
        frame_of(&ROWS[3..]).write_csv(CsvWrite::new(files.path("a.csv")).mode(Mode::Overwrite)).unwrap();
        assert_eq!(text(files.path("a.csv")), "n,s\n6, blanks \n7,é\n", "{place}");
        fs::create_dir(files.path("empty")).unwrap();
        frame_of(&ROWS).write_csv(files.path("empty/")).unwrap();
    });
}

#[test]
fn overwriting_removes_what_an_earlier_write_left_and_nothing_else() {
    everywhere(|place| {
        let files = Files::new([]);
        let by_key = |mode: Mode| CsvWrite::new(files.path("out/")).partition_by("n").mode(mode);
        frame_of(&ROWS).write_csv(by_key(Mode::Create)).unwrap();
        fs::write(files.path("out/notes.txt"), "mine").unwrap();
        fs::write(files.path("out/n=5/notes.txt"), "mine").unwrap();
        frame_of(&[&[(Some(1), Some("new"))]]).write_csv(by_key(Mode::Overwrite)).unwrap();
        let expected = ["_manifest.json", "n=1/", "n=1/part-00000.csv", "n=5/", "n=5/notes.txt", "notes.txt"];
        assert_eq!(tree(&files.root().join("out")), expected, "{place}");
        assert_eq!(text(files.path("out/n=1/part-00000.csv")), "s\nnew\n", "{place}");
        // Of another shape, and over files that nobody listed.
        fs::write(files.path("out/part-00000.csv"), "mine").unwrap();
        let summary = frame_of(&ROWS).write_csv(CsvWrite::new(files.path("out/")).mode(Mode::Overwrite)).unwrap();
        assert_eq!((summary.files, text(files.path("out/part-00000.csv"))), (4, "mine".to_owned()), "{place}");
        assert!(!files.root().join("out/n=1").exists() && files.root().join("out/n=5/notes.txt").exists(), "{place}");
    });
}

#[test]
fn appending_adds_files_behind_those_that_are_there() {
    everywhere(|place| {
        let files = Files::new([]);
        let append = || CsvWrite::new(files.path("out/")).mode(Mode::Append);
        let first = frame_of(&ROWS[..2]).write_csv(append()).unwrap();
        assert_eq!(first.files, 2, "{place}");
        let before = text(files.path("out/part-00000.csv"));
        let second = frame_of(&ROWS[2..]).write_csv(append()).unwrap();
        assert_eq!((second.files, second.rows), (2, 5), "{place}");
        assert_eq!(text(files.path("out/part-00000.csv")), before, "{place}");
        assert_eq!(rows(&DFrame::read_csv(files.path("out/")).collect().unwrap()), all_rows(), "{place}");
        let error = frame! { "n" => [1.5], "s" => ["x"] }.write_csv(append()).unwrap_err();
        assert_eq!(error.message(), "the rows have the columns [n f64, s str], and those that are there [n i64, s str]", "{place}");
        // What was appended is of the data set, and goes with it.
        frame_of(&ROWS[3..]).write_csv(CsvWrite::new(files.path("out/")).mode(Mode::Overwrite)).unwrap();
        assert_eq!(tree(&files.root().join("out")), ["_manifest.json", "part-00000.csv"], "{place}");
    });
}

#[test]
fn writes_to_one_directory_at_once_are_as_if_one_came_after_the_other() {
    for exchange in ["pipe", "store"] {
        let (client, files) = (local(exchange), Files::new([]));
        let at_once = |path: &str, mode: Mode| {
            let write = |n: i64| {
                let (client, options) = (client.clone(), CsvWrite::new(files.path(path)).mode(mode));
                thread::spawn(move || frame_of(&[&[(Some(n), None)], &[]]).with_client(&client).write_csv(options))
            };
            let writing: Vec<_> = (0..6).map(write).collect();
            writing.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        };
        let numbers = |path: &str| {
            let read = DFrame::read_csv(files.path(path)).with_client(&client).sort("n").collect().unwrap();
            read.column::<i64>("n").unwrap()
        };
        assert!(at_once("added/", Mode::Append).iter().all(Result::is_ok), "{exchange}");
        assert_eq!(numbers("added/"), [0, 1, 2, 3, 4, 5], "{exchange}");
        let manifest: serde_json::Value = serde_json::from_str(&text(files.path("added/_manifest.json"))).unwrap();
        assert_eq!((manifest["files"].as_array().unwrap().len(), manifest["rows"].as_u64()), (12, Some(6)), "{exchange}");

        let created = at_once("created/", Mode::Create);
        let winner = created.iter().position(Result::is_ok).unwrap();
        let refused = created.iter().filter_map(|ended| ended.as_ref().err());
        assert_eq!(refused.map(Error::kind).collect::<Vec<_>>(), [ErrorKind::Exists; 5], "{exchange}");
        assert_eq!(numbers("created/"), [winner as i64], "{exchange}");
        assert_eq!(tree(&files.root().join("created")), ["_manifest.json", "part-00000.csv", "part-00001.csv"], "{exchange}");
    }
}

/// Four partitions, of which the third cannot be computed; the others have rows enough to be under way.
fn failing(files: &Files) -> DFrame {
    for part in 0..4 {
        let line = |row: i32| if part == 2 && row == 2000 { "0,12x\n".to_owned() } else { format!("{},{row}\n", row % 5) };
        let rows: String = (0..3000).map(line).collect();
        fs::write(files.path(&format!("source.{part}.csv")), format!("k,s\n{rows}")).unwrap();
    }
    let source = CsvOptions::new(files.path("source.*.csv")).dtype("s", "str");
    DFrame::read_csv(source).with_column("n", col("s").cast("i64"))
}

#[test]
fn a_write_that_fails_leaves_what_was_there_and_nothing_else() {
    everywhere(|place| {
        let files = Files::new([]);
        let frame = failing(&files);
        frame_of(&ROWS).write_csv(files.path("a.csv")).unwrap();
        frame_of(&ROWS).write_csv(files.path("csv/")).unwrap();
        frame_of(&ROWS).write_parquet(ParquetWrite::new(files.path("hive/")).partition_by("s")).unwrap();
        let before = tree(files.root());
        let contents: Vec<Vec<u8>> = before.iter().filter_map(|name| fs::read(files.path(name)).ok()).collect();
        let overwrite = Mode::Overwrite;
        let failures = [
            frame.write_csv(CsvWrite::new(files.path("a.csv")).mode(overwrite)),
            frame.write_json(files.path("new.json")),
            frame.write_parquet(files.path("deep/down/new.parquet")),
            frame.write_ipc(files.path("deep/new/")),
            frame.write_csv(CsvWrite::new(files.path("csv/")).mode(overwrite)),
            frame.write_csv(CsvWrite::new(files.path("new/")).partition_by("k")),
            frame.write_parquet(ParquetWrite::new(files.path("hive/")).partition_by("k").mode(overwrite)),
            frame.select(["n", "s"]).write_csv(CsvWrite::new(files.path("csv/")).mode(Mode::Append)),
        ];
        for (nth, failure) in failures.into_iter().enumerate() {
            let error = failure.unwrap_err();
            assert!(error.message().contains("12x"), "{place} {nth}: {error}");
        }
        becomes(files.root(), &before);
        let after: Vec<Vec<u8>> = before.iter().filter_map(|name| fs::read(files.path(name)).ok()).collect();
        assert!(after == contents, "{place}: files have changed");
        assert_eq!(rows(&DFrame::read_csv(files.path("csv/")).collect().unwrap()), all_rows(), "{place}");
        assert_eq!(DFrame::read_parquet(files.path("hive/")).count().unwrap(), 7, "{place}");
    });
}

#[test]
fn a_function_of_the_users_that_fails_leaves_what_was_there() {
    everywhere(|place| {
        let files = Files::new([]);
        frame_of(&ROWS).write_csv(files.path("csv/")).unwrap();
        let before = tree(files.root());
        let no_threes = |part: Frame| match part.len() {
            3 => Err(Error::new(ErrorKind::Task, "no threes")),
            _ => Ok(part),
        };
        let wrong = frame_of(&ROWS).map_partitions(no_threes, SameSchema);
        let error = wrong.write_csv(CsvWrite::new(files.path("csv/")).mode(Mode::Overwrite)).unwrap_err();
        assert!(error.message().contains("no threes"), "{place}: {error}");
        becomes(files.root(), &before);
        assert_eq!(rows(&DFrame::read_csv(files.path("csv/")).collect().unwrap()), all_rows(), "{place}");
        let right = frame_of(&ROWS).map_partitions(|part: Frame| Ok(part.slice(0..1)), SameSchema);
        assert_eq!(right.write_csv(CsvWrite::new(files.path("csv/")).mode(Mode::Overwrite)).unwrap().rows, 3, "{place}");
    });
}

#[test]
fn overwriting_what_the_frame_reads_is_refused_and_the_source_is_intact() {
    everywhere(|place| {
        let files = Files::new([]);
        frame_of(&ROWS).write_csv(files.path("table/")).unwrap();
        frame_of(&ROWS).write_csv(files.path("table.csv")).unwrap();
        let before = tree(files.root());
        let sources = [files.path("table/"), files.path("table/*.csv"), files.path("t*/part-0000[0-3].csv")];
        for source in sources {
            let read = DFrame::read_csv(&source).filter(col("n").gt(3));
            let over = || CsvWrite::new(files.path("table/")).mode(Mode::Overwrite);
            let joined = frame! { "n" => [4i64] }.join(&read, "n");
            for frame in [&read, &joined] {
                let error = frame.write_csv(over()).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Exists, "{place} {source}: {error}");
                assert!(error.message().contains("the same frame reads"), "{place} {source}: {error}");
            }
            // Elsewhere, beside it, and of what is kept already.
            read.write_csv(CsvWrite::new(files.path("other/")).mode(Mode::Overwrite)).unwrap();
        }
        let file = DFrame::read_csv(files.path("table.csv"));
        let round = CsvWrite::new(files.path("other/../table.csv")).mode(Mode::Overwrite);
        assert_eq!(file.filter(col("n").gt(3)).write_csv(round).unwrap_err().kind(), ErrorKind::Exists, "{place}");
        assert!(before.iter().all(|name| tree(files.root()).contains(name)), "{place}");
        assert_eq!(rows(&DFrame::read_csv(files.path("table/")).collect().unwrap()), all_rows(), "{place}");
        assert_eq!(rows(&file.collect().unwrap()), all_rows(), "{place}");
        let kept = DFrame::read_csv(files.path("table.csv")).filter(col("n").gt(4)).persist().unwrap();
        kept.write_csv(CsvWrite::new(files.path("table.csv")).mode(Mode::Overwrite)).unwrap();
        assert_eq!(DFrame::read_csv(files.path("table.csv")).count().unwrap(), 3, "{place}");
    });
}

#[test]
fn options_that_do_not_go_together_are_refused_before_anything_runs() {
    let files = Files::new([]);
    let frame = frame_of(&ROWS);
    let error = frame.write_csv(CsvWrite::new(files.path("a.csv")).partition_by("n")).unwrap_err();
    assert_eq!((error.kind(), error.step()), (ErrorKind::BadValue, Some((2, "write_csv"))));
    assert!(error.location().unwrap().file.ends_with("write.rs") && error.help().unwrap().contains("slash"), "{error}");
    let kinds = [
        (frame.write_csv(CsvWrite::new(files.path("a.csv")).mode(Mode::Append)), ErrorKind::BadValue),
        (frame.write_csv(CsvWrite::new(files.path("a.csv")).file_bytes("1MB")), ErrorKind::BadValue),
        (frame.write_csv(CsvWrite::new(files.path("out/")).file_bytes("many")), ErrorKind::BadValue),
        (frame.write_csv(CsvWrite::new(files.path("out/")).compression("rar")), ErrorKind::BadValue),
        (frame.write_csv(CsvWrite::new(files.path("out/")).partition_by(["n", "s"])), ErrorKind::BadValue),
        (frame.write_csv(CsvWrite::new(files.path("out/")).partition_by(col("n") + 1)), ErrorKind::BadValue),
        (frame.write_csv(CsvWrite::new(files.path("out/")).partition_by("m")), ErrorKind::UnknownColumn),
        (frame.write_csv("https://example.org/a.csv"), ErrorKind::BadValue),
        (frame.write_csv("ftp://example.org/a.csv"), ErrorKind::Config),
    ];
    for (nth, (result, kind)) in kinds.into_iter().enumerate() {
        assert_eq!(result.unwrap_err().kind(), kind, "{nth}");
    }
    assert!(tree(files.root()).is_empty());
}

#[test]
fn a_manifest_that_leads_out_of_its_directory_is_not_followed() {
    let files = Files::new([("precious.csv", "x\n1\n")]);
    frame_of(&ROWS[3..]).write_csv(files.path("out/")).unwrap();
    let manifest = text(files.path("out/_manifest.json")).replace("part-00000.csv", "../precious.csv");
    fs::write(files.path("out/_manifest.json"), manifest).unwrap();
    let error = frame_of(&ROWS).write_csv(CsvWrite::new(files.path("out/")).mode(Mode::Overwrite)).unwrap_err();
    assert!(error.message().contains("is not below the directory"), "{error}");
    assert_eq!(text(files.path("precious.csv")), "x\n1\n");
}

#[test]
fn sorted_rows_stay_in_order_in_one_file_and_in_many() {
    everywhere(|place| {
        let files = Files::new([]);
        let sorted = frame_of(&ROWS).sort(col("n").desc());
        let numbers = [Some(7), Some(6), Some(5), Some(4), Some(1), Some(-3), None];
        sorted.write_parquet(files.path("a.parquet")).unwrap();
        sorted.write_json(files.path("json/")).unwrap();
        let read = [DFrame::read_parquet(files.path("a.parquet")), DFrame::read_json(files.path("json/"))];
        for frame in read {
            assert_eq!(frame.collect().unwrap().column::<Option<i64>>("n").unwrap(), numbers, "{place}");
        }
    });
}

#[test]
fn grouped_rows_are_written_once_each() {
    everywhere(|place| {
        let files = Files::people();
        let sums = files.read("myfile.*.csv").group_by("name").agg(col("amount").sum());
        sums.write_parquet(files.path("sums/")).unwrap();
        let expected = frame! { "name" => ["Alice", "Bob", "Carol", "Dave"], "amount" => [180i64, 70, 40, 70] }.collect().unwrap();
        let read = DFrame::read_parquet(files.path("sums/")).collect().unwrap();
        let read = read.lazy().select([col("name").cast("str"), col("amount")]).collect().unwrap();
        assert_frames_eq!(read, expected, unordered);
        assert_eq!(read.len(), 4, "{place}");
    });
}

#[test]
fn verbs_write_inside_a_runtime_and_async() {
    let files = Files::new([]);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let frame = frame_of(&ROWS);
        frame.write_csv(files.path("a.csv")).unwrap();
        frame.write_csv_async(files.path("b.csv")).await.unwrap();
        frame.write_json_async(files.path("b.json")).await.unwrap();
        frame.write_parquet_async(ParquetWrite::new(files.path("b.parquet"))).await.unwrap();
        frame.write_ipc_async(files.path("b.arrow")).await.unwrap();
        assert_eq!(frame.write_csv_async(files.path("b.csv")).await.unwrap_err().kind(), ErrorKind::Exists);
    });
    assert_eq!(text(files.path("a.csv")), text(files.path("b.csv")));
    assert_eq!(tree(files.root()), ["a.csv", "b.arrow", "b.csv", "b.json", "b.parquet"]);
}

#[test]
fn keys_that_begin_with_a_dot_or_a_line_are_appended_to_and_read_back() {
    everywhere(|place| {
        for name in [".k", "_k"] {
            let files = Files::new([]);
            let df = frame! { name => [1i64, 2], "x" => [10i64, 20] };
            for times in 1..3 {
                df.write_parquet(ParquetWrite::new(files.path("out/")).partition_by([name]).mode(Mode::Append)).unwrap();
                let read = DFrame::read_parquet(files.path("out/"));
                assert_eq!(read.count().unwrap(), 2 * times, "{place} {name}");
                assert_eq!(read.agg(col(name).sum()).collect().unwrap().item::<i64>().unwrap(), 3 * times as i64, "{place} {name}");
            }
        }
    });
}
