//! [`RowIds`]: the place of every row in the order of rows, as a column.
//!
//! Rows are in the order of their partitions, and in each in the order in which they come. A number is made of both, so
//! that no partition has to know how many rows are in those before it.
//!
//! A plan may run in several tasks, each with its share of the partitions. The numbers go on from task to task then, where the
//! session says by a [`TaskNumber`] which of them this is.

use super::batch_of;
use crate::lower::{Operator, OperatorExec};
use arrow_array::{ArrayRef, Int64Array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use datafusion::{
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::{ExecutionPlan, stream::RecordBatchStreamAdapter},
};
use futures::TryStreamExt;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::Result;

/// The bits of a number that tell rows of one partition apart.
const ROW_BITS: u32 = 40;

/// An extension of a session: the number of the task that a plan runs in, among those that have as many partitions of it each,
/// one task after another. A plan in a session without it has all of them.
pub(crate) struct TaskNumber(pub(crate) fn(&Arc<TaskContext>) -> usize);

/// Numbers rows, in a column of this name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RowIds(pub(crate) String);

impl Operator for RowIds {
    const NAME: &'static str = "RowIdsExec";

    fn arguments(&self) -> String {
        self.0.clone()
    }

    fn schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        let own = Arc::new(Field::new(&self.0, DataType::Int64, true));
        let fields: Vec<_> = inputs[0].fields().iter().cloned().chain([own]).collect();
        Ok(Arc::new(Schema::new(fields)))
    }

    fn sees_order(&self) -> bool {
        true
    }

    /// The numbers order rows and do not come out. What takes rows by their order says so itself.
    fn takes_by_place(&self) -> bool {
        false
    }

    fn open(&self, partition: usize, node: &OperatorExec<Self>, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (schema, mut next) = (node.schema(), ((partitions_before(node, &context) + partition) as i64) << ROW_BITS);
        let declared = schema.clone();
        let rows = node.input(0, partition, &context)?.and_then(move |batch| {
            let rows = batch.num_rows();
            let ids: ArrayRef = Arc::new(Int64Array::from_iter_values(next..next + rows as i64));
            next += rows as i64;
            let columns = batch.columns().iter().cloned().chain([ids]).collect();
            std::future::ready(batch_of(&declared, columns, rows))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }
}

/// How many partitions are in the tasks before this one.
fn partitions_before(node: &OperatorExec<RowIds>, context: &Arc<TaskContext>) -> usize {
    let task = context.session_config().get_extension::<TaskNumber>().map_or(0, |number| (number.0)(context));
    task * node.properties().output_partitioning().partition_count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::Plan;
    use arrow_array::{RecordBatch, cast::AsArray, types::Int64Type};
    use datafusion::{datasource::memory::MemorySourceConfig, execution::context::SessionConfig};
    use stratal_core::client::wait_for;

    /// The numbers of the rows of two partitions, each of two batches of two rows.
    fn numbers(settings: SessionConfig) -> [Vec<i64>; 2] {
        let rows: ArrayRef = Arc::new(Int64Array::from(vec![7, 8]));
        let batch = RecordBatch::try_from_iter([("x", rows)]).unwrap();
        let parts = [vec![batch.clone(), batch.clone()], vec![batch.clone(), batch.clone()]];
        let rows: Plan = MemorySourceConfig::try_new_exec(&parts, batch.schema(), None).unwrap();
        let plan: Plan = Arc::new(OperatorExec::new(RowIds("id".to_owned()), vec![rows]).unwrap());
        let context = Arc::new(TaskContext::default().with_session_config(settings));
        [0, 1].map(|partition| {
            let rows = plan.execute(partition, context.clone()).unwrap();
            let batches = wait_for(rows.try_collect::<Vec<RecordBatch>>()).unwrap();
            batches.iter().flat_map(|batch| batch.column(1).as_primitive::<Int64Type>().values().to_vec()).collect()
        })
    }

    /// Those of a partition that this many are before.
    fn of_partition(before: i64) -> Vec<i64> {
        (0..4).map(|row| (before << ROW_BITS) + row).collect()
    }

    #[test]
    fn rows_are_numbered_in_the_order_of_partitions() {
        assert_eq!(numbers(SessionConfig::new()), [of_partition(0), of_partition(1)]);
    }

    #[test]
    fn numbers_go_on_after_those_of_the_tasks_before() {
        let settings = SessionConfig::new().with_extension(Arc::new(TaskNumber(|_| 3)));
        assert_eq!(numbers(settings), [of_partition(6), of_partition(7)]);
    }
}
