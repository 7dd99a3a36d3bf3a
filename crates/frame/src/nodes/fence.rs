//! [`Fence`]: conditions above it stay above it. It is gone once a plan is physical.

use super::node::{Node, NodeKind};
use crate::lower::Plan;
use datafusion::logical_expr::LogicalPlan;
use stratal_core::Result;

/// Rows as they come.
#[derive(Debug)]
struct Fence;

/// The same rows; no condition that is put on them is made a part of what is below.
pub(crate) fn fence(input: LogicalPlan) -> LogicalPlan {
    Node::same(Fence, input)
}

impl NodeKind for Fence {
    fn name(&self) -> &'static str {
        "Fence"
    }

    fn arguments(&self) -> String {
        String::new()
    }

    fn plan(&self, mut inputs: Vec<Plan>) -> Result<Plan> {
        Ok(inputs.swap_remove(0))
    }
}
