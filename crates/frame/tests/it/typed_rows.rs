//! Rows as values of the user's types.

use arrow_array::{
    ArrayRef, BinaryArray, Decimal128Array, DictionaryArray, DurationMillisecondArray, ListArray, RecordBatch, StringArray, StructArray,
    Time64MicrosecondArray, TimestampMicrosecondArray,
    types::{Int32Type, Int64Type},
};
use chrono::NaiveDate;
use serde::Deserialize;
use std::{collections::HashMap, sync::Arc, time::Duration};
use stratal_core::{ErrorKind, Result};
use stratal_frame::{Frame, frame};

fn frame_of(columns: Vec<(&str, ArrayRef)>) -> Frame {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap().into()
}

fn people() -> Frame {
    let born = [NaiveDate::from_ymd_opt(1990, 1, 31), None, NaiveDate::from_ymd_opt(2001, 12, 1)];
    frame! { "name" => ["Alice", "Bob", "Carol"], "age" => [30i32, 40, 50], "amount" => [Some(1.5), None, Some(2.0)], "born" => born }
        .collect()
        .unwrap()
}

fn all<T: serde::de::DeserializeOwned>(frame: &Frame) -> Result<Vec<T>> {
    frame.rows::<T>().collect()
}

#[test]
fn a_struct_takes_columns_by_name_in_any_order() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Person {
        amount: Option<f64>,
        #[serde(rename = "name")]
        who: String,
        age: i64,
        born: Option<String>,
        #[serde(default)]
        missing: Vec<i64>,
        nothing: Option<bool>,
    }
    let person = |who: &str, age, amount, born: Option<&str>| Person {
        amount,
        who: who.to_owned(),
        age,
        born: born.map(str::to_owned),
        missing: Vec::new(),
        nothing: None,
    };
    let expected = [
        person("Alice", 30, Some(1.5), Some("1990-01-31")),
        person("Bob", 40, None, None),
        person("Carol", 50, Some(2.0), Some("2001-12-01")),
    ];
    assert_eq!(all::<Person>(&people()).unwrap(), expected);
}

#[test]
fn a_tuple_takes_columns_by_place_and_a_single_column_is_its_value() {
    type Row = (String, i32, Option<f64>, Option<String>);
    let rows = all::<Row>(&people()).unwrap();
    assert_eq!(rows[1], ("Bob".to_owned(), 40, None, None));
    let ages = people().lazy().select("age").collect().unwrap();
    assert_eq!(all::<i64>(&ages).unwrap(), [30, 40, 50]);
    assert_eq!(all::<(u8,)>(&ages).unwrap(), [(30,), (40,), (50,)]);
    let amounts = people().lazy().select("amount").collect().unwrap();
    assert_eq!(all::<Option<f64>>(&amounts).unwrap(), [Some(1.5), None, Some(2.0)]);
    let map = all::<HashMap<String, serde_json::Value>>(&people()).unwrap().swap_remove(0);
    assert_eq!((map.len(), &map["age"], &map["born"]), (4, &serde_json::json!(30), &serde_json::json!("1990-01-31")));
}

#[test]
fn rows_of_many_batches_come_in_order_and_are_numbered_through() {
    let batches: Vec<RecordBatch> = (0..5i64)
        .map(|at| {
            let values: Vec<Option<i64>> = (at * 3..at * 3 + 3).map(|x| (x != 7).then_some(x)).collect();
            frame! { "x" => values }.collect().unwrap().batches()[0].clone()
        })
        .collect();
    let frame = Frame::new(batches[0].schema(), batches).unwrap();
    let expected: Vec<Option<i64>> = (0..15).map(|x| (x != 7).then_some(x)).collect();
    assert_eq!(all::<Option<i64>>(&frame).unwrap(), expected);
    let error = frame.rows::<i64>().find_map(Result::err).unwrap();
    assert_eq!(error.message(), "column \"x\" is null in row 7, and i64 was asked for");
}

