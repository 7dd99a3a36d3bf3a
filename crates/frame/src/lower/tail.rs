//! [`TailExec`]: the last rows of a partition.
//!
//! The last rows of all partitions are the last of the last rows of each: [`TailExec::of_all`] plans it twice, and
//! [`arrange`](super::arrange) sees to it that partitions come in order between the two. To DataFusion it is a node that
//! keeps no order, so that no sort from above is done below it; `keep_order` keeps the sort that is there.

use super::{Class, OwnNode, Plan};
use crate::leaf::with_one_input;
use arrow_array::RecordBatch;
use datafusion::{
    common::Result as DfResult,
    error::DataFusionError,
    execution::{SendableRecordBatchStream, TaskContext, memory_pool::MemoryConsumer},
    physical_plan::{
        DisplayAs, DisplayFormatType, Distribution, ExecutionPlan, ExecutionPlanProperties, InputDistributionRequirements, PlanProperties,
        execution_plan::EmissionType, stream::RecordBatchStreamAdapter,
    },
};
use futures::{TryStreamExt, stream};
use std::{collections::VecDeque, fmt, sync::Arc};
use stratal_core::Result;

/// The last `rows` rows of every partition of its input, and of these the first `take`.
#[derive(Debug)]
pub(crate) struct TailExec {
    input: Arc<dyn ExecutionPlan>,
    rows: usize,
    take: Option<usize>,
    /// Whether it wants all rows in one partition.
    is_final: bool,
    properties: Arc<PlanProperties>,
}

impl TailExec {
    /// The last rows of all partitions.
    pub(crate) fn of_all(input: Arc<dyn ExecutionPlan>, rows: usize, take: Option<usize>) -> Arc<dyn ExecutionPlan> {
        let input: Arc<dyn ExecutionPlan> = match input.output_partitioning().partition_count() {
            1 => input,
            _ => Arc::new(TailExec::new(input, rows, None, false)),
        };
        Arc::new(TailExec::new(input, rows, take, true))
    }

    pub(super) fn new(input: Arc<dyn ExecutionPlan>, rows: usize, take: Option<usize>, is_final: bool) -> Self {
        let below = input.properties();
        let mut equivalence = input.equivalence_properties().clone();
        equivalence.clear_orderings();
        let own = PlanProperties::new(equivalence, below.output_partitioning().clone(), EmissionType::Final, input.boundedness());
        let properties = Arc::new(own.with_scheduling_type(below.scheduling_type));
        TailExec { input, rows, take, is_final, properties }
    }

    /// The same over another input.
    pub(super) fn over(&self, input: Arc<dyn ExecutionPlan>) -> Self {
        TailExec::new(input, self.rows, self.take, self.is_final)
    }

    pub(super) fn input(&self) -> &Arc<dyn ExecutionPlan> {
        &self.input
    }
}

impl OwnNode for TailExec {
    type Wire = (usize, Option<usize>, bool);
    const NAME: &'static str = "TailExec";

    fn class(&self) -> Class {
        Class::Local
    }

    fn layer(&self) -> Option<String> {
        Some("tail".to_owned())
    }

    fn sees_order(&self) -> bool {
        true
    }

    fn wire(&self) -> Self::Wire {
        (self.rows, self.take, self.is_final)
    }

    fn of_wire((rows, take, is_final): Self::Wire, mut inputs: Vec<Plan>) -> Result<Self> {
        Ok(TailExec::new(inputs.swap_remove(0), rows, take, is_final))
    }
}

impl DisplayAs for TailExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.take {
            Some(take) => write!(f, "TailExec: rows={}, take={take}", self.rows),
            None => write!(f, "TailExec: rows={}", self.rows),
        }
    }
}

