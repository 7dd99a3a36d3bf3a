//! Rows as CSV and JSON text, to the byte.

use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int64Array, ListArray, RecordBatch,
    StringArray, StructArray, Time64MicrosecondArray, TimestampMicrosecondArray, types::Int64Type,
};
use std::sync::Arc;
use stratal_frame::{Frame, frame};

fn frame_of(columns: Vec<(&str, ArrayRef)>) -> Frame {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap().into()
}

/// A row of values and a row of nulls, of every flat type.
fn flat() -> Frame {
    let instant = 1_706_695_200_500_000i64;
    frame_of(vec![
        ("int", Arc::new(Int64Array::from(vec![Some(-7), None]))),
        ("float", Arc::new(Float64Array::from(vec![Some(1e20), None]))),
        ("narrow", Arc::new(Float32Array::from(vec![Some(0.1), None]))),
        ("truth", Arc::new(BooleanArray::from(vec![Some(true), None]))),
        ("price", Arc::new(Decimal128Array::from(vec![Some(150), None]).with_precision_and_scale(10, 2).unwrap())),
        ("day", Arc::new(Date32Array::from(vec![Some(19_753), None]))),
        ("time", Arc::new(Time64MicrosecondArray::from(vec![Some(36_672_500_000), None]))),
        ("at", Arc::new(TimestampMicrosecondArray::from(vec![Some(instant), None]))),
        ("utc", Arc::new(TimestampMicrosecondArray::from(vec![Some(instant), None]).with_timezone("UTC"))),
        ("india", Arc::new(TimestampMicrosecondArray::from(vec![Some(instant), None]).with_timezone("+05:30"))),
        ("bytes", Arc::new(BinaryArray::from(vec![Some(&b"\xAAb"[..]), None]))),
        ("text", Arc::new(StringArray::from(vec![Some(""), None]))),
    ])
}

#[test]
fn csv_is_what_the_contract_says() {
    let expected = "\
int,float,narrow,truth,price,day,time,at,utc,india,bytes,text
-7,1e+20,0.1,true,1.50,2024-01-31,10:11:12.5,2024-01-31 10:00:00.5,2024-01-31 10:00:00.5+00,2024-01-31 15:30:00.5+05:30,\\xAAb,\"\"
,,,,,,,,,,,
";
    assert_eq!(flat().to_csv(), expected);
}

#[test]
fn json_is_what_the_contract_says() {
    let expected = "\
[
{\"int\":-7,\"float\":1e+20,\"narrow\":0.1,\"truth\":true,\"price\":1.50,\"day\":\"2024-01-31\",\"time\":\"10:11:12.5\",\
\"at\":\"2024-01-31 10:00:00.5\",\"utc\":\"2024-01-31 10:00:00.5+00\",\"india\":\"2024-01-31 15:30:00.5+05:30\",\
\"bytes\":\"\\\\xAAb\",\"text\":\"\"},
{\"int\":null,\"float\":null,\"narrow\":null,\"truth\":null,\"price\":null,\"day\":null,\"time\":null,\"at\":null,\"utc\":null,\
\"india\":null,\"bytes\":null,\"text\":null}
]
";
    assert_eq!(flat().to_json(), expected);
}

#[test]
fn floats_are_pythons() {
    let floats = vec![1.0, 0.1, 1e20, 1e-5, 1e15, f64::NAN, f64::INFINITY, -0.0];
    let frame = frame! { "x" => floats }.collect().unwrap();
    assert_eq!(frame.to_csv(), "x\n1.0\n0.1\n1e+20\n1e-05\n1000000000000000.0\nnan\ninf\n-0.0\n");
    let json: Vec<String> =
        ["1.0", "0.1", "1e+20", "1e-05", "1000000000000000.0", "null", "null", "-0.0"].map(|x| format!("{{\"x\":{x}}}")).into();
    assert_eq!(frame.to_json(), format!("[\n{}\n]\n", json.join(",\n")));
}

#[test]
fn lists_and_structs_are_json_in_both() {
    let list: ArrayRef = Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), None]), None]));
    let inner = RecordBatch::try_from_iter([("a", Arc::new(StringArray::from(vec!["x,\"y\"", "z"])) as ArrayRef)]).unwrap();
    let frame = frame_of(vec![("l", list), ("o", Arc::new(StructArray::from(inner)))]);
    assert_eq!(frame.to_csv(), "l,o\n\"[1,null]\",\"{\"\"a\"\":\"\"x,\\\"\"y\\\"\"\"\"}\"\n,\"{\"\"a\"\":\"\"z\"\"}\"\n");
    assert_eq!(frame.to_json(), "[\n{\"l\":[1,null],\"o\":{\"a\":\"x,\\\"y\\\"\"}},\n{\"l\":null,\"o\":{\"a\":\"z\"}}\n]\n");
}

#[test]
fn a_frame_without_rows_has_its_heads() {
    let frame = flat().slice(0..0);
    assert_eq!(frame.to_csv(), "int,float,narrow,truth,price,day,time,at,utc,india,bytes,text\n");
    assert_eq!(frame.to_json(), "[\n]\n");
}

#[test]
fn fields_are_quoted_only_where_they_must_be() {
    let frame = frame! { "a,b" => ["x", "", "say \"hi\"", "1;2", "two\nlines", "\r"], "n" => [1i64, 2, 3, 4, 5, 6] }.collect().unwrap();
    assert_eq!(frame.to_csv(), "\"a,b\",n\nx,1\n\"\",2\n\"say \"\"hi\"\"\",3\n1;2,4\n\"two\nlines\",5\n\"\r\",6\n");
}
