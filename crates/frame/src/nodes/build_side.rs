//! [`BuildSide`] above a side of a join: what is wanted of the join.

use super::node::{Node, NodeKind};
use crate::{
    lower::{Operator, OperatorExec, Plan},
    operators::BuildSide,
};
use datafusion::logical_expr::LogicalPlan;
use std::sync::Arc;
use stratal_core::Result;

/// The rows of `input` as they are, for the planner of the join above.
pub(crate) fn build_side(input: LogicalPlan, wanted: BuildSide) -> LogicalPlan {
    Node::same(wanted, input)
}

impl NodeKind for BuildSide {
    fn name(&self) -> &'static str {
        "BuildSide"
    }

    fn arguments(&self) -> String {
        Operator::arguments(self)
    }

    fn plan(&self, inputs: Vec<Plan>) -> Result<Plan> {
        Ok(Arc::new(OperatorExec::new(self.clone(), inputs)?))
    }

    fn lets_filters_pass(&self) -> bool {
        true
    }
}
