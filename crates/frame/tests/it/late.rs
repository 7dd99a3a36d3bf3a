//! Filters over Parquet files, in the decoder and above the scan: who evaluates them, and that both give the same rows.

use super::{Files, everywhere, local};
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use bytes::Bytes;
use parquet::{
    arrow::ArrowWriter,
    file::{
        metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader},
        properties::{WriterProperties, WriterPropertiesBuilder},
    },
};
use std::{fs, ops::Range, path::Path, sync::Arc};
use stratal_core::ErrorKind;
use stratal_frame::{DFrame, Expr, Frame, col, count};

/// What row `x` has besides its number: `k`, which is null now and then, `f`, which is also no number now and then, and a text.
fn row(x: i64) -> (Option<i64>, Option<f64>, String) {
    let f = if x % 11 == 0 { f64::NAN } else { x as f64 / 10.0 };
    ((x % 5 != 0).then_some(x % 7), (x % 13 != 0).then_some(f), format!("{x:0>200}"))
}

fn rows(of: Range<i64>) -> RecordBatch {
    let columns: [(&str, ArrayRef); 4] = [
        ("x", Arc::new(Int64Array::from_iter_values(of.clone()))),
        ("k", Arc::new(Int64Array::from_iter(of.clone().map(|x| row(x).0)))),
        ("f", Arc::new(Float64Array::from_iter(of.clone().map(|x| row(x).1)))),
        ("body", Arc::new(StringArray::from_iter_values(of.map(|x| row(x).2)))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
}

/// Pages of 10 rows without dictionaries, in row groups of so many rows.
fn pages(group: usize) -> WriterPropertiesBuilder {
    let small = WriterProperties::builder().set_data_page_row_count_limit(10).set_write_batch_size(10);
    small.set_dictionary_enabled(false).set_max_row_group_row_count(Some(group))
}

fn write(path: &Path, rows: &RecordBatch, properties: WriterPropertiesBuilder) {
    let mut writer = ArrowWriter::try_new(fs::File::create(path).unwrap(), rows.schema(), Some(properties.build())).unwrap();
    writer.write(rows).unwrap();
    writer.close().unwrap();
}

/// Rows 0..1000 in three files, a row group every 70 rows.
fn thousand() -> Files {
    let files = Files::new([]);
    for (part, of) in [0..300, 300..650, 650..1000].into_iter().enumerate() {
        write(&files.root().join(format!("{part}.parquet")), &rows(of), pages(70));
    }
    files
}

fn read(files: &Files) -> DFrame {
    DFrame::read_parquet(files.path("*.parquet"))
}

/// Makes bytes of a file unreadable: those that are chosen by its footer.
fn spoil(path: &Path, chosen: impl Fn(&ParquetMetaData) -> Vec<Range<u64>>) {
    let mut bytes = fs::read(path).unwrap();
    let reader = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Required);
    let footer = reader.parse_and_finish(&Bytes::from(bytes.clone())).unwrap();
    for Range { start, end } in chosen(&footer) {
        bytes[start as usize..end as usize].fill(0xff);
    }
    fs::write(path, bytes).unwrap();
}

/// The bytes of some row groups.
fn of_groups(footer: &ParquetMetaData, groups: Range<usize>) -> Vec<Range<u64>> {
    let chunks = footer.row_groups()[groups].iter().flat_map(|group| group.columns());
    chunks.map(|chunk| chunk.byte_range()).map(|(start, length)| start..start + length).collect()
}

fn numbers(frame: &Frame) -> Vec<i64> {
    frame.column::<i64>("x").unwrap()
}

#[test]
fn the_decoder_filters_where_most_of_what_is_read_is_for_the_result_alone() {
    let client = local("pipe");
    let _entered = client.enter();
    let files = thousand();
    let late = |query: &DFrame, columns: &str| {
        let plan = query.explain().unwrap();
        assert!(plan.contains(&format!("columns=[{columns}], filter=")) && !plan.contains("FilterExec"), "{plan}");
    };
    // A column that only the filter needs does not come out of the scan.
    late(&read(&files).filter(col("x").gt(10)).select("body"), "body");
    late(&read(&files).filter(col("x").gt(10)), "x, k, f, body");
    late(&read(&files).filter(col("f").gt(10).and(col("k").eq(3))).select(["x", "body"]), "x, body");
    late(&read(&files).filter(col("k").is_null()).agg(col("body").max()), "body");
    let above = |query: &DFrame, columns: &str| {
        let plan = query.explain().unwrap();
        assert!(plan.contains("FilterExec") && plan.contains(&format!("columns=[{columns}]")), "{plan}");
        assert!(!plan.contains(", filter="), "{plan}");
        plan
    };
    let plan = above(&read(&files).filter(col("x").gt(10)).select("k"), "x, k");
    assert!(plan.contains("pruned_by="), "{plan}");
    above(&read(&files).filter(col("body").like("%7%")).select(["x", "k", "f"]), "x, k, f, body");
    above(&read(&files).filter(col("body").like("%7%")).select("body"), "body");
    above(&read(&files).filter(col("x").gt(10)).agg(count()), "x");
    // Footers say nothing of floats that would rule out rows.
    let plan = above(&read(&files).filter(col("f").gt(10)).select("k"), "k, f");
    assert!(!plan.contains("pruned_by="), "{plan}");
}

#[test]
fn both_ways_give_the_rows_that_pass() {
    type Passes = fn(i64) -> bool;
    // SQL's order of floats: what is no number is larger than all numbers.
    fn exceeds(x: i64, than: f64) -> bool {
        row(x).1.is_some_and(|f| f.is_nan() || f > than)
    }
    let filters: [(Expr, Passes); 10] = [
        (col("x").gt_eq(250).and(col("x").lt(310)), |x| (250..310).contains(&x)),
        (col("x").gt(2000).or(col("x").eq(649)), |x| x == 649),
        (col("k").eq(3), |x| row(x).0 == Some(3)),
        (col("k").is_null(), |x| row(x).0.is_none()),
        (col("f").gt(50.0), |x| exceeds(x, 50.0)),
        (col("f").gt(1e6), |x| exceeds(x, 1e6)),
        (col("f").is_null().or(col("k").eq(2)), |x| row(x).1.is_none() || row(x).0 == Some(2)),
        (col("k").eq(3).and(col("f").gt(50.0)).and(col("x").lt(900)), |x| row(x).0 == Some(3) && exceeds(x, 50.0) && x < 900),
        ((col("x") % 3).eq(1).and(col("k").gt(col("x") % 5)), |x| x % 3 == 1 && row(x).0.is_some_and(|k| k > x % 5)),
        (col("k").eq(6).and(col("x").eq(1)), |_| false),
    ];
    let files = thousand();
    everywhere(|place| {
        for (filter, passes) in &filters {
            let expected: Vec<i64> = (0..1000).filter(|x| passes(*x)).collect();
            let some = read(&files).filter(filter);
            let (late, above) = (some.select(["x", "body"]), some.select("x"));
            assert!(late.explain().unwrap().contains(", filter=") && above.explain().unwrap().contains("FilterExec"), "{filter:?}");
            assert_eq!(numbers(&above.collect().unwrap()), expected, "{place}: {filter:?}");
            assert_eq!(above.count().unwrap(), expected.len() as u64, "{place}: {filter:?}");
            let late = late.collect().unwrap();
            assert_eq!(numbers(&late), expected, "{place}: {filter:?}");
            let texts: Vec<String> = expected.iter().map(|x| row(*x).2).collect();
            assert_eq!(late.column::<String>("body").unwrap(), texts, "{place}: {filter:?}");
        }
    });
}

#[test]
fn row_groups_are_left_out_whoever_filters() {
    let files = Files::new([]);
    let path = files.root().join("a.parquet");
    write(&path, &rows(0..1000), pages(100));
    spoil(&path, |footer| of_groups(footer, 0..9));
    everywhere(|place| {
        let last = read(&files).filter(col("x").gt_eq(950));
        for query in [last.select(["x", "body"]), last.select("x"), last.select(["x", "k"])] {
            assert_eq!(numbers(&query.collect().unwrap()), (950..1000).collect::<Vec<_>>(), "{place}");
        }
        let more = read(&files).filter(col("x").gt_eq(850));
        for query in [more.select(["x", "body"]), more.select("x")] {
            assert_eq!(query.collect().unwrap_err().kind(), ErrorKind::BadValue, "{place}");
        }
    });
}

#[test]
fn pages_are_left_out_whoever_filters() {
    let files = Files::new([]);
    let path = files.root().join("a.parquet");
    write(&path, &rows(0..1000), pages(1000));
    spoil(&path, |footer| {
        let pages = footer.offset_index().unwrap()[0].iter().map(|column| column.page_locations());
        let early = pages.flat_map(|pages| pages.windows(2).filter(|pair| pair[1].first_row_index <= 900).map(|pair| &pair[0]));
        let bytes: Vec<Range<u64>> =
            early.map(|page| page.offset as u64..(page.offset + i64::from(page.compressed_page_size)) as u64).collect();
        assert!(bytes.len() > 100, "{} pages", bytes.len());
        bytes
    });
    everywhere(|place| {
        let last = read(&files).filter(col("x").gt_eq(950));
        let late = last.select("body");
        assert!(late.explain().unwrap().contains(", filter="));
        let texts: Vec<String> = (950..1000).map(|x| row(x).2).collect();
        assert_eq!(late.collect().unwrap().column::<String>("body").unwrap(), texts, "{place}");
        let above = last.select(["x", "k"]);
        assert!(above.explain().unwrap().contains("FilterExec"));
        assert_eq!(numbers(&above.collect().unwrap()), (950..1000).collect::<Vec<_>>(), "{place}");
        assert_eq!(read(&files).select("x").collect().unwrap_err().kind(), ErrorKind::BadValue, "{place}");
    });
}

#[test]
fn reading_ends_where_enough_rows_passed() {
    let files = Files::new([]);
    let path = files.root().join("a.parquet");
    write(&path, &rows(0..1000), pages(100));
    spoil(&path, |footer| of_groups(footer, 5..10));
    let expected: Vec<i64> = (0..1000).filter(|x| row(*x).0.is_some()).take(20).collect();
    everywhere(|place| {
        let some = read(&files).filter(col("k").gt_eq(0));
        for (query, what) in [(some.select(["x", "body"]), ", filter="), (some.select("x"), "FilterExec")] {
            let first = query.head(20);
            assert!(first.explain().unwrap().contains(what), "{place}");
            assert_eq!(numbers(&first.collect().unwrap()), expected, "{place}: {what}");
            assert_eq!(query.collect().unwrap_err().kind(), ErrorKind::BadValue, "{place}: {what}");
        }
    });
}

#[test]
fn a_filter_that_fails_says_why_and_in_the_decoder_where() {
    let files = thousand();
    everywhere(|place| {
        let some = read(&files).filter((100 / col("x")).gt(1));
        let late = some.select("body").collect().unwrap_err();
        assert!(late.file().is_some_and(|file| file.ends_with("0.parquet")), "{place}: {late}");
        let above = some.select("x").collect().unwrap_err();
        for error in [late, above] {
            assert_eq!(error.kind(), ErrorKind::BadValue, "{place}: {error}");
            assert!(error.message().to_lowercase().contains("divide"), "{place}: {error}");
        }
    });
}
