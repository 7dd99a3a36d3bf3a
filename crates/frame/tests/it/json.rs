//! JSON files: types, forms, and what is wrong with them.

use super::{Files, everywhere};
use arrow_schema::{DataType, Field, Schema};
use stratal_core::{Client, ErrorKind};
use stratal_frame::{DFrame, JsonOptions, col};

fn types(frame: &DFrame) -> Vec<String> {
    frame.schema().unwrap().fields().iter().map(|field| format!("{}: {}", field.name(), field.data_type())).collect()
}

#[test]
fn objects_a_line_and_arrays_of_objects_give_the_same_rows() {
    let files = Files::new([
        ("lines.ndjson", "{\"id\": 1, \"name\": \"a\"}\n\n{\"name\": \"b\\nc\", \"id\": 2}\r\n{\"id\": 3}"),
        ("array.json", "\u{feff}\n[{\"id\": 1, \"name\": \"a\"},\n {\"name\": \"b\\nc\",\n  \"id\": 2} , {\"id\": 3, \"name\": null}]\n"),
    ]);
    everywhere(|place| {
        for name in ["lines.ndjson", "array.json"] {
            let frame = DFrame::read_json(files.path(name));
            assert_eq!(types(&frame), ["id: Int64", "name: Utf8"], "{place} {name}");
            let rows = frame.collect().unwrap();
            assert_eq!(rows.column::<i64>("id").unwrap(), [1, 2, 3], "{place} {name}");
            let names = [Some("a".to_owned()), Some("b\nc".to_owned()), None];
            assert_eq!(rows.column::<Option<String>>("name").unwrap(), names, "{place} {name}");
            assert_eq!(frame.count().unwrap(), 3, "{place} {name}");
            assert_eq!(frame.filter(col("id").gt(1)).select("name").collect().unwrap().len(), 2, "{place} {name}");
        }
    });
}

#[test]
fn lines_are_cut_at_every_partition_size() {
    let text: String = (1..=20).map(|row| format!("{{\"x\": {row}, \"s\": \"{}\"}}\n", "é\\n".repeat(row % 4))).collect();
    let files = Files::new([("a.ndjson", text.trim_end())]);
    for bytes in (1..text.len()).step_by(7) {
        let client = Client::builder().threads(2).set("frame.partition_bytes", bytes.to_string()).detached().local().unwrap();
        let _entered = client.enter();
        let frame = DFrame::read_json(files.path("a.ndjson"));
        assert_eq!(frame.collect().unwrap().column::<i64>("x").unwrap(), (1..=20).collect::<Vec<i64>>(), "{bytes}");
        if bytes < 10 {
            assert_eq!(frame.npartitions().unwrap(), 20, "{bytes}");
        }
    }
}

#[test]
fn types_are_widened_over_files_and_nested() {
    let files = Files::new([
        ("1.ndjson", "{\"n\": 1, \"m\": true, \"big\": 1, \"tags\": [1], \"user\": {\"id\": 1}}\n{}\n"),
        (
            "2.ndjson",
            "{\"n\": 2.5, \"m\": \"x\", \"big\": 18446744073709551615, \"tags\": [], \"user\": {\"name\": \"b\"}}\n{\"tags\": [null, 2.5]}\n",
        ),
        ("3.ndjson", "\n"),
    ]);
    everywhere(|place| {
        let frame = DFrame::read_json(files.path("*.ndjson"));
        let schema = frame.schema().unwrap();
        let kind = |name: &str| schema.field_with_name(name).unwrap().data_type().clone();
        assert_eq!([kind("n"), kind("m"), kind("big")], [DataType::Float64, DataType::Utf8, DataType::Utf8], "{place}");
        assert_eq!(kind("tags"), DataType::new_list(DataType::Float64, true), "{place}");
        let user = vec![Field::new("id", DataType::Int64, true), Field::new("name", DataType::Utf8, true)];
        assert_eq!(kind("user"), DataType::Struct(user.into()), "{place}");
        let rows = frame.collect().unwrap();
        assert_eq!(rows.column::<Option<f64>>("n").unwrap(), [Some(1.0), None, Some(2.5), None], "{place}");
        let texts = |name: &str| rows.column::<Option<String>>(name).unwrap().into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(
            (texts("m"), texts("big")),
            (vec!["true".to_owned(), "x".to_owned()], vec!["1".to_owned(), "18446744073709551615".to_owned()]),
            "{place}"
        );
    });
}

