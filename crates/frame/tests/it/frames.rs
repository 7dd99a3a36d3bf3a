//! Collected frames.

use chrono::NaiveDate;
use stratal_core::value::Value;
use stratal_frame::{Frame, col, frame};

fn people() -> Frame {
    frame! { "name" => ["Alice", "Bob", "Carol"], "age" => [Some(30i64), None, Some(50)] }.collect().unwrap()
}

#[test]
fn columns_are_typed_and_nulls_are_named_by_row() {
    let frame = people();
    assert_eq!(frame.column::<Option<i64>>("age").unwrap(), [Some(30), None, Some(50)]);
    assert_eq!(frame.column::<i64>("age").unwrap_err().message(), "column \"age\" is null in row 1");
    assert_eq!(frame.column::<bool>("age").unwrap_err().message(), "column \"age\" is i64, and bool was asked for");
    assert_eq!(frame.column::<i64>("aeg").unwrap_err().help(), Some("did you mean \"age\"?"));
    assert_eq!(frame.value::<String>(2, "name").unwrap(), "Carol");
    assert!(frame.value::<String>(3, "name").is_err() && frame.item::<i64>().is_err());
    let dates = frame! { "d" => [NaiveDate::from_ymd_opt(2024, 1, 31)] }.collect().unwrap();
    assert_eq!(dates.item::<NaiveDate>().unwrap(), NaiveDate::from_ymd_opt(2024, 1, 31).unwrap());
}

#[test]
fn a_frame_crosses_the_wire() {
    for frame in [people(), people().slice(0..0), people().slice(1..3)] {
        let mut bytes = Vec::new();
        frame.encode(&mut bytes).unwrap();
        bytes.push(7);
        let mut input = &bytes[..];
        assert!(Frame::decode(&mut input).unwrap().equals(&frame));
        assert_eq!(input, [7]);
        assert!(Frame::from_data(&frame.clone().into_data()).unwrap().equals(&frame));
    }
}

#[test]
fn slices_and_equality() {
    let frame = people();
    assert_eq!((frame.slice(1..9).len(), frame.slice(2..2).len(), frame.slice(0..2).column::<String>("name").unwrap().len()), (2, 0, 2));
    let turned = frame.lazy().sort(col("name").desc()).collect().unwrap();
    assert!(!frame.equals(&turned) && frame.equals_unordered(&turned) && !frame.equals_unordered(&turned.slice(0..2)));
}
