//! The 22 queries of TPC-H against answers that DuckDB computed: every executor, numbers of partitions, both file formats.

use crate::clusters::by_each_engine;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use stratal::prelude::*;
use stratal_tests::tpch::{Format, Tables, generate, query};

const ANSWERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/answers/tpch");

/// The cells of a result as text.
fn cells(frame: &Frame) -> Vec<Vec<String>> {
    let options = FormatOptions::default();
    let mut rows = Vec::new();
    for batch in frame.batches() {
        let columns: Vec<_> = batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
        rows.extend((0..batch.num_rows()).map(|row| columns.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>()));
    }
    rows
}

/// What DuckDB found.
fn answer(number: usize, scale: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let text = std::fs::read_to_string(format!("{ANSWERS}/sf{scale}/q{number:02}.csv")).unwrap();
    let mut records = text.lines().map(split);
    (records.next().unwrap(), records.collect())
}

/// The fields of a line. No answer holds a newline.
fn split(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => field.extend(characters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    fields.push(field);
    fields
}

/// Numbers to 1e-9 relative, all else exactly.
fn same(one: &str, two: &str) -> bool {
    match (one.parse::<f64>(), two.parse::<f64>()) {
        (Ok(one), Ok(two)) => (one - two).abs() <= 1e-9 * one.abs().max(two.abs()).max(1.0),
        _ => one == two,
    }
}

/// Runs a query with the client in force.
pub(crate) fn check(number: usize, tables: &Tables, scale: &str, way: &str) {
    let frame = query(number, tables).collect().unwrap_or_else(|error| panic!("q{number} {way}: {error}"));
    let (names, expected) = answer(number, scale);
    assert_eq!(frame.columns(), names, "q{number} {way}");
    let rows = cells(&frame);
    assert_eq!(rows.len(), expected.len(), "q{number} {way}: rows");
    for (at, (row, expected)) in rows.iter().zip(&expected).enumerate() {
        let equal = row.iter().zip(expected).all(|(one, two)| same(one, two));
        assert!(equal, "q{number} {way}, row {at}:\n{row:?}\n{expected:?}");
    }
}

fn check_all(format: Format, parts: usize) {
    let directory = tempfile::tempdir().unwrap();
    generate(directory.path(), format, 0.01, parts).unwrap();
    by_each_engine(|name| {
        let tables = Tables::read(directory.path(), format, 0.01);
        (1..=22).for_each(|number| check(number, &tables, "0.01", &format!("{name}, {parts} parts of {}", format.ending())));
    });
}

#[test]
fn over_one_file_of_text_each() {
    check_all(Format::Csv, 1);
}

#[test]
fn over_three_files_of_text_each() {
    check_all(Format::Csv, 3);
}

#[test]
fn over_sixteen_files_of_text_each() {
    check_all(Format::Csv, 16);
}

#[test]
fn over_one_file_of_columns_each() {
    check_all(Format::Parquet, 1);
}

#[test]
fn over_three_files_of_columns_each() {
    check_all(Format::Parquet, 3);
}

#[test]
fn over_sixteen_files_of_columns_each() {
    check_all(Format::Parquet, 16);
}

#[test]
fn ten_times_as_much_gives_what_duckdb_gives() {
    let directory = tempfile::tempdir().unwrap();
    generate(directory.path(), Format::Parquet, 0.1, 4).unwrap();
    let client = Client::builder().threads(2).detached().local().unwrap();
    let _entered = client.enter();
    let tables = Tables::read(directory.path(), Format::Parquet, 0.1);
    (1..=22).for_each(|number| check(number, &tables, "0.1", "local"));
}
