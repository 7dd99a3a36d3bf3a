//! The tables of the database-like ops benchmark (H2O.ai, 2018) as it describes them, of our own making: one of groups, and four that
//! are joined.
//!
//! - `groups`: `id1`, `id2` texts of K values, `id3` texts of N/K; `id4`, `id5`, `id6` the same as integers; `v1` of 1 to 5, `v2` of 1 to
//!   15, `v3` floats with six digits below 100.
//! - `x` of N rows is joined with `small` of N/10^6, `medium` of N/10^3 and `big` of N: `id1`, `id2`, `id3` are the keys of these three,
//!   `id4`, `id5`, `id6` the same as texts. The keys of each are unique in it, and nine in ten are on both sides.

use super::{files, random::Random};
use crate::settings::Settings;
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::ArrowError;
use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};
use stratal::Result;

/// Rows that are made at once.
const BATCH: u64 = 1 << 16;

/// A part of a table: its name, its number and its rows.
type Part = (&'static str, usize, Range<u64>);

/// The directory of the tables: `groups.0.parquet`, …
///
/// # Errors
/// What the file system refuses.
pub(crate) fn groups(settings: &Settings) -> Result<PathBuf> {
    let Settings { rows, groups, files: count, .. } = settings;
    let name = format!("groups-{rows}-{groups}-{count}");
    files::once(&settings.data(), &name, |directory| {
        let tables = Tables::new(*rows, *groups);
        let mut jobs: Vec<Part> = vec![("small", 0, 0..tables.small), ("medium", 0, 0..tables.medium)];
        for table in ["groups", "x", "big"] {
            jobs.extend(parts(*rows, *count as u64).enumerate().map(|(part, rows)| (table, part, rows)));
        }
        files::each(settings.threads, &jobs, |(table, part, rows)| write(directory, &tables, table, *part, rows.clone()))
    })
}

/// Rows in so many parts of nearly the same size.
pub(super) fn parts(rows: u64, count: u64) -> impl Iterator<Item = Range<u64>> {
    let count = count.clamp(1, rows.max(1));
    (0..count).map(move |part| rows * part / count..rows * (part + 1) / count)
}

/// A range in batches.
pub(super) fn batches(rows: Range<u64>) -> impl Iterator<Item = Range<u64>> {
    let starts = rows.clone().step_by(BATCH as usize);
    starts.map(move |start| start..rows.end.min(start + BATCH))
}

fn write(directory: &Path, tables: &Tables, table: &str, part: usize, rows: Range<u64>) -> Result<()> {
    let schema = tables.batch(table, 0..0)?.schema();
    let batches = batches(rows).map(|rows| tables.batch(table, rows));
    files::parquet(&directory.join(format!("{table}.{part}.parquet")), schema, batches)
}

/// What the rows of all tables are made of.
struct Tables {
    rows: u64,
    groups: u64,
    small: u64,
    medium: u64,
    /// Keys of `x` and `big` in an order of their own.
    x_keys: Vec<i64>,
    big_keys: Vec<i64>,
}

impl Tables {
    fn new(rows: u64, groups: u64) -> Self {
        // However few rows there are, one key in ten is to be on one side only.
        let (small, medium) = ((rows / 1_000_000).max(10), (rows / 1_000).max(10));
        Tables { rows, groups, small, medium, x_keys: Random::new(21).shuffled(rows), big_keys: Random::new(22).shuffled(rows) }
    }

    fn batch(&self, table: &str, rows: Range<u64>) -> Result<RecordBatch, ArrowError> {
        match table {
            "groups" => self.grouped(rows),
            "x" => {
                let id1 = below(11, self.small, &rows);
                let id2 = below(12, self.medium, &rows);
                let id3 = slice(&self.x_keys, &rows, 0);
                joined(vec![("id1", id1), ("id2", id2), ("id3", id3)], "v1", floats(14, &rows))
            }
            "small" => joined(vec![("id1", shifted(self.small, &rows))], "v2", floats(15, &rows)),
            "medium" => {
                let id1 = below(13, self.small, &rows);
                joined(vec![("id1", id1), ("id2", shifted(self.medium, &rows))], "v2", floats(16, &rows))
            }
            _ => {
                let id1 = below(17, self.small, &rows);
                let id2 = below(18, self.medium, &rows);
                let id3 = slice(&self.big_keys, &rows, (self.rows / 10) as i64);
                joined(vec![("id1", id1), ("id2", id2), ("id3", id3)], "v2", floats(19, &rows))
            }
        }
    }

    fn grouped(&self, rows: Range<u64>) -> Result<RecordBatch, ArrowError> {
        let (few, many) = (self.groups, (self.rows / self.groups).max(1));
        let from_one = |seed, end| below(seed, end, &rows).into_iter().map(|number| number + 1).collect::<Vec<i64>>();
        let columns = [
            ("id1", texts(from_one(1, few), 3)),
            ("id2", texts(from_one(2, few), 3)),
            ("id3", texts(from_one(3, many), 10)),
            ("id4", integers(from_one(4, few))),
            ("id5", integers(from_one(5, few))),
            ("id6", integers(from_one(6, many))),
            ("v1", integers(from_one(7, 5))),
            ("v2", integers(from_one(8, 15))),
            ("v3", floats(9, &rows)),
        ];
        RecordBatch::try_from_iter(columns)
    }
}

/// Keys, the same as texts, and a value.
fn joined(keys: Vec<(&str, Vec<i64>)>, value: &str, values: ArrayRef) -> Result<RecordBatch, ArrowError> {
    let named = |name: &str| match name {
        "id1" => "id4",
        "id2" => "id5",
        _ => "id6",
    };
    let as_texts: Vec<(&str, ArrayRef)> = keys.iter().map(|(name, keys)| (named(name), texts(keys.clone(), 0))).collect();
    let as_numbers = keys.into_iter().map(|(name, keys)| (name, integers(keys)));
    RecordBatch::try_from_iter(as_numbers.chain(as_texts).chain([(value, values)]))
}

fn below(seed: u64, end: u64, rows: &Range<u64>) -> Vec<i64> {
    let random = Random::new(seed);
    rows.clone().map(|row| random.below(row, end) as i64).collect()
}

/// All keys of a table whose first tenth nobody has and whose last tenth nobody asks for.
fn shifted(keys: u64, rows: &Range<u64>) -> Vec<i64> {
    rows.clone().map(|row| (row + keys / 10) as i64).collect()
}

fn slice(keys: &[i64], rows: &Range<u64>, shift: i64) -> Vec<i64> {
    keys[rows.start as usize..rows.end as usize].iter().map(|key| key + shift).collect()
}

/// Six digits after the point, below 100.
pub(super) fn floats(seed: u64, rows: &Range<u64>) -> ArrayRef {
    let random = Random::new(seed);
    Arc::new(Float64Array::from_iter_values(rows.clone().map(|row| random.below(row, 100_000_000) as f64 / 1e6)))
}

pub(super) fn integers(numbers: Vec<i64>) -> ArrayRef {
    Arc::new(Int64Array::from(numbers))
}

/// `id007`
fn texts(numbers: Vec<i64>, digits: usize) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(numbers.into_iter().map(|number| format!("id{number:0digits$}"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Array, cast::AsArray, types::Int64Type};
    use std::collections::BTreeSet;

    fn keys(tables: &Tables, table: &str, rows: u64, column: &str) -> Vec<i64> {
        let batch = tables.batch(table, 0..rows).unwrap();
        batch.column_by_name(column).unwrap().as_primitive::<Int64Type>().values().to_vec()
    }

    #[test]
    fn parts_and_batches_cover_all_rows_once() {
        assert_eq!(parts(10, 3).collect::<Vec<_>>(), [0..3, 3..6, 6..10]);
        assert_eq!(parts(2, 8).count(), 2);
        assert_eq!(batches(5..BATCH + 7).collect::<Vec<_>>(), [5..BATCH + 5, BATCH + 5..BATCH + 7]);
        assert_eq!(batches(4..4).count(), 0);
    }

    #[test]
    fn groups_have_as_many_keys_as_were_asked_for() {
        let tables = Tables::new(20_000, 10);
        let batch = tables.batch("groups", 0..20_000).unwrap();
        let distinct = |name: &str| {
            let texts = batch.column_by_name(name).unwrap().as_string::<i32>();
            (0..texts.len()).map(|row| texts.value(row).to_owned()).collect::<BTreeSet<_>>()
        };
        assert_eq!(distinct("id1").len(), 10);
        assert!(distinct("id1").contains("id010") && distinct("id3").contains("id0000002000"));
        let range = |name: &str| keys(&tables, "groups", 20_000, name).into_iter().collect::<BTreeSet<_>>();
        assert_eq!(range("v1"), (1..=5).collect::<BTreeSet<i64>>());
        assert_eq!((range("v2").len(), range("id4").len()), (15, 10));
    }

    #[test]
    fn a_part_is_the_same_whether_or_not_others_are_made() {
        let tables = Tables::new(1_000, 10);
        let whole = tables.batch("x", 0..1_000).unwrap();
        assert_eq!(tables.batch("x", 300..500).unwrap(), whole.slice(300, 200));
    }

    #[test]
    fn nine_keys_in_ten_are_on_both_sides_and_each_is_unique_on_the_right() {
        let tables = Tables::new(20_000, 10);
        for (table, rows, column) in [("small", tables.small, "id1"), ("medium", tables.medium, "id2"), ("big", 20_000, "id3")] {
            let right: BTreeSet<i64> = keys(&tables, table, rows, column).into_iter().collect();
            assert_eq!(right.len() as u64, rows, "{table}");
            let left = keys(&tables, "x", 20_000, column);
            let found = left.iter().filter(|key| right.contains(*key)).count();
            assert!((17_000..19_000).contains(&found), "{table}: {found}");
        }
    }
}
