//! Arrow IPC files, written here by the format's own crate, against what was written.

use super::{Files, everywhere, local};
use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, Int32Array, Int64Array, LargeStringArray, ListArray, RecordBatch, StringArray,
    StringViewArray,
    types::{Int32Type, Int64Type},
};
use arrow_ipc::{
    CompressionType,
    writer::{FileWriter, IpcWriteOptions, StreamWriter},
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use std::{fs, path::Path, sync::Arc};
use stratal_core::{Client, ErrorKind, graph::Work, registry::Registry};
use stratal_frame::{DFrame, Frame, IpcOptions, col, count, frame, on};

/// The bytes of a file, a record batch every `rows`.
fn file(batch: &RecordBatch, rows: usize, compression: Option<CompressionType>) -> Vec<u8> {
    let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
    let mut writer = FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
    parts(batch, rows).for_each(|part| writer.write(&part).unwrap());
    writer.into_inner().unwrap()
}

/// The same as a stream.
fn stream(batch: &RecordBatch, rows: usize) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    parts(batch, rows).for_each(|part| writer.write(&part).unwrap());
    writer.into_inner().unwrap()
}

fn parts(batch: &RecordBatch, rows: usize) -> impl Iterator<Item = RecordBatch> {
    (0..batch.num_rows()).step_by(rows).map(move |start| batch.slice(start, rows.min(batch.num_rows() - start)))
}

fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap()
}

/// Ten rows: x = 0..9, y = aabbccddee, and some of the other types.
fn ten(first: i64) -> RecordBatch {
    let letters = ["a", "a", "b", "b", "c", "c", "d", "d", "e", "e"];
    let lists = ListArray::from_iter_primitive::<Int64Type, _, _>((0..10).map(|row| (row % 3 > 0).then(|| vec![Some(row), None])));
    batch(vec![
        ("x", Arc::new(Int64Array::from_iter_values(first..first + 10))),
        ("y", Arc::new(StringArray::from_iter_values(letters))),
        ("f", Arc::new(Float64Array::from_iter((0..10i32).map(|row| (row != 4).then_some(f64::from(row) / 4.0))))),
        ("large", Arc::new(LargeStringArray::from_iter_values(letters))),
        ("view", Arc::new(StringViewArray::from_iter_values(letters.map(|letter| letter.repeat(20))))),
        ("lists", Arc::new(lists)),
    ])
}

fn read(files: &Files) -> DFrame {
    DFrame::read_ipc(files.path("*.arrow"))
}

fn types(frame: &DFrame) -> Vec<String> {
    frame.schema().unwrap().fields().iter().map(|field| format!("{}: {}", field.name(), field.data_type())).collect()
}

#[test]
fn both_formats_read_back_as_they_were_written() {
    let whole = ten(0);
    for rows in [1, 3, 100] {
        let plain = file(&whole, rows, None);
        let lz4 = file(&whole, rows, Some(CompressionType::LZ4_FRAME));
        let zstd = file(&whole, rows, Some(CompressionType::ZSTD));
        for bytes in [plain, lz4, zstd, stream(&whole, rows)] {
            let files = Files::new([]);
            write(&files.root().join("a.arrow"), &bytes);
            everywhere(|place| {
                let back = read(&files).collect().unwrap();
                assert!(back.equals(&Frame::from(whole.clone())), "{place}, {rows}:\n{back}");
                let two = read(&files).select(["f", "x"]).collect().unwrap();
                assert!(two.equals(&Frame::from(whole.project(&[2, 0]).unwrap())), "{place}, {rows}:\n{two}");
                assert_eq!(read(&files).count().unwrap(), 10, "{place}, {rows}");
                let found = read(&files).filter(col("x").gt(4).and(col("y").not_eq("d"))).select("x").collect().unwrap();
                assert_eq!(found.column::<i64>("x").unwrap(), [5, 8, 9], "{place}, {rows}");
            });
        }
    }
}

#[test]
fn rows_come_in_the_order_of_files_and_batches() {
    let files = Files::new([]);
    for part in 0..4 {
        let bytes = if part == 2 { stream(&ten(part * 10), 4) } else { file(&ten(part * 10), 3, None) };
        write(&files.root().join(format!("{part}.arrow")), &bytes);
    }
    for (bytes, partitions) in [("1", 13), ("128MiB", 4)] {
        for exchange in ["pipe", "store"] {
            let client = Client::builder().threads(2).set("execution.exchange", exchange).set("frame.partition_bytes", bytes);
            let client = client.detached().local().unwrap();
            let _entered = client.enter();
            assert_eq!(read(&files).npartitions().unwrap(), partitions, "{bytes}");
            let ids = |frame: &DFrame| frame.collect().unwrap().column::<i64>("x").unwrap();
            assert_eq!(ids(&read(&files)), (0..40).collect::<Vec<_>>(), "{bytes}");
            assert_eq!(ids(&read(&files).head(17)), (0..17).collect::<Vec<_>>(), "{bytes}");
            assert_eq!(ids(&read(&files).tail(11)), (29..40).collect::<Vec<_>>(), "{bytes}");
            let odd = read(&files).filter((col("x") % 2).eq(1)).head(6);
            assert_eq!(ids(&odd), [1, 3, 5, 7, 9, 11], "{bytes}");
        }
    }
}