#[test]
fn lists_structs_decimals_times_and_enumerations() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Inner {
        a: i64,
        s: Option<String>,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Color {
        Red,
        Blue,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Row {
        list: Vec<Option<i64>>,
        inner: Inner,
        price: f64,
        color: Color,
        time: String,
        at: String,
        utc: String,
        bytes: Vec<u8>,
        took: Duration,
    }
    let list: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), None]), Some(vec![])]));
    let inner = RecordBatch::try_from_iter_with_nullable([
        ("a", frame! { "a" => [1i64, 2] }.collect().unwrap().array("a").unwrap(), true),
        ("s", Arc::new(StringArray::from(vec![Some("x"), None])) as ArrayRef, true),
    ]);
    let instants = || TimestampMicrosecondArray::from(vec![1_706_695_200_500_000, 0]);
    let colors: DictionaryArray<Int32Type> = ["blue", "red"].into_iter().collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("list", list),
        ("inner", Arc::new(StructArray::from(inner.unwrap()))),
        ("price", Arc::new(Decimal128Array::from(vec![150, -25]).with_precision_and_scale(10, 2).unwrap())),
        ("color", Arc::new(colors)),
        ("time", Arc::new(Time64MicrosecondArray::from(vec![36_672_500_000, 0]))),
        ("at", Arc::new(instants())),
        ("utc", Arc::new(instants().with_timezone("UTC"))),
        ("bytes", Arc::new(BinaryArray::from_iter_values([&b"\x01\xAA"[..], b""]))),
        ("took", Arc::new(DurationMillisecondArray::from(vec![1500, 0]))),
    ];
    let frame = frame_of(columns);
    let first = Row {
        list: vec![Some(1), None],
        inner: Inner { a: 1, s: Some("x".to_owned()) },
        price: 1.5,
        color: Color::Blue,
        time: "10:11:12.5".to_owned(),
        at: "2024-01-31T10:00:00.5".to_owned(),
        utc: "2024-01-31T10:00:00.5Z".to_owned(),
        bytes: vec![1, 0xAA],
        took: Duration::from_millis(1500),
    };
    let rows = all::<Row>(&frame).unwrap();
    assert_eq!(rows[0], first);
    assert_eq!((&rows[1].list, &rows[1].inner, &rows[1].color), (&vec![], &Inner { a: 2, s: None }, &Color::Red));
    let texts = frame.lazy().select("price").collect().unwrap();
    assert_eq!(all::<String>(&texts).unwrap(), ["1.50", "-0.25"]);
    let moments: Vec<chrono::NaiveDateTime> = rows.iter().map(|row| row.at.parse().unwrap()).collect();
    assert_eq!(moments[0], NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().and_hms_milli_opt(10, 0, 0, 500).unwrap());
}

#[test]
fn mistakes_name_the_column_the_row_and_what_to_do() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "it is never made")]
    struct Misspelt {
        nmae: String,
    }
    let error = all::<Misspelt>(&people()).unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::UnknownColumn, "no column \"nmae\" in [name, age, amount, born]"));
    assert!(error.help().unwrap().starts_with("did you mean \"name\"?"), "{error}");

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "it is never made whole")]
    struct Amount {
        amount: f64,
    }
    let rows: Vec<Result<Amount>> = people().rows().collect();
    assert!(rows[0].is_ok() && rows[2].is_ok());
    let error = rows[1].as_ref().unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::BadValue, "column \"amount\" is null in row 1, and f64 was asked for"));

    let error = all::<(i64, i64, Option<f64>, Option<String>)>(&people()).unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::TypeMismatch, "column \"name\" is str, and i64 was asked for"));
    let error = all::<(String, i64)>(&people()).unwrap_err();
    assert_eq!(error.message(), "a row has 4 columns, and a tuple of 2 was asked for");
    let ages = frame! { "age" => [300i64] }.collect().unwrap();
    let error = all::<u8>(&ages).unwrap_err();
    assert!(error.kind() == ErrorKind::BadValue && error.message().starts_with("column \"age\" does not fit in row 0"), "{error}");
}

#[test]
fn frames_are_compared_with_a_tolerance_and_in_any_order() {
    use stratal_frame::assert_frames_eq;
    let turned = people().lazy().sort("age").collect().unwrap();
    assert_frames_eq!(people(), turned);
    let backwards = people().lazy().sort(stratal_frame::col("age").desc()).collect().unwrap();
    assert_frames_eq!(people(), &backwards, unordered);
    assert_frames_eq!(people(), backwards, unordered, tol = 1e-9);
    assert_frames_eq!(frame! { "x" => [0.1 + 0.2] }.collect().unwrap(), frame! { "x" => [0.3] }.collect().unwrap(), tol = 1e-12);
    let differ = std::panic::catch_unwind(|| assert_frames_eq!(people(), people().slice(0..2)));
    let panic = differ.unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(text.contains("left row 2: Carol,50,2.0,2001-12-01") && text.contains("right has no such row"), "{text}");
}
