//! `describe`, against figures computed by hand and in plain Rust.

use super::{
    everywhere,
    measures::{as_written, close, plain, rows, spread, xs},
};
use chrono::NaiveDate;
use stratal_core::{Client, ErrorKind};
use stratal_frame::{Frame, col, frame};

const FIGURES: [&str; 9] = ["count", "null_count", "mean", "std", "min", "25%", "50%", "75%", "max"];

fn texts(frame: &Frame, name: &str) -> Vec<Option<String>> {
    frame.column(name).unwrap()
}

#[test]
fn figures_are_rows_and_columns_stay_columns() {
    everywhere(|place| {
        let day = |day: u32| NaiveDate::from_ymd_opt(2024, 2, day).unwrap();
        let df = frame! {
            "x" => [Some(4i64), None, Some(1), Some(3), Some(2)],
            "f" => [0.5f32, 0.5, 0.5, 0.5, 0.5],
            "s" => [Some("b"), Some("ä"), None, Some("a"), None],
            "day" => [Some(day(29)), Some(day(1)), Some(day(2)), None, None],
            "b" => [Some(true), None, Some(false), Some(true), Some(true)],
            "none" => [None::<f64>; 5],
        };
        let answer = df.with_client(&Client::current()).describe().collect().unwrap();
        assert_eq!(answer.columns(), ["statistic", "x", "f", "s", "day", "b", "none"], "{place}");
        assert_eq!(texts(&answer, "statistic"), FIGURES.map(|name| Some(name.to_owned())), "{place}");
        let numbers = |name: &str| answer.column::<Option<f64>>(name).unwrap();
        let std = (5.0f64 / 3.0).sqrt();
        let expected = [4.0, 1.0, 2.5, std, 1.0, 1.75, 2.5, 3.25, 4.0];
        assert!(numbers("x").into_iter().zip(expected).all(|(found, expected)| close(found, Some(expected))), "{place} {answer}");
        assert_eq!(numbers("f"), [5.0, 0.0, 0.5, 0.0, 0.5, 0.5, 0.5, 0.5, 0.5].map(Some), "{place}");
        assert_eq!(numbers("none"), [Some(0.0), Some(5.0), None, None, None, None, None, None, None], "{place}");
        let text = |count: &str, null_count: &str, min: &str, max: &str| {
            let [count, null_count, min, max] = [count, null_count, min, max].map(|text| Some(text.to_owned()));
            vec![count, null_count, None, None, min, None, None, None, max]
        };
        assert_eq!(texts(&answer, "s"), text("3", "2", "a", "ä"), "{place}");
        assert_eq!(texts(&answer, "day"), text("3", "2", "2024-02-01", "2024-02-29"), "{place}");
        assert_eq!(texts(&answer, "b"), text("4", "1", "false", "true"), "{place}");
    });
}

#[test]
fn partitions_are_described_together() {
    everywhere(|place| {
        for parts in [1, 3, 7] {
            let rows = rows(101, 120);
            let query = spread(&rows, parts).describe();
            let all: Vec<_> = rows.iter().collect();
            let xs = xs(&all);
            let expected = [
                Some(xs.len() as f64),
                Some((rows.len() - xs.len()) as f64),
                plain::mean(&xs),
                plain::var(&xs).map(f64::sqrt),
                plain::quantile(&xs, 0.0),
                plain::quantile(&xs, 0.25),
                plain::quantile(&xs, 0.5),
                plain::quantile(&xs, 0.75),
                plain::quantile(&xs, 1.0),
            ];
            for answer in [query.collect().unwrap(), as_written(&query, "describe").collect().unwrap()] {
                assert_eq!(texts(&answer, "statistic"), FIGURES.map(|name| Some(name.to_owned())), "{place} {parts}");
                let found = answer.column::<Option<f64>>("x").unwrap();
                assert!(found.iter().zip(expected).all(|(one, two)| close(*one, two)), "{place} {parts}: {found:?}, expected {expected:?}");
                assert_eq!(answer.column::<Option<f64>>("k").unwrap().len(), 9, "{place} {parts}");
            }
        }
    });
}

#[test]
fn nothing_is_described_too() {
    everywhere(|place| {
        let answer = spread(&[], 3).select(["x", "s"]).describe().collect().unwrap();
        assert_eq!(answer.column::<Option<f64>>("x").unwrap(), [Some(0.0), Some(0.0), None, None, None, None, None, None, None], "{place}");
        assert_eq!(texts(&answer, "s")[..3], [Some("0".to_owned()), Some("0".to_owned()), None], "{place}");
        let no_columns = frame! { "x" => [1i64] }.with_client(&Client::current()).drop("x").describe().collect().unwrap();
        assert_eq!(no_columns.columns(), ["statistic"], "{place}");
        assert_eq!(no_columns.len(), 9, "{place}");
    });
}

#[test]
fn a_description_can_be_filtered() {
    everywhere(|place| {
        let df = frame! { "x" => [1i64, 2, 6] }.with_client(&Client::current());
        let largest = df.describe().filter(col("statistic").eq("max")).select("x").collect().unwrap();
        assert_eq!(largest.item::<f64>().unwrap(), 6.0, "{place}");
    });
}

#[test]
fn a_column_of_the_name_of_the_figures_is_refused() {
    let error = frame! { "statistic" => [1i64] }.describe().check().unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::BadValue, "two columns are named \"statistic\""));
    assert!(error.help().is_some());
}
