//! [`Bounds`]: where the ranges of keys begin, from a sample of them; [`Ranges`]: which of them a row is in.
//!
//! A bound is the first key of a range. Keys are compared in arrow's row format, whose order is that of a sort.

use super::{batch_of, by::Key, repartition::one_after_another};
use crate::lower::{Operator, OperatorExec, Plan};
use arrow_array::{ArrayRef, RecordBatch, UInt32Array, cast::AsArray, types::UInt64Type};
use arrow_schema::{Schema, SchemaRef};
use arrow_select::{concat::concat_batches, take::take_record_batch};
use datafusion::{
    arrow::row::{RowConverter, Rows as Encoded, SortField},
    common::Result as DfResult,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::stream::RecordBatchStreamAdapter,
};
use futures::{TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::Result;

/// The first keys of all ranges but the first, in order, from sampled keys and how many rows each of them stands for, which
/// is the last column. There are fewer where many rows have one key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Bounds {
    /// The keys are the first columns; what is said of their order counts.
    pub(crate) keys: Vec<Key>,
    /// The number of ranges.
    pub(crate) into: usize,
}

impl Operator for Bounds {
    const NAME: &'static str = "BoundsExec";

    fn layer(&self) -> Option<String> {
        Some("bounds".to_owned())
    }

    fn arguments(&self) -> String {
        format!("into={}", self.into)
    }

    fn schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        Ok(Arc::new(Schema::new(inputs[0].fields()[..self.keys.len()].to_vec())))
    }

    fn is_blocking(&self) -> bool {
        true
    }

    fn open(&self, _: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (this, input) = (self.clone(), node.inputs()[0].clone());
        let schema = self.schema(&[input.schema()])?;
        let bounds = async move {
            let sampled: Vec<RecordBatch> = one_after_another(&input, 0..1, context).try_collect().await?;
            bounds_of(&concat_batches(&input.schema(), &sampled)?, &this.keys, this.into)
        };
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, stream::once(bounds))))
    }
}

fn converter(columns: &[ArrayRef], keys: &[Key]) -> DfResult<RowConverter> {
    let field = |(column, key): (&ArrayRef, &Key)| SortField::new_with_options(column.data_type().clone(), key.options());
    Ok(RowConverter::new(columns.iter().zip(keys).map(field).collect())?)
}

/// The first keys of all of `into` ranges but the first. `sampled` has the keys as its first columns, and as its last the
/// number of rows that each stands for.
pub(super) fn bounds_of(sampled: &RecordBatch, keys: &[Key], into: usize) -> DfResult<RecordBatch> {
    let columns = &sampled.columns()[..keys.len()];
    let rows = converter(columns, keys)?.convert_columns(columns)?;
    let weights = sampled.column(keys.len()).as_primitive::<UInt64Type>();
    let mut order: Vec<u32> = (0..sampled.num_rows() as u32).collect();
    order.sort_by(|one, two| rows.row(*one as usize).cmp(&rows.row(*two as usize)));
    let all: u128 = weights.values().iter().map(|weight| u128::from(*weight)).sum();
    let (mut chosen, mut before) = (Vec::new(), 0u128);
    for row in order {
        // As many ranges have begun as there should have after so many rows.
        while chosen.len() + 1 < into && before * into as u128 >= (chosen.len() as u128 + 1) * all {
            chosen.push(row);
        }
        before += u128::from(weights.value(row as usize));
    }
    let schema = Arc::new(Schema::new(sampled.schema().fields()[..keys.len()].to_vec()));
    let sampled = batch_of(&schema, columns.to_vec(), sampled.num_rows())?;
    Ok(take_record_batch(&sampled, &UInt32Array::from(chosen))?)
}

/// Ranges of keys.
pub(super) struct Ranges {
    converter: RowConverter,
    bounds: Encoded,
}

impl Ranges {
    /// The ranges that begin at these bounds.
    pub(super) fn new(bounds: &RecordBatch, keys: &[Key]) -> DfResult<Self> {
        let converter = converter(bounds.columns(), keys)?;
        let bounds = converter.convert_columns(bounds.columns())?;
        Ok(Ranges { converter, bounds })
    }

