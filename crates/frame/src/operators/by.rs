//! [`By`]: by what rows find their partitions.

use super::bounds::Ranges;
use crate::lower::Plan;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::SortOptions;
use datafusion::{
    common::Result as DfResult,
    physical_expr::PhysicalExpr,
    physical_plan::{metrics::Time, repartition::BatchPartitioner},
};
use serde::{Deserialize, Serialize};
use std::{ops::Range, sync::Arc};

/// By what rows find their partitions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum By {
    /// By where they stand: the order of rows stays.
    Order,
    /// By the hash of these columns: equal ones come together.
    Hash(Vec<usize>),
    /// By ranges of these columns' values: no row of a partition comes after one of the next.
    Range(Vec<Key>),
}

/// A column that rows are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) column: usize,
    pub(crate) descending: bool,
    pub(crate) nulls_first: bool,
}

impl Key {
    pub(super) fn options(&self) -> SortOptions {
        SortOptions { descending: self.descending, nulls_first: self.nulls_first }
    }
}

/// What partitioning by the hash of columns of `input` uses: DataFusion's own.
pub(super) fn hashing(input: &Plan, columns: &[usize], into: usize) -> DfResult<BatchPartitioner> {
    BatchPartitioner::new_hash_partitioner(keys(input, columns), into, Time::new())
}

/// Columns as expressions.
pub(super) fn keys(input: &Plan, columns: &[usize]) -> Vec<Arc<dyn PhysicalExpr>> {
    columns.iter().map(|column| super::column(input, *column)).collect()
}

/// The parts of `all` things that are put into so many places, in order and as evenly as can be.
pub(super) fn evenly(all: usize, into: usize) -> impl ExactSizeIterator<Item = Range<usize>> {
    let start = move |part: usize| (part as u128 * all as u128 / into as u128) as usize;
    (0..into).map(move |part| start(part)..start(part + 1))
}

/// The range of every row of a batch.
pub(super) fn ranged(ranges: &Ranges, batch: &RecordBatch, keys: &[Key]) -> DfResult<Vec<u32>> {
    let columns: Vec<ArrayRef> = keys.iter().map(|key| batch.column(key.column).clone()).collect();
    ranges.channels(&columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_even_and_leave_nothing_out() {
        for (all, into) in [(10, 3), (3, 10), (0, 4), (7, 7), (1, 1), (usize::MAX, 2)] {
            let parts: Vec<Range<usize>> = evenly(all, into).collect();
            assert_eq!((parts.len(), parts[0].start, parts[into - 1].end), (into, 0, all));
            assert!(parts.windows(2).all(|pair| pair[0].end == pair[1].start), "{parts:?}");
            let (least, most) = (all / into, all.div_ceil(into));
            assert!(parts.iter().all(|part| part.len() == least || part.len() == most), "{parts:?}");
        }
    }
}
