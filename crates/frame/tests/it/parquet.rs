//! Parquet files, written here by the format's own crate, against what was written.

use super::{Files, everywhere, local};
use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, DurationMicrosecondArray, Float32Array,
    Float64Array, Int8Array, Int32Array, Int64Array, LargeStringArray, ListArray, NullArray, RecordBatch, StringArray, StructArray,
    Time64MicrosecondArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray, UInt16Array, UInt32Array,
    UInt64Array,
    types::{Int32Type, Int64Type},
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::{
    arrow::ArrowWriter,
    basic::Compression,
    file::{metadata::ParquetMetaDataReader, properties::WriterProperties},
};
use std::{fs, path::Path, sync::Arc};
use stratal_core::{Client, ErrorKind, graph::Work, registry::Registry};
use stratal_frame::{DFrame, Expr, Frame, ParquetOptions, col, count, frame, on};

/// Writes a file, a row group every `rows`.
fn write(path: &Path, batch: &RecordBatch, rows: usize) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(rows)).build();
    let mut writer = ArrowWriter::try_new(fs::File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap()
}

fn numbers(values: impl IntoIterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

fn texts<'a>(values: impl IntoIterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

/// x = 0..9 and y = aabbccddee in five files.
fn pairs(files: &Files, rows: usize) {
    for (part, y) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
        let x = part as i64 * 2;
        write(&files.root().join(format!("part.{part}.parquet")), &batch(vec![("x", numbers(x..x + 2)), ("y", texts([y, y]))]), rows);
    }
}

fn read(files: &Files) -> DFrame {
    DFrame::read_parquet(files.path("*.parquet"))
}

/// The bytes between the magic number and the footer.
fn spoil(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let end = bytes.len() - 8;
    let footer = u32::from_le_bytes(bytes[end..end + 4].try_into().unwrap()) as usize;
    bytes[4..end - footer].fill(0xff);
    fs::write(path, bytes).unwrap();
}

fn types(frame: &DFrame) -> Vec<String> {
    frame.schema().unwrap().fields().iter().map(|field| format!("{}: {}", field.name(), field.data_type())).collect()
}

#[test]
fn filters_give_the_rows_that_they_give_in_memory() {
    let apart = |low: i64, high: i64| col("x").gt(low).and(col("x").lt(high));
    let filters: Vec<(Expr, Vec<i64>)> = vec![
        (col("x").gt(4), (5..10).collect()),
        (apart(1, 6).or(apart(3, 8)), (2..8).collect()),
        (col("y").eq("c"), vec![4, 5]),
        (col("y").eq("c").and(col("x").not_eq(4)), vec![5]),
        (col("y").is_in(["a", "e"]).and(col("x").gt(0)), vec![1, 8, 9]),
        (col("x").is_null(), vec![]),
        (col("x").eq(100), vec![]),
        ((col("x") + 1).eq(5), vec![4]),
        (col("y").like("%d%"), vec![6, 7]),
    ];
    for rows in [1, 2] {
        let files = Files::new([]);
        pairs(&files, rows);
        everywhere(|place| {
            for (filter, expected) in &filters {
                let found = read(&files).filter(filter).collect().unwrap();
                assert_eq!(found.column::<i64>("x").unwrap(), *expected, "{place}, {rows}: {filter:?}");
                assert_eq!(found.columns(), ["x", "y"]);
                assert_eq!(read(&files).filter(filter).count().unwrap(), expected.len() as u64, "{place}, {rows}: {filter:?}");
                let only = read(&files).filter(filter).select("y").collect().unwrap();
                assert_eq!((only.columns(), only.len()), (vec!["y"], expected.len()), "{place}, {rows}: {filter:?}");
            }
        });
    }
}

