//! What tests of joins have in common: the kinds, and sides of few columns.

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use std::sync::Arc;
use stratal_frame::{DFrame, JoinOptions};

/// What becomes of rows without a match.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Inner,
    Left,
    Right,
    Full,
    Semi,
    Anti,
}

/// All of them.
pub(crate) const KINDS: [Kind; 6] = [Kind::Inner, Kind::Left, Kind::Right, Kind::Full, Kind::Semi, Kind::Anti];

/// A join of the kind.
pub(crate) fn of_kind(options: JoinOptions, kind: Kind) -> JoinOptions {
    match kind {
        Kind::Inner => options,
        Kind::Left => options.left(),
        Kind::Right => options.right(),
        Kind::Full => options.full(),
        Kind::Semi => options.semi(),
        Kind::Anti => options.anti(),
    }
}

/// A key, and a number that tells the row from others.
pub(crate) type Row = (Option<i64>, i64);

/// Keys as rows: the number of a row is its place.
pub(crate) fn rows(keys: &[Option<i64>]) -> Vec<Row> {
    keys.iter().copied().zip(0..).collect()
}

/// The rows in `parts` partitions, some of which may be empty; `number` is what their numbers are called.
pub(crate) fn split(rows: &[Row], number: &str, parts: usize) -> DFrame {
    let schema = Arc::new(Schema::new(vec![Field::new("k", DataType::Int64, true), Field::new(number, DataType::Int64, true)]));
    let batches = (0..parts).map(|part| {
        let rows = &rows[rows.len() * part / parts..rows.len() * (part + 1) / parts];
        let keys: ArrayRef = Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>());
        let numbers: ArrayRef = Arc::new(rows.iter().map(|row| Some(row.1)).collect::<Int64Array>());
        RecordBatch::try_new(schema.clone(), vec![keys, numbers]).unwrap()
    });
    let batches: Vec<RecordBatch> = batches.collect();
    DFrame::from_batches(schema, batches)
}

/// Memory, of which it is known how much there is, and what was persisted, of which it is not: one is broadcast, the other
/// is not.
pub(crate) fn both_ways(left: &DFrame, right: &DFrame) -> [(DFrame, DFrame); 2] {
    [(left.clone(), right.clone()), (left.persist().unwrap(), right.persist().unwrap())]
}
