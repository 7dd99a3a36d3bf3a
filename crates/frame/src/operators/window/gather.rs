//! [`Gathered`]: sorted rows on their way into partitions of equal keys.
//!
//! A partition is complete once a row with other keys comes, or none comes any more. Complete ones wait until there are
//! enough of them to be worth a look, so that many small partitions do not mean many small batches.

use crate::operators::bytes_of;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_ord::{ord::make_comparator, partition::partition};
use arrow_schema::{SchemaRef, SortOptions};
use arrow_select::concat::concat_batches;
use std::ops::Range;
use stratal_core::Result;

/// Whole partitions, one after another.
pub(super) struct Complete {
    pub(super) rows: RecordBatch,
    pub(super) parts: Vec<Range<usize>>,
}

/// Rows that came in.
pub(super) struct Gathered {
    /// The columns that partitions have in common.
    keys: Vec<usize>,
    schema: SchemaRef,
    /// Complete partitions and how many rows each has.
    done: Vec<RecordBatch>,
    lengths: Vec<usize>,
    done_rows: usize,
    /// The partition that is not yet complete.
    open: Vec<RecordBatch>,
    open_rows: usize,
    /// The bytes of all these rows.
    bytes: usize,
}

impl Gathered {
    pub(super) fn new(keys: Vec<usize>, schema: SchemaRef) -> Self {
        Gathered { keys, schema, done: Vec::new(), lengths: Vec::new(), done_rows: 0, open: Vec::new(), open_rows: 0, bytes: 0 }
    }

    /// Rows in complete partitions.
    pub(super) fn done_rows(&self) -> usize {
        self.done_rows
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes rows in, sorted as those before.
    pub(super) fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.bytes += bytes_of(batch);
        let ranges = ranges(batch, &self.keys)?;
        let goes_on = match self.open.last() {
            Some(before) => self.keys.is_empty() || are_equal(before, batch, &self.keys)?,
            None => true,
        };
        if !goes_on {
            self.close();
        }
        // All but the last of the batch's partitions are complete. The first may have begun before.
        let Some((last, complete)) = ranges.split_last() else { return Ok(()) };
        if let Some((first, others)) = complete.split_first() {
            self.extend(batch.slice(first.start, first.len()));
            self.close();
            if !others.is_empty() {
                self.done.push(batch.slice(first.end, last.start - first.end));
                self.done_rows += last.start - first.end;
                self.lengths.extend(others.iter().map(ExactSizeIterator::len));
            }
        }
        self.extend(batch.slice(last.start, last.len()));
        Ok(())
    }

    fn extend(&mut self, rows: RecordBatch) {
        self.open_rows += rows.num_rows();
        self.open.push(rows);
    }

    /// No row of the open partition will come any more.
    pub(super) fn close(&mut self) {
        if self.open_rows > 0 {
            self.lengths.push(self.open_rows);
            self.done_rows += self.open_rows;
            self.done.append(&mut self.open);
            self.open_rows = 0;
        }
    }

    /// The complete partitions, if there are any.
    pub(super) fn take(&mut self) -> Result<Option<Complete>> {
        if self.done_rows == 0 {
            return Ok(None);
        }
        let rows = concat_batches(&self.schema, &self.done)?;
        let mut next = 0;
        let parts = self.lengths.drain(..).map(|length| {
            next += length;
            next - length..next
        });
        let parts = parts.collect();
        self.done.clear();
        self.done_rows = 0;
        self.bytes = self.open.iter().map(bytes_of).sum();
        Ok(Some(Complete { rows, parts }))
    }
}

fn columns(batch: &RecordBatch, keys: &[usize]) -> Vec<ArrayRef> {
    keys.iter().map(|key| batch.column(*key).clone()).collect()
}

/// The ranges of rows that are equal in these columns; of a batch that has rows.
pub(in crate::operators) fn ranges(batch: &RecordBatch, keys: &[usize]) -> Result<Vec<Range<usize>>> {
    let whole = 0..batch.num_rows();
    match columns(batch, keys) {
        columns if columns.is_empty() => Ok(std::iter::once(whole).collect()),
        columns => Ok(partition(&columns)?.ranges()),
    }
}

/// Whether the last row of one batch and the first of the next are equal in these columns.
pub(in crate::operators) fn are_equal(before: &RecordBatch, after: &RecordBatch, keys: &[usize]) -> Result<bool> {
    for key in keys {
        let (before, after) = (before.column(*key), after.column(*key));
        let (before, after) = (before.slice(before.len() - 1, 1), after.slice(0, 1));
        if make_comparator(&before, &after, SortOptions::default())?(0, 0).is_ne() {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Int64Array, cast::AsArray, types::Int64Type};
    use std::sync::Arc;

    /// The partitions of these keys, pushed in batches of these lengths and taken when so many rows are complete.
    fn partitions(keys: &[Option<i64>], lengths: &[usize], enough: usize) -> Vec<Vec<Option<i64>>> {
        let column: ArrayRef = Arc::new(keys.iter().copied().collect::<Int64Array>());
        let batch = RecordBatch::try_from_iter_with_nullable([("k", column, true)]).unwrap();
        let mut gathered = Gathered::new(vec![0], batch.schema());
        let (mut next, mut all) = (0, Vec::new());
        let mut take = |gathered: &mut Gathered| {
            if let Some(Complete { rows, parts }) = gathered.take().unwrap() {
                let keys: Vec<Option<i64>> = rows.column(0).as_primitive::<Int64Type>().iter().collect();
                all.extend(parts.into_iter().map(|part| keys[part].to_vec()));
            }
        };
        for length in lengths {
            gathered.push(&batch.slice(next, *length)).unwrap();
            next += length;
            if gathered.done_rows() >= enough {
                take(&mut gathered);
            }
        }
        gathered.close();
        take(&mut gathered);
        assert_eq!((next, gathered.bytes()), (keys.len(), 0));
        all
    }

    #[test]
    fn partitions_are_whole_however_rows_come() {
        let keys = [Some(1), Some(1), Some(1), Some(2), Some(3), Some(3), None, None, None, None];
        let expected: Vec<Vec<Option<i64>>> = keys.chunk_by(|one, two| one == two).map(<[_]>::to_vec).collect();
        for lengths in [&[10][..], &[1; 10], &[3, 3, 4], &[0, 4, 0, 3, 3, 0], &[7, 2, 1]] {
            for enough in [0, 1, 4, 100] {
                assert_eq!(partitions(&keys, lengths, enough), expected, "{lengths:?} {enough}");
            }
        }
    }
}