#[test]
fn files_without_a_row_that_passes_are_never_opened() {
    let client = local("pipe");
    let _entered = client.enter();
    let files = Files::new([]);
    pairs(&files, 2);
    let all = read(&files);
    let some = all.filter(col("x").gt(4));
    let plan = some.explain().unwrap();
    assert!(plan.contains("ParquetScanExec: files=3, partitions=3, columns=[x, y]"), "{plan}");
    for part in 0..2 {
        fs::remove_file(files.root().join(format!("part.{part}.parquet"))).unwrap();
    }
    assert_eq!(some.collect().unwrap().column::<i64>("x").unwrap(), [5, 6, 7, 8, 9]);
    assert_eq!(all.collect().unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn counts_and_extremes_come_from_footers() {
    let files = Files::new([]);
    pairs(&files, 1);
    (0..5).for_each(|part| spoil(&files.root().join(format!("part.{part}.parquet"))));
    everywhere(|place| {
        let all = read(&files);
        assert_eq!(all.count().unwrap(), 10, "{place}");
        let known = all.agg((count(), col("x").min().alias("low"), col("x").max().alias("high"), col("y").max().alias("last")));
        let known = known.collect().unwrap();
        assert_eq!((known.value::<i64>(0, "low").unwrap(), known.value::<i64>(0, "high").unwrap()), (0, 9), "{place}");
        assert_eq!(known.value::<String>(0, "last").unwrap(), "e", "{place}");
        let error = all.collect().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadValue, "{place}: {error}");
        assert!(error.file().is_some_and(|file| file.contains("part.")) && error.message().contains("damaged"), "{place}: {error}");
    });
}

#[test]
fn pages_that_cannot_be_decompressed_are_damage() {
    let texts: Vec<String> = (0..2000).map(|row| format!("value {row}")).collect();
    let rows = batch(vec![("s", Arc::new(StringArray::from(texts)))]);
    let codecs = [
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
        Compression::ZSTD(Default::default()),
        Compression::LZ4_RAW,
        Compression::BROTLI(Default::default()),
    ];
    for codec in codecs {
        let files = Files::new([]);
        let path = files.root().join("packed.parquet");
        let properties = WriterProperties::builder().set_compression(codec).set_dictionary_enabled(false).build();
        let mut writer = ArrowWriter::try_new(fs::File::create(&path).unwrap(), rows.schema(), Some(properties)).unwrap();
        writer.write(&rows).unwrap();
        writer.close().unwrap();
        assert_eq!(read(&files).collect().unwrap().len(), 2000, "{codec:?}");
        let footer = ParquetMetaDataReader::new().parse_and_finish(&fs::File::open(&path).unwrap()).unwrap();
        let (start, length) = footer.row_group(0).column(0).byte_range();
        let (middle, end) = ((start + length / 2) as usize, (start + length) as usize);
        let mut bytes = fs::read(&path).unwrap();
        bytes[middle..end].fill(0xff);
        fs::write(&path, bytes).unwrap();
        let error = read(&files).collect().unwrap_err();
        assert_eq!((error.kind(), error.file()), (ErrorKind::BadValue, path.to_str()), "{codec:?}: {error}");
        assert!(error.message().starts_with("the Parquet file is damaged: "), "{codec:?}: {error}");
    }
}

#[test]
fn values_that_a_filter_fixes_are_counted_where_there_are_rows_of_them() {
    let files = Files::new([]);
    write(&files.root().join("a.parquet"), &batch(vec![("x", numbers([1, 3, 5, 3])), ("y", numbers([4, 2, 6, 8]))]), 4);
    everywhere(|place| {
        for (y, expected) in [(4, 0), (8, 1)] {
            let rows = read(&files).filter(col("x").eq(3).and(col("y").eq(y)));
            let counts = rows.agg([col("x").n_unique(), col("y").n_unique()]).collect().unwrap();
            let counts = (counts.value::<i64>(0, "x").unwrap(), counts.value::<i64>(0, "y").unwrap());
            assert_eq!(counts, (expected, expected), "{place} {y}");
            assert_eq!(rows.agg(col("x").n_unique()).collect().unwrap().item::<i64>().unwrap(), expected, "{place} {y}");
        }
    });
}

#[test]
fn a_count_behind_a_filter_counts_rows() {
    let files = Files::new([]);
    pairs(&files, 2);
    everywhere(|place| {
        assert_eq!(read(&files).filter(col("x").gt_eq(0)).count().unwrap(), 10, "{place}");
        assert_eq!(read(&files).head(3).count().unwrap(), 3, "{place}");
        assert_eq!(read(&files).filter(col("x").gt(2)).head(4).count().unwrap(), 4, "{place}");
    });
}

#[test]
fn rows_come_in_the_order_of_files_and_row_groups() {
    let files = Files::new([]);
    for part in 0..7i64 {
        // Equal keys everywhere, so that every partition has rows that pass and order alone tells them apart.
        let id = numbers(part * 100..part * 100 + 100);
        let k = numbers((0..100).map(|row| (row * 7 + part) % 3));
        write(&files.root().join(format!("{part}.parquet")), &batch(vec![("id", id), ("k", k)]), 13);
    }
    let all: Vec<(i64, i64)> = (0..700).map(|id| (id, (id % 100 * 7 + id / 100) % 3)).collect();
    for bytes in ["1", "1KiB", "128MiB"] {
        for exchange in ["pipe", "store"] {
            let client = Client::builder().threads(2).set("execution.exchange", exchange).set("frame.partition_bytes", bytes);
            let client = client.detached().local().unwrap();
            let _entered = client.enter();
            let ids = |frame: &DFrame| frame.collect().unwrap().column::<i64>("id").unwrap();
            assert_eq!(ids(&read(&files)), (0..700).collect::<Vec<_>>(), "{bytes}");
            let ones: Vec<i64> = all.iter().filter(|(_, k)| *k == 1).map(|(id, _)| *id).collect();
            let filtered = read(&files).filter(col("k").eq(1));
            assert_eq!(ids(&filtered), ones, "{bytes}");
            for rows in [0, 1, 5, 40, 100, 1000] {
                assert_eq!(ids(&filtered.head(rows)), ones[..rows.min(ones.len())], "{bytes} {rows}");
                assert_eq!(ids(&read(&files).head(rows)), (0..700).take(rows).collect::<Vec<_>>(), "{bytes} {rows}");
                assert_eq!(ids(&read(&files).tail(rows)).len(), rows.min(700), "{bytes} {rows}");
            }
        }
    }
}

#[test]
fn a_partition_is_a_file_or_as_many_row_groups_as_told() {
    let files = Files::new([]);
    pairs(&files, 1);
    let partitions = |bytes: &str, query: &DFrame| {
        let client = Client::builder().threads(2).set("frame.partition_bytes", bytes).detached().local().unwrap();
        query.with_client(&client).npartitions().unwrap()
    };
    assert_eq!(partitions("128MiB", &read(&files)), 5);
    assert_eq!(partitions("1", &read(&files)), 10);
    assert_eq!(partitions("128MiB", &read(&files).head(1)), 1);
}

/// One column of every type that has a name, with a null in the middle.
fn every_type() -> RecordBatch {
    let at = [Some(1), None, Some(3)];
    let item = |of: DataType| Arc::new(Field::new_list_field(of, true));
    let lists = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), None]), None, Some(vec![])]);
    let fields = vec![Field::new("a", DataType::Int64, true), Field::new("b", DataType::Utf8, true)];
    let columns: Vec<ArrayRef> =
        vec![Arc::new(Int64Array::from(vec![Some(1), None, Some(3)])), Arc::new(StringArray::from(vec![Some("x"), None, None]))];
    let parts = StructArray::new(fields.into(), columns, Some(vec![true, false, true].into()));
    let nested = arrow_cast::cast(&lists, &DataType::List(item(DataType::Utf8))).unwrap();
    batch(vec![
        ("null", Arc::new(NullArray::new(3))),
        ("bool", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
        ("i8", Arc::new(Int8Array::from(vec![Some(-1), None, Some(i8::MAX)]))),
        ("i32", Arc::new(Int32Array::from(at.to_vec()))),
        ("i64", Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some(i64::MAX)]))),
        ("u16", Arc::new(UInt16Array::from(vec![Some(0), None, Some(u16::MAX)]))),
        ("u32", Arc::new(UInt32Array::from(vec![Some(0), None, Some(u32::MAX)]))),
        ("u64", Arc::new(UInt64Array::from(vec![Some(0), None, Some(u64::MAX)]))),
        ("f32", Arc::new(Float32Array::from(vec![Some(0.1), None, Some(f32::NAN)]))),
        ("f64", Arc::new(Float64Array::from(vec![Some(-0.0), None, Some(f64::INFINITY)]))),
        ("str", Arc::new(StringArray::from(vec![Some(""), None, Some("a text that does not fit a view")]))),
        ("large", Arc::new(LargeStringArray::from(vec![Some("ä"), None, Some("b")]))),
        ("binary", Arc::new(BinaryArray::from(vec![Some(&[0u8, 255][..]), None, Some(&[][..])]))),
        ("date", Arc::new(Date32Array::from(vec![Some(-1), None, Some(19_753)]))),
        ("time", Arc::new(Time64MicrosecondArray::from(vec![Some(0), None, Some(86_399_999_999)]))),
        ("ms", Arc::new(TimestampMillisecondArray::from(vec![Some(-1), None, Some(1_700_000_000_000)]))),
        ("us", Arc::new(TimestampMicrosecondArray::from(vec![Some(-1), None, Some(1)]).with_timezone("UTC"))),
        ("ns", Arc::new(TimestampNanosecondArray::from(vec![Some(i64::MIN + 1), None, Some(1)]))),
        ("duration", Arc::new(DurationMicrosecondArray::from(vec![Some(-5), None, Some(5)]))),
        ("decimal", Arc::new(Decimal128Array::from(vec![Some(-150), None, Some(99)]).with_precision_and_scale(10, 2).unwrap())),
        (
            "wide",
            Arc::new(Decimal128Array::from(vec![Some(i128::from(i64::MAX) * 7), None, Some(1)]).with_precision_and_scale(38, 0).unwrap()),
        ),
        ("list", Arc::new(lists)),
        ("texts", nested),
        ("struct", Arc::new(parts)),
    ])
}

