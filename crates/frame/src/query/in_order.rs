//! [`InOrder`]: a mark that partitions are to be put together in order, on the way through the engine's planner.
//!
//! The planner ends a stage where it sees DataFusion's node that puts partitions together as rows come. So that node stands in
//! for ours while it plans, with this one above it, and both become a [`ConcatExec`] again.

use crate::lower::{ConcatExec, Operator, OperatorExec, OwnNode, Plan};
use datafusion::{
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::{ExecutionPlan, coalesce_partitions::CoalescePartitionsExec},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use stratal_core::{Error, Result};

/// The rows of the partitions that its input puts together.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct InOrder;

impl InOrder {
    /// What stands in for a concatenation; none for any other node.
    pub(super) fn instead_of(node: &Plan) -> Result<Option<Plan>> {
        let Some(concat) = node.downcast_ref::<ConcatExec>() else { return Ok(None) };
        let together = CoalescePartitionsExec::new(node.children()[0].clone()).with_fetch(concat.wire());
        Ok(Some(Arc::new(OperatorExec::new(InOrder, vec![Arc::new(together)])?)))
    }

    /// The concatenation that a node stands in for, if it does.
    pub(super) fn meant_by(node: &Plan) -> Option<Plan> {
        let marked = node.downcast_ref::<OperatorExec<InOrder>>()?;
        let together = marked.inputs().first()?.downcast_ref::<CoalescePartitionsExec>()?;
        Some(Arc::new(ConcatExec::new(together.input().clone(), together.fetch())))
    }
}

impl Operator for InOrder {
    const NAME: &'static str = "InOrderExec";

    fn open(&self, _: usize, _: &OperatorExec<Self>, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        Err(Error::internal("a query was run as it was planned"))
    }
}