#[test]
fn a_large_record_batch_comes_in_pieces() {
    let files = Files::new([]);
    let x: ArrayRef = Arc::new(Int64Array::from_iter_values(0..100_000));
    write(&files.root().join("a.arrow"), &file(&batch(vec![("x", x)]), 1_000_000, None));
    let client = Client::builder().threads(2).set("frame.batch_rows", "1000").detached().local().unwrap();
    let _entered = client.enter();
    let all = read(&files).collect().unwrap();
    assert!(all.batches().iter().all(|batch| batch.num_rows() <= 1000));
    assert_eq!(all.column::<i64>("x").unwrap(), (0..100_000).collect::<Vec<_>>());
}

#[test]
fn dictionaries_are_read_as_what_they_stand_for() {
    let cities: DictionaryArray<Int32Type> = [Some("Rome"), None, Some("Oslo"), Some("Rome")].into_iter().collect();
    let other: DictionaryArray<Int32Type> = ["q", "r", "s", "q"].into_iter().collect();
    let whole = batch(vec![("other", Arc::new(other)), ("city", Arc::new(cities)), ("n", Arc::new(Int32Array::from(vec![1, 2, 3, 4])))]);
    for bytes in [file(&whole, 10, None), file(&whole, 2, Some(CompressionType::ZSTD)), stream(&whole, 10)] {
        let files = Files::new([]);
        write(&files.root().join("a.arrow"), &bytes);
        everywhere(|place| {
            assert_eq!(types(&read(&files)), ["other: Utf8", "city: Utf8", "n: Int32"]);
            let expected = [Some("Rome"), None, Some("Oslo"), Some("Rome")].map(|city| city.map(str::to_owned));
            let city = read(&files).select("city").collect().unwrap();
            assert_eq!(city.column::<Option<String>>("city").unwrap(), expected, "{place}");
            assert_eq!(read(&files).filter(col("city").eq("Rome")).collect().unwrap().column::<i32>("n").unwrap(), [1, 4], "{place}");
            assert_eq!(read(&files).collect().unwrap().column::<String>("other").unwrap(), ["q", "r", "s", "q"], "{place}");
        });
    }
}

#[test]
fn files_without_rows_have_columns() {
    let files = Files::new([]);
    write(&files.root().join("a.arrow"), &file(&ten(0).slice(0, 0), 1, None));
    everywhere(|place| {
        let none = read(&files).collect().unwrap();
        assert_eq!((none.len(), none.columns()), (0, vec!["x", "y", "f", "large", "view", "lists"]), "{place}");
        assert_eq!(read(&files).count().unwrap(), 0, "{place}");
    });
    write(&files.root().join("b.arrow"), &stream(&ten(0).slice(0, 0), 1));
    write(&files.root().join("c.arrow"), &file(&ten(0), 4, None));
    everywhere(|place| assert_eq!(read(&files).collect().unwrap().len(), 10, "{place}"));
}

#[test]
fn columns_are_matched_by_name_and_widened() {
    let files = Files::new([]);
    let one = batch(vec![("a", Arc::new(Int32Array::from(vec![1, 2]))), ("b", Arc::new(StringArray::from(vec!["x", "y"])))]);
    let two = batch(vec![("b", Arc::new(LargeStringArray::from(vec!["z"]))), ("a", Arc::new(Int64Array::from(vec![1 << 40])))]);
    write(&files.root().join("1.arrow"), &file(&one, 10, None));
    write(&files.root().join("2.arrow"), &stream(&two, 10));
    everywhere(|place| {
        assert_eq!(types(&read(&files)), ["a: Int64", "b: Utf8View"], "{place}");
        let all = read(&files).collect().unwrap();
        assert_eq!(all.column::<i64>("a").unwrap(), [1, 2, 1 << 40], "{place}");
        assert_eq!(all.column::<String>("b").unwrap(), ["x", "y", "z"], "{place}");
    });
    let three = batch(vec![("a", Arc::new(Int32Array::from(vec![3]))), ("c", Arc::new(Int32Array::from(vec![7])))]);
    write(&files.root().join("3.arrow"), &file(&three, 10, None));
    let error = read(&files).check().unwrap_err();
    assert_eq!(error.message(), format!("other columns than {}: missing \"b\"; extra \"c\"", files.path("1.arrow")));
    assert_eq!(error.help(), Some("IpcOptions::union_by_name(true) reads a column that is missing as null"));
    everywhere(|place| {
        let union = DFrame::read_ipc(IpcOptions::new(files.path("*.arrow")).union_by_name(true)).collect().unwrap();
        assert_eq!(union.column::<Option<i32>>("c").unwrap(), [None, None, None, Some(7)], "{place}");
        assert_eq!(union.column::<Option<String>>("b").unwrap()[3], None, "{place}");
    });
}