#[test]
fn every_type_reads_back_as_it_was_written() {
    let files = Files::new([]);
    let whole = every_type();
    for rows in [1, 10] {
        write(&files.root().join("a.parquet"), &whole, rows);
        everywhere(|place| {
            let back = read(&files).collect().unwrap();
            assert!(back.equals(&Frame::from(whole.clone())), "{place}, {rows}:\n{back}");
            for name in whole.schema().fields().iter().map(|field| field.name().as_str()).filter(|name| *name != "null") {
                let present = read(&files).filter(col(name).is_not_null()).select(name).collect().unwrap();
                assert_eq!(present.len(), 2, "{place}, {rows}: {name}");
                assert_eq!(read(&files).agg(col(name).count()).collect().unwrap().item::<i64>().unwrap(), 2, "{place}, {rows}: {name}");
            }
        });
    }
}

#[test]
fn dictionaries_are_read_as_what_they_stand_for() {
    let files = Files::new([]);
    let cities: DictionaryArray<Int32Type> = [Some("Rome"), None, Some("Oslo"), Some("Rome")].into_iter().collect();
    let lists = ListArray::from_iter_primitive::<Int64Type, _, _>((0..4).map(|row| Some(vec![Some(row)])));
    let encoded = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let lists = arrow_cast::cast(&lists, &DataType::List(Arc::new(Field::new_list_field(encoded, true)))).unwrap();
    write(&files.root().join("a.parquet"), &batch(vec![("city", Arc::new(cities)), ("lists", lists)]), 2);
    everywhere(|place| {
        assert_eq!(types(&read(&files))[0], "city: Utf8View");
        let all = read(&files).collect().unwrap();
        let expected = [Some("Rome"), None, Some("Oslo"), Some("Rome")].map(|city| city.map(str::to_owned));
        assert_eq!(all.column::<Option<String>>("city").unwrap(), expected, "{place}");
        assert_eq!(all.column::<Vec<String>>("lists").unwrap(), [["0"], ["1"], ["2"], ["3"]], "{place}");
        assert_eq!(read(&files).filter(col("city").eq("Rome")).count().unwrap(), 2, "{place}");
        let groups = read(&files).group_by("city").agg(count().alias("n")).sort("city").collect().unwrap();
        assert_eq!(groups.column::<i64>("n").unwrap(), [1, 2, 1], "{place}");
    });
}

