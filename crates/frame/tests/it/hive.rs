//! Keys in the names of directories, and the files that a filter on them leaves alone.

use super::{Files, everywhere};
use stratal_core::ErrorKind;
use stratal_frame::{CsvOptions, DFrame, Frame, JsonOptions, col, count};

/// Files in directories, by path and text.
fn tree(files: &[(&str, &str)]) -> Files {
    let made = Files::new([]);
    for (name, text) in files {
        let path = made.root().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    made
}

fn sales() -> Files {
    tree(&[
        ("year=2023/city=Oslo/a.csv", "id,amount\n1,10\n2,20\n"),
        ("year=2023/city=New%20York/a.csv", "id,amount\n3,30\n"),
        ("year=2024/city=Oslo/a.csv", "amount,id\n40,4\n"),
        ("year=2024/city=__HIVE_DEFAULT_PARTITION__/a.csv", "id,amount\n5,50\n6,60\n"),
        ("_manifest/x.csv", "nothing\n"),
        ("year=2024/.hidden.csv", "nothing\n"),
    ])
}

fn types(frame: &DFrame) -> Vec<String> {
    frame.schema().unwrap().fields().iter().map(|field| format!("{}: {}", field.name(), field.data_type())).collect()
}

fn ids(frame: &Frame) -> Vec<i64> {
    let mut ids = frame.column::<i64>("id").unwrap();
    ids.sort_unstable();
    ids
}

#[test]
fn keys_are_columns_after_those_of_the_files() {
    let files = sales();
    everywhere(|place| {
        let frame = DFrame::read_csv(files.path(""));
        assert_eq!(types(&frame), ["id: Int64", "amount: Int64", "year: Int64", "city: Utf8"], "{place}");
        let rows = frame.sort("id").collect().unwrap();
        assert_eq!(rows.column::<i64>("year").unwrap(), [2023, 2023, 2023, 2024, 2024, 2024], "{place}");
        let cities = rows.column::<Option<String>>("city").unwrap();
        let wanted = [Some("Oslo"), Some("Oslo"), Some("New York"), Some("Oslo"), None, None];
        assert_eq!(cities, wanted.map(|city| city.map(str::to_owned)), "{place}");
        assert_eq!(
            frame
                .select(["year", "amount"])
                .filter(col("year").eq(2024))
                .agg(col("amount").sum())
                .collect()
                .unwrap()
                .item::<i64>()
                .unwrap(),
            150
        );
        let groups = frame.group_by("city").agg(count().alias("n")).sort("city").collect().unwrap();
        assert_eq!(groups.column::<i64>("n").unwrap(), [1, 3, 2], "{place}");
    });
}

#[test]
fn a_glob_gives_the_keys_below_its_fixed_part() {
    let files = sales();
    let frame = DFrame::read_csv(files.path("year=2023/*/a.csv"));
    assert_eq!(types(&frame), ["id: Int64", "amount: Int64", "city: Utf8"]);
    let frame = DFrame::read_csv(files.path("year=2023/city=Oslo/a.csv"));
    assert_eq!(types(&frame), ["id: Int64", "amount: Int64"]);
    let frame = DFrame::read_csv(CsvOptions::new(files.path("*/*/a.csv")).hive(false));
    assert_eq!((types(&frame), frame.count().unwrap()), (vec!["id: Int64".to_owned(), "amount: Int64".to_owned()], 6));
}

#[test]
fn a_filter_on_keys_opens_no_other_files() {
    everywhere(|place| {
        let files = sales();
        let frame = DFrame::read_csv(files.path(""));
        frame.check().unwrap();
        std::fs::remove_dir_all(files.root().join("year=2023")).unwrap();
        assert_eq!(frame.collect().unwrap_err().kind(), ErrorKind::NotFound, "{place}");
        for (filter, wanted) in [
            (col("year").gt(2023), vec![4, 5, 6]),
            (col("year").eq(2024).and(col("city").is_null()), vec![5, 6]),
            (col("city").is_null(), vec![5, 6]),
            (col("year").eq(2024).and(col("amount").gt(50)), vec![6]),
            (col("year").eq(1999), vec![]),
        ] {
            let some = frame.filter(filter);
            assert_eq!(ids(&some.collect().unwrap()), wanted, "{place}");
            assert_eq!(some.count().unwrap() as usize, wanted.len(), "{place}");
        }
        let none = frame.filter(col("year").eq(1999)).collect().unwrap();
        assert_eq!((none.len(), none.columns()), (0, vec!["id", "amount", "year", "city"]), "{place}");
        assert!(frame.filter(col("year").eq(2024)).explain().unwrap().contains("files=2, partitions=2"), "{place}");
    });
}

#[test]
fn filters_on_both_keys_and_columns_are_right() {
    let files = sales();
    everywhere(|place| {
        let frame = DFrame::read_csv(files.path(""));
        let either = frame.filter(col("year").eq(2023).or(col("id").eq(6))).collect().unwrap();
        assert_eq!(ids(&either), [1, 2, 3, 6], "{place}");
        let mixed = frame.filter((col("year") + col("id")).gt(2027)).collect().unwrap();
        assert_eq!(ids(&mixed), [4, 5, 6], "{place}");
    });
}

#[test]
fn the_type_of_a_key_may_be_given() {
    let files = tree(&[("zip=01234/a.csv", "x\n1\n"), ("zip=98765/a.csv", "x\n2\n")]);
    let frame = DFrame::read_csv(files.path("")).collect().unwrap();
    assert_eq!(frame.column::<i64>("zip").unwrap(), [1234, 98765]);
    let frame = DFrame::read_csv(CsvOptions::new(files.path("")).dtype("zip", "str")).collect().unwrap();
    assert_eq!(frame.column::<String>("zip").unwrap(), ["01234", "98765"]);
    let days = tree(&[("day=2024-01-31/a.csv", "x\n1\n"), ("day=2024-02-01/a.csv", "x\n2\n")]);
    let frame = DFrame::read_csv(days.path(""));
    assert_eq!(types(&frame)[1], "day: Date32");
    let mixed = tree(&[("k=1/a.csv", "x\n1\n"), ("k=1.5/a.csv", "x\n2\n")]);
    assert_eq!(DFrame::read_csv(mixed.path("")).collect().unwrap().column::<f64>("k").unwrap(), [1.0, 1.5]);
    let wrong = DFrame::read_csv(CsvOptions::new(mixed.path("")).dtype("k", "i64")).collect().unwrap_err();
    assert!(wrong.message().contains("\"1.5\" is not i64") && wrong.column() == Some("k"), "{wrong}");
}

#[test]
fn a_key_that_is_also_a_column_and_one_that_is_missing_are_errors() {
    let files = tree(&[("id=7/a.csv", "id,x\n1,2\n")]);
    let error = DFrame::read_csv(files.path("")).check().unwrap_err();
    assert!(error.message().contains("\"id\" is a key of a directory and a column"), "{error}");
    assert!(error.help().unwrap().contains("hive(false)"));
    let files = tree(&[("k=1/a.csv", "x\n1\n"), ("b.csv", "x\n2\n")]);
    let error = DFrame::read_csv(files.path("")).check().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TypeMismatch);
    assert_eq!(
        DFrame::read_csv(CsvOptions::new(files.path("")).hive(false)).count().unwrap(),
        1,
        "only what stands in the directory itself"
    );
}

#[test]
fn json_files_have_keys_and_paths_too() {
    let files = tree(&[("k=a/1.ndjson", "{\"x\": 1}\n"), ("k=b/2.json", "[{\"x\": 2}, {\"x\": 3}]")]);
    everywhere(|place| {
        let frame = DFrame::read_json(JsonOptions::new(files.path("")).path_column("path"));
        assert_eq!(types(&frame), ["x: Int64", "k: Utf8", "path: Utf8"], "{place}");
        let some = frame.filter(col("k").eq("b"));
        assert!(some.explain().unwrap().contains("files=1, partitions=1"), "{place}");
        let some = some.collect().unwrap();
        assert_eq!(some.column::<i64>("x").unwrap(), [2, 3], "{place}");
        assert_eq!(some.column::<String>("path").unwrap()[0], files.path("k=b/2.json"), "{place}");
    });
}