#[test]
fn a_value_that_is_not_of_the_type_that_was_asked_for_is_named() {
    let files = Files::new([]);
    write(&files.root().join("a.arrow"), &file(&batch(vec![("s", Arc::new(StringArray::from(vec!["1", "12,5"])))]), 10, None));
    let schema: SchemaRef = Arc::new(Schema::new(vec![Field::new("s", DataType::Int64, true)]));
    everywhere(|place| {
        let typed = DFrame::read_ipc(IpcOptions::new(files.path("a.arrow")).schema(schema.clone()));
        let error = typed.collect().unwrap_err();
        assert_eq!((error.file(), error.column()), (Some(&*files.path("a.arrow")), Some("s")), "{place}: {error}");
        assert!(error.message().contains("12,5"), "{place}: {error}");
    });
}

#[test]
fn keys_of_directories_and_paths_are_columns() {
    let files = Files::new([]);
    for year in [2023, 2024] {
        write(&files.root().join(format!("year={year}/a.arrow")), &file(&ten(year), 4, None));
    }
    everywhere(|place| {
        let all = DFrame::read_ipc(IpcOptions::new(files.path("")).path_column("path"));
        let later = all.filter(col("year").eq(2024)).select(["year", "x", "path"]).collect().unwrap();
        assert_eq!((later.len(), later.column::<i64>("x").unwrap()[0]), (10, 2024), "{place}");
        assert!(later.column::<String>("path").unwrap().iter().all(|path| path.ends_with("year=2024/a.arrow")), "{place}");
        let groups = all.group_by("year").agg(count().alias("n")).sort("year").collect().unwrap();
        assert_eq!(groups.column::<i64>("n").unwrap(), [10, 10], "{place}");
    });
}

#[test]
fn what_cannot_be_read_is_named() {
    let files = Files::new([("text.arrow", "a,b\n1,2\n"), ("empty.arrow", "")]);
    let message = |name: &str| {
        let error = DFrame::read_ipc(files.path(name)).check().unwrap_err();
        assert_eq!((error.kind(), error.file()), (ErrorKind::BadValue, Some(&*files.path(name))), "{error}");
        error.message().to_owned()
    };
    assert_eq!(message("text.arrow"), "the file is no Arrow file: it does not begin as one");
    assert_eq!(message("empty.arrow"), "the file is empty, and no Arrow file");
    let whole = file(&ten(0), 3, None);
    write(&files.root().join("cut.arrow"), &whole[..whole.len() / 2]);
    assert!(message("cut.arrow").contains("cut off"));
    let streamed = stream(&ten(0), 3);
    write(&files.root().join("stream.arrow"), &streamed[..streamed.len() - 100]);
    everywhere(|place| {
        let error = DFrame::read_ipc(files.path("stream.arrow")).collect().unwrap_err();
        assert_eq!(error.file(), Some(&*files.path("stream.arrow")), "{place}: {error}");
    });
    // Every byte of the record batches is wrong, and the footer is whole.
    let mut noise = whole;
    let end = noise.len() - 10;
    let footer = u32::from_le_bytes(noise[end..end + 4].try_into().unwrap()) as usize;
    noise[8..end - footer].fill(0x55);
    write(&files.root().join("noise.arrow"), &noise);
    everywhere(|place| {
        let error = DFrame::read_ipc(files.path("noise.arrow")).collect().unwrap_err();
        assert_eq!(error.file(), Some(&*files.path("noise.arrow")), "{place}: {error}");
        assert!(error.message().contains("damaged"), "{place}: {error}");
    });
}

#[test]
fn scans_have_a_wire_form_and_join() {
    let files = Files::new([]);
    write(&files.root().join("a.arrow"), &file(&ten(0), 3, None));
    write(&files.root().join("b.arrow"), &stream(&ten(10), 3));
    everywhere(|place| {
        let codes = frame! { "y" => ["a", "c"], "code" => [7i64, 8] };
        let joined = read(&files).join(&codes, on("y")).group_by("code").agg(col("x").sum()).sort("code").collect().unwrap();
        assert_eq!(joined.column::<i64>("x").unwrap(), [1 + 21, 9 + 29], "{place}");
    });
    let client = local("store");
    let _entered = client.enter();
    for query in [read(&files), read(&files).filter(col("x").gt(2)).head(2), read(&files).group_by("y").agg(col("x").sum())] {
        for graph in [query.graph().unwrap(), query.graph_optimized().unwrap()] {
            assert!(graph.summary().starts_with("read-ipc"), "{}", graph.summary());
            for layer in graph.layers {
                let Work::Uniform(template) = layer.work else { panic!("{} is no plan", layer.spec.name) };
                let wire = template.body.encode().unwrap();
                let there = Registry::global().kind(template.kind).unwrap().decode(&wire).unwrap();
                assert_eq!(there.describe(), template.body.describe());
            }
        }
    }
}