#[test]
fn what_is_no_number_is_larger_than_all_numbers_whatever_footers_say() {
    let files = Files::new([]);
    for (part, values) in [[1.0, f64::NAN], [2.0, 2.0], [7.0, 8.0]].into_iter().enumerate() {
        write(&files.root().join(format!("{part}.parquet")), &batch(vec![("x", Arc::new(Float64Array::from(values.to_vec())))]), 10);
    }
    everywhere(|place| {
        let memory = frame! { "x" => [1.0, f64::NAN, 2.0, 2.0, 7.0, 8.0] };
        let x = || col("x");
        let filters = [x().gt(5), x().lt(5), x().gt_eq(1), x().not_eq(1), x().between(0, 3), x().eq(2), x().gt(100)];
        for filter in &filters {
            let (one, two) = (read(&files).filter(filter).collect().unwrap(), memory.filter(filter).collect().unwrap());
            assert!(one.equals(&two), "{place} {filter:?}: {one}\n{two}");
        }
        let extremes = |frame: &DFrame| frame.agg((col("x").min().alias("low"), col("x").max().alias("high"))).collect().unwrap();
        assert!(extremes(&read(&files)).equals(&extremes(&memory)), "{place}");
        let beyond = |frame: &DFrame| extremes(&frame.filter(col("x").gt_eq(8)));
        assert!(beyond(&read(&files)).equals(&beyond(&memory)), "{place}");
    });
}