#[test]
fn integers_are_exact_and_fractions_are_not_cut_off() {
    let rows: String = (0..4000).map(|row| if row == 1500 { "{\"x\": 1.5}\n" } else { "{\"x\": 9007199254740993}\n" }).collect();
    let files = Files::new([("a.ndjson", &*rows)]);
    let error = DFrame::read_json(JsonOptions::new(files.path("a.ndjson")).sample_rows(100)).collect().unwrap_err();
    assert_eq!((error.line(), error.column(), error.kind()), (Some(1501), Some("x"), ErrorKind::BadValue));
    assert_eq!(error.message(), "1.5 is not i64 (type from 300 rows sampled in 1 file)");
    assert!(error.help().unwrap().contains("sample_rows"));
    let seen = DFrame::read_json(JsonOptions::new(files.path("a.ndjson")).sample_rows(2000));
    assert_eq!(types(&seen), ["x: Float64"]);
    let files = Files::new([("a.ndjson", "{\"x\": 9007199254740993}")]);
    assert_eq!(DFrame::read_json(files.path("a.ndjson")).collect().unwrap().column::<i64>("x").unwrap(), [9007199254740993]);
}

#[test]
fn what_is_wrong_is_told_by_file_line_and_column() {
    let good = "{\"a\": 1, \"b\": {\"c\": [true]}}\n".repeat(16);
    everywhere(|place| {
        for (bad, column, message) in [
            ("{\"a\": \"x\", \"b\": null}", Some("a"), "\"x\" is not i64 (type from 10 rows sampled in 1 file)"),
            ("{\"b\": {\"c\": [7]}}", Some("b"), "{\"c\":[7]} is not struct{c: list[bool]} (type from 10 rows sampled in 1 file)"),
            ("{\"a\": 1", None, "this is no JSON: EOF while parsing an object"),
            ("{\"a\": 1} {\"a\": 2}", None, "this is no JSON: trailing characters"),
            ("[1, 2]", None, "[1,2] is no object"),
        ] {
            // The first 16 lines and the last are seen; the 17th is not.
            let files = Files::new([("a.ndjson", &*format!("{good}{bad}\n{good}{good}"))]);
            let error = DFrame::read_json(JsonOptions::new(files.path("a.ndjson")).sample_rows(5)).collect().unwrap_err();
            assert_eq!(
                (error.file(), error.line(), error.column()),
                (Some(&*files.path("a.ndjson")), Some(17), column),
                "{place} {bad}: {error}"
            );
            assert!(error.message().starts_with(&message[..message.find(" (type").unwrap_or(message.len())]), "{place} {bad}: {error}");
        }
    });
}

#[test]
fn what_a_sample_sees_is_wrong_at_once() {
    for (text, kind, line, message) in [
        ("{\"a\": 1}\n\n{\"a\": {}}\n", ErrorKind::TypeMismatch, Some(3), "\"a\" holds an object here and a plain value elsewhere"),
        (
            "{\"a\": {\"b\": 1}}\n{\"a\": {\"b\": []}}\n",
            ErrorKind::TypeMismatch,
            Some(2),
            "\"a.b\" holds a list here and a plain value elsewhere",
        ),
        ("{\"a\": 1}\nnull\n", ErrorKind::BadValue, Some(2), "null is no object"),
        ("[{\"a\": 1},\n{\"a\": 2}", ErrorKind::BadValue, Some(2), "the array that the file holds never ends"),
        ("{}\n", ErrorKind::BadValue, None, "the file has no keys: there are no columns"),
    ] {
        let files = Files::new([("a.ndjson", text)]);
        let error = DFrame::read_json(files.path("a.ndjson")).check().unwrap_err();
        assert_eq!((error.kind(), error.line(), error.message()), (kind, line, message), "{text}");
    }
    let files = Files::new([("1.ndjson", "{\"a\": 1}\n"), ("2.ndjson", "{\"a\": [1]}\n")]);
    let error = DFrame::read_json(files.path("*.ndjson")).check().unwrap_err();
    assert_eq!((error.kind(), error.file()), (ErrorKind::TypeMismatch, Some(&*files.path("2.ndjson"))));
}