impl ExecutionPlan for TailExec {
    fn name(&self) -> &'static str {
        "TailExec"
    }

    with_one_input!();

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        let wanted = if self.is_final { Distribution::SinglePartition } else { Distribution::UnspecifiedDistribution };
        InputDistributionRequirements::new(vec![wanted])
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> DfResult<SendableRecordBatchStream> {
        let mut input = self.input.execute(partition, context.clone())?;
        let memory = MemoryConsumer::new("tail").register(context.memory_pool());
        let (mut last, take) = (Last::new(self.rows), self.take);
        let chosen = async move {
            while let Some(batch) = input.try_next().await? {
                last.push(batch);
                memory.try_resize(last.bytes)?;
            }
            Ok::<_, DataFusionError>(stream::iter(last.finish(take).into_iter().map(Ok::<_, DataFusionError>)))
        };
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), stream::once(chosen).try_flatten())))
    }
}

/// The last rows of those that were pushed so far, in whole batches.
struct Last {
    wanted: usize,
    batches: VecDeque<RecordBatch>,
    /// Rows in `batches`, at least the wanted ones once there are as many.
    rows: usize,
    bytes: usize,
}

impl Last {
    fn new(wanted: usize) -> Self {
        Last { wanted, batches: VecDeque::new(), rows: 0, bytes: 0 }
    }

    fn push(&mut self, batch: RecordBatch) {
        self.rows += batch.num_rows();
        self.bytes += batch.get_array_memory_size();
        self.batches.push_back(batch);
        while let Some(first) = self.batches.front()
            && self.rows - first.num_rows() >= self.wanted
        {
            self.rows -= first.num_rows();
            self.bytes -= first.get_array_memory_size();
            self.batches.pop_front();
        }
    }

    /// The wanted rows; of these, counted from where they would begin if there were enough of them, the first `take`.
    fn finish(self, take: Option<usize>) -> Vec<RecordBatch> {
        let mut skip = self.rows.saturating_sub(self.wanted);
        let missing = self.wanted.saturating_sub(self.rows);
        let mut left = take.map_or(usize::MAX, |take| take.saturating_sub(missing));
        let mut chosen = Vec::new();
        for batch in self.batches {
            let start = skip.min(batch.num_rows());
            let rows = left.min(batch.num_rows() - start);
            (skip, left) = (skip - start, left - rows);
            if rows > 0 {
                chosen.push(batch.slice(start, rows));
            }
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Int64Array, cast::AsArray, types::Int64Type};

    /// The last `wanted` of the numbers from 0 on, pushed in batches of these lengths.
    fn last(lengths: &[i64], wanted: usize, take: Option<usize>) -> Vec<i64> {
        let (mut last, mut next) = (Last::new(wanted), 0);
        for length in lengths {
            let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(next..next + length));
            last.push(RecordBatch::try_from_iter([("x", numbers)]).unwrap());
            next += length;
            assert!(last.rows < wanted + *lengths.iter().max().unwrap() as usize, "no more is kept than needed");
        }
        last.finish(take).iter().flat_map(|batch| batch.column(0).as_primitive::<Int64Type>().values().to_vec()).collect()
    }

    #[test]
    fn the_last_rows_of_any_batches() {
        for lengths in [&[10][..], &[3, 3, 4], &[0, 9, 0, 1, 0], &[1; 10]] {
            for wanted in 0..12 {
                let start = 10i64.saturating_sub(wanted as i64).max(0);
                assert_eq!(last(lengths, wanted, None), (start..10).collect::<Vec<_>>(), "{lengths:?} {wanted}");
            }
        }
        assert_eq!(last(&[2, 2], 0, None), [0i64; 0]);
    }

    #[test]
    fn the_first_of_the_last_rows_are_counted_from_the_end() {
        assert_eq!(last(&[4, 4], 5, Some(2)), [3, 4]);
        assert_eq!(last(&[4, 4], 5, Some(9)), [3, 4, 5, 6, 7]);
        // Of the last ten rows of eight, the first two are not there.
        assert_eq!(last(&[4, 4], 10, Some(3)), [0]);
        assert_eq!(last(&[4, 4], 10, Some(2)), [0i64; 0]);
    }
}