#[test]
fn files_without_rows_or_row_groups_count_as_nothing() {
    let files = Files::new([]);
    let rows = batch(vec![("x", numbers([1, 2])), ("y", texts(["a", "b"]))]);
    write(&files.root().join("a.parquet"), &rows.slice(0, 0), 10);
    everywhere(|place| {
        let none = read(&files).collect().unwrap();
        assert_eq!((none.len(), none.columns()), (0, vec!["x", "y"]), "{place}");
        assert_eq!(read(&files).count().unwrap(), 0, "{place}");
        assert_eq!(read(&files).agg(col("x").max()).collect().unwrap().item::<Option<i64>>().unwrap(), None, "{place}");
        assert_eq!(read(&files).group_by("y").agg(count()).collect().unwrap().len(), 0, "{place}");
    });
    write(&files.root().join("b.parquet"), &rows, 10);
    everywhere(|place| {
        assert_eq!(read(&files).collect().unwrap().column::<i64>("x").unwrap(), [1, 2], "{place}");
        assert_eq!(read(&files).filter(col("x").gt(9)).collect().unwrap().columns(), ["x", "y"], "{place}");
    });
}

#[test]
fn columns_are_matched_by_name_and_widened() {
    let files = Files::new([]);
    write(&files.root().join("1.parquet"), &batch(vec![("a", Arc::new(Int32Array::from(vec![1, 2]))), ("b", texts(["x", "y"]))]), 1);
    write(&files.root().join("2.parquet"), &batch(vec![("b", texts(["z"])), ("a", numbers([1 << 40]))]), 1);
    everywhere(|place| {
        assert_eq!(types(&read(&files)), ["a: Int64", "b: Utf8View"], "{place}");
        let all = read(&files).collect().unwrap();
        assert_eq!(all.column::<i64>("a").unwrap(), [1, 2, 1 << 40], "{place}");
        assert_eq!(all.column::<String>("b").unwrap(), ["x", "y", "z"], "{place}");
        assert_eq!(read(&files).filter(col("a").gt(1)).collect().unwrap().column::<String>("b").unwrap(), ["y", "z"], "{place}");
        let extremes = read(&files).agg((col("a").min().alias("low"), col("a").max().alias("high"))).collect().unwrap();
        assert_eq!((extremes.value::<i64>(0, "low").unwrap(), extremes.value::<i64>(0, "high").unwrap()), (1, 1 << 40), "{place}");
    });
}