    /// The bounds that a plan gives.
    pub(super) async fn read(plan: Plan, keys: &[Key], context: Arc<TaskContext>) -> DfResult<Self> {
        let bounds: Vec<RecordBatch> = one_after_another(&plan, 0..1, context).try_collect().await?;
        Ranges::new(&concat_batches(&plan.schema(), &bounds)?, keys)
    }

    /// The range of every row.
    pub(super) fn channels(&self, keys: &[ArrayRef]) -> DfResult<Vec<u32>> {
        let rows = self.converter.convert_columns(keys)?;
        let range = |row: usize| {
            let row = rows.row(row);
            // The number of bounds that are not after it.
            let (mut low, mut high) = (0, self.bounds.num_rows());
            while low < high {
                let middle = low + (high - low) / 2;
                if self.bounds.row(middle) <= row { low = middle + 1 } else { high = middle }
            }
            low as u32
        };
        Ok((0..rows.num_rows()).map(range).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Int64Array, UInt64Array};

    fn key(descending: bool, nulls_first: bool) -> Vec<Key> {
        vec![Key { column: 0, descending, nulls_first }]
    }

    fn column(values: &[Option<i64>]) -> ArrayRef {
        Arc::new(Int64Array::from(values.to_vec()))
    }

    /// The rows of each range, sorted.
    fn ranges(values: &[Option<i64>], weights: Vec<u64>, keys: &[Key], into: usize) -> Vec<Vec<Option<i64>>> {
        let weights: ArrayRef = Arc::new(UInt64Array::from(weights));
        let sampled = RecordBatch::try_from_iter_with_nullable([("k", column(values), true), ("weight", weights, false)]).unwrap();
        let bounds = bounds_of(&sampled, keys, into).unwrap();
        assert!(bounds.num_rows() < into);
        let channels = Ranges::new(&bounds, keys).unwrap().channels(&[column(values)]).unwrap();
        let mut ranges = vec![Vec::new(); into];
        channels.into_iter().zip(values).for_each(|(channel, value)| ranges[channel as usize].push(*value));
        ranges.iter_mut().for_each(|range| range.sort_unstable());
        ranges
    }

    #[test]
    fn ranges_of_different_keys_are_even() {
        let values: Vec<Option<i64>> = (0..100).map(|x| Some(x * 37 % 100)).collect();
        let even: Vec<Vec<Option<i64>>> = (0..4).map(|part| (part * 25..part * 25 + 25).map(Some).collect()).collect();
        assert_eq!(ranges(&values, vec![1; 100], &key(false, false), 4), even);
        let down: Vec<Vec<Option<i64>>> = even.iter().rev().cloned().collect();
        assert_eq!(ranges(&values, vec![1; 100], &key(true, false), 4), down);
        let lengths = |into| ranges(&values[..10], vec![1; 10], &key(false, false), into).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!((lengths(4), lengths(1)), (vec![3, 2, 3, 2], vec![10]));
    }

    #[test]
    fn equal_keys_stay_together_and_nulls_stand_where_they_are_sorted() {
        let values = [Some(5), None, Some(5), Some(5), Some(1), None, Some(5), Some(9)];
        let last = ranges(&values, vec![1; 8], &key(false, false), 3);
        assert_eq!(last.concat().len(), 8);
        assert!(last.iter().filter(|range| range.contains(&Some(5))).count() == 1, "{last:?}");
        assert!(last[2].contains(&None) && !last[0].contains(&None), "{last:?}");
        let first = ranges(&values, vec![1; 8], &key(false, true), 3);
        assert!(first[0].contains(&None) && !first[2].contains(&None), "{first:?}");
    }

    #[test]
    fn a_sampled_key_counts_as_often_as_it_stands_for_rows() {
        let values = [Some(1), Some(2), Some(3)];
        assert_eq!(ranges(&values, vec![8, 1, 1], &key(false, false), 2), [vec![Some(1)], vec![Some(2), Some(3)]]);
        assert_eq!(ranges(&values, vec![1, 1, 8], &key(false, false), 2), [vec![Some(1), Some(2), Some(3)], vec![]]);
        assert_eq!(ranges(&[], vec![], &key(false, false), 3), [vec![], vec![], vec![]]);
    }
}
