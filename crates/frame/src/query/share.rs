//! [`Share`]: the partitions of a scan that one task of a stage reads.

use super::suit::partitions;
use crate::lower::{Operator, OperatorExec, Plan};
use arrow_schema::SchemaRef;
use datafusion::{
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::{EmptyRecordBatchStream, displayable},
};
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

impl Operator for Share {
    const NAME: &'static str = "ShareExec";

    fn layer(&self) -> Option<String> {
        None
    }

    fn arguments(&self) -> String {
        format!("partitions={}..{} of {}", self.start, self.end, self.scan)
    }

    fn schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        Ok(inputs[0].clone())
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
}