#[test]
fn other_columns_and_types_are_errors_that_name_both_files() {
    let files = Files::new([]);
    write(&files.root().join("1.parquet"), &batch(vec![("a", numbers([1])), ("b", texts(["x"]))]), 1);
    write(&files.root().join("2.parquet"), &batch(vec![("a", texts(["2"])), ("b", texts(["y"]))]), 1);
    let error = read(&files).check().unwrap_err();
    assert_eq!((error.kind(), error.column()), (ErrorKind::TypeMismatch, Some("a")));
    assert_eq!(error.message(), format!("str here, and i64 in {}", files.path("1.parquet")));
    assert_eq!(error.file(), Some(&*files.path("2.parquet")));
    let schema: SchemaRef = Arc::new(Schema::new(vec![Field::new("b", DataType::Utf8, true), Field::new("a", DataType::Int64, true)]));
    let told = DFrame::read_parquet(ParquetOptions::new(files.path("*.parquet")).schema(schema));
    assert_eq!(told.collect().unwrap().column::<i64>("a").unwrap(), [1, 2]);
    assert_eq!(types(&told), ["b: Utf8", "a: Int64"]);

    write(&files.root().join("2.parquet"), &batch(vec![("a", numbers([2])), ("c", texts(["y"]))]), 1);
    let error = read(&files).check().unwrap_err();
    assert_eq!(error.message(), format!("other columns than {}: missing \"b\"; extra \"c\"", files.path("1.parquet")));
    everywhere(|place| {
        let union = DFrame::read_parquet(ParquetOptions::new(files.path("*.parquet")).union_by_name(true));
        let all = union.collect().unwrap();
        assert_eq!(all.columns(), ["a", "b", "c"], "{place}");
        assert_eq!(all.column::<Option<String>>("b").unwrap(), [Some("x".to_owned()), None], "{place}");
        assert_eq!(all.column::<Option<String>>("c").unwrap(), [None, Some("y".to_owned())], "{place}");
        assert_eq!(union.filter(col("b").is_null()).collect().unwrap().column::<i64>("a").unwrap(), [2], "{place}");
        assert_eq!(union.filter(col("c").eq("y")).count().unwrap(), 1, "{place}");
        assert_eq!(union.agg(col("b").count()).collect().unwrap().item::<i64>().unwrap(), 1, "{place}");
    });
}

#[test]
fn keys_of_directories_and_paths_are_columns() {
    let files = Files::new([]);
    for year in 2023..2026i64 {
        let path = files.root().join(format!("year={year}/city=Rome/a.parquet"));
        write(&path, &batch(vec![("x", numbers([year * 10, year * 10 + 1]))]), 1);
    }
    let all = || DFrame::read_parquet(ParquetOptions::new(files.path("")).path_column("path"));
    everywhere(|place| {
        let rows = all().collect().unwrap();
        assert_eq!(rows.columns(), ["x", "year", "city", "path"], "{place}");
        assert_eq!(rows.column::<i64>("year").unwrap(), [2023, 2023, 2024, 2024, 2025, 2025], "{place}");
        assert_eq!(rows.column::<String>("city").unwrap(), ["Rome"; 6], "{place}");
        assert!(rows.column::<String>("path").unwrap()[5].ends_with("year=2025/city=Rome/a.parquet"), "{place}");
        let later = all().filter(col("year").gt(2023).and(col("x").gt(20_240)));
        assert_eq!(later.collect().unwrap().column::<i64>("x").unwrap(), [20_241, 20_250, 20_251], "{place}");
        assert_eq!(all().filter(col("year").eq(2024)).count().unwrap(), 2, "{place}");
        assert_eq!(all().filter((col("year") * 10).eq(col("x"))).count().unwrap(), 3, "{place}");
        let groups = all().group_by("year").agg(col("x").sum()).sort("year").collect().unwrap();
        assert_eq!(groups.column::<i64>("x").unwrap(), [40_461, 40_481, 40_501], "{place}");
        let extremes = all().agg((col("year").min().alias("low"), col("year").max().alias("high"))).collect().unwrap();
        assert_eq!((extremes.value::<i64>(0, "low").unwrap(), extremes.value::<i64>(0, "high").unwrap()), (2023, 2025), "{place}");
    });
    let client = local("pipe");
    let _entered = client.enter();
    let plan = all().filter(col("year").eq(2024)).explain().unwrap();
    assert!(plan.contains("ParquetScanExec: files=1, partitions=1"), "{plan}");
}

