//! [`Top`]: the first rows of each group, whole.

use super::window;
use crate::{
    error::to_datafusion,
    lower::{Operator, OperatorExec, Plan},
};
use arrow_array::{RecordBatch, UInt64Array};
use arrow_select::take::take_record_batch;
use datafusion::{
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::{LexOrdering, OrderingRequirements},
    physical_plan::{Distribution, ExecutionPlan, stream::RecordBatchStreamAdapter},
};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::Result;

/// The first `rows` rows of each group of equal `keys`, in an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Top {
    pub(crate) keys: Vec<usize>,
    pub(crate) order: Vec<(usize, window::Direction)>,
    pub(crate) rows: usize,
}

impl Operator for Top {
    const NAME: &'static str = "TopExec";

    fn layer(&self) -> Option<String> {
        Some("top".to_owned())
    }

    fn arguments(&self) -> String {
        let order = self.order.iter().map(|(column, direction)| format!("{column}{}", if direction.descending { " desc" } else { "" }));
        format!("by={:?}, order=[{}], rows={}", self.keys, order.collect::<Vec<_>>().join(", "), self.rows)
    }

    fn ordering(&self, inputs: &[Plan]) -> Option<LexOrdering> {
        window::ordering(&inputs[0], &self.keys, &self.order)
    }

    fn distributions(&self, inputs: &[Plan]) -> Vec<Distribution> {
        vec![window::distribution(&inputs[0], &self.keys)]
    }

    fn orderings(&self, inputs: &[Plan]) -> Vec<Option<OrderingRequirements>> {
        vec![window::wanted_ordering(&inputs[0], &self.keys, &self.order)]
    }

    fn takes_by_place(&self) -> bool {
        true
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let mut first = First { keys: self.keys.clone(), wanted: self.rows, before: None, taken: 0 };
        let rows = node.input(0, partition, &context)?;
        let rows = rows.map(move |batch| batch.and_then(|batch| first.of(batch).map_err(to_datafusion)));
        Ok(Box::pin(RecordBatchStreamAdapter::new(node.schema(), rows)))
    }
}

/// The first rows of the groups of a sorted stream.
struct First {
    keys: Vec<usize>,
    wanted: usize,
    /// The last row that came in.
    before: Option<RecordBatch>,
    /// How many rows of its group were taken.
    taken: usize,
}

impl First {
    /// Those of a batch.
    fn of(&mut self, batch: RecordBatch) -> Result<RecordBatch> {
        let rows = batch.num_rows();
        if rows == 0 {
            return Ok(batch);
        }
        let goes_on = match &self.before {
            Some(before) => window::are_equal(before, &batch, &self.keys)?,
            None => false,
        };
        if !goes_on {
            self.taken = 0;
        }
        let mut chosen: Vec<u64> = Vec::new();
        for (nth, group) in window::ranges(&batch, &self.keys)?.into_iter().enumerate() {
            if nth > 0 {
                self.taken = 0;
            }
            let taken = group.len().min(self.wanted - self.taken);
            chosen.extend((group.start..group.start + taken).map(|row| row as u64));
            self.taken += taken;
        }
        self.before = Some(batch.slice(rows - 1, 1));
        Ok(take_record_batch(&batch, &UInt64Array::from(chosen))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Int64Array, cast::AsArray, types::Int64Type};

    #[test]
    fn a_group_that_spans_batches_is_one_group() {
        let keys = [1, 1, 1, 1, 2, 3, 3, 3];
        let columns: [(&str, ArrayRef); 2] =
            [("k", Arc::new(Int64Array::from_iter_values(keys))), ("x", Arc::new(Int64Array::from_iter_values(0..8)))];
        let all = RecordBatch::try_from_iter(columns).unwrap();
        for wanted in 0..5 {
            let mut expected = Vec::new();
            for (x, key) in keys.iter().enumerate() {
                if keys[..x].iter().filter(|other| *other == key).count() < wanted {
                    expected.push(x as i64);
                }
            }
            for step in 1..9 {
                let mut first = First { keys: vec![0], wanted, before: None, taken: 0 };
                let batches = (0..8).step_by(step).map(|at| first.of(all.slice(at, step.min(8 - at))).unwrap());
                let found: Vec<i64> = batches.flat_map(|batch| batch.column(1).as_primitive::<Int64Type>().values().to_vec()).collect();
                assert_eq!(found, expected, "{wanted} {step}");
            }
        }
    }
}
