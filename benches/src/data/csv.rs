//! Text of three shapes: `narrow` (six columns of every type), `wide` (a hundred of numbers), `quoted` (texts with delimiters, quotes
//! and newlines in them). All have `id`, `kind` and `amount`.

use super::{
    files,
    groups::{batches, floats, integers, parts},
    random::Random,
};
use crate::settings::Settings;
use arrow_array::{ArrayRef, BooleanArray, Date32Array, RecordBatch, StringArray};
use arrow_schema::ArrowError;
use std::{ops::Range, path::PathBuf, sync::Arc};
use stratal::Result;

/// The shapes of files, and one in how many of the rows asked for each has.
pub(crate) const SHAPES: [(&str, u64); 3] = [("narrow", 5), ("wide", 100), ("quoted", 10)];

/// Columns of wide files.
const WIDE: usize = 100;

/// The directory of the files: `narrow.0.csv`, …
///
/// # Errors
/// What the file system refuses.
pub(crate) fn csv(settings: &Settings) -> Result<PathBuf> {
    let Settings { rows, files: count, .. } = settings;
    files::once(&settings.data(), &format!("csv-{rows}-{count}"), |directory| {
        let mut jobs = Vec::new();
        for (shape, share) in SHAPES {
            jobs.extend(parts((rows / share).max(1), *count as u64).enumerate().map(|(part, rows)| (shape, part, rows)));
        }
        files::each(settings.threads, &jobs, |(shape, part, rows)| {
            let batches = batches(rows.clone()).map(|rows| batch(shape, rows));
            files::csv(&directory.join(format!("{shape}.{part}.csv")), batches)
        })
    })
}

fn batch(shape: &str, rows: Range<u64>) -> Result<RecordBatch, ArrowError> {
    let (kinds, counts, days) = (Random::new(31), Random::new(33), Random::new(34));
    let mut columns: Vec<(String, ArrayRef)> = vec![
        ("id".to_owned(), integers(rows.clone().map(|row| row as i64).collect())),
        ("kind".to_owned(), texts(&rows, |row| format!("kind{}", kinds.below(row, 20)))),
        ("amount".to_owned(), floats(32, &rows)),
    ];
    match shape {
        "narrow" => {
            let some_days = rows.clone().map(|row| 15_000 + days.below(row, 4_000) as i32);
            columns.push(("count".to_owned(), integers(rows.clone().map(|row| counts.below(row, 1_000) as i64).collect())));
            columns.push(("day".to_owned(), Arc::new(Date32Array::from_iter_values(some_days))));
            columns.push(("flag".to_owned(), Arc::new(rows.map(|row| Some(row.is_multiple_of(3))).collect::<BooleanArray>())));
        }
        "wide" => {
            for column in columns.len()..WIDE {
                let name = format!("c{column}");
                let seed = 100 + column as u64;
                let numbers = Random::new(seed);
                let values = match column % 2 {
                    0 => floats(seed, &rows),
                    _ => integers(rows.clone().map(|row| numbers.below(row, 1_000_000) as i64).collect()),
                };
                columns.push((name, values));
            }
        }
        _ => columns.push(("text".to_owned(), texts(&rows, |row| sentence(counts.bits(row))))),
    }
    RecordBatch::try_from_iter(columns)
}

fn texts(rows: &Range<u64>, text: impl Fn(u64) -> String) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(rows.clone().map(text)))
}

/// Text that has to be quoted, one in sixteen with a newline.
fn sentence(bits: u64) -> String {
    let end = if bits.is_multiple_of(16) { "first\nsecond" } else { "only" };
    format!("number {}, called \"{}\", {end}", bits % 10_000, bits % 97)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::cast::AsArray;

    #[test]
    fn every_shape_has_the_columns_that_are_asked_for() {
        for (shape, columns) in [("narrow", 6), ("wide", WIDE), ("quoted", 4)] {
            let batch = batch(shape, 0..100).unwrap();
            assert_eq!((batch.num_rows(), batch.num_columns()), (100, columns), "{shape}");
            assert!(["id", "kind", "amount"].iter().all(|name| batch.column_by_name(name).is_some()), "{shape}");
        }
    }

    #[test]
    fn quoted_text_needs_its_quotes() {
        let batch = batch("quoted", 0..200).unwrap();
        let texts = batch.column_by_name("text").unwrap().as_string::<i32>();
        assert!(texts.iter().flatten().all(|text| text.contains(',') && text.contains('"')));
        let newlines = texts.iter().flatten().filter(|text| text.contains('\n')).count();
        assert!((1..40).contains(&newlines), "{newlines}");
    }
}