#[test]
fn nested_columns_pass_filters_unharmed() {
    let files = Files::new([]);
    let whole = every_type();
    write(&files.root().join("a.parquet"), &whole, 1);
    everywhere(|place| {
        let last = read(&files).filter(col("i32").eq(3)).select(["list", "texts", "struct"]).collect().unwrap();
        let expected = whole.slice(2, 1).project(&[whole.num_columns() - 3, whole.num_columns() - 2, whole.num_columns() - 1]).unwrap();
        assert!(last.equals(&Frame::from(expected)), "{place}:\n{last}");
        assert_eq!(read(&files).filter(col("struct").is_null()).count().unwrap(), 1, "{place}");
        assert_eq!(read(&files).filter(col("list").is_null()).count().unwrap(), 1, "{place}");
    });
}

#[test]
fn files_of_both_formats_are_joined_and_put_together() {
    let files = Files::people();
    pairs(&files, 1);
    everywhere(|place| {
        let codes = frame! { "y" => ["a", "c", "e"], "name" => ["Alice", "Bob", "Dave"] };
        let named = read(&files).join(&codes, on("y"));
        let sums = named.join(&files.read("myfile.*.csv"), on("name")).group_by("name").agg((col("x").sum(), count().alias("n")));
        let sums = sums.sort("name").collect().unwrap();
        assert_eq!(sums.column::<String>("name").unwrap(), ["Alice", "Bob", "Dave"], "{place}");
        // Two rows of each letter, and as many of each name as the text has.
        assert_eq!(sums.column::<i64>("n").unwrap(), [8, 4, 2], "{place}");
        assert_eq!(sums.column::<i64>("x").unwrap(), [4, 18, 17], "{place}");
        let texts = files.read("myfile.0.csv").select([col("name").alias("y"), col("id").alias("x")]);
        let both = DFrame::concat(&[&read(&files).select(["y", "x"]), &texts], stratal_frame::How::ByName).collect().unwrap();
        assert_eq!(both.column::<String>("y").unwrap()[8..], ["e", "e", "Alice", "Bob"], "{place}");
    });
}

#[test]
fn what_cannot_be_read_is_named() {
    let files = Files::new([("text.parquet", "a,b\n1,2\n"), ("empty.parquet", "")]);
    let error = DFrame::read_parquet(files.path("text.parquet")).check().unwrap_err();
    assert_eq!((error.kind(), error.file()), (ErrorKind::BadValue, Some(&*files.path("text.parquet"))));
    assert_eq!(error.message(), "the file is no Parquet file: it does not end with PAR1");
    assert!(error.step().is_some_and(|(_, name)| name == "read_parquet"));
    let error = DFrame::read_parquet(files.path("empty.parquet")).check().unwrap_err();
    assert!(error.message().contains("empty"), "{error}");
    let error = DFrame::read_parquet(files.path("none.parquet")).check().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    pairs(&files, 2);
    let part = files.root().join("part.3.parquet");
    let whole = fs::read(&part).unwrap();
    fs::write(&part, &whole[..whole.len() / 2]).unwrap();
    let error = DFrame::read_parquet(files.path("part.*.parquet")).check().unwrap_err();
    assert_eq!(error.file(), Some(&*files.path("part.3.parquet")));
    assert!(error.message().contains("cut off"), "{error}");
}

