//! [`Calls`]: a function of the user's, called on partitions, batches or groups.

use super::node::{Node, NodeKind};
use crate::lower::{Call, CallExec, How, Plan};
use datafusion::logical_expr::LogicalPlan;
use std::sync::Arc;
use stratal_core::{Error, Result};

/// The function, called on partitions or on batches.
#[derive(Debug)]
struct Calls(Call);

/// What the function gives, partition by partition.
pub(crate) fn call(input: LogicalPlan, call: Call) -> Result<LogicalPlan> {
    let declared = call.declared.clone();
    Node::with_schema(Calls(call), vec![input], &declared)
}

impl NodeKind for Calls {
    fn name(&self) -> &'static str {
        match self.0.how {
            How::Partition => "MapPartitions",
            How::Batches => "MapBatches",
            How::Groups { .. } => "Apply",
        }
    }

    fn arguments(&self) -> String {
        format!("{:?}", self.0)
    }

    fn plan(&self, mut inputs: Vec<Plan>) -> Result<Plan> {
        let input = inputs.pop().ok_or_else(|| Error::internal("a call without an input"))?;
        Ok(Arc::new(CallExec::new(input, self.0.clone())))
    }

    fn runs_apart(&self) -> bool {
        true
    }
}
