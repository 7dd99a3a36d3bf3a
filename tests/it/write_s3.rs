//! Files in a bucket, written by every executor to a server that speaks S3.

use crate::{bucket::Bucket, clusters::everywhere};
use stratal::{ErrorKind, prelude::*, testing::assert_frames_eq};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../data");

/// The rows of four files, of which each is a partition.
fn people() -> DFrame {
    DFrame::read_csv(format!("{DATA}/myfile.*.csv"))
}

fn csv(bucket: &Bucket, path: &str) -> CsvWrite {
    CsvWrite::new(format!("s3://lake/{path}")).storage(bucket.storage())
}

fn read(bucket: &Bucket, path: &str) -> DFrame {
    DFrame::read_csv(CsvOptions::new(format!("s3://lake/{path}")).storage(bucket.storage()))
}

#[test]
fn files_and_directories_are_written_and_read_back() {
    everywhere(|place| {
        let bucket = Bucket::start();
        let all = people().collect().unwrap();
        let summary = people().write_csv(csv(&bucket, "out/people.csv")).unwrap();
        assert_eq!((summary.files, summary.rows), (1, all.len() as u64), "{place}");
        assert_frames_eq!(read(&bucket, "out/people.csv").collect().unwrap(), all);
        let summary = people().write_csv(csv(&bucket, "t/")).unwrap();
        assert_eq!((summary.files, summary.rows), (4, all.len() as u64), "{place}");
        assert_frames_eq!(read(&bucket, "t/").collect().unwrap(), all);
        let parquet = ParquetWrite::new("s3://lake/hive/").storage(bucket.storage()).partition_by("name");
        people().write_parquet(parquet).unwrap();
        let back = DFrame::read_parquet(ParquetOptions::new("s3://lake/hive/").storage(bucket.storage())).count().unwrap();
        assert_eq!(back, all.len() as u64, "{place}");
        let empty = people().filter(col("id").lt(0));
        empty.write_csv(CsvWrite::new("s3://lake/empty.csv").storage(bucket.storage()).header(false)).unwrap();
        for path in ["out/people.csv", "t/", "empty.csv"] {
            assert_eq!(people().write_csv(csv(&bucket, path)).unwrap_err().kind(), ErrorKind::Exists, "{place} {path}");
        }
    });
}

#[test]
fn overwriting_and_appending_leave_what_they_should() {
    everywhere(|place| {
        let bucket = Bucket::start();
        let all = people().collect().unwrap();
        let few = people().filter(col("id").lt(2));
        people().write_csv(csv(&bucket, "t/")).unwrap();
        few.write_csv(csv(&bucket, "t/").mode(Mode::Overwrite)).unwrap();
        assert_eq!(read(&bucket, "t/").count().unwrap(), 2, "{place}");
        people().write_csv(csv(&bucket, "t/").mode(Mode::Append)).unwrap();
        assert_eq!(read(&bucket, "t/").count().unwrap(), 2 + all.len() as u64, "{place}");
        people().write_csv(csv(&bucket, "t/").mode(Mode::Overwrite)).unwrap();
        assert_frames_eq!(read(&bucket, "t/").collect().unwrap(), all);
        let error = read(&bucket, "t/*.csv").write_csv(csv(&bucket, "t/").mode(Mode::Overwrite)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Exists, "{place}: {error}");
        let wrong = people().with_column("id", col("name").cast("i64")).select(["id", "name", "amount"]);
        assert!(wrong.write_csv(csv(&bucket, "t/").mode(Mode::Overwrite)).is_err(), "{place}");
        assert!(wrong.write_csv(csv(&bucket, "t/").mode(Mode::Append)).is_err(), "{place}");
        assert_frames_eq!(read(&bucket, "t/").collect().unwrap(), all);
    });
}

#[test]
fn a_file_of_several_parts_is_whole() {
    let bucket = Bucket::start();
    let numbers: Vec<i64> = (0..2_500_000).map(|x| x * 1_000_003).collect();
    let summary = frame! { "x" => numbers.clone() }.write_csv(csv(&bucket, "large.csv")).unwrap();
    assert!(summary.bytes > 20 << 20, "{summary:?}");
    assert_eq!(read(&bucket, "large.csv").collect().unwrap().column::<i64>("x").unwrap(), numbers);
}

#[test]
fn a_write_knows_of_what_was_committed_after_it_was_planned() {
    let client = Client::builder().threads(2).detached().local().unwrap();
    let _entered = client.enter();
    for (mode, expected) in [(Mode::Append, vec![1, 2, 3]), (Mode::Overwrite, vec![3]), (Mode::Create, vec![1, 2])] {
        let bucket = Bucket::start();
        let first = (frame! { "x" => [1i64, 2] }.with_client(&client), csv(&bucket, "t/"));
        let last = frame! { "x" => [3i64] }.with_client(&client);
        // It is planned when its rows are computed.
        let last = last.map_partitions(
            move |part: Frame| {
                first.0.write_csv(first.1.clone())?;
                Ok(part)
            },
            SameSchema,
        );
        let ended = last.write_csv(csv(&bucket, "t/").mode(mode));
        assert_eq!(ended.err().map(|error| error.kind()), (mode == Mode::Create).then_some(ErrorKind::Exists), "{mode:?}");
        let mut rows = read(&bucket, "t/").collect().unwrap().column::<i64>("x").unwrap();
        rows.sort_unstable();
        assert_eq!(rows, expected, "{mode:?}");
        let manifest = String::from_utf8(bucket.get("t/_manifest.json")).unwrap();
        assert!(manifest.contains(&format!("\n  \"rows\": {},", rows.len())), "{mode:?}: {manifest}");
    }
}
