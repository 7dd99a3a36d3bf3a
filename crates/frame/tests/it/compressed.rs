//! Compressed files, by their endings or as told.

use super::{Files, everywhere};
use bytes::Bytes;
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use futures::{StreamExt, TryStreamExt, executor::block_on, stream};
use stratal_core::ErrorKind;
use stratal_frame::{CsvOptions, DFrame, JsonOptions, col};

const ALL: [(&str, FileCompressionType); 4] = [
    ("gz", FileCompressionType::GZIP),
    ("zst", FileCompressionType::ZSTD),
    ("bz2", FileCompressionType::BZIP2),
    ("xz", FileCompressionType::XZ),
];

fn compressed(format: FileCompressionType, text: &str) -> Vec<u8> {
    let raw = stream::iter([Ok(Bytes::copy_from_slice(text.as_bytes()))]).boxed();
    let pieces: Vec<Bytes> = block_on(format.convert_to_compress_stream(raw).unwrap().try_collect()).unwrap();
    pieces.concat()
}

fn write(files: &Files, name: &str, bytes: &[u8]) {
    std::fs::write(files.root().join(name), bytes).unwrap();
}

fn rows(from: usize, to: usize) -> String {
    (from..to).map(|row| format!("{row},\"line\n{row}\"\n")).collect()
}

#[test]
fn every_format_is_read_by_its_ending_one_partition_a_file() {
    let files = Files::new([]);
    for (ending, format) in ALL {
        let text = format!("id,text\n{}", rows(0, 30_000));
        write(&files, &format!("a.csv.{ending}"), &compressed(format, &text));
    }
    everywhere(|place| {
        for (ending, _) in ALL {
            let frame = DFrame::read_csv(CsvOptions::new(files.path(&format!("a.csv.{ending}"))).block_bytes("1 KiB"));
            assert_eq!(frame.npartitions().unwrap(), 1, "{place} {ending}");
            let last = frame.filter(col("id").gt_eq(29_998)).collect().unwrap();
            assert_eq!(last.column::<String>("text").unwrap(), ["line\n29998", "line\n29999"], "{place} {ending}");
            assert_eq!(frame.count().unwrap(), 30_000, "{place} {ending}");
        }
    });
    assert_eq!(DFrame::read_csv(files.path("")).npartitions().unwrap(), 4, "a directory holds them all");
}

#[test]
fn all_members_of_a_file_are_read() {
    let files = Files::new([]);
    for (ending, format) in ALL {
        let mut bytes = compressed(format, "id,text\n1,a\n2,");
        bytes.extend(compressed(format, "b\n3,c\n"));
        bytes.extend(compressed(format, "4,d"));
        write(&files, &format!("a.csv.{ending}"), &bytes);
        let frame = DFrame::read_csv(files.path(&format!("a.csv.{ending}"))).collect().unwrap();
        assert_eq!(frame.column::<i64>("id").unwrap(), [1, 2, 3, 4], "{ending}");
        assert_eq!(frame.column::<String>("text").unwrap(), ["a", "b", "c", "d"], "{ending}");
    }
}

#[test]
fn what_was_told_wins_over_the_ending() {
    let files = Files::new([("plain.csv.gz", "id\n1\n")]);
    let frame = DFrame::read_csv(CsvOptions::new(files.path("plain.csv.gz")).compression("none"));
    assert_eq!(frame.count().unwrap(), 1);
    write(&files, "download", &compressed(FileCompressionType::ZSTD, "id\n1\n2\n"));
    let frame = DFrame::read_csv(CsvOptions::new(files.path("download")).compression("zstd"));
    assert_eq!(frame.count().unwrap(), 2);
    let error = DFrame::read_csv(files.path("plain.csv.gz")).check().unwrap_err();
    assert_eq!((error.kind(), error.file()), (ErrorKind::BadValue, Some(&*files.path("plain.csv.gz"))));
    assert!(error.message().contains("cannot be decompressed as gzip") && error.help().unwrap().contains("compression("), "{error}");
}

#[test]
fn a_file_that_breaks_off_is_an_error_and_an_empty_one_has_no_rows() {
    for (ending, format) in ALL {
        let files = Files::new([("b.csv", "id,text\n")]);
        let whole = compressed(format, &format!("id,text\n{}", rows(0, 20_000)));
        write(&files, &format!("a.csv.{ending}"), &whole[..whole.len() / 2]);
        let schema = DFrame::read_csv(CsvOptions::new(files.path("b.csv")).dtype("id", "i64")).schema().unwrap();
        let error = DFrame::read_csv(CsvOptions::new(files.path(&format!("a.csv.{ending}"))).schema(schema)).count().unwrap_err();
        assert_eq!((error.kind(), error.file()), (ErrorKind::BadValue, Some(&*files.path(&format!("a.csv.{ending}")))), "{ending}");
        let empty = format!("empty.csv.{ending}");
        write(&files, &empty, b"");
        let frame = DFrame::read_csv([files.path("b.csv"), files.path(&empty)]).collect().unwrap();
        assert_eq!((frame.len(), frame.columns()), (0, vec!["id", "text"]), "{ending}");
    }
}

#[test]
fn lines_are_counted_in_what_a_file_holds_decompressed() {
    let files = Files::new([]);
    let text = format!("id\n{}x\n{}", "1\n".repeat(3000), "1\n".repeat(7000));
    write(&files, "a.csv.gz", &compressed(FileCompressionType::GZIP, &text));
    let error = DFrame::read_csv(CsvOptions::new(files.path("a.csv.gz")).sample_rows(10)).collect().unwrap_err();
    assert_eq!((error.line(), error.column()), (Some(3002), Some("id")));
}

#[test]
fn json_is_decompressed_too() {
    let files = Files::new([]);
    for (ending, format) in ALL {
        write(&files, &format!("a.ndjson.{ending}"), &compressed(format, "{\"x\": 1}\n{\"x\": 2}\n"));
        write(&files, &format!("b.json.{ending}"), &compressed(format, "[{\"x\": 3},\n{\"x\": 4}]"));
    }
    write(&files, "raw", &compressed(FileCompressionType::XZ, "{\"x\": 5}"));
    everywhere(|place| {
        let frame = DFrame::read_json(files.path(""));
        assert_eq!((frame.npartitions().unwrap(), frame.count().unwrap()), (8, 16), "{place}");
        let sum = frame.agg(col("x").sum()).collect().unwrap().item::<i64>().unwrap();
        assert_eq!(sum, 40, "{place}");
    });
    let raw = DFrame::read_json(JsonOptions::new(files.path("raw")).compression("xz")).collect().unwrap();
    assert_eq!(raw.column::<i64>("x").unwrap(), [5]);
}
