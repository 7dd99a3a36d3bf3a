//! [`RowIds`]: the place of every row in the order of rows, as a column.
//!
//! Rows are in the order of their partitions, and in each in the order in which they come. A number is made of both, so
//! that no partition has to know how many rows are in those before it.

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

/// Numbers rows, in a column of this name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RowIds(pub(crate) String);

impl Operator for RowIds {
    const NAME: &'static str = "RowIdsExec";

    fn layer(&self) -> Option<String> {
        None
    }

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
        let (schema, mut next) = (node.schema(), (partition as i64) << ROW_BITS);
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