#[test]
fn keys_that_only_some_files_have() {
    let files = Files::new([("1.ndjson", "{\"a\": 1, \"b\": 2}\n"), ("2.ndjson", "{\"a\": 3}\n"), ("3.ndjson", "{\"c\": \"x\"}\n")]);
    let two = DFrame::read_json([files.path("1.ndjson"), files.path("2.ndjson")]).collect().unwrap();
    assert_eq!(two.column::<Option<i64>>("b").unwrap(), [Some(2), None]);
    let error = DFrame::read_json(files.path("*.ndjson")).check().unwrap_err();
    assert_eq!(error.message(), format!("other keys than {}: extra \"c\"", files.path("1.ndjson")));
    assert!(error.help().unwrap().contains("union_by_name"));
    everywhere(|place| {
        let all = DFrame::read_json(JsonOptions::new(files.path("*.ndjson")).union_by_name(true)).collect().unwrap();
        assert_eq!(all.columns(), ["a", "b", "c"], "{place}");
        assert_eq!(all.column::<Option<String>>("c").unwrap(), [None, None, Some("x".to_owned())], "{place}");
    });
}

#[test]
fn a_schema_says_what_is_read() {
    let files =
        Files::new([("a.ndjson", "{\"day\": \"2024-01-31\", \"x\": 1, \"y\": 2}\n{\"day\": null, \"x\": 300}\n"), ("empty.ndjson", "")]);
    let schema = |x: DataType| {
        Schema::new(vec![Field::new("day", DataType::Date32, false), Field::new("x", x, true), Field::new("z", DataType::Utf8, true)])
    };
    let read = |x| DFrame::read_json(JsonOptions::new(files.path("*.ndjson")).schema(schema(x).into()));
    everywhere(|place| {
        let frame = read(DataType::Int16);
        assert_eq!(types(&frame), ["day: Date32", "x: Int16", "z: Utf8"], "{place}");
        let rows = frame.collect().unwrap();
        assert_eq!(rows.column::<i16>("x").unwrap(), [1, 300], "{place}");
        assert_eq!(rows.column::<Option<String>>("z").unwrap(), [None, None], "{place}");
    });
    let error = read(DataType::Int8).collect().unwrap_err();
    assert_eq!((error.message(), error.line(), error.column()), ("300 is not i8 (type as given)", Some(2), Some("x")));
    let error = read(DataType::Interval(arrow_schema::IntervalUnit::DayTime)).check().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TypeMismatch);
    let empty = DFrame::read_json(JsonOptions::new(files.path("empty.ndjson")).schema(schema(DataType::Int64).into()));
    assert_eq!(empty.collect().unwrap().len(), 0);
}

#[test]
fn a_large_file_is_sampled_at_its_start_in_its_middle_and_at_its_end() {
    let pad = "x".repeat(1000);
    let row = |at: usize, value: &str| format!("{{\"pad\": \"{pad}\", \"n\": {at}, \"late\": {value}}}\n");
    let text: String = (0..12_000).map(|at| row(at, if at == 11_999 { "1.5" } else { "1" })).collect();
    assert!(text.len() > 9 << 20);
    let files = Files::new([("a.ndjson", &*text)]);
    let client = Client::builder().threads(2).set("frame.partition_bytes", "1MiB").detached().local().unwrap();
    let _entered = client.enter();
    let frame = DFrame::read_json(files.path("a.ndjson"));
    assert_eq!(types(&frame), ["pad: Utf8", "n: Int64", "late: Float64"]);
    assert!(frame.npartitions().unwrap() >= 11);
    assert_eq!(frame.agg(col("n").sum()).collect().unwrap().item::<i64>().unwrap(), 11_999 * 12_000 / 2);
    assert_eq!(frame.collect().unwrap().column::<i64>("n").unwrap(), (0..12_000).collect::<Vec<i64>>());
}

#[test]
fn the_layer_is_called_read_json() {
    let files = Files::new([("1.ndjson", "{\"a\": 1}\n"), ("2.ndjson", "{\"a\": 2}\n")]);
    let frame = DFrame::read_json(files.path("*.ndjson")).filter(col("a").gt(1));
    assert_eq!(frame.graph().unwrap().summary(), "read-json[2] -> filter[2]");
    assert_eq!(frame.graph_optimized().unwrap().summary(), "read-json+filter[2]");
    assert_eq!(DFrame::read_json("no/such.ndjson").to_string(), "1. read_json(\"no/such.ndjson\")");
}
