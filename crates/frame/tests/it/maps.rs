//! Functions of single values.

use super::{everywhere, parted};
use chrono::{Datelike, NaiveDate, NaiveDateTime};
use stratal_core::ErrorKind;
use stratal_frame::{DFrame, col, count, frame};

fn rows() -> DFrame {
    let day = |text: &str| Some(text.parse::<NaiveDate>().unwrap());
    let frame = frame! {
        "n" => [Some(1i64), None, Some(-3), Some(8)],
        "small" => [1i32, 2, 3, 4],
        "f" => [Some(0.5), Some(1.5), None, Some(2.5)],
        "s" => [Some(" Ada "), Some("  "), None, Some("Bo")],
        "b" => [true, false, true, false],
        "day" => [day("2024-02-29"), None, day("2023-12-31"), day("1970-01-01")],
    };
    parted(&frame, 3)
}

fn clean(text: String) -> Option<String> {
    Some(text.trim().to_lowercase()).filter(|text| !text.is_empty())
}

#[test]
fn functions_take_and_give_every_type() {
    everywhere(|place| {
        let factor = 10;
        let answer = rows()
            .select((
                col("n").map(move |n: i64| n * factor),
                col("small").map(|n: i32| n % 2 == 0),
                col("f").map(|f: f64| f as i64),
                col("s").map(clean),
                col("b").map(|b: bool| if b { "yes".to_owned() } else { "no".to_owned() }),
                col("day").map(|day: NaiveDate| day.with_day(1)),
            ))
            .collect()
            .unwrap();
        assert_eq!(answer.column::<Option<i64>>("n").unwrap(), [Some(10), None, Some(-30), Some(80)], "{place}");
        assert_eq!(answer.column::<bool>("small").unwrap(), [false, true, false, true], "{place}");
        assert_eq!(answer.column::<Option<i64>>("f").unwrap(), [Some(0), Some(1), None, Some(2)], "{place}");
        assert_eq!(answer.column::<Option<String>>("s").unwrap(), [Some("ada".into()), None, None, Some("bo".into())], "{place}");
        assert_eq!(answer.column::<String>("b").unwrap(), ["yes", "no", "yes", "no"], "{place}");
        let firsts: Vec<Option<String>> =
            answer.column::<Option<NaiveDate>>("day").unwrap().into_iter().map(|day| day.map(|day| day.to_string())).collect();
        let expected = [Some("2024-02-01"), None, Some("2023-12-01"), Some("1970-01-01")].map(|day| day.map(str::to_owned));
        assert_eq!(firsts, expected, "{place}");
    });
}

#[test]
fn functions_of_options_see_nulls() {
    everywhere(|place| {
        let answer = rows()
            .select((
                col("n").map(|n: Option<i64>| n.unwrap_or(0)),
                col("s").map(|text: Option<String>| text.is_none()),
                col("day").map(|day: Option<NaiveDate>| day.and_then(|day| day.and_hms_opt(12, 0, 0))),
            ))
            .collect()
            .unwrap();
        assert_eq!(answer.column::<i64>("n").unwrap(), [1, 0, -3, 8], "{place}");
        assert_eq!(answer.column::<bool>("s").unwrap(), [false, false, true, false], "{place}");
        let noons = answer.column::<Option<NaiveDateTime>>("day").unwrap();
        assert_eq!(noons[0].unwrap().to_string(), "2024-02-29 12:00:00", "{place}");
        assert!(noons[1].is_none(), "{place}");
    });
}

#[test]
fn functions_stand_where_expressions_do() {
    everywhere(|place| {
        let even = col("n").map(|n: i64| n % 2 == 0);
        assert_eq!(rows().filter(even).count().unwrap(), 1, "{place}");
        let groups = rows().group_by(col("s").map(clean).alias("name")).agg(count().alias("n")).sort("name").collect().unwrap();
        assert_eq!(groups.column::<Option<String>>("name").unwrap(), [Some("ada".into()), Some("bo".into()), None], "{place}");
        assert_eq!(groups.column::<i64>("n").unwrap(), [1, 1, 2], "{place}");
        let sorted = rows().sort(col("small").map(|n: i32| -n)).collect().unwrap();
        assert_eq!(sorted.column::<i32>("small").unwrap(), [4, 3, 2, 1], "{place}");
        // Two closures of one line are two functions.
        let plus = |n: i64| col("small").cast("i64").map(move |x: i64| x + n).sum();
        let sums = rows().agg((plus(1).alias("one"), plus(10).alias("ten"))).collect().unwrap();
        assert_eq!((sums.value::<i64>(0, "one").unwrap(), sums.value::<i64>(0, "ten").unwrap()), (14, 50), "{place}");
    });
}

#[test]
fn a_function_of_another_type_is_refused_with_both_types() {
    let error = rows().select(col("s").map(|n: i64| n)).check().unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::TypeMismatch, "s.map(closure) takes i64, and s is str"));
    assert_eq!(rows().select(col("n").map(clean)).check().unwrap_err().message(), "n.map(clean) takes String, and n is i64");
    // Nothing is lost by it.
    assert!(rows().select(col("small").map(|n: i64| n)).check().is_ok());
}

#[test]
fn a_panic_fails_the_query_and_not_the_process() {
    let line = line!() + 1;
    let query = rows().select(col("n").map(|n: i64| [1i64, 2][n as usize]));
    let error = query.collect().unwrap_err();
    assert!(error.message().contains(&format!("maps.rs:{line}:")) && error.message().contains("panicked"), "{error}");
    assert_eq!(rows().count().unwrap(), 4);
}