#[test]
fn a_file_that_changed_is_not_read_by_its_old_footer() {
    let files = Files::new([]);
    pairs(&files, 2);
    everywhere(|place| {
        let all = read(&files);
        all.check().unwrap();
        write(&files.root().join("part.2.parquet"), &batch(vec![("x", numbers(0..100)), ("y", texts(["q"; 100]))]), 50);
        let error = all.collect().unwrap_err();
        assert!(error.message().contains("changed"), "{place}: {error}");
        assert_eq!(error.file(), Some(&*files.path("part.2.parquet")), "{place}");
        assert_eq!(read(&files).collect().unwrap().len(), 108, "{place}");
        pairs(&files, 2);
    });
}

#[test]
fn the_steps_as_written_give_the_same() {
    let files = Files::new([]);
    pairs(&files, 1);
    everywhere(|place| {
        let query = read(&files).filter(col("x").gt(2)).with_column("z", col("x") * 2).filter(col("y").not_eq("d")).select(["z", "y"]);
        let graph = query.graph().unwrap();
        assert_eq!(graph.summary(), "read-parquet[5] -> filter#1[5] -> multiply[5] -> filter#2[5] -> select[5]");
        let parts = graph.get_all::<Frame>(graph.outputs[0].key.clone()).unwrap();
        let written: Vec<i64> = parts.iter().flat_map(|part| part.column::<i64>("z").unwrap()).collect();
        assert_eq!(written, [6, 8, 10, 16, 18], "{place}");
        assert_eq!(query.collect().unwrap().column::<i64>("z").unwrap(), written, "{place}");
    });
}

#[test]
fn scans_have_a_wire_form() {
    let client = local("store");
    let _entered = client.enter();
    let files = Files::new([]);
    pairs(&files, 1);
    write(&files.root().join("hive/k=1/a.parquet"), &batch(vec![("x", numbers([1]))]), 1);
    let hive = DFrame::read_parquet(ParquetOptions::new(files.path("hive")).path_column("path"));
    write(&files.root().join("floats/a.parquet"), &batch(vec![("f", Arc::new(Float64Array::from(vec![1.0, f64::NAN])))]), 1);
    let floats = DFrame::read_parquet(files.path("floats/a.parquet"));
    for query in [
        read(&files),
        read(&files).filter(col("x").gt(2).and(col("y").not_eq("e"))),
        read(&files).filter(col("x").gt(2)).head(2),
        read(&files).select("y").head(1),
        read(&files).group_by("y").agg(col("x").sum()),
        floats.filter(col("f").gt(1.5)),
        read(&files).filter((col("x") * 0.5).gt(1.5)).select(col("x") + 1),
        hive.filter(col("k").eq(1).or(col("x").gt(5))),
        read(&files).agg((count(), col("x").max())),
        read(&files).filter(col("x").gt(100)),
    ] {
        for graph in [query.graph().unwrap(), query.graph_optimized().unwrap()] {
            for layer in graph.layers {
                let Work::Uniform(template) = layer.work else { panic!("{} is no plan", layer.spec.name) };
                let wire = template.body.encode().unwrap();
                let there = Registry::global().kind(template.kind).unwrap().decode(&wire).unwrap();
                assert_eq!(there.describe(), template.body.describe());
            }
        }
    }
}

#[test]
fn hundreds_of_small_files_share_partitions() {
    let files = Files::new([]);
    for part in 0..300i64 {
        write(&files.root().join(format!("{part:04}.parquet")), &batch(vec![("x", numbers([part]))]), 1);
    }
    everywhere(|place| {
        let all = read(&files);
        assert!((64..=100).contains(&all.npartitions().unwrap()), "{place}");
        assert_eq!(all.collect().unwrap().column::<i64>("x").unwrap(), (0..300).collect::<Vec<_>>(), "{place}");
        assert_eq!(all.filter(col("x").gt(250)).agg(col("x").sum()).collect().unwrap().item::<i64>().unwrap(), 13_475, "{place}");
    });
}
