//! [`Share`]: the partitions of a scan that one task of a stage reads.
//!
//! Shares are neighbours, in the order of the tasks. So the partitions of all tasks, one task after another, are those of one
//! process, but for some without rows; and so they are above a scan, as far as each depends on one of the scan's.

use super::suit::{is_scan, partitions};
use crate::lower::{Class, Operator, OperatorExec, Plan, class};
use datafusion::{
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::{EmptyRecordBatchStream, displayable},
};
use datafusion_distributed::DistributedTaskContext;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::Result;

/// The partitions of its input from number `start` up to `end`, and after them partitions without rows, so that they are `of`
/// in all: every task of a stage has as many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Share {
    start: usize,
    end: usize,
    of: usize,
    /// The scan, as `explain` prints it: a stage shows the nodes that differ between its tasks, and none below them.
    scan: String,
}

impl Share {
    /// What each of so many tasks reads of a scan of `all` partitions: neighbours, in order.
    pub(super) fn of_each(all: usize, tasks: usize) -> Vec<Self> {
        let (tasks, of) = (tasks.max(1), all.div_ceil(tasks.max(1)).max(1));
        let share = |task| Share { start: task * all / tasks, end: (task + 1) * all / tasks, of, scan: String::new() };
        (0..tasks).map(share).collect()
    }

    /// Its partitions of a scan.
    pub(super) fn over(self, scan: &Plan) -> Result<Plan> {
        let text = displayable(scan.as_ref()).one_line().to_string();
        Ok(Arc::new(OperatorExec::new(Share { scan: text.trim_end().to_owned(), ..self }, vec![scan.clone()])?))
    }
}

/// The number of the task that a plan runs in, among those of its stage.
pub(super) fn task_number(context: &Arc<TaskContext>) -> usize {
    DistributedTaskContext::from_ctx(context).task_index
}

/// Whether each task has its share of the partitions of a plan, as many as any other, so that rows may be numbered one task after
/// another. Each partition comes of one of a scan's, which are in order, or of one of an exchange's, whose rows are in none; and
/// of nothing else that is not the same in all tasks.
pub(super) fn is_in_shares(plan: &Plan) -> bool {
    let inputs = plan.children();
    match (class(plan), &inputs[..]) {
        _ if is_scan(plan) => true,
        (Class::Shuffle, _) => true,
        (Class::Local, [_, ..]) => inputs.iter().copied().all(is_in_shares),
        (Class::Broadcast, [_, input]) => is_in_shares(input),
        _ => false,
    }
}

impl Operator for Share {
    const NAME: &'static str = "ShareExec";

    fn arguments(&self) -> String {
        format!("partitions={}..{} of {}", self.start, self.end, self.scan)
    }

    fn partitions(&self, _: &[Plan]) -> usize {
        self.of
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (at, input) = (self.start + partition, &node.inputs()[0]);
        if at >= self.end || at >= partitions(input) {
            return Ok(Box::pin(EmptyRecordBatchStream::new(input.schema())));
        }
        node.input(0, at, &context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operators::{RowIds, TaskNumber};
    use arrow_array::{ArrayRef, Int64Array, RecordBatch, cast::AsArray, types::Int64Type};
    use datafusion::{datasource::memory::MemorySourceConfig, execution::context::SessionConfig};
    use futures::TryStreamExt;
    use stratal_core::client::wait_for;

    #[test]
    fn every_partition_is_in_one_share_and_all_shares_are_of_one_size() {
        for all in 0..20 {
            for tasks in 1..9 {
                let shares = Share::of_each(all, tasks);
                assert_eq!(shares.len(), tasks);
                let read: Vec<usize> = shares.iter().flat_map(|share| share.start..share.end).collect();
                assert_eq!(read, (0..all).collect::<Vec<_>>(), "{all} {tasks}");
                assert!(shares.iter().all(|share| share.end - share.start <= share.of && share.of == shares[0].of), "{all} {tasks}");
            }
        }
    }

    /// The number and the value of each row of a scan, as the tasks number them that share it.
    fn numbered(scan: &Plan, tasks: usize) -> Vec<(i64, i64)> {
        let mut rows = Vec::new();
        for (task_index, share) in Share::of_each(partitions(scan), tasks).into_iter().enumerate() {
            let plan: Plan = Arc::new(OperatorExec::new(RowIds("id".to_owned()), vec![share.over(scan).unwrap()]).unwrap());
            let place = DistributedTaskContext { task_index, task_count: tasks };
            let settings = SessionConfig::new().with_extension(Arc::new(place)).with_extension(Arc::new(TaskNumber(task_number)));
            let context = Arc::new(TaskContext::default().with_session_config(settings));
            for partition in 0..partitions(&plan) {
                let batches = wait_for(plan.execute(partition, context.clone()).unwrap().try_collect::<Vec<RecordBatch>>());
                for batch in batches.unwrap() {
                    let column = |at: usize| batch.column(at).as_primitive::<Int64Type>().values().to_vec();
                    rows.extend(column(1).into_iter().zip(column(0)));
                }
            }
        }
        rows
    }

    #[test]
    fn tasks_number_the_rows_of_their_shares_in_the_order_of_the_scan() {
        for (all, tasks) in [(1, 1), (5, 1), (5, 2), (3, 4), (7, 4), (16, 5)] {
            let part = |part: i64| {
                let rows: ArrayRef = Arc::new(Int64Array::from_iter_values(3 * part..3 * part + 3));
                vec![RecordBatch::try_from_iter([("x", rows)]).unwrap()]
            };
            let parts: Vec<Vec<RecordBatch>> = (0..all).map(part).collect();
            let scan: Plan = MemorySourceConfig::try_new_exec(&parts, parts[0][0].schema(), None).unwrap();
            let mut rows = numbered(&scan, tasks);
            rows.sort_unstable();
            assert!(rows.windows(2).all(|two| two[0].0 < two[1].0), "{all} {tasks}: {rows:?}");
            assert_eq!(rows.iter().map(|(_, value)| *value).collect::<Vec<_>>(), (0..3 * all).collect::<Vec<_>>(), "{all} {tasks}");
        }
    }
}
