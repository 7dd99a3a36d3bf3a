//! [`Groups`]: rows that are sorted by their keys, cut where the keys change.

use arrow_array::{ArrayRef, RecordBatch};
use arrow_ord::{ord::make_comparator, partition::partition};
use arrow_schema::SortOptions;
use stratal_core::Result;

/// Collects the rows of one group after another. Null is a key like any other.
pub(super) struct Groups {
    /// Where the keys are.
    keys: Vec<usize>,
    /// The rows of the last group so far.
    open: Vec<RecordBatch>,
}

impl Groups {
    pub(super) fn new(keys: Vec<usize>) -> Self {
        Groups { keys, open: Vec::new() }
    }

    /// Takes rows in, and gives the groups that are complete by them.
    pub(super) fn push(&mut self, batch: &RecordBatch) -> Result<Vec<Vec<RecordBatch>>> {
        let mut complete = Vec::new();
        if batch.num_rows() == 0 {
            return Ok(complete);
        }
        if let Some(last) = self.open.last()
            && !self.is_same_group(last, batch)?
        {
            complete.push(std::mem::take(&mut self.open));
        }
        let keys = self.keys_of(batch);
        let ranges = partition(&keys)?.ranges();
        for (at, range) in ranges.iter().enumerate() {
            if at > 0 {
                complete.push(std::mem::take(&mut self.open));
            }
            self.open.push(batch.slice(range.start, range.len()));
        }
        Ok(complete)
    }

    /// The last group.
    pub(super) fn finish(self) -> Option<Vec<RecordBatch>> {
        (!self.open.is_empty()).then_some(self.open)
    }

    fn keys_of(&self, batch: &RecordBatch) -> Vec<ArrayRef> {
        self.keys.iter().map(|key| batch.column(*key).clone()).collect()
    }

    /// Whether the first row of a batch belongs to the group of the last row of another.
    fn is_same_group(&self, before: &RecordBatch, batch: &RecordBatch) -> Result<bool> {
        for (one, two) in self.keys_of(before).iter().zip(self.keys_of(batch)) {
            let compare = make_comparator(one, &two, SortOptions::default())?;
            if compare(one.len() - 1, 0).is_ne() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Float64Array, Int64Array, cast::AsArray, types::Int64Type};
    use std::sync::Arc;

    #[test]
    fn groups_end_where_a_key_changes_whatever_the_batches_are() {
        let keys = [Some(1), Some(1), Some(2), Some(5), Some(5), Some(5), None, None];
        let rows: Vec<(Option<i64>, i64)> = keys.into_iter().zip(0..).collect();
        for size in 1..=8 {
            let mut groups = Groups::new(vec![0]);
            let mut found: Vec<Vec<i64>> = Vec::new();
            let of = |group: Vec<RecordBatch>| {
                group.iter().flat_map(|rows| rows.column(1).as_primitive::<Int64Type>().values().to_vec()).collect()
            };
            for rows in rows.chunks(size) {
                let (keys, numbers): (Int64Array, Int64Array) =
                    (rows.iter().map(|row| row.0).collect(), rows.iter().map(|row| Some(row.1)).collect());
                let columns: [(&str, ArrayRef, bool); 2] = [("k", Arc::new(keys), true), ("x", Arc::new(numbers), true)];
                let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
                found.extend(groups.push(&batch).unwrap().into_iter().map(of));
            }
            found.extend(groups.finish().map(of));
            assert_eq!(found, [vec![0, 1], vec![2], vec![3, 4, 5], vec![6, 7]], "{size}");
        }
    }

    #[test]
    fn nan_is_a_key_and_equal_to_itself() {
        let keys: ArrayRef = Arc::new(Float64Array::from(vec![1.0, f64::NAN]));
        let batch = RecordBatch::try_from_iter([("k", keys)]).unwrap();
        let mut groups = Groups::new(vec![0]);
        assert_eq!(groups.push(&batch).unwrap().len(), 1);
        assert_eq!(groups.push(&batch.slice(1, 1)).unwrap().len(), 0);
        assert_eq!(groups.finish().unwrap().len(), 2);
    }
}
