//! [`Hstack`]: the columns of two inputs side by side, row beside row.

use super::node::{Node, NodeKind};
use crate::{
    lower::{ConcatExec, OperatorExec, Plan},
    operators,
};
use datafusion::logical_expr::LogicalPlan;
use std::sync::Arc;
use stratal_core::Result;

/// Row beside row.
#[derive(Debug)]
struct Hstack;

/// All columns of both, no two of one name. They have as many rows.
pub(crate) fn hstack(left: LogicalPlan, right: LogicalPlan) -> Result<LogicalPlan> {
    Node::of_inputs(Hstack, vec![left, right])
}

impl NodeKind for Hstack {
    fn name(&self) -> &'static str {
        "Hstack"
    }

    fn arguments(&self) -> String {
        String::new()
    }

    fn plan(&self, inputs: Vec<Plan>) -> Result<Plan> {
        let in_order = inputs.into_iter().map(|input| Arc::new(ConcatExec::new(input, None)) as Plan);
        Ok(Arc::new(OperatorExec::new(operators::Hstack, in_order.collect())?))
    }
}
